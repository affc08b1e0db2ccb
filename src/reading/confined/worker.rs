//! The child's side: jobs from standard input, an answer to standard output for each, nothing else.
//!
//! No async runtime, no threads, no configuration, no environment: `main` comes here before it sets anything up. Nothing is kept from
//! one document to the next.

use super::protocol::{Answer, AnswerHead, Job, Task};
use super::sandbox;
use crate::reading::document::{self, SourceKind, image, pdf};
use std::io::{self, Read, Write};
use std::process::ExitCode;

/// Most bytes that are taken as a document; the parent has its own, lower limit.
const MOST_INPUT: u64 = 256 << 20;

/// `podesk document-worker`: confines this process at the first job, then does job after job until the input ends.
///
/// Exit code 0 at the end of input, 2 where a job or the confinement failed; a crash ends as the system makes it end.
pub fn worker_main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // The parent keeps the beginning of what is written here for its log.
            let _ = writeln!(io::stderr(), "document-worker: {problem}");
            ExitCode::from(2)
        }
    }
}

fn work() -> Result<(), String> {
    let mut input = io::stdin().lock();
    let next_job = |input: &mut io::StdinLock<'_>| Job::read(input).map_err(|e| format!("no job: {e}"));
    let Some(first) = next_job(&mut input)? else { return Ok(()) };
    let rlimits = first.rlimits;
    sandbox::limit_resources(rlimits)?;
    let level = sandbox::confine()?;
    let mut next = Some(first);
    while let Some(job) = next {
        sandbox::grant_cpu(rlimits)?;
        work_on(&job, &mut input, &level)?;
        next = next_job(&mut input)?;
    }
    Ok(())
}

fn work_on(job: &Job, input: &mut impl Read, level: &str) -> Result<(), String> {
    if job.bytes > MOST_INPUT {
        return Err(format!("{} bytes are more than a document has", job.bytes));
    }
    let mut bytes = Vec::new();
    let read = input.take(job.bytes).read_to_end(&mut bytes).map_err(|e| format!("no document: {e}"))?;
    if read as u64 != job.bytes {
        return Err("the document is not whole".into());
    }
    let (kind, body) = answer(job, &bytes, level.to_owned()).into_parts();
    let head = AnswerHead { kind, ticket: job.ticket, length: body.len() as u64 };
    let mut output = io::stdout().lock();
    let written = output.write_all(&head.to_bytes()).and_then(|()| output.write_all(&body)).and_then(|()| output.flush());
    written.map_err(|e| format!("no answer: {e}"))
}

fn answer(job: &Job, bytes: &[u8], level: String) -> Answer {
    let unlocked = pdf::unlocked(bytes, &job.passwords);
    let bytes = &*unlocked;
    match &job.task {
        Task::Read { limits, opinions } => Answer::Document(Box::new(document::read_with(bytes, &job.name, limits, *opinions))),
        Task::Png { page, dpi } => match document::sniff(bytes, &job.name) {
            SourceKind::Pdf => pdf::png_page(bytes, *page, *dpi),
            SourceKind::Image => image::png(bytes, *page, *dpi),
            SourceKind::Sheet
            | SourceKind::Word
            | SourceKind::Html
            | SourceKind::Text
            | SourceKind::Xml
            | SourceKind::Edi
            | SourceKind::Unknown => Err(pdf::RenderError::NotAPicture),
        }
        .map_or_else(Answer::NoImage, Answer::Png),
        Task::Gray { page } => match document::sniff(bytes, &job.name) {
            SourceKind::Pdf => pdf::gray_page(bytes, *page),
            SourceKind::Image => image::gray(bytes, *page),
            SourceKind::Sheet
            | SourceKind::Word
            | SourceKind::Html
            | SourceKind::Text
            | SourceKind::Xml
            | SourceKind::Edi
            | SourceKind::Unknown => Err(pdf::RenderError::NotAPicture),
        }
        .map_or_else(Answer::NoImage, Answer::Gray),
        Task::Level => Answer::Words(level),
        #[cfg(debug_assertions)]
        Task::Probe => Answer::Words(probe::everything_forbidden()),
        #[cfg(debug_assertions)]
        Task::Misbehave { how } => Answer::Words(probe::misbehave(how)),
    }
}

/// Attempts at what a confined child must not be able to do. Only in debug builds, for the tests of the confinement.
#[cfg(debug_assertions)]
mod probe {
    use std::fmt::Write;

    /// A line for each attempt: what, and `denied` or what came of it.
    pub(super) fn everything_forbidden() -> String {
        let mut report = String::new();
        let mut note = |what: &str, result: std::io::Result<String>| {
            let outcome = result.map_or_else(|_| "denied".to_owned(), |done| format!("DONE {done}"));
            writeln!(report, "{what}: {outcome}").expect("writing to a string cannot fail");
        };
        note("open a file", std::fs::read("/etc/passwd").map(|bytes| bytes.len().to_string()));
        note("write a file", std::fs::write("/tmp/podesk-probe", "x").map(|()| String::new()));
        note("list a folder", std::fs::read_dir("/").map(|_| String::new()));
        note("bind a socket", std::net::UdpSocket::bind("127.0.0.1:0").map(|_| String::new()));
        note("connect", std::net::TcpStream::connect("127.0.0.1:25").map(|_| String::new()));
        note("run a program", std::process::Command::new("/bin/true").status().map(|status| status.to_string()));
        note("start a thread", std::thread::Builder::new().spawn(|| ()).map(|_| String::new()));
        #[cfg(target_os = "linux")]
        note("signal another process", signal_init());
        #[expect(clippy::disallowed_methods, reason = "the probe shows that nothing of it reached the child")]
        let environment: Vec<String> = std::env::vars_os().map(|(key, _)| key.to_string_lossy().into_owned()).collect();
        writeln!(report, "environment: {}", environment.join(",")).expect("writing to a string cannot fail");
        report
    }

    #[cfg(target_os = "linux")]
    fn signal_init() -> std::io::Result<String> {
        rustix::process::test_kill_process(rustix::process::Pid::INIT)?;
        Ok(String::new())
    }

    pub(super) fn misbehave(how: &str) -> String {
        match how {
            "memory" => {
                let mut hoard: Vec<Vec<u8>> = Vec::new();
                loop {
                    hoard.push(vec![1; 64 << 20]);
                    std::hint::black_box(&hoard);
                }
            }
            "stack" => format!("{}", deeper(1)),
            "time" => loop {
                std::hint::black_box(());
            },
            "panic" => panic!("as asked"),
            other => format!("unknown: {other}"),
        }
    }

    fn deeper(n: u64) -> u64 {
        let here = [n; 64];
        std::hint::black_box(&here);
        if n == 0 { 0 } else { deeper(n + 1) + here[(n % 64) as usize] }
    }
}
