//! What a number on a chart means, and how it reads with its unit.

/// What the numbers of an axis are. Decides units, tick steps and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Time in seconds; reads "250 ms", "5 min", "2 h".
    Seconds,
    /// Bytes in decimal units; reads "37.5 kB", "10 MB".
    Bytes,
    /// Bytes in binary units; reads "256 KiB", "4 MiB".
    BinaryBytes,
    /// Bytes a second in decimal units; reads "90 MB/s".
    BytesPerSecond,
    /// Bytes a second in binary units; reads "300 MiB/s".
    BinaryBytesPerSecond,
    /// Bits a second; reads "25 Gb/s".
    BitsPerSecond,
    /// US dollars; reads "$12".
    Dollars,
    /// US dollars a gigabyte; reads "$0.023/GB".
    DollarsPerGb,
    /// US dollars an hour; reads "$3.06/h".
    DollarsPerHour,
    /// A fraction, 1 being all; reads "65 %".
    Share,
    /// A number of things; reads "64", "1.5M".
    Count,
    /// Things a second; reads "5.5k /s".
    PerSecond,
    /// Hours of one GPU; reads "12 GPU-h".
    GpuHours,
    /// How many times something; reads "2.5×".
    Factor,
}

/// A unit and its size in the quantity's base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) symbol: &'static str,
    pub(super) size: f64,
    /// How many of the unit there must be for it to be preferred to the one below.
    pub(super) from: f64,
}

const fn unit(symbol: &'static str, size: f64) -> Unit {
    Unit { symbol, size, from: 1.0 }
}

const SECONDS: [Unit; 7] = [
    unit("ns", 1e-9),
    unit("µs", 1e-6),
    unit("ms", 1e-3),
    unit("s", 1.0),
    Unit { symbol: "min", size: 60.0, from: 2.0 },
    Unit { symbol: "h", size: 3600.0, from: 2.0 },
    Unit { symbol: "d", size: 86_400.0, from: 2.0 },
];
const KI: f64 = 1024.0;
const BYTES: [Unit; 7] = [
    unit("B", 1.0),
    unit("kB", 1e3),
    unit("MB", 1e6),
    unit("GB", 1e9),
    unit("TB", 1e12),
    unit("PB", 1e15),
    unit("EB", 1e18),
];
const BINARY_BYTES: [Unit; 6] = [
    unit("B", 1.0),
    unit("KiB", KI),
    unit("MiB", KI * KI),
    unit("GiB", KI * KI * KI),
    unit("TiB", KI * KI * KI * KI),
    unit("PiB", KI * KI * KI * KI * KI),
];
const BITS: [Unit; 5] = [unit("b", 1.0), unit("kb", 1e3), unit("Mb", 1e6), unit("Gb", 1e9), unit("Tb", 1e12)];
const PERCENT: [Unit; 1] = [unit("%", 0.01)];
const PLAIN: [Unit; 5] = [
    unit("", 1.0),
    Unit { symbol: "k", size: 1e3, from: 10.0 },
    unit("M", 1e6),
    unit("G", 1e9),
    unit("T", 1e12),
];

impl Quantity {
    /// The value with its unit, to three significant digits: "1.42 h", "$12.30", "65 %".
    pub fn value(self, value: f64) -> String {
        self.written(value, 3)
    }

    /// The value with its unit, to five significant digits: for the values of a swept key, which are not estimates.
    /// Binary ones have four, as 9.6 TiB stands for 9,600 GiB in AWS's counting, which is 9.5997.
    pub(crate) fn exact(self, value: f64) -> String {
        self.written(value, if self.is_binary() { 4 } else { 5 })
    }

    /// The values in one common unit with as many decimals as their step needs.
    pub(super) fn in_step(self, values: &[f64], step: f64) -> Vec<String> {
        let unit = self.unit_of_ticks(values, step);
        let cents = self.is_money() && unit.size == 1.0 && decimals(step) > 0;
        let places = decimals(step / unit.size).max(if cents { 2 } else { 0 });
        let label = |&value: &f64| {
            if value == 0.0 {
                return self.zero_of_axis();
            }
            let number = digits(value.abs() / unit.size, places);
            self.dress(&if cents { number } else { trimmed(number) }, unit.symbol, value < 0.0)
        };
        values.iter().map(label).collect()
    }

