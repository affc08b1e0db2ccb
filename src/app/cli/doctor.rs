//! `podesk doctor`: is everything there that the desk needs? Touches the world, changes nothing, prints no secret.

use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done, open, start_log};
use crate::app::clock::Clock;
use crate::app::config::{self, Config};
use crate::app::flow::Desk;
use crate::intake::imap::Connection;
use crate::outbound::{Route, smtp};
use crate::reading::llm::Ask;
use anyhow::Context;

/// One line of the report.
struct Line {
    what: &'static str,
    state: State,
    note: String,
}

enum State {
    Good,
    Off,
    Bad,
}

pub async fn run(common: &Common) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, false);
    let mut lines = vec![Line { what: "configuration", state: State::Good, note: "read without a complaint".into() }];
    match open(config.clone(), Clock::System).await {
        Ok(desk) => {
            lines.push(Line { what: "database", state: State::Good, note: desk.db.kind().to_owned() });
            lines.push(master_data(&desk).await);
        }
        Err(error) => lines.push(Line { what: "database", state: State::Bad, note: format!("{error:#}") }),
    }
    lines.push(company(&config));
    lines.push(mailbox(&config).await);
    lines.push(mail_out(&config).await);
    lines.push(language_model(&config).await);
    lines.extend(parsing(&config).await?);
    let bad = lines.iter().any(|line| matches!(line.state, State::Bad));
    print(common, lines);
    Ok(if bad { Done::WithProblem } else { Done::Well })
}

async fn parsing(config: &Config) -> anyhow::Result<Vec<Line>> {
    let parser = config.reading.parser(std::env::current_exe()?);
    let ocr = match parser.ocr_program() {
        Some(program) => Line { what: "OCR", state: State::Good, note: program.display().to_string() },
        None => Line { what: "OCR", state: State::Off, note: "no tesseract; scans become questions".into() },
    };
    let confinement = match parser.confinement_level().await {
        Ok(note) => Line { what: "document sandbox", state: State::Good, note },
        Err(note) => Line { what: "document sandbox", state: State::Bad, note },
    };
    Ok(vec![ocr, confinement])
}

async fn master_data(desk: &Desk) -> Line {
    match desk.master().await {
        Ok(master) if master.products.is_empty() || master.customers.is_empty() => Line {
            what: "master data",
            state: State::Bad,
            note: "no products or no customers; `podesk import DIR` brings them".into(),
        },
        Ok(master) => {
            let note =
                format!("{} products, {} customers, {} nodes", master.products.len(), master.customers.len(), master.nodes.len());
            Line { what: "master data", state: State::Good, note }
        }
        Err(error) => Line { what: "master data", state: State::Bad, note: error.to_string() },
    }
}

fn company(config: &Config) -> Line {
    if config.company.name.is_empty() {
        let note = "`company.name` is empty: our own papers cannot be told from a customer's";
        return Line { what: "company", state: State::Bad, note: note.into() };
    }
    Line { what: "company", state: State::Good, note: config.company.name.clone() }
}

async fn mailbox(config: &Config) -> Line {
    let settings = &config.mailbox;
    if settings.host.is_empty() {
        return Line { what: "mailbox", state: State::Off, note: "`mailbox.host` is empty".into() };
    }
    let tried = async {
        let password = config::mailbox_secret(settings).await?;
        let mut mailbox = Connection::open(settings, password).await?;
        let selected = mailbox.select(&settings.folder).await?;
        mailbox.close().await;
        anyhow::Ok(format!("{} mails in {}", selected.exists, settings.folder))
    };
    match tried.await {
        Ok(note) => Line { what: "mailbox", state: State::Good, note },
        Err(error) => Line { what: "mailbox", state: State::Bad, note: format!("{error:#}") },
    }
}

async fn mail_out(config: &Config) -> Line {
    if config.outbound.confirmation == Route::Draft && config.mailbox.host.is_empty() {
        let note = "`outbound.confirmation` is \"draft\" and there is no mailbox to leave drafts in: confirmations wait";
        return Line { what: "confirmations", state: State::Bad, note: note.into() };
    }
    if config.outbound.confirmation != Route::Send {
        return Line { what: "SMTP", state: State::Off, note: "not used: confirmations are drafts or files".into() };
    }
    let tried = async {
        let password = config::secret("smtp", &config.smtp.password_env, config.smtp.password_file.as_deref()).ok();
        smtp::probe(&config.smtp, password.as_ref()).await.map_err(anyhow::Error::msg)
    };
    match tried.await {
        Ok(()) => Line { what: "SMTP", state: State::Good, note: config.smtp.host.clone() },
        Err(error) => Line { what: "SMTP", state: State::Bad, note: format!("{error:#}") },
    }
}

/// Asks it one word: the only way to know that address, model and key belong together.
async fn language_model(config: &Config) -> Line {
    let (what, settings) = ("language model", &config.llm);
    if settings.base_url.is_empty() {
        return Line { what, state: State::Off, note: "not configured; open questions go to people".into() };
    }
    if settings.ask == Ask::Never {
        return Line { what, state: State::Off, note: "`llm.ask` is \"never\"".into() };
    }
    let tried = async {
        let model = super::model(config)?.context("no model")?;
        model.reader.check().await?;
        anyhow::Ok(format!("{} at {} answers; prompts {}", settings.model, settings.base_url, model.reader.prompt_version()))
    };
    match tried.await {
        Ok(note) => Line { what, state: State::Good, note },
        Err(error) => Line { what, state: State::Bad, note: format!("{error:#}") },
    }
}

fn print(common: &Common, lines: Vec<Line>) {
    let word = |state: &State| match state {
        State::Good => "good",
        State::Off => "off",
        State::Bad => "BAD",
    };
    if common.json {
        for line in lines {
            say_json(serde_json::json!({ "check": line.what, "state": word(&line.state).to_lowercase(), "note": line.note }));
        }
        return;
    }
    let rows: Vec<Vec<String>> =
        lines.into_iter().map(|line| vec![line.what.to_owned(), word(&line.state).to_owned(), line.note]).collect();
    say(table(&["check", "", "note"], &rows));
}
