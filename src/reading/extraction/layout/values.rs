//! The value that belongs to a label: on the same line behind it, in the next cell, or below it. Which of them it is shows in
//! whether the text there can be a value of the wanted kind at all.

use super::labels::{self, Hit, Label};
use super::lines::{Segment, Sheet};
use crate::reading::document::Word;

/// Text that may be a label's value, with its words.
#[derive(Debug, Clone)]
pub(crate) struct Capture<'a> {
    pub text: String,
    pub words: Vec<&'a Word>,
    pub line: usize,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Inline,
    Right,
    Below,
}

/// A label at its place in the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub hit: Hit,
    pub line: usize,
    pub segment: usize,
    /// Where the next label of the same segment begins, else the segment's end.
    pub until: usize,
}

/// How far below its label a value may stand, in line heights.
const BELOW_REACH: f32 = 2.6;
/// How far to the right, in points.
const RIGHT_REACH: f32 = 320.0;

/// All labels of the document in reading order; furniture is left out.
pub(crate) fn all_labels(sheet: &Sheet<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (line_index, line) in sheet.lines.iter().enumerate().filter(|(_, l)| !l.furniture) {
        for (segment_index, segment) in line.segments.iter().enumerate() {
            let hits = labels::hits(segment);
            for (i, hit) in hits.iter().enumerate() {
                let until = hits.get(i + 1).map_or(segment.text.len(), |next| next.start);
                found.push(Found { hit: *hit, line: line_index, segment: segment_index, until });
            }
        }
    }
    found
}

/// Places where the value of `found` may stand, likeliest first.
pub(crate) fn captures<'a>(sheet: &Sheet<'a>, found: &Found) -> Vec<Capture<'a>> {
    let mut out = Vec::new();
    let line = &sheet.lines[found.line];
    let segment = &line.segments[found.segment];
    out.extend(inline(segment, found));
    if found.until == segment.text.len() {
        out.extend(right(sheet, found));
    }
    out.extend(below(sheet, found));
    out
}

fn inline<'a>(segment: &Segment<'a>, found: &Found) -> Option<Capture<'a>> {
    let (start, end) = trimmed(&segment.text, found.hit.end, found.until)?;
    let text = segment.text[start..end].to_owned();
    Some(Capture { text, words: segment.words_in(start, end), line: found.line, place: Place::Inline })
}

/// The range without the signs around it that belong to the label or to nothing.
fn trimmed(text: &str, from: usize, until: usize) -> Option<(usize, usize)> {
    let part = text.get(from..until)?;
    let lead = part.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '#' | '.' | '=' | '°' | 'º' | ')' | '-' | '–' | '：' | '|' | '*' | '_')
    });
    let start = from + (part.len() - lead.len());
    let body =
        lead.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '|' | '/' | '(' | '_' | '•' | '·'));
    (!body.is_empty()).then_some((start, start + body.len()))
}

fn right<'a>(sheet: &Sheet<'a>, found: &Found) -> Option<Capture<'a>> {
    let line = &sheet.lines[found.line];
    let label = &line.segments[found.segment];
    // A lone colon between label and value is its own segment in some grids.
    let next = line.segments[found.segment + 1..].iter().find(|s| s.text.chars().any(char::is_alphanumeric))?;
    if next.x0 - label.x1 > RIGHT_REACH {
        return None;
    }
    let until = match labels::hits(next).first() {
        Some(hit) if hit.start <= 1 && (hit.marked || hit.end + 1 >= next.text.len()) => return None,
        Some(hit) if hit.start > 1 && hit.marked => hit.start,
        _ => next.text.len(),
    };
    let (start, end) = trimmed(&next.text, 0, until)?;
    Some(Capture {
        text: next.text[start..end].to_owned(),
        words: next.words_in(start, end),
        line: found.line,
        place: Place::Right,
    })
}

/// Under the label, up to where the next label of its row begins.
fn below<'a>(sheet: &Sheet<'a>, found: &Found) -> Option<Capture<'a>> {
    let line = &sheet.lines[found.line];
    let label = &line.segments[found.segment];
    let left = label.x_at(found.hit.start);
    let label_end = label.x_at(found.hit.end.saturating_sub(1));
    let limit = if found.until < label.text.len() {
        label.x_at(found.until)
    } else {
        line.segments.get(found.segment + 1).map_or(f32::MAX, |s| s.x0)
    };
    for (index, next) in sheet.lines.iter().enumerate().skip(found.line + 1).take(2) {
        if next.page != line.page || next.y0 - line.y1 > BELOW_REACH * line.height() {
            return None;
        }
        for segment in &next.segments {
            let words: Vec<&Word> = segment
                .words
                .iter()
                .copied()
                .filter(|w| {
                    let middle = (w.bbox[0] + w.bbox[2]) / 2.0;
                    middle >= left - 12.0 && middle < limit - 1.0 && w.bbox[0] < label_end.max(left + 160.0)
                })
                .collect();
            let touches_label = segment.x0 <= label_end + 4.0 && segment.x1 >= left - 4.0;
            if words.is_empty() || !touches_label {
                continue;
            }
            let piece = Segment::of(words);
            if labels::hits(&piece).first().is_some_and(|hit| hit.start <= 1 && (hit.marked || hit.end + 1 >= piece.text.len())) {
                return None;
            }
            let (start, end) = trimmed(&piece.text, 0, piece.text.len())?;
            return Some(Capture {
                text: piece.text[start..end].to_owned(),
                words: piece.words_in(start, end),
                line: index,
                place: Place::Below,
            });
        }
    }
    None
}

/// Words of the capture that cover a byte range of its text.
pub(crate) fn words_of<'a>(capture: &Capture<'a>, start: usize, end: usize) -> Vec<&'a Word> {
    Segment::of(capture.words.clone()).words_in_text(&capture.text, start, end)
}

impl<'a> Segment<'a> {
    /// Like `words_in`, for a text that is this segment's own with signs cut off its front.
    fn words_in_text(&self, text: &str, start: usize, end: usize) -> Vec<&'a Word> {
        let offset = self.text.find(text).unwrap_or(0);
        let words = self.words_in(start + offset, end + offset);
        if words.is_empty() { self.words.clone() } else { words }
    }
}

/// Labels that open an address block.
pub(crate) fn opens_party(label: Label) -> bool {
    matches!(label, Label::Buyer | Label::Seller | Label::ShipTo | Label::BillTo)
}
