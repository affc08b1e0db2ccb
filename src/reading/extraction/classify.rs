//! What a document is: a purchase order, or one of the many papers that look like one (DOMAIN 2, 6).
//!
//! Titles speak loudest, then the labels that only one kind of paper has, then phrases of running text. The file's name is no more
//! than a hint: a document named PO that is an invoice is an invoice.

use super::layout::labels::Label;
use super::layout::lines::{Line, Segment, Sheet, tokenize};
use super::layout::values::Found;
use super::lexicon;
use super::lexicon::index::Index;
use crate::model::{Code, DocumentKind, Finding, Severity};
use crate::reading::ReadingContext;
use crate::reading::document::SourceKind;
use std::collections::HashSet;
use std::sync::LazyLock;

use DocumentKind::{
    CreditNote, DeliveryNote, Invoice, OrderAcknowledgement, OrderCancellation, OrderChange, Other, PurchaseOrder, Quote,
    Remittance, RequestForQuote, ReturnRequest, Statement, StatusInquiry,
};

/// The kinds that papers name themselves; where two languages use one title for two kinds, the earlier here is meant.
pub(super) const KINDS: [DocumentKind; 14] = [
    PurchaseOrder,
    OrderChange,
    OrderCancellation,
    RequestForQuote,
    Quote,
    OrderAcknowledgement,
    Invoice,
    CreditNote,
    DeliveryNote,
    Statement,
    Remittance,
    ReturnRequest,
    StatusInquiry,
    Other,
];

/// What papers call themselves; the longest title at the start of a cell counts.
static TITLES: LazyLock<Index<DocumentKind>> = LazyLock::new(|| index("titles"));
/// What sentences say. They count less than titles, and most in a mail's body.
static SENTENCES: LazyLock<Index<DocumentKind>> = LazyLock::new(|| index("sentences"));
/// Marks of a paper that is no original (DOMAIN 2).
static NOT_ORIGINAL: LazyLock<Index<()>> = LazyLock::new(|| Index::of("words", &[("no_original", ())]));
/// Words after a title that make it a label of something else.
static NOT_BEHIND_TITLE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("words", "not_behind_title"));

fn index(section: &str) -> Index<DocumentKind> {
    Index::of(section, &KINDS.map(|kind| (kind.as_str(), kind)))
}

/// What speaks for a kind.
pub(crate) struct Evidence {
    scores: Vec<(DocumentKind, i32)>,
    /// The best title's score: without one, less is certain.
    title: i32,
    marks: Vec<&'static str>,
}

/// The kind, and what to say about it.
pub(crate) struct Verdict {
    pub kind: DocumentKind,
    pub findings: Vec<Finding>,
}

impl Evidence {
    pub(crate) fn of(sheet: &Sheet<'_>, labels: &[Found], context: &ReadingContext) -> Self {
        let mut evidence = Self { scores: Vec::new(), title: 0, marks: Vec::new() };
        evidence.titles(sheet);
        evidence.running_text(sheet);
        evidence.labels(labels, sheet.doc.kind);
        evidence.hint(&context.title);
        evidence
    }

    fn add(&mut self, kind: DocumentKind, weight: i32) {
        match self.scores.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, score)) => *score += weight,
            None => self.scores.push((kind, weight)),
        }
    }

    fn titles(&mut self, sheet: &Sheet<'_>) {
        let usual = median_size(sheet);
        let mut best: Vec<(DocumentKind, i32)> = Vec::new();
        for (index, line) in sheet.lines.iter().enumerate().take(70).filter(|(_, l)| l.page == 0) {
            for segment in &line.segments {
                let Some((kind, tokens)) = title_at(segment) else { continue };
                let rest = &segment.tokens[tokens..];
                // A title stands alone or before its number; `Invoice to:` and `order of 5 March` are none.
                let words = rest.iter().filter(|t| t.text.chars().all(char::is_alphabetic) && t.text.len() > 3).count();
                if words > 3 || rest.first().is_some_and(|t| NOT_BEHIND_TITLE.contains(t.text.as_str())) {
                    continue;
                }
                let size = segment.words.first().map_or(usual, |w| w.size);
                let capitals = segment.text.chars().filter(|c| c.is_alphabetic()).take(12).all(char::is_uppercase);
                let mut weight = 4 + i32::from(words == 0) * 2;
                weight += if size > 1.7 * usual {
                    8
                } else if size > 1.2 * usual {
                    5
                } else {
                    0
                };
                weight +=
                    i32::from(capitals) * 2 + i32::from(index < 12) * 2 + i32::from(segment.words.first().is_some_and(|w| w.bold));
                // A label among others: `Quotation: 123` in a purchase order's header.
                if segment.text.contains(':') && size <= 1.2 * usual {
                    weight -= 4;
                }
                if line.segments.len() > 3 {
                    weight -= 3;
                }
                match best.iter_mut().find(|(k, _)| *k == kind) {
                    Some((_, known)) => *known = (*known).max(weight),
                    None => best.push((kind, weight)),
                }
            }
        }
        for (kind, weight) in best {
            self.title = self.title.max(weight);
            self.add(kind, weight);
        }
        for line in sheet.lines.iter().take(120).filter(|l| l.text().len() < 90) {
            let words = words_of(line);
            for at in 0..words.len() {
                for mark in NOT_ORIGINAL.at(&words[at..]) {
                    // One word is a mark only where it stands nearly alone.
                    let stands = mark.tokens > 1 || (at == 0 && words.len() <= 4);
                    if stands && !self.marks.contains(&mark.text) {
                        self.marks.push(mark.text);
                    }
                }
            }
        }
    }

    fn running_text(&mut self, sheet: &Sheet<'_>) {
        let words: Vec<&str> = sheet.lines.iter().take(160).flat_map(words_of).collect();
        let in_mail = matches!(sheet.doc.kind, SourceKind::Text | SourceKind::Html) && self.title < 6;
        let mut said: Vec<(DocumentKind, &'static str)> = Vec::new();
        for at in 0..words.len() {
            for phrase in SENTENCES.at(&words[at..]) {
                if !said.contains(&(phrase.meaning, phrase.text)) {
                    said.push((phrase.meaning, phrase.text));
                }
            }
        }
        for kind in KINDS {
            let hits = said.iter().filter(|(k, _)| *k == kind).count().min(3) as i32;
            // In a mail the sentence is all there is; what it asks for besides ordering is the rarer thing to say.
            let first = if !in_mail {
                2
            } else if kind == PurchaseOrder {
                4
            } else {
                5
            };
            self.add(kind, if hits == 0 { 0 } else { first + 2 * (hits - 1) });
        }
    }

    /// An export has no title: the head of its column of order numbers is all it says.
    fn labels(&mut self, labels: &[Found], source: SourceKind) {
        let has = |label: Label| labels.iter().filter(|f| f.hit.label == label).count() as i32;
        self.add(
            PurchaseOrder,
            (2 * has(Label::PoNumber)).min(4)
                + if source == SourceKind::Sheet { has(Label::PoNumber).min(1) } else { 0 }
                + has(Label::ShipTo).min(1)
                + has(Label::DeliveryDate).min(1)
                + has(Label::PoDate).min(1),
        );
    }

    /// The name of the file or the subject of the mail: enough where nothing else speaks.
    fn hint(&mut self, title: &str) {
        let tokens = tokenize(title);
        let titles = (0..tokens.len()).filter_map(|at| TITLES.longest(&tokens[at..]));
        if let Some(title) = titles.max_by_key(|title| title.text.len()) {
            self.add(title.meaning, 2);
        }
    }
}

