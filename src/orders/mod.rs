//! The order core, pure: order, stock, allocation and routing. It does not know that mail or documents exist.

pub mod order;

pub mod inventory;

pub mod routing;

pub use order::{Buckets, Command, Event, Hold, Order, OrderLine, Peg, Refusal, Status, Supply};
pub use routing::{Backorder, Candidate, Plan, PlanRequest, PlannedLine, PlannedShipment, ShippingFlags};
