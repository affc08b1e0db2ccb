//! The language model's books: what it has cost by day and by document, and the approved documents that it is shown.

use super::error::StoreError;
use super::link::{Row, args, list, word};
use super::{Db, Tx};
use crate::model::{Account, OrderNumber, Sha256};
use crate::reading::llm::CameTo;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt;

/// The spend of one day (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LlmSpend {
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Millionths of the currency that the prices are configured in.
    pub micros: u64,
}

/// What the model had to do with one document of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LlmUse {
    pub message: Sha256,
    /// `body`, or the place of the attachment.
    pub part: String,
    pub document: Sha256,
    /// The document's name.
    pub name: String,
    pub model: String,
    /// Names and hash of the prompts.
    pub prompts: String,
    pub came_to: CameTo,
    pub calls: u32,
    #[serde(flatten)]
    pub spend: LlmSpend,
    /// The approved documents that were shown as examples.
    pub examples: Vec<Sha256>,
    pub at: Timestamp,
}

/// All documents of which asking the model came to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LlmTotal {
    pub came_to: CameTo,
    pub documents: u64,
    pub calls: u64,
    pub spend: LlmSpend,
}

/// An approved document as an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmExample {
    pub account: Account,
    pub document: Sha256,
    /// The document's rows.
    pub body: String,
    /// JSON of the prompt's schema.
    pub answer: String,
    pub approved_by: String,
    pub approved_at: Timestamp,
}

/// One line for a person: `language model qwen2.5 read it: 2 questions, 3021 + 1427 tokens, cost 0.0043`.
impl fmt::Display for LlmUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.came_to {
            CameTo::Reading => "read it",
            CameTo::Nothing => "gave no reading",
            CameTo::NoBudget => "was not asked, the budget is spent",
        };
        let questions = if self.calls == 1 { "question" } else { "questions" };
        let LlmSpend { tokens_in, tokens_out, .. } = self.spend;
        write!(f, "language model {} {what}: {} {questions}, {tokens_in} + {tokens_out} tokens", self.model, self.calls)?;
        match self.spend.cost() {
            cost if cost.is_zero() => Ok(()),
            cost => write!(f, ", cost {cost}"),
        }
    }
}

impl LlmSpend {
    /// In the currency that the prices are configured in.
    pub fn cost(&self) -> Decimal {
        Decimal::new(i64::try_from(self.micros).unwrap_or(i64::MAX), 6).normalize()
    }
}

macro_rules! select_uses {
    ($rest:literal) => {
        concat!(
            "SELECT u.message, u.part, u.document, u.name, u.model, u.prompts, u.came_to, u.calls, u.tokens_in, u.tokens_out, \
             u.micros, u.examples, u.at FROM llm_uses u ",
            $rest
        )
    };
}

impl Tx {
    /// Adds to what a day has cost. A failed call that was billed counts too.
    pub async fn add_llm_spend(&mut self, day: Date, tokens_in: u64, tokens_out: u64, micros: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO llm_spend (day, tokens_in, tokens_out, micros) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (day) DO UPDATE SET tokens_in = llm_spend.tokens_in + excluded.tokens_in,
                       tokens_out = llm_spend.tokens_out + excluded.tokens_out, micros = llm_spend.micros + excluded.micros";
        self.exec("llm_spend", sql, args![day, bounded(tokens_in)?, bounded(tokens_out)?, bounded(micros)?]).await.map(drop)
    }

    /// Adds what the model had to do with a document to what it had before; the item must be stored.
    pub async fn add_llm_use(&mut self, used: &LlmUse) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO llm_uses (message, part, document, name, model, prompts, came_to, calls, tokens_in, tokens_out, micros,
                       examples, at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                   ON CONFLICT (message, part) DO UPDATE SET document = excluded.document, name = excluded.name,
                       model = excluded.model, prompts = excluded.prompts, came_to = excluded.came_to,
                       calls = llm_uses.calls + excluded.calls, tokens_in = llm_uses.tokens_in + excluded.tokens_in,
                       tokens_out = llm_uses.tokens_out + excluded.tokens_out, micros = llm_uses.micros + excluded.micros,
                       examples = excluded.examples, at = excluded.at";
        let args = args![
            &used.message,
            &used.part,
            &used.document,
            &used.name,
            &used.model,
            &used.prompts,
            word(&used.came_to),
            i64::from(used.calls),
            bounded(used.spend.tokens_in)?,
            bounded(used.spend.tokens_out)?,
            bounded(used.spend.micros)?,
            list(&used.examples)?,
            used.at,
        ];
        self.exec("llm_uses", sql, args).await.map(drop)
    }

