//! Where text stands: pieces of lines, each in one cell or column, out of patches of ink.
//!
//! A piece ends at a gap wider than words have between them and at a vertical ruling, so that OCR never sees two cells as one.

use super::blobs::Blob;

/// Heights of letters, inches: 4 points to 40 points.
const LETTERS: (f32, f32) = (0.028, 0.6);
/// Wider gaps end a piece, in heights of a letter.
const GAP: f32 = 1.8;
/// Smaller patches are dots, accents and dashes, in heights of a letter.
const SMALL: f32 = 0.45;
/// So many patches are looked at; a picture with more is no page of text.
const MOST_BLOBS: usize = 20_000;

/// A piece of a line of text, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub(super) bbox: [usize; 4],
    /// Where its letters stand.
    pub(super) baseline: usize,
    /// Height of capitals and figures.
    pub(super) height: f32,
}

/// Text of the page, in reading order. `verticals` are rulings.
pub(super) fn segments(blobs: &[Blob], verticals: &[[usize; 4]], dpi: f32) -> Vec<Segment> {
    if blobs.len() > MOST_BLOBS {
        return Vec::new();
    }
    let Some(usual) = usual_height(blobs, dpi) else { return Vec::new() };
    let fits = |blob: &&Blob| (blob.height() as f32) < LETTERS.1 * dpi && (blob.width() as f32) < 4.0 * dpi;
    let (mut letters, small): (Vec<&Blob>, Vec<&Blob>) =
        blobs.iter().filter(fits).partition(|blob| blob.height() as f32 >= SMALL * usual);
    letters.sort_by_key(|blob| blob.bbox[0]);
    let mut chains: Vec<Chain> = Vec::new();
    for blob in letters {
        let next = chains
            .iter()
            .enumerate()
            .filter_map(|(index, chain)| chain.gap(blob, usual, verticals).map(|gap| (gap, index)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match next {
            Some((_, index)) => chains[index].push(blob.bbox),
            None => chains.push(Chain::of(blob.bbox)),
        }
    }
    for blob in small {
        attach(blob, &mut chains, usual, verticals);
    }
    let whole = chains.iter().filter(|chain| (chain.bbox[3] - chain.bbox[1]) as f32 >= 0.5 * usual);
    in_rows(whole.map(Chain::segment).collect())
}

/// Height of most letters, pixels.
fn usual_height(blobs: &[Blob], dpi: f32) -> Option<f32> {
    let mut heights: Vec<usize> = blobs
        .iter()
        .filter(|blob| {
            let height = blob.height() as f32;
            (LETTERS.0 * dpi..0.25 * dpi).contains(&height) && (blob.width() as f32) < 3.0 * height.max(0.1 * dpi)
        })
        .map(Blob::height)
        .collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).map(|height| *height as f32)
}

/// Letters one after the other.
struct Chain {
    letters: Vec<[usize; 4]>,
    bbox: [usize; 4],
}

impl Chain {
    fn of(letter: [usize; 4]) -> Self {
        Self { letters: vec![letter], bbox: letter }
    }

    fn push(&mut self, letter: [usize; 4]) {
        self.letters.push(letter);
        self.bbox = union(self.bbox, letter);
    }

    /// Where its last letters have their tops and feet.
    fn band(&self) -> (f32, f32) {
        let last = &self.letters[self.letters.len().saturating_sub(6)..];
        let middle = |side: usize| {
            let mut values: Vec<usize> = last.iter().map(|letter| letter[side]).collect();
            values.sort_unstable();
            values[values.len() / 2] as f32
        };
        (middle(1), middle(3))
    }

    /// How far `blob` is from the end of this chain, where it can be its next letter.
    fn gap(&self, blob: &Blob, usual: f32, verticals: &[[usize; 4]]) -> Option<f32> {
        let end = self.letters[self.letters.len().saturating_sub(4)..].iter().map(|letter| letter[2]).max()?;
        let gap = blob.bbox[0] as f32 - end as f32;
        let last = self.letters.last()?;
        let widest = GAP * usual.max(blob.height().min(last[3] - last[1]) as f32);
        if !(-3.0 * usual..=widest).contains(&gap) {
            return None;
        }
        let (top, foot) = self.band();
        let (from, to) = (blob.bbox[1] as f32, blob.bbox[3] as f32);
        let shared = to.min(foot) - from.max(top);
        if shared < 0.45 * (to - from).min(foot - top) || (to - from).max(foot - top) > 3.0 * (to - from).min(foot - top) {
            return None;
        }
        let middle = (blob.bbox[1] + blob.bbox[3]) / 2;
        let ruled = verticals.iter().any(|line| {
            let x = (line[0] + line[2]) / 2;
            x + 2 >= end && x <= blob.bbox[0] + 2 && line[1] <= middle + 3 && middle <= line[3] + 3
        });
        (!ruled).then_some(gap)
    }

    fn segment(&self) -> Segment {
        let tallest = self.letters.iter().map(|letter| letter[3] - letter[1]).max().unwrap_or(1);
        // Signs that hang high or low, as a degree sign does, say nothing about the line.
        let mut feet: Vec<usize> =
            self.letters.iter().filter(|letter| (letter[3] - letter[1]) * 10 >= tallest * 6).map(|letter| letter[3]).collect();
        feet.sort_unstable();
        let baseline = feet[(feet.len() - 1) / 2];
        let height = self.letters.iter().map(|letter| baseline.saturating_sub(letter[1])).max().unwrap_or(1).max(1);
        Segment { bbox: self.bbox, baseline, height: height as f32 }
    }
}

/// Pieces in reading order. A piece without tall letters ("mm") gets the height of those beside it.
fn in_rows(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by_key(|segment| segment.baseline);
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in segments {
        match rows.last_mut() {
            Some(row) if (segment.baseline - row[0].baseline) as f32 <= 0.4 * row[0].height.min(segment.height) => {
                row.push(segment)
            }
            _other => rows.push(vec![segment]),
        }
    }
    for row in &mut rows {
        let mut heights: Vec<f32> = row.iter().map(|segment| segment.height).collect();
        heights.sort_by(f32::total_cmp);
        let usual = heights[heights.len() / 2];
        row.iter_mut().filter(|segment| (0.6..0.95).contains(&(segment.height / usual))).for_each(|segment| segment.height = usual);
        row.sort_by_key(|segment| segment.bbox[0]);
    }
    rows.into_iter().flatten().collect()
}

/// Gives a dot, an accent or a dash to the nearest chain that it can belong to.
fn attach(blob: &Blob, chains: &mut [Chain], usual: f32, verticals: &[[usize; 4]]) {
    let [x0, y0, x1, y1] = blob.bbox;
    let (x, y) = ((x0 + x1) as f32 * 0.5, (y0 + y1) as f32 * 0.5);
    // Specks of one or two pixels are dirt.
    if blob.ink < 4 {
        return;
    }
    let nearest = chains
        .iter_mut()
        .filter_map(|chain| {
            let [left, top, right, bottom] = chain.bbox.map(|side| side as f32);
            let height = bottom - top;
            let (dx, dy) = ((left - x).max(x - right).max(0.0), (top - y).max(y - bottom).max(0.0));
            let near = dx <= 0.9 * usual && y >= top - 0.45 * height && y <= bottom + 0.35 * height;
            let ruled = || {
                let (from, to) = if x < left { (x, left) } else { (right, x) };
                verticals.iter().any(|line| {
                    let at = (line[0] + line[2]) as f32 * 0.5;
                    (from..=to).contains(&at) && (line[1] as f32..=line[3] as f32).contains(&y)
                })
            };
            (near && (dx == 0.0 || !ruled())).then_some((dx + dy, chain))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, chain)) = nearest {
        chain.bbox = union(chain.bbox, blob.bbox);
    }
}

fn union(a: [usize; 4], b: [usize; 4]) -> [usize; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Whether the lines of text run from top to bottom: most letters have their nearest neighbour below or above.
pub(super) fn runs_down(blobs: &[Blob], dpi: f32) -> bool {
    let letter = |blob: &&Blob| {
        let side = blob.height().max(blob.width()) as f32;
        (LETTERS.0 * dpi..0.25 * dpi).contains(&side)
    };
    let letters: Vec<&Blob> = blobs.iter().filter(letter).take(4_000).collect();
    let (mut along, mut down) = (0, 0);
    for blob in letters.iter().step_by((letters.len() / 800).max(1)) {
        let reach = blob.height().max(blob.width()) as isize;
        let (mut beside, mut below) = (reach, reach);
        for other in &letters {
            let shared = |low: usize| {
                let (from, to) = (blob.bbox[low].max(other.bbox[low]), blob.bbox[low + 2].min(other.bbox[low + 2]));
                to > from && (to - from) * 2 >= blob.bbox[low + 2] - blob.bbox[low]
            };
            let away = |low: usize| other.bbox[low] as isize - blob.bbox[low + 2] as isize;
            if away(0) >= 0 && away(0) < beside && shared(1) {
                beside = away(0);
            }
            if away(1) >= 0 && away(1) < below && shared(0) {
                below = away(1);
            }
        }
        along += usize::from(beside < below);
        down += usize::from(below < beside);
    }
    down > 20 && down * 2 > along * 3
}

/// Whether upright-running text stands on its head: letters are in line at their feet, not at their heads.
pub(super) fn is_on_its_head(blobs: &[Blob], dpi: f32) -> bool {
    let letters: Vec<&Blob> = blobs
        .iter()
        .filter(|blob| (LETTERS.0 * dpi..0.25 * dpi).contains(&(blob.height() as f32)) && blob.width() < 2 * blob.height())
        .collect();
    let in_line = |side: usize| {
        let mut counts = std::collections::BTreeMap::<usize, u64>::new();
        letters.iter().for_each(|blob| *counts.entry(blob.bbox[side] / 2).or_default() += 1);
        counts.values().map(|count| count * count).sum::<u64>()
    };
    letters.len() >= 30 && in_line(1) * 4 > in_line(3) * 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(places: &[(usize, usize)]) -> Vec<Blob> {
        places.iter().map(|(x, y)| Blob { bbox: [*x, *y, x + 12, y + 20], ink: 100 }).collect()
    }

    #[test]
    fn a_piece_ends_at_wide_gaps_and_rulings() {
        let mut blobs = letters(&[(10, 50), (24, 50), (44, 50), (120, 50), (134, 51), (152, 50), (10, 100)]);
        // A comma between the second and the third letter, a speck of dirt.
        blobs.push(Blob { bbox: [37, 66, 41, 74], ink: 20 });
        blobs.push(Blob { bbox: [200, 60, 201, 61], ink: 1 });
        let found = segments(&blobs, &[[148, 0, 150, 300]], 200.0);
        let boxes: Vec<[usize; 4]> = found.iter().map(|segment| segment.bbox).collect();
        assert_eq!(boxes, [[10, 50, 56, 74], [120, 50, 146, 71], [152, 50, 164, 70], [10, 100, 22, 120]]);
        assert_eq!((found[0].baseline, found[0].height), (70, 20.0));
    }

    #[test]
    fn text_that_runs_down_is_told() {
        let rows: Vec<(usize, usize)> = (0..20).flat_map(|row| (0..30).map(move |at| (at * 15, row * 40))).collect();
        let across = letters(&rows);
        let turned: Vec<Blob> = across
            .iter()
            .map(|blob| Blob { bbox: [blob.bbox[1], blob.bbox[0], blob.bbox[3], blob.bbox[2]], ink: blob.ink })
            .collect();
        assert!(!runs_down(&across, 200.0) && runs_down(&turned, 200.0));
    }
}
