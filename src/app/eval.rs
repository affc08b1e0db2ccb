//! How good is reading? Compares what `extract` prints for a document with what a person says is in it (`truth.json`).
//!
//! The figure that matters is the last one: documents that need no review and are wrong all the same.

use crate::model::Unit;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One compared value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// `po_number`, `ship_to.city`, `lines.quantity`.
    pub field: String,
    /// With indexes: `orders/0/lines/3/quantity`.
    pub place: String,
    pub expected: Option<String>,
    pub got: Option<String>,
    pub right: bool,
}

/// One document against its truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Result {
    pub document: String,
    pub kind_expected: String,
    pub kind_got: String,
    pub needs_review: bool,
    pub compared: Vec<Compared>,
}

impl Result {
    /// Kind right and every value right.
    pub fn is_exact(&self) -> bool {
        self.kind_expected == self.kind_got && self.compared.iter().all(|compared| compared.right)
    }

    /// Values that are there but wrong. A value that was not found is not among them: it is asked for, not ordered.
    pub fn wrong_values(&self) -> impl Iterator<Item = &Compared> {
        self.compared.iter().filter(|compared| !compared.right && compared.got.is_some())
    }
}

/// What an order depends on: a wrong one of these, unasked, is the worst defect.
const CRITICAL: [&str; 9] = [
    "po_number",
    "currency",
    "total",
    "lines.quantity",
    "lines.unit_price",
    "lines.line_total",
    "lines.buyer_part",
    "lines.supplier_part",
    "lines.count",
];

pub fn is_critical(field: &str) -> bool {
    CRITICAL.contains(&field)
}

const HEADER: [(&str, &str); 17] = [
    ("po_number", "po_number"),
    ("po_date", "po_date"),
    ("currency", "currency"),
    ("requested_delivery_date", "requested_delivery_date"),
    ("payment_terms", "payment_terms"),
    ("buyer_name", "buyer/name"),
    ("seller_name", "seller/name"),
    ("bill_to_name", "bill_to/name"),
    ("ship_to.name", "ship_to/name"),
    ("ship_to.street", "ship_to/street"),
    ("ship_to.city", "ship_to/city"),
    ("ship_to.postal_code", "ship_to/postal_code"),
    ("ship_to.country", "ship_to/country"),
    ("subtotal", "subtotal"),
    ("tax", "tax"),
    ("shipping", "shipping"),
    ("total", "total"),
];

const LINE: [&str; 9] =
    ["line_no", "buyer_part", "supplier_part", "description", "quantity", "uom", "unit_price", "line_total", "requested_date"];

/// Compares the contract's object of one document with its truth.
pub fn compare(document: &str, got: &Value, truth: &Value) -> Result {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut result = Result {
        document: document.to_owned(),
        kind_expected: text(&truth["doc_type"]),
        kind_got: text(&got["kind"]),
        needs_review: got["needs_review"].as_bool().unwrap_or(true),
        compared: Vec::new(),
    };
    if result.kind_expected != "purchase_order" {
        return result;
    }
    let truths: Vec<&Value> = truth["orders"].as_array().map_or_else(|| vec![truth], |orders| orders.iter().collect());
    for (index, truth) in truths.into_iter().enumerate() {
        order(&mut result.compared, index, &got["orders"][index], truth);
    }
    result
}

fn order(compared: &mut Vec<Compared>, index: usize, got: &Value, truth: &Value) {
    let alternatives = &truth["alt"];
    for (name, path) in HEADER {
        let Some(expected) = lookup(truth, name) else { continue };
        let got = got.pointer(&format!("/{path}")).and_then(value_of);
        compared.push(one(name, format!("orders/{index}/{name}"), expected, got, &alternatives[name]));
    }
    let none = Vec::new();
    let (expected, found) = (truth["lines"].as_array().unwrap_or(&none), got["lines"].as_array().unwrap_or(&none));
    let count = |lines: &Vec<Value>| Value::String(lines.len().to_string());
    let (many, many_found) = (count(expected), count(found));
    compared.push(one("lines.count", format!("orders/{index}/lines"), &many, many_found.as_str().map(str::to_owned), &Value::Null));
    for (at, line) in expected.iter().enumerate() {
        for name in LINE {
            let Some(expected) = line.get(name) else { continue };
            let got = found.get(at).and_then(|line| line.get(name)).and_then(value_of);
            // What else a careful reader may say of this line, or of every line.
            let also = [format!("lines.{at}.{name}"), format!("line.{name}")];
            let also = also.iter().filter_map(|key| alternatives[key.as_str()].as_array()).flatten().cloned().collect();
            let place = format!("orders/{index}/lines/{at}/{name}");
            compared.push(one(&format!("lines.{name}"), place, expected, got, &Value::Array(also)));
        }
    }
}

