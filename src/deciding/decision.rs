//! What happens with an assessed order: the one place where a `PurchaseOrder` may be let through.
//!
//! A person's approval passes the same code: what they accepted no longer asks, what blocks still does.

use super::validation::{buyer_is_us_and_seller_is_not, is_outdated, is_same};
use super::{Assessed, ChangeRequest, Policy, Question, Verdict};
use crate::model::master::MasterData;
use crate::model::{Code, DocumentKind, Finding, Severity};

/// Decides. Total: whatever is not clear is a question.
pub fn decide(assessed: Assessed, _master: &MasterData, _policy: &Policy) -> Verdict {
    let kind = assessed.matched.kind;
    if !kind.concerns_an_order() || buyer_is_us_and_seller_is_not(&assessed) {
        return Verdict::NotAnOrder { kind, findings: assessed.findings };
    }
    if let Some(verdict) = repeated(&assessed) {
        return verdict;
    }
    let open: Vec<&Finding> = assessed.findings.iter().filter(|finding| is_open(finding, &assessed)).collect();
    if !open.is_empty() {
        let reasons = reasons(&open);
        return Verdict::Ask(Box::new(Question { reasons, assessed }));
    }
    let standing = assessed.prior.as_ref().filter(|prior| !prior.is_cancelled).map(|prior| prior.number.clone());
    match (kind, standing, assessed.order.clone()) {
        (DocumentKind::OrderCancellation, Some(of), _) => Verdict::Cancel { of },
        (_, Some(of), Some(order)) => Verdict::Change(Box::new(ChangeRequest { of, order })),
        (DocumentKind::PurchaseOrder | DocumentKind::OrderChange, None, Some(order)) => Verdict::Place(Box::new(order)),
        // Nothing asks, and still there is no order: a gap between the rules. A person sees what is there.
        (_, _, _) => Verdict::Ask(Box::new(Question { reasons: vec![Code::ProcessingFailed], assessed })),
    }
}

/// The same order again, an older revision, or a second cancellation: known without asking anybody.
fn repeated(assessed: &Assessed) -> Option<Verdict> {
    let prior = assessed.prior.as_ref()?;
    let of = prior.number.clone();
    let is_cancellation = assessed.matched.kind == DocumentKind::OrderCancellation;
    let nothing_to_do = if is_cancellation {
        prior.is_cancelled
    } else {
        !prior.is_cancelled && (is_same(assessed.order.as_ref(), prior) || is_outdated(&assessed.matched, prior))
    };
    nothing_to_do.then_some(Verdict::Duplicate { of })
}

/// Whether a finding still stands in the way.
fn is_open(finding: &Finding, assessed: &Assessed) -> bool {
    match finding.severity {
        Severity::Note => false,
        Severity::Ask => {
            !assessed.matched.choices.accepted.iter().any(|(code, field)| *code == finding.code && *field == finding.field)
        }
        Severity::Block => true,
    }
}

/// The codes of the findings, each once, in their order.
fn reasons(findings: &[&Finding]) -> Vec<Code> {
    let mut reasons = Vec::new();
    for finding in findings {
        if !reasons.contains(&finding.code) {
            reasons.push(finding.code);
        }
    }
    reasons
}

/// The findings that a person accepts by approving a case: everything that asks and does not block.
pub fn acceptable(findings: &[Finding]) -> Vec<(Code, String)> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Ask)
        .map(|finding| (finding.code, finding.field.clone()))
        .collect()
}
