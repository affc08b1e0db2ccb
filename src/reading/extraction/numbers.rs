//! What a printed number may stand for (DOMAIN 20). One text may mean two values under two locales; which locale a document
//! uses is decided by witnesses in `layout::locale`, never here.

use rust_decimal::Decimal;
use std::str::FromStr;

/// Which sign separates the decimals: the point of `1,250.00` or the comma of `1.250,00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimals {
    Point,
    Comma,
}

/// A printed number: its value under either locale. At least one of them is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    pub point: Option<Decimal>,
    pub comma: Option<Decimal>,
}

impl Printed {
    /// The same value under either locale.
    pub fn plain(value: Decimal) -> Self {
        Self { point: Some(value), comma: Some(value) }
    }

    pub fn under(&self, decimals: Decimals) -> Option<Decimal> {
        match decimals {
            Decimals::Point => self.point,
            Decimals::Comma => self.comma,
        }
    }

    /// The value, where there is no choice.
    pub fn only(&self) -> Option<Decimal> {
        match (self.point, self.comma) {
            (Some(a), Some(b)) if a == b => Some(a),
            (Some(_), Some(_)) => None,
            (one, other) => one.or(other),
        }
    }

    pub fn is_ambiguous(&self) -> bool {
        self.only().is_none()
    }

    /// The locale that this number alone proves.
    pub fn witness(&self) -> Option<Decimals> {
        match (self.point, self.comma) {
            (Some(_), None) => Some(Decimals::Point),
            (None, Some(_)) => Some(Decimals::Comma),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    fn map(self, f: impl Fn(Decimal) -> Decimal) -> Self {
        Self { point: self.point.map(&f), comma: self.comma.map(&f) }
    }
}

/// A number with what was printed around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    pub number: Printed,
    /// Currency sign or code beside it, as printed.
    pub currency: Option<String>,
    pub percent: bool,
    /// What else stands before and after, trimmed: `EA` of `10 EA`.
    pub before: String,
    pub after: String,
}

/// Longest number that is looked at; longer runs of digits are codes.
pub const MAX_DIGITS: usize = 18;

/// Currency signs and the words used like them. The ISO codes are recognised by `Currency::parse`.
const SIGNS: [&str; 27] = [
    "€", "US$", "C$", "CA$", "A$", "AU$", "MX$", "HK$", "S$", "NZ$", "R$", "$", "£", "¥", "₹", "Rs.", "Rs", "INR.", "kr.", "kr",
    "zł", "Kč", "Ft", "Fr.", "SFr.", "EURO", "Euro",
];

/// Whether a product or a sum is an amount at all: no printed number has more than `MAX_DIGITS` digits, and what is far beyond would
/// overflow when it is added to others.
pub fn is_countable(amount: &Decimal) -> bool {
    amount.abs() < Decimal::from_i128_with_scale(10i128.pow(24), 0)
}

/// The number that `text` is, and nothing else beside sign, currency or brackets. `None` for anything more.
pub fn parse(text: &str) -> Option<Printed> {
    let amount = amount(text)?;
    (amount.before.is_empty() && amount.after.is_empty() && !amount.percent).then_some(amount.number)
}

/// The one number in a cell: `10 EA`, `€ 4,20 / 100`, `(5.00)`, `120.00 USD`. `None` for no number or an unclear one.
pub fn amount(text: &str) -> Option<Amount> {
    let text = text.trim();
    let (start, end) = numeric_run(text)?;
    let (number, end) = number_at(text, start, end)?;
    let (mut before, mut after) = (text[..start].trim(), text[end..].trim());
    let mut negative = false;
    if let Some(rest) = before.strip_suffix('(')
        && after.starts_with(')')
    {
        negative = true;
        before = rest.trim();
        after = after[1..].trim();
    }
    for minus in ["-", "−", "–"] {
        if before == minus
            || before.ends_with(&format!(" {minus}"))
            || (before.ends_with(minus) && is_currency(before.trim_end_matches(minus).trim()))
        {
            negative = true;
            before = before[..before.len() - minus.len()].trim();
        }
        // `5-` is minus five, `120,-` and `120/-` are not; those were eaten with the number.
        if after == minus || after.strip_prefix(minus).is_some_and(|rest| is_currency(rest.trim())) {
            negative = true;
            after = after[minus.len()..].trim();
        }
    }
    let (before, sign_before) = take_currency_at_end(before);
    let (after, sign_after) = take_currency_at_start(after);
    let (before, negative) = match before.strip_suffix(['-', '−']) {
        Some(rest) if rest.is_empty() || rest.ends_with(' ') => (rest.trim(), true),
        _ => (before, negative),
    };
    let (after, negative) = match after {
        "-" | "−" | "CR" => ("", true),
        other => (other, negative),
    };
    let percent = after.starts_with('%');
    let after = after.trim_start_matches('%').trim();
    let number = if negative { number.map(|n| -n) } else { number };
    Some(Amount { number, currency: sign_before.or(sign_after), percent, before: before.to_owned(), after: after.to_owned() })
}

/// Whether `text` is a currency sign or an ISO code.
pub fn is_currency(text: &str) -> bool {
    SIGNS.contains(&text)
        || (text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase()) && crate::model::Currency::parse(text).is_some())
}

