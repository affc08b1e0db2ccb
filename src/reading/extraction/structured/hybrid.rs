//! A PDF with the order as XML inside: a person sees the page, so the page must print what the XML says.

use crate::model::{Code, Draft, Finding, Reading, Severity};
use crate::reading::document::{Document, Visibility};
use rust_decimal::Decimal;

/// Adds a finding for each key value of the XML that no page prints. Nothing is compared where the pages have no text.
pub(super) fn compare(document: &Document, name: &str, draft: &mut Draft) {
    let printed: String = document
        .pages
        .iter()
        .flat_map(|page| &page.words)
        .filter(|word| word.visibility == Visibility::Visible)
        .flat_map(|word| [word.text.as_str(), " "])
        .collect();
    if printed.trim().is_empty() {
        return;
    }
    let page = Printed { letters: squeeze(&printed), words: printed };
    let mut findings = Vec::new();
    for (index, order) in draft.orders.iter().enumerate() {
        let mut missing = |field: &str, raw: &str| {
            let message = format!("`{name}` inside the file says {raw}, which its pages do not print.");
            findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, format!("/orders/{index}/{field}"), message));
        };
        if let Some(number) = order.po_number.found().filter(|number| !page.letters.contains(&squeeze(&number.value))) {
            missing("po_number", &number.raw);
        }
        if let Some(total) = order.total.found().filter(|total| !page.prints_number(&total.value.normalize().to_string())) {
            missing("total", &total.raw);
        }
        if let Some(code) = order.ship_to.postal_code.found().filter(|code| !page.letters.contains(&squeeze(&code.value))) {
            missing("ship_to/postal_code", &code.raw);
        }
        for (line, read) in order.lines.iter().enumerate() {
            if let Some(quantity) = read.quantity.found().filter(|q| !page.prints_number(&q.value.normalize().to_string())) {
                missing(&format!("lines/{line}/quantity"), &quantity.raw);
            }
            // A page may print the price by another basis, or before a discount; then the amount is what both must say.
            let says =
                |reading: &Reading<Decimal>| reading.found().map(|field| page.prints_number(&field.value.normalize().to_string()));
            let (price, amount) = (says(&read.unit_price), says(&read.line_total));
            if let (Some(false), None | Some(false), Some(field)) = (price, amount, read.unit_price.found()) {
                missing(&format!("lines/{line}/unit_price"), &field.raw);
            }
            if let (None, Some(false), Some(field)) = (price, amount, read.line_total.found()) {
                missing(&format!("lines/{line}/line_total"), &field.raw);
            }
        }
    }
    draft.findings.extend(findings);
}

struct Printed {
    words: String,
    letters: String,
}

impl Printed {
    /// Whether some word has these digits, whatever groups them and however many zeros stand behind the decimal point.
    fn prints_number(&self, canonical: &str) -> bool {
        let wanted = digits(canonical);
        let word_prints_it = self.words.split_whitespace().any(|word| {
            let whole = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            let trimmed = whole.trim_end_matches('0');
            digits(whole) == wanted || whole.contains(['.', ',']) && whole != trimmed && digits(trimmed) == wanted
        });
        // Groups of thousands may be words of their own.
        word_prints_it || wanted.len() > 3 && self.letters.contains(&wanted)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}
