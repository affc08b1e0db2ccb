//! Text for a terminal: what mails and documents say is shown, and steers nothing.
//!
//! Subjects, file names and descriptions come from strangers. Escape sequences in them could rewrite what stands on the screen, and marks
//! of writing direction could make a file name or an amount look like another.

/// `text` on one line: control characters and direction marks as the sign for an unknown character, line ends as spaces.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { harmless(c) }).collect()
}

/// The same over several lines: line ends stay.
pub fn on_lines(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { harmless(c) }).collect()
}

fn harmless(c: char) -> char {
    let turns_direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    if c.is_control() || turns_direction { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        for (text, one_line, lines) in [
            ("bolt M8 ☃ é", "bolt M8 ☃ é", "bolt M8 ☃ é"),
            ("a\x1b[31mred", "a\u{fffd}[31mred", "a\u{fffd}[31mred"),
            ("t\x07\u{9b}2J\x7f", "t\u{fffd}\u{fffd}2J\u{fffd}", "t\u{fffd}\u{fffd}2J\u{fffd}"),
            ("two\nlines", "two lines", "two\nlines"),
            ("over\rwritten", "over written", "over\u{fffd}written"),
            ("fdp\u{202e}exe", "fdp\u{fffd}exe", "fdp\u{fffd}exe"),
        ] {
            assert_eq!((on_one_line(text).as_str(), on_lines(text).as_str()), (one_line, lines), "{text:?}");
        }
    }
}
