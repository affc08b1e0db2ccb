//! Ruling lines in a picture: found, noted and wiped out, because OCR reads them as letters and joins columns over them.

use super::raster::Raster;

/// Shortest lines, inches: longer than letters and their strokes.
const SHORTEST: (f32, f32) = (0.4, 0.2);
/// Thicker ones are bars, inches.
const THICKEST: f32 = 0.05;
/// Darker than this may be line; hairlines come out faint.
const FAINT: u8 = 200;
/// So much paper must lie along one side, and along both together: rows of letters have none above their feet.
const PAPER_BESIDE: (f32, f32) = (0.6, 1.4);
/// So little paper along one side is another line close by.
const LINE_BESIDE: f32 = 0.15;
/// Lines of one page that are kept.
const MOST: usize = 20_000;

/// Wipes the lines out of the picture and returns their boxes in pixels: horizontal ones, vertical ones.
pub(super) fn wipe(raster: &mut Raster, dpi: f32) -> (Vec<[usize; 4]>, Vec<[usize; 4]>) {
    let mut upright = raster.transposed();
    let flat = lines(raster, dpi, SHORTEST.0);
    let tall = lines(&upright, dpi, SHORTEST.1);
    flat.iter().for_each(|line| line.wipe(raster));
    tall.iter().for_each(|line| line.wipe(&mut upright));
    // What either of them wiped out is gone.
    for (x, column) in upright.pixels.chunks(upright.width.max(1)).enumerate() {
        for (y, pixel) in column.iter().enumerate() {
            let here = &mut raster.pixels[y * raster.width + x];
            *here = (*here).max(*pixel);
        }
    }
    let swapped = |[x0, y0, x1, y1]: [usize; 4]| [y0, x0, y1, x1];
    (flat.iter().map(Line::bounds).collect(), tall.iter().map(|line| swapped(line.bounds())).collect())
}

/// A horizontal line: where it begins, and for each column its first and last row; columns without ink have none.
struct Line {
    left: usize,
    columns: Vec<Option<(usize, usize)>>,
    /// Whether it can be wiped there: no stroke of a letter crosses.
    free: Vec<bool>,
}

impl Line {
    fn bounds(&self) -> [usize; 4] {
        let rows = || self.columns.iter().flatten();
        let top = rows().map(|(top, _)| *top).min().unwrap_or(0);
        let bottom = rows().map(|(_, bottom)| *bottom).max().unwrap_or(0);
        [self.left, top, self.left + self.columns.len(), bottom + 1]
    }

    fn wipe(&self, raster: &mut Raster) {
        for (index, column) in self.columns.iter().enumerate() {
            if let Some((top, bottom)) = column
                && self.free[index]
            {
                let x = self.left + index;
                raster.fill([x.saturating_sub(1), top.saturating_sub(1), x + 2, bottom + 2], 255);
            }
        }
    }
}

/// A run of ink in a row: row, first column, column after the last.
type Run = (usize, usize, usize);

fn lines(raster: &Raster, dpi: f32, shortest: f32) -> Vec<Line> {
    let runs = runs(raster, (dpi * 0.01) as usize, (dpi * shortest) as usize);
    groups(&runs).into_iter().filter_map(|group| line(raster, &group, dpi)).take(MOST).collect()
}

/// Runs of ink of at least `shortest` pixels, with gaps up to `gap`.
fn runs(raster: &Raster, gap: usize, shortest: usize) -> Vec<Run> {
    let mut found = Vec::new();
    for y in 0..raster.height {
        let mut open: Option<(usize, usize)> = None;
        let mut close = |run: Option<(usize, usize)>| {
            if let Some((from, to)) = run
                && to - from >= shortest
            {
                found.push((y, from, to));
            }
        };
        for (x, pixel) in raster.row(y).iter().enumerate() {
            if *pixel >= FAINT {
                continue;
            }
            match &mut open {
                Some((_, to)) if x <= *to + gap => *to = x + 1,
                _other => close(open.replace((x, x + 1))),
            }
        }
        close(open);
    }
    found
}

