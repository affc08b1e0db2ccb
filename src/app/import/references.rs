//! Does every row name articles, customers and nodes that exist? Asked of what is stored, and of the file's own rows.

use super::RowError;
use super::rows::{Read, Rows};
use crate::model::master::{MasterRows, Product, UnitConversion};
use crate::model::{Account, NodeCode, Sku};
use std::collections::{HashMap, HashSet};

/// What a row may name.
struct Known<'a> {
    products: HashMap<&'a Sku, &'a Product>,
    accounts: HashSet<&'a Account>,
    nodes: HashSet<&'a NodeCode>,
}

/// Everything that rows name and nobody knows, by line and column.
pub(super) fn check(read: &Read, stored: &MasterRows, file: &str) -> Vec<RowError> {
    let known = Known {
        products: stored.products.iter().map(|product| (&product.sku, product)).collect(),
        accounts: stored.customers.iter().map(|customer| &customer.account).collect(),
        nodes: stored.nodes.iter().map(|node| &node.node).collect(),
    };
    let mut checking = Checking { file, line: 0, known, errors: Vec::new() };
    match &read.rows {
        Rows::Products(rows) => checking.products(rows, &read.lines),
        Rows::Uoms(rows) => checking.each(rows, &read.lines, |checking, row| checking.conversion(row)),
        Rows::Customers(_) | Rows::Nodes(_) => {}
        Rows::Addresses(rows) => checking.each(rows, &read.lines, |checking, row| checking.account(&row.account)),
        Rows::PartRefs(rows) => checking.each(rows, &read.lines, |checking, row| {
            checking.account(&row.account);
            checking.sku("sku", &row.sku);
        }),
        Rows::Prices(rows) => checking.each(rows, &read.lines, |checking, row| checking.sku("sku", &row.sku)),
        Rows::Stock(rows) => checking.each(rows, &read.lines, |checking, row| {
            checking.node(&row.node);
            checking.sku("sku", &row.sku);
        }),
        Rows::Inbound(rows) => checking.each(rows, &read.lines, |checking, row| {
            checking.node(&row.node);
            checking.sku("sku", &row.sku);
        }),
        Rows::Rates(rows) => checking.each(rows, &read.lines, |checking, row| checking.node(&row.node)),
    }
    checking.errors
}

struct Checking<'a> {
    file: &'a str,
    line: u64,
    known: Known<'a>,
    errors: Vec<RowError>,
}

impl<'a> Checking<'a> {
    fn each<T>(&mut self, rows: &[T], lines: &[u64], check: impl Fn(&mut Self, &T)) {
        for (row, line) in rows.iter().zip(lines) {
            self.line = *line;
            check(self, row);
        }
    }

    fn products(&mut self, rows: &'a [Product], lines: &[u64]) {
        self.known.products.extend(rows.iter().map(|product| (&product.sku, product)));
        self.each(rows, lines, |checking, row| {
            if let Some(other) = &row.superseded_by {
                checking.sku("superseded_by", other);
                if *other == row.sku {
                    checking.error("superseded_by", "an article cannot supersede itself".into());
                }
            }
        });
    }

    fn conversion(&mut self, row: &UnitConversion) {
        self.sku("sku", &row.sku);
        let is_own = self.known.products.get(&row.sku).is_some_and(|product| product.uom == row.uom);
        if is_own && row.numerator != row.denominator {
            let problem = format!("{} is the article's own unit, so one of it is one of it", row.uom.code());
            self.error("uom", problem);
        }
    }

    fn sku(&mut self, column: &str, sku: &Sku) {
        if !self.known.products.contains_key(sku) {
            self.error(column, format!("`{sku}` is not in products"));
        }
    }

    fn account(&mut self, account: &Account) {
        if !self.known.accounts.contains(account) {
            self.error("account", format!("`{account}` is not in customers"));
        }
    }

    fn node(&mut self, node: &NodeCode) {
        if !self.known.nodes.contains(node) {
            self.error("node", format!("`{node}` is not in nodes"));
        }
    }

    fn error(&mut self, column: &str, problem: String) {
        self.errors.push(RowError { file: self.file.to_owned(), line: self.line, column: column.to_owned(), problem });
    }
}
