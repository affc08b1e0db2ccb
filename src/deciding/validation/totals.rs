//! Do the printed totals follow from the lines? Re-computed in decimals whatever the reader said (DOMAIN 15, 23).

use super::Facts;
use super::amounts::{LARGEST_AMOUNT, charge, effective_price, extension, printed_price, rounding_slack, sum};
use crate::deciding::{line_name, line_pointer};
use crate::model::{Code, Currency, DraftCharge, DraftLine, Finding, Money, Severity};
use rust_decimal::{Decimal, dec};

/// Sales tax rates by which a total is often larger than its lines, in percent.
const TAX_RATES: [Decimal; 14] = [
    dec!(5),
    dec!(5.5),
    dec!(7),
    dec!(8),
    dec!(9),
    dec!(10),
    dec!(12),
    dec!(18),
    dec!(19),
    dec!(20),
    dec!(21),
    dec!(22),
    dec!(23),
    dec!(25),
];

/// Standard rates of countries whose rate a missing line does not hit by accident: 10 or 20 % more may well be one line of ten or five.
const ODD_STANDARD_RATES: [(&str, Decimal); 18] = [
    ("BE", dec!(21)),
    ("CH", dec!(8.1)),
    ("CY", dec!(19)),
    ("CZ", dec!(21)),
    ("DE", dec!(19)),
    ("EE", dec!(24)),
    ("ES", dec!(21)),
    ("GR", dec!(24)),
    ("IE", dec!(23)),
    ("IT", dec!(22)),
    ("LT", dec!(21)),
    ("LU", dec!(17)),
    ("LV", dec!(21)),
    ("MT", dec!(18)),
    ("NL", dec!(21)),
    ("PL", dec!(23)),
    ("PT", dec!(23)),
    ("SI", dec!(22)),
];

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(currency) = facts.currency.as_ref().map(|field| field.value) else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line, _) in facts.articles() {
        findings.extend(line_total(line, index, currency));
    }
    let every_line_proved = facts.articles().all(|(index, line, _)| {
        line.line_total.value().is_some() && printed_price(line).is_some() && line_total(line, index, currency).is_none()
    });
    let Some(sums) = sums(facts, currency) else { return findings };
    let wrong_subtotal = subtotal(facts, &sums, currency);
    let subtotal_proves_lines = wrong_subtotal.is_none() && facts.matched.order.subtotal.value().is_some();
    findings.extend(wrong_subtotal);
    findings.extend(total(facts, &sums, currency, every_line_proved, subtotal_proves_lines));
    findings
}

fn line_total(line: &DraftLine, index: usize, currency: Currency) -> Option<Finding> {
    let printed = line.line_total.found().filter(|total| total.value.abs() <= LARGEST_AMOUNT)?;
    let price = printed_price(line)?.value;
    let exact = extension(line, &price, currency)?;
    let beside = DraftCharge::beside(&line.charges).unwrap_or_default();
    if !beside.is_zero() && (printed.value - exact - beside).abs() < Decimal::new(1, currency.minor_digits()) {
        return None;
    }
    let difference = (printed.value - exact).abs();
    if difference.is_zero() || difference < Decimal::new(1, currency.minor_digits()) {
        return None;
    }
    let show = |amount| Money { amount, currency }.to_string();
    let name = line_name(line, index);
    let quantity = line.quantity.value().copied().unwrap_or_default().normalize();
    let per = if price.per == Decimal::ONE { String::new() } else { format!(" per {}", price.per.normalize()) };
    let figures =
        format!("{name}: {quantity} x {}{per} is {}, printed is {}", price.amount.normalize(), show(exact), show(printed.value));
    let field = line_pointer(index, "line_total");
    if difference <= rounding_slack(line, &price, currency) {
        let message = format!("{figures}: the unit price was rounded.");
        return Some(Finding::new(Code::LineTotalMismatch, Severity::Note, field, message).at(printed.origin.spans()));
    }
    let finding = |message| Finding::new(Code::LineTotalMismatch, Severity::Ask, field.clone(), message).at(printed.origin.spans());
    let basis = [dec!(10), dec!(100), dec!(1000)].into_iter().find(|basis| {
        let other = crate::model::UnitPrice { amount: price.amount, per: *basis };
        *basis != price.per && extension(line, &other, currency).is_some_and(|e| (e - printed.value).abs() <= dec!(0.01))
    });
    if let Some(basis) = basis {
        let message = format!("{figures}. It comes out even if the price is for {basis}.");
        return Some(Finding { field: line_pointer(index, "price_basis"), ..finding(message) }.propose(basis.to_string()));
    }
    if printed.value == price.amount && quantity != Decimal::ONE {
        return Some(finding(format!("{figures}: the unit price is repeated as the line total.")));
    }
    match tax_rate_between(exact, printed.value) {
        Some(rate) => Some(finding(format!("{figures}: {rate} % more, as if tax were in it."))),
        None => Some(finding(format!("{figures}."))),
    }
}

fn tax_rate_between(net: Decimal, gross: Decimal) -> Option<Decimal> {
    TAX_RATES.into_iter().find(|rate| is_with_tax(net, gross, *rate))
}

