//! What `agent.toml` says about the language model: the keys of `[llm]`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The section `[llm]`. Without a `base_url` there is no model, and everything works without one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LlmSettings {
    /// The server's OpenAI-compatible root, `http://127.0.0.1:8080/v1`. Empty: no model.
    pub base_url: String,
    pub model: String,
    /// Name of the environment variable that holds the key; empty where the server wants none.
    pub api_key_env: String,
    /// File that holds the key; goes before `api_key_env`.
    pub api_key_file: String,
    /// The header that carries the key: `api-key` for Azure OpenAI. Empty: `Authorization: Bearer`.
    pub api_key_header: String,
    /// `api-version` of the address, where the server wants one (Azure OpenAI's deployments).
    pub api_version: String,
    pub ask: Ask,
    pub response_format: ResponseFormat,
    /// For one question to the model, all attempts together. 1 to 3600.
    pub timeout_seconds: u64,
    /// How often a question is sent when the server is busy or away. 1 to 10.
    pub attempts: u32,
    /// A longer document is not sent.
    pub max_input_chars: usize,
    /// The longest answer; a document that needs a longer one is read in windows of its rows.
    pub max_output_tokens: u32,
    /// What the model can hold, question and answer together. 0: not known; windows are made smaller when the server complains.
    pub context_tokens: u32,
    /// A document that needs more windows is not sent.
    pub windows_per_document: u32,
    /// Questions about one document, or one window of it: reading it, and once more to correct what the checks refused.
    pub calls_per_document: u32,
    /// How many approved documents of the same customer are shown as examples. 0 to 2.
    pub examples: u32,
    /// A longer document is never shown as an example.
    pub max_example_chars: usize,
    /// 0: no limit.
    pub tokens_per_day: u64,
    /// In the currency of `money_per_day`.
    pub price_in_per_million: Decimal,
    pub price_out_per_million: Decimal,
    /// 0: no limit.
    pub money_per_day: Decimal,
    /// Left out of the request where empty: some models refuse it.
    pub temperature: Option<f64>,
    /// `http://proxy:3128`. The environment's proxy variables are not used.
    pub proxy: String,
    pub prompts: PromptVersions,
    /// A folder with prompts that go before the built-in ones, laid out like `prompts/`.
    pub prompts_dir: String,
}

/// When the model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    Never,
    /// Where the exact and layout readers leave something open.
    WhenOpen,
    /// A second opinion on every document.
    Always,
}

/// How the server is told the form of the answer. A server that refuses one is asked with the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseFormat {
    /// `{"type":"json_schema","json_schema":{…}}`: OpenAI, Azure OpenAI, vLLM, Ollama, llama-server.
    JsonSchema,
    /// `{"type":"json_object","schema":{…}}`: llama-cpp-python.
    JsonObjectSchema,
    /// `{"type":"json_object"}`
    JsonObject,
    None,
}

/// Which version of each prompt is used: the folder below the prompt's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PromptVersions {
    pub extract_po: String,
    pub repair_po: String,
}

impl Default for LlmSettings {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            model: String::new(),
            api_key_env: String::new(),
            api_key_file: String::new(),
            api_key_header: String::new(),
            api_version: String::new(),
            ask: Ask::WhenOpen,
            response_format: ResponseFormat::JsonSchema,
            timeout_seconds: 120,
            attempts: 4,
            max_input_chars: 60_000,
            max_output_tokens: 8_000,
            context_tokens: 0,
            windows_per_document: 12,
            calls_per_document: 2,
            examples: 1,
            max_example_chars: 6_000,
            tokens_per_day: 2_000_000,
            price_in_per_million: Decimal::ZERO,
            price_out_per_million: Decimal::ZERO,
            money_per_day: Decimal::ZERO,
            temperature: Some(0.0),
            proxy: String::new(),
            prompts: PromptVersions::default(),
            prompts_dir: String::new(),
        }
    }
}

impl Default for PromptVersions {
    fn default() -> Self {
        Self { extract_po: "v2".into(), repair_po: "v1".into() }
    }
}

impl LlmSettings {
    /// Whether there is a model to ask.
    pub fn is_on(&self) -> bool {
        !self.base_url.trim().is_empty() && self.ask != Ask::Never
    }

    /// Whether the model is asked about a document that the other readers left open, or not.
    pub fn asks(&self, open: bool) -> bool {
        self.is_on()
            && match self.ask {
                Ask::Never => false,
                Ask::WhenOpen => open,
                Ask::Always => true,
            }
    }
}

impl ResponseFormat {
    /// The next simpler one.
    pub fn simpler(self) -> Option<Self> {
        match self {
            Self::JsonSchema => Some(Self::JsonObjectSchema),
            Self::JsonObjectSchema => Some(Self::JsonObject),
            Self::JsonObject => Some(Self::None),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_says_when_the_model_is_asked() {
        for (url, ask, of_open, of_closed) in [
            ("http://m/v1", Ask::Never, false, false),
            ("http://m/v1", Ask::WhenOpen, true, false),
            ("http://m/v1", Ask::Always, true, true),
            (" ", Ask::Always, false, false),
        ] {
            let settings = LlmSettings { base_url: url.into(), ask, ..LlmSettings::default() };
            assert_eq!((settings.asks(true), settings.asks(false)), (of_open, of_closed), "{url} {ask:?}");
        }
    }
}
