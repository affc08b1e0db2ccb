//! Real servers for tests: how is a Dovecot, a PostgreSQL, an SMTP receiver or a browser started for one test and surely ended?
//!
//! Every server is a throw-away instance on loopback, with a free port and a temporary folder of its own, started by the test
//! process. Nothing that the machine runs itself is used, and nothing is installed here: `./test` does that.

pub mod chromium;
pub mod dovecot;
pub mod postgres;
pub mod smtp_sink;
mod tied;

pub use chromium::Chromium;
pub use dovecot::Dovecot;
pub use postgres::Postgres;
pub use smtp_sink::{SmtpSecurity, SmtpSink};

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to answer: generous, because tests of other processes load the machine too.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Where `./test` puts what no Debian package brings: `target/test-tools`.
pub fn test_tools() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the temporary folder lies in the target folder").join("test-tools")
}

/// The Python of `tests/requirements.txt`.
pub fn python() -> PathBuf {
    let python = test_tools().join("venv/bin/python");
    assert!(python.exists(), "{} is missing: tests/install-tools makes it (./test does so by itself)", python.display());
    python
}

/// The program's path, or an end of the test that says which package brings it.
fn program(name: &str, package: &str, folders: &[&str]) -> PathBuf {
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists()).unwrap_or_else(|| {
        panic!("`{name}` is not installed: ./test installs it (Debian package {package}); looked in {folders:?}")
    })
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Asks `ready` until it gives something; `None` when the time is up.
fn wait_for<T>(limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// Runs a program to its end; its error output is the panic when it fails.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?} could not start: {error}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn are_we_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A certificate for `localhost` and `127.0.0.1`, signed by an authority made for this one server.
struct Certificate {
    ca_pem: PathBuf,
    cert_pem: PathBuf,
    key_pem: PathBuf,
}

impl Certificate {
    fn make(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name);
        std::fs::write(
            at("leaf.ext"),
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n",
        )
        .expect("the server's folder can be written");
        let openssl = |arguments: &str| {
            run(Command::new("openssl").current_dir(folder).args(arguments.split(' ')));
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(&format!(
            "req -x509 {key} -days 3650 -subj /CN=podesk-test-authority -addext keyUsage=keyCertSign -keyout ca.key -out ca.pem"
        ));
        openssl(&format!("req {key} -subj /CN=localhost -keyout key.pem -out leaf.csr"));
        openssl("x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile leaf.ext -out cert.pem");
        Self { ca_pem: at("ca.pem"), cert_pem: at("cert.pem"), key_pem: at("key.pem") }
    }
}

#[cfg(test)]
mod tests {
    //! The harness itself: a server that quietly does nothing would make every test that leans on it worthless.

    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpStream;

    /// Says lines and returns the first answer to each that matches what is waited for.
    fn talk(stream: TcpStream, script: &[(&str, &str)]) -> Vec<String> {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut writer = stream;
        let mut answers = Vec::new();
        for (say, wait_for) in script {
            if !say.is_empty() {
                writer.write_all(format!("{say}\r\n").as_bytes()).expect("the server listens");
            }
            loop {
                let mut line = String::new();
                assert!(
                    reader.read_line(&mut line).expect("the server answers") > 0,
                    "the line is dead before `{wait_for}`: {answers:?}"
                );
                let is_last = line.starts_with(wait_for);
                answers.push(line.trim_end().to_owned());
                if is_last {
                    break;
                }
            }
        }
        answers
    }

    fn uidvalidity(dovecot: &Dovecot) -> String {
        let stream = TcpStream::connect(("127.0.0.1", dovecot.imap_port)).expect("it listens");
        let login = format!("a LOGIN {} \"{}\"", dovecot.user, dovecot.password);
        let answers = talk(stream, &[("", "* OK"), (&login, "a OK"), ("b SELECT INBOX", "b OK"), ("c LOGOUT", "c OK")]);
        answers.into_iter().find(|line| line.contains("UIDVALIDITY")).expect("SELECT tells it")
    }

    #[test]
    fn dovecot_delivers_goes_away_and_comes_back() {
        let mut dovecot = Dovecot::start();
        dovecot.deliver(b"Subject: one\r\n\r\nbody\r\n");
        dovecot.deliver(b"Subject: two\r\n\r\nbody\r\n");
        let before = uidvalidity(&dovecot);
        assert_eq!(dovecot.list("INBOX").len(), 2);
        assert!(dovecot.list("INBOX")[0].starts_with(b"Subject: one"));
        assert!(dovecot.list("Drafts").is_empty());
        dovecot.stop();
        assert!(TcpStream::connect(("127.0.0.1", dovecot.imap_port)).is_err());
        dovecot.start_again();
        assert_eq!(uidvalidity(&dovecot), before);
        dovecot.change_uidvalidity();
        assert_ne!(uidvalidity(&dovecot), before);
        assert_eq!(dovecot.list("INBOX").len(), 2);
    }

    #[test]
    fn dovecot_speaks_tls_with_a_certificate_of_its_authority() {
        let dovecot = Dovecot::start();
        let target = format!("127.0.0.1:{}", dovecot.imaps_port);
        let output = run(Command::new("openssl")
            .args(["s_client", "-verify_return_error", "-verify_ip", "127.0.0.1", "-connect", &target, "-CAfile"])
            .arg(&dovecot.ca_pem_path));
        assert!(output.contains("Verify return code: 0 (ok)"), "{output}");
    }

    #[test]
    fn every_postgres_is_a_fresh_database() {
        let (one, two) = (Postgres::start(), Postgres::start());
        assert_ne!(one.url(), two.url());
        run(Command::new("psql").args(["-X", one.url(), "-c", "create table t (n int)"]));
        let tables = run(Command::new("psql").args([
            "-X",
            "-At",
            two.url(),
            "-c",
            "select count(*) from pg_tables where schemaname = 'public'",
        ]));
        assert_eq!(tables.trim(), "0");
    }

    #[test]
    fn the_smtp_sink_keeps_what_it_accepts_and_refuses_on_request() {
        let sink = SmtpSink::start();
        let stream = TcpStream::connect(("127.0.0.1", sink.port)).expect("it listens");
        talk(
            stream,
            &[
                ("", "220"),
                ("EHLO test", "250 "),
                ("MAIL FROM:<a@nordwerk.example>", "250"),
                ("RCPT TO:<permanent@acme.example>", "550"),
                ("RCPT TO:<temporary@acme.example>", "451"),
                ("RCPT TO:<buyer@acme.example>", "250"),
                ("DATA", "354"),
                ("Subject: hello\r\n\r\nbody\r\n.", "250"),
                ("QUIT", "221"),
            ],
        );
        let received = sink.received();
        assert_eq!(received.len(), 1, "{}", sink.log());
        assert_eq!(received[0].envelope_from, "a@nordwerk.example");
        assert_eq!(received[0].rcpts, ["buyer@acme.example"]);
        assert!(received[0].bytes.starts_with(b"Subject: hello\r\n"));
    }

    #[test]
    fn the_smtp_sink_demands_what_it_is_told_to() {
        let cases =
            [(SmtpSecurity::StartTls, "530"), (SmtpSecurity::StartTlsAndLogin, "530"), (SmtpSecurity::PlainAndLogin, "530")];
        for (security, refusal) in cases {
            let sink = SmtpSink::start_with(security);
            let stream = TcpStream::connect(("127.0.0.1", sink.port)).expect("it listens");
            let answers = talk(stream, &[("", "220"), ("EHLO test", "250 "), ("MAIL FROM:<a@nordwerk.example>", refusal)]);
            let offers_tls = answers.iter().any(|line| line.contains("STARTTLS"));
            assert_eq!(offers_tls, security != SmtpSecurity::PlainAndLogin, "{security:?}: {answers:?}");
            assert!(sink.ca_pem_path.exists() && !sink.user.is_empty() && !sink.password.is_empty());
        }
    }

    #[test]
    fn chromium_clicks_types_and_looks() {
        let page = "data:text/html,<title>Desk</title><form><input id=n value=1><button type=button data-k=v \
                    onclick=\"document.getElementById('o').innerText='got '+document.getElementById('n').value\">Go</button></form><p id=o></p>";
        let browser = Chromium::start();
        browser.goto(page);
        assert_eq!(browser.title(), "Desk");
        assert!(browser.url().starts_with("data:"));
        let input = browser.find("#n");
        input.clear();
        input.type_text("42");
        assert_eq!(input.property("value"), "42");
        assert!(browser.find_all("#o").iter().all(|output| output.text().is_empty()));
        browser.find("button").click();
        browser.wait_for_text("got 42");
        assert_eq!(browser.find("button").attribute("data-k").as_deref(), Some("v"));
        assert!(browser.find("button").is_displayed());
        assert_eq!(browser.execute("return arguments[0] + 1", serde_json::json!([2])), 3);
        assert!(browser.source().contains("data-k"));
        assert!(browser.screenshot().starts_with(b"\x89PNG"));
        assert!(browser.console_errors().is_empty());
    }
}
