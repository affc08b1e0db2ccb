//! Who does the next job? A few confined children, each of which serves document after document.
//!
//! Starting a child costs more than reading most documents. So a child is kept as long as it is healthy: it is thrown away after any
//! fault, any limit, a document that left much memory behind, and a set number of documents. Time and CPU time are those of one document;
//! memory is that of the child. A crash in a child that has served others before is tried once more in a fresh one, so that no
//! document is to blame for its neighbour.

use super::WORKER_COMMAND;
use super::protocol::{Answer, AnswerHead, Job, Task};
use super::sandbox::ChildRlimits;
use crate::model::Code;
use serde::{Deserialize, Serialize};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// What the child writes to standard error is kept up to this length.
const MOST_COMPLAINT: u64 = 64 << 10;
/// So long a child may take to end after it closed its output, or to have its last words read.
const LAST_MOMENTS: Duration = Duration::from_secs(5);

/// Limits of the child processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChildLimits {
    /// Address space, MiB.
    pub memory_mib: u64,
    /// For one document.
    pub cpu_seconds: u64,
    /// For one document.
    pub wall_seconds: u64,
    /// Longest answer that is read, bytes.
    pub answer_bytes: u64,
    /// Children at a time; 0 for as many as there are cores.
    pub children: usize,
    /// Documents that a child serves before it is replaced; 1 gives each document a child of its own.
    pub documents: u64,
}

impl Default for ChildLimits {
    fn default() -> Self {
        Self { memory_mib: 512, cpu_seconds: 20, wall_seconds: 30, answer_bytes: 96 << 20, children: 0, documents: 100 }
    }
}

/// How a child failed to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    NotStarted(String),
    Crashed(String),
    TimedOut,
    OutOfMemory,
    TooLong,
}

/// Healthy children that wait, and how many may work at a time.
#[derive(Debug)]
pub(super) struct Pool {
    program: PathBuf,
    limits: ChildLimits,
    /// Tried on encrypted PDFs.
    passwords: Vec<String>,
    working: Semaphore,
    waiting: Mutex<Vec<Served>>,
    tickets: RandomState,
}

/// A child and the ends of its pipes.
#[derive(Debug)]
struct Served {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    complaint: JoinHandle<String>,
    documents: u64,
}

impl Pool {
    /// Starts nothing yet.
    pub(super) fn new(program: PathBuf, limits: ChildLimits, passwords: Vec<String>, cores: usize) -> Self {
        let children = if limits.children == 0 { cores } else { limits.children };
        Self {
            program,
            limits,
            passwords,
            working: Semaphore::new(children),
            waiting: Mutex::new(Vec::new()),
            tickets: RandomState::new(),
        }
    }

    /// One job, one answer.
    pub(super) async fn ask(&self, task: Task, bytes: &[u8], name: &str) -> Result<Answer, Failure> {
        let _permit = self.working.acquire().await.map_err(|e| Failure::NotStarted(e.to_string()))?;
        let rlimits = ChildRlimits {
            memory_bytes: self.limits.memory_mib << 20,
            cpu_seconds: self.limits.cpu_seconds,
            documents: self.limits.documents,
        };
        let name: String = name.chars().take(200).collect();
        let mut job = Job { task, name, rlimits, passwords: self.passwords.clone(), ticket: 0, bytes: bytes.len() as u64 };
        if let Some(kept) = self.kept() {
            let answer = self.serve(kept, &mut job, bytes).await;
            if !answer.as_ref().is_err_and(Failure::may_be_the_childs) {
                return answer;
            }
        }
        let fresh = Served::start(&self.program)?;
        self.serve(fresh, &mut job, bytes).await
    }

    /// Lets every child go that waits for work, and waits for its end. The next job starts a new one.
    pub(super) async fn dismiss(&self) {
        while let Some(served) = self.kept() {
            served.dismiss().await;
        }
    }

    fn kept(&self) -> Option<Served> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn serve(&self, mut served: Served, job: &mut Job, bytes: &[u8]) -> Result<Answer, Failure> {
        job.ticket = self.tickets.hash_one((served.child.id(), served.documents));
        let limit = Duration::from_secs(self.limits.wall_seconds);
        let talk = served.talk(job, bytes, self.limits.answer_bytes);
        let answer = match tokio::time::timeout(limit, talk).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Silence::Ended)) => return Err(served.end().await),
            Ok(Err(Silence::Stopped(failure))) => return Err(served.stop(failure).await),
            Err(_elapsed) => return Err(served.stop(Failure::TimedOut).await),
        };
        served.documents += 1;
        if self.is_healthy(&served, &answer) {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(served);
        } else {
            served.dismiss().await;
        }
        Ok(answer)
    }

    /// Whether the next document may have this child.
    fn is_healthy(&self, served: &Served, answer: &Answer) -> bool {
        let failed = |document: &crate::reading::document::Document| {
            document.findings.iter().any(|finding| finding.code == Code::ParserFailed)
        };
        served.documents < self.limits.documents
            && served.memory().is_none_or(|bytes| bytes < (self.limits.memory_mib << 20) / 4)
            && match answer {
                // A panic was caught in it.
                Answer::Document(document) => !failed(document),
                Answer::Png(_) | Answer::Gray(_) | Answer::NoImage(_) | Answer::Words(_) => true,
            }
    }
}

