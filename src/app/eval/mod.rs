//! How well are documents read? Compares what `extract` prints for a document with what a person says is in it (`truth.json`).
//!
//! `summary` counts; the figure that matters is its first: values that are wrong in a document that needs no review.

mod summary;

pub use summary::{Figures, Summary, summarise};

use crate::model::Unit;
use serde::Serialize;
use serde_json::{Value, json};

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
    /// Where the value that was read stands, as the contract writes it.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
}

impl Compared {
    /// Read as something else than what is there, or read where nothing is. What was not found is none: it is asked for, not ordered.
    pub fn is_wrong(&self) -> bool {
        !self.right && (self.got.is_some() || self.field == LINE_COUNT)
    }
}

/// One document against its truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Result {
    pub document: String,
    /// What the document is made of, as its truth says: `text_pdf`, `sheet`, `mail_text`, `scan`, `photo`; else its file name's extension.
    pub medium: String,
    pub kind_expected: String,
    pub kind_got: String,
    pub method: String,
    pub needs_review: bool,
    /// A careful clerk would ask about this paper.
    pub must_review: bool,
    /// The codes of the findings that ask.
    pub reasons: Vec<String>,
    pub compared: Vec<Compared>,
    /// Wall time of reading it, seconds.
    pub seconds: f64,
}

impl Result {
    pub fn is_an_order(&self) -> bool {
        self.kind_expected == "purchase_order"
    }

    /// The kind and everything that an order depends on is right: number, currency, total, ship-to postal code, and every line's parts,
    /// quantity, unit and price.
    pub fn is_exact(&self) -> bool {
        self.kind_expected == self.kind_got && self.compared.iter().all(|compared| compared.right || !is_core(&compared.field))
    }

    /// Nobody would have looked, and something that an order depends on is wrong; or it is no order and was read as one.
    pub fn is_false_accept(&self) -> bool {
        let is_wrong = |compared: &Compared| is_critical(&compared.field) && compared.is_wrong();
        match (self.needs_review, self.is_an_order()) {
            (true, _) => false,
            (false, true) => self.compared.iter().any(is_wrong),
            (false, false) => self.kind_got == "purchase_order",
        }
    }
}

const LINE_COUNT: &str = "lines.count";

/// What makes an order exact.
const CORE: [&str; 14] = [
    "po_number",
    "currency",
    "total",
    "ship_to.postal_code",
    "orders.count",
    LINE_COUNT,
    "lines.buyer_part",
    "lines.supplier_part",
    "lines.manufacturer_part",
    "lines.gtin",
    "lines.quantity",
    "lines.uom",
    "lines.unit_price",
    "lines.price_basis",
];

fn is_core(field: &str) -> bool {
    CORE.contains(&field)
}

