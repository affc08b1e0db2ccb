//! The header's fields: purchase order number, dates, terms, currency. Each is a label and the value that belongs to it.

use super::items::{confidence, read_date, seen_by_ocr};
use super::labels::Label;
use super::lines::{Sheet, fold, tokenize};
use super::locale::Locale;
use super::values::{Capture, Found, captures, words_of};
use crate::model::ids::comparable_number;
use crate::model::{Code, Currency, DraftOrder, Field, Finding, Reading, Severity};
use crate::reading::document::Word;
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::lexicon;
use crate::reading::extraction::numbers;
use jiff::civil::Date;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Words for number: one may lead the number itself.
static NUMBER_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("words", "number"));

/// A candidate for the purchase order number.
#[derive(Debug, Clone)]
pub(crate) struct Number<'a> {
    pub text: String,
    pub words: Vec<&'a Word>,
    pub page: usize,
    /// 3: named as the order's number; 2: "order no." or behind the title; 1: a reference.
    pub strength: u8,
}

/// Fills the header fields of one order from the labels that belong to it.
pub(crate) fn fill(sheet: &Sheet<'_>, labels: &[&Found], locale: &Locale, order: &mut DraftOrder, findings: &mut Vec<Finding>) {
    order.po_number = po_number(sheet, &numbers_of(sheet, labels), findings);
    if order.po_number.is_absent() {
        order.po_number = po_number(sheet, &bare_numbers(sheet, labels), findings);
    }
    order.revision = code(sheet, labels, Label::Revision);
    order.release_number = code(sheet, labels, Label::Release);
    order.po_date = date(sheet, labels, &[Label::PoDate], locale);
    if order.po_date.is_absent() {
        order.po_date = date_beside_number(sheet, labels, locale);
    }
    if order.po_date.is_absent() {
        order.po_date = date(sheet, labels, &[Label::Date], locale);
    }
    order.requested_delivery_date = date(sheet, labels, &[Label::DeliveryDate], locale);
    order.payment_terms = text(sheet, labels, Label::PaymentTerms);
    order.incoterm = incoterm(sheet, labels);
    order.currency = currency(sheet, labels, locale);
    ask_about_dates(order, findings);
}

/// All candidates for the number, in reading order.
pub(crate) fn numbers_of<'a>(sheet: &Sheet<'a>, labels: &[&Found]) -> Vec<Number<'a>> {
    let mut out: Vec<Number<'a>> = Vec::new();
    for found in labels {
        let strength = match found.hit.label {
            Label::PoNumber => 3,
            Label::OrderNumber | Label::PoTitle => 2,
            Label::Reference => 1,
            _ => continue,
        };
        for capture in captures(sheet, found) {
            // The title's number stands beside or right below it; a sentence about the order has none.
            let is_title = found.hit.label == Label::PoTitle;
            let Some((text, words)) = number_in(&capture, is_title && !found.hit.marked) else { continue };
            out.push(Number { text, words, page: sheet.lines[capture.line].page, strength });
            break;
        }
    }
    if out.is_empty() {
        let titles = labels.iter().filter(|found| matches!(found.hit.label, Label::PoTitle | Label::PoNumber | Label::OrderNumber));
        let numbers = titles.filter_map(|found| {
            let capture = below_number_word(sheet, found)?;
            let (text, words) = number_in(&capture, true)?;
            Some(Number { text, words, page: sheet.lines[capture.line].page, strength: 1 })
        });
        out.extend(numbers);
    }
    out
}

