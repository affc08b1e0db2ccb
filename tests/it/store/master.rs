//! Master data: every column of every table comes back, and a row that is named again replaces the first.

use super::Ground;
use super::sample::{eur, node, product};
use jiff::civil::date;
use podesk::model::master::{
    Automation, Customer, Node, NodeKind, PartRef, PriceEntry, Product, ProductStatus, Rate, ShipToAddress, UnitConversion,
};
use podesk::model::{Address, Currency, Unit};
use rust_decimal::dec;

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn unit(word: &str) -> Unit {
    Unit::parse(word).expect("a known word")
}

fn full_product() -> Product {
    Product {
        uom: unit("cans"),
        gtin: text("04006381333931"),
        manufacturer_part: text("M-8/a"),
        pack_size: Some(dec!(12)),
        length_cm: Some(dec!(8.5)),
        width_cm: Some(dec!(1)),
        height_cm: Some(dec!(0.0001)),
        min_order_qty: Some(dec!(100)),
        order_multiple: Some(dec!(50)),
        status: ProductStatus::Discontinued,
        superseded_by: Some("NUT-8".into()),
        currency: Currency::parse("JPY"),
        ..product("BOLT-8")
    }
}

fn full_customer() -> Customer {
    Customer {
        account: "ACME".into(),
        name: "Acme, \"the\" Größte GmbH".into(),
        email_domains: vec!["acme.example".into(), "acme.test".into()],
        emails: vec!["buyer@mail.example".into()],
        vat_id: text("DE123456789"),
        gln: text("4012345000009"),
        currency: Some(eur()),
        payment_terms: text("30 days"),
        credit_limit: Some(dec!(50000.50)),
        price_list: text("A"),
        language: text("de"),
        country: text("DE"),
        priority: 7,
        allow_backorder: true,
        allow_partial: false,
        ship_complete: true,
        automation: Automation::ReviewAll,
    }
}

fn full_address() -> ShipToAddress {
    let address = Address {
        name: "Acme".into(),
        street: "Weg 1".into(),
        postal_code: "01067".into(),
        city: "Dresden".into(),
        region: "SN".into(),
        country: "DE".into(),
    };
    ShipToAddress { account: "ACME".into(), code: "MAIN".into(), address, is_default: true }
}

fn full_node() -> Node {
    Node { kind: NodeKind::Supplier, street: text("Kai 1"), handling_cost: Some(dec!(1.5)), pickup: true, ..node("HAM") }
}

fn full_price() -> PriceEntry {
    PriceEntry {
        price_list: "A".into(),
        sku: "BOLT-8".into(),
        price: dec!(0.0421),
        currency: eur(),
        min_qty: dec!(1000),
        per: dec!(100),
        uom: Some(unit("box")),
        valid_from: Some(date(2026, 1, 1)),
        valid_to: Some(date(2026, 12, 31)),
    }
}

fn full_rate() -> Rate {
    Rate {
        carrier: "DHL".into(),
        service: "ground".into(),
        node: "HAM".into(),
        country: "DE".into(),
        postal_prefix: "0".into(),
        max_weight_kg: dec!(31.5),
        price: dec!(4.90),
        currency: eur(),
        transit_days: 2,
        pickup_cutoff: text("16:30"),
        dim_divisor: Some(5_000),
    }
}

pub async fn rows_come_back_and_replace_each_other(ground: Ground) {
    let db = &ground.db;
    assert_eq!(db.master_version().await.expect("read"), 0);
    let conversion = UnitConversion { sku: "BOLT-8".into(), uom: unit("box"), numerator: dec!(100), denominator: dec!(3) };
    let part_ref = PartRef { account: "ACME".into(), customer_part: "K 17".into(), sku: "BOLT-8".into(), uom: Some(unit("box")) };
    let open_ended = PriceEntry { min_qty: dec!(0), uom: None, valid_from: None, valid_to: None, ..full_price() };
    let everywhere = Rate { postal_prefix: String::new(), pickup_cutoff: None, dim_divisor: None, ..full_rate() };

    let mut tx = db.begin().await.expect("a transaction");
    tx.replace_products(&[full_product(), product("NUT-8")]).await.expect("products");
    tx.replace_units(std::slice::from_ref(&conversion)).await.expect("units");
    tx.replace_customers(&[full_customer()]).await.expect("customers");
    tx.replace_addresses(&[full_address()]).await.expect("addresses");
    tx.replace_part_refs(std::slice::from_ref(&part_ref)).await.expect("part refs");
    tx.replace_prices(&[full_price(), open_ended.clone()]).await.expect("prices");
    tx.replace_nodes(&[full_node()]).await.expect("nodes");
    tx.replace_rates(&[full_rate(), everywhere.clone()]).await.expect("rates");
    tx.commit().await.expect("committed");

    let rows = db.master_rows().await.expect("read");
    assert_eq!(rows.products, [full_product(), product("NUT-8")]);
    assert_eq!(rows.units, [conversion]);
    assert_eq!(rows.customers, [full_customer()]);
    assert_eq!(rows.addresses, [full_address()]);
    assert_eq!(rows.part_refs, std::slice::from_ref(&part_ref));
    assert_eq!(rows.prices, [open_ended, full_price()]);
    assert_eq!(rows.nodes, [full_node()]);
    assert_eq!(rows.rates, [everywhere, full_rate()]);
    let version = db.master_version().await.expect("read");
    assert!(version > 0);

    let changed = PartRef { sku: "NUT-8".into(), uom: None, ..part_ref };
    let cheaper = PriceEntry { price: dec!(0.04), valid_to: None, ..full_price() };
    let mut tx = db.begin().await.expect("a transaction");
    tx.replace_part_refs(std::slice::from_ref(&changed)).await.expect("part refs");
    tx.replace_prices(std::slice::from_ref(&cheaper)).await.expect("prices");
    tx.commit().await.expect("committed");
    let rows = db.master_rows().await.expect("read");
    assert_eq!(rows.part_refs, [changed]);
    assert_eq!(rows.prices[1], cheaper);
    assert!(db.master_version().await.expect("read") > version, "whoever holds a copy notices");
}
