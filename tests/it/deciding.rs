//! What becomes of a draft: one table of situations that an order desk meets, each with the verdict that it must get.
//!
//! Every row changes one thing about a good order. A row that asks names every reason, so a rule that falls silent - or a new one that
//! speaks up where it should not - fails a row.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use podesk::deciding::review::{Correction, answers, fields};
use podesk::deciding::{
    Assessed, Choices, Known, Policy, PriorOrder, SenderFacts, Verdict, assess, decide, decision, fingerprint, match_order,
};
use podesk::model::master::{
    Automation, Customer, MasterData, MasterRows, PartRef, PriceEntry, Product, ProductStatus, ShipToAddress, UnitConversion,
};
use podesk::model::{
    Address, Code, Company, Confidence, Currency, DocumentKind, Draft, DraftLine, DraftOrder, DraftParty, Field, Finding, Method,
    Origin, PurchaseOrder, Reading, Severity, Span, Unit,
};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

const TODAY: Date = date(2026, 3, 2);

/// One order before the desk, with everything that is known about it.
struct Situation {
    kind: DocumentKind,
    order: DraftOrder,
    read: Vec<Finding>,
    sender: SenderFacts,
    choices: Choices,
    rows: MasterRows,
    known: Known,
    policy: Policy,
    company: Company,
}

fn span() -> Vec<Span> {
    vec![Span::Text { start: 0, end: 1 }]
}

fn read<T>(value: T) -> Reading<T> {
    Reading::Found(Field::new(value, "as printed", Confidence::percent(95), Origin::Document(span())))
}

fn several<T>(values: [T; 2]) -> Reading<T> {
    Reading::Several(
        values.into_iter().map(|value| Field::new(value, "", Confidence::percent(50), Origin::Document(span()))).collect(),
    )
}

fn text(value: &str) -> Reading<String> {
    read(value.to_owned())
}

fn eur() -> Currency {
    Currency::parse("EUR").expect("a known code")
}

fn party(name: &str, street: &str, postal_code: &str, city: &str) -> DraftParty {
    let filled = |value: &str| if value.is_empty() { Reading::Absent } else { text(value) };
    DraftParty {
        name: filled(name),
        street: filled(street),
        postal_code: filled(postal_code),
        city: filled(city),
        ..DraftParty::default()
    }
}

fn line(number: &str, part: &str, description: &str, quantity: Decimal, price: Decimal, total: Decimal) -> DraftLine {
    DraftLine {
        line_no: text(number),
        supplier_part: text(part),
        description: text(description),
        quantity: read(quantity),
        uom: text("pcs"),
        unit_price: read(price),
        line_total: read(total),
        ..DraftLine::default()
    }
}

/// Two lines, 20 valves at 11.90 and 5 pumps at 250.00, from a known sender to a known address.
fn good_order() -> DraftOrder {
    DraftOrder {
        po_number: text("4500-0017"),
        po_date: read(date(2026, 2, 27)),
        currency: read(eur()),
        requested_delivery_date: read(date(2026, 3, 20)),
        buyer: party("Acme Maschinenbau GmbH", "Hauptstraße 12", "80331", "München"),
        seller: party("Nordlager GmbH", "", "", ""),
        ship_to: party("Acme Werk 2", "Industriestr. 5", "85748", "Garching"),
        lines: vec![
            line("10", "VAL-1020", "Ball valve DN20", dec!(20), dec!(11.90), dec!(238.00)),
            line("20", "PMP-3300", "Circulation pump", dec!(5), dec!(250.00), dec!(1250.00)),
        ],
        subtotal: read(dec!(1488.00)),
        total: read(dec!(1488.00)),
        ..DraftOrder::default()
    }
}

fn product(sku: &str, name: &str, price: Option<Decimal>) -> Product {
    Product {
        sku: sku.into(),
        name: name.into(),
        uom: Unit::piece(),
        gtin: None,
        manufacturer_part: None,
        pack_size: None,
        weight_kg: None,
        length_cm: None,
        width_cm: None,
        height_cm: None,
        price,
        currency: Some(eur()),
        min_order_qty: None,
        order_multiple: None,
        lead_time_days: None,
        status: ProductStatus::Active,
        superseded_by: None,
    }
}

fn customer(account: &str, name: &str, domain: &str) -> Customer {
    Customer {
        account: account.into(),
        name: name.into(),
        email_domains: vec![domain.into()],
        emails: Vec::new(),
        vat_id: None,
        gln: None,
        currency: Some(eur()),
        payment_terms: Some("Net 30".into()),
        credit_limit: None,
        price_list: Some("EU-A".into()),
        language: Some("de".into()),
        country: Some("DE".into()),
        priority: 100,
        allow_backorder: true,
        allow_partial: true,
        ship_complete: false,
        automation: Automation::Auto,
    }
}

fn address(account: &str, code: &str, name: &str, street: &str, postal_code: &str, city: &str, is_default: bool) -> ShipToAddress {
    let address = Address {
        name: name.into(),
        street: street.into(),
        postal_code: postal_code.into(),
        city: city.into(),
        region: String::new(),
        country: "DE".into(),
    };
    ShipToAddress { account: account.into(), code: code.into(), address, is_default }
}

fn price(sku: &str, min_qty: Decimal, price: Decimal, per: Decimal) -> PriceEntry {
    PriceEntry {
        price_list: "EU-A".into(),
        sku: sku.into(),
        price,
        currency: eur(),
        min_qty,
        per,
        uom: None,
        valid_from: None,
        valid_to: None,
    }
}

