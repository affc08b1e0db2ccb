//! Grounding in running text: where a quote stands in a document, and where in that quote a value is printed.
//!
//! Beside `ground.rs` the only file that may make `Origin::Document`. Nothing here understands a value; it only finds it. Text that
//! a person cannot see is not searched.

use crate::model::{Origin, Span};
use crate::reading::document::{Document, Page, Visibility, Word};
use crate::reading::extraction::ground::ground_words;
use std::ops::Range;

/// The origin of a value that is put together from these pieces of a text source (byte offsets). `None` for no pieces.
pub fn ground_pieces(pieces: &[(usize, usize)]) -> Option<Origin> {
    let spans: Vec<Span> = pieces.iter().map(|&(start, end)| Span::Text { start, end }).collect();
    (!spans.is_empty()).then_some(Origin::Document(spans))
}

/// A document's visible words, row by row as a person reads them.
pub struct Rows<'a> {
    words: Vec<Placed<'a>>,
    /// The words of each row.
    rows: Vec<Range<usize>>,
    /// Letters and digits of all words, lower case, each with its word.
    letters: Vec<(char, usize)>,
}

struct Placed<'a> {
    page: &'a Page,
    word: &'a Word,
    row: usize,
}

/// What was found: the words, the text as printed, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub words: Range<usize>,
    pub printed: String,
    pub origin: Origin,
}

impl<'a> Rows<'a> {
    pub fn of(document: &'a Document) -> Self {
        let mut rows = Self { words: Vec::new(), rows: Vec::new(), letters: Vec::new() };
        for page in &document.pages {
            for row in rows_of(page) {
                let start = rows.words.len();
                let number = rows.rows.len();
                for word in row {
                    rows.letters.extend(letters(&word.text).map(|c| (c, rows.words.len())));
                    rows.words.push(Placed { page, word, row: number });
                }
                rows.rows.push(start..rows.words.len());
            }
        }
        rows
    }

    /// The words of each row, in reading order.
    pub fn rows(&self) -> &[Range<usize>] {
        &self.rows
    }

    /// The row that a word stands in.
    pub fn row_of(&self, word: usize) -> usize {
        self.words.get(word).map_or(0, |placed| placed.row)
    }

    pub fn page_of(&self, word: usize) -> u32 {
        self.words.get(word).map_or(0, |placed| placed.page.number)
    }

