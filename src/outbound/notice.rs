//! A notice: what we tell a customer about an order, before it becomes bytes.

use crate::model::OrderNumber;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Confirmation,
    ChangeConfirmation,
    CancellationConfirmation,
}

impl NoticeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::ChangeConfirmation => "change_confirmation",
            Self::CancellationConfirmation => "cancellation_confirmation",
        }
    }
}

/// The conversation that a notice answers. Message ids without angle brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub subject: String,
    pub message_id: Option<String>,
    /// Oldest first, without `message_id`.
    pub references: Vec<String>,
}

/// A mail to be, all of it from data: addresses from headers or master data, text from a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub kind: NoticeKind,
    pub order: OrderNumber,
    pub to: String,
    /// The colleague who forwarded the order, where one did (DOMAIN 51).
    pub cc: Vec<String>,
    pub subject: String,
    /// Plain text; the only body.
    pub text: String,
    pub thread: Thread,
}

/// Which way a notice leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Put into the mailbox's Drafts folder; a person sends it.
    #[default]
    Draft,
    /// Written as .eml into a folder.
    Folder,
    /// Sent by SMTP.
    Send,
}

/// A notice as it waits to leave: its bytes are fixed, so that every attempt says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// Time-ordered UUID as text; the Message-ID is made from it.
    pub id: String,
    pub kind: NoticeKind,
    pub order: OrderNumber,
    pub route: Route,
    pub to: String,
    pub cc: Vec<String>,
    pub subject: String,
    /// Without angle brackets.
    pub message_id: String,
    /// RFC 5322.
    pub bytes: Vec<u8>,
}

/// Why a notice could not be written. None of these heals by trying again: a person has to look.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    #[error("`{address}` is not a mail address that a notice can go to")]
    Address { address: String },
    #[error("the plan accounts for {planned} of line {line}, but {open} are open")]
    PlanDoesNotCover { line: String, planned: Decimal, open: Decimal },
    #[error("the template `{template}` could not be rendered")]
    Template { template: String, source: minijinja::Error },
    #[error("the text made from `{template}` does not say {what} (`{figure}`)")]
    FigureMissing { template: String, what: String, figure: String },
    #[error("the mail for notice {id} could not be built")]
    Mail { id: String, source: lettre::error::Error },
}
