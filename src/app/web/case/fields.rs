//! The right pane: what was read, grouped as an order reads - head, parties, lines, totals - each value beside its evidence.

use super::View;
use crate::deciding::review::fields::{FieldState, FieldView};
use crate::model::{Account, Finding, Severity, Sku};
use maud::{Markup, html};

/// More choices than this make a list that nobody reads.
const MAX_CHOICES: usize = 400;

pub(super) fn groups(view: &View<'_>) -> Markup {
    let place = |field: &FieldView| Group::of(&field.pointer);
    let of = |group: Group| view.fields.iter().enumerate().filter(move |(_, field)| place(field) == group).collect::<Vec<_>>();
    let simple = |group: Group, name: &str| {
        let fields = of(group);
        html! {
            @if !fields.is_empty() {
                fieldset.group {
                    legend { (name) }
                    div.fields { @for (index, field) in fields { (labelled(view, index, field)) } }
                }
            }
        }
    };
    html! {
        @if view.fields.is_empty() { p.hint.no-fields { "No order was read from this. Look at the document, and decide what becomes of the case." } }
        (simple(Group::Order, "Order"))
        (simple(Group::Parties, "Customer and delivery"))
        (lines(view, &of(Group::Lines)))
        (simple(Group::Totals, "Totals"))
        (choices(view))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Order,
    Parties,
    Lines,
    Totals,
}

impl Group {
    fn of(pointer: &str) -> Self {
        let path: Vec<&str> = pointer.split('/').skip(3).collect();
        match path.as_slice() {
            ["lines", ..] => Self::Lines,
            ["customer" | "ship_to_code"] | ["buyer" | "seller" | "ship_to" | "bill_to", ..] => Self::Parties,
            ["subtotal" | "discount" | "shipping" | "tax" | "total"] => Self::Totals,
            _ => Self::Order,
        }
    }
}

fn labelled(view: &View<'_>, index: usize, field: &FieldView) -> Markup {
    html! {
        div.field class=(state_class(field)) {
            label for={ "f" (index) } { (field.label) (state_mark(field)) }
            (control(view, index, field))
            (beneath(view, index, field))
        }
    }
}

/// The line table: one row a line, and a row beneath it for what needs a word.
fn lines(view: &View<'_>, fields: &[(usize, &FieldView)]) -> Markup {
    let count = fields.iter().filter_map(|(_, field)| line_of(&field.pointer)).map(|(line, _)| line + 1).max().unwrap_or(0);
    let columns: Vec<(&str, &str)> = COLUMNS
        .into_iter()
        .filter(|(name, _)| {
            fields.iter().any(|(_, field)| {
                line_of(&field.pointer).is_some_and(|(_, n)| n == *name) && (!field.value.is_empty() || ALWAYS.contains(name))
            })
        })
        .collect();
    html! {
        @if count > 0 {
            fieldset.group.lines {
                legend { "Lines" span.count { (count) } }
                div.scroll tabindex="0" role="group" aria-label="Order lines" {
                    table.lines {
                        thead { tr { @for (name, head) in &columns { th scope="col" class={ "col-" (name) } { (head) } } } }
                        @for line in 0..count {
                            tbody { (line_rows(view, fields, line, &columns)) }
                        }
                    }
                }
            }
        }
    }
}

/// Columns of the line table in reading order. The parts of a line that name the item share the wide one.
const COLUMNS: [(&str, &str); 8] = [
    ("line_no", "No."),
    ("description", "Item"),
    ("quantity", "Quantity"),
    ("uom", "Unit"),
    ("unit_price", "Price"),
    ("price_basis", "Per"),
    ("line_total", "Total"),
    ("requested_date", "Wanted"),
];

/// Columns shown even where no line has a value in them.
const ALWAYS: [&str; 6] = ["line_no", "description", "quantity", "uom", "unit_price", "line_total"];

/// What stands in the item's cell above its description, when there is something to show.
const ITEM_PARTS: [&str; 5] = ["sku", "buyer_part", "supplier_part", "manufacturer_part", "gtin"];

fn line_rows(view: &View<'_>, fields: &[(usize, &FieldView)], line: usize, columns: &[(&str, &str)]) -> Markup {
    let of = |name: &str| {
        fields.iter().find(|(_, field)| line_of(&field.pointer) == Some((line, name))).map(|(index, field)| (*index, *field))
    };
    let others: Vec<(usize, &FieldView)> = fields
        .iter()
        .filter(|(_, field)| {
            line_of(&field.pointer).is_some_and(|(of, name)| {
                of == line
                    && !ITEM_PARTS.contains(&name)
                    && !COLUMNS.iter().any(|(column, _)| *column == name)
                    && !field.value.is_empty()
            })
        })
        .map(|(index, field)| (*index, *field))
        .collect();
    html! {
        tr {
            @for (name, head) in columns {
                td class={ "col-" (name) } {
                    @if *name == "description" {
                        div.item {
                            @for part in ITEM_PARTS {
                                @if let Some((index, field)) = of(part).filter(|(_, field)| part == "sku" || !field.value.is_empty() || field.state != FieldState::Missing) {
                                    (in_item(view, index, field))
                                }
                            }
                            @if let Some((index, field)) = of(name) { (cell(view, index, field, &format!("Line {} {}", line + 1, head))) }
                            @for (index, field) in &others { (in_item(view, *index, field)) }
                        }
                    } @else if let Some((index, field)) = of(name) {
                        (cell(view, index, field, &format!("Line {} {}", line + 1, head)))
                    }
                }
            }
        }
        @let spoken: Vec<(usize, &FieldView)> = fields.iter().filter(|(_, field)| line_of(&field.pointer).is_some_and(|(of, _)| of == line)).map(|(index, field)| (*index, *field)).collect();
        @if spoken.iter().any(|(_, field)| needs_a_word(view, field)) {
            tr.words { td colspan=(columns.len()) {
                @for (index, field) in spoken { (beneath(view, index, field)) }
            } }
        }
    }
}

fn in_item(view: &View<'_>, index: usize, field: &FieldView) -> Markup {
    html! {
        div.part class=(state_class(field)) {
            label for={ "f" (index) } { (field.label) (state_mark(field)) }
            (control(view, index, field))
        }
    }
}

fn cell(view: &View<'_>, index: usize, field: &FieldView, name: &str) -> Markup {
    html! {
        div.cell class=(state_class(field)) {
            label.visually-hidden for={ "f" (index) } { (name) }
            (control(view, index, field))
            (state_mark(field))
        }
    }
}

/// `(2, "quantity")` for `/orders/0/lines/2/quantity`.
fn line_of(pointer: &str) -> Option<(usize, &str)> {
    let (line, name) = pointer.split_once("/lines/")?.1.split_once('/')?;
    Some((line.parse().ok()?, name))
}

fn control(view: &View<'_>, index: usize, field: &FieldView) -> Markup {
    let is_lit = !field.spans.is_empty();
    let is_figure =
        matches!(line_of(&field.pointer), Some((_, "quantity" | "unit_price" | "price_basis" | "line_total" | "discount_percent")))
            || Group::of(&field.pointer) == Group::Totals;
    html! {
        input type="text" id={ "f" (index) } name=(field.pointer) value=(field.value) class=(if is_figure { "figure" } else { "" })
            size=(field.value.chars().count().clamp(4, 40)) maxlength="2000" spellcheck="false"
            inputmode=[is_figure.then_some("decimal")] list=[choice_list(&field.pointer)]
            readonly[!field.editable || !view.is_answerable()] data-was=(field.value)
            data-lights=[is_lit.then(|| format!("f{index}"))] data-problem=[is_problem(field).then_some("")]
            aria-invalid=[matches!(field.state, FieldState::Block).then_some("true")] aria-describedby=[needs_a_word(view, field).then(|| format!("w{index}"))]
            title=(evidence(field));
        @if is_lit { a.where href={ "#at-f" (index) } tabindex="-1" aria-label={ "Show where " (field.label) " stands" } { "⌖" } }
    }
}

/// How it was printed, and where the value is from: what a doubtful clerk hovers for.
fn evidence(field: &FieldView) -> String {
    let printed =
        if field.raw.is_empty() || field.raw == field.value { String::new() } else { format!("printed “{}” · ", field.raw) };
    let sure = field.confidence.filter(|sure| *sure < 100).map(|sure| format!(" · {} % sure", sure));
    format!("{printed}{}{}", field.origin, sure.unwrap_or_default())
}

/// What stands under a field: its findings, how it was printed where that differs and matters, what a code stands for, choices.
fn beneath(view: &View<'_>, index: usize, field: &FieldView) -> Markup {
    if !needs_a_word(view, field) {
        return html! {};
    }
    let is_line = line_of(&field.pointer).is_some();
    html! {
        div.word id={ "w" (index) } {
            @for finding in findings_of(view, field) {
                p.problem class=(if finding.severity == Severity::Block { "block" } else { "ask" }) {
                    @if is_line { strong { (field.label) ": " } }
                    (finding.message)
                }
            }
            @if is_problem(field) && !field.raw.is_empty() && field.raw != field.value { p.printed { "Printed: " q { (field.raw) } } }
            @if let Some(meaning) = meaning(view, &field.pointer, &field.value) { p.meaning { (meaning) } }
            @let offered = offers(view, field);
            @if !offered.is_empty() {
                div.offers {
                    @for (value, name) in offered {
                        button.offer type="submit" name="fix" value={ (field.pointer) "=" (value) } { (name) }
                    }
                }
            }
        }
    }
}

fn needs_a_word(view: &View<'_>, field: &FieldView) -> bool {
    findings_of(view, field).next().is_some()
        || meaning(view, &field.pointer, &field.value).is_some()
        || (is_problem(field) && !field.raw.is_empty() && field.raw != field.value)
        || !offers(view, field).is_empty()
}

fn findings_of<'v>(view: &'v View<'_>, field: &'v FieldView) -> impl Iterator<Item = &'v Finding> {
    view.case.findings.iter().filter(|finding| finding.severity != Severity::Note && finding.field == field.pointer)
}

