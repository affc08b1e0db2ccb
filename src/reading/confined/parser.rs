//! The parent's side: documents and page images out of a confined child, OCR where a page has no text.
//!
//! Total: whatever the child does - answers, crashes, hangs, eats memory - ends as a document, with findings that say so.

use super::WORKER_COMMAND;
use super::ocr::{Ocr, OcrSettings};
use super::protocol::{Answer, Job, Task};
use super::recognised::{Recognised, needs_ocr};
use super::sandbox::ChildRlimits;
use crate::model::{Code, Finding, Severity};
use crate::reading::document::pdf::{PageImage, RenderError};
use crate::reading::document::{self, Document, Limits, Opinions, SourceKind, named};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// What the child writes to standard error is kept up to this length.
const MOST_COMPLAINT: u64 = 64 << 10;
/// So many bytes tell what kind of file it was that could not be read.
const SNIFFED: usize = 1 << 20;
/// Limits of the child process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChildLimits {
    /// Address space, MiB.
    pub memory_mib: u64,
    pub cpu_seconds: u64,
    pub wall_seconds: u64,
    /// Longest answer that is read, bytes.
    pub answer_bytes: u64,
    /// Children at a time; 0 for as many as there are cores.
    pub children: usize,
}

impl Default for ChildLimits {
    fn default() -> Self {
        Self { memory_mib: 512, cpu_seconds: 20, wall_seconds: 30, answer_bytes: 96 << 20, children: 0 }
    }
}

/// What a parser is made of.
#[derive(Debug, Clone, Default)]
pub struct ParserSettings {
    /// This program: started again as `podesk document-worker`.
    pub worker: PathBuf,
    pub limits: Limits,
    pub child: ChildLimits,
    pub ocr: OcrSettings,
    /// Tried on PDFs that need one.
    pub pdf_passwords: Vec<String>,
}

/// Reads documents in confined children. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Parser {
    settings: Arc<ParserSettings>,
    ocr: Option<Arc<Ocr>>,
    children: Arc<Semaphore>,
    /// OCR takes a core for seconds; it must not keep all children from running.
    ocr_runs: Arc<Semaphore>,
}

/// How a child failed to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    NotStarted(String),
    Crashed(String),
    TimedOut,
    OutOfMemory,
    TooLong,
}

impl Parser {
    /// Starts nothing. Looks for tesseract.
    pub fn new(settings: ParserSettings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let children = if settings.child.children == 0 { cores } else { settings.child.children };
        let ocr = Ocr::find(&settings.ocr).map(Arc::new);
        Self {
            settings: Arc::new(settings),
            ocr,
            children: Arc::new(Semaphore::new(children)),
            ocr_runs: Arc::new(Semaphore::new(cores.div_ceil(2))),
        }
    }

    /// Where tesseract is, if there is one: for `doctor`.
    pub fn ocr_program(&self) -> Option<PathBuf> {
        self.ocr.as_ref().map(|ocr| ocr.program().to_owned())
    }

    /// How far a child confines itself on this machine, in words: for `doctor`. An error says what does not work.
    pub async fn confinement_level(&self) -> Result<String, String> {
        match self.run(Task::Level, b"", "").await {
            Ok(Answer::Words(words)) => Ok(words),
            Ok(_other) => Err("the document worker gave a wrong answer".into()),
            Err(failure) => Err(failure.sentence("the document worker's own test", &self.settings.child)),
        }
    }

    /// Reads a document. `name` is its file name: a hint, and the word for it in findings.
    pub async fn document(&self, bytes: &[u8], name: &str) -> Document {
        // Only for what cannot be read at all; the child looks for itself.
        let kind = || document::sniff(&bytes[..bytes.len().min(SNIFFED)], name);
        if bytes.len() > self.settings.limits.bytes {
            let why = document::too_large(bytes.len(), name, &self.settings.limits);
            return document::refused(kind(), Code::LimitReached, Severity::Ask, why);
        }
        let mut document = match self.read(bytes, name, Opinions::First).await {
            Ok(document) => document,
            Err(failure) => return self.failed(kind(), &failure, name),
        };
        // The second engine crashes more easily: its own child, and only the gain counts.
        let has_words = |document: &Document| document.pages.iter().any(|page| !page.words.is_empty());
        if document.kind == SourceKind::Pdf
            && !has_words(&document)
            && !document.findings.iter().any(|finding| finding.code == Code::PasswordNeeded)
            && let Ok(second) = self.read(bytes, name, Opinions::Both).await
            && has_words(&second)
        {
            document = second;
        }
        self.recognise(&mut document, bytes, name).await;
        document
    }

