//! Words out of glyphs: where one ends and the next begins.
//!
//! PDFs say only where each glyph goes. A word ends at a space, at a gap that is wider than letters have between them, at a
//! change of line or direction. Letter-spaced text (`P U R C H A S E`) is put
//! together where its gaps are even; figures are not, because `1 2 3 4` may be four columns. Fragments that touch are one word, whatever the order in which they were drawn.

use super::glyphs::Glyph;
use crate::reading::document::{Visibility, Word};
use hayro_interpret::kurbo::{Point, Vec2};
use std::collections::HashMap;

/// Wider gaps end a word, in ems. Kerning and rounding stay below, the narrowest word spaces are above.
const WORD_GAP: f64 = 0.15;
/// Fragments closer than this are one word even if they were drawn at different times, in ems.
const TOUCHING: f64 = 0.06;
/// Glyphs may overlap by this much in one word, in ems.
const OVERLAP: f64 = 0.45;
/// Letter-spaced text has gaps up to this, in ems.
const LETTER_SPACING: f64 = 0.75;
/// So many single letters in a row with even gaps are one letter-spaced word.
const LETTER_SPACED_LETTERS: usize = 4;
/// Height of the box above and below the baseline, in ems; hayro does not tell the font's own.
const ASCENT: f64 = 0.93;
const DESCENT: f64 = 0.24;

/// A run of glyphs that belong together.
#[derive(Debug, Clone)]
struct Fragment {
    text: String,
    origin: Point,
    end: Point,
    along: Vec2,
    up: Vec2,
    size: f64,
    bold: bool,
    visibility: Visibility,
    glyphs: usize,
    /// A drawn space stands before or after it.
    space_before: bool,
    space_after: bool,
}

/// Words in the order in which they were drawn.
pub(super) fn build(glyphs: Vec<Glyph>) -> Vec<Word> {
    let fragments = fragments(without_doubles(glyphs));
    let fragments = letter_spaced(fragments);
    let fragments = touching(fragments);
    fragments.into_iter().map(word).collect()
}

/// Text drawn twice at nearly the same place (to look bold, or with a shadow) is one text.
fn without_doubles(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    let mut kept: Vec<Glyph> = Vec::with_capacity(glyphs.len());
    let mut cells: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for glyph in glyphs {
        if glyph.text.trim().is_empty() {
            kept.push(glyph);
            continue;
        }
        let near = (glyph.size * 0.08).clamp(0.2, 1.5);
        let (x, y) = ((glyph.origin.x / 2.0).floor() as i64, (glyph.origin.y / 2.0).floor() as i64);
        let double = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy))).find_map(|cell| {
            cells.get(&cell)?.iter().copied().find(|&index| {
                let other: &Glyph = &kept[index];
                other.run != glyph.run
                    && other.text == glyph.text
                    && (other.origin - glyph.origin).hypot() < near
                    && (other.size - glyph.size).abs() < 0.1 * glyph.size
            })
        });
        match double {
            Some(index) => {
                let first = &mut kept[index];
                first.bold |= (first.origin - glyph.origin).hypot() > 0.01;
                if glyph.visibility == Visibility::Visible {
                    first.visibility = Visibility::Visible;
                }
            }
            None => {
                // A cell full of different glyphs on one spot is nonsense; do not let it cost quadratic time.
                let cell = cells.entry((x, y)).or_default();
                if cell.len() < 16 {
                    cell.push(kept.len());
                }
                kept.push(glyph);
            }
        }
    }
    kept
}

/// Cuts the drawn sequence at spaces, gaps and jumps.
fn fragments(glyphs: Vec<Glyph>) -> Vec<Fragment> {
    let mut done: Vec<Fragment> = Vec::new();
    let mut open: Option<Fragment> = None;
    let mut space: Option<Glyph> = None;
    for glyph in glyphs {
        if glyph.text.is_empty() {
            continue;
        }
        if glyph.text.trim().is_empty() {
            space = Some(glyph);
            continue;
        }
        // White space inside one glyph's text ("a b" from a bad map) cannot stay in a word.
        let text: String = glyph.text.split_whitespace().collect();
        let spaced = space.take();
        let joined = open.as_ref().is_some_and(|word| continues(word, &glyph, spaced.is_some()));
        let mut space_before = false;
        if !joined && let Some(mut word) = open.take() {
            space_before = spaced.is_some();
            word.space_after = space_before;
            done.push(word);
        }
        match &mut open {
            Some(word) => {
                word.text.push_str(&text);
                word.end = glyph.end();
                word.glyphs += 1;
                word.bold &= glyph.bold;
                if word.visibility == Visibility::Visible {
                    word.visibility = glyph.visibility;
                }
            }
            None => open = Some(Fragment::of(&glyph, text, space_before)),
        }
    }
    done.extend(open);
    done
}

