//! A `.msg` file (\[MS-OXMSG\]): a compound file whose streams are the message's properties, and whose storages are its
//! attachments and recipients.

use super::compound::{Compound, u16_at, u32_at, u64_at};
use super::{OutlookFile, OutlookMail, Person, rtf};
use encoding_rs::{Encoding, WINDOWS_1252};
use jiff::Timestamp;

/// Messages in messages; `parts` reports the limit before it is reached.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 200;
const MAX_RECIPIENTS: usize = 100;

/// The message as a mail. `None` where the file is no compound file or holds no message.
pub(in super::super) fn mail_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let file = Compound::open(bytes)?;
    let is_message = file.inside(0).into_iter().any(|at| file.entry(at).is_some_and(|entry| entry.name.starts_with("__")));
    is_message.then(|| message(&file, 0, 0).into_mail())
}

/// Where the list of fixed properties starts: behind a header that is longer in the outermost message.
const OUTERMOST: usize = 32;
const EMBEDDED: usize = 24;
const PART: usize = 8;

fn message(file: &Compound<'_>, storage: usize, depth: usize) -> OutlookMail {
    let header = if depth == 0 { OUTERMOST } else { EMBEDDED };
    let properties = Properties::of(file, storage, header, None);
    let email = |smtp: u16, other: u16| {
        let smtp = properties.text(smtp);
        if smtp.is_empty() { properties.text(other) } else { smtp }
    };
    // The person for whom it was sent, else who sent it.
    let on_behalf = Person { name: properties.text(0x0042), address: email(0x5d02, 0x0065) };
    let sender = Person { name: properties.text(0x0c1a), address: email(0x5d01, 0x0c1f) };
    let mut mail = OutlookMail {
        headers: properties.text(0x007d),
        from: if on_behalf.address.contains('@') { on_behalf } else { sender },
        subject: properties.text(0x0037),
        date: properties.time(0x0039).or_else(|| properties.time(0x0e06)),
        message_id: properties.text(0x1035),
        text: properties.text(0x1000),
        html: properties.html(),
        rich: properties.binary(0x1009).and_then(|packed| rtf::unpacked(&packed)).unwrap_or_default(),
        ..OutlookMail::default()
    };
    let mut inside: Vec<_> = file.inside(storage).into_iter().filter_map(|at| Some((file.entry(at)?, at))).collect();
    inside.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    for (entry, at) in inside {
        if entry.name.starts_with("__recip_version1.0_") && mail.to.len() < MAX_RECIPIENTS {
            let recipient = Properties::of(file, at, PART, Some(&properties));
            let smtp = recipient.text(0x39fe);
            let address = if smtp.is_empty() { recipient.text(0x3003) } else { smtp };
            mail.to.push(Person { name: recipient.text(0x3001), address });
        } else if entry.name.starts_with("__attach_version1.0_") && mail.files.len() < MAX_FILES {
            mail.files.push(attachment(file, at, &properties, depth));
        }
    }
    mail
}

fn attachment(file: &Compound<'_>, storage: usize, outer: &Properties<'_, '_>, depth: usize) -> OutlookFile {
    let properties = Properties::of(file, storage, PART, Some(outer));
    let names = [0x3707, 0x3704, 0x3001].map(|name| properties.text(name));
    let name = names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_default();
    if let Some(embedded) = file.find(storage, "__substg1.0_3701000D") {
        // Beyond the depth that is opened the message is only named.
        let bytes = if depth < MAX_DEPTH { message(file, embedded, depth + 1).into_mail() } else { Vec::new() };
        return OutlookFile { name, bytes, is_mail: true, ..OutlookFile::default() };
    }
    OutlookFile {
        name,
        declared: properties.text(0x370e),
        content_id: properties.text(0x3712),
        bytes: properties.binary(0x3701).unwrap_or_default(),
        is_mail: false,
    }
}

/// The properties in a storage.
struct Properties<'f, 'b> {
    file: &'f Compound<'b>,
    storage: usize,
    /// Those of fixed length: 16 bytes each.
    fixed: Vec<u8>,
    encoding: &'static Encoding,
    html_encoding: &'static Encoding,
}

