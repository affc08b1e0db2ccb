//! A document as pages of words with places, whatever it was: PDF, scan, sheet, HTML, text, XML or EDI.
//!
//! Every source ends in the same `Document`, so that readers know one geometry: PDF points from the top left corner of the
//! upright page. Sheets and plain text are laid out on an invisible grid; their words also carry their place in the text.

use crate::model::Finding;
use serde::{Deserialize, Serialize};

/// What the bytes were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    Pdf,
    /// PNG, JPEG or TIFF: words come from OCR only.
    Image,
    /// XLSX, XLS, ODS or CSV; one page a sheet.
    Sheet,
    Html,
    /// Plain text, a mail body included.
    Text,
    /// An XML business document.
    Xml,
    /// X12, EDIFACT or TRADACOMS.
    Edi,
    Unknown,
}

/// How a word can be seen. All but `Visible` are a way to hide text from a person (DOMAIN, "hidden white-text injection").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    #[default]
    Visible,
    /// Drawn with the invisible text mode, as OCR layers are.
    Invisible,
    /// Outside the page's crop box.
    OffPage,
    /// Under 2 points high.
    Tiny,
    /// White or nearly white on nothing.
    White,
}

/// A word: characters without white space between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    /// `[x0, y0, x1, y1]`, points from the top left corner.
    pub bbox: [f32; 4],
    /// Font size in points; the line height where it is not known.
    pub size: f32,
    #[serde(default)]
    pub bold: bool,
    #[serde(default)]
    pub visibility: Visibility,
    /// 0 to 100, when the word was read by OCR.
    #[serde(default)]
    pub ocr_confidence: Option<u8>,
    /// Byte offsets into `Document::text`, for sources that are text.
    #[serde(default)]
    pub span: Option<(usize, usize)>,
}

/// A horizontal or vertical ruling line (or thin filled rectangle), as its bounding box.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    pub bbox: [f32; 4],
}

/// One page. Words come in reading order of the source as far as it has one; readers must not depend on it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Points.
    pub width: f32,
    pub height: f32,
    pub words: Vec<Word>,
    pub rulings: Vec<Ruling>,
    /// Areas covered by images.
    pub images: Vec<[f32; 4]>,
}

/// A file inside the file: the XML in an Order-X PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedded {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A document, read but not yet understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub kind: SourceKind,
    pub pages: Vec<Page>,
    /// The decoded text of text, HTML, XML and EDI sources; empty for the others.
    pub text: String,
    pub embedded: Vec<Embedded>,
    /// Limits reached, hidden text, pages without text.
    pub findings: Vec<Finding>,
}

impl Document {
    pub fn empty(kind: SourceKind) -> Self {
        Self { kind, pages: Vec::new(), text: String::new(), embedded: Vec::new(), findings: Vec::new() }
    }
}
