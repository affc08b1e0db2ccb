//! openTRANS 1.0 and 2.1 orders (Germany, Austria, Switzerland), and the kinds of the other openTRANS documents.

use crate::model::{Code, DocumentKind, DraftLine, DraftOrder, DraftParty, Reading};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Part;
use super::charges::{self, Statement};
use super::notes::{Notes, shorten};
use super::piece::{Piece, fill};
use super::xml::{none, unread};
use super::xml_tree::Node;

pub(super) fn read(root: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    let kind = match root.name.as_str() {
        "ORDER" => return root.child("ORDER_HEADER").map(|header| vec![order(root, header, DocumentKind::PurchaseOrder, notes)]),
        "ORDERCHANGE" => {
            return root.child("ORDERCHANGE_HEADER").map(|header| vec![order(root, header, DocumentKind::OrderChange, notes)]);
        }
        "ORDERRESPONSE" => DocumentKind::OrderAcknowledgement,
        "INVOICE" => DocumentKind::Invoice,
        "DISPATCHNOTIFICATION" | "RECEIPTACKNOWLEDGEMENT" => DocumentKind::DeliveryNote,
        "QUOTATION" => DocumentKind::Quote,
        "RFQ" => DocumentKind::RequestForQuote,
        "REMITTANCEADVICE" => DocumentKind::Remittance,
        _ => return None,
    };
    // The names are common words: the document must have a header of its own name.
    root.children.iter().any(|child| child.name.ends_with("_HEADER")).then(|| vec![none(kind)])
}

fn order(root: &Node, header: &Node, kind: DocumentKind, notes: &mut Notes) -> Part {
    let empty = Node::default();
    let info = header.child("ORDER_INFO").or_else(|| header.child("ORDERCHANGE_INFO")).unwrap_or(&empty);
    order_type(root, notes);
    let mut order = DraftOrder {
        po_number: info.text("ORDER_ID").words(),
        revision: info.text("ORDERCHANGE_SEQUENCE_ID").words(),
        po_date: info.text("ORDER_DATE").iso_date(),
        requested_delivery_date: delivery_date(info),
        payment_terms: payment_terms(info).words(),
        incoterm: incoterm(info).words(),
        ..DraftOrder::default()
    };
    let currency = if info.text("CURRENCY").is_empty() { info.text("PRICE_CURRENCY") } else { info.text("CURRENCY") };
    order.currency = currency.currency();
    parties(info, &mut order);
    for remark in info.all("REMARKS").chain(info.all("REMARK")) {
        notes.caution("/orders/0/po_number", &remark.text(""));
    }
    let items = root.child("ORDER_ITEM_LIST").or_else(|| root.child("ORDERCHANGE_ITEM_LIST")).unwrap_or(&empty);
    let lines = items.all("ORDER_ITEM").chain(items.all("ORDERCHANGE_ITEM"));
    order.lines = lines.enumerate().map(|(index, item)| line(item, index, notes)).collect();
    summary(root, &mut order, notes);
    Part { kind, order: Some(order) }
}

fn order_type(root: &Node, notes: &mut Notes) {
    let code = root.attribute("type");
    let message = match code.text.as_str() {
        "consignment" => "The goods are ordered on consignment.",
        "blanket" => "This is a blanket order: a commitment, not a shipment.",
        _ => return,
    };
    notes.ask(Code::ClauseNeedsReview, "/orders/0/po_number", message, &code.places());
}

fn delivery_date(node: &Node) -> Reading<Date> {
    let mut found = node.text("DELIVERY_DATE/DELIVERY_START_DATE").iso_date();
    fill(&mut found, node.text("DELIVERY_DATE/DELIVERY_END_DATE").iso_date());
    found
}

/// Only terms in words: days and discount factors are the business of the account's own terms (DOMAIN 30).
fn payment_terms(info: &Node) -> Piece {
    let words = Piece::join(&info.texts("PAYMENT/PAYMENT_TERMS/PAYMENT_TERM"), ", ");
    if words.is_empty() { info.text("PAYMENT/PAYMENT_TERM") } else { words }
}

