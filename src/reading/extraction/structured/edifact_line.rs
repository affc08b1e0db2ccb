//! A line of an EDIFACT order, and the numbers and dates of the syntax.
//!
//! Data element numbers in the comments are those of the UN/EDIFACT directory.

use crate::model::{Code, DraftLine, Reading, Unit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::notes::Notes;
use super::piece::{Piece, agree, century, compact_date, decimal};

/// A date with its function, 2005.
pub(super) struct Dated {
    pub qualifier: String,
    pub date: Reading<Date>,
}

/// A line with what may still choose between several statements.
#[derive(Default)]
pub(super) struct Line {
    pub line: DraftLine,
    pub parts: Vec<(String, Piece)>,
    pub descriptions: Vec<(String, Piece)>,
    pub dates: Vec<Dated>,
    pub quantities: Vec<(String, Piece, Piece)>,
    pub prices: Vec<Price>,
    pub totals: Vec<Reading<Decimal>>,
    pub discounts: Vec<Reading<Decimal>>,
    pub places: usize,
}

pub(super) struct Price {
    pub qualifier: String,
    pub amount: Piece,
    pub basis: Piece,
    pub unit: Piece,
}

impl Line {
    /// The quantity ordered: 21, or where only that is given 1 (discrete quantity), 6063.
    pub fn ordered(&self) -> Option<(&str, &Piece, &Piece)> {
        ["21", "1", "131", "113"]
            .into_iter()
            .find_map(|wanted| self.quantities.iter().find(|(qualifier, ..)| qualifier == wanted))
            .map(|(qualifier, value, unit)| (qualifier.as_str(), value, unit))
    }

    pub fn finish(mut self, at: &str, notes: &mut Notes) -> DraftLine {
        self.split_delivery(at, notes);
        // Item type, 7143.
        let part = |codes: &[&str]| {
            let found = codes.iter().find_map(|code| self.parts.iter().find(|(q, p)| q == code && !p.is_empty()));
            found.map(|(_, piece)| piece.words()).unwrap_or_default()
        };
        let mut line = DraftLine {
            buyer_part: part(&["IN", "BP"]),
            supplier_part: part(&["SA", "VN", "VP"]),
            manufacturer_part: part(&["MF", "MP"]),
            gtin: part(&["SRV", "EN", "UP", "GTIN", "GU", "IB"]),
            description: description(&self.descriptions).words(),
            requested_date: first_dated(&self.dates, &DELIVERY),
            line_total: agree(self.totals),
            discount_percent: agree(self.discounts.iter().cloned()),
            line_no: self.line.line_no,
            ..DraftLine::default()
        };
        let ordered: Vec<_> = self.quantities.iter().filter(|(qualifier, ..)| qualifier == "21").collect();
        match ordered.as_slice() {
            [] => {}
            all => {
                line.quantity = agree(all.iter().map(|(_, value, _)| number(value)));
                line.uom = agree(all.iter().map(|(.., unit)| unit.words()));
            }
        }
        if line.quantity.is_absent()
            && let Some((_, value, unit)) =
                self.quantities.iter().find(|(q, ..)| matches!(q.as_str(), "1" | "131" | "113")).map(|q| (&q.0, &q.1, &q.2))
        {
            line.quantity = number(value);
            line.uom = unit.words();
        }
        if self.discounts.len() > 1 {
            let message = format!("The line states {} discounts one upon the other.", self.discounts.len());
            notes.ask(Code::UnlistedCharge, format!("{at}/discount_percent"), message, &[]);
        }
        set_price(&mut line, &self.prices, at, notes);
        line
    }

    fn split_delivery(&mut self, at: &str, notes: &mut Notes) {
        if self.places > 1 {
            let message = format!("The line goes to {} different places.", self.places);
            notes.ask(Code::AmbiguousShipTo, at, message, &[]);
        }
    }
}

/// All free text, or of labelled parts only the title.
fn description(parts: &[(String, Piece)]) -> Piece {
    let titled = parts.iter().any(|(label, _)| label == "050");
    Piece::join(parts.iter().filter(|(label, _)| !titled || label == "050").map(|(_, words)| words), " ")
}

/// Price qualifiers, 5125: AAA net, AAB gross, AAE information, CAL calculation, INV invoice billing, NTP net unit price.
fn set_price(line: &mut DraftLine, prices: &[Price], at: &str, notes: &mut Notes) {
    let ranked = ["AAA", "NTP", "CAL", "INV", "CON", "AAB", "AAE", "GRP"];
    let Some(code) = ranked.into_iter().find(|code| prices.iter().any(|price| price.qualifier == *code)) else { return };
    let chosen: Vec<&Price> = prices.iter().filter(|price| price.qualifier == code).collect();
    line.unit_price = agree(chosen.iter().map(|price| number(&price.amount)));
    line.price_basis = agree(chosen.iter().map(|price| number(&price.basis)));
    // The price may be for another unit than the quantity: pieces ordered, priced by the kilogram (DOMAIN 19).
    let ordered = line.uom.value().and_then(|unit| Unit::parse(unit));
    if let Some(price) = chosen.iter().find(|price| !price.unit.is_empty())
        && let (Some(ordered), Some(priced)) = (ordered, Unit::parse(&price.unit.text))
        && ordered != priced
    {
        let message = format!("The quantity is in {ordered}, but the price is for {priced}.");
        notes.ask(Code::UnitConflict, format!("{at}/price_basis"), message, &price.unit.places());
    }
}

/// Requested delivery, best first. Shipment dates are another thing (DOMAIN 33).
pub(super) const DELIVERY: [&str; 4] = ["2", "358", "64", "63"];

pub(super) fn first_dated(dates: &[Dated], wanted: &[&str]) -> Reading<Date> {
    wanted
        .iter()
        .map(|code| agree(dates.iter().filter(|dated| dated.qualifier == *code).map(|dated| dated.date.clone())))
        .find(|reading| !reading.is_absent())
        .unwrap_or_default()
}

/// A number by either decimal mark: ISO 9735 allows both, and groups of thousands in neither.
pub(super) fn number(piece: &Piece) -> Reading<Decimal> {
    piece.read(number_text)
}

pub(super) fn number_text(text: &str) -> Option<Decimal> {
    decimal(text, &['.', ','])
}

/// A date in one of the formats of 2379.
pub(super) fn date(text: &str, format: &str) -> Option<Date> {
    let digits = text.split('-').next().unwrap_or(text);
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let civil = |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match format {
        "102" | "203" | "204" | "303" | "718" | "719" | "205" => compact_date(digits.get(..8)?),
        "101" | "201" | "301" | "713" | "715" => compact_date(digits.get(..6)?),
        "" => compact_date(digits.get(..8).or(digits.get(..6))?),
        "2" => civil(century(number(4..6)?), number(2..4)?, number(0..2)?),
        "3" => civil(century(number(4..6)?), number(0..2)?, number(2..4)?),
        "4" => civil(number(4..8)?, number(2..4)?, number(0..2)?),
        _ => None,
    }
}
