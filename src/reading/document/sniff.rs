//! What the bytes are: by the bytes first, the file's name only as a hint.

use super::{SourceKind, named, text};
use crate::model::Code;

/// How much of a file is looked at to tell text formats apart.
const HEAD: usize = 4096;

/// What the document is. Total; what cannot be told is `Unknown`, for which `why_unknown` gives the reason.
pub fn sniff(bytes: &[u8], name: &str) -> SourceKind {
    // Mail gateways put pages of headers before the file; that far in, it must also look like one.
    if find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some()
        || (find(&bytes[..bytes.len().min(16 << 10)], b"\n%PDF-1.").is_some() && find(bytes, b"endobj").is_some())
    {
        return SourceKind::Pdf;
    }
    if is_image(bytes) {
        return SourceKind::Image;
    }
    match container(bytes) {
        Some(Container::Sheet) => return SourceKind::Sheet,
        Some(Container::Word) => return SourceKind::Word,
        Some(Container::Encrypted | Container::Other(_)) => return SourceKind::Unknown,
        None => {}
    }
    let head = text::decoded(&bytes[..bytes.len().min(HEAD)]);
    if !is_text(&head) {
        return SourceKind::Unknown;
    }
    text_kind(head.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']), &extension(name))
}

/// Why a document is not read: the code and a sentence.
pub(super) fn why_unknown(bytes: &[u8], name: &str) -> (Code, String) {
    let file = named(name);
    if bytes.is_empty() {
        return (Code::UnreadableDocument, format!("{file} is empty"));
    }
    match container(bytes) {
        Some(Container::Encrypted) => (Code::PasswordNeeded, format!("{file} is encrypted and needs a password")),
        Some(Container::Other(what)) => (
            Code::UnsupportedAttachment,
            format!("{file} is {what}; send it as PDF, image (PNG, JPEG, TIFF), XLSX, DOCX, XML, EDI or text instead"),
        ),
        Some(Container::Sheet | Container::Word) | None => {
            (Code::UnreadableDocument, format!("{file} is of no kind that can be read: neither a PDF, an image, a sheet nor text"))
        }
    }
}

enum Container {
    Sheet,
    /// DOCX, ODT or RTF.
    Word,
    Encrypted,
    /// Something else, in words that complete "the file is ...".
    Other(&'static str),
}

fn container(bytes: &[u8]) -> Option<Container> {
    let has = |needle: &[u8]| find(bytes, needle).is_some();
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        // The names of a ZIP's entries stand in it unpacked. Bit 0 of the flags says that an entry is encrypted.
        if bytes.get(6).is_some_and(|flags| flags & 1 == 1) {
            return Some(Container::Encrypted);
        }
        let sheet = has(b"xl/workbook.xml") || has(b"xl/workbook.bin") || has(b"opendocument.spreadsheet");
        if !sheet && (has(b"word/document") || has(b"opendocument.text")) {
            return Some(Container::Word);
        }
        let other = if has(b"ppt/presentation.xml") { "a presentation" } else { "a ZIP archive" };
        return Some(if sheet { Container::Sheet } else { Container::Other(other) });
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        // Streams of an OLE2 file are named in UTF-16.
        let holds = |stream: &str| has(&stream.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        return Some(if holds("EncryptedPackage") {
            Container::Encrypted
        } else if holds("__substg1.0_") {
            Container::Other("an Outlook message")
        } else if holds("WordDocument") {
            Container::Other("a word processor document of an old kind (.doc)")
        } else if holds("Workbook") || holds("Book") {
            Container::Sheet
        } else {
            Container::Other("an Office file without a workbook in it")
        });
    }
    if bytes.starts_with(b"{\\rtf") {
        return Some(Container::Word);
    }
    if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
        return Some(Container::Other("a film or a HEIC photograph"));
    }
    let others: [(&[u8], &'static str); 8] = [
        (b"GIF8", "a GIF image"),
        (b"RIFF", "a WebP image or a recording"),
        (b"%!PS", "a PostScript file"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"\x30\x82", "a signed or encrypted mail part"),
        (b"-----BEGIN PGP", "an encrypted message"),
    ];
    others.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| Container::Other(what))
}

fn is_image(bytes: &[u8]) -> bool {
    let magics: [&[u8]; 5] = [b"\x89PNG\r\n\x1A\n", b"\xFF\xD8\xFF", b"II*\0", b"MM\0*", b"II+\0"];
    magics.iter().any(|magic| bytes.starts_with(magic))
}

/// Text has next to no control characters and next to nothing that could not be decoded.
fn is_text(head: &str) -> bool {
    let strange = head.chars().filter(|c| (c.is_control() && !c.is_whitespace()) || *c == char::REPLACEMENT_CHARACTER).count();
    // X12 and EDIFACT may use control characters 1C to 1F as separators.
    let separators = head.chars().filter(|c| ('\u{1C}'..='\u{1F}').contains(c)).count();
    !head.trim().is_empty() && (strange - separators.min(strange)) * 20 <= head.chars().count()
}

fn text_kind(head: &str, extension: &str) -> SourceKind {
    let start: String = head.chars().take(1024).collect::<String>().to_ascii_lowercase();
    if is_edi(head) {
        return SourceKind::Edi;
    }
    let html = ["<!doctype html", "<html", "<head", "<body", "<table", "<div", "<p>", "<p ", "<meta", "<style", "<font", "<span"];
    if html.iter().any(|tag| start.starts_with(tag)) || (start.starts_with("<?xml") && start.contains("<html")) {
        return SourceKind::Html;
    }
    if start.starts_with('<') {
        let element = start.chars().nth(1).is_some_and(|c| c.is_alphabetic() || matches!(c, '?' | '!' | '_'));
        if element && start.contains('>') {
            // A mail's text may start with `<someone@example.com>`.
            let mail = start.split_once('>').is_some_and(|(tag, _)| tag.contains('@') && !tag.contains('='));
            return if mail { SourceKind::Text } else { SourceKind::Xml };
        }
    }
    if matches!(extension, "htm" | "html") && start.contains("</") {
        return SourceKind::Html;
    }
    if super::sheet::delimiter(head, matches!(extension, "csv" | "tsv")).is_some() {
        return SourceKind::Sheet;
    }
    SourceKind::Text
}

fn is_edi(head: &str) -> bool {
    let x12 =
        head.strip_prefix("ISA").and_then(|rest| rest.chars().next()).is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace())
            && head.chars().count() >= 106;
    let edifact = head.starts_with("UNB+") || (head.starts_with("UNA") && (head.contains("UNB") || head.contains("UNH")));
    x12 || edifact || head.starts_with("STX=")
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_the_name_only_hints() {
        let isa = format!("ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260101*1200*U*00401*000000001*0*P*>~GS*PO", "", "", "A", "B");
        let ole = |stream: &str| {
            let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
            bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        let table: Vec<(Vec<u8>, &str, SourceKind)> = vec![
            (b"junk\n%PDF-1.4 ...".to_vec(), "order.txt", SourceKind::Pdf),
            (b"\x89PNG\r\n\x1A\n....".to_vec(), "a.pdf", SourceKind::Image),
            (b"PK\x03\x04....xl/workbook.xml".to_vec(), "a", SourceKind::Sheet),
            (b"PK\x03\x04....word/document.xml".to_vec(), "a.xlsx", SourceKind::Word),
            (b"PK\x03\x04....ppt/presentation.xml".to_vec(), "a.docx", SourceKind::Unknown),
            (b"PK\x03\x04\x14\0\x01\0xl/workbook.xml".to_vec(), "a.xlsx", SourceKind::Unknown),
            (ole("Workbook"), "a.xls", SourceKind::Sheet),
            (ole("EncryptedPackage"), "a.xlsx", SourceKind::Unknown),
            (isa.into_bytes(), "a.txt", SourceKind::Edi),
            (b"UNA:+.? 'UNB+UNOC:3".to_vec(), "a", SourceKind::Edi),
            (b"STX=ANA:1+5".to_vec(), "a", SourceKind::Edi),
            (b"<?xml version=\"1.0\"?><Order/>".to_vec(), "a", SourceKind::Xml),
            (b"\xEF\xBB\xBF<Order xmlns=\"x\"><ID>1</ID></Order>".to_vec(), "a", SourceKind::Xml),
            (b"<!DOCTYPE html><p>x".to_vec(), "a", SourceKind::Html),
            (b"Dear all,\nplease send 3, 4, or 5 pieces.\n".to_vec(), "body.txt", SourceKind::Text),
            (b"part;qty;price\nA1;3;4,50\nB2;1;2,00\n".to_vec(), "a", SourceKind::Sheet),
            (b"part,qty\nA1,3\n".to_vec(), "a.csv", SourceKind::Sheet),
            (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08".to_vec(), "a.pdf", SourceKind::Unknown),
            (Vec::new(), "a.pdf", SourceKind::Unknown),
        ];
        for (bytes, name, kind) in table {
            assert_eq!(sniff(&bytes, name), kind, "{name}: {:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn an_encrypted_workbook_asks_for_its_password() {
        let (code, why) = why_unknown(b"PK\x03\x04\x14\0\x01\0xl/workbook.xml", "orders.xlsx");
        assert_eq!(code, Code::PasswordNeeded);
        assert!(why.contains("orders.xlsx"));
        for other in [b"PK\x03\x04....".as_slice(), b"GIF89a..", b"\0\0\0\x18ftypheic", b"%!PS-Adobe-3.0"] {
            assert_eq!(sniff(other, "order.pdf"), SourceKind::Unknown);
            assert_eq!(why_unknown(other, "order.pdf").0, Code::UnsupportedAttachment);
        }
    }
}
