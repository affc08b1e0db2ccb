//! A price and the quantity it is for: 12.50 each, 4.20 per 100 (DOMAIN 16).

use super::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// `amount` for every `per` units of the unit that the line is ordered in. `per` is positive: 1, 10, 100, 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitPrice {
    pub amount: Decimal,
    pub per: Decimal,
}

impl UnitPrice {
    pub fn each(amount: Decimal) -> Self {
        Self { amount, per: Decimal::ONE }
    }

    /// The extension of `quantity` at this price, rounded half up to the currency's minor unit (DOMAIN 15).
    /// `None` when it does not fit 96 bits or `per` is zero.
    pub fn extend(&self, quantity: Decimal, currency: Currency) -> Option<Decimal> {
        let exact = quantity.checked_mul(self.amount)?.checked_div(self.per)?;
        Some(currency.round(exact))
    }

    /// The price of one unit, unrounded: what two prices with different bases are compared by.
    pub fn of_one(&self) -> Option<Decimal> {
        self.amount.checked_div(self.per)
    }
}

/// `12.50`, or `4.20 per 100` where the price is for more than one.
impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.per == Decimal::ONE {
            write!(f, "{}", self.amount)
        } else {
            write!(f, "{} per {}", self.amount, self.per.normalize())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn a_price_per_hundred_extends_by_its_base() {
        let eur = Currency::parse("EUR").expect("a known code");
        assert_eq!(UnitPrice { amount: dec!(4.20), per: dec!(100) }.extend(dec!(250), eur), Some(dec!(10.50)));
        assert_eq!(UnitPrice { amount: dec!(4.20), per: dec!(0) }.extend(dec!(250), eur), None);
    }
}
