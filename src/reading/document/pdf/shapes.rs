//! What drawn paths and paints come to on white paper: rectangles, straight lines, ink or white.

use hayro_interpret::Paint;
use hayro_interpret::kurbo::{BezPath, PathEl, Point, Rect};

/// Segments of one path that are looked at.
const MOST_SEGMENTS: usize = 20_000;

/// What a paint looks like on white paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    Ink,
    White,
    Transparent,
}

pub(super) fn shade(paint: &Paint<'_>) -> Shade {
    match paint {
        Paint::Color(color) => {
            let [r, g, b, a] = color.to_rgba().to_rgba8();
            if a < 12 {
                Shade::Transparent
            } else if r.min(g).min(b) >= 244 {
                Shade::White
            } else {
                Shade::Ink
            }
        }
        Paint::Pattern(_) => Shade::Ink,
    }
}

/// Whether the paint hides what is under it.
pub(super) fn is_solid(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8()[3] > 242,
        Paint::Pattern(_) => false,
    }
}

/// A closed part of a path.
pub(super) struct Part {
    pub(super) bounds: Rect,
    pub(super) is_rectangle: bool,
}

/// The closed parts of a path with their bounds.
pub(super) fn subpaths(path: &BezPath) -> impl Iterator<Item = Part> + '_ {
    let elements = path.elements();
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut points: Vec<Point> = Vec::new();
        let mut straight = true;
        while at < elements.len().min(MOST_SEGMENTS) {
            match elements[at] {
                PathEl::MoveTo(_) if points.len() > 1 => break,
                PathEl::MoveTo(p) => points = vec![p],
                PathEl::LineTo(p) => points.push(p),
                PathEl::QuadTo(a, p) => {
                    straight = false;
                    points.extend([a, p]);
                }
                PathEl::CurveTo(a, b, p) => {
                    straight = false;
                    points.extend([a, b, p]);
                }
                PathEl::ClosePath => {}
            }
            at += 1;
        }
        let first = *points.first().filter(|_| points.len() > 1)?;
        let bounds = points.iter().fold(Rect::from_points(first, first), |sum, p| sum.union_pt(*p));
        let on_edge = |p: &Point| {
            let near = |a: f64, b: f64| (a - b).abs() < 0.02;
            (near(p.x, bounds.x0) || near(p.x, bounds.x1)) && (near(p.y, bounds.y0) || near(p.y, bounds.y1))
        };
        let is_rectangle = straight && (2..=6).contains(&points.len()) && points.iter().all(on_edge);
        Some(Part { bounds, is_rectangle })
    })
}

/// The straight parts of a path, closing lines included.
pub(super) fn straight_segments(path: &BezPath) -> Vec<(Point, Point)> {
    let (mut start, mut last) = (Point::ZERO, Point::ZERO);
    let mut segments = Vec::new();
    for element in path.elements().iter().take(MOST_SEGMENTS) {
        match *element {
            PathEl::MoveTo(p) => (start, last) = (p, p),
            PathEl::LineTo(p) => {
                segments.push((last, p));
                last = p;
            }
            PathEl::QuadTo(_, p) | PathEl::CurveTo(_, _, p) => last = p,
            PathEl::ClosePath => {
                segments.push((last, start));
                last = start;
            }
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro_interpret::kurbo::Shape;

    #[test]
    fn a_rectangle_is_told_from_other_shapes() {
        let rect = Rect::new(1.0, 2.0, 30.0, 3.0).to_path(0.1);
        let mut triangle = BezPath::new();
        triangle.move_to((0.0, 0.0));
        triangle.line_to((10.0, 0.0));
        triangle.line_to((5.0, 8.0));
        triangle.close_path();
        let kinds = |path: &BezPath| subpaths(path).map(|part| part.is_rectangle).collect::<Vec<_>>();
        assert_eq!(kinds(&rect), [true]);
        assert_eq!(kinds(&triangle), [false]);
        let both: BezPath = rect.iter().chain(triangle.iter()).collect();
        assert_eq!(kinds(&both), [true, false]);
    }
}
