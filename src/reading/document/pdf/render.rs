//! A PDF page as an image: PNG for the review desk, grey pixels for OCR.

use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use hayro_interpret::kurbo::{BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings,
    RectExt, SoftMask, TransformExt, font::GlyphRun, interpret_page,
};
use hayro_syntax::page::Page;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// No page image has more pixels than this, whatever resolution is asked for.
const MOST_PIXELS: f64 = 20e6;
/// Sharper than this helps neither people nor OCR.
const OCR_DPI: (f64, f64) = (150.0, 300.0);

/// Why there is no image of a page.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum RenderError {
    #[error("the document cannot be opened")]
    Unreadable,
    #[error("the document has no page {0}")]
    NoSuchPage(u32),
    #[error("a document of this kind has no page images")]
    NotAPicture,
    #[error("the page could not be drawn: {0}")]
    Failed(String),
}

/// Grey pixels, one byte each, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct PageImage {
    pub width: u32,
    pub height: u32,
    /// Pixels an inch; the page's size in points is pixels x 72 / dpi.
    pub dpi: f32,
    pub pixels: Vec<u8>,
}

impl PageImage {
    /// Nothing on it: one shade all over.
    pub fn is_blank(&self) -> bool {
        let first = self.pixels.first().copied().unwrap_or(255);
        self.pixels.iter().all(|pixel| pixel.abs_diff(first) < 8)
    }

    /// As a binary PGM file, which needs no encoding.
    pub fn to_pgm(&self) -> Vec<u8> {
        let mut out = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        out.extend_from_slice(&self.pixels);
        out
    }
}

/// Page `number` (from 1) as a PNG at `dpi` (cut to what fits into memory).
pub fn png_page(bytes: &[u8], number: u32, dpi: u32) -> Result<Vec<u8>, RenderError> {
    let pdf = super::open_repaired(bytes).ok_or(RenderError::Unreadable)?;
    let page = pdf.pages().get(number.wrapping_sub(1) as usize).ok_or(RenderError::NoSuchPage(number))?;
    let (pixmap, _) = drawn(page, f64::from(dpi.clamp(20, 600)));
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    // The background is opaque white, so premultiplied and plain colours are the same.
    let rgb: Vec<u8> = pixmap.data().iter().flat_map(|p| [p.r, p.g, p.b]).collect();
    png(&rgb, width, height, ExtendedColorType::Rgb8)
}

pub(crate) fn png(pixels: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Result<Vec<u8>, RenderError> {
    let mut out = Vec::new();
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Up)
        .write_image(pixels, width, height, color)
        .map_err(|e| RenderError::Failed(e.to_string()))?;
    Ok(out)
}

/// Page `number` (from 1) in grey for OCR: a scan at its own resolution (enlarging it harms recognition), anything else at
/// 300 dpi.
pub fn gray_page(bytes: &[u8], number: u32) -> Result<PageImage, RenderError> {
    let pdf = super::open_repaired(bytes).ok_or(RenderError::Unreadable)?;
    let page = pdf.pages().get(number.wrapping_sub(1) as usize).ok_or(RenderError::NoSuchPage(number))?;
    let (pixmap, dpi) = drawn(page, scan_dpi(page));
    let luma = |r: u8, g: u8, b: u8| ((u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000) as u8;
    let pixels = pixmap.data().iter().map(|p| luma(p.r, p.g, p.b)).collect();
    Ok(PageImage { width: u32::from(pixmap.width()), height: u32::from(pixmap.height()), dpi: dpi as f32, pixels })
}

fn drawn(page: &Page<'_>, dpi: f64) -> (Pixmap, f64) {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width.max(1.0)), f64::from(height.max(1.0)));
    let most = (MOST_PIXELS / (width * height)).sqrt().min(f64::from(u16::MAX) / width.max(height));
    // At least one pixel each way, however thin the page is.
    let scale = (dpi / 72.0).min(most).max(1.0 / width.min(height));
    let settings = PixmapSettings { x_scale: scale as f32, y_scale: scale as f32, bg_color: WHITE };
    let pixmap = render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    (pixmap, scale * 72.0)
}

/// The resolution of the page's largest image, as drawn.
fn scan_dpi(page: &Page<'_>) -> f64 {
    let (width, height) = page.render_dimensions();
    let mut finder = LargestImage { page: f64::from(width * height), area: 0.0, dpi: OCR_DPI.1 };
    let transform = page.initial_transform(true).to_kurbo();
    let area = transform.transform_rect_bbox(page.intersected_crop_box().to_kurbo());
    let mut context = Context::new(transform, area, &InterpreterCache::new(), page.xref(), InterpreterSettings::default());
    interpret_page(page, &mut context, &mut finder);
    finder.dpi.clamp(OCR_DPI.0, OCR_DPI.1)
}

struct LargestImage {
    page: f64,
    area: f64,
    dpi: f64,
}

impl<'a> Device<'a> for LargestImage {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let pixels = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let area = props.transform.transform_rect_bbox(pixels).area();
        let [a, b, _, _, _, _] = props.transform.as_coeffs();
        let points_per_pixel = a.hypot(b);
        if area > self.area && area > 0.3 * self.page && points_per_pixel > 0.0 {
            self.area = area;
            self.dpi = 72.0 / points_per_pixel;
        }
    }
}
