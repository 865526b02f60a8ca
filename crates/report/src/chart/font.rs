//! The bundled face: how wide a text is, where it wraps, where it is cut.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, point};

/// What an SVG asks for: the bundled face, then the one with nearly the same widths, then any without serifs.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

static REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans-latin.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold-latin.ttf");

fn face(bold: bool) -> &'static FontRef<'static> {
    static FACES: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        [REGULAR, BOLD]
            .map(|bytes| FontRef::try_from_slice(bytes).expect("the bundled face is a readable font"))
    });
    &faces[usize::from(bold)]
}

/// The width of a text in logical pixels at an em of `size`.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let face = face(bold);
    let units = f64::from(face.units_per_em().expect("the bundled face says how many units make an em"));
    let glyphs: Vec<_> = text.chars().map(|c| face.glyph_id(c)).collect();
    let advances: f32 = glyphs.iter().map(|&glyph| face.h_advance_unscaled(glyph)).sum();
    let kerning: f32 = glyphs.windows(2).map(|pair| face.kern_unscaled(pair[0], pair[1])).sum();
    f64::from(advances + kerning) * size / units
}

/// The pixels that a text covers, each with the share of it that is inked.
///
/// The text's baseline begins at `(x, y)`, in pixels that need not be whole.
pub(super) fn ink(text: &str, (x, y): (f64, f64), em: f64, bold: bool, mut pixel: impl FnMut(i32, i32, f64)) {
    let face = face(bold);
    let units = face.units_per_em().expect("the bundled face says how many units make an em");
    let scale = PxScale::from(em as f32 * face.height_unscaled() / units);
    let (mut pen, mut before) = (x as f32, None);
    for id in text.chars().map(|c| face.glyph_id(c)) {
        pen += before.map_or(0.0, |before| face.kern_unscaled(before, id)) * em as f32 / units;
        let glyph = Glyph { id, scale, position: point(pen, y as f32) };
        pen += face.h_advance_unscaled(id) * em as f32 / units;
        before = Some(id);
        let Some(outline) = face.outline_glyph(glyph) else { continue };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, share| {
            pixel(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, f64::from(share));
        });
    }
}

/// Breaks a text into at most `lines` lines no wider than `room`; what does not fit ends in an ellipsis.
///
/// A word wider than the room is broken inside.
pub(super) fn wrap(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let fits = |line: &str| width(line, size, bold) <= room;
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    // What a no-break space joins stays together, and reads as if it were a plain one.
    let words = text.split([' ', '\n']).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.rev().map(|word| word.replace('\u{a0}', " ")).collect();
    while let Some(word) = words.pop() {
        let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
        } else if done.len() + 1 == lines {
            done.push(cut(&longer, size, bold, room));
            return done;
        } else if line.is_empty() {
            let (head, tail) = split(&word, fits);
            done.push(head);
            words.push(tail);
        } else {
            done.push(std::mem::take(&mut line));
            words.push(word);
        }
    }
    if !line.is_empty() {
        done.push(line);
    }
    done
}

/// Like [`wrap`], but with lines as even as their number allows, so that no last line holds one short word.
pub(super) fn wrap_evenly(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let widest = wrap(text, size, bold, room, lines);
    let same = |narrower: f64| {
        let wrapped = wrap(text, size, bold, narrower, usize::MAX);
        (wrapped.len() == widest.len()).then_some(wrapped)
    };
    (10..20).find_map(|twentieths| same(room * f64::from(twentieths) / 20.0)).unwrap_or(widest)
}

/// The text, or as much of its beginning as fits into `room` before an ellipsis.
pub(super) fn cut(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while kept.pop().is_some() {
        let short = format!("{}…", kept.trim_end());
        if width(&short, size, bold) <= room {
            return short;
        }
    }
    String::new()
}

/// Splits a word behind its longest prefix that fits, at least one character long, or better behind the last sign in
/// it that joins the parts of a name.
fn split(word: &str, fits: impl Fn(&str) -> bool) -> (String, String) {
    let ends: Vec<usize> = word.char_indices().map(|(start, c)| start + c.len_utf8()).collect();
    let end = ends.iter().copied().take_while(|&end| fits(&word[..end])).last().unwrap_or(ends[0]);
    let end = word[..end].rfind(['-', '/', '_', '=', ',', '.']).map_or(end, |sign| sign + 1);
    (word[..end].to_owned(), word[end..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DejaVu's digits are all 1303/2048 em wide: ten of them at an em of 20 are 127.2 pixels.
    #[test]
    fn digits_have_the_width_the_face_states() {
        assert!((width("0123456789", 20.0, false) - 127.2).abs() < 0.1);
    }

    #[test]
    fn bold_is_wider_than_regular() {
        assert!(width("storage", 14.0, true) > width("storage", 14.0, false));
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "the quick brown fox jumps over the lazy dog";
        let lines = wrap(text, 14.0, false, 90.0, 99);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 14.0, false) <= 90.0));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn a_no_break_space_breaks_no_line() {
        let room = width("files of 10", 14.0, false) + 1.0;
        assert_eq!(wrap("files of 10 kB", 14.0, false, room, 2), ["files of 10", "kB"]);
        assert_eq!(wrap("files of 10\u{a0}kB", 14.0, false, room, 2), ["files of", "10 kB"]);
    }

    /// Greedily, "seven" would stand alone on the second line.
    #[test]
    fn even_lines_do_not_leave_a_word_alone() {
        let text = "one two three four five six seven";
        let room = width("one two three four five six", 14.0, false) + 1.0;
        assert_eq!(wrap(text, 14.0, false, room, 2)[1], "seven");
        assert_eq!(wrap_evenly(text, 14.0, false, room, 2), ["one two three", "four five six seven"]);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let lines = wrap("one two three four five six seven eight", 14.0, false, 80.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && width(&lines[1], 14.0, false) <= 80.0);
    }

    #[test]
    fn a_long_name_is_broken_behind_a_hyphen() {
        let room = width("throughput-bou", 14.0, false);
        assert_eq!(wrap("throughput-bound", 14.0, false, room, 2), ["throughput-", "bound"]);
    }

    #[test]
    fn a_word_wider_than_the_room_is_broken() {
        let lines = wrap("aaaaaaaaaaaaaaaaaaaaaaaa", 14.0, false, 60.0, 99);
        assert_eq!(lines.concat(), "aaaaaaaaaaaaaaaaaaaaaaaa");
        assert!(lines.iter().all(|line| width(line, 14.0, false) <= 60.0));
    }

    #[test]
    fn the_subset_holds_the_signs_that_charts_use() {
        for sign in "µ×–−≤≥±$%²→←↑↓↖↗↘↙…·“”’é€".chars() {
            assert!([false, true].iter().all(|&bold| face(bold).glyph_id(sign).0 != 0), "{sign} is missing");
        }
        assert_eq!(face(false).glyph_id('\u{e000}').0, 0);
    }

    /// An "l" at an em of 100 is a stroke 73 high (1556/2048 em) on its baseline, right of where it begins.
    #[test]
    fn ink_stands_on_the_baseline() {
        let mut inked = Vec::new();
        ink("l", (10.0, 200.0), 100.0, false, |x, y, share| {
            if share > 0.5 {
                inked.push((x, y));
            }
        });
        let rows = (inked.iter().map(|p| p.1).min().unwrap(), inked.iter().map(|p| p.1).max().unwrap());
        assert_eq!(rows, (124, 199));
        assert!(inked.iter().all(|p| p.0 > 17 && p.0 < 30));
    }
}
