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
