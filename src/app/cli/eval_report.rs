//! The pictures of `podesk eval --html`: pages with the places of what was read wrongly, and of what is printed instead.

use super::extract::{Extractor, Source};
use crate::app::eval::{Compared, Result, Summary};
use crate::app::web::reading_report::{self, Shown, ShownPage, ShownPlace};
use crate::reading::document::{Document, Page, SourceKind, Word};
use serde_json::Value;
use std::path::Path;

/// A page at this many dots per inch is readable, and small.
const DPI: u32 = 80;
/// So many pages of a document are drawn.
const MOST_PAGES: usize = 4;
const MOST_TEXT: usize = 20_000;

/// The report: figures, and each document with a difference.
pub async fn page(extractor: &Extractor, title: &str, summary: &Summary, different: &[(&Result, &Path)]) -> String {
    let mut shown = Vec::with_capacity(different.len());
    for (result, file) in different {
        shown.push(picture(extractor, result, file).await);
    }
    reading_report::page(title, summary, &shown)
}

async fn picture<'r>(extractor: &Extractor, result: &'r Result, file: &Path) -> Shown<'r> {
    let mut shown = Shown { result, pages: Vec::new(), text: String::new() };
    let Ok(Source { bytes, name, document }) = extractor.source(file).await else { return shown };
    if !matches!(document.kind, SourceKind::Pdf | SourceKind::Image) {
        shown.text = if document.text.is_empty() { words_of(&document) } else { document.text.clone() };
        shown.text = shown.text.chars().take(MOST_TEXT).collect();
        return shown;
    }
    for page in &document.pages {
        let places = places(result, page);
        // The first page says whose paper it is, even where nothing of it is wrong.
        if shown.pages.len() < MOST_PAGES
            && (page.number == 1 || !places.is_empty())
            && let Ok(png) = extractor.page_image(&bytes, &name, page.number, DPI).await
        {
            shown.pages.push(ShownPage { number: page.number, width: page.width, height: page.height, png, places });
        }
    }
    shown
}

fn words_of(document: &Document) -> String {
    let mut text = String::new();
    for word in document.pages.iter().flat_map(|page| &page.words).take(MOST_TEXT) {
        text.push_str(&word.text);
        text.push(' ');
    }
    text
}

fn places(result: &Result, page: &Page) -> Vec<ShownPlace> {
    let mut places = Vec::new();
    for compared in result.compared.iter().filter(|compared| !compared.right) {
        let of = |bbox, is_expected| ShownPlace { bbox, place: compared.place.clone(), is_expected };
        places.extend(evidence(compared, page.number).map(|bbox| of(bbox, false)));
        places.extend(printed(compared, page).map(|bbox| of(bbox, true)));
    }
    places
}

fn evidence(compared: &Compared, page: u32) -> impl Iterator<Item = [f32; 4]> {
    let boxes = compared.evidence.as_array().map(Vec::as_slice).unwrap_or_default();
    boxes.iter().filter(move |place| place["page"] == page).filter_map(|place| {
        let edges: Vec<f32> = place["bbox"].as_array()?.iter().filter_map(Value::as_f64).map(|edge| edge as f32).collect();
        edges.try_into().ok()
    })
}

/// Words that read like what should have been read: letters and digits alone are compared, as printing varies.
fn printed(compared: &Compared, page: &Page) -> impl Iterator<Item = [f32; 4]> {
    let reduced = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let expected = compared.expected.as_deref().map(reduced).filter(|expected| expected.len() > 1);
    page.words
        .iter()
        .filter(move |Word { text, .. }| expected.as_ref().is_some_and(|expected| reduced(text) == *expected))
        .map(|word| word.bbox)
}
