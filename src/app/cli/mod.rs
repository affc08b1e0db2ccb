//! The command line. Every command is a file; this one knows their names, their common options and the exit codes:
//! 0 done, 1 the work found a problem that it names, 2 wrong usage or configuration.

mod demo;
mod doctor;
mod eval;
mod eval_report;
mod extract;
mod import;
mod ingest;
mod learn;
mod order;
mod output;
mod review;
mod serve;
mod stock;
mod table;
mod terminal;

use crate::app::clock::Clock;
use crate::app::config::{self, Config, ConfigError, LogFormat};
use crate::app::flow::{DayBook, Desk, Model};
use crate::reading::llm::{LlmError, LlmReader};
use crate::store::StoreError;
use anyhow::Context;
use clap::{Parser, Subcommand};
use output::complain;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Parser)]
#[command(
    name = "podesk",
    version,
    about = "An order desk: purchase orders in by mail; confirmed orders out - or one clear question"
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What works with every command.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// Settings [default: agent.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database and of written mails [default: as in the settings]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long, global = true)]
    json: bool,
    /// Say more; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Subcommand)]
enum Command {
    /// See the whole thing work on the demo mailbox: nothing to configure, no network
    Demo(demo::Args),
    /// Run the service: mailbox, workers, outbox, review desk
    Serve,
    /// Take in mails or documents and wait until each is done
    Ingest(ingest::Args),
    /// Read documents and print what was understood; touches no database
    Extract(extract::Args),
    /// Import master data: a folder, or a kind and a file
    Import(import::Args),
    /// The review queue
    #[command(subcommand)]
    Review(review::Review),
    /// What was learned from approved cases
    #[command(subcommand)]
    Learn(learn::Learn),
    /// Orders
    #[command(subcommand)]
    Order(order::OrderCommand),
    /// Stock on hand, reserved and available
    Stock(stock::Args),
    /// Check configuration, database, mailbox, OCR and master data
    Doctor,
    /// Measure reading over a folder of labelled documents
    Eval(eval::Args),
}

/// What a command came to, beyond errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Well,
    /// The work found a problem and has named it.
    WithProblem,
}

/// Parses arguments, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    rustls::crypto::ring::default_provider().install_default().ok();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("the runtime cannot start")),
    };
    match runtime.block_on(run(cli)) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithProblem) => ExitCode::from(1),
        Err(error) => fail(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<Done> {
    let common = cli.common;
    match cli.command {
        Command::Demo(args) => demo::run(&common, args).await,
        Command::Serve => serve::run(&common).await,
        Command::Ingest(args) => ingest::run(&common, args).await,
        Command::Extract(args) => extract::run(&common, args).await,
        Command::Import(args) => import::run(&common, args).await,
        Command::Review(command) => review::run(&common, command).await,
        Command::Learn(command) => learn::run(&common, command).await,
        Command::Order(command) => order::run(&common, command).await,
        Command::Stock(args) => stock::run(&common, args).await,
        Command::Doctor => doctor::run(&common).await,
        Command::Eval(args) => eval::run(&common, args).await,
    }
}

/// One sentence on standard error: what failed and because of what.
fn fail(error: &anyhow::Error) -> ExitCode {
    let reasons: Vec<String> = error.chain().map(ToString::to_string).collect();
    complain(reasons.join(": "));
    let is_usage = error.chain().any(|cause| {
        let is_store_url = cause.downcast_ref::<StoreError>().is_some_and(|error| matches!(error, StoreError::UnknownUrl { .. }));
        is_store_url || cause.is::<ConfigError>() || cause.is::<Usage>() || cause.is::<LlmError>()
    });
    ExitCode::from(if is_usage { 2 } else { 1 })
}

/// Who is at the keyboard, for the record.
fn who() -> String {
    #[expect(clippy::disallowed_methods, reason = "the login name is not a setting")]
    let user = std::env::var("USER");
    user.unwrap_or_else(|_| "command line".into())
}

/// Wrong usage that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Common {
    /// Settings as the command line, the file and the environment give them.
    pub fn settings(&self) -> Result<Config, ConfigError> {
        let mut config = Config::load(self.config.as_deref(), &Config::environment())?;
        if let Some(data) = &self.data {
            config.data.dir.clone_from(data);
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log.filter) {
            return Err(ConfigError::Value { key: "log.filter", problem: error.to_string() });
        }
        Ok(config)
    }

    /// The desk on these settings and the system's clock.
    pub async fn desk(&self) -> anyhow::Result<Desk> {
        let config = self.settings()?;
        start_log(&config, self.verbose, false);
        open(config, Clock::System).await
    }
}

/// The desk on given settings.
pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Desk> {
    let program = std::env::current_exe().context("cannot find our own program file")?;
    let model = model(&config)?;
    Ok(Desk::open(config, clock, program, model).await?)
}

/// The language model's reader, if one is configured.
pub fn model(config: &Config) -> anyhow::Result<Option<Model>> {
    let settings = &config.llm;
    if settings.base_url.is_empty() {
        return Ok(None);
    }
    let file = Some(Path::new(&settings.api_key_file)).filter(|file| !file.as_os_str().is_empty());
    let key = match (settings.api_key_env.is_empty(), file) {
        (true, None) => None,
        (_, file) => Some(config::secret("llm", &settings.api_key_env, file)?),
    };
    let book = Arc::new(DayBook::default());
    let reader = LlmReader::new(settings.clone(), key.as_ref(), book.clone())?;
    Ok(Some(Model { reader: Arc::new(reader), book }))
}

/// Starts logging to standard error. Two libraries would write passwords or documents at their lower levels: they are held down
/// whatever the filter says.
pub fn start_log(config: &Config, verbose: u8, is_service: bool) {
    use tracing_subscriber::EnvFilter;
    let level = match (verbose, is_service) {
        (0, false) => "warn",
        (0, true) => &config.log.filter,
        (1, _) => "podesk=debug,info",
        (2.., _) => "debug",
    };
    const HELD_DOWN: [&str; 4] = [crate::intake::imap::LOG_DIRECTIVE, "async_openai=off", "sqlx=warn", "pdf_extract=off"];
    let filter = HELD_DOWN.iter().fold(EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info")), |filter, held| {
        held.parse().map_or(filter.clone(), |directive| filter.add_directive(directive))
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false);
    let _ = match config.log.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
