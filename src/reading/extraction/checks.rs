//! Deterministic checks on a draft, whoever read it: is it complete, do its figures agree, does its text try to give orders to a machine.
//!
//! What master data or earlier orders say is not here (`deciding::validation`).

use super::layout::lines::fold;
use super::numbers;
use crate::model::{Code, Confidence, DocumentKind, Draft, DraftCharge, DraftLine, DraftOrder, Field, Finding, Reading, Severity};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashSet;

/// Adds findings to a draft, and raises the confidence of what its figures prove. Safe to run again: nothing is found twice.
pub fn check(draft: &mut Draft) {
    let mut findings = Vec::new();
    // A reader that saw the tax column has said already that a line total includes tax.
    let explained: HashSet<String> =
        draft.findings.iter().filter(|f| f.code == Code::LineTotalMismatch).map(|f| f.field.clone()).collect();
    for (index, order) in draft.orders.iter_mut().enumerate() {
        let at = format!("/orders/{index}");
        complete(draft.kind, order, &at, &mut findings);
        for (i, line) in order.lines.iter_mut().enumerate() {
            if !explained.contains(&format!("{at}/lines/{i}/line_total")) {
                line_total(line, &format!("{at}/lines/{i}"), &mut findings);
            }
        }
        sums(order, &at, &mut findings);
        duplicates(order, &at, &mut findings);
        dates_in_order(order, &at, &mut findings);
        unproved(order, &at, &mut findings);
        instructions(order, &at, &mut findings);
    }
    if draft.kind.concerns_an_order() && draft.orders.is_empty() {
        findings.push(Finding::new(Code::MissingLines, Severity::Ask, "", "No order could be read from the document."));
    }
    let mut known: HashSet<(Code, String)> = draft.findings.iter().map(|f| (f.code, f.field.clone())).collect();
    draft.findings.extend(findings.into_iter().filter(|f| known.insert((f.code, f.field.clone()))));
}

/// What an order cannot do without asks; what a careful clerk fills in from the customer's record is a note.
fn complete(kind: DocumentKind, order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let mut say = |missing: bool, code: Code, severity: Severity, field: String, message: &str| {
        if missing {
            findings.push(Finding::new(code, severity, field, message));
        }
    };
    say(
        order.po_number.is_absent(),
        Code::MissingPoNumber,
        Severity::Ask,
        format!("{at}/po_number"),
        "No purchase order number was found.",
    );
    // A cancellation may name the order alone.
    let without_lines = if kind == DocumentKind::OrderCancellation { Severity::Note } else { Severity::Ask };
    say(order.lines.is_empty(), Code::MissingLines, without_lines, format!("{at}/lines"), "No order line was found.");
    say(
        order.currency.is_absent(),
        Code::MissingCurrency,
        Severity::Note,
        format!("{at}/currency"),
        "No currency is printed; the customer's own is used.",
    );
    say(
        order.total.is_absent(),
        Code::MissingTotal,
        Severity::Note,
        format!("{at}/total"),
        "No total is printed to check the lines against.",
    );
    say(
        order.ship_to.is_absent(),
        Code::MissingShipTo,
        Severity::Note,
        format!("{at}/ship_to"),
        "No delivery address is printed; the customer's own is used.",
    );
    for (i, line) in order.lines.iter().enumerate() {
        let at = format!("{at}/lines/{i}");
        say(line.quantity.is_absent(), Code::MissingQuantity, Severity::Ask, format!("{at}/quantity"), "The line has no quantity.");
        say(
            line.unit_price.is_absent(),
            Code::MissingPrice,
            Severity::Note,
            format!("{at}/unit_price"),
            "The line has no price; ours is used.",
        );
        let named = [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin, &line.description]
            .iter()
            .any(|r| !r.is_absent());
        say(!named, Code::MissingItem, Severity::Ask, at.clone(), "The line does not say which article is ordered.");
    }
    for (i, line) in order.lines.iter().enumerate() {
        unsettled(line, &format!("{at}/lines/{i}"), findings);
    }
    for (reading, name) in [
        (&order.subtotal, "subtotal"),
        (&order.discount, "discount"),
        (&order.shipping, "shipping"),
        (&order.tax, "tax"),
        (&order.total, "total"),
    ] {
        ask_if_unsettled(reading, Code::AmbiguousNumber, &format!("{at}/{name}"), findings);
    }
    ask_if_unsettled(&order.po_date, Code::AmbiguousDate, &format!("{at}/po_date"), findings);
    ask_if_unsettled(&order.requested_delivery_date, Code::AmbiguousDate, &format!("{at}/requested_delivery_date"), findings);
    ask_if_unsettled(&order.po_number, Code::AmbiguousField, &format!("{at}/po_number"), findings);
    ask_if_unsettled(&order.currency, Code::AmbiguousField, &format!("{at}/currency"), findings);
}

