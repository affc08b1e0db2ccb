//! Master data: what we know before a mail arrives. Rows as `CONTRACT.md` names them, and one snapshot of all of them.

use super::part::{confusable_key, lookup_key};
use super::{Account, Address, Currency, NodeCode, Sku, Unit};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// `products.csv`. Lengths in centimetres, weight in kilograms, price in `currency` for one `uom`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub sku: Sku,
    pub name: String,
    pub uom: Unit,
    pub gtin: Option<String>,
    pub manufacturer_part: Option<String>,
    pub pack_size: Option<Decimal>,
    pub weight_kg: Option<Decimal>,
    pub length_cm: Option<Decimal>,
    pub width_cm: Option<Decimal>,
    pub height_cm: Option<Decimal>,
    pub price: Option<Decimal>,
    pub currency: Option<Currency>,
    pub min_order_qty: Option<Decimal>,
    pub order_multiple: Option<Decimal>,
    pub lead_time_days: Option<u32>,
    pub status: ProductStatus,
    pub superseded_by: Option<Sku>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    #[default]
    Active,
    Discontinued,
    Blocked,
}

/// `uoms.csv`: 1 of this unit = `numerator / denominator` of the product's own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitConversion {
    pub sku: Sku,
    pub uom: Unit,
    pub numerator: Decimal,
    pub denominator: Decimal,
}

/// How far the desk may go alone for a customer (DESIGN, "automation is earned").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automation {
    /// Everything is read and decided, but a person approves each order.
    ReviewAll,
    /// Orders without findings that ask are placed.
    #[default]
    Auto,
    /// Nothing is placed.
    Off,
}

/// `customers.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub account: Account,
    pub name: String,
    /// Lower case, without `@`.
    pub email_domains: Vec<String>,
    /// Lower case.
    pub emails: Vec<String>,
    pub vat_id: Option<String>,
    pub gln: Option<String>,
    pub currency: Option<Currency>,
    pub payment_terms: Option<String>,
    /// In the customer's currency.
    pub credit_limit: Option<Decimal>,
    pub price_list: Option<String>,
    /// ISO 639-1, for what we write to them.
    pub language: Option<String>,
    pub country: Option<String>,
    /// Lower is served first; 100 where the file does not say.
    pub priority: u32,
    pub allow_backorder: bool,
    pub allow_partial: bool,
    pub ship_complete: bool,
    pub automation: Automation,
}

/// `addresses.csv`: a place that a customer may have goods sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipToAddress {
    pub account: Account,
    pub code: String,
    pub address: Address,
    pub is_default: bool,
}

/// `part_refs.csv`: a customer's number for one of our items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRef {
    pub account: Account,
    pub customer_part: String,
    pub sku: Sku,
    /// The unit that the customer's number stands for, where it is not the product's own (DOMAIN 18).
    pub uom: Option<Unit>,
}

/// `prices.csv`: from `min_qty` on, `price` for `per` of `uom` (the product's own where empty), between two dates, inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceEntry {
    pub price_list: String,
    pub sku: Sku,
    pub price: Decimal,
    pub currency: Currency,
    pub min_qty: Decimal,
    pub per: Decimal,
    pub uom: Option<Unit>,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Warehouse,
    Store,
    Supplier,
}

/// `nodes.csv`: a place that ships.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub node: NodeCode,
    pub name: String,
    pub kind: NodeKind,
    pub country: String,
    pub postal_code: String,
    pub street: Option<String>,
    pub city: Option<String>,
    /// Degrees, -90 to 90 and -180 to 180.
    pub latitude: Option<Decimal>,
    pub longitude: Option<Decimal>,
    /// IANA name; UTC where empty.
    pub timezone: Option<String>,
    /// Local time of day, `HH:MM`: orders after it count as the next working day.
    pub cutoff: Option<String>,
    pub handling_days: u32,
    /// Units a day; no limit where empty.
    pub daily_capacity: Option<u64>,
    /// Per shipment, in the currency of the node's rates.
    pub handling_cost: Option<Decimal>,
    pub pickup: bool,
}

/// `stock.csv`. Quantities in the product's own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    pub node: NodeCode,
    pub sku: Sku,
    pub on_hand: Decimal,
    pub safety_stock: Decimal,
    pub lot: Option<String>,
    pub expires: Option<Date>,
}

/// `inbound.csv`: goods on their way to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    pub node: NodeCode,
    pub sku: Sku,
    pub quantity: Decimal,
    pub due: Date,
    pub reference: Option<String>,
    /// 0 to 1: the share of this supply that may be promised.
    pub reliability: Decimal,
}

/// `rates.csv`: what a carrier takes from a node to a country and postal prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    pub carrier: String,
    pub service: String,
    pub node: NodeCode,
    pub country: String,
    /// Matches postal codes that begin with it; empty matches all.
    pub postal_prefix: String,
    pub max_weight_kg: Decimal,
    pub price: Decimal,
    pub currency: Currency,
    /// Working days.
    pub transit_days: u32,
    pub pickup_cutoff: Option<String>,
    pub dim_divisor: Option<u32>,
}

