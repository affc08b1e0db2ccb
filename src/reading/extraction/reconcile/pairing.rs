//! Which line of one reading is which line of the other.

use crate::model::part::lookup_key;
use crate::model::{DraftLine, Span};

/// For each line of the first reading the line of the second that stands in the same place, or is numbered or named the same.
pub(super) fn pair(first: &[DraftLine], second: &[Option<DraftLine>]) -> Vec<Option<usize>> {
    let mut partners: Vec<Option<usize>> = vec![None; first.len()];
    let mut free = vec![true; second.len()];
    let tests: [fn(&DraftLine, &DraftLine) -> bool; 3] = [stand_together, named_the_same, numbered_the_same];
    for test in tests {
        for (index, line) in first.iter().enumerate().filter(|(index, _)| partners[*index].is_none()).collect::<Vec<_>>() {
            let partner =
                second.iter().enumerate().position(|(i, other)| free[i] && other.as_ref().is_some_and(|other| test(line, other)));
            if let Some(partner) = partner {
                free[partner] = false;
                partners[index] = Some(partner);
            }
        }
    }
    partners
}

fn stand_together(a: &DraftLine, b: &DraftLine) -> bool {
    let (a, b) = ([a.quantity.spans(), a.unit_price.spans(), a.line_total.spans()].concat(), spans_of(b));
    a.iter().any(|a| b.iter().any(|b| overlap(a, b)))
}

fn overlap(a: &Span, b: &Span) -> bool {
    match (a, b) {
        (Span::Box { page: p, bbox: a }, Span::Box { page: q, bbox: b }) => {
            let shared = a[3].min(b[3]) - a[1].max(b[1]);
            p == q && shared > 0.5 * (a[3] - a[1]).min(b[3] - b[1])
        }
        (Span::Text { start: a, end: b }, Span::Text { start: c, end: d }) => a < d && c < b,
        (Span::Box { .. }, Span::Text { .. }) | (Span::Text { .. }, Span::Box { .. }) => false,
    }
}

fn named_the_same(a: &DraftLine, b: &DraftLine) -> bool {
    let parts = |line: &DraftLine| -> Vec<String> {
        let all = [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin];
        all.iter().filter_map(|part| part.value()).map(|part| lookup_key(part)).collect()
    };
    let (a, b) = (parts(a), parts(b));
    a.iter().any(|part| b.contains(part))
}

fn numbered_the_same(a: &DraftLine, b: &DraftLine) -> bool {
    matches!((a.line_no.value(), b.line_no.value()), (Some(a), Some(b)) if lookup_key(a) == lookup_key(b))
}

/// Where a line stands.
pub(super) fn spans_of(line: &DraftLine) -> Vec<Span> {
    [
        line.quantity.spans(),
        line.unit_price.spans(),
        line.line_total.spans(),
        line.description.spans(),
        line.supplier_part.spans(),
        line.buyer_part.spans(),
    ]
    .concat()
}
