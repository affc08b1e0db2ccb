//! cXML 1.2 OrderRequest, and the kinds of the other cXML documents.

use crate::model::{Code, DocumentKind, DraftLine, DraftOrder, DraftParty, Reading};

use super::Part;
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, fill};
use super::xml::none;
use super::xml_tree::Node;

pub(super) fn read(root: &Node, notes: &mut Notes) -> Option<Vec<Part>> {
    if root.child("Response").is_some() {
        return Some(vec![none(DocumentKind::Other)]);
    }
    let request = root.child("Request").or_else(|| root.child("Message"))?;
    if request.attribute("deploymentMode").text == "test" {
        notes.ask(Code::NotAnOriginal, "", "The document is marked as a test.", &request.attribute("deploymentMode").places());
    }
    let body = request.children.iter().find(|child| child.name != "Status")?;
    let kind = match body.name.as_str() {
        "OrderRequest" => return Some(vec![order_request(body, root, notes)]),
        "ConfirmationRequest" => DocumentKind::OrderAcknowledgement,
        "ShipNoticeRequest" | "ReceiptRequest" => DocumentKind::DeliveryNote,
        "InvoiceDetailRequest" | "InvoiceRequest" => DocumentKind::Invoice,
        "PaymentRemittanceRequest" | "PaymentProposalRequest" => DocumentKind::Remittance,
        "QuoteRequest" => DocumentKind::RequestForQuote,
        "QuoteMessage" => DocumentKind::Quote,
        _ => DocumentKind::Other,
    };
    Some(vec![none(kind)])
}

fn order_request(body: &Node, root: &Node, notes: &mut Notes) -> Part {
    let empty = Node::default();
    let header = body.child("OrderRequestHeader").unwrap_or(&empty);
    let kind = match header.attribute("type").text.as_str() {
        "update" => DocumentKind::OrderChange,
        "delete" => DocumentKind::OrderCancellation,
        _ => DocumentKind::PurchaseOrder,
    };
    order_type(header, notes);
    let mut order = DraftOrder {
        po_number: header.attribute("orderID").words(),
        revision: header.attribute("orderVersion").words(),
        release_number: Reading::Absent,
        po_date: header.attribute("orderDate").iso_date(),
        requested_delivery_date: header.attribute("requestedDeliveryDate").iso_date(),
        payment_terms: payment_terms(header).words(),
        incoterm: terms_of_delivery(header).words(),
        ship_to: address(header.at("ShipTo/Address")),
        bill_to: address(header.at("BillTo/Address")),
        ..DraftOrder::default()
    };
    order.buyer =
        business_partner(header, &["soldTo", "buyer", "buyerParty", "buyerMasterAccount"]).unwrap_or_else(|| order.bill_to.clone());
    order.seller = business_partner(header, &["supplierCorporate", "supplier", "sellerParty", "seller"]).unwrap_or_default();
    contacts(header, &mut order);
    network_ids(root, &mut order);
    order.shipping = header.text("Shipping/Money").number();
    order.tax = header.text("Tax/Money").number();
    order.total = header.text("Total/Money").number();
    for comment in header.all("Comments") {
        notes.caution("/orders/0/po_number", &comment.text(""));
    }
    order.lines = body.all("ItemOut").enumerate().map(|(index, item)| line(item, index, notes)).collect();
    let moneys =
        header.at("Total/Money").into_iter().chain(body.all("ItemOut").filter_map(|item| item.at("ItemDetail/UnitPrice/Money")));
    order.currency = agree(moneys.map(|money| money.attribute("currency").currency()));
    line_ship_tos(body, &mut order, notes);
    modifications(header, &mut order, notes);
    Part { kind, order: Some(order) }
}

fn order_type(header: &Node, notes: &mut Notes) {
    let code = header.attribute("orderType");
    let message = match code.text.as_str() {
        "blanket" => "This is a blanket order: a commitment, not a shipment.",
        "stockTransport" | "stockTransportRelease" => "This moves stock and is not a purchase.",
        _ => return,
    };
    notes.ask(Code::ClauseNeedsReview, "/orders/0/po_number", message, &code.places());
}

