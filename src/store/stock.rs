//! Stock on hand, goods on their way, and what is reserved of both. Cannot oversell: a reservation is one conditional update for
//! each position, in a fixed order, counted on the same row that a CHECK guards (ORDERS, invariants 1-3, 6 and 13).
//!
//! Which node supplies what is the routing plan's answer; here a plan is taken or, where stock has moved since, refused whole.

use super::error::StoreError;
use super::link::{Link, Row, args, index_key};
use super::quantity::{from_scaled, to_scaled};
use super::{Db, Tx};
use crate::model::master::{Inbound, StockRow};
use crate::model::{NodeCode, OrderNumber, Sku};
use crate::orders::inventory::{InboundPosition, StockPosition, StockSnapshot};
use crate::orders::{Plan, Supply};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What was reserved by a plan: positions with quantities in the product's own unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reserved {
    pub positions: Vec<(Sku, NodeCode, Supply, Decimal)>,
}

/// Somebody else took it first: this position can no longer supply what the plan takes. Nothing of the plan was reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMoved {
    pub sku: Sku,
    pub node: NodeCode,
    pub supply: Supply,
}

/// Which positions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockFilter {
    pub sku: Option<Sku>,
    pub node: Option<NodeCode>,
}

/// On hand before inbound (by reference and due date), then by article and node: the one order in which rows are locked, so that
/// no two orders, and no order and import, wait for each other.
type Position = (Supply, Sku, NodeCode);

impl Tx {
    pub async fn stock_snapshot(&mut self, skus: &[Sku]) -> Result<StockSnapshot, StoreError> {
        stock_snapshot(&mut self.link(), skus).await
    }

    /// Reserves what the plan takes, or nothing. `StockMoved` leaves the transaction as it was: plan again and retry.
    /// The order must be stored.
    pub async fn reserve(&mut self, order: &OrderNumber, plan: &Plan) -> Result<Result<Reserved, StockMoved>, StoreError> {
        let (sums, rows) = demand_of(plan)?;
        self.savepoint("SAVEPOINT reserving").await?;
        for ((supply, sku, node), quantity) in &sums {
            if !self.take(supply, sku, node, *quantity).await? {
                self.savepoint("ROLLBACK TO SAVEPOINT reserving").await?;
                self.savepoint("RELEASE SAVEPOINT reserving").await?;
                return Ok(Err(StockMoved { sku: sku.clone(), node: node.clone(), supply: supply.clone() }));
            }
        }
        for ((line_no, (supply, sku, node)), quantity) in &rows {
            let (kind, reference, due) = supply_columns(supply);
            let sql = "INSERT INTO reservations (order_number, line_no, sku, node, supply, reference, due, quantity)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                       ON CONFLICT (order_number, line_no, sku, node, supply, reference, due)
                       DO UPDATE SET quantity = reservations.quantity + excluded.quantity";
            let args = args![order, line_no, sku, node, kind, reference, due, *quantity];
            self.exec("reservations", sql, args).await?;
        }
        self.savepoint("RELEASE SAVEPOINT reserving").await?;
        let positions = sums.into_iter().map(|((supply, sku, node), q)| (sku, node, supply, from_scaled(q))).collect();
        Ok(Ok(Reserved { positions }))
    }

    /// Gives back everything that is held for an order, once: a second call finds nothing to give back.
    /// Returns what was given back.
    pub async fn release_reservations(&mut self, order: &OrderNumber) -> Result<Reserved, StoreError> {
        let sql = "DELETE FROM reservations WHERE order_number = $1
                   RETURNING order_number, sku, node, supply, reference, due, quantity";
        let rows = self.all("reservations", sql, args![order]).await?;
        let mut sums: BTreeMap<Position, i64> = BTreeMap::new();
        for row in &rows {
            let position = (supply_from(row)?, Sku(row.text("sku")?), NodeCode(row.text("node")?));
            *sums.entry(position).or_default() += row.int("quantity")?;
        }
        for ((supply, sku, node), quantity) in &sums {
            self.give_back(supply, sku, node, *quantity).await?;
        }
        let positions = sums.into_iter().map(|((supply, sku, node), q)| (sku, node, supply, from_scaled(q))).collect();
        Ok(Reserved { positions })
    }

