//! A line of an X12 order: part numbers by their qualifiers, the basis of the price, delivery dates, discounts.
//!
//! Code values are those of release 004010.

use crate::model::{DraftDelivery, DraftLine, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::charges::{self, Statement};
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, compact_date};
use super::schedule;
use super::segment::Segment;

/// A line with what may still choose between several statements.
#[derive(Default)]
pub(super) struct Line {
    pub line: DraftLine,
    pub parts: Vec<(String, Piece)>,
    pub descriptions: Vec<(String, Piece)>,
    pub dates: Vec<(String, Piece)>,
    pub deliveries: Vec<DraftDelivery>,
    pub statements: Vec<Statement>,
    /// Free text of the line.
    pub messages: Vec<Piece>,
}

impl Line {
    pub fn finish(mut self, at: &str, notes: &mut Notes) -> DraftLine {
        let part = |codes: &[&str]| {
            codes
                .iter()
                .find_map(|code| self.parts.iter().find(|(q, p)| q == code && !p.is_empty()))
                .map(|(_, p)| p.clone())
                .unwrap_or_default()
        };
        // Product/service id qualifiers, DE 235 (DOMAIN 31).
        let line = &mut self.line;
        line.buyer_part = part(&["BP", "IN", "PI", "CB", "IT", "SK"]).words();
        line.supplier_part = part(&["VP", "VN", "VC", "VA", "VS"]).words();
        line.manufacturer_part = part(&["MG", "MP", "MN", "MF"]).words();
        line.gtin = part(&["UP", "EN", "UK", "UI", "UA", "UD", "EO", "EU", "UE", "UB"]).words();
        line.description = description(&self.descriptions, &part(&["PD"])).words();
        if line.description.is_absent() {
            line.description = Piece::join(&self.messages, " ").words();
        }
        line.requested_date = requested(&self.dates);
        schedule::lay(line, std::mem::take(&mut self.deliveries), at, notes);
        charges::of_line(line, std::mem::take(&mut self.statements), at, notes);
        self.unread(notes);
        self.line
    }

    /// SCH: a part of the quantity and its day; SCH05 says whether that is of delivery.
    pub fn schedule(&mut self, segment: &Segment) {
        let (qualifier, date) = (segment.at(5), segment.at(6));
        let is_delivery = qualifier.is_empty() || DELIVERY.contains(&qualifier.text.as_str());
        let date_of_part = if is_delivery { date_of(&date) } else { Reading::Absent };
        if !is_delivery {
            self.dates.push((qualifier.text, date));
        }
        self.deliveries.push(DraftDelivery { quantity: segment.at(1).number(), date: date_of_part, place: segment.at(4).words() });
    }

    /// What the line states beside what was read of it.
    fn unread(&self, notes: &mut Notes) {
        for (qualifier, number) in self.parts.iter().filter(|(q, number)| !number.is_empty() && !ITEMS.contains(&q.as_str())) {
            let what = if qualifier.is_empty() { "a number of no kind" } else { qualifier };
            notes.unknown(&format!("PO1 {}", shorten(what)), &number.places());
        }
        for (qualifier, date) in
            self.dates.iter().filter(|(q, date)| !date.is_empty() && !q.is_empty() && !DELIVERY.contains(&q.as_str()))
        {
            notes.unknown(&format!("DTM {}", shorten(qualifier)), &date.places());
        }
    }
}

pub(super) fn date_of(piece: &Piece) -> Reading<Date> {
    piece.read(|text| compact_date(text.split('-').next().unwrap_or(text)))
}

/// Delivery by qualifier, best first.
const DELIVERY: [&str; 8] = ["002", "106", "074", "996", "077", "067", "064", "063"];
/// Item numbers, DE 235, that are read, or name what an order needs not: size, colour, style, commodity, brand, buyer's own classes.
const ITEMS: [&str; 42] = [
    "BP", "IN", "PI", "CB", "IT", "SK", "VP", "VN", "VC", "VA", "VS", "MG", "MP", "MN", "MF", "UP", "EN", "UK", "UI", "UA", "UD",
    "EO", "EU", "UE", "UB", "PD", "SZ", "CL", "BO", "ST", "BL", "PR", "ZZ", "CH", "EC", "DR", "PL", "MS", "HD", "TP", "CG", "LT",
];

