//! Order lines in running text: `10 x AB-123 Widget @ 4.20`, `please send 5 pcs of X-100`, `- 20 Stk Art. 4711 à 3,50 EUR`.
//! For orders without a table.

use super::items::{confidence, read_date, read_number, seen_by_ocr};
use super::labels::{self, Label};
use super::lines::{Segment, Sheet, fold};
use super::locale::Locale;
use crate::model::{DraftLine, Field, Finding, Reading, Unit};
use crate::reading::document::Word;
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::numbers::{self, Amount};

/// Words that only lead to the item: dropped from the front of a description.
const FILLERS: &str = "of x art artikel article articulo articolo item part no nr number ref reference sku codice codigo code our your von de di van des the each pcs please send us need order we would like want a je item: material pos";

/// Lines of text that order something, and where they stand.
pub(crate) fn lines(
    sheet: &Sheet<'_>,
    range: std::ops::Range<usize>,
    locale: &Locale,
    first_index: usize,
    findings: &mut Vec<Finding>,
) -> Vec<(usize, DraftLine)> {
    let mut out = Vec::new();
    for index in range {
        let line = &sheet.lines[index];
        if line.furniture || line.segments.is_empty() {
            continue;
        }
        let words: Vec<&Word> = line.segments.iter().flat_map(|s| s.words.iter().copied()).collect();
        let whole = Segment::of(words);
        // A label's line says something about the order, not what is ordered.
        if labels::hits(&whole)
            .first()
            .is_some_and(|h| h.start <= 1 && !matches!(h.label, Label::Other) && (h.marked || h.tokens > 1))
            && !whole.text.contains(" x ")
        {
            continue;
        }
        for clause in clauses(&whole) {
            if let Some(draft) = line_of(sheet, index, &clause, locale, first_index + out.len(), findings) {
                out.push((index, draft));
            }
        }
    }
    out
}

/// Words that join two items in one sentence, folded.
const JOINING: &str = "and und sowie plus et y e ed en & + also auch";

/// The parts of a sentence that each order something: `10 x AB-100 and 5 pcs of AB-200`. The whole where it is one item.
fn clauses<'a>(whole: &Segment<'a>) -> Vec<Segment<'a>> {
    let words = &whole.words;
    let mut cuts = vec![0];
    for at in 1..words.len().saturating_sub(1) {
        let before = &words[at - 1].text;
        let joins = before.ends_with([',', ';']) || JOINING.split(' ').any(|joining| joining == fold(before));
        let since = cuts[cuts.len() - 1];
        let is_new = || quantity(&words[at..]).is_some_and(|count| count.first == 0) && orders_something(&words[at..]);
        if joins && is_new() && orders_something(&words[since..at]) {
            cuts.push(at);
        }
    }
    cuts.push(words.len());
    cuts.windows(2).map(|cut| Segment::of(words[cut[0]..cut[1]].to_vec())).collect()
}

/// A quantity, and a part or a unit to it.
fn orders_something(words: &[&Word]) -> bool {
    words.len() >= 2
        && quantity(words).is_some_and(|count| {
            let price = price(words, &count);
            count.unit.is_some() || part(words, &count, price.as_ref()).is_some()
        })
}

/// Part numbers, spelled as those that were read, in sentences that were not read as lines: what may be a line more. Each once.
pub(crate) fn overlooked(sheet: &Sheet<'_>, range: std::ops::Range<usize>, order: &crate::model::DraftOrder) -> Vec<String> {
    let read: Vec<&String> =
        order.lines.iter().flat_map(|line| [&line.buyer_part, &line.supplier_part]).filter_map(Reading::value).collect();
    let shapes: Vec<String> = read.iter().filter_map(|part| shape(part)).collect();
    let mut out: Vec<String> = Vec::new();
    for word in sheet.lines[range].iter().flat_map(|line| &line.segments).flat_map(|segment| &segment.words) {
        let text = word.text.trim_matches(|c: char| !c.is_alphanumeric());
        let known = |other: &str| crate::model::ids::comparable_number(other) == crate::model::ids::comparable_number(text);
        let is_number = order.po_number.value().is_some_and(|number| known(number));
        if !is_number
            && shape(text).is_some_and(|shape| shapes.contains(&shape))
            && !read.iter().any(|part| known(part))
            && !out.iter().any(|seen| known(seen))
        {
            out.push(text.to_owned());
        }
    }
    out
}

