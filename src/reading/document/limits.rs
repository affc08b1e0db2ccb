//! How much of one document is read. Each limit that is hit becomes a `LIMIT_REACHED` finding; nothing is cut silently.

use serde::{Deserialize, Serialize};

/// Limits for one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Length of the file.
    pub bytes: usize,
    /// Pages or sheets that are read.
    pub pages: usize,
    /// Characters that are read from all pages of a PDF.
    pub glyphs: usize,
    /// Ruling lines of all pages of a PDF.
    pub rulings: usize,
    /// Rows of all sheets together.
    pub rows: usize,
    /// Filled cells of all sheets together.
    pub cells: usize,
    /// Decoded text of text, HTML, XML and EDI sources, and of sheets.
    pub text_bytes: usize,
    /// Declared unpacked size of a ZIP based document.
    pub unpacked_bytes: usize,
    /// Files inside a file, and the bytes of all of them together.
    pub embedded_files: usize,
    pub embedded_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 25 << 20,
            pages: 200,
            glyphs: 600_000,
            rulings: 60_000,
            rows: 20_000,
            cells: 200_000,
            text_bytes: 4 << 20,
            unpacked_bytes: 128 << 20,
            embedded_files: 20,
            embedded_bytes: 4 << 20,
        }
    }
}
