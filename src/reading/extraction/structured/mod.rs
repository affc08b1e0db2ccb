//! Exact readers for documents that say themselves what each value is: X12, EDIFACT, TRADACOMS and the XML order formats.
//!
//! Every value carries its place in the source as a text span. Nothing is guessed, no locale is decided, and the checks of a
//! draft (arithmetic, completeness) are not here: they are the same for every reader (`extraction::checks`).

mod charges;
mod cii;
mod country;
mod cxml;
mod edifact;
mod edifact_charge;
mod edifact_line;
mod edifact_order;
mod edifact_party;
mod hybrid;
mod idoc;
mod notes;
mod opentrans;
mod parties;
mod piece;
mod schedule;
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
use rust_decimal::Decimal;

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
fn assemble(mut parts: Vec<Part>, notes: Notes) -> Draft {
    let mut findings = notes.into_findings();
    keep_countable(&mut parts, &mut findings);
    let of_orders = parts.iter().find(|part| part.order.is_some()).or(parts.first());
    let kind = of_orders.map_or(DocumentKind::Other, |part| part.kind);
    if parts.iter().any(|part| part.order.is_some() && part.kind != kind) {
        let message = "The file mixes orders with changes or cancellations of orders.";
        findings.push(Finding::new(Code::SeveralOrders, Severity::Ask, "", message));
    }
    parts
        .iter()
        .filter(|part| part.order.is_some())
        .enumerate()
        .for_each(|(index, part)| nothing_ordered(part, index, &mut findings));
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

/// A line of nothing: in a change it takes the line away, in an order it is a slip.
fn nothing_ordered(part: &Part, order: usize, findings: &mut Vec<Finding>) {
    let lines = part.order.iter().flat_map(|order| &order.lines).enumerate();
    for (index, line) in lines.filter(|(_, line)| line.quantity.value().is_some_and(Decimal::is_zero)) {
        let at = format!("/orders/{order}/lines/{index}");
        let (code, field, message) = match part.kind {
            DocumentKind::OrderChange | DocumentKind::OrderCancellation => {
                (Code::CancelRequested, at, "The line is set to nothing: it is to be cancelled.")
            }
            _ => (Code::MissingQuantity, format!("{at}/quantity"), "The line orders a quantity of zero."),
        };
        if !findings.iter().any(|finding| finding.code == code && finding.field == field) {
            findings.push(Finding::new(code, Severity::Ask, field, message).at(line.quantity.spans()));
        }
    }
}

/// A file of more orders than this is no mail to an order desk; each would be a case of its own.
const MAX_ORDERS: usize = 500;
/// Lines of all its orders together.
const MAX_LINES: usize = 10_000;

/// Cuts a file that was made to be too much, says so, and drops what was found about the rest.
fn keep_countable(parts: &mut Vec<Part>, findings: &mut Vec<Finding>) {
    let all = (parts.len(), parts.iter().filter_map(|part| part.order.as_ref()).map(|order| order.lines.len()).sum::<usize>());
    if all.0 <= MAX_ORDERS && all.1 <= MAX_LINES {
        return;
    }
    parts.truncate(MAX_ORDERS);
    let mut room = MAX_LINES;
    for order in parts.iter_mut().filter_map(|part| part.order.as_mut()) {
        order.lines.truncate(room);
        room -= order.lines.len();
    }
    let lines: Vec<usize> = parts.iter().map(|part| part.order.as_ref().map_or(0, |order| order.lines.len())).collect();
    let is_kept = |finding: &Finding| {
        let mut steps = finding.field.split('/').skip(2);
        let order = steps.next().and_then(|step| step.parse::<usize>().ok());
        let line = steps.nth(1).and_then(|step| step.parse::<usize>().ok());
        order.is_none_or(|order| lines.get(order).is_some_and(|lines| line.is_none_or(|line| line < *lines)))
    };
    findings.retain(is_kept);
    let message = format!(
        "The file holds {} messages with {} lines; only the first {} messages and {} lines were read.",
        all.0,
        all.1,
        parts.len(),
        lines.iter().sum::<usize>()
    );
    findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
}

/// What cannot become an order needs no person for a wrong count; a file that may be cut off might have held an order.
fn ease(kind: DocumentKind, findings: &mut Vec<Finding>) {
    for finding in findings.iter_mut().filter(|finding| !matches!(finding.code, Code::MalformedSyntax | Code::LimitReached)) {
        finding.severity = Severity::Note;
    }
    let message = format!("The document is of the kind `{}`, not an order.", kind.as_str());
    findings.push(Finding::new(Code::NotAnOrder, Severity::Note, "", message));
}
