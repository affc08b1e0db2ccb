//! The order core under test: scripts that a buyer can read, a naive second implementation under random histories, and what no plan may do.

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use podesk::model::master::{Node, NodeKind, Product, ProductStatus, Rate};
use podesk::model::{
    Address, Confidence, Currency, Field, NodeCode, Origin, PurchaseOrder, PurchaseOrderLine, Sku, Span, Unit, UnitPrice,
};
use podesk::orders::inventory::{InboundPosition, StockPosition, StockSnapshot};
use podesk::orders::order::{apply, decide, history_line};
use podesk::orders::routing::plan;
use podesk::orders::{Command, Event, Hold, Order, Plan, PlanRequest, Refusal, ShippingFlags, Status, Supply};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

fn printed<T>(value: T) -> Field<T> {
    Field::new(value, "", Confidence::CERTAIN, Origin::Document(vec![Span::Text { start: 0, end: 1 }]))
}

fn eur() -> Currency {
    Currency::parse("EUR").expect("a known code")
}

/// A line of whole pieces at 10.00 EUR.
fn po_line(number: &str, sku: &str, quantity: Decimal, requested: Option<Date>) -> PurchaseOrderLine {
    PurchaseOrderLine {
        line_no: number.into(),
        sku: printed(Sku::from(sku)),
        buyer_part: None,
        description: String::new(),
        quantity: printed(quantity),
        unit: Unit::piece(),
        base_quantity: quantity,
        base_unit: Unit::piece(),
        price: printed(UnitPrice::each(Decimal::TEN)),
        discount_percent: None,
        line_total: quantity * Decimal::TEN,
        requested_date: requested.map(printed),
    }
}

fn purchase_order(lines: Vec<PurchaseOrderLine>, requested: Option<Date>) -> PurchaseOrder {
    let ship_to = Address {
        name: "Acme".into(),
        postal_code: "80331".into(),
        city: "München".into(),
        country: "DE".into(),
        ..Address::default()
    };
    PurchaseOrder {
        account: printed("ACME".into()),
        po_number: printed("4500017".to_owned()),
        revision: None,
        release_number: None,
        po_date: None,
        currency: printed(eur()),
        requested_delivery_date: requested.map(printed),
        payment_terms: None,
        incoterm: None,
        ship_to_code: "HQ".into(),
        ship_to: printed(ship_to),
        lines,
        shipping: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        contact_email: String::new(),
        language: "en".into(),
    }
}

fn node(code: &str, zone: &str, cutoff: Option<&str>, handling_days: u32) -> Node {
    Node {
        node: code.into(),
        name: code.into(),
        kind: NodeKind::Warehouse,
        country: "DE".into(),
        postal_code: String::new(),
        street: None,
        city: None,
        latitude: None,
        longitude: None,
        timezone: Some(zone.into()),
        cutoff: cutoff.map(str::to_owned),
        handling_days,
        daily_capacity: None,
        handling_cost: None,
        pickup: false,
    }
}

fn product(sku: &str, weight_kg: Decimal, lead_time_days: Option<u32>) -> Product {
    Product {
        sku: sku.into(),
        name: sku.into(),
        uom: Unit::piece(),
        gtin: None,
        manufacturer_part: None,
        pack_size: None,
        weight_kg: Some(weight_kg),
        length_cm: None,
        width_cm: None,
        height_cm: None,
        price: None,
        currency: None,
        min_order_qty: None,
        order_multiple: None,
        lead_time_days,
        status: ProductStatus::Active,
        superseded_by: None,
    }
}

fn rate(node: &str, service: &str, max_kg: Decimal, price: Decimal, transit_days: u32) -> Rate {
    Rate {
        carrier: "CARRIER".into(),
        service: service.into(),
        node: node.into(),
        country: "DE".into(),
        postal_prefix: String::new(),
        max_weight_kg: max_kg,
        price,
        currency: eur(),
        transit_days,
        pickup_cutoff: None,
        dim_divisor: None,
    }
}

/// What `podesk` keeps in its store, kept in memory: reservations are the sum of what all orders hold, so they cannot drift.
#[derive(Default)]
struct Warehouse {
    nodes: BTreeMap<NodeCode, Node>,
    products: BTreeMap<Sku, Product>,
    rates: Vec<Rate>,
    stock: StockSnapshot,
    orders: BTreeMap<String, Order>,
    history: BTreeMap<String, Vec<String>>,
}