fn unsettled(line: &DraftLine, at: &str, findings: &mut Vec<Finding>) {
    for (reading, name) in [
        (&line.quantity, "quantity"),
        (&line.unit_price, "unit_price"),
        (&line.line_total, "line_total"),
        (&line.price_basis, "price_basis"),
        (&line.discount_percent, "discount_percent"),
    ] {
        ask_if_unsettled(reading, Code::AmbiguousNumber, &format!("{at}/{name}"), findings);
    }
    ask_if_unsettled(&line.requested_date, Code::AmbiguousDate, &format!("{at}/requested_date"), findings);
    for (reading, name) in [(&line.buyer_part, "buyer_part"), (&line.supplier_part, "supplier_part"), (&line.gtin, "gtin")] {
        ask_if_unsettled(reading, Code::AmbiguousField, &format!("{at}/{name}"), findings);
    }
}

fn ask_if_unsettled<T: ToString>(reading: &Reading<T>, code: Code, field: &str, findings: &mut Vec<Finding>) {
    match reading {
        Reading::Several(fields) => {
            let values = fields.iter().map(|f| f.value.to_string()).collect::<Vec<_>>().join(" or ");
            let raw = fields.first().map_or("", |f| f.raw.as_str());
            findings.push(Finding::new(code, Severity::Ask, field, format!("`{raw}` may be {values}.")).at(reading.spans()));
        }
        Reading::Unreadable { raw, spans } => {
            findings.push(
                Finding::new(Code::UnreadableField, Severity::Ask, field, format!("`{raw}` could not be understood.")).at(spans),
            );
        }
        Reading::Found(_) | Reading::Absent => {}
    }
}

/// quantity x price / base, less discount, is the line total (DOMAIN 15).
fn line_total(line: &mut DraftLine, at: &str, findings: &mut Vec<Finding>) {
    let (Some(quantity), Some(price), Some(total)) =
        (line.quantity.value().copied(), line.unit_price.value().copied(), line.line_total.value().copied())
    else {
        return;
    };
    let basis = line.price_basis.value().copied().filter(|b| *b > Decimal::ZERO).unwrap_or(Decimal::ONE);
    let discount = line.discount_percent.value().copied().unwrap_or_default();
    let Some(gross) = quantity.checked_mul(price).and_then(|x| x.checked_div(basis)) else { return };
    let net = gross.checked_mul(Decimal::ONE_HUNDRED - discount).and_then(|x| x.checked_div(Decimal::ONE_HUNDRED)).unwrap_or(gross);
    if !numbers::is_countable(&gross) || !numbers::is_countable(&net) {
        return;
    }
    let beside = not_carried(&line.charges);
    let with_charges = beside.and_then(|beside| net.checked_add(beside)).unwrap_or(net);
    if agrees(net, total, quantity)
        || agrees(with_charges, total, quantity)
        || (!discount.is_zero() && agrees(gross, total, quantity))
    {
        raise(&mut line.quantity, 95);
        raise(&mut line.unit_price, 95);
        raise(&mut line.line_total, 95);
        return;
    }
    let expected = net.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize();
    let why = explain(net, total, quantity);
    let reason = why.map(|w| format!(" ({w})")).unwrap_or_default();
    let message =
        format!("{} x {} gives {expected}, but {} is printed{reason}.", quantity.normalize(), price.normalize(), total.normalize());
    lower(&mut line.quantity, 60);
    lower(&mut line.unit_price, 60);
    lower(&mut line.line_total, 60);
    findings.push(
        Finding::new(Code::LineTotalMismatch, Severity::Ask, format!("{at}/line_total"), message)
            .at(line.line_total.spans())
            .propose(expected.to_string()),
    );
}

