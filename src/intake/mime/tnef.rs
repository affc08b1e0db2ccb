//! Which files are in a `winmail.dat`? Outlook wraps attachments so when it thinks that every reader is an Outlook (TNEF,
//! \[MS-OXTNEF\]).
//!
//! Only files, their names and a plain body are read; formatted text and properties of the mail itself are not.

/// What was found. `damaged` says that the stream ended or lied before its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tnef {
    pub files: Vec<TnefFile>,
    pub body: String,
    pub damaged: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TnefFile {
    pub name: String,
    pub bytes: Vec<u8>,
    /// The file is a mail or an OLE object in MAPI form, which we cannot open.
    pub embedded_message: bool,
}

const ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATTACH_TITLE: u32 = 0x0001_8010;
const ATTACH_DATA: u32 = 0x0006_800f;
const ATTACH_PROPERTIES: u32 = 0x0006_9005;
const BODY: u32 = 0x0002_800c;
const OEM_CODEPAGE: u32 = 0x0006_9007;

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
            ATTACH_REND_DATA => tnef.files.push(TnefFile::default()),
            ATTACH_TITLE | ATTACH_DATA | ATTACH_PROPERTIES => {
                if tnef.files.is_empty() {
                    tnef.files.push(TnefFile::default());
                }
                let file = tnef.files.last_mut().expect("one was pushed just now");
                match id {
                    ATTACH_TITLE if file.name.is_empty() => file.name = narrow_text(data, codepage),
                    ATTACH_DATA => file.bytes = data.to_vec(),
                    ATTACH_PROPERTIES => tnef.damaged |= read_properties(data, file, codepage).is_none(),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    tnef.files.retain(|file| !file.bytes.is_empty() || file.embedded_message || !file.name.is_empty());
    tnef
}

/// The MAPI properties of one file: its long name (the title is cut to 8.3), its data where it is not in `ATTACH_DATA`, and
/// whether it is a message. `None` where the list cannot be followed.
fn read_properties(data: &[u8], file: &mut TnefFile, codepage: u32) -> Option<()> {
    const LONG_NAME: u16 = 0x3707;
    const DATA: u16 = 0x3701;
    const METHOD: u16 = 0x3705;
    const EMBEDDED_MESSAGE: u32 = 5;
    const OLE: u32 = 6;
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
            match (id, kind) {
                (LONG_NAME, 0x1f) => file.name = wide_text(value),
                (LONG_NAME, 0x1e) => file.name = narrow_text(value, codepage),
                (DATA, 0x0102) if file.bytes.is_empty() => file.bytes = value.to_vec(),
                (METHOD, 0x03) => file.embedded_message = matches!(Input(value).u32()?, EMBEDDED_MESSAGE | OLE),
                _ => {}
            }
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
    let label = format!("windows-{codepage}");
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252);
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
