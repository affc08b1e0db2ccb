//! What was taken in, byte for byte, and what came of it: raw mails and documents, one record a message, what was read from each.
//!
//! Identity is the SHA-256 of the raw bytes. A Message-ID is only a hint: many mails have none, and anybody may repeat one.

use super::error::StoreError;
use super::link::{Row, args, index_key, list, word};
use super::{Db, Tx, payload};
use crate::intake::Nature;
use crate::model::{CaseNumber, Code, Draft, OrderNumber, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A raw mail, RFC 5322.
    Mail,
    /// A file that came without a mail.
    Document,
}

/// Something taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    pub sha256: Sha256,
    pub kind: ItemKind,
    /// The file's name; for showing only.
    pub name: String,
    /// Where it came from, in words: `imap main/INBOX 17`, a path.
    pub source: String,
    pub received_at: Timestamp,
    pub bytes: Vec<u8>,
}

/// What came of a message. The text forms are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    OrderPlaced,
    OrderChanged,
    OrderCancelled,
    /// A person must look at an order.
    Review,
    /// A person must answer a mail that is no order.
    Question,
    Duplicate,
    Ignored,
    Failed,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order_placed",
            Self::OrderChanged => "order_changed",
            Self::OrderCancelled => "order_cancelled",
            Self::Review => "review",
            Self::Question => "question",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }
}

/// A notice that a message led to, as `ingest --json` names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftNote {
    /// The outbox item.
    pub id: String,
    pub to: String,
    pub subject: String,
    /// Without angle brackets.
    pub message_id: String,
}

/// One message and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    pub sha256: Sha256,
    pub message_id: Option<String>,
    pub subject: String,
    /// The sender's address; empty for a bare document.
    pub from: String,
    /// `None` for a bare document.
    pub nature: Option<Nature>,
    /// `None` while the work is not finished.
    pub outcome: Option<Outcome>,
    pub reasons: Vec<Code>,
    /// One sentence.
    pub why: String,
    pub orders: Vec<OrderNumber>,
    pub cases: Vec<CaseNumber>,
    pub drafts: Vec<DraftNote>,
    pub received_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// What was read from one part of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingRecord {
    /// `body`, or the place of the attachment: `2`, `3.1`.
    pub part: String,
    pub document: Sha256,
    pub name: String,
    pub draft: Draft,
}

macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "SELECT sha256, message_id, subject, sender, nature, outcome, reasons, why, orders, cases, drafts, received_at, \
             finished_at FROM messages ",
            $rest
        )
    };
}

impl Tx {
    /// Stores raw bytes under their digest; storing them again changes nothing.
    pub async fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256, StoreError> {
        let sha256 = Sha256::of(bytes);
        self.insert_blob(&sha256, bytes).await?;
        Ok(sha256)
    }

