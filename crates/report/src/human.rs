//! Figures as a reader wants them: three digits and a unit.

use ingestsim_units::{Rate, Span, Usd};

/// A time in seconds: `14.2 min`.
#[must_use]
pub fn time(seconds: f64) -> String {
    Span::from_secs_f64_rounded(seconds).human().to_string()
}

/// A time in a column: three digits of one unit, `1.07 h`, so that it stays narrow.
#[must_use]
pub fn time_aligned(seconds: f64) -> String {
    const HOUR: f64 = 3600.0;
    if seconds < HOUR {
        return time(seconds);
    }
    let hours = seconds / HOUR;
    let places = if hours < 10.0 { 2 } else { usize::from(hours < 100.0) };
    format!("{hours:.places$} h")
}

/// A share in a sentence: `41.5 %`, `20 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// A share in a column, where points stand below each other: `41.5 %`, `20.0 %`.
#[must_use]
pub fn percent_aligned(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// How far a figure is off, to a hundredth of a percent: `+0.02 %`, `−1.30 %`, `0.00 %`.
#[must_use]
pub fn off(share: f64) -> String {
    let digits = format!("{:.2} %", (share * 100.0).abs());
    let sign = match share {
        _ if digits == "0.00 %" => "",
        below if below < 0.0 => "−",
        _ => "+",
    };
    format!("{sign}{digits}")
}

/// An amount of dollars: `$12.34`.
#[must_use]
pub fn money(dollars: f64) -> String {
    Usd::new(dollars).human().to_string()
}

/// An amount of dollars in a column, where less than a hundredth of a cent is not worth its digits.
#[must_use]
pub fn money_aligned(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.0001 { "< $0.0001".to_owned() } else { money(dollars) }
}

/// A throughput in bytes per second: `1.2 GB/s`.
#[must_use]
pub fn rate(bytes_per_s: f64) -> String {
    Rate::from_f64_rounded(bytes_per_s).human().to_string()
}

/// A whole number with its thousands set apart: `1,530,350`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 epoch`, `2 epochs`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_one_decimal_where_it_says_something() {
        let shares = [0.0, 0.0004, 0.415, 0.5, 0.9996, 1.0];
        assert_eq!(shares.map(percent), ["0 %", "0 %", "41.5 %", "50 %", "100 %", "100 %"]);
        assert_eq!(percent_aligned(0.5), "50.0 %");
    }

    #[test]
    fn times_in_a_column_have_one_unit() {
        let seconds = [40.0, 3_540.0, 3_852.0, 36_000.0, 360_000.0];
        assert_eq!(seconds.map(time_aligned), ["40 s", "59 min", "1.07 h", "10.0 h", "100 h"]);
    }

    #[test]
    fn traces_of_a_cent_are_called_so() {
        assert_eq!([0.0, 0.000_016, 0.0021].map(money_aligned), ["$0.00", "< $0.0001", "$0.0021"]);
    }

    #[test]
    fn what_is_off_has_a_sign() {
        assert_eq!([0.0002, -0.013, -0.000_01, 0.0].map(off), ["+0.02 %", "−1.30 %", "0.00 %", "0.00 %"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([7, 999, 1_000, 1_530_350].map(count), ["7", "999", "1,000", "1,530,350"]);
        assert_eq!(counted(1, "epoch"), "1 epoch");
        assert_eq!(counted(2_000, "step"), "2,000 steps");
    }
}