    pub fn word(&self, word: usize) -> Option<&'a Word> {
        self.words.get(word).map(|placed| placed.word)
    }

    /// Words with one space between them.
    pub fn text(&self, words: Range<usize>) -> String {
        self.words[words].iter().map(|placed| placed.word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// A row with wide gaps shown as such, so that columns stay apart.
    pub fn laid_out(&self, row: usize) -> String {
        let mut out = String::new();
        let mut before: Option<&Word> = None;
        for placed in &self.words[self.rows[row].clone()] {
            if let Some(before) = before {
                let gap = placed.word.bbox[0] - before.bbox[2];
                out.push_str(if gap > 1.2 * placed.word.size.max(4.0) { "   " } else { " " });
            }
            out.push_str(&placed.word.text);
            before = Some(placed.word);
        }
        out
    }

    /// Every place where `quote` stands, compared by letters and digits alone; the words that it touches.
    pub fn find_quote(&self, quote: &str) -> Vec<Range<usize>> {
        let wanted: Vec<char> = letters(quote).collect();
        if wanted.is_empty() || wanted.len() > self.letters.len() {
            return Vec::new();
        }
        let starts = self.letters.windows(wanted.len()).filter(|window| window.iter().map(|(c, _)| c).eq(wanted.iter()));
        let mut places: Vec<Range<usize>> = Vec::new();
        for window in starts {
            let place = window[0].1..window[window.len() - 1].1 + 1;
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        places
    }

    /// Every place within `words` where `value` is printed as whole words, or as a whole piece of one (`#4711`, `5pcs`, `12.50€`).
    /// With `letters_only` punctuation inside the value may differ: right for names, wrong for figures.
    pub fn find_value(&self, words: Range<usize>, value: &str, letters_only: bool) -> Vec<Found> {
        let key: fn(&str) -> String = if letters_only { loose_key } else { strict_key };
        let wanted = key(value);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for start in words.clone() {
            let mut joined = String::new();
            for end in start..words.end {
                joined.push_str(&self.words[end].word.text);
                let candidate = key(&joined);
                if candidate == wanted {
                    found.extend(self.ground(start..end + 1, None));
                    break;
                }
                if candidate.chars().count() > wanted.chars().count() + 4 {
                    break;
                }
            }
            let piece = pieces(&self.words[start].word.text).into_iter().find(|piece| key(piece) == wanted);
            if let Some(piece) = piece.filter(|_| key(&self.words[start].word.text) != wanted) {
                found.extend(self.ground(start..start + 1, Some(piece)));
            }
        }
        found
    }

    /// Where all words of `value` stand within `words`, in their order but with others between them: a description that goes on in the
    /// next row of its column. Compared by letters and digits.
    pub fn find_words(&self, words: Range<usize>, value: &str) -> Option<Found> {
        let wanted: Vec<String> = value.split_whitespace().map(loose_key).filter(|key| !key.is_empty()).collect();
        let mut found: Vec<usize> = Vec::new();
        for word in words {
            if wanted.get(found.len()).is_some_and(|key| *key == loose_key(&self.words[word].word.text)) {
                found.push(word);
            }
        }
        if found.len() != wanted.len() {
            return None;
        }
        let (first, last) = (*found.first()?, *found.last()?);
        let runs: Vec<&[usize]> = found.chunk_by(|a, b| a + 1 == *b).collect();
        let spans = runs.iter().filter_map(|run| self.ground(run[0]..run[run.len() - 1] + 1, None));
        let spans: Vec<Span> = spans.flat_map(|piece| piece.origin.spans().to_vec()).collect();
        let printed = found.iter().map(|word| self.words[*word].word.text.as_str()).collect::<Vec<_>>().join(" ");
        Some(Found { words: first..last + 1, printed: trim(&printed).to_owned(), origin: Origin::Document(spans) })
    }

    /// The words as evidence; `piece` is the part of a single word that prints the value.
    pub fn ground(&self, words: Range<usize>, piece: Option<&str>) -> Option<Found> {
        let mut origin: Option<Origin> = None;
        let mut spans: Vec<Span> = Vec::new();
        // Words of several pages or rows: ground row by row, which `ground_words` joins within a line.
        for placed in &self.words[words.clone()] {
            spans.extend(ground_words(placed.page, [placed.word])?.spans().iter().cloned());
        }
        if let Some(first) = self.words.get(words.start) {
            let same_page = self.words[words.clone()].iter().all(|placed| placed.page.number == first.page.number);
            if same_page {
                origin = ground_words(first.page, self.words[words.clone()].iter().map(|placed| placed.word));
            }
        }
        let printed = piece.map_or_else(|| trim(&self.text(words.clone())).to_owned(), str::to_owned);
        Some(Found { words, printed, origin: origin.unwrap_or(Origin::Document(spans)) })
    }
}

/// The visible words of a page in rows from top to bottom, each from left to right. Where a page shows nothing but an invisible layer
/// over its image, that layer is what a person sees.
fn rows_of(page: &Page) -> Vec<Vec<&Word>> {
    let any_visible = page.words.iter().any(|word| word.visibility == Visibility::Visible);
    let wanted = if any_visible { Visibility::Visible } else { Visibility::Invisible };
    let mut words: Vec<&Word> =
        page.words.iter().filter(|word| word.visibility == wanted && !word.text.trim().is_empty()).collect();
    let middle = |word: &Word| (word.bbox[1] + word.bbox[3]) / 2.0;
    words.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut rows: Vec<Vec<&Word>> = Vec::new();
    for word in words {
        let height = (word.bbox[3] - word.bbox[1]).max(1.0);
        match rows.last_mut() {
            Some(row) if row.first().is_some_and(|first| (middle(word) - middle(first)).abs() < 0.5 * height) => row.push(word),
            _ => rows.push(vec![word]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.bbox[0].total_cmp(&b.bbox[0]));
    }
    rows
}

/// Letters and digits, lower case, ligatures taken apart.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|c| match c {
        'ﬁ' => vec!['f', 'i'],
        'ﬂ' => vec!['f', 'l'],
        'ﬀ' => vec!['f', 'f'],
        'ﬃ' => vec!['f', 'f', 'i'],
        c if c.is_alphanumeric() => c.to_lowercase().collect(),
        _ => Vec::new(),
    })
}

fn loose_key(text: &str) -> String {
    letters(text).collect()
}

/// Case, white space, soft hyphens and outer punctuation do not count; everything inside does.
fn strict_key(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{ad}')
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{2018}' | '\u{2019}' => '\'',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    trim(&plain).to_owned()
}

