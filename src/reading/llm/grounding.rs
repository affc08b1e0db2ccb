//! From claims to a draft: each claimed value is looked for where its quote stands, and is dropped with a finding where it is not.
//!
//! The value that enters the draft is the document's text, never the model's. Numbers and dates are read here, under the locale that
//! the document itself proves.

use crate::model::{
    Code, Company, Confidence, Currency, DocumentKind, Draft, DraftLine, DraftOrder, DraftParty, Field, Finding, Language, Method,
    Reading, Severity,
};
use crate::reading::ReadingContext;
use crate::reading::document::Document;
use crate::reading::extraction::dates::{self, DayOrder};
use crate::reading::extraction::ground_text::{Found, Rows};
use crate::reading::extraction::numbers::{self, Decimals};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::ops::Range;

use super::claims::{Claim, Claims, LineClaim, PartyClaim};
use super::instructions;

/// Percent for a value found in its own quote.
const IN_QUOTE: u8 = 75;
/// Percent for a value without a quote that stands only once in the document, and for one of several readings.
const ALONE: u8 = 50;

/// The draft that the claims support.
pub(super) fn ground(document: &Document, context: &ReadingContext, claims: &Claims, example_values: &[String]) -> Draft {
    let rows = Rows::of(document);
    let mut grounding = Grounding {
        distrusted: instructions::distrusted(&rows),
        decimals: decimals(&rows, claims),
        day_order: day_order(&rows, context.received),
        near: context.received,
        rows: &rows,
        company: &context.company,
        example_values,
        used_rows: Vec::new(),
        findings: Vec::new(),
    };
    let order = grounding.order(claims);
    let mut findings = grounding.findings;
    findings.extend(instructions::instructions(document));
    if claims.several_orders {
        findings.push(Finding::new(
            Code::SeveralOrders,
            Severity::Ask,
            "",
            "The document seems to hold more than one order; only the first was read.",
        ));
    }
    for question in claims.questions.iter().filter(|question| !rows.find_quote(question).is_empty()).take(10) {
        let text: String = question.chars().take(200).collect();
        findings.push(Finding::new(Code::Question, Severity::Note, "", format!("The sender asks: {text}")));
    }
    let kind = claims.document_kind.read().unwrap_or(DocumentKind::Other);
    let language = claims
        .language
        .as_deref()
        .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()))
        .map(Language::new);
    let orders = if kind.concerns_an_order() { vec![order] } else { Vec::new() };
    Draft { kind, language, method: Method::Llm, orders, findings }
}

struct Grounding<'a> {
    rows: &'a Rows<'a>,
    company: &'a Company,
    example_values: &'a [String],
    /// Rows that speak to a machine, and those after them.
    distrusted: BTreeSet<usize>,
    decimals: Option<Decimals>,
    day_order: Option<DayOrder>,
    near: Option<Date>,
    /// Words of the lines so far.
    used_rows: Vec<Range<usize>>,
    findings: Vec<Finding>,
}

