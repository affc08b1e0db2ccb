//! All documents together: how many were wrong unseen, exact, and read without a person - in all, by medium and by field.

use super::Result;
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    pub orders: usize,
    /// All that an order depends on is right.
    pub exact: usize,
    /// Needs no review.
    pub touchless: usize,
    /// Where a careful clerk would ask: not to be expected without review.
    pub must_review: usize,
    /// Touchless, and wrong in what an order depends on.
    pub false_accepts: usize,
    /// Wall time of reading, seconds.
    pub seconds: f64,
}

/// Counts of everything.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Of orders and other papers: what would have been placed, wrongly, without anybody looking.
    pub false_accepts: usize,
    pub documents: usize,
    pub kind_right: usize,
    pub all: Figures,
    pub by_medium: BTreeMap<String, Figures>,
    /// Papers that are no order; how many were read as one without review.
    pub others: usize,
    pub false_orders: usize,
    /// Lines, and those of which every value is right.
    pub lines: usize,
    pub lines_right: usize,
    /// Right and compared, by field.
    pub fields: BTreeMap<String, (usize, usize)>,
    pub tokens: u64,
    /// What the language model cost, millionths of the currency of its prices.
    pub cost_micros: u64,
}

/// Counts. What the model has cost is not in the results and stays zero.
pub fn summarise(results: &[Result]) -> Summary {
    let mut summary = Summary { documents: results.len(), ..Summary::default() };
    for result in results {
        summary.kind_right += usize::from(result.kind_expected == result.kind_got);
        summary.false_accepts += usize::from(result.is_false_accept());
        if !result.is_an_order() {
            summary.others += 1;
            summary.false_orders += usize::from(result.is_false_accept());
            continue;
        }
        summary.all.count(result);
        summary.by_medium.entry(result.medium.clone()).or_default().count(result);
        count_values(&mut summary, result);
    }
    summary
}

fn count_values(summary: &mut Summary, result: &Result) {
    let mut lines: BTreeMap<&str, bool> = BTreeMap::new();
    for compared in &result.compared {
        let (right, all) = summary.fields.entry(compared.field.clone()).or_default();
        *right += usize::from(compared.right);
        *all += 1;
        if let (Some((line, _)), true) = (compared.place.rsplit_once('/'), compared.place.contains("/lines/")) {
            *lines.entry(line).or_insert(true) &= compared.right;
        }
    }
    summary.lines += lines.len();
    summary.lines_right += lines.values().filter(|right| **right).count();
}

impl Figures {
    /// Orders that a careful clerk would place without asking.
    pub fn clear(&self) -> usize {
        self.orders - self.must_review
    }

    fn count(&mut self, result: &Result) {
        self.orders += 1;
        self.exact += usize::from(result.is_exact());
        self.touchless += usize::from(!result.needs_review);
        self.must_review += usize::from(result.must_review);
        self.false_accepts += usize::from(result.is_false_accept());
        self.seconds += result.seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_by_medium_and_by_line() {
        let field = |value: &str| json!({ "value": value });
        let truth = |medium: &str| json!({ "doc_type": "purchase_order", "medium": medium, "lines": [{ "quantity": "5", "line_no": "1" }, { "quantity": "6", "line_no": "2" }] });
        let got = |second: &str| {
            json!({ "kind": "purchase_order", "needs_review": false,
                "orders": [{ "lines": [{ "quantity": field("5"), "line_no": field("1") }, { "quantity": field(second), "line_no": field("2") }] }] })
        };
        let invoice = compare("c", &got("6"), &json!({ "doc_type": "invoice" }));
        let summary = summarise(&[compare("a", &got("6"), &truth("scan")), compare("b", &got("7"), &truth("sheet")), invoice]);
        assert_eq!((summary.documents, summary.others, summary.false_orders, summary.false_accepts), (3, 1, 1, 2));
        assert_eq!((summary.lines, summary.lines_right), (4, 3));
        assert_eq!((summary.by_medium["scan"].exact, summary.by_medium["sheet"].exact, summary.all.exact), (1, 0, 1));
        assert_eq!(summary.by_medium["sheet"].false_accepts, 1);
        assert_eq!(summary.fields["lines.quantity"], (3, 4));
    }
}
