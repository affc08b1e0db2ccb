//! Which printed figures of the item rows nothing was made of: a line whose figures do not prove each other asks when there are any.
//! Whether the figures that were read agree is asked elsewhere (`figures`, `checks`).

use super::cells::{Cell, figure, quantity_figure};
use super::columns::Role;
use super::figures::{Agreement, Choice, Figures, agreement};
use super::lines::{Line, Sheet};
use super::table::{Item, Table};
use crate::model::{Code, DraftLine, Finding, Severity};
use crate::reading::extraction::numbers::{self, Decimals};

/// Questions about the lines of a table whose figures are not proved by arithmetic, one for the table.
pub(crate) fn questions(
    sheet: &Sheet<'_>,
    table: &Table<'_>,
    choice: &Choice,
    rows: &[Figures<'_>],
    decimals: Decimals,
) -> Vec<Finding> {
    let proved = |row: &Figures<'_>| matches!(agreement(row, decimals), Agreement::Exact { .. } | Agreement::WithTax { .. });
    let unproved: Vec<(&Item<'_>, &Figures<'_>)> = table.items.iter().zip(rows).filter(|(_, row)| !proved(row)).collect();
    let ask = |code: Code, message: String| vec![Finding::new(code, Severity::Ask, "/orders/0/lines", message)];
    let priced = rows.iter().any(|row| row.price.is_some() || row.amount.is_some());
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| priced && row.price.is_none() && row.unreadable.is_empty()) {
        if row.amount.as_ref().is_none_or(|a| a.under(decimals).is_some_and(|v| !v.is_zero())) {
            let field = format!("/orders/0/lines/{index}/unit_price");
            return vec![Finding::new(
                Code::MissingPrice,
                Severity::Ask,
                field,
                "Prices are printed, but none was read for this line.",
            )];
        }
    }
    // Where no column is for descriptions, the articles may be named by their text alone.
    let described = table.column(Role::Description).is_some();
    for (c, head) in table.columns.iter().enumerate().filter(|(_, head)| described && is_for_parts(head)) {
        let cells = table.items.iter().filter_map(|item| item.row.get(c)?.as_ref());
        if let Some(cell) = cells.into_iter().find(|cell| reads_like_text(&cell.text)) {
            let message = format!("`{}` under `{}` reads like a text, not like a part number.", cell.text, head.text);
            return ask(Code::AmbiguousColumns, message);
        }
    }
    for (item, row) in &unproved {
        if let Some((head, cell)) = other_quantity(table, item, choice, row) {
            let message = format!("`{cell}` under `{head}` may be the quantity as well, and no line total decides.");
            return ask(Code::AmbiguousColumns, message);
        }
        let amount = choice.amount.filter(|_| row.amount.is_none()).and_then(|c| item.row.get(c)?.as_ref());
        if let Some(cell) = amount.filter(|cell| cell.text.bytes().any(|b| b.is_ascii_digit())) {
            let message = format!("`{}` in the column of line totals is no figure.", cell.text);
            return ask(Code::UnreadableField, message);
        }
        if let Some(left) = left_over(table, item, choice) {
            let message = format!("`{left}` in an order line was not understood, and no line total proves what was.");
            return ask(Code::AmbiguousColumns, message);
        }
        if let Some(left) = money_below(sheet, table, item) {
            let message = format!("`{left}` beside an order line was not understood, and no line total proves what was.");
            return ask(Code::LinesIncomplete, message);
        }
    }
    Vec::new()
}

/// Columns of part numbers alone.
fn is_for_parts(head: &super::columns::Head) -> bool {
    let parts = |r: &Role| matches!(r, Role::Part | Role::BuyerPart | Role::SupplierPart | Role::ManufacturerPart | Role::Gtin);
    !head.roles.is_empty() && head.roles.iter().all(parts)
}

/// A word in small letters among several: words of a description that ran into the column.
fn reads_like_text(text: &str) -> bool {
    let is_word = |w: &str| w.chars().filter(|c| c.is_lowercase()).count() >= 3 && w.chars().all(|c| c.is_alphabetic() || c == '-');
    let measures = text.split_whitespace().filter(|w| matches!(*w, "mm" | "x" | "m" | "kW" | "my" | "g" | "bar")).count();
    text.split_whitespace().count() >= 2 && (text.split_whitespace().any(is_word) || measures >= 1)
}

/// Another column of quantities with another figure: ordered and open, ordered and shipped.
fn other_quantity(table: &Table<'_>, item: &Item<'_>, choice: &Choice, row: &Figures<'_>) -> Option<(String, String)> {
    let chosen = &row.quantity.as_ref()?.amount.number;
    item.row.iter().enumerate().find_map(|(c, cell)| {
        let cell = cell.as_ref()?;
        let is_other = table.columns[c].is(Role::Quantity) && choice.quantity != Some(c);
        let differs = quantity_figure(&cell.text).is_some_and(|a| a.number != *chosen);
        (is_other && differs).then(|| (table.columns[c].text.clone(), cell.text.clone()))
    })
}

