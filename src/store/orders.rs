//! Orders: a snapshot, the events that made it, and the plans made for it. State and events are written together or not at all.
//!
//! What an order may do is decided by the order core; here only identity (no purchase order becomes two orders) and versions
//! (nobody overwrites what they have not seen) are enforced.

use super::error::StoreError;
use super::link::{Link, Row, args, index_key};
use super::{Db, Stale, Tx, payload};
use crate::deciding::{PriorOrder, fingerprint};
use crate::model::ids::comparable_number;
use crate::model::{Account, Currency, Money, OrderNumber, PurchaseOrder};
use crate::orders::{Event, Order, OrderLine, Plan};
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What makes a customer's order the same order (DOMAIN 1): account, purchase order number and release, compared without
/// punctuation and case. `issue` is 0; a person who says that a used number means a new order raises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderIdentity {
    pub account: Account,
    pub po_number: String,
    pub release_number: String,
    pub issue: u32,
}

impl OrderIdentity {
    pub fn of(order: &PurchaseOrder) -> Self {
        Self {
            account: order.account.value.clone(),
            po_number: comparable_number(&order.po_number.value),
            release_number: order.release_number.as_ref().map(|n| comparable_number(&n.value)).unwrap_or_default(),
            issue: 0,
        }
    }
}

/// An order with this identity exists; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlreadyPlaced(pub OrderNumber);

/// Which orders to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub account: Option<Account>,
    /// Only orders with something still to ship.
    pub open_only: bool,
}

/// An order in a list. `order` is the whole of it: status and quantities are derived, never stored beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderSummary {
    pub number: OrderNumber,
    pub account: Account,
    /// As printed.
    pub po_number: String,
    pub total: Money,
    pub placed_at: Timestamp,
    pub order: Order,
}

impl Tx {
    /// `SO-000001`, and so on without gaps.
    pub async fn next_order_number(&mut self) -> Result<OrderNumber, StoreError> {
        Ok(OrderNumber(format!("SO-{:06}", self.count_up("order").await?)))
    }

    /// Stores a new order with its first events, unless an order with this identity is there.
    pub async fn insert_order(
        &mut self,
        order: &Order,
        events: &[Event],
        identity: &OrderIdentity,
    ) -> Result<Result<(), AlreadyPlaced>, StoreError> {
        require_version(order, 0, events)?;
        let (po_key, release_key) = (index_key(&identity.po_number), index_key(&identity.release_number));
        let sql = "INSERT INTO orders (number, account, po_key, release_key, issue, placed_at, version, closed, currency, owed,
                       snapshot)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (account, po_key, release_key, issue) DO NOTHING";
        let args = args![
            &order.number,
            &identity.account,
            &po_key,
            &release_key,
            identity.issue,
            order.placed_at,
            version_of(order)?,
            is_closed(order),
            order.purchase_order.currency.value,
            owed(order),
            payload::to_text("an order", order)?,
        ];
        if self.exec("orders", sql, args).await? == 0 {
            let sql = "SELECT number FROM orders WHERE account = $1 AND po_key = $2 AND release_key = $3 AND issue = $4";
            let args = args![&identity.account, &po_key, &release_key, identity.issue];
            let row = self.one("orders", sql, args).await?;
            let row = row.ok_or_else(|| StoreError::NotThere { what: "order", key: identity.po_number.clone() })?;
            return Ok(Err(AlreadyPlaced(OrderNumber(row.text("number")?))));
        }
        self.insert_events(&order.number, 0, events, order.placed_at).await?;
        Ok(Ok(()))
    }

    /// Stores what an order became by `events`, which happened `at` that time, unless somebody changed it since
    /// `expected_version`.
    pub async fn append_events(
        &mut self,
        order: &Order,
        events: &[Event],
        expected_version: u64,
        at: Timestamp,
    ) -> Result<Result<(), Stale>, StoreError> {
        require_version(order, expected_version, events)?;
        let expected = whole(expected_version)?;
        let sql = "UPDATE orders SET version = $1, closed = $2, currency = $3, owed = $4, snapshot = $5
                   WHERE number = $6 AND version = $7";
        let args = args![
            version_of(order)?,
            is_closed(order),
            order.purchase_order.currency.value,
            owed(order),
            payload::to_text("an order", order)?,
            &order.number,
            expected,
        ];
        if self.exec("orders", sql, args).await? != 1 {
            return Ok(Err(Stale));
        }
        self.insert_events(&order.number, expected, events, at).await?;
        Ok(Ok(()))
    }

    async fn insert_events(&mut self, number: &OrderNumber, after: i64, events: &[Event], at: Timestamp) -> Result<(), StoreError> {
        for (seq, event) in (after + 1..).zip(events) {
            let sql = "INSERT INTO order_events (order_number, seq, at, event) VALUES ($1, $2, $3, $4)";
            let args = args![number, seq, at, payload::to_text("an event", event)?];
            self.exec("order_events", sql, args).await?;
        }
        Ok(())
    }

    /// Keeps a plan beside the order, candidates that lost and all: `order why` shows it.
    pub async fn save_plan(&mut self, number: &OrderNumber, plan: &Plan) -> Result<(), StoreError> {
        let sql = "INSERT INTO plans (order_number, plan) VALUES ($1, $2)";
        self.exec("plans", sql, args![number, payload::to_text("a plan", plan)?]).await.map(drop)
    }

    /// As `Db::order`, with what this transaction wrote.
    pub async fn order(&mut self, number: &OrderNumber) -> Result<Option<Order>, StoreError> {
        order(&mut self.link(), number).await
    }

    /// As `Db::prior_orders`, with what this transaction wrote.
    pub async fn prior_orders(&mut self, account: &Account, po_number: &str) -> Result<Vec<PriorOrder>, StoreError> {
        prior_orders(&mut self.link(), account, po_number).await
    }

    /// As `Db::open_value`, with what this transaction wrote.
    pub async fn open_value(&mut self, account: &Account) -> Result<BTreeMap<Currency, Decimal>, StoreError> {
        open_value(&mut self.link(), account).await
    }
}

