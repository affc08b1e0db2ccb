//! What is due to leave, leaves: into the mailbox's Drafts folder, into a folder, or by SMTP. Called again and again; safe to repeat.
//!
//! A draft and a file are looked for before they are written, so a crash between writing and noting it leaves one, not two. A sent mail
//! cannot be looked for: when it is not known whether it arrived, it is not sent again, and a person is asked (DOMAIN 52).

use super::{Desk, FlowError, in_one_sentence};
use crate::app::breakpoint::breakpoint;
use crate::app::config;
use crate::intake::imap::Connection;
use crate::outbound::smtp::SendOutcome;
use crate::outbound::{OutboxItem, Route, folder, smtp};
use crate::store::{NoticeRecord, SendState};
use jiff::{SignedDuration, Timestamp};

/// How many notices one round takes.
const ROUND: u32 = 50;
/// How often a notice that fails for a passing reason is tried.
const ATTEMPTS: u32 = 12;

impl Desk {
    /// Sends, drafts or writes what is due by `route`; `mailbox` is needed for drafts. Returns how many left.
    pub async fn send_due(&self, route: Route, mut mailbox: Option<&mut Connection>) -> Result<usize, FlowError> {
        self.take_up_interrupted(route).await?;
        let mut left = 0;
        for notice in self.db.due_notices(route, self.clock.now(), ROUND).await? {
            left += usize::from(self.send_one(notice, mailbox.as_deref_mut()).await?);
        }
        Ok(left)
    }

    /// Attempts that began and never ended: the program died in between. A draft or a file can be looked for, so they are tried
    /// again; a sent mail cannot, so a person decides.
    async fn take_up_interrupted(&self, route: Route) -> Result<(), FlowError> {
        let now = self.clock.now();
        let patience = SignedDuration::from_secs(i64::from(self.config.service.lease_seconds));
        for notice in self.db.interrupted_notices(now - patience).await?.into_iter().filter(|notice| notice.item.route == route) {
            let (state, note) = match route {
                Route::Draft | Route::Folder => {
                    (SendState::Retry { at: now }, "interrupted; looked for before it is written again")
                }
                Route::Send => (SendState::Unknown, "the program stopped while this was being sent; look into the Sent folder"),
            };
            self.finish(&notice.item, state, note).await?;
        }
        Ok(())
    }

    async fn send_one(&self, notice: NoticeRecord, mailbox: Option<&mut Connection>) -> Result<bool, FlowError> {
        let NoticeRecord { item, attempts, .. } = notice;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let is_ours = tx.start_sending(&item.id, now).await?;
        tx.commit().await?;
        if !is_ours {
            return Ok(false);
        }
        breakpoint("notice_started");
        let (state, note) = match item.route {
            Route::Draft => self.leave_draft(&item, mailbox, attempts, now).await?,
            Route::Folder => match folder::write(&self.config.outbox_folder(), &item) {
                Ok(path) => (SendState::Written, path.display().to_string()),
                Err(error) => retry(attempts, now, &in_one_sentence(&error)),
            },
            Route::Send => self.send_by_smtp(&item, attempts, now).await?,
        };
        breakpoint("notice_left");
        let has_left = matches!(state, SendState::Sent | SendState::Drafted | SendState::Written);
        self.finish(&item, state, &note).await?;
        breakpoint("notice_finished");
        Ok(has_left)
    }

    async fn send_by_smtp(&self, item: &OutboxItem, attempts: u32, now: Timestamp) -> Result<(SendState, String), FlowError> {
        let settings = &self.config.smtp;
        let password = match settings.user.is_empty() {
            true => None,
            false => match config::secret("smtp", &settings.password_env, settings.password_file.as_deref()) {
                Ok(password) => Some(password),
                // Nothing was sent, and somebody can still set the password.
                Err(error) => return Ok(retry(attempts, now, &in_one_sentence(&error))),
            },
        };
        Ok(match smtp::send(settings, password.as_ref(), item).await {
            SendOutcome::Sent { reply } => (SendState::Sent, reply),
            SendOutcome::Temporary { reason } => retry(attempts, now, &reason),
            SendOutcome::Permanent { reason } => (SendState::Failed, reason),
            SendOutcome::Unknown { reason } => (SendState::Unknown, reason),
        })
    }

    async fn leave_draft(
        &self,
        item: &OutboxItem,
        mailbox: Option<&mut Connection>,
        attempts: u32,
        now: Timestamp,
    ) -> Result<(SendState, String), FlowError> {
        let Some(mailbox) = mailbox else {
            return Ok(retry(attempts, now, "no mailbox is configured to leave drafts in"));
        };
        // No name: the folder that the settings or the server call Drafts.
        if mailbox.find_by_message_id("", &item.message_id).await? {
            return Ok((SendState::Drafted, "it was there already".into()));
        }
        let folder = mailbox.append_draft("", &item.bytes).await?;
        Ok((SendState::Drafted, folder))
    }

    async fn finish(&self, item: &OutboxItem, state: SendState, note: &str) -> Result<(), FlowError> {
        let mut tx = self.db.begin().await?;
        tx.finish_sending(&item.id, state, note).await?;
        tx.commit().await?;
        tracing::info!(order = %item.order, notice = %item.id, ?state, "notice handled");
        Ok(())
    }
}

/// Tries again after 1, 2, 4 ... minutes, an hour at most; gives up after `ATTEMPTS`.
fn retry(attempts: u32, now: Timestamp, why: &str) -> (SendState, String) {
    if attempts >= ATTEMPTS {
        return (SendState::Failed, why.to_owned());
    }
    let minutes = 1i64 << attempts.min(6);
    (SendState::Retry { at: now + SignedDuration::from_mins(minutes.min(60)) }, why.to_owned())
}