/// `Bestellung` over `Nr.` over `4711`: the label takes two rows of its cell.
fn below_number_word<'a>(sheet: &Sheet<'a>, found: &Found) -> Option<Capture<'a>> {
    let label = &sheet.lines[found.line].segments[found.segment];
    let left = label.x_at(found.hit.start);
    let starts_here = |segment: &super::lines::Segment<'_>| segment.x0 <= left + 6.0 && segment.x1 > left;
    let mut rows = sheet.lines.iter().enumerate().skip(found.line + 1).take(3);
    let word =
        rows.by_ref().find_map(|(index, line)| line.segments.iter().find(|s| starts_here(s)).map(|segment| (index, segment)))?;
    let first = word.1.words.iter().find(|w| w.bbox[2] > left - 2.0)?;
    if !NUMBER_WORDS.contains(fold(&first.text).trim_end_matches([':', '.', '°', 'º'])) {
        return None;
    }
    // The head of a table may begin with a word for number, too: it does not stand right under the title.
    let height = sheet.lines[found.line].height();
    if sheet.lines[word.0].y0 - sheet.lines[found.line].y1 > height {
        return None;
    }
    let (index, segment) =
        rows.find_map(|(index, line)| line.segments.iter().find(|s| starts_here(s)).map(|segment| (index, segment)))?;
    let from = segment.words.iter().position(|w| w.bbox[2] > left - 2.0)?;
    let words: Vec<&'a Word> = segment.words[from..].to_vec();
    let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Capture { text, words, line: index, place: super::values::Place::Below })
}

/// `No. HT-26-1187` in a cell of its own near the paper's title: nothing says of what, but there is no other number.
fn bare_numbers<'a>(sheet: &Sheet<'a>, labels: &[&Found]) -> Vec<Number<'a>> {
    let Some(title) = labels.iter().find(|f| f.hit.label == Label::PoTitle).map(|f| f.line) else { return Vec::new() };
    let near = sheet.lines.iter().skip(title.saturating_sub(4)).take(12);
    let cells = near.flat_map(|line| line.segments.iter().map(move |segment| (line.page, segment)));
    let number = |(page, segment): (usize, &super::lines::Segment<'a>)| {
        let [word, number] = segment.words.as_slice() else { return None };
        let says_number = NUMBER_WORDS.contains(fold(&word.text).trim_end_matches([':', '.', '°', 'º']));
        let text = number.text.trim_matches([',', ';', '.']);
        let is_code = text.len() >= 4 && text.bytes().filter(u8::is_ascii_digit).count() >= 3 && !is_date(text);
        (says_number && is_code).then(|| Number { text: text.to_owned(), words: vec![*number], page, strength: 1 })
    };
    cells.filter_map(number).collect()
}

/// The code at the start of a capture, with a suffix that belongs to it (`8374765 OP`, `8500000322 / U104`).
fn number_in<'a>(capture: &Capture<'a>, strict: bool) -> Option<(String, Vec<&'a Word>)> {
    // `Bestellung` / `Nr. 4711`: the word for number may lead the value.
    let first = capture.text.split(' ').next().unwrap_or("");
    let lead = if first.len() < capture.text.len() && NUMBER_WORDS.contains(fold(first).trim_end_matches([':', '.', '°', 'º'])) {
        first.len() + 1
    } else {
        0
    };
    let text = &capture.text[lead..];
    number_from(capture, text, lead, strict)
}

fn number_from<'a>(capture: &Capture<'a>, whole: &str, lead: usize, strict: bool) -> Option<(String, Vec<&'a Word>)> {
    let mut end = 0;
    let mut position = 0;
    let pieces: Vec<&str> = whole.split(' ').collect();
    for (i, piece) in pieces.iter().enumerate() {
        let start = position;
        position += piece.len() + 1;
        let bare = piece.trim_end_matches([',', ';', ':', '.', ')']);
        let has_digit = bare.bytes().any(|b| b.is_ascii_digit());
        let is_code_word =
            bare.len() <= 30 && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '_' | '#' | '\\' | '&'));
        let accepted = match i {
            0 => {
                is_code_word
                    && (has_digit || is_prefix(bare) && pieces.get(1).is_some_and(|p| p.bytes().any(|b| b.is_ascii_digit())))
                    && !is_date(bare)
            }
            1 if end > 0 && !whole[..end].bytes().any(|b| b.is_ascii_digit()) => is_code_word && has_digit && !is_date(bare),
            // `/ U104`, `-1`, `OP`: short, and of signs that words are not made of.
            _ => i < 4 && is_suffix(bare, pieces.get(i + 1).copied()),
        };
        if !accepted {
            break;
        }
        end = start + bare.len();
        if bare.len() != piece.len() {
            break;
        }
    }
    let text = whole.get(..end)?.trim_end_matches([' ', '/', '-', '#']).trim().to_owned();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = (2..=40).contains(&text.len()) && digits >= if strict { 3 } else { 1 };
    let looks_like_money = numbers::parse(&text).is_some_and(|n| n.witness().is_some());
    let of_page = is_page_count(whole);
    (fits && !looks_like_money && !of_page).then(|| {
        let words = words_of(capture, lead, lead + text.len());
        (text, words)
    })
}

