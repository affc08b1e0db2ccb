//! The fields of a case as a person sees them: label, value, where it came from, how sure, and whether something is wrong with it.
//!
//! One list for the web page and the command line.

use crate::deciding::Matched;
use crate::model::{DraftLine, DraftOrder, DraftParty, Field, Finding, Origin, Reading, Severity, Span};
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt::Display;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldState {
    Ok,
    /// The document does not say, and nothing needs it.
    Missing,
    /// A finding asks about it.
    Ask,
    /// A finding blocks on it.
    Block,
}

/// One field of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldView {
    /// What a `Correction` names.
    pub pointer: String,
    pub label: String,
    /// Canonical, as a correction would be written; empty where nothing was found.
    pub value: String,
    /// As printed.
    pub raw: String,
    /// Percent, where there is a value.
    pub confidence: Option<u8>,
    pub spans: Vec<Span>,
    /// Where the value came from, in words.
    pub origin: String,
    pub state: FieldState,
    pub editable: bool,
    /// Values to choose from, likeliest first.
    pub candidates: Vec<String>,
}

/// The fields of an order, header first, then the parties, then line by line.
pub fn fields(order: &DraftOrder, matched: &Matched) -> Vec<FieldView> {
    let mut views = Views { findings: &matched.findings, list: Vec::new() };
    views.choice("/orders/0/customer", "Customer", matched.customer.as_ref(), strings(&matched.customer_candidates));
    views.choice("/orders/0/ship_to_code", "Ship-to code", matched.ship_to_code.as_ref(), matched.ship_to_candidates.clone());
    views.reading("/orders/0/po_number", "PO number", &order.po_number);
    views.reading("/orders/0/revision", "Revision", &order.revision);
    views.reading("/orders/0/release_number", "Release", &order.release_number);
    views.reading("/orders/0/po_date", "Order date", &order.po_date);
    views.reading("/orders/0/currency", "Currency", &order.currency);
    views.reading("/orders/0/requested_delivery_date", "Requested date", &order.requested_delivery_date);
    views.reading("/orders/0/payment_terms", "Payment terms", &order.payment_terms);
    views.reading("/orders/0/incoterm", "Delivery terms", &order.incoterm);
    for (name, label, party) in [
        ("buyer", "Buyer", &order.buyer),
        ("ship_to", "Ship to", &order.ship_to),
        ("bill_to", "Bill to", &order.bill_to),
        ("seller", "Seller", &order.seller),
    ] {
        views.party(name, label, party);
    }
    for (index, line) in order.lines.iter().enumerate() {
        views.line(index, line, matched);
    }
    views.number("/orders/0/subtotal", "Subtotal", &order.subtotal);
    views.number("/orders/0/discount", "Discount", &order.discount);
    views.number("/orders/0/shipping", "Freight", &order.shipping);
    views.number("/orders/0/tax", "Tax", &order.tax);
    views.number("/orders/0/total", "Total", &order.total);
    views.list
}

fn strings(values: &[impl Display]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

struct Views<'a> {
    findings: &'a [Finding],
    list: Vec<FieldView>,
}

