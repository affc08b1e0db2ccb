//! Reading every document of a mail: parsed in the confined child, read by the deterministic readers, and by the language model
//! where policy asks for it.

use super::{Desk, FlowError};
use crate::app::apart::apart;
use crate::app::clock::date_of;
use crate::deciding::proposals::ReadDocument;
use crate::intake::{Attachment, Message};
use crate::model::{Code, Draft, Severity};
use crate::reading::document::{self, Document};
use crate::reading::{ReadingContext, extraction};
use crate::store::LlmSpend;
use std::sync::Arc;

/// What the deterministic readers make of a document. They are meant never to fail; should one, the document is a person's.
pub async fn read_apart(document: &Arc<Document>, context: &Arc<ReadingContext>) -> Draft {
    let (hostile, about) = (document.clone(), context.clone());
    apart(move || extraction::read(&hostile, &about)).await.unwrap_or_else(|crashed| {
        let why = format!("The document could not be understood: {crashed}.");
        extraction::read(&document::refused(document.kind, Code::ParserFailed, Severity::Block, why), context)
    })
}

impl Desk {
    /// Every document of the mail, its own text last.
    pub(super) async fn read_documents(&self, message: &Message) -> Result<Vec<ReadDocument>, FlowError> {
        let mut documents = Vec::with_capacity(message.attachments.len() + 1);
        for attachment in &message.attachments {
            documents.push(self.read_attachment(message, attachment).await?);
        }
        if !message.new_text.trim().is_empty() || documents.is_empty() {
            documents.push(self.read_body(message).await?);
        }
        Ok(documents)
    }

    async fn read_attachment(&self, message: &Message, attachment: &Attachment) -> Result<ReadDocument, FlowError> {
        let document = self.parser.document(&attachment.bytes, &attachment.name).await;
        let context = self.context(message, &attachment.name);
        let kind = document.kind;
        let draft = self.read(document, context).await?;
        Ok(ReadDocument {
            part: attachment.part.clone(),
            name: attachment.name.clone(),
            sha256: attachment.sha256.clone(),
            source: kind,
            draft,
        })
    }

    /// The text of the mail is our own decoding already, so it needs no confinement.
    async fn read_body(&self, message: &Message) -> Result<ReadDocument, FlowError> {
        let document = document::read(message.new_text.as_bytes(), "mail.txt", &self.config.reading.limits);
        let context = self.context(message, &message.subject);
        let kind = document.kind;
        let draft = self.read(document, context).await?;
        Ok(ReadDocument {
            part: String::new(),
            name: "the mail's text".into(),
            sha256: message.sha256.clone(),
            source: kind,
            draft,
        })
    }

    /// One document: structured and layout readers first, the model where policy says so.
    async fn read(&self, document: Document, context: ReadingContext) -> Result<Draft, FlowError> {
        let (document, context) = (Arc::new(document), Arc::new(context));
        let first = read_apart(&document, &context).await;
        let Some(model) = &self.model else { return Ok(first) };
        let day = date_of(self.clock.now());
        model.book.load(self.db.llm_spend(day).await?);
        let draft = model.reader.assist(&document, &context, first).await;
        let used = model.book.take_unsaved();
        if used != LlmSpend::default() {
            let mut tx = self.db.begin().await?;
            tx.add_llm_spend(day, used.tokens_in, used.tokens_out, used.micros).await?;
            tx.commit().await?;
        }
        Ok(draft)
    }

    pub(super) fn context(&self, message: &Message, title: &str) -> ReadingContext {
        let written = message.date.unwrap_or_else(|| self.clock.now());
        ReadingContext {
            company: self.config.company.clone(),
            received: Some(date_of(written)),
            title: format!("{title} {}", message.subject),
        }
    }
}
