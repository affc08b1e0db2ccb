//! A second opinion on a PDF's text: pdf-extract, where hayro fails or finds no text.
//!
//! Its places are not to be trusted, so the text is laid out on a grid, a line a row. It panics by policy on files that it
//! does not like; that is caught here. What cannot be caught (stack overflow, endless loops) is why this runs in a child.

use crate::model::{Code, Finding, Severity};
use crate::reading::document::grid::Grid;
use crate::reading::document::{Document, Limits, Page};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Gives pages without words the text that pdf-extract finds on them.
pub(super) fn fill(document: &mut Document, bytes: &[u8], limits: &Limits) {
    let Ok(Ok(texts)) = catch_unwind(AssertUnwindSafe(|| pdf_extract::extract_text_from_mem_by_pages(bytes))) else { return };
    let mut filled = Vec::new();
    for (index, text) in texts.iter().enumerate().take(limits.pages) {
        if !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        let mut grid = Grid::new(limits.text_bytes);
        for line in text.split_inclusive('\n') {
            grid.line(line);
        }
        let number = index as u32 + 1;
        let mut laid = grid.page(number);
        laid.words.iter_mut().for_each(|word| word.span = None);
        match document.pages.iter_mut().find(|page| page.number == number) {
            Some(page) => page.words = fitted(laid, page),
            None => document.pages.push(laid),
        }
        filled.push(number.to_string());
    }
    if !filled.is_empty() {
        document.pages.sort_by_key(|page| page.number);
        let message = format!("the places of the words on page {} are not known, only their lines", filled.join(", "));
        document.findings.push(Finding::new(Code::AmbiguousColumns, Severity::Ask, "", message));
    }
}

/// Scales the grid down to the page's own size, so that the words lie on it.
fn fitted(laid: Page, page: &Page) -> Vec<crate::reading::document::Word> {
    let (x, y) = ((page.width / laid.width).min(1.0), (page.height / laid.height).min(1.0));
    let mut words = laid.words;
    for word in &mut words {
        let [x0, y0, x1, y1] = word.bbox;
        word.bbox = [x0 * x, y0 * y, x1 * x, y1 * y];
        word.size *= y;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::SourceKind;
    use lopdf::{Object, Stream, dictionary};

    fn one_page() -> Vec<u8> {
        let mut file = lopdf::Document::with_version("1.4");
        let font = file.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        });
        let content = b"BT /F1 12 Tf 72 700 Td (Order 4711) Tj 0 -20 Td (12 pieces) Tj ET".to_vec();
        let content = file.add_object(Stream::new(dictionary! {}, content));
        let pages = file.new_object_id();
        let page = file.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages, "Contents" => content,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        });
        let kids = vec![Object::Reference(page)];
        file.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 }.into());
        let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        file.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        file.save_to(&mut bytes).expect("a document in memory can be written");
        bytes
    }

    #[test]
    fn the_text_of_the_second_engine_lies_in_lines_on_the_page() {
        let mut document = Document::empty(SourceKind::Pdf);
        document.pages.push(Page { number: 1, width: 595.0, height: 842.0, ..Page::default() });
        fill(&mut document, &one_page(), &Limits::default());
        let words: Vec<(&str, f32)> = document.pages[0].words.iter().map(|word| (word.text.as_str(), word.bbox[1])).collect();
        let [("Order", first), ("4711", same), ("12", second), ("pieces", _)] = words[..] else { panic!("{words:?}") };
        assert!(first == same && second > first, "{words:?}");
        assert_eq!(document.findings[0].code, Code::AmbiguousColumns);
    }

    #[test]
    fn a_panic_of_the_second_engine_changes_nothing() {
        let mut document = Document::empty(SourceKind::Pdf);
        fill(&mut document, b"%PDF-1.4 nothing", &Limits::default());
        assert_eq!(document, Document::empty(SourceKind::Pdf));
    }
}
