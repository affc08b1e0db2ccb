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
use super::labels::{Announced, Labels};
use super::locale::{day_order, decimals};

/// Percent for a value found in its own quote.
const IN_QUOTE: u8 = 75;
/// Percent for a value without a quote that stands only once in the document, and for one of several readings.
const ALONE: u8 = 50;

/// What the model claims about a part of the document.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Rows from which its lines are accepted.
    pub rows: Range<usize>,
    pub claims: Claims,
}

/// The draft that the claims about all parts support. Parts follow one another and may overlap.
pub(super) fn ground(document: &Document, context: &ReadingContext, parts: &[Part], example_values: &[String]) -> Draft {
    let rows = Rows::of(document);
    let header = parts.iter().map(|part| Claims { lines: Vec::new(), ..part.claims.clone() }).reduce(Claims::followed_by);
    let header = header.unwrap_or_default();
    let mut grounding = Grounding {
        distrusted: instructions::distrusted(&rows),
        decimals: decimals(&rows, parts.iter().flat_map(|part| &part.claims.lines)),
        day_order: day_order(&rows, context.received),
        near: context.received,
        labels: Labels::of(document),
        rows: &rows,
        company: &context.company,
        example_values,
        used: Vec::new(),
        findings: Vec::new(),
    };
    let order = grounding.order(&header, parts);
    let mut findings = grounding.findings;
    findings.extend(instructions::instructions(document));
    if header.several_orders {
        findings.push(Finding::new(
            Code::SeveralOrders,
            Severity::Ask,
            "",
            "The document seems to hold more than one order; only the first was read.",
        ));
    }
    for question in header.questions.iter().filter(|question| !rows.find_quote(question).is_empty()).take(10) {
        let text: String = question.chars().take(200).collect();
        findings.push(Finding::new(Code::Question, Severity::Note, "", format!("The sender asks: {text}")));
    }
    let kind = header.document_kind.read().unwrap_or(DocumentKind::Other);
    let language = header
        .language
        .as_deref()
        .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()))
        .map(Language::new);
    let orders = if kind.concerns_an_order() { vec![order] } else { Vec::new() };
    Draft { kind, language, method: Method::Llm, orders, findings }
}

struct Grounding<'a> {
    rows: &'a Rows<'a>,
    labels: Labels,
    company: &'a Company,
    example_values: &'a [String],
    /// Rows that speak to a machine, and those after them.
    distrusted: BTreeSet<usize>,
    decimals: Option<Decimals>,
    day_order: Option<DayOrder>,
    near: Option<Date>,
    /// The words of each line so far, and in which part it was claimed.
    used: Vec<(Range<usize>, usize)>,
    findings: Vec<Finding>,
}

