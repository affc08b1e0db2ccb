//! In which characters is an EDIFACT file written? Its own header says so, and nothing else does.

/// The text of an EDIFACT file by the character set that its UNB declares (ISO 9735-1, annex A); `None` where the bytes are no
/// EDIFACT. Senders that declare Latin-1 and write UTF-8 are common, so bytes that are UTF-8 with letters beyond ASCII stay that.
pub(super) fn edifact_text(bytes: &[u8]) -> Option<String> {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace())?;
    let head = bytes.get(start..)?;
    if !head.starts_with(b"UNA") && !head.starts_with(b"UNB") {
        return None;
    }
    let at = head.iter().take(200).collect::<Vec<_>>().windows(3).position(|window| window.iter().copied().eq(b"UNB"))?;
    let identifier = head.get(at + 4..at + 8)?;
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.chars().all(|c| c != char::REPLACEMENT_CHARACTER)
    {
        return Some(text.to_owned());
    }
    let label: &[u8] = match identifier {
        b"UNOD" => b"iso-8859-2",
        b"UNOE" => b"iso-8859-5",
        b"UNOF" => b"iso-8859-7",
        b"UNOG" => b"iso-8859-3",
        b"UNOH" => b"iso-8859-4",
        b"UNOI" => b"iso-8859-6",
        b"UNOJ" => b"iso-8859-8",
        b"UNOK" => b"iso-8859-9",
        b"UNOW" | b"UNOY" => b"utf-8",
        _ => b"iso-8859-1",
    };
    Some(encoding_rs::Encoding::for_label(label)?.decode_without_bom_handling(bytes).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_character_set_counts() {
        let with = |set: &str, bytes: &[u8]| edifact_text(&[b"UNA:+.? '\r\nUNB+", set.as_bytes(), b":3+", bytes].concat());
        assert!(with("UNOC", b"K\xE4se").expect("EDIFACT").ends_with("Käse"));
        assert!(with("UNOD", b"\xB1").expect("EDIFACT").ends_with('ą'));
        assert!(with("UNOC", "Käse".as_bytes()).expect("EDIFACT").ends_with("Käse"));
        assert_eq!(edifact_text(b"ISA*"), None);
        assert_eq!(edifact_text(b"UNA"), None);
    }
}
