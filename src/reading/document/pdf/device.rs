//! What is drawn on a page: glyphs with places, ruling lines and image areas, recorded from hayro's drawing calls.
//!
//! Also decides how a glyph can be seen (clip, colour, background, cover). Words are made of the glyphs elsewhere.

use super::glyphs::{Glyph, Stretch, placed, weight};
use super::shapes::{Shade, is_solid, shade, straight_segments, subpaths};
use crate::reading::document::{Ruling, Visibility};
use hayro_interpret::font::GlyphRun;
use hayro_interpret::kurbo::{BezPath, Point, Rect, Shape, Vec2};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

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

/// What may still be recorded in the document.
pub(super) struct Budget {
    pub(super) glyphs: usize,
    pub(super) rulings: usize,
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
        if !origin.is_finite() {
            return;
        }
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
        if area.width().max(area.height()) < SHORTEST_RULING || !area.is_finite() || self.budget.rulings == 0 {
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
        let (bold, embedded) = weight(run);
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
        if !area.is_finite() || area.width() <= 0.0 || area.height() <= 0.0 || self.is_transparent() {
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

fn bbox(area: Rect) -> [f32; 4] {
    [area.x0 as f32, area.y0 as f32, area.x1 as f32, area.y1 as f32]
}
