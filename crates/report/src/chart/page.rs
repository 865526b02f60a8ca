//! What a page needs to draw a chart by itself: its numbers, the looks of its series on light and on dark ground, and
//! how quantities are written.

use serde_json::{Value, json};

use super::{
    Axis, Bars, Crowd, Curves, Heatmap, Multiples, Pareto, Quantity, Service, Timeline,
    axis::Values,
    marker::Shape,
    palette::{self, Colour, INK, Look, WHITE},
};

/// A chart's numbers, by what kind of chart it is.
#[derive(Clone, Copy, Debug)]
pub enum Drawing<'a> {
    /// Stacked bars.
    Bars(&'a Bars),
    /// Lines over one axis.
    Curves(&'a Curves),
    /// Lines in panels.
    Multiples(&'a Multiples),
    /// Coloured cells.
    Heatmap(&'a Heatmap),
    /// Points and the front through the best of them, and those without names.
    Pareto(&'a Pareto, &'a [Crowd]),
    /// Figures on one clock.
    Timeline(&'a Timeline),
}

/// The ground of a page that is dark.
const DARK: Colour = Colour(0x14, 0x17, 0x1C);
/// What stands for a colour near black on dark ground.
const PALE: Colour = Colour(0xDD, 0xE1, 0xE6);
/// The least contrast of a line with its ground (WCAG 2.2, 1.4.11).
const CONTRAST: f64 = 3.0;

/// All quantities.
const QUANTITIES: [Quantity; 14] = [
    Quantity::Seconds,
    Quantity::Bytes,
    Quantity::BinaryBytes,
    Quantity::BytesPerSecond,
    Quantity::BinaryBytesPerSecond,
    Quantity::BitsPerSecond,
    Quantity::Dollars,
    Quantity::DollarsPerGb,
    Quantity::DollarsPerHour,
    Quantity::Share,
    Quantity::Count,
    Quantity::PerSecond,
    Quantity::GpuHours,
    Quantity::Factor,
];

/// A look for each service of a chart's series, in order: the colours on light and dark ground, the dashes, the shape
/// of its points and whether that is hollow.
pub(crate) fn looks(services: impl IntoIterator<Item = Service>) -> Vec<Value> {
    let services: Vec<Service> = services.into_iter().collect();
    let looks = palette::looks(services.iter().copied());
    let variant = |at: usize| services[..at].iter().filter(|&&service| service == services[at]).count();
    looks
        .iter()
        .enumerate()
        .map(|(at, look)| look_json(look, on_dark(services[at].colour(), variant(at))))
        .collect()
}

fn look_json(look: &Look, dark: Colour) -> Value {
    let shape = match look.marker.shape {
        Shape::Disc => "disc",
        Shape::Square => "square",
        Shape::Triangle => "triangle",
        Shape::Diamond => "diamond",
        Shape::Inverted => "inverted",
        Shape::Pentagon => "pentagon",
        Shape::Plus => "plus",
        Shape::Cross => "cross",
    };
    json!({
        "colours": [look.colour.to_string(), dark.to_string()],
        "dash": look.dash.pattern(),
        "shape": shape,
        "hollow": look.marker.hollow,
    })
}

/// A service's colour, or a further shade of it, as light as dark ground asks for.
fn on_dark(colour: Colour, variant: usize) -> Colour {
    let mut colour = if colour.luminance() < 0.05 { PALE } else { colour };
    while contrast(colour, DARK) < CONTRAST {
        colour = colour.towards(WHITE, 0.05);
    }
    match variant % 4 {
        0 => colour,
        1 => colour.towards(WHITE, 0.45),
        2 => colour.towards(WHITE, 0.7),
        _ => colour.towards(WHITE, 0.22),
    }
}

/// The contrast of two colours, from 1 to 21 (WCAG 2.2).
fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (a.luminance() + 0.05, b.luminance() + 0.05);
    if a > b { a / b } else { b / a }
}

/// The fill of a bar's nth segment.
pub(crate) fn segment(index: usize) -> Colour {
    palette::segment(index)
}

/// The fill of a cell at `share` of the way along the scale, and the colour of text on it.
pub(crate) fn heat(share: f64) -> (Colour, Colour) {
    let fill = palette::heat(share);
    (fill, if contrast(fill, INK) > contrast(fill, WHITE) { INK } else { WHITE })
}

/// Whether an axis over these values is logarithmic.
pub(crate) fn is_log(axis: &Axis, values: impl IntoIterator<Item = f64>) -> bool {
    Values::of(values).is_log(axis)
}

/// The name by which [`units`] knows a quantity.
pub(crate) fn name(quantity: Quantity) -> String {
    format!("{quantity:?}")
}

/// How each quantity is written: its units with their sizes and from how many on each is used, where number (`#`) and
/// unit (`@`) stand, and what sets it apart.
pub(crate) fn units() -> Value {
    let one = |quantity: Quantity| {
        let units: Vec<Value> =
            quantity.units().iter().map(|unit| json!([unit.symbol, unit.size, unit.from])).collect();
        let form = quantity.dress("#", "@", false);
        let written = json!({
            "units": units,
            "form": form,
            "binary": quantity.is_binary(),
            "money": quantity.is_money(),
            "clock": quantity == Quantity::Seconds,
            "whole": quantity == Quantity::Count,
        });
        (name(quantity), written)
    };
    Value::Object(QUANTITIES.map(one).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [Service; 8] = [
        Service::S3,
        Service::S3Express,
        Service::Efs,
        Service::Fsx,
        Service::LocalDisk,
        Service::Nfs,
        Service::ParallelFs,
        Service::Other,
    ];

    #[test]
    fn every_series_stands_out_on_its_ground() {
        for service in SERVICES {
            for variant in 0..4 {
                assert!(
                    contrast(on_dark(service.colour(), variant), DARK) >= CONTRAST,
                    "{service:?} {variant}"
                );
            }
        }
    }

    #[test]
    fn on_dark_ground_no_two_services_look_alike() {
        let colours: Vec<Colour> = SERVICES.iter().map(|service| on_dark(service.colour(), 0)).collect();
        for (at, colour) in colours.iter().enumerate() {
            assert!(!colours[..at].contains(colour), "{:?}", SERVICES[at]);
        }
    }

    #[test]
    fn a_quantity_tells_where_its_number_and_unit_stand() {
        let units = units();
        assert_eq!(units["DollarsPerGb"]["form"], "$#@/GB");
        assert_eq!(units["Seconds"]["form"], "# @");
        assert_eq!(units["Seconds"]["units"][4], json!(["min", 60.0, 2.0]));
        assert_eq!(units.as_object().unwrap().len(), QUANTITIES.len());
    }
}
