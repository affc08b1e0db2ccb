//! Order-X: orders in UN/CEFACT's cross-industry order syntax (SCRDM CIO), alone or inside a PDF.

use crate::model::{Code, DocumentKind, DraftDelivery, DraftLine, DraftOrder, DraftParty, Reading};
use jiff::civil::Date;

use super::Part;
use super::charges::{self, Nature, Statement};
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, compact_date, fill, iso_date};
use super::schedule;
use super::xml::none;
use super::xml_tree::Node;

pub(super) fn read(root: &Node, notes: &mut Notes) -> Vec<Part> {
    let empty = Node::default();
    let document = root.child("ExchangedDocument").unwrap_or(&empty);
    let transaction = root.child("SupplyChainTradeTransaction").unwrap_or(&empty);
    let mut kind = match document.text("TypeCode").text.as_str() {
        "230" => DocumentKind::OrderChange,
        "231" => return vec![none(DocumentKind::OrderAcknowledgement)],
        _ => DocumentKind::PurchaseOrder,
    };
    kind = purpose(document, kind, notes);
    let test = root.text("ExchangedDocumentContext/TestIndicator/Indicator");
    if test.text == "true" {
        notes.ask(Code::NotAnOriginal, "", "The document is marked as a test.", &test.places());
    }
    for note in document.all("IncludedNote") {
        notes.caution("/orders/0/po_number", &note.text("Content"));
    }
    vec![Part { kind, order: Some(order(document, transaction, kind, notes)) }]
}

/// Kind of a cross-industry invoice by its type code, UNCL1001.
pub(super) fn kind_of_invoice(root: &Node) -> DocumentKind {
    let code = [root.text("ExchangedDocument/TypeCode"), root.text("HeaderExchangedDocument/TypeCode")];
    if code.iter().any(|code| matches!(code.text.as_str(), "381" | "396" | "261" | "262")) {
        DocumentKind::CreditNote
    } else {
        DocumentKind::Invoice
    }
}

/// Purpose, UNCL1225, as in EDIFACT (DOMAIN 4).
fn purpose(document: &Node, kind: DocumentKind, notes: &mut Notes) -> DocumentKind {
    let copy = document.text("CopyIndicator/Indicator");
    if copy.text == "true" {
        notes.ask(Code::NotAnOriginal, "/orders/0/po_number", "The order is marked as a copy.", &copy.places());
    }
    let code = document.text("PurposeCode");
    match code.text.as_str() {
        "1" | "3" | "17" => DocumentKind::OrderCancellation,
        "4" | "5" => DocumentKind::OrderChange,
        "" | "9" => kind,
        _ => {
            let message = format!("The order is not marked as an original (purpose {}).", shorten(&code.text));
            notes.ask(Code::NotAnOriginal, "/orders/0/po_number", message, &code.places());
            kind
        }
    }
}

fn order(document: &Node, transaction: &Node, kind: DocumentKind, notes: &mut Notes) -> DraftOrder {
    let empty = Node::default();
    let agreement = transaction.child("ApplicableHeaderTradeAgreement").unwrap_or(&empty);
    let delivery = transaction.child("ApplicableHeaderTradeDelivery").unwrap_or(&empty);
    let settlement = transaction.child("ApplicableHeaderTradeSettlement").unwrap_or(&empty);
    let mut order = DraftOrder {
        po_number: document.text("ID").words(),
        po_date: date(document.child("IssueDateTime")),
        currency: settlement.text("OrderCurrencyCode").currency(),
        payment_terms: Piece::join(&settlement.texts("SpecifiedTradePaymentTerms/Description"), " ").words(),
        incoterm: incoterm(agreement).words(),
        buyer: party(agreement.child("BuyerTradeParty")),
        seller: party(agreement.child("SellerTradeParty")),
        ship_to: party(delivery.child("ShipToTradeParty")),
        bill_to: party(settlement.child("InvoiceeTradeParty")),
        requested_delivery_date: requested(delivery),
        ..DraftOrder::default()
    };
    if kind != DocumentKind::PurchaseOrder {
        let changed = agreement.text("BuyerOrderReferencedDocument/IssuerAssignedID");
        if !changed.is_empty() && changed.text != document.text("ID").text {
            order.revision = document.text("ID").words();
            order.po_number = changed.words();
        }
    }
    fill(&mut order.revision, agreement.text("BuyerOrderReferencedDocument/RevisionID").words());
    totals(settlement, &mut order, notes);
    order.lines =
        transaction.all("IncludedSupplyChainTradeLineItem").enumerate().map(|(index, item)| line(item, index, notes)).collect();
    order
}

