//! A draft beside master data: which customer, which address, which articles, in which unit, at which price of ours.
//!
//! Nothing is judged here but identity; whether the order is good is `validation`. What a person chose is taken as chosen.

pub(crate) mod likeness;

mod charge;
mod customer;
mod item;
pub(crate) mod price;
mod sender;
mod ship_to;
mod unit;

pub use sender::{account_of, learned_from};

use super::{Choices, Matched, MatchedItem, MatchedLine, Policy, SenderFacts, line_name, line_pointer};
use crate::model::master::{Customer, MasterData, Product};
use crate::model::{Code, Currency, DocumentKind, DraftLine, DraftOrder, Field, Finding, Severity, UnitPrice};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Matches one draft order. Total: what cannot be matched is a finding.
#[expect(clippy::too_many_arguments, reason = "each is a different kind of knowledge, and the caller has them apart")]
pub fn match_order(
    kind: DocumentKind,
    order: DraftOrder,
    findings: Vec<Finding>,
    sender: &SenderFacts,
    choices: Choices,
    master: &MasterData,
    policy: &Policy,
    today: Date,
) -> Matched {
    let mut findings = findings;
    let found = customer::find(&order, sender, &choices, master, policy);
    findings.extend(found.findings);
    let record = found.customer.as_ref().and_then(|account| master.customers.get(&account.value));
    let (ship_to_code, ship_to_candidates) = match record {
        // A cancellation ships nothing.
        Some(record) if kind != DocumentKind::OrderCancellation => {
            let ship_to = ship_to::find(&order, record, &choices, master);
            findings.extend(ship_to.findings);
            (ship_to.code, ship_to.candidates)
        }
        Some(_) | None => (None, Vec::new()),
    };
    let currency = price::currency(&order, record, policy).map(|field| field.value);
    let date = price::price_date(&order, today);
    let context = LineContext { customer: record, currency, date, choices: &choices, master };
    let lines = order.lines.iter().enumerate().map(|(index, line)| match_line(line, index, &context, &mut findings)).collect();
    Matched {
        kind,
        customer: found.customer,
        customer_candidates: found.candidates,
        ship_to_code,
        ship_to_candidates,
        lines,
        findings,
        contact_email: found.contact_email,
        choices,
        order,
    }
}

struct LineContext<'a> {
    customer: Option<&'a Customer>,
    currency: Option<Currency>,
    date: Date,
    choices: &'a Choices,
    master: &'a MasterData,
}

fn match_line(line: &DraftLine, index: usize, context: &LineContext<'_>, findings: &mut Vec<Finding>) -> MatchedLine {
    let account = context.customer.map(|customer| &customer.account);
    let is_chosen = context.choices.skus.contains_key(&index);
    let found = item::find(line, index, account, context.choices, context.master);
    if found.item.is_none() && !is_chosen && (charge::is_charge(line) || charge::is_comment(line)) {
        findings.push(no_article(line, index));
        return MatchedLine { item: None, candidates: Vec::new(), our_price: None, is_charge: true };
    }
    findings.extend(found.findings);
    let mut matched = MatchedLine { item: None, candidates: found.candidates, our_price: None, is_charge: false };
    let Some(item) = found.item else { return matched };
    let Some(product) = context.master.products.get(&item.sku.value) else { return matched };
    let (unit, unit_findings) = unit::find(line, index, &item, product, context.master);
    let unit = match unit {
        Some(unit) => {
            findings.extend(unit_findings);
            unit
        }
        None => match each_by_price(line, product, context) {
            Some(unit) => {
                findings.push(unit::each_is_own_unit(line, index, product));
                unit
            }
            None => {
                findings.extend(unit_findings);
                matched.candidates.insert(0, item.sku.value);
                matched.candidates.dedup();
                return matched;
            }
        },
    };
    matched.our_price = our_price(line, product, &unit, context);
    matched.item = Some(MatchedItem { sku: item.sku, unit: unit.unit, in_own_unit: unit.in_own_unit });
    matched
}

/// Our price of a line. It depends on whose order it is and on how much is ordered: without either there is none to compare with.
fn our_price(line: &DraftLine, product: &Product, unit: &unit::UnitMatch, context: &LineContext<'_>) -> Option<Field<UnitPrice>> {
    let query = price::PriceQuery {
        customer: context.customer?,
        product,
        currency: context.currency?,
        quantity: *line.quantity.value()?,
        unit: &unit.unit,
        in_own_unit: unit.in_own_unit,
        date: context.date,
    };
    price::find(&query, context.master)
}

/// "Each" of an article that is counted in sets, pairs or boxes is one of those where the printed price is ours for one of those.
fn each_by_price(line: &DraftLine, product: &Product, context: &LineContext<'_>) -> Option<unit::UnitMatch> {
    if !unit::each_may_mean_own_unit(line, product) || !line.price_basis.is_absent() {
        return None;
    }
    let own = unit::UnitMatch { unit: product.uom.clone(), in_own_unit: Decimal::ONE };
    let ours = our_price(line, product, &own, context)?.value.of_one()?;
    let printed = line.unit_price.value()?;
    let near = ours.checked_div(Decimal::from(50))?;
    (ours > Decimal::ZERO && printed.checked_sub(ours)?.abs() <= near).then_some(own)
}

/// A charge is noted; a text line may change the line above and is shown to a person (DOMAIN 8).
fn no_article(line: &DraftLine, index: usize) -> Finding {
    let name = line_name(line, index);
    let text = line.description.likeliest().map(|field| field.value.clone()).unwrap_or_default();
    let amount = line.line_total.value().or(line.unit_price.value()).copied();
    let field = line_pointer(index, "description");
    let finding = match amount {
        Some(amount) if amount < Decimal::ZERO => Finding::new(
            Code::UnlistedCharge,
            Severity::Ask,
            field,
            format!("{name} takes {} off: \"{text}\".", amount.normalize().abs()),
        ),
        Some(amount) => {
            let message = format!("{name} is a charge, no article: \"{text}\", {}.", amount.normalize());
            Finding::new(Code::UnlistedCharge, Severity::Note, field, message)
        }
        None if charge::is_comment(line) => {
            let message = format!("{name} is text without a quantity and may change the line above: \"{text}\".");
            Finding::new(Code::ClauseNeedsReview, Severity::Ask, field, message)
        }
        None => {
            Finding::new(Code::UnlistedCharge, Severity::Ask, field, format!("{name} is a charge without an amount: \"{text}\"."))
        }
    };
    finding.at(line.description.spans())
}