fn lookup<'a>(truth: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(truth, |value, key| value.get(key))
}

fn value_of(field: &Value) -> Option<String> {
    field.get("value").and_then(Value::as_str).map(str::to_owned)
}

fn one(field: &str, place: String, expected: &Value, got: Option<String>, alternatives: &Value) -> Compared {
    let accepts = |expected: &Value| match (expected.as_str(), &got) {
        (None, None) => true,
        (Some(expected), Some(got)) => same(expected, got) || (field == "lines.uom" && same_unit(expected, got)),
        (None, Some(_)) | (Some(_), None) => false,
    };
    let none = Vec::new();
    let right = accepts(expected) || alternatives.as_array().unwrap_or(&none).iter().any(accepts);
    Compared { field: field.to_owned(), place, expected: expected.as_str().map(str::to_owned), got, right }
}

/// Two words or codes for one unit.
fn same_unit(expected: &str, got: &str) -> bool {
    Unit::parse(expected).is_some_and(|unit| Unit::parse(got) == Some(unit))
}

/// Numbers by value, texts by their letters and digits.
fn same(expected: &str, got: &str) -> bool {
    if let (Ok(expected), Ok(got)) = (expected.parse::<rust_decimal::Decimal>(), got.parse::<rust_decimal::Decimal>()) {
        return expected == got;
    }
    let reduced = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    reduced(expected) == reduced(got)
}

/// All documents together.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    pub documents: usize,
    pub kind_right: usize,
    pub orders: usize,
    pub exact: usize,
    /// Orders that need no review.
    pub without_review: usize,
    /// Of those, the ones with a wrong or missing value that an order depends on.
    pub wrong_without_review: usize,
    /// Documents that are no order and were read as one without review.
    pub false_orders: usize,
    /// Right and compared, by field.
    pub fields: BTreeMap<String, (usize, usize)>,
}

/// Counts.
pub fn summarise(results: &[Result]) -> Summary {
    let mut summary = Summary { documents: results.len(), ..Summary::default() };
    for result in results {
        summary.kind_right += usize::from(result.kind_expected == result.kind_got);
        if result.kind_expected != "purchase_order" {
            summary.false_orders += usize::from(result.kind_got == "purchase_order" && !result.needs_review);
            continue;
        }
        summary.orders += 1;
        summary.exact += usize::from(result.is_exact());
        if !result.needs_review {
            summary.without_review += 1;
            let is_wrong = |compared: &Compared| !compared.right && is_critical(&compared.field) && compared.got.is_some();
            summary.wrong_without_review += usize::from(result.compared.iter().any(is_wrong));
        }
        for compared in &result.compared {
            let (right, all) = summary.fields.entry(compared.field.clone()).or_default();
            *right += usize::from(compared.right);
            *all += 1;
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(value: &str) -> Value {
        json!({ "value": value })
    }

    #[test]
    fn numbers_compare_by_value_and_a_missing_value_is_not_a_wrong_one() {
        let truth = json!({ "doc_type": "purchase_order", "po_number": "A-1", "total": "10.50", "currency": "EUR", "lines": [] });
        let got = json!({ "kind": "purchase_order", "needs_review": false,
            "orders": [{ "po_number": field("a1"), "total": field("10.5"), "currency": null, "lines": [] }] });
        let result = compare("x", &got, &truth);
        let wrong: Vec<&str> = result.compared.iter().filter(|c| !c.right).map(|c| c.field.as_str()).collect();
        assert_eq!(wrong, ["currency"]);
        assert_eq!(result.wrong_values().count(), 0);
        let summary = summarise(&[result]);
        assert_eq!((summary.without_review, summary.wrong_without_review), (1, 0));
    }

    #[test]
    fn what_else_may_be_said_of_a_line_counts_as_right() {
        let truth = json!({ "doc_type": "purchase_order", "lines": [{ "buyer_part": null }, { "buyer_part": null }],
            "alt": { "line.buyer_part": ["A-1"], "lines.1.buyer_part": ["B-2"] } });
        let got = json!({ "kind": "purchase_order", "needs_review": false,
            "orders": [{ "lines": [{ "buyer_part": field("A-1") }, { "buyer_part": field("B-2") }] }] });
        assert!(compare("x", &got, &truth).is_exact());
    }

    #[test]
    fn an_invoice_read_as_an_order_is_counted() {
        let got = json!({ "kind": "purchase_order", "needs_review": false, "orders": [] });
        let summary = summarise(&[compare("x", &got, &json!({ "doc_type": "invoice" }))]);
        assert_eq!(summary.false_orders, 1);
    }
}