    async fn savepoint(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.link().raw(sql).await.map_err(|source| StoreError::Statement { table: "reservations", source })
    }

    /// Whether there was enough: the check and the write are one statement.
    async fn take(&mut self, supply: &Supply, sku: &Sku, node: &NodeCode, quantity: i64) -> Result<bool, StoreError> {
        let touched = match supply {
            Supply::OnHand => {
                let sql = "UPDATE stock SET reserved = reserved + $1
                           WHERE sku = $2 AND node = $3 AND on_hand - safety_stock - reserved >= $1";
                self.exec("stock", sql, args![quantity, sku, node]).await?
            }
            Supply::Inbound { reference, due } => {
                let sql = "UPDATE inbound SET reserved = reserved + $1
                           WHERE sku = $2 AND node = $3 AND reference = $4 AND due = $5 AND promisable - reserved >= $1";
                self.exec("inbound", sql, args![quantity, sku, node, reference, *due]).await?
            }
        };
        Ok(touched == 1)
    }

    async fn give_back(&mut self, supply: &Supply, sku: &Sku, node: &NodeCode, quantity: i64) -> Result<(), StoreError> {
        let touched = match supply {
            Supply::OnHand => {
                let sql = "UPDATE stock SET reserved = reserved - $1 WHERE sku = $2 AND node = $3";
                self.exec("stock", sql, args![quantity, sku, node]).await?
            }
            Supply::Inbound { reference, due } => {
                let sql = "UPDATE inbound SET reserved = reserved - $1
                           WHERE sku = $2 AND node = $3 AND reference = $4 AND due = $5";
                self.exec("inbound", sql, args![quantity, sku, node, reference, *due]).await?
            }
        };
        if touched == 1 { Ok(()) } else { Err(StoreError::NotThere { what: "stock position", key: format!("{sku} at {node}") }) }
    }

    /// Sets what is counted on hand, by (node, sku, lot). A count below what is reserved for orders is refused by name.
    pub async fn upsert_stock(&mut self, rows: &[StockRow]) -> Result<(), StoreError> {
        let touched: BTreeSet<_> = rows.iter().map(|row| (row.sku.clone(), row.node.clone())).collect();
        for (sku, node) in &touched {
            // Also where it is there already: holding the row keeps two imports of one position from summing past each other.
            let sql = "INSERT INTO stock (sku, node, on_hand, safety_stock) VALUES ($1, $2, 0, 0)
                       ON CONFLICT (sku, node) DO UPDATE SET on_hand = stock.on_hand";
            self.exec("stock", sql, args![sku, node]).await?;
        }
        for row in rows {
            let on_hand = to_scaled("on_hand", row.on_hand)?;
            let safety = to_scaled("safety_stock", row.safety_stock)?;
            let sql = "INSERT INTO stock_lots (sku, node, lot, on_hand, safety_stock, expires) VALUES ($1, $2, $3, $4, $5, $6)
                       ON CONFLICT (sku, node, lot) DO UPDATE SET on_hand = excluded.on_hand,
                           safety_stock = excluded.safety_stock, expires = excluded.expires";
            let lot = row.lot.as_deref().unwrap_or_default();
            self.exec("stock_lots", sql, args![&row.sku, &row.node, lot, on_hand, safety, row.expires]).await?;
        }
        for (sku, node) in &touched {
            self.sum_lots(sku, node).await?;
        }
        self.bump_master().await
    }

    async fn sum_lots(&mut self, sku: &Sku, node: &NodeCode) -> Result<(), StoreError> {
        let sql = "SELECT sku, CAST(SUM(on_hand) AS BIGINT) AS on_hand, MAX(safety_stock) AS safety_stock FROM stock_lots
                   WHERE sku = $1 AND node = $2 GROUP BY sku";
        let row = self.one("stock_lots", sql, args![sku, node]).await?;
        let row = row.ok_or_else(|| StoreError::NotThere { what: "stock position", key: format!("{sku} at {node}") })?;
        let (on_hand, safety) = (row.int("on_hand")?, row.int("safety_stock")?);
        let sql = "UPDATE stock SET on_hand = $1, safety_stock = $2 WHERE sku = $3 AND node = $4 AND reserved <= $1";
        if self.exec("stock", sql, args![on_hand, safety, sku, node]).await? == 1 {
            return Ok(());
        }
        let sql = "SELECT sku, reserved FROM stock WHERE sku = $1 AND node = $2";
        let reserved = self.one("stock", sql, args![sku, node]).await?.map_or(Ok(0), |row| row.int("reserved"))?;
        Err(below_reserved(sku, node, on_hand, reserved))
    }

