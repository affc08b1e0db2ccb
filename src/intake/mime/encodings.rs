//! Transfer encodings as the world really sends them: damaged base64, and uuencode inside plain text.

use mail_parser::decoders::quoted_printable::quoted_printable_decode;

/// Undoes a Content-Transfer-Encoding without the charset conversion that the mail parser does on text: a file's bytes must stay
/// the bytes that were sent. `None` where the encoding is broken.
pub(super) fn decode(raw: &[u8], encoding: &str) -> Option<Vec<u8>> {
    if encoding.eq_ignore_ascii_case("base64") {
        let (bytes, damaged) = lenient_base64(raw);
        (!damaged).then_some(bytes)
    } else if encoding.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable_decode(raw)
    } else {
        Some(raw.to_vec())
    }
}

/// Text of bytes that name no charset, or a wrong one: UTF-8 where it is, else the Latin of Windows, which is what programs mean that
/// send bare umlauts.
pub(super) fn undeclared_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Decodes what can be decoded, and keeps the rest as it stands.
pub(super) fn decode_leniently(raw: &[u8], encoding: &str) -> Vec<u8> {
    if encoding.eq_ignore_ascii_case("base64") {
        lenient_base64(raw).0
    } else if encoding.eq_ignore_ascii_case("quoted-printable") {
        lenient_quoted_printable(raw)
    } else {
        raw.to_vec()
    }
}

fn lenient_quoted_printable(raw: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|&byte| char::from(byte).to_digit(16));
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'=' {
            bytes.push(first);
        } else if let (Some(high), Some(low)) = (hex(after.first()), hex(after.get(1))) {
            bytes.push((high * 16 + low) as u8);
            rest = &after[2..];
        } else if let Some(next_line) = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")) {
            rest = next_line;
        } else {
            bytes.push(first);
        }
    }
    bytes
}

/// Decodes what can be decoded: characters outside the alphabet are skipped, a cut end is dropped. The flag says that something was
/// skipped or cut, so that nobody trusts the file blindly.
pub(super) fn lenient_base64(raw: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(raw.len() / 4 * 3);
    let (mut buffer, mut held, mut damaged, mut padded) = (0_u32, 0_u8, false, false);
    for &byte in raw {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                // Some programs encode in pieces and join them: padding in the middle starts a new piece.
                damaged |= held == 1;
                (buffer, held, padded) = (0, 0, true);
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => {
                damaged = true;
                continue;
            }
        };
        buffer = buffer << 6 | u32::from(value);
        held += 1;
        padded = false;
        if let Some(octet) = match held {
            2 => Some(buffer >> 4),
            3 => Some(buffer >> 2),
            4 => Some(buffer),
            _ => None,
        } {
            bytes.push((octet & 0xff) as u8);
        }
        if held == 4 {
            (buffer, held) = (0, 0);
        }
    }
    (bytes, damaged || (held == 1 && !padded))
}

/// A file found in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uuencoded {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Lines that do not decode, or no `end`.
    pub damaged: bool,
}

/// Takes uuencoded files out of a text: `begin 644 po.pdf` ... `end`. Returns the text without them.
pub(super) fn take_uuencoded(text: &str) -> (String, Vec<Uuencoded>) {
    if !text.contains("begin ") {
        return (text.to_owned(), Vec::new());
    }
    let mut rest = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let name = begin_line(line);
        let Some((name, _)) = name.zip(lines.peek().filter(|next| uu_line(next).is_some())) else {
            rest.push_str(line);
            continue;
        };
        let mut file = Uuencoded { name: name.to_owned(), bytes: Vec::new(), damaged: true };
        while let Some(line) = lines.peek() {
            let trimmed = line.trim_end_matches(['\r', '\n']);
            if trimmed == "end" {
                file.damaged = false;
                lines.next();
                break;
            }
            match uu_line(line) {
                Some(bytes) => file.bytes.extend(bytes),
                None if trimmed.is_empty() || trimmed == "`" => {}
                None => break,
            }
            lines.next();
        }
        files.push(file);
    }
    (rest, files)
}

fn begin_line(line: &str) -> Option<&str> {
    let (mode, name) = line.trim_end().strip_prefix("begin ")?.split_once(' ')?;
    ((3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b)) && !name.trim().is_empty())
        .then_some(name.trim())
}

/// One data line: a length character, then groups of four characters for three bytes.
fn uu_line(line: &str) -> Option<Vec<u8>> {
    let line = line.trim_end_matches(['\r', '\n']).as_bytes();
    let (&first, data) = line.split_first()?;
    let six = |byte: u8| (b' '..=b'`').contains(&byte).then(|| u32::from((byte - b' ') & 0x3f));
    let length = six(first).filter(|&length| length > 0)? as usize;
    let groups = length.div_ceil(3);
    // Trailing spaces are zero bits that transport likes to cut; a checksum character may follow.
    if data.len() > groups * 4 + 1 || data.len() + 3 < groups * 4 - 4 {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups * 3);
    for group in 0..groups {
        let mut word = 0;
        for place in 0..4 {
            word = word << 6 | six(data.get(group * 4 + place).copied().unwrap_or(b' '))?;
        }
        bytes.extend_from_slice(&word.to_be_bytes()[1..]);
    }
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_base64_yields_what_is_there_and_says_so() {
        assert_eq!(lenient_base64(b"JVBERi0x\r\nLjc="), (b"%PDF-1.7".to_vec(), false));
        assert_eq!(lenient_base64(b"JVBE*Ri0xLjc="), (b"%PDF-1.7".to_vec(), true));
        assert_eq!(lenient_base64(b"JVBERi0xLjc"), (b"%PDF-1.7".to_vec(), false), "no padding");
        assert_eq!(lenient_base64(b"JVBERi0xL"), (b"%PDF-1".to_vec(), true), "cut");
        assert_eq!(lenient_base64(b"JVA=JVBE"), (b"%P%PD".to_vec(), false), "joined pieces");
    }

    #[test]
    fn damaged_quoted_printable_keeps_what_it_cannot_decode() {
        assert_eq!(decode_leniently(b"5 =E2=82=AC =\r\neach =ZZ =", "Quoted-Printable"), "5 € each =ZZ =".as_bytes());
    }

    #[test]
    fn uuencoded_files_leave_the_text() {
        let text = "Please see below.\nbegin 644 po.txt\n-4&\\@-#<Q,2!X(#$*\n`\nend\nRegards\n";
        let (rest, files) = take_uuencoded(text);
        assert_eq!(rest, "Please see below.\nRegards\n");
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].name.as_str(), files[0].damaged), ("po.txt", false));
        assert_eq!(files[0].bytes, b"Po 4711 x 1\n\0"[..13].to_vec());
    }

    #[test]
    fn words_that_only_begin_like_uuencode_stay() {
        let text = "We begin 644 deliveries on Monday.\nbegin 644 deliveries\nNot an encoded line, this one is plain text.\n";
        assert_eq!(take_uuencoded(text), (text.to_owned(), Vec::new()));
    }
}
