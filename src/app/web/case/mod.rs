//! One case: the document on the left, what was read from it on the right, and why a person is asked on top.

mod document;
pub(crate) mod fields;
mod findings;

use super::WebState;
use super::errors::PageError;
use super::guard::Session;
use super::layout::{self, Place, csrf};
use super::queue::{self, Neighbours};
use super::words::{self, CaseTitle};
use crate::deciding::review::{Case, CaseKind, CaseState, FieldState, FieldView};
use crate::model::master::MasterData;
use crate::model::{CaseNumber, Finding, Severity, Span};
use crate::reading::document::{Document, SourceKind};
use crate::store::{CaseFilter, LlmUse, Role};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

/// Cases looked at to find the neighbours of one.
pub(crate) const MAX_QUEUE: u32 = 500;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    /// The case decided just before this one was shown.
    #[serde(default)]
    after: String,
    /// A word for what was just done: `saved`, `open`, `new`.
    #[serde(default)]
    said: String,
}

/// `GET /cases/{number}`
pub(crate) async fn page(
    State(state): State<WebState>,
    session: Session,
    Path(number): Path<String>,
    Query(said): Query<Said>,
) -> Result<Html<String>, PageError> {
    let case = find(&state, &number).await?;
    let master = state.desk.master().await?;
    let document = match state.desk.document(case.clone()).await {
        Ok(document) => document,
        Err(error) => {
            tracing::warn!(case = %case.number, %error, "the document cannot be shown");
            Document::empty(SourceKind::Unknown)
        }
    };
    let open = state.db.cases(&CaseFilter::open(), MAX_QUEUE).await?;
    let flash = html! { (queue::after_decision(&state, &said.after).await?) (just_said(&said.said)) };
    let mut uses = state.db.llm_uses(&case.message).await?;
    uses.retain(|used| used.document == case.document);
    let view = View::of(&case, &master, &session, uses);
    let main = html! {
        div.case data-case=(case.number) {
            (flash)
            (head(&view, &Neighbours::of(&case.number, &open)))
            div.panes {
                (document::pane(&view, &document))
                (answer_pane(&view))
            }
            (help())
        }
    };
    Ok(Html(layout::page(&format!("{} {}", case.number, view.title.customer), Place::Review, &session, &main).into_string()))
}

/// `GET /cases/{number}/pages/{page}`: a page of the document as an image that we made.
pub(crate) async fn page_image(
    State(state): State<WebState>,
    _: Session,
    Path((number, page)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let page: u32 = page.parse().map_err(|_| PageError::new(StatusCode::NOT_FOUND, "There is no such page."))?;
    let case = find(&state, &number).await?;
    let image = state.desk.page_image(case, page).await?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=600")], image).into_response())
}

/// `GET /cases/{number}/document`: the document as it came, never shown by the browser itself.
pub(crate) async fn download(State(state): State<WebState>, _: Session, Path(number): Path<String>) -> Result<Response, PageError> {
    let case = find(&state, &number).await?;
    let bytes = state.db.blob(&case.document).await?;
    let bytes = bytes.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "The document is not stored any more."))?;
    Ok((as_attachment(&case.document_name), bytes).into_response())
}

/// Headers for a file from outside: saved, not opened, and powerless should a browser open it all the same.
pub(crate) fn as_attachment(name: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let safe: String =
        name.rsplit(['/', '\\']).next().unwrap_or_default().chars().map(|c| if is_plain(c) { c } else { '_' }).take(100).collect();
    let safe = if safe.trim_matches(['.', '_', ' ']).is_empty() { "document".to_owned() } else { safe };
    let disposition = format!("attachment; filename=\"{safe}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().expect("plain characters make a header"));
    headers.insert(header::CONTENT_TYPE, "application/octet-stream".parse().expect("a constant"));
    headers.insert(header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".parse().expect("a constant"));
    headers.insert(HeaderName::from_static("x-download-options"), "noopen".parse().expect("a constant"));
    headers
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '(' | ')')
}

pub(crate) async fn find(state: &WebState, number: &str) -> Result<Case, PageError> {
    let found = state.db.case(&CaseNumber::from(number)).await?;
    found.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "There is no such case."))
}

