//! One connection to a mailbox: look, fetch, finish, wait, put a draft.
//!
//! Built on the library's lowest layer, because the higher one reads a failed or cut FETCH and SEARCH as an empty one: here every
//! command ends with its own tagged OK or it is an error, and after an error other than a refusal nothing works any more.

use super::answer::{MailData, Said};
use super::error::{ImapError, short};
use super::settings::{After, Auth, ImapSettings};
use super::stream::{BoxedStream, connect};
use super::utf7;
use super::xoauth2::Xoauth2;
use async_imap::Session;
use async_imap::imap_proto::RequestId;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// Routers forget silent connections; no IDLE lasts longer than this.
const MAX_IDLE: Duration = Duration::from_secs(10 * 60);
/// A server that does not answer DONE is gone.
const DONE_LIMIT: Duration = Duration::from_secs(15);
/// The slowest line that is put up with when mails are fetched, bytes a second.
const SLOWEST_LINE: u64 = 50_000;
/// UIDs named in one command.
const UIDS_A_COMMAND: usize = 500;
/// The keyword that marks a finished mail.
const DONE_KEYWORD: &str = "$PodeskDone";

/// A folder as it was when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    pub uid_validity: u32,
    pub uid_next: u32,
    pub exists: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedMail {
    pub uid: u32,
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
pub struct Connection {
    session: Session<BoxedStream>,
    timeout: Duration,
    drafts_folder: String,
    processed_folder: String,
    /// Upper case.
    capabilities: HashSet<String>,
    /// Mails in the open folder, as far as the server told.
    exists: u32,
    /// What broke the connection, if it is broken.
    broken: bool,
}

impl Connection {
    /// Connects, secures, logs in. The secret is the password or the OAuth token.
    pub async fn open(settings: &ImapSettings, secret: SecretString) -> Result<Self, ImapError> {
        let limit = settings.timeout();
        timeout(limit, Self::open_unlimited(settings, secret))
            .await
            .unwrap_or(Err(ImapError::Timeout { during: "connecting and logging in", limit }))
    }

    async fn open_unlimited(settings: &ImapSettings, secret: SecretString) -> Result<Self, ImapError> {
        let client = connect(settings).await?;
        let user = settings.user.as_str();
        let login = match settings.auth {
            Auth::Password => client.login(user, secret.expose_secret()).await,
            Auth::Xoauth2 => client.authenticate("XOAUTH2", Xoauth2 { user, token: &secret, answered: false }).await,
        };
        let session = login.map_err(|(error, _)| match error {
            async_imap::error::Error::No(answer) | async_imap::error::Error::Bad(answer) => {
                ImapError::Login { user: user.to_owned(), answer: short(&answer) }
            }
            other => ImapError::of("logging in", other),
        })?;
        let mut connection = Self {
            session,
            timeout: settings.timeout(),
            drafts_folder: settings.drafts_folder.clone(),
            processed_folder: settings.processed_folder.clone(),
            capabilities: HashSet::new(),
            exists: 0,
            broken: false,
        };
        connection.read_capabilities().await?;
        Ok(connection)
    }

    async fn read_capabilities(&mut self) -> Result<(), ImapError> {
        for said in self.run("asking what it can do", "CAPABILITY", 0).await? {
            if let Said::Capabilities(names) = said {
                self.capabilities.extend(names);
            }
        }
        Ok(())
    }

    /// Whether the server announces mail by itself.
    pub fn can_idle(&self) -> bool {
        self.capabilities.contains("IDLE")
    }

    /// Opens a folder for reading, moving and flagging.
    pub async fn select(&mut self, folder: &str) -> Result<Selected, ImapError> {
        const DURING: &str = "opening the folder";
        self.exists = 0;
        let answer = self.run(DURING, &format!("SELECT {}", quoted_folder(folder)?), 0).await?;
        let mut selected = Selected { uid_validity: 0, uid_next: 0, exists: self.exists };
        for said in answer {
            match said {
                Said::UidValidity(value) => selected.uid_validity = value,
                Said::UidNext(value) => selected.uid_next = value,
                _ => {}
            }
        }
        if selected.uid_validity == 0 {
            // Without it no mail has a lasting name.
            return Err(self.nonsense(DURING, "no UIDVALIDITY"));
        }
        Ok(selected)
    }

    /// All UIDs of the open folder, ascending. What is new among them is the ledger's business: asking the server for "new" mails, by
    /// flag or by `n:*`, gives wrong answers (the last mail always matches `n:*`, and people read mails).
    pub async fn uids(&mut self) -> Result<Vec<u32>, ImapError> {
        const DURING: &str = "listing the mails";
        let expected = self.exists;
        let answer = self.run(DURING, "UID SEARCH ALL", 0).await?;
        let mut found: Option<BTreeSet<u32>> = None;
        for said in answer {
            if let Said::Found(uids) = said {
                found.get_or_insert_default().extend(uids);
            }
        }
        match found {
            Some(uids) => Ok(uids.into_iter().collect()),
            None if expected == 0 => Ok(Vec::new()),
            None => Err(self.nonsense(DURING, "no list, but the folder is not empty")),
        }
    }

    /// Sizes in bytes, ascending by UID. A mail that is gone is missing.
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, ImapError> {
        let mut sizes = BTreeMap::new();
        for some in uids.chunks(UIDS_A_COMMAND) {
            let answer = self.run("asking for sizes", &format!("UID FETCH {} (UID RFC822.SIZE)", uid_set(some)), 0).await?;
            for said in answer {
                if let Said::Mail(MailData { uid: Some(uid), size: Some(size), .. }) = said {
                    sizes.insert(uid, size);
                }
            }
        }
        sizes.retain(|uid, _| uids.contains(uid));
        Ok(sizes.into_iter().collect())
    }

    /// The raw mails, ascending by UID, without marking them as read. One that is gone is missing. Ask for one batch of
    /// `ledger::plan_fetch` at a time: everything is held in memory.
    pub async fn fetch(&mut self, uids: &[u32]) -> Result<Vec<FetchedMail>, ImapError> {
        let bytes: u64 = self.sizes(uids).await?.iter().map(|(_, size)| size).sum();
        let mut mails = BTreeMap::new();
        for some in uids.chunks(UIDS_A_COMMAND) {
            let answer = self.run("fetching mails", &format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(some)), bytes).await?;
            for said in answer {
                // Others may come unasked: changed flags, or mails that another program fetches.
                if let Said::Mail(MailData { uid: Some(uid), body: Some(body), .. }) = said {
                    mails.insert(uid, body);
                }
            }
        }
        mails.retain(|uid, _| uids.contains(uid));
        Ok(mails.into_iter().map(|(uid, bytes)| FetchedMail { uid, bytes }).collect())
    }

    /// Moves or marks one mail of the open folder. May be repeated: a mail that is gone is finished. A refused move is an error, after
    /// which the connection still works; a refused mark (some servers know no keywords) is not: the ledger knows without it.
    pub async fn finish(&mut self, uid: u32, after: After) -> Result<(), ImapError> {
        match after {
            After::None => Ok(()),
            After::Flag => {
                let command = format!("UID STORE {uid} +FLAGS.SILENT ({DONE_KEYWORD})");
                if let Err(error) = self.try_run("marking a mail", &command, 0).await? {
                    tracing::warn!(uid, %error, "the mail server does not keep the mark of a finished mail");
                }
                Ok(())
            }
            After::Move => {
                let folder = self.processed_folder.clone();
                let verb = if self.capabilities.contains("MOVE") { "MOVE" } else { "COPY" };
                let command = format!("UID {verb} {uid} {}", quoted_folder(&folder)?);
                match self.try_run("moving a mail", &command, 0).await? {
                    Ok(_) => {}
                    Err(ImapError::Refused { try_create: true, .. }) => {
                        self.create(&folder).await?;
                        self.run("moving a mail", &command, 0).await?;
                    }
                    Err(error) => return Err(error),
                }
                if verb == "COPY" { self.remove_copied(uid).await } else { Ok(()) }
            }
        }
    }

    /// The second half of a move for servers without MOVE. Mails that other programs have marked as deleted must survive it.
    async fn remove_copied(&mut self, uid: u32) -> Result<(), ImapError> {
        const DURING: &str = "moving a mail";
        self.run(DURING, &format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"), 0).await?;
        if self.capabilities.contains("UIDPLUS") {
            return self.run(DURING, &format!("UID EXPUNGE {uid}"), 0).await.map(drop);
        }
        let answer = self.run(DURING, "UID SEARCH DELETED", 0).await?;
        let deleted = answer.into_iter().filter_map(|said| if let Said::Found(uids) = said { Some(uids) } else { None });
        if deleted.flatten().all(|other| other == uid) { self.run(DURING, "EXPUNGE", 0).await.map(drop) } else { Ok(()) }
    }

    /// Waits until the server announces something, `longest` is over, or `stop` is done. Whatever ended it, the caller looks again:
    /// an announcement is a hint, and no announcement is no proof. A dead connection is an error, never a quiet mailbox.
    pub async fn wait(&mut self, longest: Duration, stop: impl Future<Output = ()>) -> Result<(), ImapError> {
        let longest = longest.min(MAX_IDLE);
        let mut stop = std::pin::pin!(stop);
        if !self.can_idle() {
            tokio::select! {
                () = &mut stop => {}
                () = tokio::time::sleep(longest) => {}
            }
            return self.run("looking for life", "NOOP", 0).await.map(drop);
        }
        const DURING: &str = "waiting for mail";
        self.usable(DURING)?;
        let id = self.within(DURING, self.timeout, async |this| this.session.run_command("IDLE").await).await?;
        let mut accepted = false;
        let deadline = tokio::time::sleep(longest);
        let mut deadline = std::pin::pin!(deadline);
        loop {
            let answer = tokio::select! {
                biased;
                () = &mut stop, if accepted => break,
                () = &mut deadline, if accepted => break,
                answer = timeout(if accepted { MAX_IDLE + DONE_LIMIT } else { self.timeout }, next(&mut self.session)) => answer,
            };
            match self.heard(DURING, answer, self.timeout)? {
                Said::Continue => accepted = true,
                Said::Done { text, .. } => return Err(refused(DURING, text)),
                // "Still here" is no news.
                Said::Remark => {}
                _ if accepted => break,
                // Announced before the server began to wait: looking again right after the go-ahead loses nothing.
                _ => deadline.as_mut().reset(tokio::time::Instant::now()),
            }
        }
        self.within(DURING, DONE_LIMIT, async |this| this.session.run_command_untagged("DONE").await).await?;
        self.read_to_end(DURING, &id, DONE_LIMIT).await?.map(drop)
    }

    /// Puts a mail into a drafts folder: the one named, else the configured one, else the server's own. Creates it where it is missing.
    /// Returns the folder's name.
    pub async fn append_draft(&mut self, folder: &str, bytes: &[u8]) -> Result<String, ImapError> {
        const DURING: &str = "putting a draft";
        let folder = self.drafts(folder).await?;
        if !self.folder_exists(&folder).await? {
            self.create(&folder).await?;
        }
        let command = format!("APPEND {} (\\Draft \\Seen) {{{}}}", quoted_folder(&folder)?, bytes.len());
        let limit = self.limit_for(bytes.len() as u64);
        self.usable(DURING)?;
        let id = self.within(DURING, self.timeout, async |this| this.session.run_command(&command).await).await?;
        loop {
            let answer = timeout(self.timeout, next(&mut self.session)).await;
            match self.heard(DURING, answer, self.timeout)? {
                Said::Continue => break,
                Said::Done { text, .. } => return Err(refused(DURING, text)),
                _ => {}
            }
        }
        let send = async |this: &mut Self| {
            let stream = this.session.get_mut();
            stream.write_all(bytes).await?;
            stream.write_all(b"\r\n").await?;
            Ok(stream.flush().await?)
        };
        self.within(DURING, limit, send).await?;
        self.read_to_end(DURING, &id, limit).await??;
        Ok(folder)
    }

    /// Whether the folder holds a mail with this Message-ID (without angle brackets). The open folder is another one afterwards: select
    /// again before anything else.
    pub async fn find_by_message_id(&mut self, folder: &str, id: &str) -> Result<bool, ImapError> {
        const DURING: &str = "looking for a draft";
        let folder = self.drafts(folder).await?;
        if !self.folder_exists(&folder).await? {
            return Ok(false);
        }
        self.run(DURING, &format!("EXAMINE {}", quoted_folder(&folder)?), 0).await?;
        let answer = self.run(DURING, &format!("UID SEARCH HEADER Message-ID {}", quoted(&format!("<{id}>"))?), 0).await?;
        Ok(answer.iter().any(|said| matches!(said, Said::Found(uids) if !uids.is_empty())))
    }

    async fn drafts(&mut self, named: &str) -> Result<String, ImapError> {
        if !named.is_empty() {
            return Ok(named.to_owned());
        }
        if !self.drafts_folder.is_empty() {
            return Ok(self.drafts_folder.clone());
        }
        let answer = self.run("looking for the drafts folder", "LIST \"\" \"*\"", 0).await?;
        let special = answer.into_iter().find_map(|said| match said {
            Said::Folder { name, is_drafts: true, .. } => Some(utf7::decode(&name)),
            _ => None,
        });
        Ok(special.unwrap_or_else(|| "Drafts".to_owned()))
    }

    async fn folder_exists(&mut self, folder: &str) -> Result<bool, ImapError> {
        let answer = self.run("looking for a folder", &format!("LIST \"\" {}", quoted_folder(folder)?), 0).await?;
        Ok(answer.iter().any(|said| matches!(said, Said::Folder { can_be_opened: true, .. })))
    }

    async fn create(&mut self, folder: &str) -> Result<(), ImapError> {
        self.run("making a folder", &format!("CREATE {}", quoted_folder(folder)?), 0).await.map(drop)
    }

    /// Says goodbye. A server that does not answer makes no difference.
    pub async fn close(mut self) {
        if !self.broken {
            drop(timeout(DONE_LIMIT, self.session.logout()).await);
        }
    }
}

/// A line that was waited for.
type Heard = Result<io::Result<Option<Said>>, tokio::time::error::Elapsed>;

/// What came before a command's tagged OK.
type Answer = Vec<Said>;

/// The plumbing below the verbs.
impl Connection {
    async fn run(&mut self, during: &'static str, command: &str, bytes: u64) -> Result<Answer, ImapError> {
        self.try_run(during, command, bytes).await?
    }

    /// The outer error means that the connection is gone; the inner one is a NO or BAD, after which it could go on.
    async fn try_run(&mut self, during: &'static str, command: &str, bytes: u64) -> Result<Result<Answer, ImapError>, ImapError> {
        self.usable(during)?;
        let id = self.within(during, self.timeout, async |this| this.session.run_command(command).await).await?;
        self.read_to_end(during, &id, self.limit_for(bytes)).await
    }

    fn limit_for(&self, bytes: u64) -> Duration {
        self.timeout + Duration::from_secs(bytes / SLOWEST_LINE)
    }

    async fn read_to_end(
        &mut self,
        during: &'static str,
        id: &RequestId,
        limit: Duration,
    ) -> Result<Result<Answer, ImapError>, ImapError> {
        let end = tokio::time::Instant::now() + limit;
        let mut untagged = Vec::new();
        loop {
            let answer = tokio::time::timeout_at(end, next(&mut self.session)).await;
            match self.heard(during, answer, limit)? {
                Said::Done { tag, .. } if tag != id.0 => {
                    return Err(self.nonsense(during, "an answer to something that was not asked"));
                }
                Said::Done { ok: true, .. } => return Ok(Ok(untagged)),
                Said::Done { text, try_create, .. } => return Ok(Err(ImapError::Refused { during, answer: text, try_create })),
                said => untagged.push(said),
            }
        }
    }

    /// What was said, or the error that silence, the end of the stream, a farewell or garbage is. Keeps count of the open folder.
    fn heard(&mut self, during: &'static str, answer: Heard, limit: Duration) -> Result<Said, ImapError> {
        let error = match answer {
            Ok(Ok(Some(Said::Bye(reason)))) => ImapError::Closed { during, reason: Some(reason) },
            Ok(Ok(Some(said))) => {
                match said {
                    Said::Exists(count) => self.exists = count,
                    Said::Expunged => self.exists = self.exists.saturating_sub(1),
                    _ => {}
                }
                return Ok(said);
            }
            Ok(Ok(None)) => ImapError::Closed { during, reason: None },
            Ok(Err(error)) => ImapError::of_io(during, &error),
            Err(_) => ImapError::Timeout { during, limit },
        };
        Err(self.fail(error))
    }

    async fn within<T>(
        &mut self,
        during: &'static str,
        limit: Duration,
        action: impl AsyncFnOnce(&mut Self) -> Result<T, async_imap::error::Error>,
    ) -> Result<T, ImapError> {
        match timeout(limit, action(self)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.fail(ImapError::of(during, error))),
            Err(_) => Err(self.fail(ImapError::Timeout { during, limit })),
        }
    }

    fn usable(&self, during: &'static str) -> Result<(), ImapError> {
        if self.broken { Err(ImapError::Closed { during, reason: Some("it failed before".into()) }) } else { Ok(()) }
    }

    fn fail(&mut self, error: ImapError) -> ImapError {
        self.broken = true;
        error
    }

    fn nonsense(&mut self, during: &'static str, problem: &str) -> ImapError {
        self.fail(ImapError::Nonsense { during, problem: problem.to_owned() })
    }
}

