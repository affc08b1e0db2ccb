//! The delivery schedule of a line: kept as data, and asked about where it says more than one day can (DOMAIN 33).

use crate::model::{Code, DraftDelivery, DraftLine};
use rust_decimal::Decimal;

use super::notes::{Notes, shorten};
use super::piece::{agree, fill};

/// Lays a schedule on its line. One day for all parts is the line's day; several are for a person, as the line can carry only one.
pub(super) fn lay(line: &mut DraftLine, parts: Vec<DraftDelivery>, at: &str, notes: &mut Notes) {
    let dates = agree(parts.iter().map(|part| part.date.clone()));
    if dates.value().is_none() && !dates.is_absent() && parts.len() > 1 {
        let listed: Vec<String> = parts.iter().take(6).filter_map(one).collect();
        let message = format!("The line is to be delivered in {} parts: {}.", parts.len(), listed.join(", "));
        notes.ask(Code::AmbiguousDate, format!("{at}/requested_date"), message, dates.spans());
    }
    fill(&mut line.requested_date, dates);
    let amounts: Vec<Decimal> = parts.iter().filter_map(|part| part.quantity.value().copied()).collect();
    let sum = amounts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part)).filter(|_| !amounts.is_empty());
    if let (Some(quantity), Some(sum)) = (line.quantity.value(), sum)
        && *quantity != sum
    {
        let message = format!("The line orders {}, but its delivery parts add up to {}.", quantity.normalize(), sum.normalize());
        notes.ask(Code::AmbiguousField, format!("{at}/quantity"), message, line.quantity.spans());
    }
    // One part without a quantity says no more than the line's own day does.
    if parts.len() > 1 || parts.iter().any(|part| !part.quantity.is_absent()) {
        line.deliveries = parts;
    }
}

fn one(part: &DraftDelivery) -> Option<String> {
    let date = part.date.value()?;
    let quantity = part.quantity.value().map(|quantity| format!("{} ", quantity.normalize())).unwrap_or_default();
    let place = part.place.value().map(|place| format!(" to {}", shorten(place))).unwrap_or_default();
    Some(format!("{quantity}on {date}{place}"))
}
