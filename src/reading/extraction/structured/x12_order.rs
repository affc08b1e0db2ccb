//! The content of an X12 purchase order (850, grocery 875) or change of one (860, 876).
//!
//! Element numbers and code values are those of release 004010; older and newer releases agree in the segments read here.

use crate::model::{Code, DocumentKind, DraftLine, DraftOrder, DraftParty, Reading};
use rust_decimal::Decimal;

use super::charges::{self, Nature, Statement};
use super::notes::{Notes, shorten};
use super::parties::{Parties, Role};
use super::piece::{Piece, agree, compact_date, decimal, fill};
use super::segment::Segment;
use super::x12_line::{Line, date_of, part_pairs, price_basis, requested, unit_of};
use super::x12_terms::{incoterm, terms};

/// Reads one set; `index` is the order's place in the draft, for the pointers of findings.
pub(super) fn read(set: &[Segment], kind: DocumentKind, index: usize, notes: &mut Notes) -> (DocumentKind, DraftOrder) {
    let mut reader = Reader {
        kind,
        at: format!("/orders/{index}"),
        order: DraftOrder::default(),
        parties: Parties::default(),
        place: Place::Header,
        dates: Vec::new(),
        lines: Vec::new(),
        amounts: Vec::new(),
        statements: Vec::new(),
        stated_lines: Piece::default(),
        contacts: Vec::new(),
    };
    for segment in set {
        reader.segment(segment, notes);
    }
    reader.finish(notes)
}

/// Which loop the reader is in.
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
    /// Header dates with their qualifier.
    dates: Vec<(String, Piece)>,
    lines: Vec<Line>,
    /// Amounts of the summary with their qualifier.
    amounts: Vec<(String, Reading<Decimal>)>,
    /// Allowances and charges of the header and the summary.
    statements: Vec<Statement>,
    stated_lines: Piece,
    /// Contacts named before any party: the qualifier and the segment's reading.
    contacts: Vec<(Role, DraftParty)>,
}

impl Reader {
    fn segment(&mut self, segment: &Segment, notes: &mut Notes) {
        match segment.id.as_str() {
            "BEG" => self.beginning(segment, notes),
            "BCH" => self.beginning_of_change(segment, notes),
            "G50" => self.beginning_of_grocery_order(segment, notes),
            "CUR" => fill(&mut self.order.currency, segment.at(2).currency()),
            "DTM" => self.date(segment),
            "G62" => self.dates_mut().push((grocery_date(&segment.at(1).text).into(), segment.at(2))),
            "N1" => self.start_party(segment, segment.at(2)),
            // A person: given name after the surname.
            "NM1" => self.start_party(segment, Piece::join([&segment.at(4), &segment.at(3)], " ")),
            "N2" | "N3" | "N4" | "PER" => self.party_detail(segment),
            "REF" => self.reference(segment),
            "ITD" => fill(&mut self.order.payment_terms, terms(segment).words()),
            "FOB" => fill(&mut self.order.incoterm, incoterm(segment).words()),
            "PO1" => self.start_line(segment, ["", "1", "2", "3", "4", "5"], 6, notes),
            "POC" => self.start_line(segment, ["2", "1", "3", "5", "6", "7"], 8, notes),
            "G68" => self.start_grocery_line(segment),
            "PID" => self.with_line(|line| line.descriptions.push((segment.at(2).text, segment.at(5)))),
            "G69" => self.with_line(|line| line.descriptions.push((String::new(), segment.at(1)))),
            "CTP" => self.price(segment),
            "SCH" => self.with_line(|line| line.schedule(segment)),
            "SDQ" => self.spread(segment, notes),
            "SAC" => self.charge(segment, notes),
            "G72" => self.grocery_charge(segment, notes),
            "CSH" => self.sales_requirement(segment, notes),
            "TXI" => self.tax(segment),
            "AMT" => self.amount(segment),
            "CTT" => {
                self.parties.end();
                self.place = Place::Summary;
                self.stated_lines = segment.at(1);
            }
            "TDS" => self.amounts.push(("TT".into(), cents(&segment.at(1)))),
            "G76" => self.place = Place::Summary,
            "NTE" | "MSG" | "MTX" | "N9" => self.free_text(segment, notes),
            id if KNOWN.contains(&id) => {}
            id => notes.unknown(&shorten(id), &segment.whole("").places()),
        }
    }

