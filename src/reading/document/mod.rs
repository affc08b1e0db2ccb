//! A document as pages of words with places, whatever it was: PDF, scan, sheet, HTML, text, XML or EDI.
//!
//! Every source ends in the same `Document`, so that readers know one geometry: PDF points from the top left corner of the
//! upright page. Sheets and plain text are laid out on an invisible grid; their words also carry their place in the text.

mod edi;
mod grid;
mod html;
pub mod image;
mod limits;
mod package;
pub mod pdf;
pub(crate) mod scan;
mod sheet;
mod sniff;
mod style;
mod text;
mod word;

pub use limits::Limits;
pub(crate) use sheet::rows as sheet_rows;
pub use sniff::sniff;

use crate::model::{Code, Finding, Severity};
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
    /// DOCX, ODT or RTF; one page.
    Word,
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
    #[serde(with = "as_base64")]
    pub bytes: Vec<u8>,
}

/// Bytes in JSON: a list of numbers would be three times as long.
mod as_base64 {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
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

/// Reads a document in this process: total and pure. What is wrong with the bytes becomes a finding.
///
/// Hostile bytes can still exhaust memory or the stack: the service reads through `reading::confined`, which runs this in
/// a child process. `name` is the file's name, a hint for the kind and the word for it in findings.
pub fn read(bytes: &[u8], name: &str, limits: &Limits) -> Document {
    read_with(bytes, name, limits, Opinions::Both)
}

/// How many engines are asked for the text of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinions {
    First,
    /// The second one only where the first finds no text.
    Both,
}

/// As `read`, with a choice of engines: the second one crashes on more files, so a careful caller asks it on its own.
pub(crate) fn read_with(bytes: &[u8], name: &str, limits: &Limits, opinions: Opinions) -> Document {
    let kind = sniff(bytes, name);
    let read = std::panic::AssertUnwindSafe(|| read_kind(kind, bytes, name, limits, opinions));
    std::panic::catch_unwind(read).unwrap_or_else(|_| {
        let why = format!("the parser failed on {}", named(name));
        refused(kind, Code::ParserFailed, Severity::Block, why)
    })
}

fn read_kind(kind: SourceKind, bytes: &[u8], name: &str, limits: &Limits, opinions: Opinions) -> Document {
    if bytes.len() > limits.bytes {
        return refused(kind, Code::LimitReached, Severity::Ask, too_large(bytes.len(), name, limits));
    }
    match kind {
        SourceKind::Pdf => pdf::read(bytes, name, limits, opinions),
        SourceKind::Image => image::read(bytes, name, limits),
        SourceKind::Sheet => sheet::read(bytes, name, limits),
        SourceKind::Word => word::read(bytes, name, limits),
        SourceKind::Html => html::read(bytes, name, limits),
        SourceKind::Text | SourceKind::Xml | SourceKind::Edi => text::read(kind, bytes, name, limits),
        SourceKind::Unknown => {
            let (code, why) = sniff::why_unknown(bytes, name);
            refused(kind, code, Severity::Block, why)
        }
    }
}

/// A document of which nothing could be read, with the reason.
pub(crate) fn refused(kind: SourceKind, code: Code, severity: Severity, why: String) -> Document {
    let mut document = Document::empty(kind);
    document.findings.push(Finding::new(code, severity, "", why));
    document
}

pub(crate) fn too_large(bytes: usize, name: &str, limits: &Limits) -> String {
    format!("{} is {} bytes long; the limit is {}", named(name), bytes, limits.bytes)
}

/// How findings call a file: its name in quotes, cut to a line, without control characters.
pub(crate) fn named(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if clean.is_empty() { "the document".into() } else { format!("`{clean}`") }
}

/// One finding for all text that a machine reads and a person does not see, with the places of the first few words.
pub(crate) fn note_hidden_text(document: &mut Document, name: &str) {
    let mut hidden = String::new();
    let mut spans = Vec::new();
    for page in &document.pages {
        let unseen: Vec<&Word> = page.words.iter().filter(|word| word.visibility != Visibility::Visible).collect();
        // One producer puts this mark, unseen, on every page it makes.
        let marks = ["Powered", "by", "TCPDF", "(www.tcpdf.org)"];
        let is_mark =
            |word: &Word| unseen.iter().map(|word| word.text.as_str()).take(4).eq(marks) && marks.contains(&word.text.as_str());
        for word in unseen.iter().filter(|word| !is_mark(word)) {
            if spans.len() < 20 && word.text.chars().any(char::is_alphanumeric) {
                hidden.push_str(if hidden.is_empty() { "" } else { " " });
                hidden.extend(word.text.chars().take(40));
                spans.push(crate::model::Span::Box { page: page.number, bbox: word.bbox });
            }
        }
    }
    if !spans.is_empty() {
        let message = format!("{} contains text that a reader of the page does not see: \u{201c}{hidden}\u{201d}", named(name));
        document.findings.push(Finding::new(Code::HiddenText, Severity::Ask, "", message).at(&spans));
    }
}
