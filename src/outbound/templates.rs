//! What do we write to a customer about an order? A notice from data, by a template of their language, checked after rendering.
//!
//! The sentences are in `templates/*.txt`. Nothing here chooses a recipient: `to` and `cc` are arguments, and come from headers or
//! master data, never from a document's text (DOMAIN 54). Nothing here sends.

use super::figures::{Figure, first_missing};
use super::notice::{Notice, NoticeError, NoticeKind, Thread};
use super::wording::Tongue;
use crate::model::{Company, Currency, Origin};
use crate::orders::{Order, OrderLine, Plan};
use jiff::civil::Date;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use rust_decimal::Decimal;
use serde::Serialize;

/// Longer text from a document is cut: a notice quotes it, it does not carry it.
const MAX_QUOTED_CHARS: usize = 160;

const TEMPLATES: [(&str, &str); 12] = [
    ("confirmation.en", include_str!("../../templates/confirmation.en.txt")),
    ("confirmation.de", include_str!("../../templates/confirmation.de.txt")),
    ("confirmation.fr", include_str!("../../templates/confirmation.fr.txt")),
    ("confirmation.es", include_str!("../../templates/confirmation.es.txt")),
    ("confirmation.it", include_str!("../../templates/confirmation.it.txt")),
    ("confirmation.nl", include_str!("../../templates/confirmation.nl.txt")),
    ("cancellation.en", include_str!("../../templates/cancellation.en.txt")),
    ("cancellation.de", include_str!("../../templates/cancellation.de.txt")),
    ("cancellation.fr", include_str!("../../templates/cancellation.fr.txt")),
    ("cancellation.es", include_str!("../../templates/cancellation.es.txt")),
    ("cancellation.it", include_str!("../../templates/cancellation.it.txt")),
    ("cancellation.nl", include_str!("../../templates/cancellation.nl.txt")),
];

/// Everything about a notice that is not the order itself.
#[derive(Debug, Clone, Default)]
pub struct ConfirmationContext {
    /// ISO 639-1; the company's language where we have no template in this one, English last.
    pub language: String,
    /// Who signs.
    pub company: Company,
    /// The mail that is answered.
    pub thread: Thread,
    pub to: String,
    pub cc: Vec<String>,
}

/// "We have your order, and this is what you get when" (DOMAIN 44: a confirmation that differs from the order says where).
///
/// # Errors
/// When the plan does not account for every open unit, or the rendered text does not say every figure.
pub fn confirmation(order: &Order, plan: &Plan, context: &ConfirmationContext) -> Result<Notice, NoticeError> {
    write(NoticeKind::Confirmation, order, plan, context)
}

/// The order as it stands after a change, in place of the earlier confirmation. `plan` need cover only the lines planned anew.
///
/// # Errors
/// As `confirmation`.
pub fn change_confirmation(order: &Order, plan: &Plan, context: &ConfirmationContext) -> Result<Notice, NoticeError> {
    write(NoticeKind::ChangeConfirmation, order, plan, context)
}

/// What was cancelled, and what is on its way all the same (DOMAIN 13).
///
/// # Errors
/// When the rendered text does not say every cancelled quantity.
pub fn cancellation(order: &Order, context: &ConfirmationContext) -> Result<Notice, NoticeError> {
    write(NoticeKind::CancellationConfirmation, order, &Plan::nothing(order.placed_at), context)
}

