//! Which allowances and charges does a document state, and would an order placed from its sums be without one of them?
//!
//! All are kept as data. A person is asked only about those that neither the sums of the order nor the discount of a line can carry.

use crate::model::{Code, DraftCharge, DraftLine, DraftOrder, Field, Reading, Span};
use crate::reading::extraction::layout::figures_close;
use crate::reading::extraction::numbers;
use rust_decimal::Decimal;

use super::notes::{Notes, shorten};
use super::piece::{Piece, fill};

/// One allowance or charge as its format states it.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    pub is_allowance: bool,
    pub nature: Nature,
    /// In words, else the format's code.
    pub reason: Piece,
    pub amount: Reading<Decimal>,
    pub percent: Reading<Decimal>,
    /// The whole statement, to point at.
    pub places: Vec<Span>,
}

/// Which sum of an order a charge belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Nature {
    Freight,
    Tax,
    #[default]
    Other,
}

impl Statement {
    /// A charge of nothing is a field that had to be filled.
    fn is_void(&self) -> bool {
        let is_zero = |reading: &Reading<Decimal>| reading.value().is_some_and(Decimal::is_zero);
        is_zero(&self.amount) && (self.percent.is_absent() || is_zero(&self.percent))
            || self.amount.is_absent() && is_zero(&self.percent)
    }

    fn is_bare(&self) -> bool {
        self.amount.is_absent() && self.percent.is_absent()
    }

    fn into_charge(self, is_carried: bool) -> DraftCharge {
        DraftCharge {
            is_allowance: self.is_allowance,
            reason: self.reason.words(),
            amount: self.amount,
            percent: self.percent,
            is_carried,
        }
    }

    fn ask(&self, at: &str, notes: &mut Notes) {
        let of = [(&self.amount, ""), (&self.percent, " %")].into_iter().find_map(|(reading, unit)| {
            let value = reading.likeliest().map(|field| field.value)?;
            Some(format!(" of {value}{unit}"))
        });
        let kind = if self.is_allowance { "an allowance" } else { "a charge" };
        let what = if at.contains("/lines/") { "line" } else { "order" };
        let reason = if self.reason.is_empty() { String::new() } else { format!(" ({})", shorten(&self.reason.text)) };
        let message = format!("The {what} states {kind}{}{reason} that is not carried over.", of.unwrap_or_default());
        notes.ask(Code::UnlistedCharge, at, message, &self.places);
    }
}

/// Puts the statements of the header into the sums of the order. A sum that the document states itself stands.
pub(super) fn of_order(order: &mut DraftOrder, statements: Vec<Statement>, at: &str, notes: &mut Notes) {
    let statements: Vec<Statement> = statements.into_iter().filter(|statement| !statement.is_void()).collect();
    let summed = |belongs: fn(&Statement) -> bool| {
        let amounts: Vec<&Reading<Decimal>> =
            statements.iter().filter(|s| belongs(s)).map(|s| &s.amount).filter(|amount| !amount.is_absent()).collect();
        sum(&amounts)
    };
    let allowed = summed(|s| s.is_allowance);
    let freight = summed(|s| !s.is_allowance && s.nature == Nature::Freight);
    let tax = summed(|s| !s.is_allowance && s.nature == Nature::Tax);
    for (slot, sum, name) in
        [(&mut order.discount, allowed, "discount"), (&mut order.shipping, freight, "shipping"), (&mut order.tax, tax, "tax")]
    {
        if let (Some(stated), Some(summed)) = (slot.value(), sum.value())
            && stated.abs() != summed.abs()
        {
            let message = format!("The {name} is stated as {stated}, but its parts add up to {summed}.");
            notes.ask(Code::AmbiguousField, format!("{at}/{name}"), message, slot.spans());
        }
        fill(slot, sum);
    }
    for statement in statements {
        let has_sum = statement.is_allowance || statement.nature != Nature::Other;
        let is_carried = has_sum && !statement.amount.is_absent();
        // That freight will be charged, without saying how much, changes no figure.
        if !is_carried && !(statement.is_bare() && statement.nature == Nature::Freight) {
            statement.ask(at, notes);
        }
        order.charges.push(statement.into_charge(is_carried));
    }
}

/// Puts the statements of a line into its discount where figures prove that they are one; `at` is the line's pointer.
pub(super) fn of_line(line: &mut DraftLine, statements: Vec<Statement>, at: &str, notes: &mut Notes) {
    let statements: Vec<Statement> = statements.into_iter().filter(|statement| !statement.is_void()).collect();
    let discount = one_discount(line, &statements);
    let is_carried = !discount.is_absent();
    if is_carried {
        line.discount_percent = discount;
    }
    for statement in statements {
        if !is_carried {
            statement.ask(at, notes);
        }
        line.charges.push(statement.into_charge(is_carried));
    }
}

