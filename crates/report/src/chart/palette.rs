//! Colours, dashes and shapes: one colour per storage service in every chart, and one look per series.
//!
//! Lines and points use the eight colours of Okabe and Ito ("Color Universal Design", 2008), which readers with any
//! common colour blindness can tell apart. Segments of bars use the "light" scheme of Paul Tol ("Colour Schemes",
//! SRON technical note EPS/TN/09-002), so that no part of a bar is taken for a service and dark figures stay legible
//! on it. Heat maps use viridis, whose lightness grows evenly.

use std::fmt;

use plotters::style::colors::colormaps::ViridisRGB;

use super::{marker::Marker, scene::Dash};

/// An opaque colour; prints as `#RRGGBB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

impl Colour {
    /// This colour with `share` of another mixed in.
    pub(super) fn towards(self, other: Colour, share: f64) -> Colour {
        let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
        Colour(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Relative luminance in 0 to 1 (WCAG 2.2), which decides between dark and light text.
    pub(super) fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

pub(super) const WHITE: Colour = Colour(255, 255, 255);
pub(super) const INK: Colour = Colour(0x1F, 0x24, 0x2B);
pub(super) const QUIET: Colour = Colour(0x57, 0x5F, 0x6B);
pub(super) const AXIS: Colour = Colour(0x8A, 0x92, 0x9E);
pub(super) const GRID: Colour = Colour(0xE6, 0xE9, 0xED);

const BLACK: Colour = Colour(0x00, 0x00, 0x00);
const ORANGE: Colour = Colour(0xE6, 0x9F, 0x00);
const SKY_BLUE: Colour = Colour(0x56, 0xB4, 0xE9);
const BLUISH_GREEN: Colour = Colour(0x00, 0x9E, 0x73);
const BLUE: Colour = Colour(0x00, 0x72, 0xB2);
const VERMILLION: Colour = Colour(0xD5, 0x5E, 0x00);
const REDDISH_PURPLE: Colour = Colour(0xCC, 0x79, 0xA7);
const GREY: Colour = Colour(0x80, 0x80, 0x80);

/// Okabe and Ito's colours in the order in which nameless sources take them; their yellow is too faint on white.
const SOURCES: [Colour; 8] =
    [BLUE, VERMILLION, BLUISH_GREEN, REDDISH_PURPLE, ORANGE, SKY_BLUE, Colour(0x22, 0x22, 0x22), GREY];

/// Paul Tol's light scheme without its near-white, widest apart first.
const SEGMENTS: [Colour; 9] = [
    Colour(0x77, 0xAA, 0xDD),
    Colour(0xEE, 0x88, 0x66),
    Colour(0xEE, 0xDD, 0x88),
    Colour(0x44, 0xBB, 0x99),
    Colour(0xFF, 0xAA, 0xBB),
    Colour(0xAA, 0xAA, 0x00),
    Colour(0x99, 0xDD, 0xFF),
    Colour(0xBB, 0xCC, 0x33),
    Colour(0xC4, 0xC8, 0xCE),
];

/// What a storage profile is built on. Decides its colour, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Amazon S3: blue.
    S3,
    /// S3 Express One Zone: sky blue.
    S3Express,
    /// Amazon EFS: bluish green.
    Efs,
    /// FSx for Lustre: vermillion.
    Fsx,
    /// A drive inside the node: black.
    LocalDisk,
    /// A file server: reddish purple.
    Nfs,
    /// A parallel file system: orange.
    ParallelFs,
    /// Anything else: grey.
    Other,
}

impl Service {
    /// The service's colour.
    pub fn colour(self) -> Colour {
        match self {
            Service::S3 => BLUE,
            Service::S3Express => SKY_BLUE,
            Service::Efs => BLUISH_GREEN,
            Service::Fsx => VERMILLION,
            Service::LocalDisk => Colour(0x22, 0x22, 0x22),
            Service::Nfs => REDDISH_PURPLE,
            Service::ParallelFs => ORANGE,
            Service::Other => GREY,
        }
    }
}

/// A line or a set of points by name, and the service that gives it its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What the legend says.
    pub name: String,
    /// Decides the colour; further keys of one service get their own shade and dash.
    pub service: Service,
}

impl Key {
    /// A key of this name and service.
    pub fn new(name: impl Into<String>, service: Service) -> Key {
        Key { name: name.into(), service }
    }
}

/// How a series looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) dash: Dash,
    pub(super) marker: Marker,
}

