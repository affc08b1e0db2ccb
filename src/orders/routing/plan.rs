//! The plan for one order: shipments, backorders, and why not otherwise. `order why` prints it.

use crate::model::{Money, NodeCode, Sku};
use crate::orders::order::Supply;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How one order is to be fulfilled, as of one moment. Executing it twice changes nothing; when stock has moved, plan again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub made_at: Timestamp,
    pub shipments: Vec<PlannedShipment>,
    pub backorders: Vec<Backorder>,
    /// Every node that was looked at, the chosen ones included.
    pub candidates: Vec<Candidate>,
    /// One sentence: what was weighed and what decided.
    pub why: String,
    /// No better plan exists under the stated objective; false where the search was cut short.
    pub proven: bool,
}

/// Goods that leave one node together by one carrier service on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedShipment {
    pub node: NodeCode,
    pub carrier: String,
    pub service: String,
    pub ship_date: Date,
    pub deliver_date: Date,
    /// Freight as rated; absent where no rate covers the destination.
    pub cost: Option<Money>,
    pub lines: Vec<PlannedLine>,
}

/// A quantity of one order line in a shipment, in the product's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedLine {
    pub line_no: String,
    pub sku: Sku,
    pub quantity: Decimal,
    pub supply: Supply,
}

/// A quantity that no node can supply now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backorder {
    pub line_no: String,
    pub sku: Sku,
    pub quantity: Decimal,
    /// From the product's lead time, where it has one.
    pub expected: Option<Date>,
    pub why: String,
}

/// A node that was considered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub node: NodeCode,
    pub chosen: bool,
    /// One sentence: what it could supply, when, at what cost, and why it lost.
    pub why: String,
    pub cost: Option<Money>,
    pub deliver_date: Option<Date>,
}
