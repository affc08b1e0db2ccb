//! The reader itself: one question about a document, one more to correct what the checks refuse, and no third.

use crate::model::{Code, Draft, Finding, Method, Severity, Sha256};
use crate::reading::ReadingContext;
use crate::reading::document::Document;
use crate::reading::extraction::ground_text::Rows;
use crate::reading::extraction::reconcile::reconcile;
use crate::reading::extraction::{checks, is_open};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::budget::{Budget, MemoryBook, SpendBook, Usage};
use super::claims::Claims;
use super::error::LlmError;
use super::grounding::ground;
use super::prompt::{Prompt, Prompts};
use super::reply;
use super::settings::{Ask, LlmSettings, ResponseFormat};
use super::tape::Line;
use super::transport::Http;

/// Tokens that an answer without lines takes, and each line besides: measured on the schema of v1.
const ANSWER_TOKENS: u32 = 900;
const LINE_TOKENS: u32 = 170;
/// Characters a token at the least, for budgeting before the server counts.
const CHARS_PER_TOKEN: usize = 3;

/// Asks a language model to read documents.
pub struct LlmReader {
    settings: LlmSettings,
    prompts: Prompts,
    budget: Budget,
    book: Arc<dyn SpendBook>,
    line: Line,
    learned: Learned,
}

/// What the server was found not to know; kept so that it is asked in its own way the next time.
#[derive(Default)]
struct Learned {
    /// Steps down from the configured response format.
    simpler: AtomicU8,
    completion_tokens: AtomicBool,
    no_temperature: AtomicBool,
}

/// A document as the model gets it.
struct Question {
    text: String,
    /// Before and after the text: made of it, so that no text can hold it.
    marker: String,
    max_tokens: u32,
}

impl LlmReader {
    /// A reader that asks the server of `settings` with `key`; `book` keeps the day's sums.
    ///
    /// # Errors
    /// Prompts that cannot be used, and a key or proxy that cannot be sent.
    pub fn new(settings: LlmSettings, key: Option<&SecretString>, book: Arc<dyn SpendBook>) -> Result<Self, LlmError> {
        let http = Http::new(&settings, key)?;
        Self::over(settings, Line::Http(http), book)
    }

    /// A reader that answers from recorded replies in `folder` and asks nobody.
    ///
    /// # Errors
    /// Prompts that cannot be used.
    pub fn replaying(settings: LlmSettings, folder: impl Into<PathBuf>) -> Result<Self, LlmError> {
        Self::over(settings, Line::Replay(folder.into()), Arc::new(MemoryBook::default()))
    }

    /// As `new`, and keeps each reply in `folder`.
    ///
    /// # Errors
    /// As `new`.
    pub fn recording(settings: LlmSettings, key: Option<&SecretString>, folder: impl Into<PathBuf>) -> Result<Self, LlmError> {
        let http = Http::new(&settings, key)?;
        Self::over(settings, Line::Record(folder.into(), http), Arc::new(MemoryBook::default()))
    }

    fn over(settings: LlmSettings, line: Line, book: Arc<dyn SpendBook>) -> Result<Self, LlmError> {
        let prompts = Prompts::load(&settings)?;
        Ok(Self { budget: Budget::of(&settings), prompts, settings, book, line, learned: Learned::default() })
    }

    pub fn settings(&self) -> &LlmSettings {
        &self.settings
    }

    /// Names and hash of the prompts: kept with each reading.
    pub fn prompt_version(&self) -> &str {
        self.prompts.version()
    }