fn write(kind: NoticeKind, order: &Order, plan: &Plan, context: &ConfirmationContext) -> Result<Notice, NoticeError> {
    let tongue = Tongue::first_known(&[&context.language, &context.company.language]);
    let mut figures = vec![
        Figure::new("the customer's order number", quoted(&order.purchase_order.po_number.value)),
        Figure::new("our order number", order.number.as_str()),
    ];
    let data = data(kind, order, plan, context, tongue, &mut figures)?;
    let template = match kind {
        NoticeKind::Confirmation | NoticeKind::ChangeConfirmation => format!("confirmation.{}", tongue.code()),
        NoticeKind::CancellationConfirmation => format!("cancellation.{}", tongue.code()),
    };
    let text = render(&template, &data)?;
    if let Some(missing) = first_missing(&text, &figures) {
        return Err(NoticeError::FigureMissing { template, what: missing.what.clone(), figure: missing.text.clone() });
    }
    Ok(Notice {
        kind,
        order: order.number.clone(),
        to: context.to.clone(),
        cc: context.cc.clone(),
        subject: subject(kind, &context.thread, &data, tongue),
        text,
        thread: context.thread.clone(),
    })
}

/// What a template may speak of. Every figure is written out already: a template cannot format one wrongly.
#[derive(Serialize)]
struct NoticeData {
    changed: bool,
    number: String,
    po_number: String,
    revision: Option<String>,
    release: Option<String>,
    po_date: Option<String>,
    differences: Vec<Difference>,
    lines: Vec<LineData>,
    any_under_way: bool,
    goods: String,
    shipping: Option<String>,
    discount: Option<String>,
    tax: Option<String>,
    total: String,
    ship_to: Vec<String>,
    company: String,
}

#[derive(Serialize)]
struct LineData {
    line_no: String,
    their_part: Option<String>,
    our_part: String,
    description: String,
    ordered: String,
    in_our_unit: Option<String>,
    price: String,
    per: Option<String>,
    discount: Option<String>,
    total: String,
    requested: Option<String>,
    promises: Vec<PromiseData>,
    backorders: Vec<BackorderData>,
    shipped: Option<String>,
    /// Shipped, or in the warehouse's hands: what a cancellation came too late for.
    under_way: Option<String>,
    in_work: Option<String>,
    cancelled: Option<String>,
}

#[derive(Serialize)]
struct PromiseData {
    quantity: String,
    ship: String,
    deliver: String,
}

#[derive(Serialize)]
struct BackorderData {
    quantity: String,
    expected: Option<String>,
}

/// Where we do not do what was asked, said before anything else.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Difference {
    Late { line: String, requested: String, quantity: String, promised: String },
    Backorder { line: String, quantity: String, expected: Option<String> },
    OurPrice { line: String, price: String },
    Cancelled { line: String, quantity: String },
}

fn data(
    kind: NoticeKind,
    order: &Order,
    plan: &Plan,
    context: &ConfirmationContext,
    tongue: Tongue,
    figures: &mut Vec<Figure>,
) -> Result<NoticeData, NoticeError> {
    let po = &order.purchase_order;
    let currency = po.currency.value;
    let mut differences = Vec::new();
    let mut lines = Vec::new();
    for line in &order.lines {
        let supply = LineSupply::of(line, plan)?;
        let data = line_data(line, &supply, currency, tongue);
        figures.extend(line_figures(kind, &data));
        let requested = line.ordered.requested_date.as_ref().or(po.requested_delivery_date.as_ref()).map(|field| field.value);
        differences.extend(line_differences(line, &supply, requested, &data, tongue));
        lines.push(LineData { requested: requested.map(|day| tongue.date(day)), ..data });
    }
    let charge = |value: Decimal| (!value.is_zero()).then(|| tongue.amount(value, currency));
    let goods: Decimal = po.lines.iter().map(|line| line.line_total).sum();
    let total = tongue.amount(po.total().amount, currency);
    if kind != NoticeKind::CancellationConfirmation {
        figures.push(Figure::new("the total", total.clone()));
    }
    Ok(NoticeData {
        changed: kind == NoticeKind::ChangeConfirmation,
        number: order.number.to_string(),
        po_number: quoted(&po.po_number.value),
        revision: po.revision.as_ref().map(|field| quoted(&field.value)),
        release: po.release_number.as_ref().map(|field| quoted(&field.value)),
        po_date: po.po_date.as_ref().map(|field| tongue.date(field.value)),
        differences,
        any_under_way: lines.iter().any(|line| line.under_way.is_some()),
        lines,
        goods: tongue.amount(goods, currency),
        shipping: charge(po.shipping),
        discount: charge(po.discount),
        tax: charge(po.tax),
        total,
        ship_to: address_lines(order),
        company: context.company.name.clone(),
    })
}

