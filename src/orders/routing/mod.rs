//! Which node ships what, when and how: a `Plan` is a value, printable and stored with the candidates that lost.

pub mod plan;

pub use plan::{Backorder, Candidate, Plan, PlannedLine, PlannedShipment};