/// `AB-1004` as `AB-9`: its letters and signs, runs of digits as one. `None` for what is no code of letters and digits.
fn shape(text: &str) -> Option<String> {
    let mut shape = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if shape.ends_with('9') => {}
            '0'..='9' => shape.push('9'),
            c => shape.extend(c.to_uppercase()),
        }
    }
    (shape.contains('9') && shape.chars().any(char::is_alphabetic) && text.len() >= 4).then_some(shape)
}

/// A number among the words of a line.
struct Count {
    first: usize,
    last: usize,
    amount: Amount,
    unit: Option<(usize, String)>,
}

fn line_of(
    sheet: &Sheet<'_>,
    index: usize,
    whole: &Segment<'_>,
    locale: &Locale,
    number: usize,
    findings: &mut Vec<Finding>,
) -> Option<DraftLine> {
    let words = &whole.words;
    if words.len() < 2 || words.len() > 40 {
        return None;
    }
    let count = quantity(words)?;
    let price = price(words, &count);
    let code = part(words, &count, price.as_ref());
    // A number with a unit and nothing to be counted orders nothing.
    let described = description(words, &count, price.as_ref(), code.as_ref());
    if code.is_none() && (count.unit.is_none() || described.is_empty()) {
        return None;
    }
    let page = sheet.page(index);
    let text = |value: String, used: &[&Word], percent: u8| -> Reading<String> {
        ground_words(page, used.iter().copied()).map(|o| Field::new(value.clone(), value, seen_by_ocr(used, percent), o)).into()
    };
    let mut line = DraftLine::default();
    let used: Vec<&Word> = words[count.first..=count.last].to_vec();
    let raw = used.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    let mut amount = count.amount.clone();
    if let Some((_, unit)) = &count.unit {
        amount.after.clone_from(unit);
    }
    let origin = ground_words(page, used.iter().copied())?;
    line.quantity = read_number(
        &amount,
        &raw,
        seen_by_ocr(&used, confidence::LABELLED),
        origin,
        locale,
        false,
        &format!("/orders/0/lines/{number}/quantity"),
        findings,
    );
    if let Some((at, unit)) = &count.unit {
        line.uom = text(unit.clone(), &words[*at..=*at], confidence::LABELLED);
    }
    if let Some((first, last, amount)) = &price {
        let used: Vec<&Word> = words[*first..=*last].to_vec();
        let raw = used.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(origin) = ground_words(page, used.iter().copied()) {
            line.unit_price = read_number(
                amount,
                &raw,
                seen_by_ocr(&used, confidence::GENERIC + 10),
                origin,
                locale,
                false,
                &format!("/orders/0/lines/{number}/unit_price"),
                findings,
            );
        }
    }
    if let Some((at, code, ours)) = code {
        let part = text(code, &words[at..=at], confidence::GENERIC);
        if ours { line.supplier_part = part } else { line.buyer_part = part }
    }
    if !described.is_empty() {
        let value = described.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        line.description = text(value.trim_matches([',', '-', ':', ';', '.', ' ']).to_owned(), &described, confidence::GENERIC);
    }
    if let Some(printed) = dates::find(&whole.text, locale.received).into_iter().next() {
        let used = whole.words_in(printed.start, printed.end);
        if let Some(origin) = ground_words(page, used.iter().copied()) {
            line.requested_date = read_date(
                &printed,
                &whole.text[printed.start..printed.end],
                seen_by_ocr(&used, confidence::GENERIC),
                origin,
                locale,
            );
        }
    }
    Some(line)
}

