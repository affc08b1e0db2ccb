//! Two readings of one document become one: agreement raises confidence, disagreement asks a person.
//!
//! The first reading is the one that no text can talk to (exact formats, layout); it decides which orders and lines there are. The
//! second may confirm it, contradict it, or fill what it lacks, and can never take a finding away.

mod pairing;

use crate::model::ids::comparable_number;
use crate::model::part::lookup_key;
use crate::model::{
    Code, Confidence, Currency, DocumentKind, Draft, DraftLine, DraftOrder, DraftParty, Field, Finding, Method, Origin, Reading,
    Severity, Side, Span, Unit,
};
use rust_decimal::Decimal;

use pairing::{pair, spans_of};

/// One draft of two. Run the checks on it afterwards: they are not run here.
pub fn reconcile(first: Draft, second: Draft) -> Draft {
    let mut merge = Merge { readers: [first.method, second.method], findings: Vec::new() };
    let [one, other] = merge.readers.map(Method::reader);
    // Before the merge: a value that only the second reading has settles no doubt about itself.
    let seen_first = first.orders.clone();
    let mut draft = Draft { findings: Vec::new(), orders: Vec::new(), ..first };
    if draft.language.is_none() {
        draft.language = second.language;
    }
    if first.kind != second.kind {
        let (kind, other_kind) = (words(first.kind), words(second.kind));
        let message = format!("The {one} takes the document for: {kind}; the {other} for: {other_kind}.");
        let sides = [merge.side(0, &kind, &kind, &[]), merge.side(1, &other_kind, &other_kind, &[])];
        merge.findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, "", message).beside(sides));
    }
    let undecided = first.kind == DocumentKind::Other && second.kind.concerns_an_order();
    if first.orders.is_empty() && (first.kind == second.kind || undecided) {
        // Nothing to compare with: the second reading stands alone, for a person to see where the kinds differ.
        draft.kind = second.kind;
        draft.orders = second.orders;
        if !draft.orders.is_empty() {
            draft.method = second.method;
        }
    } else {
        draft.orders = merge.orders(first.orders, second.orders);
    }
    let kept = first.findings.into_iter().filter(|finding| !is_settled(finding, &draft.orders));
    draft.findings.extend(kept);
    for finding in second.findings.into_iter().map(|finding| eased(finding, &seen_first)).chain(merge.findings) {
        if !draft
            .findings
            .iter()
            .any(|known| known.code == finding.code && known.field == finding.field && known.message == finding.message)
        {
            draft.findings.push(finding);
        }
    }
    draft
}

/// "Nothing was found" is no longer so where the other reading found it.
fn is_settled(finding: &Finding, orders: &[DraftOrder]) -> bool {
    let missing = matches!(
        finding.code,
        Code::MissingPoNumber
            | Code::MissingLines
            | Code::MissingQuantity
            | Code::MissingPrice
            | Code::MissingItem
            | Code::MissingShipTo
            | Code::MissingCurrency
            | Code::MissingTotal
            | Code::UnreadableField
    );
    if finding.code == Code::MissingLines && finding.field.is_empty() {
        return !orders.is_empty();
    }
    missing && is_found(&finding.field, orders)
}

/// A claim that was dropped matters less where the first reading found the value itself.
fn eased(finding: Finding, orders: &[DraftOrder]) -> Finding {
    if finding.code == Code::NotGrounded && !finding.field.contains("/lines/") && is_found(&finding.field, orders) {
        return Finding { severity: Severity::Note, ..finding };
    }
    finding
}

