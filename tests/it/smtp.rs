//! Sending by SMTP: is a mail delivered once, and do we know what we know about it? Against a real receiver, and against a scripted
//! one that hangs up, refuses or falls silent at every step.

use crate::servers::{SmtpSecurity, SmtpSink};
use podesk::intake::Mailbox;
use podesk::outbound::smtp::{Security, probe, send};
use podesk::outbound::{Notice, NoticeKind, OutboxItem, SendOutcome, SmtpSettings, Thread, mail};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

fn item(to: &str) -> OutboxItem {
    let notice = Notice {
        kind: NoticeKind::Confirmation,
        order: "SO-000001".into(),
        to: to.into(),
        cc: vec!["sales@us.example".into()],
        subject: "Re: Bestellung 17".into(),
        text: "Guten Tag,\n\n.ein Punkt am Zeilenanfang und Umlaute: äöü\n".into(),
        thread: Thread { subject: "Bestellung 17".into(), message_id: Some("parent@acme.example".into()), references: Vec::new() },
    };
    let from = Mailbox { name: "Aufträge".into(), address: "orders@us.example".into() };
    mail::render(&notice, "0193a7", &from, "us.example", "2026-11-25T09:30:00Z".parse().expect("a time")).expect("a mail")
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings { host: "127.0.0.1".into(), port, security: Security::Plain, timeout_seconds: 30, ..SmtpSettings::default() }
}

#[tokio::test]
async fn a_real_receiver_gets_exactly_the_stored_bytes() {
    let sink = SmtpSink::start();
    let item = item("buyer@acme.example");
    let outcome = send(&settings(sink.port), None, &item).await;
    assert!(matches!(&outcome, SendOutcome::Sent { reply } if reply.starts_with("250")), "{outcome:?}");
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].envelope_from, "orders@us.example");
    assert_eq!(received[0].rcpts, ["buyer@acme.example", "sales@us.example"]);
    assert_eq!(without_final_break(&received[0].bytes), without_final_break(&item.bytes));
}

/// The transport adds one line break before the final dot; nothing else may differ.
fn without_final_break(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[tokio::test]
async fn starttls_and_login_against_a_receiver_that_demands_them() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTlsAndLogin);
    let secure = SmtpSettings {
        host: "localhost".into(),
        security: Security::Starttls,
        user: sink.user.clone(),
        ca_file: Some(sink.ca_pem_path.clone()),
        ..settings(sink.port)
    };
    let password = SecretString::from(sink.password.clone());
    let outcome = send(&secure, Some(&password), &item("buyer@acme.example")).await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }), "{outcome:?}\n{}", sink.log());
    assert_eq!(probe(&secure, Some(&password)).await, Ok(()));

    // Nothing of this is the mail's fault: it may go later, when the settings are right.
    let wrong = SecretString::from("not the password");
    for (what, settings, password) in [
        ("a wrong password", secure.clone(), Some(&wrong)),
        ("no password", secure.clone(), None),
        ("an authority that did not sign the certificate", SmtpSettings { ca_file: None, ..secure.clone() }, Some(&password)),
        (
            "a missing authority file",
            SmtpSettings { ca_file: Some(PathBuf::from("/nowhere.pem")), ..secure.clone() },
            Some(&password),
        ),
        (
            "plain to another machine",
            SmtpSettings { host: "mail.example".into(), security: Security::Plain, ..secure.clone() },
            Some(&password),
        ),
        ("no login where one is demanded", SmtpSettings { user: String::new(), ..secure.clone() }, None),
    ] {
        let outcome = send(&settings, password, &item("buyer@acme.example")).await;
        let SendOutcome::Temporary { reason } = &outcome else { panic!("{what}: {outcome:?}") };
        assert!(!reason.contains("not the password") && !reason.contains(&sink.password), "{what} gives a secret away: {reason}");
    }
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn starttls_is_never_given_up_for_plain() {
    let sink = SmtpSink::start();
    let outcome =
        send(&SmtpSettings { security: Security::Starttls, ..settings(sink.port) }, None, &item("buyer@acme.example")).await;
    assert!(matches!(outcome, SendOutcome::Temporary { .. }), "{outcome:?}");
    assert_eq!(sink.received().len(), 0);
}

#[tokio::test]
async fn a_real_receivers_refusals_and_silence() {
    let sink = SmtpSink::start();
    let permanent = send(&settings(sink.port), None, &item("permanent@acme.example")).await;
    assert!(matches!(&permanent, SendOutcome::Permanent { reason } if reason.contains("550")), "{permanent:?}");
    let temporary = send(&settings(sink.port), None, &item("temporary@acme.example")).await;
    assert!(matches!(&temporary, SendOutcome::Temporary { reason } if reason.contains("451")), "{temporary:?}");
    assert_eq!(sink.received().len(), 0);
    let unknown = send(&settings(sink.port), None, &item("hangup@acme.example")).await;
    assert!(matches!(unknown, SendOutcome::Unknown { .. }), "{unknown:?}");
    assert_eq!(sink.received().len(), 1, "it was taken, and only the reply was lost");
}

/// What a scripted receiver does at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    Close,
    /// Ends the connection with RST instead of FIN.
    Reset,
    Silence,
    Say(&'static str),
}

/// The step at which the trick is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greeting,
    Hello,
    Mail,
    Recipient,
    Data,
    /// After the final dot, when the mail has been received in full.
    Dot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Sent,
    Temporary,
    Permanent,
    Unknown,
}

