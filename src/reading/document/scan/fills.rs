//! Light text on dark fills (the head of a table) becomes dark text on paper, as OCR likes it.

use super::raster::Raster;

/// Side of the squares in which fills are looked for, inches; thicker than strokes of text.
const SQUARE: f32 = 0.035;
/// Smallest fill, inches.
const SMALLEST: (f32, f32) = (0.25, 0.09);
/// Darker than this is fill.
const DARK: u8 = 130;

/// Turns the fills light. Returns their areas.
pub(super) fn lighten(raster: &mut Raster, dpi: f32) -> Vec<[usize; 4]> {
    let side = ((SQUARE * dpi) as usize).max(3);
    let mut done = Vec::new();
    for squares in fills(raster, side) {
        let mut area = squares.map(|at| at * side);
        grow(raster, &mut area);
        let [x0, y0, x1, y1] = area;
        if ((x1 - x0) as f32) < SMALLEST.0 * dpi || ((y1 - y0) as f32) < SMALLEST.1 * dpi {
            continue;
        }
        let mut counts: Vec<u8> = (y0..y1).flat_map(|y| raster.row(y)[x0..x1].iter().copied()).collect();
        counts.sort_unstable();
        let (fill, text) = (counts[counts.len() / 2], counts[counts.len() * 99 / 100]);
        if fill > DARK || counts.partition_point(|shade| *shade < DARK) * 2 < counts.len() {
            continue;
        }
        let range = f32::from(text.max(fill.saturating_add(60)) - fill);
        for y in y0..y1 {
            for pixel in &mut raster.row_mut(y)[x0..x1] {
                *pixel = (255.0 - (f32::from(pixel.saturating_sub(fill)) / range).min(1.0) * 255.0) as u8;
            }
        }
        // The edge of the fill is neither; it would be a frame.
        let rim = (dpi * 0.015) as usize + 1;
        let out = [x0.saturating_sub(rim), y0.saturating_sub(rim), x1 + rim, y1 + rim];
        raster.fill([out[0], out[1], out[2], y0 + rim], 255);
        raster.fill([out[0], y1.saturating_sub(rim), out[2], out[3]], 255);
        raster.fill([out[0], out[1], x0 + rim, out[3]], 255);
        raster.fill([x1.saturating_sub(rim), out[1], out[2], out[3]], 255);
        done.push(area);
    }
    done
}

/// Bounds, in squares, of groups of dark squares that are at most two squares apart (letters stand between them).
fn fills(raster: &Raster, side: usize) -> Vec<[usize; 4]> {
    let (across, down) = (raster.width / side, raster.height / side);
    let mut dark = vec![false; across * down];
    for v in 0..down {
        for u in 0..across {
            let ink = (v * side..(v + 1) * side)
                .map(|y| raster.row(y)[u * side..(u + 1) * side].iter().filter(|pixel| **pixel < DARK).count())
                .sum::<usize>();
            dark[v * across + u] = ink * 10 >= side * side * 9;
        }
    }
    let mut seen = vec![false; across * down];
    let mut found = Vec::new();
    for start in 0..dark.len() {
        if !dark[start] || seen[start] {
            continue;
        }
        let (mut bounds, mut open, mut count) = ([usize::MAX, usize::MAX, 0, 0], vec![start], 0);
        seen[start] = true;
        while let Some(at) = open.pop() {
            let (u, v) = (at % across, at / across);
            count += 1;
            bounds = [bounds[0].min(u), bounds[1].min(v), bounds[2].max(u + 1), bounds[3].max(v + 1)];
            for y in v.saturating_sub(2)..=(v + 2).min(down - 1) {
                for x in u.saturating_sub(3)..=(u + 3).min(across - 1) {
                    let next = y * across + x;
                    if dark[next] && !seen[next] {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
        }
        let area = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]);
        if count >= 4 && count * 4 >= area {
            found.push(bounds);
        }
    }
    found
}

/// Moves each side outwards as long as most of what is beyond it is dark.
fn grow(raster: &Raster, area: &mut [usize; 4]) {
    let dark = |x: usize, y: usize| raster.pixels[y * raster.width + x] < DARK;
    let most = |hits: usize, all: usize| hits * 10 >= all * 6;
    for _ in 0..24 {
        let [x0, y0, x1, y1] = *area;
        let before = *area;
        if y0 > 0 && most((x0..x1).filter(|x| dark(*x, y0 - 1)).count(), x1 - x0) {
            area[1] -= 1;
        }
        if y1 < raster.height && most((x0..x1).filter(|x| dark(*x, y1)).count(), x1 - x0) {
            area[3] += 1;
        }
        if x0 > 0 && most((y0..y1).filter(|y| dark(x0 - 1, *y)).count(), y1 - y0) {
            area[0] -= 1;
        }
        if x1 < raster.width && most((y0..y1).filter(|y| dark(x1, *y)).count(), y1 - y0) {
            area[2] += 1;
        }
        if *area == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_on_black_becomes_black_on_white() {
        let mut raster = Raster::new(600, 200, 255);
        raster.fill([50, 50, 550, 90], 40);
        for letter in 0..10 {
            raster.fill([80 + letter * 20, 62, 84 + letter * 20, 80], 250);
        }
        // A thick letter is no fill.
        raster.fill([100, 120, 108, 160], 0);
        let areas = lighten(&mut raster, 200.0);
        assert_eq!(areas.len(), 1);
        assert!(raster.pixels[70 * 600 + 300] > 240 && raster.pixels[70 * 600 + 82] < 20, "text is dark, fill is light");
        assert!((40..100).all(|y| raster.pixels[y * 600 + 400] > 240), "no frame is left");
        assert_eq!(raster.pixels[130 * 600 + 104], 0);
    }
}
