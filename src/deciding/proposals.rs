//! Which of the documents in one mail are orders? One mail may hold an order beside terms, drawings and an older quote, the same
//! order as PDF and as sheet, or several orders (DOMAIN 5). Each proposal goes on to matching on its own.

use crate::intake::{Message, Nature};
use crate::model::ids::comparable_number;
use crate::model::{Account, Code, DocumentKind, Draft, DraftOrder, Finding, Method, Severity, Sha256};
use crate::reading::document::SourceKind;
use crate::reading::llm::Used;

/// The learned template that a document was read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateUse {
    pub number: String,
    /// Whose order taught it.
    pub account: Account,
}

/// One document of a mail, read.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// Place in the mail; empty for the text of the mail itself.
    pub part: String,
    pub name: String,
    pub sha256: Sha256,
    pub source: SourceKind,
    pub draft: Draft,
    pub template: Option<TemplateUse>,
    /// What the language model had to do with it; none where it was not asked.
    pub model: Option<Used>,
}

impl ReadDocument {
    pub fn is_body(&self) -> bool {
        self.part.is_empty()
    }

    /// A picture in which no text was found, such as the logo in a signature.
    fn is_mute_picture(&self) -> bool {
        let findings = &self.draft.findings;
        self.source == SourceKind::Image
            && findings.iter().any(|finding| finding.code == Code::NoText)
            && findings.iter().all(|finding| matches!(finding.code, Code::NoText | Code::NotAnOrder | Code::ReadByOcr))
    }

    fn could_not_be_read(&self) -> bool {
        const UNREADABLE: [Code; 6] = [
            Code::UnreadableDocument,
            Code::PasswordNeeded,
            Code::ParserFailed,
            Code::OcrUnavailable,
            Code::NoText,
            Code::UnsupportedAttachment,
        ];
        self.draft.orders.is_empty() && self.draft.findings.iter().any(|finding| UNREADABLE.contains(&finding.code))
    }

    /// Lower is believed first, when two documents of one mail hold the same order.
    fn rank(&self) -> (u8, usize) {
        let kind = match (self.draft.method, self.source) {
            (Method::Structured, _) => 0,
            (_, SourceKind::Pdf | SourceKind::Sheet | SourceKind::Word | SourceKind::Xml | SourceKind::Edi) => 1,
            (_, SourceKind::Image | SourceKind::Html) => 2,
            (_, SourceKind::Text | SourceKind::Unknown) => 3,
        };
        (kind, self.draft.findings.iter().filter(|finding| finding.severity > Severity::Note).count())
    }
}

/// What one mail asks of us.
#[derive(Debug, Clone, PartialEq)]
pub enum Proposal {
    /// An order, change or cancellation to be matched and decided: `documents[document].draft.orders[order]`.
    Order { document: usize, order: usize, findings: Vec<Finding> },
    /// A file that could not be read, or an order in which no lines were found: a person looks at it.
    Unreadable { document: usize },
    /// Something that is no order but wants an answer.
    Question { code: Code, why: String },
    /// Nothing for the order desk.
    Nothing { code: Code, why: String },
    /// Not a mail at all: kept, and listed as failed.
    Broken { why: String },
}

/// Sorts the documents of a mail. Never empty.
pub fn proposals(message: &Message, documents: &[ReadDocument]) -> Vec<Proposal> {
    if let Some(broken) =
        message.findings.iter().find(|finding| finding.code == Code::BrokenMail && finding.severity == Severity::Block)
    {
        return vec![Proposal::Broken { why: broken.message.clone() }];
    }
    if let Some((code, why)) = not_correspondence(message.nature) {
        return vec![Proposal::Nothing { code, why: why.into() }];
    }
    // What is odd about the mail - two senders, a file that cannot be opened - is asked with every order in it.
    let odd: Vec<Finding> = message.findings.iter().filter(|finding| finding.severity > Severity::Note).cloned().collect();
    let mut found = orders(documents, &odd);
    let has_order = !found.is_empty();
    found.extend(
        documents
            .iter()
            .enumerate()
            .filter(|(_, document)| document.could_not_be_read() && !(has_order && document.is_mute_picture()))
            .map(|(document, _)| Proposal::Unreadable { document }),
    );
    let without_orders = |document: &&ReadDocument| document.draft.kind.concerns_an_order() && document.draft.orders.is_empty();
    if found.is_empty()
        && let Some(document) = documents.iter().position(|document| without_orders(&document))
    {
        found.push(Proposal::Unreadable { document });
    }
    if found.is_empty() {
        found.push(unopened(&odd).unwrap_or_else(|| no_order(message, documents)));
    }
    found
}

