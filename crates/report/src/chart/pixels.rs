//! From painted pixels to the bytes of a PNG with a palette.
//!
//! A chart is flat areas and the blends along their edges, so 256 colours show it without a visible difference, in a
//! third of the bytes that full colour takes.

use std::collections::BTreeMap;

/// Painted pixels per pixel of the file, in each direction.
pub(super) const OVERSAMPLING: u32 = 2;

const PALETTE_MAX: usize = 256;

type Rgb = [u8; 3];

/// Averages every two by two pixels of an RGB picture into one; `width` is that of the result.
pub(super) fn halved(pixels: &[u8], width: usize) -> Vec<Rgb> {
    let row = 2 * 3 * width;
    let mut small = Vec::with_capacity(pixels.len() / 12);
    for pair in pixels.chunks_exact(2 * row) {
        let (upper, lower) = pair.split_at(row);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            let mean = |part: usize| {
                let sum = [above[part], above[part + 3], below[part], below[part + 3]].map(u16::from);
                ((sum.iter().sum::<u16>() + 2) / 4) as u8
            };
            small.push([mean(0), mean(1), mean(2)]);
        }
    }
    small
}

/// A PNG of these pixels, with the commonest colours as its palette and every other replaced by the nearest of them.
pub(super) fn encode(pixels: &[Rgb], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let counts = count(pixels);
    let palette = commonest(&counts);
    let indexes: BTreeMap<Rgb, u8> =
        counts.keys().map(|&colour| (colour, nearest(&palette, colour))).collect();
    let mut last = (pixels[0], indexes[&pixels[0]]);
    let mut rows = Vec::with_capacity(pixels.len());
    for &pixel in pixels {
        if pixel != last.0 {
            last = (pixel, indexes[&pixel]);
        }
        rows.push(last.1);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&rows)?;
    Ok(bytes)
}

/// How often each colour occurs.
fn count(pixels: &[Rgb]) -> BTreeMap<Rgb, u32> {
    let mut counts = BTreeMap::new();
    for run in pixels.chunk_by(|a, b| a == b) {
        *counts.entry(run[0]).or_default() += run.len() as u32;
    }
    counts
}

fn commonest(counts: &BTreeMap<Rgb, u32>) -> Vec<Rgb> {
    let mut colours: Vec<(u32, Rgb)> = counts.iter().map(|(&colour, &count)| (count, colour)).collect();
    colours.sort_by(|a, b| b.cmp(a));
    colours.into_iter().take(PALETTE_MAX).map(|(_, colour)| colour).collect()
}

/// The index of the palette's colour with the least squared distance.
fn nearest(palette: &[Rgb], colour: Rgb) -> u8 {
    let distance = |other: &Rgb| -> i32 {
        (0..3).map(|part| i32::from(other[part]) - i32::from(colour[part])).map(|d| d * d).sum()
    };
    let best = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    best.map_or(0, |(index, _)| index as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four grey pixels 0, 10, 20, 31 make one of 61/4 = 15.25, rounded to 15.
    #[test]
    fn four_pixels_are_averaged_into_one() {
        let pixels = [[0; 3], [10; 3], [20; 3], [31; 3]].concat();
        assert_eq!(halved(&pixels, 1), [[15; 3]]);
    }

    /// A thousand colours, one of which fills half the picture: that one survives exactly, the rest closely.
    #[test]
    fn colours_beyond_the_palette_go_to_their_nearest() {
        let mut pixels: Vec<Rgb> = (0..1000_u32).map(|i| [(i % 250) as u8, (i / 4 % 250) as u8, 9]).collect();
        pixels.extend([[200, 10, 255]; 1000]);
        let bytes = encode(&pixels, (100, 20)).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut decoded = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut decoded).unwrap();
        let decoded: Vec<Rgb> = decoded.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
        assert_eq!(decoded[1000..], pixels[1000..]);
        assert_eq!(decoded.len(), 2000);
        assert!(decoded[..1000].iter().all(|colour| colour[2] == 9));
    }
}
