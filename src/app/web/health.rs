//! For the machine that watches us: does the process live, and may it be given work? No sign-in, no customer's data.

use super::WebState;
use super::desk::Readiness;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// `GET /healthz`
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 503 until the database answers and the desk can work.
pub(crate) async fn ready(State(state): State<WebState>) -> (StatusCode, Json<Value>) {
    let readiness = state.desk.readiness().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "not ready");
        Readiness { is_ready: false, parts: Vec::new() }
    });
    let status = if readiness.is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts: serde_json::Map<String, Value> = readiness.parts.into_iter().map(|(part, state)| (part, state.into())).collect();
    (status, Json(json!({ "ready": readiness.is_ready, "parts": parts })))
}
