//! Where does a document print a value that is known, and what value does a place print? The one direction teaches, the other reads;
//! both use the same parsers as the layout reader.

use super::rows::{Rows, Run};
use crate::reading::extraction::dates::{self, DayOrder};
use crate::reading::extraction::layout::figure;
use crate::reading::extraction::numbers::{Amount, Decimals};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::ops::Range;

/// More places of one value than this say nothing.
const MOST_HITS: usize = 60;
/// Longest value, in words.
const LONGEST_TEXT: usize = 8;
const LONGEST_FIGURE: usize = 3;
const LONGEST_DATE: usize = 4;

/// A place that prints a value, with what is printed around it within the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub run: Run,
    pub before: String,
    pub after: String,
}

/// Every place in `rows` that prints a text, as whole words or as a piece of one that signs set apart (`No.:4711`, `(AB-1)`).
pub(super) fn text(rows: &Rows<'_>, range: Range<usize>, value: &str) -> Vec<Hit> {
    let wanted: String = value.split_whitespace().collect();
    let mut hits = Vec::new();
    if wanted.is_empty() {
        return hits;
    }
    for row in range {
        let words = &rows.list[row].words;
        for from in 0..words.len() {
            let mut joined = String::new();
            for to in from + 1..=(from + LONGEST_TEXT).min(words.len()) {
                joined.push_str(&words[to - 1].text);
                if joined.len() > wanted.len() + 24 {
                    break;
                }
                let Some((before, after)) = around(&joined, &wanted) else { continue };
                let first_is_needed = before.len() < words[from].text.len();
                let last_is_needed = after.len() < words[to - 1].text.len();
                if first_is_needed && last_is_needed {
                    let (before, after) = (before.to_owned(), after.to_owned());
                    hits.push(Hit { run: Run { row, from, to }, before, after });
                }
                break;
            }
        }
        if hits.len() > MOST_HITS {
            break;
        }
    }
    hits
}

/// What stands around `wanted` in `joined`, where no letter or digit touches it.
fn around<'t>(joined: &'t str, wanted: &str) -> Option<(&'t str, &'t str)> {
    joined.match_indices(wanted).find_map(|(at, _)| {
        let (before, after) = (&joined[..at], &joined[at + wanted.len()..]);
        let free = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        free.then_some((before, after))
    })
}

/// Every place that prints a number, alone or with a unit, currency or price base beside it.
pub(super) fn number(rows: &Rows<'_>, range: Range<usize>, value: Decimal) -> Vec<Hit> {
    let says = |text: &str| {
        let amount = figure(text)?;
        let is = |reading: Option<Decimal>| reading.is_some_and(|reading| reading == value || reading == -value);
        (is(amount.number.point) || is(amount.number.comma)).then_some((amount.before, amount.after))
    };
    shortest(rows, range, LONGEST_FIGURE, says)
}

/// Every place that prints a date.
pub(super) fn date(rows: &Rows<'_>, range: Range<usize>, value: Date, received: Option<Date>) -> Vec<Hit> {
    shortest(rows, range, LONGEST_DATE, |text| {
        let found = whole_date(text, received)?;
        found.readings.iter().any(|(date, _)| *date == value).then(Default::default)
    })
}

/// The shortest runs of whole words of which `says` makes something.
fn shortest(rows: &Rows<'_>, range: Range<usize>, longest: usize, says: impl Fn(&str) -> Option<(String, String)>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for row in range {
        let count = rows.list[row].words.len();
        for length in 1..=longest {
            for from in 0..(count + 1).saturating_sub(length) {
                let run = Run { row, from, to: from + length };
                if hits.iter().any(|known| known.run.overlaps(run)) {
                    continue;
                }
                if let Some((before, after)) = says(&rows.text(run)) {
                    hits.push(Hit { run, before, after });
                }
            }
        }
        if hits.len() > MOST_HITS {
            break;
        }
    }
    hits
}

/// A date with nothing but signs around it.
pub(super) fn whole_date(text: &str, received: Option<Date>) -> Option<dates::PrintedDate> {
    let found = dates::find(text, received);
    let [date] = found.as_slice() else { return None };
    let rest = format!("{}{}", &text[..date.start], &text[date.end..]);
    (!rest.chars().any(char::is_alphanumeric)).then(|| date.clone())
}

/// How a document's figures and dates are to be read: what the taught document proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Custom {
    pub decimals: Option<Decimals>,
    pub day_order: Option<DayOrder>,
}

impl Custom {
    /// A figure's value. `None` where it has none under this custom, or several under none.
    pub(super) fn number(&self, amount: &Amount) -> Option<Decimal> {
        match self.decimals {
            Some(decimals) => amount.number.under(decimals),
            None => amount.number.only(),
        }
    }

    pub(super) fn date(&self, printed: &dates::PrintedDate) -> Option<Date> {
        match self.day_order {
            Some(order) => printed.under(order),
            None => printed.only(),
        }
    }
}

/// The form of a code: letters, digits and signs, without how many of them: `PO-2026/117` is `A-9/9`.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        let class = match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_alphabetic() => 'A',
            c if c.is_whitespace() => ' ',
            other => other,
        };
        if !(matches!(class, '9' | 'A' | ' ') && shape.ends_with(class)) {
            shape.push(class);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_set_a_value_apart_and_letters_do_not() {
        for (joined, wanted, expected) in [
            ("No.:4711", "4711", Some(("No.:", ""))),
            ("(AB-1)", "AB-1", Some(("(", ")"))),
            ("AB-12", "AB-1", None),
            ("X4711", "4711", None),
            ("4711", "4711", Some(("", ""))),
        ] {
            assert_eq!(around(joined, wanted), expected, "{joined}");
        }
    }

    #[test]
    fn a_shape_forgets_how_many() {
        for (text, expected) in [("PO-2026/117", "A-9/9"), ("4711", "9"), ("AB 12", "A 9"), ("BE26.0001", "A9.9")] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }
}
