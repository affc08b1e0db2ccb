//! What the language model has cost, by day: what the budget is checked against.

use super::error::StoreError;
use super::link::args;
use super::{Db, Tx};
use jiff::civil::Date;

/// The spend of one day (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LlmSpend {
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Millionths of the currency that the prices are configured in.
    pub micros: u64,
}

impl Tx {
    /// Adds one call. A failed call that was billed counts too.
    pub async fn add_llm_spend(&mut self, day: Date, tokens_in: u64, tokens_out: u64, micros: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO llm_spend (day, tokens_in, tokens_out, micros) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (day) DO UPDATE SET tokens_in = llm_spend.tokens_in + excluded.tokens_in,
                       tokens_out = llm_spend.tokens_out + excluded.tokens_out, micros = llm_spend.micros + excluded.micros";
        self.exec("llm_spend", sql, args![day, bounded(tokens_in)?, bounded(tokens_out)?, bounded(micros)?]).await.map(drop)
    }
}

impl Db {
    /// Zero for a day without calls.
    pub async fn llm_spend(&self, day: Date) -> Result<LlmSpend, StoreError> {
        let sql = "SELECT day, tokens_in, tokens_out, micros FROM llm_spend WHERE day = $1";
        let row = self.one("llm_spend", sql, args![day]).await?;
        row.map_or(Ok(LlmSpend::default()), |row| {
            Ok(LlmSpend {
                tokens_in: row.number("tokens_in")?,
                tokens_out: row.number("tokens_out")?,
                micros: row.number("micros")?,
            })
        })
    }
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
