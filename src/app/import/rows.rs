//! Lines of cells to typed rows. Every bad cell is reported, not only the first; two lines that name the same row are reported;
//! a file with any error yields no rows at all.

use super::cells;
use super::kind::did_you_mean;
use super::table::Table;
use super::{Kind, RowError};
use crate::model::master::{
    Automation, Customer, Inbound, Node, NodeKind, PartRef, PriceEntry, Product, ProductStatus, Rate, ShipToAddress, StockRow,
    UnitConversion,
};
use crate::model::part::is_gtin;
use crate::model::{Account, Address, NodeCode, Sku};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::hash::Hash;

/// The rows of one file.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    Products(Vec<Product>),
    Uoms(Vec<UnitConversion>),
    Customers(Vec<Customer>),
    Addresses(Vec<ShipToAddress>),
    PartRefs(Vec<PartRef>),
    Prices(Vec<PriceEntry>),
    Nodes(Vec<Node>),
    Stock(Vec<StockRow>),
    Inbound(Vec<Inbound>),
    Rates(Vec<Rate>),
}

/// A file that is right in itself.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) rows: Rows,
    /// Of each row, its line in the file.
    pub(super) lines: Vec<u64>,
    pub(super) notes: Vec<RowError>,
}

/// The rows of a table of this kind, or everything that is wrong with it.
pub(super) fn read(kind: Kind, table: &Table) -> Result<Read, Vec<RowError>> {
    let errors = check_header(kind, table);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut reader = Reader { table, errors: Vec::new(), notes: Vec::new() };
    let rows = match kind {
        Kind::Products => Rows::Products(reader.all(product, |row| row.sku.clone())),
        Kind::Uoms => Rows::Uoms(reader.all(conversion, |row| (row.sku.clone(), row.uom.clone()))),
        Kind::Customers => Rows::Customers(reader.all(customer, |row| row.account.clone())),
        Kind::Addresses => Rows::Addresses(reader.all(address, |row| (row.account.clone(), row.code.clone()))),
        Kind::PartRefs => Rows::PartRefs(reader.all(part_ref, |row| (row.account.clone(), row.customer_part.clone()))),
        Kind::Prices => Rows::Prices(reader.all(price, |row| {
            let of = (row.price_list.clone(), row.sku.clone(), row.currency);
            (of, row.min_qty.normalize(), row.uom.clone(), row.valid_from)
        })),
        Kind::Nodes => Rows::Nodes(reader.all(node, |row| row.node.clone())),
        Kind::Stock => Rows::Stock(reader.all(stock, |row| (row.node.clone(), row.sku.clone(), row.lot.clone()))),
        Kind::Inbound => {
            Rows::Inbound(reader.all(inbound, |row| (row.node.clone(), row.sku.clone(), row.reference.clone(), row.due)))
        }
        Kind::Rates => Rows::Rates(reader.all(rate, |row| {
            let of = (row.carrier.clone(), row.service.clone(), row.node.clone());
            (of, row.country.clone(), row.postal_prefix.clone(), row.max_weight_kg.normalize())
        })),
    };
    if reader.errors.is_empty() {
        let lines = table.lines.iter().map(|(line, _)| *line).collect();
        Ok(Read { rows, lines, notes: reader.notes })
    } else {
        Err(reader.errors)
    }
}

/// Unknown, doubled and missing columns, by name.
fn check_header(kind: Kind, table: &Table) -> Vec<RowError> {
    let known: Vec<&str> = kind.required().iter().chain(kind.optional()).copied().collect();
    let error = |column: &str, problem: String| RowError { file: table.file.clone(), line: 1, column: column.to_owned(), problem };
    let mut errors = Vec::new();
    for (index, column) in table.header.iter().enumerate() {
        if column.is_empty() {
            errors.push(error("", format!("column {} has no name", index + 1)));
        } else if !known.contains(&column.as_str()) {
            let guess = did_you_mean(column, &known);
            errors.push(error(column, format!("is no column of {}{guess}; columns are {}", kind.as_str(), known.join(", "))));
        } else if table.header[..index].contains(column) {
            errors.push(error(column, "is there twice".into()));
        }
    }
    let missing = kind.required().iter().filter(|column| !table.header.iter().any(|there| there == *column));
    errors.extend(missing.map(|column| error(column, "is missing; every row needs it".into())));
    errors
}