fn is_problem(field: &FieldView) -> bool {
    matches!(field.state, FieldState::Ask | FieldState::Block)
}

fn state_class(field: &FieldView) -> &'static str {
    match field.state {
        FieldState::Ok => "is-ok",
        FieldState::Ask => "is-ask",
        FieldState::Block => "is-block",
        FieldState::Missing => "is-missing",
    }
}

/// A sign beside the colour: colour alone says nothing to many people.
fn state_mark(field: &FieldView) -> Markup {
    let (sign, word) = match field.state {
        FieldState::Ok | FieldState::Missing => return html! {},
        FieldState::Ask => ("?", "please check"),
        FieldState::Block => ("✕", "must be corrected"),
    };
    html! { span.sign aria-hidden="true" { (sign) } span.visually-hidden { " (" (word) ")" } }
}

/// What a code stands for.
fn meaning(view: &View<'_>, pointer: &str, value: &str) -> Option<String> {
    match choice_list(pointer)? {
        "customers" => super::queue::customer_name(view.master, value),
        "addresses" => address(view, value),
        _ => view.master.products.get(&Sku::from(value)).map(|product| product.name.clone()),
    }
}

fn address(view: &View<'_>, code: &str) -> Option<String> {
    if code == "PRINTED" {
        return Some("The address as printed on the order".into());
    }
    let addresses = view.master.addresses.get(&account(view)?)?;
    addresses.iter().find(|address| address.code == code).map(|address| address.address.on_one_line())
}