    fn beginning(&mut self, segment: &Segment, notes: &mut Notes) {
        self.purpose(&segment.at(1), notes);
        self.order_type(&segment.at(2), notes);
        self.order.po_number = segment.at(3).words();
        self.order.release_number = segment.at(4).words();
        self.order.po_date = date_of(&segment.at(5));
    }

    fn beginning_of_change(&mut self, segment: &Segment, notes: &mut Notes) {
        // BCH01 is the purpose of the change itself: 01 cancels, 04 changes the listed lines, 05 replaces the order (DOMAIN 4).
        if matches!(segment.at(1).text.as_str(), "01" | "03") {
            self.kind = DocumentKind::OrderCancellation;
        }
        self.order_type(&segment.at(2), notes);
        self.order.po_number = segment.at(3).words();
        self.order.release_number = segment.at(4).words();
        self.order.revision = segment.at(5).words();
        self.order.po_date = date_of(&segment.at(6));
    }

    fn beginning_of_grocery_order(&mut self, segment: &Segment, notes: &mut Notes) {
        // Order status, DE 92: N and O are new orders.
        let status = segment.at(1);
        if !matches!(status.text.as_str(), "" | "N" | "O") {
            let message = format!("The order is not marked as new (status {}).", shorten(&status.text));
            notes.ask(Code::NotAnOriginal, format!("{}/po_number", self.at), message, &status.places());
        }
        self.order.po_date = date_of(&segment.at(2));
        self.order.po_number = segment.at(3).words();
    }

    /// Transaction set purpose, DE 353.
    fn purpose(&mut self, code: &Piece, notes: &mut Notes) {
        let meaning = match code.text.as_str() {
            "" | "00" => return,
            "01" | "03" => {
                self.kind = DocumentKind::OrderCancellation;
                return;
            }
            "02" | "04" | "05" => {
                self.kind = DocumentKind::OrderChange;
                return;
            }
            "06" => "a confirmation",
            "07" => "a duplicate",
            "18" => "a reissue",
            "22" => "an information copy",
            "24" => "a draft",
            _ => "not an original",
        };
        let message = format!("The order is marked as {meaning} (BEG01 {}).", shorten(&code.text));
        notes.ask(Code::NotAnOriginal, format!("{}/po_number", self.at), message, &code.places());
    }

    /// Purchase order type, DE 92 (DOMAIN 2).
    fn order_type(&mut self, code: &Piece, notes: &mut Notes) {
        let (finding, message) = match code.text.as_str() {
            "BK" | "BE" | "BL" | "BQ" => (Code::ClauseNeedsReview, "This is a blanket order: a commitment, not a shipment."),
            "CF" | "CO" => (Code::NotAnOriginal, "This confirms an order that was placed before."),
            "CN" => (Code::ClauseNeedsReview, "The goods are ordered on consignment."),
            "SP" => (Code::ClauseNeedsReview, "The goods are ordered as samples."),
            _ => return,
        };
        notes.ask(finding, format!("{}/po_number", self.at), message, &code.places());
    }

    fn date(&mut self, segment: &Segment) {
        let qualifier = segment.at(1).text;
        // DTM02 is the date; DTM06 is another form of it, named in DTM05 (D8, RD8).
        let stated = segment.at(2);
        let date = match (stated.is_empty(), segment.at(5).text.as_str()) {
            (true, "D8" | "DT" | "RD8") => segment.at(6),
            _ => stated,
        };
        self.dates_mut().push((qualifier, date));
    }

    fn dates_mut(&mut self) -> &mut Vec<(String, Piece)> {
        match (self.place, self.lines.last_mut()) {
            (Place::Line, Some(line)) => &mut line.dates,
            _ => &mut self.dates,
        }
    }

    fn start_party(&mut self, segment: &Segment, name: Piece) {
        // Entity identifier, DE 98.
        let role = match segment.at(1).text.as_str() {
            "BY" => Role::Buyer,
            "OB" | "SO" | "EN" => Role::BuyerElse,
            "SE" | "VN" => Role::Seller,
            "SU" => Role::SellerElse,
            "ST" => Role::ShipTo,
            "BT" | "B1" => Role::BillTo,
            "PR" => Role::BillToElse,
            _ => Role::Other,
        };
        let mut party = DraftParty { name: name.words(), ..DraftParty::default() };
        if segment.id == "N1" && segment.at(3).text == "UL" {
            party.gln = segment.at(4).words();
        }
        self.parties.start(role, party);
    }

