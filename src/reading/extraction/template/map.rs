//! The map of an order's lines: which column holds what, in which row of an item, and what else may stand there. Teaching and reading
//! share it, and with it what belongs to a table at all.

use super::rows::{Rows, Run, has_digit, is_money, plain};
use crate::model::Unit;
use crate::reading::extraction::layout::figure;
use crate::reading::extraction::numbers::is_currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How far values of one column may differ in their common edge, points.
pub(super) const EDGE: f32 = 1.6;
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
    pub(super) const ALL: [Self; 13] = [
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
    pub(super) fn is_number_of_item(self) -> bool {
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
    pub(super) fn is_essential(self) -> bool {
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
    pub(super) fn of(rows: &Rows<'_>, row: usize) -> Self {
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

pub(super) fn head_words(rows: &Rows<'_>, row: usize, number: usize) -> Vec<HeadWord> {
    let words = rows.list[row].words.iter();
    words
        .map(|word| HeadWord { row: number, text: plain(&word.text), x0: word.bbox[0], x1: word.bbox[2] })
        .filter(|word| !word.text.is_empty())
        .collect()
}

/// A unit, a currency or a price base: what may stand in a figure's cell.
pub(super) fn belongs(text: &str) -> bool {
    text.is_empty() || Unit::parse(text).is_some() || is_currency(text) || basis_in(text).is_some()
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
