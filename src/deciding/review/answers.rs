//! A person's answers put into the draft: typed, each with who said it and when. Nothing is believed here; the draft is matched and checked
//! again.
//!
//! Answers are replayed in order, so an index in a pointer means the line as it stood when the answer was given.

use super::{Correction, Signature};
use crate::deciding::Choices;
use crate::model::{Account, Currency, DocumentKind, Draft, DraftLine, DraftOrder, DraftParty, Field, Finding, Reading, Sku};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Longer texts are refused.
const LONGEST_TEXT: usize = 2_000;
/// More lines than this are refused.
const MOST_LINES: usize = 10_000;

/// An answer that cannot be used: which field, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct CorrectionError {
    pub field: String,
    pub why: String,
}

/// Adds an answer to the earlier ones. It takes the place of one about the same field - but not across an answer that adds a line or
/// takes one out, because the same pointer means another line before it.
pub fn add(answers: &mut Vec<Correction>, answer: Correction) {
    let same_lines = answers.iter().rposition(|earlier| moves_lines(&earlier.field)).map_or(0, |at| at + 1);
    let earlier = answers.iter().skip(same_lines).position(|earlier| earlier.field == answer.field);
    match earlier.filter(|_| !moves_lines(&answer.field)) {
        Some(at) => answers[same_lines + at] = answer,
        None => answers.push(answer),
    }
}

/// `/orders/0/lines/-` and `/orders/0/lines/3`: whole lines.
fn moves_lines(field: &str) -> bool {
    field.strip_prefix("/orders/0/lines/").is_some_and(|rest| !rest.contains('/'))
}

/// The draft and the choices after all answers. Each is signed by who gave it; `who` and `at` sign those that name nobody.
pub fn apply(draft: &Draft, corrections: &[Correction], who: &str, at: Timestamp) -> Result<(Draft, Choices), CorrectionError> {
    let nobody = Signature { who: who.to_owned(), at };
    let choices = Choices { who: who.to_owned(), at: Some(at), ..Choices::default() };
    let mut answers = Answers { draft: draft.clone(), choices, by: nobody.clone() };
    for correction in corrections {
        answers.by = correction.by.clone().unwrap_or_else(|| nobody.clone());
        answers.take(correction).map_err(|why| CorrectionError { field: correction.field.clone(), why })?;
    }
    Ok((answers.draft, answers.choices))
}

struct Answers {
    draft: Draft,
    choices: Choices,
    /// Who gives the answer in hand.
    by: Signature,
}

impl Answers {
    fn take(&mut self, correction: &Correction) -> Result<(), String> {
        let value = correction.value.trim();
        if value.len() > LONGEST_TEXT {
            return Err(format!("the value is longer than {LONGEST_TEXT} bytes"));
        }
        if value.chars().any(|c| c.is_control()) {
            return Err("the value has control characters in it".to_owned());
        }
        let path: Vec<&str> = correction.field.split('/').collect();
        match path.as_slice() {
            ["", "kind"] => {
                self.draft.kind = serde_json::from_value::<DocumentKind>(value.into())
                    .map_err(|_| format!("`{value}` is no kind of document"))?;
            }
            ["", "orders", "0", rest @ ..] => {
                if self.draft.orders.is_empty() {
                    self.draft.orders.push(DraftOrder::default());
                }
                self.take_order(rest, value)?;
            }
            ["", "orders", ..] => return Err("a case holds one order, the one with index 0".to_owned()),
            _ => return Err("there is no such field".to_owned()),
        }
        self.draft.findings.retain(|finding| finding.field != correction.field);
        Ok(())
    }

