//! Which columns hold the confirmed values? Each value may be printed in many places; the columns wanted are those in which every line has
//! its own, in rows that lie the same way from one another.

use super::map::{EDGE, Role, belongs};
use super::printed::{self, Hit};
use super::rows::{Rows, Run};
use crate::model::DraftLine;
use crate::reading::extraction::layout::figure;
use crate::reading::extraction::numbers::Amount;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Rows above and below the row that an item is known by.
const ROWS_ABOVE: usize = 3;
const ROWS_BELOW: usize = 6;

/// A role's confirmed values, and where each may be printed. `None` for a line that has no value.
pub(super) struct Wanted {
    pub role: Role,
    pub hits: Vec<Option<Vec<Hit>>>,
}

impl Wanted {
    pub(super) fn of(rows: &Rows<'_>, lines: &[DraftLine], role: Role, received: Option<Date>) -> Option<Self> {
        let hits: Vec<Option<Vec<Hit>>> = lines.iter().map(|line| hits_of(rows, line, role, received)).collect();
        hits.iter().any(Option::is_some).then_some(Self { role, hits })
    }

    pub(super) fn is_printed(&self) -> bool {
        self.hits.iter().flatten().all(|hits| !hits.is_empty())
    }

    /// Columns in which every value of the role may stand.
    pub(super) fn candidates(&self, rows: &Rows<'_>) -> Vec<Candidate<'_>> {
        let Some(first) = self.hits.iter().flatten().next() else { return Vec::new() };
        let mut found: Vec<Candidate<'_>> = Vec::new();
        for hit in first {
            for edge in [edge_left, edge_right, edge_centre] {
                let x = edge(rows, hit.run);
                let near = |other: &&Hit| (edge(rows, other.run) - x).abs() <= EDGE;
                let options: Vec<Option<Vec<&Hit>>> =
                    self.hits.iter().map(|hits| hits.as_ref().map(|hits| hits.iter().filter(near).collect())).collect();
                let is_full = options.iter().flatten().all(|options| !options.is_empty());
                if is_full && !found.iter().any(|known| known.options == options) {
                    found.push(Candidate { role: self.role, options });
                }
            }
        }
        found
    }
}

pub(super) fn edge_left(rows: &Rows<'_>, run: Run) -> f32 {
    rows.x0(run)
}
pub(super) fn edge_right(rows: &Rows<'_>, run: Run) -> f32 {
    rows.x1(run)
}
pub(super) fn edge_centre(rows: &Rows<'_>, run: Run) -> f32 {
    (rows.x0(run) + rows.x1(run)) / 2.0
}

fn hits_of(rows: &Rows<'_>, line: &DraftLine, role: Role, received: Option<Date>) -> Option<Vec<Hit>> {
    let all = 0..rows.list.len();
    let text = |value: Option<&String>| value.map(|value| printed::text(rows, all.clone(), value));
    let number = |value: Option<&Decimal>| value.map(|value| with_cells(rows, printed::number(rows, all.clone(), *value), *value));
    match role {
        Role::LineNo => text(line.line_no.value()),
        Role::BuyerPart => text(line.buyer_part.value()),
        Role::SupplierPart => text(line.supplier_part.value()),
        Role::ManufacturerPart => text(line.manufacturer_part.value()),
        Role::Gtin => text(line.gtin.value()),
        Role::Description => line.description.value().map(|value| beginnings(rows, value)),
        Role::Quantity => number(line.quantity.value()),
        Role::Unit => text(line.uom.value()),
        Role::Price => number(line.unit_price.value()),
        Role::Basis => number(line.price_basis.value().filter(|basis| **basis != Decimal::ONE)),
        Role::Discount => number(line.discount_percent.value().filter(|discount| !discount.is_zero())),
        Role::Amount => number(line.line_total.value().copied().or_else(|| extension(line)).as_ref()),
        Role::Date => line.requested_date.value().map(|date| printed::date(rows, all, *date, received)),
    }
}

/// What a line without a confirmed total must come to: found in a column, it proves the others.
fn extension(line: &DraftLine) -> Option<Decimal> {
    let basis = line.price_basis.value().copied().filter(|basis| !basis.is_zero()).unwrap_or(Decimal::ONE);
    let gross = line.quantity.value()?.checked_mul(*line.unit_price.value()?)?.checked_div(basis)?;
    let share = Decimal::ONE_HUNDRED - line.discount_percent.value().copied().unwrap_or_default();
    Some(gross.checked_mul(share)?.checked_div(Decimal::ONE_HUNDRED)?.round_dp(2))
}

/// A figure with its unit or currency may be set as one: then the whole cell has the column's edges.
pub(super) fn with_cells(rows: &Rows<'_>, hits: Vec<Hit>, value: Decimal) -> Vec<Hit> {
    let mut all = hits.clone();
    for hit in hits {
        let cell = rows.run_at(hit.run.row, hit.run.from);
        if cell == hit.run || cell.to - cell.from > 4 {
            continue;
        }
        let is_it = |a: &Amount| a.number.point == Some(value) || a.number.comma == Some(value);
        if let Some(amount) = figure(&rows.text(cell)).filter(|a| is_it(a) && belongs(&a.before) && belongs(&a.after)) {
            all.push(Hit { run: cell, before: amount.before, after: amount.after });
        }
    }
    all
}

/// The first words of a text, which may go on in the next row.
fn beginnings(rows: &Rows<'_>, text: &str) -> Vec<Hit> {
    let words: Vec<&str> = text.split_whitespace().collect();
    [3, 2, 1]
        .into_iter()
        .filter(|count| *count <= words.len())
        .map(|count| printed::text(rows, 0..rows.list.len(), &words[..count].join(" ")))
        .find(|hits| !hits.is_empty())
        .unwrap_or_default()
}

/// A column in which every value of a role may stand; in which rows is still open.
pub(super) struct Candidate<'w> {
    pub role: Role,
    options: Vec<Option<Vec<&'w Hit>>>,
}

