//! The parent's side: documents and page images out of a confined child, OCR where a page has no text.
//!
//! Total: whatever the child does - answers, crashes, hangs, eats memory - ends as a document, with findings that say so.

use super::ocr::{Ocr, OcrSettings};
use super::pool::{ChildLimits, Failure, Pool};
use super::protocol::{Answer, Task};
use super::recognised::{Recognised, needs_ocr};
use crate::model::{Code, Finding, Severity};
use crate::reading::document::pdf::{PageImage, RenderError};
use crate::reading::document::{self, Document, Limits, Opinions, SourceKind, named};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// So many bytes tell what kind of file it was that could not be read.
const SNIFFED: usize = 1 << 20;

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
    pool: Arc<Pool>,
    /// OCR takes a core for seconds; it must not keep all children from running.
    ocr_runs: Arc<Semaphore>,
}

impl Parser {
    /// Starts nothing. Looks for tesseract.
    pub fn new(settings: ParserSettings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let pool = Pool::new(settings.worker.clone(), settings.child, settings.pdf_passwords.clone(), cores);
        let ocr = Ocr::find(&settings.ocr).map(Arc::new);
        Self { settings: Arc::new(settings), ocr, pool: Arc::new(pool), ocr_runs: Arc::new(Semaphore::new(cores.div_ceil(2))) }
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

    /// Ends the children that wait for work; for who reads no more, so that none outlives the program.
    pub async fn rest(&self) {
        self.pool.dismiss().await;
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

    async fn run(&self, task: Task, bytes: &[u8], name: &str) -> Result<Answer, Failure> {
        self.pool.ask(task, bytes, name).await
    }
}

fn list(pages: &[u32]) -> String {
    pages.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
