//! Where the columns of a table are divided: between two heads, at the place that the fewest cells below cross.

use super::columns::{Head, Role};
use super::lines::Line;

/// Where the columns of one header row are divided, from the rows below: one boundary between each two heads.
pub(crate) fn boundaries(heads: &[Head], body: &[&Line<'_>], rulings: &[f32]) -> Vec<f32> {
    heads.windows(2).map(|pair| boundary(&pair[0], &pair[1], body, rulings)).collect()
}

/// The emptiest place between two heads: the one that fewest cells cross; of equals the one nearest to the gap of the heads.
fn boundary(left: &Head, right: &Head, body: &[&Line<'_>], rulings: &[f32]) -> f32 {
    let middle = (left.x1 + right.x0) / 2.0;
    if let Some(x) = rulings
        .iter()
        .filter(|x| **x > left.x0 && **x < right.x1 && **x >= left.x1 - 3.0 && **x <= right.x0 + 3.0)
        .min_by(|a, b| (*a - middle).abs().total_cmp(&(*b - middle).abs()))
    {
        return *x;
    }
    let (own_end, next_start) = edges(left, right, body);
    let (from, to) = if own_end <= next_start { (own_end, next_start) } else { (left.x0 + 1.0, right.x1 - 1.0) };
    if to - from < 3.0 {
        return (from + to) / 2.0;
    }
    let steps = ((to - from) / 1.5).clamp(2.0, 400.0) as usize;
    let mut crossings = vec![0u32; steps + 1];
    let x_of = |k: usize| from + (to - from) * k as f32 / steps as f32;
    let mut count = |x0: f32, x1: f32, weight: u32| {
        let first = (((x0 - from) / (to - from) * steps as f32).ceil().max(0.0)) as usize;
        let last = (x1 - from) / (to - from) * steps as f32;
        if last >= 0.0 {
            for slot in crossings.iter_mut().take((last.floor() as usize).min(steps) + 1).skip(first) {
                *slot += weight;
            }
        }
    };
    for segment in body.iter().flat_map(|l| &l.segments).filter(|s| s.x1 > from && s.x0 < to) {
        count(segment.x0, segment.x1, 1);
        for word in &segment.words {
            count(word.bbox[0], word.bbox[2], 2);
        }
    }
    let fewest = crossings.iter().min().copied().unwrap_or(0);
    // Of the emptiest stretches, the one nearest to the middle; in it, the point nearest to the middle but not at its very edge.
    let mut best: Option<(f32, f32)> = None;
    let mut k = 0;
    while k <= steps {
        if crossings[k] != fewest {
            k += 1;
            continue;
        }
        let begin = k;
        while k < steps && crossings[k + 1] == fewest {
            k += 1;
        }
        let (a, b) = (x_of(begin), x_of(k));
        let point = if b - a > 4.0 { middle.clamp(a + 1.5, b - 1.5) } else { (a + b) / 2.0 };
        let distance = (point - middle).abs();
        if best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, point));
        }
        k += 1;
    }
    best.map_or(middle, |(_, x)| x)
}

/// Where the words under the left head end, and where those under the right one begin. Under a head of figures only figures count:
/// a long text may run under it.
fn edges(left: &Head, right: &Head, body: &[&Line<'_>]) -> (f32, f32) {
    let (mut end, mut start) = (left.x0 + 1.0, right.x1 - 1.0);
    let under = |h: &Head, x0: f32, x1: f32| x0 < h.x1 && x1 > h.x0;
    for word in body.iter().flat_map(|l| &l.segments).flat_map(|s| &s.words) {
        let (x0, x1) = (word.bbox[0], word.bbox[2]);
        let is_figure = word.text.bytes().any(|b| b.is_ascii_digit());
        let counts = |h: &Head| is_figure || !holds_figures(h);
        match (under(left, x0, x1), under(right, x0, x1)) {
            (true, false) if counts(left) => end = end.max(x1),
            (false, true) if counts(right) => start = start.min(x0),
            _ => {}
        }
    }
    (end, start)
}

/// Columns whose cells are figures.
fn holds_figures(head: &Head) -> bool {
    let is_figure = |r: &Role| {
        matches!(
            r,
            Role::Quantity
                | Role::Price
                | Role::Basis
                | Role::Discount
                | Role::Amount
                | Role::GrossAmount
                | Role::TaxRate
                | Role::TaxAmount
                | Role::Date
        )
    };
    !head.roles.is_empty() && head.roles.iter().all(is_figure)
}
