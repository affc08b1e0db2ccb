//! SAP IDocs in XML: ORDERS (and ORDCHG) of the types ORDERS01 to ORDERS05, sent by the buyer's SAP system.

use crate::model::{Code, DocumentKind, DraftDelivery, DraftLine, DraftOrder, DraftParty, Reading};
use rust_decimal::Decimal;

use super::Part;
use super::charges::{self, Nature, Statement};
use super::notes::Notes;
use super::piece::{Piece, compact_date, decimal, fill};
use super::schedule;
use super::xml::none;
use super::xml_tree::Node;

pub(super) fn read(root: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    let documents: Vec<&Node> = root.all("IDOC").collect();
    let mut parts = Vec::new();
    for document in documents {
        let control = document.child("EDI_DC40").or_else(|| document.child("EDI_DC"))?;
        let kind = match control.text("MESTYP").text.as_str() {
            "ORDERS" => DocumentKind::PurchaseOrder,
            "ORDCHG" => DocumentKind::OrderChange,
            "ORDRSP" => DocumentKind::OrderAcknowledgement,
            "INVOIC" => DocumentKind::Invoice,
            "DESADV" | "SHPMNT" => DocumentKind::DeliveryNote,
            "REQOTE" => DocumentKind::RequestForQuote,
            "QUOTES" => DocumentKind::Quote,
            "REMADV" => DocumentKind::Remittance,
            _ => DocumentKind::Other,
        };
        if control.text("TEST").text == "X" {
            notes.ask(Code::NotAnOriginal, "", "The document is marked as a test.", &control.text("TEST").places());
        }
        let at = format!("/orders/{}", parts.len());
        parts.push(if kind.concerns_an_order() { order(document, kind, &at, notes) } else { none(kind) });
    }
    Some(parts)
}

fn order(document: &Node, kind: DocumentKind, at: &str, notes: &mut Notes) -> Part {
    let empty = Node::default();
    let head = document.child("E1EDK01").unwrap_or(&empty);
    // E1EDK02 qualifier 001: the customer's purchase order; BELNR of E1EDK01 is the same number.
    let reference = qualified(document, "E1EDK02", "QUALF", "001").map(|node| node.text("BELNR")).unwrap_or_default();
    let number = if reference.is_empty() { head.text("BELNR") } else { reference };
    let stated = qualified(document, "E1EDK02", "QUALF", "001").map(|node| date(&node.text("DATUM"))).unwrap_or_default();
    let mut order = DraftOrder {
        po_number: number.words(),
        // E1EDK03 qualifiers (IDDAT): 012 document date, 002 requested delivery date.
        po_date: qualified(document, "E1EDK03", "IDDAT", "012").map(|node| date(&node.text("DATUM"))).unwrap_or(stated),
        requested_delivery_date: qualified(document, "E1EDK03", "IDDAT", "002")
            .map(|node| date(&node.text("DATUM")))
            .unwrap_or_default(),
        currency: head.text("CURCY").currency(),
        payment_terms: Reading::Absent,
        incoterm: incoterm(document).words(),
        buyer: partner(document, &["AG", "BY"]),
        seller: partner(document, &["LF", "SU"]),
        ship_to: partner(document, &["WE", "DP"]),
        bill_to: partner(document, &["RE", "IV"]),
        ..DraftOrder::default()
    };
    fill(&mut order.buyer.vat_id, head.text("EIGENUINR").words());
    ship_to_of_items(document, &mut order, at, notes);
    charges::of_order(&mut order, statements(document, "E1EDK05"), at, notes);
    let sums: Vec<&Node> = document.all("E1EDS01").collect();
    // E1EDS01 SUMID: 002 total value, 001 number of items.
    let sum = |id: &str| sums.iter().find(|node| node.text("SUMID").text == id).map(|node| node.text("SUMME")).unwrap_or_default();
    order.total = sum("002").read(sap_number);
    order.lines =
        document.all("E1EDP01").enumerate().map(|(index, item)| line(item, &format!("{at}/lines/{index}"), notes)).collect();
    if let Some(stated) = sum("001").read(sap_number).value().filter(|stated| **stated != order.lines.len().into()) {
        let message = format!("The order says that it has {stated} lines, but {} are there.", order.lines.len());
        notes.ask(Code::LineCountMismatch, format!("{at}/lines"), message, &sum("001").places());
    }
    // E1EDK01 ACTION 003 cancels.
    let kind = if head.text("ACTION").text == "003" { DocumentKind::OrderCancellation } else { kind };
    Part { kind, order: Some(order) }
}

fn qualified<'a>(parent: &'a Node, segment: &'a str, qualifier: &str, code: &str) -> Option<&'a Node> {
    parent.all(segment).find(|node| node.text(qualifier).text == code)
}

fn incoterm(document: &Node) -> Piece {
    // E1EDK17: 001 Incoterms part 1, 002 part 2 (the place).
    let part = |code: &str| qualified(document, "E1EDK17", "QUALF", code);
    let term = part("001").map(|node| node.text("LKOND")).unwrap_or_default();
    let place = part("002").map(|node| node.text("LKTEXT")).unwrap_or_default();
    if term.is_empty() { term } else { Piece::join([&term, &place], " ") }
}

fn partner(document: &Node, functions: &[&str]) -> DraftParty {
    let partner = functions.iter().find_map(|function| qualified(document, "E1EDKA1", "PARVW", function));
    partner.map(address).unwrap_or_default()
}

