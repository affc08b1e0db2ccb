//! UBL 2.x orders, Peppol BIS Ordering included: Order, OrderChange, OrderCancellation.

use crate::model::{Code, DocumentKind, DraftLine, DraftOrder, DraftParty, Reading};
use rust_decimal::Decimal;

use super::Part;
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, fill};
use super::xml::none;
use super::xml_tree::Node;

pub(super) fn read(root: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    let kind = match root.name.as_str() {
        "Order" => kind_by_type_code(root, notes),
        "OrderChange" => DocumentKind::OrderChange,
        "OrderCancellation" => DocumentKind::OrderCancellation,
        "OrderResponse" | "OrderResponseSimple" => DocumentKind::OrderAcknowledgement,
        "Invoice" | "SelfBilledInvoice" | "FreightInvoice" => DocumentKind::Invoice,
        "CreditNote" | "SelfBilledCreditNote" => DocumentKind::CreditNote,
        "DespatchAdvice" | "ReceiptAdvice" => DocumentKind::DeliveryNote,
        "RequestForQuotation" => DocumentKind::RequestForQuote,
        "Quotation" => DocumentKind::Quote,
        "Statement" => DocumentKind::Statement,
        "RemittanceAdvice" => DocumentKind::Remittance,
        "OrderStatusRequest" => DocumentKind::StatusInquiry,
        "Catalogue" | "ApplicationResponse" | "Reminder" | "Forecast" => DocumentKind::Other,
        _ => return None,
    };
    Some(vec![if kind.concerns_an_order() { Part { kind, order: Some(order(root, kind, notes)) } } else { none(kind) }])
}

/// OrderTypeCode, UNCL1001: 220 order, 221 blanket, 226 call-off, 227 consignment, 228 sample, 230 change.
fn kind_by_type_code(root: &Node, notes: &mut Notes) -> DocumentKind {
    let code = root.text("OrderTypeCode");
    let message = match code.text.as_str() {
        "230" => return DocumentKind::OrderChange,
        "221" => "This is a blanket order: a commitment, not a shipment.",
        "227" => "The goods are ordered on consignment.",
        "228" => "The goods are ordered as samples.",
        _ => return DocumentKind::PurchaseOrder,
    };
    notes.ask(Code::ClauseNeedsReview, "/orders/0/po_number", message, &code.places());
    DocumentKind::PurchaseOrder
}

fn order(root: &Node, kind: DocumentKind, notes: &mut Notes) -> DraftOrder {
    if root.text("CopyIndicator").text == "true" {
        notes.ask(
            Code::NotAnOriginal,
            "/orders/0/po_number",
            "The order is marked as a copy.",
            &root.text("CopyIndicator").places(),
        );
    }
    for note in root.all("Note") {
        notes.caution("/orders/0/po_number", &note.text(""));
    }
    let mut order = DraftOrder {
        po_number: root.text("ID").words(),
        revision: root.text("SequenceNumberID").words(),
        po_date: root.text("IssueDate").iso_date(),
        payment_terms: Piece::join(&root.texts("PaymentTerms/Note"), " ").words(),
        incoterm: root.text("DeliveryTerms/ID").words(),
        buyer: party(root.at("BuyerCustomerParty")),
        seller: party(root.at("SellerSupplierParty")),
        bill_to: party(root.at("AccountingCustomerParty")),
        ..DraftOrder::default()
    };
    if kind != DocumentKind::PurchaseOrder {
        fill(&mut order.revision, root.text("ID").words());
        let changed = root.text("OrderReference/ID");
        if !changed.is_empty() {
            order.po_number = changed.words();
        }
    }
    delivery(root, &mut order, notes);
    totals(root, &mut order);
    charges(root, &mut order, notes);
    order.lines = root.all("OrderLine").enumerate().map(|(index, node)| line(node, index, notes)).collect();
    let currencies = [root.text("DocumentCurrencyCode"), root.text("PricingCurrencyCode")];
    order.currency =
        currencies.iter().map(Piece::currency).find(|reading| !reading.is_absent()).unwrap_or_else(|| currency_of_amounts(root));
    order
}

/// Where no currency is stated, the attribute of the amounts is the currency.
fn currency_of_amounts(root: &Node) -> Reading<crate::model::Currency> {
    let total = root.at("AnticipatedMonetaryTotal/PayableAmount").into_iter();
    let prices = root.all("OrderLine").filter_map(|line| line.at("LineItem/Price/PriceAmount"));
    agree(total.chain(prices).map(|node| node.attribute("currencyID").currency()))
}

