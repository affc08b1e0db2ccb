//! Which words does a language use for what? One file a language, `*.words` beside this one; adding a language is adding its file
//! to [`FILES`].
//!
//! A file begins with `key: value` lines about the language, then come sections:
//!
//! - `[words]`: `common` words by which the language is known; marks of a paper that is `no_original`; words for an `order` in a sentence,
//!   and what may stand between them and the `order_number`; phrases that say that something lies with a mail (`attached`); that an address
//!   is the `same_as` another; words for `page` and `number`; and words that, `not_behind_title`, make a title the label of something else.
//! - `[months]`: names and abbreviations, 1 to 12. `[countries]`: names by ISO 3166-1 code.
//! - `[address]`: words that label a `part` of an address in a form, and words of a `street`.
//! - `[titles]` and `[sentences]`: what papers call themselves, and what only one kind of them says, by `DocumentKind::as_str`.
//! - `[labels]` and `[columns]`: header fields and heads of item tables, by the key of `Label` and `Role`.
//! - `[clauses]`: in a sentence that orders something, words for `joining` two items, `filler` in front of an item, what announces a `price`
//!   or a `sum`, and what a price is `per`.
//! - `[owners]`: whose part number a head means, words for the `thing` and its `number`, and owners that may stand `behind` it.
//!
//! A phrase is written as `layout::lines::tokenize` gives it: small letters without accents, words and the signs `# % @`, one space between.

pub(crate) mod index;

use super::dates::DayOrder;
use super::numbers::Decimals;
use std::collections::HashSet;
use std::sync::LazyLock;

/// In the order in which languages are asked when a phrase says nothing about the document's own.
const FILES: &[&str] = &[
    include_str!("en.words"),
    include_str!("de.words"),
    include_str!("fr.words"),
    include_str!("es.words"),
    include_str!("it.words"),
    include_str!("nl.words"),
    include_str!("pt.words"),
    include_str!("pl.words"),
    include_str!("sv.words"),
    include_str!("da.words"),
];

/// What one file says.
pub(crate) struct Language {
    /// ISO 639-1.
    pub code: &'static str,
    /// The decimal sign, where all countries of the language agree.
    pub decimals: Option<Decimals>,
    pub dates: Option<DayOrder>,
    entries: Vec<Entry>,
}

/// The phrases of one key.
struct Entry {
    section: &'static str,
    key: &'static str,
    phrases: Vec<&'static str>,
}

/// All languages, taken apart once in a process.
static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| FILES.iter().map(|text| parse(text)).collect());

pub(crate) fn languages() -> &'static [Language] {
    &LANGUAGES
}

pub(crate) fn language(code: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.code == code)
}

/// The phrases of a key in all languages, with the language's place in [`languages`].
pub(crate) fn phrases<'k>(section: &'k str, key: &'k str) -> impl Iterator<Item = (usize, &'static str)> + 'k {
    LANGUAGES.iter().enumerate().flat_map(move |(at, language)| language.phrases(section, key).map(move |phrase| (at, phrase)))
}

/// The phrases of a key in all languages, for the question whether a text is one of them.
pub(crate) fn set(section: &str, key: &str) -> HashSet<&'static str> {
    phrases(section, key).map(|(_, phrase)| phrase).collect()
}

/// The keys of a section, each once, in the order of the files.
pub(crate) fn keys(section: &str) -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = Vec::new();
    for entry in LANGUAGES.iter().flat_map(|language| &language.entries).filter(|entry| entry.section == section) {
        if !keys.contains(&entry.key) {
            keys.push(entry.key);
        }
    }
    keys
}

impl Language {
    pub(crate) fn phrases<'k>(&'static self, section: &'k str, key: &'k str) -> impl Iterator<Item = &'static str> + 'k {
        self.entries.iter().filter(move |e| e.section == section && e.key == key).flat_map(|e| e.phrases.iter().copied())
    }
}

