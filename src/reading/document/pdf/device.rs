//! What is drawn on a page: glyphs with places, ruling lines and image areas, recorded from hayro's drawing calls.
//!
//! Also decides how a glyph can be seen (clip, colour, background, cover). Words are made of the glyphs elsewhere.

use crate::reading::document::{Ruling, Visibility};
use hayro_interpret::font::{Glyph as DrawnGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape, Vec2};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask};

/// A thin filled rectangle up to this many points across is a ruling line.
const THIN: f64 = 2.0;
/// Shorter lines are parts of drawings, not of tables.
const SHORTEST_RULING: f64 = 4.0;
/// Text smaller than this is not meant to be read by people.
const TINY: f64 = 2.0;
/// Backgrounds that are remembered; later ones are on top, so old ones go first.
const MOST_BACKGROUNDS: usize = 4_000;
/// How many glyph-against-cover comparisons one page may cost.
const MOST_COVER_CHECKS: usize = 8_000_000;
/// Segments of one path that are looked at.
const MOST_SEGMENTS: usize = 20_000;

/// What may still be recorded in the document.
pub(super) struct Budget {
    pub(super) glyphs: usize,
    pub(super) rulings: usize,
}

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
    fn middle(&self) -> Point {
        self.origin + self.along * (self.advance * 0.5) + self.up * (self.size * 0.25)
    }
}

/// Records one page.
pub(super) struct Recorder<'b> {
    page: Rect,
    budget: &'b mut Budget,
    glyphs: Vec<Glyph>,
    rulings: Vec<Ruling>,
    images: Vec<[f32; 4]>,
    /// Clip areas, each cut to the ones around it; whether all of them are rectangles.
    clips: Vec<(Rect, bool)>,
    opacity: Vec<(f32, bool)>,
    /// Areas filled with something that white text can be read on.
    backgrounds: Vec<Rect>,
    cover_checks: usize,
    run: u32,
}

impl<'b> Recorder<'b> {
    pub(super) fn new(width: f32, height: f32, budget: &'b mut Budget) -> Self {
        Self {
            page: Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
            budget,
            glyphs: Vec::new(),
            rulings: Vec::new(),
            images: Vec::new(),
            clips: Vec::new(),
            opacity: Vec::new(),
            backgrounds: Vec::new(),
            cover_checks: 0,
            run: 0,
        }
    }

    pub(super) fn finish(self) -> (Vec<Glyph>, Vec<Ruling>, Vec<[f32; 4]>) {
        (self.glyphs, self.rulings, self.images)
    }

    /// Text that is not drawn by the page's content but shown by a viewer: the value of a form field, one string on a
    /// baseline that starts at `origin`.
    pub(super) fn shown_by_viewer(&mut self, text: &str, origin: Point, size: f64) {
        self.run += 1;
        let advance = size * 0.5;
        for (index, c) in text.chars().take(self.budget.glyphs).enumerate() {
            self.glyphs.push(Glyph {
                text: c.into(),
                origin: origin + Vec2::new(advance * index as f64, 0.0),
                along: Vec2::new(1.0, 0.0),
                up: Vec2::new(0.0, -1.0),
                advance,
                size,
                bold: false,
                visibility: Visibility::Visible,
                run: self.run,
            });
        }
        self.budget.glyphs = self.budget.glyphs.saturating_sub(text.chars().count());
    }

    fn clip(&self) -> (Rect, bool) {
        self.clips.last().copied().unwrap_or((self.page, true))
    }

    fn is_transparent(&self) -> bool {
        self.opacity.iter().any(|(opacity, _)| *opacity < 0.05)
    }

    fn is_opaque(&self) -> bool {
        self.opacity.iter().all(|(opacity, plain)| *opacity > 0.95 && *plain)
    }

    fn push_clip(&mut self, area: Rect, is_rectangle: bool) {
        let (around, all_rectangles) = self.clip();
        self.clips.push((area.intersect(around), all_rectangles && is_rectangle));
    }

    fn visibility(&self, glyph: &Glyph, shade: Shade, invisible: bool) -> Visibility {
        let middle = glyph.middle();
        if !self.page.inflate(1.0, 1.0).contains(middle) {
            return Visibility::OffPage;
        }
        if invisible || shade == Shade::Transparent || self.is_transparent() {
            return Visibility::Invisible;
        }
        if !self.clip().0.inflate(glyph.size, glyph.size).contains(middle) {
            return Visibility::Invisible;
        }
        if glyph.size < TINY {
            return Visibility::Tiny;
        }
        if shade == Shade::White && !self.backgrounds.iter().rev().any(|area| area.contains(middle)) {
            return Visibility::White;
        }
        Visibility::Visible
    }

    /// Something opaque was painted over `area`: what was written there before cannot be seen any more.
    fn cover(&mut self, area: Rect) {
        if area.width() < 2.0 || area.height() < 2.0 || self.cover_checks + self.glyphs.len() > MOST_COVER_CHECKS {
            return;
        }
        self.cover_checks += self.glyphs.len();
        for glyph in self.glyphs.iter_mut().filter(|glyph| glyph.visibility == Visibility::Visible) {
            if area.contains(glyph.middle()) {
                glyph.visibility = Visibility::Invisible;
            }
        }
    }

