//! Connected patches of ink: letters, dots, specks.

use super::raster::Raster;

/// A patch: its box in pixels and how many of them are ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) bbox: [usize; 4],
    pub(super) ink: usize,
}

impl Blob {
    pub(super) fn width(&self) -> usize {
        self.bbox[2] - self.bbox[0]
    }

    pub(super) fn height(&self) -> usize {
        self.bbox[3] - self.bbox[1]
    }
}

/// Patches of pixels darker than `ink` that touch, corners included. Runs of a row are joined with those of the row above.
pub(super) fn blobs(raster: &Raster, ink: u8) -> Vec<Blob> {
    let mut parents: Vec<usize> = Vec::new();
    let mut found: Vec<Blob> = Vec::new();
    // First column, column after the last, label.
    let mut above: Vec<(usize, usize, usize)> = Vec::new();
    let mut here = Vec::new();
    for y in 0..raster.height {
        here.clear();
        let row = raster.row(y);
        let (mut x, mut first) = (0, 0);
        while x < row.len() {
            if row[x] >= ink {
                x += 1;
                continue;
            }
            let from = x;
            while x < row.len() && row[x] < ink {
                x += 1;
            }
            while first < above.len() && above[first].1 < from {
                first += 1;
            }
            let label = parents.len();
            parents.push(label);
            found.push(Blob { bbox: [from, y, x, y + 1], ink: x - from });
            for touching in above[first..].iter().take_while(|run| run.0 <= x) {
                join(&mut parents, touching.2, label);
            }
            here.push((from, x, label));
        }
        std::mem::swap(&mut above, &mut here);
    }
    for index in (0..found.len()).rev() {
        let root = root(&mut parents, index);
        if root != index {
            let part = found[index];
            let whole = &mut found[root];
            let ([a, b, c, d], [e, f, g, h]) = (whole.bbox, part.bbox);
            *whole = Blob { bbox: [a.min(e), b.min(f), c.max(g), d.max(h)], ink: whole.ink + part.ink };
            found[index].ink = 0;
        }
    }
    found.retain(|blob| blob.ink > 0);
    found
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

fn join(parents: &mut [usize], left: usize, right: usize) {
    let (left, right) = (root(parents, left), root(parents, right));
    parents[left.max(right)] = left.min(right);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_is_one_patch() {
        let mut raster = Raster::new(40, 20, 255);
        // A "u": its two strokes meet below only.
        raster.fill([2, 2, 4, 10], 0);
        raster.fill([8, 2, 10, 10], 0);
        raster.fill([2, 10, 10, 12], 0);
        raster.fill([20, 5, 23, 8], 0);
        raster.fill([23, 8, 24, 9], 0);
        let mut found = blobs(&raster, 128);
        found.sort_by_key(|blob| blob.bbox);
        assert_eq!(found, [Blob { bbox: [2, 2, 10, 12], ink: 48 }, Blob { bbox: [20, 5, 24, 9], ink: 10 }]);
    }
}
