//! The figures below the table: subtotal, discount, shipping, tax, total. Which of two totals is which is told by how they add up.

use super::cells::figure;
use super::items::{confidence, read_number, seen_by_ocr};
use super::labels::Label;
use super::lines::Sheet;
use super::locale::Locale;
use super::table::{Charge, Table};
use super::values::{Found, captures};
use crate::model::{DraftOrder, Field, Finding, Origin, Reading, Span};
use crate::reading::document::Word;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::numbers::{self, Amount};
use rust_decimal::Decimal;

/// A totals figure as found.
struct Candidate {
    label: Label,
    line: usize,
    reading: Reading<Decimal>,
    /// Not the likeliest figure of its label.
    is_other: bool,
}

/// Fills the totals of an order from labels outside its table and from charge rows in it.
pub(crate) fn fill(
    sheet: &Sheet<'_>,
    labels: &[&Found],
    table: Option<&Table<'_>>,
    locale: &Locale,
    order: &mut DraftOrder,
    findings: &mut Vec<Finding>,
) {
    let header_lines = table.map_or(0..0, |t| t.first_line..t.end_line);
    let mut candidates: Vec<Candidate> = Vec::new();
    for found in labels.iter().filter(|f| is_total(f.hit.label) && !header_lines.contains(&f.line)) {
        // "Tax" and "Discount" in running text are none.
        let Some((amount, words, page)) = amount_of(sheet, found) else { continue };
        let Some(origin) = sheet.doc.pages.get(page).and_then(|p| ground_words(p, words.iter().copied())) else { continue };
        let raw = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        let percent = seen_by_ocr(&words, confidence::LABELLED + 5);
        let pointer = format!("/orders/0/{}", pointer_of(found.hit.label));
        let reading = read_number(&amount, &raw, percent, origin, locale, false, &pointer, findings);
        if candidates.iter().all(|c| !(c.label == found.hit.label && c.reading.spans() == reading.spans())) {
            candidates.push(Candidate { label: found.hit.label, line: found.line, reading, is_other: false });
        }
        candidates.extend(below(sheet, found, locale));
    }
    let charges = table.map_or(&[][..], |t| &t.charges);
    let charged = charges_of(sheet, table, charges, locale, findings);
    order.subtotal = first(&candidates, Label::Subtotal);
    order.tax = taxes(&candidates);
    order.total = last(&candidates, Label::Total);
    order.shipping = charged.0.unwrap_or_else(|| first(&candidates, Label::Shipping));
    order.discount = absolute(charged.1.unwrap_or_else(|| first(&candidates, Label::Discount)));
    settle_total(order, &candidates);
    solve(order, &candidates);
    if order.total.is_absent()
        && let Some(table) = table
    {
        order.total = sum_of_lines(sheet, table, locale, order);
    }
}

/// So many lines below the table are looked at for its sum.
const SUM_WITHIN: usize = 12;

/// The total under a word that nobody knows: the last figure of a line below the table that is what the lines add up to.
fn sum_of_lines(sheet: &Sheet<'_>, table: &Table<'_>, locale: &Locale, order: &DraftOrder) -> Reading<Decimal> {
    let lines: Option<Decimal> = order.lines.iter().map(|line| line.line_total.value().copied()).sum();
    let Some(lines) = lines.filter(|sum| !sum.is_zero()) else { return Reading::Absent };
    let parts = [(&order.discount, Decimal::NEGATIVE_ONE), (&order.shipping, Decimal::ONE), (&order.tax, Decimal::ONE)];
    let charged = parts.iter().fold(lines, |sum, (part, sign)| sum + part.value().copied().unwrap_or_default() * sign);
    let last = table.items.iter().map(|item| item.line).max().unwrap_or(table.first_line);
    let below = sheet.lines.iter().enumerate().skip(last + 1).take(SUM_WITHIN).filter(|(_, line)| !line.furniture);
    let mut found = Reading::Absent;
    for (_, line) in below {
        let words: Vec<&Word> = line.segments.iter().flat_map(|segment| segment.words.iter().copied()).collect();
        let Some((amount, words)) = last_figure(&words) else { continue };
        let value = locale.decimals.and_then(|decimals| amount.number.under(decimals)).or_else(|| amount.number.only());
        let Some(origin) = sheet.doc.pages.get(line.page).and_then(|page| ground_words(page, words.iter().copied())) else {
            continue;
        };
        if let Some(value) = value.filter(|value| (*value - charged).abs() <= Decimal::new(2, 2)) {
            let raw = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            found = Reading::Found(Field::new(value, raw, seen_by_ocr(&words, confidence::GENERIC + 10), origin));
        }
    }
    found
}

