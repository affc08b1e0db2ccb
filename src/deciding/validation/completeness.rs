//! Is everything there that an order depends on, read as one value, and surely enough?
//!
//! Articles, units and addresses are looked after by `matching`, which knows more about them.

use super::Facts;
use super::amounts::{LARGEST_AMOUNT, is_sane};
use crate::deciding::{line_name, line_pointer, own_number};
use crate::model::{Code, Finding, Reading, Severity};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fmt::Display;

/// Codes that say that a field was not read as one sure value.
pub(super) fn is_doubt(code: Code) -> bool {
    matches!(
        code,
        Code::AmbiguousNumber
            | Code::AmbiguousDate
            | Code::AmbiguousField
            | Code::UnreadableField
            | Code::NotGrounded
            | Code::ReadersDisagree
    )
}

/// A field, its name for the clerk, and what a doubt about it weighs.
struct Watched<'a> {
    field: String,
    name: String,
    /// `Block` where the order cannot be built without one value.
    weight: Severity,
    min_confidence: u8,
    facts: &'a Facts<'a>,
}

impl Watched<'_> {
    fn doubt<T: Display>(&self, reading: &Reading<T>) -> Option<Finding> {
        let name = &self.name;
        let finding = match reading {
            Reading::Absent => return None,
            Reading::Found(found) if found.confidence.as_percent() < self.min_confidence => {
                if self.facts.matched.findings.iter().any(|other| other.field == self.field && other.severity >= Severity::Ask) {
                    return None;
                }
                let message =
                    format!("{name} was read as {}, but only with {} % certainty.", found.value, found.confidence.as_percent());
                Finding::new(Code::AmbiguousField, Severity::Ask, &self.field, message).propose(found.value.to_string())
            }
            Reading::Found(_) => return None,
            Reading::Several(values) => {
                let shown = values.iter().take(4).map(|value| value.value.to_string()).collect::<Vec<_>>().join(" or ");
                let mut finding = Finding::new(Code::AmbiguousField, self.weight, &self.field, format!("{name} may be {shown}."));
                finding.proposal = values.first().map(|value| value.value.to_string());
                finding
            }
            Reading::Unreadable { raw, .. } => {
                let message = format!("{name} is printed as \"{raw}\", which could not be understood.");
                Finding::new(Code::UnreadableField, self.weight, &self.field, message)
            }
        };
        Some(finding.at(reading.spans()))
    }
}

fn watched<'a>(facts: &'a Facts<'a>, field: &str, name: &str, weight: Severity) -> Watched<'a> {
    Watched {
        field: format!("/orders/0/{field}"),
        name: format!("The {name}"),
        weight,
        min_confidence: facts.policy.min_confidence,
        facts,
    }
}

/// The customer's order number: an order without one cannot be told from another (DOMAIN 1).
pub(super) fn check_po_number(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.matched.order;
    let missing = match &order.po_number {
        Reading::Absent => true,
        Reading::Found(number) => crate::model::ids::comparable_number(&number.value).is_empty(),
        Reading::Several(_) | Reading::Unreadable { .. } => false,
    };
    if missing {
        let message = "The document has no purchase order number.";
        return vec![Finding::new(Code::MissingPoNumber, Severity::Block, "/orders/0/po_number", message)];
    }
    let mut findings = Vec::new();
    findings.extend(watched(facts, "po_number", "purchase order number", Severity::Block).doubt(&order.po_number));
    findings.extend(watched(facts, "release_number", "release number", Severity::Block).doubt(&order.release_number));
    findings
}

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.matched.order;
    let mut findings = check_po_number(facts);
    findings.extend(watched(facts, "revision", "revision", Severity::Ask).doubt(&order.revision));
    findings.extend(watched(facts, "po_date", "order date", Severity::Ask).doubt(&order.po_date));
    findings
        .extend(watched(facts, "requested_delivery_date", "requested date", Severity::Block).doubt(&order.requested_delivery_date));
    for (field, name, reading) in [
        ("discount", "discount", &order.discount),
        ("shipping", "freight", &order.shipping),
        ("tax", "tax", &order.tax),
        ("total", "total", &order.total),
    ] {
        findings.extend(watched(facts, field, name, Severity::Ask).doubt(reading));
        if reading.value().is_some_and(|amount| amount.abs() > LARGEST_AMOUNT) {
            let message = format!("The {name} is beyond anything that can be booked.");
            findings.push(Finding::new(Code::UnreadableField, Severity::Block, format!("/orders/0/{field}"), message));
        }
    }
    findings.extend(currency(facts));
    if facts.articles().next().is_none() {
        findings.push(Finding::new(
            Code::MissingLines,
            Severity::Block,
            "/orders/0/lines",
            "The order has no line with an article.",
        ));
    }
    let mut numbers = BTreeSet::new();
    for (index, line, matched) in facts.articles() {
        findings.extend(check_line(facts, index, line, matched));
        if let Some(number) = own_number(line).filter(|number| !numbers.insert(&number.value)) {
            // Changes are told apart by the buyer's line number (DOMAIN 7), and a page that was read twice looks like this.
            let message = format!("Line number {} is printed twice.", number.value);
            let field = line_pointer(index, "line_no");
            findings.push(Finding::new(Code::DuplicateLine, Severity::Ask, field, message).at(number.origin.spans()));
        }
    }
    findings
}

