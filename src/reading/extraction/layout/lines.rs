//! Words to lines and segments: which words stand on one line, and which of them belong together as a cell.
//! What they mean is not asked here.

use crate::reading::document::{Document, Page, Visibility, Word};
use crate::reading::extraction::lexicon;
use std::collections::HashSet;
use std::sync::LazyLock;

/// A folded piece of a segment's text: what labels are matched by.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub text: String,
    /// Byte range in the segment's text.
    pub start: usize,
    pub end: usize,
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Words of one line with no wide gap and no ruling between them.
#[derive(Debug, Clone)]
pub(crate) struct Segment<'a> {
    pub words: Vec<&'a Word>,
    pub text: String,
    /// Byte offset of each word in `text`.
    starts: Vec<usize>,
    pub tokens: Vec<Token>,
    pub x0: f32,
    pub x1: f32,
}

impl<'a> Segment<'a> {
    pub(crate) fn of(words: Vec<&'a Word>) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(words.len());
        for word in &words {
            if !text.is_empty() {
                text.push(' ');
            }
            starts.push(text.len());
            text.push_str(&word.text);
        }
        let x0 = words.iter().map(|w| w.bbox[0]).fold(f32::MAX, f32::min);
        let x1 = words.iter().map(|w| w.bbox[2]).fold(f32::MIN, f32::max);
        let tokens = tokenize(&text);
        Self { words, text, starts, tokens, x0, x1 }
    }

    /// The words that touch a byte range of the text.
    pub(crate) fn words_in(&self, start: usize, end: usize) -> Vec<&'a Word> {
        self.words
            .iter()
            .zip(&self.starts)
            .filter(|(word, at)| **at < end && **at + word.text.len() > start)
            .map(|(word, _)| *word)
            .collect()
    }

    /// Where on the page a byte of the text stands, within its word in proportion.
    pub(crate) fn x_at(&self, byte: usize) -> f32 {
        let index = self.starts.iter().rposition(|at| *at <= byte).unwrap_or(0);
        let Some(word) = self.words.get(index) else { return self.x0 };
        let into = byte.saturating_sub(self.starts[index]).min(word.text.len());
        let share = if word.text.is_empty() { 0.0 } else { into as f32 / word.text.len() as f32 };
        word.bbox[0] + share * (word.bbox[2] - word.bbox[0])
    }
}

/// Words on one baseline.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    /// Index into the document's pages.
    pub page: usize,
    pub y0: f32,
    pub y1: f32,
    pub segments: Vec<Segment<'a>>,
    /// A header or footer that an earlier page has too.
    pub furniture: bool,
}

impl Line<'_> {
    pub(crate) fn text(&self) -> String {
        self.segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join("  ")
    }

    pub(crate) fn height(&self) -> f32 {
        (self.y1 - self.y0).max(1.0)
    }
}

/// A document as lines in reading order.
pub(crate) struct Sheet<'a> {
    pub doc: &'a Document,
    pub lines: Vec<Line<'a>>,
}

/// Words looked at on one page; more is no order.
const MAX_WORDS_PER_PAGE: usize = 20_000;
/// A gap wider than this share of the font size separates cells.
const CELL_GAP: f32 = 0.85;

impl<'a> Sheet<'a> {
    pub(crate) fn of(doc: &'a Document) -> Self {
        let mut lines = Vec::new();
        for (index, page) in doc.pages.iter().enumerate() {
            lines.extend(page_lines(index, page));
        }
        mark_furniture(&mut lines);
        Self { doc, lines }
    }

    pub(crate) fn page(&self, line: usize) -> &'a Page {
        &self.doc.pages[self.lines[line].page]
    }
}

/// The words a person can see; on a scan with a text layer that is the invisible layer.
fn readable_words(page: &Page) -> Vec<&Word> {
    let sound = |w: &&Word| w.bbox.iter().all(|v| v.is_finite()) && !w.text.trim().is_empty();
    let visible: Vec<&Word> =
        page.words.iter().filter(|w| w.visibility == Visibility::Visible).filter(sound).take(MAX_WORDS_PER_PAGE).collect();
    let layer: Vec<&Word> =
        page.words.iter().filter(|w| w.visibility == Visibility::Invisible).filter(sound).take(MAX_WORDS_PER_PAGE).collect();
    if visible.len() * 10 < layer.len() && !page.images.is_empty() { layer } else { visible }
}