/// What becomes of a line's open units, in the product's own unit.
struct LineSupply {
    promises: Vec<(Decimal, Date, Date)>,
    backorders: Vec<(Decimal, Option<Date>)>,
}

impl LineSupply {
    /// From the plan; from the line's own pegs where the plan leaves the line as it was (a change that touched others).
    fn of(line: &OrderLine, plan: &Plan) -> Result<Self, NoticeError> {
        let open = line.buckets.open + line.buckets.backordered + line.buckets.allocated;
        let planned = Self::planned(line, plan);
        if planned.sum() == open {
            return Ok(planned.merged());
        }
        let pegged = Self::pegged(line);
        if pegged.sum() == open {
            return Ok(pegged.merged());
        }
        Err(NoticeError::PlanDoesNotCover {
            line: line.line_no().to_owned(),
            planned: planned.sum().normalize(),
            open: open.normalize(),
        })
    }

    fn planned(line: &OrderLine, plan: &Plan) -> Self {
        let promises = plan.shipments.iter().flat_map(|shipment| {
            let of_line = shipment.lines.iter().filter(|planned| planned.line_no == line.line_no() && planned.sku == *line.sku());
            of_line.map(|planned| (planned.quantity, shipment.ship_date, shipment.deliver_date))
        });
        let of_line =
            plan.backorders.iter().filter(|backorder| backorder.line_no == line.line_no() && backorder.sku == *line.sku());
        Self {
            promises: promises.collect(),
            backorders: of_line.map(|backorder| (backorder.quantity, backorder.expected)).collect(),
        }
    }

    /// What was allocated and backordered before. Units that nobody planned are not among them, and so are missed.
    fn pegged(line: &OrderLine) -> Self {
        let waiting = line.buckets.backordered;
        Self {
            promises: line.pegs.iter().map(|peg| (peg.quantity, peg.ship_date, peg.deliver_date)).collect(),
            backorders: if waiting.is_zero() { Vec::new() } else { vec![(waiting, line.backorder_expected)] },
        }
    }

    fn sum(&self) -> Decimal {
        self.promises.iter().map(|(quantity, ..)| quantity).chain(self.backorders.iter().map(|(quantity, _)| quantity)).sum()
    }

    /// Soonest first, one row for each pair of dates: a customer does not care from how many shelves it comes.
    fn merged(mut self) -> Self {
        self.promises.sort_by_key(|(_, ship, deliver)| (*deliver, *ship));
        let mut merged: Vec<(Decimal, Date, Date)> = Vec::new();
        for (quantity, ship, deliver) in self.promises {
            match merged.last_mut() {
                Some(last) if last.1 == ship && last.2 == deliver => last.0 += quantity,
                Some(_) | None => merged.push((quantity, ship, deliver)),
            }
        }
        Self { promises: merged, backorders: self.backorders }
    }
}