/// Why there is no answer.
enum Silence {
    /// The child closed its output: how it ended says why.
    Ended,
    Stopped(Failure),
}

impl Served {
    fn start(program: &PathBuf) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .arg(WORKER_COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::NotStarted(format!("{}: {e}", program.display())))?;
        let no_pipe = || Failure::NotStarted("no pipe to the document worker".into());
        let input = child.stdin.take().ok_or_else(no_pipe)?;
        let output = child.stdout.take().ok_or_else(no_pipe)?;
        let complaint = tokio::spawn(listen(child.stderr.take().ok_or_else(no_pipe)?));
        Ok(Self { child, input, output, complaint, documents: 0 })
    }

    async fn talk(&mut self, job: &Job, bytes: &[u8], most: u64) -> Result<Answer, Silence> {
        // A child that dies early breaks the pipe; how it died says more than that.
        let ended = |_broken: std::io::Error| Silence::Ended;
        self.input.write_all(&job.header()).await.map_err(ended)?;
        self.input.write_all(bytes).await.map_err(ended)?;
        self.input.flush().await.map_err(ended)?;
        let mut head = [0; AnswerHead::LENGTH];
        self.output.read_exact(&mut head).await.map_err(ended)?;
        let head = AnswerHead::from_bytes(&head);
        let broken = || Silence::Stopped(Failure::Crashed("its answer was broken".into()));
        if head.ticket != job.ticket {
            return Err(broken());
        }
        if head.length > most {
            return Err(Silence::Stopped(Failure::TooLong));
        }
        let mut body = Vec::new();
        (&mut self.output).take(head.length).read_to_end(&mut body).await.map_err(ended)?;
        if body.len() as u64 != head.length {
            return Err(Silence::Ended);
        }
        Answer::from_parts(head.kind, &body).ok_or_else(broken)
    }

    /// The child ended by itself: why?
    async fn end(mut self) -> Failure {
        match tokio::time::timeout(LAST_MOMENTS, self.child.wait()).await {
            Ok(Ok(status)) => {
                let complaint = tokio::time::timeout(LAST_MOMENTS, &mut self.complaint).await;
                Failure::of(status, &complaint.ok().and_then(Result::ok).unwrap_or_default())
            }
            Ok(Err(error)) => Failure::Crashed(error.to_string()),
            Err(_elapsed) => self.stop(Failure::TimedOut).await,
        }
    }

    async fn stop(mut self, failure: Failure) -> Failure {
        // `kill` also waits, so that no zombie stays.
        let _ = self.child.kill().await;
        failure
    }

    /// Lets a child go that has answered: it ends at the end of its input.
    async fn dismiss(self) {
        let Self { mut child, input, output, .. } = self;
        drop((input, output));
        if tokio::time::timeout(LAST_MOMENTS, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }

    /// Memory that the child holds for itself, bytes; `None` where the system does not say.
    fn memory(&self) -> Option<u64> {
        const PAGE: u64 = 4096;
        let sizes = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id()?)).ok()?;
        Some(sizes.split(' ').nth(5)?.parse::<u64>().ok()? * PAGE)
    }
}

/// The beginning of what the child complains about; more than that is thrown away, so that a talkative child does not block.
async fn listen(mut from: ChildStderr) -> String {
    let mut complaint = Vec::new();
    let _ = (&mut from).take(MOST_COMPLAINT).read_to_end(&mut complaint).await;
    let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&complaint).into_owned()
}

impl Failure {
    /// Whether a fresh child might do better: not where the document used up its own time or length.
    fn may_be_the_childs(&self) -> bool {
        match self {
            Self::Crashed(_) | Self::OutOfMemory => true,
            Self::NotStarted(_) | Self::TimedOut | Self::TooLong => false,
        }
    }

    /// What an exit status and the child's last words mean.
    fn of(status: ExitStatus, complaint: &str) -> Self {
        if complaint.contains("memory allocation of") || complaint.contains("out of memory") {
            return Self::OutOfMemory;
        }
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return match signal {
                // SIGXCPU, and SIGKILL as the hard limit's answer.
                24 | 9 => Self::TimedOut,
                _other if complaint.contains("stack overflow") || complaint.contains("has overflowed its stack") => {
                    Self::Crashed("it overflowed its stack".into())
                }
                other => Self::Crashed(format!("signal {other}")),
            };
        }
        let first_line: String =
            complaint.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
        Self::Crashed(if first_line.is_empty() { status.to_string() } else { first_line })
    }

    pub(super) fn sentence(&self, file: &str, limits: &ChildLimits) -> String {
        match self {
            Self::NotStarted(why) => format!("{file} was not read: the document worker cannot be started ({why})"),
            Self::Crashed(why) => format!("{file} crashed the parser ({why}); open it by hand"),
            Self::TimedOut => {
                format!(
                    "{file} took longer than {} s (or {} s of CPU) to read; open it by hand",
                    limits.wall_seconds, limits.cpu_seconds
                )
            }
            Self::OutOfMemory => format!("{file} needs more than {} MiB of memory to read; open it by hand", limits.memory_mib),
            Self::TooLong => format!("{file} holds more than is read ({} bytes of words)", limits.answer_bytes),
        }
    }
}
