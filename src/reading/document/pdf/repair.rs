//! Bytes of a damaged or locked PDF made such that an engine can open them.
//!
//! hayro rebuilds cross-references that are missing or wrong by itself. Here is what it does not do: junk before the file, streams
//! that have lost their end, object tables that only lopdf reads, and passwords.

use std::borrow::Cow;

/// lopdf's limit for one unpacked stream.
const UNPACKED: usize = 32 << 20;
/// Passwords that are tried on one file.
const MOST_PASSWORDS: usize = 50;

/// The file from its own beginning: mail gateways and printers put lines of theirs before it.
pub(super) fn without_preamble(bytes: &[u8]) -> &[u8] {
    match find(bytes, b"%PDF-") {
        Some(at) => &bytes[at..],
        None => bytes,
    }
}

/// The file with an `endstream` wherever a stream runs into the end of its object; `None` where none is missing.
pub(super) fn with_stream_ends(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    let (mut copied, mut at, mut missing) = (0, 0, false);
    while let Some(stream) = find(&bytes[at..], b"stream").map(|found| at + found) {
        at = stream + b"stream".len();
        let opens = matches!(bytes.get(at), Some(b'\r' | b'\n')) && !bytes[..stream].ends_with(b"end");
        if !opens {
            continue;
        }
        let Some(end) = find(&bytes[at..], b"endobj").map(|found| at + found) else { break };
        if find(&bytes[at..end], b"endstream").is_none() {
            let data = bytes[at..end].trim_ascii_end().len();
            out.extend_from_slice(&bytes[copied..at + data]);
            out.extend_from_slice(b"\nendstream\n");
            (copied, missing) = (end, true);
        }
        at = end;
    }
    out.extend_from_slice(&bytes[copied..]);
    missing.then_some(out)
}

/// The file written anew by lopdf, which rebuilds cross-references that hayro does not; `None` where it finds no page.
pub(super) fn rewritten(bytes: &[u8]) -> Option<Vec<u8>> {
    let options =
        lopdf::LoadOptions { max_decompressed_size: Some(UNPACKED), force_reconstruct: true, ..lopdf::LoadOptions::default() };
    let mut file = lopdf::Document::load_mem_with_options(bytes, options).ok()?;
    if file.is_encrypted() || file.page_iter().next().is_none() {
        return None;
    }
    let mut out = Vec::new();
    file.save_to(&mut out).ok()?;
    Some(out)
}

/// The file without its encryption, where one of the passwords opens it; as it is where it needs none or none fits.
pub fn unlocked<'b>(bytes: &'b [u8], passwords: &[String]) -> Cow<'b, [u8]> {
    if passwords.is_empty() || !matches!(super::open(without_preamble(bytes)), Err(super::Unopened::Password)) {
        return Cow::Borrowed(bytes);
    }
    let opened = passwords.iter().take(MOST_PASSWORDS).find_map(|password| {
        let options = lopdf::LoadOptions { max_decompressed_size: Some(UNPACKED), ..lopdf::LoadOptions::with_password(password) };
        let mut file = lopdf::Document::load_mem_with_options(without_preamble(bytes), options).ok()?;
        file.trailer.remove(b"Encrypt");
        let mut out = Vec::new();
        file.save_to(&mut out).ok()?;
        super::open(&out).is_ok().then_some(out)
    });
    opened.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_an_end_gets_one_and_others_stay() {
        let table: [(&[u8], Option<&[u8]>); 4] = [
            (b"1 0 obj<<>>stream\nBT ET\nendobj", Some(b"1 0 obj<<>>stream\nBT ET\nendstream\nendobj")),
            (b"1 0 obj<<>>stream\nBT ET\nendstream\nendobj", None),
            (b"1 0 obj(a stream)endobj", None),
            (b"1 0 obj<<>>stream\nBT ET", None),
        ];
        for (broken, mended) in table {
            assert_eq!(with_stream_ends(broken).as_deref(), mended, "{}", String::from_utf8_lossy(broken));
        }
        assert_eq!(without_preamble(b"X-Header: 1\n%PDF-1.4 x"), b"%PDF-1.4 x");
        assert_eq!(without_preamble(b"nothing"), b"nothing");
    }
}