/// `PO 4711`, `No 4711`: letters before the digits that belong to the number.
fn is_prefix(text: &str) -> bool {
    text.len() <= 5 && text.chars().all(|c| c.is_ascii_uppercase() || c == '-')
}

fn is_suffix(text: &str, next: Option<&str>) -> bool {
    if text == "/" || text == "-" {
        return next.is_some_and(|n| n.len() <= 6 && n.bytes().any(|b| b.is_ascii_digit()) && !is_date(n));
    }
    let short_code = text.len() <= 5
        && text.bytes().any(|b| b.is_ascii_digit())
        && (text.starts_with(['-', '/']) || text.starts_with(|c: char| c.is_ascii_uppercase()));
    let order_type = matches!(text, "OP" | "O1" | "O2" | "OB" | "OR" | "OD" | "OS");
    (short_code || order_type) && !is_date(text)
}

fn is_date(text: &str) -> bool {
    dates::parse(text, None).is_some_and(|d| !d.week && d.end - d.start == text.len() && d.start == 0)
        && text.len() >= 6
        && text.contains(['/', '.', '-'])
}

/// `1 of 2`, `1/2`
fn is_page_count(text: &str) -> bool {
    let folded = fold(text);
    let mut words = folded.split(' ');
    let first_is_short = words.next().is_some_and(|w| w.len() <= 3 && w.bytes().all(|b| b.is_ascii_digit()));
    first_is_short && matches!(words.next(), Some("of" | "von" | "de" | "di" | "van" | "/" | "sur"))
}

/// The strongest candidate; several when equally strong ones differ (TRAPS: voucher number and reference number).
fn po_number(sheet: &Sheet<'_>, numbers: &[Number<'_>], findings: &mut Vec<Finding>) -> Reading<String> {
    let Some(strongest) = numbers.iter().map(|n| n.strength).max() else { return Reading::Absent };
    let mut fields: Vec<Field<String>> = Vec::new();
    for number in numbers.iter().filter(|n| n.strength == strongest) {
        if fields.iter().any(|f| comparable_number(&f.value) == comparable_number(&number.text)) {
            continue;
        }
        let again = numbers.iter().filter(|n| comparable_number(&n.text) == comparable_number(&number.text)).count();
        let percent = match (strongest, again) {
            (3, 1) => confidence::LABELLED + 12,
            (3, _) => confidence::PROVED + 2,
            (2, 1) => confidence::LABELLED - 2,
            (2, _) => confidence::LABELLED + 8,
            _ => confidence::POSITION + 5,
        };
        if let Some(origin) = ground_words(&sheet.doc.pages[number.page], number.words.iter().copied()) {
            fields.push(Field::new(number.text.clone(), number.text.clone(), seen_by_ocr(&number.words, percent), origin));
        }
    }
    // A number that is part of another is the same number with its prefix left away: `100563` and `PO100563`.
    let longer: Vec<String> = fields.iter().map(|f| comparable_number(&f.value)).collect();
    let distinct: Vec<Field<String>> = fields
        .iter()
        .filter(|f| {
            let own = comparable_number(&f.value);
            !longer.iter().any(|other| other.len() > own.len() && other.ends_with(&own) && own.len() >= 4)
        })
        .cloned()
        .collect();
    match distinct.len() {
        0 => Reading::Absent,
        1 => Reading::from(distinct.into_iter().next()),
        _ => {
            let texts = distinct.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join("` and `");
            let message = format!("Several numbers may be the purchase order number: `{texts}`.");
            findings.push(Finding::new(Code::AmbiguousField, Severity::Ask, "/orders/0/po_number", message));
            Reading::Several(distinct)
        }
    }
}

