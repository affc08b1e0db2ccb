//! Holds the rules of ARCHITECTURE.md by reading the source: rooms, fences, purity, file habits, and which crates may come in.
//!
//! Each rule is a function from a file to complaints, and each is shown here to complain about a file that breaks it.

use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// In the order in which an order travels; a room uses itself and the rooms before it.
const ROOMS: [&str; 8] = ["model", "intake", "reading", "deciding", "orders", "outbound", "store", "app"];

/// Crates that speak to the world or open hostile files, and the only places that may name them.
const FENCES: [(&str, &[&str]); 21] = [
    ("async_imap", &["intake"]),
    ("mail_parser", &["intake"]),
    ("hayro", &["reading/document/pdf"]),
    ("hayro_interpret", &["reading/document/pdf"]),
    ("hayro_syntax", &["reading/document/pdf"]),
    ("lopdf", &["reading/document/pdf"]),
    ("pdf_extract", &["reading/document/pdf"]),
    ("calamine", &["reading/document", "app/import"]),
    ("quick_xml", &["reading"]),
    ("scraper", &["reading/document", "intake"]),
    ("zip", &["reading/document", "intake/mime"]),
    ("landlock", &["reading/confined"]),
    ("seccompiler", &["reading/confined"]),
    ("async_openai", &["reading/llm"]),
    ("reqwest", &["reading/llm"]),
    ("lettre", &["outbound"]),
    ("sqlx", &["store"]),
    ("axum", &["app/web"]),
    ("tower_http", &["app/web"]),
    ("maud", &["app/web"]),
    ("argon2", &["app/web"]),
];

/// Rooms and folders that only compute: they get time, identifiers and settings as arguments.
const PURE: [&str; 4] = ["model", "deciding", "orders", "reading"];
/// The rim of `reading`: the language model's client, the confined child process with its OCR call.
const NOT_PURE: [&str; 2] = ["reading/llm", "reading/confined"];

const IMPURE: [&str; 12] = [
    "async fn",
    "tokio::",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "getrandom",
    "println!",
];

const MAX_LINES: usize = 700;
const BANNED_NAMES: [&str; 5] = ["utils", "util", "helpers", "common", "manager"];

static DIRECT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate::([a-z_]+)").expect("valid"));
static BRACED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate::\{").expect("valid"));
static SQL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)"\s*(select\s[^"]*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+table\s)"#)
        .expect("valid")
});

/// A source file with the parts that rules ask for.
struct Source {
    /// Below `src`, with `/`: `reading/llm/client.rs`.
    path: String,
    text: String,
    /// Without comments.
    code: String,
    /// `code` without the tests at its foot.
    program: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let code: String = text.lines().map(without_comment).collect::<Vec<_>>().join("\n");
        let program = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
        Self { path: path.into(), text: text.into(), code, program }
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/') || rest == ".rs"))
    }

    fn room(&self) -> Option<usize> {
        ROOMS.iter().position(|room| self.is_in(&[room]))
    }
}

/// The line up to `//`, unless that stands inside a string (`"https://..."`).
fn without_comment(line: &str) -> &str {
    let is_outside = |at: usize| line[..at].matches('"').count().is_multiple_of(2);
    line.match_indices("//").find(|(at, _)| is_outside(*at)).map_or(line, |(at, _)| &line[..at])
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut |path| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).expect("source is UTF-8");
            let below = path.strip_prefix(&root).expect("we walk below the root").to_string_lossy().replace('\\', "/");
            found.push(Source::new(&below, &text));
        }
    });
    assert!(found.len() > 30, "the walk found only {} files", found.len());
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// Rooms named by `crate::room` and `crate::{room::…, room::…}`.
fn rooms_used(code: &str) -> BTreeSet<&'static str> {
    let mut names: Vec<String> = DIRECT.captures_iter(code).map(|captures| captures[1].to_owned()).collect();
    for start in BRACED.find_iter(code) {
        names.extend(first_names(&code[start.end()..]));
    }
    ROOMS.iter().copied().filter(|room| names.iter().any(|name| name == room)).collect()
}

/// The first path segment of each item of a `{a::b, c::{d, e}}` list whose opening brace was read already.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut word) = (1, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(std::mem::take(&mut word)),
            c if depth == 1 => word.push(c),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.push(word);
    names.iter().map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()).collect()
}

