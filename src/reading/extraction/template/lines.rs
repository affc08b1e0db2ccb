//! Reads the lines of another document by a confirmed map of columns. Every word of the table must have its place: what has none is said,
//! and then nothing is taken without a person.

use super::CONFIRMED;
use super::map::{self, Beside, Column, HeadWord, Role, TableMap};
use super::places::Body;
use super::printed::{Custom, shape, whole_date};
use super::rows::{Row, Rows, Run, has_digit, is_money};
use crate::model::{Code, DraftLine, Field, Finding, Reading, Severity};
use crate::reading::extraction::layout::figure;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How far a word may stand from its column's edge, points.
const EDGE: f32 = 3.0;
/// More items than this are no order.
const MOST_ITEMS: usize = 2_000;
/// Rows of text that may lie between two rows of an item's values.
const ROWS_BETWEEN: usize = 4;
const LINES: &str = "/orders/0/lines";

/// The lines as read, and what about them asks.
pub(super) struct Read {
    pub lines: Vec<DraftLine>,
    pub body: Body,
    pub findings: Vec<Finding>,
    /// The table ends with the row that it ended with when it was taught.
    pub ends_as_taught: bool,
}

/// One item: its rows, and the value of each column.
struct Item {
    first: usize,
    cells: Vec<(usize, Run)>,
    /// Rows of the item's own kind that were met.
    met: usize,
    last: usize,
}

/// Finds the table and reads it. The error says why the layout is not the taught one.
pub(super) fn read(
    rows: &Rows<'_>,
    map: &TableMap,
    custom: &Custom,
    constant: &dyn Fn(&str) -> Field<String>,
    received: Option<Date>,
) -> Result<Read, String> {
    let heading = heading(rows, map)?;
    let reader = Reader { rows, map, custom, received, shifts: shifts(rows, map, heading) };
    let start = heading.map_or(0, |row| row + map.heading_rows());
    let first =
        (start..rows.list.len()).find(|row| reader.begins(*row)).ok_or("no line of the order stands in the confirmed columns")?;
    let (items, mut findings) = reader.items(first, heading.is_some());
    let last = items.last().map_or(first, |item| item.last);
    findings.extend((start..first).filter(|row| reader.figures(*row) > 1).map(|row| reader.not_understood(row)));
    let end = last + 1;
    let ends_as_taught = match &map.end {
        Some(taught) => end < rows.list.len() && taught.is_like(rows, end),
        None => end == rows.list.len(),
    };
    if !ends_as_taught && end < rows.list.len() && (reader.is_part_of_item(end) || reader.adds_something(end)) {
        findings.push(reader.not_understood(end));
    }
    let lines = items.iter().enumerate().map(|(index, item)| reader.line(item, index, constant, &mut findings)).collect();
    let body = Body { rows: heading.unwrap_or(first)..end, last };
    Ok(Read { lines, body, findings, ends_as_taught })
}

/// The first row of the taught heading: the same words in the same places, and no others.
fn heading(rows: &Rows<'_>, map: &TableMap) -> Result<Option<usize>, String> {
    if map.heading.is_empty() {
        return Ok(None);
    }
    let found = (0..rows.list.len()).find(|row| is_heading(rows, map, *row));
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = map.heading.iter().map(|word| word.text.as_str()).collect();
        format!("the table's heading is no longer `{}`", words.join(" "))
    })
}

fn is_heading(rows: &Rows<'_>, map: &TableMap, row: usize) -> bool {
    let count = map.heading_rows();
    count > 0
        && row + count <= rows.list.len()
        && (0..count).all(|number| {
            let here = map::head_words(rows, row + number, number);
            let taught: Vec<&HeadWord> = map.heading.iter().filter(|word| word.row == number).collect();
            let same = |(a, b): (&HeadWord, &&HeadWord)| a.text == b.text && (!rows.is_drawn() || (a.x0 - b.x0).abs() < EDGE);
            here.len() == taught.len() && here.iter().zip(&taught).all(same)
        })
}

/// How far each word of the heading has moved: columns of a sheet widen with their longest cell.
fn shifts(rows: &Rows<'_>, map: &TableMap, heading: Option<usize>) -> Vec<(HeadWord, f32, f32)> {
    let Some(heading) = heading.filter(|_| !rows.is_drawn()) else { return Vec::new() };
    let here = (0..map.heading_rows()).flat_map(|number| map::head_words(rows, heading + number, number));
    map.heading.iter().zip(here).map(|(taught, now)| (taught.clone(), now.x0 - taught.x0, now.x1 - taught.x1)).collect()
}

