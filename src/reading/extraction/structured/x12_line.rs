//! A line of an X12 order: part numbers by their qualifiers, the basis of the price, delivery dates, discounts.
//!
//! Code values are those of release 004010.

use crate::model::{Code, DraftLine, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, compact_date, fill};
use super::segment::Segment;

/// A line with what may still choose between several statements.
#[derive(Default)]
pub(super) struct Line {
    pub line: DraftLine,
    pub parts: Vec<(String, Piece)>,
    pub descriptions: Vec<(String, Piece)>,
    pub dates: Vec<(String, Piece)>,
    pub schedules: Vec<(Piece, Piece)>,
    pub discounts: Vec<Piece>,
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
        line.requested_date = requested(&self.dates);
        self.schedule(at, notes);
        self.discount(at, notes);
        self.line
    }

    fn schedule(&mut self, at: &str, notes: &mut Notes) {
        let dates = agree(self.schedules.iter().map(|(_, date)| date_of(date)));
        if matches!(dates, Reading::Several(_)) {
            let message = format!("The line is to be delivered in {} parts on different days.", self.schedules.len());
            notes.ask(Code::AmbiguousField, format!("{at}/requested_date"), message, dates.spans());
        }
        fill(&mut self.line.requested_date, dates);
        let parts: Vec<Decimal> = self.schedules.iter().filter_map(|(quantity, _)| quantity.number().value().copied()).collect();
        let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part));
        if let (Some(quantity), Some(sum), false) = (self.line.quantity.value(), sum, parts.is_empty())
            && *quantity != sum
        {
            let message = format!("The line orders {quantity}, but its delivery parts add up to {sum}.");
            notes.ask(Code::AmbiguousField, format!("{at}/quantity"), message, self.line.quantity.spans());
        }
    }

    fn discount(&mut self, at: &str, notes: &mut Notes) {
        match self.discounts.as_slice() {
            [] => {}
            [one] => self.line.discount_percent = one.number(),
            several => {
                let places: Vec<_> = several.iter().flat_map(Piece::places).collect();
                let message = format!("The line states {} discounts one upon the other.", several.len());
                notes.ask(Code::UnlistedCharge, format!("{at}/discount_percent"), message, &places);
            }
        }
    }
}

pub(super) fn date_of(piece: &Piece) -> Reading<Date> {
    piece.read(|text| compact_date(text.split('-').next().unwrap_or(text)))
}

/// The requested *delivery* date; ship dates are another thing (DOMAIN 33). Date/time qualifiers, DE 374.
pub(super) fn requested(dates: &[(String, Piece)]) -> Reading<Date> {
    let ranked = ["002", "106", "074", "996", "077", "067", "064", "063"];
    ranked
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
