//! The command line as people and scripts use it, through the real program: exit codes, what is said where, and the review queue and
//! orders from end to end.

use super::servers::Postgres;
use super::world::{World, order_mail, order_mail_from};
use podesk::store::Outcome;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The program in an empty folder with the given environment, without settings of its own.
fn bare(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podesk"));
    command.current_dir(folder).args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    command.output().expect("the program starts")
}

/// A world that writes its confirmations into a folder.
fn world() -> World {
    World::new("[outbound]\nconfirmation = \"folder\"\n")
}

/// Runs a command that must end well, and gives what it said.
fn said(world: &World, arguments: &[&str]) -> String {
    let output = world.podesk(arguments);
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must be refused with this code, and gives its one sentence.
fn refused(world: &World, code: i32, arguments: &[&str]) -> String {
    let output = world.podesk(arguments);
    let sentence = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {sentence}");
    assert_eq!(sentence.lines().count(), 1, "{arguments:?}: {sentence}");
    assert!(sentence.starts_with("podesk: "), "{arguments:?}: {sentence}");
    sentence
}

/// Takes one mail in and gives the contract's object for it.
fn ingest(world: &World, name: &str, mail: &[u8]) -> Value {
    let file = world.path().join(name);
    std::fs::write(&file, mail).expect("a mail is written");
    let said = said(world, &["ingest", "--json", &file.display().to_string()]);
    assert_eq!(said.lines().count(), 1, "one object a message: {said}");
    serde_json::from_str(&said).expect("JSON")
}

fn json(world: &World, arguments: &[&str]) -> Value {
    let said = said(world, &[arguments, &["--json"]].concat());
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
}

/// A mail from an address that the customer's record does not know: a question.
fn strange_mail(po_number: &str, quantity: u32) -> Vec<u8> {
    order_mail_from("stranger@elsewhere.example", po_number, quantity, "")
}

#[test]
fn wrong_usage_and_settings_are_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("bad.toml"), "[web]\nlisten = \"127.0.0.1:0\"\nlissten = 3\n").expect("written");
    std::fs::write(folder.path().join("typed.toml"), "[service]\nworkers = \"many\"\n").expect("written");
    type Case = (i32, &'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 17] = [
        (2, &[], &["--config", "bad.toml", "stock"], &["bad.toml", "line 3", "lissten"]),
        (2, &[], &["stock", "--config", "bad.toml"], &["bad.toml", "line 3", "lissten"]),
        (2, &[], &["--config", "typed.toml", "doctor"], &["typed.toml", "line 2", "many"]),
        (2, &[], &["--config", "none.toml", "order", "list"], &["none.toml"]),
        (2, &[("PODESK_WEB__LISTN", "x")], &["stock"], &["PODESK_WEB__LISTN", "listn"]),
        (2, &[("PODESK_WOB__LISTEN", "x")], &["stock"], &["PODESK_WOB__LISTEN", "wob"]),
        (2, &[("PODESK_SERVICE__WORKERS", "many")], &["serve"], &["PODESK_SERVICE__WORKERS", "many"]),
        (2, &[("PODESK_STORE__URL", "mysql://db/x")], &["stock"], &["store.url", "mysql"]),
        (2, &[("PODESK_LOG__FILTER", "a=b=c")], &["stock"], &["log.filter"]),
        (
            2,
            &[("PODESK_LLM__BASE_URL", "http://127.0.0.1:9/v1"), ("PODESK_LLM__API_KEY_ENV", "NO_KEY_HERE")],
            &["stock"],
            &["[llm]", "NO_KEY_HERE"],
        ),
        (2, &[], &["import", "produkts", "x.csv"], &["produkts", "products"]),
        (2, &[], &["review", "correct", "R-000001", "quantity"], &["FIELD=VALUE"]),
        (1, &[], &["order", "show", "so-000009"], &["SO-000009"]),
        (1, &[], &["order", "cancel", "so-000009", "--reason", "x"], &["SO-000009"]),
        (1, &[], &["review", "show", "r-000009"], &["R-000009"]),
        (1, &[], &["extract", "none.pdf", "--json"], &["none.pdf"]),
        (1, &[("PODESK_WEB__LISTEN", "nowhere")], &["serve"], &["nowhere", "web.listen"]),
    ];
    for (code, environment, arguments, words) in cases {
        let output = bare(folder.path(), environment, arguments);
        let sentence = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {sentence}");
        assert_eq!(sentence.lines().count(), 1, "{arguments:?}: {sentence}");
        for word in words {
            assert!(sentence.contains(word), "{arguments:?}: `{word}` in {sentence}");
        }
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    }
}