/// The figure below a label, where the likeliest stands beside it.
fn below(sheet: &Sheet<'_>, found: &Found, locale: &Locale) -> Option<Candidate> {
    let capture = captures(sheet, found).into_iter().find(|c| matches!(c.place, super::values::Place::Below))?;
    let amount = figure(&capture.text).filter(|a| !a.percent && a.after.is_empty())?;
    let page = sheet.doc.pages.get(sheet.lines[capture.line].page)?;
    let origin = ground_words(page, capture.words.iter().copied())?;
    let percent = seen_by_ocr(&capture.words, confidence::LABELLED);
    let reading = read_number(&amount, &capture.text, percent, origin, locale, false, "", &mut Vec::new());
    Some(Candidate { label: found.hit.label, line: capture.line, reading, is_other: true })
}

/// Where the figures chosen do not add up, but others under the same labels do - with the lines, too -, those are the order's.
fn solve(order: &mut DraftOrder, candidates: &[Candidate]) {
    let lines: Option<Decimal> = order.lines.iter().map(|line| line.line_total.value().copied()).sum();
    let Some(lines) = lines.filter(|_| !order.lines.is_empty()) else { return };
    if adds_up(lines, [&order.subtotal, &order.discount, &order.shipping, &order.tax, &order.total]) {
        return;
    }
    let options = |label: Label, chosen: &Reading<Decimal>| -> Vec<Reading<Decimal>> {
        let found = candidates.iter().filter(|c| c.label == label && c.reading.found().is_some()).map(|c| c.reading.clone());
        let mut options: Vec<Reading<Decimal>> = std::iter::once(chosen.clone()).chain(found).collect();
        options.push(Reading::Absent);
        options.truncate(MOST_OPTIONS);
        options
    };
    let subtotals = options(Label::Subtotal, &order.subtotal);
    let discounts: Vec<_> = options(Label::Discount, &order.discount).into_iter().map(absolute).collect();
    let shippings = options(Label::Shipping, &order.shipping);
    let taxes = options(Label::Tax, &order.tax);
    let totals = options(Label::Total, &order.total);
    let mut best: Option<(usize, [Reading<Decimal>; 5])> = None;
    for total in totals.iter().filter(|total| !total.is_absent()) {
        for (subtotal, discount) in subtotals.iter().flat_map(|s| discounts.iter().map(move |d| (s, d))) {
            for (shipping, tax) in shippings.iter().flat_map(|s| taxes.iter().map(move |t| (s, t))) {
                let parts = [subtotal, discount, shipping, tax, total];
                let printed = parts.iter().filter(|part| !part.is_absent()).count();
                if adds_up(lines, parts) && best.as_ref().is_none_or(|(most, _)| printed > *most) {
                    best = Some((printed, parts.map(Clone::clone)));
                }
            }
        }
    }
    if let Some((_, [subtotal, discount, shipping, tax, total])) = best {
        (order.subtotal, order.discount, order.shipping, order.tax, order.total) = (subtotal, discount, shipping, tax, total);
    }
}

/// Figures tried for one label: with five labels more would be too many together.
const MOST_OPTIONS: usize = 7;

/// Lines - discount + shipping + tax = total, and the subtotal is one of its steps. Figures that are not printed count nothing.
fn adds_up(lines: Decimal, parts: [&Reading<Decimal>; 5]) -> bool {
    let value = |part: &Reading<Decimal>| if part.is_absent() { Some(Decimal::ZERO) } else { part.value().copied() };
    let [Some(subtotal), Some(discount), Some(shipping), Some(tax), Some(total)] = parts.map(value) else { return false };
    let is_near = |a: Decimal, b: Decimal| (a - b).abs() <= Decimal::new(2, 2);
    if parts[4].is_absent() {
        return false;
    }
    // The subtotal may stand before the charges or behind them.
    let before = parts[0].is_absent() || is_near(subtotal, lines);
    let behind = !parts[0].is_absent() && is_near(subtotal, lines - discount + shipping);
    (before && is_near(lines - discount + shipping + tax, total)) || (behind && is_near(subtotal + tax, total))
}

fn is_total(label: Label) -> bool {
    matches!(label, Label::Subtotal | Label::Discount | Label::Shipping | Label::Tax | Label::Total)
}

