//! Reading every document of a mail: parsed in the confined child, read by the deterministic readers, and by the language model
//! where policy asks for it.

use super::{Desk, FlowError, Model};
use crate::app::apart::apart;
use crate::app::clock::date_of;
use crate::app::config::Config;
use crate::deciding::proposals::{ReadDocument, TemplateUse};
use crate::deciding::review::Case;
use crate::intake::{Attachment, Message};
use crate::model::{Code, Draft, Method, Severity};
use crate::reading::confined::Parser;
use crate::reading::document::{self, Document, SourceKind};
use crate::reading::extraction::template;
use crate::reading::llm::{Example, Used};
use crate::reading::{ReadingContext, extraction};
use crate::store::TemplateRecord;
use jiff::civil::Date;
use std::sync::Arc;

/// What the text of a mail is called where a document's name is asked for.
pub(super) const MAIL_TEXT: &str = "mail.txt";

/// What reads documents. Needs no database: `podesk extract` reads with it exactly as the desk does.
#[derive(Clone, Copy)]
pub struct Readers<'a> {
    pub config: &'a Config,
    pub parser: &'a Parser,
    pub model: Option<&'a Model>,
    /// What was learned of the sender's layouts, the newest first. They go before the model.
    pub templates: &'a [TemplateRecord],
    /// Approved documents of the customer whose sender this is, the newest first; the model is shown them.
    pub examples: &'a [Example],
    /// The day on which what is read came in, where the mail has no date.
    pub today: Date,
}

/// What all readers together made of one document.
pub struct ReadFile {
    pub source: SourceKind,
    pub draft: Draft,
    pub template: Option<TemplateUse>,
    pub model: Option<Used>,
}

impl Readers<'_> {
    /// Every document of the mail, its own text last.
    pub async fn of_mail(&self, message: &Message) -> Vec<ReadDocument> {
        let mut documents = Vec::with_capacity(message.attachments.len() + 1);
        for attachment in &message.attachments {
            documents.push(self.attachment(message, attachment).await);
        }
        if !message.new_text.trim().is_empty() || documents.is_empty() {
            documents.push(self.body(message).await);
        }
        documents
    }

    /// One file; `title` is what may name its kind: its name, the mail's subject.
    pub async fn file(&self, bytes: &[u8], name: &str, title: String, received: Date) -> ReadFile {
        let context = ReadingContext { company: self.config.company.clone(), received: Some(received), title };
        self.document(self.parser.document(bytes, name).await, context).await
    }

    async fn attachment(&self, message: &Message, attachment: &Attachment) -> ReadDocument {
        let context = circumstances(self.config, message, Some(&attachment.name), self.today);
        let document = self.parser.document(&attachment.bytes, &attachment.name).await;
        let ReadFile { source, draft, template, model } = self.document(document, context).await;
        ReadDocument {
            part: attachment.part.clone(),
            name: attachment.name.clone(),
            sha256: attachment.sha256.clone(),
            source,
            draft,
            template,
            model,
        }
    }

    /// The text of the mail is our own decoding already, so it needs no confinement.
    async fn body(&self, message: &Message) -> ReadDocument {
        let document = document::read(message.readable_text().as_bytes(), MAIL_TEXT, &self.config.reading.limits);
        let context = circumstances(self.config, message, None, self.today);
        let ReadFile { source, draft, template, model } = self.document(document, context).await;
        ReadDocument {
            part: String::new(),
            name: "the mail's text".into(),
            sha256: message.sha256.clone(),
            source,
            draft,
            template,
            model,
        }
    }

    /// Structured and layout readers first, then what was learned of the sender, the model where policy says so.
    async fn document(&self, document: Document, context: ReadingContext) -> ReadFile {
        let source = document.kind;
        let (document, context) = (Arc::new(document), Arc::new(context));
        let first = read_apart(&document, &context).await;
        let (first, template) = Box::pin(self.as_learned(&document, &context, first)).await;
        match self.model.filter(|_| template.is_none()) {
            Some(model) => {
                let assisted = model.reader.assist(&document, &context, self.examples, first).await;
                ReadFile { source, draft: assisted.draft, template: None, model: assisted.used }
            }
            None => ReadFile { source, draft: first, template, model: None },
        }
    }

    /// The reading by a learned template where one holds, else the first one, with what is to be said about it.
    async fn as_learned(
        &self,
        document: &Arc<Document>,
        context: &Arc<ReadingContext>,
        first: Draft,
    ) -> (Draft, Option<TemplateUse>) {
        if self.templates.is_empty() || first.method != Method::Layout {
            return (first, None);
        }
        let templates: Vec<_> = self.templates.iter().map(|record| record.template.clone()).collect();
        let (document, context, ordinary) = (document.clone(), context.clone(), first.clone());
        match apart(move || template::read(&templates, &document, ordinary, &context)).await {
            Ok(tried) => {
                let used = tried.used.and_then(|at| self.templates.get(at));
                (tried.draft, used.map(|record| TemplateUse { number: record.number.clone(), account: record.account.clone() }))
            }
            Err(crashed) => {
                tracing::error!(%crashed, "a learned template could not be used");
                (first, None)
            }
        }
    }
}

/// What is known beside a document of a mail: `name` is the file's, none for the mail's own text.
pub(super) fn circumstances(config: &Config, message: &Message, name: Option<&str>, today: Date) -> ReadingContext {
    let title = name.map_or_else(|| message.subject.clone(), |name| format!("{name} {}", message.subject));
    ReadingContext { company: config.company.clone(), received: Some(message.date.map_or(today, date_of)), title }
}

/// Whether a case is about the text of its mail.
pub(super) fn is_body(case: &Case) -> bool {
    case.document == case.message
}

/// What the deterministic readers make of a document. They are meant never to fail; should one, the document is a person's.
async fn read_apart(document: &Arc<Document>, context: &Arc<ReadingContext>) -> Draft {
    let (hostile, about) = (document.clone(), context.clone());
    apart(move || extraction::read(&hostile, &about)).await.unwrap_or_else(|crashed| {
        let why = format!("The document could not be understood: {crashed}.");
        extraction::read(&document::refused(document.kind, Code::ParserFailed, Severity::Block, why), context)
    })
}

impl Desk {
    /// Reads the mail's documents, and keeps what the language model has cost.
    pub(super) async fn read_documents(&self, message: &Message) -> Result<Vec<ReadDocument>, FlowError> {
        let today = self.today();
        let templates = self.templates_for(message).await?;
        let model = self.model.as_ref();
        let examples = if model.is_some() { self.examples_for(message).await? } else { Vec::new() };
        let readers =
            Readers { config: &self.config, parser: &self.parser, model, templates: &templates, examples: &examples, today };
        let Some(model) = model else { return Ok(readers.of_mail(message).await) };
        model.book.load(self.db.llm_spend(today).await?);
        let documents = readers.of_mail(message).await;
        self.keep_spend(model, message, &documents).await?;
        Ok(documents)
    }
}
