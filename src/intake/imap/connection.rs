//! One connection to a mailbox: look, fetch, finish, wait, put a draft.
//!
//! Built on the library's lowest layer (`conversation`), because the higher one reads a failed or cut FETCH and SEARCH as an empty one.

use super::answer::{MailData, Said};
use super::conversation::Conversation;
use super::error::{ImapError, short};
use super::settings::{After, Auth, ImapSettings};
use super::stream::connect;
use super::utf7;
use super::xoauth2::Xoauth2;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;
use tokio::time::timeout;

/// Routers forget silent connections; no IDLE lasts longer than this.
const MAX_IDLE: Duration = Duration::from_secs(10 * 60);
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
    server: Conversation,
    drafts_folder: String,
    processed_folder: String,
    /// Upper case.
    capabilities: HashSet<String>,
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
            server: Conversation::new(session, settings.timeout()),
            drafts_folder: settings.drafts_folder.clone(),
            processed_folder: settings.processed_folder.clone(),
            capabilities: HashSet::new(),
        };
        connection.read_capabilities().await?;
        Ok(connection)
    }

    async fn read_capabilities(&mut self) -> Result<(), ImapError> {
        for said in self.server.ask("asking what it can do", "CAPABILITY").await? {
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
        self.server.exists = 0;
        let answer = self.server.ask(DURING, &format!("SELECT {}", quoted_folder(folder)?)).await?;
        let mut selected = Selected { uid_validity: 0, uid_next: 0, exists: self.server.exists };
        for said in answer {
            match said {
                Said::UidValidity(value) => selected.uid_validity = value,
                Said::UidNext(value) => selected.uid_next = value,
                _ => {}
            }
        }
        if selected.uid_validity == 0 {
            // Without it no mail has a lasting name.
            return Err(nonsense(DURING, "no UIDVALIDITY"));
        }
        Ok(selected)
    }

    /// All UIDs of the open folder, ascending. What is new among them is the ledger's business: asking the server for "new" mails, by
    /// flag or by `n:*`, gives wrong answers (the last mail always matches `n:*`, and people read mails).
    pub async fn uids(&mut self) -> Result<Vec<u32>, ImapError> {
        const DURING: &str = "listing the mails";
        let expected = self.server.exists;
        let answer = self.server.ask(DURING, "UID SEARCH ALL").await?;
        let mut found: Option<BTreeSet<u32>> = None;
        for said in answer {
            if let Said::Found(uids) = said {
                found.get_or_insert_default().extend(uids);
            }
        }
        match found {
            Some(uids) => Ok(uids.into_iter().collect()),
            None if expected == 0 => Ok(Vec::new()),
            None => Err(nonsense(DURING, "no list, but the folder is not empty")),
        }
    }

    /// Sizes in bytes, ascending by UID. A mail that is gone is missing.
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, ImapError> {
        let mut sizes = BTreeMap::new();
        for some in uids.chunks(UIDS_A_COMMAND) {
            let answer = self.server.ask("asking for sizes", &format!("UID FETCH {} (UID RFC822.SIZE)", uid_set(some))).await?;
            for said in answer {
                if let Said::Mail(MailData { uid: Some(uid), size: Some(size), .. }) = said {
                    sizes.insert(uid, size);
                }
            }
        }
        let asked: BTreeSet<u32> = uids.iter().copied().collect();
        sizes.retain(|uid, _| asked.contains(uid));
        Ok(sizes.into_iter().collect())
    }

    /// The raw mails, ascending by UID, without marking them as read. One that is gone is missing. Ask for one batch of
    /// `ledger::plan_fetch` at a time: everything is held in memory.
    pub async fn fetch(&mut self, uids: &[u32]) -> Result<Vec<FetchedMail>, ImapError> {
        let bytes: u64 = self.sizes(uids).await?.iter().map(|(_, size)| size).sum();
        let mut mails = BTreeMap::new();
        for some in uids.chunks(UIDS_A_COMMAND) {
            let answer =
                self.server.ask_for("fetching mails", &format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(some)), bytes).await?;
            for said in answer {
                // Others may come unasked: changed flags, or mails that another program fetches.
                if let Said::Mail(MailData { uid: Some(uid), body: Some(body), .. }) = said {
                    mails.insert(uid, body);
                }
            }
        }
        let asked: BTreeSet<u32> = uids.iter().copied().collect();
        mails.retain(|uid, _| asked.contains(uid));
        Ok(mails.into_iter().map(|(uid, bytes)| FetchedMail { uid, bytes }).collect())
    }

    /// Moves or marks one mail of the open folder. May be repeated: a mail that is gone is finished. A refused move is an error, after
    /// which the connection still works; a refused mark (some servers know no keywords) is not: the ledger knows without it.
    pub async fn finish(&mut self, uid: u32, after: After) -> Result<(), ImapError> {
        match after {
            After::None => Ok(()),
            After::Flag => {
                let command = format!("UID STORE {uid} +FLAGS.SILENT ({DONE_KEYWORD})");
                match self.server.ask("marking a mail", &command).await {
                    Ok(_) => Ok(()),
                    Err(error @ ImapError::Refused { .. }) => {
                        tracing::warn!(uid, %error, "the mail server does not keep the mark of a finished mail");
                        Ok(())
                    }
                    Err(error) => Err(error),
                }
            }
            After::Move => {
                let folder = self.processed_folder.clone();
                let verb = if self.capabilities.contains("MOVE") { "MOVE" } else { "COPY" };
                let command = format!("UID {verb} {uid} {}", quoted_folder(&folder)?);
                match self.server.ask("moving a mail", &command).await {
                    Ok(_) => {}
                    Err(ImapError::Refused { try_create: true, .. }) => {
                        self.create(&folder).await?;
                        self.server.ask("moving a mail", &command).await?;
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
        self.server.ask(DURING, &format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await?;
        if self.capabilities.contains("UIDPLUS") {
            return self.server.ask(DURING, &format!("UID EXPUNGE {uid}")).await.map(drop);
        }
        let answer = self.server.ask(DURING, "UID SEARCH DELETED").await?;
        let deleted = answer.into_iter().filter_map(|said| if let Said::Found(uids) = said { Some(uids) } else { None });
        if deleted.flatten().all(|other| other == uid) { self.server.ask(DURING, "EXPUNGE").await.map(drop) } else { Ok(()) }
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
            return self.server.ask("looking for life", "NOOP").await.map(drop);
        }
        const DURING: &str = "waiting for mail";
        let idle = self.server.start(DURING, "IDLE").await?;
        // Announced before the server began to wait: looking again right after the go-ahead loses nothing.
        let mut has_news = false;
        self.server.go_ahead(&idle, |said| has_news |= is_news(said)).await?;
        let deadline = tokio::time::sleep(longest);
        let mut deadline = std::pin::pin!(deadline);
        while !has_news {
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = &mut deadline => break,
                said = self.server.hear(DURING) => has_news = is_news(&said?),
            }
        }
        self.server.send(&idle, b"DONE").await?;
        self.server.end(idle, 0).await.map(drop)
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
        let append = self.server.start(DURING, &command).await?;
        self.server.go_ahead(&append, |_| ()).await?;
        self.server.send(&append, bytes).await?;
        self.server.end(append, bytes.len() as u64).await?;
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
        self.server.ask(DURING, &format!("EXAMINE {}", quoted_folder(&folder)?)).await?;
        let answer =
            self.server.ask_for(DURING, &format!("UID SEARCH HEADER Message-ID {}", quoted(&format!("<{id}>"))?), 0).await?;
        Ok(answer.iter().any(|said| matches!(said, Said::Found(uids) if !uids.is_empty())))
    }

    async fn drafts(&mut self, named: &str) -> Result<String, ImapError> {
        if !named.is_empty() {
            return Ok(named.to_owned());
        }
        if !self.drafts_folder.is_empty() {
            return Ok(self.drafts_folder.clone());
        }
        let answer = self.server.ask("looking for the drafts folder", "LIST \"\" \"*\"").await?;
        let special = answer.into_iter().find_map(|said| match said {
            Said::Folder { name, is_drafts: true, .. } => Some(utf7::decode(&name)),
            _ => None,
        });
        Ok(special.unwrap_or_else(|| "Drafts".to_owned()))
    }

    async fn folder_exists(&mut self, folder: &str) -> Result<bool, ImapError> {
        let answer = self.server.ask("looking for a folder", &format!("LIST \"\" {}", quoted_folder(folder)?)).await?;
        Ok(answer.iter().any(|said| matches!(said, Said::Folder { can_be_opened: true, .. })))
    }

    async fn create(&mut self, folder: &str) -> Result<(), ImapError> {
        self.server.ask("making a folder", &format!("CREATE {}", quoted_folder(folder)?)).await.map(drop)
    }

    /// Says goodbye. A server that does not answer makes no difference.
    pub async fn close(self) {
        self.server.close().await;
    }
}

/// "Still here" is no news.
fn is_news(said: &Said) -> bool {
    !matches!(said, Said::Remark)
}

fn nonsense(during: &'static str, problem: &str) -> ImapError {
    ImapError::Nonsense { during, problem: problem.to_owned() }
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