/// Whether the pointer leads to a value that was found.
fn is_found(pointer: &str, orders: &[DraftOrder]) -> bool {
    let mut steps = pointer.trim_start_matches('/').split('/');
    let order = match (steps.next(), steps.next().and_then(|index| index.parse::<usize>().ok())) {
        (Some("orders"), Some(index)) => orders.get(index),
        _ => None,
    };
    let Some(order) = order else { return false };
    let rest: Vec<&str> = steps.collect();
    match rest.as_slice() {
        ["lines"] => !order.lines.is_empty(),
        ["lines", index, field @ ..] => index
            .parse::<usize>()
            .ok()
            .and_then(|index| order.lines.get(index))
            .is_some_and(|line| line_has(line, field.first().copied())),
        ["po_number"] => order.po_number.found().is_some(),
        ["po_date"] => order.po_date.found().is_some(),
        ["currency"] => order.currency.found().is_some(),
        ["requested_delivery_date"] => order.requested_delivery_date.found().is_some(),
        ["payment_terms"] => order.payment_terms.found().is_some(),
        ["subtotal"] => order.subtotal.found().is_some(),
        ["total"] => order.total.found().is_some(),
        ["tax"] => order.tax.found().is_some(),
        ["shipping"] => order.shipping.found().is_some(),
        ["ship_to", ..] => !order.ship_to.is_absent(),
        ["buyer", ..] => !order.buyer.is_absent(),
        _ => false,
    }
}

fn line_has(line: &DraftLine, field: Option<&str>) -> bool {
    match field {
        Some("quantity") => line.quantity.found().is_some(),
        Some("unit_price") => line.unit_price.found().is_some(),
        Some("line_total") => line.line_total.found().is_some(),
        Some("requested_date") => line.requested_date.found().is_some(),
        None => [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin, &line.description]
            .iter()
            .any(|r| r.found().is_some()),
        Some(_) => false,
    }
}

struct Merge {
    /// Who read first and second.
    readers: [Method; 2],
    findings: Vec<Finding>,
}

/// How much a difference weighs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// An order depends on it.
    Key,
    /// Good to know; the first reading stands.
    Minor,
}

impl Merge {
    /// What the first (0) or second (1) reader says.
    fn side(&self, which: usize, value: &str, raw: &str, spans: &[Span]) -> Side {
        Side { reader: self.readers[which], value: value.to_owned(), raw: raw.to_owned(), spans: spans.to_vec() }
    }