/// Runs that touch, in this row and the next.
fn groups(runs: &[Run]) -> Vec<Vec<Run>> {
    let mut groups: Vec<Vec<Run>> = Vec::new();
    let mut of_run: Vec<usize> = Vec::with_capacity(runs.len());
    let mut before = 0;
    for (index, &(y, from, to)) in runs.iter().enumerate() {
        while runs[before].0 + 2 < y {
            before += 1;
        }
        let mut mine: Option<usize> = None;
        for other in before..index {
            let (row, left, right) = runs[other];
            if row < y && left <= to + 2 && from <= right + 2 {
                let group = of_run[other];
                match mine {
                    None => mine = Some(group),
                    Some(first) if first != group => {
                        let moved = std::mem::take(&mut groups[group]);
                        groups[first].extend(moved);
                        of_run.iter_mut().filter(|of| **of == group).for_each(|of| *of = first);
                    }
                    Some(_) => {}
                }
            }
        }
        let group = mine.unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push((y, from, to));
        of_run.push(group);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The line that a group of runs makes; `None` where it is something else: a row of letters, a bar.
fn line(raster: &Raster, group: &[Run], dpi: f32) -> Option<Line> {
    let left = group.iter().map(|run| run.1).min()?;
    let right = group.iter().map(|run| run.2).max()?.min(raster.width);
    let mut columns: Vec<Option<(usize, usize)>> = vec![None; right - left];
    for &(y, from, to) in group {
        for column in &mut columns[from - left..to - left] {
            *column = Some(column.map_or((y, y), |(top, bottom)| (top.min(y), bottom.max(y))));
        }
    }
    let mut thickness: Vec<usize> = columns.iter().flatten().map(|(top, bottom)| bottom - top + 1).collect();
    thickness.sort_unstable();
    if thickness[thickness.len() / 2] as f32 > THICKEST * dpi || *thickness.last()? as f32 > 3.0 * THICKEST * dpi {
        return None;
    }
    let mean = group.iter().map(|&(y, from, to)| raster.row(y)[from..to].iter().map(|p| u64::from(*p)).sum::<u64>()).sum::<u64>()
        / group.iter().map(|run| (run.2 - run.1) as u64).sum::<u64>().max(1);
    let paper = (mean as u8).midpoint(255);
    let off = (dpi * 0.015) as usize + 1;
    let (mut above, mut below, mut all) = (0, 0, 0);
    let mut free = vec![false; columns.len()];
    for (index, column) in columns.iter().enumerate() {
        let Some((top, bottom)) = *column else { continue };
        let at = |y: usize| raster.pixels[y * raster.width + left + index] > paper;
        let (over, under) = (at(top.saturating_sub(off)), at((bottom + off).min(raster.height - 1)));
        above += usize::from(over);
        below += usize::from(under);
        all += 1;
        free[index] = over || under;
    }
    let (above, below) = (above as f32 / all as f32, below as f32 / all as f32);
    let (less, more) = (above.min(below), above.max(below));
    let alone = less >= PAPER_BESIDE.0 && above + below >= PAPER_BESIDE.1;
    let doubled = less <= LINE_BESIDE && more >= 0.85;
    (alone || doubled).then_some(Line { left, columns, free })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_and_letters_stay() {
        let mut raster = Raster::new(900, 400, 255);
        // A frame, one inner line that is faint and broken, and a row of letters with feet that nearly touch.
        raster.fill([50, 50, 850, 53], 20);
        raster.fill([50, 350, 850, 353], 20);
        raster.fill([50, 50, 53, 353], 20);
        raster.fill([450, 50, 452, 353], 170);
        raster.fill([450, 200, 452, 202], 255);
        for letter in 0..30 {
            raster.fill([100 + letter * 10, 100, 103 + letter * 10, 120], 0);
            raster.fill([105 + letter * 10, 100, 108 + letter * 10, 120], 0);
            raster.fill([100 + letter * 10, 119, 109 + letter * 10, 121], 0);
        }
        let letters = raster.pixels[110 * 900 + 101];
        let (flat, tall) = wipe(&mut raster, 200.0);
        assert_eq!((flat.len(), tall.len()), (2, 2), "{flat:?} {tall:?}");
        assert_eq!(flat[0], [50, 50, 850, 53]);
        assert_eq!(raster.pixels[110 * 900 + 101], letters);
        assert_eq!(raster.pixels[120 * 900 + 105], 0, "the feet stay");
        assert!(raster.pixels[51 * 900 + 300] == 255 && raster.pixels[300 * 900 + 451] == 255);
    }
}
