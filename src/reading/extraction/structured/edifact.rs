//! UN/EDIFACT (ISO 9735): service string, interchange and message envelopes; orders go to `edifact_order`.

use crate::model::{Code, DocumentKind, Draft};

use super::notes::{Notes, shorten};
use super::segment::{Segment, Syntax, report, scan_file};
use super::{Part, assemble, edifact_order};

/// The draft of an EDIFACT interchange; `None` when the text is none.
pub(super) fn read(source: &str) -> Option<Draft> {
    let segments = scan_file(source, "UNZ", service_string)?;
    let mut notes = Notes::default();
    report(&segments, &mut notes);
    let mut parts = Vec::new();
    for message in messages(&segments, &mut notes) {
        read_message(message, &mut parts, &mut notes);
    }
    if parts.is_empty() && !segments.iter().any(|segment| segment.id == "UNB") {
        return None;
    }
    Some(assemble(parts, notes))
}

/// UNA names the six service characters; without it the defaults of ISO 9735 hold. Gives the offset of the first segment too.
fn service_string(source: &str, from: usize) -> Option<(Syntax, usize)> {
    let rest = source.get(from..)?;
    let body = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let from = from + rest.len() - body.len();
    let standard = Syntax { segment: '\'', element: '+', component: Some(':'), release: Some('?'), code: '+' };
    let Some(una) = body.strip_prefix("UNA") else {
        let separated = body.starts_with("UN") && body.get(3..).is_some_and(|rest| rest.starts_with('+'));
        return separated.then_some((standard, from));
    };
    let mut characters = una.char_indices();
    let mut next = || characters.next();
    let ((_, component), (_, element), _decimal_mark, (_, release), _reserved, (last, segment)) =
        (next()?, next()?, next()?, next()?, next()?, next()?);
    if [component, element, segment].iter().any(|c| c.is_alphanumeric()) || segment == element || component == element {
        return None;
    }
    let release = Some(release).filter(|c| *c != ' ');
    let syntax = Syntax { segment, element, component: Some(component), release, code: element };
    Some((syntax, from + 3 + last + segment.len_utf8()))
}

/// The messages, each from its UNH to its UNT, with the envelope checked.
fn messages<'a>(segments: &'a [Segment], notes: &mut Notes) -> Vec<&'a [Segment]> {
    let mut messages = Vec::new();
    let mut open: Option<usize> = None;
    let mut interchange: Option<&Segment> = None;
    for (index, segment) in segments.iter().enumerate() {
        if matches!(segment.id.as_str(), "UNB" | "UNG" | "UNE" | "UNZ" | "UNH")
            && let Some(start) = open.take()
        {
            unclosed(&segments[start], notes);
            messages.push(&segments[start..index]);
        }
        match (segment.id.as_str(), open) {
            ("UNB", _) => {
                interchange = Some(segment);
                test_indicator(segment, notes);
            }
            ("UNH", _) => open = Some(index),
            ("UNT", Some(start)) => {
                count("segments", segment, index - start + 1, notes);
                same_reference("message", &segments[start].at(1).text, segment, notes);
                messages.push(&segments[start..=index]);
                open = None;
            }
            ("UNZ", _) => {
                if let Some(opened) = interchange.take() {
                    same_reference("interchange", &opened.at(5).text, segment, notes);
                }
                count_messages(segments, segment, messages.len(), notes);
            }
            ("UNG" | "UNE", _) => {}
            (_, Some(_)) => {}
            (id, None) => {
                notes.malformed(format!("Segment `{}` stands outside any message.", shorten(id)), &segment.whole("").places())
            }
        }
    }
    if let Some(start) = open {
        unclosed(&segments[start], notes);
        messages.push(&segments[start..]);
    }
    if let Some(opened) = interchange {
        notes.malformed("The file has no end (UNZ): it may be cut off.", &opened.whole("").places());
    }
    messages
}

fn unclosed(start: &Segment, notes: &mut Notes) {
    notes.malformed("A message in the file has no end (UNT): it may be cut off.", &start.whole("").places());
}

/// UNB element 11: 1 marks a test.
fn test_indicator(segment: &Segment, notes: &mut Notes) {
    if segment.at(11).text == "1" {
        notes.ask(Code::NotAnOriginal, "", "The interchange is marked as a test.", &segment.at(11).places());
    }
}

fn count(what: &str, trailer: &Segment, found: usize, notes: &mut Notes) {
    if let Some(stated) = trailer.at(1).number().value().filter(|stated| **stated != found.into()) {
        let message = format!("The file says that it has {stated} {what}, but {found} are there.");
        notes.ask(Code::LineCountMismatch, "", message, &trailer.whole("").places());
    }
}

/// UNZ counts the functional groups where there are any, else the messages.
fn count_messages(segments: &[Segment], trailer: &Segment, messages: usize, notes: &mut Notes) {
    let groups = segments.iter().filter(|segment| segment.id == "UNG").count();
    if groups > 0 {
        count("groups", trailer, groups, notes);
    } else {
        count("messages", trailer, messages, notes);
    }
}

fn same_reference(what: &str, opened: &str, trailer: &Segment, notes: &mut Notes) {
    let closed = trailer.at(2);
    if !closed.is_empty() && opened != closed.text {
        let message =
            format!("The reference of the {what} is {} at its start and {} at its end.", shorten(opened), shorten(&closed.text));
        notes.note(Code::MalformedSyntax, "", message, &closed.places());
    }
}

fn read_message(message: &[Segment], parts: &mut Vec<Part>, notes: &mut Notes) {
    let Some(header) = message.first() else { return };
    let name = header.part(2, 1).text.to_ascii_uppercase();
    match kind_of_message(&name) {
        Some(kind @ (DocumentKind::PurchaseOrder | DocumentKind::OrderChange)) => {
            let (kind, order) = edifact_order::read(message, kind, parts.len(), notes);
            parts.push(Part { kind, order: Some(order) });
        }
        Some(kind) => parts.push(Part { kind: edifact_order::kind_by_name_code(message, kind), order: None }),
        None => {
            notes.note(
                Code::UnknownSegment,
                "",
                format!("A message of type `{}` is not read.", shorten(&name)),
                &header.part(2, 1).places(),
            );
            parts.push(Part { kind: DocumentKind::Other, order: None });
        }
    }
}

/// Message types of the UN/EDIFACT directories.
fn kind_of_message(name: &str) -> Option<DocumentKind> {
    Some(match name {
        "ORDERS" => DocumentKind::PurchaseOrder,
        "ORDCHG" => DocumentKind::OrderChange,
        "ORDRSP" => DocumentKind::OrderAcknowledgement,
        "INVOIC" => DocumentKind::Invoice,
        "DESADV" | "RECADV" | "IFTMIN" | "IFTSTA" => DocumentKind::DeliveryNote,
        "REQOTE" => DocumentKind::RequestForQuote,
        "QUOTES" => DocumentKind::Quote,
        "REMADV" | "PAYORD" | "PAYMUL" => DocumentKind::Remittance,
        "STATAC" => DocumentKind::Statement,
        "OSTENQ" => DocumentKind::StatusInquiry,
        "RETANN" | "RETINS" => DocumentKind::ReturnRequest,
        "CONTRL" | "APERAK" | "OSTRPT" | "PRICAT" | "PARTIN" | "PRODAT" | "SLSRPT" | "SLSFCT" | "INVRPT" | "DELFOR" | "DELJIT" => {
            DocumentKind::Other
        }
        _ => return None,
    })
}
