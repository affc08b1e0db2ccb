//! What a printed date may stand for (DOMAIN 34). `03/04/2026` is two dates until a witness decides; witnesses are weighed in
//! `layout::locale`.

use super::lexicon;
use super::pattern::pattern;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The order in which the parts of a numeric date stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

/// A date as printed, with all that it may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedDate {
    /// Byte range in the text searched.
    pub start: usize,
    pub end: usize,
    /// At least one; one a day order. Dates with a month name have one reading whose order is `None`.
    pub readings: Vec<(Date, Option<DayOrder>)>,
    /// Numeric with points between: nowhere month first.
    pub dotted: bool,
    /// A calendar week, read as its Friday.
    pub week: bool,
}

impl PrintedDate {
    /// The date, where there is no choice.
    pub fn only(&self) -> Option<Date> {
        let first = self.readings.first()?.0;
        self.readings.iter().all(|(date, _)| *date == first).then_some(first)
    }

    /// The reading under a day order; a date that has but one reading keeps it.
    pub fn under(&self, order: DayOrder) -> Option<Date> {
        self.only().or_else(|| self.readings.iter().find(|(_, o)| *o == Some(order)).map(|(date, _)| *date))
    }

    /// The day order that this date alone proves.
    pub fn witness(&self) -> Option<DayOrder> {
        match self.readings.as_slice() {
            [(_, order)] => *order,
            _ => None,
        }
    }
}

/// Years that a business document may name; what lies outside is no date.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;

static NUMERIC: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{1,4})\s?([./\-])\s?(\d{1,2})\s?([./\-])\s?(\d{4}|\d{2})(?:T\d{2}:\d{2}\S*)?"));
// Months are named in Latin letters in all six languages.
static DAY_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(\d{1,2})(?:st|nd|rd|th|er|º|ª|°)?\s?[.\-/\s]?\s?(?:de\s|d['’]|of\s)?((?-i:[A-Za-zÀ-ɏ]){3,12})\.?,?\s?[\-/\s'’]?\s?(?:de\s|del\s)?(\d{4}|\d{2})",
    )
});
static NAME_DAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)((?-i:[A-Za-zÀ-ɏ]){3,12})\.?[\s\-]{1,2}(\d{1,2})(?:st|nd|rd|th)?\s?[,\-\s]\s?(\d{4})"));
static WEEK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(\d{4})[\-\s/]?)?\b(?:KW|CW|WK|W|week|woche|kalenderwoche|semaine|semana|settimana|sem\.?)[\s.\-]{0,2}(\d{1,2})(?:\s?[./\-]\s?(\d{4}|\d{2}))?",
    )
});
static COMPACT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(20\d{2})(\d{2})(\d{2})"));

/// Month names and abbreviations of all languages, folded.
static MONTHS: LazyLock<HashMap<&'static str, i8>> = LazyLock::new(|| {
    let of = |month: i8| lexicon::phrases("months", &month.to_string()).map(move |(_, name)| (name, month)).collect::<Vec<_>>();
    (1..=12).flat_map(of).collect()
});

/// All dates in `text`, in order, without overlap. `near` (usually the day of receipt) gives a week without a year its year.
pub fn find(text: &str, near: Option<Date>) -> Vec<PrintedDate> {
    // Every form needs a digit; most texts have none.
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found: Vec<PrintedDate> = Vec::new();
    for candidates in [numeric(text), day_name(text), name_day(text), weeks(text, near), compact(text)] {
        for date in candidates {
            if found.iter().all(|f| date.end <= f.start || date.start >= f.end) {
                found.push(date);
            }
        }
    }
    found.sort_by_key(|d| d.start);
    found
}

/// The date that `text` is, when little else is in it.
pub fn parse(text: &str, near: Option<Date>) -> Option<PrintedDate> {
    find(text, near).into_iter().next()
}