    /// The unit that [`in_step`](Self::in_step) writes in.
    pub(super) fn unit_of_ticks(self, values: &[f64], step: f64) -> Unit {
        let largest = values.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
        self.unit_of_steps(largest, step)
    }

    /// The value in a unit, to three significant digits: beside an axis whose ticks are in it.
    pub(super) fn value_in(self, unit: Unit, value: f64) -> String {
        if value == 0.0 || (self.is_money() && unit.size == 1.0) {
            return self.value(value);
        }
        let number = rounded(value.abs() / unit.size, 3);
        self.dress(&trimmed(digits(number, places(number, 3))), unit.symbol, value < 0.0)
    }

    /// Whether ticks go by powers of two.
    pub(super) fn is_binary(self) -> bool {
        matches!(self, Quantity::BinaryBytes | Quantity::BinaryBytesPerSecond)
    }

    pub(super) fn is_money(self) -> bool {
        matches!(self, Quantity::Dollars | Quantity::DollarsPerGb | Quantity::DollarsPerHour)
    }

    pub(super) fn units(self) -> &'static [Unit] {
        match self {
            Quantity::Seconds => &SECONDS,
            Quantity::Bytes | Quantity::BytesPerSecond => &BYTES,
            Quantity::BinaryBytes | Quantity::BinaryBytesPerSecond => &BINARY_BYTES,
            Quantity::BitsPerSecond => &BITS,
            Quantity::Share => &PERCENT,
            _ => &PLAIN,
        }
    }

    /// The largest unit of which the value holds enough, or of which an exact time is a whole number.
    fn unit_of(self, value: f64, exact: bool) -> Unit {
        let value = value.abs() * (1.0 + 1e-9);
        let units = self.units();
        let is_whole =
            |n: f64| exact && self == Quantity::Seconds && n >= 1.0 && (n - n.round()).abs() < 1e-6;
        let enough = |unit: &&Unit| value / unit.size >= unit.from || is_whole(value / unit.size);
        *units.iter().rev().find(enough).unwrap_or(&units[0])
    }

    /// The largest unit that suits the largest tick and leaves the step at most one decimal.
    fn unit_of_steps(self, largest: f64, step: f64) -> Unit {
        let mut units: Vec<Unit> = self.units().to_vec();
        let most = self.unit_of(largest, false);
        units.retain(|unit| unit.size <= most.size);
        let tidy = |unit: &&Unit| decimals(step / unit.size) <= 1;
        *units.iter().rev().find(tidy).unwrap_or(&units[0])
    }

    fn written(self, value: f64, significant: i32) -> String {
        if value == 0.0 {
            return self.zero();
        }
        if self == Quantity::Count && value.fract() == 0.0 && value.abs() < 100_000.0 {
            return self.dress(&grouped(value.abs(), 0), "", value < 0.0);
        }
        if self.is_money() && value.abs() < 9999.5 {
            return self.dress(&amount(value.abs()), "", value < 0.0);
        }
        // Digits of bytes say little about MiB, nor those of seconds about minutes.
        let own_steps = self.is_binary() || self == Quantity::Seconds && value.abs() >= 60.0;
        let value = if own_steps { value } else { rounded(value, significant) };
        let unit = self.unit_of(value, significant > 3);
        let number = value.abs() / unit.size;
        self.dress(&trimmed(digits(number, places(number, significant))), unit.symbol, value < 0.0)
    }

    fn zero(self) -> String {
        match self {
            Quantity::Seconds => self.dress("0", "s", false),
            Quantity::Share => self.dress("0", "%", false),
            _ => self.dress("0", self.units()[0].symbol, false),
        }
    }

    fn zero_of_axis(self) -> String {
        match self {
            Quantity::Share => "0 %".to_owned(),
            Quantity::Dollars => "$0".to_owned(),
            _ => "0".to_owned(),
        }
    }

    /// The number with sign, currency and unit.
    pub(super) fn dress(self, number: &str, unit: &str, negative: bool) -> String {
        let sign = if negative { "−" } else { "" };
        match self {
            Quantity::Dollars => format!("{sign}${number}{unit}"),
            Quantity::DollarsPerGb => format!("{sign}${number}{unit}/GB"),
            Quantity::DollarsPerHour => format!("{sign}${number}{unit}/h"),
            Quantity::Count => format!("{sign}{number}{unit}"),
            Quantity::PerSecond => format!("{sign}{number}{unit} /s"),
            Quantity::GpuHours => format!("{sign}{number}{unit} GPU-h"),
            Quantity::Factor => format!("{sign}{number}{unit}×"),
            Quantity::BytesPerSecond | Quantity::BinaryBytesPerSecond | Quantity::BitsPerSecond => {
                format!("{sign}{number} {unit}/s")
            }
            Quantity::Seconds | Quantity::Bytes | Quantity::BinaryBytes | Quantity::Share => {
                format!("{sign}{number} {unit}")
            }
        }
    }
}