/// The quantity: a number before a unit or an `x`, at the start of the line or after words like "send"; or `Qty: 5`.
fn quantity(words: &[&Word]) -> Option<Count> {
    for i in 0..words.len().min(24) {
        let bare = words[i].text.trim_matches(['-', '*', '•', '(', ')', ',', ';', ':']);
        if !bare.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let Some(amount) = numbers::amount(bare) else { continue };
        if amount.percent || amount.currency.is_some() || !amount.before.is_empty() {
            continue;
        }
        let next = words.get(i + 1).map_or("", |w| w.text.trim_matches([',', ';', ':', ')', '.']));
        let previous = i.checked_sub(1).map_or(String::new(), |p| fold(words[p].text.trim_matches([':', '.', ',', '(', '-', '*'])));
        let glued = amount.after.trim_matches([',', ';']).to_owned();
        if fold(&glued) == "x" || matches!(next, "x" | "X" | "×") || glued == "×" {
            let last = if glued.is_empty() { i + 1 } else { i };
            return Some(Count {
                first: i,
                last: i,
                amount: Amount { after: String::new(), ..amount },
                unit: unit_after(words, last + 1),
            });
        }
        if Unit::parse(&glued).is_some() && glued.len() > 1 {
            return Some(Count { first: i, last: i, amount: Amount { after: String::new(), ..amount }, unit: Some((i, glued)) });
        }
        let says_quantity = matches!(
            previous.as_str(),
            "qty" | "quantity" | "menge" | "quantite" | "qte" | "cantidad" | "quantita" | "aantal" | "anzahl"
        );
        if !glued.is_empty() {
            continue;
        }
        if let Some(unit) = unit_after(words, i + 1).filter(|(_, u)| u.len() > 1 || words.len() > 2) {
            let is_measure =
                matches!(Unit::parse(&unit.1).map(|u| u.code().to_owned()).as_deref(), Some("MMT" | "CMT" | "INH" | "HUR" | "DAY"));
            if !is_measure {
                return Some(Count { first: i, last: i, amount, unit: Some(unit) });
            }
        }
        if says_quantity {
            return Some(Count { first: i, last: i, amount, unit: None });
        }
        // `10 AB-123 Widget`: the line begins with the number and a code follows at once.
        let begins = words[..i].iter().all(|w| !w.text.chars().any(char::is_alphanumeric));
        if begins && is_code(next) && numbers::parse(next).is_none() {
            return Some(Count { first: i, last: i, amount, unit: None });
        }
    }
    None
}

fn unit_after(words: &[&Word], at: usize) -> Option<(usize, String)> {
    let word = words.get(at)?.text.trim_matches([',', ';', ':', ')', '(']);
    // `in`, `no`, `a`, `can`, `to`, `un` are words before they are units.
    let is_word = matches!(
        fold(word).as_str(),
        "in" | "no"
            | "to"
            | "can"
            | "un"
            | "a"
            | "me"
            | "day"
            | "days"
            | "item"
            | "set"
            | "l"
            | "m"
            | "t"
            | "h"
            | "u"
            | "no."
            | "st."
    );
    let keeps = matches!(word, "m" | "l" | "t" | "St." | "set" | "Set" | "can");
    (Unit::parse(word).is_some() && (!is_word || keeps)).then(|| (at, word.to_owned()))
}

/// The price: a figure with a currency, or behind `@`, `à`, `je`, `at`.
fn price(words: &[&Word], count: &Count) -> Option<(usize, usize, Amount)> {
    for i in count.last + 1..words.len() {
        let previous = fold(words[i - 1].text.trim_matches([':', ',', '(']));
        let bare = words[i].text.trim_matches(['(', ')', ';', ':', '@']);
        let Some(amount) = numbers::amount(bare.trim_end_matches(',')) else { continue };
        if amount.percent || !amount.before.is_empty() {
            continue;
        }
        let next = words.get(i + 1).map_or("", |w| w.text.trim_matches([',', ';', '.', ')', '/']));
        let announced = matches!(
            previous.as_str(),
            "@" | "a"
                | "at"
                | "je"
                | "zu"
                | "per"
                | "price"
                | "preis"
                | "prix"
                | "precio"
                | "prezzo"
                | "prijs"
                | "unit price"
                | "for"
                | "ad"
        ) || words[i].text.starts_with('@');
        let money = amount.currency.is_some() || numbers::is_currency(next) || numbers::is_currency(words[i - 1].text.as_str());
        if (announced
            && (money || amount.number.only().is_some() || amount.number.is_ambiguous())
            && (!is_unit(next)
                || matches!(previous.as_str(), "@" | "je" | "price" | "preis")
                || words[i].text.starts_with('@')
                || matches!(next, "each" | "ea" | "apiece")))
            || money
        {
            let last = if numbers::is_currency(next) { i + 1 } else { i };
            let first = if numbers::is_currency(words[i - 1].text.as_str()) { i - 1 } else { i };
            return Some((first, last, amount));
        }
    }
    None
}