    fn take_order(&mut self, path: &[&str], value: &str) -> Result<(), String> {
        match path {
            ["customer"] => self.choices.customer = (!value.is_empty()).then(|| Account::new(value)),
            ["ship_to_code"] => self.choices.ship_to_code = (!value.is_empty()).then(|| value.to_owned()),
            ["lines", "-"] => self.add_line(value)?,
            ["lines", index] if value.is_empty() => self.remove_line(self.index(index)?),
            ["lines", _] => return Err("a line is removed by an empty value; its fields are corrected one by one".to_owned()),
            ["lines", index, "sku"] => {
                let index = self.index(index)?;
                match value {
                    "" => self.choices.skus.remove(&index),
                    sku => self.choices.skus.insert(index, Sku::new(sku)),
                };
            }
            ["lines", index, field] => {
                let index = self.index(index)?;
                let by = self.by.clone();
                set_line(&mut self.draft.orders[0].lines[index], field, value, &by)?;
            }
            [party @ ("buyer" | "seller" | "ship_to" | "bill_to"), field] => {
                let by = self.by.clone();
                let order = &mut self.draft.orders[0];
                let party = match *party {
                    "buyer" => &mut order.buyer,
                    "seller" => &mut order.seller,
                    "ship_to" => &mut order.ship_to,
                    _ => &mut order.bill_to,
                };
                set_party(party, field, value, &by)?;
            }
            [field] => {
                let by = self.by.clone();
                set_header(&mut self.draft.orders[0], field, value, &by)?;
            }
            _ => return Err("there is no such field".to_owned()),
        }
        Ok(())
    }

    fn index(&self, text: &str) -> Result<usize, String> {
        let lines = self.draft.orders.first().map_or(0, |order| order.lines.len());
        match text.parse::<usize>() {
            Ok(index) if index < lines => Ok(index),
            Ok(_) | Err(_) => Err(format!("there is no line with index {text}; the order has {lines}")),
        }
    }

    /// A new line at the end; the value is the buyer's number for it, or empty.
    fn add_line(&mut self, number: &str) -> Result<(), String> {
        let by = self.by.clone();
        let lines = &mut self.draft.orders[0].lines;
        if lines.len() >= MOST_LINES {
            return Err(format!("an order has at most {MOST_LINES} lines"));
        }
        lines.push(DraftLine { line_no: by.says(number, text)?, ..DraftLine::default() });
        Ok(())
    }

    /// Takes a line out, with what was found and chosen for it; what stands behind it moves up.
    fn remove_line(&mut self, index: usize) {
        self.draft.orders[0].lines.remove(index);
        let moved = std::mem::take(&mut self.choices.skus).into_iter().filter(|(line, _)| *line != index);
        self.choices.skus = moved.map(|(line, sku)| (if line > index { line - 1 } else { line }, sku)).collect();
        let findings = std::mem::take(&mut self.draft.findings);
        self.draft.findings = findings.into_iter().filter_map(|finding| without_line(finding, index)).collect();
    }
}

/// The finding after line `removed` is gone; `None` where it was about that line.
fn without_line(finding: Finding, removed: usize) -> Option<Finding> {
    let Some(rest) = finding.field.strip_prefix("/orders/0/lines/") else { return Some(finding) };
    let (number, field) = rest.split_once('/').map_or((rest, ""), |(number, field)| (number, field));
    match number.parse::<usize>() {
        Ok(index) if index == removed => None,
        Ok(index) if index > removed => {
            let field = format!("/orders/0/lines/{}{}{field}", index - 1, if field.is_empty() { "" } else { "/" });
            Some(Finding { field, ..finding })
        }
        Ok(_) | Err(_) => Some(finding),
    }
}

impl Signature {
    fn says<T>(&self, value: &str, parse: fn(&str) -> Result<T, String>) -> Result<Reading<T>, String> {
        if value.is_empty() {
            return Ok(Reading::Absent);
        }
        Ok(Reading::Found(Field::from_person(parse(value)?, value, self.who.clone(), self.at)))
    }
}

fn text(value: &str) -> Result<String, String> {
    Ok(value.to_owned())
}

fn decimal(value: &str) -> Result<Decimal, String> {
    let is_plain = value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let parsed = value.parse::<Decimal>().ok().filter(|_| is_plain);
    parsed.ok_or_else(|| format!("`{value}` is not a number; write it like 1234.5, with a point and without separators"))
}

fn date(value: &str) -> Result<Date, String> {
    value
        .parse::<Date>()
        .ok()
        .filter(|_| value.len() == 10)
        .ok_or_else(|| format!("`{value}` is not a date; write it like 2026-03-31"))
}

fn currency(value: &str) -> Result<Currency, String> {
    Currency::parse(value).ok_or_else(|| format!("`{value}` is not an ISO 4217 currency code"))
}

