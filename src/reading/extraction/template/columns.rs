//! The map of an order's lines: which column holds what, and in which row of an item. Learned by finding every confirmed value of every
//! line and keeping the columns in which all of them stand.

use super::places::Body;
use super::printed::{self, Hit};
use super::rows::{Rows, Run, has_digit, is_money, plain};
use crate::model::{DraftLine, Unit};
use crate::reading::extraction::layout::figure;
use crate::reading::extraction::numbers::{Amount, is_currency};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How far values of one column may differ in their common edge, points.
const EDGE: f32 = 1.6;
/// Rows above and below the row that an item is known by.
const ROWS_ABOVE: usize = 3;
const ROWS_BELOW: usize = 6;
/// How far above the first item its heading may stand, in line heights.
const HEADING_GAP: f32 = 3.5;
const MOST_HEADING_ROWS: usize = 3;
/// More lines than this teach nothing more.
const MOST_LINES: usize = 80;
/// A continued text stands closer than this below its first row, in line heights.
pub(super) const TEXT_GAP: f32 = 0.9;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    LineNo,
    BuyerPart,
    SupplierPart,
    ManufacturerPart,
    Gtin,
    Description,
    Quantity,
    Unit,
    Price,
    Basis,
    Discount,
    Amount,
    Date,
}

impl Role {
    const ALL: [Self; 13] = [
        Self::Amount,
        Self::Price,
        Self::SupplierPart,
        Self::BuyerPart,
        Self::Gtin,
        Self::ManufacturerPart,
        Self::Quantity,
        Self::Description,
        Self::Date,
        Self::LineNo,
        Self::Unit,
        Self::Basis,
        Self::Discount,
    ];

    pub(super) fn is_figure(self) -> bool {
        match self {
            Self::Quantity | Self::Price | Self::Basis | Self::Discount | Self::Amount => true,
            Self::LineNo
            | Self::BuyerPart
            | Self::SupplierPart
            | Self::ManufacturerPart
            | Self::Gtin
            | Self::Description
            | Self::Unit
            | Self::Date => false,
        }
    }

    /// One of the numbers of an article: two of them may be the same words.
    fn is_number_of_item(self) -> bool {
        self.is_essential() && !self.is_figure() && self != Self::Date
    }

    /// How the contract calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LineNo => "line_no",
            Self::BuyerPart => "buyer_part",
            Self::SupplierPart => "supplier_part",
            Self::ManufacturerPart => "manufacturer_part",
            Self::Gtin => "gtin",
            Self::Description => "description",
            Self::Quantity => "quantity",
            Self::Unit => "uom",
            Self::Price => "unit_price",
            Self::Basis => "price_basis",
            Self::Discount => "discount_percent",
            Self::Amount => "line_total",
            Self::Date => "requested_date",
        }
    }

    /// A value without which an item is none, or another one.
    fn is_essential(self) -> bool {
        match self {
            Self::BuyerPart
            | Self::SupplierPart
            | Self::ManufacturerPart
            | Self::Gtin
            | Self::Quantity
            | Self::Price
            | Self::Discount
            | Self::Date => true,
            // A unit or price base that a person gave is kept as a constant; the others are checks and comfort.
            Self::LineNo | Self::Description | Self::Unit | Self::Basis | Self::Amount => false,
        }
    }
}

/// The edges that values of a column have in common; a column drawn to the right has a right one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Edges {
    pub left: Option<f32>,
    pub right: Option<f32>,
    pub centre: Option<f32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Column {
    pub role: Role,
    /// Row within the item, from 0.
    pub row: usize,
    pub edges: Edges,
    /// The value fills its cell; else it has `words` words of it.
    pub fills_cell: bool,
    pub words: usize,
    /// A unit, currency or price base stands in the same cell as the figure.
    pub is_mixed: bool,
    /// What is printed around each value in its own words.
    pub before: String,
    pub after: String,
    /// The forms that its texts were seen in; none for figures.
    pub shapes: Vec<String>,
    /// Every confirmed line has it.
    pub always: bool,
}

