//! By how much the lines of a page lean.

use super::raster::Raster;

/// Pages lie no more askew than this in a scanner, degrees.
const MOST: f32 = 5.0;
/// So many ink pixels tell.
const SAMPLE: usize = 40_000;
/// Less than this is left as it is: turning softens the print.
const LEAST: f32 = 0.06;

/// Degrees by which the text leans clockwise; 0 where it is upright.
pub(super) fn lean(raster: &Raster) -> f32 {
    let ink = ink(raster);
    if ink.len() < 200 {
        return 0.0;
    }
    let mut counts = vec![0u32; raster.height + 2 * (raster.width / 8) + 4];
    let mut best = (0.0f32, 0u64);
    let mut tried = |from: f32, to: f32, step: f32, best: &mut (f32, u64)| {
        let steps = ((to - from) / step).round() as i32;
        for index in 0..=steps {
            let degrees = from + step * index as f32;
            let sharp = sharpness(&ink, degrees, &mut counts, (raster.width / 8) as f32);
            if sharp > best.1 {
                *best = (degrees, sharp);
            }
        }
    };
    tried(-MOST, MOST, 0.25, &mut best);
    let coarse = best.0;
    tried(coarse - 0.25, coarse + 0.25, 0.03, &mut best);
    if best.0.abs() < LEAST { 0.0 } else { best.0 }
}

/// How clearly rows of ink and rows of paper take turns when the page is seen at this angle.
fn sharpness(ink: &[(f32, f32)], degrees: f32, counts: &mut [u32], margin: f32) -> u64 {
    counts.fill(0);
    let slope = degrees.to_radians().tan();
    for (x, y) in ink {
        let row = (y - x * slope + margin).max(0.0) as usize;
        if let Some(count) = counts.get_mut(row) {
            *count += 1;
        }
    }
    counts.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1])).pow(2)).sum()
}

/// A sample of the dark pixels, x from the middle.
fn ink(raster: &Raster) -> Vec<(f32, f32)> {
    let dark = |pixel: &u8| *pixel < 140;
    let all = raster.pixels.iter().filter(|pixel| dark(pixel)).count();
    let step = (all / SAMPLE).max(1);
    let middle = raster.width as f32 * 0.5;
    raster
        .pixels
        .iter()
        .enumerate()
        .filter(|(_, pixel)| dark(pixel))
        .step_by(step)
        .map(|(at, _)| ((at % raster.width) as f32 - middle, (at / raster.width) as f32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_angle_of_lines_is_found_and_undone() {
        let mut raster = Raster::new(800, 600, 255);
        for row in 1..10 {
            for letter in 0..40 {
                raster.fill([60 + letter * 16, row * 50, 70 + letter * 16, row * 50 + 14], 0);
            }
        }
        assert_eq!(lean(&raster), 0.0);
        for degrees in [-2.0f32, 1.3] {
            let leaning = raster.tilted(degrees);
            assert!((lean(&leaning) - degrees).abs() < 0.1, "{degrees}: {}", lean(&leaning));
        }
    }
}
