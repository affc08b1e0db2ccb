//! Settings: built-in defaults, then `agent.toml`, then the environment (`PODESK_<SECTION>__<KEY>`), the later ones winning.
//!
//! `agent.toml` at the root of the project is the reference: every key, commented, at its default; a test holds it to these types.
//! Secrets are never in the file: it names an environment variable, a file or a command that yields them.

use crate::deciding::Policy;
use crate::intake::imap::{self, ImapSettings, SecretError};
use crate::intake::mime::MailSettings;
use crate::intake::sources::SourceLimits;
use crate::model::Company;
use crate::outbound::Route;
use crate::outbound::smtp::SmtpSettings;
use crate::reading::confined::{ChildLimits, OcrSettings, Parser, ParserSettings};
use crate::reading::document::Limits;
use crate::reading::llm::LlmSettings;
use crate::store::StoreSettings;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that can be set, by section.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub company: Company,
    pub data: DataSettings,
    pub store: StoreSettings,
    pub mailbox: ImapSettings,
    pub intake: IntakeSettings,
    pub reading: ReadingSettings,
    pub llm: LlmSettings,
    pub deciding: Policy,
    pub outbound: OutboundSettings,
    pub smtp: SmtpSettings,
    pub web: WebSettings,
    pub service: ServiceSettings,
    pub log: LogSettings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSettings {
    /// Where the embedded database and written mails are.
    pub dir: PathBuf,
}

