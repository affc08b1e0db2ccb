//! What is to be planned: the quantities of an order that wait for a plan, where to, by when, and what the customer allows.

use crate::model::master::Customer;
use crate::model::{Address, Sku};
use crate::orders::order::Order;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What the customer allows (DOMAIN 37); independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingFlags {
    /// What is not there now may follow later.
    pub allow_backorder: bool,
    /// A line may come in parts; otherwise it comes whole, from one place on one day.
    pub allow_partial: bool,
    /// Nothing leaves before everything can.
    pub ship_complete: bool,
}

impl Default for ShippingFlags {
    fn default() -> Self {
        Self { allow_backorder: true, allow_partial: true, ship_complete: false }
    }
}

impl From<&Customer> for ShippingFlags {
    fn from(customer: &Customer) -> Self {
        Self {
            allow_backorder: customer.allow_backorder,
            allow_partial: customer.allow_partial,
            ship_complete: customer.ship_complete,
        }
    }
}

/// A quantity of one line, in the product's own unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedLine {
    pub line_no: String,
    pub sku: Sku,
    /// Above zero.
    pub quantity: Decimal,
    /// Wanted at the ship-to by then; as soon as possible where absent.
    pub requested: Option<Date>,
}

/// Everything that planning needs to know about the order.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRequest {
    pub lines: Vec<RequestedLine>,
    pub ship_to: Address,
    pub flags: ShippingFlags,
    pub now: Timestamp,
}

impl PlanRequest {
    /// The quantities of `order` that wait for a plan: open and backordered. Empty where nothing waits.
    pub fn of(order: &Order, now: Timestamp, flags: ShippingFlags) -> Self {
        let of_order = order.purchase_order.requested_delivery_date.as_ref().map(|date| date.value);
        let waiting = order.lines.iter().filter(|line| line.buckets.to_plan() > Decimal::ZERO).map(|line| RequestedLine {
            line_no: line.line_no().to_owned(),
            sku: line.sku().clone(),
            quantity: line.buckets.to_plan(),
            requested: line.ordered.requested_date.as_ref().map(|date| date.value).or(of_order),
        });
        Self { lines: waiting.collect(), ship_to: order.purchase_order.ship_to.value.clone(), flags, now }
    }
}
