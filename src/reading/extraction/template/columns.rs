//! Learns the map of an order's lines from confirmed ones: the columns of their values, the heading over them, what stands beside them and
//! where they end.

use super::fitting::{Candidate, Fit, Wanted, edge_centre, edge_left, edge_right};
use super::map::{
    Beside, Column, EDGE, Edges, End, HeadWord, Other, Role, TEXT_GAP, TableMap, basis_beside, continues, head_words, left_over,
};
use super::places::Body;
use super::printed::{self, Hit};
use super::rows::{Rows, Run, has_digit, plain};
use crate::model::{DraftLine, Unit};
use crate::reading::extraction::layout::figure;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How far above the first item its heading may stand, in line heights.
const HEADING_GAP: f32 = 3.5;
const MOST_HEADING_ROWS: usize = 3;
/// More lines than this teach nothing more.
const MOST_LINES: usize = 80;

/// What was learned of a table, with the places of its values for the caller's own use.
pub(super) struct Learned {
    pub map: TableMap,
    pub body: Body,
    /// The place of each value: role and line.
    pub values: Vec<(Role, usize, Run)>,
}

/// Finds the confirmed lines in the document. The error says which value is in the way.
pub(super) fn learn(rows: &Rows<'_>, lines: &[DraftLine], received: Option<Date>) -> Result<Learned, String> {
    let lines = lines.get(..MOST_LINES).unwrap_or(lines);
    let wanted: Vec<Wanted> = Role::ALL.into_iter().filter_map(|role| Wanted::of(rows, lines, role, received)).collect();
    for missing in wanted.iter().filter(|wanted| wanted.role.is_essential()) {
        if let Some(line) = missing.hits.iter().position(|hits| hits.as_ref().is_some_and(Vec::is_empty)) {
            return Err(format!("the {} of line {} is not printed in the document", missing.role.name(), line + 1));
        }
    }
    let printed: Vec<&Wanted> = wanted.iter().filter(|wanted| wanted.is_printed()).collect();
    let candidates: Vec<Candidate<'_>> = printed.iter().flat_map(|wanted| wanted.candidates(rows)).collect();
    let spines = candidates.iter().filter(|candidate| candidate.is_complete()).flat_map(|candidate| candidate.spines());
    let mut fits: Vec<Fit<'_, '_>> = spines.filter_map(|spine| Fit::of(rows, &candidates, &spine)).collect();
    fits.sort_by_key(|fit| (std::cmp::Reverse(fit.roles()), fit.distance()));
    let fit = fits.into_iter().next().ok_or("the lines do not stand in columns")?;
    for role in printed.iter().map(|wanted| wanted.role).filter(|role| role.is_essential()) {
        if !fit.chosen.iter().any(|(candidate, _, _)| candidate.role == role) {
            return Err(format!("the {} of the lines does not stand in a column", role.name()));
        }
    }
    if !fit.chosen.iter().any(|(candidate, _, _)| candidate.role == Role::Quantity) {
        return Err("the lines have no quantity".to_owned());
    }
    fit.into_table(rows, lines)
}

