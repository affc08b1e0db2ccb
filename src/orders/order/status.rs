//! Where does an order stand? Derived from its buckets each time it is asked (DOMAIN 45).

use super::{Buckets, Order, OrderLine, Status, Supply};
use crate::model::{OrderNumber, Sku};
use rust_decimal::Decimal;
use std::fmt;

impl Order {
    /// The one word for a list. A hold is shown before the quantities, what is finished before a hold.
    pub fn status(&self) -> Status {
        let sum = |bucket: fn(&Buckets) -> Decimal| self.lines.iter().map(|line| bucket(&line.buckets)).sum::<Decimal>();
        let active = sum(|b| b.active());
        let shipped = sum(|b| b.shipped);
        let pegged_to_inbound =
            self.lines.iter().flat_map(|line| &line.pegs).any(|peg| matches!(peg.supply, Supply::Inbound { .. }));
        let pegged_to_stock = self.lines.iter().flat_map(|line| &line.pegs).any(|peg| peg.supply == Supply::OnHand);
        let waits = sum(|b| b.backordered) > Decimal::ZERO || pegged_to_inbound;
        if active.is_zero() {
            Status::Cancelled
        } else if shipped == active {
            Status::Shipped
        } else if !self.holds.is_empty() {
            Status::OnHold
        } else if shipped > Decimal::ZERO {
            Status::PartlyShipped
        } else if sum(|b| b.in_warehouse()) > Decimal::ZERO {
            Status::InFulfilment
        } else if waits && pegged_to_stock {
            Status::PartlyBackordered
        } else if waits {
            Status::Backordered
        } else if sum(|b| b.open) > Decimal::ZERO {
            Status::Open
        } else {
            Status::Allocated
        }
    }

    /// Every quantity cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.lines.iter().all(|line| line.buckets.active().is_zero())
    }

    /// The line with this buyer's number that is still wanted, else the last one that had it.
    pub fn line(&self, line_no: &str) -> Option<&OrderLine> {
        let mut with_number = self.lines.iter().rev().filter(|line| line.line_no() == line_no);
        with_number.clone().find(|line| !line.buckets.active().is_zero()).or_else(|| with_number.next())
    }

    /// The line that a plan means: number and article together, since a changed article leaves its old line behind (DOMAIN 12).
    pub(crate) fn line_of(&self, line_no: &str, sku: &Sku) -> Option<&OrderLine> {
        self.lines.iter().find(|line| line.line_no() == line_no && line.sku() == sku)
    }

    pub fn number(&self) -> &OrderNumber {
        &self.number
    }
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Allocated => "allocated",
            Self::PartlyBackordered => "partly_backordered",
            Self::Backordered => "backordered",
            Self::OnHold => "on_hold",
            Self::InFulfilment => "in_fulfilment",
            Self::PartlyShipped => "partly_shipped",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', " "))
    }
}
