//! A picture as a document: one page without words and with one image area. Words come from OCR (`reading::confined`).

use super::pdf::{PageImage, RenderError};
use super::{Document, Limits, Page, SourceKind, named, refused};
use crate::model::{Code, Finding, Severity};
use image::{DynamicImage, ImageReader};
use std::io::Cursor;

/// Width of the paper that a picture is taken to show where it does not say its resolution, inches (A4 and letter alike).
const PAPER_WIDTH: f32 = 8.3;
/// Most pixels that are decoded.
const MOST_PIXELS: u64 = 60_000_000;

/// One page of the picture's size.
pub(super) fn read(bytes: &[u8], name: &str, _limits: &Limits) -> Document {
    let size = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok().and_then(|reader| reader.into_dimensions().ok());
    let Some((width, height)) = size.filter(|(width, height)| *width > 0 && *height > 0) else {
        let why = format!("{} is a damaged image", named(name));
        return refused(SourceKind::Image, Code::UnreadableDocument, Severity::Block, why);
    };
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        let why = format!("{} has {width} x {height} pixels; the limit is {MOST_PIXELS}", named(name));
        return refused(SourceKind::Image, Code::LimitReached, Severity::Ask, why);
    }
    let scale = 72.0 / assumed_dpi(width, height);
    let (width, height) = (width as f32 * scale, height as f32 * scale);
    let mut document = Document::empty(SourceKind::Image);
    document.pages.push(Page { number: 1, width, height, images: vec![[0.0, 0.0, width, height]], ..Page::default() });
    let message = format!("{} is an image", named(name));
    document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    document
}

/// The picture in grey, as it is: enlarging harms recognition.
pub fn gray(bytes: &[u8]) -> Result<PageImage, RenderError> {
    let picture = decode(bytes)?;
    let dpi = assumed_dpi(picture.width(), picture.height());
    // Transparent is white, as on paper.
    let gray = if picture.color().has_alpha() { over_white(&picture) } else { picture.into_luma8() };
    Ok(PageImage { width: gray.width(), height: gray.height(), dpi, pixels: gray.into_raw() })
}

/// The picture as a PNG of about `dpi` for the review desk.
pub fn png(bytes: &[u8], dpi: u32) -> Result<Vec<u8>, RenderError> {
    let picture = decode(bytes)?;
    let scale = (dpi as f32 / assumed_dpi(picture.width(), picture.height())).min(1.0);
    let picture = if scale < 0.9 {
        let shrink = |pixels: u32| ((pixels as f32 * scale) as u32).max(1);
        picture.thumbnail(shrink(picture.width()), shrink(picture.height()))
    } else {
        picture
    };
    let rgb = picture.to_rgb8();
    super::pdf::png(&rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8)
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, RenderError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| RenderError::Unreadable)?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(300 << 20);
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    reader.limits(limits);
    reader.decode().map_err(|e| RenderError::Failed(e.to_string()))
}

fn over_white(picture: &DynamicImage) -> image::GrayImage {
    let pixels = picture.to_luma_alpha8();
    image::GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let image::LumaA([luma, alpha]) = *pixels.get_pixel(x, y);
        let shown = u32::from(luma) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
        image::Luma([(shown / 255) as u8])
    })
}

/// Scans and photographs of papers fill the picture, so its shorter side is the width of the paper.
fn assumed_dpi(width: u32, height: u32) -> f32 {
    (width.min(height) as f32 / PAPER_WIDTH).clamp(70.0, 600.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_page_of_paper_size() {
        let mut bytes = Vec::new();
        let picture = image::GrayImage::from_pixel(1654, 2339, image::Luma([255]));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).expect("an image in memory can be encoded");
        let document = read(&bytes, "scan.png", &Limits::default());
        let page = &document.pages[0];
        assert!((page.width - 597.6).abs() < 1.0 && (page.height - 845.0).abs() < 2.0, "{} x {}", page.width, page.height);
        assert!(gray(&bytes).expect("the picture decodes").is_blank());
        assert_eq!(read(&bytes[..20], "scan.png", &Limits::default()).findings[0].code, Code::UnreadableDocument);
    }
}