    fn party_detail(&mut self, segment: &Segment) {
        let Some(party) = self.parties.open() else {
            self.header_contact(segment);
            return;
        };
        match segment.id.as_str() {
            // N2 holds further names, or the name where N1 gives only a code.
            "N2" => fill(&mut party.name, segment.at(1).words()),
            "N3" => fill(&mut party.street, Piece::join([&segment.at(1), &segment.at(2)], ", ").words()),
            "N4" => {
                fill(&mut party.city, segment.at(1).words());
                fill(&mut party.region, segment.at(2).words());
                fill(&mut party.postal_code, segment.at(3).words());
                fill(&mut party.country, segment.at(4).country());
            }
            _ => contact(segment, party),
        }
    }

    /// PER before any party: the function code says whose contact it is, DE 366.
    fn header_contact(&mut self, segment: &Segment) {
        let role = match segment.at(1).text.as_str() {
            "RE" | "DC" | "SH" => Role::ShipTo,
            "BD" | "OC" | "IC" | "CN" | "BI" => Role::Buyer,
            _ => return,
        };
        let mut party = DraftParty::default();
        if segment.id == "PER" {
            contact(segment, &mut party);
            self.contacts.push((role, party));
        }
    }

    fn reference(&mut self, segment: &Segment) {
        let value = segment.at(2);
        if let ("VX" | "GT", Some(party)) = (segment.at(1).text.as_str(), self.parties.open()) {
            fill(&mut party.vat_id, value.words());
        }
    }

    /// `fields` are the numbers of: change code, line number, quantity, unit, price, price basis.
    fn start_line(&mut self, segment: &Segment, fields: [&str; 6], pairs: usize, notes: &mut Notes) {
        let [change, number, quantity, unit, price, basis] =
            fields.map(|field| field.parse().map_or_else(|_| Piece::default(), |element| segment.at(element)));
        let unit = unit_of(&unit);
        let (price_basis, odd) = price_basis(&basis, &unit);
        let at = self.open_line();
        let line = Line {
            line: DraftLine {
                line_no: number.words(),
                quantity: quantity.number(),
                uom: unit.words(),
                unit_price: price.number(),
                price_basis,
                ..DraftLine::default()
            },
            parts: part_pairs(segment, pairs),
            ..Line::default()
        };
        if let Some(message) = odd {
            notes.ask(Code::AmbiguousField, format!("{at}/price_basis"), message, &basis.places());
        }
        // Line item change codes, DE 670: DI deletes the line.
        if change.text == "DI" {
            notes.ask(Code::CancelRequested, at, format!("Line {} is to be cancelled.", shorten(&number.text)), &change.places());
        }
        self.lines.push(line);
    }

    fn start_grocery_line(&mut self, segment: &Segment) {
        self.open_line();
        let mut parts = part_pairs(segment, 5);
        parts.push(("UP".into(), segment.at(4)));
        let line = DraftLine {
            quantity: segment.at(1).number(),
            uom: segment.at(2).words(),
            unit_price: segment.at(3).number(),
            ..DraftLine::default()
        };
        self.lines.push(Line { line, parts, ..Line::default() });
    }

    /// Ends what came before a line; gives the pointer of the line that starts.
    fn open_line(&mut self) -> String {
        self.parties.end();
        self.place = Place::Line;
        format!("{}/lines/{}", self.at, self.lines.len())
    }

    fn with_line(&mut self, change: impl FnOnce(&mut Line)) {
        if let (Place::Line, Some(line)) = (self.place, self.lines.last_mut()) {
            change(line);
        }
    }

    /// CTP: a price beside the one in PO1. Retail prices are the buyer's business.
    fn price(&mut self, segment: &Segment) {
        let ours =
            matches!(segment.at(2).text.as_str(), "" | "UCP" | "NET" | "CON" | "PRO" | "STA" | "QTE" | "CAT" | "PUR" | "AGR");
        self.with_line(|line| {
            if ours {
                fill(&mut line.line.unit_price, segment.at(3).number());
            }
        });
    }

    /// SDQ: the quantity is spread over stores, which one order to one address cannot carry.
    fn spread(&mut self, segment: &Segment, notes: &mut Notes) {
        let places = (3..=segment.len()).step_by(2).filter(|element| !segment.at(*element).is_empty()).count();
        let field = format!("{}/ship_to", self.at);
        let message = format!("The goods go to {places} different places (SDQ).");
        notes.ask(Code::AmbiguousShipTo, field, message, &segment.whole("").places());
    }

