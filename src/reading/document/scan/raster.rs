//! Grey pixels of a page and what is done to them as a whole: even light, dark fills turned light, turns, upright lines.

/// Grey pixels, row by row; 0 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

/// How many quarter turns clockwise make a page upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quarter {
    None,
    One,
    Two,
    Three,
}

impl Quarter {
    /// The same and half a turn more.
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::None => Self::Two,
            Self::One => Self::Three,
            Self::Two => Self::None,
            Self::Three => Self::One,
        }
    }
}

/// Side of the squares in which the paper's shade is measured, inches.
const SHADE_SQUARE: f32 = 0.12;
/// Paper in the shade is at least this bright, as a share of the page's; what is darker was printed so.
const DARKEST_PAPER: f32 = 0.55;
/// What is brighter than this share of the paper is paper.
const PAPER: f32 = 0.91;

impl Raster {
    pub(super) fn new(width: usize, height: usize, shade: u8) -> Self {
        Self { width, height, pixels: vec![shade; width * height] }
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [u8] {
        &mut self.pixels[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn fill(&mut self, [x0, y0, x1, y1]: [usize; 4], shade: u8) {
        let (x1, y1) = (x1.min(self.width), y1.min(self.height));
        for y in y0..y1.max(y0) {
            if x0 < x1 {
                self.row_mut(y)[x0..x1].fill(shade);
            }
        }
    }

    /// `times` as large, between the pixels a mixture.
    pub(super) fn scaled(&self, times: f32) -> Self {
        let side = |pixels: usize| ((pixels as f32 * times).round() as usize).max(1);
        let mut out = Self::new(side(self.width), side(self.height), 255);
        let place = |at: usize, most: usize| {
            let position = ((at as f32 + 0.5) / times - 0.5).clamp(0.0, (most - 1) as f32);
            (position as usize, (position as usize + 1).min(most - 1), position.fract())
        };
        for y in 0..out.height {
            let (top, below, fy) = place(y, self.height);
            for x in 0..out.width {
                let (left, right, fx) = place(x, self.width);
                let mix = |row: &[u8]| f32::from(row[left]) * (1.0 - fx) + f32::from(row[right]) * fx;
                out.pixels[y * out.width + x] = (mix(self.row(top)) * (1.0 - fy) + mix(self.row(below)) * fy) as u8;
            }
        }
        out
    }

    /// Each pixel mixed with those around it: grain goes, letters stay.
    pub(super) fn softened(&self) -> Self {
        let along = |raster: &Self| {
            let mut out = raster.clone();
            for y in 0..raster.height {
                for (pixel, three) in out.row_mut(y).iter_mut().skip(1).zip(raster.row(y).windows(3)) {
                    *pixel = ((u32::from(three[0]) + 2 * u32::from(three[1]) + u32::from(three[2])) / 4) as u8;
                }
            }
            out
        };
        along(&along(self).transposed()).transposed()
    }

    /// White around it.
    pub(super) fn framed(&self, margin: usize) -> Self {
        let mut out = Self::new(self.width + 2 * margin, self.height + 2 * margin, 255);
        for y in 0..self.height {
            out.row_mut(y + margin)[margin..margin + self.width].copy_from_slice(self.row(y));
        }
        out
    }

    /// Columns as rows.
    pub(super) fn transposed(&self) -> Self {
        let mut out = Self::new(self.height, self.width, 255);
        for y in 0..self.height {
            for (x, pixel) in self.row(y).iter().enumerate() {
                out.pixels[x * self.height + y] = *pixel;
            }
        }
        out
    }

    pub(super) fn turned(&self, quarter: Quarter) -> Self {
        let flipped = |mut raster: Self| {
            let width = raster.width.max(1);
            raster.pixels.chunks_mut(width).for_each(<[u8]>::reverse);
            raster
        };
        match quarter {
            Quarter::None => self.clone(),
            Quarter::One => flipped(self.transposed()),
            Quarter::Two => {
                let mut out = self.clone();
                out.pixels.reverse();
                out
            }
            Quarter::Three => flipped(self.clone()).transposed(),
        }
    }

    /// Turned by a small angle clockwise (degrees) around its middle, with white where nothing was.
    pub(super) fn tilted(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (cx, cy) = (self.width as f32 * 0.5, self.height as f32 * 0.5);
        let mut out = Self::new(self.width, self.height, 255);
        for y in 0..self.height {
            let dy = y as f32 - cy;
            let row = out.row_mut(y);
            for (x, pixel) in row.iter_mut().enumerate() {
                let dx = x as f32 - cx;
                let (from_x, from_y) = (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos);
                if from_x >= 0.0 && from_y >= 0.0 {
                    let (left, top) = (from_x as usize, from_y as usize);
                    if left + 1 < self.width && top + 1 < self.height {
                        let at = top * self.width + left;
                        let (fx, fy) = (((from_x - left as f32) * 256.0) as u32, ((from_y - top as f32) * 256.0) as u32);
                        let p = &self.pixels;
                        let upper = u32::from(p[at]) * (256 - fx) + u32::from(p[at + 1]) * fx;
                        let lower = u32::from(p[at + self.width]) * (256 - fx) + u32::from(p[at + self.width + 1]) * fx;
                        *pixel = ((upper * (256 - fy) + lower * fy) >> 16) as u8;
                    }
                }
            }
        }
        out
    }

    /// The shade below which lie `share` of the pixels.
    pub(super) fn percentile(&self, share: f32) -> u8 {
        let mut counts = [0u32; 256];
        self.pixels.iter().for_each(|pixel| counts[usize::from(*pixel)] += 1);
        below(&counts, (self.pixels.len() as f32 * share) as u32)
    }

    /// Shades spread so that `dark` and what is darker is black, `light` and what is lighter is white.
    pub(super) fn spread(&mut self, dark: u8, light: u8) {
        let (dark, light) = (f32::from(dark), f32::from(light.max(dark.saturating_add(1))));
        let table: Vec<u8> =
            (0..=255u8).map(|shade| ((f32::from(shade) - dark) / (light - dark) * 255.0).clamp(0.0, 255.0) as u8).collect();
        self.pixels.iter_mut().for_each(|pixel| *pixel = table[usize::from(*pixel)]);
    }

    /// Paper is white and ink is black everywhere, whatever the light was: shadows and tinted cells are gone.
    pub(super) fn evened(&self, dpi: f32) -> Self {
        let side = ((SHADE_SQUARE * dpi) as usize).max(4);
        let (across, down) = (self.width.div_ceil(side), self.height.div_ceil(side));
        let mut shades = vec![255.0f32; across * down];
        for v in 0..down {
            for u in 0..across {
                let mut counts = [0u32; 256];
                let mut all = 0;
                for y in v * side..((v + 1) * side).min(self.height) {
                    for pixel in &self.row(y)[u * side..((u + 1) * side).min(self.width)] {
                        counts[usize::from(*pixel)] += 1;
                        all += 1;
                    }
                }
                shades[v * across + u] = f32::from(below(&counts, all * 9 / 10));
            }
        }
        let mut sorted = shades.clone();
        sorted.sort_by(f32::total_cmp);
        let usual = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(255.0);
        let lightest = around(&shades, across, down, |window| window.iter().copied().fold(0.0, f32::max));
        let smooth = around(&lightest, across, down, |window| window.iter().sum::<f32>() / window.len() as f32);
        let mut out = Self::new(self.width, self.height, 255);
        for y in 0..self.height {
            let (v, fy) = place(y, side, down);
            for x in 0..self.width {
                let (u, fx) = place(x, side, across);
                let (right, lower) = ((u + 1).min(across - 1), (v + 1).min(down - 1));
                let mix = |row: usize| smooth[row * across + u] * (1.0 - fx) + smooth[row * across + right] * fx;
                let paper = (mix(v) * (1.0 - fy) + mix(lower) * fy).max(usual * DARKEST_PAPER).max(1.0);
                let shade = f32::from(self.pixels[y * self.width + x]) / paper * 255.0;
                out.pixels[y * self.width + x] = shade.min(255.0) as u8;
            }
        }
        let ink = out.percentile(0.01).min(150);
        out.spread(ink.saturating_sub(10), (255.0 * PAPER) as u8);
        out
    }
}

fn below(counts: &[u32; 256], wanted: u32) -> u8 {
    let mut sum = 0;
    counts
        .iter()
        .position(|count| {
            sum += count;
            sum > wanted
        })
        .map_or(255, |shade| shade as u8)
}

/// Where pixel `at` lies between the middles of the squares: the square before it and the way to the next, 0 to 1.
fn place(at: usize, side: usize, count: usize) -> (usize, f32) {
    let position = ((at as f32 + 0.5) / side as f32 - 0.5).clamp(0.0, (count - 1) as f32);
    (position as usize, position.fract())
}

/// Each value made of the 5 x 5 around it.
fn around(values: &[f32], across: usize, down: usize, of: impl Fn(&[f32]) -> f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(values.len());
    let mut window = Vec::with_capacity(25);
    for v in 0..down {
        for u in 0..across {
            window.clear();
            for y in v.saturating_sub(2)..=(v + 2).min(down - 1) {
                window.extend_from_slice(&values[y * across + u.saturating_sub(2)..=y * across + (u + 2).min(across - 1)]);
            }
            out.push(of(&window));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarters_are_a_whole_turn() {
        let raster = Raster { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(raster.turned(Quarter::One), Raster { width: 2, height: 3, pixels: vec![4, 1, 5, 2, 6, 3] });
        assert_eq!(raster.turned(Quarter::One).turned(Quarter::Three), raster);
        assert_eq!(raster.turned(Quarter::Two).turned(Quarter::Two), raster);
    }

    #[test]
    fn a_shadow_over_the_paper_is_taken_out_and_print_stays() {
        let mut raster = Raster::new(400, 300, 240);
        for y in 0..300 {
            for x in 0..400 {
                raster.pixels[y * 400 + x] = 240 - (x / 8) as u8;
            }
        }
        raster.fill([20, 100, 24, 130], 40);
        raster.fill([370, 100, 374, 130], 30);
        let even = raster.evened(200.0);
        assert!(even.pixels[10 * 400 + 10] > 245 && even.pixels[10 * 400 + 390] > 245);
        assert!(even.pixels[110 * 400 + 22] < 80 && even.pixels[110 * 400 + 372] < 80);
    }
}
