//! One cell to one value: strict, because what is read wrong here is confirmed to a customer later. Each reader answers with what
//! would have been right. Nothing is guessed: no decimal comma, no other date form, no half-known unit.

use crate::model::{Currency, Unit};
use jiff::civil::Date;
use rust_decimal::Decimal;

const LONGEST_TEXT_CHARS: usize = 1_000;
/// Keys stand in indexes and on paper.
const LONGEST_KEY_CHARS: usize = 100;
const MOST_LIST_ENTRIES: usize = 1_000;

type Cell<T> = Result<T, String>;

/// Text for people. Runs of white space become one space.
pub(super) fn text(cell: &str) -> Cell<String> {
    if cell.chars().any(|c| c.is_control() && c != '\t') {
        return Err("control characters are not allowed".into());
    }
    let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST_TEXT_CHARS {
        return Err(format!("longer than {LONGEST_TEXT_CHARS} characters"));
    }
    Ok(text)
}

/// A code by which rows are told apart: kept exactly.
pub(super) fn key(cell: &str) -> Cell<String> {
    if cell.chars().any(char::is_control) {
        return Err("control characters are not allowed".into());
    }
    if cell.chars().count() > LONGEST_KEY_CHARS {
        return Err(format!("longer than {LONGEST_KEY_CHARS} characters"));
    }
    Ok(cell.to_owned())
}

fn decimal(cell: &str) -> Cell<Decimal> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        let hint = if cell.contains(',') { ": use a point, and no grouping" } else { " such as 12.5" };
        return Err(format!("`{cell}` is not a decimal number{hint}"));
    }
    cell.parse().map_err(|_| format!("`{cell}` has too many digits"))
}

pub(super) fn not_negative(cell: &str) -> Cell<Decimal> {
    let value = decimal(cell)?;
    if value < Decimal::ZERO { Err(format!("`{cell}` is negative")) } else { Ok(value) }
}

pub(super) fn positive(cell: &str) -> Cell<Decimal> {
    let value = decimal(cell)?;
    if value <= Decimal::ZERO { Err(format!("`{cell}` must be above zero")) } else { Ok(value) }
}

/// A stock quantity: zero to a billion, at most six digits after the point (what the store counts in).
pub(super) fn stock_quantity(cell: &str) -> Cell<Decimal> {
    let value = not_negative(cell)?.normalize();
    if value.scale() > 6 {
        return Err(format!("`{cell}` has more than six digits after the point"));
    }
    if value > Decimal::from(1_000_000_000) {
        return Err(format!("`{cell}` is more than 1000000000"));
    }
    Ok(value)
}

pub(super) fn share(cell: &str) -> Cell<Decimal> {
    between(cell, Decimal::ZERO, Decimal::ONE)
}

pub(super) fn latitude(cell: &str) -> Cell<Decimal> {
    between(cell, Decimal::from(-90), Decimal::from(90))
}

pub(super) fn longitude(cell: &str) -> Cell<Decimal> {
    between(cell, Decimal::from(-180), Decimal::from(180))
}

fn between(cell: &str, low: Decimal, high: Decimal) -> Cell<Decimal> {
    let value = decimal(cell)?;
    if (low..=high).contains(&value) { Ok(value) } else { Err(format!("`{cell}` is not between {low} and {high}")) }
}

/// Days: zero to ten years.
pub(super) fn days(cell: &str) -> Cell<u32> {
    whole(cell, 3_650)
}

pub(super) fn rank(cell: &str) -> Cell<u32> {
    whole(cell, 1_000_000)
}

pub(super) fn divisor(cell: &str) -> Cell<u32> {
    match whole(cell, 1_000_000)? {
        0 => Err("must be above zero".into()),
        divisor => Ok(divisor),
    }
}

pub(super) fn capacity(cell: &str) -> Cell<u64> {
    whole(cell, 1_000_000_000).map(u64::from)
}

fn whole(cell: &str, most: u32) -> Cell<u32> {
    let number = cell.bytes().all(|byte| byte.is_ascii_digit()).then(|| cell.parse::<u32>().ok()).flatten();
    number.filter(|number| *number <= most).ok_or_else(|| format!("`{cell}` is not a whole number from 0 to {most}"))
}