    /// SAC: an allowance (A) or charge (C); anything else states no money (DE 248).
    fn charge(&mut self, segment: &Segment, notes: &mut Notes) {
        let is_allowance = match segment.at(1).text.as_str() {
            "A" => true,
            "C" => false,
            _ => return,
        };
        let (code, words) = (segment.at(2), segment.at(15));
        let nature = match code.text.as_str() {
            code if FREIGHT.contains(&code) => Nature::Freight,
            code if TAXES.contains(&code) => Nature::Tax,
            _ => charges::nature("", &words.text),
        };
        // A rate is for each unit of SAC10 (DE 331 has the way it is settled: 01 and 03 are paid back later, not taken off).
        let later = is_allowance && matches!(segment.at(12).text.as_str(), "01" | "03");
        let statement = Statement {
            is_allowance,
            nature,
            reason: if words.is_empty() { code.reworded(format!("code {}", code.text)) } else { words },
            amount: cents(&segment.at(5)),
            percent: segment.at(7).number(),
            places: segment.whole("").places(),
        };
        if later {
            notes.note(
                Code::UnlistedCharge,
                self.at.clone(),
                "The order states an allowance that is paid back later.",
                &statement.places,
            );
            return;
        }
        match (self.place, self.lines.last_mut()) {
            (Place::Line, Some(line)) => line.statements.push(statement),
            (Place::Header | Place::Summary, _) | (Place::Line, None) => self.statements.push(statement),
        }
    }

    /// G72 of a grocery order has codes of its own: a person reads it.
    fn grocery_charge(&self, segment: &Segment, notes: &mut Notes) {
        let message = "The order states an allowance or charge (G72) that is not carried over.";
        notes.ask(Code::UnlistedCharge, self.at.clone(), message, &segment.whole("").places());
    }

    /// CSH: what the buyer does not want (DE 563): N no back orders, SC ship complete, and partial shipments forbidden.
    fn sales_requirement(&self, segment: &Segment, notes: &mut Notes) {
        let code = segment.at(1);
        let meaning = match code.text.as_str() {
            "N" => "no back orders",
            "SC" => "the order shipped complete",
            "P4" => "no substitution",
            _ => return,
        };
        let message = format!("The order wants {meaning} (CSH {}).", shorten(&code.text));
        notes.note(Code::ClauseNeedsReview, format!("{}/po_number", self.at), message, &code.places());
    }

    fn tax(&mut self, segment: &Segment) {
        if self.place != Place::Line {
            fill(&mut self.order.tax, segment.at(2).number());
        }
    }

    fn amount(&mut self, segment: &Segment) {
        let (qualifier, amount) = (segment.at(1).text, segment.at(2));
        match self.place {
            Place::Line => self.with_line(|line| {
                if matches!(qualifier.as_str(), "1" | "LI" | "TT") {
                    fill(&mut line.line.line_total, amount.number());
                }
            }),
            Place::Header | Place::Summary => self.amounts.push((qualifier, amount.number())),
        }
    }

    fn free_text(&mut self, segment: &Segment, notes: &mut Notes) {
        if segment.id == "MSG" {
            self.with_line(|line| line.messages.push(segment.at(1)));
        }
        for element in 1..=segment.len() {
            notes.caution(&format!("{}/po_number", self.at), &segment.at(element));
        }
    }

    fn finish(mut self, notes: &mut Notes) -> (DocumentKind, DraftOrder) {
        self.order.requested_delivery_date = requested(&self.dates);
        let stated = self.dates.iter().find(|(qualifier, _)| qualifier == "004");
        if let Some((_, date)) = stated {
            fill(&mut self.order.po_date, date_of(date));
        }
        self.summary();
        charges::of_order(&mut self.order, std::mem::take(&mut self.statements), &self.at, notes);
        self.unread(notes);
        if let Some(stated) = self.stated_lines.number().value().filter(|stated| **stated != self.lines.len().into()) {
            let message = format!("The order says that it has {stated} lines, but {} are there.", self.lines.len());
            notes.ask(Code::LineCountMismatch, format!("{}/lines", self.at), message, &self.stated_lines.places());
        }
        let lines = std::mem::take(&mut self.lines);
        self.order.lines =
            lines.into_iter().enumerate().map(|(i, line)| line.finish(&format!("{}/lines/{i}", self.at), notes)).collect();
        self.parties.hand_over(&mut self.order, &self.at, notes);
        // X12 names a sold-to party only "if different from bill-to" (DE 98, SO).
        if self.order.buyer.is_absent() {
            self.order.buyer = self.order.bill_to.clone();
        }
        for (role, contact) in self.contacts {
            let party = if role == Role::Buyer { &mut self.order.buyer } else { &mut self.order.ship_to };
            fill(&mut party.contact, contact.contact);
            fill(&mut party.phone, contact.phone);
            fill(&mut party.email, contact.email);
        }
        (self.kind, self.order)
    }

