//! Which carrier services take a weight from a node to an address, how long do they take and what do they cost? From `rates.csv` alone.

use crate::model::master::{Product, Rate};
use crate::model::{Address, Money, NodeCode, Sku};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A carrier service for one shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) carrier: String,
    pub(super) service: String,
    /// Working days.
    pub(super) transit_days: u32,
    pub(super) cost: Option<Money>,
}

/// What goods weigh, for rating. Unknown weights and sizes count as nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    pub(super) weight_kg: Decimal,
    pub(super) volume_cm3: Decimal,
}

impl Load {
    pub(super) fn add(&mut self, sku: &Sku, quantity: Decimal, products: &BTreeMap<Sku, Product>) {
        let Some(product) = products.get(sku) else { return };
        let times = |one: Option<Decimal>| one.and_then(|one| one.checked_mul(quantity)).unwrap_or_default();
        let volume = product
            .length_cm
            .zip(product.width_cm)
            .zip(product.height_cm)
            .and_then(|((length, width), height)| length.checked_mul(width)?.checked_mul(height));
        self.weight_kg = self.weight_kg.saturating_add(times(product.weight_kg));
        self.volume_cm3 = self.volume_cm3.saturating_add(times(volume));
    }

    fn billed_kg(&self, rate: &Rate) -> Decimal {
        let dimensional =
            rate.dim_divisor.and_then(|divisor| self.volume_cm3.checked_div(Decimal::from(divisor))).unwrap_or_default();
        self.weight_kg.max(dimensional)
    }
}

/// The rates by which a node can send to an address.
pub(super) fn covering<'a>(node: &NodeCode, to: &Address, rates: &'a [Rate]) -> Vec<&'a Rate> {
    let postal = postal_key(&to.postal_code);
    let covers = |rate: &&Rate| {
        rate.node == *node && rate.country.eq_ignore_ascii_case(&to.country) && postal.starts_with(&postal_key(&rate.postal_prefix))
    };
    rates.iter().filter(covers).collect()
}

/// The services for one shipment among the covering rates, cheapest first; equal cost: faster, then by name, so that two runs agree. Empty
/// where no rate covers the destination.
pub(super) fn services(covering: &[&Rate], load: Load) -> Vec<Service> {
    let mut by_service: BTreeMap<(&str, &str), Vec<&Rate>> = BTreeMap::new();
    for rate in covering {
        by_service.entry((&rate.carrier, &rate.service)).or_default().push(rate);
    }
    let mut services: Vec<Service> = by_service.into_values().filter_map(|rates| rated(rates, load)).collect();
    services.sort_by(|a, b| {
        let cost = |service: &Service| service.cost.map(|cost| cost.amount);
        (cost(a), a.transit_days, &a.carrier, &a.service).cmp(&(cost(b), b.transit_days, &b.carrier, &b.service))
    });
    services
}

/// Among the rates of one service: the longest postal prefix, then the smallest weight step that holds the load, else parcels of the largest.
fn rated(rates: Vec<&Rate>, load: Load) -> Option<Service> {
    let longest = rates.iter().map(|rate| postal_key(&rate.postal_prefix).len()).max()?;
    let mut steps: Vec<&Rate> = rates.into_iter().filter(|rate| postal_key(&rate.postal_prefix).len() == longest).collect();
    steps.sort_by_key(|rate| (rate.max_weight_kg, rate.price));
    let holding = steps.iter().find(|rate| load.billed_kg(rate) <= rate.max_weight_kg);
    let rate = *holding.or(steps.last())?;
    let parcels = match holding {
        Some(_) => Decimal::ONE,
        None => load.billed_kg(rate).checked_div(rate.max_weight_kg)?.ceil(),
    };
    let amount = rate.price.checked_mul(parcels)?;
    Some(Service {
        carrier: rate.carrier.clone(),
        service: rate.service.clone(),
        transit_days: rate.transit_days,
        cost: Some(Money { amount, currency: rate.currency }),
    })
}

fn postal_key(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use rust_decimal::dec;

    #[test]
    fn the_longest_prefix_and_the_smallest_step_that_holds_it() {
        let rate = |service: &str, prefix: &str, max: Decimal, price: Decimal| Rate {
            carrier: "C".into(),
            service: service.into(),
            node: "N".into(),
            country: "DE".into(),
            postal_prefix: prefix.into(),
            max_weight_kg: max,
            price,
            currency: Currency::parse("EUR").expect("known"),
            transit_days: 2,
            pickup_cutoff: None,
            dim_divisor: None,
        };
        let rates = [
            rate("std", "", dec!(10), dec!(5)),
            rate("std", "", dec!(30), dec!(9)),
            rate("std", "80", dec!(30), dec!(7)),
            rate("air", "", dec!(30), dec!(20)),
        ];
        let cost = |postal: &str, kg: Decimal| {
            let to = Address { postal_code: postal.into(), country: "de".into(), ..Address::default() };
            let load = Load { weight_kg: kg, ..Load::default() };
            let found = services(&covering(&"N".into(), &to, &rates), load);
            found.iter().map(|s| (s.service.clone(), s.cost.expect("rated").amount)).collect::<Vec<_>>()
        };
        assert_eq!(cost("10115", dec!(4)), [("std".to_owned(), dec!(5)), ("air".to_owned(), dec!(20))]);
        assert_eq!(cost("10115", dec!(12))[0], ("std".to_owned(), dec!(9)));
        assert_eq!(cost("80331", dec!(4))[0], ("std".to_owned(), dec!(7)), "the Munich rate has one step only");
        assert_eq!(cost("80331", dec!(61))[0], ("std".to_owned(), dec!(21)), "three parcels");
        assert!(covering(&"N".into(), &Address { country: "FR".into(), ..Address::default() }, &rates).is_empty());
    }
}
