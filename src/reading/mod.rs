//! Documents to drafts: bytes to a `Document` of words with places, and from there to a `Draft` with evidence.

pub mod context;

pub mod document;

pub mod confined;

pub mod extraction;

pub mod llm;

pub use context::ReadingContext;