fn incoterm(info: &Node) -> Piece {
    let transport = info.child("TRANSPORT").cloned().unwrap_or_default();
    let term = transport.text("INCOTERM");
    let known = super::x12_terms::INCOTERMS.contains(&term.text.to_ascii_uppercase().as_str());
    if known { Piece::join([&term, &transport.text("LOCATION")], " ") } else { Piece::default() }
}

/// 2.1 lists parties by role; 1.0 has an element for each role.
fn parties(info: &Node, order: &mut DraftOrder) {
    for node in info.at("PARTIES").into_iter().flat_map(|list| list.all("PARTY")) {
        for role in node.all("PARTY_ROLE") {
            let slot = match role.text("").text.as_str() {
                "buyer" => &mut order.buyer,
                "supplier" => &mut order.seller,
                "delivery" | "final_delivery" => &mut order.ship_to,
                "invoice_recipient" | "payer" => &mut order.bill_to,
                _ => continue,
            };
            if slot.is_absent() {
                *slot = party(node);
            }
        }
    }
    for (path, slot) in [
        ("ORDER_PARTIES/BUYER_PARTY/PARTY", &mut order.buyer),
        ("ORDER_PARTIES/SUPPLIER_PARTY/PARTY", &mut order.seller),
        ("ORDER_PARTIES/SHIPMENT_PARTIES/DELIVERY_PARTY/PARTY", &mut order.ship_to),
        ("ORDER_PARTIES/INVOICE_PARTY/PARTY", &mut order.bill_to),
    ] {
        if let Some(node) = info.at(path).filter(|_| slot.is_absent()) {
            *slot = party(node);
        }
    }
}

fn party(node: &Node) -> DraftParty {
    let address = node.child("ADDRESS").cloned().unwrap_or_default();
    let contact = address.child("CONTACT_DETAILS").or_else(|| address.child("CONTACT")).cloned().unwrap_or_default();
    let gln = node.all("PARTY_ID").find(|id| matches!(id.attribute("type").text.as_str(), "iln" | "gln"));
    let coded = address.text("COUNTRY_CODED");
    let mut party = DraftParty {
        name: address.text("NAME").words(),
        street: address.text("STREET").words(),
        city: address.text("CITY").words(),
        region: address.text("STATE").words(),
        postal_code: address.text("ZIP").words(),
        country: if coded.is_empty() { address.text("COUNTRY").country() } else { coded.country() },
        vat_id: address.text("VAT_ID").words(),
        gln: gln.map(|id| id.text("").words()).unwrap_or_default(),
        email: address.text("EMAIL").words(),
        phone: address.text("PHONE").words(),
        contact: Piece::join([&contact.text("FIRST_NAME"), &contact.text("CONTACT_NAME")], " ").words(),
    };
    fill(&mut party.email, contact.text("EMAILS/EMAIL").words());
    fill(&mut party.phone, contact.text("PHONE").words());
    party
}

fn line(item: &Node, index: usize, notes: &mut Notes) -> DraftLine {
    let at = format!("/orders/0/lines/{index}");
    let empty = Node::default();
    let product = item.child("PRODUCT_ID").or_else(|| item.child("ARTICLE_ID")).unwrap_or(&empty);
    let price = item.child("PRODUCT_PRICE_FIX").or_else(|| item.child("ARTICLE_PRICE")).unwrap_or(&empty);
    let first =
        |node: &Node, names: &[&str]| names.iter().map(|name| node.text(name)).find(|piece| !piece.is_empty()).unwrap_or_default();
    let international = product
        .all("INTERNATIONAL_PID")
        .find(|id| matches!(id.attribute("type").text.to_ascii_lowercase().as_str(), "ean" | "gtin" | "upc"));
    let gtin = international.map(|id| id.text("")).unwrap_or_else(|| first(product, &["INTERNATIONAL_AID", "EAN"]));
    unit_factor(price, &at, notes);
    let mut line = DraftLine {
        line_no: item.text("LINE_ITEM_ID").words(),
        buyer_part: first(product, &["BUYER_PID", "BUYER_AID"]).words(),
        supplier_part: first(product, &["SUPPLIER_PID", "SUPPLIER_AID"]).words(),
        manufacturer_part: first(product, &["MANUFACTURER_INFO/MANUFACTURER_PID", "MANUFACTURER_AID"]).words(),
        gtin: gtin.words(),
        description: first(product, &["DESCRIPTION_SHORT", "DESCRIPTION_LONG"]).words(),
        quantity: item.text("QUANTITY").number(),
        uom: item.text("ORDER_UNIT").words(),
        unit_price: price.text("PRICE_AMOUNT").number(),
        price_basis: price.text("PRICE_QUANTITY").number(),
        line_total: first(item, &["PRICE_LINE_AMOUNT", "ARTICLE_PRICE/PRICE_LINE_AMOUNT"]).number(),
        requested_date: delivery_date(item),
        ..DraftLine::default()
    };
    charges::of_line(&mut line, statements(price), &at, notes);
    unread(item, &ITEM, notes);
    line
}

