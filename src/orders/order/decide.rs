//! May this be done to the order? From an order and a command to the events that follow, or a refusal in one sentence. Changes nothing.

use super::{Command, Event, Hold, Order, OrderLine, Refusal};
use crate::model::{PurchaseOrder, Sku};
use crate::orders::routing::Plan;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Decides one command; all of it or nothing (DOMAIN 14). `now` is for rules with a time in them; there are none yet.
pub fn decide(order: Option<&Order>, command: Command, _now: Timestamp) -> Result<Vec<Event>, Refusal> {
    match (order, command) {
        (None, Command::Place { number, order }) => {
            check_lines(&order)?;
            Ok(vec![Event::Placed { number, order }])
        }
        (Some(order), Command::Place { .. }) => refuse(format!("{} is placed already.", order.number)),
        (None, _) => refuse("There is no such order.".to_owned()),
        (Some(order), Command::Allocate { plan }) => allocate(order, plan),
        (Some(order), Command::Cancel { reason }) => cancel(order, reason),
        (Some(order), Command::Revise { order: text }) => revise(order, text),
        (Some(order), Command::Hold { hold }) => place_hold(order, hold),
        (Some(order), Command::Release { code }) => release_hold(order, code),
    }
}

fn refuse<T>(sentence: String) -> Result<T, Refusal> {
    Err(Refusal(sentence))
}

/// What every order text must be: lines, positive quantities, no line number twice.
fn check_lines(text: &PurchaseOrder) -> Result<(), Refusal> {
    if text.lines.is_empty() {
        return refuse("An order needs at least one line.".to_owned());
    }
    let mut numbers = BTreeSet::new();
    for line in &text.lines {
        if line.base_quantity <= Decimal::ZERO {
            return refuse(format!("Line {} has a quantity of {}; it must be above zero.", line.line_no, line.base_quantity));
        }
        if !numbers.insert(&line.line_no) {
            return refuse(format!("Line number {} is used twice.", line.line_no));
        }
    }
    Ok(())
}

fn allocate(order: &Order, plan: Box<Plan>) -> Result<Vec<Event>, Refusal> {
    let mut planned: BTreeMap<(&str, &Sku), Decimal> = BTreeMap::new();
    let shipped = plan.shipments.iter().flat_map(|shipment| &shipment.lines).map(|line| (&line.line_no, &line.sku, line.quantity));
    let waiting = plan.backorders.iter().map(|backorder| (&backorder.line_no, &backorder.sku, backorder.quantity));
    for (line_no, sku, quantity) in shipped.chain(waiting) {
        if quantity <= Decimal::ZERO {
            return refuse(format!("The plan has a quantity of {quantity} for line {line_no}; it must be above zero."));
        }
        let sum = planned.entry((line_no.as_str(), sku)).or_default();
        *sum = sum.checked_add(quantity).ok_or_else(|| Refusal(format!("The plan for line {line_no} is beyond all bounds.")))?;
    }
    if planned.is_empty() {
        return refuse("The plan allocates nothing.".to_owned());
    }
    for ((line_no, sku), quantity) in planned {
        let Some(line) = order.line_of(line_no, sku) else {
            return refuse(format!("The plan is for line {line_no} with {sku}, which {} does not have.", order.number));
        };
        let to_plan = line.buckets.to_plan();
        if quantity > to_plan {
            return refuse(format!("The plan has {quantity} for line {line_no}, but only {to_plan} wait for one: plan again."));
        }
    }
    Ok(vec![Event::Allocated { plan }])
}

fn cancel(order: &Order, reason: String) -> Result<Vec<Event>, Refusal> {
    if order.is_cancelled() {
        return refuse(format!("{} is cancelled already.", order.number));
    }
    if let Some(line) = order.lines.iter().find(|line| line.buckets.in_warehouse() > Decimal::ZERO) {
        let quantity = line.buckets.in_warehouse();
        return refuse(format!("Line {}: {quantity} are in the warehouse's hands; they must be recalled first.", line.line_no()));
    }
    if order.lines.iter().all(|line| line.buckets.active() == line.buckets.shipped) {
        return refuse(format!("{} is shipped; open a return instead.", order.number));
    }
    Ok(vec![Event::Cancelled { reason }])
}

fn revise(order: &Order, text: Box<PurchaseOrder>) -> Result<Vec<Event>, Refusal> {
    check_lines(&text)?;
    if text.account.value != order.purchase_order.account.value {
        return refuse(format!(
            "{} belongs to {}, the new text to {}.",
            order.number, order.purchase_order.account.value, text.account.value
        ));
    }
    if order.is_cancelled() {
        return refuse(format!("{} is cancelled; a cancelled order is not changed.", order.number));
    }
    if *text == order.purchase_order {
        return refuse(format!("The new text of {} says the same.", order.number));
    }
    for line in &order.lines {
        check_fixed_part(line, &text)?;
    }
    let moves = text.ship_to.value != order.purchase_order.ship_to.value;
    if moves && let Some(line) = order.lines.iter().find(|line| line.buckets.in_warehouse() > Decimal::ZERO) {
        return refuse(format!("Line {} is in the warehouse's hands; its address cannot change now.", line.line_no()));
    }
    Ok(vec![Event::Revised { order: text }])
}

/// A line cannot shrink below what is shipped or in the warehouse's hands (DOMAIN 10).
fn check_fixed_part(line: &OrderLine, text: &PurchaseOrder) -> Result<(), Refusal> {
    let wanted = text.lines.iter().find(|new| new.line_no == line.line_no() && new.sku.value == *line.sku());
    let wanted = wanted.map_or(Decimal::ZERO, |new| new.base_quantity);
    let (shipped, in_warehouse) = (line.buckets.shipped, line.buckets.in_warehouse());
    if wanted < shipped {
        return refuse(format!(
            "Line {}: {shipped} are shipped, so it cannot shrink to {wanted}; open a return instead.",
            line.line_no()
        ));
    }
    if wanted < shipped + in_warehouse {
        return refuse(format!(
            "Line {}: {in_warehouse} are in the warehouse's hands; they must be recalled first.",
            line.line_no()
        ));
    }
    Ok(())
}

fn place_hold(order: &Order, hold: Hold) -> Result<Vec<Event>, Refusal> {
    if order.holds.iter().any(|present| present.code == hold.code) {
        return refuse(format!("{} has the hold {} already.", order.number, hold.code));
    }
    Ok(vec![Event::HoldPlaced { hold }])
}

fn release_hold(order: &Order, code: String) -> Result<Vec<Event>, Refusal> {
    if !order.holds.iter().any(|present| present.code == code) {
        return refuse(format!("{} has no hold {code}.", order.number));
    }
    Ok(vec![Event::HoldReleased { code }])
}
