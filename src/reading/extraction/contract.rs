//! The contract's `extract --json` object for one file: exact names, nothing decided here.

use crate::model::{
    Draft, DraftCharge, DraftDelivery, DraftLine, DraftOrder, DraftParty, Field, Finding, Reading, Severity, Sha256, Span, Unit,
};
use serde_json::{Map, Value, json};

/// One line of `podesk extract --json`.
pub fn to_json(file: &str, sha256: &Sha256, draft: &Draft) -> Value {
    json!({
        "file": file,
        "sha256": sha256.as_str(),
        "kind": draft.kind.as_str(),
        "language": draft.language.as_ref().map(|l| l.as_str()),
        "method": draft.method.as_str(),
        "needs_review": needs_review(draft),
        "findings": draft.findings.iter().map(finding).collect::<Vec<_>>(),
        "orders": draft.orders.iter().map(order).collect::<Vec<_>>(),
    })
}

/// False only where a draft has all that an order depends on, and nothing about it asks a person.
pub fn needs_review(draft: &Draft) -> bool {
    let asks = draft.findings.iter().any(|f| f.severity >= Severity::Ask);
    asks || (draft.kind.concerns_an_order() && draft.orders.is_empty())
}

fn finding(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Note => "info",
        Severity::Ask => "warning",
        Severity::Block => "error",
    };
    json!({ "code": finding.code.as_str(), "severity": severity, "field": finding.field, "message": finding.message })
}

fn order(order: &DraftOrder) -> Value {
    json!({
        "po_number": text(&order.po_number),
        "revision": text(&order.revision),
        "release_number": text(&order.release_number),
        "po_date": shown(&order.po_date),
        "currency": shown(&order.currency),
        "requested_delivery_date": shown(&order.requested_delivery_date),
        "payment_terms": text(&order.payment_terms),
        "incoterm": text(&order.incoterm),
        "buyer": party(&order.buyer),
        "seller": party(&order.seller),
        "ship_to": party(&order.ship_to),
        "bill_to": party(&order.bill_to),
        "lines": order.lines.iter().map(line).collect::<Vec<_>>(),
        "subtotal": shown(&order.subtotal),
        "discount": shown(&order.discount),
        "shipping": shown(&order.shipping),
        "tax": shown(&order.tax),
        "total": shown(&order.total),
        "charges": order.charges.iter().map(charge).collect::<Vec<_>>(),
    })
}

fn party(party: &DraftParty) -> Value {
    json!({
        "name": text(&party.name),
        "street": text(&party.street),
        "city": text(&party.city),
        "region": text(&party.region),
        "postal_code": text(&party.postal_code),
        "country": text(&party.country),
        "vat_id": text(&party.vat_id),
        "email": text(&party.email),
        "phone": text(&party.phone),
        "contact": text(&party.contact),
    })
}

fn line(line: &DraftLine) -> Value {
    let mut uom = text(&line.uom);
    if let (Some(object), Some(unit)) = (uom.as_object_mut(), line.uom.likeliest().and_then(|f| Unit::parse(&f.value))) {
        object.insert("code".into(), Value::from(unit.code()));
    }
    json!({
        "line_no": text(&line.line_no),
        "buyer_part": text(&line.buyer_part),
        "supplier_part": text(&line.supplier_part),
        "manufacturer_part": text(&line.manufacturer_part),
        "gtin": text(&line.gtin),
        "description": text(&line.description),
        "quantity": shown(&line.quantity),
        "uom": uom,
        "unit_price": shown(&line.unit_price),
        "price_basis": shown(&line.price_basis),
        "discount_percent": shown(&line.discount_percent),
        "line_total": shown(&line.line_total),
        "requested_date": shown(&line.requested_date),
        "pack_size": shown(&line.pack_size),
        "charges": line.charges.iter().map(charge).collect::<Vec<_>>(),
        "deliveries": line.deliveries.iter().map(delivery).collect::<Vec<_>>(),
    })
}

/// What a structured document lists beside the sums: `carried` says whether a sum of the contract has it in.
fn charge(charge: &DraftCharge) -> Value {
    json!({
        "type": if charge.is_allowance { "allowance" } else { "charge" },
        "reason": text(&charge.reason),
        "amount": shown(&charge.amount),
        "percent": shown(&charge.percent),
        "carried": charge.is_carried,
    })
}

fn delivery(delivery: &DraftDelivery) -> Value {
    json!({ "quantity": shown(&delivery.quantity), "date": shown(&delivery.date), "place": text(&delivery.place) })
}

fn text(reading: &Reading<String>) -> Value {
    shown(reading)
}

/// A field as the contract has it. Of several values the likeliest is shown, with a confidence under one half; the finding says so.
fn shown<T: ToString>(reading: &Reading<T>) -> Value {
    match reading {
        Reading::Found(field) => object(field, f64::from(field.confidence.as_percent()) / 100.0),
        Reading::Several(fields) => {
            fields.first().map_or(Value::Null, |field| object(field, f64::from(field.confidence.as_percent().min(45)) / 100.0))
        }
        Reading::Unreadable { .. } | Reading::Absent => Value::Null,
    }
}

fn object<T: ToString>(field: &Field<T>, confidence: f64) -> Value {
    let mut object = Map::new();
    object.insert("value".into(), Value::from(field.value.to_string()));
    object.insert("raw".into(), Value::from(field.raw.as_str()));
    object.insert("confidence".into(), json!(confidence));
    object.insert("evidence".into(), Value::Array(field.origin.spans().iter().map(evidence).collect()));
    Value::Object(object)
}

fn evidence(span: &Span) -> Value {
    match span {
        Span::Box { page, bbox } => {
            let rounded: Vec<f64> = bbox.iter().map(|v| (f64::from(*v) * 100.0).round() / 100.0).collect();
            json!({ "page": page, "bbox": rounded })
        }
        Span::Text { start, end } => json!({ "span": [start, end] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Code, Confidence, DocumentKind};
    use rust_decimal::dec;

    #[test]
    fn the_contract_names_are_exact() {
        let mut draft = Draft::not_an_order(
            DocumentKind::PurchaseOrder,
            vec![Finding::new(Code::MissingPoNumber, Severity::Ask, "/orders/0/po_number", "No number.")],
        );
        let origin = super::super::ground::ground_text(3, 7);
        let line = DraftLine {
            uom: Reading::Found(Field::new("Stk".into(), "Stk", Confidence::percent(80), origin.clone())),
            quantity: Reading::Found(Field::new(dec!(1250), "1.250", Confidence::percent(95), origin)),
            ..DraftLine::default()
        };
        draft.orders.push(DraftOrder { lines: vec![line], ..DraftOrder::default() });
        let value = to_json("a.pdf", &Sha256::from("00"), &draft);
        assert_eq!(value["needs_review"], json!(true));
        assert_eq!(value["findings"][0]["severity"], json!("warning"));
        let line = &value["orders"][0]["lines"][0];
        assert_eq!(line["uom"]["code"], json!("C62"));
        assert_eq!(line["quantity"], json!({"value": "1250", "raw": "1.250", "confidence": 0.95, "evidence": [{"span": [3, 7]}]}));
        assert_eq!(line["unit_price"], Value::Null);
    }
}
