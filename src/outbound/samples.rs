//! Sample orders for every template: what the tests render, and what a new template has to cope with.

use super::notice::{NoticeKind, Thread};
use super::templates::ConfirmationContext;
use crate::model::{
    Address, Company, Confidence, Currency, Field, Origin, PurchaseOrder, PurchaseOrderLine, Sku, Span, Unit, UnitPrice,
};
use crate::orders::{Backorder, Buckets, Order, OrderLine, Peg, Plan, PlannedLine, PlannedShipment, Supply};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::{Decimal, dec};

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) kind: NoticeKind,
    pub(crate) order: Order,
    pub(crate) plan: Plan,
}

/// One of each situation that a template must be able to say.
pub(crate) fn all() -> Vec<Sample> {
    vec![
        Sample { name: "split_and_backordered", kind: NoticeKind::Confirmation, order: order(open), plan: plan() },
        Sample { name: "changed", kind: NoticeKind::ChangeConfirmation, order: order(partly_shipped), plan: empty_plan() },
        Sample { name: "cancelled", kind: NoticeKind::CancellationConfirmation, order: order(cancelled), plan: empty_plan() },
    ]
}

pub(crate) fn context(language: &str) -> ConfirmationContext {
    ConfirmationContext {
        language: language.into(),
        company: Company { name: "Northgate Fasteners Ltd".into(), ..Company::default() },
        thread: Thread {
            subject: "PO 00450/A".into(),
            message_id: Some("po-450@buyer.example".into()),
            references: vec!["first@buyer.example".into()],
        },
        to: "buyer@buyer.example".into(),
        cc: vec!["sales@northgate.example".into()],
    }
}

