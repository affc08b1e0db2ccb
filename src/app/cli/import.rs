//! `podesk import DIR` / `podesk import KIND FILE`: master data, all or nothing for each file.

use super::output::{complain, say, say_json};
use super::{Common, Done, Usage};
use crate::app::import::{self, ImportReport, Kind, Refused};
use anyhow::Context;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// A folder with products.csv, customers.csv ... - or what the file holds: products, customers ...
    #[arg(value_name = "DIR|KIND")]
    what: String,
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Rows named before the rest is counted.
const SHOWN: usize = 20;

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    let report = match &args.file {
        None => import::import_dir(&desk.db, &PathBuf::from(&args.what))
            .await
            .with_context(|| format!("cannot import {}", args.what))?,
        Some(file) => {
            let kind = Kind::parse(&args.what).map_err(Usage)?;
            let result = import::import_file(&desk.db, kind, file).await;
            match result.with_context(|| format!("cannot import {}", file.display()))? {
                Ok(imported) => ImportReport { imported: vec![imported], refused: Vec::new() },
                Err(refused) => ImportReport { imported: Vec::new(), refused: vec![refused] },
            }
        }
    };
    for imported in &report.imported {
        if common.json {
            let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
            say_json(serde_json::json!({ "file": imported.file, "rows": imported.rows, "notes": notes }));
            continue;
        }
        say(format_args!("{}: {} rows", imported.file, imported.rows));
        imported.notes.iter().for_each(|note| say(format_args!("  {note}")));
    }
    for refused in &report.refused {
        name_errors(refused);
    }
    Ok(if report.is_complete() { Done::Well } else { Done::WithProblem })
}

fn name_errors(refused: &Refused) {
    for error in refused.errors.iter().take(SHOWN) {
        complain(error);
    }
    let rest = refused.errors.len().saturating_sub(SHOWN) + refused.more;
    let more = if rest > 0 { format!("{rest} more errors; ") } else { String::new() };
    complain(format_args!("{more}nothing of {} was imported; correct the file and import it again", refused.file));
}
