//! What can go wrong in the flow, by what is to be done about it.

use crate::app::apart::Crashed;
use crate::app::config::ConfigError;
use crate::intake::imap::{ImapError, SecretError};
use crate::model::{CaseNumber, OrderNumber, Sha256};
use crate::orders::Refusal;
use crate::outbound::NoticeError;
use crate::reading::document::pdf::RenderError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("the mailbox failed")]
    Imap(#[from] ImapError),
    #[error("the mailbox's password is not to be had")]
    MailboxSecret(#[from] SecretError),
    #[error("a setting is wrong")]
    Config(#[from] ConfigError),
    #[error("the notice could not be written")]
    Notice(#[from] NoticeError),
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    #[error("there is no mail or document {0}")]
    NoSuchItem(Sha256),
    #[error("there is no case {0}")]
    NoSuchCase(CaseNumber),
    #[error("there is no order {0}")]
    NoSuchOrder(OrderNumber),
    #[error("case {0} was changed by somebody else meanwhile; look at it again")]
    Stale(CaseNumber),
    #[error("case {0} is already decided")]
    Decided(CaseNumber),
    #[error("{0}")]
    Correction(#[from] crate::deciding::review::CorrectionError),
    #[error("stock or orders kept changing under the plan; try again")]
    Contended,
    #[error("another worker took this over")]
    LostLease,
    #[error("it could not be worked on")]
    Crashed(#[from] Crashed),
    #[error("{0}")]
    NoSuchPage(RenderError),
    #[error("the page could not be drawn: {0}")]
    Page(String),
}

impl FlowError {
    /// Whether somebody else's transaction got in the way, so that the same work done again at once may succeed.
    pub(super) fn is_contention(&self) -> bool {
        match self {
            Self::Contended => true,
            Self::Store(error) => error.is_conflict(),
            Self::Imap(_)
            | Self::MailboxSecret(_)
            | Self::Config(_)
            | Self::Notice(_)
            | Self::Refused(_)
            | Self::NoSuchItem(_)
            | Self::NoSuchCase(_)
            | Self::NoSuchOrder(_)
            | Self::Stale(_)
            | Self::Decided(_)
            | Self::Correction(_)
            | Self::LostLease
            | Self::Crashed(_)
            | Self::NoSuchPage(_)
            | Self::Page(_) => false,
        }
    }
}

/// An error and what caused it, in one sentence.
pub fn in_one_sentence(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source()).fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
