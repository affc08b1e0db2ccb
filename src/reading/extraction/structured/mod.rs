//! Exact readers for documents that say themselves what each value is: X12, EDIFACT, TRADACOMS and the XML order formats.
//!
//! Every value carries its place in the source as a text span. Nothing is guessed, no locale is decided, and the checks of a
//! draft (arithmetic, completeness) are not here: they are the same for every reader (`extraction::checks`).

mod cii;
mod country;
mod cxml;
mod edifact;
mod edifact_line;
mod edifact_order;
mod edifact_party;
mod hybrid;
mod idoc;
mod notes;
mod opentrans;
mod parties;
mod piece;
mod segment;
mod tradacoms;
mod ubl;
mod x12;
mod x12_line;
mod x12_order;
mod x12_terms;
mod xml;
mod xml_tree;

use crate::model::{Code, DocumentKind, Draft, DraftOrder, Finding, Method, Severity};
use crate::reading::ReadingContext;
use crate::reading::document::Document;

use notes::Notes;

/// What a structured document says; `None` when the document is none that is read here.
///
/// A document that is itself text is read from `Document::text`, and spans are byte offsets into it. For XML inside a PDF the spans
/// are byte offsets into that XML, decoded to UTF-8; a value that the page does not print as well asks a person.
pub fn read(document: &Document, _context: &ReadingContext) -> Option<Draft> {
    if !document.text.trim().is_empty() {
        return read_text(&document.text);
    }
    document.embedded.iter().find_map(|embedded| {
        let text = xml_tree::decode(&embedded.bytes)?;
        let mut draft = xml::read(&text)?;
        hybrid::compare(document, &embedded.name, &mut draft);
        Some(draft)
    })
}

fn read_text(text: &str) -> Option<Draft> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match start.get(..3)? {
        "ISA" => x12::read(text),
        "UNA" | "UNB" | "UNH" => edifact::read(text),
        "STX" | "MHD" => tradacoms::read(text),
        _ if start.starts_with('<') => xml::read(text),
        _ if start.starts_with("GS") || start.starts_with("ST") => x12::read(text),
        _ => None,
    }
}

/// One document of an interchange.
struct Part {
    kind: DocumentKind,
    /// For orders, changes and cancellations.
    order: Option<DraftOrder>,
}

/// The draft of an interchange: its orders, and the kind that they have in common.
fn assemble(parts: Vec<Part>, notes: Notes) -> Draft {
    let mut findings = notes.into_findings();
    let of_orders = parts.iter().find(|part| part.order.is_some()).or(parts.first());
    let kind = of_orders.map_or(DocumentKind::Other, |part| part.kind);
    if parts.iter().any(|part| part.order.is_some() && part.kind != kind) {
        let message = "The file mixes orders with changes or cancellations of orders.";
        findings.push(Finding::new(Code::SeveralOrders, Severity::Ask, "", message));
    }
    if !kind.concerns_an_order() {
        ease(kind, &mut findings);
    }
    let orders: Vec<DraftOrder> = parts.into_iter().filter_map(|part| part.order).collect();
    if orders.len() > 1 {
        let message = format!("The file holds {} orders.", orders.len());
        findings.push(Finding::new(Code::SeveralOrders, Severity::Note, "", message));
    }
    Draft { kind, language: None, method: Method::Structured, orders, findings }
}

/// What cannot become an order needs no person for a wrong count; a file that may be cut off might have held an order.
fn ease(kind: DocumentKind, findings: &mut Vec<Finding>) {
    for finding in findings.iter_mut().filter(|finding| !matches!(finding.code, Code::MalformedSyntax | Code::LimitReached)) {
        finding.severity = Severity::Note;
    }
    let message = format!("The document is of the kind `{}`, not an order.", kind.as_str());
    findings.push(Finding::new(Code::NotAnOrder, Severity::Note, "", message));
}
