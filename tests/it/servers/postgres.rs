//! A throw-away PostgreSQL cluster: one for each test process, a fresh database for each call.

use super::tied::{EndBy, Tied};
use super::{START_LIMIT, are_we_root, free_port, program, run, wait_for};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh, empty database.
#[derive(Debug)]
pub struct Postgres {
    url: String,
}

/// The cluster that every database of this process lives in. It is never dropped; it ends with the process (see `tied`).
#[derive(Debug)]
struct Cluster {
    port: u16,
    _process: Tied,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    pub fn start() -> Self {
        let port = CLUSTER.get_or_init(Cluster::start).port;
        let name = format!("podesk_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
        let url = format!("postgres://podesk@127.0.0.1:{port}/{name}");
        psql(port, &format!("create database {name}"));
        Self { url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("podesk-postgres-").tempdir().expect("a temporary folder").keep();
        let data = folder.join("data");
        if are_we_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let initdb = server_program("initdb");
        let arguments = ["-U", "podesk", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--wal-segsize=1", "-D"];
        let mut command = as_postgres(&initdb);
        command.extend(arguments);
        run(Command::new(command[0]).args(&command[1..]).arg(&data).current_dir(&folder));
        for _ in 0..5 {
            let port = free_port();
            if let Some(process) = try_to_run(&folder, &data, port) {
                return Self { port, _process: process };
            }
        }
        panic!("PostgreSQL does not start: {}", std::fs::read_to_string(folder.join("postgres.log")).unwrap_or_default());
    }
}

/// Durability is switched off: the cluster lives for one test process.
fn try_to_run(folder: &Path, data: &Path, port: u16) -> Option<Tied> {
    let postgres = server_program("postgres");
    let (data, socket) = (data.to_string_lossy(), folder.to_string_lossy());
    let port_text = port.to_string();
    let settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60"];
    let mut command = as_postgres(&postgres);
    command.extend(["-D", &data, "-p", &port_text, "-h", "127.0.0.1", "-k", &socket]);
    command.extend(settings.iter().flat_map(|setting| ["-c", setting]));
    let process = Tied::start(folder, "postgres.log", EndBy::Interrupt, &command);
    let is_up = wait_for(START_LIMIT, || match (process.has_ended(), process.log().contains("ready to accept connections")) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    });
    if is_up == Some(true) {
        return Some(process);
    }
    process.end_and_keep_folder();
    None
}

/// PostgreSQL refuses to run as root, so root becomes the user that the Debian package made.
fn as_postgres(program: &Path) -> Vec<&str> {
    let program = program.to_str().expect("paths are UTF-8");
    if are_we_root() { vec!["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program] } else { vec![program] }
}

/// The newest version that is installed; Debian keeps server programs out of the path.
fn server_program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(name))))
        .filter(|(_, path)| path.exists())
        .collect();
    versions.sort();
    versions
        .pop()
        .map_or_else(|| program(name, "postgresql", &["/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin"]), |(_, path)| path)
}

fn psql(port: u16, statement: &str) {
    let psql = program("psql", "postgresql-client", &["/usr/bin", "/usr/local/bin"]);
    run(Command::new(psql).args([
        "-X",
        "-q",
        "-h",
        "127.0.0.1",
        "-U",
        "podesk",
        "-d",
        "postgres",
        "-p",
        &port.to_string(),
        "-c",
        statement,
    ]));
}
