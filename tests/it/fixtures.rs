//! Are the committed fixtures what their generator draws, and does every demo mail say what is expected of it?

use crate::servers;
use podesk::model::Code;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The contract's outcomes (`ingest --json`).
const OUTCOMES: [&str; 8] =
    ["order_placed", "order_changed", "order_cancelled", "review", "question", "duplicate", "ignored", "failed"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// All files below a folder: path from there, and bytes.
fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn the_generator_draws_the_committed_files_again() {
    let drawn = tempfile::tempdir().expect("a temporary folder");
    let output =
        Command::new(servers::python()).arg(fixtures().join("generate.py")).arg(drawn.path()).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for part in ["demo", "orders"] {
        let (committed, drawn) = (files_below(&fixtures().join(part)), files_below(&drawn.path().join(part)));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&committed), names(&drawn), "run fixtures/generate.py and commit what it draws");
        let differing: Vec<&String> =
            committed.iter().filter(|(name, bytes)| drawn[*name] != **bytes).map(|(name, _)| name).collect();
        assert!(differing.is_empty(), "run fixtures/generate.py and commit what it draws: {differing:?}");
    }
}

#[test]
fn every_demo_mail_has_an_expectation_in_the_contracts_words() {
    let mails: BTreeSet<String> = files_below(&fixtures().join("demo/mails")).into_keys().collect();
    let text = std::fs::read_to_string(fixtures().join("demo/expected.tsv")).expect("readable");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let named: BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(mails, named);
    assert!(mails.len() >= 34, "{} mails", mails.len());
    for row in &rows {
        let [mail, outcomes, numbers, reasons, why] = row[..] else { panic!("five columns: {row:?}") };
        assert!(outcomes.split('|').all(|outcome| OUTCOMES.contains(&outcome)), "{mail}: {outcomes}");
        let known = |reason: &str| Code::ALL.iter().any(|code| code.as_str() == reason);
        assert!(reasons.split(';').filter(|reason| !reason.is_empty()).all(known), "{mail}: {reasons}");
        assert!(!why.is_empty() && (outcomes != "order_placed" || !numbers.is_empty()), "{mail}");
    }
    let placed = rows.iter().filter(|row| row[1] == "order_placed").count();
    assert!(placed >= 14, "{placed} mails are clean orders");
}

#[test]
fn fixtures_stay_small() {
    let bytes: usize =
        ["demo", "orders"].iter().flat_map(|part| files_below(&fixtures().join(part)).into_values()).map(|bytes| bytes.len()).sum();
    assert!(bytes < 4_000_000, "{bytes} bytes");
}
