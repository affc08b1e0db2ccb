//! Which XML business document this is, by its root element; each order format has its own file.

use crate::model::{Code, DocumentKind, Draft, Language};

use super::notes::{Notes, shorten};
use super::xml_tree::{self, Node};
use super::{Part, assemble, cii, cxml, idoc, opentrans, ubl};

/// The draft of an XML business document; `None` where the root element is not one that is known.
pub(super) fn read(source: &str) -> Option<Draft> {
    let tree = xml_tree::parse(source)?;
    let mut notes = Notes::default();
    let parts = parts(&tree.root, &mut notes)?;
    if let Some(damage) = tree.damage {
        notes.malformed(damage, &[]);
    }
    if let Some(limit) = tree.limit {
        notes.ask(Code::LimitReached, "", limit, &[]);
    }
    let mut draft = assemble(parts, notes);
    draft.language = language(&tree.root, 0);
    Some(draft)
}

fn parts(root: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    if root.namespace.contains("oasis:names:specification:ubl") || root.namespace.contains("oasis:names:tc:ubl") {
        return ubl::read(root, notes);
    }
    match root.name.as_str() {
        "cXML" => cxml::read(root, notes),
        "SCRDMCCBDACIOMessageStructure" => Some(cii::read(root, notes)),
        "CrossIndustryInvoice" | "CrossIndustryDocument" => Some(vec![none(cii::kind_of_invoice(root))]),
        "ORDER"
        | "ORDERCHANGE"
        | "ORDERRESPONSE"
        | "INVOICE"
        | "DISPATCHNOTIFICATION"
        | "QUOTATION"
        | "RFQ"
        | "RECEIPTACKNOWLEDGEMENT"
        | "REMITTANCEADVICE" => opentrans::read(root, notes),
        // A UBL element wrapped in the envelope of Peppol.
        "StandardBusinessDocument" | "StandardBusinessDocuments" => several(root, notes),
        _ if root.child("IDOC").is_some() => idoc::read(root, notes),
        _ => None,
    }
}

/// The documents in an envelope, each with findings of its own place.
fn several(envelope: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    let mut all: Option<Vec<Part>> = None;
    for child in &envelope.children {
        let mut own = Notes::default();
        if let Some(read) = parts(child, &mut own) {
            let all = all.get_or_insert_default();
            notes.absorb(own, all.iter().filter(|part| part.order.is_some()).count());
            all.extend(read);
        }
    }
    all
}

/// Notes the children of an element that its reader does not know, each with its place.
pub(super) fn unread(node: &Node, known: &[&str], notes: &mut Notes) {
    for child in node.children.iter().filter(|child| !known.contains(&child.name.as_str())) {
        notes.unknown(&format!("{}/{}", shorten(&node.name), shorten(&child.name)), &child.any_text().places());
    }
}

/// A document that leads to no order.
pub(super) fn none(kind: DocumentKind) -> Part {
    Part { kind, order: None }
}

/// The first `xml:lang` near the root, as ISO 639-1.
fn language(node: &Node, depth: usize) -> Option<Language> {
    let stated = node.attribute("lang").text;
    let code: String = stated.chars().take_while(char::is_ascii_alphabetic).collect();
    if code.len() == 2 {
        return Some(Language::new(&code));
    }
    if depth > 6 { None } else { node.children.iter().find_map(|child| language(child, depth + 1)) }
}
