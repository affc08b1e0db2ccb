//! The quantity buckets of one order line: `ordered` is always their exact sum (DOMAIN 10).

use crate::model::{NodeCode, PurchaseOrderLine, Sku};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where every unit of a line is, in the product's own unit. `returned` is a part of `shipped`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buckets {
    /// Not planned yet.
    pub open: Decimal,
    pub backordered: Decimal,
    /// Reserved for this line, on hand or on its way to us.
    pub allocated: Decimal,
    /// Given to the warehouse to pick.
    pub released: Decimal,
    pub picked: Decimal,
    pub packed: Decimal,
    pub shipped: Decimal,
    pub cancelled: Decimal,
    pub returned: Decimal,
}

impl Buckets {
    /// What is still wanted: everything that is not cancelled.
    pub fn active(&self) -> Decimal {
        self.ordered() - self.cancelled
    }

    /// What waits for a plan: not planned yet, or planned as a backorder.
    pub fn to_plan(&self) -> Decimal {
        self.open + self.backordered
    }

    /// What the warehouse has in hand: a change needs its consent (DOMAIN 10).
    pub fn in_warehouse(&self) -> Decimal {
        self.released + self.picked + self.packed
    }

    /// The ordered quantity: the sum of all buckets but `returned`.
    pub fn ordered(&self) -> Decimal {
        self.open + self.backordered + self.allocated + self.released + self.picked + self.packed + self.shipped + self.cancelled
    }
}

/// What an allocation draws on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    OnHand,
    /// Goods on their way, due that day.
    Inbound {
        reference: String,
        due: Date,
    },
}

/// An allocated quantity and the supply that it is tied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peg {
    pub node: NodeCode,
    pub supply: Supply,
    pub quantity: Decimal,
    pub ship_date: Date,
    pub deliver_date: Date,
    #[serde(default)]
    pub carrier: String,
    #[serde(default)]
    pub service: String,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// What was ordered, at what price, in whose part numbers.
    pub ordered: PurchaseOrderLine,
    pub buckets: Buckets,
    pub pegs: Vec<Peg>,
    /// When the backordered quantity can be promised, if at all.
    pub backorder_expected: Option<Date>,
}

impl OrderLine {
    pub fn sku(&self) -> &Sku {
        &self.ordered.sku.value
    }
    pub fn line_no(&self) -> &str {
        &self.ordered.line_no
    }
}
