//! What the model claims, before anything of it is believed. The types mirror `prompts/extract_po/*/schema.json`.

use crate::model::DocumentKind;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::error::LlmError;

/// More lines than this in one answer are refused.
const MAX_LINES: usize = 500;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Claims {
    pub document_kind: Kind,
    #[serde(deserialize_with = "text")]
    pub language: Option<String>,
    pub several_orders: bool,
    pub po_number: Claim,
    pub revision: Claim,
    pub po_date: Claim,
    pub currency: Claim,
    pub requested_delivery_date: Claim,
    pub payment_terms: Claim,
    pub incoterm: Claim,
    pub buyer: PartyClaim,
    pub seller: PartyClaim,
    pub ship_to: PartyClaim,
    pub lines: Vec<LineClaim>,
    pub subtotal: Claim,
    pub discount: Claim,
    pub shipping: Claim,
    pub tax: Claim,
    pub total: Claim,
    pub questions: Vec<String>,
}

/// The kind as the model names it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Kind(Option<Value>);

impl Kind {
    /// `None` for a kind that is none of ours.
    pub fn read(&self) -> Option<DocumentKind> {
        serde_json::from_value(self.0.clone()?).ok()
    }
}

/// A header value and the text that it stands in.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim {
    pub value: Option<String>,
    pub quote: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PartyClaim {
    #[serde(deserialize_with = "text")]
    pub quote: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub street: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub region: Option<String>,
    #[serde(deserialize_with = "text")]
    pub postal_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LineClaim {
    #[serde(deserialize_with = "text")]
    pub quote: Option<String>,
    #[serde(deserialize_with = "text")]
    pub line_no: Option<String>,
    #[serde(deserialize_with = "text")]
    pub buyer_part: Option<String>,
    #[serde(deserialize_with = "text")]
    pub supplier_part: Option<String>,
    #[serde(deserialize_with = "text")]
    pub manufacturer_part: Option<String>,
    #[serde(deserialize_with = "text")]
    pub gtin: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub quantity: Option<String>,
    #[serde(deserialize_with = "text")]
    pub uom: Option<String>,
    #[serde(deserialize_with = "text")]
    pub unit_price: Option<String>,
    #[serde(deserialize_with = "text")]
    pub price_basis: Option<String>,
    #[serde(deserialize_with = "text")]
    pub discount_percent: Option<String>,
    #[serde(deserialize_with = "text")]
    pub line_total: Option<String>,
    #[serde(deserialize_with = "text")]
    pub requested_date: Option<String>,
}

impl Claims {
    /// # Errors
    /// `InvalidAnswer` where the text is not of the schema.
    pub fn parse(answer: &str) -> Result<Self, LlmError> {
        let invalid = |why: String| LlmError::InvalidAnswer { why };
        // A list would be taken for the fields in their order.
        if !answer.starts_with('{') {
            return Err(invalid("it is no JSON object".into()));
        }
        // The message of serde_json names fields and places; it repeats no values of ours but may repeat a key of the answer.
        let claims: Self = serde_json::from_str(answer)
            .map_err(|error| invalid(format!("it is not of the schema at line {}, column {}", error.line(), error.column())))?;
        if claims.lines.len() > MAX_LINES {
            return Err(invalid(format!("it has {} lines", claims.lines.len())));
        }
        Ok(claims)
    }
}

impl Claims {
    /// The claims about a document of which `next` is a later window: the header of the first window that has one, all lines, and the
    /// sums of the last.
    pub fn followed_by(mut self, next: Self) -> Self {
        let later = |before: Claim, after: Claim| if after.value.is_some() { after } else { before };
        self.lines.extend(next.lines);
        self.questions.extend(next.questions);
        self.several_orders |= next.several_orders;
        self.subtotal = later(self.subtotal, next.subtotal);
        self.discount = later(self.discount, next.discount);
        self.shipping = later(self.shipping, next.shipping);
        self.tax = later(self.tax, next.tax);
        self.total = later(self.total, next.total);
        let earlier = |before: Claim, after: Claim| if before.value.is_some() { before } else { after };
        self.po_number = earlier(self.po_number, next.po_number);
        self.po_date = earlier(self.po_date, next.po_date);
        self.currency = earlier(self.currency, next.currency);
        self.requested_delivery_date = earlier(self.requested_delivery_date, next.requested_delivery_date);
        self.payment_terms = earlier(self.payment_terms, next.payment_terms);
        self.incoterm = earlier(self.incoterm, next.incoterm);
        self.revision = earlier(self.revision, next.revision);
        let first = |before: PartyClaim, after: PartyClaim| if before.quote.is_some() { before } else { after };
        self.buyer = first(self.buyer, next.buyer);
        self.seller = first(self.seller, next.seller);
        self.ship_to = first(self.ship_to, next.ship_to);
        self
    }
}

/// `{value, quote}`; weak models answer with the bare value or null, which then has no quote.
impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct Pair {
            #[serde(deserialize_with = "text")]
            value: Option<String>,
            #[serde(deserialize_with = "text")]
            quote: Option<String>,
        }
        let json = Value::deserialize(deserializer)?;
        if json.is_object() {
            let pair: Pair = serde_json::from_value(json).map_err(serde::de::Error::custom)?;
            return Ok(Self { value: pair.value, quote: pair.quote });
        }
        Ok(Self { value: plain(json).map_err(serde::de::Error::custom)?, quote: None })
    }
}

