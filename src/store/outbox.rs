//! What is to leave, and how far it got. The bytes are fixed when the item is queued, so every attempt says the same; whether to
//! try again is the sender's decision, and an attempt of unknown outcome is said aloud, never repeated blindly (DOMAIN 52).

use super::error::StoreError;
use super::link::{Row, args, list, word};
use super::{Db, Tx};
use crate::model::OrderNumber;
use crate::outbound::{OutboxItem, Route};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an item of the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    Queued,
    /// An attempt began; found so after a crash, nobody knows whether it left.
    Sending,
    Sent,
    /// Put into the Drafts folder.
    Drafted,
    /// Written to a folder.
    Written,
    Failed,
    /// The attempt ended without an answer: a person or a look into the Sent folder decides.
    Unknown,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendState {
    Sent,
    Drafted,
    Written,
    Failed,
    Unknown,
    /// It surely did not leave; try again then.
    Retry {
        at: Timestamp,
    },
}

/// An item of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRecord {
    pub item: OutboxItem,
    pub state: NoticeState,
    /// Attempts begun.
    pub attempts: u32,
    pub due: Timestamp,
    /// When the last attempt began.
    pub started_at: Option<Timestamp>,
    /// The last answer: of a server, or of ourselves.
    pub note: String,
}

macro_rules! select_notices {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, order_number, route, recipient, cc, subject, message_id, bytes, state, attempts, due_at, \
             started_at, note FROM outbox ",
            $rest
        )
    };
}

impl Tx {
    /// Queues an item. Queueing the same id again is an error of the caller: one id, one mail.
    pub async fn enqueue_notice(&mut self, item: &OutboxItem, due: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO outbox (id, kind, order_number, route, recipient, cc, subject, message_id, bytes, state, attempts,
                       due_at, note)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', 0, $10, '')";
        let args = args![
            &item.id,
            word(&item.kind),
            &item.order,
            word(&item.route),
            &item.to,
            list(&item.cc)?,
            &item.subject,
            &item.message_id,
            item.bytes.as_slice(),
            due,
        ];
        self.exec("outbox", sql, args).await.map(drop)
    }

    /// Claims an item for one attempt: commit this before the attempt. `false`: another sender has it, or it is done.
    pub async fn start_sending(&mut self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql =
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, started_at = $1 WHERE id = $2 AND state = 'queued'";
        Ok(self.exec("outbox", sql, args![now, id]).await? == 1)
    }

    /// Says how an attempt ended; also settles an item of unknown outcome.
    pub async fn finish_sending(&mut self, id: &str, state: SendState, note: &str) -> Result<(), StoreError> {
        let (state, due) = match state {
            SendState::Sent => (NoticeState::Sent, None),
            SendState::Drafted => (NoticeState::Drafted, None),
            SendState::Written => (NoticeState::Written, None),
            SendState::Failed => (NoticeState::Failed, None),
            SendState::Unknown => (NoticeState::Unknown, None),
            SendState::Retry { at } => (NoticeState::Queued, Some(at)),
        };
        let sql = "UPDATE outbox SET state = $1, note = $2, due_at = COALESCE($3, due_at)
                   WHERE id = $4 AND state IN ('sending', 'unknown')";
        let touched = self.exec("outbox", sql, args![word(&state), note, due, id]).await?;
        if touched == 1 { Ok(()) } else { Err(StoreError::NotThere { what: "outbox item being sent", key: id.into() }) }
    }
}

impl Db {
    /// Queued items of one route whose time has come, oldest first. What cannot leave by another route does not hold them up.
    pub async fn due_notices(&self, route: Route, now: Timestamp, limit: u32) -> Result<Vec<NoticeRecord>, StoreError> {
        let sql = select_notices!("WHERE state = 'queued' AND route = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3");
        let rows = self.all("outbox", sql, args![word(&route), now, limit]).await?;
        rows.iter().map(notice_from).collect()
    }

    /// Items whose attempt began before that time and never ended: the sender crashed, and the outcome is unknown.
    pub async fn interrupted_notices(&self, started_before: Timestamp) -> Result<Vec<NoticeRecord>, StoreError> {
        let sql = select_notices!("WHERE state = 'sending' AND started_at < $1 ORDER BY started_at, id");
        let rows = self.all("outbox", sql, args![started_before]).await?;
        rows.iter().map(notice_from).collect()
    }

    pub async fn notice(&self, id: &str) -> Result<Option<NoticeRecord>, StoreError> {
        let row = self.one("outbox", select_notices!("WHERE id = $1"), args![id]).await?;
        row.map(|row| notice_from(&row)).transpose()
    }

    /// Everything that was to be said about an order, oldest first.
    pub async fn notices_of(&self, order: &OrderNumber) -> Result<Vec<NoticeRecord>, StoreError> {
        let rows = self.all("outbox", select_notices!("WHERE order_number = $1 ORDER BY id"), args![order]).await?;
        rows.iter().map(notice_from).collect()
    }

    /// Items in one state, latest first: for `doctor` and the desk.
    pub async fn notices_in(&self, state: NoticeState, limit: u32) -> Result<Vec<NoticeRecord>, StoreError> {
        let sql = select_notices!("WHERE state = $1 ORDER BY due_at DESC, id DESC LIMIT $2");
        let rows = self.all("outbox", sql, args![word(&state), limit]).await?;
        rows.iter().map(notice_from).collect()
    }
}

fn notice_from(row: &Row) -> Result<NoticeRecord, StoreError> {
    let item = OutboxItem {
        id: row.text("id")?,
        kind: row.word("kind")?,
        order: OrderNumber(row.text("order_number")?),
        route: row.word("route")?,
        to: row.text("recipient")?,
        cc: row.list("cc")?,
        subject: row.text("subject")?,
        message_id: row.text("message_id")?,
        bytes: row.bytes("bytes")?,
    };
    Ok(NoticeRecord {
        item,
        state: row.word("state")?,
        attempts: row.number("attempts")?,
        due: row.time("due_at")?,
        started_at: row.time_or_none("started_at")?,
        note: row.text("note")?,
    })
}
