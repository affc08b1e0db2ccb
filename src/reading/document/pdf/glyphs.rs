//! One glyph as drawn: which characters it stands for, where it is, how far its font says it reaches, whether it is bold.

use crate::reading::document::Visibility;
use hayro_interpret::font::{Glyph as DrawnGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, Point, Vec2};

/// One character (or ligature) as drawn, in points from the top left corner.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    /// Empty where the font does not say; white space for a space.
    pub(super) text: String,
    /// Where its baseline starts.
    pub(super) origin: Point,
    /// Unit vector along the baseline.
    pub(super) along: Vec2,
    /// Unit vector from the baseline to the ascenders.
    pub(super) up: Vec2,
    /// Points along the baseline to where the font's width ends.
    pub(super) advance: f64,
    /// Height of the em square, points.
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) visibility: Visibility,
    /// Counts the strings shown: glyphs of one run were placed by one operator.
    pub(super) run: u32,
}

impl Glyph {
    pub(super) fn end(&self) -> Point {
        self.origin + self.along * self.advance
    }

    /// A point in the middle of a small letter.
    pub(super) fn middle(&self) -> Point {
        self.origin + self.along * (self.advance * 0.5) + self.up * (self.size * 0.25)
    }
}

/// Whether the font of a run is bold, and whether it is embedded in the file.
pub(super) fn weight(run: &GlyphRun<'_, '_>) -> (bool, bool) {
    match run.glyphs().first().map(|glyph| &**glyph) {
        Some(DrawnGlyph::Outline(outline)) => outline.font_data().map_or_else(
            || (has_bold_widths(run), false),
            |data| {
                let name = data.postscript_name.unwrap_or_default().to_ascii_lowercase();
                let named = ["bold", "black", "heavy", "demi"].iter().any(|word| name.contains(word));
                (named || data.weight.is_some_and(|weight| weight >= 600), true)
            },
        ),
        Some(DrawnGlyph::Type3(_)) | None => (false, true),
    }
}