    fn orders(&mut self, first: Vec<DraftOrder>, second: Vec<DraftOrder>) -> Vec<DraftOrder> {
        if first.len() != second.len() && !second.is_empty() {
            let [one, other] = self.readers.map(Method::reader);
            let message = format!("The {one} finds {} orders in the document, the {other} {}.", first.len(), second.len());
            let [count, other_count] = [first.len(), second.len()].map(|count| format!("{count} orders"));
            let sides = [self.side(0, &count, &count, &[]), self.side(1, &other_count, &other_count, &[])];
            self.findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, "", message).beside(sides));
        }
        let mut others = second;
        let merged = first.into_iter().enumerate().map(|(index, order)| {
            let same_number = others.iter().position(|other| numbers_agree(&order, other));
            match same_number.or((!others.is_empty()).then_some(0)) {
                Some(position) => self.order(&format!("/orders/{index}"), order, others.remove(position)),
                None => order,
            }
        });
        merged.collect()
    }

    fn order(&mut self, at: &str, first: DraftOrder, second: DraftOrder) -> DraftOrder {
        use Weight::{Key, Minor};
        DraftOrder {
            po_number: self.text(&format!("{at}/po_number"), first.po_number, second.po_number, Key, |a, b| {
                comparable_number(a) == comparable_number(b)
            }),
            revision: self.text(&format!("{at}/revision"), first.revision, second.revision, Key, same_words),
            release_number: self.text(
                &format!("{at}/release_number"),
                first.release_number,
                second.release_number,
                Key,
                same_words,
            ),
            po_date: self.value(&format!("{at}/po_date"), first.po_date, second.po_date, Key),
            currency: self.field(
                &format!("{at}/currency"),
                first.currency,
                second.currency,
                Key,
                |a: &Currency, b| a == b,
                |c| c.to_string(),
            ),
            requested_delivery_date: self.value(
                &format!("{at}/requested_delivery_date"),
                first.requested_delivery_date,
                second.requested_delivery_date,
                Key,
            ),
            payment_terms: self.text(
                &format!("{at}/payment_terms"),
                first.payment_terms,
                second.payment_terms,
                Minor,
                one_in_the_other,
            ),
            incoterm: self.text(&format!("{at}/incoterm"), first.incoterm, second.incoterm, Minor, one_in_the_other),
            buyer: self.party(&format!("{at}/buyer"), first.buyer, second.buyer, Key),
            seller: self.party(&format!("{at}/seller"), first.seller, second.seller, Minor),
            ship_to: self.party(&format!("{at}/ship_to"), first.ship_to, second.ship_to, Key),
            bill_to: self.party(&format!("{at}/bill_to"), first.bill_to, second.bill_to, Minor),
            lines: self.lines(at, first.lines, second.lines),
            subtotal: self.value(&format!("{at}/subtotal"), first.subtotal, second.subtotal, Key),
            discount: self.value(&format!("{at}/discount"), first.discount, second.discount, Key),
            shipping: self.value(&format!("{at}/shipping"), first.shipping, second.shipping, Key),
            tax: self.value(&format!("{at}/tax"), first.tax, second.tax, Key),
            total: self.value(&format!("{at}/total"), first.total, second.total, Key),
            charges: if first.charges.is_empty() { second.charges } else { first.charges },
        }
    }

    /// An address is one thing: parts of two different ones are never mixed.
    fn party(&mut self, at: &str, first: DraftParty, second: DraftParty, weight: Weight) -> DraftParty {
        if first.is_absent() {
            return grounded_party(second);
        }
        if second.is_absent() {
            return first;
        }
        let mut text = |name: &str, a, b, weight| self.text(&format!("{at}/{name}"), a, b, weight, one_in_the_other);
        DraftParty {
            name: text("name", first.name, second.name, weight),
            street: text("street", first.street, second.street, weight),
            city: text("city", first.city, second.city, weight),
            region: text("region", first.region, second.region, Weight::Minor),
            postal_code: text("postal_code", first.postal_code, second.postal_code, weight),
            country: text("country", first.country, second.country, weight),
            vat_id: text("vat_id", first.vat_id, second.vat_id, Weight::Minor),
            gln: text("gln", first.gln, second.gln, Weight::Minor),
            email: text("email", first.email, second.email, Weight::Minor),
            phone: text("phone", first.phone, second.phone, Weight::Minor),
            contact: text("contact", first.contact, second.contact, Weight::Minor),
        }
    }

    fn lines(&mut self, at: &str, first: Vec<DraftLine>, second: Vec<DraftLine>) -> Vec<DraftLine> {
        if first.is_empty() {
            return second;
        }
        if second.is_empty() {
            return first;
        }
        let mut others: Vec<Option<DraftLine>> = second.into_iter().map(Some).collect();
        let partners: Vec<Option<usize>> = pair(&first, &others);
        let mut merged = Vec::new();
        for (index, line) in first.into_iter().enumerate() {
            let at = format!("{at}/lines/{index}");
            match partners.get(index).copied().flatten().and_then(|partner| others.get_mut(partner)?.take()) {
                Some(other) => merged.push(self.line(&at, line, other)),
                None => {
                    let [one, other] = self.readers.map(Method::reader);
                    let seen = summary(&line);
                    let message = format!("The {one} sees this line ({seen}), the {other} does not.");
                    let sides = [self.side(0, &seen, &seen, &spans_of(&line)), self.side(1, "", "", &[])];
                    self.findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, at, message).beside(sides));
                    merged.push(line);
                }
            }
        }
        for missed in others.into_iter().flatten() {
            let [one, other] = self.readers.map(Method::reader);
            let seen = summary(&missed);
            let message = format!("The {other} sees a line more than the {one}: {seen}.");
            let sides = [self.side(0, "", "", &[]), self.side(1, &seen, &seen, &spans_of(&missed))];
            self.findings.push(Finding::new(Code::LinesIncomplete, Severity::Ask, format!("{at}/lines"), message).beside(sides));
        }
        merged
    }

    fn line(&mut self, at: &str, first: DraftLine, second: DraftLine) -> DraftLine {
        use Weight::{Key, Minor};
        let part = |a: &str, b: &str| lookup_key(a) == lookup_key(b);
        DraftLine {
            line_no: self.text(&format!("{at}/line_no"), first.line_no, second.line_no, Minor, same_words),
            buyer_part: self.text(&format!("{at}/buyer_part"), first.buyer_part, second.buyer_part, Key, part),
            supplier_part: self.text(&format!("{at}/supplier_part"), first.supplier_part, second.supplier_part, Key, part),
            manufacturer_part: self.text(
                &format!("{at}/manufacturer_part"),
                first.manufacturer_part,
                second.manufacturer_part,
                Key,
                part,
            ),
            gtin: self.text(&format!("{at}/gtin"), first.gtin, second.gtin, Key, part),
            description: self.text(&format!("{at}/description"), first.description, second.description, Minor, one_in_the_other),
            quantity: self.value(&format!("{at}/quantity"), first.quantity, second.quantity, Key),
            uom: self.text(&format!("{at}/uom"), first.uom, second.uom, Key, |a, b| {
                same_words(a, b) || Unit::parse(a).is_some() && Unit::parse(a) == Unit::parse(b)
            }),
            unit_price: self.value(&format!("{at}/unit_price"), first.unit_price, second.unit_price, Key),
            // No basis printed means one.
            price_basis: self.value(&format!("{at}/price_basis"), first.price_basis, without_one(second.price_basis), Key),
            discount_percent: self.value(&format!("{at}/discount_percent"), first.discount_percent, second.discount_percent, Key),
            line_total: self.value(&format!("{at}/line_total"), first.line_total, second.line_total, Key),
            requested_date: self.value(&format!("{at}/requested_date"), first.requested_date, second.requested_date, Key),
            pack_size: self.value(&format!("{at}/pack_size"), first.pack_size, second.pack_size, Minor),
            charges: if first.charges.is_empty() { second.charges } else { first.charges },
            deliveries: if first.deliveries.is_empty() { second.deliveries } else { first.deliveries },
        }
    }

    fn text(
        &mut self,
        at: &str,
        first: Reading<String>,
        second: Reading<String>,
        weight: Weight,
        same: impl Fn(&str, &str) -> bool,
    ) -> Reading<String> {
        self.field(at, first, second, weight, |a: &String, b: &String| same(a, b), Clone::clone)
    }

    fn value<T: PartialEq + ToString>(&mut self, at: &str, first: Reading<T>, second: Reading<T>, weight: Weight) -> Reading<T> {
        self.field(at, first, second, weight, |a, b| a == b, ToString::to_string)
    }

    fn field<T>(
        &mut self,
        at: &str,
        first: Reading<T>,
        second: Reading<T>,
        weight: Weight,
        same: impl Fn(&T, &T) -> bool,
        show: impl Fn(&T) -> String,
    ) -> Reading<T> {
        match (first, second) {
            (Reading::Found(a), Reading::Found(b)) if same(&a.value, &b.value) => Reading::Found(agreed(a, &b)),
            (Reading::Found(a), Reading::Found(b)) => {
                let [one, other] = self.readers.map(Method::reader);
                let message = format!("The {one} reads {}, the {other} {}.", show(&a.value), show(&b.value));
                let severity = if weight == Weight::Key { Severity::Ask } else { Severity::Note };
                let sides = [(0, &a), (1, &b)]
                    .map(|(which, field)| self.side(which, &show(&field.value), &field.raw, field.origin.spans()));
                self.findings.push(Finding::new(Code::ReadersDisagree, severity, at, message).beside(sides));
                if weight == Weight::Key { Reading::Several(vec![a, b]) } else { Reading::Found(a) }
            }
            // Choosing among several readings is a person's; the one that both have comes first.
            (Reading::Several(mut several), Reading::Found(b)) => {
                several.sort_by_key(|field| !same(&field.value, &b.value));
                Reading::Several(several)
            }
            (Reading::Absent | Reading::Unreadable { .. }, Reading::Found(b)) if is_grounded(&b) => Reading::Found(b),
            (first, _) => first,
        }
    }
}