/// The kind that the evidence speaks for. A tie between an order and something else is never an order.
pub(crate) fn classify(evidence: &Evidence) -> Verdict {
    let mut scores = evidence.scores.clone();
    scores.sort_by_key(|(kind, score)| (std::cmp::Reverse(*score), kind.concerns_an_order()));
    let mut findings = Vec::new();
    let (kind, best) = scores.first().copied().unwrap_or((Other, 0));
    let runner_up = scores.get(1).copied().filter(|(_, s)| *s > 0);
    if best < 3 {
        findings.push(Finding::new(Code::NotAnOrder, Severity::Ask, "", "Nothing on the document says what it is."));
        return Verdict { kind: Other, findings };
    }
    // A change or cancellation carries the order's own title too.
    let kind = match kind {
        PurchaseOrder => {
            let score = |k| scores.iter().find(|(x, _)| *x == k).map_or(0, |(_, s)| *s);
            if score(OrderChange) >= 6 {
                OrderChange
            } else if score(OrderCancellation) >= 6 {
                OrderCancellation
            } else {
                PurchaseOrder
            }
        }
        other => other,
    };
    if kind.concerns_an_order() {
        if let Some((other, score)) = runner_up.filter(|(k, s)| !k.concerns_an_order() && *s * 4 >= best * 3 && *s >= 6) {
            let message = format!("The document may also be of another kind ({}, {score} against {best}).", other.as_str());
            findings.push(Finding::new(Code::NotAnOrder, Severity::Ask, "", message));
        }
        if let Some(mark) = evidence.marks.first() {
            let message = format!("The document is marked `{mark}`: an order for it may exist already, or it is not yet given.");
            findings.push(Finding::new(Code::NotAnOriginal, Severity::Ask, "", message));
        }
    } else {
        findings.push(Finding::new(
            Code::NotAnOrder,
            Severity::Note,
            "",
            format!("The document is a {}.", kind.as_str().replace('_', " ")),
        ));
    }
    Verdict { kind, findings }
}

/// Whether a segment is the title of some paper, alone or in a compound: `Bestellformular`.
pub(crate) fn is_title(segment: &Segment<'_>) -> bool {
    title_at(segment).is_some_and(|(_, tokens)| tokens == segment.tokens.len())
}

/// The title phrase at a segment's start: kind and number of tokens.
fn title_at(segment: &Segment<'_>) -> Option<(DocumentKind, usize)> {
    TITLES.longest(&segment.tokens).map(|title| (title.meaning, title.tokens))
}

fn median_size(sheet: &Sheet<'_>) -> f32 {
    let mut sizes: Vec<f32> = sheet
        .lines
        .iter()
        .filter(|l| l.page == 0)
        .flat_map(|l| &l.segments)
        .flat_map(|s| &s.words)
        .map(|w| w.size)
        .filter(|s| s.is_finite())
        .collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(10.0).max(1.0)
}

/// The folded words of a line, without signs.
fn words_of<'l>(line: &'l Line<'_>) -> Vec<&'l str> {
    let tokens = line.segments.iter().flat_map(|segment| &segment.tokens).map(|token| token.text.as_str());
    tokens.filter(|text| text.starts_with(char::is_alphanumeric)).collect()
}