/// The requested *delivery* date; ship dates are another thing (DOMAIN 33). Date/time qualifiers, DE 374.
pub(super) fn requested(dates: &[(String, Piece)]) -> Reading<Date> {
    DELIVERY
        .into_iter()
        .map(|wanted| agree(dates.iter().filter(|(q, _)| q == wanted).map(|(_, date)| date_of(date))))
        .find(|reading| !reading.is_absent())
        .unwrap_or_default()
}

/// Qualifier and number, pair by pair.
pub(super) fn part_pairs(segment: &Segment, from: usize) -> Vec<(String, Piece)> {
    (from..segment.len()).step_by(2).map(|element| (segment.at(element).text, segment.at(element + 1))).collect()
}

/// The unit out of a composite (`EA>1>1`) or a plain code.
pub(super) fn unit_of(piece: &Piece) -> Piece {
    match piece.text.split_once(|c: char| !c.is_alphanumeric()) {
        Some((unit, _)) => piece.reworded(unit),
        None => piece.clone(),
    }
}

/// Basis of unit price, DE 639: the quantity that the price is for (DOMAIN 16). The second value says what is odd about it.
pub(super) fn price_basis(code: &Piece, unit: &Piece) -> (Reading<Decimal>, Option<String>) {
    let by_unit = |wanted: &[&str]| wanted.contains(&unit.text.as_str());
    let quantity = match code.text.as_str() {
        "PN" => 10,
        "HP" | "LC" | "QH" | "TC" | "WC" | "RC" => 100,
        "TP" | "LM" | "QS" | "TM" | "WM" | "RM" => 1_000,
        "TT" => 10_000,
        "HT" => 100_000,
        "HF" if by_unit(&["FT", "LF"]) => 100,
        "TF" if by_unit(&["FT", "LF"]) => 1_000,
        "PS" if by_unit(&["SF"]) => 1_000,
        "P1" if by_unit(&["MR"]) => 1_000,
        "PD" | "LD" | "TD" | "WD" | "RD" if !by_unit(&["DZ"]) => 12,
        "PP" if !by_unit(&["LB"]) => return odd_basis(code, unit),
        "PF" if !by_unit(&["FT", "LF"]) => return odd_basis(code, unit),
        "PK" if !by_unit(&["KG"]) => return odd_basis(code, unit),
        "PG" if !by_unit(&["GR"]) => return odd_basis(code, unit),
        "PL" if !by_unit(&["LT"]) => return odd_basis(code, unit),
        "PY" if !by_unit(&["YD"]) => return odd_basis(code, unit),
        "P7" if !by_unit(&["MR"]) => return odd_basis(code, unit),
        "PT" | "PO" | "PA" | "ML" | "HF" | "TF" | "PS" | "P1" => return odd_basis(code, unit),
        _ => return (Reading::Absent, None),
    };
    (code.read(|_| Some(Decimal::from(quantity))), None)
}

fn odd_basis(code: &Piece, unit: &Piece) -> (Reading<Decimal>, Option<String>) {
    let message =
        format!("The quantity is in {}, but the price is for another unit (code {}).", shorten(&unit.text), shorten(&code.text));
    (Reading::Absent, Some(message))
}

/// The description: what PID02 calls the product (08) where it says so, else all that is printed.
fn description(descriptions: &[(String, Piece)], in_pairs: &Piece) -> Piece {
    let product: Vec<&Piece> = descriptions.iter().filter(|(kind, _)| kind == "08").map(|(_, text)| text).collect();
    let all: Vec<&Piece> = descriptions.iter().map(|(_, text)| text).collect();
    let joined = Piece::join(if product.is_empty() { all } else { product }, " ");
    if joined.is_empty() { in_pairs.clone() } else { joined }
}
