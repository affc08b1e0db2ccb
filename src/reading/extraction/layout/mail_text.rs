//! What a mail says in sentences: the number of the order it speaks of, and whether it is only the letter beside an attached order.
//!
//! What it orders in sentences is read in `free_lines`.

use super::items::confidence;
use super::lines::{Sheet, fold};
use crate::model::ids::comparable_number;
use crate::model::{Code, DraftOrder, Field, Finding, Reading, Severity};
use crate::reading::document::{SourceKind, Word};
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::lexicon;
use crate::reading::extraction::lexicon::index::Index;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Words for an order: a number right behind one is that order's.
static ORDER_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("words", "order"));
/// Words that may stand between the word for an order and its number.
static BETWEEN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lexicon::set("words", "number").into_iter().chain(lexicon::set("words", "order_number")).collect());
/// Phrases that say that something lies with the mail.
static ATTACHED: LazyLock<Index<()>> = LazyLock::new(|| Index::of("words", &[("attached", ())]));

/// The number of the order that the sentences speak of, where no label names one.
pub(crate) fn number(sheet: &Sheet<'_>, range: Range<usize>, order: &mut DraftOrder, findings: &mut Vec<Finding>) {
    if !order.po_number.is_absent() || !is_mail(sheet) {
        return;
    }
    let mut fields: Vec<Field<String>> = Vec::new();
    for line in &sheet.lines[range] {
        let words: Vec<&Word> = line.segments.iter().flat_map(|s| s.words.iter().copied()).collect();
        for (at, _) in words.iter().enumerate().filter(|(_, word)| names_an_order(&word.text)) {
            let Some((word, value)) = number_behind(&words[at + 1..]) else { continue };
            if fields.iter().any(|field| comparable_number(&field.value) == comparable_number(&value)) {
                continue;
            }
            if let Some(origin) = ground_words(&sheet.doc.pages[line.page], [word]) {
                fields.push(Field::new(value.clone(), value, crate::model::Confidence::percent(confidence::LABELLED), origin));
            }
        }
    }
    if fields.len() > 1 {
        let texts = fields.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join("` and `");
        let message = format!("Several numbers may be the purchase order number: `{texts}`.");
        findings.push(Finding::new(Code::AmbiguousField, Severity::Ask, "/orders/0/po_number", message));
    }
    order.po_number = match fields.len() {
        0 => Reading::Absent,
        1 => Reading::from(fields.into_iter().next()),
        _ => Reading::Several(fields),
    };
}

fn is_mail(sheet: &Sheet<'_>) -> bool {
    matches!(sheet.doc.kind, SourceKind::Text | SourceKind::Html)
}

fn names_an_order(word: &str) -> bool {
    let folded = fold(word);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    // `l'ordine`, `d'ordine`, `la commande`
    let bare = bare.rsplit('\'').next().unwrap_or(bare);
    ORDER_WORDS.contains(bare.replace('.', " ").as_str())
}

fn number_behind<'a>(words: &[&'a Word]) -> Option<(&'a Word, String)> {
    for word in words.iter().take(4) {
        let text = word.text.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 3
            && is_code(text)
            && dates::parse(text, None).is_none_or(|date| date.week || date.end - date.start < text.len())
        {
            return Some((word, text.to_owned()));
        }
        let bare = fold(text);
        let leads = bare.is_empty() || BETWEEN.contains(bare.trim_end_matches(['°', 'º']));
        if !leads || word.text.ends_with(['.', ',', ';', '!', '?']) && !matches!(bare.as_str(), "no" | "nr" | "num" | "n" | "nro") {
            return None;
        }
    }
    None
}

/// Letters, digits and the signs that numbers of orders are made of; no amount.
fn is_code(text: &str) -> bool {
    text.len() <= 30
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '_' | '.'))
        && (!text.contains('.') || text.chars().any(char::is_alphabetic))
}

/// Whether the text says that the order lies with the mail.
pub(crate) fn announces_an_attachment(sheet: &Sheet<'_>) -> bool {
    is_mail(sheet)
        && sheet
            .lines
            .iter()
            .take(60)
            .flat_map(|line| &line.segments)
            .any(|segment| (0..segment.tokens.len()).any(|at| ATTACHED.longest(&segment.tokens[at..]).is_some()))
}
