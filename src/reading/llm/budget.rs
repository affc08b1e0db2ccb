//! What the model costs, and whether another question may be asked. Pure but for `MemoryBook`; the store keeps the sums.

use rust_decimal::Decimal;
use std::sync::{Mutex, PoisonError};

use super::error::LlmError;
use super::settings::LlmSettings;

/// Tokens of one or more questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub calls: u32,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

impl Usage {
    /// This and what came after it.
    pub fn and(self, later: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(later.calls),
            tokens_in: self.tokens_in.saturating_add(later.tokens_in),
            tokens_out: self.tokens_out.saturating_add(later.tokens_out),
        }
    }
}

/// What was spent since the day began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub tokens: u64,
    /// In the currency of the prices in `[llm]`.
    pub money: Decimal,
}

/// The limits of a day and the prices.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    tokens_per_day: u64,
    money_per_day: Decimal,
    price_in_per_million: Decimal,
    price_out_per_million: Decimal,
}

impl Budget {
    pub fn of(settings: &LlmSettings) -> Self {
        Self {
            tokens_per_day: settings.tokens_per_day,
            money_per_day: settings.money_per_day,
            price_in_per_million: settings.price_in_per_million,
            price_out_per_million: settings.price_out_per_million,
        }
    }

    /// What this usage costs.
    pub fn cost(&self, usage: Usage) -> Decimal {
        let part = |tokens: u64, price: Decimal| {
            Decimal::from(tokens).checked_mul(price).map_or(Decimal::MAX, |cost| cost / Decimal::from(1_000_000))
        };
        part(usage.tokens_in, self.price_in_per_million).saturating_add(part(usage.tokens_out, self.price_out_per_million))
    }

    /// What has been spent after this usage.
    pub fn record(&self, spent: Spent, usage: Usage) -> Spent {
        Spent {
            tokens: spent.tokens.saturating_add(usage.tokens_in).saturating_add(usage.tokens_out),
            money: spent.money.saturating_add(self.cost(usage)),
        }
    }

    /// Whether a question that may cost as much as `expected` fits into the day.
    ///
    /// # Errors
    /// `BudgetSpent`, saying which limit is reached.
    pub fn allow(&self, spent: Spent, expected: Usage) -> Result<(), LlmError> {
        let after = self.record(spent, expected);
        if self.tokens_per_day > 0 && after.tokens > self.tokens_per_day {
            return Err(LlmError::BudgetSpent {
                what: format!("{} of {} tokens a day are used", spent.tokens, self.tokens_per_day),
            });
        }
        if !self.money_per_day.is_zero() && after.money > self.money_per_day {
            return Err(LlmError::BudgetSpent {
                what: format!("{} of {} a day are spent", spent.money.round_dp(2), self.money_per_day),
            });
        }
        Ok(())
    }
}

/// Where the day's sums are kept. The service loads them when the day begins and stores them after each document.
pub trait SpendBook: Send + Sync {
    fn spent(&self) -> Spent;
    /// Adds what a question used.
    fn record(&self, budget: &Budget, usage: Usage);
}

/// Sums in memory.
#[derive(Debug, Default)]
pub struct MemoryBook(Mutex<Spent>);

impl MemoryBook {
    /// A new day, or a restart within one.
    pub fn start(&self, spent: Spent) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = spent;
    }
}

impl SpendBook for MemoryBook {
    fn spent(&self) -> Spent {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, budget: &Budget, usage: Usage) {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *spent = budget.record(*spent, usage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn a_day_has_limits_in_tokens_and_in_money() {
        let settings = LlmSettings {
            tokens_per_day: 1_000,
            price_in_per_million: dec!(2),
            price_out_per_million: dec!(10),
            money_per_day: dec!(0.01),
            ..LlmSettings::default()
        };
        let budget = Budget::of(&settings);
        let question = Usage { calls: 1, tokens_in: 500, tokens_out: 300 };
        assert_eq!(budget.cost(question), dec!(0.004));
        let once = budget.record(Spent::default(), question);
        assert_eq!(once, Spent { tokens: 800, money: dec!(0.004) });
        assert!(budget.allow(Spent::default(), question).is_ok());
        assert!(matches!(budget.allow(once, question), Err(LlmError::BudgetSpent { .. })));
        let by_money = Budget::of(&LlmSettings { tokens_per_day: 0, ..settings });
        assert!(by_money.allow(once, question).is_ok());
        assert!(matches!(by_money.allow(by_money.record(once, question), question), Err(LlmError::BudgetSpent { .. })));
    }
}