struct Reader<'a> {
    table: &'a Table,
    errors: Vec<RowError>,
    notes: Vec<RowError>,
}

impl Reader<'_> {
    /// Every line as a row; rows of one key are an error that names both lines.
    fn all<T, K: Hash + Eq>(&mut self, row: fn(&mut Line<'_>) -> Option<T>, key: impl Fn(&T) -> K) -> Vec<T> {
        let table = self.table;
        let mut first_lines: HashMap<K, u64> = HashMap::with_capacity(table.lines.len());
        let mut rows = Vec::with_capacity(table.lines.len());
        for (number, cells) in &table.lines {
            let mut line = Line { table, number: *number, cells, errors: &mut self.errors, notes: &mut self.notes };
            let Some(row) = row(&mut line) else { continue };
            if let Some(first) = first_lines.insert(key(&row), *number) {
                line.error("", format!("names the same row as line {first}"));
            }
            rows.push(row);
        }
        rows
    }
}

/// One line, read cell by cell.
struct Line<'a> {
    table: &'a Table,
    number: u64,
    cells: &'a [String],
    errors: &'a mut Vec<RowError>,
    notes: &'a mut Vec<RowError>,
}

impl Line<'_> {
    /// Empty where the file has no such column.
    fn cell(&self, column: &str) -> &str {
        let index = self.table.header.iter().position(|there| there == column);
        index.and_then(|index| self.cells.get(index)).map_or("", String::as_str)
    }

    fn place(&self, column: &str, problem: String) -> RowError {
        RowError { file: self.table.file.clone(), line: self.number, column: column.to_owned(), problem }
    }

    fn error(&mut self, column: &str, problem: String) {
        let error = self.place(column, problem);
        self.errors.push(error);
    }

    /// `None` where the cell is empty, or bad and reported.
    fn optional<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        match read(cell) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.error(column, problem);
                None
            }
        }
    }

    /// `None` where the cell is empty or bad; both are reported.
    fn required<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if self.cell(column).is_empty() {
            self.error(column, "is empty; every row needs it".into());
            return None;
        }
        self.optional(column, read)
    }
}

fn product(line: &mut Line<'_>) -> Option<Product> {
    const STATUS: &[(&str, ProductStatus)] =
        &[("active", ProductStatus::Active), ("discontinued", ProductStatus::Discontinued), ("blocked", ProductStatus::Blocked)];
    let (sku, name, uom) =
        (line.required("sku", cells::key), line.required("name", cells::text), line.required("uom", cells::unit));
    let product = Product {
        gtin: line.optional("gtin", cells::gtin),
        manufacturer_part: line.optional("manufacturer_part", cells::key),
        pack_size: line.optional("pack_size", cells::positive),
        weight_kg: line.optional("weight_kg", cells::not_negative),
        length_cm: line.optional("length_cm", cells::not_negative),
        width_cm: line.optional("width_cm", cells::not_negative),
        height_cm: line.optional("height_cm", cells::not_negative),
        price: line.optional("price", cells::not_negative),
        currency: line.optional("currency", cells::currency),
        min_order_qty: line.optional("min_order_qty", cells::not_negative),
        order_multiple: line.optional("order_multiple", cells::positive),
        lead_time_days: line.optional("lead_time_days", cells::days),
        status: line.optional("status", cells::one_of(STATUS)).unwrap_or_default(),
        superseded_by: line.optional("superseded_by", cells::key).map(Sku),
        sku: Sku(sku?),
        name: name?,
        uom: uom?,
    };
    if product.price.is_some() && line.cell("currency").is_empty() {
        line.error("currency", "is empty, but there is a price: a price needs a currency".into());
    }
    if product.gtin.as_deref().is_some_and(|gtin| !is_gtin(gtin)) {
        let note = line.place("gtin", format!("the check digit of `{}` is wrong", line.cell("gtin")));
        line.notes.push(note);
    }
    Some(product)
}

