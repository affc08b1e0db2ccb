//! How the document at hand writes numbers and dates: proved by its own figures, never by a setting.

use crate::reading::extraction::dates::{self, DayOrder};
use crate::reading::extraction::ground_text::Rows;
use crate::reading::extraction::numbers::{self, Decimals};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::claims::LineClaim;

/// The decimal mark that the document proves: by lines whose figures multiply, else by numbers that can be read in one way only.
pub(super) fn decimals<'c>(rows: &Rows<'_>, lines: impl Iterator<Item = &'c LineClaim> + Clone) -> Option<Decimals> {
    let proofs = |decimals: Decimals| lines.clone().filter(|line| multiplies(line, decimals)).count();
    let (point, comma) = (proofs(Decimals::Point), proofs(Decimals::Comma));
    match point.cmp(&comma) {
        std::cmp::Ordering::Greater => return Some(Decimals::Point),
        std::cmp::Ordering::Less => return Some(Decimals::Comma),
        std::cmp::Ordering::Equal => {}
    }
    let words = (0..rows.rows().last().map_or(0, |row| row.end)).filter_map(|word| rows.word(word));
    let witnesses: Vec<Decimals> = words.filter_map(|word| numbers::parse(&word.text)?.witness()).collect();
    let points = witnesses.iter().filter(|witness| **witness == Decimals::Point).count();
    let commas = witnesses.len() - points;
    match (points, commas) {
        (0, 0) => None,
        (points, 0) if points > 0 => Some(Decimals::Point),
        (0, _) => Some(Decimals::Comma),
        // Both: no witness is worth more than the other.
        _ => None,
    }
}

fn multiplies(line: &LineClaim, decimals: Decimals) -> bool {
    let read = |text: &Option<String>| numbers::parse(text.as_deref()?)?.under(decimals);
    let (Some(quantity), Some(price), Some(total)) = (read(&line.quantity), read(&line.unit_price), read(&line.line_total)) else {
        return false;
    };
    let basis = read(&line.price_basis).filter(|basis| !basis.is_zero()).unwrap_or(Decimal::ONE);
    let product = quantity.checked_mul(price).and_then(|product| product.checked_div(basis));
    product.is_some_and(|product| (product - total).abs() <= Decimal::new(1, 2) && !total.is_zero())
}

/// The order of day and month that dates of the document prove, if all that prove one prove the same.
pub(super) fn day_order(rows: &Rows<'_>, near: Option<Date>) -> Option<DayOrder> {
    let texts = rows.rows().iter().map(|words| rows.text(words.clone()));
    let witnesses: Vec<DayOrder> = texts
        .flat_map(|text| dates::find(&text, near))
        .filter_map(|date| date.witness())
        .filter(|order| *order != DayOrder::YearMonthDay)
        .collect();
    let first = *witnesses.first()?;
    witnesses.iter().all(|witness| *witness == first).then_some(first)
}