/// The value to so many significant decimal digits.
fn rounded(value: f64, significant: i32) -> f64 {
    let places = (significant - 1).max(0) as usize;
    format!("{value:.places$e}").parse().unwrap_or(value)
}

/// Decimals that show a number to so many significant digits.
fn places(number: f64, significant: i32) -> usize {
    let magnitude = number.abs().log10().floor() as i32;
    (significant - 1 - magnitude).clamp(0, 12) as usize
}

/// An amount of money below ten thousand: whole from 100 on, cents from ten cents on, two digits of less.
fn amount(value: f64) -> String {
    match value {
        v if v >= 99.995 => grouped(v, 0),
        v if v >= 0.1 => grouped(v, 2),
        v => {
            let written = grouped(v, places(v, 2));
            let shorter = written.strip_suffix('0').filter(|shorter| shorter.len() > "0.0".len());
            shorter.unwrap_or(&written).to_owned()
        }
    }
}

/// How many decimals a step needs, up to nine.
fn decimals(step: f64) -> usize {
    (0..9)
        .find(|&places| {
            let shifted = step * 10_f64.powi(places);
            (shifted - shifted.round()).abs() < 1e-6 * shifted.abs().max(1e-9)
        })
        .unwrap_or(9) as usize
}

/// The number without zeros at the end of its decimals.
fn trimmed(number: String) -> String {
    if number.contains('.') && !number.contains('e') {
        number.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        number
    }
}

/// The number with so many decimals; a very long one in scientific notation, as "3e9".
fn digits(number: f64, places: usize) -> String {
    if number >= 1e7 { format!("{}", Scientific(number)) } else { grouped(number, places) }
}

/// A number written as mantissa and power of ten.
struct Scientific(f64);

