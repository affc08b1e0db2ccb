//! Values to store: an order of two lines, a plan, a case, a notice. Times are whole microseconds, as the store keeps them.

use jiff::Timestamp;
use jiff::civil::date;
use podesk::deciding::review::{Case, CaseKind, CaseState};
use podesk::model::master::{Inbound, Node, NodeKind, Product, ProductStatus, StockRow};
use podesk::model::{
    Account, Address, CaseNumber, Code, Confidence, Currency, DocumentKind, Draft, DraftOrder, Field, Finding, Origin,
    PurchaseOrder, PurchaseOrderLine, Reading, Severity, Sha256, Sku, Span, Unit, UnitPrice,
};
use podesk::orders::routing::{Plan, PlannedLine, PlannedShipment};
use podesk::orders::{Buckets, Event, Order, OrderLine, Supply};
use podesk::outbound::{NoticeKind, OutboxItem, Route};
use podesk::store::{Db, ItemKind, OrderIdentity, StoredItem, Tx};
use rust_decimal::{Decimal, dec};

pub fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub fn eur() -> Currency {
    Currency::parse("EUR").expect("a known code")
}

fn printed<T>(value: T, raw: &str) -> Field<T> {
    let spans = vec![Span::Box { page: 1, bbox: [72.125, 100.5, 140.0, 112.333] }];
    Field::new(value, raw, Confidence::percent(97), Origin::Document(spans))
}

fn line(line_no: &str, sku: &str, quantity: Decimal) -> PurchaseOrderLine {
    PurchaseOrderLine {
        line_no: line_no.into(),
        sku: printed(Sku::from(sku), sku),
        buyer_part: Some("K-17/a".into()),
        description: "Hex bolt M8 \u{0} \"zinc\"".into(),
        quantity: printed(quantity, "5"),
        unit: Unit::piece(),
        base_quantity: quantity,
        base_unit: Unit::piece(),
        price: printed(UnitPrice::each(dec!(2.50)), "2,50"),
        discount_percent: None,
        line_total: quantity * dec!(2.50),
        requested_date: Some(printed(date(2026, 12, 1), "01.12.2026")),
    }
}

pub fn purchase_order(account: &str, po_number: &str) -> PurchaseOrder {
    PurchaseOrder {
        account: Field::from_master(Account::from(account), format!("customers/{account}")),
        po_number: printed(po_number.to_owned(), po_number),
        revision: None,
        release_number: None,
        po_date: Some(printed(date(2026, 11, 20), "20.11.2026")),
        currency: printed(eur(), "EUR"),
        requested_delivery_date: None,
        payment_terms: None,
        incoterm: None,
        ship_to_code: "MAIN".into(),
        ship_to: Field::from_master(Address { name: "Acme".into(), country: "DE".into(), ..Address::default() }, "addresses/MAIN"),
        lines: vec![line("10", "BOLT-8", dec!(5)), line("20", "BOLT-8", dec!(4))],
        shipping: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        contact_email: "buyer@acme.example".into(),
        language: "de".into(),
    }
}

/// The order that `events()` make, nothing planned yet.
pub fn order(number: &str, account: &str, po_number: &str) -> Order {
    let purchase_order = purchase_order(account, po_number);
    let lines = purchase_order.lines.iter().map(|line| OrderLine {
        ordered: line.clone(),
        buckets: Buckets { open: line.base_quantity, ..Buckets::default() },
        pegs: Vec::new(),
        backorder_expected: None,
    });
    Order {
        number: number.into(),
        lines: lines.collect(),
        purchase_order,
        holds: Default::default(),
        placed_at: time(0),
        version: 1,
    }
}

pub fn placed(order: &Order) -> Event {
    Event::Placed { number: order.number.clone(), order: Box::new(order.purchase_order.clone()) }
}

/// Stores a new order under the next number.
pub async fn place(tx: &mut Tx, account: &str, po_number: &str) -> Order {
    let number = tx.next_order_number().await.expect("a number");
    let order = order(number.as_str(), account, po_number);
    let stored = tx.insert_order(&order, &[placed(&order)], &OrderIdentity::of(&order.purchase_order)).await.expect("it is stored");
    stored.expect("nobody placed it before");
    order
}

/// A plan that takes `lines` of (line, sku, quantity) from one node.
pub fn plan(node: &str, supply: &Supply, lines: &[(&str, &str, Decimal)]) -> Plan {
    let planned = |&(line_no, sku, quantity): &(&str, &str, Decimal)| PlannedLine {
        line_no: line_no.into(),
        sku: sku.into(),
        quantity,
        supply: supply.clone(),
    };
    Plan {
        made_at: time(1),
        shipments: vec![PlannedShipment {
            node: node.into(),
            carrier: "DHL".into(),
            service: "ground".into(),
            ship_date: date(2026, 11, 26),
            deliver_date: date(2026, 11, 28),
            cost: None,
            lines: lines.iter().map(planned).collect(),
        }],
        backorders: Vec::new(),
        candidates: Vec::new(),
        why: "The only node.".into(),
        proven: true,
    }
}

