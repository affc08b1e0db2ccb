//! Phrases of all languages by their first word: which of them stands at a place, in one look.

use std::collections::HashMap;

/// A phrase and what it means.
#[derive(Debug)]
pub(crate) struct Phrase<T> {
    pub text: &'static str,
    /// Words in it.
    pub tokens: usize,
    pub meaning: T,
    /// A bit for each language that says so, by its place in [`super::languages`].
    pub languages: u32,
}

/// Phrases of one section with their meanings.
#[derive(Debug)]
pub(crate) struct Index<T> {
    /// The longest first; of one length, in the order of the meanings given, then of the languages.
    by_first: HashMap<&'static str, Vec<Phrase<T>>>,
}

impl<T: Copy + PartialEq> Index<T> {
    /// The phrases of a section under the keys given. Where two languages disagree about a phrase, the meaning given first is the first found.
    pub(crate) fn of(section: &str, meanings: &[(&str, T)]) -> Self {
        let mut by_first: HashMap<&'static str, Vec<Phrase<T>>> = HashMap::new();
        for (key, meaning) in meanings {
            for (language, text) in super::phrases(section, key) {
                let Some(first) = text.split(' ').next() else { continue };
                let known = by_first.entry(first).or_default();
                match known.iter_mut().find(|p| p.text == text && p.meaning == *meaning) {
                    Some(phrase) => phrase.languages |= 1 << language,
                    None => {
                        let tokens = text.split(' ').count();
                        known.push(Phrase { text, tokens, meaning: *meaning, languages: 1 << language });
                    }
                }
            }
        }
        for phrases in by_first.values_mut() {
            phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.tokens));
        }
        Self { by_first }
    }

    /// The phrases that `tokens` begin with, the longest first.
    pub(crate) fn at<'i, S: AsRef<str>>(&'i self, tokens: &[S]) -> impl Iterator<Item = &'i Phrase<T>> {
        let phrases = tokens.first().and_then(|first| self.by_first.get(first.as_ref()));
        phrases.into_iter().flatten().filter(move |phrase| {
            phrase.tokens <= tokens.len() && phrase.text.split(' ').zip(tokens).all(|(word, token)| is_same(word, token.as_ref()))
        })
    }

    /// The longest phrase that `tokens` begin with.
    pub(crate) fn longest<S: AsRef<str>>(&self, tokens: &[S]) -> Option<&Phrase<T>> {
        self.at(tokens).next()
    }
}

/// `Bestell-№` reads as `bestell no`: short words for a number are one word behind another.
fn is_same(word: &str, token: &str) -> bool {
    const NUMBER: [&str; 4] = ["no", "nr", "n", "num"];
    word == token || (NUMBER.contains(&word) && NUMBER.contains(&token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_at_a_place_wins() {
        let index = Index::of("titles", &[("purchase_order", 1), ("order_change", 2)]);
        let found = |text: &str| {
            let tokens: Vec<&str> = text.split(' ').collect();
            index.longest(&tokens).map(|p| (p.text, p.meaning))
        };
        assert_eq!(found("purchase order change 7"), Some(("purchase order change", 2)));
        assert_eq!(found("purchase order 7"), Some(("purchase order", 1)));
        assert_eq!(found("purchase"), None);
    }
}
