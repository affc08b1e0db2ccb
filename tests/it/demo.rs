//!
//! Does the demo come out as a careful clerk would have it? The real program over the demo's mails, in a data folder of the test's
//! own; then every mail's record against `fixtures/demo/expected.tsv`. Each mail is compared; the failures are listed together.

use podesk::model::{OrderNumber, Sha256};
use podesk::store::{Db, MessageRecord, Outcome, StoreSettings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A row of `expected.tsv`.
struct Expected {
    mail: String,
    /// Any of them is right.
    outcomes: Vec<String>,
    po_numbers: BTreeSet<String>,
    /// Each must be among the mail's reasons.
    reasons: Vec<String>,
}

#[tokio::test]
async fn every_mail_of_the_demo_comes_out_as_a_clerk_would_have_it() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let printed = run_demo(data.path());
    let db = Db::open(&StoreSettings::default(), data.path()).await.expect("the demo leaves a database");
    let expected = expected();
    assert_eq!(expected.len(), mails().len(), "expected.tsv has a row for each mail");
    let mut wrong = Vec::new();
    let mut placed = BTreeSet::new();
    for row in &expected {
        let bytes = std::fs::read(folder().join("mails").join(&row.mail)).unwrap_or_else(|e| panic!("{}: {e}", row.mail));
        let record = db.message(&Sha256::of(&bytes)).await.expect("the database answers");
        let Some(record) = record else {
            wrong.push(format!("{}: it has no record", row.mail));
            continue;
        };
        wrong.extend(differences(&db, row, &record).await.into_iter().map(|what| format!("{}: {what}", row.mail)));
        if record.outcome == Some(Outcome::OrderPlaced) {
            placed.extend(record.orders.iter().cloned());
        }
        let name = row.mail.trim_end_matches(".eml");
        if printed.lines().filter(|line| line.split_whitespace().next() == Some(name)).count() != 1 {
            wrong.push(format!("{name}: the summary has no row for it"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} mails differ:\n{}\n\n{printed}", wrong.len(), expected.len(), wrong.join("\n"));
    let written = confirmations(data.path());
    assert_eq!(written.len(), placed.len(), "one confirmation for each order: {placed:?}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

fn mails() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("mails")).expect("the demo has mails");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

fn expected() -> Vec<Expected> {
    let text = std::fs::read_to_string(folder().join("expected.tsv")).expect("the demo says what to expect");
    let cells = |cell: &str, sign| cell.split(sign).filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    text.lines()
        .skip(1)
        .map(|line| {
            let row: Vec<&str> = line.split('\t').collect();
            assert!(row.len() >= 4, "a row has a mail, an outcome, numbers and reasons: {line}");
            Expected {
                mail: row[0].to_owned(),
                outcomes: cells(row[1], '|'),
                po_numbers: cells(row[2], ';').into_iter().collect(),
                reasons: cells(row[3], ';'),
            }
        })
        .collect()
}

/// What the program printed. It must end well.
fn run_demo(data: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podesk"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("--data")
        .arg(data)
        .args(["demo", "--no-serve"])
        .output()
        .expect("the program starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}

async fn differences(db: &Db, row: &Expected, record: &MessageRecord) -> Vec<String> {
    let mut wrong = Vec::new();
    let outcome = record.outcome.map_or("unfinished", Outcome::as_str);
    if !row.outcomes.iter().any(|wanted| wanted == outcome) {
        wrong.push(format!("outcome {outcome}, not {} ({})", row.outcomes.join(" or "), record.why));
    }
    let reasons: Vec<&str> = record.reasons.iter().map(|code| code.as_str()).collect();
    for reason in row.reasons.iter().filter(|reason| !reasons.contains(&reason.as_str())) {
        wrong.push(format!("{reason} is not among the reasons {reasons:?}"));
    }
    // An empty cell says nothing about numbers.
    let read = numbers_of(db, record).await;
    // `8374765 OP`: the type of order behind a number may stay with it.
    let numbers: BTreeSet<String> = read.iter().map(|number| number.trim_end_matches(" OP").to_owned()).collect();
    if !row.po_numbers.is_empty() && numbers != row.po_numbers {
        wrong.push(format!("purchase orders {numbers:?}, not {:?}", row.po_numbers));
    }
    wrong
}

/// The numbers on the orders and cases that came of a mail.
async fn numbers_of(db: &Db, record: &MessageRecord) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for number in &record.orders {
        numbers.extend(number_of_order(db, number).await);
    }
    for number in &record.cases {
        let case = db.case(number).await.expect("the database answers").expect("a case that a record names is there");
        numbers.extend(case.draft.iter().flat_map(|draft| &draft.orders).filter_map(|order| order.po_number.value().cloned()));
    }
    numbers
}

async fn number_of_order(db: &Db, number: &OrderNumber) -> Option<String> {
    db.order(number).await.expect("the database answers").map(|order| order.purchase_order.po_number.value)
}

fn confirmations(data: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(data.join("outbox")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("the outbox can be read").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect()
}
