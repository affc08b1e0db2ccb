//! Signing in and out, and the first user. `podesk serve` prints the one-time set-up link when nobody can sign in yet.

use super::desk::DeskError;
use super::errors::PageError;
use super::guard::{SESSION_HOURS, SignedForm, are_equal, cookie, digest, hexadecimal, set_cookie};
use super::password::{self, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};
use super::{WebState, layout};
use crate::store::{Role, User};
use axum::Extension;
use axum::extract::{ConnectInfo, Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use maud::{Markup, html};
use serde::Deserialize;
use std::net::SocketAddr;

/// So many wrong passwords under one name, or from one address, and sign-in has to wait until they are older than this.
/// An address may stand for a whole office behind a proxy.
const MAX_FAILED_OF_NAME: u64 = 10;
const MAX_FAILED_FROM_SOURCE: u64 = 100;
const FAILED_LOGIN_MINUTES: i64 = 15;

/// The same for a wrong name and a wrong password: nobody learns which names exist.
const WRONG: &str = "Name and password do not fit together.";

const MAX_NAME_CHARS: usize = 64;

/// What a sign-in or set-up form sends.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    form: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

/// `GET /login`
pub(crate) async fn login_page(State(state): State<WebState>) -> Response {
    sign_in(&state, StatusCode::OK, "/", None)
}

/// The sign-in form in place of a page that needs a session; after it, on to that page.
pub(crate) fn please_sign_in(state: &WebState, path: &str) -> Response {
    sign_in(state, StatusCode::UNAUTHORIZED, path, None)
}

/// `POST /login`
pub(crate) async fn login(
    State(state): State<WebState>,
    connection: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, PageError> {
    check_form_key(&state, &headers, &given)?;
    let source = connection.map(|Extension(ConnectInfo(address))| address.ip().to_string()).unwrap_or_default();
    let since = state.desk.now() - SignedDuration::from_mins(FAILED_LOGIN_MINUTES);
    let name = given.name.trim().to_owned();
    if !is_a_name(&name) || given.password.len() > MAX_PASSWORD_BYTES {
        return Ok(sign_in(&state, StatusCode::UNAUTHORIZED, &given.next, Some(WRONG)));
    }
    let failed = state.db.failed_logins(&name, &source, since).await?;
    if failed.of_name >= MAX_FAILED_OF_NAME || failed.from_source >= MAX_FAILED_FROM_SOURCE {
        tracing::warn!("sign-in refused: too many wrong passwords");
        let message = format!("Too many wrong passwords. Please wait {FAILED_LOGIN_MINUTES} minutes.");
        return Ok(sign_in(&state, StatusCode::TOO_MANY_REQUESTS, &given.next, Some(&message)));
    }
    let user = state.db.user(&name).await?;
    let is_right = password::matches(given.password, user.as_ref().map(|user| user.password_hash.clone())).await;
    let mut tx = state.db.begin().await?;
    match user.filter(|_| is_right) {
        Some(user) => {
            tx.forget_failed_logins(&name).await?;
            tx.commit().await?;
            open_session(&state, &headers, &user, &given.next).await
        }
        None => {
            tx.note_failed_login(&name, &source, state.desk.now()).await?;
            tx.commit().await?;
            Ok(sign_in(&state, StatusCode::UNAUTHORIZED, &given.next, Some(WRONG)))
        }
    }
}

/// `POST /logout`
pub(crate) async fn logout(State(state): State<WebState>, form: SignedForm) -> Result<Response, PageError> {
    let mut tx = state.db.begin().await?;
    tx.delete_session(&form.session.key).await?;
    tx.commit().await?;
    Ok((AppendHeaders([(header::SET_COOKIE, set_cookie(&state, state.session_cookie(), "", 0))]), Redirect::to("/login"))
        .into_response())
}

/// `GET /setup/{token}`: the one-time link. Looking does not use it up, so a link scanner does no harm.
pub(crate) async fn setup_page(State(state): State<WebState>, Path(token): Path<String>) -> Result<Response, PageError> {
    check_token(&state, &token).await?;
    Ok(setup_form(&state, StatusCode::OK, "", None))
}

/// `POST /setup/{token}`
pub(crate) async fn setup(
    State(state): State<WebState>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, PageError> {
    check_form_key(&state, &headers, &given)?;
    let token = check_token(&state, &token).await?;
    let name = given.name.trim().to_owned();
    let problem = if !is_a_name(&name) {
        Some("Please enter a name of at most 64 characters.".to_owned())
    } else if given.password.chars().count() < MIN_PASSWORD_CHARS {
        Some(format!("The password needs at least {MIN_PASSWORD_CHARS} characters; a few words make a good one."))
    } else if given.password.len() > MAX_PASSWORD_BYTES {
        Some("That password is too long.".to_owned())
    } else {
        None
    };
    if let Some(problem) = problem {
        return Ok(setup_form(&state, StatusCode::UNPROCESSABLE_ENTITY, &name, Some(&problem)));
    }
    let hash = password::hash(given.password, state.desk.secret()).await;
    let password_hash = hash.ok_or_else(|| DeskError::Failed("the password could not be hashed".into()))?;
    let user = User { name, password_hash, role: Role::Admin };
    let now = state.desk.now();
    let mut tx = state.db.begin().await?;
    if !tx.use_setup_token(&token, now).await? {
        return Err(used_up());
    }
    if !tx.create_user(&user.name, &user.password_hash, user.role).await? {
        return Ok(setup_form(&state, StatusCode::UNPROCESSABLE_ENTITY, "", Some("There is a user of this name already.")));
    }
    tx.note(&user.name, "created", "first user", "", now).await?;
    tx.commit().await?;
    open_session(&state, &headers, &user, "/").await
}

async fn check_token(state: &WebState, token: &str) -> Result<String, PageError> {
    let token = digest(token);
    if state.db.is_setup_token(&token, state.desk.now()).await? { Ok(token) } else { Err(used_up()) }
}

fn used_up() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "This set-up link was used already or is too old. Restart podesk to get a new one.")
}

/// A form for somebody without a session carries a key that the same answer sets as a cookie: another site can send neither.
fn check_form_key(state: &WebState, headers: &HeaderMap, given: &Credentials) -> Result<(), PageError> {
    let expected = cookie(headers, state.form_cookie()).unwrap_or_default();
    if are_equal(&given.form, expected) {
        return Ok(());
    }
    Err(PageError::forbidden("This form has expired. Please try again.").back_to("/login"))
}

/// A new key at every sign-in: whatever key the browser had before opens nothing any more (session fixation).
async fn open_session(state: &WebState, headers: &HeaderMap, user: &User, next: &str) -> Result<Response, PageError> {
    let key = hexadecimal(&state.desk.secret());
    let csrf = hexadecimal(&state.desk.secret());
    let now = state.desk.now();
    let mut tx = state.db.begin().await?;
    if let Some(old) = cookie(headers, state.session_cookie()) {
        tx.delete_session(&digest(old)).await?;
    }
    tx.create_session(&digest(&key), &user.name, &csrf, now, now + SignedDuration::from_hours(SESSION_HOURS)).await?;
    tx.delete_expired(now, now - SignedDuration::from_mins(FAILED_LOGIN_MINUTES)).await?;
    tx.note(&user.name, "signed in", &user.name, "", now).await?;
    tx.commit().await?;
    tracing::info!(role = ?user.role, "signed in");
    let cookies = AppendHeaders([
        (header::SET_COOKIE, set_cookie(state, state.session_cookie(), &key, SESSION_HOURS)),
        (header::SET_COOKIE, set_cookie(state, state.form_cookie(), "", 0)),
    ]);
    Ok((cookies, Redirect::to(own_path(next))).into_response())
}

/// A path of ours as it is, anything else becomes the queue: nobody is sent to another site.
fn own_path(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-'));
    if plain && next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/log") { next } else { "/" }
}

fn is_a_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(char::is_control)
}