fn conversion(line: &mut Line<'_>) -> Option<UnitConversion> {
    let (sku, uom) = (line.required("sku", cells::key), line.required("uom", cells::unit));
    let (numerator, denominator) = (line.required("numerator", cells::positive), line.required("denominator", cells::positive));
    Some(UnitConversion { sku: Sku(sku?), uom: uom?, numerator: numerator?, denominator: denominator? })
}

fn customer(line: &mut Line<'_>) -> Option<Customer> {
    const AUTOMATION: &[(&str, Automation)] =
        &[("review_all", Automation::ReviewAll), ("auto", Automation::Auto), ("off", Automation::Off)];
    const LAST_PRIORITY: u32 = 100;
    let (account, name) = (line.required("account", cells::key), line.required("name", cells::text));
    Some(Customer {
        email_domains: line.optional("email_domains", cells::domains).unwrap_or_default(),
        emails: line.optional("emails", cells::emails).unwrap_or_default(),
        vat_id: line.optional("vat_id", cells::key),
        gln: line.optional("gln", cells::gln),
        currency: line.optional("currency", cells::currency),
        payment_terms: line.optional("payment_terms", cells::text),
        credit_limit: line.optional("credit_limit", cells::not_negative),
        price_list: line.optional("price_list", cells::key),
        language: line.optional("language", cells::language),
        country: line.optional("country", cells::country),
        priority: line.optional("priority", cells::rank).unwrap_or(LAST_PRIORITY),
        allow_backorder: line.optional("allow_backorder", cells::flag).unwrap_or(true),
        allow_partial: line.optional("allow_partial", cells::flag).unwrap_or(true),
        ship_complete: line.optional("ship_complete", cells::flag).unwrap_or(false),
        automation: line.optional("automation", cells::one_of(AUTOMATION)).unwrap_or_default(),
        account: Account(account?),
        name: name?,
    })
}

fn address(line: &mut Line<'_>) -> Option<ShipToAddress> {
    let (account, code) = (line.required("account", cells::key), line.required("code", cells::key));
    let (name, street) = (line.required("name", cells::text), line.required("street", cells::text));
    let (city, country) = (line.required("city", cells::text), line.required("country", cells::country));
    // Some countries have none.
    let postal_code = line.optional("postal_code", cells::text).unwrap_or_default();
    let region = line.optional("region", cells::text).unwrap_or_default();
    let is_default = line.optional("is_default", cells::flag).unwrap_or(false);
    let address = Address { name: name?, street: street?, postal_code, city: city?, region, country: country? };
    Some(ShipToAddress { account: Account(account?), code: code?, address, is_default })
}

fn part_ref(line: &mut Line<'_>) -> Option<PartRef> {
    let (account, part) = (line.required("account", cells::key), line.required("customer_part", cells::key));
    let (sku, uom) = (line.required("sku", cells::key), line.optional("uom", cells::unit));
    Some(PartRef { account: Account(account?), customer_part: part?, sku: Sku(sku?), uom })
}