impl Warehouse {
    fn snapshot(&self) -> StockSnapshot {
        let mut stock = self.stock.clone();
        for (line, peg) in
            self.orders.values().flat_map(|order| &order.lines).flat_map(|line| line.pegs.iter().map(move |peg| (line, peg)))
        {
            match &peg.supply {
                Supply::OnHand => {
                    let position = stock.positions.iter_mut().find(|p| p.node == peg.node && p.sku == *line.sku());
                    position.expect("pegged to a position").reserved += peg.quantity;
                }
                Supply::Inbound { reference, .. } => {
                    let inbound = stock.inbound.iter_mut().find(|i| i.reference == *reference && i.sku == *line.sku());
                    inbound.expect("pegged to a delivery").reserved += peg.quantity;
                }
            }
        }
        stock
    }

    fn plan(&self, order: &Order, now: Timestamp, flags: ShippingFlags) -> Plan {
        plan(&PlanRequest::of(order, now, flags), &self.snapshot(), &self.nodes, &self.rates, &self.products)
    }

    fn command(&mut self, number: &str, command: Command, now: Timestamp) -> Result<(), Refusal> {
        let mut order = self.orders.get(number).cloned();
        for event in decide(order.as_ref(), command, now)? {
            order = apply(order, &event, now);
            let version = order.as_ref().map_or(0, |order| order.version);
            self.history.entry(number.to_owned()).or_default().push(history_line(version, now, &event));
        }
        self.orders.insert(number.to_owned(), order.expect("an event makes an order"));
        Ok(())
    }
}

/// Runs one script: a line that begins with `> ` is a command; what it prints stands below it.
struct Script {
    warehouse: Warehouse,
    now: Timestamp,
    flags: ShippingFlags,
    out: String,
}

impl Script {
    fn run(text: &str) -> String {
        let now = "2026-03-02T09:00:00Z".parse().expect("a timestamp");
        let mut script = Self { warehouse: Warehouse::default(), now, flags: ShippingFlags::default(), out: String::new() };
        for line in text.lines() {
            if let Some(command) = line.strip_prefix("> ") {
                writeln!(script.out, "{line}").expect("a string takes all");
                script.step(command);
            } else if line.starts_with('#') || line.is_empty() {
                writeln!(script.out, "{line}").expect("a string takes all");
            }
        }
        script.out
    }

    fn say(&mut self, text: &str) {
        self.out.push_str(text);
        if !text.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn step(&mut self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let number = |text: &str| text.parse::<Decimal>().unwrap_or_else(|_| panic!("`{text}` is no number in `{command}`"));
        let count = |text: &str| text.parse::<u32>().unwrap_or_else(|_| panic!("`{text}` is no count in `{command}`"));
        let day = |text: &str| text.parse::<Date>().unwrap_or_else(|_| panic!("`{text}` is no date in `{command}`"));
        match words.as_slice() {
            ["node", code, zone, "cutoff", cutoff, "handling", days] => {
                self.warehouse.nodes.insert((*code).into(), node(code, zone, Some(cutoff), count(days)));
            }
            ["product", sku, weight, "kg", rest @ ..] => {
                let lead = rest.iter().position(|word| *word == "lead").map(|at| count(rest[at + 1]));
                self.warehouse.products.insert((*sku).into(), product(sku, number(weight), lead));
            }
            ["stock", at, sku, on_hand, rest @ ..] => {
                let safety_stock = rest.get(1).map_or(Decimal::ZERO, |text| number(text));
                let (node, sku, on_hand) = ((*at).into(), (*sku).into(), number(on_hand));
                self.warehouse.stock.positions.push(StockPosition { node, sku, on_hand, reserved: Decimal::ZERO, safety_stock });
            }
            ["inbound", reference, at, sku, quantity, "due", due, rest @ ..] => {
                let reliability = rest.get(1).map_or(Decimal::ONE, |text| number(text));
                let (node, sku, quantity, due, reference) =
                    ((*at).into(), (*sku).into(), number(quantity), day(due), (*reference).into());
                self.warehouse.stock.inbound.push(InboundPosition {
                    node,
                    sku,
                    reference,
                    due,
                    quantity,
                    reliability,
                    reserved: Decimal::ZERO,
                });
            }
            ["rate", at, service, "up", "to", max, "kg", price, "EUR", days, "days"] => {
                self.warehouse.rates.push(rate(at, service, number(max), number(price), count(days)));
            }
            ["now", at] => self.now = at.parse().unwrap_or_else(|_| panic!("`{at}` is no time")),
            ["customer", wishes @ ..] => {
                self.flags = ShippingFlags {
                    allow_backorder: !wishes.contains(&"no-backorders"),
                    allow_partial: !wishes.contains(&"no-partial-lines"),
                    ship_complete: wishes.contains(&"ship-complete"),
                };
            }
            ["place" | "revise", id, rest @ ..] => {
                let id = id.trim_end_matches(':');
                let order = Box::new(self.text_of(rest));
                let command = match words[0] {
                    "place" => Command::Place { number: id.into(), order },
                    _ => Command::Revise { order },
                };
                self.give(id, command);
            }
            ["plan", id] => {
                let plan = self.warehouse.plan(&self.warehouse.orders[*id], self.now, self.flags);
                self.say(&plan.to_string());
            }
            ["allocate", id] => {
                let plan = self.warehouse.plan(&self.warehouse.orders[*id], self.now, self.flags);
                self.give(id, Command::Allocate { plan: Box::new(plan) });
            }
            ["cancel", id, reason @ ..] => self.give(id, Command::Cancel { reason: reason.join(" ") }),
            ["hold", id, code, reason @ ..] => {
                self.give(id, Command::Hold { hold: Hold { code: (*code).to_owned(), reason: reason.join(" ") } });
            }
            ["release", id, code] => self.give(id, Command::Release { code: (*code).to_owned() }),
            ["show", id] => {
                let shown = self.warehouse.orders[*id].to_string();
                self.say(&shown);
            }
            ["history", id] => {
                let shown = self.warehouse.history[*id].join("\n");
                self.say(&shown);
            }
            _ => panic!("no such command: {command}"),
        }
    }

    /// `by 2026-03-10: 10 BOLT 5, 20 NUT 3`
    fn text_of(&self, words: &[&str]) -> PurchaseOrder {
        let text = words.join(" ");
        let (head, lines) = text.split_once(':').unwrap_or(("", &text));
        let requested = head.strip_prefix("by ").map(|day| day.trim().parse().expect("a date"));
        let lines = lines.split(',').map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let requested = parts.get(4).map(|day| day.parse().expect("a date"));
            po_line(parts[0], parts[1], parts[2].parse().expect("a quantity"), requested)
        });
        purchase_order(lines.collect(), requested)
    }

    fn give(&mut self, id: &str, command: Command) {
        match self.warehouse.command(id, command, self.now) {
            Ok(()) => {
                let shown = self.warehouse.orders[id].to_string();
                self.say(&shown);
            }
            Err(refusal) => self.say(&format!("refused: {refusal}")),
        }
    }
}

