//! Are we the seller, and somebody else the buyer? An order of our own to a supplier must not become a sales order (DOMAIN 6).

use super::Facts;
use crate::deciding::matching::likeness::{name_key, name_likeness, word_overlap};
use crate::model::part::lookup_key;
use crate::model::{Code, Company, DraftParty, Finding, Severity};

/// How surely a party is us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::deciding) enum Us {
    Yes,
    No,
    /// Nothing is printed about it, or we do not know who we are.
    Unknown,
}

/// Whether the party is us, by VAT id, GLN, mail domain or name.
pub(in crate::deciding) fn is_us(party: &DraftParty, company: &Company) -> Us {
    let listed = |printed: Option<&String>, ours: &[String]| {
        printed
            .is_some_and(|printed| !lookup_key(printed).is_empty() && ours.iter().any(|our| lookup_key(our) == lookup_key(printed)))
    };
    if listed(party.vat_id.value(), &company.vat_ids) || listed(party.gln.value(), &company.glns) {
        return Us::Yes;
    }
    let domain = party.email.value().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain.to_lowercase());
    if domain.is_some_and(|domain| company.domains.contains(&domain)) {
        return Us::Yes;
    }
    let Some(name) = party.name.value() else { return Us::Unknown };
    let mut ours = std::iter::once(&company.name).chain(&company.also_known_as).filter(|name| !name.is_empty()).peekable();
    if ours.peek().is_none() {
        return Us::Unknown;
    }
    if ours.any(|our| name_key(our) == name_key(name) || name_likeness(our, name) >= 0.85) { Us::Yes } else { Us::No }
}

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.matched.order;
    let mut findings = Vec::new();
    if is_us(&order.buyer, facts.company) == Us::Yes {
        let message = format!("The buyer on this order is {}: it is an order of our own.", facts.company.name);
        findings.push(Finding::new(Code::BuyerIsUs, Severity::Block, "/orders/0/buyer/name", message).at(order.buyer.name.spans()));
    }
    if is_us(&order.seller, facts.company) == Us::No {
        let printed = order.seller.name.value().map_or("", String::as_str);
        let near =
            std::iter::once(&facts.company.name).chain(&facts.company.also_known_as).any(|our| word_overlap(our, printed) >= 0.5);
        if !near {
            let message = format!("The order is addressed to {printed}, not to {}.", facts.company.name);
            findings.push(
                Finding::new(Code::SellerIsNotUs, Severity::Ask, "/orders/0/seller/name", message).at(order.seller.name.spans()),
            );
        }
    }
    findings
}
