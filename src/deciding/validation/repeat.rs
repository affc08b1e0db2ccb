//! Have we had this order before? Identity is account, purchase order number and release (DOMAIN 1); a duplicate, a revision and a cancellation
//! are told apart by what the earlier order says (DOMAIN 4).

use super::Facts;
use crate::deciding::{Known, Matched, PriorOrder, fingerprint};
use crate::model::ids::comparable_number;
use crate::model::{Code, DocumentKind, Finding, PurchaseOrder, Reading, Severity};

/// The earlier order with the same identity; one that still stands before one that is cancelled.
pub(super) fn prior_of<'k>(matched: &Matched, known: &'k Known) -> Option<&'k PriorOrder> {
    let account = &matched.customer.as_ref()?.value;
    let number = comparable_number(matched.order.po_number.value()?);
    let release = matched.order.release_number.value().map(|release| comparable_number(release)).unwrap_or_default();
    let same = |prior: &&PriorOrder| {
        prior.account == *account
            && comparable_number(&prior.po_number) == number
            && prior.release_number.as_deref().map(comparable_number).unwrap_or_default() == release
    };
    let mut priors: Vec<&PriorOrder> = known.prior_orders.iter().filter(same).collect();
    priors.sort_by_key(|prior| prior.is_cancelled);
    priors.first().copied()
}

/// Whether `order` says the same as the earlier one.
pub(in crate::deciding) fn is_same(order: Option<&PurchaseOrder>, prior: &PriorOrder) -> bool {
    order.is_some_and(|order| fingerprint(order) == prior.fingerprint)
}

/// Whether the document carries an older revision than the order that we have: it arrived out of order (DOMAIN 4).
pub(in crate::deciding) fn is_outdated(matched: &Matched, prior: &PriorOrder) -> bool {
    let rank = |text: &str| {
        let word: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
        let word = word.trim_start_matches("REV");
        let letter = (word.len() == 1).then(|| word.bytes().next()).flatten().filter(u8::is_ascii_uppercase);
        word.parse::<u32>().ok().map(|number| (0, number)).or(letter.map(|letter| (1, u32::from(letter))))
    };
    let this = matched.order.revision.value().and_then(|text| rank(text));
    let theirs = prior.revision.as_deref().and_then(rank);
    match (this, theirs) {
        (Some((this_kind, this)), Some((their_kind, theirs))) => this_kind == their_kind && this < theirs,
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    }
}

pub(super) fn check(facts: &Facts<'_>, order: Option<&PurchaseOrder>) -> Vec<Finding> {
    let matched = facts.matched;
    let printed = matched.order.po_number.value().map_or("", String::as_str);
    let say = |code, severity, message: String| {
        vec![Finding::new(code, severity, "/orders/0/po_number", message).at(matched.order.po_number.spans())]
    };
    let is_cancellation = matched.kind == DocumentKind::OrderCancellation;
    match (facts.prior, is_cancellation) {
        (Some(prior), true) if prior.is_cancelled => {
            say(Code::CancelRequested, Severity::Note, format!("{} for {printed} is cancelled already.", prior.number))
        }
        (Some(prior), true) => {
            let message = format!("The customer asks to cancel {printed}, which is our {}.", prior.number);
            say(Code::CancelRequested, Severity::Ask, message)
        }
        (None, true) if matched.order.po_number.value().is_some() && matched.customer.is_some() => {
            let message = format!("The customer asks to cancel {printed}, but we have no such order.");
            say(Code::CancelRequested, Severity::Block, message)
        }
        (None, true) => Vec::new(),
        (Some(prior), false) if prior.is_cancelled => {
            let message =
                format!("{printed} is our {}, which was cancelled; the same number cannot be placed again.", prior.number);
            say(Code::DuplicateOrder, Severity::Block, message)
        }
        (Some(prior), false) if is_same(order, prior) || is_outdated(matched, prior) => {
            let what = if is_same(order, prior) { "asks for the same" } else { "is a newer revision of it" };
            say(Code::DuplicateOrder, Severity::Note, format!("{printed} is here already: {} {what}.", prior.number))
        }
        (Some(prior), false) => {
            let revision = match &matched.order.revision {
                Reading::Found(revision) => format!(" (revision {})", revision.value),
                Reading::Several(_) | Reading::Unreadable { .. } | Reading::Absent => String::new(),
            };
            let message = format!(
                "{printed}{revision} is our {} already, with other content. Approving replaces the whole order: lines that are not in \
                 this document are cancelled.",
                prior.number
            );
            say(Code::RevisionOfOrder, Severity::Ask, message)
        }
        (None, false) if matched.kind == DocumentKind::OrderChange => {
            let message = format!("This is a change to {printed}, but we have no such order. Approving places it as a new one.");
            say(Code::RevisionOfOrder, Severity::Ask, message)
        }
        (None, false) => Vec::new(),
    }
}
