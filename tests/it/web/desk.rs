//! A desk for page tests: the real store, the real rules and the real order core, joined just as far as a page needs them.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use podesk::app::web::desk::{DeskError, Doing, Readiness, ReviewDesk};
use podesk::deciding::review::{Case, CaseKind, CaseState, Correction, answers};
use podesk::deciding::{Assessed, Choices, Known, Policy, SenderFacts, Verdict, decision, matching, validation};
use podesk::intake::Mailbox;
use podesk::model::master::{
    Automation, Customer, MasterData, MasterRows, Node, NodeKind, PartRef, PriceEntry, Product, ProductStatus, Rate, ShipToAddress,
    StockRow,
};
use podesk::model::{
    Address, CaseNumber, Company, Confidence, Currency, DocumentKind, Draft, DraftLine, DraftOrder, Field, Method, Origin, Reading,
    Severity, Sha256, Span, Unit,
};
use podesk::orders::order::{apply, decide};
use podesk::orders::{Command, Event, Order, PlanRequest, ShippingFlags, routing};
use podesk::outbound::{ConfirmationContext, mail, templates};
use podesk::reading::document::{Document, Page, SourceKind};
use podesk::store::{Db, ItemKind, MessageRecord, OrderIdentity, Outcome, StoreError, StoredItem};
use rust_decimal::{Decimal, dec};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub const NOW: &str = "2026-11-25T09:30:00Z";
const TODAY: Date = date(2026, 11, 25);

pub struct TestDesk {
    pub db: Db,
    master: Arc<MasterData>,
    /// Drafts as read, before any correction.
    originals: Mutex<HashMap<CaseNumber, Draft>>,
    secrets: AtomicU64,
    /// What every page looks like.
    page_image: Vec<u8>,
}

impl TestDesk {
    pub async fn new(db: Db, page_image: Vec<u8>) -> Self {
        let mut tx = db.begin().await.expect("a transaction");
        let rows = rows();
        tx.replace_products(&rows.products).await.expect("products");
        tx.replace_customers(&rows.customers).await.expect("customers");
        tx.replace_addresses(&rows.addresses).await.expect("addresses");
        tx.replace_part_refs(&rows.part_refs).await.expect("part numbers");
        tx.replace_prices(&rows.prices).await.expect("prices");
        tx.replace_nodes(&rows.nodes).await.expect("nodes");
        tx.replace_rates(&rows.rates).await.expect("rates");
        tx.upsert_stock(&stock()).await.expect("stock");
        tx.commit().await.expect("committed");
        let master = Arc::new(MasterData::new(rows));
        Self { db, master, originals: Mutex::default(), secrets: AtomicU64::new(1), page_image }
    }

    /// Takes an order in and puts it in front of a person.
    pub async fn add_case(&self, sample: Sample) -> CaseNumber {
        let (assessed, _) = self.check(&sample.draft, Choices::default());
        let raw = format!("From: {}\r\nSubject: {}\r\n\r\nhello\r\n", sample.from, sample.subject).into_bytes();
        let opened_at = now() - jiff::SignedDuration::from_mins(sample.minutes_ago);
        let mut tx = self.db.begin().await.expect("a transaction");
        let number = tx.next_case_number().await.expect("a number");
        let document = tx.put_blob(sample.document_bytes).await.expect("a document");
        let message = Sha256::of(&raw);
        let item = StoredItem {
            sha256: message.clone(),
            kind: ItemKind::Mail,
            name: "mail.eml".into(),
            source: "folder".into(),
            received_at: opened_at,
            bytes: raw,
        };
        tx.store_item(&item).await.expect("a mail");
        let mut case = Case {
            number: number.clone(),
            kind: sample.kind,
            state: CaseState::Open,
            message: message.clone(),
            document,
            document_name: sample.document_name.into(),
            subject: sample.subject.clone(),
            from: sample.from.clone(),
            draft: Some(sample.draft.clone()),
            assessed: None,
            findings: Vec::new(),
            reasons: Vec::new(),
            corrections: Vec::new(),
            assigned_to: sample.assigned_to.map(str::to_owned),
            opened_at,
            decided_at: None,
            decided_by: None,
            note: String::new(),
            orders: Vec::new(),
            version: 1,
        };
        assess(&mut case, assessed);
        tx.insert_case(&case).await.expect("a case");
        tx.save_message(&MessageRecord {
            sha256: message,
            message_id: None,
            subject: sample.subject,
            from: sample.from,
            nature: None,
            outcome: Some(Outcome::Review),
            reasons: case.reasons.clone(),
            why: case.findings.first().map(|finding| finding.message.clone()).unwrap_or_default(),
            orders: Vec::new(),
            cases: vec![number.clone()],
            drafts: Vec::new(),
            received_at: opened_at,
            finished_at: Some(opened_at),
        })
        .await
        .expect("a message");
        tx.commit().await.expect("committed");
        self.originals.lock().expect("no panic").insert(number.clone(), sample.draft);
        number
    }

