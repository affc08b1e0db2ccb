//! What a person answers: approve, correct, reject, assign. All of it by POST, with the version of the page that they saw.

use super::WebState;
use super::case::fields::{AS_PRINTED, ChoiceList, choice_list};
use super::case::{self, MAX_QUEUE};
use super::desk::DeskError;
use super::errors::PageError;
use super::guard::SignedForm;
use super::queue::next_case;
use crate::deciding::review::{Case, CaseState, Correction};
use crate::model::master::MasterData;
use crate::model::{Account, Code, Severity};
use crate::store::{CaseFilter, Role};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use std::collections::BTreeSet;

/// A value longer than this is no value of an order.
const MAX_VALUE_CHARS: usize = 2000;

/// `POST /cases/{number}/answer`
pub(crate) async fn answer(
    State(state): State<WebState>,
    Path(number): Path<String>,
    form: SignedForm,
) -> Result<Redirect, PageError> {
    form.require(Role::Reviewer)?;
    let case = case::find(&state, &number).await?;
    let back = format!("/cases/{}", case.number);
    let done = decide(&state, &case, &form).await;
    done.map_err(|error| error.back_to(back))
}

async fn decide(state: &WebState, case: &Case, form: &SignedForm) -> Result<Redirect, PageError> {
    let version: i64 = form
        .text("version")
        .parse()
        .map_err(|_| PageError::from(DeskError::Refused("The form is incomplete. Reload the page.".into())))?;
    if version != case.version || case.state != CaseState::Open {
        return Err(DeskError::Stale {
            by: case.decided_by.clone().or(case.assigned_to.clone()).filter(|by| *by != form.session.user),
        }
        .into());
    }
    let corrections = corrections(case, form)?;
    check_choices(case, &corrections, state.desk.master().await?.as_ref())?;
    let here = format!("/cases/{}", case.number);
    match form.text("do") {
        "approve" => approve(state, case, version, corrections, form).await,
        "reject" => {
            let reason = form.text("reason").trim();
            if reason.is_empty() {
                return Err(DeskError::Refused("Please say why you reject this; a few words are enough.".into()).into());
            }
            let who = form.session.user.clone();
            let rejected = state.desk.reject(case.number.clone(), version, reason.chars().take(500).collect(), who).await?;
            onward(state, &rejected, &form.session.user).await
        }
        // A one-click fix is a save as well.
        _ if corrections.is_empty() => Ok(Redirect::to(&format!("{here}?said=nothing"))),
        _ => {
            state.desk.correct(case.number.clone(), version, corrections, form.session.user.clone()).await?;
            Ok(Redirect::to(&format!("{here}?said=saved")))
        }
    }
}

/// Corrections that came with the approval are saved and checked first: what they bring up new, this person has not seen yet.
async fn approve(
    state: &WebState,
    case: &Case,
    version: i64,
    corrections: Vec<Correction>,
    form: &SignedForm,
) -> Result<Redirect, PageError> {
    form.require(Role::Approver)?;
    let who = form.session.user.clone();
    let mut version = version;
    if !corrections.is_empty() {
        let corrected = state.desk.correct(case.number.clone(), version, corrections, who.clone()).await?;
        let seen = heavy_findings(case);
        if corrected.state == CaseState::Open && !heavy_findings(&corrected).is_subset(&seen) {
            return Ok(Redirect::to(&format!("/cases/{}?said=new", case.number)));
        }
        version = corrected.version;
    }
    let approved = state.desk.approve(case.number.clone(), version, who).await?;
    match approved.state {
        CaseState::Open => Ok(Redirect::to(&format!("/cases/{}?said=open", case.number))),
        CaseState::Approved | CaseState::Rejected => onward(state, &approved, &form.session.user).await,
    }
}

fn heavy_findings(case: &Case) -> BTreeSet<(Code, String, String)> {
    let heavy = case.findings.iter().filter(|finding| finding.severity != Severity::Note);
    heavy.map(|finding| (finding.code, finding.field.clone(), finding.message.clone())).collect()
}