fn rows() -> MasterRows {
    let mut valve = product("VAL-1020", "Ball valve DN20 brass", Some(dec!(14.00)));
    valve.gtin = Some("4006381333931".into());
    let mut washer = product("WSH-0008", "Washer M8 zinc", None);
    washer.min_order_qty = Some(dec!(100));
    washer.order_multiple = Some(dec!(50));
    let mut pump = product("PMP-3300", "Circulation pump 3300", Some(dec!(250.00)));
    pump.manufacturer_part = Some("GR-88-3300".into());
    let mut old = product("OLD-1000", "Old ball valve", Some(dec!(9.00)));
    old.superseded_by = Some("VAL-1020".into());
    let mut blocked = product("BLK-1000", "Blocked thing", Some(dec!(9.00)));
    blocked.status = ProductStatus::Blocked;
    let unknown_price = product("NEW-2000", "New thing", None);
    let mut acme = customer("ACME", "Acme Maschinenbau GmbH", "acme-maschinen.de");
    acme.emails = vec!["einkauf@acme-maschinen.de".into()];
    acme.vat_id = Some("DE 123 456 789".into());
    let mut globex = customer("GLOBEX", "Globex Industries Ltd", "globex.com");
    globex.price_list = None;
    MasterRows {
        products: vec![valve, washer, pump, old, blocked, unknown_price],
        units: vec![UnitConversion {
            sku: "VAL-1020".into(),
            uom: Unit::parse("box").expect("known"),
            numerator: dec!(10),
            denominator: dec!(1),
        }],
        customers: vec![acme, globex],
        addresses: vec![
            address("ACME", "HQ", "Acme", "Hauptstraße 12", "80331", "München", true),
            address("ACME", "W2", "Acme Werk 2", "Industriestraße 5", "85748", "Garching", false),
            address("GLOBEX", "MAIN", "Globex", "Harbour Road 7", "20457", "Hamburg", false),
            address("GLOBEX", "EAST", "Globex", "Ostweg 1", "10115", "Berlin", false),
        ],
        part_refs: vec![
            PartRef { account: "ACME".into(), customer_part: "K-77".into(), sku: "VAL-1020".into(), uom: None },
            PartRef { account: "ACME".into(), customer_part: "K-77-BX".into(), sku: "VAL-1020".into(), uom: Unit::parse("box") },
        ],
        prices: vec![
            price("VAL-1020", dec!(0), dec!(12.50), dec!(1)),
            price("VAL-1020", dec!(20), dec!(11.90), dec!(1)),
            price("WSH-0008", dec!(0), dec!(4.20), dec!(100)),
        ],
        nodes: Vec::new(),
        rates: Vec::new(),
    }
}

fn good() -> Situation {
    Situation {
        kind: DocumentKind::PurchaseOrder,
        order: good_order(),
        read: Vec::new(),
        sender: SenderFacts { address: "einkauf@acme-maschinen.de".into(), ..SenderFacts::default() },
        choices: Choices::default(),
        rows: rows(),
        known: Known::default(),
        policy: Policy::default(),
        company: Company {
            name: "Nordlager GmbH".into(),
            domains: vec!["nordlager.example".into()],
            language: "de".into(),
            ..Company::default()
        },
    }
}

impl Situation {
    fn assessed(self) -> (Assessed, MasterData, Policy) {
        let master = MasterData::new(self.rows);
        let matched = match_order(self.kind, self.order, self.read, &self.sender, self.choices, &master, &self.policy, TODAY);
        (assess(matched, &master, &self.known, &self.policy, &self.company, TODAY), master, self.policy)
    }

    fn verdict(self) -> Verdict {
        let (assessed, master, policy) = self.assessed();
        decide(assessed, &master, &policy)
    }

    fn placed(self) -> PurchaseOrder {
        match self.verdict() {
            Verdict::Place(order) => *order,
            other => panic!("not placed: {}", shown(&other)),
        }
    }
}

/// `place`, `ask CODE CODE`, `duplicate SO-000001` ...
fn shown(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Place(_) => "place".into(),
        Verdict::Change(change) => format!("change {}", change.of),
        Verdict::Cancel { of } => format!("cancel {of}"),
        Verdict::Duplicate { of } => format!("duplicate {of}"),
        Verdict::Ask(question) => {
            let mut codes: Vec<&str> = question.reasons.iter().map(|code| code.as_str()).collect();
            codes.sort_unstable();
            format!("ask {}", codes.join(" "))
        }
        Verdict::NotAnOrder { kind, .. } => format!("not an order: {}", kind.as_str()),
    }
}

/// The good order as we have it already.
fn prior(is_cancelled: bool) -> PriorOrder {
    PriorOrder {
        number: "SO-000001".into(),
        account: "ACME".into(),
        po_number: "45000017".into(),
        revision: None,
        release_number: None,
        fingerprint: fingerprint(&good().placed()),
        is_cancelled,
    }
}

