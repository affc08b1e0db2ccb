//! The review queue: what waits for a person, oldest first.

use super::WebState;
use super::errors::PageError;
use super::guard::Session;
use super::layout::{self, Place};
use super::words::{self, CaseTitle};
use crate::deciding::review::Case;
use crate::model::CaseNumber;
use crate::model::master::MasterData;
use crate::store::CaseFilter;
use axum::extract::{Query, State};
use axum::response::Html;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// More than this on one page helps nobody.
const MAX_SHOWN: u32 = 500;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    /// Words that customer, number, subject or reason must contain.
    #[serde(default)]
    q: String,
    /// `mine`, `free` or everything.
    #[serde(default)]
    whose: String,
    /// The case that was just decided.
    #[serde(default)]
    after: String,
}

/// `GET /`
pub(crate) async fn page(
    State(state): State<WebState>,
    session: Session,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageError> {
    let master = state.desk.master().await?;
    let cases = state.db.cases(&CaseFilter::open(), MAX_SHOWN).await?;
    let all = cases.len();
    let now = state.desk.now();
    let rows: Vec<(CaseTitle, Case)> = cases
        .into_iter()
        .map(|case| (CaseTitle::of(&case, &master), case))
        .filter(|(title, case)| is_asked_for(&filter, &session, title, case))
        .collect();
    let main = html! {
        (after_decision(&state, &filter.after).await?)
        div.heading {
            h1 { "Review " span.count { (all) } }
            @if all > 0 { (filter_form(&filter)) }
        }
        @if all == 0 {
            (nothing_waits())
        } @else if rows.is_empty() {
            div.empty { p { "Nothing here matches." } p { a.button href="/" { "Show all " (all) } } }
        } @else {
            (table(&rows, &session, now))
        }
    };
    Ok(Html(layout::page("Review", Place::Review, &session, &html! { div data-refresh="20" { (main) } }).into_string()))
}

fn is_asked_for(filter: &Filter, session: &Session, title: &CaseTitle, case: &Case) -> bool {
    let whose = match filter.whose.as_str() {
        "mine" => case.assigned_to.as_deref() == Some(session.user.as_str()),
        "free" => case.assigned_to.is_none(),
        _ => true,
    };
    let words = filter.q.trim().to_lowercase();
    let reasons = case.reasons.iter().map(|code| words::reason(*code)).collect::<Vec<_>>().join(" ");
    let po_number = title.po_number.as_deref().unwrap_or_default();
    let text =
        format!("{} {} {} {} {} {}", case.number, title.customer, po_number, case.subject, case.from, reasons).to_lowercase();
    whose && words.split_whitespace().all(|word| text.contains(word))
}

fn filter_form(filter: &Filter) -> Markup {
    let option = |value: &str, name: &str| html! { option value=(value) selected[filter.whose == value] { (name) } };
    html! {
        form.filter method="get" action="/" role="search" {
            label.visually-hidden for="q" { "Find" }
            input id="q" type="search" name="q" value=(filter.q) placeholder="Customer, PO number, reason…";
            label.visually-hidden for="whose" { "Whose" }
            select id="whose" name="whose" { (option("", "Everybody's")) (option("mine", "Mine")) (option("free", "Nobody's")) }
            button type="submit" { "Find" }
        }
    }
}

fn nothing_waits() -> Markup {
    html! {
        div.empty {
            svg.tick viewBox="0 0 48 48" width="56" height="56" aria-hidden="true" {
                circle cx="24" cy="24" r="21" fill="none" stroke="currentColor" stroke-width="2" {}
                path d="M15 25l6.5 6.5L34 18" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" {}
            }
            p.big { "All caught up." }
            p { "No order waits for a decision. New ones appear here by themselves." }
            p { a href="/orders" { "See the orders" } " or " a href="/mails" { "what came in" } "." }
        }
    }
}

fn table(rows: &[(CaseTitle, Case)], session: &Session, now: Timestamp) -> Markup {
    html! {
        table.list {
            thead { tr {
                th scope="col" { "Case" }
                th scope="col" { "Customer" }
                th scope="col" { "Why it is asked" }
                th.figure scope="col" { "Value" }
                th scope="col" { "Waiting" }
                th scope="col" { "With" }
            } }
            tbody {
                @for (title, case) in rows {
                    tr {
                        td.first { a.row href={ "/cases/" (case.number) } { (case.number) } span.sub { (words::case_kind(case.kind)) } }
                        td.main { span.strong { (title.customer) } span.sub {
                            @match &title.po_number { Some(number) => { (words::purchase_order(number)) }, None => { (case.subject) } }
                        } }
                        td.reasons data-label="Why" {
                            @for code in case.reasons.iter().take(3) { span.chip { (words::reason(*code)) } }
                            @if case.reasons.len() > 3 { span.chip.more { "+" (case.reasons.len() - 3) } }
                        }
                        td.figure data-label="Value" { @if let Some(value) = title.value { (words::money(value)) } @else { span.faint { "–" } } }
                        td.nowrap data-label="Waiting" { time datetime=(case.opened_at) title=(words::moment(case.opened_at)) { (words::age(case.opened_at, now)) } }
                        td.nowrap data-label="With" { (holder(case, session)) }
                    }
                }
            }
        }
    }
}

/// Who has a case in hand.
pub(crate) fn holder(case: &Case, session: &Session) -> Markup {
    html! {
        @match case.assigned_to.as_deref() {
            Some(name) if name == session.user => { span.person.me { "you" } },
            Some(name) => { span.person { (name) } },
            None => { span.faint { "nobody" } },
        }
    }
}

/// What became of the case that this person just decided; nothing where it is not decided.
pub(crate) async fn after_decision(state: &WebState, number: &str) -> Result<Markup, PageError> {
    if number.is_empty() {
        return Ok(html! {});
    }
    let Some(case) = state.db.case(&CaseNumber::from(number)).await?.filter(|case| case.decided_at.is_some()) else {
        return Ok(html! {});
    };
    let master = state.desk.master().await?;
    Ok(html! {
        p.flash role="status" {
            a href={ "/cases/" (case.number) } { (case.number) }
            " (" (CaseTitle::of(&case, &master).customer) ") " (words::case_state(case.state))
            @if let Some(first) = case.orders.first() {
                ": " a href={ "/orders/" (first) } { (first) }
                @if case.orders.len() > 1 { " and " (case.orders.len() - 1) " more" }
            }
            "."
        }
    })
}

/// The open cases around one: how many there are, its place, its neighbours. For going through the queue.
pub(crate) struct Neighbours {
    pub(crate) place: Option<usize>,
    pub(crate) count: usize,
    pub(crate) previous: Option<CaseNumber>,
    pub(crate) next: Option<CaseNumber>,
}

impl Neighbours {
    pub(crate) fn of(number: &CaseNumber, open: &[Case]) -> Self {
        let place = open.iter().position(|case| case.number == *number);
        let at = |index: usize| open.get(index).map(|case| case.number.clone());
        Self {
            place,
            count: open.len(),
            previous: place.and_then(|place| place.checked_sub(1)).and_then(at),
            next: place.and_then(|place| at(place + 1)),
        }
    }
}

/// The case to show after `number` was decided: the next in the queue that nobody else has in hand, from the start again at its end.
pub(crate) fn next_case(number: &CaseNumber, open: &[Case], user: &str) -> Option<CaseNumber> {
    let is_free = |case: &&Case| case.number != *number && case.assigned_to.as_deref().is_none_or(|name| name == user);
    let later = open.iter().filter(|case| case.number.as_str() > number.as_str()).find(is_free);
    later.or_else(|| open.iter().find(is_free)).map(|case| case.number.clone())
}

/// Customers, addresses and articles by their codes, for showing.
pub(crate) fn customer_name(master: &MasterData, account: &str) -> Option<String> {
    master.customers.get(&account.into()).map(|customer| customer.name.clone())
}
