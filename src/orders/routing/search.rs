//! Finds the plan: tries nodes alone, in twos and threes, then adds nodes as long as that helps.
//!
//! Best first: fewest units unfilled, least lateness, fewest shipments, least cost, then the node's code (DOMAIN 40). A node's daily capacity is
//! not looked at.

use super::fill::{Filled, Problem, Score, fill};
use super::request::PlanRequest;
use super::{Backorder, Candidate, Plan};
use crate::model::master::{Node, Product, Rate};
use crate::model::{Currency, Money, NodeCode, Sku};
use crate::orders::inventory::StockSnapshot;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Nodes that are tried in every combination of up to three.
const COMBINED_NODES: usize = 10;
/// Nodes that are added one by one after that.
const ADDED_NODES: usize = 40;

/// Plans what waits in `request`. Total: what cannot be supplied is a backorder with its reason. Takes never more than `stock` has.
pub fn plan(
    request: &PlanRequest,
    stock: &StockSnapshot,
    nodes: &BTreeMap<NodeCode, Node>,
    rates: &[Rate],
    products: &BTreeMap<Sku, Product>,
) -> Plan {
    let problem = Problem::new(request, stock, nodes, rates, products);
    let useful: Vec<usize> = (0..problem.sites.len()).filter(|site| problem.sites[*site].has_anything()).collect();
    let mut alone: Vec<(usize, Filled)> = useful.iter().map(|site| (*site, fill(&problem, &[*site]))).collect();
    alone.sort_by(|(_, a), (_, b)| a.score.cmp(&b.score));
    let nothing = fill(&problem, &[]);
    let best = search(&problem, &alone, nothing);
    let proven = is_proven(&problem, &best);
    let chosen: Vec<&NodeCode> = best.shipments.iter().map(|shipment| &shipment.node).collect();
    let candidates = problem.sites.iter().enumerate().map(|(index, site)| {
        let single = alone.iter().find(|(place, _)| *place == index).map(|(_, filled)| filled);
        candidate(site.node, chosen.contains(&&site.node.node), single, &best, !site.rates.is_empty())
    });
    let candidates = candidates.collect();
    let why = why(&problem, &best);
    Plan {
        made_at: request.now,
        backorders: backorders(&problem, &best, stock, products),
        candidates,
        why,
        proven,
        shipments: best.shipments,
    }
}

fn search(problem: &Problem<'_>, alone: &[(usize, Filled)], nothing: Filled) -> Filled {
    let sites: Vec<usize> = alone.iter().map(|(site, _)| *site).collect();
    let mut best = alone.first().map_or(nothing.clone(), |(_, filled)| filled.clone()).min_with(nothing);
    let one_will_do =
        |best: &Filled| best.score.unfilled_units.is_zero() && best.score.late_unit_days.is_zero() && best.score.shipments <= 1;
    if one_will_do(&best) {
        return best;
    }
    let mut order = sites.iter().copied().take(1).collect::<Vec<_>>();
    for combination in combinations(&sites[..sites.len().min(COMBINED_NODES)]) {
        let tried = fill(problem, &combination);
        if tried.score < best.score {
            best = tried;
            order = combination;
        }
    }
    while best.score.unfilled_units > problem.least_unfilled() || best.score.late_unit_days > Decimal::ZERO {
        let wider = sites.iter().take(ADDED_NODES).filter(|site| !order.contains(site)).map(|site| {
            let mut wider = order.clone();
            wider.push(*site);
            (fill(problem, &wider), wider)
        });
        match wider.min_by(|(a, _), (b, _)| a.score.cmp(&b.score)) {
            Some((tried, wider)) if tried.score < best.score => {
                best = tried;
                order = wider;
            }
            Some(_) | None => break,
        }
    }
    best
}

impl Filled {
    fn min_with(self, other: Self) -> Self {
        if other.score < self.score { other } else { self }
    }
}

