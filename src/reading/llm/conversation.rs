//! Questions about one document: within its limits and the day's budget, asked again in the way that the server knows.
//!
//! Servers differ in how they are told the form of an answer and its length, and some models refuse a temperature. What a server was
//! found not to know is left out from then on.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::ask::LlmReader;
use super::budget::Usage;
use super::error::{LlmError, Parameter};
use super::prompt::Prompt;
use super::reply;
use super::settings::{LlmSettings, ResponseFormat};
use super::windows::CHARS_PER_TOKEN;

/// What the server was found not to know; kept so that it is asked in its own way the next time.
#[derive(Default)]
pub(super) struct Learned {
    /// Steps down from the configured response format.
    simpler: AtomicU8,
    completion_tokens: AtomicBool,
    no_temperature: AtomicBool,
}

/// The questions about one document so far.
pub(super) struct Conversation<'r> {
    reader: &'r LlmReader,
    pub used: Usage,
    /// Questions about the window in hand.
    asked: u32,
}

impl<'r> Conversation<'r> {
    pub fn new(reader: &'r LlmReader) -> Self {
        Self { reader, used: Usage::default(), asked: 0 }
    }

    /// The next window has its own count of questions.
    pub fn next_window(&mut self) {
        self.asked = 0;
    }

    /// Whether another question about this window is allowed.
    pub fn may_ask(&self) -> bool {
        self.asked < self.reader.settings().calls_per_document
    }

    /// The model's answer as JSON text; a cut off answer is asked for once more with the highest limit.
    pub async fn answer(&mut self, prompt: &Prompt, user: &str, max_tokens: u32) -> Result<String, LlmError> {
        let highest = self.reader.settings().max_output_tokens;
        match self.ask(&prompt.system, user, max_tokens).await {
            Err(LlmError::Truncated { .. }) if max_tokens < highest && self.may_ask() => {
                self.ask(&prompt.system, user, highest).await
            }
            other => other,
        }
    }

    /// One answered question. A server that does not know a parameter is asked again without it; that costs nothing.
    async fn ask(&mut self, system: &str, user: &str, max_tokens: u32) -> Result<String, LlmError> {
        let (reader, settings) = (self.reader, self.reader.settings());
        if !self.may_ask() {
            return Err(LlmError::BudgetSpent { what: format!("{} questions about one document", settings.calls_per_document) });
        }
        let expected = Usage {
            calls: 1,
            tokens_in: u64::try_from((system.len() + user.len()) / CHARS_PER_TOKEN).unwrap_or(u64::MAX),
            tokens_out: u64::from(max_tokens),
        };
        reader.budget.allow(reader.book.spent(), expected)?;
        self.asked += 1;
        let reply = loop {
            let format = reader.learned.format(settings);
            let request = request(settings, &reader.learned, reader.prompts.schema(), system, user, max_tokens, format);
            match reader.line.send(&request, reader.prompts.version()).await {
                Err(error) if reader.learned.from(&error, format) => {}
                Err(error) => return Err(error),
                Ok(reply) => break reply,
            }
        };
        let (answer, usage) = reply::read(&reply, max_tokens);
        // A server that counts nothing is charged what was expected.
        let used = if usage.tokens_in + usage.tokens_out > 0 { usage } else { expected };
        reader.book.record(&reader.budget, used);
        self.used = self.used.and(used);
        answer
    }
}

impl Learned {
    fn format(&self, settings: &LlmSettings) -> ResponseFormat {
        let steps = self.simpler.load(Ordering::Relaxed);
        (0..steps).fold(settings.response_format, |format, _| format.simpler().unwrap_or(format))
    }

    /// Whether something was learned from a refusal of a request in `format`, so that asking again is of use.
    fn from(&self, error: &LlmError, format: ResponseFormat) -> bool {
        if matches!(error, LlmError::FormatRefused) && format.simpler().is_some() {
            self.simpler.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        let LlmError::ParameterRefused { parameter } = error else { return false };
        match parameter {
            Parameter::MaxTokens => !self.completion_tokens.swap(true, Ordering::Relaxed),
            Parameter::Temperature => !self.no_temperature.swap(true, Ordering::Relaxed),
        }
    }
}

/// A chat completion request with everything that this server is known to know.
pub(super) fn request(
    settings: &LlmSettings,
    learned: &Learned,
    schema: &Value,
    system: &str,
    user: &str,
    max_tokens: u32,
    format: ResponseFormat,
) -> Value {
    let mut request = json!({
        "model": settings.model,
        "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
        "stream": false,
    });
    let limit = if learned.completion_tokens.load(Ordering::Relaxed) { "max_completion_tokens" } else { "max_tokens" };
    request[limit] = max_tokens.into();
    if let Some(temperature) = settings.temperature.filter(|_| !learned.no_temperature.load(Ordering::Relaxed)) {
        request["temperature"] = temperature.into();
    }
    let format = match format {
        ResponseFormat::JsonSchema => {
            json!({ "type": "json_schema", "json_schema": { "name": "purchase_order", "strict": true, "schema": schema } })
        }
        ResponseFormat::JsonObjectSchema => json!({ "type": "json_object", "schema": schema }),
        ResponseFormat::JsonObject => json!({ "type": "json_object" }),
        ResponseFormat::None => return request,
    };
    request["response_format"] = format;
    request
}
