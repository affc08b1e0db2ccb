//! The plan for one order: shipments, backorders, and why not otherwise. `order why` prints it.

use crate::model::{Money, NodeCode, Sku};
use crate::orders::order::{Order, Supply};
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

impl Plan {
    /// Nothing is to leave: for an order of which nothing waits.
    pub fn nothing(made_at: Timestamp) -> Self {
        Self { made_at, shipments: Vec::new(), backorders: Vec::new(), candidates: Vec::new(), why: String::new(), proven: true }
    }

    /// The plan that an order's allocations amount to: what a change left as it was, to be reserved again and shown beside the new plan.
    pub fn kept(order: &Order, made_at: Timestamp) -> Self {
        let mut shipments: Vec<PlannedShipment> = Vec::new();
        for (line, peg) in order.lines.iter().flat_map(|line| line.pegs.iter().map(move |peg| (line, peg))) {
            let planned = PlannedLine {
                line_no: line.line_no().to_owned(),
                sku: line.sku().clone(),
                quantity: peg.quantity,
                supply: peg.supply.clone(),
            };
            let leaves_with = |shipment: &&mut PlannedShipment| {
                (&shipment.node, shipment.ship_date, shipment.deliver_date) == (&peg.node, peg.ship_date, peg.deliver_date)
                    && (&shipment.carrier, &shipment.service) == (&peg.carrier, &peg.service)
            };
            match shipments.iter_mut().find(leaves_with) {
                Some(shipment) => shipment.lines.push(planned),
                None => shipments.push(PlannedShipment {
                    node: peg.node.clone(),
                    carrier: peg.carrier.clone(),
                    service: peg.service.clone(),
                    ship_date: peg.ship_date,
                    deliver_date: peg.deliver_date,
                    cost: None,
                    lines: vec![planned],
                }),
            }
        }
        let why = "As allocated before.".to_owned();
        Self { made_at, shipments, backorders: Vec::new(), candidates: Vec::new(), why, proven: false }
    }

    /// This plan and, after it, a newer one for what it left open.
    pub fn followed_by(mut self, newer: Plan) -> Self {
        self.shipments.extend(newer.shipments);
        self.backorders.extend(newer.backorders);
        self.candidates = newer.candidates;
        self.why = if self.shipments.is_empty() { newer.why } else { format!("{} {}", self.why, newer.why) };
        self.made_at = newer.made_at;
        self
    }

    /// Nothing in it: nothing waited for a plan.
    pub fn is_empty(&self) -> bool {
        self.shipments.is_empty() && self.backorders.is_empty()
    }
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
