//! Master data as it is kept: one table a file of `CONTRACT.md`. Writing a row again replaces it; nothing is deleted by an import.
//!
//! Stock and inbound are in `stock`, because reservations are counted on them.

use super::error::StoreError;
use super::link::{Link, Row, args, list, word};
use super::{Db, Tx};
use crate::model::master::{Customer, MasterRows, Node, PartRef, PriceEntry, Product, Rate, ShipToAddress, UnitConversion};
use crate::model::{Account, Address, Currency, NodeCode, Sku, Unit};

impl Tx {
    /// Master data has changed: whoever holds a copy reads it again.
    pub(super) async fn bump_master(&mut self) -> Result<(), StoreError> {
        self.count_up("master").await.map(drop)
    }

    pub async fn replace_products(&mut self, rows: &[Product]) -> Result<(), StoreError> {
        let sql = "INSERT INTO products (sku, name, uom, gtin, manufacturer_part, pack_size, weight_kg, length_cm, width_cm,
                       height_cm, price, currency, min_order_qty, order_multiple, lead_time_days, status, superseded_by)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                   ON CONFLICT (sku) DO UPDATE SET name = excluded.name, uom = excluded.uom, gtin = excluded.gtin,
                       manufacturer_part = excluded.manufacturer_part, pack_size = excluded.pack_size,
                       weight_kg = excluded.weight_kg, length_cm = excluded.length_cm, width_cm = excluded.width_cm,
                       height_cm = excluded.height_cm, price = excluded.price, currency = excluded.currency,
                       min_order_qty = excluded.min_order_qty, order_multiple = excluded.order_multiple,
                       lead_time_days = excluded.lead_time_days, status = excluded.status,
                       superseded_by = excluded.superseded_by";
        for row in rows {
            let args = args![
                &row.sku,
                &row.name,
                &row.uom,
                row.gtin.as_ref(),
                row.manufacturer_part.as_ref(),
                row.pack_size,
                row.weight_kg,
                row.length_cm,
                row.width_cm,
                row.height_cm,
                row.price,
                row.currency,
                row.min_order_qty,
                row.order_multiple,
                row.lead_time_days,
                word(&row.status),
                row.superseded_by.as_ref().map(Sku::as_str),
            ];
            self.exec("products", sql, args).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_units(&mut self, rows: &[UnitConversion]) -> Result<(), StoreError> {
        let sql = "INSERT INTO uoms (sku, uom, numerator, denominator) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (sku, uom) DO UPDATE SET numerator = excluded.numerator, denominator = excluded.denominator";
        for row in rows {
            self.exec("uoms", sql, args![&row.sku, &row.uom, row.numerator, row.denominator]).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_customers(&mut self, rows: &[Customer]) -> Result<(), StoreError> {
        let sql = "INSERT INTO customers (account, name, email_domains, emails, vat_id, gln, currency, payment_terms, credit_limit,
                       price_list, language, country, priority, allow_backorder, allow_partial, ship_complete, automation)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                   ON CONFLICT (account) DO UPDATE SET name = excluded.name, email_domains = excluded.email_domains,
                       emails = excluded.emails, vat_id = excluded.vat_id, gln = excluded.gln, currency = excluded.currency,
                       payment_terms = excluded.payment_terms, credit_limit = excluded.credit_limit,
                       price_list = excluded.price_list, language = excluded.language, country = excluded.country,
                       priority = excluded.priority, allow_backorder = excluded.allow_backorder,
                       allow_partial = excluded.allow_partial, ship_complete = excluded.ship_complete,
                       automation = excluded.automation";
        for row in rows {
            let args = args![
                &row.account,
                &row.name,
                list(&row.email_domains)?,
                list(&row.emails)?,
                row.vat_id.as_ref(),
                row.gln.as_ref(),
                row.currency,
                row.payment_terms.as_ref(),
                row.credit_limit,
                row.price_list.as_ref(),
                row.language.as_ref(),
                row.country.as_ref(),
                row.priority,
                row.allow_backorder,
                row.allow_partial,
                row.ship_complete,
                word(&row.automation),
            ];
            self.exec("customers", sql, args).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_addresses(&mut self, rows: &[ShipToAddress]) -> Result<(), StoreError> {
        let sql = "INSERT INTO addresses (account, code, name, street, postal_code, city, region, country, is_default)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (account, code) DO UPDATE SET name = excluded.name, street = excluded.street,
                       postal_code = excluded.postal_code, city = excluded.city, region = excluded.region,
                       country = excluded.country, is_default = excluded.is_default";
        for row in rows {
            let at = &row.address;
            let args = args![
                &row.account,
                &row.code,
                &at.name,
                &at.street,
                &at.postal_code,
                &at.city,
                &at.region,
                &at.country,
                row.is_default,
            ];
            self.exec("addresses", sql, args).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_part_refs(&mut self, rows: &[PartRef]) -> Result<(), StoreError> {
        let sql = "INSERT INTO part_refs (account, customer_part, sku, uom) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (account, customer_part) DO UPDATE SET sku = excluded.sku, uom = excluded.uom";
        for row in rows {
            self.exec("part_refs", sql, args![&row.account, &row.customer_part, &row.sku, row.uom.as_ref()]).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_prices(&mut self, rows: &[PriceEntry]) -> Result<(), StoreError> {
        let sql = "INSERT INTO prices (price_list, sku, currency, min_qty, uom, valid_from, valid_to, price, per)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (price_list, sku, currency, min_qty, uom, valid_from) DO UPDATE SET
                       valid_to = excluded.valid_to, price = excluded.price, per = excluded.per";
        for row in rows {
            let args = args![
                &row.price_list,
                &row.sku,
                row.currency,
                row.min_qty,
                row.uom.as_ref().map_or("", Unit::code),
                row.valid_from.map(|date| date.to_string()).unwrap_or_default(),
                row.valid_to.map(|date| date.to_string()).unwrap_or_default(),
                row.price,
                row.per,
            ];
            self.exec("prices", sql, args).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_nodes(&mut self, rows: &[Node]) -> Result<(), StoreError> {
        let sql = "INSERT INTO nodes (node, name, kind, country, postal_code, street, city, latitude, longitude, timezone, cutoff,
                       handling_days, daily_capacity, handling_cost, pickup)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                   ON CONFLICT (node) DO UPDATE SET name = excluded.name, kind = excluded.kind, country = excluded.country,
                       postal_code = excluded.postal_code, street = excluded.street, city = excluded.city,
                       latitude = excluded.latitude, longitude = excluded.longitude, timezone = excluded.timezone,
                       cutoff = excluded.cutoff, handling_days = excluded.handling_days,
                       daily_capacity = excluded.daily_capacity, handling_cost = excluded.handling_cost,
                       pickup = excluded.pickup";
        for row in rows {
            let capacity = row.daily_capacity.map(|units| i64::try_from(units).unwrap_or(i64::MAX));
            let args = args![
                &row.node,
                &row.name,
                word(&row.kind),
                &row.country,
                &row.postal_code,
                row.street.as_ref(),
                row.city.as_ref(),
                row.latitude,
                row.longitude,
                row.timezone.as_ref(),
                row.cutoff.as_ref(),
                row.handling_days,
                capacity,
                row.handling_cost,
                row.pickup,
            ];
            self.exec("nodes", sql, args).await?;
        }
        self.bump_master().await
    }

    pub async fn replace_rates(&mut self, rows: &[Rate]) -> Result<(), StoreError> {
        let sql = "INSERT INTO rates (carrier, service, node, country, postal_prefix, max_weight_kg, price, currency, transit_days,
                       pickup_cutoff, dim_divisor)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (carrier, service, node, country, postal_prefix, max_weight_kg) DO UPDATE SET
                       price = excluded.price, currency = excluded.currency, transit_days = excluded.transit_days,
                       pickup_cutoff = excluded.pickup_cutoff, dim_divisor = excluded.dim_divisor";
        for row in rows {
            let args = args![
                &row.carrier,
                &row.service,
                &row.node,
                &row.country,
                &row.postal_prefix,
                row.max_weight_kg,
                row.price,
                row.currency,
                row.transit_days,
                row.pickup_cutoff.as_ref(),
                row.dim_divisor,
            ];
            self.exec("rates", sql, args).await?;
        }
        self.bump_master().await
    }

    /// As `Db::master_rows`, with what this transaction wrote.
    pub async fn master_rows(&mut self) -> Result<MasterRows, StoreError> {
        master_rows(&mut self.link()).await
    }
}

impl Db {
    /// Every row of every table but stock and inbound, in the order of their keys.
    pub async fn master_rows(&self) -> Result<MasterRows, StoreError> {
        master_rows(&mut self.reader().await?.link()).await
    }

    /// Rises with every import; 0 before the first.
    pub async fn master_version(&self) -> Result<i64, StoreError> {
        let row = self.one("counters", "SELECT name, value FROM counters WHERE name = 'master'", args![]).await?;
        row.map_or(Ok(0), |row| row.int("value"))
    }
}

async fn master_rows(link: &mut Link<'_>) -> Result<MasterRows, StoreError> {
    Ok(MasterRows {
        products: rows(link, "products", "SELECT * FROM products ORDER BY sku", product_from).await?,
        units: rows(link, "uoms", "SELECT * FROM uoms ORDER BY sku, uom", unit_from).await?,
        customers: rows(link, "customers", "SELECT * FROM customers ORDER BY account", customer_from).await?,
        addresses: rows(link, "addresses", "SELECT * FROM addresses ORDER BY account, code", address_from).await?,
        part_refs: rows(link, "part_refs", "SELECT * FROM part_refs ORDER BY account, customer_part", part_ref_from).await?,
        prices: rows(
            link,
            "prices",
            "SELECT * FROM prices ORDER BY price_list, sku, currency, uom, valid_from, min_qty",
            price_from,
        )
        .await?,
        nodes: rows(link, "nodes", "SELECT * FROM nodes ORDER BY node", node_from).await?,
        rates: rows(
            link,
            "rates",
            "SELECT * FROM rates ORDER BY carrier, service, node, country, postal_prefix, max_weight_kg",
            rate_from,
        )
        .await?,
    })
}

async fn rows<T>(
    link: &mut Link<'_>,
    table: &'static str,
    sql: &'static str,
    from: fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    link.all(table, sql, args![]).await?.iter().map(from).collect()
}

fn product_from(row: &Row) -> Result<Product, StoreError> {
    Ok(Product {
        sku: Sku(row.text("sku")?),
        name: row.text("name")?,
        uom: row.word("uom")?,
        gtin: row.text_or_none("gtin")?,
        manufacturer_part: row.text_or_none("manufacturer_part")?,
        pack_size: row.decimal_or_none("pack_size")?,
        weight_kg: row.decimal_or_none("weight_kg")?,
        length_cm: row.decimal_or_none("length_cm")?,
        width_cm: row.decimal_or_none("width_cm")?,
        height_cm: row.decimal_or_none("height_cm")?,
        price: row.decimal_or_none("price")?,
        currency: row.parsed_or_none("currency", Currency::parse)?,
        min_order_qty: row.decimal_or_none("min_order_qty")?,
        order_multiple: row.decimal_or_none("order_multiple")?,
        lead_time_days: row.number_or_none("lead_time_days")?,
        status: row.word("status")?,
        superseded_by: row.text_or_none("superseded_by")?.map(Sku),
    })
}

fn unit_from(row: &Row) -> Result<UnitConversion, StoreError> {
    Ok(UnitConversion {
        sku: Sku(row.text("sku")?),
        uom: row.word("uom")?,
        numerator: row.decimal("numerator")?,
        denominator: row.decimal("denominator")?,
    })
}

fn customer_from(row: &Row) -> Result<Customer, StoreError> {
    Ok(Customer {
        account: Account(row.text("account")?),
        name: row.text("name")?,
        email_domains: row.list("email_domains")?,
        emails: row.list("emails")?,
        vat_id: row.text_or_none("vat_id")?,
        gln: row.text_or_none("gln")?,
        currency: row.parsed_or_none("currency", Currency::parse)?,
        payment_terms: row.text_or_none("payment_terms")?,
        credit_limit: row.decimal_or_none("credit_limit")?,
        price_list: row.text_or_none("price_list")?,
        language: row.text_or_none("language")?,
        country: row.text_or_none("country")?,
        priority: row.number("priority")?,
        allow_backorder: row.flag("allow_backorder")?,
        allow_partial: row.flag("allow_partial")?,
        ship_complete: row.flag("ship_complete")?,
        automation: row.word("automation")?,
    })
}

fn address_from(row: &Row) -> Result<ShipToAddress, StoreError> {
    Ok(ShipToAddress {
        account: Account(row.text("account")?),
        code: row.text("code")?,
        address: Address {
            name: row.text("name")?,
            street: row.text("street")?,
            postal_code: row.text("postal_code")?,
            city: row.text("city")?,
            region: row.text("region")?,
            country: row.text("country")?,
        },
        is_default: row.flag("is_default")?,
    })
}

fn part_ref_from(row: &Row) -> Result<PartRef, StoreError> {
    Ok(PartRef {
        account: Account(row.text("account")?),
        customer_part: row.text("customer_part")?,
        sku: Sku(row.text("sku")?),
        uom: row.word_or_none("uom")?,
    })
}

fn price_from(row: &Row) -> Result<PriceEntry, StoreError> {
    Ok(PriceEntry {
        price_list: row.text("price_list")?,
        sku: Sku(row.text("sku")?),
        price: row.decimal("price")?,
        currency: row.parsed("currency", Currency::parse)?,
        min_qty: row.decimal("min_qty")?,
        per: row.decimal("per")?,
        uom: row.word_or_none("uom")?,
        valid_from: row.date_or_none("valid_from")?,
        valid_to: row.date_or_none("valid_to")?,
    })
}

fn node_from(row: &Row) -> Result<Node, StoreError> {
    Ok(Node {
        node: NodeCode(row.text("node")?),
        name: row.text("name")?,
        kind: row.word("kind")?,
        country: row.text("country")?,
        postal_code: row.text("postal_code")?,
        street: row.text_or_none("street")?,
        city: row.text_or_none("city")?,
        latitude: row.decimal_or_none("latitude")?,
        longitude: row.decimal_or_none("longitude")?,
        timezone: row.text_or_none("timezone")?,
        cutoff: row.text_or_none("cutoff")?,
        handling_days: row.number("handling_days")?,
        daily_capacity: row.number_or_none("daily_capacity")?,
        handling_cost: row.decimal_or_none("handling_cost")?,
        pickup: row.flag("pickup")?,
    })
}

fn rate_from(row: &Row) -> Result<Rate, StoreError> {
    Ok(Rate {
        carrier: row.text("carrier")?,
        service: row.text("service")?,
        node: NodeCode(row.text("node")?),
        country: row.text("country")?,
        postal_prefix: row.text("postal_prefix")?,
        max_weight_kg: row.decimal("max_weight_kg")?,
        price: row.decimal("price")?,
        currency: row.parsed("currency", Currency::parse)?,
        transit_days: row.number("transit_days")?,
        pickup_cutoff: row.text_or_none("pickup_cutoff")?,
        dim_divisor: row.number_or_none("dim_divisor")?,
    })
}
