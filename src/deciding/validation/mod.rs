//! Is the order right? Every rule says its findings; then the purchase order is built where nothing that it needs is missing.
//!
//! One file a rule. A rule never decides what happens: `decision` weighs all findings together.

mod amounts;
mod automation;
mod clauses;
mod completeness;
mod credit;
mod dates;
mod order;
mod parties;
mod price;
mod quantity;
mod repeat;
mod terms;
mod totals;

use super::matching::price::currency;
use super::{Assessed, Known, Matched, Policy, PriorOrder};
use crate::model::master::{Customer, MasterData};
use crate::model::{Code, Company, Currency, DocumentKind, DraftLine, Field, Finding, Severity};
use jiff::civil::Date;
use std::collections::HashSet;

pub(super) use repeat::{is_outdated, is_same};

/// What a rule may look at.
pub(super) struct Facts<'a> {
    pub(super) matched: &'a Matched,
    pub(super) customer: Option<&'a Customer>,
    pub(super) currency: Option<Field<Currency>>,
    pub(super) prior: Option<&'a PriorOrder>,
    pub(super) known: &'a Known,
    pub(super) master: &'a MasterData,
    pub(super) policy: &'a Policy,
    pub(super) company: &'a Company,
    pub(super) today: Date,
}

impl Facts<'_> {
    /// The lines that are articles, with their index and what they were matched to.
    pub(super) fn articles(&self) -> impl Iterator<Item = (usize, &DraftLine, &super::MatchedLine)> {
        let lines = self.matched.order.lines.iter().zip(&self.matched.lines).enumerate();
        lines.map(|(index, (line, matched))| (index, line, matched)).filter(|(_, _, matched)| !matched.is_charge)
    }
    /// The lines that are charges.
    pub(super) fn charges(&self) -> impl Iterator<Item = &DraftLine> {
        self.matched.order.lines.iter().zip(&self.matched.lines).filter(|(_, matched)| matched.is_charge).map(|(line, _)| line)
    }
}

/// Lets every rule have its say. Total: an order that cannot be built has findings that say why.
pub fn assess(matched: Matched, master: &MasterData, known: &Known, policy: &Policy, company: &Company, today: Date) -> Assessed {
    let mut matched = matched;
    let customer = matched.customer.as_ref().and_then(|account| master.customers.get(&account.value));
    let prior = repeat::prior_of(&matched, known).cloned();
    let facts = Facts {
        currency: currency(&matched.order, customer, policy),
        matched: &matched,
        customer,
        prior: prior.as_ref(),
        known,
        master,
        policy,
        company,
        today,
    };
    let is_cancellation = matched.kind == DocumentKind::OrderCancellation;
    let order = if is_cancellation { None } else { order::build(&facts) };
    let mut findings = carried(&facts, is_cancellation);
    findings.extend(parties::check(&facts));
    findings.extend(repeat::check(&facts, order.as_ref()));
    if is_cancellation {
        findings.extend(completeness::check_po_number(&facts));
    } else {
        findings.extend(completeness::check(&facts));
        findings.extend(quantity::check(&facts));
        findings.extend(price::check(&facts));
        findings.extend(totals::check(&facts));
        findings.extend(dates::check(&facts));
        findings.extend(terms::check(&facts));
        findings.extend(clauses::check(&facts));
    }
    if let Some(order) = &order {
        findings.extend(credit::check(&facts, order));
        findings.extend(automation::check(&facts, order));
    }
    let findings = tidied(findings);
    matched.findings.clone_from(&findings);
    Assessed { matched, order, prior, findings }
}

/// An order of ours to somebody else (DOMAIN 6): no customer's order at all.
pub(super) fn buyer_is_us_and_seller_is_not(assessed: &Assessed) -> bool {
    let has = |code| assessed.findings.iter().any(|finding| finding.code == code);
    has(Code::BuyerIsUs) && has(Code::SellerIsNotUs)
}

/// Codes that the rules here find out anew, so that an older finding of a reader does not outlive its correction.
fn is_found_anew(code: Code) -> bool {
    matches!(
        code,
        Code::MissingPoNumber
            | Code::MissingLines
            | Code::MissingQuantity
            | Code::MissingPrice
            | Code::MissingCurrency
            | Code::LineTotalMismatch
            | Code::SubtotalMismatch
            | Code::TotalMismatch
            | Code::BuyerIsUs
            | Code::SellerIsNotUs
    )
}

/// Findings of reading and matching that still hold.
fn carried(facts: &Facts<'_>, is_cancellation: bool) -> Vec<Finding> {
    let resolved = |finding: &Finding| {
        // An ambiguous `$` is settled by the customer's record; "no ship-to printed" and "no article number" are judged by matching.
        let settled_currency =
            finding.field == "/orders/0/currency" && facts.currency.is_some() && completeness::is_doubt(finding.code);
        let judged_by_matching = matches!(finding.code, Code::MissingShipTo | Code::MissingItem) && !is_of_matching(finding);
        is_found_anew(finding.code) || settled_currency || judged_by_matching
    };
    let mut carried: Vec<Finding> = facts.matched.findings.iter().filter(|finding| !resolved(finding)).cloned().collect();
    if is_cancellation {
        // Only whose order and which one matters for a cancellation; what its lines say changes nothing.
        let about_content = |field: &str| {
            field.starts_with("/orders/0/")
                && !["/orders/0/po_number", "/orders/0/release_number", "/orders/0/customer"].contains(&field)
        };
        carried.iter_mut().filter(|finding| about_content(&finding.field)).for_each(|finding| finding.severity = Severity::Note);
    }
    carried
}

/// Matching points at the address as a whole and at the chosen article; readers point at what they read.
fn is_of_matching(finding: &Finding) -> bool {
    finding.field == "/orders/0/ship_to" || finding.field.ends_with("/sku")
}

/// Heaviest first, each code and field once, and one doubt a field: a reader's own words are kept, with the heavier weight.
fn tidied(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |other: &&mut Finding| {
            other.field == finding.field
                && (other.code == finding.code || (completeness::is_doubt(other.code) && completeness::is_doubt(finding.code)))
                && (!finding.field.is_empty() || other.message == finding.message)
        };
        match kept.iter_mut().find(same) {
            Some(other) => {
                if finding.severity > other.severity && other.code == finding.code {
                    *other = finding;
                } else {
                    other.severity = other.severity.max(finding.severity);
                    other.proposal = other.proposal.take().or(finding.proposal);
                }
            }
            None => kept.push(finding),
        }
    }
    kept.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut seen = HashSet::new();
    kept.retain(|finding| seen.insert((finding.code, finding.field.clone(), finding.message.clone())));
    kept
}