    fn check(&self, draft: &Draft, choices: Choices) -> (Assessed, Verdict) {
        let order = draft.orders.first().cloned().unwrap_or_default();
        let sender = SenderFacts { address: "einkauf@acme.example".into(), ..SenderFacts::default() };
        let policy = Policy::default();
        let matched =
            matching::match_order(draft.kind, order, draft.findings.clone(), &sender, choices, &self.master, &policy, TODAY);
        let assessed = validation::assess(matched, &self.master, &Known::default(), &policy, &Company::default(), TODAY);
        let verdict = decision::decide(assessed.clone(), &self.master, &policy);
        (assessed, verdict)
    }

    async fn answered(
        &self,
        number: &CaseNumber,
        version: i64,
        change: impl FnOnce(&mut Case) -> Result<(), DeskError>,
    ) -> Result<Case, DeskError> {
        let mut tx = self.db.begin().await.map_err(failed)?;
        let mut case = tx.case(number).await.map_err(failed)?.ok_or(DeskError::NotFound)?;
        change(&mut case)?;
        case.version = version + 1;
        if tx.update_case(&case, version).await.map_err(failed)?.is_err() {
            return Err(DeskError::Stale { by: None });
        }
        tx.commit().await.map_err(failed)?;
        Ok(case)
    }

    async fn place(&self, number: &CaseNumber, version: i64, who: &str) -> Result<Case, DeskError> {
        let case = self.db.case(number).await.map_err(failed)?.ok_or(DeskError::NotFound)?;
        let original = self.originals.lock().expect("no panic")[number].clone();
        let (draft, mut choices) =
            answers::apply(&original, &case.corrections, who, now()).map_err(|error| DeskError::Refused(error.to_string()))?;
        choices.accepted = decision::acceptable(&case.findings);
        choices.who = who.to_owned();
        let (_, verdict) = self.check(&draft, choices);
        let Verdict::Place(purchase_order) = verdict else { return Ok(case) };

        let mut tx = self.db.begin().await.map_err(failed)?;
        let order_number = tx.next_order_number().await.map_err(failed)?;
        let identity = OrderIdentity::of(&purchase_order);
        let flags = ShippingFlags::from(&self.master.customers[&purchase_order.account.value]);
        let placed =
            decide(None, Command::Place { number: order_number.clone(), order: purchase_order }, now()).expect("it can be placed");
        let order = after(None, &placed);
        tx.insert_order(&order, &placed, &identity)
            .await
            .map_err(failed)?
            .map_err(|_| DeskError::Refused("It is placed already.".into()))?;
        let skus: Vec<_> = order.lines.iter().map(|line| line.sku().clone()).collect();
        let snapshot = tx.stock_snapshot(&skus).await.map_err(failed)?;
        let request = PlanRequest::of(&order, now(), flags);
        let plan = routing::plan(&request, &snapshot, &self.master.nodes, &self.master.rates, &self.master.products);
        tx.reserve(&order_number, &plan).await.map_err(failed)?.map_err(|_| DeskError::Refused("The stock has moved.".into()))?;
        let allocated =
            decide(Some(&order), Command::Allocate { plan: Box::new(plan.clone()) }, now()).expect("it can be allocated");
        let before = order.version;
        let order = after(Some(order), &allocated);
        tx.append_events(&order, &allocated, before, now()).await.map_err(failed)?.map_err(|_| DeskError::Stale { by: None })?;
        tx.save_plan(&order_number, &plan).await.map_err(failed)?;
        let context = ConfirmationContext { to: "einkauf@acme.example".into(), company: us(), ..ConfirmationContext::default() };
        let notice = templates::confirmation(&order, &plan, &context).expect("a confirmation");
        let from = Mailbox { name: "Orders".into(), address: "orders@us.example".into() };
        let item = mail::render(&notice, &format!("{order_number}-1"), &from, "us.example", now()).expect("a mail");
        tx.enqueue_notice(&item, now()).await.map_err(failed)?;
        let mut case = case;
        case.state = CaseState::Approved;
        case.decided_at = Some(now());
        case.decided_by = Some(who.to_owned());
        case.orders = vec![order_number];
        case.version = version + 1;
        if tx.update_case(&case, version).await.map_err(failed)?.is_err() {
            return Err(DeskError::Stale { by: None });
        }
        tx.commit().await.map_err(failed)?;
        Ok(case)
    }
}

