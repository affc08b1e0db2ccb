//! One question over HTTP, through async-openai: time limits, retries, a limit on the reply, errors sorted by what to do.
//!
//! The service below takes the place of async-openai's own retry layer, which loses the status of servers that write integer error
//! codes, waits as long as a server says, has no time limit and reads replies of any size.

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tower_service::Service;

use super::error::LlmError;
use super::settings::LlmSettings;

/// A longer reply is not read further.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A server to ask.
#[derive(Clone)]
pub(super) struct Http {
    client: Client<Endpoint>,
}

impl Http {
    /// # Errors
    /// `Configuration` where the key cannot be a header or the proxy is no URL.
    pub fn new(settings: &LlmSettings, key: Option<&SecretString>) -> Result<Self, LlmError> {
        // Idempotent: whoever comes first installs the one provider of the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("podesk/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if !settings.proxy.is_empty() {
            let proxy = reqwest::Proxy::all(&settings.proxy).map_err(|_| configuration("proxy is not a URL"))?;
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|_| configuration("the HTTP client cannot be built"))?;
        let patient = Patient {
            http: http.clone(),
            attempts: settings.attempts.clamp(1, 10),
            limit: Duration::from_secs(settings.timeout_seconds.clamp(1, 3600)),
        };
        let client = Client::build(http, Endpoint::new(&settings.base_url, key)?).with_http_service(patient);
        Ok(Self { client })
    }

    /// Sends a chat completion request; gives the reply's JSON.
    pub async fn send(&self, request: &Value) -> Result<Value, LlmError> {
        match self.client.chat().create_byot::<_, Value>(request).await {
            Ok(reply) => match reply.get("error").filter(|error| !error.is_null()) {
                Some(error) => Err(refusal(200, &serde_json::json!({ "error": error }).to_string(), None)),
                None => Ok(reply),
            },
            Err(OpenAIError::Boxed(error)) => Err(match error.downcast::<LlmError>() {
                Ok(ours) => *ours,
                Err(other) => transient(&other.to_string(), None),
            }),
            // The remaining variants may carry the reply: only their kind is told.
            Err(OpenAIError::InvalidArgument(_)) => Err(configuration("the request cannot be built")),
            Err(_) => Err(LlmError::InvalidAnswer { why: "the reply cannot be read".into() }),
        }
    }
}

