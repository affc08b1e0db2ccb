//! Builds the purchase order out of a matched draft, where nothing that it needs is missing or in doubt.
//!
//! Findings are not looked at here: an order can be complete and still not be placed.

use super::Facts;
use super::amounts::{LARGEST_AMOUNT, charge, effective_price, extension, is_sane, printed_price, rounding_slack, sum};
use crate::deciding::{MatchedLine, PRINTED, own_number};
use crate::model::{Address, ChargeKind, Currency, DraftCharge, DraftLine, Field, PurchaseOrder, PurchaseOrderLine};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// `None` where a value is missing; `completeness` and `matching` say which.
pub(super) fn build(facts: &Facts<'_>) -> Option<PurchaseOrder> {
    let matched = facts.matched;
    let draft = &matched.order;
    let customer = facts.customer?;
    let currency = facts.currency.clone()?;
    let (ship_to_code, ship_to) = ship_to(facts)?;
    let po_number = draft.po_number.found().filter(|n| !crate::model::ids::comparable_number(&n.value).is_empty())?.clone();
    let mut lines = Vec::new();
    let mut taken = BTreeSet::new();
    for (index, line, matched) in facts.articles() {
        let number = own_line_number(line, index, &mut taken);
        lines.push(build_line(facts, line, matched, number, currency.value)?);
    }
    if lines.is_empty() {
        return None;
    }
    let amount = |value: Option<&Decimal>| value.copied().unwrap_or_default();
    let charges: Vec<Decimal> = facts.charges().filter_map(charge).collect();
    let (added, taken_off): (Vec<Decimal>, Vec<Decimal>) = charges.into_iter().partition(|amount| *amount >= Decimal::ZERO);
    let listed = sum(added)?;
    let stated = amount(draft.shipping.value());
    // The same freight is often both a line and a total.
    let freight = if listed == stated { stated } else { sum([listed, stated])? };
    // Charges of the header that none of its sums has in.
    let others = draft.charges.iter().filter(|charge| charge.kind == ChargeKind::Charge && !charge.is_carried);
    let shipping = sum(others.filter_map(DraftCharge::signed).chain([freight]))?;
    let discount = sum([amount(draft.discount.value()).abs(), sum(taken_off)?.abs()])?;
    let tax = amount(draft.tax.value());
    let in_bounds = [shipping, discount, tax].iter().all(|amount| amount.abs() <= LARGEST_AMOUNT);
    sum(lines.iter().map(|line| line.line_total).chain([shipping, tax])).filter(|_| in_bounds)?;
    let terms_of_record =
        customer.payment_terms.clone().map(|terms| Field::from_master(terms, format!("customers/{}", customer.account)));
    Some(PurchaseOrder {
        account: matched.customer.clone()?,
        po_number,
        revision: draft.revision.found().cloned(),
        release_number: draft.release_number.found().cloned(),
        po_date: draft.po_date.found().cloned(),
        currency,
        requested_delivery_date: draft.requested_delivery_date.found().cloned(),
        payment_terms: terms_of_record.or_else(|| draft.payment_terms.found().cloned()),
        incoterm: draft.incoterm.found().cloned(),
        ship_to_code,
        ship_to,
        lines,
        shipping,
        discount,
        tax,
        contact_email: matched.contact_email.clone(),
        language: customer.language.clone().unwrap_or_else(|| facts.company.language.clone()),
    })
}

fn ship_to(facts: &Facts<'_>) -> Option<(String, Field<Address>)> {
    let matched = facts.matched;
    let code = matched.ship_to_code.as_ref()?;
    if code.value == PRINTED {
        let printed = matched.order.ship_to.to_party().address;
        let is_somewhere = !printed.city.is_empty() || !printed.postal_code.is_empty();
        return is_somewhere.then(|| (String::new(), code.clone().map(|_| printed)));
    }
    let book = facts.master.addresses.get(&matched.customer.as_ref()?.value)?;
    let ours = book.iter().find(|address| address.code == code.value)?;
    Some((code.value.clone(), code.clone().map(|_| ours.address.clone())))
}

/// The buyer's own line number (DOMAIN 7). Lines are told apart by it later, so a number that is used twice gets a suffix.
fn own_line_number(line: &DraftLine, index: usize, taken: &mut BTreeSet<String>) -> String {
    let printed = own_number(line).map(|number| number.value.trim().to_owned());
    let base = printed.unwrap_or_else(|| (index + 1).to_string());
    let mut number = base.clone();
    let mut times = 1;
    while !taken.insert(number.clone()) {
        times += 1;
        number = format!("{base}/{times}");
    }
    number
}

fn build_line(
    facts: &Facts<'_>,
    line: &DraftLine,
    matched: &MatchedLine,
    line_no: String,
    currency: Currency,
) -> Option<PurchaseOrderLine> {
    let item = matched.item.as_ref()?;
    let quantity = line.quantity.found().filter(|q| q.value > Decimal::ZERO && is_sane(q.value))?.clone();
    let base_quantity =
        quantity.value.checked_mul(item.in_own_unit).filter(|base| *base > Decimal::ZERO && *base <= LARGEST_AMOUNT)?;
    let price = effective_price(line, matched, currency).filter(|price| price.value.amount >= Decimal::ZERO)?;
    let exact = extension(line, &price.value, currency)?;
    // A printed total that differs only because the printed unit price was rounded is what the buyer will pay.
    let printed_total = line.line_total.value().filter(|total| total.abs() <= LARGEST_AMOUNT);
    let line_total = match (printed_total, printed_price(line)) {
        (Some(printed), Some(price)) if (*printed - exact).abs() <= rounding_slack(line, &price.value, currency) => *printed,
        (Some(printed), None) if line.unit_price.is_absent() => *printed,
        (Some(_), _) | (None, _) => exact,
    };
    Some(PurchaseOrderLine {
        line_no,
        sku: item.sku.clone(),
        buyer_part: line.buyer_part.value().cloned(),
        description: line.description.value().cloned().unwrap_or_default(),
        quantity,
        unit: item.unit.clone(),
        base_quantity: base_quantity.normalize(),
        base_unit: facts.master.products.get(&item.sku.value)?.uom.clone(),
        price,
        discount_percent: line.discount_percent.value().map(|percent| percent.abs()),
        line_total,
        requested_date: line.requested_date.found().cloned(),
    })
}