fn is_unit(word: &str) -> bool {
    Unit::parse(word).is_some() && !numbers::is_currency(word)
}

/// A part number: a word with a digit that is not quantity, price or date; with whose it is where a label says so.
fn part(words: &[&Word], count: &Count, price: Option<&(usize, usize, Amount)>) -> Option<(usize, String, bool)> {
    let taken = |i: usize| {
        (count.first..=count.last).contains(&i)
            || price.is_some_and(|(a, b, _)| (*a..=*b).contains(&i))
            || count.unit.as_ref().is_some_and(|(u, _)| *u == i)
    };
    let candidates = (0..words.len()).filter(|i| !taken(*i));
    for i in candidates {
        let text = words[i].text.trim_matches([',', ';', ':', '(', ')', '.', '"', '\'', '#', '[', ']']);
        let before = fold(&words[i.saturating_sub(3)..i].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "));
        let labelled = [
            "art",
            "art.",
            "art.-nr.",
            "artikel",
            "item",
            "part",
            "ref",
            "ref.",
            "sku",
            "no.",
            "nr.",
            "code",
            "codice",
            "codigo",
            "referencia",
            "#",
            "number",
            "artikelnummer",
            "article",
            "art.nr.",
            "p/n",
            "pn",
            "n°",
            "cod.",
            "réf.",
            "artikelnr.",
            "material",
            "no",
            "nr",
        ]
        .iter()
        .any(|l| before.trim_end_matches([':', ' ']).ends_with(l));
        if is_code(text) || (labelled && text.len() >= 3 && text.bytes().any(|b| b.is_ascii_digit())) {
            if dates::parse(text, None).is_some_and(|d| !d.week) {
                continue;
            }
            let ours = ["your ", "ihre ", "votre ", "su ", "vostro ", "uw ", "supplier "].iter().any(|y| before.contains(y));
            return Some((i, text.to_owned(), ours));
        }
    }
    None
}

/// Letters and digits together, or digits with a hyphen: no plain number, no measure.
fn is_code(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let joined = text.contains('-') && !text.starts_with('-') && !text.ends_with('-');
    let measure = numbers::amount(text).is_some_and(|a| !a.after.is_empty());
    text.len() >= 3
        && text.len() <= 30
        && digits >= 1
        && (letters >= 1 || joined)
        && !measure
        && !text.contains(['@', '%', '€', '$'])
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '_'))
}

fn description<'a>(
    words: &[&'a Word],
    count: &Count,
    price: Option<&(usize, usize, Amount)>,
    code: Option<&(usize, String, bool)>,
) -> Vec<&'a Word> {
    let end = price.map_or(words.len(), |(first, _, _)| *first);
    let mut out: Vec<&'a Word> = Vec::new();
    for (i, word) in words.iter().enumerate().take(end).skip(count.last + 1) {
        if count.unit.as_ref().is_some_and(|(u, _)| *u == i) || code.is_some_and(|(c, _, _)| *c == i) {
            continue;
        }
        let bare = fold(word.text.trim_matches([':', '.', ',', '-', '(', ')', '#', '@']));
        let filler = bare.is_empty()
            || FILLERS.split(' ').any(|f| f == bare)
            || matches!(bare.as_str(), "at" | "zu" | "@" | "×" | "art.-nr");
        if filler && (out.is_empty() || i + 1 == end) {
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        out.push(word);
    }
    // The item may stand before the quantity: `AB-123 Widget: 10 pcs`.
    if out.is_empty() {
        out = words
            .iter()
            .take(count.first)
            .enumerate()
            .filter(|(i, w)| code.is_none_or(|(c, _, _)| c != i) && w.text.chars().any(char::is_alphanumeric))
            .map(|(_, w)| *w)
            .filter(|w| {
                !FILLERS.split(' ').any(|f| f == fold(w.text.trim_matches([':', '.', ','])))
                    && !matches!(fold(w.text.trim_matches(':')).as_str(), "qty" | "quantity" | "menge" | "aantal" | "cantidad")
            })
            .collect();
    }
    out
}