fn imports_only_upward(source: &Source) -> Vec<String> {
    let Some(own) = source.room() else { return Vec::new() };
    let later = |room: &&str| ROOMS.iter().position(|r| r == room).is_some_and(|index| index > own);
    rooms_used(&source.code).into_iter().filter(later).map(|room| format!("uses `crate::{room}`, a later room")).collect()
}

fn stays_inside_fences(source: &Source) -> Vec<String> {
    let is_named = |name: &str| has_word(&source.code, &format!("{name}::")) || has_word(&source.code, &format!("use {name}"));
    FENCES
        .iter()
        .filter(|(name, homes)| is_named(name) && !source.is_in(homes))
        .map(|(name, homes)| format!("names `{name}`, whose home is {homes:?}"))
        .collect()
}

fn pure_rooms_only_compute(source: &Source) -> Vec<String> {
    if !source.is_in(&PURE) || source.is_in(&NOT_PURE) {
        return Vec::new();
    }
    IMPURE.iter().filter(|words| has_word(&source.program, words)).map(|words| format!("is pure but says `{words}`")).collect()
}

/// Whether the words stand in the code as a path of their own: `lopdf::` but neither `my_lopdf::` nor `crate::lopdf::`.
fn has_word(code: &str, words: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.match_indices(words).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + words.len()..]);
        let ends = words.ends_with(':') || !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        !before.ends_with(is_part) && ends
    })
}

fn sql_stays_in_the_store(source: &Source) -> Vec<String> {
    if source.is_in(&["store"]) {
        return Vec::new();
    }
    SQL.find_iter(&source.code).map(|found| format!("writes SQL: {}", found.as_str())).collect()
}

fn keeps_file_habits(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    let first = source.text.lines().next().unwrap_or_default();
    if !first.starts_with("//! ") || first.len() < 20 {
        complaints.push("does not begin with a `//!` line that says which question it answers".to_owned());
    }
    let lines = source.text.lines().count();
    if lines > MAX_LINES {
        complaints.push(format!("has {lines} lines; {MAX_LINES} is the limit, 50 to 400 the habit"));
    }
    let names = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    complaints
        .extend(names.filter(|name| BANNED_NAMES.contains(name)).map(|name| format!("is called `{name}`, which says nothing")));
    complaints
}

type Rule = fn(&Source) -> Vec<String>;

