//! Lines to cells: which words of a line stand in which column of the table. What a line is is asked in `rows`.

use super::boundaries;
use super::cells::{Cell, Row, figure, figures_in, quantity_figure};
use super::columns::{self, Head, Header, Role};
use super::lines::{Line, Sheet};
use super::rows::totals_label;
use crate::reading::document::Word;
use crate::reading::extraction::numbers;
use std::ops::Range;

/// The columns of one header row with the boundaries found for one stretch of lines.
struct Columns {
    /// Index of its first column among the table's.
    offset: usize,
    bounds: Vec<f32>,
    /// Where the figures of a column are ranged.
    ranged: Vec<Ranged>,
}

/// The edge that most figures of a column share.
#[derive(Debug, Clone, Copy)]
enum Ranged {
    Left(f32),
    Right(f32),
    /// Centred, mixed, or too few to say.
    Free,
}

/// The table's columns over one stretch of lines.
pub(crate) struct Grid {
    parts: Vec<Columns>,
    pub heads: Vec<Head>,
}

/// Lines of a stretch that its columns are found from.
const MAX_BODY: usize = 60;
/// How far a figure may stand from the edge that its column is ranged by, in points.
const RANGED_WITHIN: f32 = 2.6;

impl Grid {
    pub(crate) fn of(sheet: &Sheet<'_>, header: &Header, lines: Range<usize>) -> Self {
        let wanted = if columns::have_money(header.heads()) { 2 } else { 1 };
        let mut body = figure_lines(sheet, lines, wanted);
        body.truncate(MAX_BODY);
        let page = sheet.page(header.first);
        let head_line = &sheet.lines[header.first];
        let rulings: Vec<f32> = page
            .rulings
            .iter()
            .map(|r| r.bbox)
            .filter(|b| b[2] - b[0] < 3.0 && b[3] - b[1] > 6.0 && b[1] <= head_line.y1 && b[3] >= head_line.y0)
            .map(|b| (b[0] + b[2]) / 2.0)
            .collect();
        let mut parts = Vec::new();
        let mut offset = 0;
        for heads in &header.rows {
            let bounds = boundaries::boundaries(heads, &body, &rulings);
            let ranged = ranged(&bounds, &body);
            parts.push(Columns { offset, bounds, ranged });
            offset += heads.len();
        }
        Self { parts, heads: header.heads().cloned().collect() }
    }

    pub(crate) fn has_money(&self) -> bool {
        columns::have_money(&self.heads)
    }

    /// An item has two rows with columns of their own.
    pub(crate) fn is_stacked(&self) -> bool {
        self.parts.len() > 1
    }

    /// The line's words by column; a cell ends at its column's edge.
    pub(crate) fn split<'a>(&self, line: &Line<'a>) -> Row<'a> {
        let rows = self.parts.iter().map(|c| self.cells(line, c, false));
        // Of two header rows the one under which more of the line's figures are figures.
        rows.rev().max_by_key(|row| self.figure_count(row)).unwrap_or_default()
    }

    /// The line's words by column; text that runs over its column's edge stays together.
    pub(crate) fn keep<'a>(&self, line: &Line<'a>) -> Row<'a> {
        self.parts.first().map_or_else(Vec::new, |c| self.cells(line, c, true))
    }

    fn cells<'a>(&self, line: &Line<'a>, columns: &Columns, keep_text: bool) -> Row<'a> {
        let mut parts: Vec<Vec<&'a Word>> = vec![Vec::new(); self.heads.len()];
        for segment in &line.segments {
            let mut home: Option<usize> = None;
            for word in &segment.words {
                let mut at = columns.ranged_with(column_of(&columns.bounds, word), word);
                if let Some(previous) = home
                    && at > previous
                    && is_text_column(&self.heads[columns.offset + previous])
                    && self.runs_over(columns, previous, at, word, keep_text)
                {
                    at = previous;
                }
                home = Some(at);
                parts[columns.offset + at].push(word);
            }
        }
        parts.into_iter().map(|words| (!words.is_empty()).then(|| Cell::of(words, line.page))).collect()
    }

    /// Whether a word belongs to the text that began in an earlier column: several words in one segment, and no column begins with it.
    fn runs_over(&self, columns: &Columns, previous: usize, at: usize, word: &Word, keep_text: bool) -> bool {
        if word.text.starts_with(|c: char| c.is_ascii_digit()) {
            return holds_figures(&self.heads[columns.offset + at]) && !columns.ranged[at].fits(word);
        }
        if numbers::is_currency(&word.text) || word.text.starts_with(|c: char| numbers::is_currency(&c.to_string())) {
            return false;
        }
        let edge = columns.bounds.get(at.max(1) - 1).copied().unwrap_or(word.bbox[0]);
        let straddles = word.bbox[0] < edge - 0.5 && at > previous;
        straddles || keep_text
    }

    fn figure_count(&self, row: &Row<'_>) -> usize {
        self.figures(row).iter().flatten().count()
    }

    pub(crate) fn cell<'r, 'a>(&self, row: &'r Row<'a>, role: Role) -> Option<&'r Cell<'a>> {
        self.heads.iter().zip(row).filter(|(head, _)| head.is(role)).find_map(|(_, cell)| cell.as_ref())
    }

    /// Quantity, price and amount of a row, where they are figures.
    pub(crate) fn figures(&self, row: &Row<'_>) -> [Option<numbers::Amount>; 3] {
        let all = |role: Role| self.heads.iter().zip(row).filter(move |(head, _)| head.is(role)).filter_map(|(_, c)| c.as_ref());
        let money = |role| all(role).find_map(|c| figure(&c.text));
        [
            all(Role::Quantity).find_map(|c| quantity_figure(&c.text)),
            money(Role::Price),
            money(Role::Amount).or_else(|| money(Role::GrossAmount)),
        ]
    }
}

