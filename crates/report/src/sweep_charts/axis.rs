//! A swept key as an axis: its name in words, what it is a number of, and its values.

use ingestsim_scenario::{Column, Path, Scenario, schema::sweep::Axis as WrittenAxis};

use crate::chart::Quantity;

/// Keys that say little without the one they stand in.
const DEPENDENT: [&str; 13] = [
    "mean", "sd", "cv", "sigma", "median", "p99", "size", "rate", "iops", "policy", "baseline", "burst",
    "price",
];

/// Keys whose values are names that say themselves what they are of.
const SELF_EVIDENT: [&str; 3] = ["instance", "deployment", "service"];

/// A key that was swept, or several that were swept together.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptAxis {
    /// What was varied, in words: `file size`, `capacity of lustre`.
    pub label: String,
    /// What its values are a number of; nothing if they are no numbers.
    pub quantity: Option<Quantity>,
    /// Its values: numbers from the smallest, others as they are written.
    pub values: Vec<Value>,
}

/// A value of a swept key.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// With its unit.
    pub text: String,
    /// In base units, if it is a number.
    pub number: Option<f64>,
}

impl SweptAxis {
    /// A value as part of a point's name: `37.5 kB`, `8 workers`, `seed 7`, `order shuffled`.
    #[must_use]
    pub fn said(&self, value: usize) -> String {
        let Self { label, quantity, values } = self;
        let text = &values[value].text;
        match (quantity, label.strip_suffix('s')) {
            (Some(Quantity::Count), Some(one)) if text == "1" => format!("1 {one}"),
            (Some(Quantity::Count), Some(_)) => format!("{text} {label}"),
            (None, _) if SELF_EVIDENT.iter().any(|key| label.starts_with(key)) => text.clone(),
            (Some(Quantity::Count) | None, _) => format!("{label} {text}"),
            _ => text.clone(),
        }
    }

    /// Whether the values are numbers, of which there are several.
    pub(super) const fn is_numeric(&self) -> bool {
        self.quantity.is_some() && self.values.len() > 1
    }
}

/// A swept column in words.
pub(super) fn label(path: &Path) -> String {
    let keys: Vec<&str> = (0..path.len()).filter_map(|depth| path.key_at(depth)).collect();
    let spaced = |key: &str| key.replace('-', " ");
    let Some(last) = keys.last() else { return String::new() };
    let above = keys.len().checked_sub(2).map(|above| keys[above]);
    let name = match above {
        Some(above) if DEPENDENT.contains(last) => {
            // A spread stands between a figure and its parameters, and says less than the figure.
            let figure = if matches!(above, "lognormal" | "normal") { keys[keys.len() - 3] } else { above };
            format!("{} {}", spaced(figure), spaced(last))
        }
        _ => spaced(last),
    };
    // A mean is one of something, and so is a median.
    let name = match name.rsplit_once(' ') {
        Some((figure, which @ ("mean" | "median"))) => format!("{which} {figure}"),
        _ => name,
    };
    match (keys.first(), keys.get(1)) {
        (Some(&"storage"), Some(profile)) => format!("{name} of {profile}"),
        _ => name,
    }
}

/// What a swept column is a number of, by the unit in its name and the way its values are written.
pub(super) fn quantity(column: &Column, scenario: &Scenario) -> Quantity {
    let written = written(column, scenario);
    let last = column.path.key_at(column.path.len().saturating_sub(1));
    let any = |part: &str| written.iter().any(|text| text.contains(part));
    match column.name.strip_prefix(&column.path.to_string()).unwrap_or_default() {
        "_bytes" if any("iB") => Quantity::BinaryBytes,
        "_bytes" => Quantity::Bytes,
        "_bytes_per_s" if any("iB") => Quantity::BinaryBytesPerSecond,
        "_bytes_per_s" => Quantity::BytesPerSecond,
        "_s" => Quantity::Seconds,
        "_per_s" => Quantity::PerSecond,
        _ if any("%") => Quantity::Share,
        _ if last == Some("price") && column.path.key_at(0) == Some("job") => Quantity::DollarsPerHour,
        _ if last == Some("price") || column.path.key_at(0) == Some("prices") => Quantity::Dollars,
        _ => Quantity::Count,
    }
}

/// Whether a column's values lie between two that are written, and are no round numbers then.
pub(super) fn is_range(column: &Column, scenario: &Scenario) -> bool {
    let sweep = scenario.sweep.as_ref();
    let mut axes = sweep.into_iter().flat_map(|sweep| sweep.zip.iter().chain(&sweep.grid));
    axes.any(|(key, axis)| {
        matches!(axis, WrittenAxis::Range(_)) && key.parse().is_ok_and(|path: Path| path == column.path)
    })
}

/// The values of a column as they stand in the sweep.
fn written(column: &Column, scenario: &Scenario) -> Vec<String> {
    let sweep = scenario.sweep.as_ref();
    let axes = sweep.into_iter().flat_map(|sweep| sweep.zip.iter().chain(&sweep.grid));
    let of_column = axes.filter(|(key, _)| key.parse().is_ok_and(|path: Path| path == column.path));
    let texts = of_column.flat_map(|(_, axis)| match axis {
        WrittenAxis::List(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>(),
        WrittenAxis::Range(range) => vec![range.from.to_string(), range.to.to_string()],
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_with_what_they_count() {
        let said = |label: &str, quantity: Option<Quantity>, text: &str| {
            let values = vec![Value { text: text.into(), number: None }];
            SweptAxis { label: label.into(), quantity, values }.said(0)
        };
        assert_eq!(said("workers", Some(Quantity::Count), "8"), "8 workers");
        assert_eq!(said("parallel reads", Some(Quantity::Count), "1"), "1 parallel read");
        assert_eq!(said("batch size", Some(Quantity::Count), "64"), "batch size 64");
        assert_eq!(said("file size", Some(Quantity::Bytes), "37.5 kB"), "37.5 kB");
        assert_eq!(said("order", None, "shuffled"), "order shuffled");
        assert_eq!(said("instance", None, "ml.p3.2xlarge"), "ml.p3.2xlarge");
    }

    #[test]
    fn keys_are_told_in_words() {
        let told = [
            ("dataset.file-size", "file size"),
            ("dataset.file-size.lognormal.mean", "mean file size"),
            ("dataset.file-size.lognormal.cv", "file size cv"),
            ("job.node.price", "node price"),
            ("job.node.page-cache.size", "page cache size"),
            ("storage.lustre.fsx-lustre.capacity", "capacity of lustre"),
            ("storage.copy.s3.volume.gp3.rate", "gp3 rate of copy"),
            ("seed", "seed"),
        ];
        for (path, words) in told {
            assert_eq!(label(&path.parse().unwrap()), words);
        }
    }
}
