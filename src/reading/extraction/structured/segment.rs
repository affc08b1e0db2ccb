//! One scanner for the three EDI syntaxes: X12, EDIFACT and TRADACOMS differ in their separators only.
//!
//! Total: any text gives segments. What the scanner had to tolerate is told by the readers, which know the envelopes.

use crate::model::Code;

use super::notes::{Notes, shorten};
use super::piece::Piece;

/// Segments beyond this are not read; the reader then reports `LIMIT_REACHED`.
const MAX_SEGMENTS: usize = 100_000;
/// Elements and components of all segments together: each takes some hundred bytes, however short it is.
const MAX_PIECES: usize = 600_000;

/// The separators of an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    pub segment: char,
    pub element: char,
    /// Between the parts of a composite; `None` where composites are left whole (X12, whose free text often holds the character).
    pub component: Option<char>,
    /// Takes the meaning from the next character.
    pub release: Option<char>,
    /// After the segment's code, where it differs from `element` (TRADACOMS: `=`).
    pub code: char,
}

/// A segment: its code, then elements of one or more components.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub id: String,
    elements: Vec<Vec<Piece>>,
    pub start: usize,
    pub end: usize,
    /// Whether the segment terminator was there.
    pub terminated: bool,
}

impl Segment {
    /// Element `element` (from 1), first component; empty where there is none.
    pub fn at(&self, element: usize) -> Piece {
        self.part(element, 1)
    }

    /// Component `component` of element `element`, both from 1.
    pub fn part(&self, element: usize, component: usize) -> Piece {
        let composite = element.checked_sub(1).and_then(|index| self.elements.get(index));
        composite.and_then(|parts| parts.get(component.checked_sub(1)?)).cloned().unwrap_or_default()
    }

    /// All components of element `element`.
    pub fn parts(&self, element: usize) -> &[Piece] {
        element.checked_sub(1).and_then(|index| self.elements.get(index)).map_or(&[], Vec::as_slice)
    }

    /// How many elements follow the code.
    fn pieces(&self) -> usize {
        self.elements.iter().map(Vec::len).sum()
    }

    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// The segment as one piece, to point at it as a whole.
    pub fn whole(&self, text: impl Into<String>) -> Piece {
        Piece::new(text, self.start, self.end)
    }
}

/// The segments of all interchanges of a file. Each may have its own separators, which `detect` finds at a given place with the start
/// of the first segment; `last` is the code that ends an interchange.
pub(super) fn scan_file(source: &str, last: &str, detect: impl Fn(&str, usize) -> Option<(Syntax, usize)>) -> Option<Vec<Segment>> {
    let (syntax, from) = detect(source, 0)?;
    let count = |segments: &[Segment]| segments.iter().map(Segment::pieces).sum::<usize>();
    let mut segments = scan(source, from, syntax, last);
    let mut pieces = count(&segments);
    while let Some(end) = segments
        .last()
        .filter(|segment| segment.id == last && segment.terminated && segments.len() < MAX_SEGMENTS && pieces < MAX_PIECES)
    {
        let after = end.end + syntax_length(source, end.end);
        let more = match detect(source, after) {
            Some((syntax, from)) => scan(source, from, syntax, last),
            None => scan(source, after, syntax, ""),
        };
        if more.is_empty() {
            break;
        }
        pieces += count(&more);
        segments.extend(more);
    }
    Some(segments)
}

/// Bytes of the terminator that stands at `at`.
fn syntax_length(source: &str, at: usize) -> usize {
    source.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

/// The segments of `source` from byte `from` on, up to and with the first of code `last`.
fn scan(source: &str, from: usize, syntax: Syntax, last: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut open = Open::at(from);
    let one_a_line = is_one_a_line(source, syntax);
    let mut escaped = false;
    let mut pieces = 0;
    for (offset, c) in source.get(from..).unwrap_or_default().char_indices() {
        let at = from + offset;
        let after = at + c.len_utf8();
        if escaped {
            open.piece.push(c);
            escaped = false;
        } else if Some(c) == syntax.release {
            escaped = true;
        } else if c == syntax.segment {
            open.close(source, at, after, true, &mut segments);
        } else if open.composites.is_empty() && open.parts.is_empty() && c == syntax.code || c == syntax.element {
            open.end_element(source, at, after);
            pieces += 1;
        } else if Some(c) == syntax.component {
            open.end_piece(source, at, after);
            pieces += 1;
        } else if c == '\n' && one_a_line && !open.is_empty() && starts_segment(&source[after..], syntax) {
            open.close(source, at, after, false, &mut segments);
        } else if c != '\r' && c != '\n' {
            // Line breaks inside a segment are the transport's, not the sender's.
            open.piece.push(c);
        }
        let ended = c == syntax.segment && segments.last().is_some_and(|segment| segment.id == last);
        if ended || segments.len() >= MAX_SEGMENTS {
            return segments;
        }
        if pieces >= MAX_PIECES {
            open.close(source, after, after, false, &mut segments);
            return segments;
        }
    }
    open.close(source, source.len(), source.len(), false, &mut segments);
    segments
}

/// Whether each segment of the file ends a line: then a line that begins with the next segment has lost its terminator.
fn is_one_a_line(source: &str, syntax: Syntax) -> bool {
    let lines = || source.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(200);
    let ended = lines().filter(|line| line.ends_with(syntax.segment)).count();
    ended >= 4 && 10 * ended >= 9 * lines().count()
}

/// Whether a segment starts here: its code of two or three characters, and a separator.
fn starts_segment(rest: &str, syntax: Syntax) -> bool {
    let rest = rest.trim_start();
    let code: &str = rest.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()).next().unwrap_or_default();
    let follows = rest[code.len()..].chars().next();
    (2..=3).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && follows.is_some_and(|c| c == syntax.code || c == syntax.element || c == syntax.segment)
}