fn payment_terms(header: &Node) -> Piece {
    let terms: Vec<&Node> = header.all("PaymentTerm").collect();
    let named = Piece::join(&header.texts("PaymentTerm/Extrinsic"), " ");
    match terms.as_slice() {
        [term] if named.is_empty() && !term.attribute("payInNumberOfDays").is_empty() => {
            let days = term.attribute("payInNumberOfDays");
            days.reworded(format!("net {}", days.text))
        }
        _ => named,
    }
}

fn terms_of_delivery(header: &Node) -> Piece {
    header
        .at("TermsOfDelivery/TransportTerms")
        .map(|terms| if terms.attribute("value").text == "Other" { terms.text("") } else { terms.attribute("value") })
        .unwrap_or_default()
}

fn address(node: Option<&Node>) -> DraftParty {
    let Some(node) = node else { return DraftParty::default() };
    let postal = node.child("PostalAddress").cloned().unwrap_or_default();
    let country = postal.child("Country").map(|country| country.attribute("isoCountryCode")).unwrap_or_default();
    DraftParty {
        name: node.text("Name").words(),
        street: Piece::join(&postal.texts("Street"), ", ").words(),
        city: postal.text("City").words(),
        region: postal.text("State").words(),
        postal_code: postal.text("PostalCode").words(),
        country: if country.is_empty() { node.attribute("isoCountryCode").country() } else { country.country() },
        contact: postal.text("DeliverTo").words(),
        email: node.text("Email").words(),
        phone: phone(node),
        ..DraftParty::default()
    }
}

fn phone(node: &Node) -> Reading<String> {
    let Some(number) = node.at("Phone/TelephoneNumber") else { return Reading::Absent };
    let parts = [
        number.child("CountryCode").map(|code| code.text("")).unwrap_or_default(),
        number.text("AreaOrCityCode"),
        number.text("Number"),
    ];
    Piece::join(&parts, " ").words()
}

fn business_partner(header: &Node, roles: &[&str]) -> Option<DraftParty> {
    let partners: Vec<&Node> = header.all("BusinessPartner").chain(header.all("Contact")).collect();
    roles.iter().find_map(|role| {
        let partner =
            partners.iter().find(|partner| partner.attribute("role").text == *role || partner.attribute("type").text == *role)?;
        let inner = partner.child("Address").unwrap_or(partner);
        Some(address(Some(inner))).filter(|party| !party.is_absent())
    })
}

/// The end user's or purchasing agent's name, mail and phone are the buyer's contact.
fn contacts(header: &Node, order: &mut DraftOrder) {
    let roles = ["purchasingAgent", "buyer", "endUser", "customerService", "administrator"];
    let contact = roles.iter().find_map(|role| header.all("Contact").find(|contact| contact.attribute("role").text == *role));
    if let Some(contact) = contact {
        order.buyer.contact = contact.text("Name").words();
        order.buyer.email = contact.text("Email").words();
        order.buyer.phone = phone(contact);
    }
}

/// A GLN or VAT number among the credentials of the sender and receiver.
fn network_ids(root: &Node, order: &mut DraftOrder) {
    for (side, party) in [("Header/From", &mut order.buyer), ("Header/To", &mut order.seller)] {
        for credential in root.at(side).into_iter().flat_map(|node| node.all("Credential")) {
            match credential.attribute("domain").text.to_ascii_lowercase().as_str() {
                "gln" | "ean" => fill(&mut party.gln, credential.text("Identity").words()),
                "vat" | "vatid" => fill(&mut party.vat_id, credential.text("Identity").words()),
                _ => {}
            }
        }
    }
}