/// A short code behind a label, such as a revision.
fn code(sheet: &Sheet<'_>, labels: &[&Found], wanted: Label) -> Reading<String> {
    for found in labels.iter().filter(|f| f.hit.label == wanted) {
        for capture in captures(sheet, found) {
            let first = capture.text.split(' ').next().unwrap_or("").trim_end_matches([',', ';', '.']);
            let fits =
                (1..=12).contains(&first.len()) && first.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '/'));
            let is_code =
                first.bytes().any(|b| b.is_ascii_digit()) || (first.len() <= 2 && first.bytes().all(|b| b.is_ascii_uppercase()));
            if fits && is_code && !is_date(first) {
                let words = words_of(&capture, 0, first.len());
                return field(sheet, &capture, first.to_owned(), &words, confidence::LABELLED);
            }
        }
    }
    Reading::Absent
}

fn field<T: Clone>(sheet: &Sheet<'_>, capture: &Capture<'_>, value: T, words: &[&Word], percent: u8) -> Reading<T> {
    let page = &sheet.doc.pages[sheet.lines[capture.line].page];
    let raw = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    ground_words(page, words.iter().copied()).map(|origin| Field::new(value, raw, seen_by_ocr(words, percent), origin)).into()
}

fn date(sheet: &Sheet<'_>, labels: &[&Found], wanted: &[Label], locale: &Locale) -> Reading<Date> {
    let mut several = Reading::Absent;
    for found in labels.iter().filter(|f| wanted.contains(&f.hit.label)) {
        for capture in captures(sheet, found) {
            let Some(printed) = dates::parse(&capture.text, locale.received) else { continue };
            // The date begins the value, after a weekday at most.
            if printed.start > 14 {
                continue;
            }
            let words = words_of(&capture, printed.start, printed.end);
            let page = &sheet.doc.pages[sheet.lines[capture.line].page];
            let Some(origin) = ground_words(page, words.iter().copied()) else { continue };
            let percent = seen_by_ocr(&words, confidence::LABELLED + 8);
            match read_date(&printed, &capture.text[printed.start..printed.end], percent, origin, locale) {
                Reading::Absent => {}
                found @ Reading::Found(_) => return found,
                other => {
                    if several.is_absent() {
                        several = other;
                    }
                }
            }
            break;
        }
    }
    several
}

/// `Bestellung Nr. 4711 vom 12.03.2026`: the date in the same line as the number.
fn date_beside_number(sheet: &Sheet<'_>, labels: &[&Found], locale: &Locale) -> Reading<Date> {
    for found in labels.iter().filter(|f| matches!(f.hit.label, Label::PoNumber | Label::PoTitle | Label::OrderNumber)) {
        for capture in captures(sheet, found) {
            if number_in(&capture, false).is_none() {
                continue;
            }
            let Some(printed) = dates::find(&capture.text, locale.received).into_iter().find(|d| d.start > 0) else { break };
            let words = words_of(&capture, printed.start, printed.end);
            let Some(origin) = ground_words(sheet.page(capture.line), words.iter().copied()) else { break };
            return read_date(
                &printed,
                &capture.text[printed.start..printed.end],
                seen_by_ocr(&words, confidence::LABELLED),
                origin,
                locale,
            );
        }
    }
    Reading::Absent
}

