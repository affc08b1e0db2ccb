//! Learned templates: after a person has approved one order of a sender, the next document of the same layout is read by the places and
//! columns that were confirmed. Pure: who may teach, and where templates are kept, is decided elsewhere.
//!
//! Nothing of the old document is carried over but how it is laid out, and what a person said that no document prints. Each value is
//! found in the document at hand, every word of the table must have its place, and the checks of ordinary reading follow. Where any of
//! it does not hold, the ordinary reading stands. Scans are not learned: their words are guesses.

mod block;
mod columns;
mod compare;
mod currency;
mod fields;
mod fitting;
mod lines;
mod map;
mod places;
mod printed;
mod rows;
mod skeleton;
mod words;

pub use skeleton::Likeness;

use super::contract::needs_review;
use super::layout::{figure, labels::Label, parties::is_us};
use super::numbers::{Decimals, Printed};
use super::{checks, is_about_the_document};
use crate::model::{
    Code, Confidence, DocumentKind, Draft, DraftOrder, DraftParty, Field, Finding, Method, Origin, Reading, Severity,
};
use crate::reading::ReadingContext;
use crate::reading::document::{Document, SourceKind};
use currency::CurrencyRule;
use fields::HeaderField;
use jiff::Timestamp;
use jiff::civil::Date;
use map::{Role, TableMap};
use places::Place;
use printed::Custom;
use rows::{Rows, Run};
use serde::{Deserialize, Serialize};
use skeleton::Skeleton;

/// How sure a confirmed place makes us, before arithmetic says more.
const CONFIRMED: Confidence = Confidence::percent(90);

/// Who confirmed what a template rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// The case's number.
    pub case: String,
    pub who: String,
    pub at: Timestamp,
}

