//! How does a mail leave by SMTP, and do we know that it did? One connection a mail, one attempt a call.
//!
//! A reply that was lost after the final dot means `Unknown`: the receiver may have the mail (RFC 5321, section 4.5.5; RFC 1047).
//! Nothing here tries again; what an outcome leads to is the outbox's business (DOMAIN 52).

use super::notice::OutboxItem;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Response};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Beside `timeout_seconds`, for each megabyte: a receiver scans what it got before it answers.
const EXTRA_SECONDS_PER_MEGABYTE: u64 = 180;

/// Refusals of us, not of the mail: it may go when the settings are right (RFC 4954, section 6).
const AUTHENTICATION_CODES: [&str; 4] = ["530", "534", "535", "538"];

/// How long to wait for the answer to QUIT.
const FAREWELL: Duration = Duration::from_secs(1);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// Plain greeting, then TLS; refused where the server does not offer it. Usually port 587.
    #[default]
    Starttls,
    /// No TLS. Only to this machine, unless `allow_plain` is set.
    Plain,
}

/// `[smtp]` in `agent.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpSettings {
    /// Empty: nothing is ever sent by SMTP.
    pub host: String,
    /// 0: 465 for `tls`, 587 for `starttls`, 25 for `plain`.
    pub port: u16,
    pub security: Security,
    /// Permits `plain` to another machine, password included.
    pub allow_plain: bool,
    /// Empty: no login.
    pub user: String,
    /// The environment variable, or else the file, that holds the password.
    pub password_env: String,
    pub password_file: Option<PathBuf>,
    /// PEM of the only authority to trust; the public ones where it is not set.
    pub ca_file: Option<PathBuf>,
    /// For each step of the conversation.
    pub timeout_seconds: u64,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 0,
            security: Security::Starttls,
            allow_plain: false,
            user: String::new(),
            password_env: "PODESK_SMTP_PASSWORD".into(),
            password_file: None,
            ca_file: None,
            timeout_seconds: 60,
        }
    }
}

impl SmtpSettings {
    pub fn port(&self) -> u16 {
        match (self.port, self.security) {
            (0, Security::Tls) => 465,
            (0, Security::Starttls) => 587,
            (0, Security::Plain) => 25,
            (port, _) => port,
        }
    }

    /// What makes these settings unusable, in a sentence for the administrator.
    pub fn problem(&self) -> Option<String> {
        if self.host.is_empty() {
            return Some("`smtp.host` is not set".into());
        }
        if self.security == Security::Plain && !self.allow_plain && !is_this_machine(&self.host) {
            return Some(format!(
                "`smtp.security = \"plain\"` would send to {} in the clear; set `smtp.allow_plain` to allow it",
                self.host
            ));
        }
        None
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What came of one attempt. The text is the server's, or says what failed; it holds no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The receiver took responsibility.
    Sent { reply: String },
    /// Nothing was taken; the same bytes may be offered again later.
    Temporary { reason: String },
    /// The receiver refuses this mail; a person has to look.
    Permanent { reason: String },
    /// The mail may have arrived. Never offered again without a person's word or a look into the Sent folder.
    Unknown { reason: String },
}

/// Offers the mail once.
pub async fn send(settings: &SmtpSettings, password: Option<&SecretString>, item: &OutboxItem) -> SendOutcome {
    let conversation = Conversation { settings, limit: Duration::from_secs(settings.timeout_seconds.max(1)) };
    let mut connection = match conversation.open(password).await {
        Ok(connection) => connection,
        Err(reason) => return SendOutcome::Temporary { reason },
    };
    let outcome = match conversation.offer(&mut connection, item).await {
        Ok(()) => conversation.hand_over(&mut connection, &item.bytes).await,
        Err(refused) => refused,
    };
    // The verdict is in; how the farewell goes does not matter.
    let _ = tokio::time::timeout(FAREWELL, connection.abort()).await;
    outcome
}

/// Connects, logs in and says goodbye: what `podesk doctor` does.
///
/// # Errors
/// One sentence: what failed.
pub async fn probe(settings: &SmtpSettings, password: Option<&SecretString>) -> Result<(), String> {
    let conversation = Conversation { settings, limit: Duration::from_secs(settings.timeout_seconds.max(1)) };
    let mut connection = conversation.open(password).await?;
    let _ = tokio::time::timeout(FAREWELL, connection.abort()).await;
    Ok(())
}

struct Conversation<'s> {
    settings: &'s SmtpSettings,
    limit: Duration,
}

