//! One cell of an item table: which figure it is, if it is one. What its column holds is asked in `contents`.

use super::lines::Line;
use crate::reading::document::Word;
use crate::reading::extraction::numbers::{self, Amount};

/// Words of one row in one column.
#[derive(Debug, Clone)]
pub(crate) struct Cell<'a> {
    pub words: Vec<&'a Word>,
    pub text: String,
    pub page: usize,
}

impl<'a> Cell<'a> {
    pub(crate) fn of(words: Vec<&'a Word>, page: usize) -> Self {
        let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        Self { words, text, page }
    }
}

/// Cells of one row, one place a column.
pub(crate) type Row<'a> = Vec<Option<Cell<'a>>>;

/// `10`, `0010`, `1.1`, `1)`: no longer than a line number gets.
pub(crate) fn is_line_number(text: &str) -> bool {
    let bare = text.trim().trim_end_matches(['.', ')', ':', '/']);
    !bare.is_empty()
        && bare.len() <= 7
        && bare.split(['.', '-', '/']).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// A cell that is a figure, with at most a unit, currency or base beside it.
pub(crate) fn figure(text: &str) -> Option<Amount> {
    let amount = numbers::amount(text)?;
    let short = |t: &str| t.len() <= 14 && t.split_whitespace().count() <= 3;
    let lower = amount.after.to_lowercase();
    let names_base = ["/", "per", "je", "pro", "for", "par", "por", "les", "%"].iter().any(|w| lower.starts_with(w));
    let plain_after = names_base || !has_letters_and_digits(&amount.after);
    (short(&amount.before) && short(&amount.after) && plain_after && !has_letters_and_digits(&amount.before)).then_some(amount)
}

/// A quantity: a figure with at most its unit.
pub(crate) fn quantity_figure(text: &str) -> Option<Amount> {
    let amount = figure(text)?;
    let is_unit = |t: &str| {
        t.is_empty() || crate::model::Unit::parse(t).is_some() || (!t.bytes().any(|b| b.is_ascii_digit()) && t.len() <= 12)
    };
    (is_unit(&amount.after) && is_unit(&amount.before) && !amount.percent).then_some(amount)
}

fn has_letters_and_digits(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.chars().any(char::is_alphabetic)
}

/// Cells of a line that are figures.
pub(crate) fn figures_in(line: &Line<'_>) -> usize {
    line.segments.iter().flat_map(|s| &s.words).filter(|w| numbers::parse(&w.text).is_some()).count()
}
