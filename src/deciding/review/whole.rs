//! A whole order given at once: the answers that make a case say just that. For what reading got wrong altogether.
//!
//! The object is the contract's order: `po_number`, `currency`, `ship_to`, `lines` and so on. A value is text, a number, or an object with
//! the text as `value`; null says that the document has none. What is not named stays as it is; named lines take the place of all lines.

use super::{Correction, CorrectionError};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const HEADER: [&str; 13] = [
    "po_number",
    "revision",
    "release_number",
    "po_date",
    "currency",
    "requested_delivery_date",
    "payment_terms",
    "incoterm",
    "subtotal",
    "discount",
    "shipping",
    "tax",
    "total",
];
/// Beside the contract's fields: our own codes, where the person knows them.
const CHOICES: [&str; 2] = ["customer", "ship_to_code"];
const PARTIES: [&str; 4] = ["buyer", "seller", "ship_to", "bill_to"];
const PARTY: [&str; 11] =
    ["name", "street", "city", "region", "postal_code", "country", "vat_id", "gln", "email", "phone", "contact"];
const LINE: [&str; 13] = [
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
    "sku",
];

/// The answers that lay `order` over a case that has `lines` lines now.
pub fn answers(order: &Value, lines: usize) -> Result<Vec<Correction>, CorrectionError> {
    // The contract's `extract` object, with its one order, will do as well.
    let order = order.pointer("/orders/0").unwrap_or(order);
    let object = object_of(order, "/orders/0")?;
    let mut answers = Vec::new();
    for (key, value) in object.iter().collect::<BTreeMap<_, _>>() {
        let field = format!("/orders/0/{key}");
        match key.as_str() {
            "lines" => answers.extend(lines_of(value, lines)?),
            name if HEADER.contains(&name) || CHOICES.contains(&name) => {
                answers.push(Correction::new(&*field, text(value, &field)?))
            }
            name if PARTIES.contains(&name) => answers.extend(party_of(value, &field)?),
            _ => return Err(unknown(field)),
        }
    }
    Ok(answers)
}

fn party_of(value: &Value, at: &str) -> Result<Vec<Correction>, CorrectionError> {
    if value.is_null() {
        return Ok(PARTY.iter().map(|name| Correction::new(format!("{at}/{name}"), "")).collect());
    }
    named(object_of(value, at)?, &PARTY, at)
}

/// All lines go, and these come.
fn lines_of(value: &Value, now: usize) -> Result<Vec<Correction>, CorrectionError> {
    let Value::Array(lines) = value else { return Err(wrong("/orders/0/lines", "is not a list")) };
    let mut answers: Vec<Correction> = (0..now).map(|_| Correction::new("/orders/0/lines/0", "")).collect();
    // The lines are all there before one of them is spoken of: an answer about a line counts from the last one that moved lines.
    for (index, line) in lines.iter().enumerate() {
        let at = format!("/orders/0/lines/{index}");
        let number = object_of(line, &at)?.get("line_no").map_or(Ok(String::new()), |value| text(value, &at))?;
        answers.push(Correction::new("/orders/0/lines/-", number));
    }
    for (index, line) in lines.iter().enumerate() {
        let at = format!("/orders/0/lines/{index}");
        let mut fields = object_of(line, &at)?.clone();
        fields.remove("line_no");
        answers.extend(named(&fields, &LINE, &at)?.into_iter().filter(|answer| !answer.value.is_empty()));
    }
    Ok(answers)
}

fn named(object: &Map<String, Value>, names: &[&str], at: &str) -> Result<Vec<Correction>, CorrectionError> {
    let answers = object.iter().map(|(key, value)| {
        let field = format!("{at}/{key}");
        if names.contains(&key.as_str()) { Ok(Correction::new(&*field, text(value, &field)?)) } else { Err(unknown(field)) }
    });
    answers.collect()
}

fn text(value: &Value, field: &str) -> Result<String, CorrectionError> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Object(object) => {
            object.get("value").map_or_else(|| Err(wrong(field, "has no `value`")), |value| text(value, field))
        }
        Value::Bool(_) | Value::Array(_) => Err(wrong(field, "is neither text nor a number")),
    }
}

fn object_of<'v>(value: &'v Value, at: &str) -> Result<&'v Map<String, Value>, CorrectionError> {
    value.as_object().ok_or_else(|| wrong(at, "is not an object"))
}

fn unknown(field: String) -> CorrectionError {
    wrong(&field, "there is no such field")
}

fn wrong(field: &str, why: &str) -> CorrectionError {
    CorrectionError { field: field.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(order: &Value, lines: usize) -> Vec<String> {
        let answers = answers(order, lines).expect("an order");
        answers.into_iter().map(|answer| format!("{}={}", &answer.field["/orders/0/".len()..], answer.value)).collect()
    }

    #[test]
    fn named_lines_take_the_place_of_all_others() {
        let order = json!({ "po_number": "4711", "total": 12.5, "ship_to": { "postal_code": { "value": "89073" } }, "revision": null,
            "lines": [{ "line_no": "10", "quantity": 2, "uom": null }, { "buyer_part": "A" }] });
        let expected = [
            "lines/0=",
            "lines/0=",
            "lines/-=10",
            "lines/-=",
            "lines/0/quantity=2",
            "lines/1/buyer_part=A",
            "po_number=4711",
            "revision=",
            "ship_to/postal_code=89073",
            "total=12.5",
        ];
        assert_eq!(said(&order, 2), expected);
        assert_eq!(said(&json!({ "orders": [{ "currency": "EUR" }] }), 3), ["currency=EUR"]);
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (order, field) in [
            (json!({ "number": "1" }), "/orders/0/number"),
            (json!({ "lines": [{ "qty": 1 }] }), "/orders/0/lines/0/qty"),
            (json!({ "lines": {} }), "/orders/0/lines"),
            (json!({ "total": [1] }), "/orders/0/total"),
            (json!([]), "/orders/0"),
        ] {
            assert_eq!(answers(&order, 0).expect_err("refused").field, field);
        }
    }
}
