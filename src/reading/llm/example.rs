//! An approved document of a customer as an example for the next one: its text, and the answer that the model should have given.
//!
//! Only what grounds is shown: the answer is read again like any answer, and must come to the approved values. The text is as
//! untrusted as any other document and stands between marks like it.

use crate::model::{DraftLine, DraftOrder, DraftParty, Field, Reading, Sha256, Span};
use crate::reading::ReadingContext;
use crate::reading::document::Document;
use crate::reading::extraction::ground_text::Rows;
use crate::reading::extraction::{dates, numbers};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::ops::Range;

use super::claims::Claims;
use super::grounding::{Part, ground};

/// Lines that an example shows; more of the same teach nothing.
const MOST_LINES: usize = 3;
/// Stands for rows left out.
const GAP: &str = "...";

/// An approved document and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Of the document.
    pub sha256: Sha256,
    /// Its visible rows, those of later lines left out.
    pub document: String,
    /// JSON of the prompt's schema.
    pub answer: String,
}

impl Example {
    /// The pair for an approved order that was read from this document. `None` where the document does not print what was approved,
    /// or where it is longer than `max_chars`.
    pub fn of(sha256: &Sha256, document: &Document, approved: &DraftOrder, kind: &str, max_chars: usize) -> Option<Self> {
        let rows = Rows::of(document);
        let found = Printed { rows: &rows };
        let lines: Vec<(Range<usize>, &DraftLine)> =
            approved.lines.iter().map(|line| Some((found.rows_of(line)?, line))).collect::<Option<_>>()?;
        let (shown, left_out) = lines.split_at(lines.len().min(MOST_LINES));
        // Rows between the first line left out and the last are left out with them.
        let cut = match (left_out.first(), left_out.last()) {
            (Some((first, _)), Some((last, _))) => first.start..last.end,
            _ => 0..0,
        };
        if shown.iter().any(|(rows, _)| rows.end > cut.start && rows.start < cut.end) {
            return None;
        }
        let answer = found.answer(kind, approved, shown, &cut)?;
        let count = rows.rows().len();
        let mut text: Vec<String> = (0..count).filter(|row| !cut.contains(row)).map(|row| rows.laid_out(row)).collect();
        if !cut.is_empty() {
            text.insert(cut.start, GAP.to_owned());
        }
        let example = Self { sha256: sha256.clone(), document: text.join("\n"), answer: answer.to_string() };
        let is_short = example.document.chars().count() <= max_chars && example.answer.chars().count() <= 2 * max_chars;
        (is_short && says_again(document, &example, approved)).then_some(example)
    }
}

/// Whether the answer, read like any other, comes to the approved values and raises nothing.
fn says_again(document: &Document, example: &Example, approved: &DraftOrder) -> bool {
    let Ok(claims) = Claims::parse(&example.answer) else { return false };
    let rows = 0..Rows::of(document).rows().len();
    let shown = claims.lines.len();
    let draft = ground(document, &ReadingContext::default(), &[Part { rows, claims }], &[]);
    let Some(read) = draft.orders.first() else { return false };
    read.po_number.value() == approved.po_number.value()
        && read.lines.len() == shown
        && read
            .lines
            .iter()
            .zip(&approved.lines)
            .all(|(read, approved)| agree(&read.quantity, &approved.quantity) && agree(&read.unit_price, &approved.unit_price))
        && !draft.findings.iter().any(|finding| finding.code == crate::model::Code::NotGrounded)
}

/// What was read is not otherwise approved.
fn agree(read: &Reading<Decimal>, approved: &Reading<Decimal>) -> bool {
    match (read.likeliest(), approved.value()) {
        (Some(read), Some(approved)) => read.value == *approved || matches_one(&read.raw, *approved),
        (None, None) => true,
        _ => false,
    }
}

fn matches_one(raw: &str, value: Decimal) -> bool {
    numbers::parse(raw).is_some_and(|printed| printed.point == Some(value) || printed.comma == Some(value))
}

/// Approved values as the document prints them.
struct Printed<'a> {
    rows: &'a Rows<'a>,
}