/// Without punctuation and signs around; a minus before a digit belongs to the number.
fn trim(text: &str) -> &str {
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let start = end.trim_start_matches(|c: char| !c.is_alphanumeric());
    let cut = end.len() - start.len();
    let minus = end[..cut].chars().next_back().filter(|c| *c == '-' && start.starts_with(|d: char| d.is_ascii_digit()));
    &end[cut - minus.map_or(0, char::len_utf8)..]
}

/// The parts of a word that may be values of their own: between signs, and a number before its unit.
fn pieces(word: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = word
        .split([':', '=', '#', '(', ')', '[', ']', '|', ';', '€', '$', '£', '¥', '*'])
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() == 1 && parts[0] == word {
        parts.clear();
    }
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',').len();
    let (number, unit) = word.split_at(digits);
    if !number.is_empty() && !unit.is_empty() && unit.chars().all(char::is_alphabetic) {
        parts.push(number);
        parts.push(unit);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::SourceKind;

    /// Words on a grid, 6 points a character, a row every 12 points.
    fn document(rows: &[&str]) -> Document {
        let mut page = Page { number: 1, width: 600.0, height: 800.0, ..Page::default() };
        for (y, row) in rows.iter().enumerate() {
            let mut x = 0;
            for text in row.split(' ') {
                let (x0, y0) = (6.0 * x as f32, 12.0 * y as f32);
                if !text.is_empty() {
                    let bbox = [x0, y0, x0 + 6.0 * text.chars().count() as f32, y0 + 10.0];
                    page.words.push(Word {
                        text: text.into(),
                        bbox,
                        size: 10.0,
                        bold: false,
                        visibility: Visibility::Visible,
                        ocr_confidence: None,
                        span: None,
                    });
                }
                x += text.chars().count() + 1;
            }
        }
        Document { pages: vec![page], ..Document::empty(SourceKind::Pdf) }
    }

    #[test]
    fn values_are_found_as_whole_words_only() {
        let document = document(&["PO: PO-10455 Qty:5 of 12.50€", "10 AB-100 8.8 1.200 5pcs -3"]);
        let rows = Rows::of(&document);
        let all = 0..rows.words.len();
        let printed =
            |value: &str| rows.find_value(all.clone(), value, false).into_iter().map(|found| found.printed).collect::<Vec<_>>();
        assert_eq!(printed("PO-10455"), ["PO-10455"]);
        assert_eq!(printed("10"), ["10"], "not inside PO-10455 or AB-100");
        assert_eq!(printed("8"), Vec::<String>::new(), "not inside 8.8");
        assert_eq!(printed("5"), ["5", "5"], "after a colon and before a unit");
        assert_eq!(printed("12.50"), ["12.50"]);
        assert_eq!(printed("1200"), Vec::<String>::new(), "figures keep their punctuation");
        assert_eq!(printed("-3"), ["-3"]);
        assert_eq!(printed("3"), Vec::<String>::new());
    }

    #[test]
    fn a_text_is_found_word_by_word_across_other_columns() {
        let document = document(&["10 Hex bolt 5 pcs", "zinc M8 coated"]);
        let rows = Rows::of(&document);
        let found = rows.find_words(0..rows.words.len(), "Hex bolt, M8").expect("in this order");
        assert_eq!((found.printed.as_str(), found.words, found.origin.spans().len()), ("Hex bolt M8", 1..7, 2));
        for wrong in ["bolt Hex", "Hex bolt M10", "Hex zinc bolt", "ex bolt", ""] {
            assert_eq!(rows.find_words(0..rows.words.len(), wrong), None, "{wrong}");
        }
    }

    #[test]
    fn quotes_are_found_whatever_the_spacing() {
        let document = document(&["Pos   Item", "10   AB-100   5", "10   AB-100   5"]);
        let rows = Rows::of(&document);
        assert_eq!(rows.find_quote("10 AB-100 5").len(), 2);
        assert_eq!(rows.find_quote("10 AB100 5")[0], 2..5);
        assert!(rows.find_quote("10 AB-101 5").is_empty());
        assert!(rows.find_quote("").is_empty());
    }

    #[test]
    fn what_a_person_cannot_see_is_not_searched() {
        let mut document = document(&["Order 1", "FREE-0001"]);
        document.pages[0].words[2].visibility = Visibility::White;
        assert!(Rows::of(&document).find_quote("FREE-0001").is_empty());
        document.pages[0].words.iter_mut().for_each(|word| word.visibility = Visibility::Invisible);
        assert_eq!(Rows::of(&document).find_quote("FREE-0001").len(), 1, "an OCR layer is all there is");
    }
}
