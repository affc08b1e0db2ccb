//! What the language model costs: the day's book, loaded from the store before a question and written back after it, and what it had
//! to do with each document.

use super::{Desk, FlowError, Model};
use crate::deciding::proposals::ReadDocument;
use crate::intake::Message;
use crate::reading::llm::{Budget, SpendBook, Spent, Usage, Used};
use crate::store::{LlmSpend, LlmUse};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::sync::{Mutex, PoisonError};

/// The store keeps money in millionths.
const MICROS: i64 = 1_000_000;

/// Sums of the day, and what is not written to the store yet.
#[derive(Debug, Default)]
pub struct DayBook(Mutex<(Spent, LlmSpend)>);

impl DayBook {
    /// What the store knows of today.
    pub fn load(&self, stored: LlmSpend) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unsaved = book.1;
        book.0 = Spent {
            tokens: stored.tokens_in + stored.tokens_out + unsaved.tokens_in + unsaved.tokens_out,
            money: Decimal::new(i64::try_from(stored.micros.saturating_add(unsaved.micros)).unwrap_or(i64::MAX), 6),
        };
    }

    /// What is to be added to the store; it counts as added from then on.
    pub fn take_unsaved(&self) -> LlmSpend {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}

impl SpendBook for DayBook {
    fn spent(&self) -> Spent {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn record(&self, budget: &Budget, usage: Usage) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.0 = budget.record(book.0, usage);
        let micros = in_micros(budget.cost(usage));
        book.1 = LlmSpend {
            tokens_in: book.1.tokens_in.saturating_add(usage.tokens_in),
            tokens_out: book.1.tokens_out.saturating_add(usage.tokens_out),
            micros: book.1.micros.saturating_add(micros),
        };
    }
}

impl Desk {
    /// Keeps what reading a mail has cost at once and in a transaction of its own: it is spent, whatever becomes of the mail.
    pub(super) async fn keep_spend(&self, model: &Model, message: &Message, documents: &[ReadDocument]) -> Result<(), FlowError> {
        let used = model.book.take_unsaved();
        let asked: Vec<LlmUse> = documents.iter().filter_map(|document| self.use_of(message, document)).collect();
        if used == LlmSpend::default() && asked.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        if used != LlmSpend::default() {
            tx.add_llm_spend(self.today(), used.tokens_in, used.tokens_out, used.micros).await?;
        }
        for used in &asked {
            tx.add_llm_use(used).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    fn use_of(&self, message: &Message, document: &ReadDocument) -> Option<LlmUse> {
        let Used { model, prompts, usage, cost, came_to, examples } = document.model.clone()?;
        Some(LlmUse {
            message: message.sha256.clone(),
            part: if document.is_body() { "body".to_owned() } else { document.part.clone() },
            document: document.sha256.clone(),
            name: document.name.clone(),
            model,
            prompts,
            came_to,
            calls: usage.calls,
            spend: LlmSpend { tokens_in: usage.tokens_in, tokens_out: usage.tokens_out, micros: in_micros(cost) },
            examples,
            at: self.clock.now(),
        })
    }
}

fn in_micros(cost: Decimal) -> u64 {
    cost.checked_mul(Decimal::from(MICROS)).and_then(|micros| micros.ceil().to_u64()).unwrap_or(u64::MAX)
}