/// Everything that the parts of the page draw on.
pub(crate) struct View<'v> {
    pub(crate) case: &'v Case,
    pub(crate) master: &'v MasterData,
    pub(crate) session: &'v Session,
    pub(crate) title: CaseTitle,
    pub(crate) fields: Vec<FieldView>,
    /// What the language model had to do with the document.
    pub(crate) uses: Vec<LlmUse>,
}

impl<'v> View<'v> {
    fn of(case: &'v Case, master: &'v MasterData, session: &'v Session, uses: Vec<LlmUse>) -> Self {
        Self { case, master, session, title: CaseTitle::of(case, master), fields: fields_of(case), uses }
    }

    /// May this person still answer?
    fn is_answerable(&self) -> bool {
        self.case.state == CaseState::Open && self.session.role >= Role::Reviewer
    }

    fn blocks(&self) -> usize {
        self.case.findings.iter().filter(|finding| finding.severity == Severity::Block).count()
    }

    /// Every place that the page can light: the id of its owner (`f3` a field, `n2` a finding) and the span.
    fn places(&self) -> Vec<(String, &Span)> {
        let of_fields =
            self.fields.iter().enumerate().flat_map(|(i, field)| field.spans.iter().map(move |span| (format!("f{i}"), span)));
        let of_findings = self
            .case
            .findings
            .iter()
            .enumerate()
            .flat_map(|(i, finding)| finding.spans.iter().map(move |span| (format!("n{i}"), span)));
        of_fields.chain(of_findings).collect()
    }
}

/// The fields of a case's order as they stand; none where no order was read. A field's state is that of the heaviest finding on it.
pub(crate) fn fields_of(case: &Case) -> Vec<FieldView> {
    let Some(assessed) = &case.assessed else { return Vec::new() };
    let mut fields = crate::deciding::review::fields::fields(&assessed.matched.order, &assessed.matched);
    for field in &mut fields {
        let heaviest =
            case.findings.iter().filter(|finding| is_about(finding, &field.pointer)).map(|finding| finding.severity).max();
        match heaviest {
            Some(Severity::Block) => field.state = FieldState::Block,
            Some(Severity::Ask) => field.state = FieldState::Ask,
            Some(Severity::Note) | None => {}
        }
    }
    fields
}

/// A finding about the whole address shows where its code is chosen.
pub(crate) fn is_about(finding: &Finding, pointer: &str) -> bool {
    finding.field == pointer || (finding.field == "/orders/0/ship_to" && pointer == "/orders/0/ship_to_code")
}

fn head(view: &View<'_>, neighbours: &Neighbours) -> Markup {
    let case = view.case;
    let step = |to: &Option<CaseNumber>, sign: &str, name: &str| {
        html! {
            @match to {
                Some(number) => { a.step href={ "/cases/" (number) } aria-label=(name) title=(name) { (sign) } },
                None => { span.step.off aria-hidden="true" { (sign) } },
            }
        }
    };
    html! {
        div.case-head {
            div.case-title {
                h1 {
                    (view.title.customer)
                    @if let Some(number) = &view.title.po_number { span.po { (words::purchase_order(number)) } }
                }
                p.sub {
                    span.nowrap { (case.number) }
                    " · " (words::case_kind(case.kind))
                    @if let Some(value) = view.title.value { " · " span.nowrap { (words::money(value)) } }
                    @if let Some(prior) = case.assessed.as_ref().and_then(|assessed| assessed.prior.as_ref()) {
                        " · about " a href={ "/orders/" (prior.number) } { (prior.number) }
                    }
                    " · from " (case.from)
                    " · since " time datetime=(case.opened_at) { (words::moment(case.opened_at)) }
                }
                @if !case.subject.is_empty() { p.subject { "“" (case.subject) "”" } }
            }
            div.case-tools {
                @if let Some(place) = neighbours.place {
                    span.steps {
                        (step(&neighbours.previous, "‹", "Previous case"))
                        span.sub { (place + 1) " of " (neighbours.count) }
                        (step(&neighbours.next, "›", "Next case"))
                    }
                }
                @if case.state == CaseState::Open { (assignment(view)) }
            }
        }
        @if case.state != CaseState::Open { (decision(view)) }
    }
}

fn assignment(view: &View<'_>) -> Markup {
    let is_mine = view.case.assigned_to.as_deref() == Some(view.session.user.as_str());
    html! {
        form method="post" action={ "/cases/" (view.case.number) "/assign" } {
            (csrf(view.session))
            input type="hidden" name="to" value=(if is_mine { "" } else { "me" });
            @if let Some(name) = view.case.assigned_to.as_deref().filter(|_| !is_mine) { span.person { (name) } }
            button.quiet type="submit" { @if is_mine { "Give back" } @else if view.case.assigned_to.is_some() { "Take over" } @else { "Assign to me" } }
        }
    }
}

