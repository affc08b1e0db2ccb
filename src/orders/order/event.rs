//! What may be asked of an order (`Command`), what then happened to it (`Event`), and why not (`Refusal`).

use crate::model::{OrderNumber, PurchaseOrder};
use crate::orders::routing::Plan;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A reason for which an order is not given to the warehouse. Holds stack; releasing one leaves the others (DOMAIN 46).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hold {
    /// `credit`, `fraud`, `manual` ...
    pub code: String,
    pub reason: String,
}

/// What may be asked of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Place {
        number: OrderNumber,
        order: Box<PurchaseOrder>,
    },
    /// Allocate and backorder as planned. The reservations are made in the same transaction.
    Allocate {
        plan: Box<Plan>,
    },
    /// Cancel everything that is not shipped.
    Cancel {
        reason: String,
    },
    /// Replace the order's text by a newer one (DOMAIN 4): lines are told apart by the buyer's line number.
    Revise {
        order: Box<PurchaseOrder>,
    },
    Hold {
        hold: Hold,
    },
    Release {
        code: String,
    },
}

/// What happened to an order. Stored for ever: variants and fields may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Placed {
        number: OrderNumber,
        order: Box<PurchaseOrder>,
    },
    Allocated {
        plan: Box<Plan>,
    },
    /// Every unshipped quantity is cancelled and its reservations are given back.
    Cancelled {
        reason: String,
    },
    /// The new text; allocations of changed lines are given back, so a plan follows.
    Revised {
        order: Box<PurchaseOrder>,
    },
    HoldPlaced {
        hold: Hold,
    },
    HoldReleased {
        code: String,
    },
}

/// Why a command was refused, in one sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}