fn take_currency_at_end(text: &str) -> (&str, Option<String>) {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or("");
    if is_currency(word) {
        return (text[..text.len() - word.len()].trim(), Some(word.to_owned()));
    }
    for sign in SIGNS.iter().filter(|s| !s.chars().all(char::is_alphabetic)) {
        if let Some(rest) = text.strip_suffix(sign)
            && (rest.is_empty() || !rest.ends_with(char::is_alphanumeric))
        {
            return (rest.trim(), Some((*sign).to_owned()));
        }
    }
    // `USD12.50`: a code glued to its number.
    let tail_start = text.char_indices().rev().nth(2).map(|(i, _)| i);
    match tail_start {
        Some(i) if text.len() - i == 3 && is_currency(&text[i..]) && (i == 0 || !text[..i].ends_with(char::is_alphanumeric)) => {
            (text[..i].trim(), Some(text[i..].to_owned()))
        }
        _ => (text, None),
    }
}

fn take_currency_at_start(text: &str) -> (&str, Option<String>) {
    let word = text.split(char::is_whitespace).next().unwrap_or("");
    let bare = word.trim_end_matches([',', ';', ')']);
    if is_currency(bare) || is_currency(word) {
        return (text[word.len()..].trim(), Some(bare.to_owned()));
    }
    for sign in SIGNS {
        if let Some(rest) = text.strip_prefix(sign)
            && !rest.starts_with(char::is_alphabetic)
        {
            return (rest.trim(), Some(sign.to_owned()));
        }
    }
    if let Some(code) = text.get(..3)
        && is_currency(code)
        && !text[3..].starts_with(char::is_alphanumeric)
    {
        return (text[3..].trim(), Some(code.to_owned()));
    }
    (text, None)
}

/// Byte range of the first run that may be a number: starts with a digit (or a separator before one) that no letter touches.
fn numeric_run(text: &str) -> Option<(usize, usize)> {
    let mut previous: Option<char> = None;
    for (i, c) in text.char_indices() {
        let leads = c.is_ascii_digit() || (matches!(c, '.' | ',') && text[i + 1..].starts_with(|d: char| d.is_ascii_digit()));
        let glued = previous.is_some_and(|p| p.is_alphanumeric() || matches!(p, '.' | ',' | '_'));
        let code_before = i >= 3 && text.get(i - 3..i).is_some_and(is_currency) && !text[..i - 3].ends_with(char::is_alphanumeric);
        let sign_before =
            SIGNS.iter().any(|s| text[..i].ends_with(s) && (!s.starts_with(char::is_alphabetic) || text[..i].len() == s.len()));
        if leads && (!glued || (c.is_ascii_digit() && (code_before || sign_before))) {
            return Some((i, text.len()));
        }
        previous = Some(c);
    }
    None
}