type Row = (&'static str, fn(&mut Situation), &'static str);

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (name, change, expected) in rows {
        let mut situation = good();
        change(&mut situation);
        let verdict = situation.verdict();
        if shown(&verdict) != *expected {
            let findings = match &verdict {
                Verdict::Ask(question) => question
                    .assessed
                    .findings
                    .iter()
                    .map(|f| format!("\n      {:?} {} {}: {}", f.severity, f.code, f.field, f.message))
                    .collect(),
                _ => String::new(),
            };
            wrong.push(format!("{name}\n    expected: {expected}\n    got:      {}{findings}", shown(&verdict)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn who_orders() {
    check(&[
        ("a known sender", |_| {}, "place"),
        ("another address of the customer's domain", |s| s.sender.address = "info@acme-maschinen.de".into(), "place"),
        ("an address below the customer's domain", |s| s.sender.address = "erp@mail.acme-maschinen.de".into(), "place"),
        ("a free-mail address in the customer's name", |s| s.sender.address = "acme@gmail.com".into(), "ask SENDER_UNVERIFIED"),
        (
            "a domain that only looks like the customer's",
            |s| s.sender.address = "einkauf@acme-rnaschinen.de".into(),
            "ask SENDER_LOOKALIKE SENDER_UNVERIFIED",
        ),
        ("our mail server doubts the sender", |s| s.sender.authentication_failed = true, "ask SENDER_UNVERIFIED"),
        (
            "a colleague forwards the customer's mail",
            |s| {
                s.sender.address = "eva@nordlager.example".into();
                s.sender.forwarded_by_us = true;
                s.sender.claimed_address = "einkauf@acme-maschinen.de".into();
            },
            "place",
        ),
        (
            "a stranger forwards what claims to be the customer's mail",
            |s| {
                s.sender.address = "someone@elsewhere.com".into();
                s.sender.claimed_address = "einkauf@acme-maschinen.de".into();
            },
            "ask SENDER_UNVERIFIED",
        ),
        (
            "the sender is one customer, the document another",
            |s| s.sender.address = "buy@globex.com".into(),
            "ask AMBIGUOUS_CUSTOMER",
        ),
        ("a file from this machine", |s| s.sender = SenderFacts { is_local_file: true, ..SenderFacts::default() }, "place"),
        (
            "a file from this machine, where that is not trusted",
            |s| {
                s.sender = SenderFacts { is_local_file: true, ..SenderFacts::default() };
                s.policy.trust_local_files = false;
            },
            "ask SENDER_UNVERIFIED",
        ),
        (
            "nobody knows the buyer or the sender",
            |s| {
                s.sender.address = "x@unheard-of.com".into();
                s.order.buyer = party("Unheard Of Ltd", "", "", "");
            },
            "ask UNKNOWN_CUSTOMER",
        ),
        (
            "the buyer's name is only nearly right, in a file",
            |s| {
                s.sender = SenderFacts { is_local_file: true, ..SenderFacts::default() };
                s.order.buyer = party("Acme Maschinenbua GmbH", "", "", "");
                s.order.ship_to = party("", "Industriestr. 5", "85748", "Garching");
            },
            "ask AMBIGUOUS_CUSTOMER",
        ),
        (
            "the VAT id names the customer, written without spaces",
            |s| {
                s.sender = SenderFacts { is_local_file: true, ..SenderFacts::default() };
                s.order.buyer = DraftParty { vat_id: text("DE123456789"), ..party("A.M.B.", "", "", "") };
            },
            "place",
        ),
        (
            "name of one customer, VAT id of another",
            |s| {
                s.sender = SenderFacts { is_local_file: true, ..SenderFacts::default() };
                s.order.buyer = DraftParty { vat_id: text("DE123456789"), ..party("Globex Industries", "", "", "") };
            },
            "ask AMBIGUOUS_CUSTOMER",
        ),
        (
            "an order of our own to a supplier",
            |s| {
                s.order.buyer = party("Nordlager GmbH", "", "", "");
                s.order.seller = party("Rohstoff Union AG", "", "", "");
            },
            "not an order: purchase_order",
        ),
        (
            "the seller's name misread, its mail address ours",
            |s| s.order.seller = DraftParty { email: text("Verkauf@nordlager.example"), ..party("Straße", "", "", "") },
            "place",
        ),
        (
            "an order addressed to somebody else",
            |s| s.order.seller = party("Rohstoff Union AG", "", "", ""),
            "ask SELLER_IS_NOT_US",
        ),
    ]);
}

#[test]
fn where_to() {
    check(&[
        ("no ship-to printed: the default address", |s| s.order.ship_to = DraftParty::default(), "place"),
        ("ship-to \"same as above\"", |s| s.order.ship_to = party("wie oben", "", "", ""), "place"),
        (
            "an address that is not in the book",
            |s| s.order.ship_to = party("Lager Nord", "Kaistr. 1", "24103", "Kiel"),
            "ask UNKNOWN_SHIP_TO",
        ),
        (
            "the right street with another house number",
            |s| s.order.ship_to = party("", "Industriestr. 15", "85748", "Garching"),
            "ask UNKNOWN_SHIP_TO",
        ),
        (
            "the whole address in one field",
            |s| s.order.ship_to = party("Acme, Werk 2, Industriestr. 5, 85748 Garching, Tor 3", "", "", ""),
            "place",
        ),
        ("only a street", |s| s.order.ship_to = party("", "Industriestr. 5", "", ""), "ask AMBIGUOUS_SHIP_TO"),
        ("only a town", |s| s.order.ship_to = party("", "", "", "Garching"), "ask AMBIGUOUS_SHIP_TO"),
        ("a code of ours", |s| s.order.ship_to = party("W2", "", "", ""), "place"),
        (
            "a code of ours above another address",
            |s| s.order.ship_to = party("W2", "Kaistr. 1", "24103", "Kiel"),
            "ask UNKNOWN_SHIP_TO",
        ),
        (
            "no ship-to and no default",
            |s| {
                s.order.ship_to = DraftParty::default();
                s.rows.addresses.iter_mut().for_each(|address| address.is_default = false);
            },
            "ask MISSING_SHIP_TO",
        ),
        (
            "the ship-to could not be read: the default address is not taken",
            |s| {
                s.order.ship_to =
                    DraftParty { street: Reading::Unreadable { raw: "###".into(), spans: span() }, ..DraftParty::default() }
            },
            "ask UNKNOWN_SHIP_TO",
        ),
    ]);
}

#[test]
fn which_article() {
    check(&[
        (
            "the customer's own number",
            |s| {
                s.order.lines[0] = DraftLine { buyer_part: text("k77"), supplier_part: Reading::Absent, ..s.order.lines[0].clone() }
            },
            "place",
        ),
        (
            "our number in the customer's column",
            |s| {
                s.order.lines[0] =
                    DraftLine { buyer_part: text("VAL 1020"), supplier_part: Reading::Absent, ..s.order.lines[0].clone() }
            },
            "place",
        ),
        (
            "our number in the customer's column, with a description in another language",
            |s| {
                s.order.lines[0].buyer_part = text("VAL-1020");
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].description = text("Kugelhahn");
            },
            "place",
        ),
        (
            "a number of digits in the customer's column that is ours by accident",
            |s| {
                s.rows.products.push(product("40071", "Angle grinder", Some(dec!(11.90))));
                s.order.lines[0].buyer_part = text("40071");
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].description = text("Garden hose");
            },
            "ask ITEM_GUESSED",
        ),
        ("a letter O for a zero", |s| s.order.lines[0].supplier_part = text("VAL-1O2O"), "ask ITEM_GUESSED"),
        (
            "the GTIN alone",
            |s| {
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].gtin = text("04006381333931");
            },
            "place",
        ),
        (
            "the GTIN of a carton, in pieces",
            |s| {
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].gtin = text("14006381333938");
            },
            "ask UNIT_CONFLICT",
        ),
        (
            "the manufacturer's number",
            |s| {
                s.order.lines[1].supplier_part = Reading::Absent;
                s.order.lines[1].manufacturer_part = text("GR 88 3300");
            },
            "place",
        ),
        (
            "two numbers that mean different articles",
            |s| s.order.lines[0].manufacturer_part = text("GR-88-3300"),
            "ask AMBIGUOUS_ITEM",
        ),
        ("a number that nobody knows", |s| s.order.lines[0].supplier_part = text("ZZZ-9"), "ask UNKNOWN_ITEM"),
        (
            "only a description, word for word ours",
            |s| {
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].description = text("Ball valve DN20 brass");
            },
            "ask UNKNOWN_ITEM",
        ),
        (
            "a superseded article",
            |s| s.order.lines[0] = line("10", "OLD-1000", "Old ball valve", dec!(20), dec!(11.90), dec!(238.00)),
            "ask ITEM_SUPERSEDED PRICE_ABOVE_LIST",
        ),
        (
            "a blocked article",
            |s| s.order.lines[0] = line("10", "BLK-1000", "Blocked thing", dec!(20), dec!(9.00), dec!(180.00)),
            "ask ITEM_INACTIVE SUBTOTAL_MISMATCH TOTAL_MISMATCH",
        ),
        (
            "freight as a line",
            |s| {
                let freight = DraftLine { description: text("Fracht"), line_total: read(dec!(35.00)), ..DraftLine::default() };
                s.order.lines.push(freight);
                s.order.total = read(dec!(1523.00));
            },
            "place",
        ),
        (
            "an article whose name begins like a charge",
            |s| {
                let box_line = DraftLine {
                    quantity: read(dec!(4)),
                    description: text("Transport box 40x60"),
                    line_total: read(dec!(35.00)),
                    ..DraftLine::default()
                };
                s.order.lines.push(box_line);
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1523.00));
            },
            "ask UNKNOWN_ITEM",
        ),
        ("a ruling read as a line number, twice", |s| s.order.lines.iter_mut().for_each(|line| line.line_no = text("|")), "place"),
        ("a line number printed twice", |s| s.order.lines[1].line_no = text("10"), "ask DUPLICATE_LINE"),
        (
            "a text line that may change the line above",
            |s| s.order.lines.push(DraftLine { description: text("bitte vorher anrufen"), ..DraftLine::default() }),
            "ask CLAUSE_NEEDS_REVIEW",
        ),
        (
            "a line without any article",
            |s| {
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].description = Reading::Absent;
            },
            "ask MISSING_ITEM",
        ),
    ]);
}