    fn background(&mut self, area: Rect) {
        if self.backgrounds.len() >= MOST_BACKGROUNDS {
            self.backgrounds.drain(..MOST_BACKGROUNDS / 2);
        }
        self.backgrounds.push(area);
    }

    fn ruling(&mut self, area: Rect) {
        let area = area.intersect(self.clip().0);
        if area.width().max(area.height()) < SHORTEST_RULING || self.budget.rulings == 0 {
            return;
        }
        self.budget.rulings -= 1;
        self.rulings.push(Ruling { bbox: bbox(area) });
    }

    fn filled(&mut self, path: &BezPath, shade: Shade, covers: bool) {
        let mut whole: Option<Rect> = None;
        for part in subpaths(path) {
            let area = part.bounds;
            whole = Some(whole.map_or(area, |sum| sum.union(area)));
            let thin = area.width().min(area.height()) <= THIN;
            if shade == Shade::Ink && thin && part.is_rectangle {
                self.ruling(area);
            } else if part.is_rectangle && !thin {
                let (clip, exact) = self.clip();
                let area = area.intersect(clip);
                if covers && exact && area.width() > 0.0 && area.height() > 0.0 {
                    self.cover(area);
                    if shade == Shade::White {
                        self.backgrounds.retain(|old| old.intersect(area) != *old);
                    }
                }
                if shade == Shade::Ink {
                    self.background(area);
                }
            }
        }
        // A shape that is no rectangle still is something that white text may stand on: a rounded table head.
        if let Some(area) = whole.filter(|area| shade == Shade::Ink && area.width() > THIN && area.height() > THIN) {
            self.background(area.intersect(self.clip().0));
        }
    }

    fn stroked(&mut self, path: &BezPath, width: f64) {
        let half = (width * 0.5).clamp(0.05, 3.0);
        for (from, to) in straight_segments(path) {
            let flat = (to.y - from.y).abs() <= 0.5;
            let upright = (to.x - from.x).abs() <= 0.5;
            if flat != upright {
                let (x, y) = if flat { (0.0, half) } else { (half, 0.0) };
                self.ruling(Rect::from_points(from, to).inflate(x, y));
            }
        }
    }
}

impl<'a> Device<'a> for Recorder<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let shade = shade(&props.paint);
        if shade == Shade::Transparent || self.is_transparent() {
            return;
        }
        let path = props.transform * path;
        let scale = props.transform.determinant().abs().sqrt();
        let covers = props.soft_mask.is_none()
            && matches!(props.blend_mode, BlendMode::Normal)
            && self.is_opaque()
            && is_solid(&props.paint);
        match mode {
            DrawMode::Fill(_) => self.filled(&path, shade, covers),
            DrawMode::Stroke(stroke) => {
                if shade == Shade::Ink {
                    self.stroked(&path, f64::from(stroke.line_width) * scale);
                }
            }
            DrawMode::FillAndStroke(_, stroke) => {
                self.filled(&path, shade, covers);
                self.stroked(&path, f64::from(stroke.line_width) * scale);
            }
            DrawMode::Invisible => {}
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let mut parts = subpaths(&clip.path);
        let is_rectangle = parts.next().is_some_and(|part| part.is_rectangle) && parts.next().is_none();
        self.push_clip(clip.path.bounding_box(), is_rectangle);
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect, true);
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.opacity.push((opacity, mask.is_none() && matches!(blend_mode, BlendMode::Normal)));
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if self.budget.glyphs == 0 {
            return;
        }
        self.run += 1;
        let shade = shade(&props.paint);
        let glyphs = run.glyphs();
        let (bold, embedded) = glyphs.first().map_or((false, false), |first| weight(first));
        let stretch = Stretch::of(run, embedded);
        for glyph in glyphs {
            if self.budget.glyphs == 0 {
                return;
            }
            let place = props.transform * glyph.transform();
            let Some(mut drawn) = placed(glyph, place, glyph.transform(), &stretch, self.run) else { continue };
            drawn.bold = bold || matches!(mode, DrawMode::FillAndStroke(..));
            drawn.visibility = self.visibility(&drawn, shade, matches!(mode, DrawMode::Invisible));
            self.budget.glyphs -= 1;
            self.glyphs.push(drawn);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let pixels = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let whole = props.transform.transform_rect_bbox(pixels);
        let (clip, exact) = self.clip();
        let area = whole.intersect(clip).intersect(self.page);
        if area.width() <= 0.0 || area.height() <= 0.0 || self.is_transparent() {
            return;
        }
        if let Image::Stencil(_) = image
            && area.width().min(area.height()) <= THIN
        {
            self.ruling(area);
            return;
        }
        if self.images.len() < MOST_BACKGROUNDS {
            self.images.push(bbox(area));
        }
        if let Image::Raster(raster) = &image {
            let stream = raster.stream();
            let see_through = stream.dict().contains_key(b"SMask") || stream.dict().contains_key(b"Mask");
            if !see_through && exact && self.is_opaque() {
                self.cover(area);
            }
            // White text on a page-sized scan would be white on white.
            if area.area() < 0.5 * self.page.area() {
                self.background(area);
            }
        }
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.opacity.pop();
    }
}

