//! The layout reader: a `Document` to a `Draft` by labels, geometry and arithmetic. It knows no sender and learns nothing.
//!
//! Lines and cells first, then labels, the table and its figures; the figures decide the locale, and only then are values read.

pub(crate) mod address;
mod blocks;
mod boundaries;
mod cells;
mod clause;
mod clause_item;
pub(crate) mod columns;
mod contents;
mod coverage;
mod export;
mod fields;
mod figures;
mod free_lines;
mod grid;
mod items;
pub(crate) mod labels;
pub(crate) mod lines;
mod locale;
mod mail_text;
mod part_numbers;
pub(crate) mod parties;
mod readings;
mod rows;
mod table;
mod totals;
mod typewriter;
pub(crate) mod values;

use super::{classify, numbers};
use crate::model::{Code, DocumentKind, Draft, DraftOrder, Finding, Language, Method, Reading, Severity};
use crate::reading::ReadingContext;
use crate::reading::document::{Document, Word};
use columns::Role;
use labels::Label;
use lines::{Line, Sheet};
use locale::Locale;
use std::collections::HashSet;
use std::ops::Range;
use values::Found;

pub(crate) use cells::figure;

/// Reads a document by its layout. Total: whatever the document, there is a draft.
pub fn read(document: &Document, context: &ReadingContext) -> Draft {
    let document = &*typewriter::with_bars_as_rulings(document);
    let sheet = Sheet::of(document);
    let found = values::all_labels(&sheet);
    let language = locale::language(&sheet, &found);
    let verdict = classify::classify(&classify::Evidence::of(&sheet, &found, context));
    let is_letter = verdict.kind.concerns_an_order() && mail_text::announces_an_attachment(&sheet);
    let mut draft = Draft {
        kind: verdict.kind,
        language: language.map(Language::new),
        method: Method::Layout,
        orders: Vec::new(),
        findings: document.findings.clone(),
    };
    draft.findings.extend(verdict.findings);
    if document.pages.iter().any(|p| p.words.iter().any(|w| w.ocr_confidence.is_some())) {
        draft.findings.push(Finding::new(Code::ReadByOcr, Severity::Note, "", "The text was recognised in an image."));
    }
    for line in &sheet.lines {
        if let Some(phrase) = super::checks::speaks_to_a_machine(&line.text()) {
            let message = format!("The text `{phrase}` is addressed to a machine, not to a supplier.");
            draft.findings.push(Finding::new(Code::InstructionInDocument, Severity::Ask, "", message));
            break;
        }
    }
    if !draft.kind.concerns_an_order() {
        return draft;
    }
    let mut locale = Locale { language, received: context.received, countries: locale::countries(&sheet), ..Locale::default() };
    for range in order_ranges(&sheet, &found) {
        let first = draft.orders.len();
        let mut findings = Vec::new();
        let order = read_order(&sheet, &found, range, &mut locale, context, &mut findings);
        for finding in &mut findings {
            if first > 0 && finding.field.starts_with("/orders/0/") {
                finding.field = finding.field.replacen("/orders/0/", &format!("/orders/{first}/"), 1);
            }
        }
        draft.orders.push(order);
        draft.findings.extend(findings);
    }
    if draft.orders.len() > 1 {
        let message = format!("The file holds {} purchase orders.", draft.orders.len());
        draft.findings.push(Finding::new(Code::SeveralOrders, Severity::Note, "", message));
    }
    refuse_our_own(&mut draft, context);
    if is_letter && draft.kind == DocumentKind::PurchaseOrder && draft.orders.iter().all(|order| order.lines.is_empty()) {
        let message = "The text only announces an order that is in another file.";
        let note = Finding::new(Code::NotAnOrder, Severity::Note, "", message);
        draft.findings.retain(|finding| !finding.field.starts_with("/orders"));
        draft.findings.push(note);
        return Draft { kind: DocumentKind::Other, orders: Vec::new(), ..draft };
    }
    draft
}

/// Whether an extension agrees with the printed amount; see `figures`.
pub(crate) fn figures_close(exact: rust_decimal::Decimal, printed: rust_decimal::Decimal, quantity: rust_decimal::Decimal) -> bool {
    figures::close(exact, printed, quantity)
}

