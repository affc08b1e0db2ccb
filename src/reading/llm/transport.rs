//! One question over HTTP, through async-openai: time limits, retries, a limit on the reply, errors sorted by what to do.
//!
//! The service below takes the place of async-openai's own retry layer, which loses the status of servers that write integer error
//! codes, waits as long as a server says, has no time limit and reads replies of any size.

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tower_service::Service;

use super::error::{LlmError, Parameter};
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
        let client = Client::build(http, Endpoint::new(settings, key)?).with_http_service(patient);
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
    /// Azure OpenAI's deployments name the version of their interface in each address.
    api_version: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Endpoint {
    fn new(settings: &LlmSettings, key: Option<&SecretString>) -> Result<Self, LlmError> {
        let key = key.cloned().unwrap_or_else(|| SecretString::from(String::new()));
        let mut headers = HeaderMap::new();
        let secret = key.expose_secret().trim();
        if !secret.is_empty() {
            let (name, text) = match settings.api_key_header.trim() {
                "" => (AUTHORIZATION, format!("Bearer {secret}")),
                name => {
                    let named = HeaderName::from_bytes(name.as_bytes());
                    (named.map_err(|_| configuration("api_key_header is no name of a header"))?, secret.to_owned())
                }
            };
            let mut value =
                HeaderValue::from_str(&text).map_err(|_| configuration("the key holds characters that a header cannot"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let base = settings.base_url.trim().trim_end_matches('/').to_owned();
        Ok(Self { base, api_version: settings.api_version.trim().to_owned(), key, headers })
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
        if self.api_version.is_empty() { Vec::new() } else { vec![("api-version", &self.api_version)] }
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
        let retry_after = retry_after(response.headers());
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

/// How long the server wants to be left alone: seconds, milliseconds (Azure OpenAI), or a date beside the server's own.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let wanted = text("retry-after")?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp().as_second());
    let seconds = date(wanted)? - date(text("date")?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

/// What a status other than success means. The server's own words may repeat the document and are only looked at, not kept.
///
/// Shapes seen: `{"error":{"code":400,…}}` (llama.cpp), `{"error":{"code":"…"}}` (OpenAI, Azure), `{"error":"…"}` (Ollama),
/// `{"object":"error","message":…}` (vLLM), `{"detail":…}` (FastAPI), plain text, HTML.
fn refusal(status: u16, body: &str, retry_after: Option<Duration>) -> LlmError {
    let words = body.get(..body.floor_char_boundary(4_000)).unwrap_or_default().to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let inner = serde_json::from_str::<Value>(body).ok().and_then(|json| json.pointer("/error/code").and_then(Value::as_u64));
    let status = if status == 200 { inner.and_then(|code| u16::try_from(code).ok()).unwrap_or(500) } else { status };
    match status {
        400 | 413 | 422 if says(&TOO_LONG) => LlmError::TooLong { what: format!("the server answers {status}") },
        400 | 403 if says(&["content_filter", "content_policy", "content management policy"]) => LlmError::Refused,
        400 | 404 | 415 | 422 | 500 | 501 if says(&FORMAT) => LlmError::FormatRefused,
        400 | 422 if says(&["max_completion_tokens"]) => LlmError::ParameterRefused { parameter: Parameter::MaxTokens },
        400 | 422 if says(&["'temperature'", "\"temperature\"", "temperature does not support"]) => {
            LlmError::ParameterRefused { parameter: Parameter::Temperature }
        }
        429 if says(&["insufficient_quota", "billing"]) => configuration("the quota is used up"),
        408 | 409 | 425 | 429 | 500..=599 => transient(&format!("the server answers {status}"), retry_after),
        413 => LlmError::TooLong { what: "the server answers 413".into() },
        401 | 403 => configuration(&format!("the server answers {status}: the key is not accepted")),
        404 => configuration("the server answers 404: no such model or address"),
        _ => configuration(&format!("the server answers {status}")),
    }
}

/// Question and answer together do not fit, in the words of servers.
const TOO_LONG: [&str; 9] = [
    "context length",
    "context_length",
    "maximum context",
    "too many tokens",
    "exceeds the available context",
    "exceed context",
    "prompt is too long",
    "max_tokens is too large",
    "completion tokens",
];

/// The form of the answer that was asked for is not known.
const FORMAT: [&str; 7] =
    ["response_format", "json_schema", "json_object", "json schema", "grammar", "response format", "guided decoding"];

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
            LlmError::ParameterRefused { parameter: Parameter::MaxTokens } => "max_tokens",
            LlmError::ParameterRefused { parameter: Parameter::Temperature } => "temperature",
            LlmError::TooLong { .. } => "too long",
            LlmError::Refused => "refused",
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
            (400, r#"{"object":"error","message":"This model's maximum context length is 8192 tokens.","code":400}"#, "too long"),
            (
                400,
                r#"{"error":{"message":"max_tokens is too large: 8000. This model supports at most 4096 completion tokens"}}"#,
                "too long",
            ),
            (
                422,
                r#"{"detail":[{"loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'"}]}"#,
                "format",
            ),
            (
                400,
                r#"{"error":{"code":"unsupported_value","message":"Unsupported value: 'temperature' does not support 0.0"}}"#,
                "temperature",
            ),
            (400, r#"{"error":{"code":"content_filter","message":"The response was filtered"}}"#, "refused"),
            (404, r#"{"error":"model 'x' not found, try pulling it first"}"#, "configuration"),
            (500, r#"{"error":"failed to parse grammar"}"#, "format"),
            (200, r#"{"error":{"code":503,"message":"busy"}}"#, "transient"),
            (302, "", "configuration"),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_key_and_the_address_are_checked_when_set_up() {
        let settings = LlmSettings { base_url: "http://127.0.0.1:1/v1/ ".into(), ..LlmSettings::default() };
        let endpoint = Endpoint::new(&settings, None).expect("no key is fine");
        assert_eq!(endpoint.url("/chat/completions"), "http://127.0.0.1:1/v1/chat/completions");
        assert!(endpoint.headers().is_empty() && endpoint.query().is_empty());
        let broken = SecretString::from("a\nb".to_owned());
        assert!(matches!(Endpoint::new(&settings, Some(&broken)), Err(LlmError::Configuration { .. })));
        let azure = LlmSettings { api_key_header: "api-key".into(), api_version: "2024-10-21".into(), ..settings };
        let endpoint = Endpoint::new(&azure, Some(&SecretString::from("k".to_owned()))).expect("a key");
        assert_eq!(endpoint.headers().get("api-key").map(HeaderValue::as_bytes), Some(b"k".as_slice()));
        assert_eq!((endpoint.headers().len(), endpoint.query()), (1, vec![("api-version", "2024-10-21")]));
    }

    #[test]
    fn servers_say_in_several_ways_how_long_to_wait() {
        let wait = |headers: &[(&'static str, &str)]| {
            let named = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")));
            retry_after(&named.collect())
        };
        let date = ("date", "Wed, 25 Nov 2026 10:00:00 GMT");
        for (headers, expected) in [
            (vec![("retry-after", "7")], Some(7_000)),
            (vec![("retry-after-ms", "250"), ("retry-after", "1")], Some(250)),
            (vec![date, ("retry-after", "Wed, 25 Nov 2026 10:00:20 GMT")], Some(20_000)),
            (vec![date, ("retry-after", "Wed, 25 Nov 2026 09:00:00 GMT")], Some(0)),
            (vec![("retry-after", "Wed, 25 Nov 2026 10:00:20 GMT")], None),
            (vec![("retry-after", "soon")], None),
            (vec![], None),
        ] {
            assert_eq!(wait(&headers), expected.map(Duration::from_millis), "{headers:?}");
        }
    }
}