fn numeric(text: &str) -> Vec<PrintedDate> {
    NUMERIC
        .captures_iter(text)
        .filter_map(|c| {
            let whole = c.get(0)?;
            let time_follows = text[whole.end()..].starts_with('T');
            if touches(text, whole.start(), whole.end()) && !time_follows {
                return None;
            }
            let (first, second, third) = (c.get(1)?.as_str(), c.get(3)?.as_str(), c.get(5)?.as_str());
            let separator = c.get(2)?.as_str();
            if separator != c.get(4)?.as_str() {
                return None;
            }
            let mut readings = Vec::new();
            let mut add = |order, y: &str, m: &str, d: &str| {
                if let Some(date) = date_of(y, m, d) {
                    readings.push((date, Some(order)));
                }
            };
            if first.len() == 4 && third.len() == 2 {
                add(DayOrder::YearMonthDay, first, second, third);
            } else if first.len() <= 2 {
                add(DayOrder::DayMonthYear, third, second, first);
                if separator != "." {
                    add(DayOrder::MonthDayYear, third, first, second);
                }
                if third.len() == 2 && first.len() == 2 {
                    add(DayOrder::YearMonthDay, first, second, third);
                }
            }
            let dotted = separator == ".";
            (!readings.is_empty()).then_some(PrintedDate { start: whole.start(), end: whole.end(), readings, dotted, week: false })
        })
        .collect()
}

fn day_name(text: &str) -> Vec<PrintedDate> {
    DAY_NAME
        .captures_iter(text)
        .filter_map(|c| named(text, &c.get(0)?, c.get(3)?.as_str(), c.get(2)?.as_str(), c.get(1)?.as_str()))
        .collect()
}

fn name_day(text: &str) -> Vec<PrintedDate> {
    NAME_DAY
        .captures_iter(text)
        .filter_map(|c| named(text, &c.get(0)?, c.get(3)?.as_str(), c.get(1)?.as_str(), c.get(2)?.as_str()))
        .collect()
}

fn named(text: &str, whole: &regex::Match<'_>, year: &str, month: &str, day: &str) -> Option<PrintedDate> {
    if touches(text, whole.start(), whole.end()) {
        return None;
    }
    let name = fold(month);
    let number = MONTHS.get(name.as_str())?;
    let date = date_of(year, &number.to_string(), day)?;
    Some(PrintedDate { start: whole.start(), end: whole.end(), readings: vec![(date, None)], dotted: false, week: false })
}

fn weeks(text: &str, near: Option<Date>) -> Vec<PrintedDate> {
    WEEK.captures_iter(text)
        .filter_map(|c| {
            let whole = c.get(0)?;
            if touches(text, whole.start(), whole.end()) {
                return None;
            }
            let week: i8 = c.get(2)?.as_str().parse().ok()?;
            let year = match (c.get(1), c.get(3)) {
                (Some(y), _) | (None, Some(y)) => year_of(y.as_str())?,
                (None, None) => near_year(near?, week)?,
            };
            let date = friday(year, week)?;
            Some(PrintedDate { start: whole.start(), end: whole.end(), readings: vec![(date, None)], dotted: false, week: true })
        })
        .collect()
}

/// A week without a year is the next such week, or one just past.
fn near_year(near: Date, week: i8) -> Option<i16> {
    let this_year = friday(near.year(), week)?;
    let half_a_year_ago = near.checked_sub(26.weeks()).ok()?;
    Some(if this_year < half_a_year_ago { near.year() + 1 } else { near.year() })
}

fn friday(year: i16, week: i8) -> Option<Date> {
    jiff::civil::ISOWeekDate::new(year, week, Weekday::Friday).ok().map(|w| w.date())
}

