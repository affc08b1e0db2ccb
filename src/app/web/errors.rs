//! Pages for when something cannot be shown or done. They say what to do next; machinery's own words go to the log alone.

use super::desk::DeskError;
use super::layout;
use crate::store::StoreError;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::html;

/// A refusal as a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageError {
    status: StatusCode,
    message: String,
    /// Our own page to go back to.
    back: Option<String>,
}

impl PageError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), back: None }
    }

    /// Offers this page of ours as the way on.
    pub(crate) fn back_to(self, path: impl Into<String>) -> Self {
        Self { back: Some(path.into()), ..self }
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    fn heading(&self) -> &'static str {
        match self.status {
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::CONFLICT => "Changed meanwhile",
            StatusCode::UNPROCESSABLE_ENTITY => "That does not fit",
            StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
            StatusCode::PAYLOAD_TOO_LARGE => "Too large",
            status if status.is_server_error() => "Something broke",
            _ => "That did not work",
        }
    }
}

impl From<DeskError> for PageError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => Self::new(StatusCode::NOT_FOUND, "There is no such page."),
            DeskError::Stale { by: Some(by) } => Self::new(
                StatusCode::CONFLICT,
                format!("{by} changed this meanwhile. Reload the page to see it as it is now; nothing of yours was saved."),
            ),
            DeskError::Stale { by: None } => Self::new(
                StatusCode::CONFLICT,
                "This was changed or decided meanwhile. Reload the page to see it as it is now; nothing of yours was saved.",
            ),
            DeskError::Refused(sentence) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentence),
            DeskError::Failed(cause) => {
                tracing::error!(cause, "a page could not be made");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The desk could not do this. Nothing was changed; the cause is in the log.",
                )
            }
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        let cause = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self::from(DeskError::Failed(cause.map(ToString::to_string).collect::<Vec<_>>().join(": ")))
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let body = html! {
            section.notice-page {
                h1 { (self.heading()) }
                p { (self.message) }
                p.actions {
                    @if let Some(back) = &self.back {
                        a.button.primary href=(back) { @if self.status == StatusCode::CONFLICT { "Reload" } @else { "Back" } }
                    }
                    a.button href="/" { "To the review queue" }
                }
            }
        };
        (self.status, Html(layout::bare(self.heading(), &body).into_string())).into_response()
    }
}