/// The same value from two readings that work in different ways: the chance that both are wrong is the product.
fn agreed<T>(first: Field<T>, second: &Field<T>) -> Field<T> {
    let doubt = u32::from(100 - first.confidence.as_percent()) * u32::from(100 - second.confidence.as_percent()) / 100;
    let both = u8::try_from(100 - doubt).unwrap_or(100).min(99);
    Field { confidence: first.confidence.max(Confidence::percent(both)), ..first }
}

fn is_grounded<T>(field: &Field<T>) -> bool {
    matches!(field.origin, Origin::Document(_))
}

/// Only what the document prints may fill a gap.
fn grounded_party(party: DraftParty) -> DraftParty {
    let keep = |reading: Reading<String>| if reading.found().is_some_and(is_grounded) { reading } else { Reading::Absent };
    DraftParty {
        name: keep(party.name),
        street: keep(party.street),
        city: keep(party.city),
        region: keep(party.region),
        postal_code: keep(party.postal_code),
        country: keep(party.country),
        vat_id: keep(party.vat_id),
        gln: keep(party.gln),
        email: keep(party.email),
        phone: keep(party.phone),
        contact: keep(party.contact),
    }
}

fn without_one(basis: Reading<Decimal>) -> Reading<Decimal> {
    if basis.value() == Some(&Decimal::ONE) { Reading::Absent } else { basis }
}