/// What an order depends on: a wrong one of these, unasked, is the worst defect.
fn is_critical(field: &str) -> bool {
    is_core(field) || matches!(field, "lines.line_total" | "lines.discount_percent")
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

const LINE: [&str; 13] = [
    "line_no",
    "buyer_part",
    "supplier_part",
    "manufacturer_part",
    "gtin",
    "description",
    "quantity",
    "uom",
    "unit_price",
    "price_basis",
    "discount_percent",
    "line_total",
    "requested_date",
];

/// Compares the contract's object of one document with its truth.
pub fn compare(document: &str, got: &Value, truth: &Value) -> Result {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nothing = Vec::new();
    let findings = got["findings"].as_array().unwrap_or(&nothing);
    let mut result = Result {
        document: document.to_owned(),
        medium: text(&truth["medium"]),
        kind_expected: text(&truth["doc_type"]),
        kind_got: text(&got["kind"]),
        method: text(&got["method"]),
        needs_review: got["needs_review"].as_bool().unwrap_or(true),
        must_review: truth["must_review"].as_bool().unwrap_or(false),
        reasons: findings.iter().filter(|finding| finding["severity"] != "info").map(|finding| text(&finding["code"])).collect(),
        compared: Vec::new(),
        seconds: 0.0,
    };
    result.reasons.sort();
    result.reasons.dedup();
    // A paper of which as well another kind may be said.
    let kinds = truth["alt"]["doc_type"].as_array().unwrap_or(&nothing);
    if kinds.iter().any(|kind| *kind == result.kind_got.as_str()) && result.needs_review {
        result.kind_got.clone_from(&result.kind_expected);
        return result;
    }
    if !result.is_an_order() {
        return result;
    }
    let truths: Vec<&Value> = truth["orders"].as_array().map_or_else(|| vec![truth], |orders| orders.iter().collect());
    let found = got["orders"].as_array().map_or(0, Vec::len);
    if found > truths.len() {
        let (many, found) = (Value::from(truths.len().to_string()), json!({ "value": found.to_string() }));
        result.compared.push(one("orders.count", "orders".into(), &many, &found, &Value::Null));
    }
    for (index, truth) in truths.into_iter().enumerate() {
        order(&mut result.compared, index, &got["orders"][index], truth);
    }
    result
}

fn order(compared: &mut Vec<Compared>, index: usize, got: &Value, truth: &Value) {
    let alternatives = &truth["alt"];
    for (name, path) in HEADER {
        let Some(expected) = lookup(truth, name) else { continue };
        let got = got.pointer(&format!("/{path}")).unwrap_or(&Value::Null);
        compared.push(one(name, format!("orders/{index}/{name}"), expected, got, &alternatives[name]));
    }
    let none = Vec::new();
    let (expected, found) = (truth["lines"].as_array().unwrap_or(&none), got["lines"].as_array().unwrap_or(&none));
    let (many, many_found) = (Value::from(expected.len().to_string()), json!({ "value": found.len().to_string() }));
    compared.push(one(LINE_COUNT, format!("orders/{index}/lines"), &many, &many_found, &Value::Null));
    for (at, line) in expected.iter().enumerate() {
        for name in LINE {
            let Some(expected) = line.get(name) else { continue };
            let got = found.get(at).and_then(|line| line.get(name)).unwrap_or(&Value::Null);
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

/// `got` is a field of the contract: null, or an object with a value.
fn one(field: &str, place: String, expected: &Value, got: &Value, alternatives: &Value) -> Compared {
    let read = got["value"].as_str().map(str::to_owned);
    let accepts = |expected: &Value| match (expected.as_str(), read.as_deref()) {
        (None, None) => true,
        (Some(expected), Some(got)) => same(expected, got) || (field == "lines.uom" && same_unit(expected, got)),
        // The price is for one: the same as no word of it.
        (None, Some("1")) | (Some("1"), None) => field == "lines.price_basis",
        (None, Some(_)) | (Some(_), None) => false,
    };
    let none = Vec::new();
    let right = accepts(expected) || alternatives.as_array().unwrap_or(&none).iter().any(accepts);
    let (field, expected) = (field.to_owned(), expected.as_str().map(str::to_owned));
    Compared { field, place, expected, got: read, right, evidence: got["evidence"].clone() }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn field(value: &str) -> Value {
        json!({ "value": value, "evidence": [] })
    }

    /// An order as read and as it is, with one line each.
    fn read(needs_review: bool, header: &Value, line: &Value) -> Value {
        let mut order = header.clone();
        order["lines"] = json!([line]);
        json!({ "kind": "purchase_order", "needs_review": needs_review, "orders": [order] })
    }

    #[test]
    fn numbers_compare_by_value_and_a_missing_value_is_not_a_wrong_one() {
        let truth = json!({ "doc_type": "purchase_order", "po_number": "A-1", "total": "10.50", "currency": "EUR",
            "lines": [{ "quantity": "5.0", "price_basis": null }] });
        let header = json!({ "po_number": field("a1"), "total": field("10.5"), "currency": null });
        let result = compare("x", &read(false, &header, &json!({ "quantity": field("5"), "price_basis": field("1") })), &truth);
        let different: Vec<&str> = result.compared.iter().filter(|c| !c.right).map(|c| c.field.as_str()).collect();
        assert_eq!(different, ["currency"]);
        assert!(!result.is_exact() && !result.is_false_accept());
    }

    #[test]
    fn a_wrong_value_is_a_false_accept_only_where_nobody_would_have_looked() {
        let truth = json!({ "doc_type": "purchase_order", "lines": [{ "quantity": "5", "description": "bolt" }] });
        let line = |quantity: &str| json!({ "quantity": field(quantity), "description": field("nut") });
        for (quantity, needs_review, is_exact, is_false_accept) in
            [("5", false, true, false), ("50", true, false, false), ("50", false, false, true)]
        {
            let result = compare("x", &read(needs_review, &json!({}), &line(quantity)), &truth);
            assert_eq!((result.is_exact(), result.is_false_accept()), (is_exact, is_false_accept), "{quantity} {needs_review}");
        }
    }

    #[test]
    fn a_missing_line_and_an_order_too_many_are_wrong() {
        let truth = json!({ "doc_type": "purchase_order", "lines": [{ "quantity": "5" }, { "quantity": "6" }] });
        let result = compare("x", &read(false, &json!({}), &json!({ "quantity": field("5") })), &truth);
        assert!(result.is_false_accept());
        let mut two = read(false, &json!({}), &json!({ "quantity": field("5") }));
        two["orders"] = json!([two["orders"][0], two["orders"][0]]);
        let result = compare("x", &two, &json!({ "doc_type": "purchase_order", "lines": [{ "quantity": "5" }] }));
        assert!(!result.is_exact());
        assert!(result.is_false_accept());
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
    fn an_invoice_read_as_an_order_is_a_false_accept() {
        let got = json!({ "kind": "purchase_order", "needs_review": false, "orders": [] });
        assert!(compare("x", &got, &json!({ "doc_type": "invoice" })).is_false_accept());
    }
}
