//! What is this order, is it right, and may it be placed? Pure functions from a `Draft` to a `Verdict`.
//!
//! `matching::match_order` -> `validation::assess` -> `decision::decide`; a person's answers enter by `review::answers::apply` and
//! take the same way. Nothing here knows a clock, a mailbox or a table.

pub mod proposals;

pub mod matching;
pub mod validation;

pub mod decision;

pub mod review;
pub mod verdict;

pub use decision::decide;
pub use matching::match_order;
pub use validation::assess;
pub use verdict::{
    Assessed, ChangeRequest, Choices, Known, Matched, MatchedItem, MatchedLine, Policy, PriorOrder, Question, SenderFacts, Verdict,
    fingerprint,
};

use crate::model::{DraftLine, Field};

/// The address as printed, chosen by a person in place of a code of `addresses.csv`.
pub const PRINTED: &str = "PRINTED";

/// `/orders/0/lines/2/unit_price`. A case holds one order, so the order's index is always 0.
pub(crate) fn line_pointer(index: usize, field: &str) -> String {
    format!("/orders/0/lines/{index}/{field}")
}

/// The buyer's own line number, where something is printed that can be one: a ruling read as `|` is none.
pub(crate) fn own_number(line: &DraftLine) -> Option<&Field<String>> {
    line.line_no.likeliest().filter(|number| number.value.chars().any(char::is_alphanumeric))
}

/// How a clerk calls a line: by the buyer's own number, else by its place.
pub(crate) fn line_name(line: &DraftLine, index: usize) -> String {
    match own_number(line) {
        Some(number) => format!("Line {}", number.value),
        None => format!("Line {} (by its place)", index + 1),
    }
}