/// What the scanner had to tolerate: a file not read to its end, segments without one.
pub(super) fn report(segments: &[Segment], notes: &mut Notes) {
    if segments.len() >= MAX_SEGMENTS || segments.iter().map(Segment::pieces).sum::<usize>() >= MAX_PIECES {
        let message = format!("Only the first {} segments of the file were read.", segments.len());
        notes.ask(Code::LimitReached, "", message, &[]);
    }
    let before_the_last = segments.len().saturating_sub(1);
    for segment in segments[..before_the_last].iter().filter(|segment| !segment.terminated) {
        let message = format!("Segment `{}` has no end; the next line was taken for the next segment.", shorten(&segment.id));
        notes.malformed(message, &segment.whole("").places());
    }
}

/// The segment that is being read.
struct Open {
    start: usize,
    piece_start: usize,
    piece: String,
    parts: Vec<Piece>,
    composites: Vec<Vec<Piece>>,
}

impl Open {
    fn is_empty(&self) -> bool {
        self.composites.is_empty() && self.parts.is_empty() && self.piece.trim().is_empty()
    }

    fn at(start: usize) -> Self {
        Self { start, piece_start: start, piece: String::new(), parts: Vec::new(), composites: Vec::new() }
    }

    fn end_piece(&mut self, source: &str, at: usize, next: usize) {
        let raw = source.get(self.piece_start..at).unwrap_or_default();
        let start = self.piece_start + (raw.len() - raw.trim_start().len());
        let text = std::mem::take(&mut self.piece);
        self.parts.push(Piece::new(text.trim(), start, start + raw.trim().len()));
        self.piece_start = next;
    }

    fn end_element(&mut self, source: &str, at: usize, next: usize) {
        self.end_piece(source, at, next);
        self.composites.push(std::mem::take(&mut self.parts));
    }

    fn close(&mut self, source: &str, at: usize, next: usize, terminated: bool, segments: &mut Vec<Segment>) {
        self.end_element(source, at, next);
        let mut closed = std::mem::replace(self, Self::at(next));
        let code = closed.composites.remove(0);
        let id = code.first().map(|piece| piece.text.to_ascii_uppercase()).unwrap_or_default();
        if id.is_empty() && closed.composites.is_empty() {
            return;
        }
        let start = code.first().and_then(|piece| piece.spans.first()).map_or(closed.start, |span| span.0);
        segments.push(Segment { id, elements: closed.composites, start, end: at, terminated });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIFACT: Syntax = Syntax { segment: '\'', element: '+', component: Some(':'), release: Some('?'), code: '+' };

    #[test]
    fn separators_lose_their_meaning_after_the_release_character() {
        let source = "NAD+BY+1::9++A?+A:B?'s'\r\nLIN+1";
        let segments = scan(source, 0, EDIFACT, "");
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[0].part(4, 1).text, "A+A");
        assert_eq!(segments[0].part(4, 2).text, "B's");
        let (start, end) = segments[0].part(4, 1).spans[0];
        assert_eq!(&source[start..end], "A?+A");
        assert_eq!((segments[1].id.as_str(), segments[1].terminated), ("LIN", false));
    }

    #[test]
    fn any_text_is_scanned() {
        for source in ["", "?", "'''", "+", "\u{feff}", "=+:?'", "a?"] {
            for code in ['+', '='] {
                let _ = scan(source, 0, Syntax { code, ..EDIFACT }, "UNZ");
            }
        }
        assert!(scan("abc", 9, EDIFACT, "").is_empty());
    }
}
