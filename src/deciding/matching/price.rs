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
        Origin::Document(_) | Origin::Computed(_) | Origin::Person { .. } | Origin::Default(_) => "our prices".to_owned(),
    }
}