#[test]
fn how_many_of_what() {
    check(&[
        (
            "boxes of ten, with a price for the box",
            |s| {
                s.order.lines[0] =
                    DraftLine { uom: text("box"), ..line("10", "VAL-1020", "Ball valve", dec!(2), dec!(119.00), dec!(238.00)) }
            },
            "place",
        ),
        ("boxes with the price of a piece", |s| s.order.lines[0].uom = text("box"), "ask PRICE_BELOW_LIST"),
        (
            "the customer's number stands for a box, and the paper says pieces",
            |s| {
                s.order.lines[0] = line("10", "", "Ball valve", dec!(2), dec!(119.00), dec!(238.00));
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].buyer_part = text("K-77-BX");
            },
            "ask UNIT_CONFLICT",
        ),
        (
            "the customer's number stands for a box, and no unit is printed",
            |s| {
                s.order.lines[0] = line("10", "", "Ball valve", dec!(2), dec!(119.00), dec!(238.00));
                s.order.lines[0].supplier_part = Reading::Absent;
                s.order.lines[0].uom = Reading::Absent;
                s.order.lines[0].buyer_part = text("K-77-BX");
            },
            "place",
        ),
        (
            "each of an article that is counted in sets, at the price of a set",
            |s| s.rows.products[2].uom = Unit::parse("set").expect("known"),
            "place",
        ),
        (
            "each of an article that is counted in sets, at another price",
            |s| {
                s.rows.products[2].uom = Unit::parse("set").expect("known");
                s.rows.products[2].price = Some(dec!(500));
            },
            "ask UNIT_CONFLICT",
        ),
        ("the quantity printed again before the unit", |s| s.order.lines[0].uom = text("20 pcs"), "place"),
        ("another quantity printed before the unit", |s| s.order.lines[0].uom = text("50 pcs"), "ask UNKNOWN_UNIT"),
        ("a unit that nobody knows", |s| s.order.lines[0].uom = text("flurb"), "ask UNKNOWN_UNIT"),
        ("a unit that the article does not have", |s| s.order.lines[1].uom = text("kg"), "ask UNIT_CONFLICT"),
        ("no quantity, though totals are printed", |s| s.order.lines[0].quantity = Reading::Absent, "ask MISSING_QUANTITY"),
        ("1.250 or 1250", |s| s.order.lines[0].quantity = several([dec!(1250), dec!(1.250)]), "ask AMBIGUOUS_FIELD"),
        (
            "a quantity of minus five",
            |s| s.order.lines[1] = line("20", "PMP-3300", "Circulation pump", dec!(-5), dec!(250), dec!(-1250)),
            "ask QUANTITY_NOT_POSITIVE SUBTOTAL_MISMATCH TOTAL_MISMATCH",
        ),
        (
            "two and a half pumps",
            |s| s.order.lines[1] = line("20", "PMP-3300", "Circulation pump", dec!(2.5), dec!(500), dec!(1250)),
            "ask PRICE_ABOVE_LIST QUANTITY_UNUSUAL",
        ),
        (
            "washers: below the minimum and no multiple",
            |s| {
                s.order.lines[1] = DraftLine {
                    price_basis: read(dec!(100)),
                    ..line("20", "WSH-0008", "Washer M8", dec!(70), dec!(4.20), dec!(2.94))
                };
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(240.94));
            },
            "ask BELOW_MINIMUM NOT_ORDER_MULTIPLE",
        ),
        (
            "more than a million",
            |s| {
                s.order.lines[1] = DraftLine {
                    price_basis: read(dec!(100)),
                    ..line("20", "WSH-0008", "Washer M8", dec!(2000000), dec!(4.20), dec!(84000))
                };
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(84238));
            },
            "ask QUANTITY_UNUSUAL",
        ),
        (
            "a quantity read with little certainty",
            |s| {
                s.order.lines[0].quantity =
                    Reading::Found(Field::new(dec!(20), "2O", Confidence::percent(40), Origin::Document(span())));
            },
            "ask AMBIGUOUS_FIELD",
        ),
        (
            "the same article on two lines is no mistake",
            |s| {
                s.order.lines[1] = line("20", "VAL-1020", "Ball valve DN20", dec!(20), dec!(11.90), dec!(238.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(476.00));
            },
            "place",
        ),
        ("no lines at all", |s| s.order.lines.clear(), "ask MISSING_LINES"),
        (
            "figures that overflow everything",
            |s| {
                s.order.lines[0].quantity = read(Decimal::MAX);
                s.order.lines[0].unit_price = read(Decimal::MAX);
                s.order.total = read(Decimal::MAX);
                s.order.tax = read(Decimal::MIN);
            },
            "ask UNREADABLE_FIELD",
        ),
    ]);
}

