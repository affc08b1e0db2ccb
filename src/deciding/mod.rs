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

use crate::model::{Draft, DraftLine};

/// The address as printed, chosen by a person in place of a code of `addresses.csv`.
pub const PRINTED: &str = "PRINTED";

/// A draft for each of its orders, every one at index 0, with the findings about it; those about the whole document go with each.
pub fn one_by_one(draft: &Draft) -> Vec<Draft> {
    let about = |index: usize| {
        let own = format!("/orders/{index}");
        draft.findings.iter().filter_map(move |finding| {
            let mut finding = finding.clone();
            match finding.field.strip_prefix(&own).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                Some(rest) => finding.field = format!("/orders/0{rest}"),
                None if finding.field.starts_with("/orders/") => return None,
                None => {}
            }
            Some(finding)
        })
    };
    let one = |(index, order): (usize, &crate::model::DraftOrder)| Draft {
        kind: draft.kind,
        language: draft.language.clone(),
        method: draft.method,
        orders: vec![order.clone()],
        findings: about(index).collect(),
    };
    draft.orders.iter().enumerate().map(one).collect()
}

/// `/orders/0/lines/2/unit_price`. A case holds one order, so the order's index is always 0.
pub(crate) fn line_pointer(index: usize, field: &str) -> String {
    format!("/orders/0/lines/{index}/{field}")
}

/// How a clerk calls a line: by the buyer's own number, else by its place.
pub(crate) fn line_name(line: &DraftLine, index: usize) -> String {
    match line.line_no.likeliest() {
        Some(number) => format!("Line {}", number.value),
        None => format!("Line {} (by its place)", index + 1),
    }
}