/// All master data that deciding needs, as of one moment, with the indexes to look it up. Stock is not in it: stock is read
/// at the moment of allocation.
#[derive(Debug, Clone, Default)]
pub struct MasterData {
    pub products: BTreeMap<Sku, Product>,
    pub units: HashMap<(Sku, Unit), UnitConversion>,
    pub customers: BTreeMap<Account, Customer>,
    pub addresses: BTreeMap<Account, Vec<ShipToAddress>>,
    pub prices: HashMap<(String, Sku), Vec<PriceEntry>>,
    pub nodes: BTreeMap<NodeCode, Node>,
    pub rates: Vec<Rate>,
    part_refs: HashMap<(Account, String), Vec<PartRef>>,
    by_lookup_key: HashMap<String, Vec<Sku>>,
    by_confusable_key: HashMap<String, Vec<Sku>>,
    by_gtin: HashMap<String, Vec<Sku>>,
    by_manufacturer_part: HashMap<String, Vec<Sku>>,
    refs_by_sku: HashMap<(Account, Sku), Vec<String>>,
    refs_by_confusable_key: HashMap<(Account, String), Vec<PartRef>>,
}

/// The rows of every table, as the store returns them.
#[derive(Debug, Clone, Default)]
pub struct MasterRows {
    pub products: Vec<Product>,
    pub units: Vec<UnitConversion>,
    pub customers: Vec<Customer>,
    pub addresses: Vec<ShipToAddress>,
    pub part_refs: Vec<PartRef>,
    pub prices: Vec<PriceEntry>,
    pub nodes: Vec<Node>,
    pub rates: Vec<Rate>,
}

impl MasterData {
    /// Builds the indexes.
    pub fn new(rows: MasterRows) -> Self {
        let mut data = Self { rates: rows.rates, ..Self::default() };
        for product in rows.products {
            let sku = product.sku.clone();
            data.by_lookup_key.entry(lookup_key(sku.as_str())).or_default().push(sku.clone());
            data.by_confusable_key.entry(confusable_key(sku.as_str())).or_default().push(sku.clone());
            if let Some(gtin) = &product.gtin {
                data.by_gtin.entry(gtin.trim_start_matches('0').to_owned()).or_default().push(sku.clone());
            }
            if let Some(part) = &product.manufacturer_part {
                data.by_manufacturer_part.entry(lookup_key(part)).or_default().push(sku.clone());
            }
            data.products.insert(sku, product);
        }
        for unit in rows.units {
            data.units.insert((unit.sku.clone(), unit.uom.clone()), unit);
        }
        for customer in rows.customers {
            data.customers.insert(customer.account.clone(), customer);
        }
        for address in rows.addresses {
            data.addresses.entry(address.account.clone()).or_default().push(address);
        }
        for part_ref in rows.part_refs {
            data.refs_by_sku
                .entry((part_ref.account.clone(), part_ref.sku.clone()))
                .or_default()
                .push(part_ref.customer_part.clone());
            data.refs_by_confusable_key
                .entry((part_ref.account.clone(), confusable_key(&part_ref.customer_part)))
                .or_default()
                .push(part_ref.clone());
            data.part_refs.entry((part_ref.account.clone(), lookup_key(&part_ref.customer_part))).or_default().push(part_ref);
        }
        for price in rows.prices {
            data.prices.entry((price.price_list.clone(), price.sku.clone())).or_default().push(price);
        }
        for node in rows.nodes {
            data.nodes.insert(node.node.clone(), node);
        }
        data
    }

    /// What a customer's part number stands for; several where the file names it more than once.
    pub fn part_refs(&self, account: &Account, customer_part: &str) -> &[PartRef] {
        self.part_refs.get(&(account.clone(), lookup_key(customer_part))).map_or(&[], Vec::as_slice)
    }

    /// What a customer's part number may stand for where optical confusions are forgiven (DOMAIN 21).
    pub fn part_refs_confusable_with(&self, account: &Account, customer_part: &str) -> &[PartRef] {
        self.refs_by_confusable_key.get(&(account.clone(), confusable_key(customer_part))).map_or(&[], Vec::as_slice)
    }

    /// The customer's own numbers for one of our items.
    pub fn customer_parts(&self, account: &Account, sku: &Sku) -> &[String] {
        self.refs_by_sku.get(&(account.clone(), sku.clone())).map_or(&[], Vec::as_slice)
    }

    /// Our articles whose number equals `printed` but for case and punctuation.
    pub fn skus_like(&self, printed: &str) -> &[Sku] {
        self.by_lookup_key.get(&lookup_key(printed)).map_or(&[], Vec::as_slice)
    }

    /// Our articles whose number equals `printed` where optical confusions are forgiven (DOMAIN 21).
    pub fn skus_confusable_with(&self, printed: &str) -> &[Sku] {
        self.by_confusable_key.get(&confusable_key(printed)).map_or(&[], Vec::as_slice)
    }

    /// Articles with this GTIN; leading zeros do not count (a GTIN-13 is a GTIN-14 with a zero before it).
    pub fn skus_by_gtin(&self, gtin: &str) -> &[Sku] {
        self.by_gtin.get(gtin.trim().trim_start_matches('0')).map_or(&[], Vec::as_slice)
    }

    pub fn skus_by_manufacturer_part(&self, part: &str) -> &[Sku] {
        self.by_manufacturer_part.get(&lookup_key(part)).map_or(&[], Vec::as_slice)
    }

    /// How many of the product's own unit one `unit` is: 1 for its own, `uoms.csv` otherwise, `None` where unknown.
    pub fn in_own_unit(&self, product: &Product, unit: &Unit) -> Option<Decimal> {
        if *unit == product.uom {
            return Some(Decimal::ONE);
        }
        let conversion = self.units.get(&(product.sku.clone(), unit.clone()))?;
        conversion.numerator.checked_div(conversion.denominator)
    }
}
