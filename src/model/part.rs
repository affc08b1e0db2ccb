//! Part numbers reduced for looking up (DOMAIN 21): the printed form is kept beside the reduced one everywhere.

/// Upper case, without spaces, hyphens, dots, slashes and soft hyphens: `ab-100.2` and `AB 1002` become `AB1002`.
pub fn lookup_key(printed: &str) -> String {
    printed.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// `lookup_key` with characters that optical reading confuses made equal (O/0, I/1/L, S/5, B/8, Z/2).
/// Two parts with the same confusable key may differ in truth: only a unique hit may be used, and it is shown to a person.
pub fn confusable_key(printed: &str) -> String {
    lookup_key(printed)
        .chars()
        .map(|c| match c {
            'O' | 'Q' => '0',
            'I' | 'L' => '1',
            'S' => '5',
            'B' => '8',
            'Z' => '2',
            other => other,
        })
        .collect()
}

/// Whether `digits` is a GTIN-8, 12, 13 or 14 with a right check digit (GS1 General Specifications, section 7.9).
pub fn is_gtin(digits: &str) -> bool {
    if !matches!(digits.len(), 8 | 12 | 13 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits.bytes().rev().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 1 { 3 } else { 1 }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_punctuation_and_confusables() {
        assert_eq!(lookup_key("ab-100.2"), lookup_key("AB 1002"));
        assert_ne!(lookup_key("AB-O1"), lookup_key("AB-01"));
        assert_eq!(confusable_key("AB-O1"), confusable_key("A8-0l"));
    }

    #[test]
    fn gtin_check_digit() {
        assert!(is_gtin("4006381333931"));
        assert!(!is_gtin("4006381333932"));
        assert!(!is_gtin("12345"));
    }
}
