//! Order lines in running text: `10 x AB-123 Widget @ 4.20`, `please send 5 pcs of X-100`, `- 20 Stk Art. 4711 à 3,50 EUR`.
//! For orders without a table. What the parts of one such clause are is asked in `clause`.

use super::clause::{self, Clause, Figure, Part};
use super::clause_item;
use super::columns::Role;
use super::coverage;
use super::items::{confidence, read_date, read_number, seen_by_ocr};
use super::labels::{self, Label};
use super::lines::{Line, Segment, Sheet, fold};
use super::locale::Locale;
use crate::model::{Code, DraftLine, Field, Finding, Reading, Severity};
use crate::reading::document::{Page, Word};
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::lexicon;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that join two items in one sentence, folded.
static JOINING: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("clauses", "joining"));

/// A line of running text at least this long goes on in the next one: mails are broken at 65 to 78 characters.
const FULL_LINE: usize = 56;
/// A sentence that orders something is not longer.
const MOST_WORDS: usize = 80;

/// A clause with the line that it stands on, cut to it, and what was read of it.
pub(crate) struct FreeLine<'a> {
    pub line: Line<'a>,
    pub read: DraftLine,
    price_is_said: bool,
}

impl FreeLine<'_> {
    /// A figure that nothing was made of. Where a word says which figure is the price, figures of the description are its own.
    pub(crate) fn left_over(&self) -> Option<String> {
        let left = coverage::left_in_text(&self.line, &self.read)?;
        let described = self.read.description.likeliest().is_some_and(|field| field.raw.contains(&left));
        (!(self.price_is_said && described)).then_some(left)
    }
}

/// Clauses that order something.
pub(crate) fn lines<'a>(sheet: &Sheet<'a>, range: Range<usize>, locale: &Locale, findings: &mut Vec<Finding>) -> Vec<FreeLine<'a>> {
    let mut found: Vec<(usize, Segment<'a>, Clause)> = Vec::new();
    for (index, words) in stretches(sheet, range) {
        let Some(words) = without_label(&words) else { continue };
        let before = found.len();
        let mut unread: Vec<&[&Word]> = Vec::new();
        for words in sentences(words).into_iter().flat_map(clauses) {
            match Some(words).filter(|words| (2..=MOST_WORDS).contains(&words.len())).and_then(clause::clause) {
                Some(clause) => found.push((index, Segment::of(words.to_vec()), clause)),
                None => unread.push(words),
            }
        }
        if found.len() > before {
            findings.extend(unread.into_iter().filter(|words| may_order(words)).map(may_be_more));
        }
    }
    settle_spaced_codes(&mut found);
    let mut out = Vec::with_capacity(found.len());
    for (index, segment, clause) in found {
        let Some(read) = draft_of(sheet.page(index), &segment, &clause, locale, out.len(), findings) else { continue };
        let whole = &sheet.lines[index];
        let line = if whole.segments.len() > 1 { whole.clone() } else { Line { segments: vec![segment], ..whole.clone() } };
        out.push(FreeLine { line, read, price_is_said: clause.price_is_said });
    }
    out
}

/// A figure and something like a code or money, among sentences that order something.
fn may_order(words: &[&Word]) -> bool {
    let bares = || words.iter().map(|word| clause::bare(&word.text));
    let figures = bares().filter(|text| crate::reading::extraction::numbers::amount(text).is_some()).count();
    let codes = bares().filter(|text| clause_item::is_code(text) || text.bytes().filter(u8::is_ascii_digit).count() >= 4).count();
    figures >= 1 && codes >= 1 && figures + codes >= 3 || (figures >= 2 && codes >= 1)
}

fn may_be_more(words: &[&Word]) -> Finding {
    let text: String = Segment::of(words.to_vec()).text.chars().take(80).collect();
    let message = format!("`{text}` may be one more line: it stands in a sentence that was not read as one.");
    Finding::new(Code::LinesIncomplete, Severity::Ask, "/orders/0/lines", message)
}

