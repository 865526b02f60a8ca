//! The same bytes in files of another size.

use ingestsim_scenario::{
    Scenario,
    schema::{
        dataset::Extent,
        loader::{Decode, Loader},
        spread::{LogNormal, Normal, Spread, Spreadable},
    },
};
use ingestsim_units::{Bytes, Span};

/// The scenario with files `factor` times as large, and as many fewer of them.
///
/// A data set of a file a sample becomes one whose files hold `factor` samples each and are read whole: what a step reads,
/// decodes and computes stays what it was, so a batch has fewer files, and once it has only one, steps grow longer.
/// Shards are made larger with more samples in each. None where a file would be smaller than a byte or the set than a
/// file, or where a shard would hold less than one sample.
pub(crate) fn repacked(scenario: &Scenario, factor: f64) -> Option<Scenario> {
    let mut other = scenario.clone();
    let dataset = &mut other.dataset;
    dataset.file_size =
        scaled(&dataset.file_size, factor, |bytes, by| Bytes::from_f64_rounded(bytes.as_f64() * by))?;
    if dataset.samples_per_file > 1 {
        dataset.samples_per_file = rounded(dataset.samples_per_file as f64 * factor)?;
        if let Extent::Files(files) = dataset.extent() {
            dataset.files = Some(rounded(files as f64 / factor)?);
        }
        return Some(other);
    }
    match dataset.extent() {
        Extent::Files(files) => dataset.files = Some(rounded(files as f64 / factor)?),
        Extent::Samples(samples) => dataset.samples = Some(rounded(samples as f64 / factor)?),
        Extent::TotalSize(_) => {}
    }
    let job = &mut other.job;
    let batch = job.batch_size as f64;
    job.batch_size = rounded((batch / factor).max(1.0))?;
    // What a step computes goes with the bytes of its batch.
    let longer = job.batch_size as f64 * factor / batch;
    job.step_time = scaled(&job.step_time, longer, Span::mul_f64_rounded)?;
    job.steps = match job.steps {
        Some(steps) => Some(rounded(steps as f64 / longer)?),
        None => None,
    };
    decode_more(decode_of(&mut other.loader), factor);
    Some(other)
}

fn decode_of(loader: &mut Loader) -> &mut Decode {
    match loader {
        Loader::PyTorch(loader) => &mut loader.decode,
        Loader::TfData(loader) => &mut loader.decode,
    }
}

fn decode_more(decode: &mut Decode, factor: f64) {
    decode.per_sample = decode.per_sample.mul_f64_rounded(factor);
}

/// To the nearest whole number, if that is at least one.
fn rounded(number: f64) -> Option<u64> {
    let whole = number.round() as u64;
    (whole > 0).then_some(whole)
}

/// A quantity whose every value is `factor` times as large; none where one of them comes to nothing.
pub(crate) fn scaled<T: Spreadable>(
    spread: &Spread<T>,
    factor: f64,
    times: impl Fn(T, f64) -> T,
) -> Option<Spread<T>> {
    let by = |value: T| times(value, factor);
    let scaled = match spread {
        Spread::Fixed(value) => Spread::Fixed(by(*value)),
        Spread::Normal(Normal { mean, sd }) => Spread::Normal(Normal { mean: by(*mean), sd: by(*sd) }),
        Spread::LogNormal(lognormal) => Spread::LogNormal(match *lognormal {
            LogNormal::MeanSd { mean, sd } => LogNormal::MeanSd { mean: by(mean), sd: by(sd) },
            LogNormal::MeanCv { mean, cv } => LogNormal::MeanCv { mean: by(mean), cv },
            LogNormal::MeanSigma { mean, sigma } => LogNormal::MeanSigma { mean: by(mean), sigma },
            LogNormal::MedianP99 { median, p99 } => LogNormal::MedianP99 { median: by(median), p99: by(p99) },
        }),
        Spread::Table(rows) => Spread::Table(rows.iter().map(|&(value, count)| (by(value), count)).collect()),
    };
    (scaled.mean_f64() >= 1.0 || spread.mean_f64() == 0.0).then_some(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing;

    /// 4,096 files of 100 kB in batches of 64 at 40 ms a step: 1,024 of 400 kB in batches of 16, the same 40 ms.
    #[test]
    fn a_step_reads_and_computes_what_it_did() {
        let scenario = testing::scenario("");
        let four = repacked(&scenario, 4.0).unwrap();
        assert_eq!((four.dataset.files, four.job.batch_size), (Some(1_024), 16));
        assert_eq!(four.dataset.file_size.mean_f64(), 400e3);
        assert_eq!(four.job.step_time.mean_f64(), 40e6);
        assert_eq!(four.loader.decode().per_sample, Span::from_millis(8));
    }

    /// 256 times as large: 16 files, one a batch, four old batches' worth of compute in a step.
    #[test]
    fn steps_grow_once_a_batch_is_one_file() {
        let large = repacked(&testing::scenario(""), 256.0).unwrap();
        assert_eq!((large.dataset.files, large.job.batch_size), (Some(16), 1));
        assert_eq!(large.job.step_time.mean_f64(), 160e6);
    }

    #[test]
    fn there_is_an_end_to_both_ways() {
        let scenario = testing::scenario("");
        assert!(repacked(&scenario, 1e-6).is_none(), "no file is smaller than a byte");
        assert!(repacked(&scenario, 1e5).is_none(), "no file is larger than the set");
    }

    #[test]
    fn shards_hold_more_samples() {
        let shards = testing::scenario("dataset.samples-per-file = 64\njob.order = \"shards-shuffled\"");
        let double = repacked(&shards, 2.0).unwrap();
        assert_eq!((double.dataset.samples_per_file, double.dataset.files), (128, Some(2_048)));
        assert_eq!(double.job.batch_size, 64);
    }
}