    /// Sets what is on its way, by (node, sku, reference, due).
    pub async fn upsert_inbound(&mut self, rows: &[Inbound]) -> Result<(), StoreError> {
        let mut in_order: Vec<&Inbound> = rows.iter().collect();
        in_order.sort_by_key(|row| (&row.reference, row.due, &row.sku, &row.node));
        for row in in_order {
            let quantity = to_scaled("quantity", row.quantity)?;
            let promisable = to_scaled("quantity", promisable(row))?;
            let reference = row.reference.as_deref().unwrap_or_default();
            let sql = "INSERT INTO inbound (sku, node, reference, due, quantity, reliability, promisable)
                       VALUES ($1, $2, $3, $4, $5, $6, $7)
                       ON CONFLICT (sku, node, reference, due) DO UPDATE SET quantity = excluded.quantity,
                           reliability = excluded.reliability, promisable = excluded.promisable
                       WHERE inbound.reserved <= excluded.promisable";
            let args = args![&row.sku, &row.node, reference, row.due, quantity, row.reliability, promisable];
            if self.exec("inbound", sql, args).await? == 1 {
                continue;
            }
            let sql = "SELECT sku, reserved FROM inbound WHERE sku = $1 AND node = $2 AND reference = $3 AND due = $4";
            let found = self.one("inbound", sql, args![&row.sku, &row.node, reference, row.due]).await?;
            let reserved = found.map_or(Ok(0), |row| row.int("reserved"))?;
            return Err(below_reserved(&row.sku, &row.node, promisable, reserved));
        }
        self.bump_master().await
    }
}

impl Db {
    /// Stock and inbound of these articles, as of now.
    pub async fn stock_snapshot(&self, skus: &[Sku]) -> Result<StockSnapshot, StoreError> {
        stock_snapshot(&mut self.reader().await?.link(), skus).await
    }

    /// By article and node.
    pub async fn stock(&self, filter: &StockFilter) -> Result<Vec<StockPosition>, StoreError> {
        let sql = "SELECT sku, node, on_hand, reserved, safety_stock FROM stock
                   WHERE ($1 = '' OR sku = $1) AND ($2 = '' OR node = $2) ORDER BY sku, node";
        let rows = self.all("stock", sql, filter_args(filter)).await?;
        rows.iter().map(position_from).collect()
    }

    /// By due date, article and node.
    pub async fn inbound(&self, filter: &StockFilter) -> Result<Vec<InboundPosition>, StoreError> {
        let sql = "SELECT sku, node, reference, due, quantity, reliability, reserved FROM inbound
                   WHERE ($1 = '' OR sku = $1) AND ($2 = '' OR node = $2) ORDER BY due, sku, node, reference";
        let rows = self.all("inbound", sql, filter_args(filter)).await?;
        rows.iter().map(inbound_from).collect()
    }

    /// Positions whose counter differs from the sum of their reservations: always empty, or there is a bug. `doctor` asks.
    pub async fn stock_drift(&self) -> Result<Vec<(Sku, NodeCode)>, StoreError> {
        let sql = "SELECT stock.sku, stock.node FROM stock WHERE stock.reserved <> (
                       SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM reservations
                       WHERE reservations.sku = stock.sku AND reservations.node = stock.node AND supply = 'on_hand')
                   UNION ALL
                   SELECT inbound.sku, inbound.node FROM inbound WHERE inbound.reserved <> (
                       SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM reservations
                       WHERE reservations.sku = inbound.sku AND reservations.node = inbound.node AND supply = 'inbound'
                         AND reservations.reference = inbound.reference AND reservations.due = inbound.due)";
        let rows = self.all("stock", sql, args![]).await?;
        rows.iter().map(|row| Ok((Sku(row.text("sku")?), NodeCode(row.text("node")?)))).collect()
    }
}

