//! In which values of an order do two readings of one document differ? Only those count that an order depends on.

use crate::model::ids::comparable_number;
use crate::model::{DraftLine, DraftOrder, Reading};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The fields that differ, as the contract names them, with `*` for any line: `lines/*/quantity`. `lines` alone: not the same number.
pub(super) fn differences(one: &DraftOrder, other: &DraftOrder) -> Vec<String> {
    let mut fields = Vec::new();
    let mut note = |differs: bool, field: &str| {
        if differs && !fields.iter().any(|known| known == field) {
            fields.push(field.to_owned());
        }
    };
    let number = |order: &DraftOrder| order.po_number.value().map(|number| comparable_number(number));
    note(number(one) != number(other), "po_number");
    note(one.currency.value() != other.currency.value(), "currency");
    note(figure(&one.total) != figure(&other.total), "total");
    note(one.requested_delivery_date.value() != other.requested_delivery_date.value(), "requested_delivery_date");
    let place = |order: &DraftOrder| (squeezed(&order.ship_to.postal_code), squeezed(&order.ship_to.city));
    note(place(one) != place(other), "ship_to");
    note(one.lines.len() != other.lines.len(), "lines");
    for (a, b) in one.lines.iter().zip(&other.lines) {
        note(figure(&a.quantity) != figure(&b.quantity), "lines/*/quantity");
        note(figure(&a.unit_price) != figure(&b.unit_price), "lines/*/unit_price");
        note(basis(a) != basis(b), "lines/*/price_basis");
        note(a.requested_date.value() != b.requested_date.value(), "lines/*/requested_date");
        note(numbers(a) != numbers(b), "lines/*/part");
        note(unit(a) != unit(b), "lines/*/uom");
    }
    fields
}

fn figure(reading: &Reading<Decimal>) -> Option<Decimal> {
    reading.value().map(Decimal::normalize)
}

fn basis(line: &DraftLine) -> Decimal {
    line.price_basis.value().map_or(Decimal::ONE, Decimal::normalize)
}

/// Which of the numbers is whose may be read either way; that they are the same ones may not.
fn numbers(line: &DraftLine) -> BTreeSet<String> {
    [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin]
        .iter()
        .map(|reading| squeezed(reading))
        .filter(|n| !n.is_empty())
        .collect()
}

fn unit(line: &DraftLine) -> Option<String> {
    let printed = line.uom.value()?;
    Some(crate::model::Unit::parse(printed).map_or_else(|| printed.to_lowercase(), |unit| unit.code().to_owned()))
}

fn squeezed(reading: &Reading<String>) -> String {
    reading
        .value()
        .map(|text| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .unwrap_or_default()
}
