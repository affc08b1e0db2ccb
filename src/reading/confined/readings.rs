//! What an OCR program read of the pieces of a scan: words, mended and with places on the page; what it is unsure of is read again.

use super::ocr::split;
use crate::reading::document::scan::Piece;
use crate::reading::document::{Visibility, Word};

/// Words closer than this are one, in heights of a letter; and those that a comma or a dash joins, closer than that.
const NO_GAP: f32 = 0.12;
const CUT_GAP: f32 = 0.75;
/// Height of capitals and figures in ems, and of a word's box above and below its baseline: as for printed words.
const CAPITALS: f32 = 0.72;
const ASCENT: f32 = 0.93;
const DESCENT: f32 = 0.24;

/// A piece with a word below this confidence is read again in other ways.
const UNSURE: f32 = 75.0;

/// Readings of the pieces of one scan, one a piece.
pub(super) struct Readings<'s> {
    pieces: &'s [Piece],
    lines: Vec<Vec<Read>>,
}

/// Variants of the pieces that were not read surely: `of[n]` is the piece that `pieces[n]` shows.
pub(super) struct Again {
    pub(super) pieces: Vec<Piece>,
    of: Vec<usize>,
}

impl Again {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl<'s> Readings<'s> {
    pub(super) fn of(pieces: &'s [Piece]) -> Self {
        Self { pieces, lines: vec![Vec::new(); pieces.len()] }
    }

    /// Takes the program's table (TSV) for a file in which each page is a piece.
    pub(super) fn take(&mut self, table: &str) {
        self.lines = lines(table, self.pieces);
    }

    /// What to read again. Nothing where most of the page is not certain: then it is no matter of single pieces.
    pub(super) fn doubtful(&self) -> Again {
        let unsure: Vec<usize> = (0..self.lines.len()).filter(|index| certainty(&self.lines[*index]) < UNSURE).collect();
        let mut again = Again { pieces: Vec::new(), of: Vec::new() };
        if unsure.len() * 3 > self.lines.len() {
            return again;
        }
        for index in unsure {
            for variant in self.pieces[index].variants() {
                again.pieces.push(variant);
                again.of.push(index);
            }
        }
        again
    }

    /// Takes the table for the variants: of each piece the most certain reading counts.
    pub(super) fn take_again(&mut self, again: &Again, table: &str) {
        for (line, index) in lines(table, &again.pieces).into_iter().zip(&again.of) {
            if certainty(&line) > certainty(&self.lines[*index]) {
                self.lines[*index] = line;
            }
        }
    }

    pub(super) fn words(&self, points: f32) -> Vec<Word> {
        let of_piece = |(index, line): (usize, &Vec<Read>)| -> Vec<Word> {
            line.iter().filter(|read| !read.is_noise()).flat_map(|read| read.words(&self.pieces[index], points)).collect()
        };
        self.lines.iter().enumerate().flat_map(of_piece).collect()
    }
}

/// How sure the least sure word of a line is; 0 where nothing was read.
fn certainty(line: &[Read]) -> f32 {
    line.iter().map(|read| read.confidence).reduce(f32::min).unwrap_or(0.0)
}

fn lines(table: &str, pieces: &[Piece]) -> Vec<Vec<Read>> {
    let mut found: Vec<Vec<Read>> = vec![Vec::new(); pieces.len()];
    for row in table.lines() {
        let Some((page, mut read)) = Read::of(row) else { continue };
        let Some(index) = page.checked_sub(1).filter(|index| *index < pieces.len()) else { continue };
        let piece = &pieces[index];
        (read.left, read.right) = (piece.left + read.left / piece.scale, piece.left + read.right / piece.scale);
        match found[index].last_mut() {
            Some(before) if before.goes_on_with(&read, piece) => before.join(read),
            _other => found[index].push(read),
        }
    }
    found
}

/// A word as the program reports it, places in pixels of the page.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    text: String,
    left: f32,
    right: f32,
    confidence: f32,
}

impl Read {
    /// The page's number, from 1, and the word, still in pixels of the piece; `None` for rows that are no words.
    fn of(row: &str) -> Option<(usize, Self)> {
        let cells: Vec<&str> = row.split('\t').collect();
        let ["5", page, _, _, _, _, left, _, width, _, confidence, text @ ..] = cells.as_slice() else { return None };
        let number = |cell: &str| cell.parse::<f32>().ok().filter(|value| value.is_finite());
        let (left, width, confidence) = (number(left)?, number(width)?, number(confidence)?);
        // A low quotation mark is how a comma in a figure comes out.
        let text = text.join(" ").replace('\u{201A}', ",");
        // What is left of a ruling stands at an edge.
        let text = text.trim().trim_matches(['|', '_']).trim().to_owned();
        let read = Self { text, left, right: left + width, confidence };
        (!read.text.is_empty() && confidence >= 0.0).then_some(()).and_then(|()| Some((page.parse().ok()?, read)))
    }

