//! A line of an EDIFACT order, and the numbers and dates of the syntax.
//!
//! Data element numbers in the comments are those of the UN/EDIFACT directory.

use crate::model::{Code, DraftDelivery, DraftLine, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::charges::{self, Statement};
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, century, compact_date, decimal};
use super::schedule;

/// A date with its function, 2005.
pub(super) struct Dated {
    pub qualifier: Piece,
    pub date: Reading<Date>,
}

/// A line with what may still choose between several statements.
#[derive(Default)]
pub(super) struct Line {
    pub line: DraftLine,
    pub parts: Vec<(Piece, Piece)>,
    pub descriptions: Vec<(String, Piece)>,
    pub dates: Vec<Dated>,
    pub quantities: Vec<(Piece, Piece, Piece)>,
    pub prices: Vec<Price>,
    pub totals: Vec<Reading<Decimal>>,
    pub statements: Vec<Statement>,
    /// The schedule: parts of the quantity with days of their own.
    pub deliveries: Vec<DraftDelivery>,
    /// After SCC, quantities are those of the schedule.
    pub in_schedule: bool,
    /// How many places of delivery the line names, and the last of them.
    pub places: usize,
    pub place: Piece,
}

pub(super) struct Price {
    pub qualifier: Piece,
    pub amount: Piece,
    pub basis: Piece,
    pub unit: Piece,
}

impl Line {
    /// QTY: 11 and 113 are parts of the quantity (6063), as is whatever follows SCC.
    pub fn quantity(&mut self, qualifier: Piece, value: Piece, unit: Piece) {
        let is_part = self.in_schedule || self.places > 0;
        match qualifier.text.as_str() {
            "11" | "113" => {}
            "21" | "1" if is_part => {}
            _ => return self.quantities.push((qualifier, value, unit)),
        }
        self.deliveries.push(DraftDelivery { quantity: number(&value), date: Reading::Absent, place: self.place.words() });
        // Where nothing else is stated, the parts are the order.
        self.quantities.push((qualifier.reworded("113"), value, unit));
    }

    /// DTM: after a part of the quantity, the day of that part.
    pub fn date(&mut self, dated: Dated) {
        match self.deliveries.last_mut().filter(|part| part.date.is_absent()) {
            Some(part) if DELIVERY.contains(&dated.qualifier.text.as_str()) => part.date = dated.date,
            Some(_) | None => self.dates.push(dated),
        }
    }

    /// The quantity ordered: 21, or where only that is given 1 (discrete quantity), 6063.
    pub fn ordered(&self) -> Option<(&str, &Piece, &Piece)> {
        ["21", "1", "131", "113"]
            .into_iter()
            .find_map(|wanted| self.quantities.iter().find(|(qualifier, ..)| qualifier.text == wanted))
            .map(|(qualifier, value, unit)| (qualifier.text.as_str(), value, unit))
    }

    pub fn finish(mut self, at: &str, notes: &mut Notes) -> DraftLine {
        self.split_delivery(at, notes);
        // Item type, 7143.
        let part = |codes: &[&str]| {
            let found = codes.iter().find_map(|code| self.parts.iter().find(|(q, p)| q.text == *code && !p.is_empty()));
            found.map(|(_, piece)| piece.words()).unwrap_or_default()
        };
        let mut line = DraftLine {
            buyer_part: part(&["IN", "BP"]),
            supplier_part: part(&["SA", "VN", "VP"]),
            manufacturer_part: part(&["MF", "MP"]),
            gtin: part(&["SRV", "EN", "UP", "GTIN", "GU", "IB"]),
            description: description(&self.descriptions).words(),
            requested_date: first_dated(&self.dates, &DELIVERY),
            line_total: agree(std::mem::take(&mut self.totals)),
            line_no: std::mem::take(&mut self.line.line_no),
            ..DraftLine::default()
        };
        let ordered: Vec<_> = self.quantities.iter().filter(|(qualifier, ..)| qualifier.text == "21").collect();
        match ordered.as_slice() {
            [] => {}
            all => {
                line.quantity = agree(all.iter().map(|(_, value, _)| number(value)));
                line.uom = agree(all.iter().map(|(.., unit)| unit.words()));
            }
        }
        if line.quantity.is_absent()
            && let Some((qualifier, value, unit)) = self.ordered()
        {
            line.quantity = if qualifier == "113" { self.sum_of_parts() } else { number(value) };
            line.uom = unit.words();
        }
        set_price(&mut line, &self.prices, at, notes);
        schedule::lay(&mut line, std::mem::take(&mut self.deliveries), at, notes);
        charges::of_line(&mut line, std::mem::take(&mut self.statements), at, notes);
        self.unread(notes);
        line
    }

