//! Structured formats. The readers of EDI and XML orders stand here.

use crate::model::Draft;
use crate::reading::ReadingContext;
use crate::reading::document::Document;

/// The draft of a structured document; `None` when it is none.
pub fn read(_document: &Document, _context: &ReadingContext) -> Option<Draft> {
    None
}
