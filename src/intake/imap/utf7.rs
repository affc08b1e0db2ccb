//! Folder names as IMAP wants them: modified UTF-7 (RFC 3501, 5.1.3). `Aufträge` is `Auftr&AOQ-ge` on the wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

pub(super) fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut pending: Vec<u16> = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut pending, &mut encoded);
            encoded.push(c);
            if c == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            pending.extend_from_slice(c.encode_utf16(&mut units));
        }
    }
    flush(&mut pending, &mut encoded);
    encoded
}

fn flush(pending: &mut Vec<u16>, encoded: &mut String) {
    if pending.is_empty() {
        return;
    }
    let bytes: Vec<u8> = pending.drain(..).flat_map(u16::to_be_bytes).collect();
    encoded.push('&');
    encoded.push_str(&STANDARD_NO_PAD.encode(bytes).replace('/', ","));
    encoded.push('-');
}

/// The name that a server gave; one that is not encoded properly stays as it is.
pub(super) fn decode(name: &str) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let Some((inside, after)) = after.split_once('-') else { return name.to_owned() };
        if inside.is_empty() {
            decoded.push('&');
        } else {
            let Ok(bytes) = STANDARD_NO_PAD.decode(inside.replace(',', "/")) else { return name.to_owned() };
            if bytes.len() % 2 == 1 {
                return name.to_owned();
            }
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            let Ok(text) = String::from_utf16(&units) else { return name.to_owned() };
            decoded.push_str(&text);
        }
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn names_of_real_servers() {
        let cases = [
            ("INBOX", "INBOX"),
            ("Aufträge", "Auftr&AOQ-ge"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("[Gmail]/Brouillons", "[Gmail]/Brouillons"),
            ("A&B", "A&-B"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("📦", "&2D3c5g-"),
        ];
        for (name, expected) in cases {
            assert_eq!(encode(name), expected, "{name}");
            assert_eq!(decode(expected), name);
        }
        for odd in ["a&b", "a&!!-", "&AA-"] {
            assert!(!decode(odd).is_empty());
        }
    }
}