/// To the next case, or to the queue when there is none.
async fn onward(state: &WebState, decided: &Case, user: &str) -> Result<Redirect, PageError> {
    let open = state.db.cases(&CaseFilter::open(), MAX_QUEUE).await?;
    Ok(match next_case(&decided.number, &open, user) {
        Some(next) => Redirect::to(&format!("/cases/{next}?after={}", decided.number)),
        None => Redirect::to(&format!("/?after={}", decided.number)),
    })
}

/// The fields that differ from what the page showed, and the one-click fix, which wins over the field's own text.
fn corrections(case: &Case, form: &SignedForm) -> Result<Vec<Correction>, DeskError> {
    let fields = case::fields_of(case);
    let fix = form.text("fix").split_once('=');
    let mut corrections = Vec::new();
    for field in fields.iter().filter(|field| field.editable) {
        let typed = form.fields.iter().find(|(name, _)| *name == field.pointer).map(|(_, value)| value.trim());
        let fixed = fix.filter(|(pointer, _)| *pointer == field.pointer).map(|(_, value)| value.trim());
        let Some(value) = fixed.or(typed).filter(|value| *value != field.value.trim()) else { continue };
        if value.chars().count() > MAX_VALUE_CHARS {
            return Err(DeskError::Refused(format!("{} is too long.", field.label)));
        }
        corrections.push(Correction::new(field.pointer.clone(), value));
    }
    // Last, because it changes which line an index means.
    corrections.extend(fix.filter(|(pointer, _)| is_line_change(pointer)).map(|(pointer, value)| Correction::new(pointer, value)));
    Ok(corrections)
}

/// A code that is typed must be one of ours: what a person names is never quietly taken for something else.
fn check_choices(case: &Case, corrections: &[Correction], master: &MasterData) -> Result<(), DeskError> {
    let chosen =
        corrections.iter().find(|given| given.field == "/orders/0/customer").map(|given| Account::from(given.value.as_str()));
    let matched = case.assessed.as_ref().and_then(|assessed| assessed.matched.customer.as_ref()).map(|field| field.value.clone());
    let addresses = chosen.or(matched).and_then(|account| master.addresses.get(&account));
    for given in corrections.iter().filter(|given| !given.value.is_empty()) {
        let value = given.value.as_str();
        let (is_known, what) = match choice_list(&given.field) {
            Some(ChoiceList::Customers) => (master.customers.contains_key(&value.into()), "account"),
            Some(ChoiceList::Articles) => (master.products.contains_key(&value.into()), "article"),
            Some(ChoiceList::Addresses) => (
                value == AS_PRINTED || addresses.is_some_and(|all| all.iter().any(|address| address.code == value)),
                "address code of this customer",
            ),
            None => continue,
        };
        if !is_known {
            return Err(DeskError::Refused(format!("`{value}` is no {what} that we know. Nothing was saved.")));
        }
    }
    Ok(())
}

/// `/orders/0/lines/3`, emptied to remove the line, or `/orders/0/lines/-` to add one.
fn is_line_change(pointer: &str) -> bool {
    pointer.strip_prefix("/orders/0/lines/").is_some_and(|index| index == "-" || index.parse::<usize>().is_ok())
}

/// `POST /cases/{number}/assign`
pub(crate) async fn assign(
    State(state): State<WebState>,
    Path(number): Path<String>,
    form: SignedForm,
) -> Result<Redirect, PageError> {
    form.require(Role::Reviewer)?;
    let case = case::find(&state, &number).await?;
    if case.state != CaseState::Open {
        return Err(
            PageError::new(StatusCode::CONFLICT, "This case is decided already.").back_to(format!("/cases/{}", case.number))
        );
    }
    let who = form.session.user.clone();
    let to = if form.text("to") == "me" { who.clone() } else { String::new() };
    let assigned = state.desk.assign(case.number, to, who).await?;
    Ok(Redirect::to(&format!("/cases/{}", assigned.number)))
}
