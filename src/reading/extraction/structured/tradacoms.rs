//! TRADACOMS (ANA, United Kingdom): a file header with the parties, then one message an order.
//!
//! Amounts have implied decimals, dates two-digit years, and the pack size stands before the number of packs ordered.

use crate::model::{Code, DocumentKind, Draft, DraftLine, DraftOrder, DraftParty, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::notes::{Notes, shorten};
use super::piece::{Piece, compact_date, decimal, fill};
use super::segment::{Segment, Syntax, limit_reached, scan_file};
use super::{Part, assemble};

const SYNTAX: Syntax = Syntax { segment: '\'', element: '+', component: Some(':'), release: Some('?'), code: '=' };

/// The draft of a TRADACOMS transmission; `None` when the text is none.
pub(super) fn read(source: &str) -> Option<Draft> {
    let segments = scan_file(source, "END", start)?;
    let mut notes = Notes::default();
    if let Some(message) = limit_reached(&segments) {
        notes.ask(Code::LimitReached, "", message, &[]);
    }
    let mut file = File::default();
    if let Some(envelope) = segments.iter().find(|segment| segment.id == "STX") {
        // FROM and UNTO: code and name.
        (file.sender, file.receiver) = (envelope.part(2, 2), envelope.part(3, 2));
    }
    for message in messages(&segments, &mut notes) {
        file.message(message, &mut notes);
    }
    Some(assemble(file.parts, notes))
}

/// Where the first segment starts.
fn start(source: &str, from: usize) -> Option<(Syntax, usize)> {
    let rest = source.get(from..)?;
    let body = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    body.get(3..)?.starts_with('=').then_some((SYNTAX, from + rest.len() - body.len()))
}

/// The messages, each from its MHD to its MTR.
fn messages<'a>(segments: &'a [Segment], notes: &mut Notes) -> Vec<&'a [Segment]> {
    let mut messages = Vec::new();
    let mut open: Option<usize> = None;
    let mut ended = !segments.iter().any(|segment| segment.id == "STX");
    for (index, segment) in segments.iter().enumerate() {
        if matches!(segment.id.as_str(), "MHD" | "END")
            && let Some(start) = open.take()
        {
            unclosed(&segments[start], notes);
            messages.push(&segments[start..index]);
        }
        match (segment.id.as_str(), open) {
            ("MHD", _) => open = Some(index),
            ("MTR", Some(start)) => {
                counted(segment, index - start + 1, "segments", notes);
                messages.push(&segments[start..=index]);
                open = None;
            }
            ("END", _) => {
                counted(segment, messages.len(), "messages", notes);
                ended = true;
            }
            ("STX" | "BAT" | "EOB" | "RSG", _) | (_, Some(_)) => {}
            (id, None) => {
                notes.malformed(format!("Segment `{}` stands outside any message.", shorten(id)), &segment.whole("").places())
            }
        }
    }
    if let Some(start) = open {
        unclosed(&segments[start], notes);
        messages.push(&segments[start..]);
    }
    if !ended {
        notes.malformed("The file has no end (END): it may be cut off.", &[]);
    }
    messages
}

fn unclosed(start: &Segment, notes: &mut Notes) {
    notes.malformed("A message in the file has no end (MTR): it may be cut off.", &start.whole("").places());
}

fn counted(trailer: &Segment, found: usize, what: &str, notes: &mut Notes) {
    if let Some(stated) = trailer.at(1).number().value().filter(|stated| **stated != found.into()) {
        let message = format!("The file says that it has {stated} {what}, but {found} are there.");
        notes.ask(Code::LineCountMismatch, "", message, &trailer.whole("").places());
    }
}

/// What the file header says for all orders of the file, and the orders so far.
#[derive(Default)]
struct File {
    sender: Piece,
    receiver: Piece,
    buyer: DraftParty,
    seller: DraftParty,
    parts: Vec<Part>,
}

impl File {
    fn message(&mut self, message: &[Segment], notes: &mut Notes) {
        let Some(header) = message.first() else { return };
        let name = header.part(2, 1).text.to_ascii_uppercase();
        match name.as_str() {
            "ORDHDR" => self.header(message, notes),
            "ORDERS" => {
                let order = self.order(message, notes);
                self.parts.push(Part { kind: DocumentKind::PurchaseOrder, order: Some(order) });
            }
            "ORDTLR" => {
                for trailer in message.iter().filter(|segment| segment.id == "OFT") {
                    counted(trailer, self.parts.len(), "orders", notes);
                }
            }
            _ => {
                if let Some(kind) = kind_of_message(&name) {
                    self.parts.push(Part { kind, order: None });
                }
            }
        }
    }