impl Grounding<'_> {
    fn order(&mut self, claims: &Claims) -> DraftOrder {
        let mut order = DraftOrder {
            po_number: self.header("po_number", &claims.po_number).map_or(Reading::Absent, Reading::Found),
            revision: self.header("revision", &claims.revision).map_or(Reading::Absent, Reading::Found),
            po_date: self.header_date("po_date", &claims.po_date),
            currency: self.currency(&claims.currency),
            requested_delivery_date: self.header_date("requested_delivery_date", &claims.requested_delivery_date),
            payment_terms: self.header("payment_terms", &claims.payment_terms).map_or(Reading::Absent, Reading::Found),
            incoterm: self.header("incoterm", &claims.incoterm).map_or(Reading::Absent, Reading::Found),
            buyer: self.party("buyer", &claims.buyer),
            seller: self.party("seller", &claims.seller),
            ship_to: self.party("ship_to", &claims.ship_to),
            bill_to: self.party("bill_to", &claims.bill_to),
            ..DraftOrder::default()
        };
        self.buyer_is_not_us(&mut order);
        let number = order.po_number.value().cloned();
        for claim in &claims.lines {
            let index = order.lines.len();
            order.lines.extend(self.line(index, claim, number.as_deref()));
        }
        order.subtotal = self.header_number("subtotal", &claims.subtotal);
        order.discount = self.header_number("discount", &claims.discount);
        order.shipping = self.header_number("shipping", &claims.shipping);
        order.tax = self.header_number("tax", &claims.tax);
        order.total = self.header_number("total", &claims.total);
        self.missed_rows(claims);
        order
    }

    /// The place of a header value: in its quote, or alone in the document where there is no quote.
    fn place(&mut self, field: &str, claim: &Claim, letters_only: bool) -> Option<(Found, u8)> {
        let value = claim.value.as_deref()?;
        let found = match claim.quote.as_deref() {
            Some(quote) => {
                let places = self.rows.find_quote(quote);
                let in_quote = places.into_iter().flat_map(|place| self.rows.find_value(place, value, letters_only));
                in_quote.map(|found| (found, IN_QUOTE)).find(|(found, _)| self.is_trusted(&found.words))
            }
            None => {
                let all = 0..self.rows.rows().last().map_or(0, |row| row.end);
                let mut places = self.rows.find_value(all, value, letters_only).into_iter();
                let first = places.next().filter(|found| self.is_trusted(&found.words));
                first.filter(|_| places.next().is_none()).map(|found| (found, ALONE))
            }
        };
        if found.is_none() {
            self.not_grounded(&format!("/orders/0/{field}"), value);
        }
        found
    }

    fn header(&mut self, field: &str, claim: &Claim) -> Option<Field<String>> {
        let (found, percent) = self.place(field, claim, false)?;
        Some(Field::new(found.printed.clone(), found.printed, Confidence::percent(percent), found.origin))
    }

    fn header_number(&mut self, field: &str, claim: &Claim) -> Reading<Decimal> {
        self.place(field, claim, false).map_or(Reading::Absent, |(found, percent)| self.number(found, percent))
    }

    fn header_date(&mut self, field: &str, claim: &Claim) -> Reading<Date> {
        self.place(field, claim, true).map_or(Reading::Absent, |(found, percent)| self.date(found, percent))
    }

    /// A code, or a sign that stands for one currency; `$` is four of them (DOMAIN 24).
    fn currency(&mut self, claim: &Claim) -> Reading<Currency> {
        let Some(value) = claim.value.as_deref() else { return Reading::Absent };
        let sign = |text: &str| match text.trim() {
            "€" => Currency::parse("EUR"),
            "£" => Currency::parse("GBP"),
            code => Currency::parse(code),
        };
        let Some(claimed) = sign(value) else {
            return self.place("currency", claim, false).map_or(Reading::Absent, |(found, _)| Reading::Unreadable {
                raw: found.printed,
                spans: found.origin.spans().to_vec(),
            });
        };
        let printed_as = [claimed.as_str(), if claimed.as_str() == "EUR" { "€" } else { "£" }];
        let end = self.rows.rows().last().map_or(0, |row| row.end);
        let places = claim.quote.as_deref().map_or_else(|| std::iter::once(0..end).collect(), |quote| self.rows.find_quote(quote));
        for word in places.into_iter().flatten() {
            let text = self.rows.word(word).map(|word| word.text.as_str()).unwrap_or_default();
            let printed = printed_as.into_iter().find(|sign| is_currency_in(text, sign, claimed));
            if let (Some(printed), true) = (printed, self.is_trusted(&(word..word + 1)))
                && let Some(found) = self.rows.ground(word..word + 1, Some(printed))
            {
                return Reading::Found(Field::new(claimed, found.printed, Confidence::percent(IN_QUOTE), found.origin));
            }
        }
        self.not_grounded("/orders/0/currency", value);
        Reading::Absent
    }

    fn party(&mut self, role: &str, claim: &PartyClaim) -> DraftParty {
        let place =
            claim.quote.as_deref().and_then(|quote| self.rows.find_quote(quote).into_iter().find(|place| self.is_trusted(place)));
        let mut text = |name: &str, value: &Option<String>| {
            self.party_text(&format!("/orders/0/{role}/{name}"), place.clone(), value.as_deref())
        };
        let country = text("country", &claim.country);
        DraftParty {
            name: text("name", &claim.name),
            street: text("street", &claim.street),
            city: text("city", &claim.city),
            region: text("region", &claim.region),
            postal_code: text("postal_code", &claim.postal_code),
            country: match country {
                Reading::Found(field) if field.value.len() == 2 && field.value.bytes().all(|b| b.is_ascii_uppercase()) => {
                    Reading::Found(field)
                }
                // A country's name is read by the layout reader's table; unread it is no code.
                Reading::Found(_) | Reading::Several(_) | Reading::Unreadable { .. } | Reading::Absent => Reading::Absent,
            },
            vat_id: text("vat_id", &claim.vat_id),
            gln: Reading::Absent,
            email: text("email", &claim.email),
            phone: text("phone", &claim.phone),
            contact: text("contact", &claim.contact),
        }
    }

    /// A part of an address: inside the quoted block.
    fn party_text(&mut self, field: &str, place: Option<Range<usize>>, value: Option<&str>) -> Reading<String> {
        let Some(value) = value else { return Reading::Absent };
        let found = place.and_then(|place| self.rows.find_value(place, value, true).into_iter().next());
        match found {
            Some(found) => {
                Reading::Found(Field::new(found.printed.clone(), found.printed, Confidence::percent(IN_QUOTE), found.origin))
            }
            None => {
                self.not_grounded(field, value);
                Reading::Absent
            }
        }
    }

    /// Who asks us to deliver is not ourselves (DOMAIN 6).
    fn buyer_is_not_us(&mut self, order: &mut DraftOrder) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let ours: Vec<String> = std::iter::once(&self.company.name)
            .chain(&self.company.also_known_as)
            .map(|name| letters(name))
            .filter(|name| !name.is_empty())
            .collect();
        if let Some(name) = order.buyer.name.found().filter(|name| ours.contains(&letters(&name.value))) {
            let message = "The language model took ourselves for the buyer; its buyer was dropped.";
            self.findings
                .push(Finding::new(Code::NotGrounded, Severity::Ask, "/orders/0/buyer/name", message).at(name.origin.spans()));
            order.buyer = DraftParty::default();
        }
    }

    /// A line, where its row stands in the document; each value must be in that row.
    fn line(&mut self, index: usize, claim: &LineClaim, po_number: Option<&str>) -> Option<DraftLine> {
        let at = format!("/orders/0/lines/{index}");
        let Some(row) = claim.quote.as_deref().and_then(|quote| self.row(quote)) else {
            let what = claim.quote.as_deref().or(claim.description.as_deref()).unwrap_or("no quote");
            self.not_grounded(&format!("/orders/0/lines/{index}"), what);
            return None;
        };
        self.used_rows.push(row.clone());
        // A figure printed once is one value: the words that were given to a figure are taken.
        let mut taken: Vec<Range<usize>> = Vec::new();
        let mut figure = |this: &mut Self, name: &str, value: &Option<String>| {
            this.figure(&format!("{at}/{name}"), &row, value.as_deref(), &mut taken)
        };
        let line_no = figure(self, "line_no", &claim.line_no);
        let quantity = figure(self, "quantity", &claim.quantity);
        let unit_price = figure(self, "unit_price", &claim.unit_price);
        let line_total = figure(self, "line_total", &claim.line_total);
        let price_basis = figure(self, "price_basis", &claim.price_basis);
        let discount = figure(self, "discount_percent", &claim.discount_percent);
        let date = figure(self, "requested_date", &claim.requested_date);
        let mut part = |name: &str, value: &Option<String>| {
            self.part(&format!("{at}/{name}"), &row, value.as_deref(), po_number, name == "description")
        };
        let (buyer_part, supplier_part) = (part("buyer_part", &claim.buyer_part), part("supplier_part", &claim.supplier_part));
        let (manufacturer_part, gtin) = (part("manufacturer_part", &claim.manufacturer_part), part("gtin", &claim.gtin));
        let (description, uom) = (part("description", &claim.description), part("uom", &claim.uom));
        let number = |found: Option<Found>| found.map_or(Reading::Absent, |found| self.number(found, IN_QUOTE));
        Some(DraftLine {
            line_no: line_no
                .map(|found| Field::new(found.printed.clone(), found.printed, Confidence::percent(IN_QUOTE), found.origin))
                .into(),
            buyer_part,
            supplier_part,
            manufacturer_part,
            gtin,
            description,
            uom,
            quantity: number(quantity),
            unit_price: number(unit_price),
            price_basis: number(price_basis),
            discount_percent: number(discount),
            line_total: number(line_total),
            requested_date: date.map_or(Reading::Absent, |found| self.date(found, IN_QUOTE)),
        })
    }

    /// The place of a quoted row: the first after the lines so far, else the first that no line has used.
    fn row(&self, quote: &str) -> Option<Range<usize>> {
        let places = self.rows.find_quote(quote);
        let mut free = places.into_iter().filter(|place| {
            self.is_trusted(place) && !self.used_rows.iter().any(|used| used.start < place.end && place.start < used.end)
        });
        let last = self.used_rows.last().map_or(0, |used| used.end);
        let all: Vec<Range<usize>> = free.by_ref().collect();
        all.iter().find(|place| place.start >= last).or(all.first()).cloned()
    }

    fn figure(&mut self, field: &str, row: &Range<usize>, value: Option<&str>, taken: &mut Vec<Range<usize>>) -> Option<Found> {
        let value = value?;
        let free = |found: &Found| !taken.iter().any(|words| words.start < found.words.end && found.words.start < words.end);
        let exact = self.rows.find_value(row.clone(), value, false).into_iter().find(|found| free(found));
        let found = exact.or_else(|| self.same_number(row, value).filter(|found| free(found)));
        match &found {
            Some(found) => taken.push(found.words.clone()),
            None => self.not_grounded(field, value),
        }
        found
    }

    /// A figure that the model wrote without its grouping or zeros: the one word of the row with the same value.
    fn same_number(&self, row: &Range<usize>, value: &str) -> Option<Found> {
        let wanted = numbers::parse(value)?;
        let read = |printed: numbers::Printed| self.decimals.map_or_else(|| printed.only(), |decimals| printed.under(decimals));
        let wanted = [wanted.point, wanted.comma];
        let mut same = row.clone().filter(|word| {
            let text = self.rows.word(*word).map(|word| word.text.as_str()).unwrap_or_default();
            numbers::parse(text).and_then(read).is_some_and(|number| wanted.contains(&Some(number)))
        });
        let word = same.next().filter(|_| same.next().is_none())?;
        self.rows.ground(word..word + 1, None)
    }

    fn part(
        &mut self,
        field: &str,
        row: &Range<usize>,
        value: Option<&str>,
        po_number: Option<&str>,
        letters_only: bool,
    ) -> Reading<String> {
        let Some(value) = value else { return Reading::Absent };
        // The order's number is no article's: a number can have one role only.
        let found = self
            .rows
            .find_value(row.clone(), value, letters_only)
            .into_iter()
            .next()
            .filter(|found| Some(found.printed.as_str()) != po_number);
        match found {
            Some(found) => {
                Reading::Found(Field::new(found.printed.clone(), found.printed, Confidence::percent(IN_QUOTE), found.origin))
            }
            None => {
                self.not_grounded(field, value);
                Reading::Absent
            }
        }
    }

    fn number(&self, found: Found, percent: u8) -> Reading<Decimal> {
        let spans = found.origin.spans().to_vec();
        let Some(printed) = numbers::parse(&found.printed) else { return Reading::Unreadable { raw: found.printed, spans } };
        let value = printed.only().or_else(|| self.decimals.and_then(|decimals| printed.under(decimals)));
        let field =
            |value: Decimal, percent| Field::new(value, found.printed.clone(), Confidence::percent(percent), found.origin.clone());
        match (value, printed.point, printed.comma) {
            (Some(value), ..) => Reading::Found(field(value, percent)),
            (None, Some(point), Some(comma)) => Reading::Several(vec![field(point, ALONE), field(comma, ALONE)]),
            _ => Reading::Unreadable { raw: found.printed, spans },
        }
    }

    fn date(&self, found: Found, percent: u8) -> Reading<Date> {
        let spans = found.origin.spans().to_vec();
        let Some(printed) = dates::parse(&found.printed, self.near) else {
            return Reading::Unreadable { raw: found.printed, spans };
        };
        let value = printed.only().or_else(|| self.day_order.and_then(|order| printed.under(order)));
        let field =
            |value: Date, percent| Field::new(value, found.printed.clone(), Confidence::percent(percent), found.origin.clone());
        match value {
            Some(value) => Reading::Found(field(value, percent)),
            None => Reading::Several(printed.readings.iter().map(|(date, _)| field(*date, ALONE)).collect()),
        }
    }

    /// Rows that look like the claimed lines but that no line was made of: the costliest error is a missed line.
    fn missed_rows(&mut self, claims: &Claims) {
        let rows_of_lines: Vec<usize> = self.used_rows.iter().map(|words| self.rows.row_of(words.start)).collect();
        let figures = |row: usize| self.rows.rows()[row].clone().filter(|word| self.is_figure(*word)).count();
        let Some(fewest) = rows_of_lines.iter().map(|row| figures(*row)).min().filter(|fewest| *fewest >= 2) else { return };
        let header_quotes =
            [&claims.subtotal, &claims.discount, &claims.shipping, &claims.tax, &claims.total, &claims.po_date, &claims.po_number];
        let claimed: Vec<Range<usize>> = header_quotes
            .into_iter()
            .filter_map(|claim| claim.quote.as_deref())
            .flat_map(|quote| self.rows.find_quote(quote))
            .chain(self.used_rows.iter().cloned())
            .collect();
        let first = rows_of_lines.iter().min().copied().unwrap_or_default();
        let missed: Vec<usize> = (first.saturating_sub(1)..self.rows.rows().len())
            .filter(|row| figures(*row) >= fewest)
            .filter(|row| {
                !claimed.iter().any(|words| words.start < self.rows.rows()[*row].end && self.rows.rows()[*row].start < words.end)
            })
            .collect();
        for row in missed {
            let words = self.rows.rows()[row].clone();
            let spans = self.rows.ground(words, None).map(|found| found.origin.spans().to_vec()).unwrap_or_default();
            let message = "A row of the document looks like an order line, but was not read as one.";
            self.findings.push(Finding::new(Code::LinesIncomplete, Severity::Ask, "/orders/0/lines", message).at(&spans));
        }
    }

    fn is_figure(&self, word: usize) -> bool {
        self.rows.word(word).is_some_and(|word| {
            word.text.chars().filter(char::is_ascii_digit).count() * 2 >= word.text.chars().count()
                && numbers::parse(&word.text).is_some()
        })
    }

    fn is_trusted(&self, words: &Range<usize>) -> bool {
        !words.clone().any(|word| self.distrusted.contains(&self.rows.row_of(word)))
    }

    fn not_grounded(&mut self, field: &str, value: &str) {
        let shown: String = value.chars().filter(|c| !c.is_control()).take(60).collect();
        let copied =
            if self.example_values.iter().any(|example| example == value) { " (copied from the prompt's example)" } else { "" };
        let message =
            format!("The language model reads \"{shown}\"{copied}, which the document does not say there; it was dropped.");
        self.findings.push(Finding::new(Code::NotGrounded, Severity::Ask, field, message));
    }
}