fn compact(text: &str) -> Vec<PrintedDate> {
    COMPACT
        .captures_iter(text)
        .filter_map(|c| {
            let whole = c.get(0)?;
            // A date without separators must stand alone: in longer text it is part of a code.
            if text.trim().len() != whole.len() {
                return None;
            }
            let date = date_of(c.get(1)?.as_str(), c.get(2)?.as_str(), c.get(3)?.as_str())?;
            Some(PrintedDate { start: whole.start(), end: whole.end(), readings: vec![(date, None)], dotted: false, week: false })
        })
        .collect()
}

/// Whether a letter, a digit or a joining sign stands right before or after: then it is part of something longer.
fn touches(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let mut after = text[end..].chars();
    let next = after.next();
    let joined = matches!(next, Some('.' | '/' | '-')) && after.next().is_some_and(char::is_alphanumeric);
    before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '-' | '_'))
        || next.is_some_and(char::is_alphanumeric)
        || joined
}

fn date_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let date = Date::new(year_of(year)?, month.parse().ok()?, day.parse().ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

fn year_of(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    Some(if text.len() <= 2 { 2000 + year } else { year })
}

/// Lower case without accents, as the month table has it.
fn fold(text: &str) -> String {
    super::layout::lines::fold(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn one(text: &str) -> Option<Date> {
        parse(text, Some(date(2026, 5, 4))).and_then(|d| d.only())
    }

    #[test]
    fn dates_with_one_reading() {
        for (text, expected) in [
            ("2026-04-05", date(2026, 4, 5)),
            ("2026/04/05", date(2026, 4, 5)),
            ("05.04.2026", date(2026, 4, 5)),
            ("25/04/2026", date(2026, 4, 25)),
            ("04/25/2026", date(2026, 4, 25)),
            ("20-MAR-26", date(2026, 3, 20)),
            ("20 March 2026", date(2026, 3, 20)),
            ("March 20, 2026", date(2026, 3, 20)),
            ("Mar. 20, 2026", date(2026, 3, 20)),
            ("20th of March 2026", date(2026, 3, 20)),
            ("5. März 2026", date(2026, 3, 5)),
            ("1er août 2026", date(2026, 8, 1)),
            ("5 de marzo de 2026", date(2026, 3, 5)),
            ("5 maggio 2026", date(2026, 5, 5)),
            ("5 mei 2026", date(2026, 5, 5)),
            ("20260405", date(2026, 4, 5)),
            ("KW 23/2026", date(2026, 6, 5)),
            ("KW23", date(2026, 6, 5)),
            ("W23 2026", date(2026, 6, 5)),
            ("2026-W23", date(2026, 6, 5)),
            ("2026-04-05T10:00:00", date(2026, 4, 5)),
            ("05.04.26", date(2026, 4, 5)),
        ] {
            // A dotted two-digit-year date still has two readings; the locale settles it.
            let got = one(text).or_else(|| parse(text, None).and_then(|d| d.under(DayOrder::DayMonthYear)));
            assert_eq!(got, Some(expected), "{text}");
        }
    }

    #[test]
    fn a_date_of_two_readings_keeps_both() {
        let printed = parse("03/04/2026", None).expect("a date");
        assert_eq!(printed.only(), None);
        assert_eq!(printed.under(DayOrder::DayMonthYear), Some(date(2026, 4, 3)));
        assert_eq!(printed.under(DayOrder::MonthDayYear), Some(date(2026, 3, 4)));
        assert_eq!(parse("04/04/2026", None).and_then(|d| d.only()), Some(date(2026, 4, 4)));
    }

    #[test]
    fn codes_are_no_dates() {
        for text in [
            "4711-12-2026-5",
            "10.2.3.4",
            "32.13.2026",
            "AB12/05/2026",
            "1/2",
            "M6x20",
            "PO-2026-00125",
            "W5 bolts of 3",
            "12 St 4711",
        ] {
            assert_eq!(parse(text, None).filter(|d| !d.week), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[0-9./KWa-zä \\-]{0,30}") {
            let _ = find(&text, Some(date(2026, 1, 1)));
        }
    }
}
