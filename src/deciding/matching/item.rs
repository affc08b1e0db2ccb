//! Which of our articles does a line mean? Numbers first, in the order of what they prove; a description only ever proposes.
//!
//! Three namespaces meet on a line (DOMAIN 31): the customer's numbers, ours, the manufacturer's. Numbers that point at different articles are
//! a question, never a vote.

use super::likeness::word_overlap;
use crate::deciding::{Choices, line_name, line_pointer};
use crate::model::master::{MasterData, Product, ProductStatus};
use crate::model::part::{is_gtin, lookup_key};
use crate::model::{Account, Code, DraftLine, Field, Finding, Reading, Severity, Sku, Unit};

/// The article, and what the matching number says about the unit.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) sku: Field<Sku>,
    /// The unit that the customer's number stands for (DOMAIN 18).
    pub(super) ref_unit: Option<Unit>,
    /// Matched by a GTIN of a package of it, whose size master data does not tell.
    pub(super) by_package_gtin: bool,
}

pub(super) struct ItemMatch {
    pub(super) item: Option<Item>,
    pub(super) candidates: Vec<Sku>,
    pub(super) findings: Vec<Finding>,
}

/// One number on the line and the articles that it may mean.
struct Clue {
    /// `buyer_part`, `supplier_part` ...: the column that it is printed in.
    column: &'static str,
    kind: ClueKind,
    raw: Field<String>,
    skus: Vec<Sku>,
    ref_unit: Option<Unit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClueKind {
    CustomerPart,
    OurNumber,
    Gtin,
    PackageGtin,
    ManufacturerPart,
    /// Our number in the customer's column, or theirs in ours.
    OtherColumn,
    /// Equal only where optical confusions are forgiven.
    Confusable,
}

/// Finds the article of one line.
pub(super) fn find(line: &DraftLine, index: usize, account: Option<&Account>, choices: &Choices, master: &MasterData) -> ItemMatch {
    if let Some(sku) = choices.skus.get(&index).filter(|sku| master.products.contains_key(*sku)) {
        let sku = Field::from_person(sku.clone(), "", choices.who.clone(), choices.at.unwrap_or_default());
        let ref_unit = account.and_then(|account| ref_unit_for(line, account, &sku.value, master));
        let findings = status_findings(line, index, &sku.value, master);
        return ItemMatch { item: Some(Item { sku, ref_unit, by_package_gtin: false }), candidates: Vec::new(), findings };
    }
    for tier in
        [primary_clues(line, account, master), other_column_clues(line, account, master), confusable_clues(line, account, master)]
    {
        if tier.is_empty() {
            continue;
        }
        let agreed = agreed_skus(&tier);
        return match agreed.as_slice() {
            [sku] => matched(line, index, sku, &tier, master),
            [] | [_, _, ..] => conflicting(line, index, &tier),
        };
    }
    unmatched(line, index, master)
}

/// The articles on which every clue agrees; where a number has several meanings, the others may settle it.
fn agreed_skus(clues: &[Clue]) -> Vec<Sku> {
    let mut agreed: Vec<Sku> = clues.first().map(|clue| clue.skus.clone()).unwrap_or_default();
    agreed.retain(|sku| clues.iter().all(|clue| clue.skus.contains(sku)));
    agreed.sort();
    agreed.dedup();
    agreed
}

fn clue(column: &'static str, kind: ClueKind, reading: &Reading<String>, skus: &[Sku]) -> Option<Clue> {
    let raw = reading.found()?.clone();
    (!skus.is_empty()).then(|| Clue { column, kind, raw, skus: skus.to_vec(), ref_unit: None })
}

fn primary_clues(line: &DraftLine, account: Option<&Account>, master: &MasterData) -> Vec<Clue> {
    let text = |reading: &Reading<String>| reading.value().cloned().unwrap_or_default();
    let mut clues = Vec::new();
    clues.extend(
        account.and_then(|account| customer_part_clue("buyer_part", &line.buyer_part, account, ClueKind::CustomerPart, master)),
    );
    clues.extend(clue("supplier_part", ClueKind::OurNumber, &line.supplier_part, master.skus_like(&text(&line.supplier_part))));
    let gtin = text(&line.gtin);
    if !gtin.is_empty() {
        let direct = clue("gtin", ClueKind::Gtin, &line.gtin, master.skus_by_gtin(&gtin));
        clues.extend(direct.or_else(|| {
            clue("gtin", ClueKind::PackageGtin, &line.gtin, inner_gtin(&gtin).map_or(&[], |g| master.skus_by_gtin(&g)))
        }));
    }
    let made = text(&line.manufacturer_part);
    clues.extend(clue(
        "manufacturer_part",
        ClueKind::ManufacturerPart,
        &line.manufacturer_part,
        if made.is_empty() { &[] } else { master.skus_by_manufacturer_part(&made) },
    ));
    clues
}

/// Their number in our column, ours or the manufacturer's in theirs: forms say "your part" and "our part" from either side (DOMAIN 31).
fn other_column_clues(line: &DraftLine, account: Option<&Account>, master: &MasterData) -> Vec<Clue> {
    let mut clues = Vec::new();
    for (column, reading) in [("supplier_part", &line.supplier_part), ("manufacturer_part", &line.manufacturer_part)] {
        clues.extend(account.and_then(|account| customer_part_clue(column, reading, account, ClueKind::OtherColumn, master)));
    }
    for (column, reading) in [("buyer_part", &line.buyer_part), ("manufacturer_part", &line.manufacturer_part)] {
        let text = reading.value().map_or("", String::as_str);
        clues.extend(clue(column, ClueKind::OtherColumn, reading, if text.is_empty() { &[] } else { master.skus_like(text) }));
    }
    for (column, reading) in [("buyer_part", &line.buyer_part), ("supplier_part", &line.supplier_part)] {
        let Some(text) = reading.value().filter(|text| !text.is_empty()) else { continue };
        let by_number = if is_gtin(text.trim()) { master.skus_by_gtin(text) } else { master.skus_by_manufacturer_part(text) };
        clues.extend(clue(column, ClueKind::OtherColumn, reading, by_number));
    }
    clues
}

fn confusable_clues(line: &DraftLine, account: Option<&Account>, master: &MasterData) -> Vec<Clue> {
    let mut clues = Vec::new();
    for (column, reading) in [("supplier_part", &line.supplier_part), ("buyer_part", &line.buyer_part)] {
        let Some(text) = reading.value().filter(|text| lookup_key(text).len() >= 4) else { continue };
        let refs = account.map_or(&[][..], |account| master.part_refs_confusable_with(account, text));
        let mut skus: Vec<Sku> = refs.iter().map(|part_ref| part_ref.sku.clone()).collect();
        skus.extend_from_slice(master.skus_confusable_with(text));
        skus.retain(|sku| master.products.contains_key(sku));
        skus.sort();
        skus.dedup();
        clues.extend(clue(column, ClueKind::Confusable, reading, &skus));
    }
    clues
}

fn customer_part_clue(
    column: &'static str,
    reading: &Reading<String>,
    account: &Account,
    kind: ClueKind,
    master: &MasterData,
) -> Option<Clue> {
    let text = reading.value()?;
    if lookup_key(text).is_empty() {
        return None;
    }
    let refs = master.part_refs(account, text);
    let mut skus: Vec<Sku> = refs.iter().map(|r| r.sku.clone()).filter(|sku| master.products.contains_key(sku)).collect();
    skus.sort();
    skus.dedup();
    let ref_unit = match refs {
        [only] => only.uom.clone(),
        [] | [_, _, ..] => None,
    };
    Some(Clue { ref_unit, ..clue(column, kind, reading, &skus)? })
}

fn ref_unit_for(line: &DraftLine, account: &Account, sku: &Sku, master: &MasterData) -> Option<Unit> {
    let refs = master.part_refs(account, line.buyer_part.value()?);
    refs.iter().find(|part_ref| part_ref.sku == *sku).and_then(|part_ref| part_ref.uom.clone())
}

/// The GTIN of what a package holds: a GTIN-14 with indicator 1 to 8 contains the item whose number it carries (DOMAIN 18).
fn inner_gtin(gtin: &str) -> Option<String> {
    let gtin = gtin.trim();
    if gtin.len() != 14 || !is_gtin(gtin) || !matches!(gtin.as_bytes()[0], b'1'..=b'8') {
        return None;
    }
    let stem = &gtin[1..13];
    (0..10).map(|digit| format!("{stem}{digit}")).find(|candidate| is_gtin(candidate))
}

fn matched(line: &DraftLine, index: usize, sku: &Sku, clues: &[Clue], master: &MasterData) -> ItemMatch {
    let first = &clues[0];
    let field = Field { raw: first.raw.value.clone(), ..Field::from_master(sku.clone(), origin_key(first, sku)) };
    let mut findings = status_findings(line, index, sku, master);
    let product = master.products.get(sku);
    let name = product.map_or("", |product| product.name.as_str());
    let described = line.description.value().map_or("", String::as_str);
    match first.kind {
        ClueKind::Confusable => {
            let message = format!(
                "{}: \"{}\" is no number of ours or the customer's; read with O/0, I/1, S/5, B/8 forgiven it is {sku} ({name}).",
                line_name(line, index),
                first.raw.value
            );
            findings.push(guessed(index, first, sku, message));
        }
        ClueKind::OtherColumn if is_weak_number(&first.raw.value) && word_overlap(described, name) < 0.5 => {
            let message = format!(
                "{}: \"{}\" is printed as {} and is taken as our {sku} ({name}), which the description \"{described}\" does not confirm.",
                line_name(line, index),
                first.raw.value,
                column_name(first.column)
            );
            findings.push(guessed(index, first, sku, message));
        }
        ClueKind::CustomerPart
        | ClueKind::OurNumber
        | ClueKind::Gtin
        | ClueKind::PackageGtin
        | ClueKind::ManufacturerPart
        | ClueKind::OtherColumn => {}
    }
    let item = Item {
        sku: field,
        ref_unit: clues.iter().find_map(|clue| clue.ref_unit.clone()),
        by_package_gtin: clues.iter().all(|clue| clue.kind == ClueKind::PackageGtin),
    };
    ItemMatch { item: Some(item), candidates: vec![sku.clone()], findings }
}

fn guessed(index: usize, clue: &Clue, sku: &Sku, message: String) -> Finding {
    Finding::new(Code::ItemGuessed, Severity::Ask, line_pointer(index, clue.column), message)
        .at(clue.raw.origin.spans())
        .propose(sku.as_str())
}

/// A short number, or one of digits or letters alone, equals ours too easily by accident.
fn is_weak_number(text: &str) -> bool {
    let key = lookup_key(text);
    key.len() < 5 || key.chars().all(|c| c.is_ascii_digit()) || !key.chars().any(|c| c.is_ascii_digit())
}

fn origin_key(clue: &Clue, sku: &Sku) -> String {
    match clue.kind {
        ClueKind::CustomerPart => format!("part_refs/{}", clue.raw.value),
        ClueKind::OurNumber
        | ClueKind::Gtin
        | ClueKind::PackageGtin
        | ClueKind::ManufacturerPart
        | ClueKind::OtherColumn
        | ClueKind::Confusable => format!("products/{sku}"),
    }
}

fn column_name(column: &str) -> &'static str {
    match column {
        "buyer_part" => "the buyer's number",
        "supplier_part" => "our number",
        "gtin" => "GTIN",
        _ => "the manufacturer's number",
    }
}

