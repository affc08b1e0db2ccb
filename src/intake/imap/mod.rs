//! How are mails fetched from a mailbox, and drafts put into one? IMAP (RFC 3501, 9051) behind six verbs.
//!
//! The connection is a poor servant: any error means that it is dropped and opened anew by the caller, with a growing delay. What has
//! been fetched and finished is kept in the ledger (`intake::ledger`), never here.

mod answer;
mod connection;
mod conversation;
mod error;
mod secrets;
mod settings;
mod stream;
mod utf7;
mod xoauth2;

pub use connection::{Connection, FetchedMail, Selected};
pub use error::ImapError;
pub use secrets::{SecretError, secret};
pub use settings::{After, Auth, ImapSettings, Security};

/// The log filter directive without which `RUST_LOG=trace` would print passwords: the IMAP library writes every command, `LOGIN` and
/// OAuth tokens included, at trace level. Must come after the user's own directives.
pub const LOG_DIRECTIVE: &str = "async_imap=info";