/// What allowances and charges add that no sum has in; `None` where one has no amount.
fn not_carried(charges: &[DraftCharge]) -> Option<Decimal> {
    let amounts = charges.iter().filter(|charge| !charge.is_carried);
    amounts.map(DraftCharge::signed).try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?)).filter(numbers::is_countable)
}

/// Equal after rounding; a printed price rounded to its own places may make a small difference over a large quantity.
fn agrees(exact: Decimal, printed: Decimal, quantity: Decimal) -> bool {
    super::layout::figures_close(exact, printed, quantity)
}

/// Usual rates of value added tax: a total that differs by just one of them includes it.
const VAT_RATES: [u32; 22] = [4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28];

fn explain(exact: Decimal, printed: Decimal, quantity: Decimal) -> Option<String> {
    for basis in [100u32, 1000, 10] {
        if exact.checked_div(Decimal::from(basis)).is_some_and(|x| agrees(x, printed, quantity)) {
            return Some(format!("a price per {basis} would explain it"));
        }
    }
    VAT_RATES.iter().find_map(|rate| {
        let with_tax = exact.checked_mul(Decimal::from(100 + rate))?.checked_div(Decimal::ONE_HUNDRED)?;
        agrees(with_tax, printed, quantity).then(|| format!("{rate} % tax included would explain it"))
    })
}

/// Lines to subtotal to total.
fn sums(order: &mut DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let count = Decimal::from(order.lines.len().max(1));
    let Some(sum) = sum_of_lines(order) else {
        unexplained_total(order, at, findings);
        return;
    };
    let value = |r: &Reading<Decimal>| r.value().copied();
    let (discount, shipping, tax) = (
        value(&order.discount).unwrap_or_default(),
        value(&order.shipping).unwrap_or_default(),
        value(&order.tax).unwrap_or_default(),
    );
    let mut proved = false;
    if let Some(subtotal) = value(&order.subtotal) {
        // A subtotal may be printed before or after discount and freight.
        let readings = [sum, sum - discount, sum - discount + shipping, sum + shipping];
        if readings.iter().any(|r| within(*r, subtotal, count)) {
            proved = true;
            raise(&mut order.subtotal, 98);
        } else {
            let why = explain(sum, subtotal, Decimal::ONE).map(|w| format!(" ({w})")).unwrap_or_default();
            let message = format!("The lines add up to {}, but the subtotal says {}{why}.", sum.normalize(), subtotal.normalize());
            findings.push(
                Finding::new(Code::SubtotalMismatch, Severity::Ask, format!("{at}/subtotal"), message).at(order.subtotal.spans()),
            );
        }
    }
    if let Some(total) = value(&order.total) {
        let base = value(&order.subtotal).unwrap_or(sum);
        let beside = not_carried(&order.charges).unwrap_or_default();
        let readings = [
            sum - discount + shipping + tax + beside,
            base - discount + shipping + tax + beside,
            sum - discount + shipping + tax,
            base - discount + shipping + tax,
            base + shipping + tax,
            base + tax,
            sum - discount + shipping + beside,
            sum - discount + shipping,
            base - discount,
            sum,
        ];
        match readings.iter().position(|r| within(*r, total, count)) {
            // Without tax although one is printed: the total is net of it.
            Some(_) => {
                proved = true;
                raise(&mut order.total, 98);
            }
            None => {
                let expected = readings[0];
                let why = explain(sum, total, Decimal::ONE).map(|w| format!(" ({w})")).unwrap_or_default();
                let message =
                    format!("Lines and charges add up to {}, but the total says {}{why}.", expected.normalize(), total.normalize());
                findings.push(
                    Finding::new(Code::TotalMismatch, Severity::Ask, format!("{at}/total"), message)
                        .at(order.total.spans())
                        .propose(expected.normalize().to_string()),
                );
            }
        }
    }
    if proved {
        for line in &mut order.lines {
            let checked = line.line_total.found().is_some_and(|f| f.confidence.as_percent() >= 95);
            if checked {
                raise(&mut line.quantity, 98);
                raise(&mut line.unit_price, 98);
                raise(&mut line.line_total, 98);
            }
        }
    }
}