fn conflicting(line: &DraftLine, index: usize, clues: &[Clue]) -> ItemMatch {
    let told = clues.iter().map(|clue| {
        let skus = clue.skus.iter().take(4).map(Sku::as_str).collect::<Vec<_>>().join(" or ");
        format!("{} {} means {skus}", column_name(clue.column), clue.raw.value)
    });
    let message =
        format!("{}: the numbers point at different articles: {}.", line_name(line, index), told.collect::<Vec<_>>().join("; "));
    let finding =
        Finding::new(Code::AmbiguousItem, Severity::Block, line_pointer(index, "sku"), message).at(clues[0].raw.origin.spans());
    let mut candidates: Vec<Sku> = Vec::new();
    for sku in clues.iter().flat_map(|clue| &clue.skus) {
        if !candidates.contains(sku) {
            candidates.push(sku.clone());
        }
    }
    candidates.truncate(8);
    ItemMatch { item: None, candidates, findings: vec![finding] }
}

fn unmatched(line: &DraftLine, index: usize, master: &MasterData) -> ItemMatch {
    let numbers: Vec<&Field<String>> = [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin]
        .into_iter()
        .filter_map(|reading| reading.likeliest())
        .collect();
    let described = line.description.likeliest().map(|field| field.value.clone()).unwrap_or_default();
    let candidates = propose(&numbers, &described, master);
    let name = line_name(line, index);
    let (code, message) = if numbers.is_empty() && described.is_empty() {
        (Code::MissingItem, format!("{name} names no article."))
    } else if numbers.is_empty() {
        (Code::UnknownItem, format!("{name} has no article number, only the description \"{described}\"."))
    } else {
        let printed = numbers.iter().map(|field| field.value.as_str()).collect::<Vec<_>>().join(", ");
        let described = if described.is_empty() { String::new() } else { format!(" ({described})") };
        (Code::UnknownItem, format!("{name}: no article is known by the number {printed}{described}."))
    };
    let spans = numbers.first().map_or_else(|| line.description.spans(), |field| field.origin.spans());
    let mut finding = Finding::new(code, Severity::Block, line_pointer(index, "sku"), message).at(spans);
    finding.proposal = candidates.first().map(|sku| sku.as_str().to_owned());
    ItemMatch { item: None, candidates, findings: vec![finding] }
}