/// The number beginning at `start`, and where it ends.
fn number_at(text: &str, start: usize, limit: usize) -> Option<(Printed, usize)> {
    let run = &text[start..limit];
    let mut end = start;
    let mut chars = run.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, d)| d.is_ascii_digit());
        let groups_by_space = is_space(c) && next_is_digit && begins_group(&run[i + c.len_utf8()..]) && ends_group(&run[..i]);
        if c.is_ascii_digit() || (matches!(c, '.' | ',' | '\'' | '’' | '`') && next_is_digit) || groups_by_space {
            end = start + i + c.len_utf8();
        } else {
            break;
        }
    }
    let printed = &text[start..end];
    let rest = &text[end..];
    // A letter right after makes it a code, unless it is a unit or currency glued on: `10EA`, `5kg`, `12.50EUR`.
    if rest.starts_with(|c: char| c.is_alphabetic() && !is_glued_unit(rest)) || rest.starts_with('_') {
        return None;
    }
    let number = resolve(printed)?;
    if let Some((fraction, used)) = fraction_after(rest)
        && let (Some(whole), true) = (number.only(), !printed.contains(['.', ',']))
    {
        return Some((Printed::plain(whole.checked_add(fraction)?), end + used));
    }
    // `2,76,000/-`, `120,-`, `120.--`, `5.–`
    for tail in ["/-", "/=", ",--", ".--", ",-", ".-", ",—", ".—", ",–", ".–"] {
        if let Some(after) = rest.strip_prefix(tail)
            && !after.starts_with(char::is_alphanumeric)
        {
            return Some((number, end + tail.len()));
        }
    }
    let stop = usize::from(rest.starts_with('.') && !rest[1..].starts_with(char::is_alphanumeric));
    Some((number, end + stop))
}

/// `10EA`: a known unit or a currency sign glued to the digits.
fn is_glued_unit(rest: &str) -> bool {
    let word: String = rest.chars().take_while(|c| c.is_alphabetic() || matches!(c, '²' | '³')).collect();
    let whole = !rest[word.len()..].starts_with(|c: char| c.is_ascii_digit());
    whole && (crate::model::Unit::parse(&word).is_some() || is_currency(&word) || word == "x")
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// After a space: exactly three digits, and then no further digit or letter.
fn begins_group(rest: &str) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3 && !rest[3..].starts_with(char::is_alphabetic)
}

/// Before a space: one to three digits, alone or after another group.
fn ends_group(before: &str) -> bool {
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let lead = &before[..before.len() - digits];
    (lead.is_empty() && (1..=3).contains(&digits) && !before.starts_with('0')) || (digits == 3 && lead.ends_with(is_space))
}

fn fraction_after(rest: &str) -> Option<(Decimal, usize)> {
    let text = rest.trim_start();
    let skipped = rest.len() - text.len();
    for (sign, value) in [("½", "0.5"), ("¼", "0.25"), ("¾", "0.75")] {
        if text.starts_with(sign) {
            return Some((Decimal::from_str(value).ok()?, skipped + sign.len()));
        }
    }
    if skipped == 0 {
        return None;
    }
    for (sign, value) in
        [("1/2", "0.5"), ("1/4", "0.25"), ("3/4", "0.75"), ("1/8", "0.125"), ("3/8", "0.375"), ("5/8", "0.625"), ("7/8", "0.875")]
    {
        if text.strip_prefix(sign).is_some_and(|after| !after.starts_with(char::is_alphanumeric)) {
            return Some((Decimal::from_str(value).ok()?, skipped + sign.len()));
        }
    }
    None
}

/// Digits with separators to values: `1.250` is 1.250 under `Point` and 1250 under `Comma`.
fn resolve(printed: &str) -> Option<Printed> {
    if printed.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS {
        return None;
    }
    let compact: String = printed.chars().filter(|c| !is_space(*c) && !matches!(c, '\'' | '’' | '`')).collect();
    let neutral_groups = compact.len() != printed.len();
    let points = compact.matches('.').count();
    let commas = compact.matches(',').count();
    let value = |decimal: char, group: char| decimal_value(&compact, decimal, group);
    let (point, comma) = match (points, commas) {
        (0, 0) => return Decimal::from_str(&compact).ok().map(Printed::plain),
        // With grouping by space or apostrophe, a single sign can only be the decimal one.
        (1, 0) if neutral_groups => (value('.', ','), None),
        (0, 1) if neutral_groups => (None, value(',', '.')),
        (_, _) if points > 0 && commas > 0 => {
            if compact.rfind('.') > compact.rfind(',') {
                (value('.', ','), None)
            } else {
                (None, value(',', '.'))
            }
        }
        (_, _) => (value('.', ','), value(',', '.')),
    };
    (point.is_some() || comma.is_some()).then_some(Printed { point, comma })
}