fn line_data(line: &OrderLine, supply: &LineSupply, currency: Currency, tongue: Tongue) -> LineData {
    let ordered = &line.ordered;
    let price = ordered.price.value;
    let in_own_unit = tongue.measure(ordered.base_quantity, &ordered.base_unit);
    let in_work = line.buckets.released + line.buckets.picked + line.buckets.packed;
    let under_way = in_work + line.buckets.shipped;
    let said = |quantity: Decimal| (!quantity.is_zero()).then(|| as_ordered(line, quantity, tongue));
    LineData {
        line_no: quoted(&ordered.line_no),
        their_part: ordered.buyer_part.as_deref().map(quoted).filter(|part| !part.is_empty()),
        our_part: ordered.sku.value.to_string(),
        description: quoted(&ordered.description),
        ordered: tongue.measure(ordered.quantity.value, &ordered.unit),
        in_our_unit: (ordered.unit != ordered.base_unit).then_some(in_own_unit),
        price: tongue.price(price.amount, currency),
        per: (price.per != Decimal::ONE).then(|| tongue.measure(price.per, &ordered.unit)),
        discount: ordered.discount_percent.filter(|percent| !percent.is_zero()).map(|percent| tongue.quantity(percent)),
        total: tongue.amount(ordered.line_total, currency),
        requested: None,
        promises: supply
            .promises
            .iter()
            .map(|(quantity, ship, deliver)| PromiseData {
                quantity: as_ordered(line, *quantity, tongue),
                ship: tongue.date(*ship),
                deliver: tongue.date(*deliver),
            })
            .collect(),
        backorders: supply
            .backorders
            .iter()
            .map(|(quantity, expected)| BackorderData {
                quantity: as_ordered(line, *quantity, tongue),
                expected: expected.map(|day| tongue.date(day)),
            })
            .collect(),
        shipped: said(line.buckets.shipped),
        under_way: said(under_way),
        in_work: said(in_work),
        cancelled: said(line.buckets.cancelled),
    }
}

/// A quantity of the product's own unit in the unit that was ordered, where that comes out exactly; else as it is.
fn as_ordered(line: &OrderLine, quantity: Decimal, tongue: Tongue) -> String {
    let ordered = &line.ordered;
    let converted = quantity.checked_mul(ordered.quantity.value).and_then(|product| product.checked_div(ordered.base_quantity));
    match converted.map(|value| value.normalize()) {
        Some(value) if value.scale() <= 3 => tongue.measure(value, &ordered.unit),
        Some(_) | None => tongue.measure(quantity, &ordered.base_unit),
    }
}

fn line_differences(
    line: &OrderLine,
    supply: &LineSupply,
    requested: Option<Date>,
    data: &LineData,
    tongue: Tongue,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if data.cancelled.is_some() && line.buckets.cancelled < line.buckets.ordered() {
        differences.extend(data.cancelled.clone().map(|quantity| Difference::Cancelled { line: data.line_no.clone(), quantity }));
    }
    if matches!(line.ordered.price.origin, Origin::MasterData(_)) && line.ordered.price.raw.is_empty() {
        differences.push(Difference::OurPrice { line: data.line_no.clone(), price: data.price.clone() });
    }
    for ((_, _, deliver), promise) in supply.promises.iter().zip(&data.promises) {
        if let Some(requested) = requested.filter(|requested| deliver > requested) {
            differences.push(Difference::Late {
                line: data.line_no.clone(),
                requested: tongue.date(requested),
                quantity: promise.quantity.clone(),
                promised: promise.deliver.clone(),
            });
        }
    }
    differences.extend(data.backorders.iter().map(|backorder| Difference::Backorder {
        line: data.line_no.clone(),
        quantity: backorder.quantity.clone(),
        expected: backorder.expected.clone(),
    }));
    differences
}

/// What the text must say about a line.
fn line_figures(kind: NoticeKind, line: &LineData) -> Vec<Figure> {
    let of = |what: &str| format!("{what} of line {}", line.line_no);
    let mut figures = vec![Figure::new(of("our part number"), line.our_part.clone())];
    let mut say = |what: &str, text: &str| figures.push(Figure::new(of(what), text));
    if let Some(cancelled) = &line.cancelled {
        say("the cancelled quantity", cancelled);
    }
    if kind == NoticeKind::CancellationConfirmation {
        if let Some(under_way) = &line.under_way {
            say("the quantity under way", under_way);
        }
        // A line of which nothing is cancelled or under way has no place in a cancellation.
        return if line.cancelled.is_none() && line.under_way.is_none() { Vec::new() } else { figures };
    }
    for quantity in [&line.shipped, &line.in_work].into_iter().flatten() {
        say("the quantity shipped or in work", quantity);
    }
    say("the ordered quantity", &line.ordered);
    say("the price", &line.price);
    say("the value", &line.total);
    if let Some(per) = &line.per {
        say("the price base", per);
    }
    for promise in &line.promises {
        say("a promised quantity", &promise.quantity);
        say("a promised date", &promise.deliver);
    }
    for backorder in &line.backorders {
        say("a backordered quantity", &backorder.quantity);
        if let Some(expected) = &backorder.expected {
            say("an expected date", expected);
        }
    }
    figures
}