pub fn product(sku: &str) -> Product {
    Product {
        sku: sku.into(),
        name: "Hex bolt".into(),
        uom: Unit::piece(),
        gtin: None,
        manufacturer_part: None,
        pack_size: None,
        weight_kg: Some(dec!(0.012)),
        length_cm: None,
        width_cm: None,
        height_cm: None,
        price: Some(dec!(2.50)),
        currency: Some(eur()),
        min_order_qty: None,
        order_multiple: None,
        lead_time_days: Some(14),
        status: ProductStatus::Active,
        superseded_by: None,
    }
}

pub fn node(node: &str) -> Node {
    Node {
        node: node.into(),
        name: "Hamburg".into(),
        kind: NodeKind::Warehouse,
        country: "DE".into(),
        postal_code: "20095".into(),
        street: None,
        city: Some("Hamburg".into()),
        latitude: Some(dec!(53.55)),
        longitude: Some(dec!(-9.99)),
        timezone: Some("Europe/Berlin".into()),
        cutoff: Some("14:00".into()),
        handling_days: 1,
        daily_capacity: Some(1_000),
        handling_cost: None,
        pickup: false,
    }
}

pub fn stock(node: &str, sku: &str, on_hand: Decimal, safety_stock: Decimal) -> StockRow {
    StockRow { node: node.into(), sku: sku.into(), on_hand, safety_stock, lot: None, expires: None }
}

pub fn inbound(node: &str, sku: &str, quantity: Decimal, reliability: Decimal) -> Inbound {
    Inbound { node: node.into(), sku: sku.into(), quantity, due: date(2026, 12, 10), reference: Some("PO-9".into()), reliability }
}

/// Two articles at two nodes.
pub async fn stocked(db: &Db, rows: &[StockRow]) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.replace_products(&[product("BOLT-8"), product("NUT-8")]).await.expect("products");
    tx.replace_nodes(&[node("HAM"), node("MUC")]).await.expect("nodes");
    tx.upsert_stock(rows).await.expect("stock");
    tx.commit().await.expect("committed");
}

pub fn mail(text: &str) -> StoredItem {
    let bytes = format!("Subject: {text}\r\n\r\n\u{0}{text}").into_bytes();
    StoredItem {
        sha256: Sha256::of(&bytes),
        kind: ItemKind::Mail,
        name: "mail.eml".into(),
        source: "imap main/INBOX 17".into(),
        received_at: time(0),
        bytes,
    }
}

pub fn draft() -> Draft {
    let spans = [Span::Text { start: 3, end: 9 }];
    let order = DraftOrder {
        po_number: Reading::Found(printed("PO 4711".into(), "PO 4711")),
        total: Reading::Several(vec![printed(dec!(1.10), "1.10"), printed(dec!(1.11), "1.11")]),
        tax: Reading::Unreadable { raw: "?".into(), spans: spans.to_vec() },
        ..DraftOrder::default()
    };
    Draft {
        orders: vec![order],
        ..Draft::not_an_order(
            DocumentKind::PurchaseOrder,
            vec![Finding::new(Code::TotalMismatch, Severity::Ask, "/orders/0/total", "1.10 or 1.11").at(&spans)],
        )
    }
}

pub fn case(number: &CaseNumber, message: &Sha256) -> Case {
    Case {
        number: number.clone(),
        kind: CaseKind::Order,
        state: CaseState::Open,
        message: message.clone(),
        document: message.clone(),
        document_name: "order.pdf".into(),
        subject: "Bestellung".into(),
        from: "buyer@acme.example".into(),
        draft: Some(draft()),
        assessed: None,
        findings: Vec::new(),
        reasons: vec![Code::TotalMismatch],
        corrections: Vec::new(),
        assigned_to: None,
        opened_at: time(0),
        decided_at: None,
        decided_by: None,
        note: String::new(),
        orders: Vec::new(),
        version: 1,
    }
}

pub fn notice(id: &str) -> OutboxItem {
    OutboxItem {
        id: id.into(),
        kind: NoticeKind::Confirmation,
        order: "SO-000001".into(),
        route: Route::Draft,
        to: "buyer@acme.example".into(),
        cc: vec!["desk@us.example".into()],
        subject: "Re: Bestellung".into(),
        message_id: format!("{id}@us.example"),
        bytes: b"Subject: Re: Bestellung\r\n\r\n\0\xff".to_vec(),
    }
}
