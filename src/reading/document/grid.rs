//! Text laid out on an invisible grid, so that readers know one geometry for every kind of document.
//!
//! One character is `CELL` points wide and one line `LINE` points high. Words also carry their place in the text.

use super::{Page, Visibility, Word};

/// Width of a character, points.
pub(super) const CELL: f32 = 6.0;
/// Distance of lines, points.
pub(super) const LINE: f32 = 12.0;
/// Height of a word, points.
const HEIGHT: f32 = 10.0;
const MARGIN: f32 = 36.0;
/// Columns between tab stops in plain text.
const TAB: usize = 8;

/// A page of text under construction, together with the text itself.
pub(super) struct Grid {
    /// All lines so far, each with its line feed; pages follow one another in it.
    text: String,
    most_bytes: usize,
    full: bool,
    rows: usize,
    columns: usize,
    words: Vec<Word>,
}

/// A piece of a line: at which column it starts, what it says and how it can be seen.
pub(super) struct Piece<'a> {
    pub(super) column: usize,
    pub(super) text: &'a str,
    pub(super) visibility: Visibility,
    pub(super) bold: bool,
}

impl Grid {
    /// At most `most_bytes` of text are taken.
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { text: String::new(), most_bytes, full: false, rows: 0, columns: 0, words: Vec::new() }
    }

    /// Whether text was refused because there was too much.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Adds a line exactly as it stands, with its own line end if it has one; tabs go to the next tab stop.
    pub(super) fn line(&mut self, line: &str) {
        self.line_with_stops(line, &[]);
    }

    /// As `line`, with the columns that its tabs go to; tabs beyond them go to the next usual stop.
    pub(super) fn line_with_stops(&mut self, line: &str, stops: &[usize]) {
        if self.refuses(line.len()) {
            return;
        }
        let start = self.text.len();
        self.text.push_str(line);
        let mut column = 0;
        let mut from = 0;
        for (at, stop) in line.match_indices('\t').map(|(at, _)| at).zip(stops) {
            self.words_of(&line[from..at], start + from, column, Visibility::Visible, false);
            (column, from) = (*stop, at + 1);
        }
        self.words_of(&line[from..], start + from, column, Visibility::Visible, false);
        self.rows += 1;
    }

    /// Adds a line made of pieces at columns, in ascending order. Hidden pieces become words, but no part of the text.
    pub(super) fn pieces(&mut self, pieces: &[Piece<'_>]) {
        let wide = pieces.iter().map(|piece| piece.column + piece.text.len()).max().unwrap_or(0);
        if self.refuses(wide + 1) {
            return;
        }
        let mut column = 0;
        for piece in pieces {
            if piece.visibility != Visibility::Visible {
                self.words_of(piece.text, usize::MAX, piece.column, piece.visibility, piece.bold);
                continue;
            }
            let padding = piece.column.saturating_sub(column);
            self.text.extend(std::iter::repeat_n(' ', padding));
            let start = self.text.len();
            self.text.push_str(piece.text);
            self.words_of(piece.text, start, piece.column.max(column), piece.visibility, piece.bold);
            column = piece.column.max(column) + piece.text.chars().count();
        }
        self.text.push('\n');
        self.rows += 1;
    }

    /// Ends the page: its words and size. The text goes on.
    pub(super) fn page(&mut self, number: u32) -> Page {
        let width = (self.columns as f32 * CELL + 2.0 * MARGIN).max(200.0);
        let height = (self.rows as f32 * LINE + 2.0 * MARGIN).max(100.0);
        (self.rows, self.columns) = (0, 0);
        Page { number, width, height, words: std::mem::take(&mut self.words), rulings: Vec::new(), images: Vec::new() }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn refuses(&mut self, bytes: usize) -> bool {
        self.full |= self.text.len() + bytes > self.most_bytes;
        self.full
    }

    /// Splits at white space. `start` is the byte offset of `line` in the text, `usize::MAX` where it is not in it.
    fn words_of(&mut self, line: &str, start: usize, first_column: usize, visibility: Visibility, bold: bool) {
        let mut column = first_column;
        let mut open: Option<(usize, usize)> = None;
        for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
            if !c.is_whitespace() {
                open = open.or(Some((at, column)));
                column += 1;
                continue;
            }
            if let Some((from, from_column)) = open.take() {
                let y = MARGIN + self.rows as f32 * LINE;
                let x = |column: usize| MARGIN + column as f32 * CELL;
                self.words.push(Word {
                    text: line[from..at].to_owned(),
                    bbox: [x(from_column), y, x(column), y + HEIGHT],
                    size: HEIGHT,
                    bold,
                    visibility,
                    ocr_confidence: None,
                    span: (start != usize::MAX).then(|| (start + from, start + at)),
                });
            }
            column = if c == '\t' { (column / TAB + 1) * TAB } else { column + 1 };
        }
        self.columns = self.columns.max(column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_place_on_the_page_and_in_the_text() {
        let mut grid = Grid::new(1000);
        grid.line("Größe\t7 Stück\n");
        grid.pieces(&[
            Piece { column: 2, text: "A", visibility: Visibility::Visible, bold: false },
            Piece { column: 10, text: "secret", visibility: Visibility::White, bold: false },
            Piece { column: 20, text: "B C", visibility: Visibility::Visible, bold: true },
        ]);
        let page = grid.page(1);
        let text = grid.into_text();
        for word in &page.words {
            match word.span {
                Some((from, to)) => assert_eq!(&text[from..to], word.text),
                None => assert_eq!(word.text, "secret"),
            }
        }
        assert_eq!(text.lines().nth(1), Some("  A                 B C"));
        assert_eq!(page.words[1].bbox, [MARGIN + 8.0 * CELL, MARGIN, MARGIN + 9.0 * CELL, MARGIN + HEIGHT]);
        assert!(page.height >= MARGIN + 2.0 * LINE);
    }

    #[test]
    fn too_much_text_is_refused_and_said() {
        let mut grid = Grid::new(10);
        grid.line("12345");
        grid.line("1234567890");
        assert!(grid.is_full());
        assert_eq!(grid.page(1).words.len(), 1);
    }
}