/// What a paint looks like on white paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shade {
    Ink,
    White,
    Transparent,
}

fn shade(paint: &Paint<'_>) -> Shade {
    match paint {
        Paint::Color(color) => {
            let [r, g, b, a] = color.to_rgba().to_rgba8();
            if a < 12 {
                Shade::Transparent
            } else if r.min(g).min(b) >= 244 {
                Shade::White
            } else {
                Shade::Ink
            }
        }
        Paint::Pattern(_) => Shade::Ink,
    }
}

fn is_solid(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8()[3] > 242,
        Paint::Pattern(_) => false,
    }
}

/// Whether the font of this glyph is bold, and whether it is embedded in the file.
fn weight(glyph: &DrawnGlyph<'_>) -> (bool, bool) {
    match glyph {
        DrawnGlyph::Outline(outline) => outline.font_data().map_or((false, false), |data| {
            let name = data.postscript_name.unwrap_or_default().to_ascii_lowercase();
            let named = ["bold", "black", "heavy", "demi"].iter().any(|word| name.contains(word));
            (named || data.weight.is_some_and(|weight| weight >= 600), true)
        }),
        DrawnGlyph::Type3(_) => (false, true),
    }
}

/// hayro squeezes the outlines of a substitute font to the widths that the file states, and that squeeze is part of each
/// glyph's transform. Advances must not be squeezed twice, so the text's own horizontal scale is worked out per run.
enum Stretch {
    /// The transform's x axis is the text's own.
    AsDrawn,
    /// The text's own x axis is this many times as long as its y axis.
    Ratio(f64),
}

impl Stretch {
    fn of(run: &GlyphRun<'_, '_>, embedded: bool) -> Self {
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
fn placed(glyph: &DrawnGlyph<'_>, place: Affine, own: Affine, stretch: &Stretch, run: u32) -> Option<Glyph> {
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

struct Part {
    bounds: Rect,
    is_rectangle: bool,
}

/// The closed parts of a path with their bounds.
fn subpaths(path: &BezPath) -> impl Iterator<Item = Part> + '_ {
    let elements = path.elements();
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut points: Vec<Point> = Vec::new();
        let mut straight = true;
        while at < elements.len().min(MOST_SEGMENTS) {
            match elements[at] {
                PathEl::MoveTo(_) if points.len() > 1 => break,
                PathEl::MoveTo(p) => points = vec![p],
                PathEl::LineTo(p) => points.push(p),
                PathEl::QuadTo(a, p) => {
                    straight = false;
                    points.extend([a, p]);
                }
                PathEl::CurveTo(a, b, p) => {
                    straight = false;
                    points.extend([a, b, p]);
                }
                PathEl::ClosePath => {}
            }
            at += 1;
        }
        let first = *points.first().filter(|_| points.len() > 1)?;
        let bounds = points.iter().fold(Rect::from_points(first, first), |sum, p| sum.union_pt(*p));
        let on_edge = |p: &Point| {
            let near = |a: f64, b: f64| (a - b).abs() < 0.02;
            (near(p.x, bounds.x0) || near(p.x, bounds.x1)) && (near(p.y, bounds.y0) || near(p.y, bounds.y1))
        };
        let is_rectangle = straight && (2..=6).contains(&points.len()) && points.iter().all(on_edge);
        Some(Part { bounds, is_rectangle })
    })
}

fn straight_segments(path: &BezPath) -> Vec<(Point, Point)> {
    let (mut start, mut last) = (Point::ZERO, Point::ZERO);
    let mut segments = Vec::new();
    for element in path.elements().iter().take(MOST_SEGMENTS) {
        match *element {
            PathEl::MoveTo(p) => (start, last) = (p, p),
            PathEl::LineTo(p) => {
                segments.push((last, p));
                last = p;
            }
            PathEl::QuadTo(_, p) | PathEl::CurveTo(_, _, p) => last = p,
            PathEl::ClosePath => {
                segments.push((last, start));
                last = start;
            }
        }
    }
    segments
}

fn bbox(area: Rect) -> [f32; 4] {
    [area.x0 as f32, area.y0 as f32, area.x1 as f32, area.y1 as f32]
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
    fn a_rectangle_is_told_from_other_shapes() {
        let rect = Rect::new(1.0, 2.0, 30.0, 3.0).to_path(0.1);
        let mut triangle = BezPath::new();
        triangle.move_to((0.0, 0.0));
        triangle.line_to((10.0, 0.0));
        triangle.line_to((5.0, 8.0));
        triangle.close_path();
        let kinds = |path: &BezPath| subpaths(path).map(|part| part.is_rectangle).collect::<Vec<_>>();
        assert_eq!(kinds(&rect), [true]);
        assert_eq!(kinds(&triangle), [false]);
        let both: BezPath = rect.iter().chain(triangle.iter()).collect();
        assert_eq!(kinds(&both), [true, false]);
    }
}
