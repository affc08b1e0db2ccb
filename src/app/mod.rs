//! The rim: configuration, the flow that joins the rooms, the service, the review desk and the command line.

pub mod apart;
pub mod breakpoint;
pub mod cli;
pub mod clock;
pub mod config;
pub mod eval;
pub mod flow;
pub mod ids;
pub mod import;
pub mod service;
pub mod web;