impl Fit<'_, '_> {
    fn into_table(self, rows: &Rows<'_>, lines: &[DraftLine]) -> Result<Learned, String> {
        let extents: Vec<(usize, usize)> = (0..self.lines()).filter_map(|line| self.extent(line)).collect();
        let (Some((first, _)), Some((_, last))) = (extents.first().copied(), extents.last().copied()) else {
            return Err("the lines do not stand in rows".to_owned());
        };
        let values: Vec<(Role, usize, Run)> = self
            .chosen
            .iter()
            .flat_map(|(candidate, _, hits)| {
                hits.iter().enumerate().filter_map(|(line, hit)| Some((candidate.role, line, (*hit)?.run)))
            })
            .collect();
        let mut columns = Vec::new();
        for (candidate, _, hits) in &self.chosen {
            let Some(row) = self.row_in_item(hits) else {
                if candidate.role.is_essential() {
                    return Err(format!("the {} of the lines stands in no row of its own", candidate.role.name()));
                }
                continue;
            };
            match column_of(rows, candidate.role, row, hits) {
                Some(column) => columns.push(column),
                None if candidate.role.is_essential() => {
                    return Err(format!("the {} of the lines is set in no even way", candidate.role.name()));
                }
                None => {}
            }
        }
        let mut map = TableMap {
            heading: heading_above(rows, first, extents[0].1 - first + 1),
            unit: unit_of(rows, lines, &values, &columns)?,
            basis: basis_of(rows, lines, &values, &columns)?,
            columns,
            others: Vec::new(),
            end: None,
        };
        for (line, (start, end)) in extents.iter().enumerate() {
            let until = extents.get(line + 1).map_or(end + 1, |(next, _)| *next);
            for row in *start..until {
                add_others(rows, row, &values, &mut map.others);
            }
        }
        let mut end = last + 1;
        while end < rows.list.len() && continues(rows, end, &map) {
            end += 1;
        }
        map.end = (end < rows.list.len()).then(|| End::of(rows, end));
        let body = Body { rows: first - map.heading_rows()..end, last: end - 1 };
        Ok(Learned { map, body, values })
    }
}

impl Fit<'_, '_> {
    /// In which row of an item a column stands; the same one in every line.
    fn row_in_item(&self, hits: &[Option<&Hit>]) -> Option<usize> {
        let places = hits.iter().enumerate().filter_map(|(line, hit)| Some((line, (*hit)?.run.row)));
        let mut rows: Vec<Option<usize>> =
            places.map(|(line, row)| self.rows_of(line).iter().position(|known| *known == row)).collect();
        rows.dedup();
        match rows.as_slice() {
            [one] => *one,
            _ => None,
        }
    }
}

fn column_of(rows: &Rows<'_>, role: Role, row: usize, hits: &[Option<&Hit>]) -> Option<Column> {
    let found: Vec<&Hit> = hits.iter().flatten().copied().collect();
    let first = found.first()?;
    let common = |edge: fn(&Rows<'_>, Run) -> f32| {
        let x = edge(rows, first.run);
        found.iter().all(|hit| (edge(rows, hit.run) - x).abs() <= EDGE).then_some(x)
    };
    let edges = Edges { left: common(edge_left), right: common(edge_right), centre: common(edge_centre) };
    // A text's right end is chance where only its beginning was looked for.
    let edges = if role == Role::Description { Edges { left: edges.left, ..Edges::default() } } else { edges };
    let fills_cell = found.iter().all(|hit| rows.run_at(hit.run.row, hit.run.from) == hit.run);
    let words = found.iter().map(|hit| hit.run.to - hit.run.from).max()?;
    let is_even =
        fills_cell || role.is_figure() || role == Role::Description || found.iter().all(|hit| hit.run.to - hit.run.from == words);
    let around = |hit: &Hit| (hit.before.clone(), hit.after.clone());
    let same_around = found.iter().all(|hit| around(hit) == around(first));
    if !is_even || (!role.is_figure() && !same_around) || edges == Edges::default() {
        return None;
    }
    let (before, after) = if role.is_figure() { Default::default() } else { around(first) };
    let mut shapes: Vec<String> =
        found.iter().filter(|_| !role.is_figure()).map(|hit| printed::shape(&rows.text(hit.run))).collect();
    shapes.sort();
    shapes.dedup();
    Some(Column {
        shapes,
        role,
        row,
        edges,
        fills_cell,
        words,
        is_mixed: found.iter().any(|hit| !hit.before.is_empty() || !hit.after.is_empty()),
        before,
        after,
        always: hits.iter().all(Option::is_some),
    })
}

