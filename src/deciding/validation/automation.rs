//! May the desk place this order alone? Per customer, by value, and by the kill switch (DESIGN: automation is earned).

use super::Facts;
use crate::model::master::Automation;
use crate::model::{Code, Finding, Money, PurchaseOrder, Severity};

pub(super) fn check(facts: &Facts<'_>, order: &PurchaseOrder) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |code, severity, field: &str, message| findings.push(Finding::new(code, severity, field, message));
    match facts.customer.map(|customer| (customer.automation, &customer.account)) {
        Some((Automation::Off, account)) => {
            let message = format!("Automation is off for {account}: the desk places none of its orders.");
            say(Code::AutomationOff, Severity::Block, "/orders/0/customer", message);
        }
        Some((Automation::ReviewAll, account)) => {
            let message = format!("Every order of {account} is approved by a person.");
            say(Code::AutomationOff, Severity::Ask, "/orders/0/customer", message);
        }
        Some((Automation::Auto, _)) | None if !facts.policy.place_without_asking => {
            let message = "The desk is set to place nothing without asking (deciding.place_without_asking).".to_owned();
            say(Code::AutomationOff, Severity::Ask, "/orders/0/customer", message);
        }
        Some((Automation::Auto, _)) | None => {}
    }
    let value = order.goods_value();
    if let Some(ceiling) = facts.policy.value_ceiling.filter(|ceiling| value.amount > *ceiling) {
        let ceiling = Money { amount: ceiling, currency: value.currency };
        let message = format!("The order is worth {value}; orders above {ceiling} are approved by a person.");
        say(Code::ValueCeiling, Severity::Ask, "/orders/0/total", message);
    }
    findings
}