/// Whether `gross` is `net` with `rate` percent on top, to two cents.
fn is_with_tax(net: Decimal, gross: Decimal, rate: Decimal) -> bool {
    let with_tax = net.checked_mul(dec!(1) + rate / dec!(100));
    net > Decimal::ZERO && with_tax.is_some_and(|amount| (amount - gross).abs() <= dec!(0.02))
}

/// What the lines and charges come to.
struct Sums {
    articles: Decimal,
    charges: Decimal,
    lines: usize,
}

/// `None` while a line's amount is not known.
fn sums(facts: &Facts<'_>, currency: Currency) -> Option<Sums> {
    let mut articles = Vec::new();
    for (_, line, matched) in facts.articles() {
        let price = effective_price(line, matched, currency);
        let computed = price.and_then(|price| extension(line, &price.value, currency));
        articles.push(line.line_total.value().copied().or(computed)?);
    }
    let lines = articles.len();
    (lines > 0).then_some(())?;
    let beside = DraftCharge::beside(&facts.matched.order.charges);
    Some(Sums { articles: sum(articles)?, charges: sum(facts.charges().filter_map(charge).chain(beside))?, lines })
}

fn subtotal(facts: &Facts<'_>, sums: &Sums, currency: Currency) -> Option<Finding> {
    let printed = facts.matched.order.subtotal.found().filter(|s| s.value.abs() <= LARGEST_AMOUNT)?;
    let discount = amount(facts.matched.order.discount.value()).abs();
    let tolerance = tolerance(sums, currency);
    let fits = [sums.articles, sums.articles + sums.charges, sums.articles - discount, sums.articles + sums.charges - discount];
    if fits.iter().any(|fit| (fit - printed.value).abs() <= tolerance) {
        return None;
    }
    let show = |amount| Money { amount, currency }.to_string();
    let message = format!("The subtotal is printed as {}, but the lines come to {}.", show(printed.value), show(sums.articles));
    Some(Finding::new(Code::SubtotalMismatch, Severity::Ask, "/orders/0/subtotal", message).at(printed.origin.spans()))
}

/// The total may be with or without freight and tax, by what the form's author meant (DOMAIN 23); the printed parts decide.
fn total(
    facts: &Facts<'_>,
    sums: &Sums,
    currency: Currency,
    every_line_proved: bool,
    subtotal_proves_lines: bool,
) -> Option<Finding> {
    let order = &facts.matched.order;
    let printed = order.total.found().filter(|total| total.value.abs() <= LARGEST_AMOUNT)?;
    let (discount, shipping, tax) =
        (amount(order.discount.value()).abs(), amount(order.shipping.value()), amount(order.tax.value()));
    let mut nearest = (sums.articles - printed.value).abs();
    for base in [sums.articles, sums.articles + sums.charges] {
        for parts in 0..8u8 {
            let part = |bit: u8, amount: Decimal| if parts & bit == 0 { Decimal::ZERO } else { amount };
            let sum = base - part(1, discount) + part(2, shipping) + part(4, tax);
            nearest = nearest.min((sum - printed.value).abs());
        }
    }
    if nearest <= tolerance(sums, currency) {
        return None;
    }
    let show = |amount| Money { amount, currency }.to_string();
    let all = sums.articles + sums.charges - discount + shipping + tax;
    let mut message = format!("The total is printed as {}, but the lines and charges come to {}", show(printed.value), show(all));
    let country = facts.customer.and_then(|customer| customer.country.as_deref()).unwrap_or_default();
    let standard = ODD_STANDARD_RATES.iter().find(|(code, _)| *code == country).map(|(_, rate)| *rate);
    let is_standard = standard.is_some_and(|rate| is_with_tax(all, printed.value, rate));
    let rate = standard.filter(|_| is_standard).or_else(|| tax_rate_between(all, printed.value));
    if let Some(rate) = rate {
        message.push_str(&format!(": {rate} % more, as if tax were in it"));
    }
    message.push('.');
    let within = printed.value.abs().checked_mul(facts.policy.total_percent).is_some_and(|limit| nearest <= limit / dec!(100));
    // A small difference can hide a whole small line, so it is let pass only where every line is proved by its own arithmetic.
    // A tax that was not read explains the total only where no line can be missing: a printed subtotal says so, or every line is proved and
    // the difference is to the cent the tax of the customer's country.
    let is_explained = (every_line_proved && (within || is_standard)) || (rate.is_some() && subtotal_proves_lines);
    let severity = if is_explained { Severity::Note } else { Severity::Ask };
    Some(Finding::new(Code::TotalMismatch, severity, "/orders/0/total", message).at(printed.origin.spans()))
}

/// One smallest coin for every line.
fn tolerance(sums: &Sums, currency: Currency) -> Decimal {
    Decimal::new(1, currency.minor_digits()) * Decimal::from(sums.lines)
}

fn amount(reading: Option<&Decimal>) -> Decimal {
    reading.copied().filter(|amount| amount.abs() <= LARGEST_AMOUNT).unwrap_or_default()
}