/// Where the unit of the lines is: in its column, in the quantity's cell, or nowhere but in a person's mind.
fn unit_of(rows: &Rows<'_>, lines: &[DraftLine], values: &[(Role, usize, Run)], columns: &[Column]) -> Result<Beside, String> {
    let units: Vec<Option<&String>> = lines.iter().map(|line| line.uom.value()).collect();
    if units.iter().all(Option::is_none) || columns.iter().any(|column| column.role == Role::Unit) {
        return Ok(Beside::Column);
    }
    let same = |a: &str, b: &str| plain(a) == plain(b) || Unit::parse(a).is_some_and(|unit| Unit::parse(b) == Some(unit));
    let in_cell = |line: usize, unit: &str| {
        let quantity = values.iter().find(|(role, of, _)| *role == Role::Quantity && *of == line);
        quantity
            .and_then(|(_, _, run)| figure(&rows.text(*run)))
            .is_some_and(|amount| same(&amount.after, unit) || same(&amount.before, unit))
    };
    if units.iter().enumerate().all(|(line, unit)| unit.is_some_and(|unit| in_cell(line, unit))) {
        return Ok(Beside::Figure);
    }
    constant(units.into_iter().map(|unit| unit.cloned()), "unit")
}

fn basis_of(rows: &Rows<'_>, lines: &[DraftLine], values: &[(Role, usize, Run)], columns: &[Column]) -> Result<Beside, String> {
    let of = |line: &DraftLine| line.price_basis.value().copied().filter(|basis| *basis != Decimal::ONE);
    if lines.iter().all(|line| of(line).is_none()) || columns.iter().any(|column| column.role == Role::Basis) {
        return Ok(Beside::Column);
    }
    let in_cell = |line: usize, basis: Decimal| {
        let price = values.iter().find(|(role, at, _)| *role == Role::Price && *at == line);
        price.is_some_and(|(_, _, run)| basis_beside(&rows.text(*run)) == Some(basis))
    };
    if lines.iter().enumerate().all(|(at, line)| of(line).is_none_or(|basis| in_cell(at, basis))) {
        return Ok(Beside::Figure);
    }
    constant(lines.iter().map(|line| of(line).map(|basis| basis.to_string())), "price base")
}

/// One value for all lines, which no document prints.
fn constant(values: impl Iterator<Item = Option<String>>, what: &str) -> Result<Beside, String> {
    let mut values: Vec<Option<String>> = values.collect();
    values.dedup();
    match values.as_slice() {
        [Some(one)] => Ok(Beside::Constant(one.clone())),
        _ => Err(format!("the {what} of the lines is not printed, and differs from line to line")),
    }
}

/// The rows right above the first item that name its columns.
fn heading_above(rows: &Rows<'_>, first: usize, item_rows: usize) -> Vec<HeadWord> {
    const ASIDE: f32 = 30.0;
    let cells: Vec<Run> = (first..(first + item_rows).min(rows.list.len())).flat_map(|row| rows.runs(row)).collect();
    let over = |run: &Run, cell: &Run| rows.x0(*run) - ASIDE <= rows.x1(*cell) && rows.x0(*cell) <= rows.x1(*run) + ASIDE;
    let inside = |run: &Run| cells.iter().any(|cell| over(run, cell));
    let is_heading = |row: usize, fewest: usize| {
        let runs = rows.runs(row);
        let worded = runs.iter().filter(|run| !has_digit(&rows.text(**run))).count();
        worded >= fewest && runs.len() - worded <= 1 && runs.iter().all(inside)
    };
    let mut from = first;
    while from > 0 && first - from < MOST_HEADING_ROWS {
        let gap = rows.gap_above(from);
        let (allowed, fewest) = if from == first { (HEADING_GAP, 2) } else { (TEXT_GAP, 1) };
        if gap.is_none_or(|gap| gap > allowed) || !is_heading(from - 1, fewest) {
            break;
        }
        from -= 1;
    }
    (from..first).flat_map(|row| head_words(rows, row, row - from)).collect()
}

/// What stands in an item's row beside its values.
fn add_others(rows: &Rows<'_>, row: usize, values: &[(Role, usize, Run)], others: &mut Vec<Other>) {
    for run in left_over(rows, row, &values.iter().map(|(_, _, run)| *run).collect::<Vec<_>>()) {
        let other = Other { left: rows.x0(run), right: rows.x1(run), is_figure: figure(&rows.text(run)).is_some() };
        let is_known = |known: &Other| (known.left - other.left).abs() <= EDGE && known.is_figure == other.is_figure;
        if !others.iter().any(is_known) {
            others.push(other);
        }
    }
}
