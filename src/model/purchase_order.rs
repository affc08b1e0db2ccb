//! A purchase order that may be placed: matched, checked and decided. Every value still says where it came from.
//!
//! The only way to get one is `deciding::decision::decide` (or a person's approval, which passes the same checks).

use super::{Account, Address, Currency, Field, Money, Sku, Unit, UnitPrice};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A customer's order, ready to become ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    pub account: Field<Account>,
    /// As printed (DOMAIN 1).
    pub po_number: Field<String>,
    pub revision: Option<Field<String>>,
    pub release_number: Option<Field<String>>,
    pub po_date: Option<Field<Date>>,
    pub currency: Field<Currency>,
    pub requested_delivery_date: Option<Field<Date>>,
    pub payment_terms: Option<Field<String>>,
    pub incoterm: Option<Field<String>>,
    /// The code in `addresses.csv`, empty where a person approved an address that is not in it.
    pub ship_to_code: String,
    pub ship_to: Field<Address>,
    /// At least one.
    pub lines: Vec<PurchaseOrderLine>,
    /// Freight and other charges that the document states, added to the lines; zero where none.
    pub shipping: Decimal,
    pub discount: Decimal,
    pub tax: Decimal,
    /// Whom the confirmation is for, as the mail or the customer's record says; never chosen from a document's text.
    pub contact_email: String,
    /// ISO 639-1, for what we write to them.
    pub language: String,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOrderLine {
    /// The buyer's own line number, or its place in the order where none is printed (DOMAIN 7).
    pub line_no: String,
    pub sku: Field<Sku>,
    /// The buyer's number for the item as printed, to be echoed.
    pub buyer_part: Option<String>,
    pub description: String,
    /// In the unit as ordered; positive.
    pub quantity: Field<Decimal>,
    pub unit: Unit,
    /// The same quantity in the product's own unit: what stock is counted in.
    pub base_quantity: Decimal,
    pub base_unit: Unit,
    /// Per `unit` as ordered.
    pub price: Field<UnitPrice>,
    pub discount_percent: Option<Decimal>,
    /// After discount, rounded to the currency's minor unit.
    pub line_total: Decimal,
    pub requested_date: Option<Field<Date>>,
}

impl PurchaseOrder {
    /// The sum of the lines, plus charges, less discount, plus tax.
    pub fn total(&self) -> Money {
        let lines: Decimal = self.lines.iter().map(|line| line.line_total).sum();
        Money { amount: lines + self.shipping + self.tax - self.discount, currency: self.currency.value }
    }

    /// The value of the goods alone: what ceilings and credit are compared with.
    pub fn goods_value(&self) -> Money {
        let lines: Decimal = self.lines.iter().map(|line| line.line_total).sum();
        Money { amount: lines - self.discount, currency: self.currency.value }
    }
}
