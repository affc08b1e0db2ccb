//! What we tell others: confirmations drafted from data by template, and the ways they leave.
//!
//! A notice is written (`templates`), its figures are checked against the data it was written from (`figures`), it becomes the
//! fixed bytes of a mail (`mail`), and leaves by SMTP (`smtp`) or into a folder (`folder`). Appending a draft to a mailbox is
//! `intake::imap`'s. When something is sent, and what an outcome leads to, is decided by the flow and the store's outbox.

pub mod notice;

pub mod templates;

pub(crate) mod wording;

pub(crate) mod figures;

#[cfg(test)]
pub(crate) mod samples;

pub mod mail;

pub mod smtp;

pub mod folder;

pub use notice::{Notice, NoticeError, NoticeKind, OutboxItem, Route, Thread};
pub use smtp::{SendOutcome, SmtpSettings};
pub use templates::ConfirmationContext;
