//! What is our price for this customer, article, quantity and date, per unit as ordered? And in which currency is the order?
//!
//! Whether the order's own price is acceptable is `validation::price`. Currencies are never converted (DOMAIN 24).

use crate::deciding::Policy;
use crate::model::master::{Customer, MasterData, PriceEntry, Product};
use crate::model::{Currency, DraftOrder, Field, Origin, Reading, Unit, UnitPrice};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The order's currency: as printed; where the print is ambiguous (`$`) or silent, the customer's own; then the configured default (DOMAIN 24).
pub(crate) fn currency(order: &DraftOrder, customer: Option<&Customer>, policy: &Policy) -> Option<Field<Currency>> {
    let of_customer =
        customer.and_then(|c| c.currency.map(|currency| Field::from_master(currency, format!("customers/{}", c.account))));
    match &order.currency {
        Reading::Found(field) => Some(field.clone()),
        Reading::Several(fields) => of_customer.filter(|ours| fields.iter().any(|field| field.value == ours.value)),
        Reading::Unreadable { .. } => None,
        Reading::Absent => of_customer.or_else(|| {
            let code = policy.default_currency.as_deref().and_then(Currency::parse)?;
            Some(Field { origin: Origin::Default("deciding.default_currency".into()), ..Field::computed(code, "") })
        }),
    }
}

/// The date that decides which prices are in force: the order's own, else today (DOMAIN 25).
pub(crate) fn price_date(order: &DraftOrder, today: Date) -> Date {
    order.po_date.value().copied().filter(|date| *date <= today).unwrap_or(today)
}

/// What a price is asked for.
pub(super) struct PriceQuery<'a> {
    pub(super) customer: &'a Customer,
    pub(super) product: &'a Product,
    pub(super) currency: Currency,
    /// As ordered.
    pub(super) quantity: Decimal,
    pub(super) unit: &'a Unit,
    /// How many of the product's own unit one ordered unit is.
    pub(super) in_own_unit: Decimal,
    pub(super) date: Date,
}

/// Our price per unit as ordered: the customer's price list (quantity break in force on the date), else the product's own price.
pub(super) fn find(query: &PriceQuery<'_>, master: &MasterData) -> Option<Field<UnitPrice>> {
    from_price_list(query, master).or_else(|| from_product(query))
}

fn from_price_list(query: &PriceQuery<'_>, master: &MasterData) -> Option<Field<UnitPrice>> {
    let list = query.customer.price_list.as_ref()?;
    let entries = master.prices.get(&(list.clone(), query.product.sku.clone()))?;
    let in_force = |entry: &&PriceEntry| {
        entry.currency == query.currency
            && entry.valid_from.is_none_or(|from| from <= query.date)
            && entry.valid_to.is_none_or(|to| query.date <= to)
    };
    let reached = |entry: &PriceEntry| {
        let unit_factor = entry_factor(entry, query, master)?;
        let own_quantity = query.quantity.checked_mul(query.in_own_unit)?;
        (own_quantity >= entry.min_qty.checked_mul(unit_factor)?).then_some((entry.min_qty.checked_mul(unit_factor)?, unit_factor))
    };
    let (entry, _, unit_factor) = entries
        .iter()
        .filter(in_force)
        .filter_map(|entry| reached(entry).map(|(break_at, factor)| (entry, break_at, factor)))
        // A price in the unit as ordered needs no conversion; the later start supersedes the earlier.
        .max_by(|(a, a_break, _), (b, b_break, _)| {
            let own = |entry: &PriceEntry| entry.uom.as_ref().unwrap_or(&query.product.uom) == query.unit;
            a_break.cmp(b_break).then(own(a).cmp(&own(b))).then(a.valid_from.cmp(&b.valid_from)).then(b.price.cmp(&a.price))
        })?;
    let amount = per_ordered_unit(entry.price, unit_factor, query.in_own_unit)?;
    let per = if entry.per > Decimal::ZERO { entry.per } else { Decimal::ONE };
    Some(Field::from_master(UnitPrice { amount, per }, format!("prices/{list}/{}", query.product.sku)))
}

fn entry_factor(entry: &PriceEntry, query: &PriceQuery<'_>, master: &MasterData) -> Option<Decimal> {
    match &entry.uom {
        None => Some(Decimal::ONE),
        Some(unit) if unit == query.unit => Some(query.in_own_unit),
        Some(unit) => master.in_own_unit(query.product, unit).filter(|factor| *factor > Decimal::ZERO),
    }
}

fn from_product(query: &PriceQuery<'_>) -> Option<Field<UnitPrice>> {
    let price = query.product.price?;
    if query.product.currency.or(query.customer.currency) != Some(query.currency) {
        return None;
    }
    let amount = per_ordered_unit(price, Decimal::ONE, query.in_own_unit)?;
    Some(Field::from_master(UnitPrice::each(amount), format!("products/{}", query.product.sku)))
}

/// Rounded to six places only where the conversion does not come out even.
fn per_ordered_unit(price: Decimal, price_unit: Decimal, ordered_unit: Decimal) -> Option<Decimal> {
    if price_unit == ordered_unit {
        return Some(price);
    }
    Some(price.checked_mul(ordered_unit)?.checked_div(price_unit)?.round_dp(6).normalize())
}

