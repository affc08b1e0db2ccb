//! Learned templates as they are kept: who taught them in which case, how often they were used and corrected, and whether they still count.
//!
//! A template is never deleted: one that no longer counts says why.

use super::error::StoreError;
use super::link::{Row, args};
use super::{Db, Tx, payload};
use crate::model::{Account, CaseNumber};
use crate::reading::extraction::template::Template;
use jiff::Timestamp;

/// A learned template with its fate.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateRecord {
    /// `T-000001`.
    pub number: String,
    /// A mail domain, or a whole address at a free-mail domain; empty for files that came without a mail.
    pub sender: String,
    pub account: Account,
    pub case: CaseNumber,
    pub learned_at: Timestamp,
    /// Documents that were read by it, and how many of these a person corrected.
    pub used: u64,
    pub corrected: u64,
    pub is_active: bool,
    /// Why it is not, any more.
    pub ended: String,
    pub template: Template,
}

/// Layouts of one sender that are looked at for a document: more would be no layouts.
const MOST_OF_SENDER: u32 = 40;

impl Tx {
    /// Stores a new template and gives it its number.
    pub async fn insert_template(
        &mut self,
        sender: &str,
        account: &Account,
        case: &CaseNumber,
        template: &Template,
        at: Timestamp,
    ) -> Result<String, StoreError> {
        let number = format!("T-{:06}", self.count_up("template").await?);
        let sql = "INSERT INTO templates (number, sender, account, case_number, learned_at, active, ended, body)
                   VALUES ($1, $2, $3, $4, $5, 1, '', $6)";
        let args =
            args![number.as_str(), super::link::index_key(sender), account, case, at, payload::to_text("a template", template)?];
        self.exec("templates", sql, args).await?;
        Ok(number)
    }

    /// Counts one document that was read by it.
    pub async fn count_template_use(&mut self, number: &str) -> Result<(), StoreError> {
        self.exec("templates", "UPDATE templates SET used = used + 1 WHERE number = $1", args![number]).await.map(drop)
    }

    pub async fn count_template_correction(&mut self, number: &str) -> Result<(), StoreError> {
        self.exec("templates", "UPDATE templates SET corrected = corrected + 1 WHERE number = $1", args![number]).await.map(drop)
    }

    /// From now on it does not count. False where it did not before.
    pub async fn end_template(&mut self, number: &str, why: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE templates SET active = 0, ended = $1 WHERE number = $2 AND active = 1";
        Ok(self.exec("templates", sql, args![why, number]).await? == 1)
    }
}

impl Db {
    /// The templates that count for a sender, the newest first.
    pub async fn templates_of(&self, sender: &str) -> Result<Vec<TemplateRecord>, StoreError> {
        let sql = "SELECT number, sender, account, case_number, learned_at, used, corrected, active, ended, body FROM templates
                   WHERE sender = $1 AND active = 1 ORDER BY number DESC LIMIT $2";
        let rows = self.all("templates", sql, args![super::link::index_key(sender), MOST_OF_SENDER]).await?;
        rows.iter().map(record_from).collect()
    }

    /// All of them, or those that count, the newest first.
    pub async fn templates(&self, only_active: bool, limit: u32) -> Result<Vec<TemplateRecord>, StoreError> {
        let sql = "SELECT number, sender, account, case_number, learned_at, used, corrected, active, ended, body FROM templates
                   WHERE active >= $1 ORDER BY number DESC LIMIT $2";
        let rows = self.all("templates", sql, args![only_active, limit]).await?;
        rows.iter().map(record_from).collect()
    }

    pub async fn template(&self, number: &str) -> Result<Option<TemplateRecord>, StoreError> {
        let sql = "SELECT number, sender, account, case_number, learned_at, used, corrected, active, ended, body FROM templates
                   WHERE number = $1";
        self.one("templates", sql, args![number]).await?.map(|row| record_from(&row)).transpose()
    }
}

fn record_from(row: &Row) -> Result<TemplateRecord, StoreError> {
    Ok(TemplateRecord {
        number: row.text("number")?,
        sender: row.text("sender")?,
        account: Account::new(row.text("account")?),
        case: CaseNumber::new(row.text("case_number")?),
        learned_at: row.time("learned_at")?,
        used: row.number("used")?,
        corrected: row.number("corrected")?,
        is_active: row.flag("active")?,
        ended: row.text("ended")?,
        template: row.payload("body")?,
    })
}
