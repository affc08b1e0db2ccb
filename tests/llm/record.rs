//! How well does a real model read, and what does it get wrong? Asks the server at `base_url` about every document of
//! `tests/recordings`, keeps the answers there for the ordinary tests, and prints a table.
//!
//! Run by `./test llm`. Documents are frozen as read (`documents/`), so that a recorded answer stays an answer to the same words
//! when a reader of files changes; a new one is added, `--freeze` reads all again.

use anyhow::{Context, bail};
use podesk::app::eval::{self, compare};
use podesk::model::Company;
use podesk::model::{Draft, Sha256};
use podesk::reading::ReadingContext;
use podesk::reading::document::{self, Document, Limits};
use podesk::reading::extraction::{self, contract};
use podesk::reading::llm::{LlmReader, LlmSettings};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Labelled documents of `fixtures/orders` that have text of their own and no exact format.
const FIXTURES: [&str; 17] = [
    "blocks-without-a-table",
    "csv-with-commas",
    "discount-and-price-unit",
    "lakhs-and-rupees",
    "landscape-dutch",
    "lines-differ-in-date-only",
    "not-a-delivery-note",
    "not-a-quotation",
    "not-a-request-for-quotation",
    "not-an-acknowledgement",
    "plain-text",
    "sheet-with-other-columns",
    "totals-first-french",
    "two-identical-lines",
    "wrapped-text-spanish",
    "yen-without-decimals",
    "sixty-lines-four-pages",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recordings = root.join("tests/recordings");
    let frozen = recordings.join("documents");
    freeze(root, &recordings, &frozen, arguments.iter().any(|argument| argument == "--freeze"))?;
    let text = std::fs::read_to_string(recordings.join("settings.toml"))?;
    let mut settings: LlmSettings = toml::from_str(&text)?;
    #[expect(clippy::disallowed_methods, reason = "the job's own setting, not one of the program's")]
    if let Ok(url) = std::env::var("PODESK_LLM_URL") {
        settings.base_url = url;
    }
    let noted =
        arguments.iter().find(|argument| !argument.starts_with("--")).context("say which server and when, in one argument")?;
    let reader = LlmReader::recording(settings, None, recordings.join("answers"), noted)?;
    println!("{} with prompts {}", reader.settings().model, reader.prompt_version());
    println!("{:<30} {:>9} {:>9} {:>9}  {:<7} {:>13} {:>6}", "document", "layout", "model", "both", "asks", "tokens", "s");
    let mut sums = Sums::default();
    for name in names(&frozen)? {
        let stored: Value = serde_json::from_str(&std::fs::read_to_string(frozen.join(&name))?)?;
        let document: Document = serde_json::from_value(stored["document"].clone())?;
        let name = name.trim_end_matches(".json");
        sums.take(name, one(&reader, &document, name, &stored["truth"]).await);
    }
    println!("{sums}");
    if sums.wrong_unasked > 0 {
        bail!("{} documents have a wrong value that nobody is asked about", sums.wrong_unasked)
    }
    Ok(())
}

/// One document read by the layout reader, by the model alone, and by both.
struct Row {
    layout: eval::Result,
    model: Option<eval::Result>,
    both: eval::Result,
    why_none: String,
    tokens: (u64, u64),
    seconds: f32,
}

async fn one(reader: &LlmReader, document: &Document, name: &str, truth: &Value) -> Row {
    let context = context(name);
    let scored = |draft: &Draft| compare(name, &contract::to_json(name, &Sha256::of(name.as_bytes()), draft), truth);
    let first = extraction::read(document, &context);
    let start = Instant::now();
    let alone = reader.read(document, &context, &[], &first).await;
    let seconds = start.elapsed().as_secs_f32();
    // The second time the tape answers.
    let assisted = reader.assist(document, &context, &[], first.clone()).await;
    let usage = assisted.used.map(|used| used.usage).unwrap_or_default();
    Row {
        layout: scored(&first),
        model: alone.as_ref().ok().map(scored),
        both: scored(&assisted.draft),
        why_none: alone.err().map(|error| error.to_string()).unwrap_or_default(),
        tokens: (usage.tokens_in, usage.tokens_out),
        seconds,
    }
}

