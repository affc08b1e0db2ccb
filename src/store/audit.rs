//! Who did what, when: one row an action, written in the transaction of the action.

use super::error::StoreError;
use super::link::args;
use super::{Db, Tx};
use jiff::Timestamp;

/// One action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// A user's name, or `podesk`.
    pub actor: String,
    /// A word: `approved`, `placed`.
    pub action: String,
    /// What it was done to: `SO-000001`, `R-000001`.
    pub subject: String,
    pub detail: String,
}

impl Tx {
    /// Notes an action.
    pub async fn note(&mut self, actor: &str, action: &str, subject: &str, detail: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)";
        self.exec("audit", sql, args![at, actor, action, super::link::index_key(subject), detail]).await.map(drop)
    }
}

impl Db {
    /// What was done to `subject` (to anything, where empty), latest first.
    pub async fn audit(&self, subject: &str, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let sql =
            "SELECT id, at, actor, action, subject, detail FROM audit WHERE ($1 = '' OR subject = $1) ORDER BY id DESC LIMIT $2";
        let rows = self.all("audit", sql, args![super::link::index_key(subject), limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    at: row.time("at")?,
                    actor: row.text("actor")?,
                    action: row.text("action")?,
                    subject: row.text("subject")?,
                    detail: row.text("detail")?,
                })
            })
            .collect()
    }
}
