//! What a PDF holds beside its pages: files inside the file, values of form fields that no appearance draws.
//!
//! Encryption is found out by opening the file. Pages themselves are read in `device`.

use super::device::Recorder;
use crate::model::{Code, Finding, Severity};
use crate::reading::document::{Document, Embedded, Limits, named};
use hayro_interpret::kurbo::{Affine, Point};
use hayro_interpret::{RectExt, kurbo};
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream, String as PdfString};
use hayro_syntax::page::Page;

/// Depth of name trees and field trees that is followed.
const DEEPEST: usize = 16;
/// Nodes of the name tree and annotations of a page that are looked at.
const MOST_NODES: usize = 2_000;

/// Adds the files inside the file: by the name tree of embedded files and by the associated files of the catalog.
pub(super) fn embedded(pdf: &Pdf, name: &str, limits: &Limits, document: &mut Document) {
    let Some(catalog) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) else { return };
    let mut files: Vec<Dict<'_>> = Vec::new();
    if let Some(tree) = catalog.get::<Dict<'_>>(b"Names").and_then(|names| names.get::<Dict<'_>>(b"EmbeddedFiles")) {
        let mut left = MOST_NODES;
        file_specs(&tree, DEEPEST, &mut left, &mut files);
    }
    if let Some(associated) = catalog.get::<Array<'_>>(b"AF") {
        files.extend(associated.iter::<Dict<'_>>().take(MOST_NODES));
    }
    let mut left = limits.embedded_bytes;
    for spec in files {
        let Some(file) = file_of(&spec) else { continue };
        if document.embedded.contains(&file) {
            continue;
        }
        if document.embedded.len() >= limits.embedded_files || file.bytes.len() > left {
            let message = format!("{}: the files inside it are too many or too large; not all were read", named(name));
            document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
            return;
        }
        left -= file.bytes.len();
        document.embedded.push(file);
    }
}

fn file_specs<'a>(node: &Dict<'a>, depth: usize, left: &mut usize, files: &mut Vec<Dict<'a>>) {
    if depth == 0 {
        return;
    }
    if let Some(names) = node.get::<Array<'a>>(b"Names") {
        for entry in names.iter::<Object<'a>>().take(*left) {
            *left = left.saturating_sub(1);
            if let Object::Dict(spec) = entry {
                files.push(spec);
            }
        }
    }
    if let Some(kids) = node.get::<Array<'a>>(b"Kids") {
        for kid in kids.iter::<Dict<'a>>() {
            if *left == 0 {
                return;
            }
            *left -= 1;
            file_specs(&kid, depth - 1, left, files);
        }
    }
}

fn file_of(spec: &Dict<'_>) -> Option<Embedded> {
    let streams = spec.get::<Dict<'_>>(b"EF")?;
    let stream = streams.get::<Stream<'_>>(b"UF").or_else(|| streams.get::<Stream<'_>>(b"F"))?;
    let bytes = stream.decoded().ok()?.into_owned();
    let name =
        [b"UF".as_slice(), b"F"].iter().find_map(|key| spec.get::<PdfString<'_>>(key)).map(|name| text_string(name.as_bytes()));
    Some(Embedded { name: name.unwrap_or_default(), bytes })
}

/// Values of text and choice fields without an appearance stream: viewers draw them, the page's content does not.
pub(super) fn form_values(page: &Page<'_>, transform: Affine, recorder: &mut Recorder<'_>) {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else { return };
    for widget in annotations.iter::<Dict<'_>>().take(MOST_NODES) {
        let is_widget = widget.get::<Name<'_>>(b"Subtype").is_some_and(|kind| kind.as_str() == "Widget");
        // Hidden (2) and no view (6) fields are shown to nobody.
        let hidden = widget.get::<i32>(b"F").unwrap_or(0) & (1 << 1 | 1 << 5) != 0;
        let drawn = widget.get::<Dict<'_>>(b"AP").is_some_and(|appearance| appearance.contains_key(b"N"));
        if !is_widget || hidden || drawn {
            continue;
        }
        let Some(rect) = widget.get::<Rect>(b"Rect") else { continue };
        let Some(value) = field_value(&widget, DEEPEST) else { continue };
        let area: kurbo::Rect = transform.transform_rect_bbox(rect.to_kurbo());
        let lines: Vec<&str> = value.lines().filter(|line| !line.trim().is_empty()).take(50).collect();
        let size = (area.height() / lines.len().max(1) as f64 * 0.7).clamp(4.0, 10.0);
        for (index, line) in lines.iter().enumerate() {
            let baseline = area.y0 + size * 1.2 * (index as f64 + 0.9);
            recorder.shown_by_viewer(line, Point::new(area.x0 + 2.0, baseline), size);
        }
    }
}

fn field_value(field: &Dict<'_>, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    let inherited = || field.get::<Dict<'_>>(b"Parent").and_then(|parent| field_value(&parent, depth - 1));
    let value = match field.get::<Object<'_>>(b"V") {
        Some(Object::String(text)) => Some(text_string(text.as_bytes())),
        _ => None,
    };
    value.or_else(inherited)
}

/// A PDF text string: UTF-16 with a byte order mark, UTF-8 with one, else PDFDocEncoding (read as Windows-1252).
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_strings_come_in_three_encodings() {
        assert_eq!(text_string(b"\xFE\xFF\x00G\x00r\x00\xF6"), "Grö");
        assert_eq!(text_string(b"\xEF\xBB\xBFGr\xC3\xB6"), "Grö");
        assert_eq!(text_string(b"Gr\xF6"), "Grö");
    }
}
