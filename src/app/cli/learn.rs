//! `podesk learn ...`: which layouts were learned from whom, how well they do, and a way to take one back.

use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done, Usage, who};
use crate::app::flow::Desk;
use crate::store::TemplateRecord;

#[derive(clap::Subcommand)]
pub enum Learn {
    /// Learned layouts, the newest first
    List {
        /// Those that do not count any more, too
        #[arg(long)]
        all: bool,
    },
    /// One layout: what is read from where
    Show { template: String },
    /// Take one out of use: its documents are read as those of any stranger
    Revoke { template: String },
}

/// More would be read by nobody.
const MOST: u32 = 500;

pub async fn run(common: &Common, command: Learn) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    match command {
        Learn::List { all } => list(common, &desk, all).await?,
        Learn::Show { template } => show(common, &find(&desk, &template).await?)?,
        Learn::Revoke { template } => {
            let record = find(&desk, &template).await?;
            let said = if desk.revoke_template(&record.number, &who()).await? { "is out of use" } else { "was out of use already" };
            say(format_args!("{} {said}", record.number));
        }
    }
    Ok(Done::Well)
}

async fn find(desk: &Desk, number: &str) -> anyhow::Result<TemplateRecord> {
    let number = number.trim().to_uppercase();
    let found = desk.db.template(&number).await?;
    Ok(found.ok_or_else(|| Usage(format!("there is no learned layout {number}; `podesk learn list --all` shows them")))?)
}

async fn list(common: &Common, desk: &Desk, all: bool) -> anyhow::Result<()> {
    let records = desk.db.templates(!all, MOST).await?;
    if common.json {
        records.iter().for_each(|record| say_json(as_json(record)));
        return Ok(());
    }
    let row = |record: &TemplateRecord| {
        vec![
            record.number.clone(),
            if record.sender.is_empty() { "(files)".to_owned() } else { record.sender.clone() },
            record.account.to_string(),
            record.case.to_string(),
            record.used.to_string(),
            record.corrected.to_string(),
            if record.is_active { "in use".to_owned() } else { record.ended.clone() },
        ]
    };
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    say(table(&["layout", "sender", "customer", "from", "used", "corrected", "state"], &rows));
    Ok(())
}

fn as_json(record: &TemplateRecord) -> serde_json::Value {
    serde_json::json!({
        "number": record.number, "sender": record.sender, "account": record.account.as_str(), "case": record.case.as_str(),
        "learned_at": record.learned_at.to_string(), "learned_by": record.template.lesson.who, "used": record.used,
        "corrected": record.corrected, "active": record.is_active, "ended": record.ended, "places": record.template.in_words(),
    })
}

fn show(common: &Common, record: &TemplateRecord) -> anyhow::Result<()> {
    if common.json {
        say_json(as_json(record));
        return Ok(());
    }
    let sender = if record.sender.is_empty() { "files without a mail" } else { &record.sender };
    let mut lines = vec![
        format!("{}  for {} from {sender}", record.number, record.account),
        format!("  learned from {}, approved by {}, {}", record.case, record.template.lesson.who, record.learned_at),
        format!("  used {} times, corrected {} times", record.used, record.corrected),
    ];
    if !record.is_active {
        lines.push(format!("  out of use: {}", record.ended));
    }
    lines.extend(record.template.in_words().into_iter().map(|words| format!("  {words}")));
    say(lines.join("\n"));
    Ok(())
}
