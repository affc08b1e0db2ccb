//! A PDF as pages of words with places.
//!
//! hayro interprets the pages (`device`, with `glyphs` and `shapes`), `words` makes words of the glyphs, `structure` finds the files inside the file and
//! filled form fields, `render` makes page images. Where hayro cannot open the file or finds nothing on it, `repair` mends it
//! first, and pdf-extract gives a second opinion on the text (`second`).

mod device;
mod glyphs;
mod render;
mod repair;
mod second;
mod shapes;
mod structure;
mod words;

pub(crate) use render::png;
pub use render::{PageImage, RenderError, gray_page, png_page};
pub use repair::unlocked;

use super::{Document, Limits, Opinions, Page, SourceKind, named, note_hidden_text, refused};
use crate::model::{Code, Finding, Severity};
use device::Recorder;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro_interpret::{RectExt, TransformExt};
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

/// Confidence that is noted for words of a text layer which some scanner's OCR put under the page's image: nobody says how
/// sure it was.
pub(crate) const LAYER_CONFIDENCE: u8 = 50;

/// Largest side of a page, points: 350 metres are enough.
const LARGEST_PAGE: f32 = 1e6;

/// Reads a PDF. `name` is for findings.
pub(crate) fn read(bytes: &[u8], name: &str, limits: &Limits, opinions: Opinions) -> Document {
    let bytes = repair::without_preamble(bytes);
    let mut document = match open(bytes) {
        Ok(pdf) => pages(&pdf, name, limits),
        Err(Unopened::Password) => {
            let why = format!("{} is encrypted and needs a password", named(name));
            return refused(SourceKind::Pdf, Code::PasswordNeeded, Severity::Block, why);
        }
        Err(Unopened::Broken) => Document::empty(SourceKind::Pdf),
    };
    let mut repairs = repairs(bytes);
    while is_bare(&document)
        && let Some(pdf) = repairs.next()
    {
        let second = pages(&pdf, name, limits);
        if !is_bare(&second) || document.pages.is_empty() {
            document = second;
        }
    }
    if opinions == Opinions::Both && document.pages.iter().all(|page| page.words.is_empty()) {
        second::fill(&mut document, bytes, limits);
    }
    if document.pages.is_empty() {
        let why = format!("{} is a damaged PDF: no page of it can be read", named(name));
        return refused(SourceKind::Pdf, Code::UnreadableDocument, Severity::Block, why);
    }
    accept_ocr_layers(&mut document, name);
    note_hidden_text(&mut document, name);
    note_missing_text(&mut document, name);
    document
}

enum Unopened {
    Password,
    Broken,
}

/// Opens with hayro; a file that is only protected against changes opens with the empty password.
fn open(bytes: &[u8]) -> Result<Pdf, Unopened> {
    match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => Ok(pdf),
        Err(LoadPdfError::Decryption(
            DecryptionError::PasswordProtected
            | DecryptionError::MissingIDEntry
            | DecryptionError::InvalidEncryption
            | DecryptionError::UnsupportedAlgorithm,
        )) => Err(Unopened::Password),
        Err(LoadPdfError::Invalid) => Err(Unopened::Broken),
    }
}

/// The file as each way of repair leaves it, as far as it then opens.
fn repairs(bytes: &[u8]) -> impl Iterator<Item = Pdf> + '_ {
    let ends = || repair::with_stream_ends(bytes);
    let ways: [Box<dyn Fn() -> Option<Vec<u8>> + '_>; 3] =
        [Box::new(|| repair::rewritten(bytes)), Box::new(ends), Box::new(move || repair::rewritten(&ends()?))];
    ways.into_iter().filter_map(|way| Pdf::new(way()?).ok())
}

/// Opens for drawing, repaired if need be.
fn open_repaired(bytes: &[u8]) -> Option<Pdf> {
    let bytes = repair::without_preamble(bytes);
    match open(bytes) {
        Ok(pdf) => Some(pdf),
        Err(Unopened::Password) => None,
        Err(Unopened::Broken) => repairs(bytes).next(),
    }
}

