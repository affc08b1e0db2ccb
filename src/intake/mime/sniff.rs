//! What is this part really? Judged by its first bytes: names and declared types lie (DOMAIN 53).
//!
//! Not here: which documents can be read; `reading` looks again and closer.

use super::archive;

/// What to do with the bytes of one MIME part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    /// A file that may be an order.
    Document,
    Image,
    /// A whole mail.
    Mail,
    /// Outlook's `winmail.dat`.
    Tnef,
    /// Outlook's `.msg`.
    OutlookMessage,
    /// A ZIP archive of files.
    Archive,
    /// Cannot be opened here: what it is, in the clerk's words.
    Unsupported(&'static str),
    /// Says nothing about orders: signatures, contact cards, calendar entries.
    Decoration,
}

pub(super) fn sniff(bytes: &[u8], name: &str, declared: &str) -> PartKind {
    let name = name.to_ascii_lowercase();
    let head = &bytes[..bytes.len().min(1024)];
    if head.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) {
        return PartKind::Tnef;
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        // The name of a property stream, in UTF-16.
        let outlook_mark: Vec<u8> = "__substg1.0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let outlook = name.ends_with(".msg") || declared.contains("ms-outlook") || find(bytes, &outlook_mark);
        return if outlook { PartKind::OutlookMessage } else { PartKind::Document };
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return if is_office(bytes) { PartKind::Document } else { PartKind::Archive };
    }
    if head.starts_with(b"Rar!") || head.starts_with(b"7z\xbc\xaf") || head.starts_with(&[0x1f, 0x8b]) {
        return PartKind::Unsupported("an archive");
    }
    if image_kind(head) {
        return PartKind::Image;
    }
    // Not before the containers: a PDF stored in one starts within its first kilobyte too.
    if find(head, b"%PDF-") {
        return PartKind::Document;
    }
    if find(head, b"-----BEGIN PGP MESSAGE-----") || declared == "application/pgp-encrypted" {
        return PartKind::Unsupported("a PGP-encrypted mail");
    }
    match declared {
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" | "application/pgp-keys" => {
            return PartKind::Decoration;
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            return PartKind::Unsupported("an S/MIME-encrypted or sealed mail");
        }
        "text/x-amp-html" | "text/watch-html" | "text/vcard" | "text/x-vcard" | "text/directory" | "text/calendar"
        | "application/ics" => return PartKind::Decoration,
        "application/ms-tnef" | "application/vnd.ms-tnef" => return PartKind::Unsupported("a damaged winmail.dat"),
        _ => {}
    }
    if name.ends_with(".p7m") {
        return PartKind::Unsupported("an S/MIME-encrypted or sealed mail");
    }
    if name.ends_with(".p7s") || name.ends_with(".vcf") || name.ends_with(".ics") {
        return PartKind::Decoration;
    }
    if declared == "message/x-mail" || name.ends_with(".eml") || (declared == "application/octet-stream" && looks_like_mail(head)) {
        return PartKind::Mail;
    }
    if declared.starts_with("audio/") || declared.starts_with("video/") {
        return PartKind::Unsupported("a sound or film");
    }
    PartKind::Document
}

/// A document that is a ZIP, not a ZIP of documents: one without compression may hold such documents as they are.
fn is_office(bytes: &[u8]) -> bool {
    const MARKS: [&str; 4] = ["[Content_Types].xml", "xl/workbook.xml", "word/document.xml", "mimetype"];
    match archive::names(bytes) {
        Some(names) => names.iter().any(|name| MARKS.contains(&name.as_str())),
        None => MARKS.iter().any(|mark| find(bytes, mark.as_bytes())),
    }
}

/// A file format rather than text, whatever its declared charset.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let magics: [&[u8]; 4] = [b"PK\x03\x04", b"%PDF-", &[0xd0, 0xcf, 0x11, 0xe0], &[0x78, 0x9f, 0x3e, 0x22]];
    magics.iter().any(|magic| bytes.starts_with(magic)) || image_kind(bytes)
}

/// The ending that a nameless part gets, so that a person knows what opens it.
pub(super) fn ending(bytes: &[u8], declared: &str) -> &'static str {
    let head = &bytes[..bytes.len().min(1024)];
    if find(head, b"%PDF-") {
        ".pdf"
    } else if head.starts_with(b"\x89PNG") {
        ".png"
    } else if head.starts_with(&[0xff, 0xd8]) {
        ".jpg"
    } else if head.starts_with(b"PK\x03\x04") {
        ".xlsx"
    } else {
        match declared {
            "text/plain" => ".txt",
            "text/html" => ".html",
            "text/csv" => ".csv",
            "text/xml" | "application/xml" => ".xml",
            _ => ".bin",
        }
    }
}

