//! A piece of a structured source with its place, and how it becomes a reading: text, number, date, currency, country.
//!
//! Exact formats say how they write a value, so nothing here guesses a locale. What does not fit is `Unreadable`, never dropped.

use crate::model::{Confidence, Currency, Field, Reading, Span};
use crate::reading::extraction::ground_text::ground_pieces;
use crate::reading::extraction::numbers::MAX_DIGITS;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::country;

/// Text as it means (release characters and entities resolved, trimmed) and where it stands in the source, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub spans: Vec<(usize, usize)>,
}

impl Piece {
    pub fn new(text: impl Into<String>, start: usize, end: usize) -> Self {
        Self { text: text.into(), spans: vec![(start, end)] }
    }

    /// Several pieces that print one value, empty ones left out.
    pub fn join<'a>(pieces: impl IntoIterator<Item = &'a Piece>, separator: &str) -> Self {
        let mut joined = Piece::default();
        for piece in pieces.into_iter().filter(|piece| !piece.text.is_empty()) {
            if !joined.text.is_empty() {
                joined.text.push_str(separator);
            }
            joined.text.push_str(&piece.text);
            joined.spans.extend(&piece.spans);
        }
        joined
    }

    /// The first that holds anything.
    pub fn first<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Self {
        pieces.into_iter().find(|piece| !piece.is_empty()).cloned().unwrap_or_default()
    }

    /// The same place, read as another text: what composed values such as payment terms are made with.
    pub fn reworded(&self, text: impl Into<String>) -> Self {
        Self { text: text.into(), spans: self.spans.clone() }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn places(&self) -> Vec<Span> {
        self.spans.iter().map(|&(start, end)| Span::Text { start, end }).collect()
    }

    /// The reading under `parse`: absent where nothing stands, unreadable where `parse` does not understand it.
    pub fn read<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Reading<T> {
        if self.is_empty() {
            return Reading::Absent;
        }
        match (parse(&self.text), ground_pieces(&self.spans)) {
            (Some(value), Some(origin)) => Reading::Found(Field::new(value, self.text.clone(), Confidence::CERTAIN, origin)),
            _ => Reading::Unreadable { raw: self.text.clone(), spans: self.places() },
        }
    }

    pub fn words(&self) -> Reading<String> {
        self.read(|text| Some(text.to_owned()))
    }

    /// A number with a decimal point and no grouping, as XML Schema and X12 write it.
    pub fn number(&self) -> Reading<Decimal> {
        self.read(|text| decimal(text, &['.']))
    }

    pub fn currency(&self) -> Reading<Currency> {
        self.read(Currency::parse)
    }

    /// A country by its ISO 3166-1 code of two or three letters.
    pub fn country(&self) -> Reading<String> {
        self.read(|text| country::alpha2(text).map(str::to_owned))
    }

    /// An ISO 8601 date; the time of day and its zone are left out (DOMAIN 34).
    pub fn iso_date(&self) -> Reading<Date> {
        self.read(iso_date)
    }
}

/// A decimal with at most one of `marks` in it; a sign may stand before or, as SAP writes it, behind.
pub(super) fn decimal(text: &str, marks: &[char]) -> Option<Decimal> {
    let text = text.trim();
    let (negative, digits) = match (text.strip_prefix('-'), text.strip_suffix('-')) {
        (Some(rest), _) | (None, Some(rest)) => (true, rest),
        (None, None) => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || marks.contains(&char::from(b)));
    let points = digits.chars().filter(|c| marks.contains(c)).count();
    let whole = digits.split(|c| marks.contains(&c)).next().unwrap_or_default().trim_start_matches('0');
    if !plain || points > 1 || digits.len() > 28 || whole.len() > MAX_DIGITS || !digits.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: Decimal = format!("0{}", digits.replace(',', ".").trim_end_matches('.')).parse().ok()?;
    Some(if negative { -value } else { value })
}

/// `2025-01-28`, `2025-01-28T23:00:00+00:00`, `20250128`.
pub(super) fn iso_date(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = text.split(['T', ' ']).next()?;
    // A zone may follow a plain xs:date: 2025-01-28Z, 2025-01-28+01:00.
    let day = day.get(..10).unwrap_or(day);
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return compact_date(day);
    }
    day.parse().ok()
}

