//! In which unit is a line ordered, and how many of the article's own unit is that? A conversion is looked up, never assumed (DOMAIN 17, 18).

use super::item::Item;
use crate::deciding::{line_name, line_pointer};
use crate::model::master::{MasterData, Product};
use crate::model::{Code, DraftLine, Finding, Reading, Severity, Unit};
use rust_decimal::{Decimal, dec};

/// The unit, and how many of the product's own unit one of it is.
pub(super) struct UnitMatch {
    pub(super) unit: Unit,
    pub(super) in_own_unit: Decimal,
}

/// Conversions that hold for every article.
const FIXED: [(&str, &str, Decimal); 9] = [
    ("DZN", "C62", dec!(12)),
    ("CEN", "C62", dec!(100)),
    ("MIL", "C62", dec!(1000)),
    ("KGM", "GRM", dec!(1000)),
    ("TNE", "KGM", dec!(1000)),
    ("MTR", "CMT", dec!(100)),
    ("MTR", "MMT", dec!(1000)),
    ("LTR", "MLT", dec!(1000)),
    ("FOT", "INH", dec!(12)),
];

/// Packages, of which the article's `pack_size` may say how many pieces they hold.
const PACKAGES: &[&str] = &["XBX", "XCT", "XCS", "XPK", "XBG", "XRO", "SET"];

/// Units in which an article may be counted as a whole, so that a customer's system calls one of it "each".
const COUNTED_WHOLE: &[&str] = &["SET", "PR", "XBX", "XCT", "XCS", "XPK", "XRO", "XBG", "XBO", "XCA", "XDR", "XTU"];

/// Whether "each" may mean one of the article's own unit. Only a price can tell: the caller compares it.
pub(super) fn each_may_mean_own_unit(line: &DraftLine, product: &Product) -> bool {
    let is_each = line.uom.value().and_then(|text| parse_printed(text, line.quantity.value())) == Some(Unit::piece());
    is_each && COUNTED_WHOLE.contains(&product.uom.code())
}

/// Says that "each" was taken as one of the article's own unit.
pub(super) fn each_is_own_unit(line: &DraftLine, index: usize, product: &Product) -> Finding {
    let message = format!(
        "{} prints pieces; {} is counted in {}, and the price is that of 1 {}.",
        line_name(line, index),
        product.sku,
        product.uom,
        product.uom
    );
    Finding::new(Code::UnitConflict, Severity::Note, line_pointer(index, "uom"), message).at(line.uom.spans())
}

/// Finds the unit of a matched line.
pub(super) fn find(
    line: &DraftLine,
    index: usize,
    item: &Item,
    product: &Product,
    master: &MasterData,
) -> (Option<UnitMatch>, Vec<Finding>) {
    let field = line_pointer(index, "uom");
    let name = line_name(line, index);
    let printed = match &line.uom {
        Reading::Absent => None,
        Reading::Found(text) => match parse_printed(&text.value, line.quantity.value()) {
            Some(unit) => Some(unit),
            None => {
                let message = format!("{name}: the unit \"{}\" is not known.", text.value);
                return (None, vec![Finding::new(Code::UnknownUnit, Severity::Block, field, message).at(text.origin.spans())]);
            }
        },
        Reading::Several(_) | Reading::Unreadable { .. } => {
            let message = format!("{name}: the unit could not be read.");
            return (None, vec![Finding::new(Code::UnknownUnit, Severity::Block, field, message).at(line.uom.spans())]);
        }
    };
    let mut findings = Vec::new();
    let unit = match (&printed, &item.ref_unit) {
        (None, Some(ref_unit)) => ref_unit.clone(),
        (Some(printed), Some(ref_unit)) if printed != ref_unit => {
            findings.push(ref_unit_wins(&name, &field, printed, ref_unit, item));
            ref_unit.clone()
        }
        (Some(printed), Some(_) | None) => printed.clone(),
        (None, None) => product.uom.clone(),
    };
    if item.by_package_gtin && (printed.is_none() || unit == product.uom) {
        let message = format!(
            "{name}: the GTIN is that of a package of {}, and nothing says how many {} it holds.",
            product.sku, product.uom
        );
        findings.push(Finding::new(Code::UnitConflict, Severity::Ask, field.clone(), message));
    }
    // The document counts packs but names no unit: one of them is not one of ours, unless the customer's number stands for the pack.
    if let Some(pack) = line.pack_size.value().filter(|pack| **pack > Decimal::ONE)
        && printed.is_none()
        && item.ref_unit.is_none()
    {
        let message = format!("{name} counts packs of {}, but it is taken in {unit}.", pack.normalize());
        findings.push(Finding::new(Code::UnitConflict, Severity::Ask, field.clone(), message).at(line.pack_size.spans()));
    }
    match factor(&unit, product, master) {
        Some(Factor::Known(in_own_unit)) => (Some(UnitMatch { unit, in_own_unit }), findings),
        Some(Factor::PackSize(in_own_unit)) => {
            let message = format!(
                "{name}: 1 {unit} is taken as the pack size of {}: {} {}.",
                product.sku,
                in_own_unit.normalize(),
                product.uom
            );
            findings.push(Finding::new(Code::UnitConflict, Severity::Ask, field, message));
            (Some(UnitMatch { unit, in_own_unit }), findings)
        }
        None => {
            let message = format!(
                "{name} is ordered in {unit}, but {} is counted in {} and no conversion is known.",
                product.sku, product.uom
            );
            findings.push(Finding::new(Code::UnitConflict, Severity::Block, field, message).at(line.uom.spans()));
            (None, findings)
        }
    }
}

/// The unit of the customer's part number wins (DOMAIN 18): their system counts in their own item. Ten pieces or ten cartons is still for a
/// person to say.
fn ref_unit_wins(name: &str, field: &str, printed: &Unit, ref_unit: &Unit, item: &Item) -> Finding {
    let message =
        format!("{name} prints {printed}, but the customer's number {} stands for 1 {ref_unit}; {ref_unit} is used.", item.sku.raw);
    Finding::new(Code::UnitConflict, Severity::Ask, field, message).propose(ref_unit.code())
}

/// The printed unit. Some forms print the quantity again before it (`6 pairs`).
fn parse_printed(text: &str, quantity: Option<&Decimal>) -> Option<Unit> {
    Unit::parse(text).or_else(|| {
        let (number, unit) = text.trim().split_once(char::is_whitespace)?;
        let repeated = number.parse::<Decimal>().ok()?;
        (Some(&repeated) == quantity).then(|| Unit::parse(unit))?
    })
}

enum Factor {
    Known(Decimal),
    PackSize(Decimal),
}

fn factor(unit: &Unit, product: &Product, master: &MasterData) -> Option<Factor> {
    let positive = |factor: &Decimal| *factor > Decimal::ZERO;
    if let Some(known) = master.in_own_unit(product, unit).filter(positive) {
        return Some(Factor::Known(known));
    }
    for (large, small, how_many) in FIXED {
        if unit.code() == large && product.uom.code() == small {
            return Some(Factor::Known(how_many));
        }
        if unit.code() == small && product.uom.code() == large {
            return Decimal::ONE.checked_div(how_many).map(Factor::Known);
        }
    }
    let is_package = PACKAGES.contains(&unit.code()) && product.uom == Unit::piece();
    product.pack_size.filter(positive).filter(|_| is_package).map(Factor::PackSize)
}
