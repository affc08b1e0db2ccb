//! What there is and what may be promised: stock positions, goods on their way, reservations.

mod available;

pub use available::Available;

use crate::model::{NodeCode, Sku};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Stock of one article at one node, in the product's own unit. `0 <= reserved <= on_hand` holds at every commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockPosition {
    pub node: NodeCode,
    pub sku: Sku,
    pub on_hand: Decimal,
    pub reserved: Decimal,
    pub safety_stock: Decimal,
}

impl StockPosition {
    /// What a new order may take: on hand, less what is reserved, less safety stock; never negative.
    pub fn available(&self) -> Decimal {
        (self.on_hand - self.reserved - self.safety_stock).max(Decimal::ZERO)
    }
}

/// Goods on their way, and how much of them is promised already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundPosition {
    pub node: NodeCode,
    pub sku: Sku,
    pub reference: String,
    pub due: Date,
    pub quantity: Decimal,
    /// 0 to 1: the share that may be promised.
    pub reliability: Decimal,
    pub reserved: Decimal,
}

/// Stock and inbound of the articles of one order, read just before planning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockSnapshot {
    pub positions: Vec<StockPosition>,
    pub inbound: Vec<InboundPosition>,
}