/// A total is printed, but a line has neither total nor price: what was read does not explain it.
fn unexplained_total(order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let printed = [(&order.total, "total"), (&order.subtotal, "subtotal")]
        .into_iter()
        .find_map(|(reading, name)| reading.value().filter(|v| !v.is_zero()).map(|v| (*v, name, reading.spans().to_vec())));
    let Some((value, name, spans)) = printed.filter(|_| !order.lines.is_empty()) else { return };
    let message = format!("{} is printed, but not every line has a price to explain it.", value.normalize());
    findings.push(Finding::new(Code::TotalMismatch, Severity::Ask, format!("{at}/{name}"), message).at(&spans));
}

/// Line totals, or quantity x price where no total is printed; `None` when a line has neither.
fn sum_of_lines(order: &DraftOrder) -> Option<Decimal> {
    if order.lines.is_empty() {
        return None;
    }
    order.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line_value(line)?)).filter(numbers::is_countable)
}

fn line_value(line: &DraftLine) -> Option<Decimal> {
    if let Some(total) = line.line_total.value() {
        return Some(*total);
    }
    if line.quantity.value().is_some_and(Decimal::is_zero) {
        return Some(Decimal::ZERO);
    }
    let basis = line.price_basis.value().copied().filter(|b| *b > Decimal::ZERO).unwrap_or(Decimal::ONE);
    let discount = line.discount_percent.value().copied().unwrap_or_default();
    let gross = line.quantity.value()?.checked_mul(*line.unit_price.value()?)?.checked_div(basis)?;
    let net = gross.checked_mul(Decimal::ONE_HUNDRED - discount)?.checked_div(Decimal::ONE_HUNDRED)?;
    net.checked_add(not_carried(&line.charges)?).filter(numbers::is_countable)
}

/// Tolerance: one cent a line, or half a percent of small sums, whichever is more (DOMAIN 15).
fn within(expected: Decimal, printed: Decimal, lines: Decimal) -> bool {
    let cents = lines * Decimal::new(1, 2);
    // Half a percent of a large order is money: it never hides a line.
    let share = (printed.abs() * Decimal::new(5, 3)).min(Decimal::new(50, 2));
    (expected - printed).abs() <= cents.max(share)
}

/// Two equal lines are legal (two truckloads); a person may want to know (DOMAIN 7).
fn duplicates(order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let key = |l: &DraftLine| {
        let part = [&l.buyer_part, &l.supplier_part, &l.description].iter().find_map(|r| r.value().cloned())?;
        Some((part, *l.quantity.value()?, l.requested_date.value().copied()))
    };
    let mut seen = HashSet::new();
    for (i, line) in order.lines.iter().enumerate() {
        let Some(own) = key(line) else { continue };
        let message = format!("The line repeats an earlier one: {} of {}.", own.1.normalize(), own.0);
        if !seen.insert(own) {
            findings.push(Finding::new(Code::DuplicateLine, Severity::Note, format!("{at}/lines/{i}"), message));
        }
    }
    let numbers: Vec<u32> = order.lines.iter().filter_map(|l| l.line_no.value()?.trim_end_matches('.').parse().ok()).collect();
    // Numbered 1, 2, 3: a gap is a line that was not read.
    if numbers.len() == order.lines.len() && numbers.len() >= 2 {
        let step = numbers.windows(2).map(|w| w[1].saturating_sub(w[0])).min().unwrap_or(0);
        let gap = numbers.windows(2).find(|w| step > 0 && w[1] > w[0] && w[1] - w[0] > step);
        if let Some(gap) = gap.filter(|_| step == 1 || step == 10 || step == 100) {
            let message = format!("Line {} follows line {}: the lines between may be missing.", gap[1], gap[0]);
            findings.push(Finding::new(Code::LineCountMismatch, Severity::Ask, format!("{at}/lines"), message));
        } else if numbers.first().is_some_and(|f| step > 0 && *f > step && step <= 100 && *f <= 3 * step) {
            let message = format!("The first line is number {}: lines before it may be missing.", numbers[0]);
            findings.push(Finding::new(Code::LineCountMismatch, Severity::Ask, format!("{at}/lines"), message));
        }
    }
}

