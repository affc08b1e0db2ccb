//! Where does the mailbox's password or token come from? A file, an environment variable or a command; never from `agent.toml` itself.

use super::settings::ImapSettings;
use secrecy::SecretString;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

const COMMAND_LIMIT: Duration = Duration::from_secs(30);
const MAX_SECRET_BYTES: u64 = 64 * 1024;

#[derive(Debug, Error)]
pub enum SecretError {
    #[error("no password for the mailbox: set `password_file`, `password_env` or `token_command`")]
    NotConfigured,
    #[error("the password file {path} cannot be read")]
    File { path: String, source: io::Error },
    #[error("the environment variable {0} of `password_env` is not set")]
    Variable(String),
    #[error("`token_command` cannot be run")]
    Command(#[source] io::Error),
    #[error("`token_command` failed ({0})")]
    CommandFailed(String),
    #[error("`token_command` printed nothing within {} s", COMMAND_LIMIT.as_secs())]
    CommandSilent,
    #[error("the password that {0} gives is empty")]
    Empty(&'static str),
}

/// The secret for this mailbox, fresh: a token from a command may be an hour old at most, so it is asked for at each connection.
/// `variable` looks up an environment variable.
pub async fn secret(settings: &ImapSettings, variable: impl Fn(&str) -> Option<String>) -> Result<SecretString, SecretError> {
    if !settings.token_command.trim().is_empty() {
        return from_command(&settings.token_command).await;
    }
    if let Some(path) = &settings.password_file {
        return from_file(path).await;
    }
    if settings.password_env.is_empty() {
        return Err(SecretError::NotConfigured);
    }
    let value = variable(&settings.password_env).ok_or_else(|| SecretError::Variable(settings.password_env.clone()))?;
    first_line(&value, "`password_env`")
}

async fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let text =
        tokio::fs::read_to_string(path).await.map_err(|source| SecretError::File { path: path.display().to_string(), source })?;
    warn_if_open(path).await;
    first_line(&text, "`password_file`")
}

/// A password that other users of the machine can read is worth a word; containers mount secrets so, and it is no reason to stop.
async fn warn_if_open(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(about) = tokio::fs::metadata(path).await
        && about.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "other users may read the password file; chmod 600 closes it");
    }
}

async fn from_command(command: &str) -> Result<SecretString, SecretError> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(SecretError::Command)?;
    let stdout = child.stdout.take().expect("standard output is piped");
    let answer = tokio::time::timeout(COMMAND_LIMIT, async {
        let mut text = String::new();
        stdout.take(MAX_SECRET_BYTES).read_to_string(&mut text).await?;
        Ok::<_, io::Error>((text, child.wait().await?))
    });
    let (text, status) = answer.await.map_err(|_| SecretError::CommandSilent)?.map_err(SecretError::Command)?;
    if !status.success() {
        return Err(SecretError::CommandFailed(status.to_string()));
    }
    first_line(&text, "`token_command`")
}

fn first_line(text: &str, source: &'static str) -> Result<SecretString, SecretError> {
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { Err(SecretError::Empty(source)) } else { Ok(SecretString::from(line)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    async fn read(settings: &ImapSettings) -> Result<String, String> {
        let variable = |name: &str| (name == "MAIL_PASSWORD").then(|| "from the environment".to_owned());
        secret(settings, variable).await.map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn each_source_gives_its_first_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, "from a file \n").expect("a file");
        let none = ImapSettings::default();
        let cases = [
            (ImapSettings { password_file: Some(file), ..none.clone() }, Ok("from a file ")),
            (ImapSettings { password_env: "MAIL_PASSWORD".into(), ..none.clone() }, Ok("from the environment")),
            (ImapSettings { token_command: "echo token; echo more".into(), ..none.clone() }, Ok("token")),
            (ImapSettings { token_command: "exit 3".into(), ..none.clone() }, Err("failed (exit status: 3)")),
            (ImapSettings { token_command: "true".into(), ..none.clone() }, Err("is empty")),
            (ImapSettings { password_env: "OTHER".into(), ..none.clone() }, Err("OTHER")),
            (ImapSettings { password_file: Some(folder.path().join("nowhere")), ..none.clone() }, Err("nowhere")),
            (none, Err("no password")),
        ];
        for (settings, expected) in cases {
            match (read(&settings).await, expected) {
                (Ok(secret), Ok(expected)) => assert_eq!(secret, expected),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (got, expected) => panic!("{got:?} instead of {expected:?}"),
            }
        }
    }
}
