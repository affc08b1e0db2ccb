//! A document as the model gets it: its visible rows as one text, or as several windows where the answer would be too long.
//!
//! A window holds the head of the document, a block of its rows, and some rows of the blocks beside it, so that an item which takes
//! several rows is whole in one of them. What two windows both read is the same line when it stands in the same place.

use crate::reading::document::Document;
use crate::reading::extraction::ground_text::Rows;
use std::ops::Range;

use super::error::LlmError;
use super::instructions::is_unseen;
use super::prompt::marker;
use super::settings::LlmSettings;

/// Tokens that an answer without lines takes, and each line besides: measured on the schema of v2.
const ANSWER_TOKENS: usize = 700;
const LINE_TOKENS: usize = 170;
/// Characters a token at the least, for sums made before the server counts.
pub(super) const CHARS_PER_TOKEN: usize = 3;
/// Long answers wander: more rows with figures than this are never asked for at once.
const MOST_LINES: usize = 40;
/// Rows of the neighbouring windows that a window sees too.
const OVERLAP: usize = 2;
/// Rows of the document's head that every window repeats: from its top, and from above the lines (the table's own head).
const HEAD_TOP: usize = 25;
const HEAD_END: usize = 10;
/// Stands for rows left out.
const GAP: &str = "...";

/// One question's part of the document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// Rows of the document that are asked about; lines are accepted from nowhere else.
    pub rows: Range<usize>,
    /// Rows among them that may be lines.
    lines: Vec<usize>,
    pub text: String,
    pub marker: String,
    pub max_tokens: u32,
}

/// The rows of one document and what limits a question about them.
#[derive(Debug)]
pub(super) struct Windows {
    rows: Vec<String>,
    /// Rows that may be lines, and where they begin.
    candidates: Vec<usize>,
    start: usize,
    most_tokens: usize,
    /// Tokens for document and answer together; 0: not known.
    room: usize,
}

impl Windows {
    /// `prompt_chars` is what each question says besides the document.
    ///
    /// # Errors
    /// `NoText`, and `TooLong` over `max_input_chars`.
    pub fn of(document: &Document, settings: &LlmSettings, prompt_chars: usize) -> Result<Self, LlmError> {
        let rows = Rows::of(document);
        let shown = |row: usize| rows.laid_out(row).chars().filter(|c| !is_unseen(*c)).collect::<String>();
        let rows: Vec<String> = (0..rows.rows().len()).map(shown).collect();
        let length: usize = rows.iter().map(|row| row.chars().count() + 1).sum();
        if length == 0 {
            return Err(LlmError::NoText);
        }
        if length > settings.max_input_chars {
            let what = format!("{length} characters, max_input_chars is {}", settings.max_input_chars);
            return Err(LlmError::TooLong { what });
        }
        let tokens = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        let room = tokens(settings.context_tokens).saturating_sub(prompt_chars / CHARS_PER_TOKEN);
        if settings.context_tokens > 0 && room < ANSWER_TOKENS + LINE_TOKENS {
            let what = format!("the prompt alone fills context_tokens, which is {}", settings.context_tokens);
            return Err(LlmError::TooLong { what });
        }
        let (candidates, start) = lines_of(&rows);
        Ok(Self { rows, candidates, start, most_tokens: tokens(settings.max_output_tokens), room })
    }

    /// The whole document as one window, where its answer fits; else as few as fit. `known` is how many lines other readers saw.
    pub fn all(&self, known: usize) -> Vec<Window> {
        let whole = self.window(0..self.rows.len(), self.candidates.clone(), known);
        if self.fits(&whole, known) {
            return vec![whole];
        }
        let mut windows = Vec::new();
        let mut rest = self.candidates.as_slice();
        while !rest.is_empty() {
            let fit = (1..=rest.len().min(MOST_LINES)).rev().find(|count| self.fits(&self.block(rest, *count), 0)).unwrap_or(1);
            windows.push(self.block(rest, fit));
            rest = &rest[fit..];
        }
        windows
    }

    /// Whether a cut off answer to it can be a long one, and not one without end.
    pub fn is_long(window: &Window) -> bool {
        const FEWEST: usize = 8;
        window.lines.len() >= FEWEST
    }

    /// Two windows in the place of one that was too much for the model after all. `None` where it cannot be divided.
    pub fn halves(&self, window: &Window) -> Option<[Window; 2]> {
        let (first, second) = window.lines.split_at(window.lines.len() / 2);
        let at = *second.first().filter(|_| !first.is_empty())?;
        // The first keeps what stands before the lines, the second what stands behind them.
        let upper = window.rows.start..(at + OVERLAP).min(window.rows.end);
        let lower = at.saturating_sub(OVERLAP).max(window.rows.start)..window.rows.end;
        (upper != window.rows && lower != window.rows)
            .then(|| [self.window(upper, first.to_vec(), 0), self.window(lower, second.to_vec(), 0)])
    }

    /// The first `count` candidates of `rest` with their rows, up to the candidate after them.
    fn block(&self, rest: &[usize], count: usize) -> Window {
        let (lines, after) = rest.split_at(count.min(rest.len()));
        let is_first = rest.len() == self.candidates.len();
        let start = lines.first().filter(|_| !is_first).map_or(0, |row| row.saturating_sub(OVERLAP));
        let end = after.first().map_or(self.rows.len(), |row| (row + OVERLAP).min(self.rows.len()));
        self.window(start..end, lines.to_vec(), 0)
    }

