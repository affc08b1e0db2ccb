//! The content of an EDIFACT order (ORDERS) or order change (ORDCHG), directories D.93A to D.2x, EANCOM included.
//!
//! Data element numbers in the comments are those of the UN/EDIFACT directory.

use crate::model::{Code, DocumentKind, DraftLine, DraftOrder, Reading, Span};
use rust_decimal::Decimal;

use super::charges::{self, Statement};
use super::edifact_charge::{Charge, GROUP};
use super::edifact_line::{DELIVERY, Dated, Line, Price, date, first_dated, number, number_text};
use super::edifact_party::{gln, party, role};
use super::notes::{Notes, shorten};
use super::parties::{Parties, Role};
use super::piece::{Piece, agree, fill};
use super::segment::Segment;

/// Reads one message; `index` is the order's place in the draft, for the pointers of findings.
pub(super) fn read(message: &[Segment], kind: DocumentKind, index: usize, notes: &mut Notes) -> (DocumentKind, DraftOrder) {
    let mut reader = Reader {
        kind,
        at: format!("/orders/{index}"),
        order: DraftOrder::default(),
        parties: Parties::default(),
        place: Place::Header,
        dates: Vec::new(),
        amounts: Vec::new(),
        references: Vec::new(),
        currencies: Vec::new(),
        lines: Vec::new(),
        charge: None,
        statements: Vec::new(),
        delivery_place: Piece::default(),
        in_tax: false,
    };
    for segment in message {
        reader.segment(segment, notes);
    }
    reader.finish(notes)
}