#[test]
fn at_what_price() {
    check(&[
        (
            "one cent below the list, within 1 %",
            |s| {
                s.order.lines[0] = line("10", "VAL-1020", "Ball valve", dec!(20), dec!(11.89), dec!(237.80));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1487.80));
            },
            "place",
        ),
        (
            "far below the list",
            |s| {
                s.order.lines[0] = line("10", "VAL-1020", "Ball valve", dec!(20), dec!(9.90), dec!(198.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1448.00));
            },
            "ask PRICE_BELOW_LIST",
        ),
        (
            "3 % above the list is only reported",
            |s| {
                s.order.lines[0] = line("10", "VAL-1020", "Ball valve", dec!(20), dec!(12.25), dec!(245.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1495.00));
            },
            "place",
        ),
        (
            "a hundred times the list: the price is for 100",
            |s| {
                s.order.lines[1] = line("20", "WSH-0008", "Washer M8", dec!(200), dec!(4.20), dec!(8.40));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(246.40));
            },
            "ask LINE_TOTAL_MISMATCH PRICE_ABOVE_LIST",
        ),
        (
            "price per 100, said so",
            |s| {
                s.order.lines[1] = DraftLine {
                    price_basis: read(dec!(100)),
                    ..line("20", "WSH-0008", "Washer M8", dec!(200), dec!(4.20), dec!(8.40))
                };
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(246.40));
            },
            "place",
        ),
        (
            "no prices on the paper: ours",
            |s| {
                for line in &mut s.order.lines {
                    line.unit_price = Reading::Absent;
                    line.line_total = Reading::Absent;
                }
                s.order.subtotal = Reading::Absent;
                s.order.total = Reading::Absent;
            },
            "place",
        ),
        (
            "no unit price, but line totals that are ours",
            |s| s.order.lines.iter_mut().for_each(|line| line.unit_price = Reading::Absent),
            "place",
        ),
        (
            "no unit price, and a line total that is not ours",
            |s| {
                s.order.lines[0].unit_price = Reading::Absent;
                s.order.lines[0].line_total = read(dec!(200.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1450.00));
            },
            "ask PRICE_BELOW_LIST",
        ),
        (
            "no price anywhere",
            |s| {
                s.order.lines[0] = DraftLine {
                    unit_price: Reading::Absent,
                    line_total: Reading::Absent,
                    ..line("10", "NEW-2000", "New thing", dec!(1), dec!(1), dec!(1))
                };
                s.order.subtotal = Reading::Absent;
                s.order.total = Reading::Absent;
            },
            "ask MISSING_PRICE",
        ),
        (
            "a price of zero",
            |s| {
                s.order.lines[0] = line("10", "VAL-1020", "Ball valve", dec!(20), dec!(0.00), dec!(0.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1250.00));
            },
            "ask ZERO_PRICE",
        ),
        (
            "we have no price to compare with",
            |s| {
                s.order.lines[0] = line("10", "NEW-2000", "New thing", dec!(20), dec!(11.90), dec!(238.00));
            },
            "ask NO_LIST_PRICE",
        ),
        (
            "another currency than the account's",
            |s| s.order.currency = read(Currency::parse("CHF").expect("known")),
            "ask CURRENCY_MISMATCH NO_LIST_PRICE",
        ),
        (
            "a $ that the customer's record settles",
            |s| {
                s.order.currency = several([Currency::parse("USD").expect("known"), eur()]);
                s.read.push(Finding::new(Code::AmbiguousField, Severity::Ask, "/orders/0/currency", "$ is ambiguous"));
            },
            "place",
        ),
        (
            "a $ that nothing settles",
            |s| {
                s.order.currency = several([Currency::parse("USD").expect("known"), Currency::parse("CAD").expect("known")]);
            },
            "ask AMBIGUOUS_FIELD",
        ),
        (
            "no currency anywhere",
            |s| {
                s.order.currency = Reading::Absent;
                s.rows.customers[0].currency = None;
            },
            "ask MISSING_CURRENCY",
        ),
        (
            "a discount on the line",
            |s| {
                s.order.lines[0] = DraftLine {
                    discount_percent: read(dec!(4.8)),
                    ..line("10", "VAL-1020", "Ball valve", dec!(20), dec!(12.50), dec!(238.00))
                };
            },
            "place",
        ),
    ]);
}

