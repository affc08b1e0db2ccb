//! May this quantity be ordered? Positive, minimum, multiple, and nothing that looks like a slip (DOMAIN 19: never rounded in silence).

use super::Facts;
use super::amounts::is_sane;
use crate::deciding::{line_name, line_pointer};
use crate::model::{Code, Finding, Severity, Unit};
use rust_decimal::{Decimal, dec};

/// More than this of anything is asked about.
const UNUSUAL: Decimal = dec!(1_000_000);

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line, matched) in facts.articles() {
        let Some(quantity) = line.quantity.found().filter(|q| is_sane(q.value)) else { continue };
        let name = line_name(line, index);
        let mut say = |code, severity, message: String, proposal: Option<Decimal>| {
            let mut finding = Finding::new(code, severity, line_pointer(index, "quantity"), message).at(quantity.origin.spans());
            finding.proposal = proposal.map(|value| value.normalize().to_string());
            findings.push(finding);
        };
        let ordered = quantity.value.normalize();
        if ordered <= Decimal::ZERO {
            say(
                Code::QuantityNotPositive,
                Severity::Block,
                format!("{name} orders {ordered}: a quantity must be above zero."),
                None,
            );
            continue;
        }
        if ordered > UNUSUAL {
            say(Code::QuantityUnusual, Severity::Ask, format!("{name} orders {ordered}, more than {UNUSUAL}."), None);
        }
        let Some(item) = &matched.item else { continue };
        let Some(product) = facts.master.products.get(&item.sku.value) else { continue };
        let Some(own) = ordered.checked_mul(item.in_own_unit).map(|own| own.normalize()) else { continue };
        let unit = &product.uom;
        let in_ordered_unit = |own: Decimal| own.checked_div(item.in_own_unit).filter(|value| value.scale() <= 6);
        if *unit == Unit::piece() && !own.fract().is_zero() {
            let message =
                format!("{name} orders {ordered} {}, which is {own} pieces of {}: not a whole number.", item.unit, product.sku);
            say(Code::QuantityUnusual, Severity::Block, message, None);
        }
        if let Some(minimum) = product.min_order_qty.filter(|minimum| own < *minimum) {
            let message = format!("{name} orders {own} {unit} of {}; the minimum is {} {unit}.", product.sku, minimum.normalize());
            say(Code::BelowMinimum, Severity::Ask, message, in_ordered_unit(minimum));
        }
        let multiple = product.order_multiple.filter(|multiple| *multiple > Decimal::ZERO);
        if let Some((multiple, rest)) =
            multiple.and_then(|m| own.checked_rem(m).map(|rest| (m, rest))).filter(|(_, rest)| !rest.is_zero())
        {
            let next = own - rest + multiple;
            let message = format!(
                "{name} orders {own} {unit} of {}, which is sold in multiples of {}; the next is {}.",
                product.sku,
                multiple.normalize(),
                next.normalize()
            );
            say(Code::NotOrderMultiple, Severity::Ask, message, in_ordered_unit(next));
        }
    }
    findings
}
