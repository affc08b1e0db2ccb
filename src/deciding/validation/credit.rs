//! Does the order fit the customer's credit? Open orders plus this one, in the account's currency (DOMAIN 24, 47).
//!
//! Open invoices are not known to the desk; whoever needs them in the limit lowers the limit.

use super::Facts;
use crate::model::{Code, Finding, Money, PurchaseOrder, Severity};

pub(super) fn check(facts: &Facts<'_>, order: &PurchaseOrder) -> Option<Finding> {
    let customer = facts.customer?;
    let limit = customer.credit_limit?;
    let this = order.goods_value();
    let currency = customer.currency.unwrap_or(this.currency);
    let ask = |message| Some(Finding::new(Code::CreditLimit, Severity::Ask, "/orders/0/total", message));
    if currency != this.currency {
        return ask(format!(
            "The order is in {}, the credit limit of {} in {currency}: it cannot be compared.",
            this.currency, customer.account
        ));
    }
    let show = |amount| Money { amount, currency }.to_string();
    let open = facts.known.open_value;
    match open.checked_add(this.amount) {
        Some(exposure) if exposure <= limit => None,
        Some(exposure) => ask(format!(
            "With this order {} has {} open ({} before); the credit limit is {}.",
            customer.account,
            show(exposure),
            show(open),
            show(limit)
        )),
        None => ask(format!("The open orders of {} are beyond any limit.", customer.account)),
    }
}
