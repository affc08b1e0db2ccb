//! Which mail of which mailbox folder was seen, and whether the mailbox was told that the work is done.
//!
//! Keyed by (account, folder, UIDVALIDITY, UID), never by flags that people change. The rules of the ledger are intake's.

use super::error::StoreError;
use super::link::{args, index_key};
use super::{Db, Tx};
use crate::model::Sha256;
use std::collections::BTreeSet;

/// A mail as the mailbox names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UidEntry {
    pub account: String,
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
    /// `None` where it could not be taken in.
    pub sha256: Option<Sha256>,
    /// Why it could not, or what was odd about it.
    pub problem: Option<String>,
}

impl Tx {
    /// Notes that a mail was seen. Noting it again may add its digest and replaces the problem.
    pub async fn note_uid(&mut self, entry: &UidEntry) -> Result<(), StoreError> {
        let sql = "INSERT INTO uids (account, folder, uid_validity, uid, sha256, problem) VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (account, folder, uid_validity, uid) DO UPDATE SET
                       sha256 = COALESCE(excluded.sha256, uids.sha256), problem = excluded.problem";
        let args = args![
            index_key(&entry.account),
            index_key(&entry.folder),
            entry.uid_validity,
            entry.uid,
            entry.sha256.as_ref(),
            entry.problem.as_ref(),
        ];
        self.exec("uids", sql, args).await.map(drop)
    }

    /// Notes that the mailbox was told (moved, flagged, or nothing to do by policy).
    pub async fn mark_uid_finished(&mut self, account: &str, folder: &str, uid_validity: u32, uid: u32) -> Result<(), StoreError> {
        let sql = "UPDATE uids SET finished = 1 WHERE account = $1 AND folder = $2 AND uid_validity = $3 AND uid = $4";
        let touched = self.exec("uids", sql, args![index_key(account), index_key(folder), uid_validity, uid]).await?;
        if touched == 1 { Ok(()) } else { Err(StoreError::NotThere { what: "mail with UID", key: uid.to_string() }) }
    }
}

impl Db {
    /// The UIDs noted so far, those with a problem included.
    pub async fn known_uids(&self, account: &str, folder: &str, uid_validity: u32) -> Result<BTreeSet<u32>, StoreError> {
        let sql = "SELECT uid FROM uids WHERE account = $1 AND folder = $2 AND uid_validity = $3";
        let rows = self.all("uids", sql, args![index_key(account), index_key(folder), uid_validity]).await?;
        rows.iter().map(|row| row.number("uid")).collect()
    }

    /// Mails whose work is finished and whose mailbox action is not, ascending.
    pub async fn uids_to_finish(&self, account: &str, folder: &str, uid_validity: u32) -> Result<Vec<(u32, Sha256)>, StoreError> {
        let sql = "SELECT uids.uid, uids.sha256 FROM uids JOIN messages ON messages.sha256 = uids.sha256
                   WHERE uids.account = $1 AND uids.folder = $2 AND uids.uid_validity = $3 AND uids.finished = 0
                     AND messages.outcome IS NOT NULL
                   ORDER BY uids.uid";
        let rows = self.all("uids", sql, args![index_key(account), index_key(folder), uid_validity]).await?;
        rows.iter().map(|row| Ok((row.number("uid")?, Sha256(row.text("sha256")?)))).collect()
    }

    /// Every UIDVALIDITY that this folder was seen with.
    pub async fn known_uid_validities(&self, account: &str, folder: &str) -> Result<BTreeSet<u32>, StoreError> {
        let sql = "SELECT DISTINCT uid_validity FROM uids WHERE account = $1 AND folder = $2";
        let rows = self.all("uids", sql, args![index_key(account), index_key(folder)]).await?;
        rows.iter().map(|row| row.number("uid_validity")).collect()
    }

    /// Mails that could not be taken in, newest UID first: listed for a person.
    pub async fn uid_problems(&self, limit: u32) -> Result<Vec<UidEntry>, StoreError> {
        let sql = "SELECT account, folder, uid_validity, uid, sha256, problem FROM uids WHERE problem IS NOT NULL
                   ORDER BY uid_validity DESC, uid DESC LIMIT $1";
        let rows = self.all("uids", sql, args![limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(UidEntry {
                    account: row.text("account")?,
                    folder: row.text("folder")?,
                    uid_validity: row.number("uid_validity")?,
                    uid: row.number("uid")?,
                    sha256: row.text_or_none("sha256")?.map(Sha256),
                    problem: row.text_or_none("problem")?,
                })
            })
            .collect()
    }
}