fn numbers_agree(a: &DraftOrder, b: &DraftOrder) -> bool {
    match (a.po_number.value(), b.po_number.value()) {
        (Some(a), Some(b)) => comparable_number(a) == comparable_number(b),
        _ => false,
    }
}

fn summary(line: &DraftLine) -> String {
    let texts = [&line.line_no, &line.supplier_part, &line.buyer_part, &line.description];
    let named = texts.iter().filter_map(|reading| reading.value()).cloned();
    let quantity = line.quantity.value().map(ToString::to_string);
    let all: Vec<String> = named.chain(quantity).collect();
    all.join(" ").chars().take(120).collect()
}

fn same_words(a: &str, b: &str) -> bool {
    lookup_key(a) == lookup_key(b)
}

fn one_in_the_other(a: &str, b: &str) -> bool {
    let (a, b) = (lookup_key(a), lookup_key(b));
    !a.is_empty() && !b.is_empty() && (a.contains(&b) || b.contains(&a))
}

fn words(kind: DocumentKind) -> String {
    kind.as_str().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Method;
    use crate::reading::extraction::ground::ground_text;
    use rust_decimal::dec;

    fn found<T>(value: T, raw: &str, start: usize, percent: u8) -> Reading<T> {
        Reading::Found(Field::new(value, raw, Confidence::percent(percent), ground_text(start, start + raw.len())))
    }

    fn text(value: &str, start: usize) -> Reading<String> {
        found(value.to_owned(), value, start, 80)
    }

    fn draft(order: DraftOrder) -> Draft {
        Draft {
            kind: DocumentKind::PurchaseOrder,
            language: None,
            method: Method::Layout,
            orders: vec![order],
            findings: Vec::new(),
        }
    }

    fn order() -> DraftOrder {
        let line = |row: usize, quantity: Decimal| DraftLine {
            quantity: found(quantity, "q", 100 * row, 80),
            supplier_part: text("AB-1", 100 * row + 10),
            unit_price: found(dec!(2.5), "2.50", 100 * row + 20, 80),
            ..DraftLine::default()
        };
        DraftOrder {
            po_number: text("PO-1", 0),
            lines: vec![line(1, dec!(5)), line(2, dec!(6))],
            total: found(dec!(27.5), "27.50", 900, 80),
            ..DraftOrder::default()
        }
    }

    #[test]
    fn agreement_raises_confidence_and_asks_nobody() {
        let both = reconcile(draft(order()), draft(order()));
        assert_eq!(both.findings, []);
        assert_eq!(both.orders[0].po_number.found().expect("found").confidence, Confidence::percent(96));
        assert_eq!(both.orders[0].lines.len(), 2);
    }

    #[test]
    fn a_difference_competes_and_asks() {
        let mut second = order();
        second.po_number = text("FREE-1", 50);
        second.lines[0].quantity = found(dec!(50), "50", 100, 80);
        let both = reconcile(draft(order()), Draft { method: Method::Llm, ..draft(second) });
        assert!(matches!(&both.orders[0].po_number, Reading::Several(fields) if fields[0].value == "PO-1" && fields.len() == 2));
        assert!(matches!(&both.orders[0].lines[0].quantity, Reading::Several(_)));
        let asked: Vec<&str> = both
            .findings
            .iter()
            .filter(|f| f.code == Code::ReadersDisagree && f.severity == Severity::Ask)
            .map(|f| f.field.as_str())
            .collect();
        assert_eq!(asked, ["/orders/0/po_number", "/orders/0/lines/0/quantity"]);
        let number = both.findings.iter().find(|finding| finding.field == "/orders/0/po_number").expect("asked");
        assert_eq!(number.message, "The layout reader reads PO-1, the language model FREE-1.");
        let sides: Vec<(Method, &str, usize)> =
            number.sides.iter().map(|side| (side.reader, side.value.as_str(), side.spans.len())).collect();
        assert_eq!(sides, [(Method::Layout, "PO-1", 1), (Method::Llm, "FREE-1", 1)]);
        assert_eq!(number.spans.len(), 2, "both places can be shown");
    }

    #[test]
    fn gaps_are_filled_only_from_the_document() {
        let mut first = order();
        first.total = Reading::Absent;
        first.po_number = Reading::Absent;
        let mut second = order();
        second.po_number = Reading::Found(Field::computed("PO-9".into(), "invented"));
        let mut started = draft(first);
        started.findings = vec![
            Finding::new(Code::MissingTotal, Severity::Note, "/orders/0/total", ""),
            Finding::new(Code::MissingPoNumber, Severity::Ask, "/orders/0/po_number", ""),
            Finding::new(Code::TotalMismatch, Severity::Ask, "/orders/0/total", ""),
        ];
        let both = reconcile(started, draft(second));
        assert_eq!(both.orders[0].total.value(), Some(&dec!(27.5)));
        assert!(both.orders[0].po_number.is_absent());
        let left: Vec<Code> = both.findings.iter().map(|f| f.code).collect();
        assert_eq!(left, [Code::MissingPoNumber, Code::TotalMismatch], "only what was settled goes");
    }

    #[test]
    fn lines_that_one_reading_misses_or_invents_ask() {
        let mut fewer = order();
        fewer.lines.remove(0);
        let both = reconcile(draft(order()), draft(fewer.clone()));
        assert_eq!(both.orders[0].lines.len(), 2);
        assert!(
            both.findings
                .iter()
                .any(|f| f.code == Code::ReadersDisagree && f.field == "/orders/0/lines/0" && f.severity == Severity::Ask)
        );
        let both = reconcile(draft(fewer), draft(order()));
        assert_eq!(both.orders[0].lines.len(), 1, "the second reading adds no line on its own");
        assert!(both.findings.iter().any(|f| f.code == Code::LinesIncomplete && f.severity == Severity::Ask));
    }

    #[test]
    fn the_kind_is_the_first_readings_unless_it_knows_none() {
        let invoice = Draft::not_an_order(DocumentKind::Invoice, Vec::new());
        let both = reconcile(invoice, draft(order()));
        assert_eq!((both.kind, both.orders.len()), (DocumentKind::Invoice, 0));
        assert!(both.findings.iter().any(|f| f.code == Code::ReadersDisagree && f.severity == Severity::Ask));
        let other = Draft::not_an_order(DocumentKind::Other, Vec::new());
        let both = reconcile(other, draft(order()));
        assert_eq!((both.kind, both.orders.len()), (DocumentKind::PurchaseOrder, 1));
        assert!(both.findings.iter().any(|f| f.code == Code::ReadersDisagree && f.severity == Severity::Ask));
    }
}