fn account(view: &View<'_>) -> Option<Account> {
    view.case.assessed.as_ref()?.matched.customer.as_ref().map(|field| field.value.clone())
}

/// The likeliest values as buttons, where the field is in doubt: value and name.
fn offers(view: &View<'_>, field: &FieldView) -> Vec<(String, String)> {
    let Some(matched) = view.case.assessed.as_ref().map(|assessed| &assessed.matched) else { return Vec::new() };
    let is_open = is_problem(field) || (field.state == FieldState::Missing && choice_list(&field.pointer).is_some());
    if !is_open || !view.is_answerable() {
        return Vec::new();
    }
    let candidates: Vec<String> = match choice_list(&field.pointer) {
        Some("customers") => matched.customer_candidates.iter().map(ToString::to_string).collect(),
        Some("addresses") => matched.ship_to_candidates.iter().cloned().chain(["PRINTED".to_owned()]).collect(),
        Some(_) => {
            let line = line_of(&field.pointer).and_then(|(line, _)| matched.lines.get(line));
            line.map(|line| line.candidates.iter().map(ToString::to_string).collect()).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let mut offers = Vec::new();
    for value in candidates.into_iter().filter(|value| *value != field.value).take(5) {
        let name = meaning(view, &field.pointer, &value);
        offers.push((
            value.clone(),
            name.map_or(value.clone(), |name| if value == "PRINTED" { name } else { format!("{value} · {name}") }),
        ));
    }
    offers
}

/// Which of the lists below a field chooses from.
fn choice_list(pointer: &str) -> Option<&'static str> {
    match pointer.split('/').skip(3).collect::<Vec<_>>().as_slice() {
        ["customer"] => Some("customers"),
        ["ship_to_code"] => Some("addresses"),
        ["lines", _, "sku"] => Some("articles"),
        _ => None,
    }
}

fn choices(view: &View<'_>) -> Markup {
    if view.fields.is_empty() || !view.is_answerable() {
        return html! {};
    }
    let addresses = account(view).and_then(|account| view.master.addresses.get(&account));
    html! {
        datalist id="customers" {
            @for customer in view.master.customers.values().take(MAX_CHOICES) { option value=(customer.account) { (customer.name) } }
        }
        datalist id="addresses" {
            @for address in addresses.into_iter().flatten().take(MAX_CHOICES) { option value=(address.code) { (address.address.on_one_line()) } }
            option value="PRINTED" { "The address as printed on the order" }
        }
        datalist id="articles" {
            @for product in view.master.products.values().take(MAX_CHOICES) { option value=(product.sku) { (product.name) } }
        }
    }
}
