//! What may a new order take, at one node, of one article, and when? On hand now, and goods on their way once they are due.
//!
//! Simple on purpose: a reservation is tied to one supply, so what an order takes from stock on hand can never be what a later order was
//! promised out of goods on their way (DOMAIN 35, 36).

use super::{InboundPosition, StockSnapshot};
use crate::model::{NodeCode, Sku};
use crate::orders::order::Supply;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A quantity that may be promised, and the first day on which it is at the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Available {
    pub supply: Supply,
    /// Above zero.
    pub quantity: Decimal,
    /// `None`: now.
    pub from: Option<Date>,
}

impl InboundPosition {
    /// What may be promised of it: the reliable share, rounded down to whole units where it is counted in whole units, less what is promised.
    pub fn available(&self) -> Decimal {
        let share = self.quantity.checked_mul(self.reliability.clamp(Decimal::ZERO, Decimal::ONE)).unwrap_or_default();
        let share = if self.quantity.fract().is_zero() { share.floor() } else { share };
        (share - self.reserved).max(Decimal::ZERO)
    }
}

impl StockSnapshot {
    /// Supplies of `sku` at `node`, soonest first. Goods that are overdue are not counted, neither as available now nor later: nobody knows
    /// when they come (DOMAIN 35).
    pub fn available(&self, node: &NodeCode, sku: &Sku, today: Date) -> Vec<Available> {
        let on_hand: Decimal = self.positions.iter().filter(|p| p.node == *node && p.sku == *sku).map(|p| p.available()).sum();
        let now = (on_hand > Decimal::ZERO).then_some(Available { supply: Supply::OnHand, quantity: on_hand, from: None });
        let mut coming: Vec<Available> = self
            .inbound
            .iter()
            .filter(|inbound| inbound.node == *node && inbound.sku == *sku && inbound.due >= today)
            .map(|inbound| Available {
                supply: Supply::Inbound { reference: inbound.reference.clone(), due: inbound.due },
                quantity: inbound.available(),
                from: Some(inbound.due),
            })
            .filter(|available| available.quantity > Decimal::ZERO)
            .collect();
        coming.sort_by(|a, b| a.supply.cmp(&b.supply));
        coming.sort_by_key(|available| available.from);
        now.into_iter().chain(coming).collect()
    }

    /// Whether something of `sku` should have arrived by now and did not.
    pub fn has_overdue(&self, sku: &Sku, today: Date) -> bool {
        self.inbound.iter().any(|inbound| inbound.sku == *sku && inbound.due < today && inbound.available() > Decimal::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::inventory::StockPosition;
    use jiff::civil::date;
    use rust_decimal::dec;

    #[test]
    fn overdue_goods_are_not_promised_and_unreliable_ones_in_part() {
        let inbound = |reference: &str, due, reliability| InboundPosition {
            node: "N".into(),
            sku: "A".into(),
            reference: reference.into(),
            due,
            quantity: dec!(9),
            reliability,
            reserved: dec!(1),
        };
        let stock = StockSnapshot {
            positions: vec![StockPosition {
                node: "N".into(),
                sku: "A".into(),
                on_hand: dec!(10),
                reserved: dec!(4),
                safety_stock: dec!(1),
            }],
            inbound: vec![
                inbound("late", date(2026, 3, 1), dec!(1)),
                inbound("second", date(2026, 3, 20), dec!(0.5)),
                inbound("first", date(2026, 3, 10), dec!(1)),
            ],
        };
        let found = stock.available(&"N".into(), &"A".into(), date(2026, 3, 9));
        let shown: Vec<(Decimal, Option<Date>)> = found.iter().map(|a| (a.quantity, a.from)).collect();
        assert_eq!(shown, [(dec!(5), None), (dec!(8), Some(date(2026, 3, 10))), (dec!(3), Some(date(2026, 3, 20)))]);
        assert!(stock.has_overdue(&"A".into(), date(2026, 3, 9)));
    }
}
