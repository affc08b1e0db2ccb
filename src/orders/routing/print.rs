//! The plan in plain words, for `order why`.

use super::{Plan, PlannedLine, PlannedShipment};
use crate::orders::order::Supply;
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.why)?;
        for shipment in &self.shipments {
            write!(f, "{shipment}")?;
        }
        for backorder in &self.backorders {
            let expected = backorder.expected.map_or("no date".to_owned(), |date| format!("expected {date}"));
            let (quantity, sku) = (backorder.quantity.normalize(), &backorder.sku);
            writeln!(f, "backorder line {}: {quantity} x {sku}, {expected}: {}", backorder.line_no, backorder.why)?;
        }
        if !self.candidates.is_empty() {
            writeln!(f, "nodes:")?;
        }
        for candidate in &self.candidates {
            let mark = if candidate.chosen { '*' } else { ' ' };
            writeln!(f, " {mark} {}", candidate.why)?;
        }
        let proof =
            if self.proven { "No better plan exists." } else { "The best plan that was found; a better one is not ruled out." };
        writeln!(f, "{proof}")
    }
}

impl fmt::Display for PlannedShipment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.carrier.is_empty() { String::new() } else { format!(" by {} {}", self.carrier, self.service) };
        let cost = self.cost.map(|cost| format!(", {cost}")).unwrap_or_default();
        writeln!(f, "shipment from {}{by}: leaves {}, arrives {}{cost}", self.node, self.ship_date, self.deliver_date)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl fmt::Display for PlannedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} x {} {}", self.line_no, self.quantity.normalize(), self.sku, self.supply)
    }
}

impl fmt::Display for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnHand => f.write_str("from stock"),
            Self::Inbound { reference, due } if reference.is_empty() => write!(f, "out of goods due {due}"),
            Self::Inbound { reference, due } => write!(f, "out of {reference}, due {due}"),
        }
    }
}
