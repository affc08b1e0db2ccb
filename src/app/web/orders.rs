//! Orders: the list, and one order with its lines, its plan and why it is so, its history, and what we told the customer.

use super::WebState;
use super::errors::PageError;
use super::guard::Session;
use super::layout::{self, Place};
use super::{queue, words};
use crate::model::OrderNumber;
use crate::model::master::MasterData;
use crate::orders::{Event, Order, OrderLine, Plan, Status, Supply};
use crate::store::{NoticeRecord, NoticeState, OrderFilter, OrderSummary};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// The latest orders that a search looks through, and how many of them one page shows.
const MAX_SEARCHED: u32 = 2000;
const MAX_SHOWN: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    #[serde(default)]
    q: String,
}

/// `GET /orders`
pub(crate) async fn list(
    State(state): State<WebState>,
    session: Session,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageError> {
    let master = state.desk.master().await?;
    let found = state.db.orders(&OrderFilter::default(), MAX_SEARCHED).await?;
    let orders: Vec<OrderSummary> =
        found.into_iter().filter(|order| is_asked_for(&filter.q, order, &master)).take(MAX_SHOWN).collect();
    let now = state.desk.now();
    let main = html! {
        div.heading {
            h1 { "Orders" }
            form.filter method="get" action="/orders" role="search" {
                label.visually-hidden for="q" { "Find" }
                input id="q" type="search" name="q" value=(filter.q) placeholder="Order, PO number or account…";
                button type="submit" { "Find" }
            }
        }
        @if orders.is_empty() {
            div.empty { p.big { @if filter.q.is_empty() { "No orders yet." } @else { "No order matches." } } p { "An order appears here as soon as it is placed." } }
        } @else {
            table.list {
                thead { tr {
                    th scope="col" { "Order" } th scope="col" { "Customer" } th scope="col" { "Status" }
                    th.figure scope="col" { "Value" } th scope="col" { "Placed" }
                } }
                tbody { @for order in &orders {
                    tr {
                        td.first { a.row href={ "/orders/" (order.number) } { (order.number) } }
                        td.main {
                            span.strong { (queue::customer_name(&master, order.account.as_str()).unwrap_or_else(|| order.account.to_string())) }
                            span.sub { (words::purchase_order(&order.po_number)) }
                        }
                        td data-label="Status" { (badge(order.order.status())) }
                        td.figure data-label="Value" { (words::money(order.total)) }
                        td.nowrap data-label="Placed" { time datetime=(order.placed_at) title=(words::moment(order.placed_at)) { (words::age(order.placed_at, now)) } }
                    }
                } }
            }
        }
    };
    Ok(Html(layout::page("Orders", Place::Orders, &session, &main).into_string()))
}

fn is_asked_for(words: &str, order: &OrderSummary, master: &MasterData) -> bool {
    let customer = queue::customer_name(master, order.account.as_str()).unwrap_or_default();
    let text = format!("{} {} {} {}", order.number, order.account, customer, order.po_number).to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// An order with everything that happened around it.
struct OrderView {
    order: Order,
    /// Oldest first.
    history: Vec<(u64, Timestamp, Event)>,
    /// The plan that holds now.
    plan: Option<Plan>,
    notices: Vec<NoticeRecord>,
}

/// `GET /orders/{number}`
pub(crate) async fn page(
    State(state): State<WebState>,
    session: Session,
    Path(number): Path<String>,
) -> Result<Html<String>, PageError> {
    let number = OrderNumber::from(number.as_str());
    let found = state.db.order(&number).await?;
    let view = OrderView {
        order: found.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "There is no such order."))?,
        history: state.db.order_events(&number).await?,
        plan: state.db.plans(&number).await?.pop(),
        notices: state.db.notices_of(&number).await?,
    };
    let master = state.desk.master().await?;
    let main = html! {
        div.order {
            (head(&view, &master))
            (lines(&view))
            @if let Some(plan) = &view.plan { (plan_section(plan)) }
            div.two {
                (notices(&view, state.desk.now()))
                (history(&view))
            }
        }
    };
    Ok(Html(
        layout::page(
            &format!("{} {}", view.order.number, view.order.purchase_order.po_number.value),
            Place::Orders,
            &session,
            &main,
        )
        .into_string(),
    ))
}

