//! The findings that exact readers share, in one wording.

use crate::model::{Code, Finding, Severity, Span, Unit};
use std::collections::HashSet;

use super::piece::Piece;

/// Findings in the making; says each kind of unknown thing once.
#[derive(Debug, Default)]
pub(super) struct Notes {
    findings: Vec<Finding>,
    said: HashSet<(Code, String, String)>,
}

impl Notes {
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Takes over what was found in a document by itself, whose first order is number `first` of the whole.
    pub fn absorb(&mut self, own: Notes, first: usize) {
        for mut finding in own.findings {
            if let Some(rest) = finding.field.strip_prefix("/orders/") {
                let (order, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let order = order.parse::<usize>().unwrap_or_default() + first;
                finding.field = format!("/orders/{order}{path}");
            }
            self.add(finding);
        }
    }

    pub fn ask(&mut self, code: Code, field: impl Into<String>, message: impl Into<String>, places: &[Span]) {
        self.add(Finding::new(code, Severity::Ask, field, message).at(places));
    }

    pub fn note(&mut self, code: Code, field: impl Into<String>, message: impl Into<String>, places: &[Span]) {
        self.add(Finding::new(code, Severity::Note, field, message).at(places));
    }

    /// Syntax damage: parts of the document may be missing.
    pub fn malformed(&mut self, message: impl Into<String>, places: &[Span]) {
        self.ask(Code::MalformedSyntax, "", message, places);
    }

    pub fn unknown(&mut self, what: &str, places: &[Span]) {
        self.note(Code::UnknownSegment, "", format!("The order holds `{what}`, which is not read."), places);
    }

    /// A price for another unit than the one ordered: pieces ordered, priced by the kilogram (DOMAIN 19).
    pub fn same_unit(&mut self, line: &str, ordered: &Piece, priced: &Piece) {
        if let (Some(of_quantity), Some(of_price)) = (Unit::parse(&ordered.text), Unit::parse(&priced.text))
            && of_quantity != of_price
        {
            let message = format!("The quantity is in {of_quantity}, but the price is for {of_price}.");
            self.ask(Code::UnitConflict, format!("{line}/price_basis"), message, &priced.places());
        }
    }

    /// Free text that says the order exists already (DOMAIN 2).
    pub fn caution(&mut self, field: &str, text: &Piece) {
        let words = text.text.to_lowercase();
        let confirming = words.contains("confirming order")
            || words.contains("confirmation only")
            || words.contains("confirmation of phone order");
        if confirming || (words.contains("not duplicate") || words.contains("ne pas dupliquer") || words.contains("nicht doppelt"))
        {
            let message = format!("The order says \"{}\": it may have been placed already.", shorten(&text.text));
            self.ask(Code::NotAnOriginal, field, message, &text.places());
        }
    }

    fn add(&mut self, finding: Finding) {
        if self.said.insert((finding.code, finding.field.clone(), finding.message.clone())) {
            self.findings.push(finding);
        }
    }
}

/// Text from a document inside a sentence: one line, not longer than a sentence should be.
pub(super) fn shorten(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    if text.chars().count() > 80 { format!("{line}…") } else { line }
}
