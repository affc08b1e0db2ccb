//! `podesk extract FILE...`: what is in these documents, as far as it can be read. Touches no database.

use super::output::{complain, mark, say, say_json};
use super::{Common, Done, model, start_log};
use crate::app::clock::{Clock, date_of};
use crate::app::config::Config;
use crate::app::flow::{Model, Readers};
use crate::deciding::proposals::{Proposal, ReadDocument, alone, proposals};
use crate::intake::sources;
use crate::intake::{Message, Nature, RawItem, mime};
use crate::model::{DocumentKind, Draft, Finding, Reading, Sha256};
use crate::reading::confined::Parser;
use crate::reading::document::{self, Document, SourceKind};
use crate::reading::extraction::contract;
use anyhow::Context;
use futures_util::{StreamExt, stream};
use std::path::{Path, PathBuf};
use std::pin::pin;

#[derive(clap::Args)]
pub struct Args {
    /// Documents or mails
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, false);
    let extractor = Extractor::new(config)?;
    let mut done = Done::Well;
    // Two files for each child: while one is parsed, another is understood. They are told in the order in which they were given.
    let at_once = 2 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let extracted = args.files.iter().map(async |file| (file, extractor.extract(file).await));
    let mut extracted = pin!(stream::iter(extracted).buffered(at_once));
    while let Some((file, result)) = extracted.next().await {
        match result {
            Ok((sha256, draft)) => {
                let object = contract::to_json(&file.display().to_string(), &sha256, &draft);
                if common.json { say_json(object) } else { say(in_words(file, &draft)) }
            }
            Err(error) => {
                complain(format_args!("{}: {error:#}", file.display()));
                done = Done::WithProblem;
            }
        }
    }
    extractor.parser.rest().await;
    Ok(done)
}

/// A document as it was read, for showing it.
pub struct Source {
    pub bytes: Vec<u8>,
    pub name: String,
    pub document: Document,
}

/// Reads files without a database.
pub struct Extractor {
    parser: Parser,
    model: Option<Model>,
    config: Config,
    clock: Clock,
}

impl Extractor {
    /// Reads as these settings say, from the system's clock.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find our own program file")?;
        Ok(Self { parser: config.reading.parser(program), model: model(&config)?, config, clock: Clock::System })
    }

    /// One draft for one file: of a mail, the document in it that speaks for it.
    pub async fn extract(&self, file: &Path) -> anyhow::Result<(Sha256, Draft)> {
        let today = date_of(self.clock.now());
        let readers = Readers {
            config: &self.config,
            parser: &self.parser,
            model: self.model.as_ref(),
            templates: &[],
            examples: &[],
            today,
        };
        Ok(match sources::read_file(file, self.config.source_limits())? {
            RawItem::Mail { bytes, .. } => (Sha256::of(&bytes), self.of_mail(readers, self.mail(&bytes)).await),
            RawItem::Document { bytes, name, .. } if mime::is_container(&bytes, &name) => {
                let sha256 = Sha256::of(&bytes);
                (sha256.clone(), self.of_mail(readers, self.container(sha256, &name, bytes)).await)
            }
            RawItem::Document { bytes, name, .. } => {
                (Sha256::of(&bytes), readers.file(&bytes, &name, name.clone(), today).await.draft)
            }
        })
    }

    /// The file itself; of a mail its first attached document with pages to show, else its text.
    pub async fn source(&self, file: &Path) -> anyhow::Result<Source> {
        let (bytes, name) = match sources::read_file(file, self.config.source_limits())? {
            RawItem::Document { bytes, name, .. } if mime::is_container(&bytes, &name) => {
                shown(self.container(Sha256::of(&bytes), &name, bytes))
            }
            RawItem::Document { bytes, name, .. } => (bytes, name),
            RawItem::Mail { bytes, .. } => shown(self.mail(&bytes)),
        };
        let document = self.parser.document(&bytes, &name).await;
        Ok(Source { bytes, name, document })
    }

    /// A page as PNG.
    pub async fn page_image(&self, bytes: &[u8], name: &str, page: u32, dpi: u32) -> anyhow::Result<Vec<u8>> {
        Ok(self.parser.page_image(bytes, name, page, dpi).await?)
    }

    /// Tokens and millionths that the language model has taken so far.
    pub fn spent(&self) -> (u64, u64) {
        let spent = self.model.as_ref().map(|model| model.book.take_unsaved()).unwrap_or_default();
        (spent.tokens_in + spent.tokens_out, spent.micros)
    }

    fn mail(&self, bytes: &[u8]) -> Message {
        mime::parse(bytes, &self.config.intake.mail, &mime::OurMail::default())
    }

    /// A file of files as the mail that they came with, or would have.
    fn container(&self, sha256: Sha256, name: &str, bytes: Vec<u8>) -> Message {
        mime::parse_file(sha256, name, bytes, &self.config.intake.mail, &mime::OurMail::default())
    }

    async fn of_mail(&self, readers: Readers<'_>, message: Message) -> Draft {
        let kind = match message.nature {
            Nature::AutoReply => DocumentKind::AutoReply,
            Nature::Bounce => DocumentKind::Bounce,
            Nature::MailingList | Nature::Own => DocumentKind::Other,
            Nature::Correspondence => return merge(&message, readers.of_mail(&message).await),
        };
        Draft::not_an_order(kind, message.findings)
    }
}