fn head(view: &OrderView, master: &MasterData) -> Markup {
    let order = &view.order;
    let po = &order.purchase_order;
    let account = po.account.value.as_str();
    html! {
        div.case-head {
            div.case-title {
                h1 { (order.number) " " (badge(order.status())) }
                p.sub {
                    strong { (queue::customer_name(master, account).unwrap_or_else(|| account.to_owned())) }
                    " · " (words::purchase_order(&po.po_number.value))
                    @if let Some(revision) = &po.revision { " rev. " (revision.value) }
                    @if let Some(release) = &po.release_number { " release " (release.value) }
                    " · placed " (words::moment(order.placed_at))
                }
            }
        }
        dl.facts {
            div { dt { "Value" } dd { (words::money(po.total())) } }
            div { dt { "Ship to" } dd { (po.ship_to.value.on_one_line()) } }
            @if let Some(date) = &po.requested_delivery_date { div { dt { "Wanted" } dd { (date.value) } } }
            @if let Some(terms) = &po.payment_terms { div { dt { "Terms printed" } dd { (terms.value) } } }
        }
        @for hold in &order.holds { p.problem.block { strong { "On hold (" (hold.code) "): " } (hold.reason) } }
    }
}

fn lines(view: &OrderView) -> Markup {
    html! {
        section {
            h2 { "Lines" }
            div.scroll tabindex="0" role="group" aria-label="Order lines" {
                table.list {
                    thead { tr {
                        th scope="col" { "No." } th scope="col" { "Article" } th.figure scope="col" { "Ordered" } th.figure scope="col" { "Price" }
                        th.figure scope="col" { "Total" } th scope="col" { "Where it is" } th scope="col" { "Promised" }
                    } }
                    tbody { @for line in &view.order.lines { (line_row(view, line)) } }
                }
            }
        }
    }
}

fn line_row(view: &OrderView, line: &OrderLine) -> Markup {
    let ordered = &line.ordered;
    let price = ordered.price.value;
    let currency = view.order.purchase_order.currency.value;
    html! {
        tr {
            td.first { (ordered.line_no) }
            td.main { span.strong { (ordered.sku.value) } span.sub { (ordered.description) @if let Some(part) = &ordered.buyer_part { " · " span.nowrap { "theirs: " (part) } } } }
            td.figure data-label="Ordered" { (words::quantity(ordered.quantity.value, &ordered.unit)) @if ordered.unit != ordered.base_unit { span.sub { "= " (words::quantity(ordered.base_quantity, &ordered.base_unit)) } } }
            td.figure data-label="Price" { (words::number(price.amount)) @if price.per != rust_decimal::Decimal::ONE { span.sub { "per " (words::number(price.per)) } } }
            td.figure data-label="Total" { (words::money(crate::model::Money { amount: ordered.line_total, currency })) }
            td data-label="Where it is" { (bucket_bar(line)) }
            td data-label="Promised" {
                @for peg in &line.pegs { p.peg { (words::number(peg.quantity)) " on " (peg.deliver_date) span.sub { (supply(&peg.supply)) " at " (peg.node) } } }
                @if line.buckets.backordered > rust_decimal::Decimal::ZERO {
                    p.peg { (words::number(line.buckets.backordered)) " on backorder" @if let Some(date) = line.backorder_expected { span.sub.nowrap { "expected " (date) } } }
                }
            }
        }
    }
}

/// Every bucket that holds something, with a bar whose parts are as wide as their share.
fn bucket_bar(line: &OrderLine) -> Markup {
    let buckets = &line.buckets;
    let parts = [
        ("shipped", buckets.shipped),
        ("packed", buckets.packed),
        ("picked", buckets.picked),
        ("released", buckets.released),
        ("allocated", buckets.allocated),
        ("backordered", buckets.backordered),
        ("open", buckets.open),
        ("cancelled", buckets.cancelled),
    ];
    let ordered = buckets.ordered();
    let share = |quantity: rust_decimal::Decimal| {
        quantity.checked_mul(100.into()).and_then(|part| part.checked_div(ordered)).unwrap_or_default().round_dp(2)
    };
    let mut left = rust_decimal::Decimal::ZERO;
    let drawn: Vec<_> = parts
        .into_iter()
        .filter(|(_, quantity)| !quantity.is_zero())
        .map(|(name, quantity)| {
            let (at, width) = (left, share(quantity));
            left += width;
            (name, quantity, at, width)
        })
        .collect();
    html! {
        div.buckets {
            svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
                @for (name, _, at, width) in &drawn { rect class={ "bucket-" (name) } x=(at) y="0" width=(width) height="6" {} }
            }
            p { @for (name, quantity, ..) in &drawn { span.bucket { span class={ "dot bucket-" (name) } aria-hidden="true" {} (words::number(*quantity)) " " (name) } } }
        }
    }
}

