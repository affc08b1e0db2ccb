//! A real SMTP receiver (aiosmtpd) that keeps what it is given and refuses on request.
//!
//! The recipient's local part asks for trouble: `permanent@` is answered 550, `temporary@` 451, and after the data of a mail to
//! `hangup@` the line goes dead without an answer, so that the sender cannot know whether the mail was taken (it was).

use super::tied::{EndBy, Tied};
use super::{Certificate, START_LIMIT, python, wait_for};
use std::path::{Path, PathBuf};

/// What the receiver demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    Plain,
    /// Nothing is accepted before STARTTLS.
    StartTls,
    /// STARTTLS, then user and password.
    StartTlsAndLogin,
    /// User and password on a plain line.
    PlainAndLogin,
}

/// One mail as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub envelope_from: String,
    pub rcpts: Vec<String>,
    pub bytes: Vec<u8>,
}

/// A running receiver; it ends when this is dropped.
#[derive(Debug)]
pub struct SmtpSink {
    pub port: u16,
    pub ca_pem_path: PathBuf,
    pub user: String,
    pub password: String,
    folder: PathBuf,
    process: Tied,
}

impl SmtpSink {
    /// Plain SMTP, no login.
    pub fn start() -> Self {
        Self::start_with(SmtpSecurity::Plain)
    }

    pub fn start_with(security: SmtpSecurity) -> Self {
        let folder = tempfile::Builder::new().prefix("podesk-smtp-").tempdir().expect("a temporary folder").keep();
        let certificate = Certificate::make(&folder);
        let (user, password) = ("desk", "battery staple");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/servers/smtp_sink.py");
        let python = python();
        let word = |path: &Path| path.to_str().expect("paths are UTF-8").to_owned();
        let mut command = vec![word(&python), word(&script), word(&folder)];
        if matches!(security, SmtpSecurity::StartTls | SmtpSecurity::StartTlsAndLogin) {
            command.extend(["--starttls".into(), word(&certificate.cert_pem), word(&certificate.key_pem)]);
        }
        if matches!(security, SmtpSecurity::PlainAndLogin | SmtpSecurity::StartTlsAndLogin) {
            command.extend(["--login".into(), user.into(), password.into()]);
        }
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let process = Tied::start(&folder, "smtp.log", EndBy::Terminate, &command);
        let port = wait_for(START_LIMIT, || {
            assert!(!process.has_ended(), "the SMTP receiver does not start: {}", process.log());
            std::fs::read_to_string(folder.join("port")).ok()?.trim().parse().ok()
        });
        let port = port.unwrap_or_else(|| panic!("the SMTP receiver does not answer: {}", process.log()));
        Self { port, ca_pem_path: certificate.ca_pem, user: user.into(), password: password.into(), folder, process }
    }

    /// What was accepted so far, in order.
    pub fn received(&self) -> Vec<ReceivedMail> {
        let mut mails = Vec::new();
        while let Ok(envelope) = std::fs::read(self.folder.join(format!("{}.json", mails.len()))) {
            let envelope: serde_json::Value = serde_json::from_slice(&envelope).expect("the receiver writes JSON");
            let bytes = std::fs::read(self.folder.join(format!("{}.eml", mails.len()))).expect("written before the envelope");
            let rcpts = envelope["rcpts"].as_array().expect("a list");
            mails.push(ReceivedMail {
                envelope_from: envelope["from"].as_str().unwrap_or_default().to_owned(),
                rcpts: rcpts.iter().filter_map(|rcpt| rcpt.as_str().map(str::to_owned)).collect(),
                bytes,
            });
        }
        mails
    }

    /// What the receiver has logged.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
