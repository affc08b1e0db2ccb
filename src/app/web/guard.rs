//! Who may come in, and what every answer carries: sessions, tokens against forged requests, headers.
//!
//! Three independent things stop a forged POST: the cookie is SameSite=Lax, the browser must say that the request comes from our
//! own page, and the form must carry the session's token. No GET changes anything.

use super::errors::PageError;
use super::{WebState, people};
use crate::model::Sha256;
use crate::store::{Role, StoreError};
use axum::extract::{Form, FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Longest life of a session, however busy.
pub(crate) const SESSION_HOURS: i64 = 12;

/// Scripts, styles and images from us alone, no plug-ins, no frames, nothing inline.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; \
connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// On every answer. `Referrer-Policy: no-referrer` would make browsers send `Origin: null`, which the origin check refuses.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds the headers that an answer does not set itself.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses whatever is not a GET and does not come from one of our own pages.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || is_from_our_page(request.headers()) {
        return next.run(request).await;
    }
    PageError::forbidden("This request did not come from a page of this desk.").into_response()
}

fn is_from_our_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let host = text(header::HOST);
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some() && origin == host
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Digest of the key in the cookie: what the store knows the session by.
    pub(crate) key: String,
    pub(crate) user: String,
    pub(crate) role: Role,
    /// Must come with every POST.
    pub(crate) csrf: String,
}

impl FromRequestParts<WebState> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        match session_of(state, &parts.headers).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(people::please_sign_in(state, parts.uri.path())),
            Err(error) => Err(PageError::from(error).into_response()),
        }
    }
}

/// The session that the request's cookie opens.
async fn session_of(state: &WebState, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
    let Some(key) = cookie(headers, state.session_cookie()) else { return Ok(None) };
    let key = digest(key);
    let session = state.db.session(&key, state.desk.now()).await?;
    Ok(session.map(|session| Session { key, user: session.user, role: session.role, csrf: session.csrf }))
}

/// What is stored in place of a key or token: reading the database opens no door.
pub(crate) fn digest(secret: &str) -> String {
    Sha256::of(secret.as_bytes()).0
}

/// A form that a signed-in person sent from our own page: session, token and fields.
pub(crate) struct SignedForm {
    pub(crate) session: Session,
    pub(crate) fields: Vec<(String, String)>,
}

impl SignedForm {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The role that this needs, or a refusal.
    pub(crate) fn require(&self, role: Role) -> Result<(), PageError> {
        if self.session.role >= role {
            Ok(())
        } else {
            Err(PageError::forbidden("Your account may not do this. Ask somebody who may approve."))
        }
    }
}

impl FromRequest<WebState> for SignedForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, state).await?;
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), &())
            .await
            .map_err(|refused| PageError::new(refused.status(), "The form could not be read.").into_response())?;
        let form = Self { session, fields };
        if !are_equal(form.text("csrf"), &form.session.csrf) {
            return Err(PageError::forbidden("This form has expired. Go back, reload the page and try again.").into_response());
        }
        Ok(form)
    }
}

/// Compares without telling by time how far two secrets agree.
pub(crate) fn are_equal(given: &str, secret: &str) -> bool {
    let differences = given.bytes().zip(secret.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == secret.len() && differences == 0 && !secret.is_empty()
}

pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name))
        .map(|(_, v)| v)
}

/// A cookie that scripts cannot read and other sites cannot send along. `hours` of 0 removes it.
pub(crate) fn set_cookie(state: &WebState, name: &str, value: &str, hours: i64) -> HeaderValue {
    let secure = if state.is_https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", hours * 3600);
    HeaderValue::from_str(&text).expect("hexadecimal digits and fixed words make a header")
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET` where nothing is: the same page for everybody, so that nobody learns what exists.
pub(crate) async fn not_found(State(_): State<WebState>) -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "There is no such page.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_post() {
        let from = |pairs: &[(&str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
                headers.insert(name, HeaderValue::from_str(value).expect("a value"));
            }
            is_from_our_page(&headers)
        };
        assert!(from(&[("host", "desk:8080"), ("origin", "http://desk:8080")]));
        assert!(from(&[("sec-fetch-site", "same-origin")]));
        assert!(!from(&[("host", "desk:8080"), ("origin", "http://evil.example")]));
        assert!(!from(&[("host", "desk:8080"), ("origin", "null")]));
        assert!(!from(&[("sec-fetch-site", "same-site"), ("host", "desk"), ("origin", "http://desk")]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("host", "desk:8080")]));
        assert!(!from(&[]));
    }

    #[test]
    fn secrets_are_equal_only_when_they_are() {
        assert!(are_equal("abc", "abc"));
        assert!(!are_equal("abd", "abc"));
        assert!(!are_equal("ab", "abc"));
        assert!(!are_equal("", ""));
    }
}
