//! The keys of `[mailbox]` in `agent.toml`.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after a greeting in the clear; the password waits for it.
    Starttls,
    /// None at all: only to this machine, unless `allow_plain`.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    #[default]
    Password,
    /// The secret is an OAuth access token (Gmail, Microsoft 365).
    Xoauth2,
}

/// What happens on the server to a mail whose message has an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum After {
    /// Moved to `processed_folder`.
    Move,
    /// The keyword `$PodeskDone` is set.
    #[default]
    Flag,
    /// Nothing: the mailbox is only read.
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImapSettings {
    /// The account's name in the ledger. Renaming it makes every mail new to the ledger (but not to the digest check).
    pub name: String,
    /// Empty: no mailbox is watched.
    pub host: String,
    /// 0: 993 with `security = "tls"`, else 143.
    pub port: u16,
    pub security: Security,
    /// Lets `security = "plain"` leave this machine.
    pub allow_plain: bool,
    pub user: String,
    pub auth: Auth,
    /// A file that holds the password or token, and nothing else.
    pub password_file: Option<PathBuf>,
    /// The name of an environment variable that holds it.
    pub password_env: String,
    /// A shell command that prints it: for OAuth tokens, which live an hour.
    pub token_command: String,
    /// Certificates (PEM) trusted besides the public authorities.
    pub ca_file: Option<PathBuf>,
    pub folder: String,
    /// Empty: the folder that the server marks as `\Drafts`, else `Drafts`.
    pub drafts_folder: String,
    pub after: After,
    pub processed_folder: String,
    /// The mailbox is looked at this often, whether or not the server announces mail.
    pub poll_seconds: u64,
    /// Lets the server announce mail (IDLE).
    pub idle: bool,
    /// Larger mails are reported and stay on the server.
    pub max_mail_mb: u32,
    /// Longest wait for an answer, besides the time that large mails take.
    pub timeout_seconds: u64,
}

impl Default for ImapSettings {
    fn default() -> Self {
        Self {
            name: "main".into(),
            host: String::new(),
            port: 0,
            security: Security::default(),
            allow_plain: false,
            user: String::new(),
            auth: Auth::default(),
            password_file: None,
            password_env: "PODESK_MAILBOX_PASSWORD".into(),
            token_command: String::new(),
            ca_file: None,
            folder: "INBOX".into(),
            drafts_folder: String::new(),
            after: After::default(),
            processed_folder: "Processed".into(),
            poll_seconds: 60,
            idle: true,
            max_mail_mb: 35,
            timeout_seconds: 60,
        }
    }
}

impl ImapSettings {
    pub fn effective_port(&self) -> u16 {
        match (self.port, self.security) {
            (0, Security::Tls) => 993,
            (0, Security::Starttls | Security::Plain) => 143,
            (port, _) => port,
        }
    }

    pub fn max_mail_bytes(&self) -> u64 {
        u64::from(self.max_mail_mb) * 1024 * 1024
    }

    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.clamp(1, 600))
    }
}