/// One order in a stretch of lines.
fn read_order(
    sheet: &Sheet<'_>,
    all: &[Found],
    range: Range<usize>,
    locale: &mut Locale,
    context: &ReadingContext,
    findings: &mut Vec<Finding>,
) -> DraftOrder {
    let labels: Vec<&Found> = all.iter().filter(|f| range.contains(&f.line)).collect();
    let mut order = DraftOrder::default();
    let mut table = blocks::find(sheet, range.clone()).or_else(|| table::find(sheet, range.clone()));
    if let Some(table) = &mut table {
        contents::settle_roles(table);
    }
    let choice = table.as_ref().map(figures::choose).unwrap_or_default();
    let rows: Vec<figures::Figures<'_>> =
        table.as_ref().map(|t| t.items.iter().map(|i| figures::of_item(t, i, &choice)).collect()).unwrap_or_default();
    let proved = figures::proves(&rows);
    (locale.decimals, locale.decimals_proved) =
        locale::decimals(sheet, &names_in(table.as_ref()), proved, locale.language, &locale.countries);
    locale.quantities_grouped = items::groups_quantities(&rows);
    let po_date = labelled_date(sheet, &labels);
    locale.order = locale::day_order(sheet, po_date.as_ref(), locale.received, locale.language, &locale.countries);

    let table_range = table.as_ref().map(|t| t.first_line..t.end_line);
    let outside: Vec<&Found> =
        labels.iter().copied().filter(|f| table_range.as_ref().is_none_or(|r| !r.contains(&f.line))).collect();
    fields::fill(sheet, &outside, locale, &mut order, findings);
    mail_text::number(sheet, range.clone(), &mut order, findings);
    let table_line = table.as_ref().map_or(range.end, |t| t.first_line);
    parties::fill(sheet, &outside, &context.company, table_line, &mut order);
    match &table {
        Some(table) => {
            let (lines, more) = items::lines(sheet, table, &choice, &rows, locale);
            order.lines = lines;
            findings.extend(more);
            findings.extend(coverage::questions(sheet, table, &choice, &rows, locale.decimals.unwrap_or(numbers::Decimals::Point)));
            export::settle(table, &mut order, locale, sheet);
            if order.po_number.is_absent() {
                order.po_number = export::order_number(sheet, table);
            }
            if order.ship_to.is_absent() {
                order.ship_to = export::ship_to(sheet, table);
            }
            for line in &table.uncovered {
                let message =
                    format!("A row with a figure in the quantity column was not read as a line: `{}`.", cut(&sheet.lines[*line]));
                findings.push(
                    Finding::new(Code::LinesIncomplete, Severity::Ask, "/orders/0/lines", message).at(&spans_of(sheet, *line)),
                );
            }
        }
        None => {
            let read = free_lines::lines(sheet, range.clone(), locale, findings);
            if let Some(left) = read.iter().find_map(free_lines::FreeLine::left_over) {
                let message = format!("`{left}` in an order line was not understood, and nothing proves what was.");
                findings.push(Finding::new(Code::AmbiguousColumns, Severity::Ask, "/orders/0/lines", message));
            }
            order.lines = read.into_iter().map(|free| free.read).collect();
            for part in free_lines::overlooked(sheet, range, &order) {
                let message = format!("`{part}` may be one more line: it stands in a sentence that was not read as one.");
                findings.push(Finding::new(Code::LinesIncomplete, Severity::Ask, "/orders/0/lines", message));
            }
        }
    }
    totals::fill(sheet, &labels, table.as_ref(), locale, &mut order, findings);
    ask_about_currency(&order, findings);
    order
}

/// The words of part numbers, line numbers and descriptions.
fn names_in(table: Option<&table::Table<'_>>) -> HashSet<*const Word> {
    let Some(table) = table else { return HashSet::new() };
    let is_name = |column: &columns::Head| {
        column.roles.iter().any(|role| {
            matches!(
                role,
                Role::LineNo
                    | Role::Item
                    | Role::Part
                    | Role::BuyerPart
                    | Role::SupplierPart
                    | Role::ManufacturerPart
                    | Role::Gtin
                    | Role::Description
            )
        })
    };
    let columns: Vec<usize> = (0..table.columns.len()).filter(|at| is_name(&table.columns[*at])).collect();
    let rows = table.items.iter().flat_map(|item| std::iter::once(&item.row).chain(item.extra.iter().map(|extra| &extra.row)));
    let cells = rows.flat_map(|row| columns.iter().filter_map(|at| row.get(*at)?.as_ref()));
    cells.flat_map(|cell| cell.words.iter().map(|word| std::ptr::from_ref::<Word>(word))).collect()
}