fn price(line: &mut Line<'_>) -> Option<PriceEntry> {
    let (price_list, sku) = (line.required("price_list", cells::key), line.required("sku", cells::key));
    let (price, currency) = (line.required("price", cells::not_negative), line.required("currency", cells::currency));
    let min_qty = line.optional("min_qty", cells::not_negative).unwrap_or(Decimal::ZERO);
    let per = line.optional("per", cells::positive).unwrap_or(Decimal::ONE);
    let uom = line.optional("uom", cells::unit);
    let (valid_from, valid_to) = (line.optional("valid_from", cells::date), line.optional("valid_to", cells::date));
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        line.error("valid_to", format!("{to} is before valid_from, {from}"));
    }
    Some(PriceEntry {
        price_list: price_list?,
        sku: Sku(sku?),
        price: price?,
        currency: currency?,
        min_qty,
        per,
        uom,
        valid_from,
        valid_to,
    })
}

fn node(line: &mut Line<'_>) -> Option<Node> {
    const KINDS: &[(&str, NodeKind)] =
        &[("warehouse", NodeKind::Warehouse), ("store", NodeKind::Store), ("supplier", NodeKind::Supplier)];
    let (node, name) = (line.required("node", cells::key), line.required("name", cells::text));
    let (kind, country) = (line.required("kind", cells::one_of(KINDS)), line.required("country", cells::country));
    Some(Node {
        postal_code: line.optional("postal_code", cells::text).unwrap_or_default(),
        street: line.optional("street", cells::text),
        city: line.optional("city", cells::text),
        latitude: line.optional("latitude", cells::latitude),
        longitude: line.optional("longitude", cells::longitude),
        timezone: line.optional("timezone", cells::time_zone),
        cutoff: line.optional("cutoff", cells::time_of_day),
        handling_days: line.optional("handling_days", cells::days).unwrap_or(0),
        daily_capacity: line.optional("daily_capacity", cells::capacity),
        handling_cost: line.optional("handling_cost", cells::not_negative),
        pickup: line.optional("pickup", cells::flag).unwrap_or(false),
        node: NodeCode(node?),
        name: name?,
        kind: kind?,
        country: country?,
    })
}

fn stock(line: &mut Line<'_>) -> Option<StockRow> {
    let (node, sku) = (line.required("node", cells::key), line.required("sku", cells::key));
    let on_hand = line.required("on_hand", cells::stock_quantity);
    let safety_stock = line.optional("safety_stock", cells::stock_quantity).unwrap_or(Decimal::ZERO);
    let (lot, expires) = (line.optional("lot", cells::key), line.optional("expires", cells::date));
    Some(StockRow { node: NodeCode(node?), sku: Sku(sku?), on_hand: on_hand?, safety_stock, lot, expires })
}

fn inbound(line: &mut Line<'_>) -> Option<Inbound> {
    let (node, sku) = (line.required("node", cells::key), line.required("sku", cells::key));
    let (quantity, due) = (line.required("quantity", cells::stock_quantity), line.required("due", cells::date));
    let reference = line.optional("reference", cells::key);
    let reliability = line.optional("reliability", cells::share).unwrap_or(Decimal::ONE);
    Some(Inbound { node: NodeCode(node?), sku: Sku(sku?), quantity: quantity?, due: due?, reference, reliability })
}

fn rate(line: &mut Line<'_>) -> Option<Rate> {
    let (carrier, service) = (line.required("carrier", cells::key), line.required("service", cells::key));
    let (node, country) = (line.required("node", cells::key), line.required("country", cells::country));
    let (weight, price) = (line.required("max_weight_kg", cells::positive), line.required("price", cells::not_negative));
    let (currency, transit) = (line.required("currency", cells::currency), line.required("transit_days", cells::days));
    // Empty matches every postal code.
    let postal_prefix = line.optional("postal_prefix", cells::key).unwrap_or_default();
    let pickup_cutoff = line.optional("pickup_cutoff", cells::time_of_day);
    let dim_divisor = line.optional("dim_divisor", cells::divisor);
    Some(Rate {
        carrier: carrier?,
        service: service?,
        node: NodeCode(node?),
        country: country?,
        postal_prefix,
        max_weight_kg: weight?,
        price: price?,
        currency: currency?,
        transit_days: transit?,
        pickup_cutoff,
        dim_divisor,
    })
}
