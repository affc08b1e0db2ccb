//! podesk: an order desk. Purchase orders in by mail; allocated, routed and confirmed orders out - or one clear question.
//!
//! The rooms stand in the order in which an order travels; a room may use only rooms above it (`tests/it/architecture.rs`).

pub mod model;

pub mod intake;

pub mod reading;

pub mod deciding;

pub mod orders;

pub mod outbound;

pub mod store;

pub mod app;