/// Where our price comes from, for a clerk: `price list EU-A` or `our article master`.
pub(crate) fn source_name(price: &Field<UnitPrice>) -> String {
    match &price.origin {
        Origin::MasterData(key) => match key.strip_prefix("prices/").and_then(|rest| rest.split('/').next()) {
            Some(list) => format!("price list {list}"),
            None => "the article master".to_owned(),
        },
        Origin::Document(_) | Origin::Computed(_) | Origin::Person { .. } | Origin::Default(_) | Origin::Learned { .. } => {
            "our prices".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::master::{Automation, MasterRows, ProductStatus, UnitConversion};
    use jiff::civil::date;
    use rust_decimal::dec;

    fn eur() -> Currency {
        Currency::parse("EUR").expect("a known code")
    }

    fn entry(min_qty: Decimal, price: Decimal) -> PriceEntry {
        PriceEntry {
            price_list: "L".into(),
            sku: "A".into(),
            price,
            currency: eur(),
            min_qty,
            per: dec!(1),
            uom: None,
            valid_from: None,
            valid_to: None,
        }
    }

    /// Our price per ordered unit for a quantity in pieces or boxes of ten, on 2 March 2026.
    fn priced(entries: Vec<PriceEntry>, quantity: Decimal, unit: &str) -> Option<(Decimal, Decimal)> {
        let product = Product {
            sku: "A".into(),
            name: String::new(),
            uom: Unit::piece(),
            gtin: None,
            manufacturer_part: None,
            pack_size: None,
            weight_kg: None,
            length_cm: None,
            width_cm: None,
            height_cm: None,
            price: Some(dec!(9)),
            currency: Some(eur()),
            min_order_qty: None,
            order_multiple: None,
            lead_time_days: None,
            status: ProductStatus::Active,
            superseded_by: None,
        };
        let customer = Customer {
            account: "C".into(),
            name: String::new(),
            email_domains: Vec::new(),
            emails: Vec::new(),
            vat_id: None,
            gln: None,
            currency: Some(eur()),
            payment_terms: None,
            credit_limit: None,
            price_list: Some("L".into()),
            language: None,
            country: None,
            priority: 100,
            allow_backorder: true,
            allow_partial: true,
            ship_complete: false,
            automation: Automation::Auto,
        };
        let boxed = Unit::parse("box").expect("known");
        let conversion = UnitConversion { sku: "A".into(), uom: boxed.clone(), numerator: dec!(10), denominator: dec!(1) };
        let rows =
            MasterRows { units: vec![conversion], prices: entries, products: vec![product.clone()], ..MasterRows::default() };
        let master = MasterData::new(rows);
        let (unit, in_own_unit) = if unit == "box" { (boxed, dec!(10)) } else { (Unit::piece(), dec!(1)) };
        let query = PriceQuery {
            customer: &customer,
            product: &product,
            currency: eur(),
            quantity,
            unit: &unit,
            in_own_unit,
            date: date(2026, 3, 2),
        };
        find(&query, &master).map(|price| (price.value.amount, price.value.per))
    }

    #[test]
    fn breaks_dates_units_and_bases() {
        let breaks = || vec![entry(dec!(0), dec!(8)), entry(dec!(100), dec!(7)), entry(dec!(1000), dec!(6))];
        assert_eq!(priced(breaks(), dec!(99), "piece"), Some((dec!(8), dec!(1))));
        assert_eq!(priced(breaks(), dec!(100), "piece"), Some((dec!(7), dec!(1))));
        assert_eq!(priced(breaks(), dec!(10), "box"), Some((dec!(70), dec!(1))), "ten boxes are a hundred pieces");
        let per_hundred = PriceEntry { per: dec!(100), ..entry(dec!(0), dec!(420)) };
        assert_eq!(priced(vec![per_hundred], dec!(5), "piece"), Some((dec!(420), dec!(100))));
        let by_box = PriceEntry { uom: Unit::parse("box"), ..entry(dec!(2), dec!(65)) };
        assert_eq!(priced(vec![by_box.clone()], dec!(2), "box"), Some((dec!(65), dec!(1))));
        assert_eq!(
            priced(vec![by_box], dec!(19), "piece"),
            Some((dec!(9), dec!(1))),
            "two boxes are not reached: the product's own price"
        );
        let over = PriceEntry { valid_to: Some(date(2026, 3, 1)), ..entry(dec!(0), dec!(1)) };
        let to_come = PriceEntry { valid_from: Some(date(2026, 3, 3)), ..entry(dec!(0), dec!(2)) };
        let last_day = PriceEntry { valid_to: Some(date(2026, 3, 2)), ..entry(dec!(0), dec!(3)) };
        assert_eq!(priced(vec![over.clone(), to_come.clone(), last_day], dec!(1), "piece"), Some((dec!(3), dec!(1))));
        assert_eq!(priced(vec![over, to_come], dec!(1), "piece"), Some((dec!(9), dec!(1))));
        let usd = PriceEntry { currency: Currency::parse("USD").expect("known"), ..entry(dec!(0), dec!(1)) };
        assert_eq!(priced(vec![usd], dec!(1), "piece"), Some((dec!(9), dec!(1))), "never converted");
    }
}
