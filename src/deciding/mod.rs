//! What is this order, is it right, and may it be placed? Pure functions from a `Draft` to a `Verdict`.

pub mod review;
pub mod verdict;

pub use verdict::{
    Assessed, ChangeRequest, Choices, Known, Matched, MatchedItem, MatchedLine, Policy, PriorOrder, Question, SenderFacts, Verdict,
    fingerprint,
};