fn incoterm(agreement: &Node) -> Piece {
    let terms = agreement.child("ApplicableTradeDeliveryTerms");
    terms
        .map(|terms| Piece::join([&terms.text("DeliveryTypeCode"), &terms.text("RelevantTradeLocation/Name")], " "))
        .unwrap_or_default()
}

fn party(node: Option<&Node>) -> DraftParty {
    let Some(node) = node else { return DraftParty::default() };
    let address = node.child("PostalTradeAddress").cloned().unwrap_or_default();
    let contact = node.child("DefinedTradeContact").cloned().unwrap_or_default();
    let lines = [address.text("LineOne"), address.text("LineTwo"), address.text("LineThree")];
    let gln = node.all("GlobalID").find(|id| id.attribute("schemeID").text == "0088").map(|id| id.text(""));
    let vat =
        node.all("SpecifiedTaxRegistration").filter_map(|tax| tax.child("ID")).find(|id| id.attribute("schemeID").text == "VA");
    let mut party = DraftParty {
        name: node.text("Name").words(),
        street: Piece::join(&lines, ", ").words(),
        city: address.text("CityName").words(),
        region: address.text("CountrySubDivisionName").words(),
        postal_code: address.text("PostcodeCode").words(),
        country: address.text("CountryID").country(),
        vat_id: vat.map(|id| id.text("").words()).unwrap_or_default(),
        gln: gln.unwrap_or_default().words(),
        email: contact.text("EmailURIUniversalCommunication/URIID").words(),
        phone: contact.text("TelephoneUniversalCommunication/CompleteNumber").words(),
        contact: contact.text("PersonName").words(),
    };
    let mail = node.at("URIUniversalCommunication/URIID").filter(|id| matches!(id.attribute("schemeID").text.as_str(), "EM" | ""));
    fill(&mut party.email, mail.map(|id| id.text("").words()).unwrap_or_default());
    party
}

/// The requested day, or the first day of the requested period.
fn requested(delivery: &Node) -> Reading<Date> {
    agree(delivery.all("RequestedDeliverySupplyChainEvent").map(on))
}

fn on(event: &Node) -> Reading<Date> {
    let mut found = date(event.child("OccurrenceDateTime"));
    fill(&mut found, date(event.at("OccurrenceSpecifiedPeriod/StartDateTime")));
    fill(&mut found, date(event.at("OccurrenceSpecifiedPeriod/EndDateTime")));
    found
}

/// `DateTimeString` in format 102 or 203 (UNCL2379), or an ISO `DateTime`.
fn date(node: Option<&Node>) -> Reading<Date> {
    let Some(node) = node else { return Reading::Absent };
    let text = ["DateTimeString", "DateTime", "DateString", "Date"]
        .into_iter()
        .map(|name| node.text(name))
        .find(|piece| !piece.is_empty());
    text.unwrap_or_default().read(|text| if text.contains('-') { iso_date(text) } else { compact_date(text.get(..8)?) })
}