#[test]
fn what_the_parser_of_arguments_refuses_is_wrong_usage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [&["ingest"] as &[&str], &["nonsense"], &["order"], &["review", "reject", "R-1"], &["order", "hold", "SO-1"]] {
        let output = bare(folder.path(), &[], arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(bare(folder.path(), &[], &["--help"]).status.code(), Some(0));
}

#[test]
fn common_options_work_before_and_after_the_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [&["--data", "d1", "order", "list"] as &[&str], &["order", "list", "--data", "d1", "-v", "--json"]] {
        let output = bare(folder.path(), &[], arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    assert!(folder.path().join("d1/podesk.db").is_file());
    let output = bare(folder.path(), &[("PODESK_DATA__DIR", "d2")], &["stock"]);
    assert!(output.status.success() && folder.path().join("d2/podesk.db").is_file());
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [&["order", "list"] as &[&str], &["stock", "--json"], &["doctor"], &["order", "show", "SO-1"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podesk"));
        command.current_dir(folder.path()).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        drop((child.stdout.take(), child.stderr.take()));
        let code = child.wait().expect("it ends").code();
        assert!(matches!(code, Some(0 | 1)), "{arguments:?}: {code:?}");
    }
}

#[test]
fn a_taken_port_is_an_error_that_names_it() {
    let world = World::new("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = bare(world.path(), &[("PODESK_WEB__LISTEN", &address)], &["--config", "agent.toml", "serve"]);
    let sentence = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{sentence}");
    assert!(sentence.contains(&address) && sentence.contains("web.listen"), "{sentence}");
}

#[test]
fn a_mail_taken_in_twice_is_one_order() {
    let world = world();
    let mail = order_mail("PO-1", 10);
    let first = ingest(&world, "one.eml", &mail);
    assert_eq!((&first["outcome"], &first["orders"][0]), (&"order_placed".into(), &"SO-000001".into()), "{first}");
    assert_eq!(first["drafts"][0]["to"], "einkauf@muster.example", "{first}");
    let keys: Vec<&str> = first.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    let again = ingest(&world, "two.eml", &mail);
    assert_eq!((&again["outcome"], &again["reasons"][0]), (&"duplicate".into(), &"SAME_MAIL_AGAIN".into()), "{again}");
    assert_eq!((&again["message"], &again["drafts"]), (&first["message"], &Value::Array(Vec::new())), "{again}");
    let resent = ingest(&world, "three.eml", &order_mail_from("einkauf@muster.example", "PO-1", 10, "X-Resent: yes\r\n"));
    assert_eq!((&resent["outcome"], &resent["reasons"][0]), (&"duplicate".into(), &"DUPLICATE_ORDER".into()), "{resent}");
    assert_eq!(world.orders().len(), 1);
    assert_eq!(std::fs::read_dir(world.path().join("data/outbox")).expect("an outbox").count(), 1);
}

#[test]
fn what_failed_is_tried_again_when_it_is_taken_in_again() {
    let world = world();
    let file = world.path().join("broken.eml");
    std::fs::write(&file, b"").expect("a file is written");
    for _ in 0..2 {
        let output = world.podesk(&["ingest", "--json", &file.display().to_string()]);
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            (output.status.code(), &told["outcome"], &told["reasons"][0]),
            (Some(1), &"failed".into(), &"BROKEN_MAIL".into())
        );
    }
}

#[test]
fn an_order_that_nobody_can_be_told_of_is_a_question() {
    let world = world();
    let told = ingest(&world, "one.eml", &order_mail_from("ein kauf@muster.example", "PO-1", 10, ""));
    assert_eq!((&told["outcome"], &told["reasons"][0]), (&"question".into(), &"PROCESSING_FAILED".into()), "{told}");
    assert!(world.orders().is_empty(), "nothing of it was carried out");
    assert_eq!(world.stock_drift(), 0);
}

#[test]
fn a_mail_is_done_with_when_its_last_case_is_decided() {
    let world = world();
    let told = ingest(&world, "one.eml", &strange_mail("PO-1", 10));
    assert_eq!(told["outcome"], "review");
    said(&world, &["review", "reject", "R-000001", "--reason", "not a customer"]);
    let outcomes: Vec<_> = world.messages().into_iter().map(|message| message.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Ignored)]);
}

#[test]
fn a_case_is_corrected_and_approved() {
    let world = world();
    let asked = ingest(&world, "mail.eml", &strange_mail("PO-7", 10));
    assert_eq!((&asked["outcome"], &asked["review"][0]), (&"review".into(), &"R-000001".into()), "{asked}");
    assert!(said(&world, &["review", "list"]).contains("R-000001"));
    assert!(said(&world, &["review", "show", "r-000001"]).contains("/orders/0/lines/0/quantity"));

    let wrong = refused(&world, 1, &["review", "correct", "R-000001", "/orders/0/lines/0/quantity=1,000"]);
    assert!(wrong.contains("/orders/0/lines/0/quantity") && wrong.contains("1,000"), "{wrong}");
    let wrong = refused(&world, 1, &["review", "correct", "R-000001", "/orders/0/colour=red"]);
    assert!(wrong.contains("no such field"), "{wrong}");
    assert_eq!(json(&world, &["review", "show", "R-000001"])["corrections"], Value::Array(Vec::new()), "nothing was kept of it");

    let answers = [
        "/orders/0/lines/0/quantity=20",
        "/orders/0/lines/0/line_total=84",
        "/orders/0/subtotal=84",
        "/orders/0/total=84",
        "/orders/0/customer=MUSTER",
    ];
    let case = json(&world, &[&["review", "correct", "R-000001"] as &[&str], &answers].concat());
    assert_eq!(case["state"], "open", "an answer alone places nothing");
    assert!(world.orders().is_empty());
    let case = json(&world, &["review", "assign", "R-000001", "eva"]);
    assert_eq!(case["assigned_to"], "eva");
    let case = json(&world, &["review", "approve", "R-000001"]);
    assert_eq!((&case["state"], &case["orders"][0]), (&"approved".into(), &"SO-000001".into()), "{case}");
    assert!(refused(&world, 1, &["review", "approve", "R-000001"]).contains("already decided"));
    assert_eq!(world.orders()[0].lines[0].buckets.ordered(), 20.into());
    assert_eq!(world.stock_drift(), 0);
    let actions = world.look(async |db| db.audit("R-000001", 10).await.expect("the audit trail can be read"));
    let actions: Vec<&str> = actions.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["correct", "assign", "approve"]);
    assert_eq!(world.messages()[0].outcome.map(|outcome| outcome.as_str()), Some("order_placed"));
}

