//! Grounding in running text: the origin of a value that stands at known places of a text source, or that is searched for there.
//!
//! Beside `ground.rs` the only file that may make `Origin::Document`. Nothing here understands a value; it only finds it.

use crate::model::{Origin, Span};

/// The origin of a value that is put together from these pieces of a text source (byte offsets). `None` for no pieces.
pub fn ground_pieces(pieces: &[(usize, usize)]) -> Option<Origin> {
    let spans: Vec<Span> = pieces.iter().map(|&(start, end)| Span::Text { start, end }).collect();
    (!spans.is_empty()).then_some(Origin::Document(spans))
}
