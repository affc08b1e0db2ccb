//! `podesk import DIR` / `podesk import KIND FILE`: master data, all or nothing for each file.

use super::terminal::on_one_line;
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
        println!("{}: {} rows", on_one_line(&imported.file), imported.rows);
        imported.notes.iter().for_each(|note| println!("  {}", on_one_line(&note.to_string())));
    }
    for refused in &report.refused {
        complain(refused);
    }
    Ok(if report.is_complete() { Done::Well } else { Done::WithProblem })
}

fn complain(refused: &Refused) {
    for error in refused.errors.iter().take(SHOWN) {
        eprintln!("podesk: {}", on_one_line(&error.to_string()));
    }
    let rest = refused.errors.len().saturating_sub(SHOWN) + refused.more;
    let more = if rest > 0 { format!("{rest} more errors; ") } else { String::new() };
    eprintln!("podesk: {more}nothing of {} was imported; correct the file and import it again", on_one_line(&refused.file));
}
