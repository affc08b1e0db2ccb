//! In which language, with which decimal sign and in which order of day and month a document is written: decided once a
//! document, by witnesses in it (DOMAIN 20, 34), never by a setting.

use super::lines::{Segment, Sheet};
use super::values::Found;
use crate::reading::document::Word;
use crate::reading::extraction::dates::{self, DayOrder};
use crate::reading::extraction::lexicon;
use crate::reading::extraction::numbers::{self, Decimals};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What the document's own witnesses say. `None` where they say nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locale {
    pub language: Option<&'static str>,
    pub decimals: Option<Decimals>,
    /// The decimal sign is proved by figures, not only likely by language or country.
    pub decimals_proved: bool,
    /// The table's quantities show that a sign with three digits behind it groups.
    pub quantities_grouped: bool,
    pub order: Option<DayOrder>,
    pub received: Option<Date>,
    /// ISO codes of countries named in addresses.
    pub countries: Vec<&'static str>,
}

/// Words that are frequent in some languages and rare in the others: a bit for each language.
static COMMON: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (language, word) in lexicon::phrases("words", "common") {
        *words.entry(word).or_default() |= 1 << language;
    }
    words
});

/// The language by common words and by labels found; `None` when hardly anything speaks.
pub(crate) fn language(sheet: &Sheet<'_>, labels: &[Found]) -> Option<&'static str> {
    let mut votes = vec![0u32; lexicon::languages().len()];
    let mut vote = |languages: u32| {
        for (language, count) in votes.iter_mut().enumerate() {
            *count += languages >> language & 1;
        }
    };
    for token in sheet.lines.iter().flat_map(|l| &l.segments).flat_map(|s| &s.tokens).take(6_000) {
        if let Some(languages) = COMMON.get(token.text.as_str()) {
            vote(*languages);
        }
    }
    for found in labels.iter().take(400) {
        vote(found.hit.languages);
    }
    let (best, count) = votes.iter().enumerate().max_by_key(|(at, count)| (**count, std::cmp::Reverse(*at)))?;
    (*count >= 2).then(|| lexicon::languages()[best].code)
}

/// Decimal sign: cells that can be read in one way only vote; language and country speak only where no figure does. `names` are words
/// of part numbers and descriptions: `1.4301` is a steel, not a figure.
pub(crate) fn decimals(
    sheet: &Sheet<'_>,
    names: &HashSet<*const Word>,
    proved_by_arithmetic: Option<Decimals>,
    language: Option<&str>,
    countries: &[&str],
) -> (Option<Decimals>, bool) {
    if let Some(decimals) = proved_by_arithmetic {
        return (Some(decimals), true);
    }
    let (mut point, mut comma) = (0u32, 0u32);
    for segment in sheet.lines.iter().flat_map(|l| &l.segments) {
        if !segment.text.bytes().any(|b| matches!(b, b'.' | b',')) || !dates::find(&segment.text, None).is_empty() {
            continue;
        }
        for (at, word) in segment.words.iter().enumerate() {
            if names.contains(&std::ptr::from_ref::<Word>(word)) || !may_vote(segment, at) {
                continue;
            }
            let Some(printed) = numbers::parse(word.text.trim_matches([':', ';', '*'])) else { continue };
            match printed.witness() {
                Some(Decimals::Point) => point += 1,
                Some(Decimals::Comma) => comma += 1,
                None => {}
            }
        }
    }
    if point > 3 * comma {
        return (Some(Decimals::Point), true);
    }
    if comma > 3 * point {
        return (Some(Decimals::Comma), true);
    }
    (decimals_by_custom(language, countries), false)
}

/// A figure votes where it stands alone, or beside money: inside a text it may be a size or a standard.
fn may_vote(segment: &Segment<'_>, at: usize) -> bool {
    let text = |at: usize| segment.words.get(at).map_or("", |word| word.text.trim_matches([',', ';', '(', ')', '.']));
    let before = at.checked_sub(1).map_or("", text);
    segment.words.len() <= 3
        || numbers::is_currency(text(at + 1))
        || numbers::is_currency(before)
        || before == "@"
        || before.ends_with(':')
        || numbers::amount(text(at)).is_some_and(|amount| amount.currency.is_some())
}

/// Countries that write a decimal comma, of those whose orders we read. Switzerland and the English-speaking ones write a point.
const COMMA_COUNTRIES: &str = "DE AT FR BE NL LU ES IT PT DK SE NO FI PL CZ SK HU RO BG HR SI EE LV LT GR TR BR AR CL CO";
const POINT_COUNTRIES: &str = "US GB IE IN AU NZ CA SG HK MY PH TH CN JP KR TW IL MX AE ZA CH LI";

fn decimals_by_custom(language: Option<&str>, countries: &[&str]) -> Option<Decimals> {
    let is_in = |list: &str, code: &str| list.split(' ').any(|c| c == code);
    let comma = countries.iter().any(|c| is_in(COMMA_COUNTRIES, c));
    let point = countries.iter().any(|c| is_in(POINT_COUNTRIES, c));
    let custom = language.and_then(lexicon::language).map(|language| language.decimals);
    match (comma, point, custom) {
        (true, false, Some(None | Some(Decimals::Comma))) => Some(Decimals::Comma),
        (false, true, Some(Some(Decimals::Point))) => Some(Decimals::Point),
        (false, false, Some(Some(Decimals::Comma))) => Some(Decimals::Comma),
        _ => None,
    }
}

/// Day order: dates that have one reading vote; then what would lie before the order or after receipt is ruled out; then custom.
pub(crate) fn day_order(
    sheet: &Sheet<'_>,
    labelled_po_date: Option<&dates::PrintedDate>,
    received: Option<Date>,
    language: Option<&str>,
    countries: &[&str],
) -> Option<DayOrder> {
    let mut votes = [(DayOrder::DayMonthYear, 0u32), (DayOrder::MonthDayYear, 0), (DayOrder::YearMonthDay, 0)];
    for segment in sheet.lines.iter().flat_map(|l| &l.segments) {
        for date in dates::find(&segment.text, received) {
            let Some(order) = date.witness() else { continue };
            // A four-digit year in front says nothing about the dates that end with it.
            let is_year_first = order == DayOrder::YearMonthDay
                && segment.text[date.start..date.end].bytes().take_while(u8::is_ascii_digit).count() == 4;
            if is_year_first || (date.dotted && order == DayOrder::DayMonthYear && date.readings.len() > 1) {
                continue;
            }
            if let Some(vote) = votes.iter_mut().find(|(o, _)| *o == order) {
                vote.1 += 1;
            }
        }
    }
    let total: u32 = votes.iter().map(|(_, n)| n).sum();
    // Both orders in one document happen (TRAPS): then neither is trusted.
    if let Some((order, n)) = votes.iter().max_by_key(|(_, n)| *n)
        && *n > 0
    {
        return (*n == total).then_some(*order);
    }
    near_receipt(labelled_po_date, received).or_else(|| order_by_custom(language, countries))
}

/// The order date lies shortly before receipt and never after it.
fn near_receipt(po_date: Option<&dates::PrintedDate>, received: Option<Date>) -> Option<DayOrder> {
    let (printed, received) = (po_date?, received?);
    let age = |date: Date| (received - date).get_days();
    let near: Vec<_> = printed.readings.iter().filter(|(date, _)| (-1..=14).contains(&age(*date))).collect();
    let far = printed.readings.iter().filter(|(date, _)| !(-1..=45).contains(&age(*date))).count();
    match near.as_slice() {
        [(_, order)] if far + 1 == printed.readings.len() => *order,
        _ => None,
    }
}

fn order_by_custom(language: Option<&str>, countries: &[&str]) -> Option<DayOrder> {
    // Canada and the Philippines write both.
    let either = countries.iter().any(|c| matches!(*c, "CA" | "PH"));
    let american = countries.contains(&"US");
    let others = countries.iter().any(|c| !matches!(*c, "US" | "CA" | "PH"));
    match (american, others, language) {
        (_, _, _) if either => None,
        (true, false, Some("en") | None) => Some(DayOrder::MonthDayYear),
        (false, true, _) => Some(DayOrder::DayMonthYear),
        (false, false, Some(code)) => lexicon::language(code).and_then(|language| language.dates),
        _ => None,
    }
}

/// Countries named on the document, and what American and Canadian addresses show without naming theirs.
pub(crate) fn countries(sheet: &Sheet<'_>) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    let mut add = |code| {
        if !found.contains(&code) {
            found.push(code);
        }
    };
    for line in &sheet.lines {
        for segment in &line.segments {
            // Address lines are short; a country in a clause says nothing.
            if segment.words.len() > 12 {
                continue;
            }
            for part in segment.text.split([',', '·', '|', '•']) {
                if let Some(code) = super::address::country(part) {
                    add(code);
                }
            }
            if let Some(code) = super::address::country_of_town_line(&segment.text) {
                add(code);
            }
        }
    }
    found
}