    /// Whether the server answers at all; for `doctor`.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn check(&self) -> Result<(), LlmError> {
        let reply = self.line.send(&self.request("Answer with one word.", "Are you there?", 16, ResponseFormat::None)).await?;
        match reply::read(&reply, 16).0 {
            Ok(_) | Err(LlmError::Truncated { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The first reading with the model's beside it, where the settings say that it is asked; else the first as it is. Never fails: a
    /// model that gives nothing is a finding. What exact formats say needs no second opinion.
    pub async fn assist(&self, document: &Document, context: &ReadingContext, mut first: Draft) -> Draft {
        if first.method == Method::Structured || !self.settings.asks(is_open(&first)) {
            return first;
        }
        match self.read(document, context, &first).await {
            Ok(second) => {
                let mut both = reconcile(first, second);
                checks::check(&mut both);
                both
            }
            Err(error) => {
                let finding = error.finding();
                // Who wants a second opinion on everything is told when there is none.
                let severity = if self.settings.ask == Ask::Always { Severity::Ask } else { finding.severity };
                first.findings.push(Finding { severity, ..finding });
                first
            }
        }
    }

    /// What the model reads in the document, as far as the document says it too. `first` is what the other readers found: the model
    /// is not shown it, so that its reading is an opinion of its own.
    ///
    /// # Errors
    /// No usable answer; the document is then what `first` says, with `LlmError::finding` added.
    pub async fn read(&self, document: &Document, context: &ReadingContext, first: &Draft) -> Result<Draft, LlmError> {
        let question = self.question(document, first)?;
        let mut calls = 0;
        let user = self.prompts.extract.user(&[("marker", &question.marker), ("document", &question.text)]);
        let answer = self.answer(&self.prompts.extract, &user, question.max_tokens, &mut calls).await?;
        let reading = self.ground(document, context, &answer);
        let faults = match &reading {
            Ok(draft) => faults(draft),
            Err(LlmError::InvalidAnswer { why }) => vec![why.clone()],
            Err(_) => Vec::new(),
        };
        if faults.is_empty() || calls >= self.settings.calls_per_document {
            return reading;
        }
        let repaired = self.repair(document, context, &question, &answer, &faults, &mut calls).await;
        match (reading, repaired) {
            (Ok(_), Ok(better)) if self::faults(&better).len() < faults.len() => Ok(better),
            (Ok(draft), _) => Ok(draft),
            (Err(_), Ok(better)) => Ok(better),
            (Err(error), Err(_)) => Err(error),
        }
    }

    async fn repair(
        &self,
        document: &Document,
        context: &ReadingContext,
        question: &Question,
        answer: &str,
        faults: &[String],
        calls: &mut u32,
    ) -> Result<Draft, LlmError> {
        let findings = faults.iter().take(20).map(|fault| format!("- {fault}")).collect::<Vec<_>>().join("\n");
        let values =
            [("marker", question.marker.as_str()), ("findings", &findings), ("answer", answer), ("document", &question.text)];
        let user = self.prompts.repair.user(&values);
        let repaired = self.answer(&self.prompts.repair, &user, question.max_tokens, calls).await?;
        self.ground(document, context, &repaired)
    }

    fn ground(&self, document: &Document, context: &ReadingContext, answer: &str) -> Result<Draft, LlmError> {
        Ok(ground(document, context, &Claims::parse(answer)?, &self.prompts.example_values))
    }

    fn question(&self, document: &Document, first: &Draft) -> Result<Question, LlmError> {
        let rows = Rows::of(document);
        let lines: Vec<String> = (0..rows.rows().len()).map(|row| rows.laid_out(row)).collect();
        let text = lines.join("\n");
        if text.is_empty() {
            return Err(LlmError::NoText);
        }
        let length = text.chars().count();
        if length > self.settings.max_input_chars {
            return Err(LlmError::TooLong {
                what: format!("{length} characters, max_input_chars is {}", self.settings.max_input_chars),
            });
        }
        let with_figures = lines
            .iter()
            .filter(|line| line.split_whitespace().filter(|word| word.contains(|c: char| c.is_ascii_digit())).count() >= 2)
            .count();
        let expected_lines = with_figures.max(first.orders.iter().map(|order| order.lines.len()).sum());
        let wanted = u32::try_from(expected_lines).unwrap_or(u32::MAX).saturating_mul(LINE_TOKENS).saturating_add(ANSWER_TOKENS);
        let marker = format!("=== {} ===", Sha256::of(text.as_bytes()).0.chars().take(16).collect::<String>());
        Ok(Question { text, marker, max_tokens: wanted.min(self.settings.max_output_tokens) })
    }

    /// The model's answer as JSON text; a cut off answer is asked for once more with the highest limit.
    async fn answer(&self, prompt: &Prompt, user: &str, max_tokens: u32, calls: &mut u32) -> Result<String, LlmError> {
        let first = self.ask(&prompt.system, user, max_tokens, calls).await;
        let highest = self.settings.max_output_tokens;
        match first {
            Err(LlmError::Truncated { .. }) if max_tokens < highest && *calls < self.settings.calls_per_document => {
                self.ask(&prompt.system, user, highest, calls).await
            }
            other => other,
        }
    }

    /// One answered question. A server that does not know a parameter is asked again without it; that costs nothing.
    async fn ask(&self, system: &str, user: &str, max_tokens: u32, calls: &mut u32) -> Result<String, LlmError> {
        if *calls >= self.settings.calls_per_document {
            return Err(LlmError::BudgetSpent {
                what: format!("{} questions about one document", self.settings.calls_per_document),
            });
        }
        let expected = Usage {
            calls: 1,
            tokens_in: u64::try_from((system.len() + user.len()) / CHARS_PER_TOKEN).unwrap_or(u64::MAX),
            tokens_out: u64::from(max_tokens),
        };
        self.budget.allow(self.book.spent(), expected)?;
        *calls += 1;
        let reply = loop {
            let format = self.format();
            match self.line.send(&self.request(system, user, max_tokens, format)).await {
                Err(LlmError::FormatRefused) if format.simpler().is_some() => {
                    self.learned.simpler.fetch_add(1, Ordering::Relaxed);
                }
                Err(LlmError::ParameterRefused { name: "max_tokens" })
                    if !self.learned.completion_tokens.swap(true, Ordering::Relaxed) => {}
                Err(LlmError::ParameterRefused { name: "temperature" })
                    if !self.learned.no_temperature.swap(true, Ordering::Relaxed) => {}
                Err(error) => return Err(error),
                Ok(reply) => break reply,
            }
        };
        let (answer, usage) = reply::read(&reply, max_tokens);
        // A server that counts nothing is charged what was expected.
        let used = if usage.tokens_in + usage.tokens_out > 0 { usage } else { expected };
        self.book.record(&self.budget, used);
        answer
    }

    fn format(&self) -> ResponseFormat {
        let steps = self.learned.simpler.load(Ordering::Relaxed);
        (0..steps).fold(self.settings.response_format, |format, _| format.simpler().unwrap_or(format))
    }

    fn request(&self, system: &str, user: &str, max_tokens: u32, format: ResponseFormat) -> Value {
        let mut request = json!({
            "model": self.settings.model,
            "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
            "stream": false,
        });
        let limit = if self.learned.completion_tokens.load(Ordering::Relaxed) { "max_completion_tokens" } else { "max_tokens" };
        request[limit] = max_tokens.into();
        if let Some(temperature) = self.settings.temperature.filter(|_| !self.learned.no_temperature.load(Ordering::Relaxed)) {
            request["temperature"] = temperature.into();
        }
        match format {
            ResponseFormat::JsonSchema => {
                request["response_format"] = json!({ "type": "json_schema", "json_schema": { "name": "purchase_order", "strict": true, "schema": self.prompts.schema() } });
            }
            ResponseFormat::JsonObject => request["response_format"] = json!({ "type": "json_object" }),
            ResponseFormat::None => {}
        }
        request
    }
}

/// What is wrong with a reading and may be a slip that a second look corrects.
fn faults(draft: &Draft) -> Vec<String> {
    let mut checked = draft.clone();
    checks::check(&mut checked);
    let is_slip = |finding: &&Finding| {
        matches!(
            finding.code,
            Code::NotGrounded
                | Code::LinesIncomplete
                | Code::LineTotalMismatch
                | Code::SubtotalMismatch
                | Code::TotalMismatch
                | Code::MissingQuantity
                | Code::MissingPoNumber
                | Code::MissingLines
        )
    };
    checked.findings.iter().filter(is_slip).map(|finding| format!("{}: {}", finding.field, finding.message)).collect()
}