    async fn insert_blob(&mut self, sha256: &Sha256, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO blobs (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";
        self.exec("blobs", sql, args![sha256, bytes]).await.map(drop)
    }

    /// Stores something taken in. `false`: the same bytes were taken in before, and nothing was changed.
    pub async fn store_item(&mut self, item: &StoredItem) -> Result<bool, StoreError> {
        self.insert_blob(&item.sha256, &item.bytes).await?;
        let sql = "INSERT INTO items (sha256, kind, name, source, received_at) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (sha256) DO NOTHING";
        let args = args![&item.sha256, word(&item.kind), &item.name, &item.source, item.received_at];
        Ok(self.exec("items", sql, args).await? == 1)
    }

    /// Stores what is known of a message, over what was known before. Its item must be stored.
    pub async fn save_message(&mut self, message: &MessageRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO messages (sha256, message_id, subject, sender, nature, outcome, reasons, why, orders, cases, drafts,
                       received_at, finished_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                   ON CONFLICT (sha256) DO UPDATE SET message_id = excluded.message_id, subject = excluded.subject,
                       sender = excluded.sender, nature = excluded.nature, outcome = excluded.outcome, reasons = excluded.reasons,
                       why = excluded.why, orders = excluded.orders, cases = excluded.cases, drafts = excluded.drafts,
                       received_at = excluded.received_at, finished_at = excluded.finished_at";
        let args = args![
            &message.sha256,
            message.message_id.as_deref().map(index_key),
            &message.subject,
            &message.from,
            message.nature.as_ref().map(word),
            message.outcome.as_ref().map(word),
            list(&message.reasons)?,
            &message.why,
            list(&message.orders)?,
            list(&message.cases)?,
            list(&message.drafts)?,
            message.received_at,
            message.finished_at,
        ];
        self.exec("messages", sql, args).await.map(drop)
    }

    /// Stores what was read from one part of a message, over an earlier reading of it.
    pub async fn save_reading(
        &mut self,
        message: &Sha256,
        part: &str,
        document: &Sha256,
        name: &str,
        draft: &Draft,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO readings (message, part, document, name, draft) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (message, part) DO UPDATE SET document = excluded.document, name = excluded.name,
                       draft = excluded.draft";
        let args = args![message, part, document, name, payload::to_text("a draft", draft)?];
        self.exec("readings", sql, args).await.map(drop)
    }

    /// As `Db::message`, with what this transaction wrote.
    pub async fn message(&mut self, sha256: &Sha256) -> Result<Option<MessageRecord>, StoreError> {
        let row = self.one("messages", select_messages!("WHERE sha256 = $1"), args![sha256]).await?;
        row.map(|row| message_from(&row)).transpose()
    }
}

impl Db {
    pub async fn blob(&self, sha256: &Sha256) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.one("blobs", "SELECT sha256, bytes FROM blobs WHERE sha256 = $1", args![sha256]).await?;
        row.map(|row| row.bytes("bytes")).transpose()
    }

    /// What was taken in under this digest, bytes included.
    pub async fn item(&self, sha256: &Sha256) -> Result<Option<StoredItem>, StoreError> {
        let sql = "SELECT items.sha256, kind, name, source, received_at, bytes FROM items
                   JOIN blobs ON blobs.sha256 = items.sha256 WHERE items.sha256 = $1";
        let row = self.one("items", sql, args![sha256]).await?;
        row.map(|row| item_from(&row)).transpose()
    }

    /// Items taken in for which nothing is finished yet, oldest first: what a restart has to look after.
    pub async fn unfinished_items(&self, limit: u32) -> Result<Vec<Sha256>, StoreError> {
        let sql = "SELECT items.sha256 FROM items LEFT JOIN messages ON messages.sha256 = items.sha256
                   WHERE messages.outcome IS NULL ORDER BY items.received_at, items.sha256 LIMIT $1";
        let rows = self.all("items", sql, args![limit]).await?;
        rows.iter().map(|row| row.text("sha256").map(Sha256)).collect()
    }

    pub async fn message(&self, sha256: &Sha256) -> Result<Option<MessageRecord>, StoreError> {
        let row = self.one("messages", select_messages!("WHERE sha256 = $1"), args![sha256]).await?;
        row.map(|row| message_from(&row)).transpose()
    }

    /// Newest first.
    pub async fn messages(&self, limit: u32) -> Result<Vec<MessageRecord>, StoreError> {
        let rows = self.all("messages", select_messages!("ORDER BY received_at DESC, sha256 LIMIT $1"), args![limit]).await?;
        rows.iter().map(message_from).collect()
    }

    /// The oldest message with this Message-ID (without angle brackets).
    pub async fn message_by_message_id(&self, message_id: &str) -> Result<Option<MessageRecord>, StoreError> {
        let sql = select_messages!("WHERE message_id = $1 ORDER BY received_at, sha256 LIMIT 1");
        let row = self.one("messages", sql, args![index_key(message_id)]).await?;
        row.map(|row| message_from(&row)).transpose()
    }

    /// What was read from a message, in the order of its parts; the body first.
    pub async fn readings(&self, message: &Sha256) -> Result<Vec<ReadingRecord>, StoreError> {
        let sql = "SELECT message, part, document, name, draft FROM readings WHERE message = $1";
        let rows = self.all("readings", sql, args![message]).await?;
        let mut readings = rows.iter().map(reading_from).collect::<Result<Vec<_>, _>>()?;
        let place = |part: &str| part.split('.').map(|n| n.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
        readings.sort_by(|a, b| place(&a.part).cmp(&place(&b.part)).then_with(|| a.part.cmp(&b.part)));
        Ok(readings)
    }
}

impl Db {
    /// What was read from the mails that an order came from: its own placing, and later changes.
    pub async fn readings_of_order(&self, order: &OrderNumber) -> Result<Vec<ReadingRecord>, StoreError> {
        let sql = "SELECT r.message, r.part, r.document, r.name, r.draft FROM readings r JOIN messages m ON m.sha256 = r.message
                   WHERE m.orders LIKE $1 ORDER BY m.received_at, r.part";
        let rows = self.all("readings", sql, args![format!("%\"{order}\"%")]).await?;
        rows.iter().map(reading_from).collect()
    }
}

fn item_from(row: &Row) -> Result<StoredItem, StoreError> {
    Ok(StoredItem {
        sha256: Sha256(row.text("sha256")?),
        kind: row.word("kind")?,
        name: row.text("name")?,
        source: row.text("source")?,
        received_at: row.time("received_at")?,
        bytes: row.bytes("bytes")?,
    })
}

fn message_from(row: &Row) -> Result<MessageRecord, StoreError> {
    Ok(MessageRecord {
        sha256: Sha256(row.text("sha256")?),
        message_id: row.text_or_none("message_id")?,
        subject: row.text("subject")?,
        from: row.text("sender")?,
        nature: row.word_or_none("nature")?,
        outcome: row.word_or_none("outcome")?,
        reasons: row.list("reasons")?,
        why: row.text("why")?,
        orders: row.list("orders")?,
        cases: row.list("cases")?,
        drafts: row.list("drafts")?,
        received_at: row.time("received_at")?,
        finished_at: row.time_or_none("finished_at")?,
    })
}

fn reading_from(row: &Row) -> Result<ReadingRecord, StoreError> {
    Ok(ReadingRecord {
        part: row.text("part")?,
        document: Sha256(row.text("document")?),
        name: row.text("name")?,
        draft: row.payload("draft")?,
    })
}