#[test]
fn do_the_sums_add_up() {
    check(&[
        (
            "a wrong line total",
            |s| {
                s.order.lines[0].line_total = read(dec!(283.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1533.00));
            },
            "ask LINE_TOTAL_MISMATCH",
        ),
        (
            "a unit price rounded to the cent",
            |s| {
                s.order.lines[1] = line("20", "PMP-3300", "Circulation pump", dec!(6), dec!(251.67), dec!(1510.00));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1748.00));
            },
            "place",
        ),
        ("a wrong total", |s| s.order.total = read(dec!(1888.00)), "ask TOTAL_MISMATCH"),
        (
            "a total with tax that is printed",
            |s| {
                s.order.tax = read(dec!(282.72));
                s.order.total = read(dec!(1770.72));
            },
            "place",
        ),
        ("a total with tax that is not printed, though the subtotal is", |s| s.order.total = read(dec!(1770.72)), "place"),
        (
            "a total with the tax of the customer's country, not printed, above proved lines",
            |s| {
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1770.72));
            },
            "place",
        ),
        (
            "a total with the tax of the customer's country, not printed, above a line without a total",
            |s| {
                s.order.lines[0].line_total = Reading::Absent;
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1770.72));
            },
            "ask TOTAL_MISMATCH",
        ),
        (
            "20 % more than the lines: a tax, or a line that was not read",
            |s| {
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1785.60));
            },
            "ask TOTAL_MISMATCH",
        ),
        (
            "freight and a discount in the total",
            |s| {
                s.order.shipping = read(dec!(40.00));
                s.order.discount = read(dec!(-28.00));
                s.order.total = read(dec!(1500.00));
            },
            "place",
        ),
        (
            "a missing small line hides within the tolerance, and a line has no total to prove it",
            |s| {
                s.order.lines[0].line_total = Reading::Absent;
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1492.00));
            },
            "ask TOTAL_MISMATCH",
        ),
        (
            "the reader saw a wrong sum that is none",
            |s| {
                s.read.push(Finding::new(Code::TotalMismatch, Severity::Ask, "/orders/0/total", "as first read"));
            },
            "place",
        ),
        (
            "the reader thinks that lines are missing",
            |s| {
                s.read.push(Finding::new(
                    Code::LinesIncomplete,
                    Severity::Ask,
                    "/orders/0/lines",
                    "3 lines are announced, 2 were found",
                ));
            },
            "ask LINES_INCOMPLETE",
        ),
        (
            "hidden text",
            |s| s.read.push(Finding::new(Code::HiddenText, Severity::Ask, "", "white text on white")),
            "ask HIDDEN_TEXT",
        ),
    ]);
}

#[test]
fn when_and_on_what_terms() {
    check(&[
        ("wanted yesterday", |s| s.order.requested_delivery_date = read(date(2026, 3, 1)), "place"),
        ("wanted before it was ordered", |s| s.order.requested_delivery_date = read(date(2026, 2, 3)), "ask DATE_BEFORE_ORDER"),
        ("wanted in two years", |s| s.order.lines[0].requested_date = read(date(2028, 3, 1)), "ask DATE_FAR"),
        (
            "3 April or 4 March",
            |s| s.order.requested_delivery_date = several([date(2026, 4, 3), date(2026, 3, 4)]),
            "ask AMBIGUOUS_FIELD",
        ),
        (
            "dated next month",
            |s| {
                s.order.po_date = read(date(2026, 4, 10));
                s.order.requested_delivery_date = read(date(2026, 4, 20));
            },
            "ask DATE_FAR",
        ),
        ("other payment terms: the account's apply", |s| s.order.payment_terms = text("60 days net"), "place"),
        ("a penalty clause", |s| s.order.payment_terms = text("Net 30, penalty 1 % per day of delay"), "ask CLAUSE_NEEDS_REVIEW"),
        ("cut to length", |s| s.order.lines[0].description = text("Ball valve DN20, cut to 3 m"), "ask CLAUSE_NEEDS_REVIEW"),
        (
            "above the credit limit",
            |s| {
                s.rows.customers[0].credit_limit = Some(dec!(5000));
                s.known.open_value = dec!(4000);
            },
            "ask CREDIT_LIMIT",
        ),
        (
            "within the credit limit",
            |s| {
                s.rows.customers[0].credit_limit = Some(dec!(5000));
                s.known.open_value = dec!(3000);
            },
            "place",
        ),
        ("above the ceiling", |s| s.policy.value_ceiling = Some(dec!(1000)), "ask VALUE_CEILING"),
        (
            "a customer whose orders are all reviewed",
            |s| s.rows.customers[0].automation = Automation::ReviewAll,
            "ask AUTOMATION_OFF",
        ),
        ("the kill switch", |s| s.policy.place_without_asking = false, "ask AUTOMATION_OFF"),
    ]);
}

#[test]
fn again_changed_cancelled_or_no_order_at_all() {
    check(&[
        ("no order number", |s| s.order.po_number = Reading::Absent, "ask MISSING_PO_NUMBER"),
        ("an order number of dashes", |s| s.order.po_number = text("---"), "ask MISSING_PO_NUMBER"),
        (
            "two candidates for the order number",
            |s| s.order.po_number = several(["4500".to_owned(), "V-77".to_owned()]),
            "ask AMBIGUOUS_FIELD",
        ),
        ("the same order again, its number with other dashes", |s| s.known.prior_orders.push(prior(false)), "duplicate SO-000001"),
        (
            "the same number of another customer",
            |s| s.known.prior_orders.push(PriorOrder { account: "GLOBEX".into(), ..prior(false) }),
            "place",
        ),
        (
            "another release of the same blanket order",
            |s| {
                s.known.prior_orders.push(PriorOrder { release_number: Some("001".into()), ..prior(false) });
                s.order.release_number = text("002");
            },
            "place",
        ),
        (
            "the same number with leading zeros is another number",
            |s| s.known.prior_orders.push(PriorOrder { po_number: "0045000017".into(), ..prior(false) }),
            "place",
        ),
        (
            "the same number with another quantity",
            |s| {
                s.known.prior_orders.push(prior(false));
                s.order.lines[1] = line("20", "PMP-3300", "Circulation pump", dec!(4), dec!(250), dec!(1000));
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(1238));
            },
            "ask REVISION_OF_ORDER",
        ),
        (
            "an older revision that arrives late",
            |s| {
                s.known.prior_orders.push(PriorOrder { revision: Some("Rev 3".into()), ..prior(false) });
                s.order.revision = text("2");
                s.order.lines.remove(1);
                s.order.subtotal = Reading::Absent;
                s.order.total = read(dec!(238));
            },
            "duplicate SO-000001",
        ),
        ("the number of an order that was cancelled", |s| s.known.prior_orders.push(prior(true)), "ask DUPLICATE_ORDER"),
        ("a change to an order that we do not have", |s| s.kind = DocumentKind::OrderChange, "ask REVISION_OF_ORDER"),
        (
            "a cancellation",
            |s| {
                s.kind = DocumentKind::OrderCancellation;
                s.known.prior_orders.push(prior(false));
                s.order.lines.clear();
            },
            "ask CANCEL_REQUESTED",
        ),
        ("a cancellation of what we do not have", |s| s.kind = DocumentKind::OrderCancellation, "ask CANCEL_REQUESTED"),
        (
            "a second cancellation",
            |s| {
                s.kind = DocumentKind::OrderCancellation;
                s.known.prior_orders.push(prior(true));
            },
            "duplicate SO-000001",
        ),
        ("a quote request", |s| s.kind = DocumentKind::RequestForQuote, "not an order: request_for_quote"),
        ("an invoice", |s| s.kind = DocumentKind::Invoice, "not an order: invoice"),
        ("an out-of-office reply", |s| s.kind = DocumentKind::AutoReply, "not an order: auto_reply"),
        (
            "a copy",
            |s| s.read.push(Finding::new(Code::NotAnOriginal, Severity::Ask, "", "DRAFT is printed across it")),
            "ask NOT_AN_ORIGINAL",
        ),
    ]);
}

