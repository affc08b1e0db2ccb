//! What can go wrong with a mailbox. After any of these but a refusal the connection is gone; dropping it is always right.

use std::io;
use std::time::Duration;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ImapError {
    #[error("{host}:{port} cannot be reached")]
    Connect { host: String, port: u16, source: io::Error },
    #[error("no secure connection to {host}: check the host name, or name its certificate authority in `ca_file`")]
    Tls { host: String, source: io::Error },
    #[error("the certificates in {path} cannot be read: {problem}")]
    CaFile { path: String, problem: String },
    #[error("{0} would get the password unprotected: set `security` to \"tls\" or \"starttls\", or allow_plain = true")]
    PlainRefused(String),
    #[error("the mail server does not let {user} in: {answer}")]
    Login { user: String, answer: String },
    #[error("no answer from the mail server within {} s while {during}", limit.as_secs())]
    Timeout { during: &'static str, limit: Duration },
    #[error("the mail server ended the connection while {during}{}", reason.as_deref().map(|text| format!(": {text}")).unwrap_or_default())]
    Closed { during: &'static str, reason: Option<String> },
    #[error("the mail server refused while {during}: {answer}")]
    Refused { during: &'static str, answer: String, try_create: bool },
    #[error("the mail server's answer makes no sense while {during}: {problem}")]
    Nonsense { during: &'static str, problem: String },
    #[error("{0:?} cannot be said to a mail server: it holds a line break or a control character")]
    Unspeakable(String),
}

impl ImapError {
    /// Trying again will not help before a person has changed something.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::CaFile { .. } | Self::PlainRefused(_) | Self::Login { .. } | Self::Unspeakable(_) => true,
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Closed { .. }
            | Self::Refused { .. }
            | Self::Nonsense { .. } => false,
        }
    }

    /// From the library's error. Its text may quote whole mails and is therefore cut short.
    pub(super) fn of(during: &'static str, error: async_imap::error::Error) -> Self {
        use async_imap::error::Error;
        match error {
            Error::ConnectionLost => Self::Closed { during, reason: None },
            Error::Io(source) => Self::of_io(during, &source),
            Error::Bad(answer) | Error::No(answer) => Self::Refused { during, answer: short(&answer), try_create: false },
            other => Self::Nonsense { during, problem: short(&other.to_string()) },
        }
    }

    pub(super) fn of_io(during: &'static str, source: &io::Error) -> Self {
        if source.kind() == io::ErrorKind::Other {
            Self::Nonsense { during, problem: short(&source.to_string()) }
        } else {
            Self::Closed { during, reason: Some(short(&source.to_string())) }
        }
    }
}

/// The start of a text from the server, on one line.
pub(super) fn short(text: &str) -> String {
    text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
