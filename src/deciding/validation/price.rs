//! Is the order's price ours? Below ours costs margin and is asked about; above ours is reported, and asked about where it is far (DOMAIN 25).
//!
//! The printed price stands in either case: a confirmation that differs would be a counter-offer (DOMAIN 44). A person may correct it to ours.

use super::Facts;
use super::amounts::effective_price;
use crate::deciding::matching::price::source_name;
use crate::deciding::{line_name, line_pointer};
use crate::model::{Code, Currency, DraftLine, Field, Finding, Money, Severity, UnitPrice};
use rust_decimal::{Decimal, dec};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(currency) = facts.currency.as_ref().map(|field| field.value) else { return Vec::new() };
    let mut findings = Vec::new();
    findings.extend(currency_mismatch(facts, currency));
    for (index, line, matched) in facts.articles() {
        let Some(price) = effective_price(line, matched, currency) else { continue };
        let say = |code, severity, message: String| {
            let spans = if line.unit_price.is_absent() { line.line_total.spans() } else { line.unit_price.spans() };
            Finding::new(code, severity, line_pointer(index, "unit_price"), message).at(spans)
        };
        let name = line_name(line, index);
        if price.value.amount < Decimal::ZERO {
            findings.push(say(Code::ZeroPrice, Severity::Block, format!("{name} has a negative price.")));
            continue;
        }
        let is_free =
            price.value.amount.is_zero() || line.discount_percent.value().is_some_and(|percent| percent.abs() >= dec!(100));
        if is_free {
            // Sample, warranty, or a price to be decided: only a person knows (DOMAIN 26).
            let mut finding =
                say(Code::ZeroPrice, Severity::Ask, format!("{name} has a price of zero: a sample, or still to be priced?"));
            finding.proposal = matched.our_price.as_ref().map(|ours| ours.value.amount.normalize().to_string());
            findings.push(finding);
            continue;
        }
        match &matched.our_price {
            Some(ours) => findings.extend(compare(facts, line, index, &price, ours, currency)),
            None if matched.item.is_some() && facts.customer.is_some() && line.quantity.value().is_some() => {
                let message = format!(
                    "{name} is priced {}; we have no price in {currency} to compare it with.",
                    shown(&price.value, currency)
                );
                findings.push(say(Code::NoListPrice, Severity::Ask, message));
            }
            None => {}
        }
    }
    findings
}

fn currency_mismatch(facts: &Facts<'_>, currency: Currency) -> Option<Finding> {
    let customer = facts.customer?;
    let theirs = customer.currency.filter(|theirs| *theirs != currency)?;
    let message =
        format!("The order is in {currency}; the account {} trades in {theirs}. Prices are not converted.", customer.account);
    Some(
        Finding::new(Code::CurrencyMismatch, Severity::Ask, "/orders/0/currency", message).at(facts.matched.order.currency.spans()),
    )
}

fn compare(
    facts: &Facts<'_>,
    line: &DraftLine,
    index: usize,
    price: &Field<UnitPrice>,
    ours: &Field<UnitPrice>,
    currency: Currency,
) -> Option<Finding> {
    let discount = line.discount_percent.value().map_or(Decimal::ZERO, |percent| percent.abs());
    let asked = price.value.of_one()?.checked_mul(Decimal::ONE - discount.min(dec!(100)) / dec!(100))?;
    let our_one = ours.value.of_one().filter(|our_one| *our_one > Decimal::ZERO)?;
    let percent = (asked - our_one).checked_mul(dec!(100))?.checked_div(our_one)?.round_dp(1);
    // A printed price is rounded: half its last digit is no difference.
    let half_digit = Decimal::new(5, price.value.amount.scale().min(12) + 1).checked_div(price.value.per)?;
    if (asked - our_one).abs() <= half_digit {
        return None;
    }
    let (code, limit, word) = if asked < our_one {
        (Code::PriceBelowList, facts.policy.price_below_percent, "below")
    } else {
        (Code::PriceAboveList, facts.policy.price_above_percent, "above")
    };
    let severity = if percent.abs() > limit { Severity::Ask } else { Severity::Note };
    let less_discount = if discount.is_zero() { String::new() } else { format!(" less {} %", discount.normalize()) };
    let mut message = format!(
        "{}: {}{less_discount} on the order, {} in {}: {} % {word}.",
        line_name(line, index),
        shown(&price.value, currency),
        shown(&ours.value, currency),
        source_name(ours),
        percent.abs()
    );
    let basis = basis_that_explains(asked, our_one);
    if let Some(basis) = basis {
        message.push_str(&format!(" The prices agree if the order's is for {basis}."));
    }
    let field = line_pointer(index, if basis.is_some() { "price_basis" } else { "unit_price" });
    let proposal = basis.unwrap_or_else(|| ours.value.amount.normalize());
    Some(Finding::new(code, severity, field, message).at(line.unit_price.spans()).propose(proposal.to_string()))
}

/// 10, 100 or 1000 where the order's price divided by it is ours: a difference of that size is nearly always the basis (DOMAIN 16).
fn basis_that_explains(asked: Decimal, ours: Decimal) -> Option<Decimal> {
    [dec!(10), dec!(100), dec!(1000)].into_iter().find(|basis| {
        let difference = asked.checked_div(*basis).map(|one| (one - ours).abs());
        difference.is_some_and(|difference| difference <= ours / dec!(20))
    })
}

/// `12.50 EUR`, or `4.20 EUR per 100`; as many digits as the price has.
fn shown(price: &UnitPrice, currency: Currency) -> String {
    let amount = price.amount.normalize();
    let text = if amount.scale() > currency.minor_digits() {
        format!("{amount} {currency}")
    } else {
        Money { amount, currency }.to_string()
    };
    if price.per == Decimal::ONE { text } else { format!("{text} per {}", price.per.normalize()) }
}
