//! From a `Document` to a `Draft`: structured formats exactly, everything else by labels, geometry and arithmetic.

pub mod ground;
pub mod ground_text;
pub mod structured;