fn delivery(root: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    let deliveries: Vec<&Node> = root.all("Delivery").collect();
    if let Some(first) = deliveries.first() {
        order.ship_to = delivery_party(first);
        order.requested_delivery_date = requested(first);
    }
    let places: Vec<DraftParty> =
        deliveries.iter().map(|delivery| delivery_party(delivery)).filter(|place| !place.is_absent()).collect();
    if places.iter().any(|place| place.to_party() != order.ship_to.to_party()) {
        let message = "The order names more than one place to deliver to.";
        notes.ask(Code::AmbiguousShipTo, "/orders/0/ship_to", message, &[]);
    }
}

/// The first day of the requested period: a delivery on it keeps every wish. The last day where only that is stated.
fn requested(delivery: &Node) -> Reading<jiff::civil::Date> {
    let paths = ["RequestedDeliveryPeriod/StartDate", "RequestedDeliveryPeriod/EndDate", "LatestDeliveryDate"];
    paths.into_iter().map(|path| delivery.text(path).iso_date()).find(|reading| !reading.is_absent()).unwrap_or_default()
}

fn delivery_party(delivery: &Node) -> DraftParty {
    let mut party = delivery.child("DeliveryParty").map(party_details).unwrap_or_default();
    let location = delivery.child("DeliveryLocation");
    let address = location.and_then(|node| node.child("Address")).or_else(|| delivery.child("DeliveryAddress"));
    if let Some(address) = address {
        // The place of delivery counts, not the postal address of the party that receives.
        let contact = party.contact.clone();
        let at_place = DraftParty { name: Reading::Absent, ..address_of(address) };
        party = DraftParty {
            name: party.name,
            gln: party.gln,
            email: party.email,
            phone: party.phone,
            vat_id: party.vat_id,
            contact,
            ..at_place
        };
    }
    let address_id = address.and_then(|node| node.child("ID")).filter(|id| is_gln(id));
    fill(&mut party.gln, address_id.map(|id| id.text("").words()).unwrap_or_default());
    if let Some(location) = location {
        fill(&mut party.name, location.text("Name").words());
        let id = location.child("ID").filter(|id| is_gln(id));
        fill(&mut party.gln, id.map(|id| id.text("").words()).unwrap_or_default());
    }
    party
}

fn party(role: Option<&Node>) -> DraftParty {
    role.and_then(|role| role.child("Party")).map(party_details).unwrap_or_default()
}

fn party_details(node: &Node) -> DraftParty {
    let mut party = node.child("PostalAddress").map(address_of).unwrap_or_default();
    party.name = [node.text("PartyName/Name"), node.text("PartyLegalEntity/RegistrationName")]
        .iter()
        .map(Piece::words)
        .find(|name| !name.is_absent())
        .unwrap_or_default();
    party.vat_id = vat_id(node).words();
    let ids = node.all("PartyIdentification").filter_map(|id| id.child("ID")).chain(node.child("EndpointID"));
    party.gln = ids.filter(|id| is_gln(id)).map(|id| id.text("").words()).next().unwrap_or_default();
    if let Some(contact) = node.child("Contact") {
        party.contact = contact.text("Name").words();
        party.phone = contact.text("Telephone").words();
        party.email = contact.text("ElectronicMail").words();
    }
    if let Some(person) = node.child("Person") {
        fill(&mut party.contact, Piece::join([&person.text("FirstName"), &person.text("FamilyName")], " ").words());
    }
    party
}

/// Scheme 0088 of ISO 6523 (and its older name) is the GLN.
fn is_gln(id: &Node) -> bool {
    matches!(id.attribute("schemeID").text.as_str(), "0088" | "GLN" | "GLN:13" | "EAN")
}

fn vat_id(node: &Node) -> Piece {
    let schemes: Vec<&Node> = node.all("PartyTaxScheme").collect();
    let vat = schemes.iter().find(|scheme| scheme.text("TaxScheme/ID").text.eq_ignore_ascii_case("VAT"));
    vat.or(schemes.first()).map(|scheme| scheme.text("CompanyID")).unwrap_or_default()
}

fn address_of(node: &Node) -> DraftParty {
    let number = node.text("BuildingNumber");
    let street = Piece::join([&node.text("StreetName"), &number], " ");
    let lines = node.texts("AddressLine/Line");
    let street = Piece::join([&street, &node.text("AdditionalStreetName")].into_iter().chain(&lines), ", ");
    let region =
        if node.text("CountrySubentity").is_empty() { node.text("CountrySubentityCode") } else { node.text("CountrySubentity") };
    DraftParty {
        street: street.words(),
        city: node.text("CityName").words(),
        region: region.words(),
        postal_code: node.text("PostalZone").words(),
        country: node.text("Country/IdentificationCode").country(),
        ..DraftParty::default()
    }
}