/// An order may be in the file that could not be opened.
fn unopened(odd: &[Finding]) -> Option<Proposal> {
    const UNOPENED: [Code; 3] = [Code::UnsupportedAttachment, Code::PasswordNeeded, Code::LimitReached];
    let unopened = odd.iter().find(|finding| UNOPENED.contains(&finding.code))?;
    let why = format!("holds a file that was not read: {}", unopened.message.trim_end_matches('.'));
    Some(Proposal::Question { code: unopened.code, why })
}

fn not_correspondence(nature: Nature) -> Option<(Code, &'static str)> {
    match nature {
        Nature::Correspondence => None,
        Nature::AutoReply => Some((Code::AutoReply, "an automatic reply")),
        Nature::Bounce => Some((Code::Bounce, "a delivery report")),
        Nature::MailingList => Some((Code::MailingList, "a mailing list")),
        Nature::Own => Some((Code::OwnMail, "our own mail")),
    }
}

/// Every order once: where several documents hold the same one, the best of them, with what the others say differently.
fn orders(documents: &[ReadDocument], odd: &[Finding]) -> Vec<Proposal> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        if document.draft.kind.concerns_an_order() {
            all.extend((0..document.draft.orders.len()).map(|order| (at, order)));
        }
    }
    let any_attached = documents.iter().any(|document| !document.is_body() && !document.is_mute_picture());
    all.sort_by_key(|(at, order)| (documents[*at].rank(), *at, *order));
    let mut chosen: Vec<(usize, usize, Vec<Finding>)> = Vec::new();
    for (at, index) in all {
        let document = &documents[at];
        let order = &document.draft.orders[index];
        let number = number_of(order);
        let twin = chosen.iter_mut().find(|(other, other_index, _)| {
            *other != at && (number.is_empty() || number_of(&documents[*other].draft.orders[*other_index]) == number)
        });
        match twin {
            Some((other, other_index, findings)) if document.is_body() || !number.is_empty() => {
                findings.extend(difference(&documents[*other], *other_index, document, index));
            }
            // A covering letter that names an order number and no lines is not an order beside the attached one, which may not
            // even be readable. What wants an order cancelled needs no lines.
            _ if document.is_body()
                && any_attached
                && order.lines.is_empty()
                && document.draft.kind != DocumentKind::OrderCancellation => {}
            _ => chosen.push((at, index, odd.to_vec())),
        }
    }
    chosen.sort_by_key(|(at, index, _)| (*at, *index));
    chosen.into_iter().map(|(document, order, findings)| Proposal::Order { document, order, findings }).collect()
}

fn number_of(order: &DraftOrder) -> String {
    order.po_number.likeliest().map(|field| comparable_number(&field.value)).unwrap_or_default()
}

/// The same order in two documents of one mail: a difference in what is ordered is asked about, the rest is not compared.
fn difference(kept: &ReadDocument, kept_index: usize, other: &ReadDocument, other_index: usize) -> Option<Finding> {
    let figures = |order: &DraftOrder| -> Vec<(Option<rust_decimal::Decimal>, Option<rust_decimal::Decimal>)> {
        let mut figures: Vec<_> = order
            .lines
            .iter()
            .map(|line| {
                (
                    line.quantity.value().map(rust_decimal::Decimal::normalize),
                    line.unit_price.value().map(rust_decimal::Decimal::normalize),
                )
            })
            .collect();
        figures.sort();
        figures
    };
    let (first, second) = (figures(&kept.draft.orders[kept_index]), figures(&other.draft.orders[other_index]));
    (!second.is_empty() && first != second).then(|| {
        let message = format!(
            "`{}` and `{}` hold the same order but differ in quantities or prices ({} and {} lines).",
            kept.name,
            other.name,
            first.len(),
            second.len()
        );
        Finding::new(Code::ReadersDisagree, Severity::Ask, "/orders/0/lines", message)
    })
}

