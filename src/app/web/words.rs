//! Codes, states, ages and amounts in the words that the desk uses.

use crate::deciding::review::{Case, CaseKind, CaseState};
use crate::model::master::MasterData;
use crate::model::{Code, Currency, Money, Unit};
use crate::orders::{Event, Status};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// A finding's code as a few words: `Unknown item`, `PO number missing`.
pub(crate) fn reason(code: Code) -> String {
    let words = code.as_str().to_ascii_lowercase().replace('_', " ");
    let words = match words.strip_prefix("missing ") {
        Some(what) => format!("{what} missing"),
        None => words,
    };
    let mut text = String::new();
    for (place, word) in words.split(' ').enumerate() {
        if place > 0 {
            text.push(' ');
        }
        match word {
            "po" | "ocr" | "llm" => text.push_str(&word.to_ascii_uppercase()),
            _ if place == 0 => text.push_str(&capitalised(word)),
            _ => text.push_str(word),
        }
    }
    text
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub(crate) fn case_kind(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Order => "Order",
        CaseKind::Change => "Change",
        CaseKind::Cancellation => "Cancellation",
        CaseKind::Unreadable => "Unreadable file",
        CaseKind::Question => "Question",
    }
}

/// What the main button does.
pub(crate) fn approve_button(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Order => "Approve and place order",
        CaseKind::Change => "Approve the change",
        CaseKind::Cancellation => "Cancel the order",
        CaseKind::Unreadable | CaseKind::Question => "Mark as dealt with",
    }
}

pub(crate) fn case_state(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "open",
        CaseState::Approved => "approved",
        CaseState::Rejected => "rejected",
    }
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::Allocated => "Allocated",
        Status::PartlyBackordered => "Partly backordered",
        Status::Backordered => "Backordered",
        Status::OnHold => "On hold",
        Status::InFulfilment => "In fulfilment",
        Status::PartlyShipped => "Partly shipped",
        Status::Shipped => "Shipped",
        Status::Cancelled => "Cancelled",
    }
}

/// What happened to an order, in one sentence.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Placed { order, .. } => format!("Placed: {} lines, {}", order.lines.len(), money(order.total())),
        Event::Allocated { plan } => match plan.backorders.len() {
            0 => format!("Allocated in {}", counted(plan.shipments.len(), "shipment")),
            waiting => {
                format!("Allocated in {}, {} on backorder", counted(plan.shipments.len(), "shipment"), counted(waiting, "line"))
            }
        },
        Event::Cancelled { reason } => format!("Cancelled: {reason}"),
        Event::Revised { order } => format!("Changed: {} lines, {}", order.lines.len(), money(order.total())),
        Event::HoldPlaced { hold } => format!("Held ({}): {}", hold.code, hold.reason),
        Event::HoldReleased { code } => format!("Released from hold: {code}"),
    }
}

/// `1 shipment`, `2 shipments`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// How long ago, as one glance needs it: `just now`, `7 min`, `3 h`, `12 days`.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> String {
    let passed = now.duration_since(since).max(SignedDuration::ZERO);
    match passed.as_mins() {
        0 => "just now".into(),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes @ 60..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

/// A purchase order number with the word before it, unless the number says it itself: `PO 4500012345`, `PO-20640`.
pub(crate) fn purchase_order(number: &str) -> String {
    let says_it = number.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("PO"));
    if says_it { number.to_owned() } else { format!("PO {number}") }
}

/// `2026-11-25 09:30 UTC`: unmistakable, and sorts.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `1,234.50 EUR`
pub(crate) fn money(money: Money) -> String {
    format!("{}\u{a0}{}", amount(money.amount, money.currency), money.currency)
}

fn amount(amount: Decimal, currency: Currency) -> String {
    grouped(&format!("{:.*}", currency.minor_digits() as usize, currency.round(amount)))
}

/// `1,250 pcs`
pub(crate) fn quantity(value: Decimal, unit: &Unit) -> String {
    format!("{}\u{a0}{unit}", number(value))
}

pub(crate) fn number(value: Decimal) -> String {
    grouped(&value.normalize().to_string())
}

fn grouped(plain: &str) -> String {
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |rest| ("\u{2212}", rest));
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// What a case is called at a glance: customer, purchase order number, value, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CaseTitle {
    pub(crate) customer: String,
    pub(crate) po_number: Option<String>,
    pub(crate) value: Option<Money>,
}

impl CaseTitle {
    pub(crate) fn of(case: &Case, master: &MasterData) -> Self {
        let as_read = case.draft.as_ref().and_then(|draft| draft.orders.first());
        let draft = case.assessed.as_ref().map(|assessed| &assessed.matched.order).or(as_read);
        let account = case.assessed.as_ref().and_then(|assessed| assessed.matched.customer.as_ref()).map(|field| &field.value);
        let named = account.and_then(|account| master.customers.get(account)).map(|customer| customer.name.clone());
        let printed = draft.and_then(|draft| draft.buyer.name.likeliest()).map(|field| field.value.clone());
        let placed = case.assessed.as_ref().and_then(|assessed| assessed.order.as_ref()).map(|order| order.total());
        let printed_total = draft.and_then(|draft| {
            let amount = draft.total.likeliest().or(draft.subtotal.likeliest())?.value;
            Some(Money { amount, currency: draft.currency.likeliest()?.value })
        });
        Self {
            customer: named.or(account.map(ToString::to_string)).or(printed).unwrap_or_else(|| case.from.clone()),
            po_number: draft.and_then(|draft| draft.po_number.likeliest()).map(|field| field.value.clone()),
            value: placed.or(printed_total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn every_code_has_words() {
        for code in Code::ALL {
            let words = reason(*code);
            assert!(words.chars().next().is_some_and(char::is_uppercase) && !words.contains('_'), "{code}: {words}");
        }
        assert_eq!(reason(Code::MissingPoNumber), "PO number missing");
        assert_eq!(reason(Code::UnknownItem), "Unknown item");
        assert_eq!(reason(Code::ReadByOcr), "Read by OCR");
    }

    #[test]
    fn ages_and_figures() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
        let ago = |seconds| age(now - SignedDuration::from_secs(seconds), now);
        assert_eq!([ago(5), ago(90), ago(7200), ago(200_000)], ["just now", "1 min", "2 h", "2 days"]);
        assert_eq!(age(now + SignedDuration::from_secs(60), now), "just now");
        assert_eq!([purchase_order("4500"), purchase_order("PO-20640"), purchase_order("é")], ["PO 4500", "PO-20640", "PO é"]);
        let eur = Currency::parse("EUR").expect("a known code");
        assert_eq!(money(Money { amount: dec!(-1234567.5), currency: eur }), "\u{2212}1,234,567.50\u{a0}EUR");
        assert_eq!(number(dec!(1250.00)), "1,250");
    }
}