fn image_kind(head: &[u8]) -> bool {
    let magics: [&[u8]; 6] = [b"\x89PNG", &[0xff, 0xd8, 0xff], b"GIF8", b"II*\0", b"MM\0*", b"BM"];
    magics.iter().any(|magic| head.starts_with(magic)) || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
}

/// Starts with two header fields, one of them a field that only mail has.
pub(crate) fn looks_like_mail(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    let mut fields = text.lines().filter(|line| !line.starts_with([' ', '\t'])).take_while(|line| !line.is_empty());
    let is_field =
        |line: &str| line.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()));
    let known = ["received:", "return-path:", "from:", "mime-version:", "message-id:", "delivered-to:", "dkim-signature:", "date:"];
    let (Some(first), Some(second)) = (fields.next(), fields.next()) else { return false };
    let starts = |line: &str| known.iter().any(|name| line.to_ascii_lowercase().starts_with(name));
    is_field(first) && is_field(second) && (starts(first) || starts(second))
}

/// A company's logo in a signature, told from a pasted picture of an order by its size: no order fits into so few pixels.
pub(super) fn is_logo(bytes: &[u8]) -> bool {
    const LOGO_BYTES: usize = 6 * 1024;
    match pixels(bytes) {
        Some((width, height)) => height <= 150 || (width <= 400 && height <= 250),
        None => bytes.len() <= LOGO_BYTES,
    }
}

/// Width and height from the header of a PNG, GIF or JPEG.
fn pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let be32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let be16 = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let le16 = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    if bytes.starts_with(b"\x89PNG") {
        return Some((be32(16)?, be32(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le16(6)?, le16(8)?));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    while *bytes.get(at)? == 0xff {
        let marker = *bytes.get(at + 1)?;
        // Start-of-frame markers carry the size; C4, C8 and CC share their range but mean other things.
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            return Some((be16(at + 7)?, be16(at + 5)?));
        }
        at += 2 + (be16(at + 2)? as usize).max(2);
    }
    None
}

pub(super) fn find(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_over_name_and_declared_type() {
        let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
        let xlsx = b"PK\x03\x04\x14\0\x06\0[Content_Types].xml".to_vec();
        let cases: [(&[u8], &str, &str, PartKind); 14] = [
            (b"%PDF-1.7", "order.txt", "text/plain", PartKind::Document),
            (b"\xef\xbb\xbf\r\n%PDF-1.7", "", "application/octet-stream", PartKind::Document),
            (&xlsx, "order.dat", "application/octet-stream", PartKind::Document),
            (b"PK\x03\x04\x14\0\0\0\x08\0order.pdf", "orders.zip", "application/zip", PartKind::Archive),
            (&ole, "order.xls", "application/vnd.ms-excel", PartKind::Document),
            (&ole, "order.msg", "application/octet-stream", PartKind::OutlookMessage),
            (&[0x78, 0x9f, 0x3e, 0x22, 0, 0], "winmail.dat", "application/ms-tnef", PartKind::Tnef),
            (b"\x89PNG\r\n", "scan", "application/octet-stream", PartKind::Image),
            (b"Received: by x\nFrom: a@b\n\nhi", "mail", "application/octet-stream", PartKind::Mail),
            (b"ISA*00*", "order.edi", "application/octet-stream", PartKind::Document),
            (b"Date: 3 May\nQuantity: 5\n", "order.txt", "text/plain", PartKind::Document),
            (b"\x30\x82", "smime.p7m", "application/pkcs7-mime", PartKind::Unsupported("an S/MIME-encrypted or sealed mail")),
            (b"\x30\x82", "smime.p7s", "application/pkcs7-signature", PartKind::Decoration),
            (
                b"-----BEGIN PGP MESSAGE-----",
                "encrypted.asc",
                "application/octet-stream",
                PartKind::Unsupported("a PGP-encrypted mail"),
            ),
        ];
        for (bytes, name, declared, expected) in cases {
            assert_eq!(sniff(bytes, name, declared), expected, "{name} {declared}");
        }
    }

    #[test]
    fn logos_are_told_by_their_pixels() {
        let png = |width: u32, height: u32| {
            [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes(), &[0; 40_000]].concat()
        };
        assert!(is_logo(&png(180, 60)));
        assert!(!is_logo(&png(1200, 900)), "a pasted page");
        assert!(!is_logo(&[0xff; 50_000]), "unknown and large");
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 90, 1, 0];
        assert_eq!(pixels(&jpeg), Some((256, 90)));
    }
}