fn sign_in(state: &WebState, status: StatusCode, next: &str, problem: Option<&str>) -> Response {
    let key = hexadecimal(&state.desk.secret());
    let hidden = html! {
        input type="hidden" name="form" value=(key);
        input type="hidden" name="next" value=(own_path(next));
    };
    let form = html! {
        h1 { "Sign in" }
        form.card.sign-in method="post" action="/login" {
            (credentials(problem, &hidden, ""))
            input id="password" name="password" type="password" autocomplete="current-password" required;
            button.primary type="submit" { "Sign in" }
        }
    };
    with_form_key(state, status, &key, &layout::bare("Sign in", &form))
}

fn setup_form(state: &WebState, status: StatusCode, name: &str, problem: Option<&str>) -> Response {
    let key = hexadecimal(&state.desk.secret());
    let form = html! {
        h1 { "Welcome" }
        p { "Create the first account of this desk. It may do everything; this link works once." }
        // No action: the form goes back to the link that it came from.
        form.card.sign-in method="post" {
            (credentials(problem, &html! { input type="hidden" name="form" value=(key); }, name))
            input id="password" name="password" type="password" autocomplete="new-password" required
                minlength=(MIN_PASSWORD_CHARS) aria-describedby="password-hint";
            p.hint id="password-hint" { "At least " (MIN_PASSWORD_CHARS) " characters. A few words make a good one." }
            button.primary type="submit" { "Create account" }
        }
    };
    with_form_key(state, status, &key, &layout::bare("Welcome", &form))
}

/// What both forms begin with, up to the password's label.
fn credentials(problem: Option<&str>, hidden: &Markup, name: &str) -> Markup {
    html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        (hidden)
        label for="name" { "Name" }
        input id="name" name="name" value=(name) autocomplete="username" autocapitalize="none" spellcheck="false" maxlength=(MAX_NAME_CHARS) required autofocus;
        label for="password" { "Password" }
    }
}

/// The page, and the form's key beside it as a cookie.
fn with_form_key(state: &WebState, status: StatusCode, key: &str, page: &Markup) -> Response {
    let cookie: HeaderValue = set_cookie(state, state.form_cookie(), key, 1);
    (status, AppendHeaders([(header::SET_COOKIE, cookie)]), Html(page.0.clone())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (asked, path) in [
            ("/cases/R-000001", "/cases/R-000001"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/logout", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(asked), path);
        }
    }
}
