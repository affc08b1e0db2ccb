//! What an event makes of an order. Total: an event that was decided is never refused, and no event can break the sum of the buckets -
//! a plan that asks for more than there is takes what there is.

use super::{Buckets, Event, Order, OrderLine, Peg};
use crate::model::{PurchaseOrder, PurchaseOrderLine};
use crate::orders::routing::Plan;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The order after the event. `None` stays `None` for every event but `Placed`.
pub fn apply(order: Option<Order>, event: &Event, at: Timestamp) -> Option<Order> {
    let mut order = match (order, event) {
        (None, Event::Placed { number, order: text }) => {
            return Some(Order {
                number: number.clone(),
                purchase_order: (**text).clone(),
                lines: text.lines.iter().map(new_line).collect(),
                holds: BTreeSet::new(),
                placed_at: at,
                version: 1,
            });
        }
        (None, _) => return None,
        (Some(order), _) => order,
    };
    match event {
        // Placed twice is one order.
        Event::Placed { .. } => {}
        Event::Allocated { plan } => order.lines.iter_mut().for_each(|line| allocate(line, plan)),
        Event::Cancelled { .. } => order.lines.iter_mut().for_each(cancel_rest),
        Event::Revised { order: text } => revise(&mut order, text),
        Event::HoldPlaced { hold } => {
            order.holds.insert(hold.clone());
        }
        Event::HoldReleased { code } => order.holds.retain(|hold| hold.code != *code),
    }
    order.version += 1;
    Some(order)
}

fn new_line(ordered: &PurchaseOrderLine) -> OrderLine {
    let buckets = Buckets { open: ordered.base_quantity, ..Buckets::default() };
    OrderLine { ordered: ordered.clone(), buckets, pegs: Vec::new(), backorder_expected: None }
}

/// Moves what the plan has for this line out of open and backordered; what the plan leaves out stays open.
fn allocate(line: &mut OrderLine, plan: &Plan) {
    let mut to_plan = line.buckets.to_plan();
    let mut take = |wanted: Decimal| {
        let taken = wanted.min(to_plan).max(Decimal::ZERO);
        to_plan -= taken;
        taken
    };
    let mut is_planned = false;
    for shipment in &plan.shipments {
        for part in shipment.lines.iter().filter(|part| part.line_no == line.ordered.line_no && part.sku == line.ordered.sku.value)
        {
            is_planned = true;
            let quantity = take(part.quantity);
            if quantity.is_zero() {
                continue;
            }
            line.buckets.allocated += quantity;
            line.pegs.push(Peg {
                node: shipment.node.clone(),
                supply: part.supply.clone(),
                quantity,
                ship_date: shipment.ship_date,
                deliver_date: shipment.deliver_date,
                carrier: shipment.carrier.clone(),
                service: shipment.service.clone(),
            });
        }
    }
    let mut backordered = Decimal::ZERO;
    let mut expected = None;
    for backorder in plan.backorders.iter().filter(|b| b.line_no == line.ordered.line_no && b.sku == line.ordered.sku.value) {
        is_planned = true;
        backordered += take(backorder.quantity);
        expected = expected.max(backorder.expected);
    }
    if is_planned {
        line.buckets.open = to_plan;
        line.buckets.backordered = backordered;
        line.backorder_expected = expected;
    }
}

/// Everything that is not shipped is cancelled, and its supply given back.
fn cancel_rest(line: &mut OrderLine) {
    let buckets = &mut line.buckets;
    let rest = buckets.active() - buckets.shipped;
    *buckets =
        Buckets { shipped: buckets.shipped, returned: buckets.returned, cancelled: buckets.cancelled + rest, ..Buckets::default() };
    line.pegs.clear();
    line.backorder_expected = None;
}

/// The new text, line by line: told apart by the buyer's number and the article, so that a changed article cancels the old line and adds a
/// new one (DOMAIN 12). What did not change keeps its supply (DOMAIN 11).
fn revise(order: &mut Order, text: &PurchaseOrder) {
    let everything_moves = text.ship_to.value != order.purchase_order.ship_to.value
        || date_of(&text.requested_delivery_date) != date_of(&order.purchase_order.requested_delivery_date);
    for line in &mut order.lines {
        let new = text.lines.iter().find(|new| new.line_no == line.ordered.line_no && new.sku.value == line.ordered.sku.value);
        match new {
            None => cancel_rest(line),
            Some(new) => {
                if everything_moves || date_of(&new.requested_date) != date_of(&line.ordered.requested_date) {
                    give_back(line, Decimal::MAX);
                }
                resize(line, new.base_quantity);
                line.ordered = new.clone();
            }
        }
    }
    for new in &text.lines {
        if order.line_of(&new.line_no, &new.sku.value).is_none() {
            order.lines.push(new_line(new));
        }
    }
    order.purchase_order = text.clone();
}

fn date_of(field: &Option<crate::model::Field<jiff::civil::Date>>) -> Option<jiff::civil::Date> {
    field.as_ref().map(|field| field.value)
}

/// Gives back up to `quantity` of what is allocated, newest first, to open.
fn give_back(line: &mut OrderLine, quantity: Decimal) {
    let mut rest = quantity;
    while rest > Decimal::ZERO {
        let Some(peg) = line.pegs.last_mut() else { break };
        let given = peg.quantity.min(rest);
        peg.quantity -= given;
        rest -= given;
        line.buckets.allocated -= given;
        line.buckets.open += given;
        if peg.quantity.is_zero() {
            line.pegs.pop();
        }
    }
}

/// Brings the wanted quantity to `wanted`: an increase is new demand (DOMAIN 11), a decrease takes from backordered and open first, then
/// from what is allocated, never from what is in the warehouse or shipped (DOMAIN 10).
fn resize(line: &mut OrderLine, wanted: Decimal) {
    let active = line.buckets.active();
    if wanted >= active {
        line.buckets.open += wanted - active;
        return;
    }
    let mut excess = active - wanted;
    let short = excess - line.buckets.to_plan();
    if short > Decimal::ZERO {
        give_back(line, short);
    }
    for bucket in [&mut line.buckets.backordered, &mut line.buckets.open] {
        let taken = excess.min(*bucket);
        *bucket -= taken;
        line.buckets.cancelled += taken;
        excess -= taken;
    }
    if line.buckets.backordered.is_zero() {
        line.backorder_expected = None;
    }
}