/// Every order of every two and three of the sites: the first of an order is drawn on first.
fn combinations(sites: &[usize]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for &a in sites {
        for &b in sites.iter().filter(|b| **b != a) {
            found.push(vec![a, b]);
            found.extend(sites.iter().filter(|c| **c != a && **c != b).map(|c| vec![a, b, *c]));
        }
    }
    found
}

/// Every node was tried alone, so one shipment in time that leaves no more unfilled than it must is the best of all, as is having nothing to
/// ship. Several shipments are only the best that was found: how lines are divided among nodes is not searched to the end.
fn is_proven(problem: &Problem<'_>, best: &Filled) -> bool {
    let mut currencies: Vec<&str> = problem.sites.iter().flat_map(|site| &site.rates).map(|rate| rate.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let Score { unfilled_units, late_unit_days, shipments, .. } = &best.score;
    *unfilled_units == problem.least_unfilled() && late_unit_days.is_zero() && *shipments <= 1 && currencies.len() <= 1
}

fn units(quantity: Decimal) -> String {
    format!("{} {}", quantity.normalize(), if quantity == Decimal::ONE { "unit" } else { "units" })
}

fn why(problem: &Problem<'_>, best: &Filled) -> String {
    let wanted: Decimal = problem.request.lines.iter().map(|line| line.quantity).sum();
    let shipped = wanted - best.score.unfilled_units;
    let mut nodes: Vec<&str> = best.shipments.iter().map(|shipment| shipment.node.as_str()).collect();
    nodes.dedup();
    let timing = if best.score.late_unit_days.is_zero() { "in time" } else { "with the least lateness" };
    if best.shipments.is_empty() {
        let reason = if problem.request.flags.ship_complete {
            "the customer takes only complete shipments"
        } else {
            "no node has any of it"
        };
        return format!("Nothing of {} can be shipped now: {reason}.", units(wanted));
    }
    let from = match nodes.as_slice() {
        [one] => format!("{one} ships"),
        several => format!("{} ship", several.join(", ")),
    };
    format!(
        "{from} {} of {} {timing}; weighed in this order: units unfilled, lateness, number of shipments, cost.",
        shipped.normalize(),
        units(wanted)
    )
}

/// Why a node was chosen or lost, by the first thing in which it alone differs from the plan.
fn candidate(node: &Node, chosen: bool, single: Option<&Filled>, best: &Filled, is_rated: bool) -> Candidate {
    let Some(single) = single else {
        let why = format!("{} has none of the articles wanted.", node.node);
        return Candidate { node: node.node.clone(), chosen, why, cost: None, deliver_date: None };
    };
    let total: Option<Money> = single
        .shipments
        .iter()
        .map(|shipment| shipment.cost)
        .reduce(|a, b| match (a, b) {
            (Some(a), Some(b)) if a.currency == b.currency => {
                Some(Money { amount: a.amount.saturating_add(b.amount), currency: a.currency })
            }
            (_, _) => None,
        })
        .flatten();
    let deliver_date = single.shipments.iter().map(|shipment| shipment.deliver_date).max();
    let (s, b) = (&single.score, &best.score);
    let name = &node.node;
    let alone = if s.unfilled_units.is_zero() {
        format!("{name} alone could supply everything")
    } else {
        format!("{name} alone would leave {} unfilled", units(s.unfilled_units))
    };
    let why = if chosen {
        let own: Vec<String> = best.shipments.iter().filter(|shipment| shipment.node == node.node).map(shown).collect();
        format!("Chosen: {}.", own.join("; "))
    } else if single.shipments.is_empty() {
        format!("{name} has too little to ship anything by the customer's rules.")
    } else if !s.unfilled_units.is_zero() && s.unfilled_units >= b.unfilled_units {
        format!("{alone}{}.", if s.unfilled_units > b.unfilled_units { ", more than the plan" } else { ", as the plan does" })
    } else if s.late_unit_days > b.late_unit_days {
        format!("{alone}, but later{}.", deliver_date.map(|date| format!(" (by {date})")).unwrap_or_default())
    } else if s.shipments > b.shipments {
        format!("{alone}, but in {} shipments.", s.shipments)
    } else if !is_rated {
        format!("{alone}, but no carrier rate covers the destination.")
    } else if s.cost > b.cost {
        format!("{alone}, but {}.", dearer(single, best))
    } else {
        format!("{alone} as well; equals are decided by the node's code.")
    };
    Candidate { node: node.node.clone(), chosen, why, cost: total, deliver_date }
}

/// By how much a node alone is dearer. Currencies are never converted: different ones are compared by their figures, and that is said.
fn dearer(single: &Filled, best: &Filled) -> String {
    let currencies = |filled: &Filled| -> Vec<Currency> {
        let mut found: Vec<Currency> = filled.shipments.iter().filter_map(|s| s.cost.map(|cost| cost.currency)).collect();
        found.dedup();
        found
    };
    match (currencies(single).as_slice(), currencies(best).as_slice()) {
        ([one], [other]) if one == other => {
            let more = Money { amount: single.score.cost - best.score.cost, currency: *one };
            format!("freight and handling cost {more} more")
        }
        (_, _) => "its freight and handling are the larger figure, in another currency".to_owned(),
    }
}

fn shown(shipment: &super::PlannedShipment) -> String {
    let quantity: Decimal = shipment.lines.iter().map(|line| line.quantity).sum();
    let by = if shipment.carrier.is_empty() {
        "no rated carrier".to_owned()
    } else {
        format!("{} {}", shipment.carrier, shipment.service)
    };
    let cost = shipment.cost.map(|cost| format!(" for {cost}")).unwrap_or_default();
    format!("{} leave on {}, there on {}, by {by}{cost}", units(quantity), shipment.ship_date, shipment.deliver_date)
}

fn backorders(problem: &Problem<'_>, best: &Filled, stock: &StockSnapshot, products: &BTreeMap<Sku, Product>) -> Vec<Backorder> {
    let request = problem.request;
    let today: Date = request.now.to_zoned_datetime(TimeZone::UTC).date();
    let missing: Vec<&Sku> = if request.flags.ship_complete { short_skus(problem) } else { Vec::new() };
    let lead_of = |sku: &Sku| products.get(sku).and_then(|product| product.lead_time_days);
    let backorder = |(index, quantity): &(usize, Decimal)| {
        let line = &request.lines[*index];
        // A complete shipment waits for the slowest of what is missing.
        let lead = match missing.as_slice() {
            [] => lead_of(&line.sku),
            missing => {
                missing.iter().map(|sku| lead_of(sku)).collect::<Option<Vec<u32>>>().and_then(|leads| leads.into_iter().max())
            }
        };
        let expected =
            lead.filter(|_| request.flags.allow_backorder).map(|days| today.saturating_add(i64::from(days.min(36_500)).days()));
        let mut why = if request.flags.ship_complete {
            format!(
                "the customer takes only complete shipments, and there is not enough of {}",
                missing.iter().map(|sku| sku.as_str()).collect::<Vec<_>>().join(", ")
            )
        } else if !request.flags.allow_partial && *quantity == line.quantity {
            format!("no node has all {} of {} for one shipment", units(line.quantity), line.sku)
        } else {
            format!("{} of {} of {} are at no node", quantity.normalize(), units(line.quantity), line.sku)
        };
        if stock.has_overdue(&line.sku, today) {
            why.push_str("; goods that are overdue are not counted");
        }
        if !request.flags.allow_backorder {
            why.push_str("; the customer takes no backorders, so somebody must ask them");
        } else if let Some(days) = lead {
            why.push_str(&format!("; lead time {days} days"));
        }
        Backorder { line_no: line.line_no.clone(), sku: line.sku.clone(), quantity: *quantity, expected, why }
    };
    best.unfilled.iter().map(backorder).collect()
}

/// The articles of which all nodes together have too little for a complete shipment.
fn short_skus<'a>(problem: &'a Problem<'_>) -> Vec<&'a Sku> {
    let mut short = problem.short();
    if short.is_empty() {
        short = problem.request.lines.iter().map(|line| &line.sku).collect();
        short.dedup();
    }
    short
}