/// A look for each service of a chart's series, in order: the first of a service has its plain colour and a solid
/// line, those after it a shade and a dash of their own, and every series a shape of its own.
pub(super) fn looks(services: impl IntoIterator<Item = Service>) -> Vec<Look> {
    let mut seen: Vec<Service> = Vec::new();
    let mut looks = Vec::new();
    for service in services {
        let variant = seen.iter().filter(|&&s| s == service).count();
        let marker = Marker::nth(seen.len());
        seen.push(service);
        looks.push(Look { colour: shade(service.colour(), variant), dash: dash(variant), marker });
    }
    looks
}

/// The looks of points that belong to no service, such as the sources of measurements.
pub(super) fn source_look(index: usize) -> Look {
    let colour = shade(SOURCES[index % SOURCES.len()], index / SOURCES.len());
    Look { colour, dash: Dash::Solid, marker: Marker::nth(index) }
}

/// The fill of a bar's nth segment.
pub(super) fn segment(index: usize) -> Colour {
    shade(SEGMENTS[index % SEGMENTS.len()], index / SEGMENTS.len())
}

/// The nth shade of a colour: itself, darker, lighter, much darker, and so on.
fn shade(colour: Colour, variant: usize) -> Colour {
    match variant % 4 {
        0 => colour,
        1 => colour.towards(if colour.luminance() < 0.05 { WHITE } else { BLACK }, 0.42),
        2 => colour.towards(WHITE, 0.38),
        _ => colour.towards(BLACK, 0.68),
    }
}

fn dash(variant: usize) -> Dash {
    [Dash::Solid, Dash::Long, Dash::Short, Dash::Mixed][variant % 4]
}

/// Viridis at `share` of the way from its dark to its bright end.
pub(super) fn heat(share: f64) -> Colour {
    let colour = ViridisRGB::get_color(share.clamp(0.0, 1.0));
    Colour(colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_keeps_its_colour_whatever_stands_beside_it() {
        let looks = looks([Service::Fsx, Service::S3, Service::S3, Service::Fsx]);
        assert_eq!(looks[1].colour, Service::S3.colour());
        assert_eq!(looks[0].colour, Service::Fsx.colour());
    }

    /// Four variants of one service and eight services: no two look alike.
    #[test]
    fn no_two_series_look_alike() {
        let services = [Service::S3; 4].into_iter().chain([
            Service::S3Express,
            Service::Efs,
            Service::Fsx,
            Service::LocalDisk,
            Service::LocalDisk,
            Service::Nfs,
            Service::ParallelFs,
            Service::Other,
        ]);
        let looks = looks(services);
        for (i, a) in looks.iter().enumerate() {
            for b in &looks[..i] {
                assert!(a.marker != b.marker && a.colour != b.colour, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn heat_grows_lighter_all_the_way() {
        let steps: Vec<f64> = (0..=20).map(|i| heat(f64::from(i) / 20.0).luminance()).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// White has luminance 1, black 0, and text on a segment is dark on light: contrast 4.5 at least.
    #[test]
    fn dark_figures_are_legible_on_every_segment() {
        assert!((WHITE.luminance() - 1.0).abs() < 1e-9 && BLACK.luminance() == 0.0);
        for index in 0..SEGMENTS.len() {
            let contrast = (segment(index).luminance() + 0.05) / (INK.luminance() + 0.05);
            assert!(contrast > 4.5, "segment {index}: {contrast}");
        }
    }
}
