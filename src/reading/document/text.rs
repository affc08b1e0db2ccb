//! Text sources: plain text, XML and EDI. The text is decoded and kept; its words lie on a character grid.
//!
//! What the XML or EDI says is read in `extraction::structured`; here it is only text.

use super::edi::edifact_text;
use super::grid::Grid;
use super::{Document, Limits, SourceKind, named};
use crate::model::{Code, Finding, Severity};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Reads text, XML or EDI; one page, or one for each form feed.
pub(super) fn read(kind: SourceKind, bytes: &[u8], name: &str, limits: &Limits) -> Document {
    let mut document = Document::empty(kind);
    let text = (kind == SourceKind::Edi).then(|| edifact_text(bytes)).flatten().unwrap_or_else(|| decoded(bytes));
    let mut grid = Grid::new(limits.text_bytes);
    for sheet in text.split_inclusive('\u{C}').take(limits.pages) {
        for block in lines(kind, sheet).chunk_by(|above, below| above.contains('\t') == below.contains('\t')) {
            let stops = tab_stops(block);
            for line in block {
                grid.line_with_stops(line, &stops);
            }
        }
        document.pages.push(grid.page(document.pages.len() as u32 + 1));
    }
    if grid.is_full() || text.split_inclusive('\u{C}').nth(limits.pages).is_some() {
        let message = format!("{} holds more text than is read ({} bytes, {} pages)", named(name), limits.text_bytes, limits.pages);
        document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
    }
    document.text = grid.into_text();
    if document.text.trim().is_empty() {
        let message = format!("{} contains no text", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    }
    document
}

/// The lines of a text with their line ends. EDI is cut after its segments too, so that no line is a whole interchange:
/// the text stays what it was, only the words go to the next row.
fn lines(kind: SourceKind, sheet: &str) -> Vec<&str> {
    let end = if sheet.contains('\n') { '\n' } else { '\r' };
    let plain = sheet.split_inclusive(end);
    if kind == SourceKind::Edi {
        plain.flat_map(|line| line.split_inclusive(segment_end(sheet))).collect()
    } else {
        plain.collect()
    }
}

/// Free characters between the cells of a table with tabs.
const GAP: usize = 3;
/// Tabs of a line that are taken for a table's.
const MOST_TABS: usize = 60;

/// Where the tabs of a block go: as wide as its cells, if it is a table with one tab a cell, as pasted from a sheet or read from
/// HTML. None where people moved text to the usual stops with as many tabs as it took.
fn tab_stops(block: &[&str]) -> Vec<usize> {
    let counts: Vec<usize> = block.iter().map(|line| line.matches('\t').count()).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let full = counts.iter().filter(|count| **count == most).count();
    if most == 0 || most > MOST_TABS || block.len() < 2 || full * 10 < block.len() * 6 {
        return Vec::new();
    }
    let mut widths = vec![0; most];
    for line in block {
        for (cell, width) in line.split('\t').zip(&mut widths) {
            *width = (*width).max(cell.trim_end().chars().count());
        }
    }
    let mut stop = 0;
    widths
        .iter()
        .map(|width| {
            stop += width + GAP;
            stop
        })
        .collect()
}

/// The segment terminator: stated by position in X12 (byte 105 of ISA) and EDIFACT (ninth of UNA), else the usual ones.
fn segment_end(text: &str) -> char {
    let text = text.trim_start();
    let stated = if text.starts_with("ISA") {
        text.chars().nth(105)
    } else if text.starts_with("UNA") {
        text.chars().nth(8)
    } else {
        None
    };
    stated.filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).unwrap_or(if text.starts_with("ISA") { '~' } else { '\'' })
}

/// Decodes text of an unknown character set: byte order mark, declared encoding (XML, HTML), UTF-8 if it is that, UTF-16
/// without a mark by its zero bytes, else Windows-1252. Never fails; a byte without meaning becomes U+FFFD.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, &bytes[mark..]),
        None => (guessed(bytes), bytes),
    };
    let text = encoding.decode_without_bom_handling(rest).0;
    // A NUL would end strings in other programs and is never text.
    if text.contains('\0') { text.replace('\0', " ") } else { text.into_owned() }
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let head = &bytes[..bytes.len().min(2048)];
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let half = head.len() / 2;
    if half > 8 && zeros(1) * 10 > half * 7 {
        return UTF_16LE;
    }
    if half > 8 && zeros(0) * 10 > half * 7 {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    declared(head).unwrap_or(WINDOWS_1252)
}

/// `encoding="..."` of an XML declaration or `charset=...` of an HTML head.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head: String = head.iter().map(|b| char::from(*b).to_ascii_lowercase()).collect();
    let after = |key: &str| head.split_once(key).map(|(_, rest)| rest);
    let label = after("encoding=").filter(|_| head.contains("<?xml")).or_else(|| after("charset="))?;
    let label: String = label
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    // The bytes were not UTF-8, so a declaration that says so is wrong.
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_character_set_is_found_out() {
        let table: [(&[u8], &str); 6] = [
            (b"St\xFCck", "Stück"),
            ("Stück".as_bytes(), "Stück"),
            (b"\xEF\xBB\xBFStk", "Stk"),
            (b"\xFF\xFES\0t\0k\0", "Stk"),
            (b"O\0r\0d\0e\0r\0 \x001\x002\x003\0 \0x\0", "Order 123 x"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-2'?><a>\xE8</a>",
                "<?xml version='1.0' encoding='ISO-8859-2'?><a>\u{10D}</a>",
            ),
        ];
        for (bytes, text) in table {
            let bytes =
                if text == "Order 123 x" { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { bytes.to_vec() };
            assert_eq!(decoded(&bytes), text);
        }
    }

    #[test]
    fn cells_between_tabs_lie_in_columns() {
        let text = "Item\tDescription\tQty\nAB-1\tA rather long description\t5\nAB-2\tShort\t12\n";
        let document = read(SourceKind::Text, text.as_bytes(), "a.txt", &Limits::default());
        assert_eq!(document.text, text);
        let x_of =
            |wanted: &str| document.pages[0].words.iter().find(|word| word.text == wanted).expect("the word is there").bbox[0];
        assert_eq!((x_of("5"), x_of("12")), (x_of("Qty"), x_of("Qty")));
        for word in &document.pages[0].words {
            let (from, to) = word.span.expect("words of a text have a place in it");
            assert_eq!(text[from..to], word.text);
        }
        // Moved to the usual stops by hand.
        let text = "Item\t\tQty\nA longer one\t5\n";
        let document = read(SourceKind::Text, text.as_bytes(), "a.txt", &Limits::default());
        let x_of =
            |wanted: &str| document.pages[0].words.iter().find(|word| word.text == wanted).expect("the word is there").bbox[0];
        assert_eq!(x_of("5"), x_of("Qty"));
    }

    #[test]
    fn an_interchange_without_line_breaks_gets_a_line_a_segment() {
        let document = read(SourceKind::Edi, b"UNA:+.? 'UNH+1+ORDERS'BGM+220+4711'", "a.edi", &Limits::default());
        assert_eq!(document.text, "UNA:+.? 'UNH+1+ORDERS'BGM+220+4711'");
        let words: Vec<_> = document.pages[0].words.iter().map(|word| (word.text.as_str(), word.bbox[1])).collect();
        assert_eq!(words, [("UNA:+.?", 36.0), ("'", 36.0), ("UNH+1+ORDERS'", 48.0), ("BGM+220+4711'", 60.0)]);
    }
}
