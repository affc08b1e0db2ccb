//! Command and answer: how is something said to a mail server so that a cut, a lie or a silence is never taken for an answer?
//!
//! A command ends with its own tagged answer or not at all. From its first byte until then the conversation counts as broken, so that one
//! that was given up half-way (an error, a timeout, a dropped future) can never be mistaken for the answer to the next command.

use super::answer::Said;
use super::error::ImapError;
use super::stream::BoxedStream;
use async_imap::Session;
use async_imap::imap_proto::RequestId;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout, timeout_at};

/// The slowest line that is put up with when mails travel, bytes a second.
const SLOWEST_LINE: u64 = 50_000;

/// What came before a command's tagged OK.
pub(super) type Answer = Vec<Said>;

#[derive(Debug)]
pub(super) struct Conversation {
    session: Session<BoxedStream>,
    /// Longest wait for an answer.
    pub patience: Duration,
    /// Mails in the open folder, as far as the server told.
    pub exists: u32,
    broken: bool,
}

/// A command that was said and not answered yet.
pub(super) struct Asked {
    id: RequestId,
    during: &'static str,
}

impl Conversation {
    pub(super) fn new(session: Session<BoxedStream>, patience: Duration) -> Self {
        Self { session, patience, exists: 0, broken: false }
    }

    /// Says a command and waits for its end. A refusal (NO or BAD) is an error too, but leaves the conversation whole.
    pub(super) async fn ask(&mut self, during: &'static str, command: &str) -> Result<Answer, ImapError> {
        self.ask_for(during, command, 0).await
    }

    /// For an answer of so many bytes.
    pub(super) async fn ask_for(&mut self, during: &'static str, command: &str, bytes: u64) -> Result<Answer, ImapError> {
        let asked = self.start(during, command).await?;
        self.end(asked, bytes).await
    }

    pub(super) async fn start(&mut self, during: &'static str, command: &str) -> Result<Asked, ImapError> {
        if std::mem::replace(&mut self.broken, true) {
            return Err(ImapError::Closed { during, reason: Some("it failed before".into()) });
        }
        let said = timeout(self.patience, self.session.run_command(command)).await;
        let id = said.map_err(|_| self.timed_out(during))?.map_err(|error| ImapError::of(during, error))?;
        Ok(Asked { id, during })
    }

    /// Reads until the command is answered.
    pub(super) async fn end(&mut self, asked: Asked, bytes: u64) -> Result<Answer, ImapError> {
        let limit = self.limit_for(bytes);
        let end = Instant::now() + limit;
        let during = asked.during;
        let mut untagged = Vec::new();
        loop {
            let heard = timeout_at(end, self.hear(during)).await;
            match heard.map_err(|_| ImapError::Timeout { during, limit })?? {
                Said::Done { tag, .. } if tag != asked.id.0 => {
                    return Err(ImapError::Nonsense { during, problem: "an answer to something that was not asked".into() });
                }
                Said::Done { ok, text, try_create, .. } => {
                    self.broken = false;
                    return if ok { Ok(untagged) } else { Err(ImapError::Refused { during, answer: text, try_create }) };
                }
                said => untagged.push(said),
            }
        }
    }

    /// Waits for the server's go-ahead in the middle of a command. Whatever it says before that is looked at by `before`.
    pub(super) async fn go_ahead(&mut self, asked: &Asked, mut before: impl FnMut(&Said)) -> Result<(), ImapError> {
        let during = asked.during;
        let end = Instant::now() + self.patience;
        loop {
            let heard = timeout_at(end, self.hear(during)).await;
            match heard.map_err(|_| self.timed_out(during))?? {
                Said::Continue => return Ok(()),
                Said::Done { text, .. } => {
                    self.broken = false;
                    return Err(ImapError::Refused { during, answer: text, try_create: false });
                }
                said => before(&said),
            }
        }
    }

    /// One thing that the server says. The end of the stream, a farewell and garbage are errors. May be dropped while it waits: what has
    /// been read of a line stays in the session.
    pub(super) async fn hear(&mut self, during: &'static str) -> Result<Said, ImapError> {
        let response = self.session.read_response().await.map_err(|error| ImapError::of_io(during, &error))?;
        let Some(response) = response else { return Err(ImapError::Closed { during, reason: None }) };
        let said = Said::of(response.parsed());
        match &said {
            Said::Bye(reason) => return Err(ImapError::Closed { during, reason: Some(reason.clone()) }),
            Said::Exists(count) => self.exists = *count,
            Said::Expunged => self.exists = self.exists.saturating_sub(1),
            _ => {}
        }
        Ok(said)
    }

    /// Sends bytes and a line end after a go-ahead.
    pub(super) async fn send(&mut self, asked: &Asked, bytes: &[u8]) -> Result<(), ImapError> {
        let limit = self.limit_for(bytes.len() as u64);
        let stream = self.session.get_mut();
        let write = async {
            stream.write_all(bytes).await?;
            stream.write_all(b"\r\n").await?;
            stream.flush().await
        };
        let written = timeout(limit, write).await;
        written
            .map_err(|_| ImapError::Timeout { during: asked.during, limit })?
            .map_err(|error| ImapError::of_io(asked.during, &error))
    }

    /// Says goodbye. A server that does not answer makes no difference.
    pub(super) async fn close(mut self) {
        if !self.broken {
            drop(timeout(self.patience, self.session.logout()).await);
        }
    }

    fn limit_for(&self, bytes: u64) -> Duration {
        self.patience + Duration::from_secs(bytes / SLOWEST_LINE)
    }

    fn timed_out(&self, during: &'static str) -> ImapError {
        ImapError::Timeout { during, limit: self.patience }
    }
}
