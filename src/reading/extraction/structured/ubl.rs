//! UBL 2.x orders, Peppol BIS Ordering included: Order, OrderChange, OrderCancellation.

use crate::model::{Code, DocumentKind, DraftCharge, DraftDelivery, DraftLine, DraftOrder, DraftParty, Reading};
use rust_decimal::Decimal;

use super::Part;
use super::charges::{self, Statement};
use super::notes::{Notes, shorten};
use super::piece::{Piece, agree, fill};
use super::schedule;
use super::xml::{none, unread};
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
    let base = order.subtotal.value().copied();
    let mut stated = statements(root, base);
    let charged = root.text("AnticipatedMonetaryTotal/ChargeTotalAmount");
    // A sum of charges without the charges themselves.
    if !charged.is_empty() && stated.iter().all(|statement| statement.is_allowance) {
        stated.push(Statement { amount: charged.number(), places: charged.places(), ..Statement::default() });
    }
    charges::of_order(&mut order, stated, "/orders/0", notes);
    order.charges.extend(settlement(root));
    order.lines = root.all("OrderLine").enumerate().map(|(index, node)| line(node, index, notes)).collect();
    line_count(root, &order, notes);
    unread(root, &HEADER, notes);
    let currencies = [root.text("DocumentCurrencyCode"), root.text("PricingCurrencyCode")];
    order.currency =
        currencies.iter().map(Piece::currency).find(|reading| !reading.is_absent()).unwrap_or_else(|| currency_of_amounts(root));
    order
}

fn line_count(root: &Node, order: &DraftOrder, notes: &mut Notes) {
    let stated = root.text("LineCountNumeric");
    if let Some(count) = stated.number().value().filter(|count| **count != order.lines.len().into()) {
        let message = format!("The order says that it has {count} lines, but {} are there.", order.lines.len());
        notes.ask(Code::LineCountMismatch, "/orders/0/lines", message, &stated.places());
    }
}

/// Elements of an order that are read, or say nothing that it is placed by.
const HEADER: [&str; 46] = [
    "UBLExtensions",
    "UBLVersionID",
    "CustomizationID",
    "ProfileID",
    "ProfileExecutionID",
    "ID",
    "SalesOrderID",
    "CopyIndicator",
    "UUID",
    "IssueDate",
    "IssueTime",
    "OrderTypeCode",
    "Note",
    "RequestedInvoiceCurrencyCode",
    "DocumentCurrencyCode",
    "PricingCurrencyCode",
    "TaxCurrencyCode",
    "CustomerReference",
    "AccountingCostCode",
    "AccountingCost",
    "LineCountNumeric",
    "SequenceNumberID",
    "CancellationNote",
    "ValidityPeriod",
    "QuotationDocumentReference",
    "OrderDocumentReference",
    "OrderReference",
    "OriginatorDocumentReference",
    "CatalogueReference",
    "AdditionalDocumentReference",
    "Contract",
    "ProjectReference",
    "Signature",
    "BuyerCustomerParty",
    "SellerSupplierParty",
    "OriginatorCustomerParty",
    "FreightForwarderParty",
    "AccountingCustomerParty",
    "Delivery",
    "DeliveryTerms",
    "PaymentTerms",
    "AllowanceCharge",
    "TaxTotal",
    "AnticipatedMonetaryTotal",
    "OrderLine",
    "DestinationCountry",
];

/// The same of a line.
const LINE: [&str; 19] = [
    "ID",
    "UUID",
    "Note",
    "LineStatusCode",
    "Quantity",
    "LineExtensionAmount",
    "TotalTaxAmount",
    "AccountingCostCode",
    "AccountingCost",
    "PartialDeliveryIndicator",
    "BackOrderAllowedIndicator",
    "Delivery",
    "OriginatorParty",
    "AllowanceCharge",
    "Price",
    "Item",
    "TaxTotal",
    "InspectionMethodCode",
    "SalesOrderID",
];

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

/// AllowanceCharge of the header or, in `within`, of a line.
fn statements(within: &Node, base: Option<Decimal>) -> Vec<Statement> {
    within.all("AllowanceCharge").map(|node| statement(node, base)).collect()
}