impl ReviewDesk for TestDesk {
    fn now(&self) -> Timestamp {
        now()
    }

    fn secret(&self) -> [u8; 32] {
        let count = self.secrets.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::of(&count.to_le_bytes()).0;
        std::array::from_fn(|i| u8::from_str_radix(&digest[2 * i..2 * i + 2], 16).expect("hexadecimal"))
    }

    fn master(&self) -> Doing<'_, Arc<MasterData>> {
        Box::pin(async { Ok(self.master.clone()) })
    }

    fn document(&self, case: Case) -> Doing<'_, Document> {
        Box::pin(async move {
            let is_text = case.document_name.ends_with(".txt");
            Ok(if is_text { text_document() } else { pdf_document() })
        })
    }

    fn page_image(&self, _: Case, page: u32) -> Doing<'_, Vec<u8>> {
        Box::pin(async move { if page == 1 { Ok(self.page_image.clone()) } else { Err(DeskError::NotFound) } })
    }

    fn approve(&self, number: CaseNumber, version: i64, who: String) -> Doing<'_, Case> {
        Box::pin(async move { self.place(&number, version, &who).await })
    }

    fn correct(&self, number: CaseNumber, version: i64, corrections: Vec<Correction>, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            let original = self.originals.lock().expect("no panic")[&number].clone();
            self.answered(&number, version, |case| {
                case.corrections.extend(corrections);
                let (draft, choices) = answers::apply(&original, &case.corrections, &who, now())
                    .map_err(|error| DeskError::Refused(error.to_string()))?;
                assess(case, self.check(&draft, choices).0);
                case.draft = Some(draft);
                Ok(())
            })
            .await
        })
    }

    fn reject(&self, number: CaseNumber, version: i64, reason: String, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            self.answered(&number, version, |case| {
                case.state = CaseState::Rejected;
                case.decided_at = Some(now());
                case.decided_by = Some(who);
                case.note = reason;
                Ok(())
            })
            .await
        })
    }

    fn assign(&self, number: CaseNumber, to: String, _who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            let case = self.db.case(&number).await.map_err(failed)?.ok_or(DeskError::NotFound)?;
            self.answered(&number, case.version, |case| {
                case.assigned_to = (!to.is_empty()).then_some(to);
                Ok(())
            })
            .await
        })
    }

    fn readiness(&self) -> Doing<'_, Readiness> {
        Box::pin(async move {
            self.db.ping().await.map_err(failed)?;
            Ok(Readiness { is_ready: true, parts: vec![("database".into(), "ok".into())] })
        })
    }
}