/// Kinds that the document name (1001) tells apart within one message type.
pub(super) fn kind_by_name_code(message: &[Segment], kind: DocumentKind) -> DocumentKind {
    let code = message.iter().find(|segment| segment.id == "BGM").map(|segment| segment.part(1, 1).text);
    match (kind, code.as_deref()) {
        (DocumentKind::Invoice, Some("381" | "83" | "396" | "308")) => DocumentKind::CreditNote,
        _ => kind,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    Line,
    Summary,
}

struct Reader {
    kind: DocumentKind,
    at: String,
    order: DraftOrder,
    parties: Parties,
    place: Place,
    dates: Vec<Dated>,
    /// Monetary amounts by qualifier, and where the qualifier stands.
    amounts: Vec<(String, Reading<Decimal>, Vec<Span>)>,
    references: Vec<(String, Piece)>,
    /// Usage (6343) and code.
    currencies: Vec<(String, Piece)>,
    lines: Vec<Line>,
    /// The allowance or charge that is being read.
    charge: Option<Charge>,
    /// Allowances and charges of the header.
    statements: Vec<Statement>,
    /// LOC+7 of the header: where no party is named, the place of delivery is.
    delivery_place: Piece,
    /// After TAX, a MOA is the tax's until another group starts.
    in_tax: bool,
}

impl Reader {
    fn segment(&mut self, segment: &Segment, notes: &mut Notes) {
        if !GROUP.contains(&segment.id.as_str()) {
            self.end_charge();
            self.in_tax = false;
        }
        match segment.id.as_str() {
            "BGM" => self.beginning(segment, notes),
            "DTM" => self.date(segment),
            "RFF" => self.reference(segment),
            "NAD" => self.start_party(segment),
            "CTA" => self.contact(segment),
            "COM" => self.channel(segment),
            "LOC" => self.location(segment),
            "CUX" => self.currency(segment),
            "PAT" | "PYT" => self.payment(segment),
            "TOD" => self.delivery_terms(segment),
            "FTX" => self.free_text(segment, notes),
            "LIN" => self.start_line(segment, notes),
            "PIA" => self.more_numbers(segment),
            "IMD" => self.description(segment),
            "QTY" => self.quantity(segment),
            "PRI" => self.price(segment),
            "MOA" => self.amount(segment),
            "ALC" => self.start_charge(segment),
            "PCD" => {
                if let Some(charge) = &mut self.charge {
                    charge.percentage(segment);
                }
            }
            "SCC" => self.with_line(|line| line.in_schedule = true),
            "TAX" => self.in_tax = true,
            "UNS" => {
                self.parties.end();
                self.place = Place::Summary;
            }
            "CNT" => self.control(segment, notes),
            id if KNOWN.contains(&id) => {}
            id => notes.unknown(&shorten(id), &segment.whole("").places()),
        }
    }

    fn beginning(&mut self, segment: &Segment, notes: &mut Notes) {
        self.order.po_number = segment.at(2).words();
        // From D.97A on the number is a composite with version and revision.
        self.order.revision = segment.part(2, 3).words();
        self.document_name(&segment.part(1, 1), notes);
        self.function(&segment.at(3), notes);
    }

    /// Document name code, 1001.
    fn document_name(&mut self, code: &Piece, notes: &mut Notes) {
        let (finding, message) = match code.text.as_str() {
            "221" => (Code::ClauseNeedsReview, "This is a blanket order: a commitment, not a shipment."),
            "227" => (Code::ClauseNeedsReview, "The goods are ordered on consignment."),
            "228" => (Code::ClauseNeedsReview, "The goods are ordered as samples."),
            "223" | "232" => (Code::ClauseNeedsReview, "The goods are ordered on lease or hire."),
            "230" => {
                self.kind = DocumentKind::OrderChange;
                return;
            }
            "231" => {
                self.kind = DocumentKind::OrderAcknowledgement;
                return;
            }
            "310" | "311" => {
                self.kind = DocumentKind::RequestForQuote;
                return;
            }
            _ => return,
        };
        notes.ask(finding, format!("{}/po_number", self.at), message, &code.places());
    }

    /// Message function code, 1225 (DOMAIN 4).
    fn function(&mut self, code: &Piece, notes: &mut Notes) {
        let meaning = match code.text.as_str() {
            "" | "9" => return,
            "1" | "3" => {
                self.kind = DocumentKind::OrderCancellation;
                return;
            }
            "17" => {
                self.kind = DocumentKind::OrderCancellation;
                let message = "The order is cancelled and will be sent again.";
                notes.note(Code::CancelRequested, self.at.clone(), message, &code.places());
                return;
            }
            "2" | "4" | "5" | "20" | "36" => {
                self.kind = DocumentKind::OrderChange;
                return;
            }
            "6" | "42" => "a confirmation",
            "7" => "a duplicate",
            "16" | "46" => "provisional",
            "31" => "a copy",
            "43" => "an additional transmission",
            "47" => "definitive after a provisional one",
            "53" => "a test",
            _ => "not an original",
        };
        let message = format!("The order is marked as {meaning} (message function {}).", shorten(&code.text));
        notes.ask(Code::NotAnOriginal, format!("{}/po_number", self.at), message, &code.places());
    }

    fn date(&mut self, segment: &Segment) {
        let format = segment.part(1, 3).text;
        let date = segment.part(1, 2).read(|text| date(text, &format));
        let qualifier = segment.part(1, 1);
        if self.charge.is_some() {
            return;
        }
        match (self.place, self.lines.last_mut()) {
            (Place::Line, Some(line)) => line.date(Dated { qualifier, date }),
            (Place::Header | Place::Summary, _) | (Place::Line, None) => self.dates.push(Dated { qualifier, date }),
        }
    }

    fn reference(&mut self, segment: &Segment) {
        let (qualifier, value) = (segment.part(1, 1).text, segment.part(1, 2));
        match (qualifier.as_str(), self.parties.open()) {
            ("VA", Some(party)) => fill(&mut party.vat_id, value.words()),
            _ if self.place == Place::Header => self.references.push((qualifier, value)),
            _ => {}
        }
    }

    fn start_party(&mut self, segment: &Segment) {
        let role = role(&segment.at(1).text);
        if self.place == Place::Line && role == Role::ShipTo {
            self.with_line(|line| line.places += 1);
        }
        self.parties.start(role, party(segment));
    }

    fn contact(&mut self, segment: &Segment) {
        let name = if segment.part(2, 2).is_empty() { segment.part(2, 1) } else { segment.part(2, 2) };
        if let Some(party) = self.parties.open() {
            fill(&mut party.contact, name.words());
        }
    }

    fn channel(&mut self, segment: &Segment) {
        let Some(party) = self.parties.open() else { return };
        for element in 1..=segment.len() {
            let number = segment.part(element, 1);
            match segment.part(element, 2).text.as_str() {
                "TE" | "AL" => fill(&mut party.phone, number.words()),
                "EM" => fill(&mut party.email, number.words()),
                _ => {}
            }
        }
    }

    /// LOC after TOD is the place that the Incoterm names; in a line, the place of delivery (7) of a part of it.
    fn location(&mut self, segment: &Segment) {
        let name = if segment.part(2, 4).is_empty() { segment.part(2, 1) } else { segment.part(2, 4) };
        if self.place == Place::Line && segment.at(1).text == "7" {
            self.with_line(|line| {
                line.places += 1;
                line.place = name.clone();
            });
        } else if segment.at(1).text == "7" && self.delivery_place.is_empty() && self.parties.open_is_buyer() {
            self.delivery_place = segment.part(2, 1);
        } else if let ("1", Reading::Found(term)) = (segment.at(1).text.as_str(), &self.order.incoterm) {
            let spans = term.origin.spans().iter().filter_map(|span| match span {
                Span::Text { start, end } => Some((*start, *end)),
                Span::Box { .. } => None,
            });
            let term = Piece { text: term.value.clone(), spans: spans.collect() };
            self.order.incoterm = Piece::join([&term, &name], " ").words();
        }
    }

    fn currency(&mut self, segment: &Segment) {
        for element in 1..=segment.len() {
            // 6347 = 2 is the reference currency; 6343 says what it is used for: 9 order, 4 invoice, 10 pricing.
            if !segment.part(element, 2).is_empty() {
                self.currencies.push((segment.part(element, 3).text, segment.part(element, 2)));
            }
        }
    }

    fn payment(&mut self, segment: &Segment) {
        let words = Piece::join(segment.parts(2).iter().skip(3), " ");
        let (unit, count) = (segment.part(3, 3).text, segment.part(3, 4).text);
        // 2151: CD calendar days, WD working days.
        let unit = match unit.as_str() {
            "D" | "CD" => "days",
            "WD" => "working days",
            "W" => "weeks",
            "M" => "months",
            _ => "",
        };
        if !words.is_empty() {
            fill(&mut self.order.payment_terms, words.words());
        } else if matches!(segment.at(1).text.as_str(), "1" | "3" | "7") && !unit.is_empty() && !count.is_empty() {
            fill(&mut self.order.payment_terms, segment.whole(format!("{count} {unit}")).words());
        }
    }

    fn delivery_terms(&mut self, segment: &Segment) {
        let term = if segment.part(3, 1).is_empty() { segment.part(3, 4) } else { segment.part(3, 1) };
        fill(&mut self.order.incoterm, term.words());
    }

    fn free_text(&mut self, segment: &Segment, notes: &mut Notes) {
        let text = Piece::join(segment.parts(4), " ");
        notes.caution(&format!("{}/po_number", self.at), &text);
        // Text subject, 4451: PMT payment detail, AAB terms of payments.
        if matches!(segment.at(1).text.as_str(), "PMT" | "AAB") && self.place == Place::Header {
            fill(&mut self.order.payment_terms, text.words());
        }
    }

    fn start_line(&mut self, segment: &Segment, notes: &mut Notes) {
        self.parties.end();
        self.place = Place::Line;
        let number = segment.at(1);
        let item = segment.part(3, 1);
        let mut line = Line { line: DraftLine { line_no: number.words(), ..DraftLine::default() }, ..Line::default() };
        line.parts.push((segment.part(3, 2), item));
        // Action code, 1229: 2 deletes the line, 7 does not accept it.
        if matches!(segment.at(2).text.as_str(), "2" | "7") {
            let at = format!("{}/lines/{}", self.at, self.lines.len());
            notes.ask(
                Code::CancelRequested,
                at,
                format!("Line {} is to be cancelled.", shorten(&number.text)),
                &segment.at(2).places(),
            );
        }
        self.lines.push(line);
    }

    fn more_numbers(&mut self, segment: &Segment) {
        // PIA+3 substitutes the item; its numbers are not those of the item ordered.
        let own = segment.at(1).text != "3";
        let numbers: Vec<(Piece, Piece)> =
            (2..=segment.len()).map(|element| (segment.part(element, 2), segment.part(element, 1))).collect();
        self.with_line(|line| {
            if own {
                line.parts.extend(numbers);
            }
        });
    }

    fn description(&mut self, segment: &Segment) {
        let words = Piece::join([&segment.part(3, 4), &segment.part(3, 5)], " ");
        // The book trade labels each part: 050 is the title (EDItEUR).
        let label = segment.part(2, 1).text;
        self.with_line(|line| line.descriptions.push((label, words)));
    }

    fn quantity(&mut self, segment: &Segment) {
        if self.charge.is_none() {
            self.with_line(|line| line.quantity(segment.part(1, 1), segment.part(1, 2), segment.part(1, 3)));
        }
    }

    fn price(&mut self, segment: &Segment) {
        let price = Price {
            qualifier: segment.part(1, 1),
            amount: segment.part(1, 2),
            basis: segment.part(1, 5),
            unit: segment.part(1, 6),
        };
        self.with_line(|line| line.prices.push(price));
    }

    fn amount(&mut self, segment: &Segment) {
        let amount = number(&segment.part(1, 2));
        let qualifier = segment.part(1, 1).text;
        if let Some(charge) = &mut self.charge {
            charge.amount(&qualifier, amount);
            return;
        }
        match self.place {
            // 203 line item amount, 66 goods item total, 38 invoice item amount.
            Place::Line if !self.in_tax && matches!(qualifier.as_str(), "203" | "66" | "38") => {
                self.with_line(|line| line.totals.push(amount))
            }
            Place::Line => {}
            Place::Header | Place::Summary => self.amounts.push((qualifier, amount, segment.part(1, 1).places())),
        }
    }

    fn start_charge(&mut self, segment: &Segment) {
        self.charge = Some(Charge::start(segment, self.place == Place::Line));
    }

    fn end_charge(&mut self) {
        let Some(charge) = self.charge.take() else { return };
        match self.lines.last_mut() {
            Some(line) if charge.on_line => line.statements.push(charge.into_statement()),
            Some(_) | None => self.statements.push(charge.into_statement()),
        }
    }

    /// CNT: 2 counts the lines, 1 adds up the quantities (6069).
    fn control(&mut self, segment: &Segment, notes: &mut Notes) {
        let stated = number(&segment.part(1, 2));
        let (found, what) = match segment.part(1, 1).text.as_str() {
            "2" => (Some(Decimal::from(self.lines.len())), "lines"),
            "1" => (self.quantity_sum(), "units in all"),
            _ => return,
        };
        if let (Some(stated), Some(found)) = (stated.value(), found)
            && *stated != found
        {
            let message = format!("The order says that it has {stated} {what}, but {found} are there.");
            notes.ask(Code::LineCountMismatch, format!("{}/lines", self.at), message, &segment.whole("").places());
        }
    }

    fn quantity_sum(&self) -> Option<Decimal> {
        self.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(*line.ordered()?.1.read(number_text).value()?))
    }

    fn with_line(&mut self, change: impl FnOnce(&mut Line)) {
        if let (Place::Line, Some(line)) = (self.place, self.lines.last_mut()) {
            change(line);
        }
    }

    fn finish(mut self, notes: &mut Notes) -> (DocumentKind, DraftOrder) {
        self.end_charge();
        self.order_number();
        // Date functions, 2005: 4 order, 137 document, 2 delivery requested, 63 and 64 latest and earliest.
        self.order.po_date = first_dated(&self.dates, &["4", "137"]);
        self.order.requested_delivery_date = first_dated(&self.dates, &DELIVERY);
        let preferred = ["9", "10", "4", ""].into_iter().find(|usage| self.currencies.iter().any(|(u, _)| u == usage));
        let usable = self.currencies.iter().filter(|(usage, _)| preferred.is_none_or(|p| p == usage));
        self.order.currency = agree(usable.map(|(_, code)| code.currency()));
        self.summary(notes);
        charges::of_order(&mut self.order, std::mem::take(&mut self.statements), &self.at, notes);
        let lines = std::mem::take(&mut self.lines);
        self.order.lines =
            lines.into_iter().enumerate().map(|(i, line)| line.finish(&format!("{}/lines/{i}", self.at), notes)).collect();
        self.parties.hand_over(&mut self.order, &self.at, notes);
        if self.order.ship_to.is_absent() {
            self.order.ship_to.gln = gln(&self.delivery_place);
        }
        for dated in self.dates.iter().filter(|dated| !DATES.contains(&dated.qualifier.text.as_str())) {
            notes.unknown(&format!("DTM {}", shorten(&dated.qualifier.text)), &dated.qualifier.places());
        }
        (self.kind, self.order)
    }

    /// A change has its own number; the order that it changes is in RFF+ON.
    fn order_number(&mut self) {
        let reference =
            |wanted: &str| self.references.iter().find(|(qualifier, _)| qualifier == wanted).map(|(_, value)| value.words());
        let ordered = reference("ON").or_else(|| reference("CO"));
        match self.kind {
            DocumentKind::OrderChange | DocumentKind::OrderCancellation => {
                if let Some(ordered) = ordered.filter(|reading| !reading.is_absent()) {
                    self.order.po_number = ordered;
                }
            }
            _ => fill(&mut self.order.po_number, ordered.unwrap_or_default()),
        }
    }

    /// Monetary amount types, 5025.
    fn summary(&mut self, notes: &mut Notes) {
        let amount = |wanted: &[&str]| {
            let code = wanted.iter().find(|code| self.amounts.iter().any(|(qualifier, ..)| qualifier == *code));
            agree(self.amounts.iter().filter(|(q, ..)| Some(&q.as_str()) == code).map(|(_, amount, _)| amount.clone()))
        };
        for (qualifier, _, places) in self.amounts.iter().filter(|(qualifier, ..)| !AMOUNTS.contains(&qualifier.as_str())) {
            notes.unknown(&format!("MOA {}", shorten(qualifier)), places);
        }
        let (subtotal, total) = (amount(&["79"]), amount(&["86", "77", "39", "128", "9"]));
        let (tax, freight, discount) = (amount(&["176", "124", "150"]), amount(&["64", "144"]), amount(&["260"]));
        self.order.subtotal = subtotal;
        self.order.total = total;
        fill(&mut self.order.tax, tax);
        fill(&mut self.order.shipping, freight);
        fill(&mut self.order.discount, discount);
    }
}

/// Segments that an order may hold and that say nothing the contract asks for.
const KNOWN: [&str; 44] = [
    "UNH", "UNT", "PAI", "ALI", "IRQ", "FII", "DOC", "TDT", "PAC", "MEA", "PCI", "RFF", "HAN", "GIN", "GIR", "RJL", "APR", "RNG",
    "RTE", "RCS", "DGS", "EQD", "CCI", "CAV", "QVR", "ASI", "SPS", "BUS", "STG", "JIS", "PSD", "GEI", "MTD", "ATT", "CDI", "ARD",
    "DLI", "LCD", "DIM", "TMP", "TCC", "PTY", "EFI", "UGH",
];

/// Monetary amounts that are read, or that say nothing new: 35 alternative currency, 53 duty, 125 taxable amount.
const AMOUNTS: [&str; 17] =
    ["79", "86", "77", "39", "128", "9", "176", "124", "150", "64", "144", "260", "35", "53", "125", "259", "116"];

/// Dates of a header that are read, or that date other things: 171 a reference, 134 a rate, 157 and 36 validity, 50 goods receipt.
const DATES: [&str; 12] = ["4", "137", "2", "358", "64", "63", "171", "134", "157", "36", "50", "97"];
