//! Recorded answers, so that tests run the whole reader without a model: one file a request, named by the request's hash.
//!
//! A changed prompt, schema or document is another request: playing back then fails instead of passing on a stale answer.

use crate::model::Sha256;
use serde_json::{Value, json};
use std::path::PathBuf;

use super::error::LlmError;
use super::transport::Http;

/// Where a question goes.
pub(super) enum Line {
    Http(Http),
    /// Answers from files only.
    Replay(PathBuf),
    /// Asks the server, and keeps what it answers.
    Record {
        folder: PathBuf,
        http: Http,
        /// Which server that is, and when.
        noted: String,
    },
}

impl Line {
    pub async fn send(&self, request: &Value, prompts: &str) -> Result<Value, LlmError> {
        match self {
            Self::Http(http) => http.send(request).await,
            Self::Replay(folder) => replay(folder, request).await,
            Self::Record { folder, http, noted } => {
                // What was answered before is not asked again: recording can be broken off and taken up.
                match replay(folder, request).await {
                    Err(LlmError::NotRecorded { .. }) => {}
                    there => return there,
                }
                let reply = http.send(request).await?;
                let name = hash(request);
                let recorded = json!({
                    "request_sha256": name, "prompts": prompts, "model": request.get("model"), "server": noted, "synthetic": false,
                    "usage": reply.get("usage"), "reply": reply,
                });
                record(folder, &name, &recorded).await?;
                Ok(reply)
            }
        }
    }
}

/// The name of a request: what the model sees, and nothing of how it is sent.
pub(super) fn hash(request: &Value) -> String {
    let seen = json!([request.get("model"), request.get("messages"), request.get("response_format")]);
    Sha256::of(seen.to_string().as_bytes()).0
}

async fn replay(folder: &std::path::Path, request: &Value) -> Result<Value, LlmError> {
    let request = hash(request);
    let text = match tokio::fs::read_to_string(folder.join(format!("{request}.json"))).await {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(LlmError::NotRecorded { request }),
        Err(error) => return Err(LlmError::Tape(error)),
    };
    let recorded: Value =
        serde_json::from_str(&text).map_err(|_| LlmError::InvalidAnswer { why: "the tape is not JSON".into() })?;
    Ok(recorded.get("reply").cloned().unwrap_or_default())
}

async fn record(folder: &std::path::Path, name: &str, recorded: &Value) -> Result<(), LlmError> {
    tokio::fs::create_dir_all(folder).await.map_err(LlmError::Tape)?;
    let text = serde_json::to_string_pretty(recorded).unwrap_or_default();
    tokio::fs::write(folder.join(format!("{name}.json")), text + "\n").await.map_err(LlmError::Tape)
}