fn after(mut order: Option<Order>, events: &[Event]) -> Order {
    for event in events {
        order = apply(order, event, now());
    }
    order.expect("an order that was placed")
}

fn assess(case: &mut Case, assessed: Assessed) {
    case.findings = assessed.findings.clone();
    let heavy = case.findings.iter().filter(|finding| finding.severity != Severity::Note);
    case.reasons = heavy.map(|finding| finding.code).collect();
    case.reasons.dedup();
    case.assessed = Some(assessed);
}

fn failed(error: StoreError) -> DeskError {
    DeskError::Failed(error.to_string())
}

pub fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn us() -> Company {
    Company { name: "Northgate Fasteners Ltd".into(), ..Company::default() }
}

/// An order as it came.
pub struct Sample {
    pub kind: CaseKind,
    pub draft: Draft,
    pub subject: String,
    pub from: String,
    pub document_name: &'static str,
    pub document_bytes: &'static [u8],
    pub assigned_to: Option<&'static str>,
    pub minutes_ago: i64,
}

/// What is printed on the sample page: a text and where its baseline begins.
pub const PAGE: [(&str, f32, f32); 34] = [
    ("ACME Fabrication GmbH", 50.0, 62.0),
    ("Hauptstr. 1, 80331 München", 50.0, 78.0),
    ("PURCHASE ORDER", 380.0, 62.0),
    ("Order no.", 380.0, 92.0),
    ("4500012345", 450.0, 92.0),
    ("Date", 380.0, 108.0),
    ("2026-11-24", 450.0, 108.0),
    ("Delivery", 380.0, 124.0),
    ("2026-12-04", 450.0, 124.0),
    ("Supplier: Northgate Fasteners Ltd", 50.0, 124.0),
    ("Ship to: ACME Fabrication GmbH, Werk 2", 50.0, 150.0),
    ("Pos", 50.0, 200.0),
    ("Article", 85.0, 200.0),
    ("Description", 170.0, 200.0),
    ("Qty", 335.0, 200.0),
    ("Unit", 385.0, 200.0),
    ("Price", 430.0, 200.0),
    ("Total EUR", 490.0, 200.0),
    ("10", 50.0, 222.0),
    ("AF-20418", 85.0, 222.0),
    ("Hex bolt M8x40 zinc plated", 170.0, 222.0),
    ("1000", 335.0, 222.0),
    ("pcs", 385.0, 222.0),
    ("0.18", 430.0, 222.0),
    ("180.00", 500.0, 222.0),
    ("20", 50.0, 242.0),
    ("AF-99", 85.0, 242.0),
    ("Washer 8.4", 170.0, 242.0),
    ("500", 335.0, 242.0),
    ("pcs", 385.0, 242.0),
    ("0.05", 430.0, 242.0),
    ("25.00", 500.0, 242.0),
    ("Total", 430.0, 280.0),
    ("205.00", 500.0, 280.0),
];

fn at(text: &str, nth: usize) -> Vec<Span> {
    let (text, x, y) = PAGE.iter().filter(|(printed, ..)| *printed == text).nth(nth).expect("the sample page says it");
    vec![Span::Box { page: 1, bbox: [*x, y - 9.0, x + text.chars().count() as f32 * 5.2, y + 2.0] }]
}

fn read<T>(value: T, text: &str) -> Reading<T> {
    Reading::Found(Field::new(value, text, Confidence::percent(96), Origin::Document(at(text, 0))))
}

fn read_nth<T>(value: T, text: &str, nth: usize) -> Reading<T> {
    Reading::Found(Field::new(value, text, Confidence::percent(96), Origin::Document(at(text, nth))))
}

fn line(
    line_no: &str,
    part: &str,
    name: &str,
    quantity: (Decimal, &str),
    price: (Decimal, &str),
    total: (Decimal, &str),
    nth: usize,
) -> DraftLine {
    DraftLine {
        line_no: read(line_no.to_owned(), line_no),
        buyer_part: read(part.to_owned(), part),
        description: read(name.to_owned(), name),
        quantity: read(quantity.0, quantity.1),
        uom: read_nth("pcs".to_owned(), "pcs", nth),
        unit_price: read(price.0, price.1),
        line_total: read(total.0, total.1),
        ..DraftLine::default()
    }
}

