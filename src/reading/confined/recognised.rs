//! What OCR made of a page, and how that comes together with the text that the page has already.
//!
//! Text that is seen on the page wins over OCR. A text layer that some scanner put under the image does not: nobody knows how good
//! that one was, so the image is read again, and where both say the same they are believed.

use crate::reading::document::pdf::has_page_sized_image;
use crate::reading::document::scan::Quarter;
use crate::reading::document::{Page, Ruling, SourceKind, Visibility, Word};

/// A page with an image over it and at most this many words has its text in the image.
const HARDLY_ANY_WORDS: usize = 12;
/// A text layer is replaced by a reading that is at least so sure and has at least so much of the layer's number of words.
const SURE: f32 = 70.0;
const AS_MANY: f32 = 0.6;
/// Confidence of a word on which layer and reading agree.
const AGREED: u8 = 92;
/// A layer that agrees in less than this share of its words is called poor.
const POOR: f32 = 0.85;

/// What OCR made of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recognised {
    pub(super) words: Vec<Word>,
    pub(super) rulings: Vec<Ruling>,
    /// Of the upright page, points.
    pub(super) width: f32,
    pub(super) height: f32,
    /// How the picture was turned to be upright.
    pub(super) quarter: Quarter,
}

/// Whether a page's text must be recognised: none at all, hardly any beside a page-sized image, none that is legible, or a layer of
/// unknown worth.
pub(super) fn needs_ocr(kind: SourceKind, page: &Page) -> bool {
    match kind {
        SourceKind::Image => true,
        SourceKind::Pdf => {
            let visible = || page.words.iter().filter(|word| word.visibility == Visibility::Visible);
            let legible = visible().filter(|word| word.text.chars().any(char::is_alphanumeric)).count();
            let unknown = visible().filter(|word| word.text.contains(char::REPLACEMENT_CHARACTER)).count();
            legible == 0
                || unknown * 3 > visible().count()
                || is_layer(page)
                || (legible <= HARDLY_ANY_WORDS && has_page_sized_image(page))
        }
        SourceKind::Sheet
        | SourceKind::Word
        | SourceKind::Html
        | SourceKind::Text
        | SourceKind::Xml
        | SourceKind::Edi
        | SourceKind::Unknown => false,
    }
}

/// The page's text comes from a scanner's OCR.
fn is_layer(page: &Page) -> bool {
    page.words.iter().any(|word| word.ocr_confidence.is_some())
}

impl Recognised {
    /// Mean confidence of the letters in its words, 0 to 100.
    pub(super) fn certainty(&self) -> f32 {
        let letters = |word: &Word| word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
        let all: f32 = self.words.iter().map(letters).sum();
        self.words.iter().map(|word| letters(word) * f32::from(word.ocr_confidence.unwrap_or(0))).sum::<f32>() / all.max(1.0)
    }

    pub(super) fn weight(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.ocr_confidence.unwrap_or(0))).sum()
    }

    /// Adds what was read to a page. Says what is doubtful about a text layer that it replaces.
    pub(super) fn add_to(mut self, page: &mut Page) -> Option<String> {
        if self.words.is_empty() {
            return None;
        }
        if is_layer(page) {
            return self.instead_of_layer(page);
        }
        page.words.retain(|word| !word.text.contains(char::REPLACEMENT_CHARACTER));
        let own: Vec<[f32; 4]> =
            page.words.iter().filter(|word| word.visibility == Visibility::Visible).map(|word| word.bbox).collect();
        self.words.retain(|word| !own.iter().any(|area| is_within(word, *area)));
        self.move_to(page);
        None
    }

    fn instead_of_layer(mut self, page: &mut Page) -> Option<String> {
        let seen = |word: &&Word| word.visibility == Visibility::Visible && word.text.chars().any(char::is_alphanumeric);
        let layer: Vec<&Word> = page.words.iter().filter(seen).collect();
        if self.certainty() < SURE || (self.words.len() as f32) < AS_MANY * layer.len() as f32 {
            return None;
        }
        let mut agreed = 0;
        for word in &mut self.words {
            if layer.iter().any(|other| other.text == word.text && is_near(word, other)) {
                agreed += 1;
                word.ocr_confidence = word.ocr_confidence.max(Some(AGREED));
            }
        }
        let (of_layer, of_both) = (layer.len(), agreed as f32 / layer.len().max(self.words.len()).max(1) as f32);
        page.words.retain(|word| word.visibility != Visibility::Visible);
        let read = self.words.len();
        self.move_to(page);
        (of_both < POOR).then(|| {
            format!("the text layer under the image is poor ({of_layer} words, the image shows {read}, {agreed} are the same); the image was read")
        })
    }

    fn move_to(self, page: &mut Page) {
        page.words.extend(self.words);
        page.rulings.extend(self.rulings);
        if matches!(self.quarter, Quarter::One | Quarter::Three) {
            (page.width, page.height) = (self.width, self.height);
        }
    }
}

