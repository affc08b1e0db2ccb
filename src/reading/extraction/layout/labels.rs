//! The search for a form's labels in a segment. The words themselves stand in the `lexicon`.

use super::lines::Segment;
use crate::reading::extraction::lexicon::index::Index;
use std::sync::LazyLock;

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    /// Names the purchase order's number beyond doubt.
    PoNumber,
    /// Usually the purchase order's number: "Order No.".
    OrderNumber,
    /// The document's title, which a number often follows.
    PoTitle,
    /// A reference that may be the number where no better one is printed.
    Reference,
    PoDate,
    /// "Date", without saying of what.
    Date,
    Revision,
    Release,
    Currency,
    DeliveryDate,
    PaymentTerms,
    Incoterm,
    Buyer,
    Seller,
    ShipTo,
    BillTo,
    VatId,
    Email,
    Phone,
    Contact,
    Subtotal,
    Discount,
    Shipping,
    Tax,
    Total,
    /// The number of positions, as printed.
    LineCount,
    /// A figure carried over to or from another page.
    Carried,
    /// Something of no use here; it ends the value before it.
    Other,
}

/// A label found in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub label: Label,
    /// A bit for each language that has the phrase (`lexicon::languages`).
    pub languages: u32,
    /// Byte range in the segment's text.
    pub start: usize,
    pub end: usize,
    /// Words in the phrase.
    pub tokens: usize,
    /// A sign of a label follows: `:`, `#`, `=`.
    pub marked: bool,
}

/// The lexicon's keys; where two languages use one word for two labels, the earlier here is meant.
pub(crate) const KEYS: [(&str, Label); 28] = [
    ("po_number", Label::PoNumber),
    ("order_number", Label::OrderNumber),
    ("po_title", Label::PoTitle),
    ("reference", Label::Reference),
    ("po_date", Label::PoDate),
    ("date", Label::Date),
    ("revision", Label::Revision),
    ("release", Label::Release),
    ("currency", Label::Currency),
    ("delivery_date", Label::DeliveryDate),
    ("payment_terms", Label::PaymentTerms),
    ("incoterm", Label::Incoterm),
    ("buyer", Label::Buyer),
    ("seller", Label::Seller),
    ("ship_to", Label::ShipTo),
    ("bill_to", Label::BillTo),
    ("vat_id", Label::VatId),
    ("email", Label::Email),
    ("phone", Label::Phone),
    ("contact", Label::Contact),
    ("subtotal", Label::Subtotal),
    ("discount", Label::Discount),
    ("shipping", Label::Shipping),
    ("tax", Label::Tax),
    ("total", Label::Total),
    ("line_count", Label::LineCount),
    ("carried", Label::Carried),
    ("other", Label::Other),
];

static INDEX: LazyLock<Index<Label>> = LazyLock::new(|| Index::of("labels", &KEYS));