fn page_lines<'a>(index: usize, page: &'a Page) -> Vec<Line<'a>> {
    let mut words = readable_words(page);
    words.sort_by(|a, b| mid_y(a).total_cmp(&mid_y(b)));
    let mut rows: Vec<(f32, f32, Vec<&Word>)> = Vec::new();
    for word in words {
        // Words come by their middle, so only the last few rows can take another one.
        let home = rows.iter_mut().rev().take(4).find(|(y0, y1, _)| belongs(*y0, *y1, word));
        match home {
            Some((_, _, row)) => row.push(word),
            None => rows.push((word.bbox[1], word.bbox[3], vec![word])),
        }
    }
    rows.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
    let rulings: Vec<[f32; 4]> = page.rulings.iter().map(|r| r.bbox).filter(|b| b[3] - b[1] > 6.0 && b[2] - b[0] < 3.0).collect();
    rows.into_iter().map(|(_, _, row)| line_of(index, row, &rulings)).collect()
}

fn mid_y(word: &Word) -> f32 {
    (word.bbox[1] + word.bbox[3]) / 2.0
}

/// Whether a word stands on a row: their bands overlap by more than half of the lower one.
fn belongs(y0: f32, y1: f32, word: &Word) -> bool {
    let overlap = y1.min(word.bbox[3]) - y0.max(word.bbox[1]);
    let lower = (y1 - y0).min(word.bbox[3] - word.bbox[1]).max(0.1);
    overlap > 0.55 * lower
}

fn line_of<'a>(page: usize, mut row: Vec<&'a Word>, vertical: &[[f32; 4]]) -> Line<'a> {
    row.sort_by(|a, b| a.bbox[0].total_cmp(&b.bbox[0]));
    let y0 = row.iter().map(|w| w.bbox[1]).fold(f32::MAX, f32::min);
    let y1 = row.iter().map(|w| w.bbox[3]).fold(f32::MIN, f32::max);
    let middle = (y0 + y1) / 2.0;
    let here: Vec<f32> = vertical.iter().filter(|r| r[1] <= middle && r[3] >= middle).map(|r| (r[0] + r[2]) / 2.0).collect();
    let mut segments = Vec::new();
    let mut current: Vec<&Word> = Vec::new();
    for word in row {
        if let Some(last) = current.last() {
            let size = last.size.min(word.size).clamp(4.0, 40.0);
            let gap = word.bbox[0] - last.bbox[2];
            let ruled = here.iter().any(|x| *x >= last.bbox[2] - 1.5 && *x <= word.bbox[0] + 1.5);
            let wide = gap > CELL_GAP * size && !(gap < 2.0 * size && town_follows(&current, word));
            if wide || (ruled && gap > -1.0) {
                segments.push(Segment::of(std::mem::take(&mut current)));
            }
        }
        current.push(word);
    }
    if !current.is_empty() {
        segments.push(Segment::of(current));
    }
    Line { page, y0, y1, segments, furniture: false }
}

/// `3004 TJ  Rotterdam`, `418 05  Göteborg`: the post of the Netherlands and of Sweden asks for two spaces there.
fn town_follows(before: &[&Word], word: &Word) -> bool {
    let [.., first, second] = before else { return false };
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let dutch = digits(&first.text, 4) && second.text.len() == 2 && second.text.bytes().all(|b| b.is_ascii_uppercase());
    let swedish = digits(&first.text, 3) && digits(&second.text, 2);
    (dutch || swedish) && word.text.starts_with(char::is_uppercase)
}

