//! From a `Document` to a `Draft`: structured formats exactly, everything else by labels, geometry and arithmetic.
//!
//! What a language model reads is not here (`reading::llm`); what master data says about a draft is not either (`deciding::matching`).

pub mod structured;

pub mod layout;

pub mod classify;

pub mod numbers;

pub mod dates;

mod lexicon;

mod pattern;

pub mod ground;

pub mod ground_text;

pub mod reconcile;

pub mod checks;

pub mod template;

pub mod contract;

use crate::model::{Code, DocumentKind, Draft, Severity};
use crate::reading::ReadingContext;
use crate::reading::document::Document;

/// What a document says: by its structured data where it has some, else by its layout. Checked. Total and pure.
pub fn read(document: &Document, context: &ReadingContext) -> Draft {
    let mut draft = structured::read(document, context).unwrap_or_else(|| layout::read(document, context));
    checks::check(&mut draft);
    draft
}

/// Whether something that an order depends on is missing, several or contradictory: then another reader, or a person, is asked.
pub fn is_open(draft: &Draft) -> bool {
    let open = draft.findings.iter().any(|f| f.severity >= Severity::Ask && !is_about_the_document(f.code));
    match draft.kind {
        DocumentKind::PurchaseOrder | DocumentKind::OrderChange | DocumentKind::OrderCancellation | DocumentKind::Other => open,
        DocumentKind::RequestForQuote
        | DocumentKind::Quote
        | DocumentKind::OrderAcknowledgement
        | DocumentKind::Invoice
        | DocumentKind::CreditNote
        | DocumentKind::DeliveryNote
        | DocumentKind::Statement
        | DocumentKind::Remittance
        | DocumentKind::ReturnRequest
        | DocumentKind::StatusInquiry
        | DocumentKind::AutoReply
        | DocumentKind::Bounce => false,
    }
}

/// Findings that no second reading of the same text can settle.
fn is_about_the_document(code: Code) -> bool {
    matches!(
        code,
        Code::PasswordNeeded
            | Code::InstructionInDocument
            | Code::HiddenText
            | Code::NotAnOriginal
            | Code::BuyerIsUs
            | Code::DuplicateLine
            | Code::LimitReached
    )
}
