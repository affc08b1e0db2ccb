//! What does a line cost by its own figures? Exact decimals, with bounds on what comes from outside (DOMAIN 15, 16, 22).

use super::super::MatchedLine;
use crate::model::{Currency, DraftLine, Field, Reading, UnitPrice};
use rust_decimal::{Decimal, dec};

/// Quantities, prices and factors beyond this are refused: their products must stay exact in 96 bits.
pub(super) const LARGEST_FIGURE: Decimal = dec!(1_000_000_000_000);
/// Amounts beyond this are refused.
pub(super) const LARGEST_AMOUNT: Decimal = dec!(1_000_000_000_000_000);

pub(super) fn is_sane(figure: Decimal) -> bool {
    figure.abs() <= LARGEST_FIGURE && figure.scale() <= 12
}

/// The printed unit price with its basis; `None` where either is not there or in doubt.
pub(super) fn printed_price(line: &DraftLine) -> Option<Field<UnitPrice>> {
    let price = line.unit_price.found()?;
    let per = match &line.price_basis {
        Reading::Absent => Decimal::ONE,
        Reading::Found(basis) if basis.value > Decimal::ZERO => basis.value,
        Reading::Found(_) | Reading::Several(_) | Reading::Unreadable { .. } => return None,
    };
    (is_sane(price.value) && is_sane(per)).then(|| price.clone().map(|amount| UnitPrice { amount, per }))
}

/// The price that the line is to be placed at: the printed one; else what the printed line total says; else ours (DOMAIN 26).
pub(super) fn effective_price(line: &DraftLine, matched: &MatchedLine, currency: Currency) -> Option<Field<UnitPrice>> {
    match &line.unit_price {
        Reading::Found(_) => return printed_price(line),
        Reading::Several(_) | Reading::Unreadable { .. } => return None,
        Reading::Absent => {}
    }
    let quantity = line.quantity.value().copied().filter(|quantity| *quantity > Decimal::ZERO && is_sane(*quantity))?;
    let total = line.line_total.value().copied().filter(|total| total.abs() <= LARGEST_AMOUNT);
    if let Some(ours) = &matched.our_price
        && total.is_none_or(|total| ours.value.extend(quantity, currency) == Some(total))
    {
        return Some(ours.clone());
    }
    let (total, None) = (total?, line.discount_percent.found()) else { return None };
    let amount = total.checked_div(quantity)?.round_dp(6).normalize();
    Some(Field::computed(UnitPrice::each(amount), "line total / quantity"))
}

/// Quantity times price, less the line's discount, rounded to the currency. `None` where a figure is missing, in doubt or out of bounds.
pub(super) fn extension(line: &DraftLine, price: &UnitPrice, currency: Currency) -> Option<Decimal> {
    let quantity = line.quantity.value().copied().filter(|quantity| is_sane(*quantity))?;
    let net = match &line.discount_percent {
        Reading::Absent => price.amount,
        Reading::Found(percent) if (Decimal::ZERO..=dec!(100)).contains(&percent.value.abs()) => {
            price.amount.checked_mul(Decimal::ONE - percent.value.abs() / dec!(100))?
        }
        Reading::Found(_) | Reading::Several(_) | Reading::Unreadable { .. } => return None,
    };
    UnitPrice { amount: net, per: price.per }.extend(quantity, currency).filter(|amount| amount.abs() <= LARGEST_AMOUNT)
}

/// By how much a printed extension may differ because the printed unit price was rounded: half its last digit, for every unit ordered.
pub(super) fn rounding_slack(line: &DraftLine, price: &UnitPrice, currency: Currency) -> Decimal {
    let smallest = Decimal::new(1, currency.minor_digits());
    let half_digit = Decimal::new(5, price.amount.scale().min(12) + 1);
    let quantity = line.quantity.value().copied().filter(|quantity| is_sane(*quantity)).unwrap_or_default().abs();
    let slack = quantity.checked_mul(half_digit).and_then(|slack| slack.checked_div(price.per)).unwrap_or_default();
    // Never more than a thousandth of the amount: beyond that it is another price, not a rounded one.
    let amount = quantity.checked_mul(price.amount.abs()).and_then(|amount| amount.checked_div(price.per)).unwrap_or_default();
    slack.min(amount / dec!(1000)).max(smallest)
}

/// Amounts added up; `None` beyond all bounds.
pub(super) fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    let total = amounts.into_iter().try_fold(Decimal::ZERO, |total, amount| total.checked_add(amount))?;
    (total.abs() <= LARGEST_AMOUNT).then_some(total)
}

/// The amount of a charge line.
pub(super) fn charge(line: &DraftLine) -> Option<Decimal> {
    let quantity = line.quantity.value().copied().filter(|q| is_sane(*q)).unwrap_or(Decimal::ONE);
    let from_price = || line.unit_price.value().copied().filter(|p| is_sane(*p)).and_then(|price| price.checked_mul(quantity));
    line.line_total.value().copied().or_else(from_price).filter(|amount| amount.abs() <= LARGEST_AMOUNT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Origin};

    fn read<T>(value: T) -> Reading<T> {
        Reading::Found(Field::new(value, "", Confidence::CERTAIN, Origin::Document(Vec::new())))
    }

    #[test]
    fn real_roundings_are_within_the_slack() {
        let eur = Currency::parse("EUR").expect("known");
        for (quantity, price, printed) in [(dec!(6), dec!(21666.67), dec!(130000)), (dec!(5), dec!(8412.22), dec!(42061.08))] {
            let line = DraftLine { quantity: read(quantity), unit_price: read(price), ..DraftLine::default() };
            let price = UnitPrice::each(price);
            let exact = extension(&line, &price, eur).expect("in bounds");
            assert!((exact - printed).abs() <= rounding_slack(&line, &price, eur), "{quantity} x {}", price.amount);
        }
    }

    #[test]
    fn figures_beyond_all_bounds_are_refused_not_multiplied() {
        let line = DraftLine { quantity: read(Decimal::MAX), unit_price: read(Decimal::MAX), ..DraftLine::default() };
        assert_eq!(printed_price(&line), None);
        assert_eq!(extension(&line, &UnitPrice::each(dec!(2)), Currency::parse("EUR").expect("known")), None);
        assert_eq!(sum([Decimal::MAX, Decimal::MAX]), None);
    }
}
