//! cXML 1.2 OrderRequest, and the kinds of the other cXML documents.

use crate::model::{Code, DocumentKind, DraftDelivery, DraftLine, DraftOrder, DraftParty, Reading};

use super::Part;
use super::charges::{self, Nature, Statement};
use super::notes::Notes;
use super::piece::{Piece, agree, fill};
use super::schedule;
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
    let mut statements = modifications(header);
    // Freight on the lines is not stated again in the header.
    if order.shipping.is_absent() {
        statements.extend(body.all("ItemOut").flat_map(shipping_of_line));
    }
    charges::of_order(&mut order, statements, "/orders/0", notes);
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
fn modifications(header: &Node) -> Vec<Statement> {
    let list = header.at("Total/Modifications").into_iter().flat_map(|node| node.all("Modification"));
    let stated = list.map(|node| {
        let (taken, added) = (node.child("AdditionalDeduction"), node.child("AdditionalCost"));
        let detail = node.child("ModificationDetail").cloned().unwrap_or_default();
        let of = taken.or(added).cloned().unwrap_or_default();
        let amount = [of.text("Money"), of.text("DeductionAmount/Money"), of.text("DeductedPrice/Money")];
        let percent = of.child("Percentage").or_else(|| of.child("DeductionPercent"));
        let (amount, name) = (Piece::first(&amount), detail.attribute("name"));
        Statement {
            is_allowance: taken.is_some(),
            nature: charges::nature("", &name.text),
            percent: percent.map(|node| node.attribute("percent").number()).unwrap_or_default(),
            amount: amount.number(),
            places: Piece::first([&amount, &name]).places(),
            reason: if name.is_empty() { detail.text("Description") } else { name },
        }
    });
    stated.collect()
}

/// Freight that stands on a line, beside its price.
fn shipping_of_line(item: &Node) -> Vec<Statement> {
    let amount = item.text("Shipping/Money");
    let reason = item.text("Shipping/Description");
    let is_stated = !amount.is_empty();
    is_stated
        .then(|| Statement {
            nature: Nature::Freight,
            reason,
            amount: amount.number(),
            places: amount.places(),
            ..Statement::default()
        })
        .into_iter()
        .collect()
}

fn line(item: &Node, index: usize, notes: &mut Notes) -> DraftLine {
    let at = format!("/orders/0/lines/{index}");
    let detail = item.child("ItemDetail").or_else(|| item.child("BlanketItemDetail")).cloned().unwrap_or_default();
    if item.child("BlanketItemDetail").is_some() {
        notes.ask(Code::ClauseNeedsReview, at.clone(), "The line is part of a blanket order.", &[]);
    }
    let kind = item.attribute("itemType");
    if kind.text == "composite" {
        notes.ask(Code::ClauseNeedsReview, at.clone(), "The line is a set whose parts are lines of their own.", &kind.places());
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
    let parts = item.all("ScheduleLine").map(|part| DraftDelivery {
        quantity: part.attribute("quantity").number(),
        date: part.attribute("requestedDeliveryDate").iso_date(),
        ..DraftDelivery::default()
    });
    schedule::lay(&mut line, parts.collect(), &at, notes);
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