impl std::fmt::Display for Scientific {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = format!("{:.2e}", self.0);
        let (mantissa, power) = written.split_once('e').unwrap_or((&written, "0"));
        write!(f, "{}e{power}", mantissa.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The number with a comma between thousands.
fn grouped(number: f64, places: usize) -> String {
    let written = format!("{number:.places$}");
    let (whole, rest) = written.split_at(written.find('.').unwrap_or(written.len()));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{KI, Quantity::*};

    #[test]
    fn times_take_the_unit_a_person_would_use() {
        let told = [2.5e-4, 0.012, 1.0, 75.0, 60.0, 600.0, 5400.0, 7200.0, 9000.0, 86_400.0, 400_000.0];
        let told: Vec<String> = told.iter().map(|&s| Seconds.value(s)).collect();
        let wanted =
            ["250 µs", "12 ms", "1 s", "75 s", "60 s", "10 min", "90 min", "2 h", "2.5 h", "24 h", "4.63 d"];
        assert_eq!(told, wanted);
        assert_eq!([60.0, 3600.0, 90.0].map(|s| Seconds.exact(s)), ["1 min", "1 h", "90 s"]);
    }

    #[test]
    fn bytes_are_decimal_or_binary_as_asked() {
        assert_eq!(Bytes.value(37_500.0), "37.5 kB");
        assert_eq!(BinaryBytes.value(262_144.0), "256 KiB");
        assert_eq!(BytesPerSecond.value(90e6), "90 MB/s");
        assert_eq!(BitsPerSecond.value(25e9), "25 Gb/s");
        assert_eq!(Bytes.exact(112.5e6), "112.5 MB");
        assert_eq!(BinaryBytes.exact(9.5997 * KI * KI * KI * KI), "9.6 TiB");
    }

    #[test]
    fn money_has_cents_where_they_matter() {
        let told: Vec<String> = [0.0004, 0.05, 0.5, 1.234, 12.3, 1234.4, 54_321.0, 2.5e6]
            .iter()
            .map(|&v| Dollars.value(v))
            .collect();
        assert_eq!(told, ["$0.0004", "$0.05", "$0.50", "$1.23", "$12.30", "$1,234", "$54.3k", "$2.5M"]);
        assert_eq!(DollarsPerGb.value(0.023), "$0.023/GB");
    }

    #[test]
    fn counts_stay_whole_and_are_grouped() {
        assert_eq!(Count.value(1024.0), "1,024");
        assert_eq!(Count.value(1_530_350.0), "1.53M");
        assert_eq!(Count.value(0.333_33), "0.333");
        assert_eq!(PerSecond.value(5500.0), "5,500 /s");
        assert_eq!(Factor.value(2.5), "2.5×");
    }

    #[test]
    fn shares_are_percentages_and_errors_keep_their_sign() {
        assert_eq!(Share.value(0.654_32), "65.4 %");
        assert_eq!(Share.value(-0.05), "−5 %");
        assert_eq!(Share.value(0.0), "0 %");
    }

    /// 339.48 s are 5.658 min; to three digits of seconds first they would be 339 s, and 5.65 min.
    #[test]
    fn minutes_are_rounded_once() {
        assert_eq!(Seconds.value(339.48), "5.66 min");
    }

    /// 999.7 kB rounds to 1000 kB, which is 1 MB.
    #[test]
    fn rounding_may_reach_the_next_unit() {
        assert_eq!(Bytes.value(999_700.0), "1 MB");
    }

    /// 353.7 s would be 5.9 min alone, but not beside ticks of 50 s.
    #[test]
    fn a_value_beside_an_axis_takes_the_unit_of_its_ticks() {
        let ticks = [100.0, 150.0, 200.0, 250.0, 300.0, 350.0];
        let unit = Seconds.unit_of_ticks(&ticks, 50.0);
        assert_eq!(
            [353.7, 90.27, 0.0].map(|value| Seconds.value_in(unit, value)),
            ["354 s", "90.3 s", "0 s"]
        );
        let unit = Seconds.unit_of_ticks(&[0.0, 3600.0, 7200.0], 3600.0);
        assert_eq!(Seconds.value_in(unit, 600.0), "0.167 h");
        assert_eq!(Dollars.value_in(Dollars.unit_of_ticks(&[0.0, 0.5], 0.5), 0.25), "$0.25");
    }

    #[test]
    fn ticks_of_an_axis_share_a_unit() {
        assert_eq!(Seconds.in_step(&[0.0, 1800.0, 3600.0, 7200.0], 1800.0), ["0", "0.5 h", "1 h", "2 h"]);
        assert_eq!(Seconds.in_step(&[0.0, 600.0, 3600.0], 600.0), ["0", "10 min", "60 min"]);
        assert_eq!(Dollars.in_step(&[0.0, 0.5, 1.0], 0.5), ["$0", "$0.50", "$1.00"]);
        assert_eq!(Bytes.in_step(&[2e8, 1e9], 2e8), ["0.2 GB", "1 GB"]);
        assert_eq!(Share.in_step(&[0.0, 0.5, 1.0], 0.5), ["0 %", "50 %", "100 %"]);
        assert_eq!(Count.in_step(&[0.0, 5e5, 1e6], 5e5), ["0", "0.5M", "1M"]);
    }
}
