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
use std::ops::Range;

/// Words for an order, folded: a number right behind one is that order's.
const ORDER_WORDS: &str = "order po p.o. p.o purchaseorder bestellung auftrag bestellauftrag bestellnummer commande bdc pedido ordine odine oda bestelling order inkooporder inkoopopdracht bestelnummer ordernummer bestelopdracht orden oc";
/// Words that may stand between the word for an order and its number.
const BETWEEN: &str = "no nr number nummer num n numero nro ref reference referenz # : mit unter under der die";

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
    ORDER_WORDS.split(' ').any(|known| known == bare)
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
        let leads = bare.is_empty() || BETWEEN.split(' ').any(|known| known == bare.trim_end_matches(['°', 'º']));
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

/// Phrases, folded, that say that something lies with the mail.
const ANNOUNCEMENTS: &[&str] = &[
    "anbei",
    "im anhang",
    "als anhang",
    "beigefugt",
    "beiliegend",
    "in der anlage",
    "als anlage",
    "attached",
    "attachment",
    "enclosed",
    "ci-joint",
    "ci-jointe",
    "ci joint",
    "en piece jointe",
    "en pieces jointes",
    "en annexe",
    "adjunto",
    "adjuntamos",
    "adjunta",
    "adjuntos",
    "in allegato",
    "allegato",
    "alleghiamo",
    "in de bijlage",
    "in bijlage",
    "als bijlage",
    "bijgevoegd",
    "bijgaand",
    "hierbij onze",
];

/// Whether the text says that the order lies with the mail.
pub(crate) fn announces_an_attachment(sheet: &Sheet<'_>) -> bool {
    is_mail(sheet)
        && sheet.lines.iter().take(60).any(|line| {
            let text = fold(&line.text());
            ANNOUNCEMENTS.iter().any(|phrase| {
                text.match_indices(phrase).any(|(at, _)| {
                    let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
                    let after = text[at + phrase.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
                    before && after
                })
            })
        })
}
