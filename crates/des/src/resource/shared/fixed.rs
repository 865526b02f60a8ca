//! Fixed-point work: amounts in 2^-40 bytes, rates in 2^-40 bytes a nanosecond.

use ingestsim_units::{Bytes, Rate};

/// Binary places of an amount of work.
///
/// A rate is rounded down to 2^-40 bytes a nanosecond, about 0.9 mB/s: a transfer at 1 MB/s is 1 ns late after 1.1 s.
pub(crate) const FRACTION_BITS: u32 = 40;

/// Bits of a key that name a transfer, a client or a group; the work above them is 64 bits of bytes and 40 of fraction.
pub(crate) const ID_BITS: u32 = 24;

/// Identifiers are below this.
pub(crate) const ID_LIMIT: u32 = 1 << ID_BITS;

/// No limit at all.
pub(crate) const UNLIMITED: u64 = u64::MAX;

/// No point in time.
pub(crate) const NEVER: u64 = u64::MAX;

/// The fastest finite rate, 65 TB/s: sums over 2^24 transfers of it stay within 80 bits, one of it within 56.
pub(crate) const RATE_MAX: u64 = 1 << 56;

const NS_PER_SECOND: u128 = 1_000_000_000;

/// Work of `size` in 2^-40 bytes.
#[inline]
pub(crate) fn work(size: Bytes) -> u128 {
    u128::from(size.get()) << FRACTION_BITS
}

/// `rate` in 2^-40 bytes a nanosecond, rounded down, at most 65 TB/s.
pub(crate) fn speed(rate: Rate) -> u64 {
    let exact = (u128::from(rate.bytes_per_second()) << FRACTION_BITS) / NS_PER_SECOND;
    u64::try_from(exact).map_or(RATE_MAX, |speed| speed.min(RATE_MAX))
}

/// As [`speed`]; nothing means no limit.
pub(crate) fn speed_limit(rate: Option<Rate>) -> u64 {
    rate.map_or(UNLIMITED, speed)
}

/// Work done at `speed` in `ns`.
#[inline]
pub(crate) fn growth(speed: u64, ns: u64) -> u128 {
    u128::from(speed) * u128::from(ns)
}

/// Nanoseconds that `work` takes at `speed`, rounded up; [`NEVER`] if it does not end.
#[inline]
pub(crate) fn time_for(work: u128, speed: u64) -> u64 {
    if work == 0 {
        return 0;
    }
    if speed == 0 {
        return NEVER;
    }
    // Files below 16 MiB fit 64 bits, where the division is several times cheaper.
    match u64::try_from(work) {
        Ok(short) => short.div_ceil(speed),
        Err(_) => u64::try_from(work.div_ceil(u128::from(speed))).unwrap_or(NEVER),
    }
}

/// A finish value with the identifier it belongs to, ordered by the value.
#[inline]
pub(crate) fn key(finish: u128, id: u32) -> u128 {
    finish << ID_BITS | u128::from(id)
}

/// The finish value of a key.
#[inline]
pub(crate) fn finish_of(key: u128) -> u128 {
    key >> ID_BITS
}

/// The identifier in a key.
#[inline]
pub(crate) fn id_of(key: u128) -> u32 {
    (key as u32) & (ID_LIMIT - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 GB/s is one byte a nanosecond; 10 B/s is 10^-8 · 2^40 = 10,995.1, rounded down.
    #[test]
    fn rates_are_rounded_down() {
        assert_eq!(speed(Rate::per_second(1_000_000_000)), 1 << 40);
        assert_eq!(speed(Rate::per_second(10)), 10_995);
        assert_eq!(speed(Rate::per_second(u64::MAX)), 1 << 56);
    }

    /// 3 bytes at 2 B/ns take 1.5 ns, so 2; 2^30 bytes (above 64 bits of work) at 1 B/ns take 2^30 ns.
    #[test]
    fn times_are_rounded_up() {
        assert_eq!(time_for(work(Bytes::new(3)), 2 << 40), 2);
        assert_eq!(time_for(work(Bytes::new(1 << 30)), 1 << 40), 1 << 30);
        assert_eq!(time_for(1, 0), NEVER);
        assert_eq!(time_for(0, 0), 0);
    }

    #[test]
    fn a_key_holds_value_and_identifier() {
        let packed = key(work(Bytes::new(u64::MAX)), ID_LIMIT - 1);
        assert_eq!((finish_of(packed), id_of(packed)), (work(Bytes::new(u64::MAX)), ID_LIMIT - 1));
    }
}
