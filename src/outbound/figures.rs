//! Does a rendered text say every figure that it must? The last check before a notice exists (DESIGN, "Sending").
//!
//! It knows nothing of templates: whatever a template left out, shortened or formatted in another way is refused.

/// Something that the text must say, as it must be written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    /// For the error: `the quantity of line 10`.
    pub(crate) what: String,
    pub(crate) text: String,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, text: impl Into<String>) -> Self {
        Self { what: what.into(), text: text.into() }
    }
}

/// The first figure that `text` does not say. Two lines with one quantity need it twice, and `5` is not said by `15` or `5,000`.
pub(crate) fn first_missing<'f>(text: &str, figures: &'f [Figure]) -> Option<&'f Figure> {
    figures.iter().enumerate().find_map(|(place, figure)| {
        let needed = figures[..=place].iter().filter(|earlier| earlier.text == figure.text).count();
        (times_said(text, &figure.text) < needed).then_some(figure)
    })
}

/// How often `figure` stands in `text` without a digit, letter, or a sign between digits, beside it.
fn times_said(text: &str, figure: &str) -> usize {
    if figure.is_empty() {
        return usize::MAX;
    }
    text.match_indices(figure)
        .filter(|(at, _)| {
            let before = &text[..*at];
            let after = &text[at + figure.len()..];
            !continues(before.chars().rev()) && !continues(after.chars())
        })
        .count()
}

/// Whether the figure goes on in this direction: with a letter or digit, or with a grouping or decimal sign and then a digit.
fn continues(mut beside: impl Iterator<Item = char>) -> bool {
    match beside.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('-') => beside.next().is_some_and(char::is_alphanumeric),
        Some('.' | ',' | '\'' | '\u{a0}') => beside.next().is_some_and(|c| c.is_ascii_digit()),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_said_only_as_a_whole() {
        let missing = |text, figures: &[&str]| {
            let figures: Vec<Figure> = figures.iter().map(|text| Figure::new("x", *text)).collect();
            first_missing(text, &figures).map(|figure| figure.text.clone())
        };
        assert_eq!(missing("5 pcs at 1.50 EUR.", &["5", "1.50 EUR"]), None);
        assert_eq!(missing("15 pcs, 5,000 pcs and 1.5", &["5"]), Some("5".into()));
        assert_eq!(missing("5 pcs", &["5", "5"]), Some("5".into()));
        assert_eq!(missing("5 pcs, 5 pcs", &["5", "5"]), None);
        assert_eq!(missing("PO-0012", &["0012"]), Some("0012".into()));
        assert_eq!(missing("order 0012.", &["0012"]), None);
    }
}