impl Db {
    pub async fn order(&self, number: &OrderNumber) -> Result<Option<Order>, StoreError> {
        order(&mut self.reader().await?.link(), number).await
    }

    /// Its events with their numbers, oldest first.
    pub async fn order_events(&self, number: &OrderNumber) -> Result<Vec<(u64, Timestamp, Event)>, StoreError> {
        let sql = "SELECT order_number, seq, at, event FROM order_events WHERE order_number = $1 ORDER BY seq";
        let rows = self.all("order_events", sql, args![number]).await?;
        rows.iter().map(|row| Ok((row.number("seq")?, row.time("at")?, row.payload("event")?))).collect()
    }

    /// Newest first.
    pub async fn orders(&self, filter: &OrderFilter, limit: u32) -> Result<Vec<OrderSummary>, StoreError> {
        let sql = "SELECT number, snapshot FROM orders
                   WHERE ($1 = '' OR account = $1) AND (closed = 0 OR $2 = 0)
                   ORDER BY placed_at DESC, number DESC LIMIT $3";
        let account = filter.account.as_ref().map_or("", Account::as_str);
        let rows = self.all("orders", sql, args![account, filter.open_only, limit]).await?;
        rows.iter().map(summary_from).collect()
    }

    /// Earlier orders of this customer with this purchase order number, any release, oldest first. The number may be as printed.
    pub async fn prior_orders(&self, account: &Account, po_number: &str) -> Result<Vec<PriorOrder>, StoreError> {
        prior_orders(&mut self.reader().await?.link(), account, po_number).await
    }

    /// Plans made for an order, oldest first.
    pub async fn plans(&self, number: &OrderNumber) -> Result<Vec<Plan>, StoreError> {
        let sql = "SELECT order_number, plan FROM plans WHERE order_number = $1 ORDER BY id";
        let rows = self.all("plans", sql, args![number]).await?;
        rows.iter().map(|row| row.payload("plan")).collect()
    }

    /// The value of what a customer has on order and was not cancelled or closed, by currency (DOMAIN 47).
    pub async fn open_value(&self, account: &Account) -> Result<BTreeMap<Currency, Decimal>, StoreError> {
        open_value(&mut self.reader().await?.link(), account).await
    }
}