fn filter_args(filter: &StockFilter) -> Vec<super::Value> {
    args![filter.sku.as_ref().map_or("", Sku::as_str), filter.node.as_ref().map_or("", NodeCode::as_str)]
}

async fn stock_snapshot(link: &mut Link<'_>, skus: &[Sku]) -> Result<StockSnapshot, StoreError> {
    let wanted = super::link::list(skus)?;
    let positions = link.pick(
        "SELECT sku, node, on_hand, reserved, safety_stock FROM stock WHERE sku IN (SELECT value FROM json_each($1))
         ORDER BY sku, node",
        "SELECT sku, node, on_hand, reserved, safety_stock FROM stock
         WHERE sku IN (SELECT json_array_elements_text($1::json)) ORDER BY sku, node",
    );
    let inbound = link.pick(
        "SELECT sku, node, reference, due, quantity, reliability, reserved FROM inbound
         WHERE sku IN (SELECT value FROM json_each($1)) ORDER BY due, sku, node, reference",
        "SELECT sku, node, reference, due, quantity, reliability, reserved FROM inbound
         WHERE sku IN (SELECT json_array_elements_text($1::json)) ORDER BY due, sku, node, reference",
    );
    let positions = link.all("stock", positions, args![&wanted]).await?;
    let inbound = link.all("inbound", inbound, args![&wanted]).await?;
    Ok(StockSnapshot {
        positions: positions.iter().map(position_from).collect::<Result<_, _>>()?,
        inbound: inbound.iter().map(inbound_from).collect::<Result<_, _>>()?,
    })
}

/// The plan's demand by position (two lines of one article are summed before anything is checked), and by line.
type Demand = (BTreeMap<Position, i64>, BTreeMap<(String, Position), i64>);

fn demand_of(plan: &Plan) -> Result<Demand, StoreError> {
    let (mut sums, mut rows) = Demand::default();
    for shipment in &plan.shipments {
        for line in &shipment.lines {
            let quantity = to_scaled("a planned quantity", line.quantity)?;
            if quantity == 0 {
                continue;
            }
            let position = (line.supply.clone(), line.sku.clone(), shipment.node.clone());
            *sums.entry(position.clone()).or_default() += quantity;
            *rows.entry((index_key(&line.line_no), position)).or_default() += quantity;
        }
    }
    Ok((sums, rows))
}

fn supply_columns(supply: &Supply) -> (&'static str, &str, String) {
    match supply {
        Supply::OnHand => ("on_hand", "", String::new()),
        Supply::Inbound { reference, due } => ("inbound", reference, due.to_string()),
    }
}

fn supply_from(row: &Row) -> Result<Supply, StoreError> {
    match row.text("supply")?.as_str() {
        "on_hand" => Ok(Supply::OnHand),
        _ => Ok(Supply::Inbound { reference: row.text("reference")?, due: date(row, "due")? }),
    }
}

/// Quantity x reliability, rounded down to what a stock quantity can hold.
fn promisable(row: &Inbound) -> Decimal {
    row.quantity.checked_mul(row.reliability).unwrap_or_default().trunc_with_scale(6)
}

fn below_reserved(sku: &Sku, node: &NodeCode, new: i64, reserved: i64) -> StoreError {
    StoreError::BelowReserved {
        sku: sku.to_string(),
        node: node.to_string(),
        new: from_scaled(new).to_string(),
        reserved: from_scaled(reserved).to_string(),
    }
}

fn position_from(row: &Row) -> Result<StockPosition, StoreError> {
    Ok(StockPosition {
        node: NodeCode(row.text("node")?),
        sku: Sku(row.text("sku")?),
        on_hand: row.quantity("on_hand")?,
        reserved: row.quantity("reserved")?,
        safety_stock: row.quantity("safety_stock")?,
    })
}

fn inbound_from(row: &Row) -> Result<InboundPosition, StoreError> {
    Ok(InboundPosition {
        node: NodeCode(row.text("node")?),
        sku: Sku(row.text("sku")?),
        reference: row.text("reference")?,
        due: date(row, "due")?,
        quantity: row.quantity("quantity")?,
        reliability: row.decimal("reliability")?,
        reserved: row.quantity("reserved")?,
    })
}

fn date(row: &Row, column: &'static str) -> Result<Date, StoreError> {
    row.parsed(column, |text| text.parse().ok())
}
