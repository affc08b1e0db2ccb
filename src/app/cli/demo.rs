//! `podesk demo`: the main job on real documents, with nothing configured. A throw-away data folder, the demo's own master data and
//! mailbox, and the clock standing at the demo's day, so that it comes out the same in every year.

use super::ingest::{HEADINGS, in_json, row, take_in_all};
use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done, open, start_log};
use crate::app::clock::Clock;
use crate::app::config::Config;
use crate::app::flow::{Desk, Taken};
use crate::app::import;
use crate::app::service::{self, Listening, drain};
use crate::outbound::Route;
use crate::store::Outcome;
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// Print the summary and end, without the review desk
    #[arg(long)]
    no_serve: bool,
    /// The demo's files
    #[arg(long, default_value = "fixtures/demo", value_name = "DIR")]
    fixtures: PathBuf,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let fixtures = find(&args.fixtures)?;
    let scratch = std::env::temp_dir().join(format!("podesk-demo-{}", std::process::id()));
    let data = common.data.clone().unwrap_or_else(|| scratch.clone());
    let company = fixtures.join("company.toml");
    let mut config = Config::from_text(&std::fs::read_to_string(&company)?, &company)?;
    config.data.dir.clone_from(&data);
    config.outbound.confirmation = Route::Folder;
    start_log(&config, common.verbose, false);
    let desk = open(config, Clock::manual(demo_day(&fixtures)?)).await?;

    if !common.json {
        say(format_args!("podesk demo: {} - data in {}", desk.config.company.name, data.display()));
    }
    let report = import::import_dir(&desk.db, &fixtures.join("master")).await?;
    if let Some(refused) = report.refused.first() {
        bail!("the demo's own {} is broken: {}", refused.file, refused.errors.first().map(ToString::to_string).unwrap_or_default());
    }
    let (taken, _) = take_in_all(&desk, &[fixtures.join("mails")]).await?;
    work_visibly(&desk, &taken).await?;
    desk.send_due(Route::Folder, None).await?;
    summary(common, &desk, &fixtures, &taken).await?;
    if !args.no_serve {
        serve(desk).await?;
    }
    if common.data.is_none() {
        std::fs::remove_dir_all(&scratch).ok();
    }
    Ok(Done::Well)
}

/// The folder as named, or beside the program's source when it was started from elsewhere by cargo.
fn find(fixtures: &Path) -> anyhow::Result<PathBuf> {
    let beside_source = Path::new(env!("CARGO_MANIFEST_DIR")).join(fixtures);
    [fixtures.to_owned(), beside_source]
        .into_iter()
        .find(|folder| folder.join("mails").is_dir())
        .with_context(|| format!("{} has no demo in it; start it in the project's folder", fixtures.display()))
}

/// The moment at which the demo plays: `now` in the fixtures' own file.
fn demo_day(fixtures: &Path) -> anyhow::Result<jiff::Timestamp> {
    let text = std::fs::read_to_string(fixtures.join("now.txt")).context("now.txt")?;
    text.trim().parse().context("now.txt holds no moment")
}

async fn work_visibly(desk: &Desk, taken: &[Taken]) -> anyhow::Result<()> {
    let mails = taken.len();
    let bar = ProgressBar::new(mails as u64);
    bar.set_style(ProgressStyle::with_template("reading {bar:30} {pos}/{len} mails")?);
    // One worker: order numbers come out the same in every run, so that documents can speak of them.
    let working = drain(desk, 1, taken);
    tokio::pin!(working);
    loop {
        tokio::select! {
            ended = &mut working => { ended?; break; }
            () = tokio::time::sleep(Duration::from_millis(120)) => bar.set_position(mails.saturating_sub(desk.db.unfinished_jobs().await?.len()) as u64),
        }
    }
    bar.finish_and_clear();
    Ok(())
}

async fn summary(common: &Common, desk: &Desk, fixtures: &Path, taken: &[Taken]) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut counts: Vec<(Outcome, usize)> = Vec::new();
    for (taken, name) in taken.iter().zip(mail_names(fixtures)?) {
        let record = super::ingest::outcome(desk, taken).await?;
        if common.json {
            say_json(in_json(&record));
            continue;
        }
        let mut cells = row(desk, &record).await?;
        cells[0] = name;
        rows.push(cells);
        let outcome = record.outcome.unwrap_or(Outcome::Failed);
        match counts.iter_mut().find(|(counted, _)| *counted == outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((outcome, 1)),
        }
    }
    if common.json {
        return Ok(());
    }
    say(format_args!("{}\n", table(&HEADINGS, &rows)));
    let counted: Vec<String> =
        counts.iter().map(|(outcome, count)| format!("{count} {}", outcome.as_str().replace('_', " "))).collect();
    say(format_args!("{} mails: {}", taken.len(), counted.join(", ")));
    if common.data.is_some() {
        say(format_args!("confirmations are in {}", desk.config.outbox_folder().display()));
    } else {
        say("--data DIR keeps what the demo made, the confirmations in DIR/outbox among it");
    }
    Ok(())
}

/// The mails' names, in the order in which they are taken in.
fn mail_names(fixtures: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(fixtures.join("mails"))? {
        names.push(entry?.file_name().to_string_lossy().trim_end_matches(".eml").to_owned());
    }
    names.sort();
    Ok(names)
}

async fn serve(desk: Desk) -> anyhow::Result<()> {
    let listening = match Listening::on(&desk.config.web.listen).await {
        Ok(listening) => listening,
        Err(_) => Listening::on("127.0.0.1:0").await?,
    };
    let base = format!("http://{}", listening.address);
    say(format_args!("\nThe review desk is at {base}/ - ctrl-c ends the demo."));
    if let Some(link) = service::setup_link(&desk, &base).await? {
        say(format_args!("Make yourself an account first: {link}"));
    }
    service::run(desk, listening).await
}