fn decimal_value(compact: &str, decimal: char, group: char) -> Option<Decimal> {
    let (whole, fraction) = match compact.split_once(decimal) {
        Some((_, fraction)) if fraction.contains([decimal, group]) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (compact, ""),
    };
    if whole.contains(group) && !is_grouped(whole, group) {
        return None;
    }
    let digits: String = whole.chars().filter(|c| *c != group).collect();
    let digits = if digits.is_empty() { "0".to_owned() } else { digits };
    let text = if fraction.is_empty() { digits } else { format!("{digits}.{fraction}") };
    Decimal::from_str(&text).ok()
}

/// `1,250,000`, or `1,25,000` as in India; never `0,250` or `1250,000`.
fn is_grouped(whole: &str, group: char) -> bool {
    let parts: Vec<&str> = whole.split(group).collect();
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some((last, middle)) = rest.split_last() else { return false };
    let western = middle.iter().all(|p| p.len() == 3);
    let indian = group == ',' && !middle.is_empty() && middle.iter().all(|p| p.len() == 2);
    let leads = if indian { (1..=2).contains(&first.len()) } else { (1..=3).contains(&first.len()) };
    last.len() == 3 && leads && !first.starts_with('0') && (western || indian)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Option<Decimal> {
        (!text.is_empty()).then(|| Decimal::from_str(text).expect("a decimal"))
    }

    #[test]
    fn printed_numbers_mean_one_value_or_two() {
        // printed, under point, under comma
        for (text, point, comma) in [
            ("1250", "1250", "1250"),
            ("1,250", "1250", "1.250"),
            ("1.250", "1.250", "1250"),
            ("1.250,00", "", "1250.00"),
            ("1,250.00", "1250.00", ""),
            ("1 250", "1250", "1250"),
            ("1\u{a0}250,5", "", "1250.5"),
            ("1\u{202f}250", "1250", "1250"),
            ("1'250.50", "1250.50", ""),
            ("1’250", "1250", "1250"),
            ("1,25,000", "125000", ""),
            ("2,82,384.38", "282384.38", ""),
            ("2,76,000/-", "276000", ""),
            ("12.50", "12.50", ""),
            ("12,5", "", "12.5"),
            ("0,250", "", "0.250"),
            ("0.125", "0.125", ""),
            (".75", "0.75", ""),
            ("1250.500", "1250.500", ""),
            ("1.250.000", "", "1250000"),
            ("1.2345", "1.2345", ""),
            ("5-", "-5", "-5"),
            ("-5", "-5", "-5"),
            ("- 5", "-5", "-5"),
            ("(5.00)", "-5.00", ""),
            ("€ 1.234,50", "", "1234.50"),
            ("$1,234.50", "1234.50", ""),
            ("-$12.00", "-12.00", ""),
            ("$-12.00", "-12.00", ""),
            ("USD12.50", "12.50", ""),
            ("12.50EUR", "12.50", ""),
            ("12,50 €", "", "12.50"),
            ("189,00-", "", "-189.00"),
            ("120,-", "120", "120"),
            ("Rs. 450.00", "450.00", ""),
            ("₹1,25,000.00", "125000.00", ""),
            ("12 1/2", "12.5", "12.5"),
            ("12½", "12.5", "12.5"),
            ("10.", "10", "10"),
        ] {
            let printed = parse(text).unwrap_or_else(|| panic!("`{text}` is a number"));
            assert_eq!((printed.point, printed.comma), (d(point), d(comma)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["", "abc", "AB-100", "M6x20", "1.2.3", "12.345.67", "1,2,3", "A12", "4711B", "12 34", "123456789012345678901"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_cell_may_hold_more_than_the_number() {
        let cell = amount("10 EA").expect("a number");
        assert_eq!((cell.number.only(), cell.after.as_str()), (d("10"), "EA"));
        let cell = amount("10EA").expect("a number");
        assert_eq!((cell.number.only(), cell.after.as_str()), (d("10"), "EA"));
        let cell = amount("€ 4,20 / 100").expect("a number");
        assert_eq!((cell.number.only(), cell.currency.as_deref(), cell.after.as_str()), (d("4.20"), Some("€"), "/ 100"));
        let cell = amount("19 %").expect("a number");
        assert!(cell.percent && cell.after.is_empty());
        let cell = amount("Rs.450.00").expect("a number");
        assert_eq!(cell.number.only(), d("450.00"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,24}") {
            let _ = amount(&text);
        }
        #[test]
        fn never_panics_on_number_like(text in "[-0-9.,' ()/€$A-C½]{0,20}") {
            let _ = parse(&text);
        }
    }
}
