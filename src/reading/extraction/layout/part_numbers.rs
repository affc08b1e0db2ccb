//! Part numbers in texts: under a label of their own, or in front of a description. Part numbers in columns are read in `items`.

use super::columns::{self, Role};
use super::lines::Segment;
use crate::reading::document::Word;
use crate::reading::extraction::{dates, numbers};

/// A code that begins a description: `[FURN_7777]`, or the first word of a column headed "part no. / description".
pub(crate) fn leading_code(words: &[&Word], shared: bool) -> Option<(String, usize)> {
    let first = words.first()?;
    if let Some(inner) = first.text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Some((inner.to_owned(), 1));
    }
    let bare = first.text.trim_end_matches([':', ',', ';']);
    let is_code = bare.len() >= 3 && bare.bytes().any(|b| b.is_ascii_digit()) && !bare.contains('%');
    (shared && is_code).then(|| (bare.to_owned(), 1))
}

/// `3AM7 987-1XD51-0MX0`: the next word may belong to the code as well. The longer code.
pub(crate) fn spaced_code(code: &str, rest: &[&Word]) -> Option<String> {
    let next = rest.first()?.text.trim_end_matches([':', ',', ';']);
    let digits = next.bytes().filter(u8::is_ascii_digit).count();
    let goes_on = next.len() >= 6 && digits >= 3 && digits + 3 >= next.chars().filter(|c| c.is_alphanumeric()).count() / 2;
    let plain = next.bytes().all(|b| b.is_ascii_digit()) && next.len() >= 4 && code.bytes().all(|b| b.is_ascii_digit());
    let no_lower = !next.chars().any(char::is_lowercase);
    ((goes_on || plain) && no_lower).then(|| format!("{code} {next}"))
}

/// Codes, signs and short capitals only: `3AM7 987-1XD51-0MX0`, `SR 428 / 91`; no words.
pub(crate) fn is_code_row(text: &str) -> bool {
    let is_piece = |t: &str| {
        let capitals = t.len() <= 4 && t.chars().all(|c| c.is_uppercase() || !c.is_alphanumeric());
        let lower = t.chars().filter(|c| c.is_lowercase()).count();
        capitals || (t.bytes().any(|b| b.is_ascii_digit()) && lower <= 3)
    };
    text.len() <= 40
        && text.split_whitespace().count() <= 5
        && text.bytes().filter(u8::is_ascii_digit).count() >= 2
        && text.split_whitespace().all(is_piece)
}

/// Part numbers under a label inside a text: `Your part: X-100`, `EAN 4006381333931`. Role and byte range of the value.
pub(crate) fn part_labels(segment: &Segment<'_>) -> Vec<(Role, usize, usize)> {
    let mut found = Vec::new();
    let tokens = &segment.tokens;
    let mut i = 0;
    while i < tokens.len() {
        let before = segment.text[..tokens[i].start].trim_end();
        let stands_alone = before.is_empty() || before.ends_with([',', ';', '/', '|', '(', '-', '·', '.', '•', ':']);
        let Some((count, role)) = longest_part_phrase(segment, i) else {
            i += 1;
            continue;
        };
        let end = tokens[i + count - 1].end;
        let rest = &segment.text[end..];
        let lead = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ')' | 'º' | '°'));
        let marked = lead.starts_with([':', '#', '=']);
        // `V.32.835`, `NS-8196`: letters of the number itself.
        let parted = marked || count >= 2 || rest.trim_start_matches(['.', ')', 'º', '°']).starts_with(char::is_whitespace);
        let clear = matches!(role, Role::SupplierPart | Role::BuyerPart | Role::ManufacturerPart | Role::Gtin);
        let value_start =
            segment.text.len() - lead.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '#' | '=')).len();
        let value_end = value_start + value_len(&segment.text[value_start..]);
        let text = &segment.text[value_start..value_end];
        let is_value = text.len() >= 2 && text.len() <= 40 && text.bytes().any(|b| b.is_ascii_digit());
        // `Charge code: 4841`: a bare "code" or "ref." behind another word is that word's.
        let own = stands_alone || clear || count >= 2 || follows_value(before);
        if is_value && parted && ((marked && own) || (clear && (stands_alone || count >= 2)) || (stands_alone && count >= 2)) {
            found.push((role, value_start, value_end));
        }
        i += count;
    }
    found
}