/// ALLOW_OR_CHARGES_FIX of a price or of the order: monetary amounts, or factors of one.
fn statements(within: &Node) -> Vec<Statement> {
    let list = within.at("ALLOW_OR_CHARGES_FIX").into_iter().flat_map(|list| list.all("ALLOW_OR_CHARGE"));
    let stated = list.map(|node| {
        let (kind, name) = (node.text("ALLOW_OR_CHARGE_TYPE"), node.text("ALLOW_OR_CHARGE_NAME"));
        let amount = node.text("ALLOW_OR_CHARGE_VALUE/AOC_MONETARY_AMOUNT");
        let factor = node.text("ALLOW_OR_CHARGE_VALUE/AOC_PERCENTAGE_FACTOR");
        let in_hundreds = factor.number().value().and_then(|factor| factor.checked_mul(Decimal::ONE_HUNDRED));
        Statement {
            is_allowance: node.attribute("type").text == "allowance",
            nature: charges::nature("", &format!("{} {}", kind.text, name.text)),
            percent: factor.read(|_| in_hundreds.map(|percent| percent.normalize())),
            amount: amount.number(),
            places: Piece::first([&amount, &factor, &name, &kind]).places(),
            reason: if name.is_empty() { kind } else { name },
        }
    });
    stated.collect()
}

/// Elements of an item that are read, or that an order needs not.
const ITEM: [&str; 22] = [
    "LINE_ITEM_ID",
    "PRODUCT_ID",
    "ARTICLE_ID",
    "QUANTITY",
    "ORDER_UNIT",
    "PRODUCT_PRICE_FIX",
    "ARTICLE_PRICE",
    "PRICE_LINE_AMOUNT",
    "DELIVERY_DATE",
    "PRODUCT_FEATURES",
    "PRODUCT_COMPONENTS",
    "SOURCING_INFO",
    "CUSTOMER_ORDER_REFERENCE",
    "ACCOUNTING_INFO",
    "SHIPMENT_PARTIES_REFERENCE",
    "TRANSPORT",
    "INTERNATIONAL_RESTRICTIONS",
    "SPECIAL_TREATMENT_CLASS",
    "MIME_INFO",
    "REMARKS",
    "REMARK",
    "ITEM_UDX",
];

/// PRICE_UNIT may be another unit than the one ordered.
fn unit_factor(price: &Node, at: &str, notes: &mut Notes) {
    let factor = price.text("PRICE_BASE_FIX/PRICE_UNIT_FACTOR");
    if factor.number().value().is_some_and(|factor| *factor != 1.into()) {
        let message = format!("The price is for another unit than the quantity (factor {}).", shorten(&factor.text));
        notes.ask(Code::UnitConflict, format!("{at}/price_basis"), message, &factor.places());
    }
}

fn summary(root: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    let Some(summary) = root.child("ORDER_SUMMARY").or_else(|| root.child("ORDERCHANGE_SUMMARY")) else { return };
    order.total = summary.text("TOTAL_AMOUNT").number();
    let stated = summary.text("TOTAL_ITEM_NUM");
    if let Some(count) = stated.number().value().filter(|count| **count != order.lines.len().into()) {
        let message = format!("The order says that it has {count} lines, but {} are there.", order.lines.len());
        notes.ask(Code::LineCountMismatch, "/orders/0/lines", message, &stated.places());
    }
    charges::of_order(order, statements(summary), "/orders/0", notes);
}
