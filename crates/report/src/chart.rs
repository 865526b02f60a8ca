//! Charts as PNG and SVG, fit for a slide, drawn without any system font.
//!
//! Each chart is a plain struct of numbers and words that knows nothing of the simulator: the caller says what was
//! found, what was held fixed and where the figures come from, and [`Chart::draw`] writes both files. A chart is first
//! laid out as shapes in logical pixels, with texts measured in the bundled face, and then painted twice by plotters:
//! to SVG with text as text, and to a PNG of twice the size. The same input gives the same bytes.

mod axis;
mod bars;
mod curves;
mod file;
mod font;
mod frame;
mod heatmap;
mod labels;
mod legend;
mod lines;
mod marker;
mod multiples;
pub(crate) mod page;
mod palette;
mod pareto;
mod pixels;
mod plot;
mod quantity;
mod render;
mod scatter_log;
mod scene;
mod ticks;
mod timeline;

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

pub use self::{
    axis::{Axis, Spacing},
    bars::{Bar, Bars, Segment},
    curves::{Curves, Reference},
    frame::Frame,
    heatmap::{Heatmap, Keys},
    lines::{Datum, Series},
    multiples::{Multiples, Panel},
    page::Drawing,
    palette::{Colour, Key, Service},
    pareto::{Better, Candidate, Crowd, Crowded, Pareto},
    quantity::Quantity,
    scatter_log::{Case, ScatterLog, Use},
    scene::Scene,
    timeline::{Row, Timeline},
};

/// Something that can be drawn.
pub trait Chart {
    /// The chart laid out as shapes.
    fn scene(&self) -> Scene;

    /// The chart's numbers, for a page that draws it by itself; none if it is to be shown as a picture.
    fn drawing(&self) -> Option<Drawing<'_>> {
        None
    }

    /// The chart as an SVG document, for embedding.
    ///
    /// # Errors
    ///
    /// If plotters cannot paint it.
    fn svg(&self) -> Result<String, ChartError> {
        render::svg(&self.scene())
    }

    /// The chart as a PNG file's bytes.
    ///
    /// # Errors
    ///
    /// If plotters cannot paint it.
    fn png(&self) -> Result<Vec<u8>, ChartError> {
        render::png(&self.scene())
    }

    /// Writes `path.png` and `path.svg`, and returns their paths in this order.
    ///
    /// Both are written beside their final place and renamed when both are complete, so no failure leaves a broken
    /// file. Missing folders are made.
    ///
    /// # Errors
    ///
    /// If plotters cannot paint the chart, or a file cannot be written.
    fn draw(&self, path_without_extension: &Path) -> Result<[PathBuf; 2], ChartError> {
        file::write_both(&self.scene(), path_without_extension)
    }
}

/// Why a chart could not be drawn.
#[derive(Debug, Error)]
pub enum ChartError {
    /// A file or folder could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// plotters refused.
    #[error("painting {format} failed: {message}")]
    Paint {
        /// "PNG" or "SVG".
        format: &'static str,
        /// What plotters said.
        message: String,
    },
}