/// Where to ask and with which key. Nothing is taken from the environment, as `OpenAIConfig` would.
#[derive(Clone)]
struct Endpoint {
    base: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Endpoint {
    fn new(base: &str, key: Option<&SecretString>) -> Result<Self, LlmError> {
        let key = key.cloned().unwrap_or_else(|| SecretString::from(String::new()));
        let mut headers = HeaderMap::new();
        if !key.expose_secret().trim().is_empty() {
            let bearer = format!("Bearer {}", key.expose_secret().trim());
            let mut value =
                HeaderValue::from_str(&bearer).map_err(|_| configuration("the key holds characters that a header cannot"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self { base: base.trim().trim_end_matches('/').to_owned(), key, headers })
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// Sends until there is an answer, the attempts are used up or the time is over.
#[derive(Clone)]
struct Patient {
    http: reqwest::Client,
    attempts: u32,
    /// For all attempts and pauses together.
    limit: Duration,
}

impl Service<HttpRequestFactory> for Patient {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<reqwest::Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let patient = self.clone();
        Box::pin(async move { patient.ask(request).await.map_err(|error| OpenAIError::Boxed(Box::new(error))) })
    }
}

impl Patient {
    async fn ask(&self, request: HttpRequestFactory) -> Result<reqwest::Response, LlmError> {
        let deadline = Instant::now() + self.limit;
        let mut attempt = 1;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let outcome = match tokio::time::timeout(left, self.once(&request)).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(transient(&format!("no answer within {} seconds", self.limit.as_secs()), None)),
            };
            let error = match outcome {
                Ok(body) => return Ok(http::Response::new(body).into()),
                Err(error) => error,
            };
            let LlmError::Transient { retry_after, .. } = &error else { return Err(error) };
            let pause = retry_after.unwrap_or_else(|| Duration::from_millis(250) * 2_u32.pow(attempt.min(6)));
            let left = deadline.saturating_duration_since(Instant::now());
            // A pause that outlasts the time left is the job queue's to wait, not ours.
            if attempt >= self.attempts || pause > LONGEST_PAUSE || pause >= left {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// One attempt: the body of a good reply, or the error that it means.
    async fn once(&self, request: &HttpRequestFactory) -> Result<Vec<u8>, LlmError> {
        let request = request.build().await.map_err(|_| configuration("the request cannot be built: is base_url a URL?"))?;
        let mut response = self.http.execute(request).await.map_err(|error| connection(&error))?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| connection(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_REPLY_BYTES {
                return Err(LlmError::InvalidAnswer { why: format!("it is longer than {MAX_REPLY_BYTES} bytes") });
            }
        }
        if !response.status().is_success() {
            return Err(refusal(status, &String::from_utf8_lossy(&body), retry_after));
        }
        // Checked here because async-openai logs a body that it cannot parse.
        if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
            return Err(LlmError::InvalidAnswer { why: "the reply is not JSON".into() });
        }
        Ok(body)
    }
}

fn connection(error: &reqwest::Error) -> LlmError {
    if error.is_builder() {
        return configuration("base_url is not a URL");
    }
    let what = if error.is_connect() { "no connection" } else { "the connection broke" };
    transient(what, None)
}

/// What a status other than success means. The server's own words may repeat the document and are only looked at, not kept.
fn refusal(status: u16, body: &str, retry_after: Option<Duration>) -> LlmError {
    let words = body.get(..body.floor_char_boundary(4_000)).unwrap_or_default().to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    // Shapes seen: {"error":{"code":400,...}}, {"error":{"code":"..."}}, {"detail":...}, plain text, HTML.
    let inner = serde_json::from_str::<Value>(body).ok().and_then(|json| json.pointer("/error/code").and_then(Value::as_u64));
    let status = if status == 200 { inner.and_then(|code| u16::try_from(code).ok()).unwrap_or(500) } else { status };
    match status {
        400 | 413 | 422
            if says(&[
                "context length",
                "context_length",
                "maximum context",
                "too many tokens",
                "exceeds the available context",
                "prompt is too long",
            ]) =>
        {
            LlmError::TooLong { what: format!("the server answers {status}") }
        }
        400 | 404 | 415 | 422 | 500 | 501 if says(&["response_format", "json_schema", "json_object", "json schema", "grammar"]) => {
            LlmError::FormatRefused
        }
        400 | 422 if says(&["max_completion_tokens"]) => LlmError::ParameterRefused { name: "max_tokens" },
        400 | 422 if says(&["'temperature'", "\"temperature\"", "temperature does not support"]) => {
            LlmError::ParameterRefused { name: "temperature" }
        }
        429 if says(&["insufficient_quota", "billing"]) => configuration("the quota is used up"),
        408 | 409 | 425 | 429 | 500..=599 => transient(&format!("the server answers {status}"), retry_after),
        413 => LlmError::TooLong { what: "the server answers 413".into() },
        401 | 403 => configuration(&format!("the server answers {status}: the key is not accepted")),
        404 => configuration("the server answers 404: no such model or address"),
        _ => configuration(&format!("the server answers {status}")),
    }
}

fn transient(what: &str, retry_after: Option<Duration>) -> LlmError {
    LlmError::Transient { what: what.into(), retry_after }
}

fn configuration(what: &str) -> LlmError {
    LlmError::Configuration { what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_sorted_by_what_to_do() {
        let class = |status, body| match refusal(status, body, None) {
            LlmError::Transient { .. } => "transient",
            LlmError::Configuration { .. } => "configuration",
            LlmError::FormatRefused => "format",
            LlmError::ParameterRefused { name } => name,
            LlmError::TooLong { .. } => "too long",
            _ => "other",
        };
        for (status, body, expected) in [
            (400, r#"{"error":{"code":400,"message":"bad"}}"#, "configuration"),
            (400, r#"{"error":{"code":"x","message":"'response_format' is not supported"}}"#, "format"),
            (500, r#"{"error":{"message":"Input should be 'text' or 'json_object'"}}"#, "format"),
            (
                400,
                r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}"#,
                "max_tokens",
            ),
            (400, r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0"}}"#, "temperature"),
            (401, "nope", "configuration"),
            (404, r#"{"detail":"Not Found"}"#, "configuration"),
            (408, "", "transient"),
            (429, r#"{"error":{"code":429}}"#, "transient"),
            (429, r#"{"error":{"code":"insufficient_quota"}}"#, "configuration"),
            (503, "<html>loading", "transient"),
            (400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens"}}"#, "too long"),
            (200, r#"{"error":{"code":503,"message":"busy"}}"#, "transient"),
            (302, "", "configuration"),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_key_and_the_address_are_checked_when_set_up() {
        let settings = LlmSettings { base_url: "http://127.0.0.1:1/v1/ ".into(), ..LlmSettings::default() };
        let endpoint = Endpoint::new(&settings.base_url, None).expect("no key is fine");
        assert_eq!(endpoint.url("/chat/completions"), "http://127.0.0.1:1/v1/chat/completions");
        assert!(endpoint.headers().is_empty());
        let broken = SecretString::from("a\nb".to_owned());
        assert!(matches!(Endpoint::new("http://h", Some(&broken)), Err(LlmError::Configuration { .. })));
    }
}
