//! Does the order print terms that a confirmation must not accept in silence? (DOMAIN 9) Only fields that a draft has are looked at.

use super::Facts;
use crate::deciding::matching::likeness::words;
use crate::deciding::{line_name, line_pointer};
use crate::model::{Code, Finding, Reading, Severity};

/// Words of clauses that somebody must agree to.
const CLAUSES: &[&str] = &[
    "no backorder",
    "no backorders",
    "no back orders",
    "no partial",
    "partial shipments not",
    "partial shipment not",
    "ship complete only",
    "liquidated damages",
    "penalty",
    "penalties",
    "price firm",
    "consignment",
    "certificate of conformance",
    "certificate of conformity",
    "certificate required",
    "cancel if",
    "vertragsstrafe",
    "ponale",
    "keine teillieferung",
    "keine teillieferungen",
    "werkszeugnis",
    "abnahmeprufzeugnis",
    "penalite",
    "penalites",
    "pas de livraison partielle",
    "penali",
    "nessuna consegna parziale",
    "penalizacion",
    "boete",
    "geen deelleveringen",
    "cut to",
    "schneiden auf",
    "zuschnitt",
];

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.matched.order;
    let mut findings = Vec::new();
    for (field, name, reading) in
        [("payment_terms", "payment terms", &order.payment_terms), ("incoterm", "delivery terms", &order.incoterm)]
    {
        findings.extend(clause_in(reading, &format!("/orders/0/{field}"), &format!("The {name}")));
    }
    for (index, line, _) in facts.articles() {
        findings.extend(clause_in(&line.description, &line_pointer(index, "description"), &line_name(line, index)));
    }
    findings
}

fn clause_in(reading: &Reading<String>, field: &str, name: &str) -> Option<Finding> {
    let text = &reading.found()?.value;
    let spaced = format!(" {} ", words(text).join(" "));
    let clause = CLAUSES.iter().find(|clause| spaced.contains(&format!(" {clause} ")))?;
    let message = format!("{name} has a clause that somebody must agree to (\"{clause}\"): \"{text}\".");
    Some(Finding::new(Code::ClauseNeedsReview, Severity::Ask, field, message).at(reading.spans()))
}