    fn header(&mut self, message: &[Segment], notes: &mut Notes) {
        for segment in message {
            match segment.id.as_str() {
                "SDT" => {
                    self.seller = party(segment);
                    fill(&mut self.seller.name, self.receiver.words());
                }
                "CDT" => {
                    self.buyer = party(segment);
                    fill(&mut self.buyer.name, self.sender.words());
                }
                // Transaction code 0430: new orders.
                "TYP" if segment.at(1).text.trim_start_matches('0') != "430" => {
                    let message = format!("The file is of type {}, not of new orders.", shorten(&segment.at(1).text));
                    notes.ask(Code::NotAnOriginal, "", message, &segment.whole("").places());
                }
                "MHD" | "MTR" | "TYP" | "FIL" | "DNA" => {}
                id => notes.unknown(&shorten(id), &segment.whole("").places()),
            }
        }
    }

    fn order(&self, message: &[Segment], notes: &mut Notes) -> DraftOrder {
        let at = format!("/orders/{}", self.parts.len());
        let mut order = DraftOrder { buyer: self.buyer.clone(), seller: self.seller.clone(), ..DraftOrder::default() };
        for segment in message {
            match segment.id.as_str() {
                "CLO" => order.ship_to = party(segment),
                "ORD" => {
                    order.po_number = segment.part(1, 1).words();
                    order.po_date = date(&segment.part(1, 3));
                }
                // DIN: earliest and latest day of delivery.
                "DIN" => {
                    fill(&mut order.requested_delivery_date, date(&segment.at(1)));
                    fill(&mut order.requested_delivery_date, date(&segment.at(2)));
                }
                "OLD" => order.lines.push(line(segment)),
                "OTR" => {
                    if let Some(stated) = segment.at(1).number().value().filter(|stated| **stated != order.lines.len().into()) {
                        let message = format!("The order says that it has {stated} lines, but {} are there.", order.lines.len());
                        notes.ask(Code::LineCountMismatch, format!("{at}/lines"), message, &segment.whole("").places());
                    }
                }
                "DNB" | "DNA" => (1..=segment.len())
                    .for_each(|element| notes.caution(&format!("{at}/po_number"), &Piece::join(segment.parts(element), " "))),
                "MHD" | "MTR" | "DNC" | "OPO" | "POD" => {}
                id => notes.unknown(&shorten(id), &segment.whole("").places()),
            }
        }
        order
    }
}

/// SDT, CDT and CLO: location numbers, name, up to five address lines of which the last is the postcode, VAT registration.
fn party(segment: &Segment) -> DraftParty {
    let address = segment.parts(3);
    let (lines, postcode) = match address {
        [lines @ .., last] if address.len() == 5 => (lines, last.words()),
        lines => (lines, Reading::Absent),
    };
    DraftParty {
        gln: segment.part(1, 1).words(),
        name: segment.at(2).words(),
        street: Piece::join(lines, ", ").words(),
        postal_code: postcode,
        vat_id: segment.part(4, 1).words(),
        ..DraftParty::default()
    }
}

/// OLD: SEQA, SPRO, SACU, CPRO, UNOR, OQTY, OUCT, two more, TDES.
fn line(segment: &Segment) -> DraftLine {
    DraftLine {
        line_no: segment.at(1).words(),
        gtin: segment.part(2, 1).words(),
        supplier_part: segment.part(2, 2).words(),
        buyer_part: segment.part(4, 2).words(),
        // The number of ordering units; UNOR says how many consumer units make one, which is not the quantity.
        quantity: segment.part(6, 1).number(),
        uom: segment.part(6, 3).words(),
        pack_size: segment.part(5, 1).number(),
        unit_price: segment.part(7, 1).read(implied_four),
        description: Piece::join(segment.parts(10), " ").words(),
        ..DraftLine::default()
    }
}

/// Cost prices have four implied decimals.
fn implied_four(text: &str) -> Option<Decimal> {
    let value = decimal(text, &['.'])?;
    if text.contains('.') { Some(value) } else { value.checked_div(Decimal::from(10_000)) }
}

fn date(piece: &Piece) -> Reading<Date> {
    if piece.text.bytes().all(|b| b == b'0') { Reading::Absent } else { piece.read(compact_date) }
}

/// Message types; headers and trailers of other files say nothing more.
fn kind_of_message(name: &str) -> Option<DocumentKind> {
    Some(match name {
        "INVOIC" | "INVFIL" => DocumentKind::Invoice,
        "CREDIT" | "CREHDR" => DocumentKind::CreditNote,
        "DELIVR" | "DELHDR" => DocumentKind::DeliveryNote,
        "ACKMNT" | "ACKHDR" => DocumentKind::OrderAcknowledgement,
        "SRMINF" | "SRMHDR" => DocumentKind::Statement,
        "RAYMNT" | "PAYHDR" => DocumentKind::Remittance,
        "UPLIFT" | "UPLHDR" => DocumentKind::ReturnRequest,
        "RSGRSG" => return None,
        _ => DocumentKind::Other,
    })
}