pub(super) fn flag(cell: &str) -> Cell<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{cell}` is neither true nor false")),
    }
}

pub(super) fn date(cell: &str) -> Cell<Date> {
    let wrong = || format!("`{cell}` is not a date as YYYY-MM-DD");
    let shape: Vec<usize> = cell.split('-').map(str::len).collect();
    if shape != [4, 2, 2] { Err(wrong()) } else { cell.parse().map_err(|_| wrong()) }
}

/// `HH:MM`; a leading zero may be missing.
pub(super) fn time_of_day(cell: &str) -> Cell<String> {
    let parts = cell.split_once(':').filter(|(hour, minute)| (1..=2).contains(&hour.len()) && minute.len() == 2);
    let parts = parts.and_then(|(hour, minute)| Some((whole(hour, 23).ok()?, whole(minute, 59).ok()?)));
    parts.map(|(hour, minute)| format!("{hour:02}:{minute:02}")).ok_or_else(|| format!("`{cell}` is not a time as HH:MM"))
}

pub(super) fn time_zone(cell: &str) -> Cell<String> {
    let db = jiff::tz::db();
    // Where this machine knows no zones at all, none can be called wrong.
    if db.is_definitively_empty() || db.get(cell).is_ok() {
        return key(cell);
    }
    Err(format!("`{cell}` is not an IANA time zone such as Europe/Berlin"))
}

pub(super) fn unit(cell: &str) -> Cell<Unit> {
    Unit::parse(cell).ok_or_else(|| format!("`{cell}` is not a known unit: use a UN/ECE code such as C62, KGM or XBX"))
}

pub(super) fn currency(cell: &str) -> Cell<Currency> {
    Currency::parse(cell).ok_or_else(|| format!("`{cell}` is not an ISO 4217 currency code such as EUR"))
}

/// ISO 3166-1 alpha-2, upper case.
pub(super) fn country(cell: &str) -> Cell<String> {
    if cell.len() == 2 && cell.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(cell.to_ascii_uppercase());
    }
    Err(format!("`{cell}` is not an ISO 3166 country code of two letters such as DE"))
}

/// ISO 639-1, lower case.
pub(super) fn language(cell: &str) -> Cell<String> {
    if cell.len() == 2 && cell.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(cell.to_ascii_lowercase());
    }
    Err(format!("`{cell}` is not an ISO 639 language code of two letters such as de"))
}

/// 8, 12, 13 or 14 digits. A wrong check digit is noted elsewhere, because some houses number their own articles so.
pub(super) fn gtin(cell: &str) -> Cell<String> {
    if matches!(cell.len(), 8 | 12 | 13 | 14) && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(cell.to_owned());
    }
    Err(format!("`{cell}` is not a GTIN: 8, 12, 13 or 14 digits, leading zeros included"))
}

pub(super) fn gln(cell: &str) -> Cell<String> {
    if cell.len() == 13 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(cell.to_owned());
    }
    Err(format!("`{cell}` is not a GLN of 13 digits"))
}

/// Lower case, separated by `;`.
pub(super) fn emails(cell: &str) -> Cell<Vec<String>> {
    list(cell, |entry| match entry.split_once('@') {
        Some((local, domain)) if !local.is_empty() && is_domain(domain) => Ok(entry.to_lowercase()),
        Some(_) | None => Err(format!("`{entry}` is not a mail address; several are separated by `;`")),
    })
}

/// Lower case, separated by `;`; a leading `@` is dropped.
pub(super) fn domains(cell: &str) -> Cell<Vec<String>> {
    list(cell, |entry| {
        let domain = entry.strip_prefix('@').unwrap_or(entry).to_lowercase();
        if is_domain(&domain) { Ok(domain) } else { Err(format!("`{entry}` is not a mail domain; several are separated by `;`")) }
    })
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.contains('.') && text.len() < 254 && text.split('.').all(is_label)
}

fn list(cell: &str, entry: impl Fn(&str) -> Cell<String>) -> Cell<Vec<String>> {
    let entries: Vec<&str> = cell.split(';').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    if entries.len() > MOST_LIST_ENTRIES {
        return Err(format!("more than {MOST_LIST_ENTRIES} entries"));
    }
    entries.into_iter().map(entry).collect()
}

/// One of a few words, in any case.
pub(super) fn one_of<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&str) -> Cell<T> {
    move |cell| {
        let word = cell.to_ascii_lowercase();
        let found = words.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            format!("`{cell}` is none of {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_are_read_with_a_point_or_not_at_all() {
        for (cell, value) in [("12.5", dec!(12.5)), ("0", dec!(0)), ("007", dec!(7)), ("1000000.000001", dec!(1000000.000001))] {
            assert_eq!(not_negative(cell), Ok(value), "{cell}");
        }
        for cell in ["1,5", "1.234,5", "1 000", "1e3", "+1", "-1", ".5", "5.", "0x10", "١", "NaN", "--1", "1.5.2", "€5"] {
            assert!(not_negative(cell).is_err(), "{cell}");
        }
        assert!(decimal(&"9".repeat(40)).is_err());
        assert!(not_negative("1,5").expect_err("a comma").contains("use a point"));
        assert!(positive("0").is_err());
        assert!(stock_quantity("0.0000001").is_err() && stock_quantity("1000000001").is_err());
        assert_eq!(stock_quantity("1.5000000"), Ok(dec!(1.5)));
    }

    #[test]
    fn other_cells_accept_only_their_own_form() {
        let accepted = [
            date("2026-02-28").map(|date| date.to_string()),
            time_of_day("9:30"),
            time_zone("Europe/Berlin"),
            country("de"),
            language("DE"),
            flag("TRUE").map(|flag| flag.to_string()),
            emails("A@x.example; b@y.example;").map(|list| list.join("|")),
            domains("@Acme.example").map(|list| list.join("|")),
            text("  a \u{a0} b "),
            unit("Stück").map(|unit| unit.code().to_owned()),
        ];
        let expected =
            ["2026-02-28", "09:30", "Europe/Berlin", "DE", "de", "true", "a@x.example|b@y.example", "acme.example", "a b", "C62"];
        assert_eq!(accepted.map(|cell| cell.expect("accepted")), expected);
        let refused = [
            date("2026-02-30").is_err(),
            date("28.02.2026").is_err(),
            date("2026-2-8").is_err(),
            date("20260228").is_err(),
            time_of_day("24:00").is_err(),
            time_of_day("9.30").is_err(),
            time_zone("Europe/Atlantis").is_err(),
            country("DEU").is_err(),
            flag("yes").is_err(),
            emails("a@x.example, b@y.example").is_err(),
            emails("acme.example").is_err(),
            domains("acme").is_err(),
            text("a\0b").is_err(),
            key(&"x".repeat(101)).is_err(),
            unit("flurb").is_err(),
            gtin("4.00638E+12").is_err(),
        ];
        assert_eq!(refused, [true; 16]);
    }
}