/// A person's yes: everything that asks is accepted, and the same code decides again.
fn approved(change: fn(&mut Situation)) -> String {
    let mut first = good();
    change(&mut first);
    let (assessed, ..) = first.assessed();
    let mut second = good();
    change(&mut second);
    second.choices.accepted = decision::acceptable(&assessed.findings);
    shown(&second.verdict())
}

#[test]
fn a_persons_yes_settles_what_asks_and_never_what_blocks() {
    assert_eq!(approved(|s| s.order.total = read(dec!(1888))), "place");
    assert_eq!(approved(|s| s.sender.address = "acme@gmail.com".into()), "place");
    assert_eq!(approved(|s| s.order.lines[0].quantity = Reading::Absent), "ask MISSING_QUANTITY");
    assert_eq!(approved(|s| s.order.lines[0].supplier_part = text("ZZZ-9")), "ask UNKNOWN_ITEM");
    assert_eq!(approved(|s| s.rows.customers[0].automation = Automation::Off), "ask AUTOMATION_OFF");
    let changed = |s: &mut Situation| {
        s.known.prior_orders.push(prior(false));
        s.order.lines.remove(1);
        s.order.subtotal = Reading::Absent;
        s.order.total = read(dec!(238));
    };
    assert_eq!(approved(changed), "change SO-000001");
    let cancelled = |s: &mut Situation| {
        s.kind = DocumentKind::OrderCancellation;
        s.known.prior_orders.push(prior(false));
    };
    assert_eq!(approved(cancelled), "cancel SO-000001");
}

#[test]
fn accepting_one_finding_does_not_accept_another() {
    let mut situation = good();
    situation.order.total = read(dec!(1888));
    situation.sender.address = "acme@gmail.com".into();
    situation.choices.accepted = vec![(Code::TotalMismatch, "/orders/0/total".into())];
    assert_eq!(shown(&situation.verdict()), "ask SENDER_UNVERIFIED");
}

#[test]
fn corrections_lead_to_an_order() {
    let mut situation = good();
    situation.order.lines[0].supplier_part = text("ZZZ-9");
    situation.order.lines[1].quantity = several([dec!(5), dec!(50)]);
    situation.order.ship_to = party("Lager Nord", "Kaistr. 1", "24103", "Kiel");
    let draft = Draft {
        kind: situation.kind,
        language: None,
        method: Method::Layout,
        orders: vec![situation.order.clone()],
        findings: vec![Finding::new(Code::AmbiguousNumber, Severity::Ask, "/orders/0/lines/1/quantity", "5 or 50")],
    };
    let say = |field: &str, value: &str| Correction::new(field, value);
    let said = [
        say("/orders/0/lines/0/sku", "VAL-1020"),
        say("/orders/0/lines/1/quantity", "5"),
        say("/orders/0/ship_to_code", "PRINTED"),
    ];
    let (draft, choices) = answers::apply(&draft, &said, "eva", Timestamp::UNIX_EPOCH).expect("all can be used");
    situation.order = draft.orders[0].clone();
    situation.read = draft.findings;
    situation.choices = choices;
    let order = situation.placed();
    assert_eq!(order.ship_to.value.city, "Kiel");
    assert_eq!(order.ship_to_code, "");
    assert!(matches!(&order.lines[0].sku.origin, Origin::Person { who, .. } if who == "eva"));
    assert_eq!(order.lines[1].base_quantity, dec!(5));
}

#[test]
fn what_is_placed_says_where_every_value_came_from() {
    let order = good().placed();
    assert_eq!(order.po_number.value, "4500-0017", "as printed");
    assert_eq!(order.ship_to_code, "W2");
    assert_eq!(order.contact_email, "einkauf@acme-maschinen.de");
    assert_eq!(order.language, "de");
    assert_eq!(order.total().to_string(), "1488.00 EUR");
    assert_eq!(order.account.origin, Origin::MasterData("customers/ACME".into()));
    assert_eq!(order.lines[0].sku.origin, Origin::MasterData("products/VAL-1020".into()));
    assert_eq!(order.lines[0].price.origin, Origin::Document(span()));
    assert_eq!(order.payment_terms.as_ref().map(|terms| terms.value.as_str()), Some("Net 30"));
    let mut boxes = good();
    boxes.order.lines[0] =
        DraftLine { uom: text("box"), ..line("10", "VAL-1020", "Ball valve", dec!(2), dec!(119.00), dec!(238.00)) };
    let boxes = boxes.placed();
    assert_eq!((boxes.lines[0].quantity.value, boxes.lines[0].base_quantity), (dec!(2), dec!(20)));
}

#[test]
fn an_answer_never_goes_to_an_address_that_only_the_document_names() {
    let mut situation = good();
    situation.order.buyer.email = text("pay-here@evil.example");
    situation.sender.reply_to = "someone@evil.example".into();
    assert_eq!(situation.placed().contact_email, "einkauf@acme-maschinen.de");
    let mut robot = good();
    robot.sender.address = "noreply@acme-maschinen.de".into();
    assert_eq!(robot.placed().contact_email, "einkauf@acme-maschinen.de");
}

#[test]
fn findings_are_sentences_with_the_values_in_them() {
    let mut situation = good();
    situation.order.lines[0] = line("10", "VAL-1020", "Ball valve", dec!(20), dec!(9.90), dec!(198.00));
    situation.order.total = read(dec!(1999.00));
    let (assessed, ..) = situation.assessed();
    let messages: Vec<&str> =
        assessed.findings.iter().filter(|f| f.severity > Severity::Note).map(|f| f.message.as_str()).collect();
    assert!(messages.contains(&"Line 10: 9.90 EUR on the order, 11.90 EUR in price list EU-A: 16.8 % below."), "{messages:#?}");
    assert!(
        messages.contains(&"The total is printed as 1999.00 EUR, but the lines and charges come to 1448.00 EUR."),
        "{messages:#?}"
    );
}