async fn order(link: &mut Link<'_>, number: &OrderNumber) -> Result<Option<Order>, StoreError> {
    let row = link.one("orders", "SELECT number, version, snapshot FROM orders WHERE number = $1", args![number]).await?;
    row.map(|row| order_from(&row)).transpose()
}

fn order_from(row: &Row) -> Result<Order, StoreError> {
    let order: Order = row.payload("snapshot")?;
    let version: u64 = row.number("version")?;
    if order.version != version {
        return Err(row.bad("version", format!("{version} here, {} in the snapshot", order.version)));
    }
    Ok(order)
}

fn summary_from(row: &Row) -> Result<OrderSummary, StoreError> {
    let order: Order = row.payload("snapshot")?;
    Ok(OrderSummary {
        number: order.number.clone(),
        account: order.purchase_order.account.value.clone(),
        po_number: order.purchase_order.po_number.value.clone(),
        total: order.purchase_order.total(),
        placed_at: order.placed_at,
        order,
    })
}

async fn prior_orders(link: &mut Link<'_>, account: &Account, po_number: &str) -> Result<Vec<PriorOrder>, StoreError> {
    let sql = "SELECT number, snapshot FROM orders WHERE account = $1 AND po_key = $2 ORDER BY placed_at, number";
    let rows = link.all("orders", sql, args![account, index_key(&comparable_number(po_number))]).await?;
    rows.iter().map(|row| row.payload("snapshot").map(|order| prior_from(&order))).collect()
}

fn prior_from(order: &Order) -> PriorOrder {
    let text = &order.purchase_order;
    PriorOrder {
        number: order.number.clone(),
        account: text.account.value.clone(),
        po_number: text.po_number.value.clone(),
        revision: text.revision.as_ref().map(|field| field.value.clone()),
        release_number: text.release_number.as_ref().map(|field| field.value.clone()),
        fingerprint: fingerprint(text),
        is_cancelled: order.lines.iter().all(|line| line.buckets.cancelled == line.buckets.ordered()),
    }
}

async fn open_value(link: &mut Link<'_>, account: &Account) -> Result<BTreeMap<Currency, Decimal>, StoreError> {
    let sql = "SELECT account, currency, owed FROM orders WHERE account = $1 AND closed = 0";
    let rows = link.all("orders", sql, args![account]).await?;
    let mut sums = BTreeMap::new();
    for row in rows {
        let currency = row.parsed("currency", Currency::parse)?;
        *sums.entry(currency).or_insert(Decimal::ZERO) += row.decimal("owed")?;
    }
    Ok(sums)
}

/// What the order's lines come to, less what was cancelled of them.
fn owed(order: &Order) -> Decimal {
    let currency = order.purchase_order.currency.value;
    order.lines.iter().map(|line| still_owed(line, currency)).sum()
}

/// The line's total, less the share of it that was cancelled.
fn still_owed(line: &OrderLine, currency: Currency) -> Decimal {
    let ordered = line.buckets.ordered();
    let kept = (ordered - line.buckets.cancelled).checked_div(ordered).unwrap_or_default();
    currency.round(line.ordered.line_total.checked_mul(kept).unwrap_or(line.ordered.line_total))
}

/// Nothing left to ship.
fn is_closed(order: &Order) -> bool {
    order.lines.iter().all(|line| line.buckets.shipped + line.buckets.cancelled == line.buckets.ordered())
}

/// An order must be exactly its events: the version rises by one with each.
fn require_version(order: &Order, before: u64, events: &[Event]) -> Result<(), StoreError> {
    let after = before.checked_add(events.len() as u64);
    if after == Some(order.version) && !events.is_empty() {
        return Ok(());
    }
    let problem = format!("version {} after {} events upon version {before}", order.version, events.len());
    Err(StoreError::Unstorable { what: format!("order {}", order.number), problem })
}

fn version_of(order: &Order) -> Result<i64, StoreError> {
    whole(order.version)
}

fn whole(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|error| StoreError::Unstorable { what: format!("the number {number}"), problem: error.to_string() })
}
