//! Fills the lines of a request from given nodes in given order: what ships when, and what is left over. One try of the search.

use super::calendar::{add_working_days, days_late, first_ship_date, local_date, ship_date_of_inbound, subtract_working_days};
use super::freight::{Load, Service, covering, services};
use super::request::{PlanRequest, RequestedLine};
use super::{PlannedLine, PlannedShipment};
use crate::model::master::{Node, Product, Rate};
use crate::model::{Money, NodeCode, Sku};
use crate::orders::inventory::{Available, StockSnapshot};
use crate::orders::order::Supply;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What the search works on: the request, and for every node what it could supply and how it could send it.
pub(super) struct Problem<'a> {
    pub(super) request: &'a PlanRequest,
    pub(super) products: &'a BTreeMap<Sku, Product>,
    pub(super) sites: Vec<Site<'a>>,
    /// Line indexes, the earliest wanted first.
    order_of_lines: Vec<usize>,
}

/// A node with its supplies of the articles wanted.
pub(super) struct Site<'a> {
    pub(super) node: &'a Node,
    supplies: BTreeMap<Sku, Vec<Source>>,
    /// Working days of the fastest service to the destination; 0 where nothing is rated.
    fastest_days: u32,
    /// Those that cover the destination.
    pub(super) rates: Vec<&'a Rate>,
}

#[derive(Debug, Clone)]
struct Source {
    supply: Supply,
    quantity: Decimal,
    ship_date: Date,
    /// Days until the goods are there; 0 for stock on hand.
    wait_days: i64,
}

impl<'a> Problem<'a> {
    pub(super) fn new(
        request: &'a PlanRequest,
        stock: &StockSnapshot,
        nodes: &'a BTreeMap<NodeCode, Node>,
        rates: &'a [Rate],
        products: &'a BTreeMap<Sku, Product>,
    ) -> Self {
        let sites = nodes.values().map(|node| Site::new(node, request, stock, rates)).collect();
        let mut order_of_lines: Vec<usize> = (0..request.lines.len()).collect();
        order_of_lines.sort_by_key(|index| (request.lines[*index].requested.unwrap_or(Date::MIN), *index));
        Self { request, products, sites, order_of_lines }
    }

    /// Units wanted that all nodes together do not have: no plan leaves fewer unfilled.
    pub(super) fn least_unfilled(&self) -> Decimal {
        let short: Decimal = self.shortages().map(|(_, short)| short).sum();
        if self.request.flags.ship_complete && short > Decimal::ZERO {
            return self.request.lines.iter().map(|line| line.quantity).sum();
        }
        short
    }

    /// The articles of which all nodes together have too little.
    pub(super) fn short(&self) -> Vec<&Sku> {
        self.shortages().map(|(sku, _)| sku).collect()
    }

    /// Lines of one article are summed first: two lines of five need ten.
    fn shortages(&self) -> impl Iterator<Item = (&Sku, Decimal)> {
        let mut wanted: BTreeMap<&Sku, Decimal> = BTreeMap::new();
        for line in &self.request.lines {
            *wanted.entry(&line.sku).or_default() += line.quantity;
        }
        let short = |(sku, wanted)| (sku, wanted - self.sites.iter().map(|site| site.total(sku)).sum::<Decimal>());
        wanted.into_iter().map(short).filter(|(_, short)| *short > Decimal::ZERO)
    }
}

impl<'a> Site<'a> {
    fn new(node: &'a Node, request: &PlanRequest, stock: &StockSnapshot, rates: &'a [Rate]) -> Self {
        let today = local_date(node, request.now);
        let source = |available: Available| Source {
            ship_date: match available.from {
                None => first_ship_date(node, request.now),
                Some(due) => ship_date_of_inbound(node, due, request.now),
            },
            wait_days: available.from.map_or(0, |due| days_late(today, due).max(1)),
            supply: available.supply,
            quantity: available.quantity,
        };
        let mut supplies = BTreeMap::new();
        for line in &request.lines {
            supplies.entry(line.sku.clone()).or_insert_with(|| {
                let found = stock.available(&node.node, &line.sku, today).into_iter();
                // Goods on their way are a backorder to the customer.
                found.filter(|a| request.flags.allow_backorder || a.supply == Supply::OnHand).map(source).collect()
            });
        }
        let rates = covering(&node.node, &request.ship_to, rates);
        let fastest_days = rates.iter().map(|rate| rate.transit_days).min().unwrap_or(0);
        Self { node, supplies, fastest_days, rates }
    }