/// The one percentage that all statements of a line come to; absent where they are no discount or nothing proves which.
fn one_discount(line: &DraftLine, statements: &[Statement]) -> Reading<Decimal> {
    let percents: Option<Vec<Decimal>> = statements.iter().map(|s| s.percent.value().copied().filter(|_| s.is_allowance)).collect();
    let Some(percents) = percents.filter(|percents| percents.iter().all(is_percentage)) else { return Reading::Absent };
    let gross = gross(line);
    match (statements, gross, line.line_total.value()) {
        ([], ..) => Reading::Absent,
        ([one], Some(gross), _) if !amount_fits(one, line, gross) => Reading::Absent,
        ([one], ..) => one.percent.clone(),
        (several, Some(gross), Some(total)) => {
            let quantity = line.quantity.value().copied().unwrap_or(Decimal::ONE);
            let agrees = |percent: &Decimal| {
                let net = gross.checked_mul(Decimal::ONE_HUNDRED - *percent).and_then(|x| x.checked_div(Decimal::ONE_HUNDRED));
                net.is_some_and(|net| figures_close(net, *total, quantity))
            };
            let candidates = [upon_another(&percents), percents.iter().sum()];
            let proved = candidates.into_iter().filter(is_percentage).find(agrees);
            let readings: Vec<&Reading<Decimal>> = several.iter().map(|statement| &statement.percent).collect();
            proved.map_or(Reading::Absent, |percent| joined(&readings, percent.normalize()))
        }
        (_, None, _) | (_, _, None) => Reading::Absent,
    }
}

fn is_percentage(value: &Decimal) -> bool {
    (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(value)
}

/// Discounts one upon the other: 40, 10 and 5 leave 0.6 x 0.9 x 0.95 (DOMAIN 22).
fn upon_another(percents: &[Decimal]) -> Decimal {
    let left = percents.iter().fold(Decimal::ONE, |left, percent| left * (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED);
    (Decimal::ONE - left) * Decimal::ONE_HUNDRED
}

/// Whether the amount beside a percentage is that share of the line, or of one unit of it; true where no amount is stated.
fn amount_fits(statement: &Statement, line: &DraftLine, gross: Decimal) -> bool {
    let (Some(amount), Some(percent)) = (statement.amount.value(), statement.percent.value()) else { return true };
    let share = |of: Decimal| of.checked_mul(*percent).and_then(|x| x.checked_div(Decimal::ONE_HUNDRED));
    let quantity = line.quantity.value().copied().unwrap_or(Decimal::ONE);
    [Some(gross), line.unit_price.value().copied()]
        .into_iter()
        .flatten()
        .filter_map(share)
        .any(|share| figures_close(share, *amount, quantity))
}

/// Quantity times price by its basis.
pub(super) fn gross(line: &DraftLine) -> Option<Decimal> {
    let basis = line.price_basis.value().copied().filter(|basis| *basis > Decimal::ZERO).unwrap_or(Decimal::ONE);
    line.quantity.value()?.checked_mul(*line.unit_price.value()?)?.checked_div(basis).filter(numbers::is_countable)
}

/// The sum of amounts, standing where they stand; a single one is itself.
fn sum(amounts: &[&Reading<Decimal>]) -> Reading<Decimal> {
    match amounts {
        [] => Reading::Absent,
        [one] => (*one).clone(),
        several => {
            let total = several.iter().try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount.value()?));
            let unreadable = || several.iter().find(|amount| amount.value().is_none());
            total.map_or_else(|| unreadable().map_or(Reading::Absent, |r| (**r).clone()), |total| joined(several, total))
        }
    }
}

/// `value`, read out of several fields together.
fn joined(readings: &[&Reading<Decimal>], value: Decimal) -> Reading<Decimal> {
    let fields: Vec<&Field<Decimal>> = readings.iter().filter_map(|reading| reading.found()).collect();
    let pieces = fields.iter().map(|field| {
        let spans = field.origin.spans().iter().filter_map(|span| match span {
            Span::Text { start, end } => Some((*start, *end)),
            Span::Box { .. } => None,
        });
        Piece { text: field.raw.clone(), spans: spans.collect() }
    });
    Piece::join(&pieces.collect::<Vec<_>>(), " + ").read(|_| Some(value))
}

/// UNCL7161 FC is freight, DL delivery; else the reason in words.
pub(super) fn is_freight(code: &str, reason: &str) -> bool {
    let reason = reason.to_lowercase();
    let words = [
        "freight",
        "shipping",
        "delivery",
        "fracht",
        "versand",
        "transport",
        "livraison",
        "carriage",
        "verzend",
        "spedizione",
        "envío",
    ];
    matches!(code, "FC" | "DL") || words.iter().any(|word| reason.contains(word)) && !reason.contains("document")
}

/// The sum that a charge with this code or reason belongs to.
pub(super) fn nature(code: &str, reason: &str) -> Nature {
    if is_freight(code, reason) { Nature::Freight } else { Nature::Other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn discounts_one_upon_the_other() {
        assert_eq!(upon_another(&[dec!(40), dec!(10), dec!(5)]), dec!(48.7));
        assert_eq!(upon_another(&[]), dec!(0));
    }
}
