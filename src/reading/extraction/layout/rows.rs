//! What a line under a header is: the first row of an item, a row of words, a charge, or the end of the table.

use super::cells::{Cell, Row, figures_in, is_line_number};
use super::columns::Role;
use super::grid::Grid;
use super::labels::{self, Label};
use super::lines::{Line, Segment, fold};
use rust_decimal::Decimal;

/// What a line under the header is.
pub(crate) enum Kind {
    Anchor,
    Text,
    Charge(Label),
    Skip,
    SoftEnd,
    End,
}

pub(crate) fn kind(grid: &Grid, line: &Line<'_>, row: &Row<'_>) -> Kind {
    let has = |role: Role| grid.heads.iter().any(|h| h.is(role));
    let figures = grid.figures(row);
    let count = figures.iter().flatten().count();
    let filled = |role| grid.cell(row, role).is_some();
    let named = filled(Role::Description)
        || filled(Role::Part)
        || filled(Role::Item)
        || filled(Role::SupplierPart)
        || filled(Role::BuyerPart);
    let numbered = grid.cell(row, Role::LineNo).is_some_and(|c| is_line_number(&c.text));
    // `NW-3010  Packing tape 50 mm  24  1.35  32.40`: what has a part number, a quantity and a price is an article; so is what is ordered
    // more than once.
    let several =
        figures[0].as_ref().and_then(|amount| amount.number.point.or(amount.number.comma)).is_some_and(|q| q > Decimal::ONE);
    let is_item = figures[0].is_some() && count >= 2 && (has_part_number(grid, row) || (several && count == 3));
    if let Some(label) = totals_label(line) {
        // "Total" may be a column, "Freight" an article with a quantity and a price.
        match label {
            Label::Carried => return Kind::Skip,
            Label::Shipping | Label::Discount if !is_item && (count >= 1 || figures_in(line) > 0) => return Kind::Charge(label),
            Label::Subtotal if figures[0].is_none() || count < 3 => return Kind::SoftEnd,
            Label::Total | Label::Tax if figures[0].is_none() || count < 3 => return Kind::End,
            _ => {}
        }
    }
    if is_rule(line) {
        return Kind::Skip;
    }
    if let Some(label) = charge_label(grid.cell(row, Role::Description).or_else(|| grid.cell(row, Role::Item)))
        && (figures[1].is_some() || figures[2].is_some())
        && !is_item
    {
        return Kind::Charge(label);
    }
    let identified = numbered || (!has(Role::LineNo) && named);
    let is_anchor = if grid.has_money() {
        (count >= 2 && (named || numbered || figures[0].is_some()))
            || (figures[0].is_some() && identified)
            || (numbered && named && count >= 1)
    } else {
        figures[0].is_some() && (named || numbered)
    };
    if is_anchor { Kind::Anchor } else { Kind::Text }
}

fn has_part_number(grid: &Grid, row: &Row<'_>) -> bool {
    let parts = [Role::SupplierPart, Role::BuyerPart, Role::Part, Role::Item].into_iter().filter_map(|role| grid.cell(row, role));
    parts.into_iter().any(|cell| cell.text.bytes().filter(u8::is_ascii_digit).count() >= 3)
}

/// The label of a totals row: at the start of one of its cells, with nothing but the figure, a rate or a currency behind it.
pub(crate) fn totals_label(line: &Line<'_>) -> Option<Label> {
    let mut found = None;
    for segment in &line.segments {
        let Some((count, label, _)) = (!segment.tokens.is_empty()).then(|| labels::phrase_at(segment, 0)).flatten() else {
            continue;
        };
        if !matches!(label, Label::Subtotal | Label::Total | Label::Tax | Label::Shipping | Label::Discount | Label::Carried) {
            continue;
        }
        let rest = &segment.tokens[count..];
        let words = rest.iter().filter(|t| t.text.len() > 3 && !t.text.bytes().any(|b| b.is_ascii_digit())).count();
        if words <= 2 && found.is_none() {
            found = Some(label);
        }
    }
    // A totals row has little else: a row with a long text of its own is an item.
    let long_texts = line.segments.iter().filter(|s| s.text.len() > 24 && labels::hits(s).is_empty()).count();
    found.filter(|_| long_texts == 0)
}

/// A description that is a charge and nothing else.
fn charge_label(cell: Option<&Cell<'_>>) -> Option<Label> {
    let cell = cell?;
    let segment = Segment::of(cell.words.clone());
    let (count, label, _) = (!segment.tokens.is_empty()).then(|| labels::phrase_at(&segment, 0)).flatten()?;
    let short = segment.tokens.len() <= count + 2
        && !segment.tokens[count..]
            .iter()
            .any(|t| t.text.bytes().any(|b| b.is_ascii_digit()) && t.text.chars().any(char::is_alphabetic));
    (matches!(label, Label::Shipping | Label::Discount) && short).then_some(label)
}

/// A line drawn with characters.
fn is_rule(line: &Line<'_>) -> bool {
    let text = fold(&line.text());
    !text.chars().any(char::is_alphanumeric)
}
