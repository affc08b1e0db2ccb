//! A process that cannot outlive the test: however the test process ends, the server ends too and its folder is removed.
//!
//! A small shell stands between: it starts the server and then reads its standard input, whose other end only the test process
//! holds. When that end closes - on drop, on a panic, or because the kernel closed it - the shell ends the server and cleans up.

use super::wait_for;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const KEEPER: &str = r#"
folder=$1 signal=$2 log=$3; shift 3
{ sh -c 'echo $$ >"$0.pid"; exec "$@"' "$log" "$@" </dev/null >>"$log" 2>&1; echo $? >"$log.exit"; } &
read -r word
[ -e "$log.exit" ] || kill -s "$signal" "$(cat "$log.pid")"
wait
trap '' TERM
kill -s TERM 0
[ "$word" = keep ] || rm -rf "$folder"
"#;

/// Which signal asks the server to end at once but in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum EndBy {
    Interrupt,
    Terminate,
}

/// A running server process and its folder.
#[derive(Debug)]
pub(super) struct Tied {
    keeper: Child,
    log: PathBuf,
}

impl Tied {
    /// Starts `program` with its output in `log`, which lies in `folder`; `folder` goes when the server goes.
    pub(super) fn start(folder: &Path, log: &str, end_by: EndBy, command: &[&str]) -> Self {
        let log = folder.join(log);
        for stale in ["pid", "exit"] {
            let _ = std::fs::remove_file(suffixed(&log, stale));
        }
        let signal = match end_by {
            EndBy::Interrupt => "INT",
            EndBy::Terminate => "TERM",
        };
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(folder)
            .arg(signal)
            .arg(&log)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("every machine has a shell");
        Self { keeper, log }
    }

    /// What the server has written so far.
    pub(super) fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    pub(super) fn has_ended(&self) -> bool {
        suffixed(&self.log, "exit").exists()
    }

    /// Ends the server but leaves its folder.
    pub(super) fn end_and_keep_folder(mut self) {
        if let Some(stdin) = &mut self.keeper.stdin {
            let _ = stdin.write_all(b"keep\n");
        }
    }
}

impl Drop for Tied {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if wait_for(Duration::from_secs(30), || self.keeper.try_wait().ok().flatten()).is_none() {
            let group = rustix::process::Pid::from_child(&self.keeper);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            let _ = self.keeper.wait();
        }
    }
}

fn suffixed(log: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}.{suffix}", log.display()))
}