impl Default for DataSettings {
    fn default() -> Self {
        Self { dir: PathBuf::from("data") }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntakeSettings {
    /// A folder that is watched for mails and documents; none where empty.
    pub drop_folder: PathBuf,
    /// Limits on one mail and whom to believe about its sender.
    pub mail: MailSettings,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadingSettings {
    /// Tried on encrypted PDFs, in this order.
    pub pdf_passwords: Vec<String>,
    pub ocr: OcrSettings,
    pub limits: Limits,
    /// The confined children that parse.
    pub child: ChildLimits,
}

impl ReadingSettings {
    /// What parses documents: confined children of `program`, which is our own executable.
    pub fn parser(&self, program: PathBuf) -> Parser {
        let settings = ParserSettings {
            worker: program,
            limits: self.limits.clone(),
            ocr: self.ocr.clone(),
            pdf_passwords: self.pdf_passwords.clone(),
            child: self.child,
        };
        Parser::new(settings)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSettings {
    /// How confirmations leave.
    pub confirmation: Route,
    /// What they are from; the mailbox's user where empty.
    pub from_address: String,
    pub from_name: String,
    /// Where `folder` writes; `outbox` in the data folder where empty.
    pub folder: PathBuf,
    /// How long a notice waits before it leaves, so that an approval can be taken back.
    pub delay_seconds: u32,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            confirmation: Route::Draft,
            from_address: String::new(),
            from_name: String::new(),
            folder: PathBuf::new(),
            delay_seconds: 0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebSettings {
    /// Address and port of the review desk.
    pub listen: String,
    /// The address that browsers use, when a proxy stands before us: `https://desk.example.com`. Makes cookies `Secure`.
    pub public_url: String,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8420".into(), public_url: String::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceSettings {
    /// Mails worked on at the same time; 0 means one a processor.
    pub workers: usize,
    /// A worker that is silent for so long has lost its job to another.
    pub lease_seconds: u32,
    /// After so many failures a mail is listed as failed.
    pub attempts: u32,
    /// How long a stopping service waits for work in hand.
    pub stop_seconds: u32,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self { workers: 0, lease_seconds: 120, attempts: 3, stop_seconds: 30 }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    pub format: LogFormat,
    /// A tracing filter: `info`, `podesk=debug`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    /// The message of the TOML reader names line and key.
    #[error("{path}, {problem}")]
    File { path: PathBuf, problem: String },
    #[error("environment variable {variable}: {problem}")]
    Environment { variable: String, problem: String },
    #[error("`{key}`: {problem}")]
    Value { key: &'static str, problem: String },
    #[error("[{section}]: no password: environment variable `{variable}` is not set and `password_file` names no file")]
    NoSecret { section: &'static str, variable: String },
    #[error("[{section}]: cannot read the password from {path}")]
    SecretFile { section: &'static str, path: PathBuf, source: std::io::Error },
}

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "agent.toml";

impl Config {
    /// Reads `file` (or `agent.toml`, if there is one) and lays `environment` over it.
    pub fn load(file: Option<&Path>, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let default = Path::new(DEFAULT_FILE);
        let path = file.unwrap_or(default);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => String::new(),
            Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
        };
        Self::from_text(&text, path)?;
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| file_error(path, &text, &error))?;
        for (variable, value) in environment {
            lay_over(&mut table, variable, value)?;
        }
        table.try_into().map_err(|error: toml::de::Error| ConfigError::Environment {
            variable: environment.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
            problem: error.message().to_owned(),
        })
    }

    /// Reads settings from text; `path` is for the error alone.
    pub fn from_text(text: &str, path: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| file_error(path, text, &error))
    }

    /// Every `PODESK_<SECTION>__<KEY>` of this process.
    pub fn environment() -> Vec<(String, String)> {
        #[expect(clippy::disallowed_methods, reason = "this is where settings come from")]
        let all = std::env::vars_os();
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .filter(|(name, _)| name.starts_with("PODESK_") && name.contains("__"))
            .collect()
    }

    /// Limits on files taken in from disk: those of a mail.
    pub fn source_limits(&self) -> SourceLimits {
        SourceLimits { max_item_bytes: self.intake.mail.max_mail_bytes() as u64 }
    }

    /// Where notices are written that leave as files.
    pub fn outbox_folder(&self) -> PathBuf {
        if self.outbound.folder.as_os_str().is_empty() { self.data.dir.join("outbox") } else { self.outbound.folder.clone() }
    }

    /// The address that our notices are from.
    pub fn sender_address(&self) -> String {
        [&self.outbound.from_address, &self.mailbox.user]
            .into_iter()
            .find(|address| address.contains('@'))
            .cloned()
            .unwrap_or_else(|| format!("orders@{}", self.company.domains.first().map_or("localhost", String::as_str)))
    }
}

/// The mailbox's password or token, fresh.
pub async fn mailbox_secret(settings: &ImapSettings) -> Result<SecretString, SecretError> {
    #[expect(clippy::disallowed_methods, reason = "this is where settings come from")]
    imap::secret(settings, |variable| std::env::var(variable).ok()).await
}

/// A secret: from the environment variable that the settings name, else from the file that they name.
pub fn secret(section: &'static str, variable: &str, file: Option<&Path>) -> Result<SecretString, ConfigError> {
    if !variable.is_empty() {
        #[expect(clippy::disallowed_methods, reason = "this is where settings come from")]
        if let Ok(value) = std::env::var(variable) {
            return Ok(SecretString::from(value));
        }
    }
    match file {
        Some(path) => {
            let value = std::fs::read_to_string(path);
            let value = value.map_err(|source| ConfigError::SecretFile { section, path: path.to_owned(), source })?;
            Ok(SecretString::from(value.trim_end_matches(['\r', '\n']).to_owned()))
        }
        None => Err(ConfigError::NoSecret { section, variable: variable.to_owned() }),
    }
}

fn file_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let line = at.map(|line| format!("line {line}: ")).unwrap_or_default();
    ConfigError::File { path: path.to_owned(), problem: format!("{line}{}", error.message()) }
}

/// `PODESK_WEB__LISTEN=…` sets `web.listen`; more `__` go deeper. A value that is TOML (a number, `true`, a list) is taken as such.
fn lay_over(table: &mut toml::Table, variable: &str, value: &str) -> Result<(), ConfigError> {
    let problem = |problem: String| ConfigError::Environment { variable: variable.to_owned(), problem };
    let path: Vec<String> = variable.trim_start_matches("PODESK_").split("__").map(str::to_ascii_lowercase).collect();
    let (key, sections) = path.split_last().ok_or_else(|| problem("names no key".into()))?;
    let mut place = table;
    for section in sections {
        place = place
            .entry(section.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(|| problem(format!("`{section}` is not a section")))?;
    }
    let as_toml = toml::from_str::<toml::Table>(&format!("v = {value}")).ok().and_then(|mut parsed| parsed.remove("v"));
    // Refuse an unknown key or a wrong value now, while the variable that sets it is known.
    let check = |value: &toml::Value| nested(sections, key, value.clone()).try_into::<Config>().map(drop);
    let as_text = toml::Value::String(value.to_owned());
    let chosen = match as_toml {
        // A name or a password may well look like a number.
        Some(as_toml) => match check(&as_toml) {
            Ok(()) => as_toml,
            Err(_) if check(&as_text).is_ok() => as_text,
            Err(error) => return Err(problem(error.message().to_owned())),
        },
        None => {
            check(&as_text).map_err(|error: toml::de::Error| problem(error.message().to_owned()))?;
            as_text
        }
    };
    place.insert(key.clone(), chosen);
    Ok(())
}

fn nested(sections: &[String], key: &str, value: toml::Value) -> toml::Table {
    let mut table = toml::Table::from_iter([(key.to_owned(), value)]);
    for section in sections.iter().rev() {
        table = toml::Table::from_iter([(section.clone(), toml::Value::Table(table))]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("agent.toml");
        std::fs::write(&file, text).expect("a file is written");
        let environment: Vec<_> = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::load(Some(&file), &environment)
    }

    #[test]
    fn the_sample_has_every_key_at_its_default() {
        let sample: toml::Table = toml::from_str(include_str!("../../agent.toml")).expect("the sample is TOML");
        let defaults = toml::Table::try_from(Config::default()).expect("settings are TOML");
        assert_eq!(sample, defaults);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let error = load("[web]\nlisten = \"127.0.0.1:1\"\nlissten = \"x\"\n", &[]).expect_err("the key is wrong").to_string();
        assert!(error.contains("line 3") && error.contains("lissten"), "{error}");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load("[service]\nworkers = 3\n", &[("PODESK_SERVICE__WORKERS", "5"), ("PODESK_WEB__LISTEN", "[::1]:9")]);
        let config = config.expect("valid settings");
        assert_eq!((config.service.workers, config.web.listen.as_str()), (5, "[::1]:9"));
        let config = load("", &[("PODESK_COMPANY__NAME", "3600"), ("PODESK_SMTP__USER", "true")]).expect("names like other values");
        assert_eq!((config.company.name.as_str(), config.smtp.user.as_str()), ("3600", "true"));
        let error = load("", &[("PODESK_SERVICE__WORKERS", "many")]).expect_err("no number").to_string();
        assert!(error.contains("PODESK_SERVICE__WORKERS"), "{error}");
        let error = load("", &[("PODESK_SERVICE__WORKRES", "5")]).expect_err("the key is wrong").to_string();
        assert!(error.contains("PODESK_SERVICE__WORKRES") && error.contains("workres"), "{error}");
    }
}
