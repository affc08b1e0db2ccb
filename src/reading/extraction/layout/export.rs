//! Exports repeat on each row what holds for the whole order: its number, its date, the delivery date.

use super::cells::Cell;
use super::columns::{Head, Role};
use super::lines::{Sheet, tokenize};
use super::locale::Locale;
use super::parties;
use super::readings::{confidence, read_date, seen_by_ocr};
use super::table::Table;
use crate::model::{DraftOrder, DraftParty, Field, Reading};
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::lexicon::index::Index;
use jiff::civil::Date;
use std::sync::LazyLock;

static LABELS: LazyLock<Index<()>> = LazyLock::new(|| Index::of("labels", &[("ship_to", ())]));

/// The purchase order's number from a column that repeats it on each row; several numbers are several.
pub(crate) fn order_number(sheet: &Sheet<'_>, table: &Table<'_>) -> Reading<String> {
    let Some(column) = table.column(Role::OrderNo) else { return Reading::Absent };
    let mut fields: Vec<Field<String>> = Vec::new();
    for cell in table.items.iter().filter_map(|i| i.row.get(column)?.as_ref()) {
        let known = fields.iter().any(|f| f.value == cell.text);
        if !known && let Some(origin) = sheet.doc.pages.get(cell.page).and_then(|p| ground_words(p, cell.words.iter().copied())) {
            fields.push(Field::new(cell.text.clone(), cell.text.clone(), seen_by_ocr(&cell.words, confidence::LABELLED), origin));
        }
    }
    if fields.len() > 1 { Reading::Several(fields) } else { fields.pop().into() }
}

/// The ship-to from a column that repeats it on each row.
pub(crate) fn ship_to(sheet: &Sheet<'_>, table: &Table<'_>) -> DraftParty {
    let is_ship_to = |head: &Head| {
        let text = tokenize(&head.text);
        LABELS.longest(&text).is_some_and(|phrase| phrase.tokens == text.len())
    };
    let Some(column) = table.columns.iter().position(is_ship_to) else { return DraftParty::default() };
    let mut cells = table.items.iter().filter_map(|item| Some((item.line, item.row.get(column)?.as_ref()?)));
    let Some((line, first)) = cells.next() else { return DraftParty::default() };
    let party = parties::of_cell(sheet, &first.words, line);
    // Lines that go to different places are no matter of the head.
    if cells.all(|(_, cell)| cell.text == first.text) && !party.postal_code.is_absent() { party } else { DraftParty::default() }
}

/// An export repeats on each row what holds for the whole order: its date, and a delivery date that is the same throughout.
pub(crate) fn settle(table: &Table<'_>, order: &mut DraftOrder, locale: &Locale, sheet: &Sheet<'_>) {
    if let Some(column) = table.column(Role::OrderDate).filter(|_| order.po_date.is_absent()) {
        let cells: Vec<&Cell<'_>> = table.items.iter().filter_map(|i| i.row.get(column)?.as_ref()).collect();
        if let Some(first) = cells.first().filter(|first| cells.iter().all(|c| c.text == first.text))
            && let Some(printed) = dates::parse(&first.text, locale.received)
            && let Some(origin) = sheet.doc.pages.get(first.page).and_then(|p| ground_words(p, first.words.iter().copied()))
        {
            let percent = seen_by_ocr(&first.words, confidence::LABELLED + 5);
            order.po_date = read_date(&printed, &first.text[printed.start..printed.end], percent, origin, locale);
        }
    }
    if table.column(Role::OrderNo).is_none() || !order.requested_delivery_date.is_absent() {
        return;
    }
    let wanted: Vec<Option<Date>> = order.lines.iter().map(|l| l.requested_date.value().copied()).collect();
    if wanted.iter().all(|d| d.is_some() && *d == wanted[0]) {
        for line in &mut order.lines {
            order.requested_delivery_date = std::mem::replace(&mut line.requested_date, Reading::Absent);
        }
    }
}