#[test]
fn the_fields_of_a_case_show_what_is_wrong() {
    let mut situation = good();
    situation.order.lines[1].quantity = several([dec!(5), dec!(50)]);
    situation.order.ship_to = party("Lager Nord", "Kaistr. 1", "24103", "Kiel");
    let (assessed, ..) = situation.assessed();
    let views = fields::fields(&assessed.matched.order, &assessed.matched);
    let view = |pointer: &str| views.iter().find(|view| view.pointer == pointer).expect(pointer);
    assert_eq!(view("/orders/0/lines/1/quantity").state, fields::FieldState::Block);
    assert_eq!(view("/orders/0/lines/1/quantity").candidates, ["5", "50"]);
    assert_eq!(view("/orders/0/ship_to_code").state, fields::FieldState::Block);
    assert_eq!(view("/orders/0/customer").value, "ACME");
    assert_eq!(view("/orders/0/incoterm").state, fields::FieldState::Missing);
    assert_eq!(view("/orders/0/po_number").origin, "document");
}

fn any_figure() -> impl Strategy<Value = Decimal> + Clone {
    prop_oneof![
        Just(Decimal::MAX),
        Just(Decimal::MIN),
        Just(Decimal::ZERO),
        Just(Decimal::new(1, 28)),
        Just(Decimal::new(-1, 28)),
        (any::<i64>(), 0..28u32).prop_map(|(number, scale)| Decimal::new(number, scale)),
        (-100..100_000i64, 0..4u32).prop_map(|(number, scale)| Decimal::new(number, scale)),
    ]
}

fn any_reading<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> BoxedStrategy<Reading<T>> {
    let found = |value, percent| Reading::Found(Field::new(value, "raw", Confidence::percent(percent), Origin::Document(span())));
    prop_oneof![
        2 => Just(Reading::Absent),
        1 => Just(Reading::Unreadable { raw: "???".into(), spans: span() }),
        1 => (value.clone(), value.clone()).prop_map(|(a, b)| several([a, b])),
        6 => (value, 0..=100u8).prop_map(move |(value, percent)| found(value, percent)),
    ]
    .boxed()
}

fn any_text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        Just(String::new()),
        Just("VAL-1020".to_owned()),
        Just("K-77".to_owned()),
        Just("box".to_owned()),
        Just("Fracht".to_owned()),
        Just("wie oben".to_owned()),
        Just("W2".to_owned()),
        "\\PC{0,12}",
    ]
}

fn any_date() -> impl Strategy<Value = Date> + Clone {
    prop_oneof![Just(Date::MIN), Just(Date::MAX), Just(TODAY), (1..28i8).prop_map(|day| date(2026, 3, day))]
}

fn any_line() -> impl Strategy<Value = DraftLine> {
    let texts = (
        any_reading(any_text()),
        any_reading(any_text()),
        any_reading(any_text()),
        any_reading(any_text()),
        any_reading(any_text()),
        any_reading(any_text()),
    );
    let figures = || {
        (
            any_reading(any_figure()),
            any_reading(any_figure()),
            any_reading(any_figure()),
            any_reading(any_figure()),
            any_reading(any_figure()),
        )
    };
    (texts, figures(), any_reading(any_date())).prop_map(|(texts, figures, requested_date)| DraftLine {
        line_no: texts.0,
        buyer_part: texts.1,
        supplier_part: texts.2,
        manufacturer_part: Reading::Absent,
        gtin: texts.3,
        description: texts.4,
        quantity: figures.0,
        uom: texts.5,
        unit_price: figures.1,
        price_basis: figures.2,
        discount_percent: figures.3,
        line_total: figures.4,
        requested_date,
        ..DraftLine::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a document says: no panic, nothing is placed while something is open, and what is placed is whole.
    #[test]
    fn nothing_is_placed_that_is_not_whole(
        lines in proptest::collection::vec(any_line(), 0..4),
        keep in any::<bool>(),
        figures in (any_reading(any_figure()), any_reading(any_figure()), any_reading(any_figure()), any_reading(any_figure())),
        requested in any_reading(any_date()),
        street in any_reading(any_text()),
        accept in any::<bool>(),
    ) {
        let mut situation = good();
        if keep { situation.order.lines.extend(lines) } else { situation.order.lines = lines }
        situation.order.total = figures.0;
        situation.order.tax = figures.1;
        situation.order.shipping = figures.2;
        situation.order.discount = figures.3;
        situation.order.requested_delivery_date = requested;
        situation.order.ship_to.street = street;
        let (assessed, master, policy) = situation.assessed();
        let mut assessed = assessed;
        if accept {
            assessed.matched.choices.accepted = decision::acceptable(&assessed.findings);
        }
        let views = fields::fields(&assessed.matched.order, &assessed.matched);
        prop_assert!(views.iter().all(|view| !view.label.is_empty()));
        let open = assessed.findings.iter().any(|f| f.severity == Severity::Block || (f.severity == Severity::Ask && !accept));
        match decide(assessed, &master, &policy) {
            Verdict::Place(order) => {
                prop_assert!(!open, "placed with open findings");
                prop_assert!(!order.lines.is_empty());
                for line in &order.lines {
                    prop_assert!(line.base_quantity > Decimal::ZERO && line.line_total >= Decimal::ZERO && line.price.value.per > Decimal::ZERO);
                    prop_assert!(master.products.contains_key(&line.sku.value));
                }
                let numbers: std::collections::BTreeSet<&String> = order.lines.iter().map(|line| &line.line_no).collect();
                prop_assert_eq!(numbers.len(), order.lines.len());
                prop_assert_eq!(order.total().currency, eur());
            }
            Verdict::Ask(question) => prop_assert!(open && !question.reasons.is_empty() && question.reasons != [Code::ProcessingFailed]),
            other => prop_assert!(false, "{}", shown(&other)),
        }
    }
}