fn totals(settlement: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    let mut total = Piece::default();
    if let Some(sums) = settlement.child("SpecifiedTradeSettlementHeaderMonetarySummation") {
        order.subtotal = sums.text("LineTotalAmount").number();
        order.discount = sums.text("AllowanceTotalAmount").number();
        order.tax = agree(sums.texts("TaxTotalAmount").iter().map(Piece::number));
        order.total = sums.text("GrandTotalAmount").number();
        fill(&mut order.total, sums.text("DuePayableAmount").number());
        total = sums.text("ChargeTotalAmount");
    }
    let mut statements = statements(settlement);
    // A sum of charges without the charges themselves.
    if !statements.iter().any(|statement| !statement.is_allowance) && !total.is_empty() {
        statements.push(Statement { amount: total.number(), places: total.places(), ..Statement::default() });
    }
    charges::of_order(order, statements, "/orders/0", notes);
}

/// Allowances and charges of the header's settlement or of a line's, and what carriers take.
fn statements(settlement: &Node) -> Vec<Statement> {
    let stated = settlement.all("SpecifiedTradeAllowanceCharge").map(|node| {
        let (code, reason) = (node.text("ReasonCode"), node.text("Reason"));
        let amount = node.text("ActualAmount");
        let places = Piece::first([&amount, &reason, &code]).places();
        Statement {
            is_allowance: matches!(node.text("ChargeIndicator/Indicator").text.as_str(), "false" | "0"),
            nature: charges::nature(&code.text, &reason.text),
            percent: node.text("CalculationPercent").number(),
            amount: amount.number(),
            places,
            reason: if reason.is_empty() { code } else { reason },
        }
    });
    let carriage = settlement.all("SpecifiedLogisticsServiceCharge").map(|node| {
        let amount = node.text("AppliedAmount");
        let reason = node.text("Description");
        Statement { nature: Nature::Freight, reason, amount: amount.number(), places: amount.places(), ..Statement::default() }
    });
    stated.chain(carriage).collect()
}

fn line(item: &Node, index: usize, notes: &mut Notes) -> DraftLine {
    let at = format!("/orders/0/lines/{index}");
    let empty = Node::default();
    let product = item.child("SpecifiedTradeProduct").unwrap_or(&empty);
    let agreement = item.child("SpecifiedLineTradeAgreement").unwrap_or(&empty);
    let delivery = item.child("SpecifiedLineTradeDelivery").unwrap_or(&empty);
    let settlement = item.child("SpecifiedLineTradeSettlement").unwrap_or(&empty);
    let price =
        agreement.child("NetPriceProductTradePrice").or_else(|| agreement.child("GrossPriceProductTradePrice")).unwrap_or(&empty);
    let quantity = delivery.child("RequestedQuantity").unwrap_or(&empty);
    let status = item.text("AssociatedDocumentLineDocument/LineStatusCode");
    if status.text == "2" {
        notes.ask(Code::CancelRequested, at.clone(), "The line is to be cancelled.", &status.places());
    }
    let priced = price.child("BasisQuantity").map(|basis| basis.attribute("unitCode")).unwrap_or_default();
    notes.same_unit(&at, &quantity.attribute("unitCode"), &priced);
    let mut line = DraftLine {
        line_no: item.text("AssociatedDocumentLineDocument/LineID").words(),
        buyer_part: product.text("BuyerAssignedID").words(),
        supplier_part: product.text("SellerAssignedID").words(),
        manufacturer_part: product.text("ManufacturerAssignedID").words(),
        gtin: product.text("GlobalID").words(),
        description: product.text("Name").words(),
        quantity: quantity.text("").number(),
        uom: quantity.attribute("unitCode").words(),
        unit_price: price.text("ChargeAmount").number(),
        price_basis: price.text("BasisQuantity").number(),
        line_total: settlement.text("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount").number(),
        ..DraftLine::default()
    };
    let events = delivery.all("RequestedDeliverySupplyChainEvent");
    let parts = events.map(|event| DraftDelivery {
        date: on(event),
        quantity: event.text("UnitQuantity").number(),
        ..DraftDelivery::default()
    });
    schedule::lay(&mut line, parts.collect(), &at, notes);
    charges::of_line(&mut line, statements(settlement), &at, notes);
    line
}