    /// Days that are none of delivery (DOMAIN 33), and a release number that looks like the day of an order that has none.
    fn unread(&self, notes: &mut Notes) {
        for (qualifier, date) in
            self.dates.iter().filter(|(q, date)| !q.is_empty() && !DATES.contains(&q.as_str()) && !date.is_empty())
        {
            notes.unknown(&format!("DTM {}", shorten(qualifier)), &date.places());
        }
        if self.order.po_date.is_absent()
            && let Some(release) = self.order.release_number.found().filter(|r| compact_date(&r.value).is_some())
        {
            let message = format!("The order has no date, and its release number {} looks like one.", shorten(&release.value));
            notes.ask(Code::AmbiguousField, format!("{}/release_number", self.at), message, release.origin.spans());
        }
    }

    /// Amount qualifiers, DE 522: TT total, 1 line item total, GV gross, N net, T tax.
    fn summary(&mut self) {
        let amount = |wanted: &[&str]| -> Reading<Decimal> {
            let of_first = wanted.iter().find(|code| self.amounts.iter().any(|(qualifier, _)| qualifier == *code));
            agree(self.amounts.iter().filter(|(q, _)| Some(&q.as_str()) == of_first).map(|(_, amount)| amount.clone()))
        };
        let (total, lines, tax) = (amount(&["TT", "GV", "GT", "BAP", "N"]), amount(&["1"]), amount(&["T", "TX"]));
        if total.is_absent() {
            self.order.total = lines;
        } else {
            self.order.total = total;
            self.order.subtotal = lines;
        }
        fill(&mut self.order.tax, tax);
    }
}

/// Segments that an order may hold and that say nothing the contract asks for.
const KNOWN: [&str; 52] = [
    "ST", "SE", "TAX", "TD1", "TD3", "TD4", "TD5", "PKG", "PWK", "MAN", "PO3", "PO4", "PCT", "LIN", "SI", "DIS", "INC", "LDT",
    "LS", "LE", "MEA", "MEM", "MTX", "N10", "NX2", "PD", "PDL", "QTY", "RRA", "SPI", "ADV", "AAA", "EFI", "ISR", "FA1", "FA2",
    "G61", "G66", "G70", "G73", "G22", "G23", "G39", "G54", "N5", "N11", "CB1", "CN1", "NX1", "PS", "RD", "III",
];

/// Dates, DE 374, that are read, or that time other things than the delivery: 001 and 003 order and invoice, 007 and 036 validity.
const DATES: [&str; 17] =
    ["002", "106", "074", "996", "077", "067", "064", "063", "004", "003", "007", "036", "152", "196", "197", "405", "102"];

/// Allowance and charge codes, DE 1300, that are freight.
const FREIGHT: [&str; 12] = ["D240", "G830", "D200", "D210", "D220", "D230", "D250", "D260", "D270", "D500", "G821", "C680"];

/// And those that are taxes.
const TAXES: [&str; 10] = ["H740", "H750", "H760", "H770", "H780", "H790", "H800", "H820", "H850", "D360"];

fn grocery_date(qualifier: &str) -> &'static str {
    // G62 date qualifiers, DE 432: 02 requested delivery, 10 requested ship, 68 requested delivery date/time.
    match qualifier {
        "02" | "68" => "002",
        "10" => "010",
        _ => "",
    }
}

fn contact(segment: &Segment, party: &mut DraftParty) {
    fill(&mut party.contact, segment.at(2).words());
    for element in [3, 5, 7] {
        let number = segment.at(element + 1);
        match segment.at(element).text.as_str() {
            "TE" | "WP" | "CP" => fill(&mut party.phone, number.words()),
            "EM" => fill(&mut party.email, number.words()),
            _ => {}
        }
    }
}

/// An amount of type N2: cents without a point; written with a point it is taken as it stands.
fn cents(piece: &Piece) -> Reading<Decimal> {
    piece.read(|text| {
        let value = decimal(text, &['.'])?;
        if text.contains('.') { Some(value) } else { value.checked_div(Decimal::ONE_HUNDRED) }
    })
}