    /// Keeps an approved document as an example; approved again, it is used again.
    pub async fn put_llm_example(&mut self, example: &LlmExample) -> Result<(), StoreError> {
        let sql = "INSERT INTO llm_examples (account, document, body, answer, approved_by, approved_at, dropped)
                   VALUES ($1, $2, $3, $4, $5, $6, NULL)
                   ON CONFLICT (account, document) DO UPDATE SET body = excluded.body, answer = excluded.answer,
                       approved_by = excluded.approved_by, approved_at = excluded.approved_at, dropped = NULL";
        let args =
            args![&example.account, &example.document, &example.body, &example.answer, &example.approved_by, example.approved_at,];
        self.exec("llm_examples", sql, args).await.map(drop)
    }

    /// The example that this document is shows the model nothing any more, whosever it is.
    pub async fn drop_llm_example(&mut self, document: &Sha256, why: &str) -> Result<(), StoreError> {
        let sql = "UPDATE llm_examples SET dropped = $2 WHERE document = $1 AND dropped IS NULL";
        self.exec("llm_examples", sql, args![document, why]).await.map(drop)
    }
}

impl Db {
    /// Zero for a day without calls.
    pub async fn llm_spend(&self, day: Date) -> Result<LlmSpend, StoreError> {
        let sql = "SELECT day, tokens_in, tokens_out, micros FROM llm_spend WHERE day = $1";
        let row = self.one("llm_spend", sql, args![day]).await?;
        row.map_or(Ok(LlmSpend::default()), |row| spend_from(&row))
    }

    /// What the model had to do with each document of a message.
    pub async fn llm_uses(&self, message: &Sha256) -> Result<Vec<LlmUse>, StoreError> {
        let rows = self.all("llm_uses", select_uses!("WHERE u.message = $1 ORDER BY u.part"), args![message]).await?;
        rows.iter().map(use_from).collect()
    }

    /// The same for every message that led to an order, the oldest first.
    pub async fn llm_uses_of_order(&self, order: &OrderNumber) -> Result<Vec<LlmUse>, StoreError> {
        let sql = select_uses!("JOIN messages m ON m.sha256 = u.message WHERE m.orders LIKE $1 ORDER BY u.at, u.part");
        let rows = self.all("llm_uses", sql, args![format!("%\"{order}\"%")]).await?;
        rows.iter().map(use_from).collect()
    }

    /// Sums over the documents that the model was asked about since then.
    pub async fn llm_totals(&self, since: Timestamp) -> Result<Vec<LlmTotal>, StoreError> {
        let sql = "SELECT came_to, CAST(COUNT(*) AS BIGINT) AS documents, CAST(SUM(calls) AS BIGINT) AS calls,
                       CAST(SUM(tokens_in) AS BIGINT) AS tokens_in, CAST(SUM(tokens_out) AS BIGINT) AS tokens_out,
                       CAST(SUM(micros) AS BIGINT) AS micros
                   FROM llm_uses WHERE at >= $1 GROUP BY came_to ORDER BY came_to";
        let rows = self.all("llm_uses", sql, args![since]).await?;
        let total = |row: &Row| {
            Ok(LlmTotal {
                came_to: row.word("came_to")?,
                documents: row.number("documents")?,
                calls: row.number("calls")?,
                spend: spend_from(row)?,
            })
        };
        rows.iter().map(total).collect()
    }

    /// The customer's examples in use, newest first.
    pub async fn llm_examples(&self, account: &Account, limit: u32) -> Result<Vec<LlmExample>, StoreError> {
        let sql = "SELECT account, document, body, answer, approved_by, approved_at FROM llm_examples
                   WHERE account = $1 AND dropped IS NULL ORDER BY approved_at DESC, document LIMIT $2";
        let rows = self.all("llm_examples", sql, args![account, limit]).await?;
        let example = |row: &Row| {
            Ok(LlmExample {
                account: Account::new(row.text("account")?),
                document: Sha256(row.text("document")?),
                body: row.text("body")?,
                answer: row.text("answer")?,
                approved_by: row.text("approved_by")?,
                approved_at: row.time("approved_at")?,
            })
        };
        rows.iter().map(example).collect()
    }
}

fn use_from(row: &Row) -> Result<LlmUse, StoreError> {
    Ok(LlmUse {
        message: Sha256(row.text("message")?),
        part: row.text("part")?,
        document: Sha256(row.text("document")?),
        name: row.text("name")?,
        model: row.text("model")?,
        prompts: row.text("prompts")?,
        came_to: row.word("came_to")?,
        calls: row.number("calls")?,
        spend: spend_from(row)?,
        examples: row.list("examples")?,
        at: row.time("at")?,
    })
}

fn spend_from(row: &Row) -> Result<LlmSpend, StoreError> {
    Ok(LlmSpend { tokens_in: row.number("tokens_in")?, tokens_out: row.number("tokens_out")?, micros: row.number("micros")? })
}

/// A thousand calls of this size still fit the day's sum.
fn bounded(number: u64) -> Result<i64, StoreError> {
    const MOST: u64 = 1 << 50;
    if number > MOST {
        return Err(StoreError::Unstorable {
            what: format!("a spend of {number}"),
            problem: "no single call costs so much".into(),
        });
    }
    Ok(number.cast_signed())
}
