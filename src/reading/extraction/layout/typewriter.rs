//! Tables drawn with signs: `| 10|770010 |NW-3010 |` of line printers, pipe tables of mails. The bars become rulings, so that the
//! readers see the cells that a person sees. Words are only cut; no text is changed or moved.

use crate::reading::document::{Document, Page, Ruling, Word};
use std::borrow::Cow;

/// Bars that a line of such a table has at least.
const LEAST_BARS: usize = 2;
/// Lines with so many bars make a table.
const LEAST_LINES: usize = 2;

/// The document with the bars of its tables as rulings; as it is where it has none.
pub(crate) fn with_bars_as_rulings(document: &Document) -> Cow<'_, Document> {
    if !document.pages.iter().any(has_table) {
        return Cow::Borrowed(document);
    }
    let mut ruled = document.clone();
    for page in ruled.pages.iter_mut().filter(|page| has_table(page)) {
        rule(page);
    }
    Cow::Owned(ruled)
}

fn has_table(page: &Page) -> bool {
    let mut rows: Vec<(f32, usize)> = Vec::new();
    for word in page.words.iter().filter(|word| word.text.contains('|')) {
        let bars = word.text.matches('|').count();
        match rows.iter_mut().rev().take(4).find(|(y, _)| (*y - word.bbox[1]).abs() < 2.0) {
            Some((_, count)) => *count += bars,
            None => rows.push((word.bbox[1], bars)),
        }
    }
    rows.iter().filter(|(_, bars)| *bars >= LEAST_BARS).count() >= LEAST_LINES
}

fn rule(page: &mut Page) {
    let mut words = Vec::with_capacity(page.words.len());
    for word in std::mem::take(&mut page.words) {
        let is_rule = word.text.contains('+') && word.text.chars().all(|c| matches!(c, '+' | '-' | '=' | '|' | ':'));
        if !word.text.contains('|') && !is_rule {
            words.push(word);
            continue;
        }
        let is_bar = |c: char| c == '|' || (is_rule && c == '+');
        let mut start: Option<usize> = None;
        for (at, c) in word.text.char_indices().chain([(word.text.len(), '|')]) {
            if !is_bar(c) {
                start.get_or_insert(at);
                continue;
            }
            words.extend(start.take().map(|from| piece(&word, from, at)));
            if at < word.text.len() && c == '|' {
                page.rulings.push(bar(&word, at));
            }
        }
    }
    page.words = words;
}

/// Part of a word, its place in proportion.
fn piece(word: &Word, from: usize, to: usize) -> Word {
    let [_, y0, _, y1] = word.bbox;
    Word {
        text: word.text[from..to].to_owned(),
        bbox: [x_at(word, from), y0, x_at(word, to), y1],
        span: word.span.map(|(start, _)| (start + from, start + to)),
        ..word.clone()
    }
}

fn bar(word: &Word, at: usize) -> Ruling {
    let middle = (x_at(word, at) + x_at(word, at + 1)) / 2.0;
    let [_, y0, _, y1] = word.bbox;
    let centre = (y0 + y1) / 2.0;
    let half = ((y1 - y0) / 2.0).max(4.0);
    Ruling { bbox: [middle - 0.3, centre - half, middle + 0.3, centre + half] }
}

fn x_at(word: &Word, byte: usize) -> f32 {
    let all = word.text.chars().count().max(1) as f32;
    let before = word.text[..byte].chars().count() as f32;
    word.bbox[0] + (word.bbox[2] - word.bbox[0]) * before / all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::{self, Limits};

    #[test]
    fn bars_become_rulings_and_words_keep_their_place() {
        let text = "| POS|NR    |MENGE |\n+----+------+------+\n| 10|770010|20 KRT|\n";
        let document = document::read(text.as_bytes(), "a.txt", &Limits::default());
        let ruled = with_bars_as_rulings(&document);
        let page = &ruled.pages[0];
        assert_eq!(page.rulings.len(), 8);
        for word in &page.words {
            let (from, to) = word.span.expect("words of a text have a place in it");
            assert_eq!(text[from..to], word.text);
            assert!(!word.text.contains(['|', '+']), "{}", word.text);
        }
        let plain = document::read(b"either | or\nnothing else", "a.txt", &Limits::default());
        assert!(matches!(with_bars_as_rulings(&plain), Cow::Borrowed(_)));
    }
}