fn ask_about_dates(order: &DraftOrder, findings: &mut Vec<Finding>) {
    let mut ask = |reading: &Reading<Date>, pointer: &str| {
        if let Reading::Several(fields) = reading {
            let dates = fields.iter().map(|f| f.value.to_string()).collect::<Vec<_>>().join(" or ");
            let raw = fields.first().map_or("", |f| f.raw.as_str());
            findings.push(
                Finding::new(
                    Code::AmbiguousDate,
                    Severity::Ask,
                    pointer,
                    format!("`{raw}` may be {dates}, and nothing on the document decides."),
                )
                .at(reading.spans()),
            );
        }
    };
    ask(&order.po_date, "/orders/0/po_date");
    ask(&order.requested_delivery_date, "/orders/0/requested_delivery_date");
}

/// Free text behind a label, such as payment terms.
fn text(sheet: &Sheet<'_>, labels: &[&Found], wanted: Label) -> Reading<String> {
    for found in labels.iter().filter(|f| f.hit.label == wanted) {
        for capture in captures(sheet, found) {
            let fits = capture.text.len() >= 2 && capture.text.len() <= 120 && capture.text.chars().any(char::is_alphanumeric);
            // A sentence that only begins with the word is no term.
            if fits && (found.hit.marked || found.hit.tokens > 1 || !matches!(capture.place, super::values::Place::Inline)) {
                return field(sheet, &capture, capture.text.clone(), &capture.words, confidence::LABELLED);
            }
        }
    }
    Reading::Absent
}

const INCOTERMS: [&str; 15] =
    ["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP", "DAT", "DDU", "DAF", "DEQ"];

/// An Incoterms rule with its place. American "FOB origin" is none of them (DOMAIN 29) and is kept as printed.
fn incoterm(sheet: &Sheet<'_>, labels: &[&Found]) -> Reading<String> {
    for found in labels.iter().filter(|f| f.hit.label == Label::Incoterm) {
        for capture in captures(sheet, found) {
            let has_rule = tokenize(&capture.text).iter().any(|t| INCOTERMS.contains(&t.text.to_ascii_uppercase().as_str()));
            let segment = &sheet.lines[found.line].segments[found.segment];
            let label_is_rule = fold(&segment.text[found.hit.start..found.hit.end]).starts_with("fob");
            if capture.text.len() <= 80 && (has_rule || label_is_rule) {
                return field(sheet, &capture, capture.text.clone(), &capture.words, confidence::LABELLED);
            }
        }
    }
    // Without a label: the rule's three letters, in capitals, at the start of a short cell.
    for line in sheet.lines.iter().filter(|l| !l.furniture) {
        for segment in &line.segments {
            let first = segment.words.first().map_or("", |w| w.text.trim_end_matches([',', ':', '.', '-']));
            if INCOTERMS.contains(&first) && segment.words.len() <= 6 {
                let page = &sheet.doc.pages[line.page];
                let origin = ground_words(page, segment.words.iter().copied());
                return origin
                    .map(|o| {
                        Field::new(segment.text.clone(), segment.text.clone(), seen_by_ocr(&segment.words, confidence::GENERIC), o)
                    })
                    .into();
            }
        }
    }
    Reading::Absent
}

