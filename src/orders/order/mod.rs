//! An order as its events made it. Status is derived from line quantities and can never disagree with them (DOMAIN 45).

mod apply;
mod decide;
pub mod event;
pub mod line;
mod print;
mod status;

pub use apply::apply;
pub use decide::decide;

pub use event::{Command, Event, Hold, Refusal};
pub use line::{Buckets, OrderLine, Peg, Supply};
pub use print::history_line;

use crate::model::{OrderNumber, PurchaseOrder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One order. Made by `Event::Placed` and changed by `apply` alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub number: OrderNumber,
    /// The customer's order as placed, or as last changed.
    pub purchase_order: PurchaseOrder,
    pub lines: Vec<OrderLine>,
    pub holds: BTreeSet<Hold>,
    pub placed_at: Timestamp,
    /// How many events made this order: the expected version of the next write (DOMAIN 14).
    pub version: u64,
}

/// Where an order stands, derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing planned yet.
    Open,
    /// Every quantity allocated from stock on hand.
    Allocated,
    PartlyBackordered,
    Backordered,
    /// Some hold is set; the quantities are as they are.
    OnHold,
    InFulfilment,
    PartlyShipped,
    Shipped,
    Cancelled,
}