/// A figure in a column that nothing was made of: an unknown head, or a second price or amount.
fn left_over(table: &Table<'_>, item: &Item<'_>, choice: &Choice) -> Option<String> {
    let used = [choice.quantity, choice.price, choice.amount];
    item.row.iter().enumerate().find_map(|(c, cell)| {
        let cell = cell.as_ref()?;
        let head = &table.columns[c];
        let money = head.roles.iter().any(|r| matches!(r, Role::Price | Role::Amount | Role::GrossAmount));
        let unread = head.roles.is_empty() || money;
        let is_figure = figure(&cell.text).is_some_and(|a| !a.percent) && !is_same_as_used(item, &used, cell);
        let plain = head.roles.iter().any(|r| matches!(r, Role::Unit | Role::LineNo | Role::Date));
        let texts = head.roles.iter().any(|r| matches!(r, Role::Description | Role::Item));
        // A price under no head of its own stands in its neighbour's cell.
        let strayed = if texts {
            cell.words.len() > 1 && cell.words.last().is_some_and(|w| is_money(&w.text))
        } else {
            (plain || unread) && cell.words.len() > 1 && cell.words.iter().any(|w| is_money(&w.text))
        };
        (!used.contains(&Some(c)) && ((unread && is_figure) || strayed)).then(|| cell.text.clone())
    })
}

fn is_same_as_used(item: &Item<'_>, used: &[Option<usize>], cell: &Cell<'_>) -> bool {
    used.iter().flatten().any(|c| item.row.get(*c).and_then(Option::as_ref).is_some_and(|other| other.text == cell.text))
}

/// Money printed in a row below the item that stands in no text of its: a row that was read a line off.
fn money_below(sheet: &Sheet<'_>, table: &Table<'_>, item: &Item<'_>) -> Option<String> {
    for extra in item.extra.iter().filter(|e| !e.above && e.row.iter().any(Option::is_some)) {
        let is_text = |c: usize| table.columns[c].roles.iter().any(|r| matches!(r, Role::Description | Role::Item | Role::Part));
        let cells = extra.row.iter().enumerate().filter(|(c, _)| !is_text(*c)).filter_map(|(_, cell)| cell.as_ref());
        if cells.flat_map(|cell| &cell.words).any(|w| is_money(&w.text)) {
            return Some(sheet.lines[extra.line].text().chars().take(60).collect());
        }
    }
    None
}

/// Figures in a line of text that nothing was made of, where the line is set out in cells or has money in it.
pub(crate) fn left_in_text(line: &Line<'_>, read: &DraftLine) -> Option<String> {
    let raws = [
        read.line_no.likeliest().map(|f| f.raw.as_str()),
        read.buyer_part.likeliest().map(|f| f.raw.as_str()),
        read.supplier_part.likeliest().map(|f| f.raw.as_str()),
        read.quantity.likeliest().map(|f| f.raw.as_str()),
        read.unit_price.likeliest().map(|f| f.raw.as_str()),
        read.line_total.likeliest().map(|f| f.raw.as_str()),
        read.requested_date.likeliest().map(|f| f.raw.as_str()),
    ];
    let used: Vec<&str> = raws.into_iter().flatten().flat_map(str::split_whitespace).map(bare).collect();
    let product = read.quantity.value().zip(read.unit_price.value()).and_then(|(q, p)| q.checked_mul(*p));
    let proves = |text: &str| {
        numbers::amount(text).is_some_and(|a| product.is_some() && (a.number.point == product || a.number.comma == product))
    };
    let described = read.description.likeliest().map_or("", |f| f.raw.as_str());
    let in_cells = line.segments.len() >= 3;
    // A row of cells without heads: a part number out of the middle of a text is none for sure.
    let part = [&read.buyer_part, &read.supplier_part].into_iter().find_map(|r| r.likeliest());
    if let Some(part) = part.filter(|_| in_cells)
        && line.segments.iter().any(|s| s.words.len() > 2 && s.words.iter().skip(1).any(|w| bare(&w.text) == bare(&part.raw)))
    {
        return Some(part.raw.clone());
    }
    let words = line.segments.iter().flat_map(|s| s.words.iter().map(|w| (bare(&w.text), s.words.len() == 1)));
    // The first cell of a row is its number.
    let left = words.skip(usize::from(in_cells)).filter(|(text, _)| !used.iter().any(|u| u.contains(text)) && !proves(text));
    let counts = |text: &str, alone: bool| {
        let digits = text.bytes().any(|b| b.is_ascii_digit());
        digits && ((alone && numbers::parse(text).is_some()) || !described.contains(text))
    };
    left.into_iter().find(|(text, alone)| is_money(text) || (in_cells && counts(text, *alone))).map(|(text, _)| text.to_owned())
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// A figure with two to four places, and nothing else.
fn is_money(text: &str) -> bool {
    let Some(number) = numbers::parse(text) else { return false };
    let places = text.rsplit(['.', ',']).next().map_or(0, |t| t.bytes().filter(u8::is_ascii_digit).count());
    text.contains(['.', ',']) && (2..=4).contains(&places) && number.point.or(number.comma).is_some_and(|v| !v.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_places() {
        for (text, money) in
            [("12.50", true), ("1.250,00", true), ("0,7654", true), ("500", false), ("M8x40", false), ("12.5", false)]
        {
            assert_eq!(is_money(text), money, "{text}");
        }
    }
}