    /// Whether the program cut one word in two: at a comma in a figure, at a dash in a number, or where there is no gap.
    fn goes_on_with(&self, next: &Self, piece: &Piece) -> bool {
        let gap = (next.left - self.right) / piece.letter_height.max(1.0);
        let (mut end, mut start) = (self.text.chars().rev(), next.text.chars());
        let (last, before) = (end.next().unwrap_or(' '), end.next().unwrap_or(' '));
        let (first, second) = (start.next().unwrap_or(' '), start.next().unwrap_or(' '));
        let comma = |c: char| matches!(c, '.' | ',');
        let in_figure = (comma(last) && before.is_ascii_digit() && first.is_ascii_digit())
            || (last.is_ascii_digit() && comma(first) && second.is_ascii_digit());
        let in_number = (last == '-' && before.is_alphanumeric() && first.is_ascii_digit())
            || (last.is_alphanumeric() && first == '-' && second.is_ascii_digit());
        gap < NO_GAP || ((in_figure || in_number) && gap < CUT_GAP)
    }

    fn join(&mut self, next: Self) {
        self.text.push_str(&next.text);
        self.right = next.right;
        self.confidence = self.confidence.min(next.confidence);
    }

    /// Specks and remains of rulings come as strokes; a colon or a slash on its own is print.
    fn is_noise(&self) -> bool {
        let strokes = |c: char| matches!(c, '|' | '_' | '~' | '`' | '\'' | '—' | '[' | ']' | '{' | '}');
        !self.text.chars().any(char::is_alphanumeric) && (self.confidence < 60.0 || self.text.chars().all(strokes))
    }

    fn words(&self, piece: &Piece, points: f32) -> Vec<Word> {
        let em = piece.letter_height / CAPITALS;
        let bbox = [
            self.left * points,
            (piece.baseline - ASCENT * em) * points,
            self.right * points,
            (piece.baseline + DESCENT * em) * points,
        ];
        let word = |(text, bbox)| Word {
            text,
            bbox,
            size: em * points,
            bold: false,
            visibility: Visibility::Visible,
            ocr_confidence: Some(self.confidence.clamp(0.0, 100.0) as u8),
            span: None,
        };
        split(&self.text, bbox).into_iter().map(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(left: f32) -> Piece {
        Piece { pixels: vec![255; 400], width: 20, left, scale: 1.0, baseline: 100.0, letter_height: 20.0 }
    }

    /// A row of the table: page, left, width, confidence, text.
    fn row((page, left, width, confidence, text): (u32, u32, u32, f32, &str)) -> String {
        format!("5\t{page}\t1\t1\t1\t1\t{left}\t4\t{width}\t20\t{confidence}\t{text}")
    }

    #[test]
    fn words_that_were_cut_in_two_are_one() {
        // Two readings, the gap between them in pixels (letters are 20 high), what becomes of them.
        let table = [
            ("330,", "34", 12, "330,34"),
            ("1.221", ",00", 10, "1.221,00"),
            ("NW-", "4105", 12, "NW-4105"),
            ("A659", "-60B", 12, "A659-60B"),
            ("24", "612,50", 8, "24 612,50"),
            ("No,", "the", 8, "No, the"),
            ("12", "EA", 14, "12 EA"),
            ("Sup", "ply", 1, "Supply"),
            ("|330", "_", 8, "330"),
        ];
        for (left, right, gap, whole) in table {
            let rows = [(1, 0, 50, 90.0, left), (1, 50 + gap, 40, 70.0, right)].map(row).join("\n");
            let pieces = [piece(300.0)];
            let mut readings = Readings::of(&pieces);
            readings.take(&rows);
            let words = readings.words(0.5);
            assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "), whole);
            assert_eq!(words[0].bbox[0], 150.0);
            if words.len() == 1 && right != "_" {
                assert_eq!((words[0].ocr_confidence, words[0].bbox[2]), (Some(70), 195.0 + gap as f32 * 0.5));
            }
        }
    }

    #[test]
    fn what_is_unsure_is_read_again_and_the_surest_counts() {
        let pieces: Vec<Piece> = (0..4).map(|index| piece(100.0 * index as f32)).collect();
        let mut readings = Readings::of(&pieces);
        readings.take(
            &[(1, 5, 30, 96.0, "10"), (2, 5, 30, 40.0, "a"), (3, 5, 30, 95.0, "EA"), (4, 5, 9, 91.0, "x")].map(row).join("\n"),
        );
        let again = readings.doubtful();
        assert_eq!((again.pieces.len(), again.of.as_slice()), (3, [1, 1, 1].as_slice()));
        readings.take_again(&again, &[(1, 9, 9, 30.0, "l"), (2, 9, 9, 93.0, "1"), (3, 9, 9, 80.0, "7")].map(row).join("\n"));
        let words: Vec<(String, Option<u8>)> =
            readings.words(1.0).into_iter().map(|word| (word.text, word.ocr_confidence)).collect();
        assert_eq!(words[1], ("1".into(), Some(93)));
        // A page of which nothing is sure is not read piece by piece.
        readings.take(&row((1, 5, 30, 20.0, "?")));
        assert!(readings.doubtful().is_empty());
    }
}