fn is_currency_in(word: &str, sign: &str, currency: Currency) -> bool {
    if sign.len() == 3 && sign.is_ascii() {
        return word.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part.eq_ignore_ascii_case(sign));
    }
    // The sign alone says the currency only where it belongs to one.
    matches!(currency.as_str(), "EUR" | "GBP") && word.contains(sign)
}

/// The decimal mark that the document proves: by lines whose figures multiply, else by numbers that can be read in one way only.
fn decimals(rows: &Rows<'_>, claims: &Claims) -> Option<Decimals> {
    let proofs = |decimals: Decimals| claims.lines.iter().filter(|line| multiplies(line, decimals)).count();
    let (point, comma) = (proofs(Decimals::Point), proofs(Decimals::Comma));
    match point.cmp(&comma) {
        std::cmp::Ordering::Greater => return Some(Decimals::Point),
        std::cmp::Ordering::Less => return Some(Decimals::Comma),
        std::cmp::Ordering::Equal => {}
    }
    let words = (0..rows.rows().last().map_or(0, |row| row.end)).filter_map(|word| rows.word(word));
    let witnesses: Vec<Decimals> = words.filter_map(|word| numbers::parse(&word.text)?.witness()).collect();
    let points = witnesses.iter().filter(|witness| **witness == Decimals::Point).count();
    let commas = witnesses.len() - points;
    match (points, commas) {
        (0, 0) => None,
        (points, 0) if points > 0 => Some(Decimals::Point),
        (0, _) => Some(Decimals::Comma),
        // Both: no witness is worth more than the other.
        _ => None,
    }
}

fn multiplies(line: &LineClaim, decimals: Decimals) -> bool {
    let read = |text: &Option<String>| numbers::parse(text.as_deref()?)?.under(decimals);
    let (Some(quantity), Some(price), Some(total)) = (read(&line.quantity), read(&line.unit_price), read(&line.line_total)) else {
        return false;
    };
    let basis = read(&line.price_basis).filter(|basis| !basis.is_zero()).unwrap_or(Decimal::ONE);
    let product = quantity.checked_mul(price).and_then(|product| product.checked_div(basis));
    product.is_some_and(|product| (product - total).abs() <= Decimal::new(1, 2) && !total.is_zero())
}

/// The order of day and month that dates of the document prove, if all that prove one prove the same.
fn day_order(rows: &Rows<'_>, near: Option<Date>) -> Option<DayOrder> {
    let texts = rows.rows().iter().map(|words| rows.text(words.clone()));
    let witnesses: Vec<DayOrder> = texts
        .flat_map(|text| dates::find(&text, near))
        .filter_map(|date| date.witness())
        .filter(|order| *order != DayOrder::YearMonthDay)
        .collect();
    let first = *witnesses.first()?;
    witnesses.iter().all(|witness| *witness == first).then_some(first)
}