impl Conversation<'_> {
    /// Up to a connection that takes mail. No failure here says anything about the mail, so all of them may heal.
    async fn open(&self, password: Option<&SecretString>) -> Result<AsyncSmtpConnection, String> {
        if let Some(problem) = self.settings.problem() {
            return Err(problem);
        }
        let tls = self.tls()?;
        let implicit = if self.settings.security == Security::Tls { tls.clone() } else { None };
        let server = (self.settings.host.as_str(), self.settings.port());
        let name = ClientId::default();
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(self.limit), &name, implicit, None);
        let mut connection = self.within("connecting", connecting).await.map_err(|failure| failure.text)?;
        if let (Security::Starttls, Some(tls)) = (self.settings.security, tls) {
            self.within("STARTTLS", connection.starttls(tls, &name)).await.map_err(|failure| failure.text)?;
        }
        if !self.settings.user.is_empty() {
            let password = password.ok_or("`smtp.user` is set, but there is no password")?;
            let credentials = Credentials::new(self.settings.user.clone(), password.expose_secret().to_owned());
            self.within("logging in", connection.auth(DEFAULT_MECHANISMS, &credentials)).await.map_err(|failure| failure.text)?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<Option<TlsParameters>, String> {
        if self.settings.security == Security::Plain {
            return Ok(None);
        }
        let mut parameters = TlsParameters::builder(self.settings.host.clone());
        if let Some(path) = &self.settings.ca_file {
            let pem = std::fs::read(path).map_err(|error| format!("cannot read `smtp.ca_file` {}: {error}", path.display()))?;
            let authority =
                Certificate::from_pem(&pem).map_err(|error| format!("`smtp.ca_file` {}: {}", path.display(), chain(&error)))?;
            parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(authority);
        }
        parameters.build().map(Some).map_err(|error| format!("TLS cannot be set up: {}", chain(&error)))
    }

    /// Envelope up to the server's "go ahead". Until then the receiver has nothing.
    async fn offer(&self, connection: &mut AsyncSmtpConnection, item: &OutboxItem) -> Result<(), SendOutcome> {
        let unusable =
            |what: &str| SendOutcome::Permanent { reason: format!("the {what} address of the stored mail cannot be used") };
        let sender = sender_of(&item.bytes).ok_or_else(|| unusable("sender"))?;
        self.within("MAIL FROM", connection.command(Mail::new(Some(sender), Vec::new()))).await.map_err(Failure::before_data)?;
        for recipient in std::iter::once(&item.to).chain(&item.cc) {
            let recipient = recipient.parse::<Address>().map_err(|_| unusable("recipient"))?;
            self.within("RCPT TO", connection.command(Rcpt::new(recipient, Vec::new()))).await.map_err(Failure::before_data)?;
        }
        self.within("DATA", connection.command(Data)).await.map_err(Failure::before_data)?;
        Ok(())
    }

    /// The mail itself and the final dot. From here on only a reply proves anything.
    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, bytes: &[u8]) -> SendOutcome {
        let extra = EXTRA_SECONDS_PER_MEGABYTE.saturating_mul(bytes.len() as u64) / 1_000_000;
        let patient = Conversation { settings: self.settings, limit: self.limit + Duration::from_secs(extra) };
        match patient.within("the reply to the mail", connection.message(bytes)).await {
            Ok(reply) => SendOutcome::Sent { reply: one_line(&reply) },
            Err(failure) => failure.after_data(),
        }
    }

    async fn within<T>(&self, step: &str, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        match tokio::time::timeout(self.limit, doing).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Failure { text: format!("{step}: {}", chain(&error)), verdict: Verdict::of(&error) }),
            Err(_) => {
                Err(Failure { text: format!("{step}: no answer in {} seconds", self.limit.as_secs()), verdict: Verdict::None })
            }
        }
    }
}

