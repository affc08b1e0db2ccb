//! Everything that was taken in, what became of it, and why: nothing is lost, and this page shows it.

use super::WebState;
use super::case::as_attachment;
use super::errors::PageError;
use super::guard::Session;
use super::layout::{self, Place};
use super::words;
use crate::model::Sha256;
use crate::store::{ItemKind, Outcome};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::html;

const MAX_SHOWN: u32 = 300;

/// `GET /mails`
pub(crate) async fn list(State(state): State<WebState>, session: Session) -> Result<Html<String>, PageError> {
    let mails = state.db.messages(MAX_SHOWN).await?;
    let now = state.desk.now();
    let main = html! {
        div.heading { h1 { "Mails" } }
        @if mails.is_empty() {
            div.empty { p.big { "Nothing came in yet." } p { "Every mail and file that the desk takes in is listed here, with what became of it." } }
        } @else {
            table.list {
                thead { tr { th scope="col" { "Mail" } th scope="col" { "Outcome" } th scope="col" { "Why" } th scope="col" { "Came" } th scope="col" { span.visually-hidden { "Original" } } } }
                tbody { @for mail in &mails {
                    tr {
                        td.main { span.strong { @if mail.subject.is_empty() { "(no subject)" } @else { (mail.subject) } } span.sub { (mail.from) } }
                        td data-label="Outcome" {
                            (outcome(mail.outcome))
                            @for order in &mail.orders { a.inline href={ "/orders/" (order) } { (order) } }
                            @for case in &mail.cases { a.inline href={ "/cases/" (case) } { (case) } }
                        }
                        td.why data-label="Why" { (mail.why) @if mail.why.is_empty() { @for code in mail.reasons.iter().take(3) { span.chip { (words::reason(*code)) } } } }
                        td.nowrap data-label="Came" { time datetime=(mail.received_at) title=(words::moment(mail.received_at)) { (words::age(mail.received_at, now)) } }
                        td { a.button.quiet href={ "/mails/" (mail.sha256) "/original" } download aria-label="Download the original" { "↓" } }
                    }
                } }
            }
        }
    };
    Ok(Html(layout::page("Mails", Place::Mails, &session, &main).into_string()))
}

/// `GET /mails/{sha256}/original`
pub(crate) async fn download(State(state): State<WebState>, _: Session, Path(sha256): Path<String>) -> Result<Response, PageError> {
    let missing = || PageError::new(StatusCode::NOT_FOUND, "There is no such mail.");
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        return Err(missing());
    }
    let item = state.db.item(&Sha256::from(sha256.as_str())).await?.ok_or_else(missing)?;
    let name = match item.kind {
        ItemKind::Mail => format!("{}.eml", &sha256[..12]),
        ItemKind::Document => item.name,
    };
    Ok((as_attachment(&name), item.bytes).into_response())
}

fn outcome(outcome: Option<Outcome>) -> maud::Markup {
    let (tone, words) = match outcome {
        Some(Outcome::OrderPlaced) => ("good", "Order placed"),
        Some(Outcome::OrderChanged) => ("good", "Order changed"),
        Some(Outcome::OrderCancelled) => ("gone", "Order cancelled"),
        Some(Outcome::Review) => ("warn", "In review"),
        Some(Outcome::Question) => ("warn", "Question"),
        Some(Outcome::Duplicate) => ("gone", "Duplicate"),
        Some(Outcome::Ignored) => ("gone", "Ignored"),
        Some(Outcome::Failed) => ("bad", "Failed"),
        None => ("plain", "Being read"),
    };
    html! { span class={ "badge " (tone) } { (words) } }
}
