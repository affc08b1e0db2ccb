//! How the readers' regular expressions are made: with letters and digits as they are printed on orders, not as Unicode lists them.
//!
//! Unicode's tables of `\p{L}` and `\d` have hundreds of ranges each. Compiling them took three quarters of what reading one page takes,
//! in every new process.

use regex::Regex;

/// Letters of all scripts by the blocks that they stand in: also marks set on letters, but no punctuation, no symbols.
const LETTER: &str = r"[A-Za-zªµºÀ-ÖØ-öø-\u{1FFF}\u{2C00}-\u{2DFF}\u{3040}-\u{D7FF}\u{F900}-\u{FDFF}\u{FF21}-\u{FFDC}]";
const DIGIT: &str = "[0-9]";

/// A constant pattern in which `\p{L}` stands for a letter and `\d` for an ASCII digit, inside brackets too.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(&text.replace(r"\p{L}", LETTER).replace(r"\d", DIGIT)).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_letters_and_digits_are_digits() {
        let word = pattern(r"^[\p{L} \d]+$");
        for text in ["Zürich", "Łódź", "Αθήνα", "Санкт Петербург", "東京", "서울", "Sao\u{303} 3a"] {
            assert!(word.is_match(text), "{text}");
        }
        for text in ["a–b", "a • b", "5°", "a×b", "“a”", "a,b", "２ ㎡ ’"] {
            assert!(!word.is_match(text), "{text}");
        }
    }
}
