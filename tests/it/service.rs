//! The service against real servers: mails delivered while it runs become orders, drafts and moved originals; on both databases; and
//! what leaves by SMTP arrives once.

use super::servers::{Dovecot, Postgres, SmtpSink};
use super::world::{World, confirmed_order, order_mail, order_mail_from};
use podesk::model::Code;
use podesk::orders::Status;
use podesk::store::Outcome;
use std::io::{Read, Write};
use std::net::TcpStream;

fn a_mailbox_is_worked_off(database_url: &str) {
    let dovecot = Dovecot::start();
    let mut world = World::with_database(&World::mailbox(&dovecot), database_url);
    world.serve("");
    world.wait_until("the service has looked into the mailbox", |world| world.log().contains("the review desk is at"));
    for number in 1..=5 {
        dovecot.deliver(&order_mail(&format!("PO-{number}"), number * 10));
    }
    dovecot.deliver(&order_mail_from("stranger@elsewhere.example", "PO-9", 10, ""));
    world.wait_until("five drafts are there and all mails are moved", |_| {
        dovecot.list("Drafts").len() == 5 && dovecot.list("INBOX").is_empty() && dovecot.list("Processed").len() == 6
    });
    let orders = world.orders();
    assert_eq!(orders.len(), 5);
    assert!(orders.iter().all(|order| order.status() == Status::Allocated));
    assert_eq!(world.stock_drift(), 0);
    let asked: Vec<_> = world.messages().into_iter().filter(|message| message.outcome == Some(Outcome::Review)).collect();
    assert_eq!(asked.len(), 1, "the stranger's order is a question");
    assert!(asked[0].reasons.contains(&Code::SenderUnverified), "{:?}", asked[0].reasons);
    let draft = String::from_utf8_lossy(&dovecot.list("Drafts")[0]).into_owned();
    for header in ["In-Reply-To: <PO-", "References: <PO-", "Auto-Submitted: auto-replied", "To: "] {
        assert!(draft.contains(header), "{header} in {draft}");
    }
    world.stop();
}

#[test]
fn a_mailbox_is_worked_off_on_sqlite() {
    a_mailbox_is_worked_off("");
}

#[test]
fn a_mailbox_is_worked_off_on_postgresql() {
    a_mailbox_is_worked_off(Postgres::start().url());
}

#[test]
fn a_confirmation_that_may_be_sent_arrives_once() {
    let dovecot = Dovecot::start();
    let sink = SmtpSink::start();
    let settings = format!(
        "{}[outbound]\nconfirmation = \"send\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\n",
        World::mailbox(&dovecot),
        sink.port
    );
    let mut world = World::new(&settings);
    dovecot.deliver(&order_mail("PO-1", 10));
    dovecot.deliver(&order_mail_from("einkauf@muster.example", "PO-1", 10, "X-Resent: yes\r\n"));
    world.serve("");
    world.wait_until("the mails are done", |_| dovecot.list("Processed").len() == 2);
    world.wait_until("the confirmation arrived", |_| !sink.received().is_empty());
    world.stop();
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].rcpts, ["einkauf@muster.example"]);
    assert_eq!(confirmed_order(&received[0].bytes), world.orders()[0].number);
    assert!(dovecot.list("Drafts").is_empty());
}

#[test]
fn a_dropped_file_is_an_order_and_is_put_away() {
    let drop_folder = tempfile::tempdir().expect("a temporary folder");
    let settings = format!("[intake]\ndrop_folder = {:?}\n[outbound]\nconfirmation = \"folder\"\n", drop_folder.path());
    let mut world = World::new(&settings);
    world.serve("");
    std::fs::write(drop_folder.path().join("order.eml"), order_mail("PO-1", 10)).expect("a file is dropped");
    std::fs::write(drop_folder.path().join("half.part"), "not yet").expect("a file is dropped");
    world.wait_until("the order is there", |world| world.orders().len() == 1);
    world.wait_until("its confirmation is written", |world| {
        std::fs::read_dir(world.path().join("data/outbox")).is_ok_and(|files| files.count() == 1)
    });
    world.stop();
    assert!(drop_folder.path().join("done/order.eml").is_file());
    assert!(drop_folder.path().join("half.part").is_file());
}

#[test]
fn health_and_readiness_are_told_without_a_login() {
    let mut world = World::new("");
    world.serve("");
    world.wait_until("the service listens", |world| world.log().contains("http://127.0.0.1:"));
    let log = world.log();
    let address = log.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address is printed").to_owned();
    for (path, word) in [("/healthz", "200"), ("/readyz", "200"), ("/", "401")] {
        let mut connection = TcpStream::connect(&address).expect("the service listens");
        write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with(&format!("HTTP/1.1 {word}")), "{path}: {answer}");
    }
    assert!(log.contains("/setup/"), "a set-up link is printed while nobody can log in: {log}");
    world.stop();
    assert!(world.log().contains("stopped"), "{}", world.log());
}