/// All labels in a segment, from left to right. A phrase inside prose is none: a label stands at the start of its segment, after a
/// separator, or before a colon.
pub(crate) fn hits(segment: &Segment<'_>) -> Vec<Hit> {
    let mut found: Vec<Hit> = Vec::new();
    let tokens = &segment.tokens;
    let mut i = 0;
    while i < tokens.len() {
        let Some((count, label, languages)) = phrase_at(segment, i) else {
            i += 1;
            continue;
        };
        let (start, end) = (tokens[i].start, tokens[i + count - 1].end);
        let marked = is_marked(&segment.text[end..]);
        // `PO-2026-00125`: the letters are the number's own.
        let after = &segment.text[end..];
        let glued = after.starts_with(['-', '/', '_'])
            && after[1..].chars().take_while(|c| c.is_alphanumeric()).any(|c| c.is_ascii_digit());
        if glued && matches!(label, Label::PoNumber | Label::OrderNumber | Label::PoTitle | Label::Reference) {
            i += 1;
            continue;
        }
        let next = tokens.get(i + count);
        let number_follows = next.is_some_and(|t| t.text.bytes().any(|b| b.is_ascii_digit()));
        // `De Groot B.V.`, `Van Dijk`: a short word is a label only alone, before a colon or before its number.
        let short = count == 1 && end - start <= 4;
        let name_like = matches!(label, Label::Buyer | Label::Seller)
            || (matches!(label, Label::Date | Label::OrderNumber | Label::VatId) && !number_follows);
        if short && name_like && end - start <= if label == Label::Date { 3 } else { 4 } && !marked && tokens.len() > count {
            i += 1;
            continue;
        }
        // In prose: `cancel our purchase order 4500017320`.
        let long_number = next.is_some_and(|t| t.text.bytes().filter(u8::is_ascii_digit).count() >= 3);
        let in_prose = long_number && matches!(label, Label::PoTitle | Label::PoNumber | Label::OrderNumber) && end - start >= 2;
        // `zzgl. 19 % MwSt.`, `20% VAT`
        let behind_rate = label == Label::Tax
            && tokens[..i].iter().all(|t| {
                t.text.bytes().all(|b| b.is_ascii_digit())
                    || matches!(
                        t.text.as_str(),
                        "%" | "zzgl" | "plus" | "add" | "zuzuglich" | "incl" | "inkl" | "gesetzl" | "gesetzliche"
                    )
            });
        if in_prose || (behind_rate && i > 0) {
            found.push(Hit { label, languages, start, end, tokens: count, marked });
            i += count;
            continue;
        }
        if i == 0 || marked || after_separator(&segment.text[..start]) || (count > 1 && strong_inside(label)) {
            found.push(Hit { label, languages, start, end, tokens: count, marked });
            i += count;
        } else {
            i += 1;
        }
    }
    found
}

/// Labels whose phrases of several words are told from prose wherever they stand.
fn strong_inside(label: Label) -> bool {
    matches!(label, Label::PoNumber | Label::PoDate | Label::DeliveryDate | Label::PaymentTerms | Label::Incoterm)
}

/// The longest phrase at token `i`: its length in tokens, its label and its languages.
pub(crate) fn phrase_at(segment: &Segment<'_>, i: usize) -> Option<(usize, Label, u32)> {
    INDEX.longest(&segment.tokens[i..]).map(|phrase| (phrase.tokens, phrase.meaning, phrase.languages))
}

fn is_marked(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | 'º' | '°' | 'ª' | ')' | '*'));
    let rest = rest.strip_prefix("(s)").unwrap_or(rest);
    rest.starts_with([':', '#', '=', '：'])
}

fn after_separator(before: &str) -> bool {
    before.trim_end().ends_with(['/', '|', ',', ';', '·', '•', '–', '(', '*', '-']) || before.trim_end().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::Word;

    fn labels_of(text: &str) -> Vec<Label> {
        let word = |t: &str| Word {
            text: t.into(),
            bbox: [0.0; 4],
            size: 10.0,
            bold: false,
            visibility: Default::default(),
            ocr_confidence: None,
            span: None,
        };
        let words: Vec<Word> = text.split_whitespace().map(word).collect();
        hits(&Segment::of(words.iter().collect())).into_iter().map(|h| h.label).collect()
    }

    #[test]
    fn labels_stand_where_labels_stand() {
        for (text, expected) in [
            ("PO#4711", vec![Label::PoNumber]),
            ("P.O. Number: 4711 Date: 3/4/26", vec![Label::PoNumber, Label::Date]),
            ("Bestell-Nr. 4500017", vec![Label::PoNumber]),
            ("Commande n° 4711", vec![Label::PoNumber]),
            ("N° de commande : 12", vec![Label::PoNumber]),
            ("Ordine n. 123 del 12/03/2026", vec![Label::PoNumber]),
            ("Ship To:", vec![Label::ShipTo]),
            ("please ship to our total satisfaction", vec![]),
        ] {
            assert_eq!(labels_of(text), expected, "{text}");
        }
    }
}