/// Something else that stands in an item's rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Other {
    pub left: f32,
    pub right: f32,
    pub is_figure: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct HeadWord {
    /// Row of the heading, from 0.
    pub row: usize,
    pub text: String,
    pub x0: f32,
    pub x1: f32,
}

/// Where a line's unit stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Beside {
    /// In a column of its own, or nowhere.
    Column,
    /// Beside the quantity or the price, in its cell.
    Figure,
    /// Nowhere: a person said so.
    Constant(String),
}

/// How the row behind a table is known again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    /// Its words without digits.
    pub words: String,
    /// The edges of what stands in it, where it has no words.
    pub edges: Vec<(f32, f32)>,
}

impl End {
    fn of(rows: &Rows<'_>, row: usize) -> Self {
        let words = words_of(rows, row);
        let edges = if words.is_empty() {
            rows.runs(row).into_iter().map(|run| (rows.x0(run), rows.x1(run))).collect()
        } else {
            Vec::new()
        };
        Self { words, edges }
    }

    /// Whether a row of another document is its like; a sum may be longer or shorter to either side.
    pub(super) fn is_like(&self, rows: &Rows<'_>, row: usize) -> bool {
        let here = Self::of(rows, row);
        let near = |(a, b): (&(f32, f32), &(f32, f32))| (a.0 - b.0).abs() < 2.0 * EDGE || (a.1 - b.1).abs() < 2.0 * EDGE;
        let same_edges = here.edges.len() == self.edges.len() && here.edges.iter().zip(&self.edges).all(near);
        let same_words = here.words.starts_with(&self.words) || (!here.words.is_empty() && self.words.starts_with(&here.words));
        same_edges && same_words && here.words.is_empty() == self.words.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TableMap {
    pub heading: Vec<HeadWord>,
    pub columns: Vec<Column>,
    pub others: Vec<Other>,
    pub unit: Beside,
    pub basis: Beside,
    /// The first row behind the table, if there is one.
    pub end: Option<End>,
}

impl TableMap {
    pub(super) fn heading_rows(&self) -> usize {
        self.heading.last().map_or(0, |word| word.row + 1)
    }

    /// Rows of an item that hold values.
    pub(super) fn item_rows(&self) -> usize {
        self.columns.iter().map(|column| column.row + 1).max().unwrap_or(1)
    }
}

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
    let mut fits: Vec<Fit<'_, '_>> = spines.filter_map(|spine| Fit::of(rows, &candidates, spine)).collect();
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

/// A role's confirmed values, and where each may be printed. `None` for a line that has no value.
struct Wanted {
    role: Role,
    hits: Vec<Option<Vec<Hit>>>,
}

impl Wanted {
    fn of(rows: &Rows<'_>, lines: &[DraftLine], role: Role, received: Option<Date>) -> Option<Self> {
        let hits: Vec<Option<Vec<Hit>>> = lines.iter().map(|line| hits_of(rows, line, role, received)).collect();
        hits.iter().any(Option::is_some).then_some(Self { role, hits })
    }

    fn is_printed(&self) -> bool {
        self.hits.iter().flatten().all(|hits| !hits.is_empty())
    }

    /// Columns in which every value of the role may stand.
    fn candidates(&self, rows: &Rows<'_>) -> Vec<Candidate<'_>> {
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

fn edge_left(rows: &Rows<'_>, run: Run) -> f32 {
    rows.x0(run)
}
fn edge_right(rows: &Rows<'_>, run: Run) -> f32 {
    rows.x1(run)
}
fn edge_centre(rows: &Rows<'_>, run: Run) -> f32 {
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

/// A unit, a currency or a price base: what may stand in a figure's cell.
pub(super) fn belongs(text: &str) -> bool {
    text.is_empty() || Unit::parse(text).is_some() || is_currency(text) || basis_in(text).is_some()
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
struct Candidate<'w> {
    role: Role,
    options: Vec<Option<Vec<&'w Hit>>>,
}

impl<'w> Candidate<'w> {
    fn is_complete(&self) -> bool {
        let is_telling = self.role.is_figure() || self.role.is_essential() || self.role == Role::Description;
        is_telling && self.options.iter().all(Option::is_some)
    }

    /// Ways to give each line a row of its own, in order.
    fn spines(&self) -> Vec<Vec<usize>> {
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

    /// The hits in the rows that lie the same way from each line's own row, nearest first.
    fn along(&self, rows: &Rows<'_>, spine: &[usize]) -> Option<(isize, Vec<Option<&'w Hit>>)> {
        let mut ways: Vec<isize> = (-ROWS_ABOVE.cast_signed()..=ROWS_BELOW.cast_signed()).collect();
        ways.sort_by_key(|way| (way.unsigned_abs(), *way < 0));
        ways.into_iter().find_map(|way| {
            let hits = spine.iter().zip(&self.options).map(|(row, options)| {
                let Some(options) = options else { return Some(None) };
                let wanted = row.checked_add_signed(way)?;
                let same_page = rows.list.get(wanted)?.page == rows.list[*row].page;
                options.iter().find(|hit| hit.run.row == wanted && same_page).map(|hit| Some(*hit))
            });
            hits.collect::<Option<Vec<_>>>().map(|hits| (way, hits))
        })
    }
}

type Chosen<'c, 'w> = (&'c Candidate<'w>, isize, Vec<Option<&'w Hit>>);

/// A way to read all roles along one spine.
struct Fit<'c, 'w> {
    spine: Vec<usize>,
    chosen: Vec<Chosen<'c, 'w>>,
}

impl<'c, 'w> Fit<'c, 'w> {
    fn of(rows: &Rows<'_>, candidates: &'c [Candidate<'w>], spine: Vec<usize>) -> Option<Self> {
        let mut ways: Vec<Chosen<'c, 'w>> = candidates
            .iter()
            .filter_map(|candidate| candidate.along(rows, &spine).map(|(way, hits)| (candidate, way, hits)))
            .collect();
        ways.sort_by_key(|(candidate, way, _)| (!candidate.role.is_essential(), candidate.role, way.unsigned_abs()));
        let nearest = |role: Role| ways.iter().filter(|(c, _, _)| c.role == role).map(|(_, way, _)| way.unsigned_abs()).min();
        let kept: Vec<Chosen<'c, 'w>> =
            ways.iter().filter(|(c, way, _)| Some(way.unsigned_abs()) == nearest(c.role)).cloned().collect();
        let chosen = without_overlaps(kept);
        let next_item = |way: isize| spine.windows(2).all(|pair| way.unsigned_abs() < pair[1] - pair[0] || way <= 0);
        let chosen: Vec<Chosen<'c, 'w>> = chosen.into_iter().filter(|(_, way, _)| next_item(*way)).collect();
        (!chosen.is_empty()).then_some(Self { spine, chosen })
    }

    fn roles(&self) -> usize {
        let mut roles: Vec<Role> = self.chosen.iter().map(|(candidate, _, _)| candidate.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles.len()
    }

    fn distance(&self) -> usize {
        self.chosen.iter().map(|(_, way, _)| way.unsigned_abs()).sum::<usize>() + self.chosen.len()
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

impl Fit<'_, '_> {
    fn into_table(self, rows: &Rows<'_>, lines: &[DraftLine]) -> Result<Learned, String> {
        let top = self.chosen.iter().map(|(_, way, _)| *way).min().unwrap_or(0).min(0);
        let bottom = self.chosen.iter().map(|(_, way, _)| *way).max().unwrap_or(0).max(0);
        let starts: Vec<usize> = self.spine.iter().filter_map(|row| row.checked_add_signed(top)).collect();
        let values: Vec<(Role, usize, Run)> = self
            .chosen
            .iter()
            .flat_map(|(candidate, _, hits)| {
                hits.iter().enumerate().filter_map(|(line, hit)| Some((candidate.role, line, (*hit)?.run)))
            })
            .collect();
        let mut columns = Vec::new();
        for (candidate, way, hits) in &self.chosen {
            let row = usize::try_from(way - top).unwrap_or(0);
            match column_of(rows, candidate.role, row, hits) {
                Some(column) => columns.push(column),
                None if candidate.role.is_essential() => {
                    return Err(format!("the {} of the lines is set in no even way", candidate.role.name()));
                }
                None => {}
            }
        }
        let (first, last) = (starts[0], self.spine[self.spine.len() - 1].saturating_add_signed(bottom));
        let mut map = TableMap {
            heading: heading_above(rows, first, usize::try_from(bottom - top).unwrap_or(0) + 1),
            unit: unit_of(rows, lines, &values, &columns)?,
            basis: basis_of(rows, lines, &values, &columns)?,
            columns,
            others: Vec::new(),
            end: None,
        };
        let item_end = |line: usize| starts.get(line + 1).map_or(last + 1, |next| *next);
        for (line, start) in starts.iter().enumerate() {
            for row in *start..item_end(line) {
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

/// The base behind a price: `4,20 / 100`.
pub(super) fn basis_beside(text: &str) -> Option<Decimal> {
    basis_in(&figure(text)?.after)
}

fn basis_in(after: &str) -> Option<Decimal> {
    let lower = after.to_lowercase();
    let rest = ["/", "per ", "je ", "pro ", "par ", "por "].iter().find_map(|word| lower.strip_prefix(word))?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
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

pub(super) fn head_words(rows: &Rows<'_>, row: usize, number: usize) -> Vec<HeadWord> {
    let words = rows.list[row].words.iter();
    words
        .map(|word| HeadWord { row: number, text: plain(&word.text), x0: word.bbox[0], x1: word.bbox[2] })
        .filter(|word| !word.text.is_empty())
        .collect()
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

/// The runs of a row that `taken` leaves.
pub(super) fn left_over(rows: &Rows<'_>, row: usize, taken: &[Run]) -> Vec<Run> {
    let mut left: Vec<Run> = Vec::new();
    for word in 0..rows.list[row].words.len() {
        let this = Run { row, from: word, to: word + 1 };
        if taken.iter().any(|run| run.overlaps(this)) || rows.text(this).chars().all(is_ornament) {
            continue;
        }
        match left.last_mut() {
            Some(last) if last.to == word && rows.is_joined(row, word - 1) => last.to = word + 1,
            _ => left.push(this),
        }
    }
    left
}

/// Signs that are drawn, not said; `$` and `%` are not among them.
fn is_ornament(c: char) -> bool {
    matches!(
        c,
        '|' | '-'
            | '–'
            | '—'
            | '.'
            | ':'
            | ';'
            | ','
            | '_'
            | '*'
            | '·'
            | '•'
            | '/'
            | '='
            | '~'
            | '\''
            | '"'
            | '('
            | ')'
            | '['
            | ']'
    )
}

/// Whether a row goes on with a text of the row above: it begins where texts of the table do, stands close and holds no money.
pub(super) fn continues(rows: &Rows<'_>, row: usize, map: &TableMap) -> bool {
    let close = rows.gap_above(row).is_some_and(|gap| gap < TEXT_GAP);
    let text_edges = map.columns.iter().filter(|column| column.role == Role::Description).filter_map(|column| column.edges.left);
    let edges: Vec<f32> = text_edges.chain(map.others.iter().filter(|other| !other.is_figure).map(|other| other.left)).collect();
    let begins = |run: &Run| edges.iter().any(|edge| (edge - rows.x0(*run)).abs() < 2.0 * EDGE);
    let no_money = rows.list[row].words.iter().all(|word| !is_money(&word.text));
    close && no_money && rows.runs(row).iter().all(begins)
}

/// The words of a row that hold no digits: how the row behind a table is known again.
fn words_of(rows: &Rows<'_>, row: usize) -> String {
    let words = rows.list[row].words.iter().filter(|word| !has_digit(&word.text)).map(|word| plain(&word.text));
    words.filter(|word| word.len() > 1).collect::<Vec<_>>().join(" ")
}
