//! What the language model has cost today: the reader's book, loaded from the store before a question and written back after it.

use crate::reading::llm::{Budget, SpendBook, Spent, Usage};
use crate::store::LlmSpend;
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
        let micros = (budget.cost(usage) * Decimal::from(MICROS)).ceil().to_u64().unwrap_or(u64::MAX);
        book.1 = LlmSpend {
            tokens_in: book.1.tokens_in.saturating_add(usage.tokens_in),
            tokens_out: book.1.tokens_out.saturating_add(usage.tokens_out),
            micros: book.1.micros.saturating_add(micros),
        };
    }
}