fn order(buckets: fn(&mut OrderLine)) -> Order {
    let mut lines = vec![
        line("10", "HB-M8-40", Some("4711-A"), "Hex bolt M8 x 40, zinc plated", dec!(2500), (dec!(4.20), dec!(100)), dec!(105.00)),
        line("20", "WASHER-8", None, "Washer 8.4", dec!(1), (dec!(0.0425), dec!(1)), dec!(0.04)),
        line("30", "GLOVE-L", Some("00078"), "Work gloves, size L", dec!(3), (dec!(86.40), dec!(1)), dec!(246.24)),
    ];
    lines[1].ordered.price = Field::from_master(lines[1].ordered.price.value, "prices/LIST/WASHER-8");
    lines[2].ordered.unit = Unit::parse("carton").expect("a known unit");
    lines[2].ordered.base_quantity = dec!(36);
    lines[2].ordered.discount_percent = Some(dec!(5));
    lines[2].buckets.open = dec!(36);
    lines.iter_mut().for_each(buckets);
    Order {
        number: "SO-000017".into(),
        purchase_order: purchase_order(&lines),
        lines,
        holds: std::collections::BTreeSet::new(),
        placed_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn purchase_order(lines: &[OrderLine]) -> PurchaseOrder {
    PurchaseOrder {
        account: printed("ACME".into()),
        po_number: printed("00450/A".into()),
        revision: Some(printed("2".into())),
        release_number: None,
        po_date: Some(printed(date(2026, 11, 20))),
        currency: printed(Currency::parse("EUR").expect("a known code")),
        requested_delivery_date: Some(printed(date(2026, 12, 1))),
        payment_terms: None,
        incoterm: None,
        ship_to_code: "MAIN".into(),
        ship_to: printed(Address {
            name: "Acme Werk 2".into(),
            street: "Hauptstr. 1".into(),
            postal_code: "80331".into(),
            city: "München".into(),
            region: String::new(),
            country: "DE".into(),
        }),
        lines: lines.iter().map(|line| line.ordered.clone()).collect(),
        shipping: dec!(12.90),
        discount: dec!(0),
        tax: dec!(69.19),
        contact_email: "buyer@buyer.example".into(),
        language: "de".into(),
    }
}

fn line(
    line_no: &str,
    sku: &str,
    buyer_part: Option<&str>,
    description: &str,
    quantity: Decimal,
    (amount, per): (Decimal, Decimal),
    line_total: Decimal,
) -> OrderLine {
    OrderLine {
        ordered: PurchaseOrderLine {
            line_no: line_no.into(),
            sku: printed(Sku::from(sku)),
            buyer_part: buyer_part.map(str::to_owned),
            description: description.into(),
            quantity: printed(quantity),
            unit: Unit::piece(),
            base_quantity: quantity,
            base_unit: Unit::piece(),
            price: printed(UnitPrice { amount, per }),
            discount_percent: None,
            line_total,
            requested_date: None,
        },
        buckets: Buckets { open: quantity, ..Buckets::default() },
        pegs: Vec::new(),
        backorder_expected: None,
    }
}

fn open(_: &mut OrderLine) {}

/// A third of the first line has left, the rest is pegged or waits; part of the last line was cancelled.
fn partly_shipped(line: &mut OrderLine) {
    let peg = |quantity, ship_date: Date, deliver_date: Date| Peg {
        node: "NORTH".into(),
        supply: Supply::OnHand,
        quantity,
        ship_date,
        deliver_date,
        carrier: "DHL".into(),
        service: "parcel".into(),
    };
    match line.line_no() {
        "10" => {
            line.buckets = Buckets {
                shipped: dec!(700),
                picked: dec!(100),
                allocated: dec!(1200),
                backordered: dec!(500),
                ..Buckets::default()
            };
            line.pegs = vec![peg(dec!(1200), date(2026, 11, 30), date(2026, 12, 1))];
            line.backorder_expected = Some(date(2027, 1, 15));
        }
        "20" => line.buckets = Buckets { backordered: dec!(1), ..Buckets::default() },
        "30" => {
            line.buckets = Buckets { allocated: dec!(24), cancelled: dec!(12), ..Buckets::default() };
            line.pegs = vec![peg(dec!(24), date(2026, 11, 30), date(2026, 11, 30))];
        }
        other => unreachable!("the sample has no line {other}"),
    }
}

fn cancelled(line: &mut OrderLine) {
    let ordered = line.buckets.ordered();
    line.buckets = match line.line_no() {
        "10" => Buckets { shipped: dec!(800), cancelled: ordered - dec!(800), ..Buckets::default() },
        _ => Buckets { cancelled: ordered, ..Buckets::default() },
    };
}

/// The first line from two places on two days and a backorder, the second late, the third in cartons.
fn plan() -> Plan {
    let planned = |line_no: &str, sku: &str, quantity| PlannedLine {
        line_no: line_no.into(),
        sku: sku.into(),
        quantity,
        supply: Supply::OnHand,
    };
    let shipment = |node: &str, ship_date, deliver_date, lines| PlannedShipment {
        node: node.into(),
        carrier: "DHL".into(),
        service: "parcel".into(),
        ship_date,
        deliver_date,
        cost: None,
        lines,
    };
    Plan {
        shipments: vec![
            shipment("SOUTH", date(2026, 12, 2), date(2026, 12, 4), vec![planned("20", "WASHER-8", dec!(1))]),
            shipment(
                "NORTH",
                date(2026, 11, 30),
                date(2026, 12, 1),
                vec![planned("10", "HB-M8-40", dec!(1500)), planned("30", "GLOVE-L", dec!(24))],
            ),
            shipment("STORE", date(2026, 11, 30), date(2026, 12, 1), vec![planned("10", "HB-M8-40", dec!(250))]),
            shipment("STORE", date(2026, 12, 7), date(2026, 12, 7), vec![planned("10", "HB-M8-40", dec!(250))]),
        ],
        backorders: vec![
            Backorder {
                line_no: "10".into(),
                sku: "HB-M8-40".into(),
                quantity: dec!(500),
                expected: Some(date(2027, 1, 15)),
                why: String::new(),
            },
            Backorder { line_no: "30".into(), sku: "GLOVE-L".into(), quantity: dec!(12), expected: None, why: String::new() },
        ],
        ..empty_plan()
    }
}

fn empty_plan() -> Plan {
    Plan {
        made_at: Timestamp::UNIX_EPOCH,
        shipments: Vec::new(),
        backorders: Vec::new(),
        candidates: Vec::new(),
        why: String::new(),
        proven: true,
    }
}

fn printed<T>(value: T) -> Field<T> {
    let place = Span::Box { page: 1, bbox: [10.0, 10.0, 60.0, 20.0] };
    Field::new(value, "as printed", Confidence::CERTAIN, Origin::Document(vec![place]))
}
