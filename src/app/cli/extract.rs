//! `podesk extract FILE...`: what is in these documents, as far as it can be read. Touches no database.

use super::terminal::{on_lines, on_one_line};
use super::{Common, Done, model, start_log};
use crate::app::clock::{Clock, date_of};
use crate::app::flow::{Model, read_apart};
use crate::deciding::proposals::ReadDocument;
use crate::intake::sources::{self, SourceLimits};
use crate::intake::{RawItem, mime};
use crate::model::{DocumentKind, Draft, Finding, Reading, Severity, Sha256};
use crate::reading::ReadingContext;
use crate::reading::confined::Parser;
use crate::reading::document::{self, Document, SourceKind};
use crate::reading::extraction::contract;
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Documents or mails
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, false);
    let worker = std::env::current_exe().context("cannot find our own program file")?;
    let parser = config.reading.parser(worker);
    let extractor = Extractor { parser, model: model(&config)?, config, clock: Clock::System };
    let mut done = Done::Well;
    for file in &args.files {
        match extractor.extract(file).await {
            Ok((sha256, draft)) => {
                let object = contract::to_json(&file.display().to_string(), &sha256, &draft);
                if common.json { println!("{object}") } else { println!("{}", on_lines(&in_words(file, &draft))) }
            }
            Err(error) => {
                eprintln!("podesk: {}", on_one_line(&format!("{}: {error:#}", file.display())));
                done = Done::WithProblem;
            }
        }
    }
    Ok(done)
}

/// Reads files without a database.
pub struct Extractor {
    pub parser: Parser,
    pub model: Option<Model>,
    pub config: crate::app::config::Config,
    pub clock: Clock,
}

impl Extractor {
    /// One draft for one file: of a mail, the document in it that speaks for it.
    pub async fn extract(&self, file: &Path) -> anyhow::Result<(Sha256, Draft)> {
        let limits = SourceLimits { max_item_bytes: u64::from(self.config.intake.mail.max_mail_mb) << 20 };
        Ok(match sources::read_file(file, limits)? {
            RawItem::Mail { bytes, .. } => (Sha256::of(&bytes), self.of_mail(&bytes).await),
            RawItem::Document { bytes, name, .. } => (Sha256::of(&bytes), self.of_document(&bytes, &name).await),
        })
    }

    async fn of_document(&self, bytes: &[u8], name: &str) -> Draft {
        let document = self.parser.document(bytes, name).await;
        self.read(document, name, None).await
    }

    async fn of_mail(&self, bytes: &[u8]) -> Draft {
        let message = mime::parse(bytes, &self.config.intake.mail, &mime::OurMail::default());
        let kind = match message.nature {
            crate::intake::Nature::AutoReply => Some(DocumentKind::AutoReply),
            crate::intake::Nature::Bounce => Some(DocumentKind::Bounce),
            crate::intake::Nature::MailingList | crate::intake::Nature::Own => Some(DocumentKind::Other),
            crate::intake::Nature::Correspondence => None,
        };
        if let Some(kind) = kind {
            return Draft::not_an_order(kind, message.findings);
        }
        let mut documents = Vec::new();
        let date = message.date.map(|date| date_of(date));
        for attachment in &message.attachments {
            let document = self.parser.document(&attachment.bytes, &attachment.name).await;
            let kind = document.kind;
            let draft = self.read(document, &attachment.name, date).await;
            documents.push(read_document(&attachment.part, &attachment.name, kind, draft));
        }
        if !message.new_text.trim().is_empty() {
            let document = document::read(message.new_text.as_bytes(), "mail.txt", &self.config.reading.limits);
            let kind = document.kind;
            let draft = self.read(document, &message.subject, date).await;
            documents.push(read_document("", "the mail's text", kind, draft));
        }
        merge(&message, documents)
    }

    async fn read(&self, document: Document, title: &str, date: Option<jiff::civil::Date>) -> Draft {
        let received = date.or_else(|| Some(date_of(self.clock.now())));
        let context = ReadingContext { company: self.config.company.clone(), received, title: title.to_owned() };
        let (document, context) = (Arc::new(document), Arc::new(context));
        let first = read_apart(&document, &context).await;
        match &self.model {
            Some(model) => model.reader.assist(&document, &context, first).await,
            None => first,
        }
    }
}

fn read_document(part: &str, name: &str, source: SourceKind, draft: Draft) -> ReadDocument {
    ReadDocument { part: part.to_owned(), name: name.to_owned(), sha256: Sha256::new(""), source, draft }
}

/// The drafts of one mail as one: every order that the flow would propose, else the document that says most.
fn merge(message: &crate::intake::Message, documents: Vec<ReadDocument>) -> Draft {
    use crate::deciding::proposals::{Proposal, proposals};
    let mut merged: Option<Draft> = None;
    for proposal in proposals(message, &documents) {
        let Proposal::Order { document, order, findings } = proposal else { continue };
        let draft = &documents[document].draft;
        let merged = merged.get_or_insert_with(|| Draft { orders: Vec::new(), findings: Vec::new(), ..draft.clone() });
        let at = merged.orders.len();
        merged.findings.extend(crate::deciding::proposals::alone(draft, order, &findings).findings.into_iter().map(
            |mut finding| {
                finding.field = finding.field.replacen("/orders/0", &format!("/orders/{at}"), 1);
                finding
            },
        ));
        merged.orders.extend(draft.orders.get(order).cloned());
    }
    let mut draft =
        merged.or_else(|| documents.into_iter().map(|document| document.draft).find(|draft| draft.kind != DocumentKind::Other));
    draft.get_or_insert_with(|| Draft::not_an_order(DocumentKind::Other, Vec::new())).findings.extend(message.findings.clone());
    draft.expect("a draft was put there")
}

/// What was understood, for a person at a terminal.
fn in_words(file: &Path, draft: &Draft) -> String {
    let mut lines = vec![format!("{}: {} ({})", file.display(), draft.kind.as_str().replace('_', " "), draft.method.as_str())];
    for order in &draft.orders {
        lines.push(format!("  purchase order {}  {}", text(&order.po_number), text(&order.po_date)));
        lines.push(format!("  from     {}", order.buyer.to_party().address.on_one_line()));
        lines.push(format!("  ship to  {}", order.ship_to.to_party().address.on_one_line()));
        let rows: Vec<Vec<String>> = order
            .lines
            .iter()
            .map(|line| {
                vec![
                    format!("  {}", text(&line.line_no)),
                    text(&line.buyer_part),
                    text(&line.supplier_part),
                    text(&line.quantity),
                    text(&line.uom),
                    text(&line.unit_price),
                    text(&line.line_total),
                    text(&line.description),
                ]
            })
            .collect();
        lines.push(super::table::table(
            &["  line", "their part", "our part", "quantity", "unit", "price", "total", "description"],
            &rows,
        ));
        lines.push(format!("  total    {} {}", text(&order.total), text(&order.currency)));
    }
    lines.extend(
        draft
            .findings
            .iter()
            .map(|finding: &Finding| format!("  {} {}: {}", mark(finding.severity), finding.code, finding.message)),
    );
    lines.join("\n")
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note ",
        Severity::Ask => "ask  ",
        Severity::Block => "block",
    }
}

fn text<T: std::fmt::Display>(reading: &Reading<T>) -> String {
    match reading {
        Reading::Found(field) => field.value.to_string(),
        Reading::Several(fields) => fields.iter().map(|field| field.value.to_string()).collect::<Vec<_>>().join(" or "),
        Reading::Unreadable { raw, .. } => format!("?{raw}?"),
        Reading::Absent => String::new(),
    }
}
