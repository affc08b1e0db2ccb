//! Are the requested dates possible? Past dates mean "as soon as you can" and are flagged (DOMAIN 34); the rest is asked about.

use super::Facts;
use crate::deciding::{line_name, line_pointer};
use crate::model::{Code, Field, Finding, Severity};
use jiff::civil::Date;

/// An order date may be this far ahead of us: another time zone, an order dated tomorrow.
const ORDER_DATE_DAYS_AHEAD: i32 = 7;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.matched.order;
    let mut findings = Vec::new();
    if let Some(po_date) = order.po_date.found().filter(|date| days(facts.today, date.value) > ORDER_DATE_DAYS_AHEAD) {
        let message = format!("The order is dated {}, which is still to come.", po_date.value);
        findings.push(Finding::new(Code::DateFar, Severity::Ask, "/orders/0/po_date", message).at(po_date.origin.spans()));
    }
    if let Some(requested) = order.requested_delivery_date.found() {
        findings.extend(check_date(facts, requested, "The order", "/orders/0/requested_delivery_date"));
    }
    for (index, line, _) in facts.articles() {
        if let Some(requested) = line.requested_date.found() {
            findings.extend(check_date(facts, requested, &line_name(line, index), &line_pointer(index, "requested_date")));
        }
    }
    findings
}

fn check_date(facts: &Facts<'_>, requested: &Field<Date>, what: &str, field: &str) -> Option<Finding> {
    let date = requested.value;
    let say = |code, severity, message: String| Some(Finding::new(code, severity, field, message).at(requested.origin.spans()));
    if let Some(po_date) = facts.matched.order.po_date.value().filter(|po_date| date < **po_date) {
        return say(
            Code::DateBeforeOrder,
            Severity::Ask,
            format!("{what} is wanted on {date}, before the order's own date {po_date}."),
        );
    }
    let ahead = days(facts.today, date);
    if ahead < 0 {
        return say(Code::DateInPast, Severity::Note, format!("{what} was wanted on {date}, which is past: as soon as possible."));
    }
    if ahead > i32::try_from(facts.policy.max_days_ahead).unwrap_or(i32::MAX) {
        return say(Code::DateFar, Severity::Ask, format!("{what} is wanted on {date}, {ahead} days ahead."));
    }
    None
}

/// Days from `from` to `to`, negative where `to` is earlier.
fn days(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