    fn sum_of_parts(&self) -> Reading<Decimal> {
        let parts: Vec<&Piece> = self.quantities.iter().filter(|(q, ..)| q.text == "113").map(|(_, value, _)| value).collect();
        let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*number(part).value()?));
        Piece::join(parts, " + ").read(|_| sum)
    }

    /// What the line states beside what was read of it.
    fn unread(&self, notes: &mut Notes) {
        let numbers =
            self.parts.iter().filter(|(_, number)| !number.is_empty()).map(|(qualifier, _)| ("LIN/PIA", qualifier, &ITEMS[..]));
        let quantities = self.quantities.iter().map(|(qualifier, ..)| ("QTY", qualifier, &QUANTITIES[..]));
        let prices = self.prices.iter().map(|price| ("PRI", &price.qualifier, &PRICES[..]));
        let dates = self.dates.iter().map(|dated| ("DTM", &dated.qualifier, &LINE_DATES[..]));
        for (segment, qualifier, known) in numbers.chain(quantities).chain(prices).chain(dates) {
            if !known.contains(&qualifier.text.as_str()) {
                notes.unknown(&format!("{segment} {}", shorten(&qualifier.text)), &qualifier.places());
            }
        }
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

/// Price qualifiers, 5125, best first: AAA net, CAL calculation, INV invoice billing, AAB gross, AAE and INF information.
const PRICES: [&str; 9] = ["AAA", "NTP", "CAL", "INV", "CON", "AAB", "AAE", "GRP", "INF"];
/// Item types, 7143, that are read or name what an order needs not: batch, serial, colour, customs and commodity numbers.
const ITEMS: [&str; 26] = [
    "IN", "BP", "SA", "VN", "VP", "MF", "MP", "SRV", "EN", "UP", "GTIN", "GU", "IB", "IS", "NB", "SN", "CC", "HS", "GN", "CL",
    "SZ", "PV", "DR", "EC", "GB", "MN",
];
/// Quantities, 6063: ordered, and those that describe packs and free goods are not; 59 units in the pack, 52 per pack.
const QUANTITIES: [&str; 6] = ["21", "1", "131", "113", "59", "52"];
/// Dates of a line, 2005, that are read or date something else.
const LINE_DATES: [&str; 7] = ["2", "358", "64", "63", "171", "36", "361"];

fn set_price(line: &mut DraftLine, prices: &[Price], at: &str, notes: &mut Notes) {
    let Some(code) = PRICES.into_iter().find(|code| prices.iter().any(|price| price.qualifier.text == *code)) else { return };
    let chosen: Vec<&Price> = prices.iter().filter(|price| price.qualifier.text == code).collect();
    line.unit_price = agree(chosen.iter().map(|price| number(&price.amount)));
    line.price_basis = agree(chosen.iter().map(|price| number(&price.basis)));
    let ordered = line.uom.value().map(|unit| Piece::new(unit.as_str(), 0, 0)).unwrap_or_default();
    if let Some(price) = chosen.iter().find(|price| !price.unit.is_empty()) {
        notes.same_unit(at, &ordered, &price.unit);
    }
}

/// Requested delivery, best first. Shipment dates are another thing (DOMAIN 33).
pub(super) const DELIVERY: [&str; 4] = ["2", "358", "64", "63"];

pub(super) fn first_dated(dates: &[Dated], wanted: &[&str]) -> Reading<Date> {
    wanted
        .iter()
        .map(|code| agree(dates.iter().filter(|dated| dated.qualifier.text == *code).map(|dated| dated.date.clone())))
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