impl<'f, 'b> Properties<'f, 'b> {
    fn of(file: &'f Compound<'b>, storage: usize, header: usize, outer: Option<&Self>) -> Self {
        let list = file.find(storage, "__properties_version1.0").and_then(|at| file.stream(at)).unwrap_or_default();
        let mut properties = Self {
            file,
            storage,
            fixed: list.get(header..).unwrap_or_default().to_vec(),
            encoding: outer.map_or(WINDOWS_1252, |outer| outer.encoding),
            html_encoding: outer.map_or(WINDOWS_1252, |outer| outer.html_encoding),
        };
        let codepage = |property| properties.fixed(property).and_then(|value| encoding_of(u32_at(value, 8)?));
        let (text, html) = (codepage(0x3ffd), codepage(0x3fde));
        properties.encoding = text.or(html).unwrap_or(properties.encoding);
        properties.html_encoding = html.or(text).unwrap_or(properties.html_encoding);
        properties
    }

    fn fixed(&self, property: u16) -> Option<&[u8]> {
        self.fixed.chunks_exact(16).find(|value| u16_at(value, 2) == Some(property))
    }

    fn stream(&self, property: u16, kind: u16) -> Option<Vec<u8>> {
        let name = format!("__substg1.0_{property:04X}{kind:04X}");
        self.file.stream(self.file.find(self.storage, &name)?)
    }

    /// Empty where there is none.
    fn text(&self, property: u16) -> String {
        let text = match (self.stream(property, 0x1f), self.stream(property, 0x1e)) {
            (Some(wide), _) => {
                let units: Vec<u16> = wide.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                String::from_utf16_lossy(&units)
            }
            (None, Some(narrow)) => self.encoding.decode_without_bom_handling(&narrow).0.into_owned(),
            (None, None) => String::new(),
        };
        text.trim_end_matches('\0').to_owned()
    }

    fn binary(&self, property: u16) -> Option<Vec<u8>> {
        self.stream(property, 0x102)
    }

    fn html(&self) -> String {
        match self.binary(0x1013) {
            Some(bytes) => self.html_encoding.decode(&bytes).0.into_owned(),
            None => self.text(0x1013),
        }
    }

    /// Outlook counts tenths of microseconds from 1601.
    fn time(&self, property: u16) -> Option<Timestamp> {
        let ticks = i64::try_from(u64_at(self.fixed(property)?, 8)?).ok()?;
        Timestamp::from_second(ticks / 10_000_000 - 11_644_473_600).ok()
    }
}

