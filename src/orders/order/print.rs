//! An order and what happened to it, in plain words: `order show` and `order history`.

use super::{Event, Order, OrderLine};
use crate::model::Money;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::fmt;

/// One line of `order history`.
pub fn history_line(version: u64, at: Timestamp, event: &Event) -> String {
    format!("{version:>3}  {}  {event}", at.strftime("%Y-%m-%d %H:%M UTC"))
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placed { number, order } => {
                write!(
                    f,
                    "placed as {number}: {} of {}, {}",
                    order.po_number.value,
                    order.account.value,
                    size(order.lines.len(), order.total())
                )
            }
            Self::Allocated { plan } => {
                let shipped: Decimal = plan.shipments.iter().flat_map(|shipment| &shipment.lines).map(|line| line.quantity).sum();
                let waiting: Decimal = plan.backorders.iter().map(|backorder| backorder.quantity).sum();
                let shipments = plan.shipments.len();
                let word = if shipments == 1 { "shipment" } else { "shipments" };
                write!(f, "allocated {} in {shipments} {word}", shipped.normalize())?;
                if waiting > Decimal::ZERO { write!(f, ", backordered {}", waiting.normalize()) } else { Ok(()) }
            }
            Self::Cancelled { reason } => write!(f, "cancelled: {reason}"),
            Self::Revised { order } => {
                let revision =
                    order.revision.as_ref().map(|revision| format!(" to revision {}", revision.value)).unwrap_or_default();
                write!(f, "revised{revision}: {}", size(order.lines.len(), order.total()))
            }
            Self::HoldPlaced { hold } => write!(f, "put on hold ({}): {}", hold.code, hold.reason),
            Self::HoldReleased { code } => write!(f, "hold {code} released"),
        }
    }
}

fn size(lines: usize, total: Money) -> String {
    format!("{lines} {}, {total}", if lines == 1 { "line" } else { "lines" })
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.purchase_order;
        writeln!(
            f,
            "{} for {}, their {}: {}, {}",
            self.number,
            text.account.value,
            text.po_number.value,
            self.status(),
            text.total()
        )?;
        for hold in &self.holds {
            writeln!(f, "  on hold ({}): {}", hold.code, hold.reason)?;
        }
        self.lines.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

impl fmt::Display for OrderLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buckets = &self.buckets;
        let named = [
            ("open", buckets.open),
            ("backordered", buckets.backordered),
            ("allocated", buckets.allocated),
            ("released", buckets.released),
            ("picked", buckets.picked),
            ("packed", buckets.packed),
            ("shipped", buckets.shipped),
            ("cancelled", buckets.cancelled),
            ("returned", buckets.returned),
        ];
        let shown: Vec<String> = named
            .iter()
            .filter(|(_, quantity)| !quantity.is_zero())
            .map(|(name, quantity)| format!("{} {name}", quantity.normalize()))
            .collect();
        let (number, unit) = (self.line_no(), &self.ordered.base_unit);
        writeln!(f, "  line {number}: {} {unit} of {}: {}", self.ordered.base_quantity.normalize(), self.sku(), shown.join(", "))?;
        for peg in &self.pegs {
            let (node, supply) = (&peg.node, &peg.supply);
            writeln!(
                f,
                "    {} at {node} {supply}, leaves {}, arrives {}",
                peg.quantity.normalize(),
                peg.ship_date,
                peg.deliver_date
            )?;
        }
        match self.backorder_expected {
            Some(date) if !buckets.backordered.is_zero() => writeln!(f, "    backorder expected {date}"),
            Some(_) | None => Ok(()),
        }
    }
}
