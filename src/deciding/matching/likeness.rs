//! How alike are two names, streets or descriptions? Reduced forms and scores from 0 to 1; what they prove is said by the callers.

use crate::model::Address;
use std::collections::BTreeSet;

/// Lower-case words of letters and digits, accents folded (`Müller & Söhne` -> `muller`, `sohne`).
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => folded.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => folded.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => folded.push('u'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'í' | 'ì' | 'î' | 'ï' => folded.push('i'),
            'ç' => folded.push('c'),
            'ñ' => folded.push('n'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            '\'' | '’' | '\u{ad}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded.split_whitespace().map(str::to_owned).collect()
}

/// Words that say how a company is incorporated, not which one it is.
const LEGAL_FORMS: &[&str] = &[
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "kgaa",
    "ohg",
    "ug",
    "se",
    "co",
    "cie",
    "company",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "ltd",
    "limited",
    "llc",
    "llp",
    "lp",
    "plc",
    "pvt",
    "private",
    "pty",
    "sa",
    "sas",
    "sarl",
    "sl",
    "slu",
    "srl",
    "spa",
    "bv",
    "nv",
    "ab",
    "as",
    "aps",
    "oy",
    "oyj",
    "sp",
    "zoo",
    "kft",
    "doo",
    "ev",
    "ek",
    "und",
    "and",
    "et",
    "the",
];

/// A company's name without its legal form and with umlauts in one spelling: `Müller GmbH & Co. KG` and `MUELLER` are both `muller`.
pub(crate) fn name_key(name: &str) -> String {
    let joined = name.replace('.', "");
    let words = words(&joined);
    let kept: Vec<&String> = words.iter().filter(|word| !LEGAL_FORMS.contains(&word.as_str()) && word.len() > 1).collect();
    let kept = if kept.is_empty() { words.iter().collect() } else { kept };
    kept.iter().map(|word| word.replace("ae", "a").replace("oe", "o").replace("ue", "u")).collect::<Vec<_>>().join(" ")
}

/// 1 for the same name, near 1 for a slip of the pen.
pub(crate) fn name_likeness(a: &str, b: &str) -> f64 {
    key_likeness(&name_key(a), &name_key(b))
}

/// `name_likeness` of two keys.
pub(crate) fn key_likeness(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() { 0.0 } else { strsim::normalized_damerau_levenshtein(a, b) }
}

/// Whether two name keys are near: `key_likeness` of 0.85 or more, with the cheap reason against it first.
pub(crate) fn near_keys(a: &str, b: &str) -> bool {
    let (a_length, b_length) = (a.chars().count(), b.chars().count());
    a_length.abs_diff(b_length) * 20 <= a_length.max(b_length) * 3 && key_likeness(a, b) >= 0.85
}

/// Share of the shorter text's words that the other text has too.
pub(crate) fn word_overlap(a: &str, b: &str) -> f64 {
    let set = |text: &str| words(text).into_iter().filter(|word| word.len() > 1).collect::<BTreeSet<_>>();
    let (a, b) = (set(a), set(b));
    let shorter = a.len().min(b.len());
    if shorter == 0 { 0.0 } else { a.intersection(&b).count() as f64 / shorter as f64 }
}

/// A postal code for comparing: letters and digits alone, upper case.
pub(crate) fn postal_key(code: &str) -> String {
    crate::model::part::lookup_key(code)
}

/// Whether two postal codes name the same place; `02139-4307` lies in `02139`.
fn same_postal(a: &str, b: &str) -> bool {
    let (a, b) = (postal_key(a), postal_key(b));
    let digits = |code: &str| code.len() >= 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    !a.is_empty() && !b.is_empty() && (a == b || (digits(&a) && digits(&b) && (a.starts_with(&b) || b.starts_with(&a))))
}

/// Whether a text holds an address somewhere in it: our street, word for word with its number, and our postal code. Forms are cut into
/// fields in many ways; the words stay.
pub(crate) fn holds_place(text: &str, ours: &Address) -> bool {
    let text: Vec<String> = words(text).iter().map(|word| short_word(word)).collect();
    let street: Vec<String> = words(&ours.street).iter().map(|word| short_word(word)).collect();
    let postal = postal_key(&ours.postal_code).to_lowercase();
    let has_number = street.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()));
    let holds_street = has_number && text.windows(street.len()).any(|window| window == street);
    let holds_postal = (1..=3).any(|count| text.windows(count).any(|window| window.concat() == postal));
    holds_street && !postal.is_empty() && holds_postal
}

const BUILDING_PARTS: &[&str] =
    &["suite", "ste", "unit", "floor", "apt", "building", "bldg", "dock", "gate", "door", "tor", "halle", "hall"];

