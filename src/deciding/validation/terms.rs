//! Do the printed payment terms differ from the account's? The account wins, and the difference is reported (DOMAIN 30).

use super::Facts;
use crate::deciding::matching::likeness::words;
use crate::model::{Code, Finding, Severity};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let printed = facts.matched.order.payment_terms.found();
    let agreed = facts.customer.and_then(|customer| customer.payment_terms.as_deref());
    let (Some(printed), Some(agreed)) = (printed, agreed) else { return Vec::new() };
    if mean_the_same(&printed.value, agreed) {
        return Vec::new();
    }
    let message = format!("The order says \"{}\" for payment; the account's terms \"{agreed}\" apply.", printed.value);
    vec![Finding::new(Code::TermsDiffer, Severity::Note, "/orders/0/payment_terms", message).at(printed.origin.spans())]
}

/// `Net 30` and `30 days net` mean the same: the numbers decide where there are any.
fn mean_the_same(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let numbers = |words: &[String]| -> Vec<String> {
        let mut numbers: Vec<String> = words.iter().filter(|word| word.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        numbers.sort();
        numbers
    };
    let (x, y) = (numbers(&a), numbers(&b));
    if x.is_empty() && y.is_empty() { a == b } else { x == y }
}

#[cfg(test)]
mod tests {
    use super::mean_the_same;

    #[test]
    fn numbers_decide() {
        assert!(mean_the_same("Net 30", "30 days net"));
        assert!(mean_the_same("2/10 net 30", "30 Tage netto, 10 Tage 2 %"));
        assert!(!mean_the_same("Net 60", "Net 30"));
        assert!(!mean_the_same("COD", "prepaid"));
    }
}