    fn total(&self, sku: &Sku) -> Decimal {
        self.supplies.get(sku).map_or(Decimal::ZERO, |sources| sources.iter().map(|source| source.quantity).sum())
    }

    pub(super) fn has_anything(&self) -> bool {
        self.supplies.values().any(|sources| !sources.is_empty())
    }
}

/// What one try came to.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) shipments: Vec<PlannedShipment>,
    /// By line index, above zero.
    pub(super) unfilled: Vec<(usize, Decimal)>,
    pub(super) score: Score,
}

/// Compared in this order; smaller is better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) unfilled_units: Decimal,
    pub(super) late_unit_days: Decimal,
    pub(super) shipments: usize,
    pub(super) unrated: usize,
    /// Freight and handling.
    pub(super) cost: Decimal,
    /// A fixed order among equals, so that two runs agree (DOMAIN 40).
    nodes: Vec<NodeCode>,
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |s: &Self| (s.unfilled_units, s.late_unit_days, s.shipments, s.unrated, s.cost);
        key(self).cmp(&key(other)).then_with(|| self.nodes.cmp(&other.nodes))
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A quantity of one line out of one source.
struct Part {
    line: usize,
    site: usize,
    quantity: Decimal,
    supply: Supply,
    ship_date: Date,
    wait_days: i64,
}

/// Fills every line from the sites in `order` (places in `problem.sites`, the preferred first).
pub(super) fn fill(problem: &Problem<'_>, order: &[usize]) -> Filled {
    let mut left: BTreeMap<(usize, &Sku), Vec<Source>> = BTreeMap::new();
    for &site in order {
        for (sku, sources) in &problem.sites[site].supplies {
            left.insert((site, sku), sources.clone());
        }
    }
    let mut parts = Vec::new();
    let mut unfilled = Vec::new();
    for &index in &problem.order_of_lines {
        let line = &problem.request.lines[index];
        let rest = if problem.request.flags.allow_partial {
            fill_in_parts(problem, order, index, line, &mut left, &mut parts)
        } else {
            fill_whole(problem, order, index, line, &mut left, &mut parts)
        };
        if rest > Decimal::ZERO {
            unfilled.push((index, rest));
        }
    }
    if problem.request.flags.ship_complete && !unfilled.is_empty() {
        parts.clear();
        unfilled = problem.request.lines.iter().enumerate().map(|(index, line)| (index, line.quantity)).collect();
    }
    unfilled.sort_by_key(|(index, _)| *index);
    let shipments = shipments(problem, parts);
    let score = score(problem, &shipments, &unfilled);
    Filled { shipments: shipments.into_iter().map(|shipment| shipment.planned).collect(), unfilled, score }
}

/// How badly a source fits a line: days late, then days of waiting, then the place of its site.
fn misfit(problem: &Problem<'_>, line: &RequestedLine, site: usize, source: &Source) -> (i64, i64) {
    let arrives = add_working_days(source.ship_date, problem.sites[site].fastest_days);
    (line.requested.map_or(0, |requested| days_late(requested, arrives)), source.wait_days)
}

/// Takes what remains of the line from source after source, the best fitting first.
fn fill_in_parts<'a>(
    problem: &'a Problem<'_>,
    order: &[usize],
    index: usize,
    line: &'a RequestedLine,
    left: &mut BTreeMap<(usize, &'a Sku), Vec<Source>>,
    parts: &mut Vec<Part>,
) -> Decimal {
    let mut choices: Vec<((i64, i64), usize, usize, usize)> = Vec::new();
    for (rank, &site) in order.iter().enumerate() {
        let sources = left.get(&(site, &line.sku)).map_or(&[][..], Vec::as_slice);
        choices.extend(sources.iter().enumerate().map(|(place, source)| (misfit(problem, line, site, source), rank, place, site)));
    }
    choices.sort();
    let mut rest = line.quantity;
    for (_, _, place, site) in choices {
        let Some(source) = left.get_mut(&(site, &line.sku)).and_then(|sources| sources.get_mut(place)) else { continue };
        let quantity = source.quantity.min(rest);
        if quantity > Decimal::ZERO {
            source.quantity -= quantity;
            rest -= quantity;
            let Source { supply, ship_date, wait_days, .. } = source.clone();
            parts.push(Part { line: index, site, quantity, supply, ship_date, wait_days });
        }
    }
    rest
}