struct Reader<'r, 'a> {
    rows: &'r Rows<'a>,
    map: &'r TableMap,
    custom: &'r Custom,
    received: Option<Date>,
    shifts: Vec<(HeadWord, f32, f32)>,
}

impl Reader<'_, '_> {
    /// All items, and a question for each row between them that is none.
    fn items(&self, first: usize, has_heading: bool) -> (Vec<Item>, Vec<Finding>) {
        let mut items: Vec<Item> = Vec::new();
        let mut findings = Vec::new();
        let mut between: Vec<usize> = Vec::new();
        let mut row = first;
        while row < self.rows.list.len() && items.len() < MOST_ITEMS {
            if self.begins(row) {
                let page = |row: usize| self.rows.list[row].page;
                let between_pages = items.last().is_some_and(|item| page(item.last) < page(row));
                let lost = between.drain(..).filter(|row| self.is_lost(*row, between_pages));
                findings.extend(lost.map(|row| self.not_understood(row)));
                let cells = self.cells(row, 0);
                items.push(Item { first: row, cells, met: 0, last: row });
                row += 1;
                continue;
            }
            if has_heading && is_heading(self.rows, self.map, row) {
                row += self.map.heading_rows();
                continue;
            }
            let goes_on = between.is_empty() && items.last_mut().is_some_and(|item| self.goes_on(item, row));
            if !goes_on {
                between.push(row);
            }
            row += 1;
        }
        (items, findings)
    }

    /// Takes a further row of an item: the next one with values, or more of its text.
    fn goes_on(&self, item: &mut Item, row: usize) -> bool {
        if item.last + 1 != row {
            return false;
        }
        let further = (item.met + 1..self.map.item_rows()).find(|number| self.matches(row, *number));
        if let Some(number) = further {
            item.cells.extend(self.cells(row, number));
            item.met = number;
        } else if !map::continues(self.rows, row, self.map) {
            return false;
        }
        item.last = row;
        true
    }

    /// Whether an item begins here: all columns of its first row, one of them a figure or a further row of values below.
    fn begins(&self, row: usize) -> bool {
        if !self.matches(row, 0) {
            return false;
        }
        if self.map.columns.iter().any(|column| column.row == 0 && column.always && column.role.is_figure()) {
            return true;
        }
        // Words alone stand anywhere: they must have the form of confirmed ones, and all further rows of an item below them.
        let like = |(column, run): &(usize, Run)| {
            let column = &self.map.columns[*column];
            column.role == Role::Description || column.shapes.contains(&shape(&self.rows.text(*run)))
        };
        let mut next = row + 1;
        let has_rows = (1..self.map.item_rows()).filter(|number| self.has_row(*number)).all(|number| {
            let found = (next..(next + ROWS_BETWEEN).min(self.rows.list.len())).find(|row| self.matches(*row, number));
            next = found.map_or(next, |row| row + 1);
            found.is_some()
        });
        has_rows && self.cells(row, 0).iter().all(like)
    }

    /// Whether each confirmed item had something in this row of it.
    fn has_row(&self, number: usize) -> bool {
        self.map.columns.iter().any(|column| column.row == number && column.always)
    }

    /// Whether every column that each confirmed item had in this row of it is here too.
    fn matches(&self, row: usize, number: usize) -> bool {
        let wanted: Vec<usize> =
            (0..self.map.columns.len()).filter(|at| self.map.columns[*at].row == number && self.map.columns[*at].always).collect();
        let cells = self.cells(row, number);
        !wanted.is_empty() && wanted.iter().all(|at| cells.iter().any(|(column, _)| column == at))
    }

    /// A row with figures where lines have theirs.
    fn is_part_of_item(&self, row: usize) -> bool {
        let has_quantity =
            |number| self.cells(row, number).iter().any(|(column, _)| self.map.columns[*column].role == Role::Quantity);
        self.figures(row) > 1 || (0..self.map.item_rows()).any(has_quantity)
    }

    /// A row under the table that begins as its lines do and has a figure in it: something given free, a change to a line.
    fn adds_something(&self, row: usize) -> bool {
        let run = self.rows.whole(row);
        let at_edge = (0..self.map.columns.len()).filter_map(|column| self.anchor(row, column)).any(|anchor| anchor.word == 0);
        let same_page = row > 0 && self.rows.list[row].page == self.rows.list[row - 1].page;
        same_page && at_edge && has_digit(&self.rows.text(run))
    }

