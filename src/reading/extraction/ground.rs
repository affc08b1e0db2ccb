//! The only place where a value's origin may become `Origin::Document`: a claim is found in the document, or it has no such origin.

use crate::model::{Origin, Span};
use crate::reading::document::{Page, Word};

/// The origin of a value that these words of one page print. `None` for no words.
///
/// Words of a text source are cited by their place in the text, all others by their boxes; words side by side on one line share a box.
pub fn ground_words<'a>(page: &Page, words: impl IntoIterator<Item = &'a Word>) -> Option<Origin> {
    let mut spans: Vec<Span> = Vec::new();
    for word in words {
        match (word.span, spans.last_mut()) {
            (Some((start, end)), Some(Span::Text { end: last, .. })) if start >= *last && start <= *last + 2 => *last = end,
            (Some((start, end)), _) => spans.push(Span::Text { start, end }),
            (None, Some(Span::Box { page: number, bbox })) if *number == page.number && same_line(bbox, &word.bbox) => {
                *bbox = union(*bbox, word.bbox);
            }
            (None, _) => spans.push(Span::Box { page: page.number, bbox: word.bbox }),
        }
    }
    (!spans.is_empty()).then_some(Origin::Document(spans))
}

/// The origin of a value that stands at `start..end` of a text source.
pub fn ground_text(start: usize, end: usize) -> Origin {
    Origin::Document(vec![Span::Text { start, end }])
}

/// The places of several grounded values together: a sum's evidence. `None` when none of them is in the document.
pub fn join<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Option<Origin> {
    let spans: Vec<Span> = origins.into_iter().flat_map(|o| o.spans().to_vec()).collect();
    (!spans.is_empty()).then_some(Origin::Document(spans))
}

fn same_line(a: &[f32; 4], b: &[f32; 4]) -> bool {
    let overlap = a[3].min(b[3]) - a[1].max(b[1]);
    overlap > 0.5 * (a[3] - a[1]).min(b[3] - b[1])
}

fn union(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}
