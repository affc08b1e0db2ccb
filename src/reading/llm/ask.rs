//! The reader itself: one question about a document or a window of it, one more to correct what the checks refuse, and no third.

use crate::model::{Code, Draft, Finding, Method, Severity, Sha256};
use crate::reading::ReadingContext;
use crate::reading::document::Document;
use crate::reading::extraction::reconcile::reconcile;
use crate::reading::extraction::{checks, is_open};
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::budget::{Budget, MemoryBook, SpendBook, Usage};
use super::claims::Claims;
use super::conversation::{self, Conversation, Learned};
use super::error::LlmError;
use super::example::Example;
use super::grounding::{Part, ground};
use super::prompt::Prompts;
use super::reply;
use super::settings::{Ask, LlmSettings, ResponseFormat};
use super::tape::Line;
use super::transport::Http;
use super::windows::{Window, Windows};

/// Findings of one reading that are told to the model when it is asked to correct it.
const MOST_FAULTS: usize = 20;

/// Asks a language model to read documents.
pub struct LlmReader {
    settings: LlmSettings,
    pub(super) prompts: Prompts,
    pub(super) budget: Budget,
    pub(super) book: Arc<dyn SpendBook>,
    pub(super) line: Line,
    pub(super) learned: Learned,
}

/// A draft, and what the model had to do with it; `None` where it was not asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Assisted {
    pub draft: Draft,
    pub used: Option<Used>,
}

/// What asking the model about one document came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Used {
    pub model: String,
    /// Names and hash of the prompts.
    pub prompts: String,
    pub usage: Usage,
    /// In the currency of the prices in `[llm]`.
    pub cost: Decimal,
    pub came_to: CameTo,
    /// The document that was asked about was read with these approved ones as examples.
    pub examples: Vec<Sha256>,
}

