//! Stock quantities as whole numbers, because SQL adds and compares them: units x 10^6.
//!
//! Only quantities that SQL computes with are kept so; every other decimal is canonical text.

use super::error::StoreError;
use rust_decimal::Decimal;

/// Digits after the point that a stock quantity may have.
const DIGITS: u32 = 6;
const SCALE: i64 = 1_000_000;
/// A billion units of anything; sums of thousands of rows still fit 64 bits.
const MOST_UNITS: i64 = 1_000_000_000;

/// `value` x 10^6. An error for negative values, more than six digits after the point, or more than a billion units.
pub(super) fn to_scaled(what: &str, value: Decimal) -> Result<i64, StoreError> {
    let refuse = |problem: &str| StoreError::Unstorable { what: format!("{what} {value}"), problem: problem.into() };
    let value = value.normalize();
    if value.is_sign_negative() && !value.is_zero() {
        return Err(refuse("a stock quantity is not negative"));
    }
    if value.scale() > DIGITS {
        return Err(refuse("a stock quantity has at most six digits after the point"));
    }
    if value > Decimal::from(MOST_UNITS) {
        return Err(refuse("a stock quantity is at most 1000000000"));
    }
    let scaled = value.checked_mul(Decimal::from(SCALE)).and_then(|scaled| i64::try_from(scaled).ok());
    scaled.ok_or_else(|| refuse("it is out of range"))
}

/// The quantity that `scaled` stands for.
pub(super) fn from_scaled(scaled: i64) -> Decimal {
    Decimal::new(scaled, DIGITS).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn quantities_survive_the_way_there_and_back() {
        for value in [dec!(0), dec!(1), dec!(0.000001), dec!(12.5), dec!(1000000000), dec!(3.100)] {
            assert_eq!(from_scaled(to_scaled("q", value).expect("in range")), value.normalize());
        }
        for value in [dec!(-1), dec!(0.0000001), dec!(1000000000.1), Decimal::MAX] {
            assert!(matches!(to_scaled("q", value), Err(StoreError::Unstorable { .. })), "{value}");
        }
    }
}
