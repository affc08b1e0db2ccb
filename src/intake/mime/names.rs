//! What may be shown of a name that a stranger chose? Cleaned text for people; never a path (DOMAIN 53).

const MAX_NAME_CHARS: usize = 150;

/// One line without control and text-direction characters, at most `max` characters.
pub(super) fn clean_line(text: &str, max: usize) -> String {
    let visible = text.chars().filter_map(|c| match c {
        '\t' | '\r' | '\n' => Some(' '),
        c if c.is_control() || turns_text(c) => None,
        c => Some(c),
    });
    let mut line = String::new();
    let mut blank = true;
    for c in visible {
        if c == ' ' && blank {
            continue;
        }
        blank = c == ' ';
        line.push(c);
    }
    line.trim_end().chars().take(max).collect()
}

/// Characters that reorder or hide text: `fdp.exe` can be made to look like `exe.pdf` with them.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A file's name as sent, reduced to its last path component; a long one loses its middle, never its ending.
pub(super) fn clean_name(name: &str) -> String {
    let line = clean_line(name, usize::MAX);
    let last = line.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default().trim();
    let last = if last.chars().all(|c| c == '.') { "" } else { last };
    let count = last.chars().count();
    if count <= MAX_NAME_CHARS {
        return last.to_owned();
    }
    let head: String = last.chars().take(MAX_NAME_CHARS - 20).collect();
    let tail: String = last.chars().skip(count - 19).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_and_tricks_but_keep_their_ending() {
        let cases = [
            ("PO.2024.11.v2.pdf", "PO.2024.11.v2.pdf"),
            ("../../etc/passwd\0.pdf", "passwd.pdf"),
            ("C:\\Users\\ann\\PO 4711.xlsx", "PO 4711.xlsx"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\r\nb.pdf", "a b.pdf"),
            ("..", ""),
            ("dir/", "dir"),
            ("Bestellung Müller.pdf", "Bestellung Müller.pdf"),
        ];
        for (name, expected) in cases {
            assert_eq!(clean_name(name), expected, "{name:?}");
        }
        let long = format!("{}.pdf", "x".repeat(5000));
        assert!(clean_name(&long).ends_with(".pdf") && clean_name(&long).chars().count() <= MAX_NAME_CHARS);
    }
}
