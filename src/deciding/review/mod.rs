//! The review desk's own values: a case, and what a person may answer to it. Answers re-enter at `Matched` and are checked again.

pub mod answers;
pub mod case;
pub mod fields;
pub mod whole;

pub use answers::CorrectionError;
pub use case::{Case, CaseKind, CaseState, Correction, Signature};
pub use fields::{FieldState, FieldView};