fn cut(line: &Line<'_>) -> String {
    line.text().chars().take(80).collect()
}

fn spans_of(sheet: &Sheet<'_>, line: usize) -> Vec<crate::model::Span> {
    let words = sheet.lines[line].segments.iter().flat_map(|s| s.words.iter().copied());
    super::ground::ground_words(sheet.page(line), words).map(|o| o.spans().to_vec()).unwrap_or_default()
}

/// The date beside the order date's label, unread: a witness for the day order.
fn labelled_date(sheet: &Sheet<'_>, labels: &[&Found]) -> Option<super::dates::PrintedDate> {
    let of = |wanted: Label| {
        labels
            .iter()
            .filter(|f| f.hit.label == wanted)
            .flat_map(|f| values::captures(sheet, f))
            .find_map(|c| super::dates::parse(&c.text, None))
    };
    of(Label::PoDate).or_else(|| of(Label::Date))
}

/// Stretches of pages with purchase order numbers of their own: one file may hold many orders (DOMAIN 5).
fn order_ranges(sheet: &Sheet<'_>, labels: &[Found]) -> Vec<Range<usize>> {
    let strong: Vec<&Found> =
        labels.iter().filter(|f| matches!(f.hit.label, Label::PoNumber | Label::OrderNumber | Label::PoTitle)).collect();
    let numbers = fields::numbers_of(sheet, &strong);
    let mut starts: Vec<(usize, String)> = Vec::new();
    for page in 0..sheet.doc.pages.len() {
        let on_page: Vec<String> =
            numbers.iter().filter(|n| n.page == page).map(|n| crate::model::ids::comparable_number(&n.text)).collect();
        let Some(number) = on_page.first() else { continue };
        if starts.iter().all(|(_, known)| {
            !on_page.contains(known) && !on_page.iter().any(|n| n.ends_with(known.as_str()) || known.ends_with(n.as_str()))
        }) {
            starts.push((page, number.clone()));
        }
    }
    let line_of_page = |page: usize| sheet.lines.iter().position(|l| l.page >= page).unwrap_or(sheet.lines.len());
    if starts.len() < 2 {
        return std::iter::once(0..sheet.lines.len()).collect();
    }
    // A second order has a table of its own.
    let bounds: Vec<usize> = starts
        .iter()
        .enumerate()
        .map(|(i, (page, _))| if i == 0 { 0 } else { line_of_page(*page) })
        .chain([sheet.lines.len()])
        .collect();
    let ranges: Vec<Range<usize>> = bounds.windows(2).map(|w| w[0]..w[1]).collect();
    if ranges.iter().all(|r| table::find(sheet, r.clone()).is_some()) {
        ranges
    } else {
        std::iter::once(0..sheet.lines.len()).collect()
    }
}

fn ask_about_currency(order: &DraftOrder, findings: &mut Vec<Finding>) {
    if let Reading::Several(fields) = &order.currency {
        let raw = fields.first().map_or("", |f| f.raw.as_str());
        let codes = fields.iter().map(|f| f.value.to_string()).collect::<Vec<_>>().join(" or ");
        findings.push(
            Finding::new(Code::AmbiguousField, Severity::Ask, "/orders/0/currency", format!("`{raw}` may be {codes}."))
                .at(order.currency.spans()),
        );
    }
}

/// An order that we gave to a supplier is none for us (DOMAIN 6).
fn refuse_our_own(draft: &mut Draft, context: &ReadingContext) {
    for (i, order) in draft.orders.iter().enumerate() {
        if parties::is_us(&order.buyer, &context.company)
            && !parties::is_us(&order.seller, &context.company)
            && draft.kind != DocumentKind::Other
        {
            let name = order.buyer.name.value().cloned().unwrap_or_default();
            let message = format!("The buyer is ourselves ({name}): this is our own order to a supplier.");
            draft.findings.push(
                Finding::new(Code::BuyerIsUs, Severity::Block, format!("/orders/{i}/buyer"), message).at(order.buyer.name.spans()),
            );
        }
    }
}