fn currency(facts: &Facts<'_>) -> Option<Finding> {
    let field = "/orders/0/currency";
    if facts.currency.is_some() {
        return watched(facts, "currency", "currency", Severity::Note)
            .doubt(&facts.matched.order.currency)
            .filter(|f| f.severity == Severity::Ask);
    }
    match &facts.matched.order.currency {
        Reading::Absent | Reading::Found(_) => {
            let message = "The order names no currency, and the customer's record has none.";
            Some(Finding::new(Code::MissingCurrency, Severity::Block, field, message))
        }
        doubtful @ (Reading::Several(_) | Reading::Unreadable { .. }) => {
            watched(facts, "currency", "currency", Severity::Block).doubt(doubtful)
        }
    }
}

fn check_line(
    facts: &Facts<'_>,
    index: usize,
    line: &crate::model::DraftLine,
    matched: &crate::deciding::MatchedLine,
) -> Vec<Finding> {
    let name = line_name(line, index);
    let watched = |field: &str, what: &str, weight| Watched {
        field: line_pointer(index, field),
        name: format!("{name}: the {what}"),
        weight,
        min_confidence: facts.policy.min_confidence,
        facts,
    };
    let mut findings = Vec::new();
    match &line.quantity {
        Reading::Absent => {
            let message = format!("{name} has no quantity.");
            let mut finding = Finding::new(Code::MissingQuantity, Severity::Block, line_pointer(index, "quantity"), message);
            finding.proposal = implied_quantity(line).map(|quantity| quantity.normalize().to_string());
            findings.push(finding);
        }
        present @ (Reading::Found(_) | Reading::Several(_) | Reading::Unreadable { .. }) => {
            findings.extend(watched("quantity", "quantity", Severity::Block).doubt(present));
        }
    }
    match (&line.unit_price, &matched.our_price) {
        (Reading::Absent, Some(ours)) if line.line_total.is_absent() => {
            let message = format!("{name} has no price; ours is used: {}.", ours.value.amount.normalize());
            findings.push(Finding::new(Code::MissingPrice, Severity::Note, line_pointer(index, "unit_price"), message));
        }
        (Reading::Absent, None) if line.line_total.is_absent() && may_have_our_price(facts, line, matched) => {
            let message = format!("{name} has no price, and we have none for this article and customer.");
            findings.push(Finding::new(Code::MissingPrice, Severity::Block, line_pointer(index, "unit_price"), message));
        }
        (price, _) => findings.extend(watched("unit_price", "price", Severity::Block).doubt(price)),
    }
    findings.extend(watched("price_basis", "price basis", Severity::Block).doubt(&line.price_basis));
    findings.extend(watched("discount_percent", "discount", Severity::Block).doubt(&line.discount_percent));
    findings.extend(watched("line_total", "line total", Severity::Ask).doubt(&line.line_total));
    findings.extend(watched("requested_date", "requested date", Severity::Block).doubt(&line.requested_date));
    for (field, what, reading) in [
        ("buyer_part", "buyer's number", &line.buyer_part),
        ("supplier_part", "article number", &line.supplier_part),
        ("gtin", "GTIN", &line.gtin),
        ("manufacturer_part", "manufacturer's number", &line.manufacturer_part),
    ] {
        // A number that was found in master data has its witness; only competing readings are asked about.
        if matches!(reading, Reading::Several(_) | Reading::Unreadable { .. }) {
            findings.extend(watched(field, what, Severity::Ask).doubt(reading));
        }
    }
    for (field, reading) in [("quantity", &line.quantity), ("unit_price", &line.unit_price), ("price_basis", &line.price_basis)] {
        if reading.value().is_some_and(|figure| !is_sane(*figure)) {
            let message = format!("{name}: the figure in {field} is beyond anything that can be ordered.");
            findings.push(Finding::new(Code::UnreadableField, Severity::Block, line_pointer(index, field), message));
        }
    }
    if line.price_basis.value().is_some_and(|basis| *basis <= Decimal::ZERO) {
        let message = format!("{name}: a price cannot be for a quantity of zero or less.");
        findings.push(Finding::new(Code::UnreadableField, Severity::Block, line_pointer(index, "price_basis"), message));
    }
    findings
}

/// Whether a price of ours was looked for: it depends on the customer, the article and the quantity.
fn may_have_our_price(facts: &Facts<'_>, line: &crate::model::DraftLine, matched: &crate::deciding::MatchedLine) -> bool {
    facts.customer.is_some() && facts.currency.is_some() && matched.item.is_some() && line.quantity.value().is_some()
}

/// What the quantity must be by the line's own total and price, where it comes out even.
fn implied_quantity(line: &crate::model::DraftLine) -> Option<Decimal> {
    let price = super::amounts::printed_price(line)?;
    let quantity = line.line_total.value()?.checked_mul(price.value.per)?.checked_div(price.value.amount)?;
    (quantity > Decimal::ZERO && quantity.fract().is_zero()).then_some(quantity)
}