/// The whole line from one site on one day, or nothing of it.
fn fill_whole<'a>(
    problem: &'a Problem<'_>,
    order: &[usize],
    index: usize,
    line: &'a RequestedLine,
    left: &mut BTreeMap<(usize, &'a Sku), Vec<Source>>,
    parts: &mut Vec<Part>,
) -> Decimal {
    let mut best: Option<((i64, i64), usize, usize)> = None;
    for (rank, &site) in order.iter().enumerate() {
        let sources = left.get(&(site, &line.sku)).map_or(&[][..], Vec::as_slice);
        let mut sum = Decimal::ZERO;
        let enough = sources.iter().find(|source| {
            sum += source.quantity;
            sum >= line.quantity
        });
        if let Some(last) = enough {
            let fit = (misfit(problem, line, site, last), rank, site);
            best = Some(best.map_or(fit, |best| best.min(fit)));
        }
    }
    let Some((_, _, site)) = best else { return line.quantity };
    let Some(sources) = left.get_mut(&(site, &line.sku)) else { return line.quantity };
    let mut rest = line.quantity;
    let first = parts.len();
    for source in sources.iter_mut() {
        let quantity = source.quantity.min(rest);
        if quantity > Decimal::ZERO {
            source.quantity -= quantity;
            rest -= quantity;
            let Source { supply, ship_date, wait_days, .. } = source.clone();
            parts.push(Part { line: index, site, quantity, supply, ship_date, wait_days });
        }
    }
    let last = parts[first..].iter().map(|part| part.ship_date).max();
    parts[first..].iter_mut().for_each(|part| part.ship_date = last.unwrap_or(part.ship_date));
    rest
}

struct Shipment {
    planned: PlannedShipment,
    late_unit_days: Decimal,
    site: usize,
}

/// Why a part leaves on a certain day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timing {
    /// To arrive on the day wanted, not weeks before it (DOMAIN 33).
    For(Date),
    /// As soon as it can: not wanted on a certain day, or late already.
    Soon { ship: Date, late: bool },
}

/// Parts of one site with one timing leave together.
fn shipments(problem: &Problem<'_>, parts: Vec<Part>) -> Vec<Shipment> {
    let last = parts.iter().map(|part| part.ship_date).max();
    let mut groups: BTreeMap<(usize, Timing), Vec<Part>> = BTreeMap::new();
    for mut part in parts {
        if problem.request.flags.ship_complete {
            part.ship_date = last.unwrap_or(part.ship_date);
        }
        let arrives = add_working_days(part.ship_date, problem.sites[part.site].fastest_days);
        let timing = match problem.request.lines[part.line].requested {
            Some(requested) if arrives <= requested => Timing::For(requested),
            Some(_) => Timing::Soon { ship: part.ship_date, late: true },
            None => Timing::Soon { ship: part.ship_date, late: false },
        };
        groups.entry((part.site, timing)).or_default().push(part);
    }
    let mut shipments: Vec<Shipment> = Vec::new();
    for ((site, timing), parts) in groups {
        let shipment = shipment(problem, site, timing, parts);
        let same_day = |other: &&mut Shipment| {
            let (a, b) = (&other.planned, &shipment.planned);
            other.site == site && (a.ship_date, &a.carrier, &a.service) == (b.ship_date, &b.carrier, &b.service)
        };
        match shipments.iter_mut().find(same_day) {
            Some(other) => {
                other.late_unit_days += shipment.late_unit_days;
                other.planned.lines.extend(shipment.planned.lines);
                other.planned.cost = rate_again(problem, site, &other.planned);
            }
            None => shipments.push(shipment),
        }
    }
    shipments.sort_by(|a, b| {
        (a.planned.ship_date, &a.planned.node, &a.planned.service).cmp(&(b.planned.ship_date, &b.planned.node, &b.planned.service))
    });
    shipments
}