impl<'w> Candidate<'w> {
    pub(super) fn is_complete(&self) -> bool {
        let is_telling = self.role.is_figure() || self.role.is_essential() || self.role == Role::Description;
        is_telling && self.options.iter().all(Option::is_some)
    }

    /// Ways to give each line a row of its own, in order.
    pub(super) fn spines(&self) -> Vec<Vec<usize>> {
        let first: Vec<&Hit> = self.options.first().cloned().flatten().unwrap_or_default();
        let along = |start: &Hit| {
            let mut spine = vec![start.run.row];
            for options in &self.options[1..] {
                let after = *spine.last()?;
                spine.push(options.as_ref()?.iter().map(|hit| hit.run.row).filter(|row| *row > after).min()?);
            }
            Some(spine)
        };
        first.into_iter().filter_map(along).collect()
    }

    /// The hits in the rows that lie the same way from each line's own row, nearest first; else in the first rows below it, where a
    /// text of one row or two lies between. With how far they lie.
    fn along(&self, rows: &Rows<'_>, spine: &[usize]) -> Option<(usize, Vec<Option<&'w Hit>>)> {
        let mut ways: Vec<isize> = (-ROWS_ABOVE.cast_signed()..=ROWS_BELOW.cast_signed()).collect();
        ways.sort_by_key(|way| (way.unsigned_abs(), *way < 0));
        let steady = ways.into_iter().find_map(|way| {
            let hits = self.pick(rows, spine, |row, other, _| row.checked_add_signed(way) == Some(other))?;
            Some((way.unsigned_abs(), hits))
        });
        steady.or_else(|| {
            let hits = self.pick(rows, spine, |row, other, next| row < other && other < next && other <= row + ROWS_BELOW)?;
            Some((ROWS_ABOVE, hits))
        })
    }

