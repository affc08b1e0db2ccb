//! The stages between a draft and a decision, as types: `Matched -> Assessed -> Verdict`. A stage takes only what the stage before returns.

use crate::model::{
    Account, Code, DocumentKind, DraftOrder, Field, Finding, OrderNumber, PurchaseOrder, PurchaseOrderLine, Sha256, Sku, Unit,
    UnitPrice,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the mail says about who sends the order. All of it comes from headers, none from a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SenderFacts {
    /// Transport sender, lower case; empty for a bare document.
    pub address: String,
    /// The sender inside a forward, lower case; a claim.
    pub claimed_address: String,
    pub reply_to: String,
    /// The forwarder is one of us (our own domain).
    pub forwarded_by_us: bool,
    pub authentication_failed: bool,
    /// No mail at all: a file dropped by somebody with access to this machine.
    pub is_local_file: bool,
}

/// Which of our articles a line means, and how we know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatchedItem {
    pub sku: Field<Sku>,
    /// The unit that was ordered, and how many of the product's own unit one of it is.
    pub unit: Unit,
    pub in_own_unit: Decimal,
}

/// A draft line beside what it was matched to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatchedLine {
    pub item: Option<MatchedItem>,
    /// Likeliest articles, best first, for a person to choose from.
    pub candidates: Vec<Sku>,
    /// Our price for this customer, quantity and date, per unit as ordered.
    pub our_price: Option<Field<UnitPrice>>,
    /// A line that is no article: freight, surcharge, comment (DOMAIN 8).
    pub is_charge: bool,
}

/// What a person chose where matching could not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    pub customer: Option<Account>,
    /// A code of `addresses.csv`, or `PRINTED` for the address as printed on the order.
    pub ship_to_code: Option<String>,
    /// By line index.
    pub skus: BTreeMap<usize, Sku>,
    /// Findings that a person looked at and accepted: code and field.
    pub accepted: Vec<(Code, String)>,
    /// Who made these choices; empty when nobody did.
    pub who: String,
}

/// A draft with everything that master data says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    pub kind: DocumentKind,
    pub order: DraftOrder,
    pub customer: Option<Field<Account>>,
    pub customer_candidates: Vec<Account>,
    /// Code in `addresses.csv`; `PRINTED` when a person accepted the address as printed.
    pub ship_to_code: Option<Field<String>>,
    pub ship_to_candidates: Vec<String>,
    /// As many as `order.lines`.
    pub lines: Vec<MatchedLine>,
    pub findings: Vec<Finding>,
    pub choices: Choices,
}

/// An earlier order of the same customer and purchase order number: what duplicates and revisions are told from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorOrder {
    pub number: OrderNumber,
    pub account: Account,
    pub po_number: String,
    pub revision: Option<String>,
    pub release_number: Option<String>,
    /// `fingerprint` of the purchase order as placed or last changed.
    pub fingerprint: Sha256,
    /// Every quantity cancelled.
    pub is_cancelled: bool,
}

/// What is known beside master data when an order is assessed.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub prior_orders: Vec<PriorOrder>,
    /// Sum of the customer's open orders, in the customer's currency.
    pub open_value: Decimal,
}

/// A matched draft after every rule had its say. `order` is there when nothing that an order needs is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessed {
    pub matched: Matched,
    pub order: Option<PurchaseOrder>,
    pub prior: Option<PriorOrder>,
    /// Findings of reading, matching and every rule, heaviest first.
    pub findings: Vec<Finding>,
}

/// A question to a person: what is known, what is not, and why it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub assessed: Assessed,
    /// Codes of the findings that ask or block, heaviest first, each once.
    pub reasons: Vec<Code>,
}

/// A change to an order that we have: the new full text of it (DOMAIN 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRequest {
    pub of: OrderNumber,
    pub order: PurchaseOrder,
}

/// What is to happen with a draft order. There is no other way to a `PurchaseOrder`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    Place(Box<PurchaseOrder>),
    Change(Box<ChangeRequest>),
    Cancel { of: OrderNumber },
    Duplicate { of: OrderNumber },
    Ask(Box<Question>),
    NotAnOrder { kind: DocumentKind, findings: Vec<Finding> },
}

/// Rules with numbers, from `[deciding]` in `agent.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// A price on the order may be this much below ours before a person is asked, in percent.
    pub price_below_percent: Decimal,
    /// A price above ours beyond this is reported, in percent (DOMAIN 25).
    pub price_above_percent: Decimal,
    /// The printed total may differ from the sum of the lines by this much, in percent; at least 0.01 a line (DOMAIN 15).
    pub total_percent: Decimal,
    /// Orders of a higher goods value are shown to a person; none where absent.
    pub value_ceiling: Option<Decimal>,
    /// A requested date further ahead than this is asked about, in days.
    pub max_days_ahead: u32,
    /// What a customer without an entry in the column `automation` gets.
    pub place_without_asking: bool,
    /// Currency of orders that name none, when the customer's record names none either.
    pub default_currency: Option<String>,
    /// A local file (`podesk ingest order.pdf`) has no sender: its customer is found from the document alone.
    pub trust_local_files: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            price_below_percent: Decimal::ONE,
            price_above_percent: Decimal::from(5),
            total_percent: Decimal::new(5, 1),
            value_ceiling: None,
            max_days_ahead: 365,
            place_without_asking: true,
            default_currency: None,
            trust_local_files: true,
        }
    }
}

/// A digest of what is ordered - articles, quantities, prices, dates, ship-to - whatever the paper looked like.
/// Two purchase orders with one fingerprint ask for the same.
pub fn fingerprint(order: &PurchaseOrder) -> Sha256 {
    let line = |line: &PurchaseOrderLine| {
        format!(
            "{}|{}|{}|{}|{}|{}",
            line.line_no,
            line.sku.value,
            line.base_quantity.normalize(),
            line.price.value.amount.normalize(),
            line.price.value.per.normalize(),
            line.requested_date.as_ref().map(|date: &Field<Date>| date.value.to_string()).unwrap_or_default()
        )
    };
    let mut lines: Vec<String> = order.lines.iter().map(line).collect();
    lines.sort();
    let date = order.requested_delivery_date.as_ref().map(|date| date.value.to_string()).unwrap_or_default();
    let text = format!("{}\n{}\n{}\n{}", order.currency.value, order.ship_to.value.on_one_line(), date, lines.join("\n"));
    Sha256::of(text.as_bytes())
}