fn supply(supply: &Supply) -> String {
    match supply {
        Supply::OnHand => "from stock".into(),
        Supply::Inbound { reference, due } => format!("from inbound {reference}, due {due},"),
    }
}

fn plan_section(plan: &Plan) -> Markup {
    html! {
        section.plan {
            h2 { "Plan" }
            p.why { (plan.why) @if !plan.proven { " The search was cut short: a better plan may exist." } }
            div.cards {
                @for shipment in &plan.shipments {
                    div.card {
                        h3 { (shipment.node) }
                        p.sub { (shipment.carrier) " " (shipment.service) @if let Some(cost) = shipment.cost { " · " (words::money(cost)) } }
                        p { "Leaves " strong { (shipment.ship_date) } ", arrives " strong { (shipment.deliver_date) } }
                        ul { @for line in &shipment.lines { li { (words::number(line.quantity)) " × " (line.sku) span.sub { "line " (line.line_no) ", " (supply(&line.supply)) } } } }
                    }
                }
                @for backorder in &plan.backorders {
                    div.card.backorder {
                        h3 { "Backorder" }
                        p { (words::number(backorder.quantity)) " × " (backorder.sku) span.sub { "line " (backorder.line_no) } }
                        p { @match backorder.expected { Some(date) => { "Expected " strong { (date) } }, None => { "No date known" } } }
                        p.sub { (backorder.why) }
                    }
                }
            }
            @if !plan.candidates.is_empty() {
                details {
                    summary { "Why not otherwise" }
                    ul.candidates { @for candidate in &plan.candidates {
                        li { strong { (candidate.node) } @if candidate.chosen { span.chip { "chosen" } } " " (candidate.why) }
                    } }
                }
            }
        }
    }
}

fn notices(view: &OrderView, now: Timestamp) -> Markup {
    html! {
        section {
            h2 { "What we told the customer" }
            @if view.notices.is_empty() { p.faint { "Nothing yet." } }
            @for notice in &view.notices {
                details.notice {
                    summary { (notice.item.subject) span.sub { "to " (notice.item.to) " · " (notice_state(notice.state)) " · " (words::age(notice.due, now)) @if !notice.note.is_empty() { " · " (notice.note) } } }
                    pre.sheet.text { (mail_text(&notice.item.bytes)) }
                }
            }
        }
    }
}

fn notice_state(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Queued => "waiting to leave",
        NoticeState::Sending => "leaving",
        NoticeState::Sent => "sent",
        NoticeState::Drafted => "in the Drafts folder",
        NoticeState::Written => "written to the folder",
        NoticeState::Failed => "refused",
        NoticeState::Unknown => "nobody knows whether it arrived",
    }
}

/// The text of a mail that we made ourselves: one quoted-printable part.
fn mail_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let mut decoded = Vec::with_capacity(body.len());
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'=').then(|| after.get(..2)).flatten();
        rest = match hex {
            Some(b"\r\n") => &after[2..],
            Some(pair) => match std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                Some(byte) => {
                    decoded.push(byte);
                    &after[2..]
                }
                None => {
                    decoded.push(*first);
                    after
                }
            },
            None => {
                decoded.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&decoded).replace("\r\n", "\n")
}

fn history(view: &OrderView) -> Markup {
    html! {
        section {
            h2 { "History" }
            ol.history { @for (_, at, event) in &view.history { li { time datetime=(at) { (words::moment(*at)) } span { (words::event(event)) } } } }
        }
    }
}

fn badge(status: Status) -> Markup {
    let tone = match status {
        Status::Open | Status::InFulfilment | Status::PartlyShipped => "plain",
        Status::Allocated | Status::Shipped => "good",
        Status::PartlyBackordered | Status::Backordered => "warn",
        Status::OnHold => "bad",
        Status::Cancelled => "gone",
    };
    html! { span class={ "badge " (tone) } { (words::status(status)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_shown_as_text() {
        assert_eq!(mail_text(b"A: b\r\n\r\nM=C3=BCnchen =\r\nno break\r\n2=3D2 =zz"), "München no break\n2=2 =zz");
    }
}