/// One line from the server. May be dropped while it waits: what has been read stays in the session.
async fn next(session: &mut Session<BoxedStream>) -> io::Result<Option<Said>> {
    Ok(session.read_response().await?.map(|response| Said::of(response.parsed())))
}

fn refused(during: &'static str, answer: String) -> ImapError {
    ImapError::Refused { during, answer, try_create: false }
}

/// `1:3,7` for 1, 2, 3 and 7.
fn uid_set(uids: &[u32]) -> String {
    let sorted: BTreeSet<u32> = uids.iter().copied().collect();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in sorted {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == uid => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let shown = ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}:{last}") });
    shown.collect::<Vec<_>>().join(",")
}

fn quoted_folder(name: &str) -> Result<String, ImapError> {
    quoted(&utf7::encode(name))
}

fn quoted(text: &str) -> Result<String, ImapError> {
    if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(ImapError::Unspeakable(text.to_owned()));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_uids_are_short() {
        assert_eq!(uid_set(&[7, 1, 2, 3, 9, 10]), "1:3,7,9:10");
        assert_eq!(uid_set(&[5]), "5");
    }

    #[test]
    fn nothing_breaks_out_of_a_quoted_string() {
        assert_eq!(quoted("a\"b\\c").expect("speakable"), "\"a\\\"b\\\\c\"");
        assert!(quoted("a\r\nb").is_err());
    }
}