/// A text, a number as text, or nothing; models write nothing in several ways.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    plain(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn plain(json: Value) -> Result<Option<String>, &'static str> {
    let text = match json {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err("a text was expected"),
    };
    let trimmed = text.trim();
    let nothing =
        ["", "null", "none", "n/a", "unknown", "not specified", "not stated"].iter().any(|word| trimmed.eq_ignore_ascii_case(word));
    Ok((!nothing).then(|| trimmed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::llm::{LlmSettings, Prompts};

    #[test]
    fn weak_answers_are_read_and_wrong_ones_refused() {
        let claims = Claims::parse(r#"{"document_kind":"purchase_order","po_number":"A-1","total":{"value":12.5,"quote":"null"},"lines":[{"quote":"x","quantity":5}]}"#)
            .expect("lenient");
        assert_eq!(claims.po_number.value.as_deref(), Some("A-1"));
        assert_eq!((claims.total.value.as_deref(), claims.total.quote), (Some("12.5"), None));
        assert_eq!(claims.lines[0].quantity.as_deref(), Some("5"));
        for wrong in ["", "[]", "{\"lines\":3}", "{\"po\":\"1\"}", "{\"lines\":[{\"qty\":1}]}", "{\"po_number\":[1]}"] {
            assert!(matches!(Claims::parse(wrong), Err(LlmError::InvalidAnswer { .. })), "{wrong}");
        }
    }

    /// The schema sent and the type read name the same fields.
    #[test]
    fn the_schema_and_the_claims_agree() {
        fn sample(schema: &Value) -> Value {
            match schema.get("type").and_then(Value::as_str) {
                Some("object") => {
                    schema["properties"].as_object().expect("an object").iter().map(|(k, v)| (k.clone(), sample(v))).collect()
                }
                Some("array") => Value::Array(vec![sample(&schema["items"])]),
                Some("boolean") => Value::Bool(true),
                Some("string") => schema.pointer("/enum/0").cloned().unwrap_or_else(|| "x".into()),
                _ => "x".into(),
            }
        }
        let prompts = Prompts::load(&LlmSettings::default()).expect("valid");
        let full = sample(prompts.schema());
        assert!(Claims::parse(&full.to_string()).is_ok());
        for kind in prompts.schema().pointer("/properties/document_kind/enum").and_then(Value::as_array).expect("a list") {
            assert!(Kind(Some(kind.clone())).read().is_some(), "{kind}");
        }
    }
}