/// Of a mail its first attached document with pages to show, else its text.
fn shown(message: Message) -> (Vec<u8>, String) {
    let has_pages = |kind| matches!(kind, SourceKind::Pdf | SourceKind::Image);
    let attached = message.attachments.into_iter().find(|file| has_pages(document::sniff(&file.bytes, &file.name)));
    attached.map_or_else(|| (message.new_text.into_bytes(), "mail.txt".to_owned()), |file| (file.bytes, file.name))
}

/// The drafts of one mail as one: every order that the flow would propose, else the document that says most.
fn merge(message: &Message, documents: Vec<ReadDocument>) -> Draft {
    let mut merged: Option<Draft> = None;
    for proposal in proposals(message, &documents) {
        let Proposal::Order { document, order, findings } = proposal else { continue };
        let draft = &documents[document].draft;
        let merged = merged.get_or_insert_with(|| Draft { orders: Vec::new(), findings: Vec::new(), ..draft.clone() });
        let at = merged.orders.len();
        for mut finding in alone(draft, order, &findings).findings {
            finding.field = finding.field.replacen("/orders/0", &format!("/orders/{at}"), 1);
            // What is said of the document is said once, however many orders are in it.
            if !merged.findings.contains(&finding) {
                merged.findings.push(finding);
            }
        }
        merged.orders.extend(draft.orders.get(order).cloned());
    }
    let mut draft = merged.unwrap_or_else(|| without_orders(documents));
    draft.findings.extend(message.findings.clone());
    draft
}

/// The first document that is of some kind; where none is, nothing that was found wrong with any of them is lost.
fn without_orders(documents: Vec<ReadDocument>) -> Draft {
    let mut drafts: Vec<Draft> = documents.into_iter().map(|document| document.draft).collect();
    match drafts.iter().position(|draft| draft.kind != DocumentKind::Other) {
        Some(at) => drafts.swap_remove(at),
        None => Draft::not_an_order(DocumentKind::Other, drafts.into_iter().flat_map(|draft| draft.findings).collect()),
    }
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

fn text<T: std::fmt::Display>(reading: &Reading<T>) -> String {
    match reading {
        Reading::Found(field) => field.value.to_string(),
        Reading::Several(fields) => fields.iter().map(|field| field.value.to_string()).collect::<Vec<_>>().join(" or "),
        Reading::Unreadable { raw, .. } => format!("?{raw}?"),
        Reading::Absent => String::new(),
    }
}