fn statement(node: &Node, base: Option<Decimal>) -> Statement {
    let (code, reason) = (node.text("AllowanceChargeReasonCode"), node.text("AllowanceChargeReason"));
    let amount = node.text("Amount");
    let places = Piece::first([&amount, &reason, &code]).places();
    Statement {
        is_allowance: matches!(node.text("ChargeIndicator").text.as_str(), "false" | "0"),
        nature: charges::nature(&code.text, &reason.text),
        percent: percent(node, base),
        amount: amount.number(),
        places,
        reason: if reason.is_empty() { code } else { reason },
    }
}

/// MultiplierFactorNumeric is a percentage in Peppol, a factor in plain UBL. The amount and its base say which; without them a number
/// of one or less could be either.
fn percent(node: &Node, base: Option<Decimal>) -> Reading<Decimal> {
    let stated = node.text("MultiplierFactorNumeric");
    let Some(factor) = stated.number().value().copied() else { return stated.number() };
    let base = node.text("BaseAmount").number().value().copied().or(base);
    let of_base = |share: Decimal| base?.checked_mul(share).map(|amount| amount.round_dp(2));
    let amount = node.text("Amount").number().value().map(|amount| amount.round_dp(2));
    let in_hundreds = factor.checked_mul(Decimal::ONE_HUNDRED);
    if amount.is_some() && of_base(factor) == amount && !factor.is_zero() {
        stated.read(|_| in_hundreds.map(|percent| percent.normalize()))
    } else if factor > Decimal::ONE || amount.is_some() && factor.checked_div(Decimal::ONE_HUNDRED).and_then(of_base) == amount {
        stated.number()
    } else {
        Reading::Unreadable { raw: stated.text.clone(), spans: stated.places() }
    }
}

/// What is paid already, and rounding: both stand between the sums and the amount to be paid.
fn settlement(root: &Node) -> Vec<DraftCharge> {
    let Some(totals) = root.child("AnticipatedMonetaryTotal") else { return Vec::new() };
    let parts = [("PrepaidAmount", true), ("PayableRoundingAmount", false)];
    let stated = parts.into_iter().filter_map(|(name, is_allowance)| {
        let amount = totals.text(name);
        let is_zero = amount.number().value().is_none_or(Decimal::is_zero);
        (!is_zero).then(|| DraftCharge {
            is_allowance,
            reason: amount.reworded(name).words(),
            amount: amount.number(),
            ..DraftCharge::default()
        })
    });
    stated.collect()
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
    unread(item_node, &LINE, notes);
    for note in node.all("Note").chain(item_node.all("Note")) {
        notes.caution("/orders/0/po_number", &note.text(""));
    }
    let quantity = item_node.child("Quantity").cloned().unwrap_or_default();
    let name = item.text("Name");
    let description = if name.is_empty() { Piece::join(&item.texts("Description"), " ") } else { name };
    let priced = price.child("BaseQuantity").map(|basis| basis.attribute("unitCode")).unwrap_or_default();
    notes.same_unit(&at, &quantity.attribute("unitCode"), &priced);
    let factor = price.text("OrderableUnitFactorRate");
    if factor.number().value().is_some_and(|rate| *rate != Decimal::ONE) {
        let message = format!("The price is for another unit than the quantity (factor {}).", shorten(&factor.text));
        notes.ask(Code::UnitConflict, format!("{at}/price_basis"), message, &factor.places());
    }
    let mut line = DraftLine {
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
        line_total: item_node.text("LineExtensionAmount").number(),
        ..DraftLine::default()
    };
    schedule::lay(&mut line, item_node.all("Delivery").map(part).collect(), &at, notes);
    let statements = statements(item_node, charges::gross(&line));
    charges::of_line(&mut line, statements, &at, notes);
    line
}

/// One delivery of a line.
fn part(delivery: &Node) -> DraftDelivery {
    let place = delivery_party(delivery);
    DraftDelivery {
        quantity: delivery.text("Quantity").number(),
        date: requested(delivery),
        place: if place.gln.is_absent() { place.name } else { place.gln },
    }
}