fn country(value: &str) -> Result<String, String> {
    let code = value.to_ascii_uppercase();
    let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    is_code.then_some(code).ok_or_else(|| format!("`{value}` is not a country code of two letters"))
}

fn set_header(order: &mut DraftOrder, field: &str, value: &str, by: &Signature) -> Result<(), String> {
    match field {
        "po_number" => order.po_number = by.says(value, text)?,
        "revision" => order.revision = by.says(value, text)?,
        "release_number" => order.release_number = by.says(value, text)?,
        "po_date" => order.po_date = by.says(value, date)?,
        "currency" => order.currency = by.says(value, currency)?,
        "requested_delivery_date" => order.requested_delivery_date = by.says(value, date)?,
        "payment_terms" => order.payment_terms = by.says(value, text)?,
        "incoterm" => order.incoterm = by.says(value, text)?,
        "subtotal" => order.subtotal = by.says(value, decimal)?,
        "discount" => order.discount = by.says(value, decimal)?,
        "shipping" => order.shipping = by.says(value, decimal)?,
        "tax" => order.tax = by.says(value, decimal)?,
        "total" => order.total = by.says(value, decimal)?,
        _ => return Err("there is no such field".to_owned()),
    }
    Ok(())
}

fn set_line(line: &mut DraftLine, field: &str, value: &str, by: &Signature) -> Result<(), String> {
    match field {
        "line_no" => line.line_no = by.says(value, text)?,
        "buyer_part" => line.buyer_part = by.says(value, text)?,
        "supplier_part" => line.supplier_part = by.says(value, text)?,
        "manufacturer_part" => line.manufacturer_part = by.says(value, text)?,
        "gtin" => line.gtin = by.says(value, text)?,
        "description" => line.description = by.says(value, text)?,
        "quantity" => line.quantity = by.says(value, decimal)?,
        "uom" => line.uom = by.says(value, text)?,
        "unit_price" => line.unit_price = by.says(value, decimal)?,
        "price_basis" => line.price_basis = by.says(value, decimal)?,
        "discount_percent" => line.discount_percent = by.says(value, decimal)?,
        "line_total" => line.line_total = by.says(value, decimal)?,
        "requested_date" => line.requested_date = by.says(value, date)?,
        _ => return Err("there is no such field".to_owned()),
    }
    Ok(())
}

