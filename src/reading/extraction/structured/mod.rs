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

/// The text of an EDIFACT file by the character set that its UNB declares (ISO 9735-1, annex A); `None` where the bytes are no
/// EDIFACT. Senders that declare Latin-1 and write UTF-8 are common, so bytes that are UTF-8 with letters beyond ASCII stay that.
pub fn edifact_text(bytes: &[u8]) -> Option<String> {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace())?;
    let head = bytes.get(start..)?;
    if !head.starts_with(b"UNA") && !head.starts_with(b"UNB") {
        return None;
    }
    let at = head.iter().take(200).collect::<Vec<_>>().windows(3).position(|window| window.iter().copied().eq(b"UNB"))?;
    let identifier = head.get(at + 4..at + 8)?;
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.chars().all(|c| c != char::REPLACEMENT_CHARACTER)
    {
        return Some(text.to_owned());
    }
    let label: &[u8] = match identifier {
        b"UNOD" => b"iso-8859-2",
        b"UNOE" => b"iso-8859-5",
        b"UNOF" => b"iso-8859-7",
        b"UNOG" => b"iso-8859-3",
        b"UNOH" => b"iso-8859-4",
        b"UNOI" => b"iso-8859-6",
        b"UNOJ" => b"iso-8859-8",
        b"UNOK" => b"iso-8859-9",
        b"UNOW" | b"UNOY" => b"utf-8",
        _ => b"iso-8859-1",
    };
    Some(encoding_rs::Encoding::for_label(label)?.decode_without_bom_handling(bytes).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_character_set_counts() {
        let with = |set: &str, bytes: &[u8]| edifact_text(&[b"UNA:+.? '\r\nUNB+", set.as_bytes(), b":3+", bytes].concat());
        assert!(with("UNOC", b"K\xE4se").expect("EDIFACT").ends_with("Käse"));
        assert!(with("UNOD", b"\xB1").expect("EDIFACT").ends_with('ą'));
        assert!(with("UNOC", "Käse".as_bytes()).expect("EDIFACT").ends_with("Käse"));
        assert_eq!(edifact_text(b"ISA*"), None);
        assert_eq!(edifact_text(b"UNA"), None);
    }
}