fn pointer_of(label: Label) -> &'static str {
    match label {
        Label::Subtotal => "subtotal",
        Label::Discount => "discount",
        Label::Shipping => "shipping",
        Label::Tax => "tax",
        _ => "total",
    }
}

/// The figure that belongs to a totals label: the last one of its line to the right, or the one below.
fn amount_of<'a>(sheet: &Sheet<'a>, found: &Found) -> Option<(Amount, Vec<&'a Word>, usize)> {
    let line = &sheet.lines[found.line];
    let segment = &line.segments[found.segment];
    // Behind the label in its own cell: `Subtotal: $1,725`, `VAT (12%): $207`.
    let rest = segment.text.get(found.hit.end..found.until)?;
    let has_words = rest.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 3).count();
    if has_words > 3 {
        return None;
    }
    let mut cells: Vec<Vec<&'a Word>> = vec![
        segment
            .words_in(found.hit.end, found.until)
            .into_iter()
            .filter(|w| w.bbox[0] >= segment.x_at(found.hit.end) - 1.0)
            .collect(),
    ];
    for next in &line.segments[found.segment + 1..] {
        let opens = super::labels::hits(next).first().is_some_and(|h| h.start <= 1);
        if opens && !numbers::is_currency(next.text.trim()) {
            break;
        }
        cells.push(next.words.clone());
    }
    // From the right: the amount is the outermost figure; a rate or a base stands before it.
    let all: Vec<&'a Word> = cells.into_iter().flatten().collect();
    if let Some((amount, words)) = last_figure(&all) {
        return Some((amount, words, line.page));
    }
    let capture = captures(sheet, found).into_iter().find(|c| matches!(c.place, super::values::Place::Below))?;
    let amount = figure(&capture.text).filter(|a| !a.percent && a.after.is_empty())?;
    Some((amount, capture.words, sheet.lines[capture.line].page))
}

/// The last figure of a row of words that is money: with its sign and currency, no rate.
fn last_figure<'a>(words: &[&'a Word]) -> Option<(Amount, Vec<&'a Word>)> {
    for last in (0..words.len()).rev() {
        // `22 %` in two words.
        if words.get(last + 1).is_some_and(|next| next.text.starts_with('%')) {
            continue;
        }
        // `CHF 1 234 567,89`: groups may be words of their own.
        for width in [6usize, 5, 4, 3, 2, 1] {
            let Some(first) = (last + 1).checked_sub(width) else { continue };
            let text = words[first..=last].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
            let Some(amount) = numbers::amount(text.trim_matches([':', '(', ')'])).or_else(|| numbers::amount(&text)) else {
                continue;
            };
            if amount.before.is_empty() && amount.after.is_empty() && !amount.percent {
                return Some((amount, words[first..=last].to_vec()));
            }
        }
    }
    None
}

fn first(candidates: &[Candidate], label: Label) -> Reading<Decimal> {
    candidates.iter().find(|c| c.label == label && !c.is_other).map_or(Reading::Absent, |c| c.reading.clone())
}

fn last(candidates: &[Candidate], label: Label) -> Reading<Decimal> {
    candidates.iter().rev().find(|c| c.label == label && !c.is_other).map_or(Reading::Absent, |c| c.reading.clone())
}

/// Taxes of several kinds are added (CGST and SGST); the same tax printed twice is not.
fn taxes(candidates: &[Candidate]) -> Reading<Decimal> {
    let mut fields: Vec<(usize, Field<Decimal>)> = Vec::new();
    for candidate in candidates.iter().filter(|c| c.label == Label::Tax && !c.is_other) {
        let Some(field) = candidate.reading.found() else { return candidate.reading.clone() };
        fields.push((candidate.line, field.clone()));
    }
    match fields.as_slice() {
        [] => Reading::Absent,
        [(_, only)] => Reading::Found(only.clone()),
        [(_, head), rest @ ..] => {
            let sum: Decimal = fields.iter().map(|(_, f)| f.value).sum();
            // A last line that is the sum of those before is their total.
            if let Some((_, total)) = rest.last()
                && total.value * Decimal::TWO == sum
                && fields.len() > 2
            {
                return Reading::Found(total.clone());
            }
            let adjacent = fields.windows(2).all(|w| w[1].0 - w[0].0 <= 2);
            if !adjacent || (fields.len() == 2 && head.value == Decimal::ZERO) {
                return Reading::Found(rest.last().map_or(head, |(_, f)| f).clone());
            }
            let spans: Vec<Span> = fields.iter().flat_map(|(_, f)| f.origin.spans().to_vec()).collect();
            let raw = fields.iter().map(|(_, f)| f.raw.as_str()).collect::<Vec<_>>().join(" + ");
            let origin = if spans.is_empty() { head.origin.clone() } else { merge_origin(&fields) };
            Reading::Found(Field::new(sum, raw, head.confidence, origin))
        }
    }
}