/// Nothing to see: no words, no images, no lines. Truncated files open like that without an error.
fn is_bare(document: &Document) -> bool {
    document.pages.iter().all(|page| page.words.is_empty() && page.images.is_empty() && page.rulings.is_empty())
}

fn pages(pdf: &Pdf, name: &str, limits: &Limits) -> Document {
    let mut document = Document::empty(SourceKind::Pdf);
    let cache = InterpreterCache::new();
    let mut budget = device::Budget { glyphs: limits.glyphs, rulings: limits.rulings };
    for (index, page) in pdf.pages().iter().enumerate().take(limits.pages) {
        let (width, height) = page.render_dimensions();
        // A page of absurd size must not make numbers that are none.
        let (width, height) = (width.clamp(1.0, LARGEST_PAGE), height.clamp(1.0, LARGEST_PAGE));
        let rect = page.intersected_crop_box().to_kurbo();
        let transform = page.initial_transform(true).to_kurbo();
        let area = transform.transform_rect_bbox(rect);
        let mut context = Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
        let mut recorder = Recorder::new(width, height, &mut budget);
        interpret_page(page, &mut context, &mut recorder);
        structure::form_values(page, transform, &mut recorder);
        let (glyphs, rulings, images) = recorder.finish();
        let words = words::build(glyphs);
        document.pages.push(Page { number: index as u32 + 1, width, height, words, rulings, images });
    }
    let reached =
        |what: &str| Finding::new(Code::LimitReached, Severity::Ask, "", format!("{}: {what}; the rest was not read", named(name)));
    if pdf.pages().len() > limits.pages {
        document.findings.push(reached(&format!("it has {} pages, the limit is {}", pdf.pages().len(), limits.pages)));
    }
    if budget.glyphs == 0 {
        document.findings.push(reached(&format!("it has more than {} characters", limits.glyphs)));
    }
    if budget.rulings == 0 {
        document.findings.push(reached(&format!("it has more than {} drawn lines", limits.rulings)));
    }
    structure::embedded(pdf, name, limits, &mut document);
    document
}

/// An invisible text layer over a page-sized image is what scanners make: usable text, but read by OCR.
fn accept_ocr_layers(document: &mut Document, name: &str) {
    let mut pages = Vec::new();
    for page in &mut document.pages {
        let hidden = page.words.iter().filter(|word| word.visibility == super::Visibility::Invisible).count();
        if hidden == 0 || hidden * 10 < page.words.len() * 8 || !has_page_sized_image(page) {
            continue;
        }
        for word in page.words.iter_mut().filter(|word| word.visibility == super::Visibility::Invisible) {
            word.visibility = super::Visibility::Visible;
            word.ocr_confidence = Some(LAYER_CONFIDENCE);
        }
        pages.push(page.number.to_string());
    }
    if !pages.is_empty() {
        let message = format!("{}: the text of page {} is a scanner's OCR layer under an image", named(name), pages.join(", "));
        document.findings.push(Finding::new(Code::ReadByOcr, Severity::Ask, "", message));
    }
}

/// Whether one image covers at least half of the page.
pub(crate) fn has_page_sized_image(page: &Page) -> bool {
    let area = |b: &[f32; 4]| (b[2].min(page.width) - b[0].max(0.0)).max(0.0) * (b[3].min(page.height) - b[1].max(0.0)).max(0.0);
    page.images.iter().any(|image| area(image) >= 0.5 * page.width * page.height)
}

fn note_missing_text(document: &mut Document, name: &str) {
    let all = || document.pages.iter().flat_map(|page| &page.words);
    if all().next().is_none() {
        let message = format!("{} has no text layer", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
        return;
    }
    let unknown = all().filter(|word| word.text.contains(char::REPLACEMENT_CHARACTER)).count();
    if unknown * 5 > all().count() {
        let message = format!("{} uses fonts whose characters cannot be told: its text layer is not legible", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    }
}
