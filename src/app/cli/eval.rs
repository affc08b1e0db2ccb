//! `podesk eval DIR`: reading measured over labelled documents, `<case>/` with a document and `truth.json` each.

use super::extract::Extractor;
use super::output::{complain, say, say_json};
use super::table::table;
use super::{Common, Done, eval_report, start_log};
use crate::app::eval::{Figures, Result, Summary, compare, summarise};
use crate::app::web::reading_report::{percent, seconds_each};
use crate::reading::extraction::contract;
use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of folders, each with one document and its truth.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write a report that shows each wrong value on its page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// A labelled document.
struct Case {
    name: String,
    document: PathBuf,
    truth: serde_json::Value,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, false);
    // A model is asked one document at a time: its answers cost money, and its server has other work.
    let at_once =
        if config.llm.base_url.is_empty() { std::thread::available_parallelism().map_or(1, std::num::NonZero::get) } else { 1 };
    let extractor = Extractor::new(config)?;
    let cases = cases(&args.folder)?;
    let results: Vec<Result> = stream::iter(&cases).map(|case| measured(&extractor, case)).buffered(at_once).try_collect().await?;
    let mut summary = summarise(&results);
    (summary.tokens, summary.cost_micros) = extractor.spent();
    if common.json {
        for result in &results {
            say_json(serde_json::to_string(result)?);
        }
        say_json(serde_json::to_string(&summary)?);
    } else {
        say(in_words(&summary, &results));
    }
    if let Some(file) = &args.html {
        let different: Vec<(&Result, &Path)> = results
            .iter()
            .zip(&cases)
            .filter(|(result, _)| result.kind_got != result.kind_expected || result.compared.iter().any(|compared| !compared.right))
            .map(|(result, case)| (result, case.document.as_path()))
            .collect();
        let title = args.folder.display().to_string();
        let page = eval_report::page(&extractor, &title, &summary, &different).await;
        std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
        complain(format_args!("the report is in {}", file.display()));
    }
    Ok(if summary.false_accepts == 0 { Done::Well } else { Done::WithProblem })
}

async fn measured(extractor: &Extractor, case: &Case) -> anyhow::Result<Result> {
    let start = Instant::now();
    let (sha256, draft) = extractor.extract(&case.document).await.with_context(|| case.document.display().to_string())?;
    let mut result = compare(&case.name, &contract::to_json(&case.name, &sha256, &draft), &case.truth);
    result.seconds = start.elapsed().as_secs_f64();
    if result.medium.is_empty() {
        result.medium = case.document.extension().map(|ext| ext.to_string_lossy().to_lowercase()).unwrap_or_default();
    }
    Ok(result)
}

fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    folders.retain(|case| case.join("truth.json").is_file());
    folders.sort();
    if folders.is_empty() {
        bail!("{} holds no case: a folder with a document and its truth.json", folder.display());
    }
    folders.iter().map(|case| labelled(case)).collect()
}

/// The document is the one file beside the truth.
fn labelled(case: &Path) -> anyhow::Result<Case> {
    let truth = std::fs::read_to_string(case.join("truth.json"))?;
    let truth = serde_json::from_str(&truth).with_context(|| case.join("truth.json").display().to_string())?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(case)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "json"));
    files.sort();
    let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match files.into_iter().next() {
        Some(document) => Ok(Case { name, document, truth }),
        None => bail!("{} has a truth.json but no document", case.display()),
    }
}

fn in_words(summary: &Summary, results: &[Result]) -> String {
    let all = &summary.all;
    let mut parts = vec![format!(
        "false accepts  {}  ({} orders wrong without review, {} other papers read as an order)\n\
         exact          {} of {} orders ({:.1} %)\n\
         touchless      {} of {} orders that a careful clerk would not ask about ({:.1} %)\n\
         lines          {} of {} right in every value ({:.1} %)\n\
         kind           {} of {} documents ({:.1} %)\n\
         cost           {:.2} s each, {} tokens, {:.4} in all",
        summary.false_accepts,
        all.false_accepts,
        summary.false_orders,
        all.exact,
        all.orders,
        percent(all.exact, all.orders),
        all.touchless,
        all.clear(),
        percent(all.touchless, all.clear()),
        summary.lines_right,
        summary.lines,
        percent(summary.lines_right, summary.lines),
        summary.kind_right,
        summary.documents,
        percent(summary.kind_right, summary.documents),
        results.iter().map(|result| result.seconds).sum::<f64>() / results.len().max(1) as f64,
        summary.tokens,
        summary.cost_micros as f64 / 1e6,
    )];
    let media: Vec<Vec<String>> = summary.by_medium.iter().map(|(medium, figures)| medium_row(medium, figures)).collect();
    parts.push(table(&["made of", "orders", "exact", "touchless", "false accepts", "s each"], &media));
    let fields: Vec<Vec<String>> =
        summary.fields.iter().map(|(field, (right, all))| vec![field.clone(), format!("{right}/{all}")]).collect();
    parts.push(table(&["field", "right"], &fields));
    let different: Vec<Vec<String>> = results.iter().filter_map(document_row).collect();
    if !different.is_empty() {
        parts.push(table(&["document", "kind", "right", "", "missing or wrong"], &different));
    }
    parts.join("\n\n")
}

fn medium_row(medium: &str, figures: &Figures) -> Vec<String> {
    vec![
        medium.to_owned(),
        figures.orders.to_string(),
        format!("{:.1} %", percent(figures.exact, figures.orders)),
        format!("{:.1} %", percent(figures.touchless, figures.clear())),
        figures.false_accepts.to_string(),
        format!("{:.2}", seconds_each(figures)),
    ]
}

/// A document that is not right in everything, or asks.
fn document_row(result: &Result) -> Option<Vec<String>> {
    let right = result.compared.iter().filter(|compared| compared.right).count();
    let is_right_kind = result.kind_got == result.kind_expected;
    let asks = result.needs_review && result.is_an_order();
    if right == result.compared.len() && is_right_kind && !asks {
        return None;
    }
    let kind = if is_right_kind { result.kind_got.clone() } else { format!("{} (is {})", result.kind_got, result.kind_expected) };
    let wrong = result.compared.iter().filter(|compared| !compared.right).map(|compared| compared.place.as_str()).take(6);
    let mark = match (result.is_false_accept(), result.needs_review) {
        (true, _) => "FALSE",
        (false, true) => "asks",
        (false, false) => "",
    };
    let mut last: Vec<&str> = wrong.collect();
    last.extend(result.reasons.iter().map(String::as_str));
    Some(vec![result.document.clone(), kind, format!("{right}/{}", result.compared.len()), mark.to_owned(), last.join(" ")])
}