/// Master data larger than this is not searched for proposals line by line: the person can search it by name.
const SEARCHED_PRODUCTS: usize = 50_000;

/// The likeliest articles by description and by numbers one slip apart.
fn propose(numbers: &[&Field<String>], described: &str, master: &MasterData) -> Vec<Sku> {
    let keys: Vec<String> = numbers.iter().map(|field| lookup_key(&field.value)).filter(|key| key.len() >= 4).collect();
    let score = |product: &Product| {
        let sku = lookup_key(product.sku.as_str());
        let near_number = keys.iter().any(|key| key.len().abs_diff(sku.len()) <= 1 && strsim::damerau_levenshtein(key, &sku) <= 1);
        word_overlap(described, &product.name) + if near_number { 1.0 } else { 0.0 }
    };
    let mut scored: Vec<(f64, &Sku)> = master
        .products
        .values()
        .take(SEARCHED_PRODUCTS)
        .map(|product| (score(product), &product.sku))
        .filter(|(score, _)| *score >= 0.5)
        .collect();
    scored.sort_by(|(x, a), (y, b)| y.total_cmp(x).then_with(|| a.cmp(b)));
    scored.into_iter().take(5).map(|(_, sku)| sku.clone()).collect()
}

/// Blocked and discontinued articles; a successor is a substitution that the customer must agree to (DOMAIN 32).
fn status_findings(line: &DraftLine, index: usize, sku: &Sku, master: &MasterData) -> Vec<Finding> {
    let Some(product) = master.products.get(sku) else { return Vec::new() };
    let name = line_name(line, index);
    let field = line_pointer(index, "sku");
    if let Some(successor) = &product.superseded_by {
        let message = format!(
            "{name}: {sku} was superseded by {successor}; sending {successor} is a substitution that the customer must agree to."
        );
        return vec![Finding::new(Code::ItemSuperseded, Severity::Ask, field, message).propose(successor.as_str())];
    }
    match product.status {
        ProductStatus::Active => Vec::new(),
        ProductStatus::Discontinued => {
            let message = format!("{name}: {sku} ({}) is discontinued.", product.name);
            vec![Finding::new(Code::ItemInactive, Severity::Ask, field, message)]
        }
        ProductStatus::Blocked => {
            let message = format!("{name}: {sku} ({}) is blocked for sale.", product.name);
            vec![Finding::new(Code::ItemInactive, Severity::Block, field, message)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_gtin_carries_the_number_of_what_is_in_it() {
        assert_eq!(inner_gtin("14006381333938").as_deref(), Some("4006381333931"));
        assert_eq!(inner_gtin("4006381333931"), None);
        assert_eq!(inner_gtin("é4006381333931"), None);
    }
}