impl Views<'_> {
    fn reading<T: Display>(&mut self, pointer: &str, label: &str, reading: &Reading<T>) {
        self.shown(pointer, label, reading, &|value| value.to_string());
    }

    /// Decimals without trailing zeros.
    fn number(&mut self, pointer: &str, label: &str, reading: &Reading<Decimal>) {
        self.shown(pointer, label, reading, &|value| value.normalize().to_string());
    }

    fn shown<T>(&mut self, pointer: &str, label: &str, reading: &Reading<T>, show: &dyn Fn(&T) -> String) {
        let field = reading.likeliest();
        let raw = match reading {
            Reading::Unreadable { raw, .. } => raw.clone(),
            Reading::Found(_) | Reading::Several(_) | Reading::Absent => field.map(|field| field.raw.clone()).unwrap_or_default(),
        };
        let origin = match reading {
            Reading::Found(field) => in_words(&field.origin),
            Reading::Several(_) => "several readings compete".to_owned(),
            Reading::Unreadable { .. } => "printed, but not understood".to_owned(),
            Reading::Absent => "not in the document".to_owned(),
        };
        let candidates = match reading {
            Reading::Several(fields) => fields.iter().map(|field| show(&field.value)).collect(),
            Reading::Found(_) | Reading::Unreadable { .. } | Reading::Absent => Vec::new(),
        };
        self.list.push(FieldView {
            pointer: pointer.to_owned(),
            label: label.to_owned(),
            value: field.map(|field| show(&field.value)).unwrap_or_default(),
            raw,
            confidence: field.map(|field| field.confidence.as_percent()),
            spans: reading.spans().to_vec(),
            origin,
            state: self.state(pointer, field.is_none()),
            editable: true,
            candidates,
        });
    }

    /// Something chosen out of master data, beside the printed fields.
    fn choice<T: Display>(&mut self, pointer: &str, label: &str, field: Option<&Field<T>>, candidates: Vec<String>) {
        self.list.push(FieldView {
            pointer: pointer.to_owned(),
            label: label.to_owned(),
            value: field.map(|field| field.value.to_string()).unwrap_or_default(),
            raw: field.map(|field| field.raw.clone()).unwrap_or_default(),
            confidence: field.map(|field| field.confidence.as_percent()),
            spans: Vec::new(),
            origin: field.map_or("not found".to_owned(), |field| in_words(&field.origin)),
            state: self.state(pointer, field.is_none()),
            editable: true,
            candidates,
        });
    }

    fn party(&mut self, name: &str, label: &str, party: &DraftParty) {
        let parts: [(&str, &str, &Reading<String>); 11] = [
            ("name", "name", &party.name),
            ("street", "street", &party.street),
            ("postal_code", "postal code", &party.postal_code),
            ("city", "city", &party.city),
            ("region", "region", &party.region),
            ("country", "country", &party.country),
            ("vat_id", "VAT id", &party.vat_id),
            ("gln", "GLN", &party.gln),
            ("email", "e-mail", &party.email),
            ("phone", "phone", &party.phone),
            ("contact", "contact", &party.contact),
        ];
        for (field, word, reading) in parts {
            self.reading(&format!("/orders/0/{name}/{field}"), &format!("{label} {word}"), reading);
        }
    }

    fn line(&mut self, index: usize, line: &DraftLine, matched: &Matched) {
        let at = |field: &str| format!("/orders/0/lines/{index}/{field}");
        let beside = matched.lines.get(index);
        let sku = beside.and_then(|line| line.item.as_ref()).map(|item| &item.sku);
        self.choice(&at("sku"), "Article", sku, beside.map(|line| strings(&line.candidates)).unwrap_or_default());
        if beside.is_some_and(|line| line.is_charge)
            && let Some(view) = self.list.last_mut()
        {
            "a charge, no article".clone_into(&mut view.origin);
            view.state = FieldState::Ok;
        }
        self.reading(&at("line_no"), "Line", &line.line_no);
        self.reading(&at("buyer_part"), "Buyer's number", &line.buyer_part);
        self.reading(&at("supplier_part"), "Our number", &line.supplier_part);
        self.reading(&at("manufacturer_part"), "Manufacturer's number", &line.manufacturer_part);
        self.reading(&at("gtin"), "GTIN", &line.gtin);
        self.reading(&at("description"), "Description", &line.description);
        self.number(&at("quantity"), "Quantity", &line.quantity);
        self.reading(&at("uom"), "Unit", &line.uom);
        self.number(&at("unit_price"), "Unit price", &line.unit_price);
        self.number(&at("price_basis"), "Price for", &line.price_basis);
        self.number(&at("discount_percent"), "Discount %", &line.discount_percent);
        self.number(&at("line_total"), "Line total", &line.line_total);
        self.reading(&at("requested_date"), "Requested date", &line.requested_date);
    }

    /// By the heaviest finding on the field; one on a whole address shows at its code.
    fn state(&self, pointer: &str, is_missing: bool) -> FieldState {
        let is_about = |finding: &&Finding| {
            finding.field == pointer || (finding.field == "/orders/0/ship_to" && pointer == "/orders/0/ship_to_code")
        };
        match self.findings.iter().filter(is_about).map(|finding| finding.severity).max() {
            Some(Severity::Block) => FieldState::Block,
            Some(Severity::Ask) => FieldState::Ask,
            Some(Severity::Note) | None if is_missing => FieldState::Missing,
            Some(Severity::Note) | None => FieldState::Ok,
        }
    }
}

/// Where a value came from, for a person.
pub fn in_words(origin: &Origin) -> String {
    match origin {
        Origin::Document(spans) => match spans.first() {
            Some(Span::Box { page, .. }) => format!("document, page {page}"),
            Some(Span::Text { .. }) | None => "document".to_owned(),
        },
        Origin::MasterData(key) => format!("master data, {key}"),
        Origin::Computed(rule) => format!("computed: {rule}"),
        Origin::Person { who, .. } if who.is_empty() => "entered by a person".to_owned(),
        Origin::Person { who, .. } => format!("entered by {who}"),
        Origin::Default(key) => format!("default, {key}"),
        Origin::Learned { who, case } => format!("confirmed by {who} in {case}"),
    }
}
