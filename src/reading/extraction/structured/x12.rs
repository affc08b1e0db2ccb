//! ANSI X12: finds the separators, walks the envelopes and hands each order to `x12_order`.
//!
//! Real files break the envelope in every way: collapsed ISA fields, line breaks as terminators, control characters, no envelope
//! at all. All of that is read; what could hide a lost part (a missing trailer, a count that is off) asks a person.

use crate::model::{Code, DocumentKind, Draft, Span};

use super::notes::{Notes, shorten};
use super::segment::{Segment, Syntax, limit_reached, scan_file};
use super::{Part, assemble, x12_order};

/// The draft of an X12 interchange; `None` when the text is none.
pub(super) fn read(source: &str) -> Option<Draft> {
    let segments = scan_file(source, "IEA", find_syntax)?;
    let mut notes = Notes::default();
    if let Some(message) = limit_reached(&segments) {
        notes.ask(Code::LimitReached, "", message, &[]);
    }
    let mut parts = Vec::new();
    for transaction in transactions(&segments, &mut notes) {
        read_transaction(transaction, &mut parts, &mut notes);
    }
    Some(assemble(parts, notes))
}

/// The separators of the interchange that starts at `from`, and where its first segment does.
fn find_syntax(source: &str, from: usize) -> Option<(Syntax, usize)> {
    let rest = source.get(from..)?;
    let body = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let syntax = if body.starts_with("ISA") { from_interchange_header(body)? } else { from_first_set(body)? };
    Some((syntax, from + rest.len() - body.len()))
}

/// ISA has sixteen elements; the last is one character, and what follows it ends segments.
fn from_interchange_header(body: &str) -> Option<Syntax> {
    let element = body[3..].chars().next().filter(|c| is_separator(*c))?;
    let segment = stated_terminator(body, element).or_else(|| usual_terminator(body, element))?;
    // More than the word ISA: some element separators must follow.
    (body.chars().take(200).filter(|c| *c == element).count() > 6).then_some(Syntax {
        segment,
        element,
        component: None,
        release: None,
        code: element,
    })
}

fn stated_terminator(body: &str, element: char) -> Option<char> {
    let (last, _) = body.char_indices().filter(|(_, c)| *c == element).nth(15)?;
    if last > 400 {
        return None;
    }
    // The first character is the component separator, which the few composites of an order do not need.
    let mut rest = body[last + element.len_utf8()..].chars().skip(1);
    let component = body[last + element.len_utf8()..].chars().next()?;
    match (rest.next()?, rest.next()) {
        // The component separator left out, and the terminator in its place at the end of every line.
        ('\r' | '\n', _) if ends_lines(body, component) => Some(component),
        ('\r', Some('\n')) => Some('\n'),
        // Left out without line breaks: what follows is the next segment.
        ('G', Some('S')) if !component.is_alphanumeric() => Some(component),
        (c, _) if c.is_alphanumeric() || c == ' ' || c == element => None,
        (c, _) => Some(c),
    }
}

/// Whether nearly every line of the text ends with `c`.
fn ends_lines(body: &str, c: char) -> bool {
    let mut lines = body.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(200);
    lines.all(|line| line.ends_with(c))
}

/// The first of the usual terminators that the text holds.
fn usual_terminator(body: &str, element: char) -> Option<char> {
    ['~', '\u{1c}', '\n', '\'', '\r', '|'].into_iter().find(|c| *c != element && body.contains(*c))
}

/// Without ISA: `GS*PO*` or `ST*850*`.
fn from_first_set(body: &str) -> Option<Syntax> {
    let element = body.get(2..)?.chars().next().filter(|c| is_separator(*c))?;
    let mut fields = body.split(element);
    let known = match (fields.next()?, fields.next()?) {
        ("GS", function) => function.len() == 2 && function.bytes().all(|b| b.is_ascii_uppercase()),
        ("ST", set) => set.len() == 3 && set.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    let segment = usual_terminator(body, element).unwrap_or('~');
    known.then_some(Syntax { segment, element, component: None, release: None, code: element })
}

fn is_separator(c: char) -> bool {
    !c.is_alphanumeric() && (c.is_control() || c.is_ascii_punctuation()) && !matches!(c, '\r' | '\n' | '.' | '-')
}

/// The transaction sets, each from its ST to its SE, with the envelope checked.
fn transactions<'a>(segments: &'a [Segment], notes: &mut Notes) -> Vec<&'a [Segment]> {
    let mut sets = Vec::new();
    let mut open: Option<usize> = None;
    let mut envelopes = Envelopes::default();
    for (index, segment) in segments.iter().enumerate() {
        let envelope = matches!(segment.id.as_str(), "ISA" | "GS" | "GE" | "IEA" | "TA1" | "ISB" | "ISE");
        if envelope || segment.id == "ST" {
            if let Some(start) = open.take() {
                unclosed(&segments[start], notes);
                sets.push(&segments[start..index]);
            }
            envelopes.see(segment, notes);
        }
        match (segment.id.as_str(), open) {
            ("ST", _) => open = Some(index),
            ("SE", Some(start)) => {
                count_segments(segment, index - start + 1, notes);
                sets.push(&segments[start..=index]);
                open = None;
            }
            (_, None) if !envelope => notes
                .malformed(format!("Segment `{}` stands outside any document.", shorten(&segment.id)), &segment.whole("").places()),
            _ => {}
        }
    }
    if let Some(start) = open {
        unclosed(&segments[start], notes);
        sets.push(&segments[start..]);
    }
    envelopes.end(sets.len(), notes);
    sets
}