/// How documents of one layout are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    pub lesson: Lesson,
    /// What the document is, and what ordinary reading takes it for.
    pub kind: DocumentKind,
    taken_for: DocumentKind,
    /// What ordinary reading found odd about the taught document as a whole, and the person did not mind.
    accepted: Vec<Code>,
    /// Fields that ordinary reading got wrong or not at all.
    pub corrected: Vec<String>,
    /// It was wrong and did not ask: on its own it is not believed for this layout again.
    misled: bool,
    skeleton: Skeleton,
    custom: Custom,
    fields: Vec<HeaderField>,
    currency: CurrencyRule,
    /// Ordinary reading found us as the seller; where it did not, what it finds instead means nothing.
    seller_was_us: bool,
    /// Our name stands on the document, and must again: the same form may be sent to another supplier.
    names_us: bool,
    ship_to: ShipToRule,
    buyer: BuyerRule,
    table: TableMap,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShipToRule {
    /// None is printed and none was given: the customer's own.
    Absent,
    Printed(block::Block),
    /// A person gave it.
    Constant(Box<DraftParty>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BuyerRule {
    /// Ordinary reading got it right, or nobody minded.
    AsRead,
    Printed(block::Block),
    /// Only the name, which must stand there again.
    Named {
        name: String,
        places: Vec<Place>,
    },
}

/// Learns from an approved order. `first` is the ordinary reading of the same document. The error says in a sentence what is in the way.
pub fn learn(
    document: &Document,
    approved: &DraftOrder,
    kind: DocumentKind,
    first: &Draft,
    lesson: Lesson,
    context: &ReadingContext,
) -> Result<Template, String> {
    can_be_learned(document)?;
    let received = context.received;
    let rows = Rows::of(document);
    let columns::Learned { map, body, values } = columns::learn(&rows, &approved.lines, received)?;
    let (fields, mut taken) = fields::learn(&rows, &body, approved, received)?;
    let (ship_to, of_ship_to) = ship_to_of(&rows, &body, approved)?;
    let read = first.orders.first().cloned().unwrap_or_default();
    let (buyer, of_buyer) = buyer_of(&rows, &body, &approved.buyer, &read.buyer);
    let custom = custom_of(&rows, approved, &values, received)?;
    let mut runs: Vec<Run> = taken.drain(..).map(|(_, run)| run).collect();
    runs.extend(of_ship_to.into_iter().chain(of_buyer));
    let corrected = compare::differences(&read, approved);
    let template = Template {
        kind,
        taken_for: first.kind,
        accepted: first.findings.iter().filter(|f| is_about_the_whole(f)).map(|f| f.code).collect(),
        misled: !corrected.is_empty() && !asks(first, kind),
        corrected,
        skeleton: Skeleton::of(&rows, &body, &runs).ok_or("the document has too few fixed words to be known again")?,
        custom,
        fields,
        currency: currency::learn(&rows, &body, approved.currency.value().copied()),
        seller_was_us: is_us(&read.seller, &context.company),
        names_us: names_us(&rows, context),
        ship_to,
        buyer,
        table: map,
        lesson,
    };
    proved_on(&template, document, approved, first, context)?;
    Ok(template)
}

/// A template that cannot read its own document again is none.
fn proved_on(
    template: &Template,
    document: &Document,
    approved: &DraftOrder,
    first: &Draft,
    context: &ReadingContext,
) -> Result<(), String> {
    let again = template.apply(document, first, context).map_err(|why| format!("read again by it, {why}"))?;
    let read = again.orders.first().cloned().unwrap_or_default();
    let wrong = compare::differences(&read, approved);
    if !wrong.is_empty() {
        return Err(format!("read again by it, the document says something else about {}", wrong.join(", ")));
    }
    let lasting = |finding: &&Finding| finding.severity >= Severity::Ask && !is_about_the_document(finding.code);
    again.findings.iter().find(lasting).map_or(Ok(()), |finding| Err(format!("read again by it: {}", finding.message)))
}

fn can_be_learned(document: &Document) -> Result<(), String> {
    match document.kind {
        SourceKind::Pdf | SourceKind::Sheet | SourceKind::Word | SourceKind::Html | SourceKind::Text => {}
        SourceKind::Image => return Err("pictures are not learned".to_owned()),
        SourceKind::Xml | SourceKind::Edi => return Err("structured data needs no template".to_owned()),
        SourceKind::Unknown => return Err("the document could not be read".to_owned()),
    }
    if document.pages.iter().flat_map(|page| &page.words).any(|word| word.ocr_confidence.is_some()) {
        return Err("the text was recognised in an image".to_owned());
    }
    Ok(())
}

fn ship_to_of(rows: &Rows<'_>, body: &places::Body, approved: &DraftOrder) -> Result<(ShipToRule, Vec<Run>), String> {
    let party = &approved.ship_to;
    if party.is_absent() {
        return Ok((ShipToRule::Absent, Vec::new()));
    }
    if let Some((block, runs)) = block::learn(rows, body, party, Label::ShipTo) {
        return Ok((ShipToRule::Printed(block), runs));
    }
    let is_given = |reading: &Reading<String>| reading.found().is_none_or(|field| matches!(field.origin, Origin::Person { .. }));
    let parts = [&party.name, &party.street, &party.city, &party.postal_code, &party.country, &party.gln];
    let is_printed = |code: &String| !printed::text(rows, 0..rows.list.len(), code).is_empty();
    if parts.into_iter().all(is_given) && !party.postal_code.value().is_some_and(is_printed) {
        return Ok((ShipToRule::Constant(Box::new(party.clone())), Vec::new()));
    }
    Err("the delivery address is not printed as it was confirmed".to_owned())
}

fn buyer_of(rows: &Rows<'_>, body: &places::Body, approved: &DraftParty, read: &DraftParty) -> (BuyerRule, Vec<Run>) {
    let same = |a: &Reading<String>, b: &Reading<String>| a.value() == b.value();
    if same(&approved.name, &read.name) && same(&approved.postal_code, &read.postal_code) {
        return (BuyerRule::AsRead, Vec::new());
    }
    if let Some((block, runs)) = block::learn(rows, body, approved, Label::Buyer) {
        return (BuyerRule::Printed(block), runs);
    }
    let Some(name) = approved.name.value() else { return (BuyerRule::AsRead, Vec::new()) };
    let hits = printed::text(rows, 0..rows.list.len(), name);
    let places = places::learn(rows, body, &hits, Some(Label::Buyer));
    // The name is not a value here: it is what a layout is known by.
    (if places.is_empty() { BuyerRule::AsRead } else { BuyerRule::Named { name: name.clone(), places } }, Vec::new())
}

/// How figures and dates are written: each confirmed value that can be read in two ways says which is right.
fn custom_of(
    rows: &Rows<'_>,
    approved: &DraftOrder,
    values: &[(Role, usize, Run)],
    received: Option<Date>,
) -> Result<Custom, String> {
    let mut decimals: Vec<Decimals> = Vec::new();
    let mut orders = Vec::new();
    for (role, line, run) in values {
        let line = &approved.lines[*line];
        let text = rows.text(*run);
        let value = match role {
            Role::Quantity => line.quantity.value(),
            Role::Price => line.unit_price.value(),
            Role::Amount => line.line_total.value(),
            Role::Discount => line.discount_percent.value(),
            Role::Basis => line.price_basis.value(),
            Role::Date => {
                let printed = printed::whole_date(&text, received);
                let said = line.requested_date.value().copied();
                orders.extend(
                    printed.into_iter().flat_map(|p| p.readings).filter(|(date, _)| Some(*date) == said).filter_map(|(_, o)| o),
                );
                None
            }
            Role::LineNo
            | Role::BuyerPart
            | Role::SupplierPart
            | Role::ManufacturerPart
            | Role::Gtin
            | Role::Description
            | Role::Unit => None,
        };
        if let (Some(value), Some(amount)) = (value, figure(&text)) {
            decimals.extend(sign_of(&amount.number, *value));
        }
    }
    for date in [&approved.po_date, &approved.requested_delivery_date].into_iter().filter_map(Reading::value) {
        for hit in printed::date(rows, 0..rows.list.len(), *date, received) {
            let printed = printed::whole_date(&rows.text(hit.run), received);
            orders.extend(printed.into_iter().flat_map(|p| p.readings).filter(|(found, _)| found == date).filter_map(|(_, o)| o));
        }
    }
    decimals.dedup();
    if decimals.len() > 1 {
        return Err("figures are written in two ways".to_owned());
    }
    // A four-digit year in front reads the same for everybody.
    orders.retain(|order| *order != super::dates::DayOrder::YearMonthDay);
    orders.dedup();
    Ok(Custom { decimals: decimals.first().copied(), day_order: orders.first().copied().filter(|_| orders.len() == 1) })
}

/// The decimal sign that makes a printed number the confirmed one; none where either does.
fn sign_of(number: &Printed, value: rust_decimal::Decimal) -> Option<Decimals> {
    match (number.point == Some(value), number.comma == Some(value)) {
        (true, false) => Some(Decimals::Point),
        (false, true) => Some(Decimals::Comma),
        (true, true) | (false, false) => None,
    }
}

/// Whether two readings of one order say different things that matter.
pub fn differ(one: &Draft, other: &Draft) -> bool {
    match (one.orders.first(), other.orders.first()) {
        (Some(one), Some(other)) => !compare::differences(one, other).is_empty(),
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    }
}

/// Whether a reading leaves something to a person, or takes the document for something else than it is.
pub fn asks(draft: &Draft, kind: DocumentKind) -> bool {
    needs_review(draft) || draft.kind != kind || draft.orders.is_empty()
}

fn is_about_the_whole(finding: &Finding) -> bool {
    !finding.field.starts_with("/orders")
}

/// What came of trying templates on a document.
pub struct Tried {
    pub draft: Draft,
    /// Which of the templates was used, if the draft is its reading.
    pub used: Option<usize>,
}

/// The reading of a document for which templates are known, the newest first: the ordinary one where it needs nobody and no template
/// contradicts, a template's where its checks hold, else the ordinary one with what is to be said about it.
pub fn read(templates: &[Template], document: &Document, first: Draft, context: &ReadingContext) -> Tried {
    let rows = Rows::of(document);
    let mut changed: Option<(usize, String)> = None;
    for (index, template) in templates.iter().enumerate() {
        let why = match template.skeleton.likeness(&rows) {
            Likeness::Other => continue,
            Likeness::Changed => "its fixed words are others".to_owned(),
            Likeness::Same => match template.apply(document, &first, context) {
                Ok(draft) if !needs_review(&draft) => return template.weigh(index, first, draft),
                Ok(draft) => first_question(&draft),
                Err(why) => why,
            },
        };
        changed = changed.or(Some((index, why)));
    }
    let mut draft = first;
    if let Some((index, why)) = changed {
        let template = &templates[index];
        let severity = if template.misled { Severity::Ask } else { Severity::Note };
        let message = format!("The layout is not quite the one confirmed in {}: {why}.", template.lesson.case);
        draft.findings.push(Finding::new(Code::LayoutChanged, severity, "", message));
    }
    Tried { draft, used: None }
}

fn first_question(draft: &Draft) -> String {
    let asking = draft.findings.iter().find(|finding| finding.severity >= Severity::Ask);
    asking.map_or_else(String::new, |finding| finding.message.trim_end_matches('.').to_owned())
}

impl Template {
    /// How much of this layout a document shows.
    pub fn likeness(&self, document: &Document) -> Likeness {
        self.skeleton.likeness(&Rows::of(document))
    }

    /// Both readings hold. The ordinary one stands unless a person has seen it fail where the two differ.
    fn weigh(&self, index: usize, first: Draft, own: Draft) -> Tried {
        if asks(&first, self.kind) {
            return Tried { draft: own, used: Some(index) };
        }
        let (ordinary, learned) =
            (first.orders.first().cloned().unwrap_or_default(), own.orders.first().cloned().unwrap_or_default());
        let differing = compare::differences(&ordinary, &learned);
        if differing.is_empty() {
            return Tried { draft: first, used: None };
        }
        let all_lines = self.corrected.iter().any(|field| field == "lines");
        let is_known = |field: &String| self.corrected.contains(field) || (all_lines && field.starts_with("lines"));
        if differing.iter().all(is_known) {
            return Tried { draft: own, used: Some(index) };
        }
        let message = format!(
            "Read as confirmed in {}, the document says something else about {}.",
            self.lesson.case,
            differing.join(", ").replace("lines/*/", "the lines' ").replace('_', " ")
        );
        let mut draft = first;
        draft.findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, "/orders/0", message));
        Tried { draft, used: None }
    }

    /// Reads a document by this template. The error says why it is not of this layout; doubts about values are findings of the draft.
    pub fn apply(&self, document: &Document, first: &Draft, context: &ReadingContext) -> Result<Draft, String> {
        if first.kind != self.kind && first.kind != self.taken_for {
            return Err(format!("it reads like another kind of document ({})", first.kind.as_str().replace('_', " ")));
        }
        if first.orders.len() > 1 {
            return Err("it holds several orders".to_owned());
        }
        can_be_learned(document)?;
        let rows = Rows::of(document);
        if self.names_us && !names_us(&rows, context) {
            return Err("our name is not on it".to_owned());
        }
        let constant = |value: &str| self.constant(value);
        let lines::Read { lines, body, findings, ends_as_taught } =
            lines::read(&rows, &self.table, &self.custom, &constant, context.received)?;
        let read = first.orders.first().cloned().unwrap_or_default();
        let mut order = DraftOrder {
            lines,
            payment_terms: read.payment_terms.clone(),
            incoterm: read.incoterm.clone(),
            seller: if self.seller_was_us { read.seller.clone() } else { DraftParty::default() },
            bill_to: read.bill_to.clone(),
            buyer: self.buyer(&rows, &body, &read)?,
            ship_to: self.ship_to(&rows, &body)?,
            currency: currency::apply(&rows, &body, &self.currency, &constant)?.into(),
            ..DraftOrder::default()
        };
        let mut asked: Vec<Finding> =
            first.findings.iter().filter(|f| is_about_the_whole(f) && self.still_stands(f)).cloned().collect();
        asked.extend(findings);
        asked.extend(fields::apply(&rows, &body, &self.fields, &self.custom, context.received, &mut order));
        let note = format!("Read as {} confirmed it in {}.", self.lesson.who, self.lesson.case);
        asked.push(Finding::new(Code::ReadByTemplate, Severity::Note, "", note));
        let mut draft = Draft {
            kind: self.kind,
            language: first.language.clone(),
            method: Method::Template,
            orders: vec![order],
            findings: asked,
        };
        checks::check(&mut draft);
        if !ends_as_taught && !is_proved(&draft.orders[0]) {
            let message = "Where the lines end is not known, and no sum proves that they are all read.";
            draft.findings.push(Finding::new(Code::LinesIncomplete, Severity::Ask, "/orders/0/lines", message));
        }
        if self.table.heading.is_empty() && !is_proved(&draft.orders[0]) {
            let message = "The lines have no heading, and no sum proves that their columns are the confirmed ones.";
            draft.findings.push(Finding::new(Code::AmbiguousColumns, Severity::Ask, "/orders/0/lines", message));
        }
        Ok(draft)
    }

    /// What is odd about a document as a whole stays odd, however well its values are read - but for what its kind seemed to be.
    fn still_stands(&self, finding: &Finding) -> bool {
        let about_kind = matches!(finding.code, Code::NotAnOrder | Code::MissingLines | Code::SeveralOrders);
        !(about_kind && self.accepted.contains(&finding.code))
    }

    fn constant(&self, value: &str) -> Field<String> {
        let origin = Origin::Learned { who: self.lesson.who.clone(), case: self.lesson.case.clone() };
        Field::new(value.to_owned(), "", Confidence::CERTAIN, origin)
    }

    fn ship_to(&self, rows: &Rows<'_>, body: &places::Body) -> Result<DraftParty, String> {
        match &self.ship_to {
            ShipToRule::Absent => Ok(DraftParty::default()),
            ShipToRule::Printed(block) => block::apply(rows, body, block),
            ShipToRule::Constant(party) => {
                let learned = |reading: &Reading<String>| reading.value().map(|value| self.constant(value)).into();
                Ok(DraftParty {
                    name: learned(&party.name),
                    street: learned(&party.street),
                    city: learned(&party.city),
                    region: learned(&party.region),
                    postal_code: learned(&party.postal_code),
                    country: learned(&party.country),
                    gln: learned(&party.gln),
                    ..DraftParty::default()
                })
            }
        }
    }

    fn buyer(&self, rows: &Rows<'_>, body: &places::Body, read: &DraftOrder) -> Result<DraftParty, String> {
        match &self.buyer {
            BuyerRule::AsRead => Ok(read.buyer.clone()),
            BuyerRule::Printed(block) => block::apply(rows, body, block),
            BuyerRule::Named { name, places } => {
                let same = |text: &str, _: &Place| (rows::plain(text) == rows::plain(name)).then(|| name.clone());
                match places::resolve(rows, body, places, same) {
                    places::Resolved::One(name, run) => {
                        let field = rows.origin(run).map(|origin| Field::new(name, rows.text(run), CONFIRMED, origin));
                        Ok(DraftParty { name: field.into(), ..DraftParty::default() })
                    }
                    places::Resolved::Several(_) | places::Resolved::Unlike(_) | places::Resolved::Nothing => {
                        Err(format!("`{name}` does not stand where the buyer was confirmed"))
                    }
                }
            }
        }
    }
}