/// Letters, with their widths in the regular and in the bold cut of a standard font (1/1000 em, Adobe's font metrics).
type Widths = [(&'static str, f32, f32)];

const HELVETICA: &Widths = &[
    ("cksvxyJ", 500.0, 556.0),
    ("bdghnopquL", 556.0, 611.0),
    ("ft", 278.0, 333.0),
    ("ijl", 222.0, 278.0),
    ("ABK", 667.0, 722.0),
    ("m", 833.0, 889.0),
    ("w", 722.0, 778.0),
    ("r", 333.0, 389.0),
];
const TIMES: &Widths = &[
    ("bdhknpqux", 500.0, 556.0),
    ("a", 444.0, 500.0),
    ("r", 333.0, 444.0),
    ("m", 778.0, 833.0),
    ("t", 278.0, 333.0),
    ("BELT", 611.0, 667.0),
    ("C", 667.0, 722.0),
    ("O", 722.0, 778.0),
    ("P", 556.0, 611.0),
    ("v", 500.0, 500.0),
    ("e", 444.0, 444.0),
];

/// Fonts that are not embedded do not say their names here; the standard ones betray their weight by their widths. A run
/// that fits a bold cut and no regular one is bold.
fn has_bold_widths(run: &GlyphRun<'_, '_>) -> bool {
    let letters: Vec<(char, f32)> = run
        .glyphs()
        .iter()
        .take(40)
        .filter_map(|glyph| match (&**glyph, glyph.as_unicode()) {
            (DrawnGlyph::Outline(outline), Some(BfString::Char(c))) => Some((c, outline.advance_width()?)),
            _other => None,
        })
        .collect();
    is_bold(&letters)
}

fn is_bold(letters: &[(char, f32)]) -> bool {
    let fits = |widths: &Widths, bold: bool| {
        let mut told = 0;
        letters.iter().all(|(letter, width)| match widths.iter().find(|(letters, _, _)| letters.contains(*letter)) {
            Some((_, regular, heavy)) => {
                told += 1;
                (width - if bold { heavy } else { regular }).abs() < 2.0
            }
            None => true,
        }) && told > 0
    };
    let any = |bold| fits(HELVETICA, bold) || fits(TIMES, bold);
    any(true) && !any(false)
}

/// hayro squeezes the outlines of a substitute font to the widths that the file states, and that squeeze is part of each
/// glyph's transform. Advances must not be squeezed twice, so the text's own horizontal scale is worked out per run.
pub(super) enum Stretch {
    /// The transform's x axis is the text's own.
    AsDrawn,
    /// The text's own x axis is this many times as long as its y axis.
    Ratio(f64),
}

impl Stretch {
    pub(super) fn of(run: &GlyphRun<'_, '_>, embedded: bool) -> Self {
        if embedded {
            return Self::AsDrawn;
        }
        let mut ratios: Vec<f64> = run.glyphs().iter().map(|glyph| axes(glyph.transform())).map(|(x, y)| x / y).collect();
        ratios.retain(|ratio| ratio.is_finite());
        ratios.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (ratios.first(), ratios.last()) else { return Self::AsDrawn };
        if ratios.len() >= 3 && last - first < 0.005 {
            return Self::AsDrawn;
        }
        Self::Ratio(commonest(&ratios).unwrap_or(1.0))
    }
}

/// The value that at least two fifths of the sorted ratios share (within half a percent).
fn commonest(sorted: &[f64]) -> Option<f64> {
    let need = (sorted.len() * 2).div_ceil(5).max(2);
    sorted.windows(need).find(|window| window[need - 1] - window[0] < 0.005).map(|window| window[need / 2])
}

/// Lengths of the transformed x and y unit vectors.
fn axes(transform: Affine) -> (f64, f64) {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    (a.hypot(b), c.hypot(d))
}

/// The glyph in page points; `None` where its transform is degenerate or far away.
pub(super) fn placed(glyph: &DrawnGlyph<'_>, place: Affine, own: Affine, stretch: &Stretch, run: u32) -> Option<Glyph> {
    let [a, b, c, d, x, y] = place.as_coeffs();
    let (x_length, y_length) = axes(place);
    let usable = [x, y, x_length, y_length].iter().all(|value| value.is_finite() && value.abs() < 1e6);
    if !usable || x_length <= 0.0 || y_length <= 0.0 {
        return None;
    }
    let width = match glyph {
        DrawnGlyph::Outline(outline) => outline.advance_width(),
        DrawnGlyph::Type3(type3) => type3.advance_width(),
    };
    // A font without widths: half an em is what most letters come to.
    let width = width.filter(|width| width.is_finite() && *width >= 0.0 && *width < 10_000.0).map_or(500.0, f64::from);
    let per_unit = match stretch {
        Stretch::AsDrawn => x_length,
        Stretch::Ratio(ratio) => {
            let (own_x, own_y) = axes(own);
            // What the page's transform makes of the x axis, without this glyph's squeeze.
            if own_x > 0.0 { x_length / own_x * own_y * ratio } else { x_length }
        }
    };
    let text = match glyph.as_unicode() {
        Some(BfString::Char(c)) => cleaned(&c.to_string()),
        Some(BfString::String(s)) => cleaned(&s),
        None => char::REPLACEMENT_CHARACTER.to_string(),
    };
    Some(Glyph {
        text,
        origin: Point::new(x, y),
        along: Vec2::new(a / x_length, b / x_length),
        up: Vec2::new(c / y_length, d / y_length),
        advance: width * per_unit,
        size: y_length * 1000.0,
        bold: false,
        visibility: Visibility::Visible,
        run,
    })
}

/// The characters as a reader would type them: ligatures taken apart, typographic hyphens plain, no control characters.
///
/// Not NFKC: that would make figures of superscripts and fractions.
pub(super) fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{FB00}' => out.push_str("ff"),
            '\u{FB01}' => out.push_str("fi"),
            '\u{FB02}' => out.push_str("fl"),
            '\u{FB03}' => out.push_str("ffi"),
            '\u{FB04}' => out.push_str("ffl"),
            '\u{FB05}' | '\u{FB06}' => out.push_str("st"),
            '\u{AD}' | '\u{2010}' | '\u{2011}' => out.push('-'),
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' => {}
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() => {}
            // Symbol fonts: the low byte is the character.
            '\u{F021}'..='\u{F07E}' => out.extend(char::from_u32(c as u32 - 0xF000)),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_what_a_reader_would_type() {
        let table = [("\u{FB01}x", "fix"), ("A\u{AD}1", "A-1"), ("\u{200B}7", "7"), ("½²", "½²"), ("\u{F041}", "A"), ("\u{1}", "")];
        for (drawn, typed) in table {
            assert_eq!(cleaned(drawn), typed, "{drawn:?}");
        }
    }

    #[test]
    fn standard_fonts_betray_their_weight() {
        let word = |letters: &str, widths: &[f32]| letters.chars().zip(widths.iter().copied()).collect::<Vec<_>>();
        let table = [
            ("Total", [611.0, 556.0, 278.0, 556.0, 222.0], false), // Helvetica
            ("Total", [611.0, 611.0, 333.0, 556.0, 278.0], true),  // Helvetica-Bold
            ("Total", [611.0, 500.0, 278.0, 444.0, 278.0], false), // Times-Roman
            ("Total", [667.0, 500.0, 333.0, 500.0, 278.0], true),  // Times-Bold
            ("Total", [600.0; 5], false),                          // Courier
            ("12345", [556.0; 5], false),
        ];
        for (letters, widths, bold) in table {
            assert_eq!(is_bold(&word(letters, &widths)), bold, "{letters} {widths:?}");
        }
    }
}
