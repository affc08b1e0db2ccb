//! The right pane: what was read, grouped as an order reads - head, parties, lines, totals - each value beside its evidence.

use super::View;
use crate::deciding::review::{FieldState, FieldView};
use crate::model::{Account, Finding, Severity, Sku};
use maud::{Markup, html};

/// More choices than this make a list that nobody reads.
const MAX_CHOICES: usize = 400;

const MAX_OFFERS: usize = 5;

/// Longer values get twice the room.
const WIDE_CHARS: usize = 26;

/// The choice of the address as it stands on the order (`Choices::ship_to_code`).
pub(crate) const AS_PRINTED: &str = "PRINTED";

pub(super) fn groups(view: &View<'_>) -> Markup {
    let place = |field: &FieldView| Group::of(&field.pointer);
    let of = |group: Group| view.fields.iter().enumerate().filter(move |(_, field)| place(field) == group).collect::<Vec<_>>();
    let simple = |group: Group, name: &str| {
        let fields = of(group);
        html! {
            @if !fields.is_empty() {
                fieldset.group {
                    legend { (name) }
                    @let (said, unsaid): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, field)| is_worth_showing(field));
                    div.fields { @for (index, field) in said { (labelled(view, index, field)) } }
                    @if !unsaid.is_empty() {
                        details.unsaid {
                            summary { (super::words::counted(unsaid.len(), "more field")) }
                            div.fields { @for (index, field) in unsaid { (labelled(view, index, field)) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        @if view.fields.is_empty() {
            p.hint.no-fields { "No order was read from this. Look at the document, and decide what becomes of the case." }
            @if view.is_answerable() {
                button.quiet.add-line type="submit" name="fix" value="/orders/0/lines/-=" formnovalidate { "It is an order: enter it by hand" }
                p.hint { "Approved, it teaches how this sender's next document of the same layout is read." }
            }
        }
        (simple(Group::Order, "Order"))
        (simple(Group::Parties, "Customer and delivery"))
        (lines(view, &of(Group::Lines)))
        (simple(Group::Totals, "Totals"))
        (choices(view))
    }
}

/// What every order has, what is filled, and what is wrong stands open; the rest is folded away. Of the parties only the names
/// count: the address that matters is the one that the ship-to code stands for.
fn is_worth_showing(field: &FieldView) -> bool {
    let path: Vec<&str> = field.pointer.split('/').skip(3).collect();
    let is_filled = !field.value.is_empty();
    match path.as_slice() {
        ["po_number" | "po_date" | "currency" | "requested_delivery_date" | "customer" | "ship_to_code" | "total"] => true,
        ["buyer" | "ship_to", "name"] => is_filled || is_problem(field),
        ["buyer" | "seller" | "ship_to" | "bill_to", _] => is_problem(field),
        _ => is_filled || field.state != FieldState::Missing,
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
        div class={ "field " (state_class(field)) @if field.value.chars().count() > WIDE_CHARS { " wide" } } {
            label for={ "f" (index) } { (field.label) (state_mark(field)) }
            (control(view, index, field))
            (beneath(view, index, field))
        }
    }
}

/// The line table: one row a line, and a row beneath it for what needs a word.
fn lines(view: &View<'_>, fields: &[(usize, &FieldView)]) -> Markup {
    let mut lines: Vec<LineFields<'_>> = Vec::new();
    for (index, field) in fields {
        let Some((line, name)) = line_of(&field.pointer) else { continue };
        if lines.len() <= line {
            lines.resize_with(line + 1, LineFields::default);
        }
        lines[line].0.push((*index, name, field));
    }
    let is_used = |name: &str| {
        ALWAYS.contains(&name) || lines.iter().any(|line| line.of(name).is_some_and(|(_, field)| !field.value.is_empty()))
    };
    let columns: Vec<(&str, &str)> = COLUMNS.into_iter().filter(|(name, _)| is_used(name)).collect();
    html! {
        @if !view.fields.is_empty() {
            fieldset.group.lines {
                legend { "Lines" span.count { (lines.len()) } }
                @if !lines.is_empty() {
                    div.scroll tabindex="0" role="group" aria-label="Order lines" {
                        table.lines {
                            thead { tr { @for (name, head) in &columns { th scope="col" class={ "col-" (name) } { (head) } } } }
                            @for (number, line) in lines.iter().enumerate() { tbody { (line_rows(view, number, line, &columns)) } }
                        }
                    }
                }
                @if view.is_answerable() {
                    button.quiet.add-line type="submit" name="fix" value="/orders/0/lines/-=" formnovalidate { "+ Add a line" }
                }
            }
        }
    }
}

/// The fields of one line: place in the list of all fields, name, field.
#[derive(Default)]
struct LineFields<'v>(Vec<(usize, &'v str, &'v FieldView)>);

impl<'v> LineFields<'v> {
    fn of(&self, name: &str) -> Option<(usize, &'v FieldView)> {
        self.0.iter().find(|(_, of, _)| *of == name).map(|(index, _, field)| (*index, *field))
    }

    /// What the item's cell shows above the description: our article always, the others where there is something to see.
    fn item_parts(&self) -> impl Iterator<Item = (usize, &'v FieldView)> {
        ITEM_PARTS
            .iter()
            .filter_map(|part| self.of(part))
            .filter(|(_, field)| field.pointer.ends_with("/sku") || !field.value.is_empty() || field.state != FieldState::Missing)
    }

    /// Filled fields that have no column and no place in the item's cell.
    fn others(&self) -> impl Iterator<Item = (usize, &'v FieldView)> {
        let has_a_place = |name: &str| ITEM_PARTS.contains(&name) || COLUMNS.iter().any(|(column, _)| *column == name);
        self.0
            .iter()
            .filter(move |(_, name, field)| !has_a_place(name) && !field.value.is_empty())
            .map(|(index, _, field)| (*index, *field))
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

fn line_rows(view: &View<'_>, number: usize, line: &LineFields<'_>, columns: &[(&str, &str)]) -> Markup {
    let spoken: Vec<_> = line.0.iter().filter(|(_, _, field)| needs_a_word(view, field)).collect();
    html! {
        tr {
            @for (name, head) in columns {
                td class={ "col-" (name) } {
                    @if *name == "line_no" && view.is_answerable() { (remove_button(number)) }
                    @let own = line.of(name).map(|(index, field)| cell(view, index, field, &format!("Line {} {head}", number + 1)));
                    @if *name == "description" {
                        div.item {
                            @for (index, field) in line.item_parts() { (in_item(view, index, field)) }
                            @if let Some(own) = own { (own) }
                            @for (index, field) in line.others() { (in_item(view, index, field)) }
                        }
                    } @else if let Some(own) = own {
                        (own)
                    }
                }
            }
        }
        @if !spoken.is_empty() {
            tr.words { td colspan=(columns.len()) { @for (index, _, field) in spoken { (beneath(view, *index, field)) } } }
        }
    }
}

fn remove_button(number: usize) -> Markup {
    html! {
        button.remove type="submit" name="fix" value={ "/orders/0/lines/" (number) "=" } formnovalidate
            aria-label={ "Remove line " (number + 1) } title="Remove this line" { "×" }
    }
}

fn in_item(view: &View<'_>, index: usize, field: &FieldView) -> Markup {
    html! {
        div class={ "part " (state_class(field)) } {
            label for={ "f" (index) } { (field.label) (state_mark(field)) }
            (control(view, index, field))
            @if let Some(meaning) = meaning(view, &field.pointer, &field.value) { p.meaning { (meaning) } }
        }
    }
}

fn cell(view: &View<'_>, index: usize, field: &FieldView, name: &str) -> Markup {
    html! {
        div class={ "cell " (state_class(field)) } {
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
    let lights = lights(view, index, field);
    let is_figure =
        matches!(line_of(&field.pointer), Some((_, "quantity" | "unit_price" | "price_basis" | "line_total" | "discount_percent")))
            || Group::of(&field.pointer) == Group::Totals;
    html! {
        input type="text" id={ "f" (index) } name=(field.pointer) value=(field.value) class=(if is_figure { "figure" } else { "" })
            size=(field.value.chars().count().clamp(4, 40)) maxlength="2000" spellcheck="false"
            inputmode=[is_figure.then_some("decimal")] list=[choice_list(&field.pointer).map(ChoiceList::id)]
            readonly[!field.editable || !view.is_answerable()] data-was=(field.value)
            data-lights=[&lights] data-problem=[is_problem(field).then_some("")]
            aria-invalid=[matches!(field.state, FieldState::Block).then_some("true")] aria-describedby=[needs_a_word(view, field).then(|| format!("w{index}"))]
            title=(evidence(field));
        @if let Some(owner) = &lights { a.where href={ "#at-" (owner) } tabindex="-1" aria-label={ "Show where " (field.label) " stands" } { "⌖" } }
    }
}

/// Whose places this field lights: its own, or those of what was found about it (an article that nobody knows has none itself).
fn lights(view: &View<'_>, index: usize, field: &FieldView) -> Option<String> {
    if !field.spans.is_empty() {
        return Some(format!("f{index}"));
    }
    let about = view.case.findings.iter().position(|finding| super::is_about(finding, &field.pointer) && !finding.spans.is_empty());
    about.map(|finding| format!("n{finding}"))
}

/// How it was printed, and where the value is from: what a doubtful clerk hovers for.
fn evidence(field: &FieldView) -> String {
    let printed =
        if field.raw.is_empty() || field.raw == field.value { String::new() } else { format!("printed “{}” · ", field.raw) };
    let sure = field.confidence.filter(|sure| *sure < 100).map(|sure| format!(" · {sure} % sure"));
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
                p class=(if finding.severity == Severity::Block { "problem block" } else { "problem ask" }) {
                    @if is_line { strong { (field.label) ": " } }
                    (finding.message)
                }
            }
            @if is_problem(field) && !field.raw.is_empty() && field.raw != field.value { p.printed { "Printed: " q { (field.raw) } } }
            @if let Some(meaning) = meaning_beneath(view, field) { p.meaning { (meaning) } }
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
        || meaning_beneath(view, field).is_some()
        || (is_problem(field) && !field.raw.is_empty() && field.raw != field.value)
        || !offers(view, field).is_empty()
}

fn findings_of<'v>(view: &'v View<'_>, field: &'v FieldView) -> impl Iterator<Item = &'v Finding> {
    view.case.findings.iter().filter(|finding| finding.severity != Severity::Note && super::is_about(finding, &field.pointer))
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
        ChoiceList::Customers => super::queue::customer_name(view.master, value),
        ChoiceList::Addresses => address(view, value),
        ChoiceList::Articles => view.master.products.get(&Sku::from(value)).map(|product| product.name.clone()),
    }
}

/// In the line table the meaning stands beside its field already.
fn meaning_beneath(view: &View<'_>, field: &FieldView) -> Option<String> {
    if line_of(&field.pointer).is_some() { None } else { meaning(view, &field.pointer, &field.value) }
}

fn address(view: &View<'_>, code: &str) -> Option<String> {
    if code == AS_PRINTED {
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
    let list = choice_list(&field.pointer);
    let is_open = is_problem(field) || (field.state == FieldState::Missing && list.is_some());
    if !is_open || !view.is_answerable() {
        return Vec::new();
    }
    let as_printed = (list == Some(ChoiceList::Addresses)).then(|| AS_PRINTED.to_owned());
    let values = field.candidates.iter().filter(|value| **value != field.value).take(MAX_OFFERS).cloned().chain(as_printed);
    let named = |value: String| {
        let name = match meaning(view, &field.pointer, &value) {
            Some(name) if value == AS_PRINTED => name,
            Some(name) => format!("{value} · {name}"),
            None => value.clone(),
        };
        (value, name)
    };
    values.map(named).collect()
}

/// Codes of master data that some fields hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChoiceList {
    Customers,
    Addresses,
    Articles,
}

impl ChoiceList {
    /// The id of its list on the page.
    fn id(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Addresses => "addresses",
            Self::Articles => "articles",
        }
    }
}

/// Which codes a field holds, if any.
pub(crate) fn choice_list(pointer: &str) -> Option<ChoiceList> {
    match pointer.split('/').skip(3).collect::<Vec<_>>().as_slice() {
        ["customer"] => Some(ChoiceList::Customers),
        ["ship_to_code"] => Some(ChoiceList::Addresses),
        ["lines", _, "sku"] => Some(ChoiceList::Articles),
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
            option value=(AS_PRINTED) { "The address as printed on the order" }
        }
        datalist id="articles" {
            @for product in view.master.products.values().take(MAX_CHOICES) { option value=(product.sku) { (product.name) } }
        }
    }
}