impl Fragment {
    fn of(glyph: &Glyph, text: String, space_before: bool) -> Self {
        Self {
            text,
            origin: glyph.origin,
            end: glyph.end(),
            along: glyph.along,
            up: glyph.up,
            size: glyph.size,
            bold: glyph.bold,
            visibility: glyph.visibility,
            glyphs: 1,
            space_before,
            space_after: false,
        }
    }

    /// Where `point` lies as seen from the end of this fragment: along and across the baseline, in ems.
    fn beyond_end(&self, point: Point) -> (f64, f64) {
        let by = point - self.end;
        (by.dot(self.along) / self.size, by.dot(self.up) / self.size)
    }

    /// Same direction, and of a size that can be one word (superscripts are not).
    fn is_like(&self, along: Vec2, size: f64) -> bool {
        self.along.dot(along) > 0.98 && (self.size / size).max(size / self.size) < 1.3
    }
}

fn continues(word: &Fragment, glyph: &Glyph, spaced: bool) -> bool {
    if !word.is_like(glyph.along, glyph.size)
        || (word.visibility == Visibility::Visible) != (glyph.visibility == Visibility::Visible)
    {
        return false;
    }
    let (gap, rise) = word.beyond_end(glyph.origin);
    if rise.abs() > 0.12 {
        return false;
    }
    // Some writers draw a space and then step back over it: what touches is one word all the same.
    if spaced { gap.abs() < 0.02 } else { (-OVERLAP..WORD_GAP).contains(&gap) }
}

/// Puts single letters with even gaps together.
fn letter_spaced(fragments: Vec<Fragment>) -> Vec<Fragment> {
    let mut out: Vec<Fragment> = Vec::with_capacity(fragments.len());
    let mut at = 0;
    while at < fragments.len() {
        let length = even_letters(&fragments[at..]);
        if length >= LETTER_SPACED_LETTERS {
            let mut whole = fragments[at].clone();
            for next in &fragments[at + 1..at + length] {
                join(&mut whole, next);
            }
            out.push(whole);
            at += length;
        } else {
            out.push(fragments[at].clone());
            at += 1;
        }
    }
    out
}

/// How many fragments from the first on are single letters at an even pitch without drawn spaces.
fn even_letters(fragments: &[Fragment]) -> usize {
    let single = |f: &Fragment| f.glyphs == 1 && f.text.chars().all(char::is_alphabetic);
    let Some(first) = fragments.first().filter(|f| single(f)) else { return 0 };
    let mut gap_seen: Option<f64> = None;
    let mut length = 1;
    for pair in fragments.windows(2).take(200) {
        let (left, right) = (&pair[0], &pair[1]);
        let (gap, rise) = left.beyond_end(right.origin);
        // In a fixed pitch the distance of the origins is even, in tracked text the gap is.
        let even = gap_seen.is_none_or(|seen| (seen - gap).abs() < 0.06);
        let joins = single(right)
            && right.is_like(first.along, first.size)
            && right.visibility == first.visibility
            && !right.space_before
            && rise.abs() < 0.05
            && (WORD_GAP..LETTER_SPACING).contains(&gap)
            && even;
        if !joins {
            break;
        }
        gap_seen = gap_seen.or(Some(gap));
        length += 1;
    }
    length
}

fn join(left: &mut Fragment, right: &Fragment) {
    left.text.push_str(&right.text);
    left.end = right.end;
    left.glyphs += right.glyphs;
    left.bold &= right.bold;
    left.space_after = right.space_after;
}