impl Grounding<'_> {
    fn order(&mut self, claims: &Claims, parts: &[Part]) -> DraftOrder {
        let mut order = DraftOrder {
            po_number: self.announced_number(&claims.po_number),
            revision: self.header("revision", &claims.revision),
            po_date: self.header_date("po_date", &claims.po_date, Announced::PoDate),
            currency: self.currency(&claims.currency),
            requested_delivery_date: self.header_date(
                "requested_delivery_date",
                &claims.requested_delivery_date,
                Announced::DeliveryDate,
            ),
            payment_terms: self.header("payment_terms", &claims.payment_terms),
            incoterm: self.header("incoterm", &claims.incoterm),
            buyer: self.party("buyer", &claims.buyer),
            seller: self.party("seller", &claims.seller),
            ship_to: self.party("ship_to", &claims.ship_to),
            ..DraftOrder::default()
        };
        self.buyer_is_not_us(&mut order);
        let number = order.po_number.value().cloned();
        for (index, part) in parts.iter().enumerate() {
            let words = self.words_of(&part.rows);
            for claim in &part.claims.lines {
                self.take_line(&mut order.lines, claim, index, &words, number.as_deref());
            }
        }
        order.subtotal = self.header_number("subtotal", &claims.subtotal);
        order.discount = self.header_number("discount", &claims.discount);
        order.shipping = self.header_number("shipping", &claims.shipping);
        order.tax = self.header_number("tax", &claims.tax);
        order.total = self.header_number("total", &claims.total);
        let asked = parts.iter().map(|part| part.rows.clone()).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        self.missed_rows(claims, &asked.unwrap_or_default());
        order
    }

    fn words_of(&self, rows: &Range<usize>) -> Range<usize> {
        let rows = self.rows.rows().get(rows.clone()).unwrap_or_default();
        rows.first().map_or(0, |row| row.start)..rows.last().map_or(0, |row| row.end)
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

    fn header(&mut self, field: &str, claim: &Claim) -> Reading<String> {
        self.place(field, claim, false).map_or(Reading::Absent, |(found, percent)| as_text(found, percent))
    }

    fn header_number(&mut self, field: &str, claim: &Claim) -> Reading<Decimal> {
        self.place(field, claim, false).map_or(Reading::Absent, |(found, percent)| self.number(found, percent))
    }

    fn header_date(&mut self, field: &str, claim: &Claim, announced: Announced) -> Reading<Date> {
        let Some((found, percent)) = self.place(field, claim, true) else { return Reading::Absent };
        let percent = self.beside_its_label(field, &found, percent, announced);
        self.date(found, percent)
    }

    fn announced_number(&mut self, claim: &Claim) -> Reading<String> {
        let Some((found, percent)) = self.place("po_number", claim, false) else { return Reading::Absent };
        let percent = self.beside_its_label("po_number", &found, percent, Announced::PoNumber);
        as_text(found, percent)
    }

    /// A value that no label announces is shown to a person: any number of the document could be told for it.
    fn beside_its_label(&mut self, field: &str, found: &Found, percent: u8, announced: Announced) -> u8 {
        if self.labels.announce(announced, self.rows, &found.words) {
            return percent;
        }
        let message = format!("The language model takes \"{}\" from a place without a label that says so.", found.printed);
        let finding = Finding::new(Code::NotGrounded, Severity::Ask, format!("/orders/0/{field}"), message);
        self.findings.push(finding.at(found.origin.spans()));
        ALONE
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
            ..DraftParty::default()
        }
    }

    /// A part of an address: inside the quoted block.
    fn party_text(&mut self, field: &str, place: Option<Range<usize>>, value: Option<&str>) -> Reading<String> {
        let Some(value) = value else { return Reading::Absent };
        match place.and_then(|place| self.words_of_text(&place, value)) {
            Some(found) => as_text(found, IN_QUOTE),
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

    /// Adds a line, where its row stands in the document. What two overlapping parts both claim is one line: the fuller claim counts.
    fn take_line(
        &mut self,
        lines: &mut Vec<DraftLine>,
        claim: &LineClaim,
        part: usize,
        words: &Range<usize>,
        po_number: Option<&str>,
    ) {
        let Some(row) = claim.quote.as_deref().and_then(|quote| self.row(quote, part, words)) else {
            let what = claim.quote.as_deref().or(claim.description.as_deref()).unwrap_or("no quote");
            self.not_grounded(&format!("/orders/0/lines/{}", lines.len()), what);
            return;
        };
        let seen = self.used.iter().position(|(used, of)| *of < part && overlap(used, &row));
        let index = seen.unwrap_or(lines.len());
        let before = self.findings.len();
        let line = self.line(&format!("/orders/0/lines/{index}"), &row, claim, po_number);
        match seen {
            None => {
                self.used.push((row, part));
                lines.push(line);
            }
            Some(seen) if fields_of(&line) > fields_of(&lines[seen]) => {
                // What was said of the poorer claim goes with it.
                let at = format!("/orders/0/lines/{seen}/");
                let new = self.findings.split_off(before);
                self.findings.retain(|finding| !finding.field.starts_with(&at));
                self.findings.extend(new);
                self.used[seen] = (row, part);
                lines[seen] = line;
            }
            Some(_) => self.findings.truncate(before),
        }
    }

    /// Each value must be in the line's own row.
    fn line(&mut self, at: &str, row: &Range<usize>, claim: &LineClaim, po_number: Option<&str>) -> DraftLine {
        // A figure printed once is one value, an article's number one number: the words that were given to one are taken.
        let mut taken: Vec<Range<usize>> = Vec::new();
        let mut figure = |this: &mut Self, name: &str, value: &Option<String>| {
            this.figure(&format!("{at}/{name}"), row, value.as_deref(), &mut taken)
        };
        let line_no = figure(self, "line_no", &claim.line_no);
        let quantity = figure(self, "quantity", &claim.quantity);
        let unit_price = figure(self, "unit_price", &claim.unit_price);
        let line_total = figure(self, "line_total", &claim.line_total);
        let price_basis = figure(self, "price_basis", &claim.price_basis);
        let discount = figure(self, "discount_percent", &claim.discount_percent);
        let date = figure(self, "requested_date", &claim.requested_date);
        let mut named: Vec<Range<usize>> = Vec::new();
        let mut part = |this: &mut Self, name: &str, value: &Option<String>| {
            this.part(&format!("{at}/{name}"), row, value.as_deref(), po_number, &mut named)
        };
        let supplier_part = part(self, "supplier_part", &claim.supplier_part);
        let buyer_part = part(self, "buyer_part", &claim.buyer_part);
        let manufacturer_part = part(self, "manufacturer_part", &claim.manufacturer_part);
        let gtin = part(self, "gtin", &claim.gtin);
        let description = self.text_in_row(&format!("{at}/description"), row, claim.description.as_deref());
        let uom = self.text_in_row(&format!("{at}/uom"), row, claim.uom.as_deref());
        let number = |found: Option<Found>| found.map_or(Reading::Absent, |found| self.number(found, IN_QUOTE));
        DraftLine {
            line_no: line_no.map_or(Reading::Absent, |found| as_text(found, IN_QUOTE)),
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
            ..DraftLine::default()
        }
    }

    /// The place of a quoted row within `words`: the first after the lines so far, else the first that no line of this part has used.
    fn row(&self, quote: &str, part: usize, words: &Range<usize>) -> Option<Range<usize>> {
        let own = || self.used.iter().filter(|(_, of)| *of == part).map(|(used, _)| used);
        let is_free = |place: &Range<usize>| {
            words.start <= place.start
                && place.end <= words.end
                && self.is_trusted(place)
                && !own().any(|used| overlap(used, place))
        };
        let last = own().next_back().map_or(0, |used| used.end);
        let free: Vec<Range<usize>> = self.rows.find_quote(quote).into_iter().filter(is_free).collect();
        free.iter().find(|place| place.start >= last).or(free.first()).cloned()
    }

    fn figure(&mut self, field: &str, row: &Range<usize>, value: Option<&str>, taken: &mut Vec<Range<usize>>) -> Option<Found> {
        let value = value?;
        let free = |found: &Found| !taken.iter().any(|words| overlap(words, &found.words));
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
        taken: &mut Vec<Range<usize>>,
    ) -> Reading<String> {
        let Some(value) = value else { return Reading::Absent };
        let places = self.rows.find_value(row.clone(), value, false);
        // The order's number is no article's, and one printed number has one role only.
        let found = places
            .into_iter()
            .find(|found| Some(found.printed.as_str()) != po_number && !taken.iter().any(|words| overlap(words, &found.words)));
        match found {
            Some(found) => {
                taken.push(found.words.clone());
                as_text(found, IN_QUOTE)
            }
            None => {
                self.not_grounded(field, value);
                Reading::Absent
            }
        }
    }

    fn text_in_row(&mut self, field: &str, row: &Range<usize>, value: Option<&str>) -> Reading<String> {
        let Some(value) = value else { return Reading::Absent };
        match self.words_of_text(row, value) {
            Some(found) => as_text(found, IN_QUOTE),
            None => {
                self.not_grounded(field, value);
                Reading::Absent
            }
        }
    }

    /// A text as printed in one piece; else word by word, in order, where other columns stand between its rows.
    fn words_of_text(&self, place: &Range<usize>, value: &str) -> Option<Found> {
        let whole = self.rows.find_value(place.clone(), value, true).into_iter().next();
        whole.or_else(|| self.rows.find_words(place.clone(), value))
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
    fn missed_rows(&mut self, claims: &Claims, asked: &Range<usize>) {
        let rows_of_lines: Vec<usize> = self.used.iter().map(|(words, _)| self.rows.row_of(words.start)).collect();
        let figures = |row: usize| self.rows.rows()[row].clone().filter(|word| self.is_figure(*word)).count();
        let Some(fewest) = rows_of_lines.iter().map(|row| figures(*row)).min().filter(|fewest| *fewest >= 2) else { return };
        let header_quotes =
            [&claims.subtotal, &claims.discount, &claims.shipping, &claims.tax, &claims.total, &claims.po_date, &claims.po_number];
        let claimed: Vec<Range<usize>> = header_quotes
            .into_iter()
            .filter_map(|claim| claim.quote.as_deref())
            .flat_map(|quote| self.rows.find_quote(quote))
            .chain(self.used.iter().map(|(words, _)| words.clone()))
            .collect();
        let first = rows_of_lines.iter().min().copied().unwrap_or_default();
        let missed: Vec<usize> = (first.saturating_sub(1).max(asked.start)..asked.end.min(self.rows.rows().len()))
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

fn as_text(found: Found, percent: u8) -> Reading<String> {
    Reading::Found(Field::new(found.printed.clone(), found.printed, Confidence::percent(percent), found.origin))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// How much of a line was found.
fn fields_of(line: &DraftLine) -> usize {
    let texts =
        [&line.line_no, &line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin, &line.description, &line.uom];
    let numbers = [&line.quantity, &line.unit_price, &line.price_basis, &line.discount_percent, &line.line_total];
    let texts = texts.iter().filter(|reading| !reading.is_absent()).count();
    let numbers = numbers.iter().filter(|reading| !reading.is_absent()).count();
    texts + numbers + usize::from(!line.requested_date.is_absent())
}

fn is_currency_in(word: &str, sign: &str, currency: Currency) -> bool {
    if sign.len() == 3 && sign.is_ascii() {
        return word.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part.eq_ignore_ascii_case(sign));
    }
    // The sign alone says the currency only where it belongs to one.
    matches!(currency.as_str(), "EUR" | "GBP") && word.contains(sign)
}