/// A purchase order with one article that nobody knows; everything else is right.
pub fn unknown_article() -> Sample {
    let mut order = DraftOrder {
        po_number: read("4500012345".into(), "4500012345"),
        po_date: read(date(2026, 11, 24), "2026-11-24"),
        requested_delivery_date: read(date(2026, 12, 4), "2026-12-04"),
        currency: read(Currency::parse("EUR").expect("a code"), "Total EUR"),
        lines: vec![
            line(
                "10",
                "AF-20418",
                "Hex bolt M8x40 zinc plated",
                (dec!(1000), "1000"),
                (dec!(0.18), "0.18"),
                (dec!(180), "180.00"),
                0,
            ),
            line("20", "AF-99", "Washer 8.4", (dec!(500), "500"), (dec!(0.05), "0.05"), (dec!(25), "25.00"), 1),
        ],
        total: read(dec!(205), "205.00"),
        ..DraftOrder::default()
    };
    order.buyer.name = read("ACME Fabrication GmbH".into(), "ACME Fabrication GmbH");
    order.ship_to.name = Reading::Found(Field::new(
        "ACME Fabrication GmbH, Werk 2".into(),
        "ACME Fabrication GmbH, Werk 2",
        Confidence::percent(90),
        Origin::Document(at("Ship to: ACME Fabrication GmbH, Werk 2", 0)),
    ));
    let draft = Draft {
        kind: DocumentKind::PurchaseOrder,
        language: None,
        method: Method::Layout,
        orders: vec![order],
        findings: Vec::new(),
    };
    Sample {
        kind: CaseKind::Order,
        draft,
        subject: "Bestellung 4500012345".into(),
        from: "einkauf@acme.example".into(),
        document_name: "PO 4500012345.pdf",
        document_bytes: b"%PDF-1.4 not a real one",
        assigned_to: None,
        minutes_ago: 42,
    }
}

fn pdf_document() -> Document {
    let page = Page { number: 1, width: 595.0, height: 842.0, ..Page::default() };
    Document { pages: vec![page], ..Document::empty(SourceKind::Pdf) }
}

pub const BODY: &str = "Dear all,\n\nplease send under our order 77-0012:\n\n  500 x AF-20418 Hex bolt M8x40\n\n<script>document.title='owned'</script>\n\nBest regards\nMira\n";

fn text_document() -> Document {
    Document { text: BODY.to_owned(), ..Document::empty(SourceKind::Text) }
}

/// An order in a mail's body, with `spoil` wherever a person could have written it.
pub fn body_order(spoil: &str) -> Sample {
    let place = |text: &str| {
        let start = BODY.find(text).expect("the body says it");
        vec![Span::Text { start, end: start + text.len() }]
    };
    let found = |value: String, text: &str| {
        Reading::Found(Field::new(value, format!("{text}{spoil}"), Confidence::percent(80), Origin::Document(place(text))))
    };
    let order = DraftOrder {
        po_number: found(format!("77-0012{spoil}"), "77-0012"),
        payment_terms: found(format!("net 30{spoil}"), "please send"),
        lines: vec![DraftLine {
            buyer_part: found(format!("AF-20418{spoil}"), "AF-20418"),
            description: found(format!("Hex bolt{spoil}"), "Hex bolt M8x40"),
            quantity: Reading::Found(Field::new(dec!(500), "500", Confidence::percent(80), Origin::Document(place("500")))),
            uom: found(format!("pcs{spoil}"), "x AF"),
            ..DraftLine::default()
        }],
        ..DraftOrder::default()
    };
    let mut order = order;
    order.buyer.name = found(format!("Acme{spoil}"), "Mira");
    let draft = Draft {
        kind: DocumentKind::PurchaseOrder,
        language: None,
        method: Method::Layout,
        orders: vec![order],
        findings: Vec::new(),
    };
    Sample {
        kind: CaseKind::Order,
        draft,
        subject: format!("Order 77-0012{spoil}"),
        from: format!("einkauf@acme.example{spoil}"),
        document_name: "body.txt",
        document_bytes: BODY.as_bytes(),
        assigned_to: None,
        minutes_ago: 300,
    }
}