    /// In how many of the columns of quantity, price and total a row has a figure.
    fn figures(&self, row: usize) -> usize {
        let of_row = |number| {
            let cells = self.cells(row, number);
            let has = |role: &Role| cells.iter().any(|(column, _)| self.map.columns[*column].role == *role);
            [Role::Quantity, Role::Price, Role::Amount].iter().filter(|role| has(role)).count()
        };
        (0..self.map.item_rows()).map(of_row).max().unwrap_or(0)
    }

    /// A row between two items that is neither page furniture nor, between pages, plain words.
    fn is_lost(&self, row: usize, between_pages: bool) -> bool {
        let here = &self.rows.list[row];
        let text = self.rows.text(self.rows.whole(row));
        let is_same = |at: usize, other: &Row<'_>| {
            other.page < here.page && (other.y0 - here.y0).abs() < EDGE && self.rows.text(self.rows.whole(at)) == text
        };
        let is_repeated = here.furniture || self.rows.list[..row].iter().enumerate().any(|(at, other)| is_same(at, other));
        let has_money = here.words.iter().any(|word| is_money(&word.text));
        !is_repeated && (!between_pages || has_money || self.is_part_of_item(row))
    }

    fn not_understood(&self, row: usize) -> Finding {
        let run = self.rows.whole(row);
        let text: String = self.rows.text(run).chars().take(80).collect();
        let spans = self.rows.origin(run).map(|origin| origin.spans().to_vec()).unwrap_or_default();
        let message = format!("`{text}` stands among the order's lines and is not one of the confirmed form.");
        Finding::new(Code::LinesIncomplete, Severity::Ask, LINES, message).at(&spans)
    }

    /// The cells of a row by the columns of an item's row `number`; only those that read as their column's values do.
    fn cells(&self, row: usize, number: usize) -> Vec<(usize, Run)> {
        let mut anchors: Vec<Anchor> = (0..self.map.columns.len())
            .filter(|at| self.map.columns[*at].row == number)
            .filter_map(|at| self.anchor(row, at))
            .collect();
        // A word is of the column whose edge it is nearest to; two columns of one role never share it, numbers of an article may.
        anchors.sort_by(|a, b| a.word.cmp(&b.word).then(a.off.total_cmp(&b.off)));
        anchors.dedup_by(|later, kept| {
            let both_text = !self.map.columns[later.column].role.is_figure() && !self.map.columns[kept.column].role.is_figure();
            later.word == kept.word && !(both_text && later.off == kept.off)
        });
        let cells = anchors.iter().enumerate().filter_map(|(at, anchor)| {
            let after_last =
                anchors[..at].iter().map(|other| other.word + 1).filter(|word| *word <= anchor.word).max().unwrap_or(0);
            let before_next = anchors[at + 1..].iter().map(|other| other.word).find(|word| *word > anchor.word);
            let limits = after_last..before_next.unwrap_or(self.rows.list[row].words.len());
            self.cell(row, anchor, limits).map(|run| (anchor.column, run))
        });
        cells.collect()
    }

    /// The word at a column's edge.
    fn anchor(&self, row: usize, column: usize) -> Option<Anchor> {
        let edges = self.map.columns[column].edges;
        let mut best: Option<Anchor> = None;
        let mut offer = |word: usize, side: Side, off: f32| {
            if off < EDGE && best.as_ref().is_none_or(|known| off < known.off) {
                best = Some(Anchor { column, word, side, off });
            }
        };
        let words = &self.rows.list[row].words;
        for (at, word) in words.iter().enumerate() {
            if let Some(left) = edges.left {
                offer(at, Side::Left, (word.bbox[0] - self.moved(left, Side::Left)).abs());
            }
            if let Some(right) = edges.right {
                offer(at, Side::Right, (word.bbox[2] - self.moved(right, Side::Right)).abs());
            }
        }
        // Values of one width have all edges in common: whether they were centred shows only now.
        if let Some(centre) = edges.centre.filter(|_| best.is_none()) {
            let middle = |run: &Run| ((self.rows.x0(*run) + self.rows.x1(*run)) / 2.0 - centre).abs();
            let near =
                self.rows.runs(row).into_iter().min_by(|a, b| middle(a).total_cmp(&middle(b))).filter(|run| middle(run) < EDGE);
            best = near.map(|run| Anchor { column, word: run.from, side: Side::Left, off: middle(&run) });
        }
        best
    }

    /// Where an edge has gone with its column's heading.
    fn moved(&self, x: f32, side: Side) -> f32 {
        let distance = |word: &HeadWord| match side {
            Side::Left => (word.x0 - x).abs(),
            Side::Right => (word.x1 - x).abs(),
        };
        let nearest = self.shifts.iter().min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0)));
        nearest.map_or(x, |(_, left, right)| match side {
            Side::Left => x + left,
            Side::Right => x + right,
        })
    }

    /// The cell at an anchor, within what the neighbouring columns leave it.
    fn cell(&self, row: usize, anchor: &Anchor, limits: std::ops::Range<usize>) -> Option<Run> {
        let column = &self.map.columns[anchor.column];
        let whole = self.rows.run_at(row, anchor.word);
        let (from, to) = (whole.from.max(limits.start), whole.to.min(limits.end));
        let run = |length: usize| match anchor.side {
            Side::Left => (anchor.word + length <= to).then_some(Run { row, from: anchor.word, to: anchor.word + length }),
            Side::Right => {
                (anchor.word + 1 >= from + length).then(|| Run { row, from: anchor.word + 1 - length, to: anchor.word + 1 })
            }
        };
        let most = match anchor.side {
            Side::Left => to.saturating_sub(anchor.word),
            Side::Right => (anchor.word + 1).saturating_sub(from),
        };
        if column.role.is_figure() {
            let longest = most.min(column.words + 1);
            return (1..=longest).rev().filter_map(run).find(|run| self.is_value(column, *run));
        }
        let length = if column.fills_cell || column.role == Role::Description { most } else { column.words };
        run(length).filter(|run| self.is_value(column, *run))
    }

    fn is_value(&self, column: &Column, run: Run) -> bool {
        let text = self.rows.text(run);
        match column.role {
            Role::Quantity | Role::Price | Role::Basis | Role::Discount | Role::Amount => figure(&text).is_some_and(|amount| {
                let bare = amount.before.is_empty() && amount.after.is_empty();
                let is_mixed = column.is_mixed && map::belongs(&amount.before) && map::belongs(&amount.after);
                (bare || is_mixed) && self.custom.number(&amount).is_some()
            }),
            Role::Date => whole_date(&text, self.received).is_some(),
            Role::LineNo | Role::BuyerPart | Role::SupplierPart | Role::ManufacturerPart | Role::Gtin => {
                inner(column, &text).is_some_and(|value| value.chars().any(char::is_alphanumeric))
            }
            Role::Unit => text.chars().any(char::is_alphabetic) && figure(&text).is_none(),
            Role::Description => text.chars().any(char::is_alphabetic),
        }
    }

    /// An item as a line of the draft; every word of its rows that no column takes is asked about, unless its like was confirmed.
    fn line(&self, item: &Item, index: usize, constant: &dyn Fn(&str) -> Field<String>, findings: &mut Vec<Finding>) -> DraftLine {
        let mut line = DraftLine::default();
        let mut taken: Vec<Run> = item.cells.iter().map(|(_, run)| *run).collect();
        for role in self.map.columns.iter().map(|column| column.role).collect::<std::collections::BTreeSet<_>>() {
            let runs = item.cells.iter().filter(|(column, _)| self.map.columns[*column].role == role);
            let cells: Vec<(&Column, Run)> = runs.map(|(column, run)| (&self.map.columns[*column], *run)).collect();
            let texts: Vec<String> = cells.iter().filter_map(|(column, run)| inner(column, &self.rows.text(*run))).collect();
            let wanted = self.map.columns.iter().filter(|column| column.role == role);
            if wanted.clone().any(|column| column.always) && cells.is_empty() || texts.windows(2).any(|pair| pair[0] != pair[1]) {
                let message = format!("The {} of this line does not stand where it was confirmed.", role.name().replace('_', " "));
                findings.push(Finding::new(
                    Code::AmbiguousColumns,
                    Severity::Ask,
                    format!("{LINES}/{index}/{}", role.name()),
                    message,
                ));
                continue;
            }
            if let Some((column, run)) = cells.first() {
                self.put(&mut line, column, *run);
            }
        }
        self.more_text(item, &mut line, &mut taken);
        self.beside(item, &mut line, constant);
        for row in item.first..=item.last {
            for run in map::left_over(self.rows, row, &taken).into_iter().filter(|run| !self.is_known(*run)) {
                let message = format!("`{}` stands in a line where the confirmed layout has nothing.", self.rows.text(run));
                let spans = self.rows.origin(run).map(|origin| origin.spans().to_vec()).unwrap_or_default();
                findings.push(Finding::new(Code::AmbiguousColumns, Severity::Ask, format!("{LINES}/{index}"), message).at(&spans));
            }
        }
        line
    }

    fn put(&self, line: &mut DraftLine, column: &Column, run: Run) {
        let text = self.rows.text(run);
        let words = || self.found(run, inner(column, &text));
        let number = || {
            let value = figure(&text).and_then(|amount| self.custom.number(&amount));
            self.found(run, value)
        };
        match column.role {
            Role::LineNo => line.line_no = words(),
            Role::BuyerPart => line.buyer_part = words(),
            Role::SupplierPart => line.supplier_part = words(),
            Role::ManufacturerPart => line.manufacturer_part = words(),
            Role::Gtin => line.gtin = words(),
            Role::Description => line.description = words(),
            Role::Quantity => line.quantity = number(),
            Role::Unit => line.uom = words(),
            Role::Price => line.unit_price = number(),
            Role::Basis => line.price_basis = number(),
            Role::Discount => line.discount_percent = number(),
            Role::Amount => line.line_total = number(),
            Role::Date => {
                let date = whole_date(&text, self.received).and_then(|printed| self.custom.date(&printed));
                line.requested_date = self.found(run, date);
            }
        }
    }

    fn found<T>(&self, run: Run, value: Option<T>) -> Reading<T> {
        let spans = || self.rows.origin(run).map(|origin| origin.spans().to_vec()).unwrap_or_default();
        match (value, self.rows.origin(run)) {
            (Some(value), Some(origin)) => Reading::Found(Field::new(value, self.rows.text(run), CONFIRMED, origin)),
            (Some(_) | None, _) => Reading::Unreadable { raw: self.rows.text(run), spans: spans() },
        }
    }

    /// Further rows of the description are part of it.
    fn more_text(&self, item: &Item, line: &mut DraftLine, taken: &mut Vec<Run>) {
        let Some(left) = self.map.columns.iter().find(|column| column.role == Role::Description).and_then(|c| c.edges.left) else {
            return;
        };
        for row in item.first + 1..=item.last {
            for run in map::left_over(self.rows, row, taken) {
                let begins = (self.rows.x0(run) - self.moved(left, Side::Left)).abs() < EDGE;
                let is_text = self.rows.words(run).iter().all(|word| !is_money(&word.text));
                if let Reading::Found(field) = &mut line.description
                    && begins
                    && is_text
                {
                    let text = self.rows.text(run);
                    field.value = format!("{} {text}", field.value);
                    field.raw = format!("{} {text}", field.raw);
                    taken.push(run);
                }
            }
        }
    }

    /// The unit and the price base, where they have no column of their own.
    fn beside(&self, item: &Item, line: &mut DraftLine, constant: &dyn Fn(&str) -> Field<String>) {
        let cell_of =
            |role: Role| item.cells.iter().find(|(column, _)| self.map.columns[*column].role == role).map(|(_, run)| *run);
        match &self.map.unit {
            Beside::Column => {}
            Beside::Figure => {
                if let Some(run) = cell_of(Role::Quantity)
                    && let Some(amount) = figure(&self.rows.text(run))
                {
                    let unit = if amount.after.is_empty() { amount.before } else { amount.after };
                    line.uom = self.found(run, Some(unit).filter(|unit| !unit.is_empty()));
                }
            }
            Beside::Constant(unit) => line.uom = Reading::Found(constant(unit)),
        }
        match &self.map.basis {
            Beside::Column => {}
            Beside::Figure => {
                if let Some(run) = cell_of(Role::Price)
                    && let Some(basis) = map::basis_beside(&self.rows.text(run))
                {
                    line.price_basis = self.found(run, Some(basis));
                }
            }
            Beside::Constant(basis) => {
                let field = constant(basis);
                line.price_basis =
                    field.value.parse::<Decimal>().map_or(Reading::Absent, |value| Reading::Found(field.map(|_| value)));
            }
        }
    }

    /// Whether the like of it stood in a confirmed line, or it is more of a text.
    fn is_known(&self, run: Run) -> bool {
        let is_figure = figure(&self.rows.text(run)).is_some();
        let (x0, x1) = (self.rows.x0(run), self.rows.x1(run));
        let near = |a: f32, b: f32| (a - b).abs() < EDGE;
        let is_like = |other: &map::Other| {
            other.is_figure == is_figure
                && (near(x0, self.moved(other.left, Side::Left)) || near(x1, self.moved(other.right, Side::Right)))
        };
        self.map.others.iter().any(is_like) || map::continues(self.rows, run.row, self.map)
    }
}

/// A word that has a column's edge.
struct Anchor {
    column: usize,
    word: usize,
    side: Side,
    /// Points from the edge.
    off: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The value within its words: without what is printed around each value of the column.
fn inner(column: &Column, text: &str) -> Option<String> {
    let value = text.strip_prefix(column.before.as_str())?.strip_suffix(column.after.as_str())?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}