/// A step that did not succeed, and whether the server said why.
struct Failure {
    text: String,
    verdict: Verdict,
}

enum Verdict {
    Temporary,
    Permanent,
    /// No reply, or none that can be understood.
    None,
}

impl Verdict {
    fn of(error: &Error) -> Self {
        let code = error.status().map(|code| code.to_string()).unwrap_or_default();
        if AUTHENTICATION_CODES.contains(&code.as_str()) {
            Self::Temporary
        } else if error.is_permanent() {
            Self::Permanent
        } else if error.is_transient() {
            Self::Temporary
        } else {
            Self::None
        }
    }
}

impl Failure {
    fn before_data(self) -> SendOutcome {
        match self.verdict {
            Verdict::Permanent => SendOutcome::Permanent { reason: self.text },
            Verdict::Temporary | Verdict::None => SendOutcome::Temporary { reason: self.text },
        }
    }

    fn after_data(self) -> SendOutcome {
        match self.verdict {
            Verdict::Permanent => SendOutcome::Permanent { reason: self.text },
            Verdict::Temporary => SendOutcome::Temporary { reason: self.text },
            Verdict::None => SendOutcome::Unknown { reason: self.text },
        }
    }
}

/// The address in the `From` header of a mail that `mail::render` made: our own, so the first header of that name is it.
fn sender_of(bytes: &[u8]) -> Option<Address> {
    let head = bytes.split(|byte| *byte == b'\n').take_while(|line| !matches!(line, [] | [b'\r']));
    let mut value = String::new();
    for line in head {
        let line = std::str::from_utf8(line).ok()?.trim_end();
        match line.strip_prefix("From:") {
            Some(start) if value.is_empty() => start.clone_into(&mut value),
            Some(_) | None if value.is_empty() => {}
            Some(_) | None if line.starts_with([' ', '\t']) => value.push_str(line),
            Some(_) | None => break,
        }
    }
    let bare = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    match bare {
        Some(address) => address.trim().parse().ok(),
        None => value.trim().parse::<Mailbox>().ok().map(|mailbox| mailbox.email),
    }
}

/// The server's own words, on one line and cut: they end up in the store and on the desk.
fn one_line(reply: &Response) -> String {
    let text: Vec<&str> = reply.message().collect();
    let text = format!("{} {}", reply.code(), text.join(" "));
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

/// An error and its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_for_this_machine_unless_allowed() {
        let plain = |host: &str, allow_plain| {
            SmtpSettings { host: host.into(), security: Security::Plain, allow_plain, ..SmtpSettings::default() }
                .problem()
                .is_none()
        };
        assert!(plain("127.0.0.1", false) && plain("localhost", false) && plain("::1", false));
        assert!(!plain("mail.example.com", false) && plain("mail.example.com", true));
        assert!(SmtpSettings::default().problem().is_some());
    }

    #[test]
    fn the_sender_is_read_from_our_own_header() {
        let of = |text: &str| sender_of(text.as_bytes()).map(|address| address.to_string());
        assert_eq!(of("Date: x\r\nFrom: Us <us@x.example>\r\n\r\nhi"), Some("us@x.example".into()));
        assert_eq!(
            of("From: =?utf-8?b?QXVm?=\r\n =?utf-8?b?QXVm?= <us@x.example>\r\nTo: <b@c.d>\r\n\r\n"),
            Some("us@x.example".into())
        );
        assert_eq!(of("From: us@x.example\r\n\r\n"), Some("us@x.example".into()));
        assert_eq!(of("To: a@b.example\r\n\r\nFrom: us@x.example"), None);
    }
}