fn middle(word: &Word) -> (f32, f32) {
    ((word.bbox[0] + word.bbox[2]) * 0.5, (word.bbox[1] + word.bbox[3]) * 0.5)
}

fn is_within(word: &Word, [x0, y0, x1, y1]: [f32; 4]) -> bool {
    let (x, y) = middle(word);
    (x0..=x1).contains(&x) && (y0..=y1).contains(&y)
}

/// A straightened page has its words a little beside those of a leaning one.
fn is_near(word: &Word, other: &Word) -> bool {
    let ((x, y), (u, v)) = (middle(word), middle(other));
    (x - u).abs() < 2.5 * word.size.max(6.0) && (y - v).abs() < 2.0 * word.size.max(6.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, y: f32, confidence: Option<u8>) -> Word {
        Word {
            text: text.into(),
            bbox: [50.0, y, 90.0, y + 10.0],
            size: 10.0,
            bold: false,
            visibility: Visibility::Visible,
            ocr_confidence: confidence,
            span: None,
        }
    }

    fn recognised(texts: &[&str], confidence: u8) -> Recognised {
        let words = texts.iter().enumerate().map(|(row, text)| word(text, 50.0 * row as f32, Some(confidence))).collect();
        Recognised { words, rulings: Vec::new(), width: 595.0, height: 842.0, quarter: Quarter::None }
    }

    fn layer(texts: &[&str]) -> Page {
        let words = texts.iter().enumerate().map(|(row, text)| word(text, 50.0 * row as f32 + 3.0, Some(50))).collect();
        Page { number: 1, width: 595.0, height: 842.0, words, ..Page::default() }
    }

    #[test]
    fn a_poor_layer_gives_way_and_a_good_one_makes_sure() {
        // What the layer says, what the image says, how surely; the words kept, their confidences, whether it is called poor.
        type Case<'a> = (&'a [&'a str], &'a [&'a str], u8, &'a [&'a str], &'a [u8], bool);
        let table: [Case<'_>; 4] = [
            (&["PO-4711", "12"], &["PO-4711", "12"], 80, &["PO-4711", "12"], &[92, 92], false),
            (&["P0-4711"], &["PO-4711", "12"], 80, &["PO-4711", "12"], &[80, 80], true),
            (&["PO-4711", "12"], &["P0~4711", "1Z"], 40, &["PO-4711", "12"], &[50, 50], false),
            (&["PO-4711", "12", "9,90"], &["PO-4711"], 95, &["PO-4711", "12", "9,90"], &[50, 50, 50], false),
        ];
        for (of_layer, of_image, confidence, kept, confidences, poor) in table {
            let mut page = layer(of_layer);
            let doubt = recognised(of_image, confidence).add_to(&mut page);
            assert_eq!(page.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), kept);
            assert_eq!(page.words.iter().filter_map(|word| word.ocr_confidence).collect::<Vec<_>>(), confidences);
            assert_eq!(doubt.is_some(), poor, "{doubt:?}");
        }
    }

    #[test]
    fn printed_words_win_over_recognised_ones() {
        let mut page = layer(&["PO-4711", "\u{FFFD}\u{FFFD}"]);
        page.words.iter_mut().for_each(|word| word.ocr_confidence = None);
        let doubt = recognised(&["P0-4711", "12"], 90).add_to(&mut page);
        assert_eq!(page.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["PO-4711", "12"]);
        assert_eq!(doubt, None);
    }
}
