//! The files a chart writes.

use std::{fs, path::Path};

use ingestsim_report::chart::{Chart, ChartError};

use crate::samples;

/// Names of the files in a folder, in order.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Set CHART_GALLERY to a folder to look at them.
#[test]
fn every_chart_becomes_a_png_of_twice_the_size_and_an_svg() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("CHART_GALLERY").map_or(temporary.path().to_owned(), Into::into);
    for (name, chart) in samples::all() {
        let [png, svg] = chart.draw(&folder.join(name)).unwrap();
        let bytes = fs::read(&png).unwrap();
        assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n", "{name}");
        // Width and height stand in the header, big-endian, from the 16th byte on.
        let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let text = fs::read_to_string(&svg).unwrap();
        let size = format!("<svg width=\"{}\" height=\"{}\"", length(16) / 2, length(20) / 2);
        assert!(text.starts_with(&size) && length(16) == 2400, "{name}: {size}");
        assert_eq!(text, chart.svg().unwrap(), "{name}");
    }
}

#[test]
fn an_svg_is_the_same_to_the_byte_every_time() {
    for (name, chart) in samples::all() {
        assert_eq!(chart.svg().unwrap(), chart.svg().unwrap(), "{name}");
    }
}

#[test]
fn an_extension_is_added_to_a_name_with_a_dot() {
    let folder = tempfile::tempdir().unwrap();
    samples::heatmap().draw(&folder.path().join("charts/size-1.5")).unwrap();
    assert_eq!(listing(&folder.path().join("charts")), ["size-1.5.png", "size-1.5.svg"]);
}

/// A folder stands where the PNG should go, so the draw fails: the old SVG stays, and no draft is left behind.
#[test]
fn a_failing_draw_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("heat.png/occupied")).unwrap();
    fs::write(folder.path().join("heat.svg"), "old").unwrap();
    let outcome = samples::heatmap().draw(&folder.path().join("heat"));
    assert!(matches!(outcome, Err(ChartError::Write { .. })), "{outcome:?}");
    assert_eq!(listing(folder.path()), ["heat.png", "heat.svg"]);
    assert_eq!(fs::read_to_string(folder.path().join("heat.svg")).unwrap(), "old");
}

/// The name of a picture is what a screen reader says, and text stays text.
#[test]
fn an_svg_says_its_finding() {
    let svg = samples::multiples().svg().unwrap();
    assert!(svg.contains("<title>Only S3 keeps its pace as nodes are added</title>"));
    assert!(svg.contains("parallel reads per GPU") && svg.contains("32 nodes"));
}
