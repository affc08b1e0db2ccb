//! What is in a `winmail.dat`? Outlook wraps a mail so when it thinks that every reader is an Outlook (TNEF, \[MS-OXTNEF\]).
//!
//! Read are files with their names, the text, and of a message inside of it what makes it a mail again.

use super::outlook::{OutlookFile, OutlookMail, Person, encoding_of, rtf};
use encoding_rs::WINDOWS_1252;
use jiff::Timestamp;

/// What was found. `damaged` says that the stream ended or lied before its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tnef {
    pub files: Vec<TnefFile>,
    /// The text of the mail, of which one kind is enough.
    pub body: String,
    pub html: String,
    pub damaged: bool,
    subject: String,
    from: (String, String),
    date: Option<Timestamp>,
    message_id: String,
    /// Rich text, packed.
    rich: Vec<u8>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TnefFile {
    pub name: String,
    pub bytes: Vec<u8>,
    pub kind: FileKind,
}

/// What the bytes of a file are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    #[default]
    File,
    /// A message, as another stream of this kind.
    Message,
    /// An object of some program, which we cannot open.
    Object,
}

pub(super) const SIGNATURE: [u8; 4] = [0x78, 0x9f, 0x3e, 0x22];
const ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATTACH_TITLE: u32 = 0x0001_8010;
const ATTACH_DATA: u32 = 0x0006_800f;
const ATTACH_PROPERTIES: u32 = 0x0006_9005;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800c;
const OEM_CODEPAGE: u32 = 0x0006_9007;
/// Messages in messages; `parts` reports the limit before it is reached.
const MAX_DEPTH: usize = 8;