fn load_of(problem: &Problem<'_>, lines: &[PlannedLine]) -> Load {
    let mut load = Load::default();
    lines.iter().for_each(|line| load.add(&line.sku, line.quantity, problem.products));
    load
}

fn rate_again(problem: &Problem<'_>, site: usize, planned: &PlannedShipment) -> Option<Money> {
    let found = services(&problem.sites[site].rates, load_of(problem, &planned.lines));
    found.into_iter().find(|s| s.carrier == planned.carrier && s.service == planned.service).and_then(|service| service.cost)
}

fn shipment(problem: &Problem<'_>, site: usize, timing: Timing, mut parts: Vec<Part>) -> Shipment {
    parts.sort_by(|a, b| (a.line, &a.supply).cmp(&(b.line, &b.supply)));
    let ready = parts.iter().map(|part| part.ship_date).max().unwrap_or(Date::MIN);
    let node = problem.sites[site].node;
    let lines: Vec<PlannedLine> = parts
        .iter()
        .map(|part| {
            let line = &problem.request.lines[part.line];
            PlannedLine {
                line_no: line.line_no.clone(),
                sku: line.sku.clone(),
                quantity: part.quantity,
                supply: part.supply.clone(),
            }
        })
        .collect();
    let found = services(&problem.sites[site].rates, load_of(problem, &lines));
    let chosen = choose(found, timing, ready);
    let transit = chosen.as_ref().map_or(0, |service| service.transit_days);
    let ship_date = match timing {
        Timing::For(requested) => subtract_working_days(requested, transit).max(ready),
        Timing::Soon { .. } => ready,
    };
    let deliver_date = add_working_days(ship_date, transit);
    let late = |part: &Part| {
        let days = match problem.request.lines[part.line].requested {
            Some(requested) => days_late(requested, deliver_date),
            None => part.wait_days,
        };
        part.quantity.checked_mul(Decimal::from(days)).unwrap_or(Decimal::MAX)
    };
    let late_unit_days = parts.iter().fold(Decimal::ZERO, |sum, part| sum.saturating_add(late(part)));
    let (carrier, service, cost) = chosen.map_or((String::new(), String::new(), None), |s| (s.carrier, s.service, s.cost));
    let planned = PlannedShipment { node: node.node.clone(), carrier, service, ship_date, deliver_date, cost, lines };
    Shipment { planned, late_unit_days, site }
}

/// The cheapest service that is in time; where none can be, the fastest; where no day is named, the cheapest.
fn choose(cheapest_first: Vec<Service>, timing: Timing, ready: Date) -> Option<Service> {
    match timing {
        Timing::For(requested) => cheapest_first
            .iter()
            .find(|service| add_working_days(ready, service.transit_days) <= requested)
            .or_else(|| cheapest_first.iter().min_by_key(|service| service.transit_days))
            .cloned(),
        Timing::Soon { late: true, .. } => cheapest_first.into_iter().min_by_key(|service| service.transit_days),
        Timing::Soon { late: false, .. } => cheapest_first.into_iter().next(),
    }
}

fn score(problem: &Problem<'_>, shipments: &[Shipment], unfilled: &[(usize, Decimal)]) -> Score {
    let handling = |shipment: &Shipment| problem.sites[shipment.site].node.handling_cost.unwrap_or_default();
    let freight = |shipment: &Shipment| shipment.planned.cost.map_or(Decimal::ZERO, |cost| cost.amount);
    let add = |sum: Decimal, amount: Decimal| sum.saturating_add(amount);
    Score {
        unfilled_units: unfilled.iter().map(|(_, quantity)| *quantity).fold(Decimal::ZERO, add),
        late_unit_days: shipments.iter().map(|s| s.late_unit_days).fold(Decimal::ZERO, add),
        shipments: shipments.len(),
        unrated: shipments.iter().filter(|s| s.planned.cost.is_none()).count(),
        cost: shipments.iter().map(|s| freight(s).saturating_add(handling(s))).fold(Decimal::ZERO, add),
        nodes: shipments.iter().map(|s| s.planned.node.clone()).collect(),
    }
}
