//! The standard normal distribution, to the accuracy of a double.

#![expect(clippy::excessive_precision, reason = "coefficients stand as they were published")]

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The density at `z`.
pub(super) fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// The probability of a value below `z`; accurate in relative terms far into the lower tail.
pub(super) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The value with probability `below` under it and `above` over it.
///
/// Both are asked for, though they add up to 1, so that neither tail loses digits.
///
/// Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37
/// (1988): three ratios of polynomials of degree 7, relative error about 1e-16.
pub(super) fn quantile(below: f64, above: f64) -> f64 {
    let off_centre = 0.5 * (below - above);
    if off_centre.abs() <= 0.425 {
        return off_centre * ratio(&CENTRE, 0.180_625 - off_centre * off_centre);
    }
    let depth = (-libm::log(below.min(above))).sqrt();
    let distance = if depth <= 5.0 { ratio(&TAIL, depth - 1.6) } else { ratio(&FAR_TAIL, depth - 5.0) };
    if below < above { -distance } else { distance }
}

/// Coefficients of a numerator and a denominator, lowest power first.
struct Ratio([f64; 8], [f64; 8]);

fn ratio(ratio: &Ratio, x: f64) -> f64 {
    let value = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    value(&ratio.0) / value(&ratio.1)
}

const CENTRE: Ratio = Ratio(
    [
        3.387_132_872_796_366_608,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_3,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_61,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561,
    ],
);

const TAIL: Ratio = Ratio(
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_77,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        0.689_767_334_985_100_004_55,
        0.148_103_976_427_480_074_59,
        0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

const FAR_TAIL: Ratio = Ratio(
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        0.296_560_571_828_504_891_23,
        0.026_532_189_526_576_123_093,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_937_69,
        0.136_929_880_922_735_805_31,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the normal distribution: 97.5 % lie below 1.959963984540054, one in 1e9 below −5.997807015007687.
    #[test]
    fn published_percentage_points() {
        assert_eq!(quantile(0.5, 0.5), 0.0);
        assert!((quantile(0.975, 0.025) - 1.959_963_984_540_054).abs() < 5e-15);
        assert!((quantile(0.99, 0.01) - 2.326_347_874_040_841).abs() < 5e-15);
        assert!((quantile(1e-9, 1.0 - 1e-9) + 5.997_807_015_007_687).abs() < 1e-14);
    }

    /// Over 300 decades of the lower tail and the whole centre, the error in z is a few units in the last place: the
    /// error of the probability divided by the slope of its logarithm, which is about −z.
    #[test]
    fn undoes_the_error_function() {
        let mut worst: f64 = 0.0;
        for step in 1..3_000 {
            let tail = libm::exp(-f64::from(step) * 0.23);
            let z = quantile(tail, 1.0 - tail);
            let slope = density(z) / cdf(z);
            worst = worst.max((libm::log(cdf(z) / tail) / slope).abs() / z.abs().max(0.1));
        }
        assert!(worst < 2e-14, "{worst}");
    }

    #[test]
    fn tails_mirror_each_other() {
        for below in [1e-18, 1e-6, 0.07, 0.3] {
            assert_eq!(quantile(below, 1.0 - below), -quantile(1.0 - below, below));
        }
    }
}