    /// Page `page` (from 1) of a PDF or an image as PNG at about `dpi`.
    ///
    /// # Errors
    /// No such page, a document without page images, or a child that failed.
    pub async fn page_image(&self, bytes: &[u8], name: &str, page: u32, dpi: u32) -> Result<Vec<u8>, RenderError> {
        match self.run(Task::Png { page, dpi }, bytes, name).await {
            Ok(Answer::Png(png)) => Ok(png),
            Ok(Answer::NoImage(error)) => Err(error),
            Ok(_other) => Err(RenderError::Failed("the document worker gave a wrong answer".into())),
            Err(failure) => Err(RenderError::Failed(failure.sentence(&named(name), &self.settings.child))),
        }
    }

    async fn read(&self, bytes: &[u8], name: &str, opinions: Opinions) -> Result<Document, Failure> {
        let task = Task::Read { limits: self.settings.limits.clone(), opinions };
        match self.run(task, bytes, name).await? {
            Answer::Document(document) => Ok(*document),
            Answer::Png(_) | Answer::Gray(_) | Answer::NoImage(_) | Answer::Words(_) => {
                Err(Failure::Crashed("it gave a wrong answer".into()))
            }
        }
    }

    fn failed(&self, kind: SourceKind, failure: &Failure, name: &str) -> Document {
        let code = match failure {
            Failure::TooLong => Code::LimitReached,
            Failure::NotStarted(_) | Failure::Crashed(_) | Failure::TimedOut | Failure::OutOfMemory => Code::ParserFailed,
        };
        document::refused(kind, code, Severity::Block, failure.sentence(&named(name), &self.settings.child))
    }

    /// Reads pages by OCR that have no usable text of their own.
    async fn recognise(&self, document: &mut Document, bytes: &[u8], name: &str) {
        let wanting: Vec<u32> =
            document.pages.iter().filter(|page| needs_ocr(document.kind, page)).map(|page| page.number).collect();
        if wanting.is_empty() {
            return;
        }
        let Some(ocr) = &self.ocr else {
            let message = format!(
                "{}: page {} has no text and there is no OCR program to read it: install tesseract",
                named(name),
                list(&wanting)
            );
            document.findings.push(Finding::new(Code::OcrUnavailable, Severity::Ask, "", message));
            return;
        };
        let most = self.settings.ocr.pages;
        if wanting.len() > most {
            let message = format!("{}: {} pages need OCR, the limit is {most}", named(name), wanting.len());
            document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
        }
        let mut done = Vec::new();
        for number in wanting.into_iter().take(most) {
            match self.recognised(ocr, bytes, name, number).await {
                Ok(recognised) => {
                    let Some(page) = document.pages.iter_mut().find(|page| page.number == number) else { continue };
                    let Some(recognised) = recognised else { continue };
                    if let Some(doubt) = recognised.add_to(page) {
                        let message = format!("{}: page {number}: {doubt}", named(name));
                        document.findings.push(Finding::new(Code::ReadByOcr, Severity::Ask, "", message));
                    }
                    if page.words.iter().any(|word| word.ocr_confidence.is_some()) {
                        done.push(number);
                    }
                }
                Err(problem) => {
                    let message = format!("{}: OCR of page {number} failed: {problem}", named(name));
                    document.findings.push(Finding::new(Code::OcrUnavailable, Severity::Ask, "", message));
                }
            }
        }
        if !done.is_empty() {
            document.findings.retain(|finding| finding.code != Code::NoText);
            let message = format!("{}: page {} was read by OCR; compare the figures with the image", named(name), list(&done));
            document.findings.push(Finding::new(Code::ReadByOcr, Severity::Ask, "", message));
        }
    }

    async fn recognised(&self, ocr: &Ocr, bytes: &[u8], name: &str, page: u32) -> Result<Option<Recognised>, String> {
        let image: PageImage = match self.run(Task::Gray { page }, bytes, name).await {
            Ok(Answer::Gray(image)) => image,
            Ok(Answer::NoImage(error)) => return Err(error.to_string()),
            Ok(_other) => return Err("the document worker gave a wrong answer".into()),
            Err(failure) => return Err(failure.sentence("the page", &self.settings.child)),
        };
        if image.is_blank() {
            return Ok(None);
        }
        let _permit = self.ocr_runs.acquire().await.map_err(|e| e.to_string())?;
        ocr.read(image).await.map(Some)
    }