fn address_lines(order: &Order) -> Vec<String> {
    let address = &order.purchase_order.ship_to.value;
    // Where the post asks for it, the region stands between town and code on one line.
    let is_town_first = matches!(address.country.as_str(), "US" | "CA" | "AU");
    let (town, region) = match (is_town_first, address.region.is_empty()) {
        (true, false) => (format!("{}, {} {}", address.city, address.region, address.postal_code), ""),
        (true, true) => (format!("{} {}", address.city, address.postal_code), ""),
        (false, _) => (format!("{} {}", address.postal_code, address.city), address.region.as_str()),
    };
    [address.name.as_str(), &address.street, &town, region, &address.country]
        .into_iter()
        .map(quoted)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Text from a document on one line, without control characters, cut where it is very long.
fn quoted(text: &str) -> String {
    let words =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if words.chars().count() <= MAX_QUOTED_CHARS {
        return words;
    }
    let mut cut: String = words.chars().take(MAX_QUOTED_CHARS).collect();
    cut.push('…');
    cut
}

/// `Re:` and the subject of the mail that is answered, or one of our own where there was none.
fn subject(kind: NoticeKind, thread: &Thread, data: &NoticeData, tongue: Tongue) -> String {
    let theirs = quoted(strip_reply_marks(&thread.subject));
    if !theirs.is_empty() {
        return format!("Re: {theirs}");
    }
    let what = match (kind, tongue) {
        (NoticeKind::Confirmation, Tongue::English) => "Order confirmation",
        (NoticeKind::Confirmation, Tongue::German) => "Auftragsbestätigung",
        (NoticeKind::Confirmation, Tongue::French) => "Confirmation de commande",
        (NoticeKind::Confirmation, Tongue::Spanish) => "Confirmación de pedido",
        (NoticeKind::Confirmation, Tongue::Italian) => "Conferma d'ordine",
        (NoticeKind::Confirmation, Tongue::Dutch) => "Orderbevestiging",
        (NoticeKind::ChangeConfirmation, Tongue::English) => "Order change confirmation",
        (NoticeKind::ChangeConfirmation, Tongue::German) => "Bestätigung der Auftragsänderung",
        (NoticeKind::ChangeConfirmation, Tongue::French) => "Confirmation de modification de commande",
        (NoticeKind::ChangeConfirmation, Tongue::Spanish) => "Confirmación de cambio de pedido",
        (NoticeKind::ChangeConfirmation, Tongue::Italian) => "Conferma di modifica dell'ordine",
        (NoticeKind::ChangeConfirmation, Tongue::Dutch) => "Bevestiging van orderwijziging",
        (NoticeKind::CancellationConfirmation, Tongue::English) => "Order cancellation",
        (NoticeKind::CancellationConfirmation, Tongue::German) => "Stornobestätigung",
        (NoticeKind::CancellationConfirmation, Tongue::French) => "Annulation de commande",
        (NoticeKind::CancellationConfirmation, Tongue::Spanish) => "Anulación de pedido",
        (NoticeKind::CancellationConfirmation, Tongue::Italian) => "Annullamento dell'ordine",
        (NoticeKind::CancellationConfirmation, Tongue::Dutch) => "Annulering van order",
    };
    format!("{what} {}: {}", data.number, data.po_number)
}

/// The subject without the reply marks that mail programs of our languages put before it.
fn strip_reply_marks(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((mark, after)) = rest.split_once(':') {
        if !matches!(mark.trim().to_ascii_lowercase().as_str(), "re" | "aw" | "sv" | "antw" | "rif" | "r") {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

fn render(template: &str, data: &NoticeData) -> Result<String, NoticeError> {
    let failed = |source| NoticeError::Template { template: template.to_owned(), source };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().map_err(failed)?;
    environment.set_syntax(syntax);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).map_err(failed)?;
    }
    environment.get_template(template).and_then(|found| found.render(Serde(data))).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::samples;
    use rust_decimal::dec;

    #[test]
    fn every_template_renders_every_sample() {
        for tongue in Tongue::ALL {
            for sample in samples::all() {
                let context = samples::context(tongue.code());
                let notice = match sample.kind {
                    NoticeKind::Confirmation => confirmation(&sample.order, &sample.plan, &context),
                    NoticeKind::ChangeConfirmation => change_confirmation(&sample.order, &sample.plan, &context),
                    NoticeKind::CancellationConfirmation => cancellation(&sample.order, &context),
                };
                let notice = notice.unwrap_or_else(|error| panic!("{} in {}: {error}", sample.name, tongue.code()));
                let shown = format!("Subject: {}\n\n{}", notice.subject, notice.text).replace('\u{a0}', " ");
                insta::assert_snapshot!(format!("{}.{}", sample.name, tongue.code()), shown);
            }
        }
    }

    #[test]
    fn every_template_has_a_sample() {
        let kinds: Vec<NoticeKind> = samples::all().into_iter().map(|sample| sample.kind).collect();
        for kind in [NoticeKind::Confirmation, NoticeKind::ChangeConfirmation, NoticeKind::CancellationConfirmation] {
            assert!(kinds.contains(&kind), "{kind:?} has no sample");
        }
    }

    #[test]
    fn a_plan_that_forgets_units_is_refused() {
        let mut sample = samples::all().remove(0);
        let forgotten = sample.plan.shipments[0].lines.pop().expect("the sample ships something");
        let refused = confirmation(&sample.order, &sample.plan, &samples::context("en")).expect_err("units are missing");
        assert!(matches!(&refused, NoticeError::PlanDoesNotCover { line, .. } if *line == forgotten.line_no), "{refused}");
    }

    #[test]
    fn text_of_a_document_can_neither_break_the_layout_nor_act_as_a_template() {
        let mut sample = samples::all().remove(0);
        sample.order.lines[0].ordered.description = "Bolt\r\nBcc: x@example.org\n{{ company }} \u{0}".to_owned() + &"x".repeat(500);
        let notice = confirmation(&sample.order, &sample.plan, &samples::context("en")).expect("a sample");
        assert!(notice.text.contains("Bolt Bcc: x@example.org {{ company }} xxx"));
        assert!(!notice.text.contains(&"x".repeat(200)));
    }

    #[test]
    fn subjects() {
        let mut sample = samples::all().remove(0);
        let mut context = samples::context("de");
        sample.order.purchase_order.po_number.value = "00450/A".into();
        for (theirs, ours) in [
            ("", "Auftragsbestätigung SO-000017: 00450/A"),
            ("Bestellung 17", "Re: Bestellung 17"),
            ("AW: Re: Bestellung 17", "Re: Bestellung 17"),
            ("Order: 17\r\nBcc: a@b", "Re: Order: 17 Bcc: a@b"),
        ] {
            context.thread.subject = theirs.into();
            let notice = confirmation(&sample.order, &sample.plan, &context).expect("a sample");
            assert_eq!(notice.subject, ours);
        }
    }

    #[test]
    fn quantities_are_said_in_the_ordered_unit_only_where_that_is_exact() {
        let sample = samples::all().remove(0);
        let carton_line =
            sample.order.lines.iter().find(|line| line.ordered.unit != line.ordered.base_unit).expect("a sample in cartons");
        assert_eq!(as_ordered(carton_line, dec!(24), Tongue::English), "2\u{a0}cartons");
        assert_eq!(as_ordered(carton_line, dec!(7), Tongue::English), "7\u{a0}pcs");
    }
}