fn unclosed(start: &Segment, notes: &mut Notes) {
    notes.malformed("A document in the file has no end (SE): it may be cut off.", &start.whole("").places());
}

fn count_segments(end: &Segment, found: usize, notes: &mut Notes) {
    if let Some(stated) = end.at(1).number().value().filter(|stated| **stated != found.into()) {
        let message = format!("The document says that it has {stated} segments, but {found} are there.");
        notes.ask(Code::LineCountMismatch, "", message, &end.whole("").places());
    }
}

/// What the envelopes promised.
#[derive(Default)]
struct Envelopes {
    interchange: Option<String>,
    group: Option<String>,
    sets_promised: Option<usize>,
}

impl Envelopes {
    fn see(&mut self, segment: &Segment, notes: &mut Notes) {
        let places = segment.whole("").places();
        match segment.id.as_str() {
            "ISA" => {
                self.interchange = Some(segment.at(13).text);
                if segment.at(15).text == "T" {
                    notes.ask(Code::NotAnOriginal, "", "The interchange is marked as a test.", &places);
                }
            }
            "GS" => self.group = Some(segment.at(6).text),
            "GE" => {
                let promised = segment.at(1).text.parse::<usize>().unwrap_or_default();
                self.sets_promised = Some(self.sets_promised.unwrap_or_default() + promised);
                differing("group", self.group.take(), &segment.at(2).text, &places, notes);
            }
            "IEA" => differing("interchange", self.interchange.take(), &segment.at(2).text, &places, notes),
            _ => {}
        }
    }

    fn end(self, sets: usize, notes: &mut Notes) {
        if self.interchange.is_some() || self.group.is_some() {
            notes.malformed("The file ends before its envelope does (GE, IEA): it may be cut off.", &[]);
        }
        if let Some(promised) = self.sets_promised.filter(|promised| *promised != sets) {
            let message = format!("The envelope promises {promised} documents, but {sets} are there.");
            notes.ask(Code::LineCountMismatch, "", message, &[]);
        }
    }
}

/// A control number that differs between header and trailer is common and harmless alone.
fn differing(what: &str, opened: Option<String>, closed: &str, places: &[Span], notes: &mut Notes) {
    if let Some(opened) = opened.filter(|opened| opened.trim_start_matches('0') != closed.trim_start_matches('0')) {
        let message = format!("The control number of the {what} is {opened} at its start and {closed} at its end.");
        notes.note(Code::MalformedSyntax, "", shorten(&message), places);
    }
}

fn read_transaction(set: &[Segment], parts: &mut Vec<Part>, notes: &mut Notes) {
    let Some(start) = set.first() else { return };
    let number = start.at(1).text;
    let kind = kind_of_set(&number);
    match number.as_str() {
        "850" | "860" | "875" | "876" => {
            let (kind, order) = x12_order::read(set, kind, parts.len(), notes);
            parts.push(Part { kind, order: Some(order) });
        }
        _ => {
            if kind == DocumentKind::Other && number != "997" && number != "999" {
                notes.note(
                    Code::UnknownSegment,
                    "",
                    format!("A document of type {number} is not read."),
                    &start.whole("").places(),
                );
            }
            parts.push(Part { kind, order: None });
        }
    }
}

/// Transaction set numbers of ASC X12.
fn kind_of_set(number: &str) -> DocumentKind {
    match number {
        "850" | "875" => DocumentKind::PurchaseOrder,
        "860" | "876" => DocumentKind::OrderChange,
        "855" | "865" => DocumentKind::OrderAcknowledgement,
        "810" | "880" => DocumentKind::Invoice,
        "812" => DocumentKind::CreditNote,
        "856" | "857" | "861" | "945" => DocumentKind::DeliveryNote,
        "840" => DocumentKind::RequestForQuote,
        "843" => DocumentKind::Quote,
        "820" => DocumentKind::Remittance,
        "821" | "822" => DocumentKind::Statement,
        "180" => DocumentKind::ReturnRequest,
        "869" => DocumentKind::StatusInquiry,
        _ => DocumentKind::Other,
    }
}