fn set_party(party: &mut DraftParty, field: &str, value: &str, by: &Signature) -> Result<(), String> {
    match field {
        "name" => party.name = by.says(value, text)?,
        "street" => party.street = by.says(value, text)?,
        "city" => party.city = by.says(value, text)?,
        "region" => party.region = by.says(value, text)?,
        "postal_code" => party.postal_code = by.says(value, text)?,
        "country" => party.country = by.says(value, country)?,
        "vat_id" => party.vat_id = by.says(value, text)?,
        "gln" => party.gln = by.says(value, text)?,
        "email" => party.email = by.says(value, text)?,
        "phone" => party.phone = by.says(value, text)?,
        "contact" => party.contact = by.says(value, text)?,
        _ => return Err("there is no such field".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Code, Method, Origin, Severity};
    use rust_decimal::dec;

    fn draft() -> Draft {
        let lines = vec![DraftLine::default(), DraftLine::default(), DraftLine::default()];
        let finding = |field: &str| Finding::new(Code::AmbiguousNumber, Severity::Ask, field, "two ways to read it");
        Draft {
            kind: DocumentKind::PurchaseOrder,
            language: None,
            method: Method::Layout,
            orders: vec![DraftOrder { lines, ..DraftOrder::default() }],
            findings: vec![
                finding("/orders/0/lines/0/quantity"),
                finding("/orders/0/lines/1/quantity"),
                finding("/orders/0/lines/2/unit_price"),
            ],
        }
    }

    fn say(field: &str, value: &str) -> Correction {
        Correction::new(field, value)
    }

    #[test]
    fn answers_are_typed_and_signed() {
        let at = Timestamp::UNIX_EPOCH;
        let answers = [
            say("/orders/0/lines/0/quantity", "1250"),
            say("/orders/0/currency", "eur"),
            say("/orders/0/customer", "ACME"),
            say("/orders/0/ship_to/country", "de"),
            say("/orders/0/lines/2/sku", "A-2"),
            say("/orders/0/lines/1", ""),
            say("/orders/0/lines/-", "40"),
            say("/orders/0/lines/2/requested_date", "2026-03-31"),
        ];
        let (draft, choices) = apply(&draft(), &answers, "eva", at).expect("all are good");
        let order = &draft.orders[0];
        assert_eq!(order.lines.len(), 3);
        assert_eq!(order.lines[0].quantity.value(), Some(&dec!(1250)));
        assert_eq!(order.lines[0].quantity.found().expect("found").origin, Origin::Person { who: "eva".into(), at });
        assert_eq!(order.lines[2].line_no.value().map(String::as_str), Some("40"));
        assert_eq!(order.ship_to.country.value().map(String::as_str), Some("DE"));
        assert_eq!(choices.customer, Some("ACME".into()));
        assert_eq!(choices.skus, [(1, Sku::from("A-2"))].into(), "the choice moved up with its line");
        let left: Vec<&str> = draft.findings.iter().map(|finding| finding.field.as_str()).collect();
        assert_eq!(left, ["/orders/0/lines/1/unit_price"]);
    }

    #[test]
    fn an_answer_replaces_an_earlier_one_about_the_same_line_only() {
        let mut answers = Vec::new();
        for (field, value) in [
            ("/orders/0/lines/2/quantity", "5"),
            ("/orders/0/lines/2/quantity", "6"),
            ("/orders/0/lines/0", ""),
            ("/orders/0/lines/0", ""),
            ("/orders/0/lines/0/unit_price", "1"),
            ("/orders/0/lines/0/unit_price", "2"),
            ("/orders/0/lines/-", "90"),
            ("/orders/0/lines/-", "91"),
        ] {
            add(&mut answers, say(field, value));
        }
        let (draft, _) = apply(&draft(), &answers, "eva", Timestamp::UNIX_EPOCH).expect("all are good");
        let lines = &draft.orders[0].lines;
        assert_eq!((answers.len(), lines.len()), (6, 3));
        assert_eq!(lines[0].quantity.value(), Some(&dec!(6)), "the third line of the document is the first now");
        assert_eq!(lines[0].unit_price.value(), Some(&dec!(2)));
        assert_eq!(lines[2].line_no.value().map(String::as_str), Some("91"));
    }

    #[test]
    fn an_answer_keeps_its_own_signature() {
        let by = Some(Signature { who: "bob".into(), at: Timestamp::UNIX_EPOCH });
        let answers = [Correction { by, ..say("/orders/0/currency", "EUR") }, say("/orders/0/po_number", "7")];
        let later = Timestamp::from_second(60).expect("a moment");
        let (draft, choices) = apply(&draft(), &answers, "eva", later).expect("both are good");
        let who = |origin: &Origin| match origin {
            Origin::Person { who, at } => (who.clone(), *at),
            other => panic!("{other:?}"),
        };
        let order = &draft.orders[0];
        assert_eq!(who(&order.currency.found().expect("found").origin), ("bob".into(), Timestamp::UNIX_EPOCH));
        assert_eq!(who(&order.po_number.found().expect("found").origin), ("eva".into(), later));
        assert_eq!(choices.who, "eva");
    }

    #[test]
    fn an_answer_that_cannot_be_used_says_which_and_why() {
        for (field, value, part) in [
            ("/orders/0/lines/0/quantity", "1,250", "without separators"),
            ("/orders/0/lines/9/quantity", "1", "no line with index 9"),
            ("/orders/0/po_date", "31.03.2026", "2026-03-31"),
            ("/orders/0/currency", "euros", "ISO 4217"),
            ("/orders/1/po_number", "7", "index 0"),
            ("/orders/0/colour", "red", "no such field"),
            ("/orders/0/lines/0", "x", "empty value"),
            ("/orders/0/po_number", "a\u{7}b", "control characters"),
            ("quantity", "1", "no such field"),
        ] {
            let error = apply(&draft(), &[say(field, value)], "eva", Timestamp::UNIX_EPOCH).expect_err(field);
            assert_eq!(error.field, field);
            assert!(error.why.contains(part), "{field}: {}", error.why);
        }
    }
}