    fn fits(&self, window: &Window, known: usize) -> bool {
        let lines = window.lines.len().max(known);
        let answer = ANSWER_TOKENS + lines * LINE_TOKENS;
        let asked = window.text.chars().count() / CHARS_PER_TOKEN;
        lines <= MOST_LINES && answer <= self.most_tokens && (self.room == 0 || asked + answer <= self.room)
    }

    fn window(&self, rows: Range<usize>, lines: Vec<usize>, known: usize) -> Window {
        let head = 0..self.start.min(rows.start);
        let shown = |rows: Range<usize>| self.rows.get(rows).unwrap_or_default().join("\n");
        let mut parts = Vec::new();
        if head.len() > HEAD_TOP + HEAD_END {
            parts.extend([shown(0..HEAD_TOP), GAP.to_owned(), shown(head.end - HEAD_END..head.end)]);
        } else if !head.is_empty() {
            parts.push(shown(head.clone()));
        }
        if head.end < rows.start {
            parts.push(GAP.to_owned());
        }
        parts.push(shown(rows.clone()));
        if rows.end < self.rows.len() {
            parts.push(GAP.to_owned());
        }
        let text = parts.join("\n");
        let wanted = ANSWER_TOKENS + LINE_TOKENS * lines.len().max(known);
        let left = if self.room == 0 { usize::MAX } else { self.room.saturating_sub(text.chars().count() / CHARS_PER_TOKEN) };
        let max_tokens = u32::try_from(wanted.min(self.most_tokens).min(left)).unwrap_or(u32::MAX);
        Window { rows, lines, marker: marker(&text), text, max_tokens }
    }
}

/// Words of a row that hold a digit.
fn figures(row: &str) -> usize {
    row.split_whitespace().filter(|word| word.contains(|c: char| c.is_ascii_digit())).count()
}

/// Rows that may be order lines, and the row at which the longest run of them begins.
fn lines_of(rows: &[String]) -> (Vec<usize>, usize) {
    /// Rows without figures that an item may have between two rows with some.
    const WITHIN: usize = 4;
    let candidates: Vec<usize> = (0..rows.len()).filter(|row| figures(&rows[*row]) >= 2).collect();
    let runs = candidates.chunk_by(|a, b| b - a <= WITHIN);
    // Of runs of one length the first.
    let longest = runs.max_by_key(|run| (run.len(), std::cmp::Reverse(run[0]))).unwrap_or_default();
    let mut counts: Vec<usize> = longest.iter().map(|row| figures(&rows[*row])).collect();
    counts.sort_unstable();
    // The address above the table has figures too, but fewer than a line has.
    let usual = counts.get(counts.len() / 2).copied().unwrap_or_default();
    let start = longest.iter().find(|row| figures(&rows[**row]) >= usual).copied().unwrap_or_default();
    (candidates, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head, a table of `lines` two-row items, a total.
    fn windows(lines: usize, most_tokens: usize, room: usize) -> Windows {
        let mut rows: Vec<String> =
            ["Order 1", "Street 5, 70565 Stuttgart", "Tel 0711 555", "", "Pos Item Qty"].map(String::from).to_vec();
        for n in 1..=lines {
            rows.extend([format!("{n} K-{n} {}", 10 * n), "in a box".to_owned()]);
        }
        rows.push("Total 5 6".into());
        let (candidates, start) = lines_of(&rows);
        Windows { rows, candidates, start, most_tokens, room }
    }

    #[test]
    fn a_short_document_is_one_window_with_room_for_its_answer() {
        let all = windows(3, 8_000, 0).all(0);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].max_tokens as usize, ANSWER_TOKENS + LINE_TOKENS * 6, "three lines, two rows of address, one total");
        assert!(all[0].text.starts_with("Order 1\n") && all[0].text.ends_with("Total 5 6") && !all[0].text.contains(GAP));
        assert_eq!(windows(3, 8_000, 0).all(30)[0].max_tokens as usize, ANSWER_TOKENS + LINE_TOKENS * 30, "others saw more");
    }

    #[test]
    fn windows_cover_every_row_and_repeat_the_head() {
        for (lines, most, room) in [(60, 8_000, 0), (200, 8_000, 0), (60, 2_000, 0), (60, 8_000, 3_000), (41, 9_000, 0)] {
            let source = windows(lines, most, room);
            let all = source.all(0);
            assert!(all.len() > 1, "{lines} {most} {room}");
            assert_eq!((all[0].rows.start, all[all.len() - 1].rows.end), (0, source.rows.len()));
            for pair in all.windows(2) {
                assert!(pair[1].rows.start < pair[0].rows.end, "the rows overlap");
                assert!(pair[1].text.starts_with("Order 1\n") && pair[1].text.contains("Pos Item Qty\n...\n"), "{}", pair[1].text);
            }
            for window in &all {
                assert!(window.max_tokens as usize <= most);
                assert!(window.lines.iter().all(|line| window.rows.contains(line)));
            }
            let covered: usize = all.iter().map(|window| window.lines.len()).sum();
            assert_eq!(covered, source.candidates.len());
        }
    }

    #[test]
    fn a_window_that_was_too_much_is_halved_until_it_is_one_line() {
        let source = windows(8, 8_000, 0);
        let mut open = source.all(0);
        let mut smallest = 0;
        while let Some(window) = open.pop() {
            match source.halves(&window) {
                Some([upper, lower]) => {
                    assert_eq!((upper.rows.start, lower.rows.end), (window.rows.start, window.rows.end));
                    assert!(upper.rows.end > lower.rows.start);
                    open.extend([upper, lower]);
                }
                None => smallest += 1,
            }
        }
        assert!(smallest >= 4, "{smallest}");
    }
}
