//! Does the mailbox client keep its promises? Against a real Dovecot where a server behaves, and against a scripted one where it does
//! not: cut lines, farewells, garbage, silence.

use crate::servers::Dovecot;
use podesk::intake::imap::{After, Auth, Connection, ImapError, ImapSettings, LOG_DIRECTIVE, Security};
use podesk::intake::ledger::{new_uids, plan_fetch};
use podesk::model::Sha256;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::future::{pending, ready};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(60);

fn settings(dovecot: &Dovecot) -> ImapSettings {
    ImapSettings {
        host: "localhost".into(),
        port: dovecot.imaps_port,
        user: dovecot.user.clone(),
        ca_file: Some(dovecot.ca_pem_path.clone()),
        ..ImapSettings::default()
    }
}

async fn open(settings: &ImapSettings, dovecot: &Dovecot) -> Connection {
    Connection::open(settings, SecretString::from(dovecot.password.as_str())).await.expect("the server lets us in")
}

/// A logged-in connection with INBOX open.
async fn inbox(dovecot: &Dovecot) -> Connection {
    let mut connection = open(&settings(dovecot), dovecot).await;
    connection.select("INBOX").await.expect("INBOX opens");
    connection
}

fn mail(number: u32) -> Vec<u8> {
    format!("From: ann@buyer.example\r\nSubject: PO {number}\r\nMessage-ID: <{number}@buyer.example>\r\n\r\n5 x AB-{number}\r\n")
        .into_bytes()
}

