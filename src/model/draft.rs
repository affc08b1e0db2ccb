//! What was read from one document: a `Draft`, the contract's `extract --json` object as types.
//!
//! A draft may be incomplete or wrong, and says so: every field is a `Reading`. Nothing here is matched to master data yet.
//! EDI, API, file drop and hand entry make a `Draft` too, so that every channel gets the same checks.

use super::{Address, Currency, Finding, Party, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a document or mail is. The text forms are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    PurchaseOrder,
    OrderChange,
    OrderCancellation,
    RequestForQuote,
    Quote,
    OrderAcknowledgement,
    Invoice,
    CreditNote,
    DeliveryNote,
    Statement,
    Remittance,
    ReturnRequest,
    StatusInquiry,
    AutoReply,
    Bounce,
    Other,
}

impl DocumentKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PurchaseOrder => "purchase_order",
            Self::OrderChange => "order_change",
            Self::OrderCancellation => "order_cancellation",
            Self::RequestForQuote => "request_for_quote",
            Self::Quote => "quote",
            Self::OrderAcknowledgement => "order_acknowledgement",
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
            Self::DeliveryNote => "delivery_note",
            Self::Statement => "statement",
            Self::Remittance => "remittance",
            Self::ReturnRequest => "return_request",
            Self::StatusInquiry => "status_inquiry",
            Self::AutoReply => "auto_reply",
            Self::Bounce => "bounce",
            Self::Other => "other",
        }
    }

    /// Whether a document of this kind may lead to an order, a change or a cancellation.
    pub fn concerns_an_order(self) -> bool {
        matches!(self, Self::PurchaseOrder | Self::OrderChange | Self::OrderCancellation)
    }
}

/// How a draft was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Exact structured data: EDI, UBL, cXML, Order-X.
    Structured,
    /// Anchors and columns confirmed by a person for this sender and layout.
    Template,
    /// Labels and geometry.
    Layout,
    /// A language model, grounded and checked.
    Llm,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Structured => "structured",
            Self::Template => "template",
            Self::Layout => "layout",
            Self::Llm => "llm",
        }
    }

    /// The reader's name for a person.
    pub fn reader(self) -> &'static str {
        match self {
            Self::Structured => "format reader",
            Self::Template => "learned template",
            Self::Layout => "layout reader",
            Self::Llm => "language model",
        }
    }
}

/// ISO 639-1 code, lower case, of the language a document is mostly written in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(pub String);

impl Language {
    pub fn new(code: &str) -> Self {
        Self(code.to_ascii_lowercase())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything that one document says, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub kind: DocumentKind,
    pub language: Option<Language>,
    pub method: Method,
    /// Usually one. Empty for documents that are not orders.
    pub orders: Vec<DraftOrder>,
    pub findings: Vec<Finding>,
}

impl Draft {
    /// A document that leads to no order, with the reason.
    pub fn not_an_order(kind: DocumentKind, findings: Vec<Finding>) -> Self {
        Self { kind, language: None, method: Method::Layout, orders: Vec::new(), findings }
    }
}

/// One order as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftOrder {
    /// As printed (DOMAIN 1): never reformatted.
    pub po_number: Reading<String>,
    pub revision: Reading<String>,
    pub release_number: Reading<String>,
    pub po_date: Reading<Date>,
    pub currency: Reading<Currency>,
    pub requested_delivery_date: Reading<Date>,
    pub payment_terms: Reading<String>,
    pub incoterm: Reading<String>,
    pub buyer: DraftParty,
    pub seller: DraftParty,
    pub ship_to: DraftParty,
    pub bill_to: DraftParty,
    pub lines: Vec<DraftLine>,
    pub subtotal: Reading<Decimal>,
    pub discount: Reading<Decimal>,
    pub shipping: Reading<Decimal>,
    pub tax: Reading<Decimal>,
    pub total: Reading<Decimal>,
    /// Every allowance and charge on the whole order, as the document lists them. Empty where it states sums only.
    #[serde(default)]
    pub charges: Vec<DraftCharge>,
}

/// An allowance (takes off) or a charge (adds), as a document states it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftCharge {
    pub is_allowance: bool,
    /// What it is for: words, or the document's code where there are none.
    pub reason: Reading<String>,
    /// Never negative for an amount that goes the way `is_allowance` says.
    pub amount: Reading<Decimal>,
    pub percent: Reading<Decimal>,
    /// Whether `discount`, `shipping`, `tax` or the line's `discount_percent` has it in: an order placed from those includes it.
    pub is_carried: bool,
}

impl DraftCharge {
    /// What it adds; negative for an allowance. `None` where no amount is stated.
    pub fn signed(&self) -> Option<Decimal> {
        self.amount.value().map(|amount| if self.is_allowance { -*amount } else { *amount })
    }
}

/// A part of a line that is to be delivered on a day of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftDelivery {
    pub quantity: Reading<Decimal>,
    pub date: Reading<Date>,
    /// The place as the document names it, mostly a location number, where it is not the order's own.
    pub place: Reading<String>,
}

/// One order line as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftLine {
    /// The buyer's own line number (DOMAIN 7).
    pub line_no: Reading<String>,
    /// The buyer's number for the item.
    pub buyer_part: Reading<String>,
    /// Our number for the item.
    pub supplier_part: Reading<String>,
    pub manufacturer_part: Reading<String>,
    pub gtin: Reading<String>,
    pub description: Reading<String>,
    pub quantity: Reading<Decimal>,
    /// As printed; `model::Unit::parse` gives the code.
    pub uom: Reading<String>,
    pub unit_price: Reading<Decimal>,
    /// The quantity that the price is for; absent means 1.
    pub price_basis: Reading<Decimal>,
    pub discount_percent: Reading<Decimal>,
    pub line_total: Reading<Decimal>,
    pub requested_date: Reading<Date>,
    /// How many of the item one ordered unit holds, where the document counts packs without naming their unit (DOMAIN 18).
    #[serde(default)]
    pub pack_size: Reading<Decimal>,
    /// Allowances and charges on the line, beside its price.
    #[serde(default)]
    pub charges: Vec<DraftCharge>,
    /// The delivery schedule, where the document has one.
    #[serde(default)]
    pub deliveries: Vec<DraftDelivery>,
}

/// A party as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftParty {
    pub name: Reading<String>,
    pub street: Reading<String>,
    pub city: Reading<String>,
    pub region: Reading<String>,
    pub postal_code: Reading<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Reading<String>,
    pub vat_id: Reading<String>,
    /// GS1 global location number, where the document identifies parties by number.
    #[serde(default)]
    pub gln: Reading<String>,
    pub email: Reading<String>,
    pub phone: Reading<String>,
    pub contact: Reading<String>,
}

impl DraftParty {
    pub fn is_absent(&self) -> bool {
        [&self.name, &self.street, &self.city, &self.postal_code, &self.country, &self.gln].iter().all(|f| f.is_absent())
    }

    /// The plain values, empty where nothing was found.
    pub fn to_party(&self) -> Party {
        let text = |reading: &Reading<String>| reading.value().cloned().unwrap_or_default();
        Party {
            address: Address {
                name: text(&self.name),
                street: text(&self.street),
                postal_code: text(&self.postal_code),
                city: text(&self.city),
                region: text(&self.region),
                country: text(&self.country),
            },
            vat_id: text(&self.vat_id),
            gln: text(&self.gln),
            email: text(&self.email),
            phone: text(&self.phone),
            contact: text(&self.contact),
        }
    }
}