/// Currency: by label, by the codes beside figures, by sign. A `$` needs a country (DOMAIN 24).
fn currency(sheet: &Sheet<'_>, labels: &[&Found], locale: &Locale) -> Reading<Currency> {
    for found in labels.iter().filter(|f| f.hit.label == Label::Currency) {
        for capture in captures(sheet, found) {
            let Some((code, start, end)) = currency_word(&capture.text) else { continue };
            let words = words_of(&capture, start, end);
            return field(sheet, &capture, code, &words, confidence::PROVED);
        }
    }
    let mut seen: Vec<(String, u32, &Word, usize)> = Vec::new();
    for line in &sheet.lines {
        for segment in &line.segments {
            for (i, word) in segment.words.iter().enumerate() {
                let next = segment.words.get(i + 1).map_or("", |w| w.text.as_str());
                let previous = i.checked_sub(1).and_then(|p| segment.words.get(p)).map_or("", |w| w.text.as_str());
                let Some(sign) = sign_in(&word.text, previous, next) else { continue };
                match seen.iter_mut().find(|s| s.0 == sign) {
                    Some(known) => known.1 += 1,
                    None => seen.push((sign, 1, word, line.page)),
                }
            }
        }
    }
    // A code says more than a sign.
    seen.sort_by_key(|(sign, n, _, _)| (Currency::parse(sign).is_none(), std::cmp::Reverse(*n)));
    let Some((sign, count, word, page)) = seen.first() else { return Reading::Absent };
    let Some(origin) = ground_words(&sheet.doc.pages[*page], [*word]) else { return Reading::Absent };
    let make = |code: &str, percent: u8| {
        Currency::parse(code).map(|c| Field::new(c, sign.clone(), seen_by_ocr(&[*word], percent), origin.clone()))
    };
    let percent = if *count > 1 { confidence::LABELLED + 10 } else { confidence::LABELLED };
    match currency_of_sign(sign, &locale.countries).as_slice() {
        [] => Reading::Absent,
        [code] => make(code, percent).into(),
        several => Reading::Several(several.iter().filter_map(|code| make(code, confidence::POSITION)).collect()),
    }
}

fn currency_word(text: &str) -> Option<(Currency, usize, usize)> {
    tokenize(text)
        .into_iter()
        .take(6)
        .find_map(|token| {
            let printed = &text[token.start..token.end];
            let code = if printed.len() == 3 && printed.bytes().all(|b| b.is_ascii_alphabetic()) {
                Currency::parse(printed)
            } else {
                None
            };
            let code = code.or_else(|| match token.text.as_str() {
                "euro" | "euros" => Currency::parse("EUR"),
                "dollars" if text.to_lowercase().contains("us ") => Currency::parse("USD"),
                "pounds" | "sterling" => Currency::parse("GBP"),
                "rupees" => Currency::parse("INR"),
                _ => None,
            })?;
            Some((code, token.start, token.end))
        })
        .or_else(|| {
            let sign = text.chars().find(|c| matches!(c, '€' | '£' | '₹'))?;
            let code = currency_of_sign(&sign.to_string(), &[]);
            let start = text.find(sign)?;
            Some((Currency::parse(code.first()?)?, start, start + sign.len_utf8()))
        })
}

/// A currency beside or in a figure, or in brackets in a column head.
fn sign_in(word: &str, previous: &str, next: &str) -> Option<String> {
    let bare = word.trim_matches(['(', ')', '[', ']', ':', ',', '/', ';']);
    let bare = if bare.len() == 4 { bare.trim_end_matches('.') } else { bare };
    let is_figure = |t: &str| numbers::amount(t).is_some();
    let is_code = bare.len() == 3 && bare.bytes().all(|b| b.is_ascii_uppercase()) && Currency::parse(bare).is_some();
    if is_code && (is_figure(next) || is_figure(previous) || word.starts_with('(') || word.ends_with(')') || next.is_empty()) {
        // `ALL`, `TOP`, `CUP`, `MAD`: codes that are words stand beside a figure, or are none.
        let is_word = matches!(bare, "ALL" | "TOP" | "CUP" | "MAD" | "PEN" | "TRY" | "CAD" | "MOP" | "SOS" | "GEL" | "BAM");
        return (!is_word || is_figure(next) || is_figure(previous)).then(|| bare.to_owned());
    }
    if matches!(
        bare,
        "€" | "$"
            | "£"
            | "₹"
            | "US$"
            | "C$"
            | "A$"
            | "Rs."
            | "Rs"
            | "EURO"
            | "Euro"
            | "Fr."
            | "SFr."
            | "¥"
            | "zł"
            | "Kč"
            | "CA$"
            | "AU$"
            | "kr"
    ) {
        return (bare.len() < 5 || is_figure(next) || is_figure(previous)).then(|| bare.to_owned());
    }
    // `KWD-82L-679` is a part number.
    numbers::amount(bare).filter(|a| a.before.is_empty() && a.after.is_empty()).and_then(|a| a.currency)
}