/// A word of a street with its usual abbreviation in place.
fn short_word(word: &str) -> String {
    match word {
        "street" | "strasse" | "str" | "straat" => "st".to_owned(),
        "road" => "rd".to_owned(),
        "avenue" | "av" => "ave".to_owned(),
        "boulevard" => "blvd".to_owned(),
        "drive" => "dr".to_owned(),
        "lane" => "ln".to_owned(),
        other => {
            other.strip_suffix("strasse").or_else(|| other.strip_suffix("str")).map_or(other.to_owned(), |stem| format!("{stem}st"))
        }
    }
}

/// A street as name and numbers, with the usual abbreviations in one spelling.
fn street_parts(street: &str) -> (String, BTreeSet<String>) {
    let mut name = Vec::new();
    let mut numbers = BTreeSet::new();
    for word in words(street) {
        if word.chars().any(|c| c.is_ascii_digit()) {
            numbers.insert(word);
            continue;
        }
        // The part of a building: its number is kept, its name differs from clerk to clerk.
        if !BUILDING_PARTS.contains(&word.as_str()) {
            name.push(short_word(&word));
        }
    }
    (name.concat(), numbers)
}

/// Whether two streets are the same house: the name nearly equal, the numbers not in contradiction (1 is not 12).
pub(crate) fn same_street(a: &str, b: &str) -> bool {
    let ((a, a_numbers), (b, b_numbers)) = (street_parts(a), street_parts(b));
    let numbers_agree = if a_numbers.is_empty() || b_numbers.is_empty() {
        a_numbers.is_empty() && b_numbers.is_empty()
    } else {
        a_numbers.is_subset(&b_numbers) || b_numbers.is_subset(&a_numbers)
    };
    !a.is_empty() && !b.is_empty() && numbers_agree && strsim::normalized_damerau_levenshtein(&a, &b) >= 0.8
}

/// Whether two addresses are one place: the street, and the postal code or (where one side prints none) the town.
pub(crate) fn same_place(printed: &Address, ours: &Address) -> bool {
    let countries_differ =
        !printed.country.is_empty() && !ours.country.is_empty() && !printed.country.eq_ignore_ascii_case(&ours.country);
    let town_agrees = || match printed.postal_code.is_empty() || ours.postal_code.is_empty() {
        true => name_likeness(&printed.city, &ours.city) >= 0.85,
        false => same_postal(&printed.postal_code, &ours.postal_code),
    };
    !countries_differ && town_agrees() && same_street(&printed.street, &ours.street)
}

/// How alike two addresses look, for sorting proposals only.
pub(crate) fn address_likeness(a: &Address, b: &Address) -> f64 {
    let postal = if same_postal(&a.postal_code, &b.postal_code) { 1.0 } else { 0.0 };
    let street = if same_street(&a.street, &b.street) { 1.0 } else { word_overlap(&a.street, &b.street) / 2.0 };
    postal + street + name_likeness(&a.city, &b.city) / 2.0 + name_likeness(&a.name, &b.name) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_without_its_legal_form() {
        assert_eq!(name_key("Müller GmbH & Co. KG"), name_key("MUELLER"));
        assert_eq!(name_key("Acme S.p.A."), name_key("ACME"));
        assert_ne!(name_key("Acme North Ltd"), name_key("Acme South Ltd"));
        assert!(name_likeness("Acme North", "Acme South") < 0.85);
        assert!(name_likeness("Hansen Maskinfabrik", "Hansen Maskinfabrlk A/S") > 0.85);
    }

    #[test]
    fn a_house_number_decides() {
        assert!(same_street("Hauptstraße 12", "Hauptstr. 12"));
        assert!(same_street("100 Main Street, Suite 4", "100 Main St"));
        assert!(!same_street("Hauptstr. 1", "Hauptstr. 12"));
        assert!(!same_street("Hauptstr.", "Hauptstr. 12"));
    }

    #[test]
    fn a_place_needs_street_and_code() {
        let place = |street: &str, postal: &str, city: &str, country: &str| Address {
            street: street.into(),
            postal_code: postal.into(),
            city: city.into(),
            country: country.into(),
            ..Address::default()
        };
        let ours = place("77 Mass Ave", "02139", "Cambridge", "US");
        assert!(same_place(&place("77 Mass Avenue", "02139-4307", "", "US"), &ours));
        assert!(same_place(&place("77 Mass Ave", "", "Cambridge", ""), &ours));
        assert!(!same_place(&place("77 Mass Ave", "02140", "Cambridge", ""), &ours));
        assert!(!same_place(&place("", "02139", "Cambridge", "US"), &ours));
        assert!(!same_place(&place("77 Mass Ave", "02139", "", "CA"), &ours));
        assert!(holds_place("Acme, Dock 3, 77 Mass Avenue, Cambridge MA 02139, 10", &ours));
        assert!(!holds_place("Acme, 177 Mass Avenue, Cambridge MA 02139", &ours));
        assert!(!holds_place("Acme, 77 Mass Avenue, Cambridge", &ours));
        let english = place("18 Station Parade", "M20 3BA", "Manchester", "GB");
        assert!(holds_place("Northfield, 18 Station Parade, Manchester M20 3BA", &english));
    }
}
