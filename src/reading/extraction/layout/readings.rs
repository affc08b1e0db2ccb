//! Printed dates and numbers to readings under the document's locale, with the confidence that stands behind them.

use super::locale::Locale;
use crate::model::{Code, Confidence, Field, Finding, Reading, Severity};
use crate::reading::document::Word;
use crate::reading::extraction::dates;
use crate::reading::extraction::numbers::{Amount, Decimals};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Percent of confidence by what stands behind a value; see `checks` for what raises and lowers it.
pub(crate) mod confidence {
    /// Proved by arithmetic over its row.
    pub const PROVED: u8 = 95;
    /// A label or a column head names it.
    pub const LABELLED: u8 = 80;
    /// A head names the kind of thing, but not whose it is.
    pub const GENERIC: u8 = 65;
    /// Only its place speaks for it.
    pub const POSITION: u8 = 50;
}

/// A date under the document's day order; both readings where nothing decides (DOMAIN 34).
pub(crate) fn read_date(
    printed: &dates::PrintedDate,
    raw: &str,
    percent: Confidence,
    origin: crate::model::Origin,
    locale: &Locale,
) -> Reading<Date> {
    let field = |date: Date, percent: Confidence| Field::new(date, raw.trim(), percent, origin.clone());
    if let Some(date) = printed.only() {
        return Reading::Found(field(date, percent));
    }
    // Points between day, month and a year of two digits: the day comes first unless the year is the only one that fits the time of receipt.
    let readings: Vec<Date> = plausible(printed, locale.received);
    if let [date] = readings.as_slice() {
        return Reading::Found(field(*date, percent));
    }
    if let Some(date) = locale.order.and_then(|o| printed.under(o)) {
        return Reading::Found(field(date, percent));
    }
    Reading::Several(readings.into_iter().map(|d| field(d, Confidence::percent(confidence::POSITION))).collect())
}

/// Readings whose year is near the time of receipt; all of them when none is.
fn plausible(printed: &dates::PrintedDate, received: Option<Date>) -> Vec<Date> {
    let mut all: Vec<Date> = Vec::new();
    for (date, order) in &printed.readings {
        // Year first with two digits is rare: it counts only where nothing else is possible.
        let rare = *order == Some(dates::DayOrder::YearMonthDay) && printed.readings.len() > 1;
        if !rare && !all.contains(date) {
            all.push(*date);
        }
    }
    if let Some(received) = received {
        let near: Vec<Date> = all.iter().copied().filter(|d| (d.year() - received.year()).abs() <= 3).collect();
        if near.is_empty() {
            let rare: Vec<Date> =
                printed.readings.iter().map(|(d, _)| *d).filter(|d| (d.year() - received.year()).abs() <= 3).collect();
            return if rare.is_empty() { all } else { rare };
        }
        return near;
    }
    all
}

/// A number under the document's decimal sign; both readings where nothing decides (DOMAIN 20).
#[expect(clippy::too_many_arguments, reason = "one place decides about numbers for cells, totals and free text")]
pub(crate) fn read_number(
    amount: &Amount,
    raw: &str,
    percent: Confidence,
    origin: crate::model::Origin,
    locale: &Locale,
    proved: bool,
    pointer: &str,
    findings: &mut Vec<Finding>,
) -> Reading<Decimal> {
    let field = |value: Decimal, percent: Confidence| Field::new(value, raw.trim(), percent, origin.clone());
    if let Some(value) = amount.number.only() {
        return Reading::Found(field(value, percent));
    }
    let (Some(point), Some(comma)) = (amount.number.point, amount.number.comma) else { return Reading::Absent };
    // Without a sign for the whole document the row may agree under both.
    if (proved && locale.decimals.is_some()) || locale.decimals_proved {
        let value = if locale.decimals == Some(Decimals::Comma) { comma } else { point };
        return Reading::Found(field(value, percent));
    }
    let whole = if point.fract().is_zero() { point } else { comma };
    if pointer.ends_with("quantity") {
        // Beside quantities without any sign, a sign with three digits behind it can only group: decimals would be printed everywhere.
        if locale.quantities_grouped {
            return Reading::Found(field(point.max(comma), Confidence::percent(confidence::GENERIC)));
        }
        // Pieces do not come in fractions; but `1.000` is whole either way.
        let pieces = crate::model::Unit::parse(&amount.after).is_some_and(|u| u == crate::model::Unit::piece());
        if pieces && point.fract().is_zero() != comma.fract().is_zero() {
            return Reading::Found(field(whole, Confidence::percent(confidence::GENERIC)));
        }
    } else if let Some(value) = locale.decimals.filter(|_| !pointer.ends_with("unit_price")).and_then(|d| amount.number.under(d)) {
        // Nothing but custom decides; a thousandfold price is not left to it.
        return Reading::Found(field(value, Confidence::percent(confidence::GENERIC)));
    }
    if !pointer.is_empty() {
        let message = format!("`{}` may be {point} or {comma}, and nothing on the document decides.", raw.trim());
        findings.push(Finding::new(Code::AmbiguousNumber, Severity::Ask, pointer, message).at(origin.spans()));
    }
    Reading::Several(vec![
        field(whole, Confidence::percent(confidence::POSITION)),
        field(if whole == point { comma } else { point }, Confidence::percent(confidence::POSITION)),
    ])
}

/// Confidence is never higher than the recognition's own, where a word was read by OCR.
pub(crate) fn seen_by_ocr(words: &[&Word], percent: u8) -> Confidence {
    let lowest = words.iter().filter_map(|w| w.ocr_confidence).min().unwrap_or(100);
    Confidence::percent(percent.min(lowest))
}
