//! `podesk ingest PATH...`: takes mails and documents in and waits until each has its outcome.

use super::output::{complain, say, say_json};
use super::table::table;
use super::{Common, Done};
use crate::app::flow::{Desk, FlowError, Taken};
use crate::app::service::drain;
use crate::intake::sources;
use crate::model::Code;
use crate::store::{MessageRecord, Outcome};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// .eml files, Maildirs, mbox files, folders, or bare documents (pdf, xlsx, xml, edi ...)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Mails stored in one transaction: one disk sync for so many.
const BATCH: usize = 16;
/// And no more bytes than that at a time.
const BATCH_BYTES: usize = 8 << 20;

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    let (taken, mut problems) = take_in_all(&desk, &args.paths).await?;
    drain(&desk, workers(&desk), &taken).await?;
    desk.send_due(crate::outbound::Route::Folder, None).await?;
    let mut rows = Vec::new();
    for taken in &taken {
        let record = outcome(&desk, taken).await?;
        problems += usize::from(record.outcome == Some(Outcome::Failed));
        if common.json { say_json(in_json(&record)) } else { rows.push(row(&desk, &record).await?) }
    }
    if !common.json {
        say(table(&HEADINGS, &rows));
    }
    Ok(if problems == 0 { Done::Well } else { Done::WithProblem })
}

/// Workers for a command that waits: as configured, else one a processor.
pub fn workers(desk: &Desk) -> usize {
    match desk.config.service.workers {
        0 => crate::app::service::processors(),
        workers => workers,
    }
}

/// Stores everything under `paths`, in order. What cannot be read is named on standard error and counted.
pub async fn take_in_all(desk: &Desk, paths: &[PathBuf]) -> Result<(Vec<Taken>, usize), FlowError> {
    let (mut taken, mut problems) = (Vec::new(), 0);
    let mut batch = Vec::new();
    let mut bytes = 0;
    for path in paths {
        for item in sources::collect(path, desk.config.source_limits()) {
            match item {
                Ok(item) => {
                    bytes += item.bytes().len();
                    batch.push((item, None));
                    if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                        taken.extend(desk.take_in(&batch).await?);
                        batch.clear();
                        bytes = 0;
                    }
                }
                Err(error) => {
                    complain(error);
                    problems += 1;
                }
            }
        }
    }
    if !batch.is_empty() {
        taken.extend(desk.take_in(&batch).await?);
    }
    Ok((taken, problems))
}

/// The record of a mail; of one that was here before, the record says so.
pub async fn outcome(desk: &Desk, taken: &Taken) -> Result<MessageRecord, FlowError> {
    let record = desk.db.message(&taken.sha256).await?.ok_or_else(|| FlowError::NoSuchItem(taken.sha256.clone()))?;
    if taken.is_new {
        return Ok(record);
    }
    let why = format!("the same mail was taken in before ({})", record.outcome.map_or("", Outcome::as_str));
    Ok(MessageRecord { outcome: Some(Outcome::Duplicate), reasons: vec![Code::SameMailAgain], why, drafts: Vec::new(), ..record })
}

pub const HEADINGS: [&str; 5] = ["mail", "outcome", "order", "value", "why"];

/// One line of the summary table.
pub async fn row(desk: &Desk, record: &MessageRecord) -> Result<Vec<String>, FlowError> {
    let outcome = record.outcome.map_or("waiting", Outcome::as_str).replace('_', " ");
    let numbers = record.orders.iter().map(ToString::to_string).chain(record.cases.iter().map(ToString::to_string));
    let mut values = Vec::new();
    for number in &record.orders {
        if let Some(order) = desk.db.order(number).await? {
            values.push(order.purchase_order.total().to_string());
        }
    }
    Ok(vec![record.subject.clone(), outcome, numbers.collect::<Vec<_>>().join(" "), values.join(" "), why(record)])
}

fn why(record: &MessageRecord) -> String {
    let codes = record.reasons.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(", ");
    match (codes.is_empty(), record.why.is_empty()) {
        (true, _) => record.why.clone(),
        (false, true) => codes,
        (false, false) => format!("{codes}: {}", record.why),
    }
}

/// The contract's object for one mail.
pub fn in_json(record: &MessageRecord) -> serde_json::Value {
    let drafts: Vec<serde_json::Value> = record
        .drafts
        .iter()
        .map(|draft| serde_json::json!({ "to": draft.to, "subject": draft.subject, "message_id": draft.message_id }))
        .collect();
    serde_json::json!({
        "message": record.sha256,
        "subject": record.subject,
        "outcome": record.outcome.map_or("failed", Outcome::as_str),
        "reasons": record.reasons,
        "orders": record.orders,
        "review": record.cases,
        "drafts": drafts,
    })
}