/// Lines may have their own ShipTo; one order goes to one place.
fn line_ship_tos(body: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    for item in body.all("ItemOut") {
        let place = address(item.at("ShipTo/Address"));
        if place.is_absent() {
            continue;
        }
        if order.ship_to.is_absent() {
            order.ship_to = place;
        } else if place.to_party().address != order.ship_to.to_party().address {
            let message = "The lines of the order go to different places.";
            notes.ask(Code::AmbiguousShipTo, "/orders/0/ship_to", message, place.name.spans());
        }
    }
}

/// Modifications inside Total: additional costs and deductions.
fn modifications(header: &Node, order: &mut DraftOrder, notes: &mut Notes) {
    for modification in header.at("Total/Modifications").into_iter().flat_map(|node| node.all("Modification")) {
        let deduction = modification.text("AdditionalDeduction/DeductionAmount/Money");
        let cost = modification.text("AdditionalCost/Money");
        let name = modification.child("ModificationDetail").map(|detail| detail.attribute("name").text).unwrap_or_default();
        if !deduction.is_empty() {
            fill(&mut order.discount, deduction.number());
        } else if super::ubl::is_freight("", &name) {
            fill(&mut order.shipping, cost.number());
        } else {
            notes.ask(
                Code::UnlistedCharge,
                "/orders/0",
                format!("The order states a charge ({}) that is not carried over.", shorten(&name)),
                &cost.places(),
            );
        }
    }
}

fn line(item: &Node, index: usize, notes: &mut Notes) -> DraftLine {
    let at = format!("/orders/0/lines/{index}");
    let detail = item.child("ItemDetail").or_else(|| item.child("BlanketItemDetail")).cloned().unwrap_or_default();
    if item.child("BlanketItemDetail").is_some() {
        notes.ask(Code::ClauseNeedsReview, at.clone(), "The line is part of a blanket order.", &[]);
    }
    let deliveries = item.all("ScheduleLine").count();
    if deliveries > 1 {
        let message = format!("The line is to be delivered in {deliveries} parts.");
        notes.ask(Code::AmbiguousField, format!("{at}/requested_date"), message, &[]);
    }
    let description = detail.child("Description");
    let words =
        description.map(|node| if node.text("").is_empty() { node.text("ShortName") } else { node.text("") }).unwrap_or_default();
    let pricing = detail.child("PriceBasisQuantity");
    let priced = pricing.map(|basis| basis.text("UnitOfMeasure")).unwrap_or_default();
    notes.same_unit(&at, &detail.text("UnitOfMeasure"), &priced);
    let mut line = DraftLine {
        line_no: item.attribute("lineNumber").words(),
        buyer_part: item.text("ItemID/BuyerPartID").words(),
        supplier_part: item.text("ItemID/SupplierPartID").words(),
        manufacturer_part: detail.text("ManufacturerPartID").words(),
        gtin: gtin(&detail).words(),
        description: words.words(),
        quantity: item.attribute("quantity").number(),
        uom: detail.text("UnitOfMeasure").words(),
        unit_price: detail.text("UnitPrice/Money").number(),
        price_basis: pricing.map(|basis| basis.attribute("quantity").number()).unwrap_or_default(),
        requested_date: item.attribute("requestedDeliveryDate").iso_date(),
        ..DraftLine::default()
    };
    fill(&mut line.requested_date, agree(item.all("ScheduleLine").map(|part| part.attribute("requestedDeliveryDate").iso_date())));
    // A conversion factor other than 1 prices another unit than the one ordered.
    if let Some(factor) =
        pricing.map(|basis| basis.attribute("conversionFactor")).filter(|f| f.number().value().is_some_and(|v| *v != 1.into()))
    {
        notes.ask(
            Code::UnitConflict,
            format!("{at}/price_basis"),
            "The price is for another unit than the quantity.",
            &factor.places(),
        );
    }
    line
}

fn gtin(detail: &Node) -> Piece {
    let ids = detail.child("ItemDetailIndustry").and_then(|node| node.at("ItemDetailRetail/EANID")).map(|node| node.text(""));
    ids.filter(|id| !id.is_empty()).unwrap_or_default()
}
