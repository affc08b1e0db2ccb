//! Reading every document of a mail: parsed in the confined child, read by the deterministic readers, and by the language model
//! where policy asks for it.

use super::{Desk, FlowError, Model};
use crate::app::apart::apart;
use crate::app::clock::date_of;
use crate::app::config::Config;
use crate::deciding::proposals::ReadDocument;
use crate::intake::{Attachment, Message};
use crate::model::{Code, Draft, Severity};
use crate::reading::confined::Parser;
use crate::reading::document::{self, Document, SourceKind};
use crate::reading::{ReadingContext, extraction};
use crate::store::LlmSpend;
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
    /// The day on which what is read came in, where the mail has no date.
    pub today: Date,
}

impl Readers<'_> {
    /// Every document of the mail, its own text last.
    pub async fn of_mail(&self, message: &Message) -> Vec<ReadDocument> {
        let received = message.date.map_or(self.today, date_of);
        let mut documents = Vec::with_capacity(message.attachments.len() + 1);
        for attachment in &message.attachments {
            documents.push(self.attachment(message, attachment, received).await);
        }
        if !message.new_text.trim().is_empty() || documents.is_empty() {
            documents.push(self.body(message, received).await);
        }
        documents
    }

    /// One file; `title` is what may name its kind: its name, the mail's subject.
    pub async fn file(&self, bytes: &[u8], name: &str, title: String, received: Date) -> (SourceKind, Draft) {
        let document = self.parser.document(bytes, name).await;
        (document.kind, self.document(document, title, received).await)
    }

    async fn attachment(&self, message: &Message, attachment: &Attachment, received: Date) -> ReadDocument {
        let title = format!("{} {}", attachment.name, message.subject);
        let (source, draft) = self.file(&attachment.bytes, &attachment.name, title, received).await;
        ReadDocument {
            part: attachment.part.clone(),
            name: attachment.name.clone(),
            sha256: attachment.sha256.clone(),
            source,
            draft,
        }
    }

    /// The text of the mail is our own decoding already, so it needs no confinement.
    async fn body(&self, message: &Message, received: Date) -> ReadDocument {
        let document = document::read(message.readable_text().as_bytes(), MAIL_TEXT, &self.config.reading.limits);
        let source = document.kind;
        let draft = self.document(document, message.subject.clone(), received).await;
        ReadDocument { part: String::new(), name: "the mail's text".into(), sha256: message.sha256.clone(), source, draft }
    }

    /// Structured and layout readers first, the model where policy says so.
    async fn document(&self, document: Document, title: String, received: Date) -> Draft {
        let context = ReadingContext { company: self.config.company.clone(), received: Some(received), title };
        let (document, context) = (Arc::new(document), Arc::new(context));
        let first = read_apart(&document, &context).await;
        match self.model {
            Some(model) => model.reader.assist(&document, &context, first).await,
            None => first,
        }
    }
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
        let readers = Readers { config: &self.config, parser: &self.parser, model: self.model.as_ref(), today };
        let Some(model) = &self.model else { return Ok(readers.of_mail(message).await) };
        model.book.load(self.db.llm_spend(today).await?);
        let documents = readers.of_mail(message).await;
        let used = model.book.take_unsaved();
        if used != LlmSpend::default() {
            let mut tx = self.db.begin().await?;
            tx.add_llm_spend(today, used.tokens_in, used.tokens_out, used.micros).await?;
            tx.commit().await?;
        }
        Ok(documents)
    }
}