fn currency_of_sign(sign: &str, countries: &[&'static str]) -> Vec<&'static str> {
    match sign {
        "€" | "EURO" | "Euro" => vec!["EUR"],
        "£" => vec!["GBP"],
        "₹" | "Rs." | "Rs" | "INR." => vec!["INR"],
        "US$" => vec!["USD"],
        "C$" | "CA$" => vec!["CAD"],
        "A$" | "AU$" => vec!["AUD"],
        "MX$" => vec!["MXN"],
        "HK$" => vec!["HKD"],
        "S$" => vec!["SGD"],
        "NZ$" => vec!["NZD"],
        "R$" => vec!["BRL"],
        "zł" => vec!["PLN"],
        "Kč" => vec!["CZK"],
        "Ft" => vec!["HUF"],
        "Fr." | "SFr." => vec!["CHF"],
        "¥" => vec!["JPY", "CNY"],
        "kr" | "kr." => vec!["SEK", "DKK", "NOK"],
        "$" => {
            let dollars: Vec<&'static str> = [
                ("US", "USD"),
                ("CA", "CAD"),
                ("AU", "AUD"),
                ("NZ", "NZD"),
                ("MX", "MXN"),
                ("SG", "SGD"),
                ("HK", "HKD"),
                ("CL", "CLP"),
                ("CO", "COP"),
                ("AR", "ARS"),
            ]
            .iter()
            .filter(|(country, _)| countries.contains(country))
            .map(|(_, code)| *code)
            .collect();
            match dollars.as_slice() {
                [one] => vec![one],
                [] if countries.is_empty() => vec!["USD", "CAD", "AUD"],
                [] => vec!["USD", "CAD"],
                _ => dollars,
            }
        }
        code => Currency::parse(code).map(|_| iso(code)).into_iter().flatten().collect(),
    }
}

/// The static text of a code that is frequent on orders; others are looked up by the caller's own text.
fn iso(code: &str) -> Option<&'static str> {
    const CODES: [&str; 34] = [
        "EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "MXN", "SEK", "DKK", "NOK", "PLN", "CZK", "HUF", "RON", "BGN", "INR",
        "CNY", "JPY", "SGD", "HKD", "ZAR", "AED", "SAR", "TRY", "BRL", "ILS", "KRW", "TWD", "THB", "MYR", "PHP", "KWD", "IDR",
    ];
    CODES.iter().find(|c| **c == code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::extraction::layout::lines::Segment;

    fn number(text: &str) -> Option<String> {
        let word = |t: &str| Word {
            text: t.into(),
            bbox: [0.0; 4],
            size: 10.0,
            bold: false,
            visibility: Default::default(),
            ocr_confidence: None,
            span: None,
        };
        let words: Vec<Word> = text.split(' ').map(word).collect();
        let segment = Segment::of(words.iter().collect());
        let capture = Capture {
            text: segment.text.clone(),
            words: segment.words.clone(),
            line: 0,
            place: super::super::values::Place::Inline,
        };
        number_in(&capture, false).map(|(t, _)| t)
    }

    #[test]
    fn purchase_order_numbers_as_printed() {
        for (text, expected) in [
            ("4711", Some("4711")),
            ("PO-2026-00125", Some("PO-2026-00125")),
            ("8374765 OP", Some("8374765 OP")),
            ("8500000322 / U104", Some("8500000322 / U104")),
            ("170034 -1", Some("170034 -1")),
            ("123 vom 12.03.2026", Some("123")),
            ("4711, 12.03.2026", Some("4711")),
            ("12/03/2026", None),
            ("PO 4711", Some("PO 4711")),
            ("1 of 2", None),
            ("Terms and Conditions", None),
            ("BE/26/0012", Some("BE/26/0012")),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