/// The lines with at least so many figures that stand alone in their cells; where there are none, with so many among their words.
/// A text like `75 mm x 66 m` is no row of figures.
pub(crate) fn figure_lines<'s, 'a>(sheet: &'s Sheet<'a>, lines: Range<usize>, wanted: usize) -> Vec<&'s Line<'a>> {
    let rows = || lines.clone().map(|i| &sheet.lines[i]).filter(|l| !l.furniture && totals_label(l).is_none());
    let alone = |l: &Line<'_>| l.segments.iter().filter(|s| figure(&s.text).is_some()).count();
    let clear: Vec<&Line<'a>> = rows().filter(|l| alone(l) >= wanted).collect();
    if clear.is_empty() { rows().filter(|l| figures_in(l) >= wanted).collect() } else { clear }
}

impl Columns {
    /// `1000` among many `1` reaches over its column's edge: a figure belongs to the column whose figures end where it ends.
    fn ranged_with(&self, at: usize, word: &Word) -> usize {
        let is_figure = word.text.starts_with(|c: char| c.is_ascii_digit());
        let shares_edge = |column: usize| match self.ranged.get(column) {
            Some(Ranged::Right(x)) => (word.bbox[2] - x).abs() <= RANGED_WITHIN,
            Some(Ranged::Left(_) | Ranged::Free) | None => false,
        };
        if !is_figure || shares_edge(at) || matches!(self.ranged.get(at), Some(Ranged::Left(_))) {
            return at;
        }
        [at + 1, at.wrapping_sub(1)].into_iter().find(|column| shares_edge(*column)).unwrap_or(at)
    }
}

fn column_of(bounds: &[f32], word: &Word) -> usize {
    let middle = (word.bbox[0] + word.bbox[2]) / 2.0;
    bounds.iter().filter(|b| **b < middle).count()
}

impl Ranged {
    fn fits(self, word: &Word) -> bool {
        match self {
            Self::Left(x) => (word.bbox[0] - x).abs() <= RANGED_WITHIN,
            Self::Right(x) => (word.bbox[2] - x).abs() <= RANGED_WITHIN,
            Self::Free => true,
        }
    }
}

/// By which edge the figures of each column are ranged, from those that stand in no text.
fn ranged(bounds: &[f32], body: &[&Line<'_>]) -> Vec<Ranged> {
    let mut edges: Vec<Vec<(f32, f32)>> = vec![Vec::new(); bounds.len() + 1];
    for segment in body.iter().flat_map(|l| &l.segments) {
        let Some(first) = segment.words.iter().find(|w| w.text.starts_with(|c: char| c.is_ascii_digit())) else { continue };
        let at = column_of(bounds, first);
        if segment.words.first().is_some_and(|w| column_of(bounds, w) == at) {
            edges[at].push((first.bbox[0], first.bbox[2]));
        }
    }
    edges.into_iter().map(|e| ranged_by(&e)).collect()
}

fn ranged_by(edges: &[(f32, f32)]) -> Ranged {
    if edges.len() < 2 {
        return Ranged::Free;
    }
    let shared = |pick: fn(&(f32, f32)) -> f32| -> Option<f32> {
        let mut xs: Vec<f32> = edges.iter().map(pick).collect();
        xs.sort_by(f32::total_cmp);
        let middle = xs[xs.len() / 2];
        let near = xs.iter().filter(|x| (**x - middle).abs() <= RANGED_WITHIN).count();
        (near * 10 >= xs.len() * 9).then_some(middle)
    };
    match (shared(|e| e.1), shared(|e| e.0)) {
        (Some(right), _) => Ranged::Right(right),
        (None, Some(left)) => Ranged::Left(left),
        (None, None) => Ranged::Free,
    }
}

/// Columns whose cells are words.
pub(crate) fn is_text_column(head: &Head) -> bool {
    head.roles.is_empty()
        || head.roles.iter().any(|r| {
            matches!(
                r,
                Role::Description
                    | Role::Item
                    | Role::Part
                    | Role::BuyerPart
                    | Role::SupplierPart
                    | Role::ManufacturerPart
                    | Role::LineNo
                    | Role::Ignored
            )
        })
}

/// Columns whose cells are figures, whatever else is in them.
fn holds_figures(head: &Head) -> bool {
    head.roles.iter().any(|r| {
        matches!(
            r,
            Role::Quantity | Role::Price | Role::Basis | Role::Discount | Role::Amount | Role::GrossAmount | Role::TaxAmount
        )
    })
}