/// Reads attribute after attribute: level (1), id (4), length (4), data, checksum (2). The checksum is not checked: many writers
/// get it wrong and a wrong file is noticed later.
pub(super) fn read(bytes: &[u8]) -> Tnef {
    let mut tnef = Tnef::default();
    let mut rest = Input(bytes.get(6..).unwrap_or_default());
    let mut codepage = 1252;
    while !rest.0.is_empty() {
        let attribute = (|| {
            rest.take(1)?;
            let id = rest.u32()?;
            let length = rest.u32()? as usize;
            let data = rest.take(length)?;
            rest.take(2)?;
            Some((id, data))
        })();
        let Some((id, data)) = attribute else {
            tnef.damaged = true;
            break;
        };
        match id {
            OEM_CODEPAGE => codepage = Input(data).u32().unwrap_or(codepage),
            BODY => tnef.body = narrow_text(data, codepage),
            SUBJECT => tnef.subject = narrow_text(data, codepage),
            MESSAGE_PROPERTIES => {
                let read = read_properties(data, |id, kind, value| tnef.property(id, &Value { kind, bytes: value, codepage }));
                tnef.damaged |= read.is_none();
            }
            ATTACH_REND_DATA => tnef.files.push(TnefFile::default()),
            ATTACH_TITLE | ATTACH_DATA | ATTACH_PROPERTIES => {
                if tnef.files.is_empty() {
                    tnef.files.push(TnefFile::default());
                }
                let file = tnef.files.last_mut().expect("one was pushed just now");
                match id {
                    ATTACH_TITLE if file.name.is_empty() => file.name = narrow_text(data, codepage),
                    ATTACH_DATA => file.bytes = data.to_vec(),
                    ATTACH_PROPERTIES => {
                        let read =
                            read_properties(data, |id, kind, value| file.property(id, &Value { kind, bytes: value, codepage }));
                        tnef.damaged |= read.is_none();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    tnef.files.retain(|file| !file.bytes.is_empty() || file.kind != FileKind::File || !file.name.is_empty());
    tnef
}

/// The message in a stream as a mail.
pub(super) fn mail_of(bytes: &[u8]) -> Vec<u8> {
    read(bytes).into_mail(0)
}

impl Tnef {
    fn property(&mut self, id: u16, value: &Value<'_>) {
        match id {
            0x0037 => self.subject = value.text(),
            0x1000 => self.body = value.text(),
            0x1013 => self.html = value.text(),
            0x1009 => self.rich = value.bytes.to_vec(),
            0x1035 => self.message_id = value.text(),
            // Sent for somebody counts more than who sent it; the sender's own address more than that of his server.
            0x0042 => self.from.0 = value.text(),
            0x0c1a if self.from.0.is_empty() => self.from.0 = value.text(),
            0x5d02 => self.from.1 = value.text(),
            0x0065 | 0x0c1f | 0x5d01 if !self.from.1.contains('@') => self.from.1 = value.text(),
            0x0039 => self.date = value.time(),
            _ => {}
        }
    }

    /// The text as HTML, where neither text nor HTML is there.
    pub(super) fn rich_html(&self) -> String {
        rtf::unpacked(&self.rich).map(|rich| rtf::to_html(&rich)).unwrap_or_default()
    }

    fn into_mail(self, depth: usize) -> Vec<u8> {
        let files = self.files.into_iter().map(|file| {
            let is_mail = file.kind == FileKind::Message;
            let bytes = match file.kind {
                FileKind::Message if depth < MAX_DEPTH => read(&file.bytes).into_mail(depth + 1),
                FileKind::Message => Vec::new(),
                FileKind::File | FileKind::Object => file.bytes,
            };
            OutlookFile { name: file.name, bytes, is_mail, ..OutlookFile::default() }
        });
        let mail = OutlookMail {
            from: Person { name: self.from.0, address: self.from.1 },
            subject: self.subject,
            date: self.date,
            message_id: self.message_id,
            text: self.body,
            html: self.html,
            rich: rtf::unpacked(&self.rich).unwrap_or_default(),
            files: files.collect(),
            ..OutlookMail::default()
        };
        mail.into_mail()
    }
}

impl TnefFile {
    /// Its long name (the title is cut to 8.3), its data where it is not in `ATTACH_DATA`, and whether it is a message.
    fn property(&mut self, id: u16, value: &Value<'_>) {
        const EMBEDDED_MESSAGE: u32 = 5;
        const OLE: u32 = 6;
        match (id, value.kind) {
            (0x3707, 0x1e | 0x1f) => self.name = value.text(),
            (0x3701, 0x0102) if self.bytes.is_empty() => self.bytes = value.bytes.to_vec(),
            // Behind the 16 bytes that name the object's interface.
            (0x3701, 0x0d) if value.bytes.get(16..).is_some_and(|inner| inner.starts_with(&SIGNATURE)) => {
                self.bytes = value.bytes[16..].to_vec();
                self.kind = FileKind::Message;
            }
            (0x3705, 0x03) if matches!(Input(value.bytes).u32(), Some(EMBEDDED_MESSAGE | OLE)) && self.kind == FileKind::File => {
                self.kind = FileKind::Object;
            }
            _ => {}
        }
    }
}

/// The value of a property.
struct Value<'a> {
    kind: u16,
    bytes: &'a [u8],
    codepage: u32,
}

impl Value<'_> {
    fn text(&self) -> String {
        match self.kind {
            0x1f => wide_text(self.bytes),
            _ => narrow_text(self.bytes, self.codepage),
        }
    }

    /// Outlook counts tenths of microseconds from 1601.
    fn time(&self) -> Option<Timestamp> {
        let ticks = i64::from_le_bytes(self.bytes.get(..8)?.try_into().ok()?);
        Timestamp::from_second(ticks / 10_000_000 - 11_644_473_600).ok()
    }
}

/// Reads a list of MAPI properties: id, kind and each of its values. `None` where the list cannot be followed.
fn read_properties(data: &[u8], mut each: impl FnMut(u16, u16, &[u8])) -> Option<()> {
    let mut input = Input(data);
    for _ in 0..input.u32()?.min(10_000) {
        let kind = input.u16()?;
        let id = input.u16()?;
        if id >= 0x8000 {
            skip_property_name(&mut input)?;
        }
        let (multiple, kind) = (kind & 0x1000 != 0, kind & 0x0fff);
        let fixed = match kind {
            0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
            0x48 => Some(16),
            0x0d | 0x1e | 0x1f | 0x0102..=0x0102 => None,
            _ => return None,
        };
        // Values of variable length have a count even when there is one value.
        let values = if multiple || fixed.is_none() { input.u32()? } else { 1 };
        for _ in 0..values {
            let value = match fixed {
                Some(length) => input.take(length)?,
                None => {
                    let length = input.u32()? as usize;
                    let value = input.take(length)?;
                    input.take((4 - length % 4) % 4)?;
                    value
                }
            };
            each(id, kind, value);
        }
    }
    Some(())
}

fn skip_property_name(input: &mut Input<'_>) -> Option<()> {
    input.take(16)?;
    if input.u32()? == 0 {
        input.take(4)?;
    } else {
        let length = input.u32()? as usize;
        input.take(length)?;
        input.take((4 - length % 4) % 4)?;
    }
    Some(())
}

fn narrow_text(bytes: &[u8], codepage: u32) -> String {
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    let encoding = encoding_of(codepage).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn wide_text(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).take_while(|&unit| unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Bytes not read yet; every read is checked.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
        [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
    }

    fn winmail(attributes: &[Vec<u8>]) -> Vec<u8> {
        [&[0x78, 0x9f, 0x3e, 0x22, 1, 0][..], &attributes.concat()].concat()
    }

    fn long_name(name: &str) -> Vec<u8> {
        let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let padding = vec![0; (4 - wide.len() % 4) % 4];
        let length = (wide.len() as u32).to_le_bytes();
        [
            &1_u32.to_le_bytes()[..],
            &0x1f_u16.to_le_bytes(),
            &0x3707_u16.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &length,
            &wide,
            &padding,
        ]
        .concat()
    }

    #[test]
    fn files_come_out_with_their_long_names_and_without_dates() {
        let bytes = winmail(&[
            attribute(ATTACH_REND_DATA, &[0; 14]),
            attribute(ATTACH_TITLE, b"BESTEL~1.PDF\0"),
            attribute(ATTACH_DATA, b"%PDF-1.7"),
            attribute(ATTACH_PROPERTIES, &long_name("Bestellung Größe.pdf")),
            attribute(ATTACH_REND_DATA, &[0; 14]),
            attribute(ATTACH_TITLE, b"b.txt\0"),
            attribute(ATTACH_DATA, b"two"),
        ]);
        let tnef = read(&bytes);
        let names: Vec<&str> = tnef.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["Bestellung Größe.pdf", "b.txt"]);
        assert_eq!(tnef.files[0].bytes, b"%PDF-1.7");
        assert!(!tnef.damaged);
    }

    #[test]
    fn every_truncation_and_every_flipped_byte_is_survived() {
        let bytes = winmail(&[
            attribute(BODY, b"hello\0"),
            attribute(ATTACH_REND_DATA, &[0; 14]),
            attribute(ATTACH_DATA, b"%PDF-1.7"),
            attribute(ATTACH_PROPERTIES, &long_name("a.pdf")),
        ]);
        for end in 7..bytes.len() {
            let cut = read(&bytes[..end]);
            assert!(cut.damaged || cut.files.len() <= 1, "{end}");
        }
        for at in 6..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0xff;
            assert!(read(&flipped).files.len() <= 2);
        }
    }
}