/// The encoding of a Windows code page number.
pub(in super::super) fn encoding_of(codepage: u32) -> Option<&'static Encoding> {
    let label = match codepage {
        65001 => "utf-8".to_owned(),
        20127 => "us-ascii".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        28591..=28605 => format!("iso-8859-{}", codepage - 28590),
        other => format!("windows-{other}"),
    };
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::intake::message::{Message, Nature};
    use crate::intake::mime::{MailSettings, OurMail, parse_file};
    use crate::model::{Code, Sha256};

    /// A storage or stream that is written into a compound file.
    enum Part {
        Storage(String, Vec<Part>),
        Stream(String, Vec<u8>),
    }

    fn stream(name: &str, bytes: &[u8]) -> Part {
        Part::Stream(name.into(), bytes.to_vec())
    }

    fn wide(property: &str, text: &str) -> Part {
        stream(&format!("__substg1.0_{property}001F"), &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
    }

    const SECTOR: usize = 512;
    const END: u32 = 0xffff_fffe;
    const NONE: u32 = 0xffff_ffff;

    /// Entries as 128 bytes each, siblings in a row; the streams' sectors follow one another.
    fn write(parts: &[Part], entries: &mut Vec<[u8; 128]>, data: &mut Vec<u8>, fat: &mut Vec<u32>) -> u32 {
        let mut next = NONE;
        for part in parts.iter().rev() {
            let mut record = [0; 128];
            let (Part::Storage(name, _) | Part::Stream(name, _)) = part;
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            record[..units.len()].copy_from_slice(&units);
            record[64..66].copy_from_slice(&(units.len() as u16 + 2).to_le_bytes());
            let (kind, child, start, size) = match part {
                Part::Storage(_, inside) => (1, write(inside, entries, data, fat), 0, 0),
                Part::Stream(_, bytes) => {
                    let start = fat.len() as u32;
                    data.extend(bytes);
                    data.resize(data.len().next_multiple_of(SECTOR), 0);
                    let sectors = bytes.len().div_ceil(SECTOR) as u32;
                    fat.extend((0..sectors).map(|at| if at + 1 == sectors { END } else { start + at + 1 }));
                    (2, NONE, if bytes.is_empty() { END } else { start }, bytes.len() as u32)
                }
            };
            record[66] = kind;
            for (at, number) in [(68, NONE), (72, next), (76, child), (116, start), (120, size)] {
                record[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            next = entries.len() as u32;
            entries.push(record);
        }
        next
    }

    fn msg(parts: &[Part]) -> Vec<u8> {
        let (mut entries, mut data, mut fat) = (vec![[0; 128]], Vec::new(), Vec::new());
        let child = write(parts, &mut entries, &mut data, &mut fat);
        entries[0][66] = 5;
        for (at, number) in [(68, NONE), (72, NONE), (76, child), (116, END)] {
            entries[0][at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        let directory = fat.len() as u32;
        data.extend(entries.concat());
        data.resize(data.len().next_multiple_of(SECTOR), 0);
        let sectors = (data.len() / SECTOR) as u32;
        fat.extend((directory..sectors).map(|at| if at + 1 == sectors { END } else { at + 1 }));
        let tables = (fat.len() + 8).div_ceil(SECTOR / 4);
        let mut file = vec![0_u8; SECTOR];
        file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        file[30] = 9;
        file[32] = 6;
        // No stream is short enough for the short sectors.
        for (at, number) in [(44, tables as u32), (48, directory), (56, 0), (60, END), (68, END)] {
            file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        for at in 0..109 {
            let table = if at < tables { sectors + at as u32 } else { NONE };
            file[76 + at * 4..80 + at * 4].copy_from_slice(&table.to_le_bytes());
        }
        fat.resize(tables * SECTOR / 4, NONE);
        file.extend(data);
        file.extend(fat.iter().flat_map(|number| number.to_le_bytes()));
        file
    }

    /// A list of fixed properties behind a header of that many bytes.
    fn properties(header: usize, values: &[(u16, u64)]) -> Part {
        let mut bytes = vec![0; header];
        for (property, value) in values {
            bytes.extend([3, 0]);
            bytes.extend(property.to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(value.to_le_bytes());
        }
        stream("__properties_version1.0", &bytes)
    }

    fn attachment(at: usize, inside: Vec<Part>) -> Part {
        Part::Storage(format!("__attach_version1.0_#{at:08X}"), inside)
    }

    fn read(bytes: &[u8]) -> Message {
        parse_file(Sha256::of(bytes), "order.msg", bytes.to_vec(), &MailSettings::default(), &OurMail::default())
    }

    #[test]
    fn a_stored_message_is_the_mail_that_it_was() {
        let pdf = b"%PDF-1.7 ".repeat(200);
        let bytes = msg(&[
            properties(32, &[(0x0039, 134_400_000_000_000_000)]),
            wide("0037", "Bestellung 4711 – Müller"),
            wide("0C1A", "Ann \"Lee\""),
            wide("5D01", "ann@buyer.example"),
            wide("0C1F", "/O=BUYER/CN=ANN"),
            wide("1000", "Guten Tag,\r\nanbei die Bestellung.\r\n"),
            Part::Storage("__recip_version1.0_#00000000".into(), vec![properties(8, &[]), wide("39FE", "orders@us.example")]),
            attachment(0, vec![properties(8, &[]), wide("3707", "Größe 4711.pdf"), stream("__substg1.0_37010102", &pdf)]),
            attachment(1, vec![properties(8, &[]), wide("3704", "B.CSV"), stream("__substg1.0_37010102", b"a;b\n1;2\n")]),
        ]);
        let message = read(&bytes);
        assert_eq!(message.sha256, Sha256::of(&bytes));
        assert_eq!(message.subject, "Bestellung 4711 – Müller");
        let from = message.from.as_ref().expect("there is a sender");
        assert_eq!((from.name.as_str(), from.address.as_str()), ("Ann Lee", "ann@buyer.example"));
        assert_eq!(message.to[0].address, "orders@us.example");
        assert_eq!(message.date.map(|date| date.as_second()), Some(13_440_000_000 - 11_644_473_600));
        assert_eq!(message.new_text.trim(), "Guten Tag,\nanbei die Bestellung.");
        let names: Vec<&str> = message.attachments.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["Größe 4711.pdf", "B.CSV"]);
        assert_eq!(message.attachments[0].bytes, pdf);
        assert!(message.findings.is_empty(), "{:?}", message.findings);
    }

    #[test]
    fn its_own_header_counts_and_a_message_inside_is_a_forward() {
        let outer = |headers: &str| {
            let forwarded = Part::Storage(
                "__substg1.0_3701000D".into(),
                vec![
                    properties(24, &[]),
                    wide("0037", "PO 9"),
                    wide("0C1F", "buyer@else.example"),
                    wide("1000", "Please send 5 bolts"),
                ],
            );
            msg(&[
                properties(32, &[]),
                wide("007D", headers),
                wide("0037", "FW: PO 9"),
                wide("1000", "see below"),
                attachment(0, vec![properties(8, &[(0x3705, 5)]), forwarded]),
            ])
        };
        let headers = "From: Bob <bob@buyer.example>\r\nSubject: FW: PO 9\r\nContent-Type: text/html;\r\n\tcharset=x\r\nMIME-Version: 1.0\r\n";
        let message = read(&outer(headers));
        assert_eq!(message.nature, Nature::Correspondence);
        assert_eq!(message.from.as_ref().map(|from| from.address.as_str()), Some("bob@buyer.example"));
        let forwarded = message.forwarded.as_ref().and_then(|forwarded| forwarded.from.as_ref());
        assert_eq!(forwarded.map(|from| from.address.as_str()), Some("buyer@else.example"));
        assert!(message.new_text.contains("Please send 5 bolts"), "{}", message.new_text);
        let reply = format!("{headers}Auto-Submitted: auto-replied\r\n");
        assert_eq!(read(&outer(&reply)).nature, Nature::AutoReply);
    }

    #[test]
    fn the_text_may_be_html_or_rich_or_of_another_code_page() {
        let rich = [&[0; 4][..], &100_u32.to_le_bytes(), b"MELA", &[0; 4], b"{\\rtf1\\ansi 3 pcs of A-1\\par}"].concat();
        let table = [
            (stream("__substg1.0_10130102", "<p>3 Stück <b>A-1</b></p>".as_bytes()), "3 Stück A-1"),
            (stream("__substg1.0_1000001E", b"3 kus\xf9 A-1"), "3 kusů A-1"),
            (stream("__substg1.0_10090102", &rich), "3 pcs of A-1"),
        ];
        for (text, expected) in table {
            let bytes = msg(&[properties(32, &[(0x3ffd, 1250), (0x3fde, 65001)]), wide("0C1F", "a@b.example"), text]);
            assert_eq!(read(&bytes).new_text.trim(), expected);
        }
    }

    #[test]
    fn rings_damage_and_depth_are_survived() {
        let mut deep = vec![properties(24, &[]), wide("1000", "innermost")];
        for _ in 0..12 {
            let inside = Part::Storage("__substg1.0_3701000D".into(), deep);
            deep = vec![properties(24, &[]), wide("1000", "text"), attachment(0, vec![properties(8, &[]), inside])];
        }
        let message = read(&msg(&deep));
        assert!(message.findings.iter().any(|finding| finding.code == Code::LimitReached), "{:?}", message.findings);
        let whole = msg(&[properties(32, &[]), wide("0C1F", "a@b.example"), wide("1000", "text"), attachment(0, vec![])]);
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            read(&broken);
            // A sector that is its own successor, an entry that is its own sibling.
            broken[at] = 0;
            read(&broken);
        }
        for end in (0..whole.len()).step_by(7) {
            read(&whole[..end]);
        }
    }
}
