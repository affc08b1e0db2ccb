//! `podesk eval DIR`: reading measured over labelled documents, `<case>/` with a document and `truth.json` each.

use super::extract::Extractor;
use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done, start_log};
use crate::app::eval::{Result, compare, summarise};
use crate::reading::extraction::contract;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, false);
    let extractor = Extractor::new(config)?;
    let mut results = Vec::new();
    for case in cases(&args.folder)? {
        let (document, truth) = labelled(&case)?;
        let (sha256, draft) = extractor.extract(&document).await.with_context(|| document.display().to_string())?;
        let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        results.push(compare(&name, &contract::to_json(&name, &sha256, &draft), &truth));
    }
    if results.is_empty() {
        bail!("{} holds no case with a truth.json", args.folder.display());
    }
    print(common, &results)
}

fn cases(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut cases: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    cases.retain(|case| case.join("truth.json").is_file());
    cases.sort();
    Ok(cases)
}

/// The document is the one file beside the truth.
fn labelled(case: &Path) -> anyhow::Result<(PathBuf, serde_json::Value)> {
    let truth = std::fs::read_to_string(case.join("truth.json"))?;
    let truth = serde_json::from_str(&truth).with_context(|| case.join("truth.json").display().to_string())?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(case)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "json"));
    files.sort();
    match files.into_iter().next() {
        Some(document) => Ok((document, truth)),
        None => bail!("{} has a truth.json but no document", case.display()),
    }
}

fn print(common: &Common, results: &[Result]) -> anyhow::Result<Done> {
    let summary = summarise(results);
    if common.json {
        for result in results {
            say_json(serde_json::to_string(result)?);
        }
        say_json(serde_json::to_string(&summary)?);
    } else {
        let rows: Vec<Vec<String>> = results
            .iter()
            .map(|result| {
                let right = result.compared.iter().filter(|compared| compared.right).count();
                let wrong = result.compared.iter().filter(|compared| !compared.right).map(|compared| compared.place.as_str());
                let review = if result.needs_review { "review" } else { "" };
                vec![
                    result.document.clone(),
                    result.kind_got.clone(),
                    format!("{right}/{}", result.compared.len()),
                    review.to_owned(),
                    wrong.take(6).collect::<Vec<_>>().join(" "),
                ]
            })
            .collect();
        say(format_args!("{}\n", table(&["document", "kind", "right", "", "missing or wrong"], &rows)));
        let fields: Vec<Vec<String>> =
            summary.fields.iter().map(|(field, (right, all))| vec![field.clone(), format!("{right}/{all}")]).collect();
        say(format_args!("{}\n", table(&["field", "right"], &fields)));
        say(format_args!(
            "{} documents, {} of the right kind; {} orders, {} exact; {} without review, {} of them wrong; {} false orders",
            summary.documents,
            summary.kind_right,
            summary.orders,
            summary.exact,
            summary.without_review,
            summary.wrong_without_review,
            summary.false_orders
        ));
    }
    let is_safe = summary.wrong_without_review == 0 && summary.false_orders == 0;
    Ok(if is_safe { Done::Well } else { Done::WithProblem })
}