#[test]
fn a_case_is_rejected_with_a_reason() {
    let world = world();
    ingest(&world, "mail.eml", &strange_mail("PO-7", 10));
    let case = json(&world, &["review", "reject", "R-000001", "--reason", "not a customer"]);
    assert_eq!((&case["state"], &case["note"]), (&"rejected".into(), &"not a customer".into()));
    assert!(refused(&world, 1, &["review", "approve", "R-000001"]).contains("already decided"));
    assert!(!said(&world, &["review", "list"]).contains("R-000001"));
    assert!(said(&world, &["review", "list", "--all"]).contains("R-000001"));
    assert!(world.orders().is_empty());
}

#[test]
fn a_question_closes_without_an_order_or_becomes_one_by_hand() {
    let world = world();
    let mail = |subject: &str| {
        format!(
            "From: Eva <einkauf@muster.example>\r\nTo: orders@nordwerk.example\r\nSubject: {subject}\r\n\
             Message-ID: <{subject}@muster.example>\r\n\r\nGuten Tag,\r\n\r\nwie besprochen, siehe unten.\r\n\r\nEva\r\n"
        )
        .into_bytes()
    };
    let asked = ingest(&world, "one.eml", &mail("Hallo"));
    assert_eq!(asked["outcome"], "question", "{asked}");
    let case = json(&world, &["review", "approve", "R-000001"]);
    assert_eq!((&case["state"], &case["orders"]), (&"approved".into(), &Value::Array(Vec::new())), "{case}");

    assert_eq!(ingest(&world, "two.eml", &mail("Hallo2"))["outcome"], "question");
    assert!(refused(&world, 1, &["review", "correct", "R-000002", "/orders/0/currency=gold"]).contains("ISO 4217"));
    let answers = [
        "/orders/0/po_number=PO-77",
        "/orders/0/currency=EUR",
        "/orders/0/ship_to_code=WERK1",
        "/orders/0/lines/-=10",
        "/orders/0/lines/-=20",
        "/orders/0/lines/0/sku=AB-100",
        "/orders/0/lines/0/quantity=5",
        "/orders/0/lines/0/unit_price=4.20",
        "/orders/0/lines/1/sku=AB-200",
        "/orders/0/lines/1/quantity=2",
        "/orders/0/lines/1/unit_price=12.50",
        "/orders/0/total=46",
    ];
    let case = json(&world, &[&["review", "correct", "R-000002"] as &[&str], &answers].concat());
    assert_eq!(case["state"], "open", "{case}");
    let case = json(&world, &["review", "approve", "R-000002"]);
    assert_eq!((&case["state"], &case["orders"][0]), (&"approved".into(), &"SO-000001".into()), "{}", case["findings"]);
    assert_eq!(world.orders()[0].lines.len(), 2);
}

