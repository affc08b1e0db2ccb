//! Any OpenAI-compatible language model, as a reader of last resort and second opinion.
//!
//! The model proposes, code disposes: it has no tools, sees one document only, and each value that it claims must be found in that
//! document, in its own row or beside its own quote, before it becomes part of a draft. A failing model never fails a document: the
//! caller turns `LlmError::finding` into a finding and goes on without.
//!
//! `async_openai` logs whole replies at error level when they do not parse; replies are checked here before it sees them, and the
//! service filters that target besides.

mod ask;
mod budget;
mod claims;
mod conversation;
mod error;
mod example;
mod grounding;
mod instructions;
mod labels;
mod locale;
mod prompt;
mod reply;
mod settings;
mod tape;
mod transport;
mod windows;

pub use ask::{Assisted, CameTo, LlmReader, Used};
pub use budget::{Budget, MemoryBook, SpendBook, Spent, Usage};
pub use error::{LlmError, Parameter};
pub use example::Example;
pub use instructions::instructions;
pub use prompt::{PromptError, Prompts};
pub use settings::{Ask, LlmSettings, PromptVersions, ResponseFormat};