#[tokio::test]
async fn every_way_to_break_off_has_its_own_verdict() {
    use Expected::{Permanent, Sent, Temporary, Unknown};
    let table = [
        (Step::Greeting, Trick::Close, Temporary),
        (Step::Greeting, Trick::Silence, Temporary),
        (Step::Greeting, Trick::Say("554 go away\r\n"), Temporary),
        (Step::Greeting, Trick::Say("nonsense\r\n"), Temporary),
        (Step::Hello, Trick::Reset, Temporary),
        (Step::Mail, Trick::Close, Temporary),
        (Step::Mail, Trick::Say("550 not you\r\n"), Permanent),
        (Step::Recipient, Trick::Say("451 later\r\n"), Temporary),
        (Step::Recipient, Trick::Say("550 no such person\r\n"), Permanent),
        (Step::Recipient, Trick::Reset, Temporary),
        (Step::Data, Trick::Close, Temporary),
        (Step::Data, Trick::Reset, Temporary),
        (Step::Data, Trick::Silence, Temporary),
        (Step::Data, Trick::Say("421 shutting down\r\n"), Temporary),
        (Step::Dot, Trick::Close, Unknown),
        (Step::Dot, Trick::Reset, Unknown),
        (Step::Dot, Trick::Silence, Unknown),
        (Step::Dot, Trick::Say("garbage\r\n"), Unknown),
        (Step::Dot, Trick::Say("250-half a reply\r\n"), Unknown),
        (Step::Dot, Trick::Say("451 disk full\r\n"), Temporary),
        (Step::Dot, Trick::Say("554 no thanks\r\n"), Permanent),
        (Step::Dot, Trick::Say("250 taken\r\n"), Sent),
    ];
    for (step, trick, expected) in table {
        let receiver = Scripted::start(step, trick).await;
        let settings = SmtpSettings { timeout_seconds: 1, ..settings(receiver.port) };
        let outcome = send(&settings, None, &item("buyer@acme.example")).await;
        let verdict = match outcome {
            SendOutcome::Sent { .. } => Sent,
            SendOutcome::Temporary { .. } => Temporary,
            SendOutcome::Permanent { .. } => Permanent,
            SendOutcome::Unknown { .. } => Unknown,
        };
        assert_eq!(verdict, expected, "{step:?} {trick:?}: {outcome:?}");
        let mails = receiver.mails.lock().expect("no panic").clone();
        assert_eq!(mails.len(), usize::from(step == Step::Dot), "{step:?} {trick:?}: offered once at most, and in full");
        assert_eq!(*receiver.connections.lock().expect("no panic"), 1, "{step:?} {trick:?}: one attempt a call");
    }
}

#[tokio::test]
async fn offering_again_offers_the_same_bytes_under_the_same_id() {
    let receiver = Scripted::start(Step::Dot, Trick::Say("451 later\r\n")).await;
    let item = item("buyer@acme.example");
    for _ in 0..2 {
        let outcome = send(&settings(receiver.port), None, &item).await;
        assert!(matches!(outcome, SendOutcome::Temporary { .. }), "{outcome:?}");
    }
    let mails = receiver.mails.lock().expect("no panic").clone();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
    assert!(mails[0].contains("Message-ID: <0193a7@us.example>\r\n"));
}

#[tokio::test]
async fn nobody_listening_is_temporary() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let outcome = send(&settings(port), None, &item("buyer@acme.example")).await;
    assert!(matches!(outcome, SendOutcome::Temporary { .. }), "{outcome:?}");
    assert!(probe(&settings(port), None).await.is_err());
}

/// A receiver that behaves well up to one step.
struct Scripted {
    port: u16,
    mails: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Scripted {
    async fn start(step: Step, trick: Trick) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let scripted =
            Self { port: listener.local_addr().expect("an address").port(), mails: Arc::default(), connections: Arc::default() };
        let (mails, connections) = (scripted.mails.clone(), scripted.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().expect("no panic") += 1;
                let _ = converse(BufReader::new(stream), step, trick, &mails).await;
            }
        });
        scripted
    }
}

type Stream = BufReader<tokio::net::TcpStream>;

async fn converse(mut stream: Stream, step: Step, trick: Trick, mails: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut now = Step::Greeting;
    let mut line = String::new();
    loop {
        let usual = match now {
            Step::Greeting => "220 scripted\r\n",
            Step::Hello => "250-scripted\r\n250 8BITMIME\r\n",
            Step::Mail | Step::Recipient | Step::Dot => "250 ok\r\n",
            Step::Data => "354 go ahead\r\n",
        };
        let reply = if now == step { play(&mut stream, trick).await? } else { Some(usual) };
        let Some(reply) = reply else { return Ok(()) };
        stream.get_mut().write_all(reply.as_bytes()).await?;
        if now == Step::Data && reply.starts_with("354") {
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") {
                if stream.read_line(&mut mail).await? == 0 {
                    return Ok(());
                }
            }
            mails.lock().expect("no panic").push(mail);
            now = Step::Dot;
            continue;
        }
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        now = match line.split([' ', '\r']).next().unwrap_or_default() {
            "EHLO" => Step::Hello,
            "MAIL" => Step::Mail,
            "RCPT" => Step::Recipient,
            "DATA" => Step::Data,
            _ => return stream.get_mut().write_all(b"221 bye\r\n").await,
        };
    }
}

/// What to say, or `None` when the conversation is over.
async fn play(stream: &mut Stream, trick: Trick) -> std::io::Result<Option<&'static str>> {
    match trick {
        Trick::Say(words) => Ok(Some(words)),
        Trick::Close => Ok(None),
        Trick::Reset => {
            #[expect(deprecated, reason = "the way to end a connection with RST; the socket is closed at once and blocks nobody")]
            stream.get_mut().set_linger(Some(std::time::Duration::ZERO))?;
            Ok(None)
        }
        Trick::Silence => {
            let mut rest = String::new();
            while stream.read_line(&mut rest).await? > 0 {}
            Ok(None)
        }
    }
}
