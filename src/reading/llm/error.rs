//! Why the model gave no reading, sorted by what to do about it. No variant carries document text.

use crate::model::{Code, Finding, Severity};
use std::time::Duration;
use thiserror::Error;

use super::prompt::PromptError;

/// The model could not be asked, or its answer is of no use.
#[derive(Debug, Error)]
pub enum LlmError {
    /// Try again later: busy, away, slow.
    #[error("the language model cannot be reached: {what}")]
    Transient { what: String, retry_after: Option<Duration> },
    /// Trying again is of no use until somebody changes the settings: key, model name, address, quota.
    #[error("the language model refuses the request ({what}): check base_url, model and the key in [llm]")]
    Configuration { what: String },
    /// The server does not know the response format; asked again with a simpler one.
    #[error("the language model does not support the response format")]
    FormatRefused,
    /// The server does not know a parameter; asked again without it.
    #[error("the language model does not support the parameter {}", .parameter.as_str())]
    ParameterRefused { parameter: Parameter },
    #[error("the document has no text to read")]
    NoText,
    /// The document does not fit the model or the limits in `[llm]`.
    #[error("the document is too long for the language model: {what}")]
    TooLong { what: String },
    /// The answer was cut off at the token limit.
    #[error("the language model's answer was cut off after {tokens} tokens")]
    Truncated { tokens: u32 },
    /// The model or a filter before it declined.
    #[error("the language model declined to answer")]
    Refused,
    /// The answer is not what was asked for.
    #[error("the language model's answer cannot be used: {why}")]
    InvalidAnswer { why: String },
    /// A limit of `[llm]` for this day or document is reached.
    #[error("the language model's budget is spent: {what}")]
    BudgetSpent { what: String },
    #[error("the prompt cannot be used")]
    Prompt(#[from] PromptError),
    /// A tape that is played back has no answer to this request.
    #[error("no recorded answer for request {request}: the prompt or the document changed; record it again")]
    NotRecorded { request: String },
    #[error("the tape cannot be read or written")]
    Tape(#[source] std::io::Error),
}

/// A parameter that some servers refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `max_tokens`: newer models of OpenAI want `max_completion_tokens`.
    MaxTokens,
    /// Reasoning models have none.
    Temperature,
}

impl Parameter {
    fn as_str(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::Temperature => "temperature",
        }
    }
}

impl LlmError {
    /// Whether the same question may get an answer later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transient { .. } => true,
            Self::Configuration { .. }
            | Self::FormatRefused
            | Self::ParameterRefused { .. }
            | Self::NoText
            | Self::TooLong { .. }
            | Self::Truncated { .. }
            | Self::Refused
            | Self::InvalidAnswer { .. }
            | Self::BudgetSpent { .. }
            | Self::Prompt(_)
            | Self::NotRecorded { .. }
            | Self::Tape(_) => false,
        }
    }

    /// The finding that a document carries which was read without the model.
    pub fn finding(&self) -> Finding {
        let code = match self {
            Self::BudgetSpent { .. } => Code::LlmBudgetSpent,
            Self::Transient { .. }
            | Self::Configuration { .. }
            | Self::FormatRefused
            | Self::ParameterRefused { .. }
            | Self::NoText
            | Self::TooLong { .. }
            | Self::Truncated { .. }
            | Self::Refused
            | Self::InvalidAnswer { .. }
            | Self::Prompt(_)
            | Self::NotRecorded { .. }
            | Self::Tape(_) => Code::LlmUnavailable,
        };
        Finding::new(code, Severity::Note, "", format!("Read without the language model: {self}."))
    }
}
