//! Which node ships what, when and how: a `Plan` is a value, printable and stored with the candidates that lost.

mod calendar;
mod fill;
mod freight;
pub mod plan;
mod print;
pub mod request;
mod search;

pub use plan::{Backorder, Candidate, Plan, PlannedLine, PlannedShipment};
pub use request::{PlanRequest, RequestedLine, ShippingFlags};
pub use search::plan;