fn merge_origin(fields: &[(usize, Field<Decimal>)]) -> Origin {
    crate::reading::extraction::ground::join(fields.iter().map(|(_, f)| &f.origin))
        .unwrap_or_else(|| Origin::Computed("sum of the taxes".into()))
}

/// Freight and discount rows of the table: their amounts, summed a kind.
fn charges_of(
    sheet: &Sheet<'_>,
    table: Option<&Table<'_>>,
    charges: &[Charge<'_>],
    locale: &Locale,
    findings: &mut Vec<Finding>,
) -> (Option<Reading<Decimal>>, Option<Reading<Decimal>>) {
    let sum = |label: Label, findings: &mut Vec<Finding>| -> Option<Reading<Decimal>> {
        let mut total: Option<Field<Decimal>> = None;
        for charge in charges.iter().filter(|c| c.label == label) {
            let words: Vec<&Word> = charge_words(sheet, table, charge);
            let Some((amount, words)) = last_figure(&words) else { continue };
            let Some(origin) =
                sheet.doc.pages.get(sheet.lines[charge.line].page).and_then(|p| ground_words(p, words.iter().copied()))
            else {
                continue;
            };
            let raw = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
            let reading =
                read_number(&amount, &raw, seen_by_ocr(&words, confidence::LABELLED), origin, locale, false, "", findings);
            let Reading::Found(field) = reading else { return Some(reading) };
            total = Some(match total {
                None => field,
                Some(before) => {
                    let origin = crate::reading::extraction::ground::join([&before.origin, &field.origin]).unwrap_or(field.origin);
                    Field::new(before.value + field.value, format!("{} + {}", before.raw, field.raw), before.confidence, origin)
                }
            });
        }
        total.map(Reading::Found)
    };
    (sum(Label::Shipping, findings), sum(Label::Discount, findings))
}

/// The words of a charge row where its amount may stand.
fn charge_words<'a>(sheet: &Sheet<'a>, table: Option<&Table<'_>>, charge: &Charge<'a>) -> Vec<&'a Word> {
    let amount = table.and_then(|t| t.column(super::columns::Role::Amount).or_else(|| t.column(super::columns::Role::GrossAmount)));
    match amount.and_then(|c| charge.row.get(c)?.as_ref()) {
        Some(cell) => cell.words.clone(),
        None => sheet.lines[charge.line].segments.iter().flat_map(|s| s.words.iter().copied()).collect(),
    }
}

fn absolute(reading: Reading<Decimal>) -> Reading<Decimal> {
    match reading {
        Reading::Found(field) => Reading::Found(field.map(|d| d.abs())),
        other => other,
    }
}

/// One figure alone is the total, whatever it is called; of several "totals" the one that the others add up to is.
fn settle_total(order: &mut DraftOrder, candidates: &[Candidate]) {
    if order.total.is_absent() {
        let others = [&order.tax, &order.shipping, &order.discount].iter().all(|r| r.is_absent());
        let subtotals: Vec<&Candidate> = candidates.iter().filter(|c| c.label == Label::Subtotal && !c.is_other).collect();
        if let ([_, .., last], true) = (subtotals.as_slice(), true) {
            // "Net total" twice: the later one is the order's.
            order.total = last.reading.clone();
        } else if others && !order.subtotal.is_absent() {
            order.total = std::mem::take(&mut order.subtotal);
        }
        return;
    }
    let value = |r: &Reading<Decimal>| r.value().copied();
    let parts = value(&order.subtotal).map(|s| {
        s - value(&order.discount).unwrap_or_default()
            + value(&order.shipping).unwrap_or_default()
            + value(&order.tax).unwrap_or_default()
    });
    let Some(expected) = parts else { return };
    if value(&order.total).is_some_and(|t| (t - expected).abs() <= Decimal::new(2, 2)) {
        return;
    }
    if let Some(better) = candidates
        .iter()
        .filter(|c| c.label == Label::Total)
        .find(|c| value(&c.reading).is_some_and(|t| (t - expected).abs() <= Decimal::new(2, 2)))
    {
        order.total = better.reading.clone();
    }
}