/// Whether one of our names is printed.
fn names_us(rows: &Rows<'_>, context: &ReadingContext) -> bool {
    let company = &context.company;
    let names: Vec<String> = std::iter::once(&company.name).chain(&company.also_known_as).map(|name| rows::plain(name)).collect();
    (0..rows.list.len()).any(|row| {
        let text = rows::plain(&rows.text(rows.whole(row)));
        names.iter().any(|name| name.len() > 3 && text.contains(name.as_str()))
    })
}

/// Whether all lines and a printed sum agree.
fn is_proved(order: &DraftOrder) -> bool {
    const SUMMED: u8 = 98;
    [&order.total, &order.subtotal].iter().any(|sum| sum.found().is_some_and(|field| field.confidence.as_percent() >= SUMMED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DraftLine;
    use crate::reading::document::{self, Limits};
    use rust_decimal::Decimal;

    /// A form of the house as plain text: a number without a label, columns under made-up words.
    fn paper(number: &str, heading: &str, rows: &[[&str; 4]], sum: &str) -> Document {
        let mut text = format!("Aldermann Werke GmbH                    {number}\nGewerbepark Nord, Stuttgart\n\n");
        text.push_str("Wir danken im Voraus\n\nNordwerk Supply GmbH\nSpeicher am Hafen\n\n");
        text.push_str(&format!("{heading}\n"));
        for [part, quantity, price, total] in rows {
            text.push_str(&format!("{part:<12}{quantity:>8}{price:>14}{total:>14}\n"));
        }
        text.push_str(&format!("\n{:<12}{:>36}\n", "Zusammen", sum));
        document::read(text.as_bytes(), "zettel.txt", &Limits::default())
    }

    const HEADING: &str = "Zeug         Wieviel      Stueck zu         Macht";
    const TAUGHT: [[&str; 4]; 3] =
        [["X-17", "12", "4,20", "50,40"], ["X-203", "7", "1.250,00", "8.750,00"], ["Y-9", "100", "0,85", "85,00"]];

    fn said<T>(value: T) -> Reading<T> {
        Reading::Found(Field::from_person(value, "", "eva", Timestamp::UNIX_EPOCH))
    }

    fn approved() -> DraftOrder {
        let number = |text: &str| said(text.replace('.', "").replace(',', ".").parse::<Decimal>().expect("a number"));
        let lines = TAUGHT.map(|[part, quantity, price, total]| DraftLine {
            buyer_part: said(part.to_owned()),
            quantity: number(quantity),
            uom: said("Stk".to_owned()),
            unit_price: number(price),
            line_total: number(total),
            ..DraftLine::default()
        });
        DraftOrder { po_number: said("K-4711".into()), total: number("8.885,40"), lines: lines.into(), ..DraftOrder::default() }
    }

    fn taught() -> Result<Template, String> {
        let document = paper("K-4711", HEADING, &TAUGHT, "8.885,40");
        let context = ReadingContext::default();
        let first = super::super::read(&document, &context);
        let lesson = Lesson { case: "R-000001".into(), who: "eva".into(), at: Timestamp::UNIX_EPOCH };
        learn(&document, &approved(), DocumentKind::PurchaseOrder, &first, lesson, &context)
    }

    fn read_as_taught(document: &Document) -> Tried {
        let context = ReadingContext::default();
        let first = super::super::read(document, &context);
        read(&[taught().expect("it can be learned")], document, first, &context)
    }

    #[test]
    fn another_paper_of_the_form_is_read_by_what_was_confirmed() {
        let document = paper("K-82", HEADING, &[["Z-1", "3", "9,00", "27,00"], ["X-17", "1.000", "4,20", "4.200,00"]], "4.227,00");
        let Tried { draft, used } = read_as_taught(&document);
        assert_eq!((used, draft.method, needs_review(&draft)), (Some(0), Method::Template, false), "{:?}", draft.findings);
        let order = &draft.orders[0];
        assert_eq!(order.po_number.value().map(String::as_str), Some("K-82"));
        assert_eq!(order.lines[1].quantity.value(), Some(&Decimal::ONE_THOUSAND));
        assert!(!order.lines[1].quantity.spans().is_empty(), "each value has its place in this document");
        let unit = order.lines[0].uom.found().expect("a unit");
        assert_eq!(unit.origin, Origin::Learned { who: "eva".into(), case: "R-000001".into() });
    }

    #[test]
    fn what_does_not_hold_is_not_taken() {
        let rows = [["Z-1", "3", "9,00", "27,00"], ["X-17", "10", "4,20", "42,00"]];
        for (document, why) in [
            (paper("K-82", "Zeug         Preis        Stueck zu         Macht", &rows, "69,00"), "heading"),
            (paper("K-82", HEADING, &rows, "70,00"), "70"),
            (paper("K-82", HEADING, &[rows[0], ["X-17", "", "4,20", "42,00"]], "69,00"), "line"),
            (paper("Entwurf", HEADING, &rows, "69,00"), "number"),
        ] {
            let Tried { draft, used } = read_as_taught(&document);
            let said: Vec<&str> =
                draft.findings.iter().filter(|f| f.code == Code::LayoutChanged).map(|f| f.message.as_str()).collect();
            assert_eq!(used, None, "{why}");
            assert!(said.len() == 1 && said[0].contains(why), "{why}: {said:?}");
        }
    }

    #[test]
    fn what_is_not_printed_is_not_learned() {
        let document = paper("K-4711", HEADING, &TAUGHT, "8.885,40");
        let context = ReadingContext::default();
        let first = super::super::read(&document, &context);
        let mut wrong = approved();
        wrong.lines[1].quantity = said(Decimal::from(77));
        let lesson = Lesson { case: "R-000001".into(), who: "eva".into(), at: Timestamp::UNIX_EPOCH };
        let error = learn(&document, &wrong, DocumentKind::PurchaseOrder, &first, lesson, &context).expect_err("77 is not printed");
        assert!(error.contains("quantity of line 2"), "{error}");
    }
}