fn two_approvals_at_once_make_one_order(database_url: &str) {
    let world = World::with_database("[outbound]\nconfirmation = \"folder\"\n", database_url);
    ingest(&world, "mail.eml", &strange_mail("PO-7", 10));
    let case = json(&world, &["review", "correct", "R-000001", "/orders/0/customer=MUSTER"]);
    assert_eq!(case["state"], "open");
    let ends: Vec<Option<i32>> = std::thread::scope(|scope| {
        let approvals: Vec<_> =
            (0..4).map(|_| scope.spawn(|| world.podesk(&["review", "approve", "R-000001"]).status.code())).collect();
        approvals.into_iter().map(|approval| approval.join().expect("it ends")).collect()
    });
    assert_eq!(ends.iter().filter(|code| **code == Some(0)).count(), 1, "{ends:?}");
    assert!(ends.iter().all(|code| matches!(code, Some(0 | 1))), "{ends:?}");
    assert_eq!(world.orders().len(), 1);
    assert_eq!(world.stock_drift(), 0);
}

#[test]
fn two_approvals_at_once_make_one_order_on_sqlite() {
    two_approvals_at_once_make_one_order("");
}

#[test]
fn two_approvals_at_once_make_one_order_on_postgresql() {
    two_approvals_at_once_make_one_order(Postgres::start().url());
}