fn no_order(message: &Message, documents: &[ReadDocument]) -> Proposal {
    let kind = documents.iter().map(|document| document.draft.kind).min_by_key(|kind| weight(*kind)).unwrap_or(DocumentKind::Other);
    let named =
        documents.iter().find(|document| document.draft.kind == kind).map(|document| document.name.clone()).unwrap_or_default();
    match kind {
        DocumentKind::RequestForQuote => Proposal::Question { code: Code::QuoteRequest, why: "asks for a quotation".into() },
        DocumentKind::StatusInquiry => Proposal::Question { code: Code::Question, why: "asks about an order".into() },
        DocumentKind::ReturnRequest => Proposal::Question { code: Code::Question, why: "wants to return goods".into() },
        DocumentKind::PurchaseOrder | DocumentKind::OrderChange | DocumentKind::OrderCancellation => {
            Proposal::Question { code: Code::MissingLines, why: "speaks of an order but holds none".into() }
        }
        DocumentKind::Other if message.new_text.trim().is_empty() && documents.iter().all(ReadDocument::is_body) => {
            Proposal::Nothing { code: Code::NoText, why: "an empty mail".into() }
        }
        DocumentKind::Other => {
            Proposal::Question { code: Code::Question, why: "holds nothing that could be read as an order".into() }
        }
        DocumentKind::AutoReply => Proposal::Nothing { code: Code::AutoReply, why: "an automatic reply".into() },
        DocumentKind::Bounce => Proposal::Nothing { code: Code::Bounce, why: "a delivery report".into() },
        DocumentKind::Quote
        | DocumentKind::OrderAcknowledgement
        | DocumentKind::Invoice
        | DocumentKind::CreditNote
        | DocumentKind::DeliveryNote
        | DocumentKind::Statement
        | DocumentKind::Remittance => {
            let what = kind.as_str().replace('_', " ");
            let what = if what.starts_with(['a', 'i', 'o']) { format!("an {what}") } else { format!("a {what}") };
            let why = if named.is_empty() { what } else { format!("`{named}` is {what}") };
            Proposal::Nothing { code: Code::NotAnOrder, why }
        }
    }
}

/// Which kind speaks for a mail of several documents without an order: what wants an answer first, covering text last.
fn weight(kind: DocumentKind) -> u8 {
    match kind {
        DocumentKind::PurchaseOrder | DocumentKind::OrderChange | DocumentKind::OrderCancellation => 0,
        DocumentKind::RequestForQuote | DocumentKind::ReturnRequest | DocumentKind::StatusInquiry => 1,
        DocumentKind::Invoice
        | DocumentKind::CreditNote
        | DocumentKind::DeliveryNote
        | DocumentKind::Statement
        | DocumentKind::Remittance
        | DocumentKind::Quote
        | DocumentKind::OrderAcknowledgement => 2,
        DocumentKind::AutoReply | DocumentKind::Bounce => 3,
        DocumentKind::Other => 4,
    }
}

/// One order of a draft as a draft of its own: what a case holds and what is matched. Its findings point at index 0.
pub fn alone(draft: &Draft, index: usize, more: &[Finding]) -> Draft {
    let prefix = format!("/orders/{index}");
    let findings = draft
        .findings
        .iter()
        .filter(|finding| !finding.field.starts_with("/orders/") || is_under(&finding.field, &prefix))
        .cloned()
        .map(|mut finding| {
            if is_under(&finding.field, &prefix) {
                finding.field = format!("/orders/0{}", &finding.field[prefix.len()..]);
            }
            finding
        })
        .chain(more.iter().cloned())
        .collect();
    Draft { orders: draft.orders.get(index).cloned().into_iter().collect(), findings, ..draft.clone() }
}

fn is_under(field: &str, prefix: &str) -> bool {
    field.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(findings: Vec<Finding>) -> Message {
        Message { findings, new_text: "see the file".into(), ..Message::of_document(Sha256::of(b"a"), "order.pdf", Vec::new()) }
    }

    fn document(part: &str, kind: DocumentKind, orders: usize) -> ReadDocument {
        let draft = Draft { orders: vec![DraftOrder::default(); orders], ..Draft::not_an_order(kind, Vec::new()) };
        ReadDocument {
            part: part.into(),
            name: "order.pdf".into(),
            sha256: Sha256::of(b"b"),
            source: SourceKind::Pdf,
            draft,
            template: None,
            model: None,
        }
    }

    #[test]
    fn what_is_odd_about_a_mail_is_asked_with_its_order() {
        let odd = Finding::new(Code::SenderAmbiguous, Severity::Ask, "", "Two senders.");
        let found = proposals(&message(vec![odd.clone()]), &[document("1", DocumentKind::PurchaseOrder, 1)]);
        assert_eq!(found, [Proposal::Order { document: 0, order: 0, findings: vec![odd] }]);
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_a_question_by_its_name() {
        let zip =
            Finding::new(Code::UnsupportedAttachment, Severity::Ask, "", "`order.zip` is an archive, which cannot be opened here.");
        let found = proposals(&message(vec![zip]), &[document("", DocumentKind::Other, 0)]);
        let [Proposal::Question { code: Code::UnsupportedAttachment, why }] = found.as_slice() else { panic!("{found:?}") };
        assert!(why.contains("order.zip"), "{why}");
    }

    #[test]
    fn a_mail_of_which_nothing_can_be_read_has_failed() {
        let broken = Finding::new(Code::BrokenMail, Severity::Block, "", "The mail is empty.");
        assert_eq!(proposals(&message(vec![broken]), &[]), [Proposal::Broken { why: "The mail is empty.".into() }]);
    }
}