    /// For each line that has a value the first hit that `is_in` allows: by the line's row, the hit's and the next line's.
    fn pick(&self, rows: &Rows<'_>, spine: &[usize], is_in: impl Fn(usize, usize, usize) -> bool) -> Option<Vec<Option<&'w Hit>>> {
        let hits = spine.iter().enumerate().zip(&self.options).map(|((line, row), options)| {
            let Some(options) = options else { return Some(None) };
            let next = spine.get(line + 1).copied().unwrap_or(usize::MAX);
            let same_page = |hit: &Hit| rows.list[hit.run.row].page == rows.list[*row].page;
            let allowed = |hit: &&&'w Hit| same_page(hit) && is_in(*row, hit.run.row, next);
            options.iter().filter(allowed).min_by_key(|hit| hit.run.row).map(|hit| Some(*hit))
        });
        hits.collect()
    }
}

/// A column, how far from each line's own row it lies, and the hits in it.
pub(super) type Chosen<'c, 'w> = (&'c Candidate<'w>, usize, Vec<Option<&'w Hit>>);

/// A way to read all roles along one spine.
pub(super) struct Fit<'c, 'w> {
    pub chosen: Vec<Chosen<'c, 'w>>,
}

impl<'c, 'w> Fit<'c, 'w> {
    pub(super) fn of(rows: &Rows<'_>, candidates: &'c [Candidate<'w>], spine: &[usize]) -> Option<Self> {
        let mut ways: Vec<Chosen<'c, 'w>> = candidates
            .iter()
            .filter_map(|candidate| candidate.along(rows, spine).map(|(way, hits)| (candidate, way, hits)))
            .collect();
        ways.sort_by_key(|(candidate, way, _)| (!candidate.role.is_essential(), candidate.role, *way));
        let nearest = |role: Role| ways.iter().filter(|(c, _, _)| c.role == role).map(|(_, way, _)| *way).min();
        let kept: Vec<Chosen<'c, 'w>> = ways.iter().filter(|(c, way, _)| Some(*way) == nearest(c.role)).cloned().collect();
        let chosen = without_overlaps(kept);
        let fit = Self { chosen };
        (!fit.chosen.is_empty() && fit.keeps_lines_apart()).then_some(fit)
    }

    /// Whether each line ends before the next begins.
    fn keeps_lines_apart(&self) -> bool {
        let extents: Vec<(usize, usize)> = (0..self.lines()).filter_map(|line| self.extent(line)).collect();
        extents.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }

    pub(super) fn lines(&self) -> usize {
        self.chosen.first().map_or(0, |(_, _, hits)| hits.len())
    }

    /// First and last row of a line's values.
    pub(super) fn extent(&self, line: usize) -> Option<(usize, usize)> {
        let rows = self.rows_of(line);
        Some((*rows.first()?, *rows.last()?))
    }

    /// The rows in which a line has values that every line has, in order. Their places in it are the rows of an item.
    pub(super) fn rows_of(&self, line: usize) -> Vec<usize> {
        let steady = self.chosen.iter().filter(|(_, _, hits)| hits.iter().all(Option::is_some));
        let mut rows: Vec<usize> = steady.filter_map(|(_, _, hits)| Some(hits[line]?.run.row)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    pub(super) fn roles(&self) -> usize {
        let mut roles: Vec<Role> = self.chosen.iter().map(|(candidate, _, _)| candidate.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles.len()
    }

    pub(super) fn distance(&self) -> usize {
        self.chosen.iter().map(|(_, way, _)| *way).sum::<usize>() + self.chosen.len()
    }
}

/// Several columns may print all values of a role: one that another role alone can be is not this one's, and the same words by another
/// edge, or with their unit, are the same column. What stays several must agree wherever the template is used.
fn without_overlaps<'c, 'w>(ways: Vec<Chosen<'c, 'w>>) -> Vec<Chosen<'c, 'w>> {
    let overlap = |a: &Chosen<'_, '_>, b: &Chosen<'_, '_>| {
        a.2.iter().flatten().any(|one| b.2.iter().flatten().any(|other| one.run.overlaps(other.run)))
    };
    let words = |way: &Chosen<'_, '_>| way.2.iter().flatten().map(|hit| hit.run.to - hit.run.from).sum::<usize>();
    let mut columns: Vec<Chosen<'c, 'w>> = Vec::new();
    for way in ways {
        match columns.iter_mut().find(|known| known.0.role == way.0.role && overlap(known, &way)) {
            Some(known) if words(&way) > words(known) => *known = way,
            Some(_) => {}
            None => columns.push(way),
        }
    }
    let mut settled: Vec<Role> = Vec::new();
    loop {
        let is_alone = |way: &Chosen<'_, '_>| columns.iter().filter(|other| other.0.role == way.0.role).count() == 1;
        let Some(next) = columns.iter().find(|way| is_alone(way) && !settled.contains(&way.0.role)).cloned() else {
            return columns;
        };
        settled.push(next.0.role);
        columns.retain(|way| {
            way.0.role == next.0.role || (way.0.role.is_number_of_item() && next.0.role.is_number_of_item()) || !overlap(way, &next)
        });
    }
}
