//! Parsing in a confined child process of the same binary: hostile bytes never meet the service itself.
//!
//! `parser` is the parent's side: it turns every way in which reading can end into a document or a finding, and calls OCR. `pool` keeps the
//! children that do the work, limits and replaces them. `worker` is the child's side, `sandbox` what it locks itself into,
//! `protocol` what they say to each other.
//! `ocr` runs the OCR program, `readings` makes words of what it says, `recognised` weighs what it says against what the file says.

mod ocr;
mod parser;
mod pool;
mod protocol;
mod readings;
mod recognised;
mod sandbox;
mod worker;

pub use ocr::OcrSettings;
pub use parser::{Parser, ParserSettings};
pub use pool::ChildLimits;
pub use worker::worker_main;

/// The hidden subcommand that makes the program a document worker.
pub const WORKER_COMMAND: &str = "document-worker";