/// Joins fragments that touch on one line but were not drawn one after the other.
fn touching(fragments: Vec<Fragment>) -> Vec<Fragment> {
    let mut starts: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    let cell = |p: Point| ((p.x / 4.0).floor() as i64, (p.y / 4.0).floor() as i64);
    for (index, fragment) in fragments.iter().enumerate() {
        let list = starts.entry(cell(fragment.origin)).or_default();
        if list.len() < 16 {
            list.push(index);
        }
    }
    let mut gone = vec![false; fragments.len()];
    let mut out: Vec<Option<Fragment>> = fragments.iter().cloned().map(Some).collect();
    for left in 0..fragments.len() {
        if gone[left] {
            continue;
        }
        let mut whole = fragments[left].clone();
        let mut steps = 0;
        while !whole.space_after && steps < 64 {
            let (x, y) = cell(whole.end);
            let next = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy))).find_map(|key| {
                starts.get(&key)?.iter().copied().find(|&index| {
                    let right = &fragments[index];
                    let (gap, rise) = whole.beyond_end(right.origin);
                    index != left
                        && !gone[index]
                        && !right.space_before
                        && whole.is_like(right.along, right.size)
                        && (whole.size - right.size).abs() < 0.05 * whole.size
                        && whole.visibility == right.visibility
                        && gap.abs() < TOUCHING
                        && rise.abs() < 0.05
                })
            });
            let Some(index) = next else { break };
            // The left part stays where it was drawn; the part that follows it in print is taken out of its place.
            let right = out[index].take().expect("a fragment that is not gone is still there");
            gone[index] = true;
            join(&mut whole, &right);
            steps += 1;
        }
        out[left] = Some(whole);
    }
    out.into_iter().flatten().collect()
}

fn word(fragment: Fragment) -> Word {
    let (up, down) = (fragment.up * (fragment.size * ASCENT), fragment.up * -(fragment.size * DESCENT));
    let corners = [fragment.origin + up, fragment.origin + down, fragment.end + up, fragment.end + down];
    let fold = |pick: fn(&Point) -> f64, better: fn(f64, f64) -> f64| {
        corners.iter().map(pick).reduce(better).expect("there are four corners") as f32
    };
    Word {
        text: fragment.text,
        bbox: [fold(|p| p.x, f64::min), fold(|p| p.y, f64::min), fold(|p| p.x, f64::max), fold(|p| p.y, f64::max)],
        size: fragment.size as f32,
        bold: fragment.bold,
        visibility: fragment.visibility,
        ocr_confidence: None,
        span: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs of 10 points on a baseline, each half an em wide: `(text, x)`, a run for each call.
    fn run(run: u32, glyphs: &[(&str, f64)]) -> Vec<Glyph> {
        glyphs
            .iter()
            .map(|(text, x)| Glyph {
                text: (*text).into(),
                origin: Point::new(*x, 100.0),
                along: Vec2::new(1.0, 0.0),
                up: Vec2::new(0.0, -1.0),
                advance: 5.0,
                size: 10.0,
                bold: false,
                visibility: Visibility::Visible,
                run,
            })
            .collect()
    }

    fn texts(glyphs: Vec<Glyph>) -> Vec<String> {
        build(glyphs).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn a_word_ends_at_a_space_or_a_gap() {
        let row = run(1, &[("1", 0.0), (" ", 5.0), ("2", 7.5), ("5", 12.5), ("A", 40.0), ("B", 45.8)]);
        assert_eq!(texts(row), ["1", "25", "AB"]);
    }

    #[test]
    fn even_letter_spacing_is_one_word_and_columns_are_not() {
        let spaced = run(1, &[("O", 0.0), ("R", 8.0), ("D", 16.0), ("E", 24.0), ("R", 32.0), ("N", 46.0), ("O", 51.0)]);
        assert_eq!(texts(spaced), ["ORDER", "NO"]);
        let columns = run(1, &[("1", 0.0), ("2", 8.0), ("3", 16.0), ("4", 24.0), ("5", 32.0)]);
        assert_eq!(texts(columns).len(), 5);
    }

    #[test]
    fn what_touches_is_one_word_in_any_order() {
        let glyphs = [run(1, &[("4", 10.0), ("5", 15.0)]), run(2, &[("x", 200.0)]), run(3, &[("1", 0.0), ("2", 5.0)])].concat();
        assert_eq!(texts(glyphs), ["x", "1245"]);
    }

    #[test]
    fn text_drawn_twice_is_one_text() {
        let twice = [run(1, &[("A", 0.0), ("B", 5.0)]), run(2, &[("A", 0.3), ("B", 5.3)])].concat();
        let words = build(twice);
        assert_eq!(words.len(), 1);
        assert_eq!((words[0].text.as_str(), words[0].bold), ("AB", true));
    }

    #[test]
    fn a_space_that_is_stepped_back_over_is_no_space() {
        let glyphs = run(1, &[("T", 0.0), (" ", 5.0), ("o", 5.0)]);
        assert_eq!(texts(glyphs), ["To"]);
    }
}