/// `CCYYMMDD` or `YYMMDD`; two-digit years from 70 on are of the last century.
pub(super) fn compact_date(text: &str) -> Option<Date> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let (year, rest) = match text.len() {
        8 => (number(0..4)?, 4),
        6 => (century(number(0..2)?), 2),
        _ => return None,
    };
    let month = i8::try_from(number(rest..rest + 2)?).ok()?;
    let day = i8::try_from(number(rest + 2..rest + 4)?).ok()?;
    Date::new(year, month, day).ok().filter(|_| year >= 1970)
}

pub(super) fn century(two_digits: i16) -> i16 {
    if two_digits >= 70 { 1900 + two_digits } else { 2000 + two_digits }
}

/// One reading out of several: the same value printed twice is one value, different values compete.
pub(super) fn agree<T: PartialEq>(readings: impl IntoIterator<Item = Reading<T>>) -> Reading<T> {
    let mut fields: Vec<Field<T>> = Vec::new();
    let mut unreadable = Reading::Absent;
    for reading in readings {
        match reading {
            Reading::Found(field) => add_distinct(&mut fields, field),
            Reading::Several(several) => several.into_iter().for_each(|field| add_distinct(&mut fields, field)),
            Reading::Unreadable { .. } if unreadable.is_absent() => unreadable = reading,
            Reading::Unreadable { .. } | Reading::Absent => {}
        }
    }
    match fields.len() {
        0 => unreadable,
        1 => Reading::from(fields.pop()),
        _ => Reading::Several(fields),
    }
}

fn add_distinct<T: PartialEq>(fields: &mut Vec<Field<T>>, field: Field<T>) {
    if !fields.iter().any(|known| known.value == field.value) {
        fields.push(field);
    }
}

/// Fills `slot` only where nothing was read yet: the first statement of a document counts.
pub(super) fn fill<T>(slot: &mut Reading<T>, reading: Reading<T>) {
    if slot.is_absent() {
        *slot = reading;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_are_exact_or_unreadable() {
        let point = ['.'];
        let both = ['.', ','];
        for (text, marks, expected) in [
            ("10", &point[..], Some(dec!(10))),
            ("-10.50", &point, Some(dec!(-10.50))),
            ("12.5-", &point, Some(dec!(-12.5))),
            (".5", &point, Some(dec!(0.5))),
            ("7.", &point, Some(dec!(7))),
            ("1,5", &both, Some(dec!(1.5))),
            ("1,5", &point, None),
            ("1.234,50", &both, None),
            ("1 000", &point, None),
            ("", &point, None),
            (".", &point, None),
            ("1e5", &point, None),
            ("999999999999999999.5", &point, Some(dec!(999999999999999999.5))),
            ("1000000000000000000", &point, None),
            ("0000000000000000000012", &point, Some(dec!(12))),
        ] {
            assert_eq!(decimal(text, marks), expected, "{text}");
        }
    }

    #[test]
    fn dates_with_and_without_century() {
        let date = |y, m, d| Date::new(y, m, d).ok();
        assert_eq!(compact_date("20101127"), date(2010, 11, 27));
        assert_eq!(compact_date("940321"), date(1994, 3, 21));
        assert_eq!(compact_date("20101327"), None);
        assert_eq!(compact_date("00000000"), None);
        assert_eq!(iso_date("2025-01-28T23:00:00+00:00"), date(2025, 1, 28));
        assert_eq!(iso_date("2025-01-28Z"), date(2025, 1, 28));
        assert_eq!(iso_date("28.01.2025"), None);
    }

    #[test]
    fn different_statements_compete() {
        let piece = |text: &str| Piece::new(text, 0, text.len());
        assert_eq!(agree([piece("5").number(), piece("5.0").number()]).value(), Some(&dec!(5)));
        assert!(matches!(agree([piece("5").number(), piece("6").number()]), Reading::Several(both) if both.len() == 2));
        assert!(matches!(agree([Piece::default().number(), piece("x").number()]), Reading::Unreadable { .. }));
    }
}