/// Marks the run of equal lines at the top and foot of following pages: the letterhead and the page footer.
fn mark_furniture(lines: &mut [Line<'_>]) {
    let mut starts: Vec<usize> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        if starts.is_empty() || lines[i - 1].page != line.page {
            starts.push(i);
        }
    }
    let bounds: Vec<(usize, usize)> =
        starts.iter().enumerate().map(|(k, s)| (*s, starts.get(k + 1).copied().unwrap_or(lines.len()))).collect();
    let keys: Vec<String> = lines.iter().map(furniture_key).collect();
    for pair in bounds.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let mut misses = 0;
        for k in 0..(a.1 - a.0).min(b.1 - b.0) {
            if keys[a.0 + k] == keys[b.0 + k] {
                lines[b.0 + k].furniture = true;
            } else {
                misses += 1;
                if misses > 1 {
                    break;
                }
            }
        }
        for k in 1..=(a.1 - a.0).min(b.1 - b.0) {
            if keys[a.1 - k] != keys[b.1 - k] {
                break;
            }
            lines[b.1 - k].furniture = true;
        }
    }
}

static PAGE_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("words", "page"));

/// A line's text; its digits count only where it is no page number.
fn furniture_key(line: &Line<'_>) -> String {
    let text = fold(&line.text());
    let is_page_number = text.split(|c: char| !c.is_alphabetic()).any(|w| PAGE_WORDS.contains(w)) || text.trim().len() <= 3;
    if is_page_number { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() } else { text }
}

/// Lower case, without accents: what labels, names and months are compared by.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        for l in c.to_lowercase() {
            match l {
                'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ă' => out.push('a'),
                'ç' | 'ć' | 'č' => out.push('c'),
                'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => out.push('e'),
                'ì' | 'í' | 'î' | 'ï' | 'ı' => out.push('i'),
                'ñ' | 'ń' | 'ň' => out.push('n'),
                'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => out.push('o'),
                'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => out.push('u'),
                'ś' | 'š' | 'ş' | 'ș' => out.push('s'),
                'ý' | 'ÿ' => out.push('y'),
                'ż' | 'ź' | 'ž' => out.push('z'),
                'ł' | 'ĺ' | 'ľ' => out.push('l'),
                'đ' | 'ď' => out.push('d'),
                'ť' | 'ţ' | 'ț' => out.push('t'),
                'ř' | 'ŕ' => out.push('r'),
                'ğ' => out.push('g'),
                'ß' => out.push_str("ss"),
                'œ' => out.push_str("oe"),
                'æ' => out.push_str("ae"),
                '№' => out.push_str("no"),
                'ﬁ' => out.push_str("fi"),
                'ﬂ' => out.push_str("fl"),
                '’' | '‘' => out.push('\''),
                // Marks set on a letter by itself are the same letter; the Turkish dotted capital leaves such a one.
                '\u{ad}' | '\u{200b}' | '\u{300}'..='\u{36f}' => {}
                other => out.push(other),
            }
        }
    }
    out
}

/// Folded words and signs of a text: `P.O.-Nr.:` gives p, o, nr, `:` is dropped, `#` and `%` stay.
pub(crate) fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut start: Option<usize> = None;
    let is_part = |c: char| c.is_alphanumeric() && !matches!(c, 'º' | 'ª');
    for (i, c) in text.char_indices() {
        if is_part(c) || c == '\u{ad}' {
            start.get_or_insert(i);
            continue;
        }
        if let Some(s) = start.take() {
            tokens.push(Token { text: fold(&text[s..i]), start: s, end: i });
        }
        if matches!(c, '#' | '%' | '@' | '№') {
            tokens.push(Token { text: fold(&text[i..i + c.len_utf8()]), start: i, end: i + c.len_utf8() });
        }
    }
    if let Some(s) = start {
        tokens.push(Token { text: fold(&text[s..]), start: s, end: text.len() });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fold_to_plain_tokens() {
        let tokens = |text: &str| tokenize(text).into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ");
        assert_eq!(tokens("P.O. No.: 4711"), "p o no 4711");
        assert_eq!(tokens("PO#4711"), "po # 4711");
        assert_eq!(tokens("Commande n° 12"), "commande n 12");
        assert_eq!(tokens("Stückpreis (€)"), "stuckpreis");
        assert_eq!(tokens("Straße"), "strasse");
    }
}