impl Printed<'_> {
    fn answer(&self, kind: &str, order: &DraftOrder, lines: &[(Range<usize>, &DraftLine)], cut: &Range<usize>) -> Option<Value> {
        let text = |reading: &Reading<String>| self.header(self.text(reading, &self.everywhere()), cut);
        let number = |reading: &Reading<Decimal>| self.header(self.number(reading, &self.everywhere()), cut);
        let date = |reading: &Reading<Date>| self.header(self.date(reading, &self.everywhere()), cut);
        let po_number = text(&order.po_number);
        if po_number["value"].is_null() {
            return None;
        }
        let lines = lines.iter().map(|(rows, line)| self.line(rows, line)).collect::<Option<Vec<_>>>()?;
        let currency = order.currency.found().map_or(Value::Null, |field| {
            self.header(self.place(field, &self.everywhere()).map(|words| (field.raw.clone(), words)), cut)
        });
        let currency = if currency.is_null() { json!({ "value": null, "quote": null }) } else { currency };
        Some(json!({
            "document_kind": kind,
            "language": null,
            "several_orders": false,
            "po_number": po_number,
            "revision": text(&order.revision),
            "po_date": date(&order.po_date),
            "currency": currency,
            "requested_delivery_date": date(&order.requested_delivery_date),
            "payment_terms": text(&order.payment_terms),
            "incoterm": text(&order.incoterm),
            "buyer": self.party(&order.buyer, cut),
            "seller": self.seller(&order.seller, cut),
            "ship_to": self.party(&order.ship_to, cut),
            "lines": lines,
            "subtotal": number(&order.subtotal),
            "discount": number(&order.discount),
            "shipping": number(&order.shipping),
            "tax": number(&order.tax),
            "total": number(&order.total),
            "questions": [],
        }))
    }

    /// `None` where the document does not print the quantity or price that was approved.
    fn line(&self, rows: &Range<usize>, line: &DraftLine) -> Option<Value> {
        let words = self.words_in(rows);
        let text = |reading: &Reading<String>| self.text(reading, &words).map(|(printed, _)| printed);
        let number = |reading: &Reading<Decimal>| self.number(reading, &words).map(|(printed, _)| printed);
        let is_lost = |reading: &Reading<Decimal>, printed: &Option<String>| !reading.is_absent() && printed.is_none();
        let (quantity, price) = (number(&line.quantity), number(&line.unit_price));
        if is_lost(&line.quantity, &quantity) || is_lost(&line.unit_price, &price) {
            return None;
        }
        Some(json!({
            "quote": self.quote(rows),
            "line_no": text(&line.line_no),
            "buyer_part": text(&line.buyer_part),
            "supplier_part": text(&line.supplier_part),
            "manufacturer_part": text(&line.manufacturer_part),
            "gtin": text(&line.gtin),
            "description": text(&line.description),
            "quantity": quantity,
            "uom": text(&line.uom),
            "unit_price": price,
            "price_basis": number(&line.price_basis),
            "discount_percent": number(&line.discount_percent),
            "line_total": number(&line.line_total),
            "requested_date": self.date(&line.requested_date, &words).map(|(printed, _)| printed),
        }))
    }

    /// A party whose parts stand together; else nothing of it.
    fn party(&self, party: &DraftParty, cut: &Range<usize>) -> Value {
        let parts = [&party.name, &party.street, &party.postal_code, &party.city, &party.region, &party.country];
        let found = parts.map(|reading| self.text(reading, &self.everywhere()));
        let rows = found
            .iter()
            .flatten()
            .map(|(_, words)| self.rows_of_words(words))
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let rows = rows.filter(|rows| rows.len() <= 8 && (cut.is_empty() || rows.end <= cut.start || rows.start >= cut.end));
        let [name, street, postal_code, city, region, country] =
            found.map(|found| found.map(|(printed, _)| printed).filter(|_| rows.is_some()));
        json!({ "quote": rows.map(|rows| self.quote(&rows)), "name": name, "street": street, "postal_code": postal_code, "city": city,
                "region": region, "country": country })
    }

    fn seller(&self, party: &DraftParty, cut: &Range<usize>) -> Value {
        let header = self.header(self.text(&party.name, &self.everywhere()), cut);
        json!({ "quote": header["quote"], "name": header["value"] })
    }

    fn header(&self, found: Option<(String, Range<usize>)>, cut: &Range<usize>) -> Value {
        let found = found.map(|(printed, words)| (printed, self.rows_of_words(&words)));
        match found.filter(|(_, rows)| cut.is_empty() || rows.end <= cut.start || rows.start >= cut.end) {
            Some((printed, rows)) => json!({ "value": printed, "quote": self.quote(&rows) }),
            None => json!({ "value": null, "quote": null }),
        }
    }

    fn text(&self, reading: &Reading<String>, words: &Range<usize>) -> Option<(String, Range<usize>)> {
        let field = reading.found()?;
        let place = self.place(field, words)?;
        Some((field.raw.clone(), place))
    }

    /// A person's figure is looked for by its value: it is typed otherwise than the document prints it.
    fn number(&self, reading: &Reading<Decimal>, words: &Range<usize>) -> Option<(String, Range<usize>)> {
        let field = reading.found()?;
        if let Some(place) = self.place(field, words) {
            return Some((field.raw.clone(), place));
        }
        let text = |word: usize| self.rows.word(word).map(|word| word.text.as_str()).unwrap_or_default();
        let mut same = words.clone().filter(|word| matches_one(text(*word), field.value));
        let word = same.next().filter(|_| same.next().is_none())?;
        Some((text(word).to_owned(), word..word + 1))
    }

    fn date(&self, reading: &Reading<Date>, words: &Range<usize>) -> Option<(String, Range<usize>)> {
        let field = reading.found()?;
        if let Some(place) = self.place(field, words) {
            return Some((field.raw.clone(), place));
        }
        let is_same = |word: &usize| {
            let text = self.rows.word(*word).map(|word| word.text.as_str()).unwrap_or_default();
            dates::parse(text, None).is_some_and(|printed| printed.only() == Some(field.value))
        };
        let mut same = words.clone().filter(is_same);
        let word = same.next().filter(|_| same.next().is_none())?;
        Some((self.rows.text(word..word + 1), word..word + 1))
    }

    /// The words that print a field: where it was read, else the one place where it stands.
    fn place<T>(&self, field: &Field<T>, words: &Range<usize>) -> Option<Range<usize>> {
        let inside: Vec<usize> = words.clone().filter(|word| self.is_in(*word, field.origin.spans())).collect();
        let read = inside.first().zip(inside.last()).map(|(first, last)| *first..*last + 1);
        let spot = read.filter(|place| !self.rows.find_value(place.clone(), &field.raw, true).is_empty());
        spot.or_else(|| {
            let mut all = self.rows.find_value(words.clone(), &field.raw, false).into_iter();
            all.next().filter(|_| all.next().is_none()).map(|found| found.words)
        })
    }

    fn is_in(&self, word: usize, spans: &[Span]) -> bool {
        let page = self.rows.page_of(word);
        self.rows.word(word).is_some_and(|word| {
            spans.iter().any(|span| match span {
                Span::Box { page: of, bbox } => {
                    let (x, y) = ((word.bbox[0] + word.bbox[2]) / 2.0, (word.bbox[1] + word.bbox[3]) / 2.0);
                    *of == page && bbox[0] <= x && x <= bbox[2] && bbox[1] <= y && y <= bbox[3]
                }
                Span::Text { start, end } => word.span.is_some_and(|(from, to)| *start < to && from < *end),
            })
        })
    }

    /// The rows that a line takes, by its figures.
    fn rows_of(&self, line: &DraftLine) -> Option<Range<usize>> {
        let spans = [
            line.quantity.spans(),
            line.unit_price.spans(),
            line.line_total.spans(),
            line.supplier_part.spans(),
            line.buyer_part.spans(),
            line.description.spans(),
        ]
        .concat();
        let words: Vec<usize> = self.everywhere().filter(|word| self.is_in(*word, &spans)).collect();
        Some(self.rows.row_of(*words.first()?)..self.rows.row_of(*words.last()?) + 1).filter(|rows| rows.len() <= 6)
    }

    fn rows_of_words(&self, words: &Range<usize>) -> Range<usize> {
        self.rows.row_of(words.start)..self.rows.row_of(words.end.saturating_sub(1)) + 1
    }

    fn words_in(&self, rows: &Range<usize>) -> Range<usize> {
        let rows = self.rows.rows().get(rows.clone()).unwrap_or_default();
        rows.first().map_or(0, |row| row.start)..rows.last().map_or(0, |row| row.end)
    }

    fn everywhere(&self) -> Range<usize> {
        0..self.rows.rows().last().map_or(0, |row| row.end)
    }

    fn quote(&self, rows: &Range<usize>) -> String {
        rows.clone().map(|row| self.rows.laid_out(row)).collect::<Vec<_>>().join("\n")
    }
}