fn context(name: &str) -> ReadingContext {
    let company = Company { name: "Nordwerk Supply GmbH".into(), ..Company::default() };
    ReadingContext { company, received: Some(jiff::civil::date(2026, 11, 20)), title: name.to_owned() }
}

#[derive(Default)]
struct Sums {
    documents: usize,
    right: [usize; 3],
    compared: usize,
    exact: [usize; 3],
    unread: usize,
    asks: usize,
    wrong_unasked: usize,
    tokens: (u64, u64),
}

impl Sums {
    fn take(&mut self, name: &str, row: Row) {
        let right = |result: &eval::Result| result.compared.iter().filter(|compared| compared.right).count();
        let shown = |result: &eval::Result| {
            let kind = if result.kind_got == result.kind_expected { "" } else { "kind " };
            format!("{kind}{}/{}", right(result), result.compared.len())
        };
        let all = [Some(&row.layout), row.model.as_ref(), Some(&row.both)];
        for (place, result) in all.into_iter().enumerate() {
            self.right[place] += result.map_or(0, right);
            self.exact[place] += usize::from(result.is_some_and(eval::Result::is_exact));
        }
        self.documents += 1;
        self.compared += row.layout.compared.len();
        self.unread += usize::from(row.model.is_none());
        self.asks += usize::from(row.both.needs_review);
        self.tokens = (self.tokens.0 + row.tokens.0, self.tokens.1 + row.tokens.1);
        self.wrong_unasked += usize::from(row.both.is_false_accept());
        println!(
            "{name:<30} {:>9} {:>9} {:>9}  {:<7} {:>13} {:>6.0}  {}",
            shown(&row.layout),
            row.model.as_ref().map_or("-".to_owned(), shown),
            shown(&row.both),
            if row.both.needs_review { "asks" } else { "" },
            format!("{} + {}", row.tokens.0, row.tokens.1),
            row.seconds,
            row.why_none
        );
    }
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [layout, model, both] = self.right;
        writeln!(f, "{:<30} {layout:>9} {model:>9} {both:>9}  of {} values", "all", self.compared)?;
        writeln!(
            f,
            "{:<30} {:>9} {:>9} {:>9}  of {} documents",
            "exact", self.exact[0], self.exact[1], self.exact[2], self.documents
        )?;
        write!(
            f,
            "{} without an answer of use; {} asked about; {} wrong and not asked about; {} + {} tokens",
            self.unread, self.asks, self.wrong_unasked, self.tokens.0, self.tokens.1
        )
    }
}

/// Reads the documents that are new, or all, and keeps their words and what a person says is in them.
fn freeze(root: &Path, recordings: &Path, frozen: &Path, all: bool) -> anyhow::Result<()> {
    std::fs::create_dir_all(frozen)?;
    let mut folders: Vec<PathBuf> = FIXTURES.iter().map(|name| root.join("fixtures/orders").join(name)).collect();
    for own in names(&recordings.join("sources"))? {
        folders.push(recordings.join("sources").join(own));
    }
    for folder in folders {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kept = frozen.join(format!("{name}.json"));
        if kept.exists() && !all {
            continue;
        }
        let file = names(&folder)?.into_iter().find(|file| file.starts_with("document.")).context("no document")?;
        let mut document = document::read(&std::fs::read(folder.join(&file))?, &file, &Limits::default());
        document.embedded.clear();
        let truth: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json"))?)?;
        let text = serde_json::to_string(&json!({ "truth": truth, "document": document }))?;
        std::fs::write(kept, text + "\n")?;
    }
    Ok(())
}

fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut names: Vec<String> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<std::io::Result<_>>()?;
    names.sort();
    Ok(names)
}
