//! Checks of `[dataset]`.

use ingestsim_units::Bytes;

use super::{Checker, spread};
use crate::{
    error::Problem,
    path::Path,
    schema::dataset::{Dataset, Extent},
};

pub(super) fn check(dataset: &Dataset, checker: &mut Checker<'_>) {
    let path = Path::of(["dataset"]);
    checker.expect_one_of(&path, &["files", "samples", "total-size"], false);
    spread::check_positive(&dataset.file_size, &path.key("file-size"), checker);
    checker.expect_some(dataset.samples_per_file, path.key("samples-per-file"));
    let fraction = dataset.fraction_per_epoch;
    let expected = "a number above 0 and at most 1";
    checker.expect(fraction > 0.0 && fraction <= 1.0, path.key("fraction-per-epoch"), expected);
    checker.expect(!dataset.read_size.is_zero(), path.key("read-size"), "a size above zero");
    checker.expect_some(dataset.open_shards, path.key("open-shards"));
    if dataset.files.is_some() || dataset.samples.is_some() || dataset.total_size.is_some() {
        extent_fits(dataset.extent(), dataset, &path, checker);
    }
}

/// Whether the size is stated in a way that can be counted with.
pub(super) fn is_stated(dataset: &Dataset) -> bool {
    let counts = [dataset.files, dataset.samples, dataset.total_size.map(Bytes::get)];
    counts.iter().flatten().next().is_some_and(|count| *count > 0) && dataset.samples_per_file > 0
}

/// More bytes than this in a data set are a slip: a sum over epochs would not fit in 64 bits.
const TOTAL_MAX: f64 = 1e18;

fn extent_fits(extent: Extent, dataset: &Dataset, path: &Path, checker: &mut Checker<'_>) {
    let mean = dataset.file_size.mean_f64();
    let per_file = dataset.samples_per_file;
    let (key, files) = match extent {
        Extent::Files(files) => {
            checker.expect_some(files, path.key("files"));
            ("files", files as f64)
        }
        Extent::Samples(samples) => {
            checker.expect_some(samples, path.key("samples"));
            ("samples", samples as f64 / per_file.max(1) as f64)
        }
        Extent::TotalSize(size) => {
            let expected = "at least the mean size of a file";
            checker.expect(size.as_f64() >= mean, path.key("total-size"), expected);
            ("total-size", size.as_f64() / mean.max(1.0))
        }
    };
    let samples = files * per_file as f64;
    if files * mean > TOTAL_MAX || samples > TOTAL_MAX {
        let found = format!("{files:.3e} files of {mean:.3e} bytes with {per_file} samples each");
        let expected = "a data set of at most 1 EB and 10^18 samples";
        checker.refuse(path.key(key), Problem::mismatch(expected, found));
    }
}
