//! A picture as a document: one page without words and with one image area. Words come from OCR (`reading::confined`).

use super::pdf::{PageImage, RenderError};
use super::{Document, Limits, Page, SourceKind, named, refused};
use crate::model::{Code, Finding, Severity};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};
use std::borrow::Cow;
use std::io::Cursor;

/// Width of the paper that a picture is taken to show where it does not say its resolution, inches (A4 and letter alike).
const PAPER_WIDTH: f32 = 8.3;
/// Pictures of one TIFF that are counted.
const MOST_PICTURES: usize = 1_000;
/// Most pixels that are decoded.
const MOST_PIXELS: u64 = 60_000_000;

/// One page of the picture's size; a TIFF has one for each image in it.
pub(super) fn read(bytes: &[u8], name: &str, limits: &Limits) -> Document {
    let pictures = pictures(bytes);
    let mut document = Document::empty(SourceKind::Image);
    for number in 1..=pictures.min(limits.pages) as u32 {
        let Some((width, height)) = size(bytes, number) else {
            let why = format!("{} is a damaged image (picture {number})", named(name));
            document.findings.push(Finding::new(Code::UnreadableDocument, Severity::Block, "", why));
            continue;
        };
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            let why = format!("{} has {width} x {height} pixels; the limit is {MOST_PIXELS}", named(name));
            return refused(SourceKind::Image, Code::LimitReached, Severity::Ask, why);
        }
        let scale = 72.0 / assumed_dpi(width, height);
        let (width, height) = (width as f32 * scale, height as f32 * scale);
        document.pages.push(Page { number, width, height, images: vec![[0.0, 0.0, width, height]], ..Page::default() });
    }
    if pictures > limits.pages {
        let why = format!("{} has {pictures} pages, the limit is {}; the rest was not read", named(name), limits.pages);
        document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", why));
    }
    if !document.pages.is_empty() {
        let message = format!("{} is an image", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    }
    document
}

/// Picture `number` (from 1) in grey, as it is: enlarging harms recognition.
pub fn gray(bytes: &[u8], number: u32) -> Result<PageImage, RenderError> {
    let picture = decode(bytes, number)?;
    let dpi = assumed_dpi(picture.width(), picture.height());
    // Transparent is white, as on paper.
    let gray = if picture.color().has_alpha() { over_white(&picture) } else { picture.into_luma8() };
    Ok(PageImage { width: gray.width(), height: gray.height(), dpi, pixels: gray.into_raw() })
}

/// Picture `number` (from 1) as a PNG of about `dpi` for the review desk.
pub fn png(bytes: &[u8], number: u32, dpi: u32) -> Result<Vec<u8>, RenderError> {
    let picture = decode(bytes, number)?;
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

/// Width and height of a picture as it is looked at, without decoding it.
fn size(bytes: &[u8], number: u32) -> Option<(u32, u32)> {
    let single = single(bytes, number)?;
    let mut decoder = reader(&single).ok()?.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let turned = matches!(
        decoder.orientation().unwrap_or(Orientation::NoTransforms),
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if turned { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some((width, height))
}

/// The picture upright: phones note in the file how they were held.
fn decode(bytes: &[u8], number: u32) -> Result<DynamicImage, RenderError> {
    let single = single(bytes, number).ok_or(RenderError::NoSuchPage(number))?;
    let failed = |e: image::ImageError| RenderError::Failed(e.to_string());
    let mut decoder = reader(&single).map_err(|_| RenderError::Unreadable)?.into_decoder().map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn reader(bytes: &[u8]) -> std::io::Result<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(300 << 20);
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    reader.limits(limits);
    Ok(reader)
}

/// How many pictures the file holds: one, but for TIFF.
fn pictures(bytes: &[u8]) -> usize {
    directories(bytes).map_or(1, |directories| directories.len().max(1))
}

/// The file with picture `number` as its first: in a TIFF, the header says where the first one is described.
fn single(bytes: &[u8], number: u32) -> Option<Cow<'_, [u8]>> {
    let index = number.checked_sub(1)? as usize;
    if index == 0 {
        return Some(Cow::Borrowed(bytes));
    }
    let directory = *directories(bytes)?.get(index)?;
    let mut patched = bytes.to_vec();
    let offset = if bytes.starts_with(b"II") { directory.to_le_bytes() } else { directory.to_be_bytes() };
    patched.get_mut(4..8)?.copy_from_slice(&offset);
    Some(Cow::Owned(patched))
}

/// Where a TIFF's image directories are; `None` for other files.
fn directories(bytes: &[u8]) -> Option<Vec<u32>> {
    let little = bytes.starts_with(b"II*\0");
    if !little && !bytes.starts_with(b"MM\0*") {
        return None;
    }
    let short = |at: usize| -> Option<u16> {
        let two = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| -> Option<u32> {
        let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let mut found = Vec::new();
    let mut next = long(4);
    while let Some(offset) = next.filter(|offset| *offset != 0) {
        // A chain that comes back to itself would never end.
        if found.contains(&offset) || found.len() >= MOST_PICTURES {
            break;
        }
        let Some(entries) = short(offset as usize) else { break };
        found.push(offset);
        next = (offset as usize).checked_add(2 + 12 * usize::from(entries)).and_then(long);
    }
    Some(found)
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
        assert!(gray(&bytes, 1).expect("the picture decodes").is_blank());
        assert_eq!(read(&bytes[..20], "scan.png", &Limits::default()).findings[0].code, Code::UnreadableDocument);
    }

    #[test]
    fn every_picture_of_a_tiff_is_a_page() {
        // Two directories of no entries each; the second at 14, its successor 0; then a chain that bites its tail.
        let two = b"II*\0\x08\0\0\0\0\0\x0E\0\0\0\0\0\0\0\0\0";
        assert_eq!(directories(two), Some(vec![8, 14]));
        assert_eq!(single(two, 2).expect("there is a second").get(4), Some(&14));
        assert!(single(two, 3).is_none());
        let tail = b"II*\0\x08\0\0\0\0\0\x08\0\0\0";
        assert_eq!(pictures(tail), 1);
        assert_eq!(directories(b"\x89PNG"), None);
    }
}