/// Items may name the place that each goes to (E1EDPA1); an order goes to one.
fn ship_to_of_items(document: &Node, order: &mut DraftOrder, at: &str, notes: &mut Notes) {
    let items = document.all("E1EDP01");
    let places = items.filter_map(|item| ["WE", "DP"].iter().find_map(|role| qualified(item, "E1EDPA1", "PARVW", role)));
    for place in places.map(address).filter(|place| !place.is_absent()) {
        if order.ship_to.is_absent() {
            order.ship_to = place;
        } else if place.to_party().address != order.ship_to.to_party().address {
            let message = "The lines of the order go to different places.";
            notes.ask(Code::AmbiguousShipTo, format!("{at}/ship_to"), message, place.name.spans());
        }
    }
}

fn address(node: &Node) -> DraftParty {
    DraftParty {
        name: Piece::join([&node.text("NAME1"), &node.text("NAME2")], " ").words(),
        street: Piece::join([&node.text("STRAS"), &node.text("STRS2")], ", ").words(),
        city: node.text("ORT01").words(),
        region: node.text("REGIO").words(),
        postal_code: node.text("PSTLZ").words(),
        country: if node.text("LAND1").is_empty() { node.text("ISOAL").country() } else { node.text("LAND1").country() },
        gln: node.text("ILNNR").words(),
        phone: node.text("TELF1").words(),
        contact: node.text("BNAME").words(),
        ..DraftParty::default()
    }
}

fn line(item: &Node, at: &str, notes: &mut Notes) -> DraftLine {
    // E1EDP19 qualifiers: 001 customer's, 002 vendor's, 003 EAN, 004 manufacturer's number.
    let identified = |code: &str| qualified(item, "E1EDP19", "QUALF", code);
    let number = |code: &str| identified(code).map(|node| node.text("IDTNR").words()).unwrap_or_default();
    let text =
        ["001", "002"].iter().find_map(|code| identified(code).map(|node| node.text("KTEXT")).filter(|text| !text.is_empty()));
    // ACTION 003 deletes the line.
    if item.text("ACTION").text == "003" {
        notes.ask(Code::CancelRequested, at, "The line is to be cancelled.", &item.text("ACTION").places());
    }
    let mut line = DraftLine {
        line_no: item.text("POSEX").words(),
        buyer_part: number("001"),
        supplier_part: number("002"),
        manufacturer_part: number("004"),
        gtin: number("003"),
        description: text.unwrap_or_else(|| item.text("ARKTX")).words(),
        quantity: item.text("MENGE").read(sap_number),
        uom: item.text("MENEE").words(),
        unit_price: item.text("VPREI").read(sap_number),
        price_basis: item.text("PEINH").read(sap_number),
        line_total: item.text("NETWR").read(sap_number),
        ..DraftLine::default()
    };
    // MATNR is the material in the sender's own system: the buyer's number, where no E1EDP19 gives it.
    fill(&mut line.buyer_part, item.text("MATNR").words());
    if line.unit_price.is_absent() {
        price_condition(item, &mut line);
    }
    let parts = item.all("E1EDP20").map(|part| DraftDelivery {
        quantity: part.text("WMENG").read(sap_number),
        date: date(&part.text("EDATU")),
        ..DraftDelivery::default()
    });
    schedule::lay(&mut line, parts.collect(), at, notes);
    charges::of_line(&mut line, statements(item, "E1EDP05"), at, notes);
    line
}

/// The price as a condition (KSCHL PB00, PBXX gross price; PN00, PNN0 net price), where the item states none.
fn price_condition(item: &Node, line: &mut DraftLine) {
    let price = item.all("E1EDP05").find(|node| PRICES.contains(&node.text("KSCHL").text.as_str()));
    if let Some(node) = price {
        line.unit_price = node.text("KRATE").read(sap_number);
        fill(&mut line.price_basis, node.text("UPRBS").read(sap_number));
    }
}

const PRICES: [&str; 5] = ["PB00", "PBXX", "PN00", "PNN0", "PPR0"];

/// Conditions E1EDK05 and E1EDP05: ALCKZ + adds and - takes off; those that are the price or a tax are none.
fn statements(within: &Node, segment: &str) -> Vec<Statement> {
    let conditions = within.children.iter().filter(|node| node.name == segment);
    let charges = conditions.filter(|node| {
        let kind = node.text("KSCHL").text;
        !PRICES.contains(&kind.as_str()) && !kind.starts_with("MW") && matches!(node.text("ALCKZ").text.as_str(), "+" | "-")
    });
    let stated = charges.map(|node| {
        let (amount, percent, code, words) = (node.text("BETRG"), node.text("KPERC"), node.text("KSCHL"), node.text("KOTXT"));
        Statement {
            is_allowance: node.text("ALCKZ").text == "-",
            nature: if code.text.starts_with("FR") { Nature::Freight } else { charges::nature("", &words.text) },
            percent: percent.read(sap_number),
            amount: amount.read(sap_number),
            places: Piece::first([&amount, &percent, &code]).places(),
            reason: if words.is_empty() { code } else { words },
        }
    });
    stated.collect()
}

fn sap_number(text: &str) -> Option<Decimal> {
    decimal(text, &['.'])
}

fn date(piece: &Piece) -> Reading<jiff::civil::Date> {
    if piece.text.bytes().all(|b| b == b'0') { Reading::Absent } else { piece.read(compact_date) }
}
