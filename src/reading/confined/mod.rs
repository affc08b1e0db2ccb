//! Parsing in a confined child process of the same binary: hostile bytes never meet the service itself.
//!
//! `parser` is the parent's side: it starts a child for each document, limits it, and turns every way in which it can end
//! into a document or a finding; it also calls OCR. `worker` is the child's side, `sandbox` what it locks itself into,
//! `protocol` what they say to each other. `ocr` runs the OCR program,
//! `readings` makes words of what it says, `recognised` weighs what it says against
//! what the file says.

mod ocr;
mod parser;
mod protocol;
mod readings;
mod recognised;
mod sandbox;
mod worker;

pub use ocr::OcrSettings;
pub use parser::{ChildLimits, Parser, ParserSettings};
pub use worker::worker_main;

/// The hidden subcommand that makes the program a document worker.
pub const WORKER_COMMAND: &str = "document-worker";