/// Whether the model gave a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameTo {
    /// A reading that was compared with the other readers'.
    Reading,
    /// None: away, refused, not of the form.
    Nothing,
    /// None: a limit on what may be spent.
    NoBudget,
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

    /// As `new`, and keeps each reply in `folder`; `noted` says which server that is, and when.
    ///
    /// # Errors
    /// As `new`.
    pub fn recording(
        settings: LlmSettings,
        key: Option<&SecretString>,
        folder: impl Into<PathBuf>,
        noted: &str,
    ) -> Result<Self, LlmError> {
        let http = Http::new(&settings, key)?;
        let line = Line::Record { folder: folder.into(), http, noted: noted.to_owned() };
        Self::over(settings, line, Arc::new(MemoryBook::default()))
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
        let ask = ("Answer with one word.", "Are you there?", 16);
        let schema = self.prompts.schema();
        let request = conversation::request(&self.settings, &self.learned, schema, ask.0, ask.1, ask.2, ResponseFormat::None);
        let reply = self.line.send(&request, self.prompts.version()).await?;
        match reply::read(&reply, ask.2).0 {
            Ok(_) | Err(LlmError::Truncated { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The first reading with the model's beside it, where the settings say that it is asked; else the first as it is. Never fails: a
    /// model that gives nothing is a finding. What exact formats say needs no second opinion.
    ///
    /// `examples` are approved documents of the same customer, newest first.
    pub async fn assist(&self, document: &Document, context: &ReadingContext, examples: &[Example], first: Draft) -> Assisted {
        if first.method == Method::Structured || !self.settings.asks(is_open(&first)) {
            return Assisted { draft: first, used: None };
        }
        let most = usize::try_from(self.settings.examples.min(2)).unwrap_or_default();
        let examples = &examples[..examples.len().min(most)];
        let mut talk = Conversation::new(self);
        let read = self.read_with(document, context, examples, &first, &mut talk).await;
        let came_to = match &read {
            Ok(_) => CameTo::Reading,
            Err(LlmError::BudgetSpent { .. }) => CameTo::NoBudget,
            Err(_) => CameTo::Nothing,
        };
        let used = Used {
            model: self.settings.model.clone(),
            prompts: self.prompts.version().to_owned(),
            usage: talk.used,
            cost: self.budget.cost(talk.used),
            came_to,
            examples: examples.iter().map(|example| example.sha256.clone()).collect(),
        };
        Assisted { draft: self.beside(first, read), used: Some(used) }
    }

    /// Both readings as one draft, or the first with the reason why there is no second.
    fn beside(&self, mut first: Draft, second: Result<Draft, LlmError>) -> Draft {
        match second {
            Ok(second) => {
                let mut both = reconcile(first, second);
                checks::check(&mut both);
                both
            }
            Err(error) => {
                let finding = error.finding();
                // Who wants a second opinion on everything is told when there is none - but a spent budget stops nothing: the desk
                // goes on as it would without a model.
                let is_told = self.settings.ask == Ask::Always && finding.code != Code::LlmBudgetSpent;
                let severity = if is_told { Severity::Ask } else { finding.severity };
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
    pub async fn read(
        &self,
        document: &Document,
        context: &ReadingContext,
        examples: &[Example],
        first: &Draft,
    ) -> Result<Draft, LlmError> {
        self.read_with(document, context, examples, first, &mut Conversation::new(self)).await
    }

    async fn read_with(
        &self,
        document: &Document,
        context: &ReadingContext,
        examples: &[Example],
        first: &Draft,
        talk: &mut Conversation<'_>,
    ) -> Result<Draft, LlmError> {
        let shown = self.prompts.examples(examples);
        let windows = Windows::of(document, &self.settings, self.prompts.extract.system.len() + shown.len())?;
        let known = first.orders.iter().map(|order| order.lines.len()).sum();
        let reading = Reading { reader: self, document, context, examples: &shown };
        let mut open = VecDeque::from(windows.all(known));
        let mut parts: Vec<Part> = Vec::new();
        while let Some(window) = open.pop_front() {
            let most = usize::try_from(self.settings.windows_per_document).unwrap_or(usize::MAX).max(1);
            if parts.len() + 1 + open.len() > most {
                let what = format!("it needs {} windows, windows_per_document is {most}", parts.len() + 1 + open.len());
                return Err(LlmError::TooLong { what });
            }
            let is_all = parts.is_empty() && open.is_empty();
            match reading.window(&window, is_all, talk).await {
                Ok(claims) => parts.push(Part { rows: window.rows, claims }),
                Err(error @ LlmError::Truncated { .. }) if !Windows::is_long(&window) => return Err(error),
                Err(error @ (LlmError::TooLong { .. } | LlmError::Truncated { .. })) => {
                    let [upper, lower] = windows.halves(&window).ok_or(error)?;
                    open.push_front(lower);
                    open.push_front(upper);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(reading.ground(&parts))
    }
}

/// One document being read.
struct Reading<'a> {
    reader: &'a LlmReader,
    document: &'a Document,
    context: &'a ReadingContext,
    /// As the prompt shows them.
    examples: &'a str,
}

impl Reading<'_> {
    /// What the model claims about one window, after a correction where the checks asked for one and it made things better.
    async fn window(&self, window: &Window, is_all: bool, talk: &mut Conversation<'_>) -> Result<Claims, LlmError> {
        talk.next_window();
        let prompts = &self.reader.prompts;
        let values = [("examples", self.examples), ("marker", window.marker.as_str()), ("document", window.text.as_str())];
        let answer = talk.answer(&prompts.extract, &prompts.extract.user(&values), window.max_tokens).await?;
        let claims = Claims::parse(&answer);
        let faults = match &claims {
            Ok(claims) => self.faults(window, is_all, claims),
            Err(LlmError::InvalidAnswer { why }) => vec![why.clone()],
            Err(_) => Vec::new(),
        };
        if faults.is_empty() || !talk.may_ask() {
            return claims;
        }
        let repaired = self.repair(window, &answer, &faults, talk).await;
        match (claims, repaired) {
            (Ok(_), Ok(better)) if self.faults(window, is_all, &better).len() < faults.len() => Ok(better),
            (Ok(claims), _) => Ok(claims),
            (Err(_), Ok(better)) => Ok(better),
            (Err(error), Err(_)) => Err(error),
        }
    }

    async fn repair(
        &self,
        window: &Window,
        answer: &str,
        faults: &[String],
        talk: &mut Conversation<'_>,
    ) -> Result<Claims, LlmError> {
        let prompt = &self.reader.prompts.repair;
        let findings = faults.iter().take(MOST_FAULTS).map(|fault| format!("- {fault}")).collect::<Vec<_>>().join("\n");
        let values = [
            ("marker", window.marker.as_str()),
            ("findings", findings.as_str()),
            ("answer", answer),
            ("document", window.text.as_str()),
        ];
        Claims::parse(&talk.answer(prompt, &prompt.user(&values), window.max_tokens).await?)
    }

    /// What is wrong with a window's claims and may be a slip that a second look corrects. Sums are of the whole document.
    fn faults(&self, window: &Window, is_all: bool, claims: &Claims) -> Vec<String> {
        let mut checked = self.ground(&[Part { rows: window.rows.clone(), claims: claims.clone() }]);
        checks::check(&mut checked);
        let is_slip = |finding: &&Finding| {
            matches!(finding.code, Code::NotGrounded | Code::LineTotalMismatch | Code::MissingQuantity)
                || is_all
                    && matches!(
                        finding.code,
                        Code::LinesIncomplete
                            | Code::SubtotalMismatch
                            | Code::TotalMismatch
                            | Code::MissingPoNumber
                            | Code::MissingLines
                    )
        };
        checked.findings.iter().filter(is_slip).map(|finding| format!("{}: {}", finding.field, finding.message)).collect()
    }

    fn ground(&self, parts: &[Part]) -> Draft {
        ground(self.document, self.context, parts, &self.reader.prompts.example_values)
    }
}