fn dates_in_order(order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let Some(ordered) = order.po_date.value().copied() else { return };
    let mut say = |date: Option<&jiff::civil::Date>, field: String| {
        if let Some(date) = date.filter(|d| **d < ordered) {
            findings.push(Finding::new(
                Code::DateBeforeOrder,
                Severity::Ask,
                field,
                format!("Delivery on {date} is asked for by an order of {ordered}."),
            ));
        }
    };
    say(order.requested_delivery_date.value(), format!("{at}/requested_delivery_date"));
    for (i, line) in order.lines.iter().enumerate() {
        say(line.requested_date.value(), format!("{at}/lines/{i}/requested_date"));
    }
}

/// Says where figures have nothing to be checked against.
fn unproved(order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let lines: Vec<usize> = order
        .lines
        .iter()
        .enumerate()
        .filter(|(_, l)| {
            l.unit_price.found().is_some_and(|f| f.confidence.as_percent() < 95)
                && l.line_total.is_absent()
                && !l.quantity.is_absent()
        })
        .map(|(i, _)| i)
        .collect();
    if lines.is_empty() || !order.total.is_absent() || !order.subtotal.is_absent() {
        return;
    }
    let message = format!(
        "{} line(s) have no line total and the order has no total: quantity and price could not be checked against each other.",
        lines.len()
    );
    findings.push(Finding::new(Code::MissingTotal, Severity::Note, format!("{at}/lines"), message));
}

/// Words of orders to a machine, folded; a supplier is never spoken to like this.
const INSTRUCTIONS: [&str; 40] = [
    "ignore previous instructions",
    "ignore all previous",
    "ignore the above",
    "ignore prior instructions",
    "disregard previous",
    "disregard all previous",
    "disregard the above",
    "forget your instructions",
    "you are an ai",
    "you are a language model",
    "as an ai",
    "note to ai",
    "ai system",
    "ai assistant",
    "system prompt",
    "new instructions",
    "do not flag",
    "do not escalate",
    "without human review",
    "skip validation",
    "skip the review",
    "override the price",
    "set the price to",
    "set unit price to",
    "mark as approved",
    "auto approve",
    "automatically approve",
    "ignoriere alle",
    "ignoriere die vorherigen",
    "ignorieren sie alle vorherigen",
    "ignorez les instructions",
    "ignore les instructions",
    "ignora las instrucciones",
    "ignore las instrucciones",
    "ignora le istruzioni",
    "ignorare le istruzioni",
    "negeer alle",
    "negeer de vorige instructies",
    "hinweis an ki",
    "respond only with",
];

/// Whether a text speaks to a machine. Used on whole documents and on single values.
pub fn speaks_to_a_machine(text: &str) -> Option<&'static str> {
    let plain = fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    INSTRUCTIONS.iter().find(|p| plain.contains(*p)).copied()
}

fn instructions(order: &DraftOrder, at: &str, findings: &mut Vec<Finding>) {
    let mut look = |reading: &Reading<String>, field: String| {
        if let Some(phrase) = reading.likeliest().and_then(|f| speaks_to_a_machine(&f.value)) {
            findings.push(
                Finding::new(
                    Code::InstructionInDocument,
                    Severity::Ask,
                    field,
                    format!("The text `{phrase}` is addressed to a machine, not to a supplier."),
                )
                .at(reading.spans()),
            );
        }
    };
    look(&order.payment_terms, format!("{at}/payment_terms"));
    for (i, line) in order.lines.iter().enumerate() {
        look(&line.description, format!("{at}/lines/{i}/description"));
    }
}

fn raise<T>(reading: &mut Reading<T>, percent: u8) {
    // A word that OCR was unsure of stays unsure: only what arithmetic proves is raised, and OCR errors rarely add up.
    if let Reading::Found(Field { confidence, .. }) = reading {
        *confidence = (*confidence).max(Confidence::percent(percent));
    }
}

fn lower<T>(reading: &mut Reading<T>, percent: u8) {
    if let Reading::Found(Field { confidence, .. }) = reading {
        *confidence = (*confidence).min(Confidence::percent(percent));
    }
}