fn totals(root: &Node, order: &mut DraftOrder) {
    if let Some(totals) = root.child("AnticipatedMonetaryTotal") {
        order.subtotal = totals.text("LineExtensionAmount").number();
        order.discount = totals.text("AllowanceTotalAmount").number();
        let total = [totals.text("PayableAmount"), totals.text("TaxInclusiveAmount"), totals.text("TaxExclusiveAmount")];
        order.total = total.iter().map(Piece::number).find(|reading| !reading.is_absent()).unwrap_or_default();
    }
    order.tax = agree(root.texts("TaxTotal/TaxAmount").iter().map(Piece::number));
}

/// AllowanceCharge of the header: freight is carried, everything else must be seen by a person.
fn charges(root: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    for node in root.all("AllowanceCharge") {
        let (amount, is_charge) = (node.text("Amount"), node.text("ChargeIndicator").text == "true");
        let reason = node.text("AllowanceChargeReason");
        if !is_charge {
            fill(&mut order.discount, amount.number());
        } else if is_freight(&node.text("AllowanceChargeReasonCode").text, &reason.text) {
            fill(&mut order.shipping, amount.number());
        } else {
            let message = format!(
                "The order states a charge of {} ({}) that is not carried over.",
                shorten(&amount.text),
                shorten(&reason.text)
            );
            notes.ask(Code::UnlistedCharge, "/orders/0", message, &amount.places());
        }
    }
}

/// UNCL7161 FC is freight, DL delivery; else the reason in words.
pub(super) fn is_freight(code: &str, reason: &str) -> bool {
    let reason = reason.to_lowercase();
    let words = [
        "freight",
        "shipping",
        "delivery",
        "fracht",
        "versand",
        "transport",
        "livraison",
        "carriage",
        "verzend",
        "spedizione",
        "envío",
    ];
    matches!(code, "FC" | "DL") || words.iter().any(|word| reason.contains(word)) && !reason.contains("document")
}

fn line(node: &Node, index: usize, notes: &mut Notes) -> DraftLine {
    let at = format!("/orders/0/lines/{index}");
    let item_node = node.child("LineItem").unwrap_or(node);
    let item = item_node.child("Item").cloned().unwrap_or_default();
    let price = item_node.child("Price").cloned().unwrap_or_default();
    // Line status, UBL LineStatusCode / UNCL1229: cancelled lines of a change.
    let status = item_node.text("LineStatusCode");
    if matches!(status.text.as_str(), "2" | "Cancelled" | "Canceled") {
        notes.ask(Code::CancelRequested, at.clone(), "The line is to be cancelled.", &status.places());
    }
    let quantity = item_node.child("Quantity").cloned().unwrap_or_default();
    let name = item.text("Name");
    let description = if name.is_empty() { Piece::join(&item.texts("Description"), " ") } else { name };
    let (discount_percent, other) = line_allowances(item_node);
    if other {
        notes.ask(Code::UnlistedCharge, at.clone(), "The line states an allowance or charge that is not carried over.", &[]);
    }
    let deliveries: Vec<&Node> = item_node.all("Delivery").collect();
    let line = DraftLine {
        line_no: item_node.text("ID").words(),
        buyer_part: item.text("BuyersItemIdentification/ID").words(),
        supplier_part: item.text("SellersItemIdentification/ID").words(),
        manufacturer_part: item.text("ManufacturersItemIdentification/ID").words(),
        gtin: item.text("StandardItemIdentification/ID").words(),
        description: description.words(),
        quantity: quantity.text("").number(),
        uom: quantity.attribute("unitCode").words(),
        unit_price: price.text("PriceAmount").number(),
        price_basis: price.text("BaseQuantity").number(),
        discount_percent,
        line_total: item_node.text("LineExtensionAmount").number(),
        requested_date: agree(deliveries.iter().map(|delivery| requested(delivery))),
    };
    if deliveries.len() > 1 {
        let message = format!("The line is to be delivered in {} parts.", deliveries.len());
        notes.ask(Code::AmbiguousField, format!("{at}/requested_date"), message, line.requested_date.spans());
    }
    line
}

/// A single percentage allowance is a discount; anything else cannot be carried over. Allowances under Price are in the price.
fn line_allowances(item: &Node) -> (Reading<Decimal>, bool) {
    let all: Vec<&Node> = item.all("AllowanceCharge").collect();
    match all.as_slice() {
        [] => (Reading::Absent, false),
        [one] if one.text("ChargeIndicator").text == "false" && !one.text("MultiplierFactorNumeric").is_empty() => {
            (one.text("MultiplierFactorNumeric").number(), false)
        }
        _ => (Reading::Absent, true),
    }
}