#[test]
fn approvals_that_want_the_same_stock_all_go_through_on_postgresql() {
    let database = Postgres::start();
    let world = World::with_database("[outbound]\nconfirmation = \"folder\"\n", database.url());
    for number in 1..=6 {
        ingest(&world, "mail.eml", &strange_mail(&format!("PO-{number}"), 10));
        let case = format!("R-00000{number}");
        json(&world, &["review", "correct", &case, "/orders/0/customer=MUSTER"]);
    }
    std::thread::scope(|scope| {
        for number in 1..=6 {
            let world = &world;
            scope.spawn(move || json(world, &["review", "approve", &format!("R-00000{number}")]));
        }
    });
    assert_eq!(world.orders().len(), 6);
    assert_eq!(world.stock_drift(), 0);
}

#[test]
fn what_is_not_in_stock_is_backordered() {
    let world = world();
    let placed = ingest(&world, "mail.eml", &order_mail("PO-1", 100_001));
    let order = match placed["outcome"].as_str() {
        Some("order_placed") => placed["orders"][0].as_str().expect("a number").to_owned(),
        Some("review") => json(&world, &["review", "approve", "R-000001"])["orders"][0].as_str().expect("an order").to_owned(),
        other => panic!("{other:?}: {placed}"),
    };
    let order = json(&world, &["order", "show", &order]);
    assert_eq!(order["lines"][0]["buckets"]["backordered"], "1", "{order}");
    assert_eq!(order["lines"][0]["buckets"]["open"], "0", "{order}");
}

#[test]
fn an_order_is_shown_explained_held_and_cancelled() {
    let world = world();
    ingest(&world, "mail.eml", &order_mail("PO-1", 10));
    for (arguments, word) in [
        (&["order", "list"] as &[&str], "PO-1"),
        (&["order", "show", "so-000001"], "AB-100"),
        (&["order", "why", "SO-000001"], "HAM"),
        (&["order", "history", "SO-000001"], "1"),
        (&["stock", "AB-100"], "99990"),
    ] {
        assert!(said(&world, arguments).contains(word), "{arguments:?}: {}", said(&world, arguments));
    }
    let held = json(&world, &["order", "hold", "so-000001", "--code", "credit", "--reason", "over the limit"]);
    assert_eq!(held["holds"][0]["code"], "credit", "{held}");
    assert!(refused(&world, 1, &["order", "hold", "SO-000001", "--code", "credit", "--reason", "x"]).contains("credit"));
    assert!(refused(&world, 1, &["order", "release", "SO-000001", "--code", "fraud"]).contains("fraud"));
    let free = json(&world, &["order", "release", "SO-000001", "--code", "credit"]);
    assert_eq!(free["holds"], Value::Array(Vec::new()));
    assert!(said(&world, &["order", "cancel", "so-000001", "--reason", "by telephone"]).contains("cancelled"));
    assert!(refused(&world, 1, &["order", "cancel", "SO-000001", "--reason", "again"]).contains("cancelled already"));
    let history = said(&world, &["order", "history", "SO-000001", "--json"]);
    assert_eq!(history.lines().count(), 5, "placed, allocated, held, released, cancelled: {history}");
    assert!(said(&world, &["stock", "AB-100"]).contains("100000"), "what was reserved is free again");
    assert_eq!(world.stock_drift(), 0);
    let actions = world.look(async |db| db.audit("SO-000001", 10).await.expect("the audit trail can be read"));
    let actions: Vec<&str> = actions.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["hold", "release", "cancel"]);
}

#[test]
fn a_broken_row_is_named_and_a_good_file_is_counted() {
    let world = world();
    let stock = world.path().join("stock.csv");
    std::fs::write(&stock, "node,sku,on_hand\nHAM,AB-100,many\n").expect("written");
    let output = world.podesk(&["import", "stock", &stock.display().to_string()]);
    let complaint = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    for word in ["stock.csv", "line 2", "on_hand", "many", "nothing of"] {
        assert!(complaint.contains(word), "{word} in {complaint}");
    }
    std::fs::write(&stock, "node,sku,on_hand\nHAM,AB-100,7\n").expect("written");
    assert_eq!(json(&world, &["import", "stock", &stock.display().to_string()])["rows"], 1);
}