/// The word before ends another value: it has a digit in it.
fn follows_value(before: &str) -> bool {
    before.rsplit(char::is_whitespace).next().is_some_and(|w| w.bytes().any(|b| b.is_ascii_digit()))
}

/// How much of a text behind a label is its value: a word, or the pieces of a code with spaces in it.
fn value_len(text: &str) -> usize {
    let mut end = 0;
    for (pieces, piece) in text.split_inclusive(char::is_whitespace).enumerate() {
        let word = piece.trim_end();
        let start = end;
        let stop = word.find([',', ';', ')', '|']).unwrap_or(word.len());
        if pieces > 0 && (word.is_empty() || !continues(text[..start].trim_end(), &word[..stop], pieces)) {
            return text[..start].trim_end().len();
        }
        if stop < word.len() {
            return start + stop;
        }
        end += piece.len();
    }
    text.trim_end().len()
}

/// Whether a word goes on with the code before it: `SR` `428`, `428` `/`, `/` `91`, `3AM7` `987-1XD51-0MX0`.
fn continues(before: &str, word: &str, pieces: usize) -> bool {
    let last = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let is_sign = |t: &str| matches!(t, "/" | "-" | "–" | ".");
    let has_digit = |t: &str| t.bytes().any(|b| b.is_ascii_digit());
    if pieces >= 5 || dates::parse(word, None).is_some_and(|d| d.end - d.start >= word.len()) {
        return false;
    }
    if is_sign(word) {
        return has_digit(last);
    }
    if !has_digit(word) || word.ends_with(':') {
        return false;
    }
    let short_capitals = last.len() <= 4 && last.chars().all(char::is_uppercase);
    let no_figure = numbers::parse(word).is_none();
    is_sign(last) || short_capitals || (no_figure && word.len() >= 4 && !word.chars().any(char::is_lowercase))
}

/// The longest phrase at a token that names a part number.
fn longest_part_phrase(segment: &Segment<'_>, i: usize) -> Option<(usize, Role)> {
    let tokens = &segment.tokens;
    (1..=(tokens.len() - i).min(5)).rev().find_map(|count| {
        let last = &tokens[i + count - 1];
        let text = &segment.text[tokens[i].start..last.end];
        // `Kod: V.32.835`, `Item Number: NS-8196`: letters of the number itself are no label.
        let rest = &segment.text[last.end..];
        let joined = rest.starts_with('-') || rest.starts_with(char::is_alphanumeric);
        let initial = last.text.chars().count() <= 2 && rest.starts_with('.') && rest[1..].starts_with(char::is_alphanumeric);
        if joined || (initial && count > 1) {
            return None;
        }
        let role = columns::exact_role(text)?;
        matches!(role, Role::SupplierPart | Role::BuyerPart | Role::ManufacturerPart | Role::Gtin | Role::Part)
            .then_some((count, role))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::{self, Limits};
    use crate::reading::extraction::layout::lines::Sheet;

    fn found(text: &str) -> Vec<(Role, String)> {
        let document = document::read(text.as_bytes(), "a.txt", &Limits::default());
        let sheet = Sheet::of(&document);
        let segment = &sheet.lines[0].segments[0];
        part_labels(segment).into_iter().map(|(role, a, b)| (role, segment.text[a..b].to_owned())).collect()
    }

    #[test]
    fn part_numbers_behind_labels() {
        for (text, role, value) in [
            ("Your part: X-100 12 pcs", Role::SupplierPart, "X-100"),
            ("Supplier Item No 2DV7 352-1AJ39-0TK0 Cost Center 4243-192", Role::SupplierPart, "2DV7 352-1AJ39-0TK0"),
            ("Lieferanten-Art.-Nr.: LS 334 / 76", Role::SupplierPart, "LS 334 / 76"),
            ("Our part no. AB-1, red", Role::BuyerPart, "AB-1"),
            ("EAN 4006381333931", Role::Gtin, "4006381333931"),
        ] {
            assert_eq!(found(text), vec![(role, value.to_owned())], "{text}");
        }
        assert_eq!(found("Charge Code: 4841-188 Tax: No"), Vec::new());
    }

    #[test]
    fn rows_of_codes_have_no_words() {
        for (text, code) in [
            ("3AM7 987-1XD51-0MX0", true),
            ("SR 428 / 91", true),
            ("046-924-8026", true),
            ("Ball bearing 6204 C3", false),
            ("red", false),
        ] {
            assert_eq!(is_code_row(text), code, "{text}");
        }
    }
}