/// Lines, those joined that are one paragraph, with the index of their first.
fn stretches<'a>(sheet: &Sheet<'a>, range: Range<usize>) -> Vec<(usize, Vec<&'a Word>)> {
    let mut out: Vec<(usize, Vec<&'a Word>)> = Vec::new();
    let mut goes_on = false;
    let mut bottom = f32::MIN;
    for index in range {
        let line = &sheet.lines[index];
        if line.furniture || line.segments.is_empty() {
            goes_on = false;
            continue;
        }
        let words: Vec<&Word> = line.segments.iter().flat_map(|s| s.words.iter().copied()).collect();
        let text_length = words.iter().map(|word| word.text.chars().count() + 1).sum::<usize>();
        let adjacent = line.y0 - bottom < (line.y1 - line.y0) * 0.9;
        let begins_anew = words.first().is_none_or(|word| {
            let begins = word.text.starts_with(|c: char| c.is_alphanumeric() || c == '(');
            let counts = word.text.starts_with(|c: char| c.is_ascii_digit());
            !begins
                || word.text.ends_with(':')
                || (counts && (clause::is_list_mark(&word.text) || clause::orders_something(&words)))
        });
        match out.last_mut().filter(|_| goes_on && adjacent && !begins_anew) {
            Some((_, stretch)) => stretch.extend(words),
            None => out.push((index, words)),
        }
        bottom = line.y1;
        let ends =
            out.last().and_then(|(_, words)| words.last()).is_some_and(|word| word.text.ends_with(['.', ':', ';', '!', '?']));
        goes_on = line.segments.len() == 1 && text_length >= FULL_LINE && !ends;
    }
    out
}

/// A label's line says something about the order, not what is ordered - unless a sentence follows the number of the order.
fn without_label<'w, 'a>(words: &'w [&'a Word]) -> Option<&'w [&'a Word]> {
    let whole = Segment::of(words.to_vec());
    let hits = labels::hits(&whole);
    let Some(hit) = hits.first().filter(|h| h.start <= 1 && !matches!(h.label, Label::Other) && (h.marked || h.tokens > 1)) else {
        return Some(words);
    };
    if whole.text.contains(" x ") {
        return Some(words);
    }
    let names_the_order = matches!(hit.label, Label::PoNumber | Label::OrderNumber | Label::PoTitle | Label::Reference);
    let colon = words.iter().position(|word| word.text.ends_with(':'))?;
    let rest = &words[colon + 1..];
    (names_the_order && rest.len() >= 4 && clause::orders_something(rest)).then_some(rest)
}

/// Stretches between full stops and semicolons.
fn sentences<'w, 'a>(words: &'w [&'a Word]) -> Vec<&'w [&'a Word]> {
    let ends = |at: usize| {
        let text = words[at].text.as_str();
        let stem = text.trim_end_matches(['.', '!', '?']);
        // `Art.-Nr. 88-120` does not end at its points.
        let last = stem.rsplit(['.', '-']).next().unwrap_or(stem);
        let next_begins =
            words.get(at + 1).is_none_or(|next| next.text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()));
        text.ends_with(';')
            || (stem.len() < text.len()
                && next_begins
                && at > 0
                && (last.chars().count() > 4 || last.bytes().any(|b| b.is_ascii_digit())))
    };
    let mut out = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        if ends(at) {
            out.push(&words[start..=at]);
            start = at + 1;
        }
    }
    out.push(&words[start..]);
    out.retain(|sentence: &&[&Word]| !sentence.is_empty());
    out
}

/// The parts of a sentence that each order something: `10 x AB-100 and 5 pcs of AB-200`. The whole where it is one item.
fn clauses<'w, 'a>(words: &'w [&'a Word]) -> Vec<&'w [&'a Word]> {
    let mut cuts = vec![0];
    for at in 1..words.len().saturating_sub(1) {
        let before = &words[at - 1].text;
        let joins = before.ends_with([',', ';']) || JOINING.contains(fold(clause::bare(before)).as_str());
        let since = cuts[cuts.len() - 1];
        let is_new = || clause::clause(&words[at..]).is_some_and(|clause| clause.count.words.start == 0);
        if joins && is_new() && clause::clause(&words[since..at]).is_some_and(|clause| !clause.parts.is_empty()) {
            cuts.push(at);
        }
    }
    cuts.push(words.len());
    cuts.windows(2).map(|cut| &words[cut[0]..cut[1]]).collect()
}