fn hold(rule: Rule) {
    let complaints: Vec<String> = sources()
        .iter()
        .flat_map(|source| rule(source).into_iter().map(move |complaint| format!("src/{} {complaint}", source.path)))
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn rooms_import_only_upward() {
    hold(imports_only_upward);
}

#[test]
fn crates_stay_inside_their_fences() {
    hold(stays_inside_fences);
}

#[test]
fn pure_rooms_have_no_clock_files_or_network() {
    hold(pure_rooms_only_compute);
}

#[test]
fn only_the_store_writes_sql() {
    hold(sql_stays_in_the_store);
}

#[test]
fn files_say_what_they_answer_and_stay_small() {
    hold(keeps_file_habits);
}

#[test]
fn rules_complain_when_they_are_broken() {
    let broken: [(Rule, &str, &str); 14] = [
        (imports_only_upward, "model/price.rs", "use crate::orders::Order;"),
        (imports_only_upward, "orders/plan.rs", "use crate::{model::Sku, store::{Db, Tx}};"),
        (imports_only_upward, "intake/mod.rs", "fn f() { crate::app::go() }"),
        (stays_inside_fences, "orders/plan.rs", "use sqlx::Row;"),
        (stays_inside_fences, "app/cli.rs", "let page = axum::Router::new();"),
        (stays_inside_fences, "reading/document/sniff.rs", "lopdf::Document::load_mem(bytes)"),
        (pure_rooms_only_compute, "deciding/decision.rs", "pub async fn decide() {}"),
        (pure_rooms_only_compute, "reading/document/mod.rs", "let text = std::fs::read(path);"),
        (sql_stays_in_the_store, "app/web/queue.rs", r#"db.query("SELECT number FROM cases")"#),
        (sql_stays_in_the_store, "app/web/queue.rs", "q(\"delete from cases where 1 = 1\")"),
        (keeps_file_habits, "model/price.rs", "use std::fmt;"),
        (keeps_file_habits, "model/utils.rs", "//! What does nobody know how to name?"),
        (keeps_file_habits, "store/manager/mod.rs", "//! What does nobody know how to name?"),
        (keeps_file_habits, "model/price.rs", &format!("//! A file without an end in sight.\n{}", "\n".repeat(MAX_LINES))),
    ];
    for (rule, path, text) in broken {
        assert!(
            !rule(&Source::new(path, text)).is_empty(),
            "no complaint about src/{path}: {}",
            text.lines().next().unwrap_or_default()
        );
    }
    let sound: [(Rule, &str, &str); 7] = [
        (imports_only_upward, "orders/plan.rs", "use crate::{deciding::{store_like}, model::Sku};"),
        (imports_only_upward, "model/price.rs", "// crate::app is where this ends up"),
        (stays_inside_fences, "store/orders.rs", "use sqlx::Row;"),
        (stays_inside_fences, "app/web/mod.rs", "use axum::Router;"),
        (pure_rooms_only_compute, "reading/llm/client.rs", "async fn ask() {}"),
        (pure_rooms_only_compute, "model/price.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }"),
        (sql_stays_in_the_store, "app/cli.rs", r#"println!("choose an order from the list")"#),
    ];
    for (rule, path, text) in sound {
        assert_eq!(rule(&Source::new(path, text)), Vec::<String>::new(), "src/{path}: {text}");
    }
}

#[test]
fn the_library_lists_its_rooms_in_order() {
    let library = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("readable");
    let modules: Vec<&str> =
        library.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules, ROOMS);
}

#[test]
fn the_architecture_fits_a_sitting() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("ARCHITECTURE.md exists");
    assert!(text.lines().count() < 150, "{} lines", text.lines().count());
    for room in ROOMS {
        assert!(text.contains(&format!("`{room}")), "ARCHITECTURE.md does not say what `{room}` is");
    }
}

/// The part of `deny.toml` that is held here.
#[derive(serde::Deserialize)]
struct DenyFile {
    licenses: Licenses,
    bans: Bans,
}

#[derive(serde::Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(serde::Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(serde::Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// Whether an SPDX expression can be satisfied with allowed licences. `/` is the old way to write `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ").replace(" WITH ", "\u{1}");
    let words: Vec<String> = spaced.split_whitespace().map(|word| word.replace('\u{1}', " WITH ")).collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) && rest.is_empty()
}

fn either(words: &mut &[String], allowed: &BTreeSet<String>) -> bool {
    let mut fine = both(words, allowed);
    while words.first().is_some_and(|word| word == "OR") {
        *words = &words[1..];
        fine |= both(words, allowed);
    }
    fine
}

fn both(words: &mut &[String], allowed: &BTreeSet<String>) -> bool {
    let mut fine = one(words, allowed);
    while words.first().is_some_and(|word| word == "AND") {
        *words = &words[1..];
        fine &= one(words, allowed);
    }
    fine
}

fn one(words: &mut &[String], allowed: &BTreeSet<String>) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if first != "(" {
        return allowed.contains(first);
    }
    let fine = either(words, allowed);
    *words = words.get(1..).unwrap_or_default();
    fine
}

#[test]
fn every_crate_has_an_allowed_licence_and_none_is_banned() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules: DenyFile =
        toml::from_str(&std::fs::read_to_string(root.join("deny.toml")).expect("readable")).expect("deny.toml is TOML");
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .output()
        .expect("cargo runs the tests");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    assert!(packages.len() > 100);
    let mut complaints = Vec::new();
    for package in packages {
        let (name, license) = (package["name"].as_str().unwrap_or_default(), package["license"].as_str().unwrap_or_default());
        if !is_allowed(license, &rules.licenses.allow) {
            complaints.push(format!("{name}: licence `{license}` is not in deny.toml"));
        }
        complaints
            .extend(rules.bans.deny.iter().filter(|ban| ban.name == name).map(|ban| format!("{name} is banned: {}", ban.reason)));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned(), "Unicode-3.0".to_owned()]);
    for (expression, expected) in [
        ("MIT", true),
        ("AGPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("GPL-2.0 OR MIT", true),
        ("GPL-2.0 AND MIT", false),
        ("(GPL-2.0 OR MIT) AND Unicode-3.0", true),
        ("GPL-2.0 OR MIT AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