/// What a mail program of another make is told about INBOX.
fn raw_answer(dovecot: &Dovecot, command: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", dovecot.imap_port)).expect("it listens");
    let script = format!("a LOGIN {} \"{}\"\r\nb SELECT INBOX\r\nc {command}\r\nd LOGOUT\r\n", dovecot.user, dovecot.password);
    stream.write_all(script.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_listed_measured_and_fetched_and_stay_unread() {
    let dovecot = Dovecot::start();
    for number in 1..=3 {
        dovecot.deliver(&mail(number));
    }
    let mut connection = open(&settings(&dovecot), &dovecot).await;
    let selected = connection.select("INBOX").await.expect("INBOX opens");
    assert!((selected.exists, selected.uid_next) == (3, 4) && selected.uid_validity > 0, "{selected:?}");
    assert_eq!(connection.uids().await.expect("a list"), [1, 2, 3]);
    let sizes: Vec<(u32, u64)> = (1..=3).map(|number| (number, mail(number).len() as u64)).collect();
    assert_eq!(connection.sizes(&[1, 2, 3, 99]).await.expect("sizes"), sizes);
    let fetched = connection.fetch(&[3, 1, 99]).await.expect("mails");
    assert_eq!(fetched.iter().map(|mail| mail.uid).collect::<Vec<_>>(), [1, 3], "the one that is not there is missing");
    assert_eq!(fetched[1].bytes, mail(3));
    assert!(raw_answer(&dovecot, "UID SEARCH SEEN").contains("* SEARCH\r\n"), "reading marks nothing");
    connection.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_works_and_every_wrong_way_says_why() {
    let dovecot = Dovecot::start();
    let tls = settings(&dovecot);
    let ways = [
        ImapSettings { host: "127.0.0.1".into(), ..tls.clone() },
        ImapSettings { security: Security::Starttls, port: dovecot.imap_port, ..tls.clone() },
        ImapSettings { security: Security::Plain, port: dovecot.imap_port, ..tls.clone() },
    ];
    for way in ways {
        open(&way, &dovecot).await.close().await;
    }
    let stranger = ImapSettings { ca_file: None, ..tls.clone() };
    let nobody = ImapSettings { port: 1, ..tls.clone() };
    let not_tls = ImapSettings { port: dovecot.imap_port, timeout_seconds: 5, ..tls.clone() };
    let bad_ca = ImapSettings { ca_file: Some("Cargo.toml".into()), ..tls.clone() };
    let password = || SecretString::from(dovecot.password.as_str());
    assert!(matches!(Connection::open(&stranger, password()).await, Err(ImapError::Tls { .. })), "an unknown authority");
    assert!(matches!(Connection::open(&nobody, password()).await, Err(ImapError::Connect { .. })), "nobody listens");
    assert!(matches!(Connection::open(&not_tls, password()).await, Err(ImapError::Tls { .. })), "no TLS there");
    assert!(matches!(Connection::open(&bad_ca, password()).await, Err(ImapError::CaFile { .. })), "no certificate");
    let refused = Connection::open(&tls, SecretString::from("my-wrong-secret")).await.expect_err("a wrong password");
    assert!(matches!(refused, ImapError::Login { .. }) && refused.needs_a_person(), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("my-wrong-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_mails_move_into_a_folder_that_is_made_for_them() {
    let dovecot = Dovecot::start();
    dovecot.deliver(&mail(1));
    dovecot.deliver(&mail(2));
    let settings = ImapSettings { processed_folder: "Erledigte Aufträge".into(), ..settings(&dovecot) };
    let mut connection = open(&settings, &dovecot).await;
    connection.select("INBOX").await.expect("INBOX opens");
    connection.finish(1, After::Move).await.expect("a move");
    connection.finish(1, After::Move).await.expect("again: it is gone already");
    connection.finish(2, After::None).await.expect("nothing");
    assert_eq!(connection.uids().await.expect("a list"), [2]);
    assert_eq!(dovecot.list("Erledigte Auftr&AOQ-ge"), [mail(1)]);
    assert_eq!(dovecot.list("INBOX"), [mail(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_mails_may_be_marked_instead() {
    let dovecot = Dovecot::start();
    dovecot.deliver(&mail(1));
    dovecot.deliver(&mail(2));
    let mut connection = inbox(&dovecot).await;
    for _ in 0..2 {
        connection.finish(2, After::Flag).await.expect("a mark");
    }
    connection.finish(77, After::Flag).await.expect("a mail that is gone");
    assert!(raw_answer(&dovecot, "UID SEARCH KEYWORD $PodeskDone").contains("* SEARCH 2\r\n"));
    assert_eq!(connection.uids().await.expect("a list"), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_new_mail_with_a_stop_and_with_the_time() {
    let dovecot = Dovecot::start();
    let mut connection = inbox(&dovecot).await;
    assert!(connection.can_idle() && connection.uids().await.expect("a list").is_empty());
    // Nothing but the announcement ends this wait before the test's own patience does.
    let announced = tokio::time::timeout(LONG, async {
        let deliver = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            dovecot.deliver(&mail(1));
        };
        tokio::join!(connection.wait(LONG * 5, pending()), deliver).0
    });
    announced.await.expect("an announcement").expect("a live connection");
    assert_eq!(connection.uids().await.expect("a list"), [1]);
    tokio::time::timeout(LONG, connection.wait(LONG * 5, ready(()))).await.expect("stopped").expect("a live connection");
    connection.wait(Duration::from_millis(200), pending()).await.expect("the time is over");
    assert_eq!(connection.uids().await.expect("the connection still works"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_put_and_found_again() {
    let dovecot = Dovecot::start();
    let mut connection = open(&settings(&dovecot), &dovecot).await;
    let draft = "Message-ID: <n-1.confirmation@desk.us.example>\r\nSubject: Confirmation\r\n\r\nThank you.\r\n";
    let id = "n-1.confirmation@desk.us.example";
    assert!(!connection.find_by_message_id("", id).await.expect("a look"));
    assert_eq!(connection.append_draft("", draft.as_bytes()).await.expect("a draft"), "Drafts");
    assert!(connection.find_by_message_id("", id).await.expect("a look"));
    assert!(!connection.find_by_message_id("", "other@desk.us.example").await.expect("a look"));
    // Dovecot keeps lines with bare line feeds.
    assert_eq!(String::from_utf8_lossy(&dovecot.list("Drafts").concat()), draft.replace('\r', ""));
    assert!(!connection.find_by_message_id("Entwürfe", id).await.expect("no such folder, no such mail"));
    assert_eq!(connection.append_draft("Entwürfe", draft.as_bytes()).await.expect("a draft"), "Entwürfe");
    assert_eq!(connection.append_draft("Entwürfe", draft.as_bytes()).await.expect("a draft"), "Entwürfe");
    assert_eq!(dovecot.list("Entw&APw-rfe").len(), 2);
    let broken = connection.find_by_message_id("", "x\r\na LOGOUT").await.expect_err("a line break in an id");
    assert!(matches!(broken, ImapError::Unspeakable(_)), "{broken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_uidvalidity_makes_mails_new_to_the_ledger_but_not_to_the_digest() {
    let mut dovecot = Dovecot::start();
    dovecot.deliver(&mail(1));
    dovecot.deliver(&mail(2));
    let mut connection = open(&settings(&dovecot), &dovecot).await;
    let before = connection.select("INBOX").await.expect("INBOX opens").uid_validity;
    let noted: BTreeSet<(u32, u32)> = connection.uids().await.expect("a list").iter().map(|uid| (before, *uid)).collect();
    let fetched = connection.fetch(&[1, 2]).await.expect("mails");
    let known: BTreeSet<Sha256> = fetched.iter().map(|mail| Sha256::of(&mail.bytes)).collect();
    connection.close().await;
    dovecot.change_uidvalidity();
    let mut connection = open(&settings(&dovecot), &dovecot).await;
    let after = connection.select("INBOX").await.expect("INBOX opens").uid_validity;
    assert_ne!(before, after);
    let uids = connection.uids().await.expect("a list");
    let noted_now: BTreeSet<u32> = noted.iter().filter(|(validity, _)| *validity == after).map(|(_, uid)| *uid).collect();
    assert_eq!(new_uids(&uids, &noted_now), uids, "all are fetched again");
    assert_eq!(uids.len(), 2);
    for mail in connection.fetch(&uids).await.expect("mails") {
        assert!(known.contains(&Sha256::of(&mail.bytes)), "the bytes are known");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_an_error_and_no_empty_mailbox() {
    let mut dovecot = Dovecot::start();
    dovecot.deliver(&mail(1));
    let mut connection = inbox(&dovecot).await;
    dovecot.stop();
    assert!(connection.uids().await.is_err());
    let again = connection.uids().await.expect_err("a broken connection stays broken");
    assert!(matches!(again, ImapError::Closed { .. }), "{again:?}");
    assert!(Connection::open(&settings(&dovecot), SecretString::from("x")).await.is_err());
    dovecot.start_again();
    assert_eq!(inbox(&dovecot).await.uids().await.expect("a list"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_come_in_batches_and_too_large_ones_stay() {
    let dovecot = Dovecot::start();
    for number in 1..=120 {
        dovecot.deliver(&mail(number));
    }
    let large = [mail(121), vec![b'x'; 2_000_000]].concat();
    dovecot.deliver(&large);
    let mut connection = inbox(&dovecot).await;
    connection.finish(60, After::Move).await.expect("a gap in the numbers");
    let uids = connection.uids().await.expect("a list");
    let sizes = connection.sizes(&uids).await.expect("sizes");
    let plan = plan_fetch(&sizes, 1_000_000);
    assert_eq!(plan.too_large.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [121]);
    let mut fetched = Vec::new();
    for batch in &plan.batches {
        assert!(batch.len() <= 50);
        fetched.extend(connection.fetch(batch).await.expect("mails"));
    }
    assert_eq!(fetched.len(), 119);
    assert!(fetched.iter().all(|got| got.bytes == mail(got.uid)));
}

/// What a scripted server does next.
enum Step {
    /// Waits for a line that holds this, then says that; `{tag}` is the line's tag.
    On(&'static str, String),
    /// Says this unasked.
    Say(String),
    /// Keeps the line open and says nothing more.
    Hang,
}

fn on(wait_for: &'static str, say: &str) -> Step {
    Step::On(wait_for, say.to_owned())
}

const GREETING: &str = "* OK ready\r\n";
const INBOX: &str = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n{tag} OK [READ-WRITE] done\r\n";

/// Greeting, login and an open INBOX of a server that can do what is named.
fn beginning(capabilities: &str) -> Vec<Step> {
    vec![
        Step::Say(GREETING.into()),
        on("LOGIN", "{tag} OK in\r\n"),
        on("CAPABILITY", &format!("* CAPABILITY IMAP4rev1 {capabilities}\r\n{{tag}} OK done\r\n")),
        on("SELECT", INBOX),
    ]
}

/// Plays a script for one client, then closes. Gives back the client's lines without their tags. `cut` ends it after so many bytes.
async fn play(script: Vec<Step>, cut: Option<usize>) -> (ImapSettings, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let settings = ImapSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::Plain,
        user: "ann".into(),
        timeout_seconds: 20,
        ..ImapSettings::default()
    };
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let (mut heard, mut left) = (Vec::new(), cut.unwrap_or(usize::MAX));
        for step in script {
            let say = match step {
                Step::Say(say) => say,
                Step::On(wait_for, say) => {
                    let mut line = String::new();
                    if reader.read_line(&mut line).await.unwrap_or(0) == 0 {
                        break;
                    }
                    let line = line.trim_end();
                    assert!(line.contains(wait_for), "{line:?} instead of {wait_for:?}");
                    let (tag, command) = line.split_once(' ').unwrap_or(("", line));
                    heard.push(command.to_owned());
                    say.replace("{tag}", tag)
                }
                Step::Hang => {
                    drop(reader.read_to_end(&mut Vec::new()).await);
                    break;
                }
            };
            let part = &say.as_bytes()[..say.len().min(left)];
            if writer.write_all(part).await.is_err() || part.len() < say.len() {
                break;
            }
            left -= part.len();
        }
        heard
    });
    (settings, server)
}

async fn open_script(mut script: Vec<Step>, capabilities: &str) -> (Connection, JoinHandle<Vec<String>>) {
    let mut whole = beginning(capabilities);
    whole.append(&mut script);
    let (settings, server) = play(whole, None).await;
    let mut connection = Connection::open(&settings, SecretString::from("secret")).await.expect("it lets us in");
    connection.select("INBOX").await.expect("it opens");
    (connection, server)
}

/// One polling round of a service: all mails, or an error.
async fn round(settings: &ImapSettings) -> Result<Vec<(u32, Vec<u8>)>, ImapError> {
    let mut connection = Connection::open(settings, SecretString::from("secret")).await?;
    connection.select("INBOX").await?;
    let uids = connection.uids().await?;
    Ok(connection.fetch(&uids).await?.into_iter().map(|mail| (mail.uid, mail.bytes)).collect())
}

fn whole_round() -> Vec<Step> {
    let mut script = beginning("IDLE MOVE");
    script.extend([
        on("UID SEARCH ALL", "* SEARCH 1 2\r\n{tag} OK done\r\n"),
        on("RFC822.SIZE", "* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n* 2 FETCH (UID 2 RFC822.SIZE 6)\r\n{tag} OK done\r\n"),
        on("BODY.PEEK[]", "* 1 FETCH (UID 1 BODY[] {5}\r\nfirst)\r\n* 2 FETCH (UID 2 BODY[] {6}\r\nsecond)\r\n{tag} OK done\r\n"),
    ]);
    script
}

/// The connection is cut after each byte that the server says in a whole round (RELIABILITY promise 6).
#[tokio::test(flavor = "multi_thread")]
async fn a_line_cut_anywhere_is_an_error_or_the_whole_truth() {
    let expected = vec![(1, b"first".to_vec()), (2, b"second".to_vec())];
    let (settings, _server) = play(whole_round(), None).await;
    assert_eq!(round(&settings).await.expect("an uncut round"), expected);
    let said = |step: &Step| match step {
        Step::On(_, say) | Step::Say(say) => say.replace("{tag}", "A0001").len(),
        Step::Hang => 0,
    };
    let length: usize = whole_round().iter().map(said).sum();
    assert!(length > 300, "{length}");
    for cut in 0..=length {
        let (settings, server) = play(whole_round(), Some(cut)).await;
        match round(&settings).await {
            Ok(mails) => assert!(cut == length && mails == expected, "cut at {cut} of {length}: {mails:?}"),
            Err(ImapError::Closed { .. } | ImapError::Connect { .. }) => assert!(cut < length, "cut at {cut}"),
            Err(other) => panic!("cut at {cut}: {other:?}"),
        }
        server.await.expect("the script fits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_servers_say_unasked_changes_nothing() {
    let mut script = beginning("IDLE");
    let noise = "* 9 EXISTS\r\n* 0 RECENT\r\n* 4 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK Still here\r\n* 3 FETCH (UID 3 FLAGS (X))\r\n";
    let sizes = format!("* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n{noise}* 8 FETCH (UID 8 RFC822.SIZE 1)\r\n{{tag}} OK done\r\n");
    let bodies =
        format!("{noise}* 8 FETCH (UID 8 BODY[] {{3}}\r\nbad)\r\n* 1 FETCH (BODY[] {{5}}\r\nfirst UID 1)\r\n{{tag}} OK done\r\n");
    script.extend([
        on("UID SEARCH ALL", &format!("{noise}* SEARCH 2 1\r\n* SEARCH 5\r\n{noise}{{tag}} OK done\r\n")),
        on("RFC822.SIZE", &sizes),
        on("BODY.PEEK[]", &bodies),
    ]);
    let (settings, server) = play(script, None).await;
    // Mail 8 was not asked for, mails 2 and 5 were not sent.
    assert_eq!(round(&settings).await.expect("a round"), [(1, b"first".to_vec())]);
    server.await.expect("the script fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_lies_and_garbage_are_errors() {
    type Expected = fn(&ImapError) -> bool;
    let listing = |say: &str| vec![on("UID SEARCH", say)];
    let is_nonsense: Expected = |error| matches!(error, ImapError::Nonsense { .. } | ImapError::Closed { .. });
    let cases: [(Vec<Step>, Expected); 6] = [
        (listing("{tag} NO busy\r\n"), |error| matches!(error, ImapError::Refused { .. })),
        (
            listing("* BYE AccessTokenExpired\r\n"),
            |error| matches!(error, ImapError::Closed { reason: Some(reason), .. } if reason.contains("Expired")),
        ),
        (listing("{tag} OK but no list, though two mails exist\r\n"), |error| matches!(error, ImapError::Nonsense { .. })),
        (listing("* SEARCH 1 2\r\nZ9 OK another tag\r\n"), |error| matches!(error, ImapError::Nonsense { .. })),
        (listing("\u{1}\u{2} what is this\r\n"), is_nonsense),
        // What Dovecot says to a search by MODSEQ, which the library cannot read: we never ask so, but must not trip over it.
        (listing("* SEARCH 1 2 (MODSEQ 6)\r\n{tag} OK done\r\n"), is_nonsense),
    ];
    for (at, (script, expected)) in cases.into_iter().enumerate() {
        let (mut connection, server) = open_script(script, "").await;
        let error = connection.uids().await.expect_err("no list");
        assert!(expected(&error), "case {at}: {error:?}");
        let again = connection.uids().await.expect_err("the script is over");
        assert!(matches!(again, ImapError::Closed { .. }), "case {at}: {again:?}");
        server.await.expect("the script fits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_in_a_timeout() {
    let (mut settings, _server) = play(vec![Step::Hang], None).await;
    settings.timeout_seconds = 1;
    let error = Connection::open(&settings, SecretString::from("secret")).await.expect_err("no greeting");
    assert!(matches!(error, ImapError::Timeout { .. }), "{error:?}");
    let mut script = beginning("");
    script.push(Step::Hang);
    let (mut settings, _server) = play(script, None).await;
    settings.timeout_seconds = 1;
    let error = round(&settings).await.expect_err("no list");
    assert!(matches!(error, ImapError::Timeout { during: "listing the mails", .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_dies_while_waiting_is_an_error() {
    let endings: [Vec<Step>; 4] = [
        vec![on("IDLE", "+ idling\r\n")],
        vec![on("IDLE", "+ idling\r\n* BYE shutting down\r\n"), Step::Hang],
        vec![on("IDLE", "+ idling\r\n* 3 EXISTS\r\n")],
        vec![on("IDLE", "{tag} BAD never heard of it\r\n"), Step::Hang],
    ];
    for (at, script) in endings.into_iter().enumerate() {
        let (mut connection, _server) = open_script(script, "IDLE").await;
        let ended = tokio::time::timeout(LONG, connection.wait(LONG * 5, pending())).await.expect("it does not wait for ever");
        assert!(ended.is_err(), "case {at}");
    }
    // A polite server: the announcement comes before the go-ahead, and life goes on.
    let script = vec![
        on("IDLE", "* 3 EXISTS\r\n+ idling\r\n* OK Still here\r\n"),
        on("DONE", "A0004 OK idled\r\n"),
        on("UID SEARCH", "* SEARCH 1 2 3\r\n{tag} OK done\r\n"),
    ];
    let (mut connection, server) = open_script(script, "IDLE").await;
    tokio::time::timeout(LONG, connection.wait(LONG * 5, pending())).await.expect("news").expect("a live connection");
    assert_eq!(connection.uids().await.expect("a list"), [1, 2, 3]);
    server.await.expect("the script fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_without_move_copy_mark_and_expunge() {
    let script = vec![
        on("UID COPY 2", "{tag} NO [TRYCREATE] no such folder\r\n"),
        on("CREATE \"Processed\"", "{tag} OK done\r\n"),
        on("UID COPY 2", "{tag} OK done\r\n"),
        on("UID STORE 2 +FLAGS.SILENT (\\Deleted)", "{tag} OK done\r\n"),
        on("UID EXPUNGE 2", "* 2 EXPUNGE\r\n{tag} OK done\r\n"),
    ];
    let (mut connection, server) = open_script(script, "UIDPLUS").await;
    connection.finish(2, After::Move).await.expect("a move");
    drop(connection);
    assert_eq!(server.await.expect("the script fits").len(), 8);
    // Without UID EXPUNGE, another program's deleted mail (1) must not vanish with ours.
    for (deleted, commands) in [("2", 7), ("1 2", 6)] {
        let script = vec![
            on("UID COPY 2", "{tag} OK done\r\n"),
            on("UID STORE 2 +FLAGS.SILENT (\\Deleted)", "{tag} OK done\r\n"),
            on("UID SEARCH DELETED", &format!("* SEARCH {deleted}\r\n{{tag}} OK done\r\n")),
            on("EXPUNGE", "{tag} OK done\r\n"),
        ];
        let (mut connection, server) = open_script(script, "").await;
        connection.finish(2, After::Move).await.expect("a move");
        drop(connection);
        assert_eq!(server.await.expect("the script fits").len(), commands, "{deleted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_leaves_the_connection_at_work() {
    let script = vec![
        on("UID STORE 1 +FLAGS.SILENT ($PodeskDone)", "{tag} NO no keywords here\r\n"),
        on("UID MOVE 1", "{tag} NO not allowed\r\n"),
        on("UID SEARCH", "* SEARCH 1 2\r\n{tag} OK done\r\n"),
    ];
    let (mut connection, server) = open_script(script, "MOVE").await;
    connection.finish(1, After::Flag).await.expect("a mark is a courtesy");
    let error = connection.finish(1, After::Move).await.expect_err("no move");
    assert!(matches!(&error, ImapError::Refused { answer, .. } if answer == "not allowed"), "{error:?}");
    assert_eq!(connection.uids().await.expect("a list"), [1, 2]);
    server.await.expect("the script fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_draft_says_why() {
    let script = vec![
        on("LIST", "* LIST (\\Drafts) \"/\" Drafts\r\n{tag} OK done\r\n"),
        on("LIST", "* LIST () \"/\" Drafts\r\n{tag} OK done\r\n"),
        on("APPEND \"Drafts\"", "{tag} NO [OVERQUOTA] full\r\n"),
    ];
    let (mut connection, _server) = open_script(script, "").await;
    let error = connection.append_draft("", b"Subject: x\r\n\r\nx").await.expect_err("no room");
    assert!(matches!(&error, ImapError::Refused { answer, .. } if answer.contains("full")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_a_refused_login() {
    let script = vec![
        Step::Say(GREETING.into()),
        on("AUTHENTICATE XOAUTH2", "+ \r\n"),
        on("dXNlcj1hbm4BYXV0aD1CZWFyZXIgdG9rZW4BAQ==", "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"),
        on("", "A0001 NO [AUTHENTICATIONFAILED] expired\r\n"),
    ];
    let (settings, server) = play(script, None).await;
    let settings = ImapSettings { auth: Auth::Xoauth2, ..settings };
    let error = Connection::open(&settings, SecretString::from("token")).await.expect_err("an expired token");
    assert!(matches!(error, ImapError::Login { .. }), "{error:?}");
    assert_eq!(server.await.expect("the script fits").last().map(String::as_str), Some(""), "the second challenge gets nothing");
}

/// Where a test's log lines go.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test panics while it logs").extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The IMAP library writes its commands, passwords included, at trace level (RELIABILITY promise 19).
#[tokio::test(flavor = "multi_thread")]
async fn no_password_reaches_the_log_even_at_trace_level() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_env_filter(format!("trace,{LOG_DIRECTIVE}"))
        .with_writer(move || writer.clone())
        .try_init()
        .expect("no other test of this process sets the log up");
    tracing::trace!("the log is at work");
    let script = vec![Step::Say(GREETING.into()), on("LOGIN", "{tag} NO [AUTHENTICATIONFAILED] no\r\n")];
    let (settings, server) = play(script, None).await;
    let error = Connection::open(&settings, SecretString::from("marked-secret")).await.expect_err("a wrong password");
    assert!(server.await.expect("the script fits")[0].contains("marked-secret"), "the server gets it");
    tracing::error!(%error, debug = ?error, "as a service would");
    let log = String::from_utf8_lossy(&captured.0.lock().expect("no writer panics")).into_owned();
    assert!(log.contains("the log is at work") && log.contains("does not let ann in"), "{log}");
    assert!(!log.contains("marked-secret"), "{log}");
}