#[test]
fn scenarios_print_what_they_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(files.len() >= 8, "scenarios are missing: {}", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let expected = std::fs::read_to_string(&file).expect("a text file");
        let actual = Script::run(&expected);
        if actual != expected {
            let name = file.file_name().expect("a file").to_owned();
            let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
            std::fs::write(&kept, &actual).expect("the folder for tests can be written");
            let differ = actual
                .lines()
                .zip(expected.lines())
                .position(|(a, b)| a != b)
                .unwrap_or(actual.lines().count().min(expected.lines().count()));
            wrong.push(format!(
                "{}, line {}:\n  expected: {}\n  printed:  {}\n  all of it is in {}",
                name.display(),
                differ + 1,
                expected.lines().nth(differ).unwrap_or("(end)"),
                actual.lines().nth(differ).unwrap_or("(end)"),
                kept.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ---- A naive second implementation: every single unit of every line is kept, with where it is.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnitIs {
    Open,
    Backordered,
    /// In the order in which units were allocated.
    Allocated(u32),
    Shipped,
    Cancelled,
}

#[derive(Debug, Clone)]
struct NaiveLine {
    number: u8,
    sku: u8,
    date: Option<u8>,
    units: Vec<UnitIs>,
}

#[derive(Debug, Clone, Default)]
struct Naive {
    lines: Vec<NaiveLine>,
    date: Option<u8>,
    text: Vec<(u8, u8, u8, Option<u8>)>,
    allocations: u32,
}

impl NaiveLine {
    fn count(&self, which: impl Fn(UnitIs) -> bool) -> Decimal {
        Decimal::from(self.units.iter().filter(|unit| which(**unit)).count())
    }
    fn change(&mut self, from: impl Fn(UnitIs) -> bool, to: UnitIs, mut how_many: usize) {
        for unit in self.units.iter_mut().filter(|unit| from(**unit)) {
            if how_many == 0 {
                return;
            }
            how_many -= 1;
            *unit = to;
        }
    }
    fn is_waiting(unit: UnitIs) -> bool {
        matches!(unit, UnitIs::Open | UnitIs::Backordered)
    }
    fn is_allocated(unit: UnitIs) -> bool {
        matches!(unit, UnitIs::Allocated(_))
    }
    fn active(&self) -> usize {
        self.units.iter().filter(|unit| **unit != UnitIs::Cancelled).count()
    }
    fn shipped(&self) -> usize {
        self.units.iter().filter(|unit| **unit == UnitIs::Shipped).count()
    }
    fn resize(&mut self, wanted: usize) {
        while self.active() < wanted {
            self.units.push(UnitIs::Open);
        }
        while self.active() > wanted {
            let newest = self.units.iter().copied().filter(|u| Self::is_allocated(*u)).max_by_key(|u| match u {
                UnitIs::Allocated(when) => *when,
                _ => 0,
            });
            let victim = [UnitIs::Backordered, UnitIs::Open].into_iter().find(|state| self.units.contains(state)).or(newest);
            let victim = victim.expect("only what is shipped is left, and the command was refused");
            self.change(|unit| unit == victim, UnitIs::Cancelled, 1);
        }
    }
}

impl Naive {
    fn place(text: &[(u8, u8, u8, Option<u8>)], date: Option<u8>) -> Self {
        let line = |(number, sku, quantity, date): &(u8, u8, u8, Option<u8>)| NaiveLine {
            number: *number,
            sku: *sku,
            date: *date,
            units: vec![UnitIs::Open; usize::from(*quantity)],
        };
        Self { lines: text.iter().map(line).collect(), date, text: text.to_vec(), allocations: 0 }
    }

    fn allocate(&mut self, index: usize, now: usize, later: usize) {
        let line = &mut self.lines[index];
        if now + later == 0 {
            return;
        }
        let waiting = line.count(NaiveLine::is_waiting);
        line.change(|unit| unit == UnitIs::Backordered, UnitIs::Open, usize::MAX);
        for _ in 0..now {
            self.allocations += 1;
            line.change(|unit| unit == UnitIs::Open, UnitIs::Allocated(self.allocations), 1);
        }
        line.change(|unit| unit == UnitIs::Open, UnitIs::Backordered, later);
        assert!(Decimal::from(now + later) <= waiting);
    }

    fn cancel(&mut self) {
        for line in &mut self.lines {
            line.change(|unit| unit != UnitIs::Shipped, UnitIs::Cancelled, usize::MAX);
        }
    }

    fn may_revise(&self, text: &[(u8, u8, u8, Option<u8>)], date: Option<u8>) -> bool {
        let wanted = |line: &NaiveLine| {
            text.iter().find(|new| (new.0, new.1) == (line.number, line.sku)).map_or(0, |new| usize::from(new.2))
        };
        let cancelled = self.lines.iter().all(|line| line.active() == 0);
        let same = self.text == text && self.date == date;
        !cancelled && !same && self.lines.iter().all(|line| wanted(line) >= line.shipped())
    }

    fn revise(&mut self, text: &[(u8, u8, u8, Option<u8>)], date: Option<u8>) {
        let moved = self.date != date;
        for line in &mut self.lines {
            match text.iter().find(|new| (new.0, new.1) == (line.number, line.sku)) {
                None => line.change(|unit| unit != UnitIs::Shipped, UnitIs::Cancelled, usize::MAX),
                Some(new) => {
                    if moved || new.3 != line.date {
                        line.change(NaiveLine::is_allocated, UnitIs::Open, usize::MAX);
                    }
                    line.resize(usize::from(new.2));
                    line.date = new.3;
                }
            }
        }
        for new in text {
            if !self.lines.iter().any(|line| (line.number, line.sku) == (new.0, new.1)) {
                let units = vec![UnitIs::Open; usize::from(new.2)];
                self.lines.push(NaiveLine { number: new.0, sku: new.1, date: new.3, units });
            }
        }
        self.date = date;
        self.text = text.to_vec();
    }

    fn may_cancel(&self) -> bool {
        self.lines.iter().any(|line| line.active() > line.shipped())
    }
}

type LineText = (u8, u8, u8, Option<u8>);

#[derive(Debug, Clone)]
enum Op {
    /// For each line, how much now and how much later, in percent of what waits.
    Allocate(Vec<(u8, u8)>),
    /// A plan for more than waits.
    AllocateTooMuch,
    Cancel,
    Revise(Vec<LineText>, Option<u8>),
    Hold(u8),
    Release(u8),
    /// Marks units of a line as shipped behind the core's back: shipping has no command yet.
    Ship(usize, u8),
    PlaceAgain,
}

fn text() -> impl Strategy<Value = Vec<LineText>> {
    let line = (1..5u8, 0..3u8, 1..9u8, proptest::option::of(0..2u8));
    proptest::collection::vec(line, 1..5).prop_map(|lines| {
        let mut seen = BTreeSet::new();
        lines.into_iter().filter(|line| seen.insert(line.0)).collect()
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => proptest::collection::vec((0..=100u8, 0..=100u8), 8).prop_map(Op::Allocate),
        1 => Just(Op::AllocateTooMuch),
        1 => Just(Op::Cancel),
        4 => (text(), proptest::option::of(0..2u8)).prop_map(|(lines, date)| Op::Revise(lines, date)),
        1 => (0..3u8).prop_map(Op::Hold),
        1 => (0..3u8).prop_map(Op::Release),
        2 => (0..6usize, 1..4u8).prop_map(|(line, units)| Op::Ship(line, units)),
        1 => Just(Op::PlaceAgain),
    ]
}

fn sku_name(sku: u8) -> String {
    format!("SKU-{sku}")
}

fn on(day: u8) -> Date {
    date(2026, 5, 4).saturating_add(i64::from(day).days())
}

fn order_text(lines: &[LineText], requested: Option<u8>) -> PurchaseOrder {
    let line = |(number, sku, quantity, requested): &LineText| {
        po_line(&number.to_string(), &sku_name(*sku), Decimal::from(*quantity), requested.map(on))
    };
    purchase_order(lines.iter().map(line).collect(), requested.map(on))
}

/// A plan that ships `now` and backorders `later` of each line, one shipment a line.
fn plan_of(parts: &[(String, Sku, Decimal, Decimal)]) -> Plan {
    let mut plan = Plan {
        made_at: Timestamp::UNIX_EPOCH,
        shipments: Vec::new(),
        backorders: Vec::new(),
        candidates: Vec::new(),
        why: String::new(),
        proven: false,
    };
    for (line_no, sku, now, later) in parts {
        if *now > Decimal::ZERO {
            plan.shipments.push(podesk::orders::PlannedShipment {
                node: "N".into(),
                carrier: String::new(),
                service: String::new(),
                ship_date: on(0),
                deliver_date: on(1),
                cost: None,
                lines: vec![podesk::orders::PlannedLine {
                    line_no: line_no.clone(),
                    sku: sku.clone(),
                    quantity: *now,
                    supply: Supply::OnHand,
                }],
            });
        }
        if *later > Decimal::ZERO {
            let (line_no, sku, quantity) = (line_no.clone(), sku.clone(), *later);
            plan.backorders.push(podesk::orders::Backorder { line_no, sku, quantity, expected: None, why: String::new() });
        }
    }
    plan
}

fn share(percent: u8, of: Decimal) -> Decimal {
    (of * Decimal::from(percent) / Decimal::ONE_HUNDRED).floor()
}

/// Both sides agree on every bucket of every line, and the invariants hold.
fn agree(order: &Order, naive: &Naive) {
    assert_eq!(order.lines.len(), naive.lines.len());
    for (line, model) in order.lines.iter().zip(&naive.lines) {
        let buckets = &line.buckets;
        let counted = (
            model.count(|u| u == UnitIs::Open),
            model.count(|u| u == UnitIs::Backordered),
            model.count(NaiveLine::is_allocated),
            model.count(|u| u == UnitIs::Shipped),
            model.count(|u| u == UnitIs::Cancelled),
        );
        assert_eq!(
            (buckets.open, buckets.backordered, buckets.allocated, buckets.shipped, buckets.cancelled),
            counted,
            "line {}",
            line.line_no()
        );
        assert_eq!(buckets.ordered(), Decimal::from(model.units.len()), "no unit is lost or made");
        assert_eq!(
            line.pegs.iter().map(|peg| peg.quantity).sum::<Decimal>(),
            buckets.allocated,
            "every allocated unit has its supply"
        );
        assert!(line.pegs.iter().all(|peg| peg.quantity > Decimal::ZERO));
    }
    let active: usize = naive.lines.iter().map(NaiveLine::active).sum();
    assert_eq!(order.is_cancelled(), active == 0);
    assert_eq!(order.status() == Status::Cancelled, active == 0);
    assert_eq!(
        order.status() == Status::Shipped,
        active > 0 && active == naive.lines.iter().map(NaiveLine::shipped).sum::<usize>()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_agree_with_a_naive_second_implementation(first in text(), requested in proptest::option::of(0..2u8), ops in proptest::collection::vec(op(), 0..25)) {
        let now = Timestamp::UNIX_EPOCH;
        let place = Command::Place { number: "SO-1".into(), order: Box::new(order_text(&first, requested)) };
        let events = decide(None, place, now).expect("a good text");
        let mut order = events.iter().fold(None, |order, event| apply(order, event, now)).expect("placed");
        let mut naive = Naive::place(&first, requested);
        let mut holds: BTreeSet<u8> = BTreeSet::new();
        agree(&order, &naive);
        for op in ops {
            let before = order.clone();
            let (command, allowed) = match &op {
                Op::Allocate(shares) => {
                    let parts: Vec<(String, Sku, Decimal, Decimal)> = order.lines.iter().zip(shares).map(|(line, (now, later))| {
                        let waits = line.buckets.to_plan();
                        let now = share(*now, waits);
                        (line.line_no().to_owned(), line.sku().clone(), now, share(*later, waits - now))
                    }).collect();
                    let some = parts.iter().any(|(_, _, now, later)| *now + *later > Decimal::ZERO);
                    (Command::Allocate { plan: Box::new(plan_of(&parts)) }, some)
                }
                Op::AllocateTooMuch => {
                    let line = &order.lines[0];
                    let parts = [(line.line_no().to_owned(), line.sku().clone(), line.buckets.to_plan() + Decimal::ONE, Decimal::ZERO)];
                    (Command::Allocate { plan: Box::new(plan_of(&parts)) }, false)
                }
                Op::Cancel => (Command::Cancel { reason: "test".into() }, naive.may_cancel()),
                Op::Revise(lines, date) => {
                    (Command::Revise { order: Box::new(order_text(lines, *date)) }, naive.may_revise(lines, *date))
                }
                Op::Hold(code) => {
                    let hold = Hold { code: code.to_string(), reason: "test".into() };
                    (Command::Hold { hold }, !holds.contains(code))
                }
                Op::Release(code) => (Command::Release { code: code.to_string() }, holds.contains(code)),
                Op::Ship(index, units) => {
                    if let Some(line) = order.lines.get_mut(*index) {
                        let quantity = Decimal::from(*units).min(line.buckets.allocated);
                        line.buckets.allocated -= quantity;
                        line.buckets.shipped += quantity;
                        let mut rest = quantity;
                        for peg in &mut line.pegs {
                            let taken = peg.quantity.min(rest);
                            peg.quantity -= taken;
                            rest -= taken;
                        }
                        line.pegs.retain(|peg| peg.quantity > Decimal::ZERO);
                        for _ in 0..u32::try_from(quantity).expect("small") {
                            let oldest = naive.lines[*index].units.iter().copied().filter(|u| NaiveLine::is_allocated(*u)).min_by_key(|u| match u {
                                UnitIs::Allocated(when) => *when,
                                _ => u32::MAX,
                            }).expect("allocated");
                            naive.lines[*index].change(|u| u == oldest, UnitIs::Shipped, 1);
                        }
                    }
                    agree(&order, &naive);
                    continue;
                }
                Op::PlaceAgain => {
                    (Command::Place { number: "SO-2".into(), order: Box::new(order_text(&first, requested)) }, false)
                }
            };
            let decided = decide(Some(&order), command, now);
            prop_assert_eq!(decided.is_ok(), allowed, "{:?}: {:?}", op, decided);
            let Ok(events) = decided else {
                prop_assert_eq!(&order, &before, "a refusal changes nothing");
                continue;
            };
            for event in &events {
                // What is stored is what was decided.
                let stored = serde_json::to_string(event).expect("an event is data");
                let event: Event = serde_json::from_str(&stored).expect("and comes back");
                order = apply(Some(order), &event, now).expect("an order stays an order");
            }
            match op {
                Op::Allocate(shares) => {
                    for (index, (now, later)) in shares.iter().enumerate().take(naive.lines.len()) {
                        let waits = naive.lines[index].count(NaiveLine::is_waiting);
                        let now = share(*now, waits);
                        let later = share(*later, waits - now);
                        let units = |quantity: Decimal| usize::try_from(quantity).expect("small");
                        naive.allocate(index, units(now), units(later));
                    }
                }
                Op::Cancel => naive.cancel(),
                Op::Revise(lines, date) => naive.revise(&lines, date),
                Op::Hold(code) => { holds.insert(code); }
                Op::Release(code) => { holds.remove(&code); }
                Op::AllocateTooMuch | Op::Ship(..) | Op::PlaceAgain => unreachable!("never allowed"),
            }
            prop_assert_eq!(order.version, before.version + 1);
            prop_assert_eq!(order.holds.len(), holds.len());
            agree(&order, &naive);
        }
    }
}

// ---- What no plan may do.

#[derive(Debug, Clone)]
struct Instance {
    lines: Vec<(u8, u8, Option<u8>)>,
    /// Node, article, on hand.
    stock: Vec<(u8, u8, u8)>,
    /// Node, article, quantity, due in days from today (negative: overdue).
    inbound: Vec<(u8, u8, u8, i8)>,
    /// Node, transit days, price.
    rates: Vec<(u8, u8, u8)>,
    flags: (bool, bool, bool),
}

fn instance() -> impl Strategy<Value = Instance> {
    (
        proptest::collection::vec((0..3u8, 1..20u8, proptest::option::of(0..30u8)), 1..6),
        proptest::collection::vec((0..5u8, 0..3u8, 0..15u8), 0..12),
        proptest::collection::vec((0..5u8, 0..3u8, 1..15u8, -5..20i8), 0..5),
        proptest::collection::vec((0..5u8, 0..6u8, 1..50u8), 0..8),
        any::<(bool, bool, bool)>(),
    )
        .prop_map(|(lines, stock, inbound, rates, flags)| Instance { lines, stock, inbound, rates, flags })
}

fn now() -> Timestamp {
    "2026-03-04T09:00:00Z".parse().expect("a timestamp")
}

const TODAY: Date = date(2026, 3, 4);

impl Instance {
    fn request(&self) -> PlanRequest {
        let line = |(index, (sku, quantity, requested)): (usize, &(u8, u8, Option<u8>))| {
            let requested = requested.map(|days| TODAY.saturating_add(i64::from(days).days()));
            po_line(&(index + 1).to_string(), &sku_name(*sku), Decimal::from(*quantity), requested)
        };
        let text = purchase_order(self.lines.iter().enumerate().map(line).collect(), None);
        let place = Command::Place { number: "SO-1".into(), order: Box::new(text) };
        let events = decide(None, place, now()).expect("a good text");
        let order = events.iter().fold(None, |order, event| apply(order, event, now())).expect("placed");
        let (allow_backorder, allow_partial, ship_complete) = self.flags;
        PlanRequest::of(&order, now(), ShippingFlags { allow_backorder, allow_partial, ship_complete })
    }

    fn stock(&self) -> StockSnapshot {
        let mut positions: BTreeMap<(u8, u8), u8> = BTreeMap::new();
        for (node, sku, on_hand) in &self.stock {
            positions.insert((*node, *sku), *on_hand);
        }
        let position = |((node, sku), on_hand): (&(u8, u8), &u8)| StockPosition {
            node: format!("N{node}").as_str().into(),
            sku: sku_name(*sku).as_str().into(),
            on_hand: Decimal::from(*on_hand),
            reserved: Decimal::ZERO,
            safety_stock: Decimal::ZERO,
        };
        let inbound = |(index, (node, sku, quantity, due)): (usize, &(u8, u8, u8, i8))| InboundPosition {
            node: format!("N{node}").as_str().into(),
            sku: sku_name(*sku).as_str().into(),
            reference: format!("IN-{index}"),
            due: TODAY.saturating_add(i64::from(*due).days()),
            quantity: Decimal::from(*quantity),
            reliability: Decimal::ONE,
            reserved: Decimal::ZERO,
        };
        StockSnapshot {
            positions: positions.iter().map(position).collect(),
            inbound: self.inbound.iter().enumerate().map(inbound).collect(),
        }
    }

    fn rates(&self) -> Vec<Rate> {
        let one = |(index, (node, days, price)): (usize, &(u8, u8, u8))| {
            rate(&format!("N{node}"), &format!("S{index}"), Decimal::from(30), Decimal::from(*price), u32::from(*days))
        };
        self.rates.iter().enumerate().map(one).collect()
    }

    fn nodes(only: Option<u8>) -> BTreeMap<NodeCode, Node> {
        let all = (0..5u8).filter(|code| only.is_none_or(|only| only == *code));
        all.map(|code| (format!("N{code}").as_str().into(), node(&format!("N{code}"), "Europe/Berlin", Some("14:00"), 0))).collect()
    }

    fn plan(&self, nodes: &BTreeMap<NodeCode, Node>) -> Plan {
        let products =
            (0..3u8).map(|sku| (sku_name(sku).as_str().into(), product(&sku_name(sku), Decimal::ONE, Some(10)))).collect();
        plan(&self.request(), &self.stock(), nodes, &self.rates(), &products)
    }
}

fn backordered(plan: &Plan) -> Decimal {
    plan.backorders.iter().map(|backorder| backorder.quantity).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_takes_what_there_is_and_accounts_for_every_unit(instance in instance()) {
        let plan = instance.plan(&Instance::nodes(None));
        let (allow_backorder, allow_partial, ship_complete) = instance.flags;
        let stock = instance.stock();
        let mut taken: BTreeMap<(NodeCode, Sku, Supply), Decimal> = BTreeMap::new();
        let mut planned: BTreeMap<String, Decimal> = BTreeMap::new();
        for shipment in &plan.shipments {
            prop_assert!(shipment.ship_date >= TODAY && shipment.deliver_date >= shipment.ship_date);
            for line in &shipment.lines {
                prop_assert!(line.quantity > Decimal::ZERO);
                *taken.entry((shipment.node.clone(), line.sku.clone(), line.supply.clone())).or_default() += line.quantity;
                *planned.entry(line.line_no.clone()).or_default() += line.quantity;
                if let Supply::Inbound { due, .. } = &line.supply {
                    prop_assert!(allow_backorder && *due >= TODAY && shipment.ship_date >= *due, "goods leave after they came");
                }
            }
        }
        for ((node, sku, supply), quantity) in &taken {
            let available = stock.available(node, sku, TODAY).into_iter().find(|a| a.supply == *supply).map_or(Decimal::ZERO, |a| a.quantity);
            prop_assert!(*quantity <= available, "{} of {} at {} with {} available", quantity, sku, node, available);
        }
        for backorder in &plan.backorders {
            prop_assert!(backorder.quantity > Decimal::ZERO && !backorder.why.is_empty());
            *planned.entry(backorder.line_no.clone()).or_default() += backorder.quantity;
        }
        for (index, (_, quantity, _)) in instance.lines.iter().enumerate() {
            prop_assert_eq!(planned.get(&(index + 1).to_string()).copied(), Some(Decimal::from(*quantity)), "every unit is accounted for");
        }
        if !allow_partial {
            for index in 0..instance.lines.len() {
                let number = (index + 1).to_string();
                let shipments = plan.shipments.iter().filter(|s| s.lines.iter().any(|line| line.line_no == number)).count();
                let waits = plan.backorders.iter().any(|b| b.line_no == number);
                prop_assert!(shipments + usize::from(waits) == 1, "a line comes whole");
            }
        }
        if ship_complete {
            prop_assert!(plan.shipments.is_empty() || plan.backorders.is_empty());
            let days: BTreeSet<Date> = plan.shipments.iter().map(|s| s.ship_date).collect();
            prop_assert!(days.len() <= 1 || instance.lines.iter().any(|line| line.2.is_some()));
        }
        if allow_partial && !ship_complete {
            let mut least = Decimal::ZERO;
            for sku in 0..3u8 {
                let wanted: Decimal = instance.lines.iter().filter(|line| line.0 == sku).map(|line| Decimal::from(line.1)).sum();
                let there: Decimal = (0..5u8).flat_map(|node| stock.available(&format!("N{node}").as_str().into(), &sku_name(sku).as_str().into(), TODAY))
                    .filter(|a| allow_backorder || a.supply == Supply::OnHand).map(|a| a.quantity).sum();
                least += (wanted - there).max(Decimal::ZERO);
            }
            prop_assert_eq!(backordered(&plan), least, "nothing waits that some node has");
        }
        prop_assert_eq!(plan.candidates.len(), 5, "every node is accounted for");
        prop_assert!(plan.candidates.iter().all(|candidate| !candidate.why.is_empty()));
        let chosen: BTreeSet<&NodeCode> = plan.candidates.iter().filter(|c| c.chosen).map(|c| &c.node).collect();
        let used: BTreeSet<&NodeCode> = plan.shipments.iter().map(|s| &s.node).collect();
        prop_assert_eq!(chosen, used);
    }

    #[test]
    fn the_same_request_gets_the_same_plan_in_whatever_order_the_tables_come(instance in instance()) {
        let mut shuffled = instance.clone();
        shuffled.inbound.reverse();
        let nodes = Instance::nodes(None);
        let again = instance.plan(&nodes);
        prop_assert_eq!(&again, &instance.plan(&nodes));
        let products = (0..3u8).map(|sku| (sku_name(sku).as_str().into(), product(&sku_name(sku), Decimal::ONE, Some(10)))).collect();
        let (mut stock, mut rates) = (instance.stock(), instance.rates());
        stock.positions.reverse();
        stock.inbound.reverse();
        rates.reverse();
        prop_assert_eq!(&again, &plan(&instance.request(), &stock, &nodes, &rates, &products));
    }

    #[test]
    fn what_is_called_proven_is_not_beaten_by_any_node_alone(instance in instance()) {
        let whole = instance.plan(&Instance::nodes(None));
        if !whole.proven {
            return Ok(());
        }
        let cost = |plan: &Plan| plan.shipments.iter().map(|s| s.cost.map(|cost| cost.amount)).sum::<Option<Decimal>>();
        for node in 0..5u8 {
            let alone = instance.plan(&Instance::nodes(Some(node)));
            prop_assert!(backordered(&alone) >= backordered(&whole));
            let as_good = backordered(&alone) == backordered(&whole) && alone.proven;
            if let (true, Some(alone), Some(whole)) = (as_good, cost(&alone), cost(&whole)) {
                prop_assert!(alone >= whole);
            }
        }
    }
}