    /// One child, one job, one answer.
    async fn run(&self, task: Task, bytes: &[u8], name: &str) -> Result<Answer, Failure> {
        let _permit = self.children.acquire().await.map_err(|e| Failure::NotStarted(e.to_string()))?;
        let limits = self.settings.child;
        let rlimits = ChildRlimits { memory_bytes: limits.memory_mib << 20, cpu_seconds: limits.cpu_seconds };
        let header =
            Job { task, name: name.chars().take(200).collect(), rlimits, passwords: self.settings.pdf_passwords.clone() }.header();
        let mut child = Command::new(&self.settings.worker)
            .arg(WORKER_COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::NotStarted(format!("{}: {e}", self.settings.worker.display())))?;
        let no_pipe = || Failure::NotStarted("no pipe to the document worker".into());
        let mut stdin = child.stdin.take().ok_or_else(no_pipe)?;
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let mut stderr = child.stderr.take().ok_or_else(no_pipe)?;
        let (mut answer, mut complaint) = (Vec::new(), Vec::new());
        let mut capped = stdout.take(limits.answer_bytes + 1);
        let write = async {
            // A child that dies early breaks the pipe; how it died says more than that.
            if stdin.write_all(&header).await.is_ok() {
                let _ = stdin.write_all(bytes).await;
            }
            drop(stdin);
        };
        let listen = async {
            let _ = (&mut stderr).take(MOST_COMPLAINT).read_to_end(&mut complaint).await;
            // More than that is thrown away, so that a talkative child does not block.
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        };
        let hear = async {
            let _ = capped.read_to_end(&mut answer).await;
            answer.len() as u64 > limits.answer_bytes
        };
        let talk = async {
            let (mut hear, mut rest) = (pin!(hear), pin!(async { tokio::join!(write, listen) }));
            tokio::select! {
                too_long = &mut hear => {
                    // A child that says too much stands still until it is killed: do not wait for its end.
                    if !too_long {
                        rest.await;
                    }
                    too_long
                }
                _ended = &mut rest => hear.await,
            }
        };
        let too_long = tokio::time::timeout(Duration::from_secs(limits.wall_seconds), talk).await;
        if !matches!(too_long, Ok(false)) {
            // `kill` also waits, so that no zombie stays.
            let _ = child.kill().await;
            return Err(if too_long.is_ok() { Failure::TooLong } else { Failure::TimedOut });
        }
        let status = match tokio::time::timeout(Duration::from_secs(5), child.wait()).await {
            Ok(status) => status.map_err(|e| Failure::Crashed(e.to_string()))?,
            Err(_elapsed) => {
                let _ = child.kill().await;
                return Err(Failure::TimedOut);
            }
        };
        if !status.success() {
            return Err(Failure::of(status, &String::from_utf8_lossy(&complaint)));
        }
        Answer::from_bytes(&answer).ok_or_else(|| Failure::Crashed("its answer was broken".into()))
    }
}

impl Failure {
    /// What an exit status and the child's last words mean.
    fn of(status: ExitStatus, complaint: &str) -> Self {
        if complaint.contains("memory allocation of") || complaint.contains("out of memory") {
            return Self::OutOfMemory;
        }
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return match signal {
                // SIGXCPU, and SIGKILL as the hard limit's answer.
                24 | 9 => Self::TimedOut,
                _other if complaint.contains("stack overflow") || complaint.contains("has overflowed its stack") => {
                    Self::Crashed("it overflowed its stack".into())
                }
                other => Self::Crashed(format!("signal {other}")),
            };
        }
        let first_line: String =
            complaint.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
        Self::Crashed(if first_line.is_empty() { status.to_string() } else { first_line })
    }

    fn sentence(&self, file: &str, limits: &ChildLimits) -> String {
        match self {
            Self::NotStarted(why) => format!("{file} was not read: the document worker cannot be started ({why})"),
            Self::Crashed(why) => format!("{file} crashed the parser ({why}); open it by hand"),
            Self::TimedOut => {
                format!(
                    "{file} took longer than {} s (or {} s of CPU) to read; open it by hand",
                    limits.wall_seconds, limits.cpu_seconds
                )
            }
            Self::OutOfMemory => format!("{file} needs more than {} MiB of memory to read; open it by hand", limits.memory_mib),
            Self::TooLong => format!("{file} holds more than is read ({} bytes of words)", limits.answer_bytes),
        }
    }
}

fn list(pages: &[u32]) -> String {
    pages.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