fn decision(view: &View<'_>) -> Markup {
    let case = view.case;
    html! {
        div.decided {
            strong { "This case is " (words::case_state(case.state)) "." }
            @if let Some(by) = &case.decided_by { " By " (by) }
            @if let Some(at) = case.decided_at { ", " (words::moment(at)) }
            @if !case.note.is_empty() { p { "“" (case.note) "”" } }
            @if !case.orders.is_empty() {
                p { @for order in &case.orders { a href={ "/orders/" (order) } { (order) } " " } }
            }
        }
    }
}

fn answer_pane(view: &View<'_>) -> Markup {
    let case = view.case;
    html! {
        section.answers aria-label="What was read" {
            form id="answer" method="post" action={ "/cases/" (case.number) "/answer" } autocomplete="off" {
                (csrf(view.session))
                input type="hidden" name="version" value=(case.version);
                // The first button of a form is what Enter presses: it must be the harmless one.
                @if view.is_answerable() { button.visually-hidden type="submit" name="do" value="save" tabindex="-1" aria-hidden="true" { "Save" } }
                (findings::list(view))
                (fields::groups(view))
                @if view.is_answerable() { (action_bar(view)) }
            }
        }
    }
}

fn action_bar(view: &View<'_>) -> Markup {
    let is_about_an_order = matches!(view.case.kind, CaseKind::Order | CaseKind::Change | CaseKind::Cancellation);
    // What nobody could read is entered by hand, or dealt with elsewhere and closed here.
    let blocks = if is_about_an_order { view.blocks() } else { 0 };
    let has_fields = !view.fields.is_empty();
    html! {
        div.action-bar {
            div.buttons {
                button.primary id="approve" type="submit" name="do" value="approve" disabled[blocks > 0 && !has_fields] {
                    (words::approve_button(view.case.kind))
                    kbd { "a" }
                }
                @if has_fields { button type="submit" name="do" value="save" id="save" { "Save and check" } }
                details.reject {
                    summary.button.quiet id="reject" { "Reject" kbd { "r" } }
                    div.reject-box {
                        label for="reason" { "Why?" }
                        textarea id="reason" name="reason" rows="2" maxlength="500" {}
                        button.danger type="submit" name="do" value="reject" formnovalidate { "Reject this case" }
                    }
                }
            }
            p.hint id="approve-hint" {
                @if blocks > 0 {
                    (words::counted(blocks, "problem")) " must be corrected first."
                } @else {
                    @match view.case.kind {
                        CaseKind::Order => { "Places the order, reserves stock and drafts the confirmation." },
                        CaseKind::Change => { "Replaces the order by this text and drafts a new confirmation." },
                        CaseKind::Cancellation => { "Cancels everything that has not been shipped." },
                        CaseKind::Unreadable | CaseKind::Question => { "Closes the case; no order is made." },
                    }
                }
                span.dirty hidden { " You have unsaved changes." }
            }
        }
    }
}

fn just_said(word: &str) -> Markup {
    let sentence = match word {
        "saved" => "Saved and checked again.",
        "new" => "Saved. The correction raised something new, so nothing was placed yet.",
        "open" => "Not placed: something still has to be corrected.",
        "nothing" => "Nothing was changed.",
        _ => return html! {},
    };
    html! { p.flash role="status" { (sentence) } }
}

/// Opened by the script alone; without it there are no keys to explain.
fn help() -> Markup {
    let key = |key: &str, what: &str| html! { dt { kbd { (key) } } dd { (what) } };
    html! {
        dialog id="help" aria-labelledby="help-title" {
            h2 id="help-title" { "Keys" }
            dl.keys {
                (key("j", "next field that needs a look"))
                (key("k", "the one before"))
                (key("e", "edit the chosen field"))
                (key("a", "approve"))
                (key("r", "reject, with a reason"))
                (key("n", "next case"))
                (key("Esc", "leave a field"))
                (key("?", "this help"))
            }
            label.switch { input type="checkbox" id="keys-off"; " Switch single keys off on this computer" }
            form method="dialog" { button.primary { "Close" } }
        }
    }
}