fn parse(text: &'static str) -> Language {
    let mut language = Language { code: "", decimals: None, dates: None, entries: Vec::new() };
    let mut section = "";
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            continue;
        }
        let continued = line.starts_with(' ');
        let (key, rest) = if continued { ("", line) } else { line.split_once(':').unwrap_or((line, "")) };
        if section.is_empty() {
            match (key, rest.trim()) {
                ("code", code) => language.code = code,
                ("decimals", "comma") => language.decimals = Some(Decimals::Comma),
                ("decimals", "point") => language.decimals = Some(Decimals::Point),
                ("dates", "day month year") => language.dates = Some(DayOrder::DayMonthYear),
                ("dates", "month day year") => language.dates = Some(DayOrder::MonthDayYear),
                ("dates", "year month day") => language.dates = Some(DayOrder::YearMonthDay),
                _ => {}
            }
            continue;
        }
        let phrases = rest.split('|').map(str::trim).filter(|phrase| !phrase.is_empty());
        match language.entries.last_mut() {
            Some(entry) if continued => entry.phrases.extend(phrases),
            _ => language.entries.push(Entry { section, key, phrases: phrases.collect() }),
        }
    }
    language
}

#[cfg(test)]
mod tests {
    use super::super::layout::lines::tokenize;
    use super::super::{classify, layout};
    use super::*;
    use std::collections::HashMap;

    /// Sections and keys that every language must have, for an order in it to be read at all.
    const REQUIRED: &[(&str, &str)] = &[
        ("words", "common no_original order attached same_as page number"),
        ("months", "1 2 3 4 5 6 7 8 9 10 11 12"),
        ("address", "part street"),
        (
            "titles",
            "purchase_order order_change order_cancellation request_for_quote quote order_acknowledgement invoice credit_note delivery_note statement",
        ),
        ("sentences", "purchase_order request_for_quote order_cancellation order_change order_acknowledgement"),
        (
            "labels",
            "po_number order_number po_title reference po_date date revision currency delivery_date payment_terms incoterm buyer seller ship_to bill_to vat_id contact subtotal discount shipping tax total carried other",
        ),
        (
            "columns",
            "line_no item part buyer_part supplier_part description quantity unit price basis discount amount tax_rate date ignored",
        ),
        ("clauses", "joining filler price sum per"),
        ("owners", "supplier_part buyer_part thing number"),
    ];

    #[test]
    fn every_file_of_the_folder_is_a_language_with_all_that_reading_needs() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reading/extraction/lexicon");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of this file")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".words").map(str::to_owned))
            .collect();
        files.sort();
        let mut known: Vec<String> = languages().iter().map(|l| l.code.to_owned()).collect();
        known.sort();
        assert_eq!(files, known, "the list of files in this module");
        for language in languages() {
            for (section, keys) in REQUIRED {
                for key in keys.split(' ') {
                    assert!(language.phrases(section, key).next().is_some(), "{}: [{section}] has no `{key}`", language.code);
                }
            }
        }
    }

    #[test]
    fn every_key_is_one_that_something_reads() {
        let label = |key: &str| layout::labels::KEYS.iter().any(|(k, _)| *k == key);
        let role = |key: &str| layout::columns::KEYS.iter().any(|(k, _)| *k == key);
        let kind = |key: &str| classify::KINDS.iter().any(|kind| kind.as_str() == key);
        for entry in languages().iter().flat_map(|l| &l.entries) {
            let known = match entry.section {
                "labels" => label(entry.key),
                "columns" => role(entry.key),
                "titles" | "sentences" => kind(entry.key),
                "countries" => entry.key.len() == 2 && entry.key.bytes().all(|b| b.is_ascii_uppercase()),
                "owners" => role(entry.key) || ["thing", "number", "behind"].contains(&entry.key),
                "words" if ["not_behind_title", "order_number", "week"].contains(&entry.key) => true,
                section => REQUIRED.iter().any(|(s, keys)| *s == section && keys.split(' ').any(|k| k == entry.key)),
            };
            assert!(known, "[{}] {}", entry.section, entry.key);
        }
    }

    #[test]
    fn phrases_are_written_as_they_are_compared() {
        for language in languages() {
            for entry in &language.entries {
                for phrase in &entry.phrases {
                    let folded = tokenize(phrase).into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ");
                    assert_eq!(*phrase, folded, "{} [{}] {}", language.code, entry.section, entry.key);
                }
            }
        }
    }

    #[test]
    fn no_phrase_means_two_things_in_one_language() {
        for language in languages() {
            let mut seen: HashMap<(&str, &str), &str> = HashMap::new();
            for entry in
                language.entries.iter().filter(|e| ["labels", "columns", "titles", "months", "countries"].contains(&e.section))
            {
                for phrase in &entry.phrases {
                    let other = seen.insert((entry.section, phrase), entry.key);
                    assert_eq!(other, None, "{} [{}]: `{phrase}` is also `{}`", language.code, entry.section, entry.key);
                }
            }
        }
    }
}
