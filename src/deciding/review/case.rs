//! One clear question to a person, with everything they need to answer it.

use crate::deciding::Assessed;
use crate::model::{CaseNumber, Code, Draft, Finding, OrderNumber, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// May this order be placed?
    Order,
    /// May this order replace the one that we have? (DOMAIN 4)
    Change,
    /// May the order that we have be cancelled?
    Cancellation,
    /// A file that we could not read; it may hold an order.
    Unreadable,
    /// A mail that asks something or that nobody could sort: a person answers it.
    Question,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    Open,
    Approved,
    Rejected,
}

/// One value that a person gives. `field` is a JSON pointer into the contract's object as seen in this case
/// (`/orders/0/lines/2/unit_price`), or one of the choices that stand beside it: `/orders/0/customer` (an account),
/// `/orders/0/ship_to_code` (a code, or `PRINTED`), `/orders/0/lines/2/sku`. An empty value means: the document does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub field: String,
    pub value: String,
    /// Who said so, and when; none while it is on its way to the case.
    #[serde(default)]
    pub by: Option<Signature>,
}

impl Correction {
    pub fn new(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), value: value.into(), by: None }
    }
}

/// A person and a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub who: String,
    pub at: Timestamp,
}

/// A case in the review queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub number: CaseNumber,
    pub kind: CaseKind,
    pub state: CaseState,
    /// The mail that it came from.
    pub message: Sha256,
    /// The document in question (a blob's name), and how it is called; the mail itself for a body.
    pub document: Sha256,
    pub document_name: String,
    pub subject: String,
    pub from: String,
    /// The draft with its one order (always index 0 here), as read; corrections are kept beside it and replayed on it.
    pub draft: Option<Draft>,
    /// What deciding made of it last; its order is the one as corrected.
    pub assessed: Option<Assessed>,
    /// Heaviest first.
    pub findings: Vec<Finding>,
    /// Codes of the findings that ask or block, each once, heaviest first.
    pub reasons: Vec<Code>,
    /// Everything a person answered so far, oldest first; replayed on the draft at each check.
    pub corrections: Vec<Correction>,
    pub assigned_to: Option<String>,
    pub opened_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    /// Why it was rejected, or what the person noted.
    pub note: String,
    /// What came of it.
    pub orders: Vec<OrderNumber>,
    /// Rises with every write: a stale page is refused (DOMAIN 14).
    pub version: i64,
}

impl Case {
    /// How many lines the order has as it stands, with all answers.
    pub fn lines(&self) -> usize {
        let added = |answer: &&Correction| answer.field == "/orders/0/lines/-";
        let removed = |answer: &&Correction| {
            let index = answer.field.strip_prefix("/orders/0/lines/");
            index.is_some_and(|index| index.parse::<usize>().is_ok())
        };
        let read = self.draft.as_ref().and_then(|draft| draft.orders.first()).map_or(0, |order| order.lines.len());
        let count = |which: &dyn Fn(&&Correction) -> bool| self.corrections.iter().filter(which).count();
        (read + count(&added)).saturating_sub(count(&removed))
    }
}