/// A code that may go on with the next word does so where the others look the same; a code that stands alone stays in doubt.
fn settle_spaced_codes(found: &mut [(usize, Segment<'_>, Clause)]) {
    let mut shapes: Vec<Option<String>> = Vec::new();
    for (_, _, clause) in found.iter() {
        shapes.extend(
            clause
                .parts
                .iter()
                .filter(|part| part.role == Role::Part)
                .map(|part| part.longer.as_ref().and_then(|(long, _)| shape(long))),
        );
    }
    let first = shapes.first().cloned().flatten();
    let alike = shapes.len() > 1 && first.is_some() && shapes.iter().all(|shape| *shape == first);
    for part in found.iter_mut().flat_map(|(_, _, clause)| &mut clause.parts).filter(|_| alike) {
        if let Some((longer, count)) = part.longer.take() {
            part.words.end = part.words.start + count;
            part.text = longer;
        }
    }
    for (_, _, clause) in found.iter_mut().filter(|_| alike) {
        let taken: Vec<Range<usize>> = clause.parts.iter().map(|part| part.words.clone()).collect();
        clause.description.retain(|at| !taken.iter().any(|range| range.contains(at)));
    }
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

/// The line that a clause says.
fn draft_of(
    page: &Page,
    segment: &Segment<'_>,
    clause: &Clause,
    locale: &Locale,
    number: usize,
    findings: &mut Vec<Finding>,
) -> Option<DraftLine> {
    let words = &segment.words;
    let at = |field: &str| format!("/orders/0/lines/{number}/{field}");
    let text = |value: String, used: &[&Word], percent: u8| -> Reading<String> {
        ground_words(page, used.iter().copied()).map(|o| Field::new(value.clone(), value, seen_by_ocr(used, percent), o)).into()
    };
    let mut read = |figure: &Figure, field: &str, percent: u8| {
        let used: Vec<&Word> = words[figure.words.clone()].to_vec();
        let raw = used.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        let origin = ground_words(page, used.iter().copied())?;
        Some(read_number(&figure.amount, &raw, seen_by_ocr(&used, percent), origin, locale, false, &at(field), findings))
    };
    let mut line = DraftLine { quantity: read(&clause.count, "quantity", confidence::LABELLED)?, ..DraftLine::default() };
    let mut optional = |figure: &Option<Figure>, field: &str, percent: u8| {
        figure.as_ref().and_then(|figure| read(figure, field, percent)).unwrap_or_default()
    };
    line.unit_price = optional(&clause.price, "unit_price", confidence::GENERIC + 10);
    line.price_basis = optional(&clause.basis, "price_basis", confidence::GENERIC);
    line.line_total = optional(&clause.sum, "line_total", confidence::GENERIC);
    if let Some((at, unit)) = &clause.unit {
        line.uom = text(unit.clone(), &words[*at..=*at], confidence::LABELLED);
    }
    for part in &clause.parts {
        let reading = part_of(part, words, &text);
        if matches!(reading, Reading::Several(_)) {
            let message = format!(
                "`{}` or `{}` may be the part number.",
                part.text,
                part.longer.as_ref().map_or("", |(long, _)| long.as_str())
            );
            findings.push(Finding::new(Code::AmbiguousField, Severity::Ask, at("buyer_part"), message).at(reading.spans()));
        }
        match part.role {
            Role::SupplierPart => line.supplier_part = reading,
            Role::ManufacturerPart => line.manufacturer_part = reading,
            Role::Gtin => line.gtin = reading,
            _ => line.buyer_part = reading,
        }
    }
    let described: Vec<&Word> = clause.description.iter().map(|at| words[*at]).collect();
    if !described.is_empty() {
        let value = described.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        line.description =
            text(value.trim_matches([',', '-', ':', ';', '.', ' ', '(', ')']).to_owned(), &described, confidence::GENERIC);
    }
    if let Some(doubt) = &clause.doubt {
        findings.push(Finding::new(Code::AmbiguousColumns, Severity::Ask, at("quantity"), doubt.clone()).at(line.quantity.spans()));
    }
    line.requested_date = requested(page, segment, locale);
    Some(line)
}

fn part_of(part: &Part, words: &[&Word], text: &impl Fn(String, &[&Word], u8) -> Reading<String>) -> Reading<String> {
    let percent = if part.role == Role::Part { confidence::GENERIC } else { confidence::LABELLED };
    let short = text(part.text.clone(), &words[part.words.clone()], percent);
    let Some((longer, count)) = &part.longer else { return short };
    let long = text(longer.clone(), &words[part.words.start..part.words.start + count], percent);
    match (short, long) {
        (Reading::Found(short), Reading::Found(long)) => Reading::Several(vec![short, long]),
        (short, _) => short,
    }
}

fn requested(page: &Page, segment: &Segment<'_>, locale: &Locale) -> Reading<jiff::civil::Date> {
    let Some(printed) = dates::find(&segment.text, locale.received).into_iter().next() else { return Reading::Absent };
    let used = segment.words_in(printed.start, printed.end);
    let Some(origin) = ground_words(page, used.iter().copied()) else { return Reading::Absent };
    read_date(&printed, &segment.text[printed.start..printed.end], seen_by_ocr(&used, confidence::GENERIC), origin, locale)
}
