//! The document as rows of words: what anchors and columns are measured on. Nothing here knows what a word means.

use crate::model::Origin;
use crate::reading::document::{Document, SourceKind, Word};
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::layout::lines::{Sheet, fold};

/// A gap wider than this share of the font size ends a run, as it ends a cell for the layout reader.
const CELL_GAP: f32 = 0.85;

/// Words on one baseline, left to right.
pub(super) struct Row<'a> {
    /// Index into the document's pages.
    pub page: usize,
    pub y0: f32,
    pub y1: f32,
    pub words: Vec<&'a Word>,
    /// A header or footer that an earlier page has too.
    pub furniture: bool,
}

/// All rows in reading order.
pub(super) struct Rows<'a> {
    pub doc: &'a Document,
    pub list: Vec<Row<'a>>,
}

/// Some words side by side in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub row: usize,
    pub from: usize,
    /// One behind the last.
    pub to: usize,
}

impl Run {
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.row == other.row && self.from < other.to && other.from < self.to
    }
}

impl<'a> Rows<'a> {
    pub(super) fn of(doc: &'a Document) -> Self {
        let rows = Sheet::of(doc).lines.into_iter().map(|line| {
            let mut words: Vec<&Word> = line.segments.iter().flat_map(|segment| segment.words.iter().copied()).collect();
            words.sort_by(|a, b| a.bbox[0].total_cmp(&b.bbox[0]));
            Row { page: line.page, y0: line.y0, y1: line.y1, words, furniture: line.furniture }
        });
        Self { doc, list: rows.collect() }
    }

    /// Whether places on the page come from a drawing, not from an invisible grid that widens with its longest cell.
    pub(super) fn is_drawn(&self) -> bool {
        self.doc.kind == SourceKind::Pdf
    }

    pub(super) fn whole(&self, row: usize) -> Run {
        Run { row, from: 0, to: self.list[row].words.len() }
    }

    pub(super) fn words(&self, run: Run) -> &[&'a Word] {
        &self.list[run.row].words[run.from..run.to]
    }

    pub(super) fn text(&self, run: Run) -> String {
        self.words(run).iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn x0(&self, run: Run) -> f32 {
        self.words(run).first().map_or(0.0, |word| word.bbox[0])
    }

    pub(super) fn x1(&self, run: Run) -> f32 {
        self.words(run).last().map_or(0.0, |word| word.bbox[2])
    }

    pub(super) fn origin(&self, run: Run) -> Option<Origin> {
        ground_words(&self.doc.pages[self.list[run.row].page], self.words(run).iter().copied())
    }

    /// Whether nothing but a word's space lies between a word and the next one of its row.
    pub(super) fn is_joined(&self, row: usize, word: usize) -> bool {
        let words = &self.list[row].words;
        let (Some(this), Some(next)) = (words.get(word), words.get(word + 1)) else { return false };
        let size = this.size.min(next.size).clamp(4.0, 40.0);
        next.bbox[0] - this.bbox[2] <= CELL_GAP * size
    }

    /// The runs that a row falls into at its wide gaps.
    pub(super) fn runs(&self, row: usize) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut from = 0;
        for word in 0..self.list[row].words.len() {
            if !self.is_joined(row, word) {
                runs.push(Run { row, from, to: word + 1 });
                from = word + 1;
            }
        }
        runs
    }

    /// The run of a row that holds a word.
    pub(super) fn run_at(&self, row: usize, word: usize) -> Run {
        let within = |run: &Run| run.from <= word && word < run.to;
        self.runs(row).into_iter().find(within).unwrap_or(Run { row, from: word, to: word + 1 })
    }

    /// How far below the one before a row stands, in heights of the upper one; `None` across pages.
    pub(super) fn gap_above(&self, row: usize) -> Option<f32> {
        let (above, below) = (self.list.get(row.checked_sub(1)?)?, self.list.get(row)?);
        (above.page == below.page).then(|| (below.y0 - above.y1) / (above.y1 - above.y0).max(1.0))
    }
}

/// Letters and digits of a text, folded, with single spaces: what fixed words are compared by.
pub(super) fn plain(text: &str) -> String {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(super) fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// A figure with two to four decimal places: money, as far as print can show.
pub(super) fn is_money(text: &str) -> bool {
    let places = text.rsplit(['.', ',']).next().map_or(0, |tail| tail.bytes().filter(u8::is_ascii_digit).count());
    text.contains(['.', ',']) && (2..=4).contains(&places) && crate::reading::extraction::numbers::parse(text).is_some()
}