fn rows() -> MasterRows {
    let eur = Currency::parse("EUR").expect("a code");
    let product = |sku: &str, name: &str| Product {
        sku: sku.into(),
        name: name.into(),
        uom: Unit::piece(),
        gtin: None,
        manufacturer_part: None,
        pack_size: None,
        weight_kg: Some(dec!(0.02)),
        length_cm: None,
        width_cm: None,
        height_cm: None,
        price: None,
        currency: None,
        min_order_qty: None,
        order_multiple: None,
        lead_time_days: Some(10),
        status: ProductStatus::Active,
        superseded_by: None,
    };
    let price = |sku: &str, price| PriceEntry {
        price_list: "STD".into(),
        sku: sku.into(),
        price,
        currency: eur,
        min_qty: dec!(0),
        per: dec!(1),
        uom: None,
        valid_from: None,
        valid_to: None,
    };
    MasterRows {
        products: vec![
            product("NW-1010", "Hex bolt M8x40 A2 DIN 933"),
            product("NW-1030", "Washer 8.4 A2 DIN 125"),
            product("NW-1031", "Washer 8.4 zinc"),
        ],
        customers: vec![Customer {
            account: "C1001".into(),
            name: "ACME Fabrication GmbH".into(),
            email_domains: vec!["acme.example".into()],
            emails: vec!["einkauf@acme.example".into()],
            vat_id: None,
            gln: None,
            currency: Some(eur),
            payment_terms: None,
            credit_limit: None,
            price_list: Some("STD".into()),
            language: Some("en".into()),
            country: Some("DE".into()),
            priority: 100,
            allow_backorder: true,
            allow_partial: true,
            ship_complete: false,
            automation: Automation::Auto,
        }],
        addresses: vec![ShipToAddress {
            account: "C1001".into(),
            code: "W2".into(),
            address: Address {
                name: "ACME Fabrication GmbH, Werk 2".into(),
                street: "Hauptstr. 1".into(),
                postal_code: "80331".into(),
                city: "München".into(),
                region: String::new(),
                country: "DE".into(),
            },
            is_default: true,
        }],
        part_refs: vec![PartRef { account: "C1001".into(), customer_part: "AF-20418".into(), sku: "NW-1010".into(), uom: None }],
        prices: vec![price("NW-1010", dec!(0.18)), price("NW-1030", dec!(0.05)), price("NW-1031", dec!(0.05))],
        nodes: vec![Node {
            node: "NORTH".into(),
            name: "North".into(),
            kind: NodeKind::Warehouse,
            country: "DE".into(),
            postal_code: "20095".into(),
            street: None,
            city: None,
            latitude: None,
            longitude: None,
            timezone: None,
            cutoff: None,
            handling_days: 1,
            daily_capacity: None,
            handling_cost: None,
            pickup: false,
        }],
        rates: vec![Rate {
            carrier: "DHL".into(),
            service: "parcel".into(),
            node: "NORTH".into(),
            country: "DE".into(),
            postal_prefix: String::new(),
            max_weight_kg: dec!(100),
            price: dec!(9.90),
            currency: eur,
            transit_days: 2,
            pickup_cutoff: None,
            dim_divisor: None,
        }],
        ..MasterRows::default()
    }
}

fn stock() -> Vec<StockRow> {
    let row = |sku: &str, on_hand| StockRow {
        node: "NORTH".into(),
        sku: sku.into(),
        on_hand,
        safety_stock: dec!(0),
        lot: None,
        expires: None,
    };
    vec![row("NW-1010", dec!(5000)), row("NW-1030", dec!(300)), row("NW-1031", dec!(0))]
}
