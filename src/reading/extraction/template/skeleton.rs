//! By what a layout is known again: the words that are no values, where they stand, and the page they stand on.
//!
//! Which words are fixed cannot be known from one document: those without digits that no confirmed value is made of are taken for it,
//! and a part of them may be missing in the next.

use super::places::Body;
use super::rows::{Rows, Run, has_digit, plain};
use crate::reading::document::SourceKind;
use serde::{Deserialize, Serialize};

/// How far a phrase may have moved sideways, points.
const SIDEWAYS: f32 = 6.0;
/// The same format, up to rounding.
const PAGE: f32 = 2.0;
/// Phrases that are kept.
const MOST_PHRASES: usize = 60;
/// With fewer no layout is known.
const FEWEST_PHRASES: usize = 3;
/// Percent of the phrases that are found in a document of the same layout, and in one of a layout that has changed.
const SAME: usize = 50;
const CHANGED: usize = 35;

/// How much of a taught layout a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    Same,
    /// Much of it, but not what values hang on.
    Changed,
    Other,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Phrase {
    text: String,
    x0: f32,
}

/// The frame of a layout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Skeleton {
    source: SourceKind,
    /// Of the first page, points; not of sheets and texts, whose pages are as large as what is in them.
    page: Option<[f32; 2]>,
    phrases: Vec<Phrase>,
}

impl Skeleton {
    /// `values` are the places of confirmed values. `None` where there is too little to know the layout by.
    pub(super) fn of(rows: &Rows<'_>, body: &Body, values: &[Run]) -> Option<Self> {
        let mut phrases: Vec<Phrase> = Vec::new();
        for row in (0..rows.list.len()).filter(|row| !body.rows.contains(row) && !rows.list[*row].furniture) {
            for phrase in rows.runs(row).into_iter().filter_map(|run| phrase(rows, run, values)) {
                if !phrases.contains(&phrase) && phrases.len() < MOST_PHRASES {
                    phrases.push(phrase);
                }
            }
        }
        (phrases.len() >= FEWEST_PHRASES).then(|| Self { source: rows.doc.kind, page: page_of(rows), phrases })
    }

    pub(super) fn likeness(&self, rows: &Rows<'_>) -> Likeness {
        if rows.doc.kind != self.source {
            return Likeness::Other;
        }
        let here: Vec<Phrase> =
            (0..rows.list.len()).flat_map(|row| rows.runs(row)).filter_map(|run| phrase(rows, run, &[])).collect();
        let moved = |a: f32, b: f32| rows.is_drawn() && (a - b).abs() > SIDEWAYS;
        let is_here = |wanted: &&Phrase| here.iter().any(|found| found.text == wanted.text && !moved(found.x0, wanted.x0));
        let share = self.phrases.iter().filter(is_here).count() * 100 / self.phrases.len().max(1);
        let same_page = match (self.page, page_of(rows)) {
            (Some(taught), Some(found)) => taught.iter().zip(found).all(|(a, b)| (a - b).abs() < PAGE),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        match share {
            _ if share >= SAME && same_page => Likeness::Same,
            _ if share >= CHANGED => Likeness::Changed,
            _ => Likeness::Other,
        }
    }
}

/// The words of a run up to the first value.
fn phrase(rows: &Rows<'_>, run: Run, values: &[Run]) -> Option<Phrase> {
    let words = rows.words(run);
    let is_value = |at: usize| {
        let word = Run { row: run.row, from: run.from + at, to: run.from + at + 1 };
        has_digit(&words[at].text) || values.iter().any(|value| value.overlaps(word))
    };
    let mut end = (0..words.len()).find(|at| is_value(*at)).unwrap_or(words.len());
    // Behind a colon comes a value, digits or not.
    if let Some(colon) = words[..end].iter().position(|word| word.text.ends_with(':')) {
        end = colon + 1;
    }
    let text = plain(&rows.text(Run { to: run.from + end, ..run }));
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (letters >= 3 && text.len() <= 80).then(|| Phrase { text, x0: rows.x0(run) })
}

fn page_of(rows: &Rows<'_>) -> Option<[f32; 2]> {
    let page = rows.doc.pages.first()?;
    rows.is_drawn().then_some([page.width, page.height])
}
