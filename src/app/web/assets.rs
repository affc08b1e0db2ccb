//! The style sheet and the script, compiled in. Their address holds a digest of their content, so browsers may keep them.

use crate::model::Sha256;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

pub(crate) struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
    digest: LazyLock<String>,
}

pub(crate) static STYLE: Asset = Asset {
    name: "desk.css",
    kind: "text/css; charset=utf-8",
    content: include_str!("../../../assets/desk.css"),
    digest: LazyLock::new(|| digest(STYLE.content)),
};

pub(crate) static SCRIPT: Asset = Asset {
    name: "desk.js",
    kind: "text/javascript; charset=utf-8",
    content: include_str!("../../../assets/desk.js"),
    digest: LazyLock::new(|| digest(SCRIPT.content)),
};

impl Asset {
    pub(crate) fn url(&self) -> String {
        format!("/assets/{}/{}", *self.digest, self.name)
    }
}

fn digest(content: &str) -> String {
    Sha256::of(content.as_bytes()).as_str()[..12].to_owned()
}

/// `GET /assets/{digest}/{name}`. An old digest gets the present content, but is not told to keep it.
pub(crate) async fn get(Path((digest, name)): Path<(String, String)>) -> Response {
    let Some(asset) = [&STYLE, &SCRIPT].into_iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if digest == *asset.digest { "public, max-age=31536000, immutable" } else { "no-store" };
    ([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, keep)], asset.content).into_response()
}
