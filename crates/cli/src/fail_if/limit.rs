//! The limit of a condition: a bare number in the figure's own unit, and of a share a percentage too.
//!
//! Who thinks of 90 % and writes 90 gets a guard that always or never stops, so a share's limit above 1 is refused.

/// What a figure is counted in, as far as its limit is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// A part of a whole: at most 1.
    Part,
    /// A share that may be more than all, such as an error of 150 %.
    Share,
    /// 1 or 0.
    Verdict,
    /// The unit that the figure's name ends with.
    Own,
}

/// The limit that `text` states for a figure.
///
/// # Errors
///
/// What was expected instead, if it is no number, or one that a share cannot have.
pub(super) fn limit(figure: &str, text: &str) -> Result<f64, String> {
    let scale = Scale::of(figure);
    let percentage = text.strip_suffix('%').filter(|_| matches!(scale, Scale::Part | Scale::Share));
    let number = percentage.unwrap_or(text).trim().parse::<f64>().ok().filter(|number| !number.is_nan());
    let limit = number.map(|number| if percentage.is_some() { number / 100.0 } else { number });
    let may_exceed = scale == Scale::Own || scale == Scale::Share && percentage.is_some();
    limit
        .filter(|limit| may_exceed || *limit <= 1.0)
        .ok_or_else(|| format!("{}, found {text:?}", scale.expected()))
}

impl Scale {
    fn of(figure: &str) -> Self {
        match figure {
            "agrees" => Self::Verdict,
            _ if figure.contains("utilisation") => Self::Part,
            _ if figure.ends_with("_abs_error") => Self::Share,
            _ => Self::Own,
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Part => "the limit is a share of at most 1, such as 0.9 or 90 %",
            Self::Share => "the limit is a share, such as 0.1 or 10 %",
            Self::Verdict => "the limit is 1 or 0",
            Self::Own => "the limit is a bare number in the figure's own unit (_s, _usd)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_may_be_a_percentage() {
        assert_eq!(limit("gpu_utilisation", "90 %"), Ok(0.9));
        assert_eq!(limit("gpu_utilisation", "0.9"), Ok(0.9));
        assert_eq!(limit("p90_abs_error", "10%"), Ok(0.1));
        assert_eq!(limit("p90_abs_error", "150 %"), Ok(1.5));
    }

    #[test]
    fn a_percentage_without_its_sign_is_refused() {
        let part = "the limit is a share of at most 1, such as 0.9 or 90 %, found \"90\"";
        assert_eq!(limit("gpu_utilisation_billed", "90"), Err(part.into()));
        assert!(limit("accelerator_utilisation", "101 %").is_err());
        let share = "the limit is a share, such as 0.1 or 10 %, found \"10\"";
        assert_eq!(limit("median_abs_error", "10"), Err(share.into()));
        assert_eq!(limit("agrees", "2"), Err("the limit is 1 or 0, found \"2\"".into()));
    }

    #[test]
    fn any_other_limit_is_a_bare_number() {
        assert_eq!(limit("total_s", "7200"), Ok(7200.0));
        let own = "the limit is a bare number in the figure's own unit (_s, _usd), found \"2 h\"";
        assert_eq!(limit("total_s", "2 h"), Err(own.into()));
        assert!(limit("cost_total_usd", "5 %").is_err());
    }
}
