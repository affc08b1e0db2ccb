//! One look into a mailbox: what is new is stored, what is done is moved, what is due is left in Drafts. Called on a wake-up by the
//! server and on a timer; never relies on \Seen, which belongs to people.

use super::{Desk, FlowError};
use crate::app::breakpoint::breakpoint;
use crate::intake::imap::{After, Connection};
use crate::intake::{RawItem, ledger};
use crate::model::Sha256;
use crate::outbound::Route;
use crate::store::UidEntry;

/// What one look did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Poll {
    pub stored: usize,
    pub finished: usize,
    pub drafted: usize,
}

impl Desk {
    /// Looks once. An error means: drop the connection, open another one later; nothing is lost.
    pub async fn poll(&self, mailbox: &mut Connection) -> Result<Poll, FlowError> {
        let stored = self.fetch_new(mailbox).await?;
        let finished = self.finish_done(mailbox).await?;
        let drafted = self.send_due(Route::Draft, Some(mailbox)).await?;
        Ok(Poll { stored, finished, drafted })
    }

    async fn fetch_new(&self, mailbox: &mut Connection) -> Result<usize, FlowError> {
        let settings = &self.config.mailbox;
        let selected = mailbox.select(&settings.folder).await?;
        let place = |uid: u32, problem: Option<String>, sha256: Option<Sha256>| UidEntry {
            account: settings.name.clone(),
            folder: settings.folder.clone(),
            uid_validity: selected.uid_validity,
            uid,
            sha256,
            problem,
        };
        self.note_renumbering(selected.uid_validity).await?;
        let known = self.db.known_uids(&settings.name, &settings.folder, selected.uid_validity).await?;
        let new = ledger::new_uids(&mailbox.uids().await?, &known);
        if new.is_empty() {
            return Ok(0);
        }
        let plan = ledger::plan_fetch(&mailbox.sizes(&new).await?, settings.max_mail_bytes());
        let mut stored = 0;
        for batch in plan.batches {
            let mut items = Vec::with_capacity(batch.len());
            for mail in mailbox.fetch(&batch).await? {
                let source = format!("{}/{}/{}", settings.name, settings.folder, mail.uid);
                let entry = place(mail.uid, None, Some(Sha256::of(&mail.bytes)));
                items.push((RawItem::Mail { source, bytes: mail.bytes }, Some(entry)));
            }
            breakpoint("mail_fetched");
            stored += self.take_in(&items).await?.iter().filter(|taken| taken.is_new).count();
        }
        if !plan.too_large.is_empty() {
            let mut tx = self.db.begin().await?;
            for (uid, size) in plan.too_large {
                let problem = format!("{} MB: larger than `mailbox.max_mail_mb`, left where it is", size >> 20);
                tracing::warn!(uid, size, "a mail is too large to be taken in");
                tx.note_uid(&place(uid, Some(problem), None)).await?;
            }
            tx.commit().await?;
        }
        Ok(stored)
    }

    /// A server that numbered its mails anew is worth a line in the log: every mail is fetched again and known ones are recognised by
    /// their bytes.
    async fn note_renumbering(&self, now: u32) -> Result<(), FlowError> {
        let settings = &self.config.mailbox;
        let before = self.db.known_uid_validities(&settings.name, &settings.folder).await?;
        if !before.is_empty() && !before.contains(&now) {
            tracing::warn!(
                folder = settings.folder,
                uid_validity = now,
                "the server numbered its mails anew; all are looked at again"
            );
        }
        Ok(())
    }

    /// Moves or flags the mails that have their outcome. Only now: the outcome is durable.
    async fn finish_done(&self, mailbox: &mut Connection) -> Result<usize, FlowError> {
        let settings = &self.config.mailbox;
        if settings.after == After::None {
            return Ok(0);
        }
        let selected = mailbox.select(&settings.folder).await?;
        let done = self.db.uids_to_finish(&settings.name, &settings.folder, selected.uid_validity).await?;
        if done.is_empty() {
            return Ok(0);
        }
        let plan = ledger::plan_finish(&done, &mailbox.uids().await?);
        let acted = plan.act.len();
        for uid in plan.act {
            mailbox.finish(uid, settings.after).await?;
            breakpoint("mail_moved");
            self.note_finished(selected.uid_validity, uid).await?;
        }
        for uid in plan.gone {
            self.note_finished(selected.uid_validity, uid).await?;
        }
        Ok(acted)
    }

    async fn note_finished(&self, uid_validity: u32, uid: u32) -> Result<(), FlowError> {
        let settings = &self.config.mailbox;
        let mut tx = self.db.begin().await?;
        tx.mark_uid_finished(&settings.name, &settings.folder, uid_validity, uid).await?;
        tx.commit().await?;
        Ok(())
    }
}
