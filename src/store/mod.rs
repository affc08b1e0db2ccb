//! Everything that is kept: SQLite by default, PostgreSQL by URL. The only room that writes SQL.
//!
//! `Db` is cheap to clone; its methods read. `Tx` writes: everything that belongs together goes into one, and nothing is visible
//! or durable before `commit`. Dropping a `Tx` undoes it. One file a concept; each query is written once for both databases.
//!
//! Raw mails and documents are kept in the database too (`blobs`): the bytes and the row that speaks of them commit together,
//! and several hosts see the same. Nothing here reads the clock: times come in as arguments and are cut to microseconds.

mod audit;
mod cases;
mod error;
mod jobs;
mod ledger;
mod link;
mod llm;
mod mails;
mod master;
mod migrations;
mod orders;
mod outbox;
mod payload;
mod quantity;
mod stock;
mod templates;
mod users;

pub use audit::AuditEntry;
pub use cases::{CaseFilter, Stale};
pub use error::StoreError;
pub use jobs::{ClaimedJob, JobRow, JobState, LostLease, NewJob};
pub use ledger::UidEntry;
pub use llm::{LlmExample, LlmSpend, LlmTotal, LlmUse};
pub use mails::{DraftNote, ItemKind, MessageRecord, Outcome, ReadingRecord, StoredItem};
pub use orders::{AlreadyPlaced, OrderFilter, OrderIdentity, OrderSummary};
pub use outbox::{NoticeRecord, NoticeState, SendState};
pub use stock::{Reserved, StockFilter, StockMoved};
pub use templates::TemplateRecord;
pub use users::{FailedLogins, Role, Session, User};

use link::{Link, Row, Value};
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Postgres, Sqlite, Transaction};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// `[store]` in `agent.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Empty: SQLite in the data folder. `sqlite:PATH`, or `postgres://user:password@host/database`.
    pub url: String,
}

/// How long a connection may take to come free before the caller is told.
const ACQUIRE_SECONDS: u64 = 30;
/// How long SQLite waits for another process's writer.
const BUSY_SECONDS: u64 = 10;
/// How long a PostgreSQL server may take to answer the first time.
const CONNECT_SECONDS: u64 = 10;
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

/// The database.
#[derive(Clone)]
pub struct Db(Pools);

#[derive(Clone)]
enum Pools {
    /// One writer, because two would only wait for each other (and the longest wait would be a hundred times longer).
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction. Dropped without `commit`, it leaves nothing behind.
pub struct Tx(Begun);

enum Begun {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A connection for reading.
enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Db {
    /// Opens the database, creating it in `data_dir` where it is SQLite without a path, and brings its schema up to date.
    pub async fn open(settings: &StoreSettings, data_dir: &Path) -> Result<Self, StoreError> {
        let url = settings.url.trim();
        let db = match url.split_once(':').map_or(url, |(scheme, _)| scheme) {
            "" => Self::open_sqlite(&data_dir.join("podesk.db")).await?,
            "sqlite" => {
                let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
                let path = if path.is_empty() { data_dir.join("podesk.db") } else { PathBuf::from(path) };
                Self::open_sqlite(&path).await?
            }
            "postgres" | "postgresql" => Self::open_postgres(url).await?,
            scheme => return Err(StoreError::UnknownUrl { scheme: scheme.into() }),
        };
        let mut tx = db.begin().await?;
        migrations::run(&mut tx).await?;
        tx.commit().await?;
        Ok(db)
    }

    /// Turning a new file to WAL does not wait for others who do the same, whatever the busy timeout says: wait here.
    async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let mut tries = 0;
        loop {
            match Self::try_open_sqlite(path).await {
                Err(error) if error.is_temporary() && tries < BUSY_SECONDS * 10 => tries += 1,
                result => return result,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn try_open_sqlite(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::DataDir { path: folder.display().to_string(), source })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A lost "sent" mark after a power cut would be a second confirmation: every commit is durable.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(BUSY_SECONDS))
            .optimize_on_close(true, None)
            .disable_statement_logging();
        let open = |source| StoreError::Open { database: path.display().to_string(), source };
        let acquire = Duration::from_secs(ACQUIRE_SECONDS);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .acquire_timeout(acquire)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        let read = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(acquire)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(open)?;
        Ok(Self(Pools::Sqlite { write, read }))
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        // The URL holds a password: an error names only the host.
        let open = |source| StoreError::Open { database: "at `store.url`".into(), source };
        let options = PgConnectOptions::from_str(url).map_err(open)?.application_name("podesk").disable_statement_logging();
        let host = options.get_host().to_owned();
        let unreachable = |source| StoreError::Open { database: format!("on host {host}"), source };
        // The pool would try again for half a minute; whoever starts the program wants to know at once.
        let first = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS), options.connect()).await;
        let first = first.map_err(|_| unreachable(sqlx::Error::PoolTimedOut))?.map_err(unreachable)?;
        first.close().await.map_err(unreachable)?;
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(ACQUIRE_SECONDS))
            .connect_lazy_with(options);
        Ok(Self(Pools::Postgres(pool)))
    }

    /// Begins a transaction. On SQLite it holds the one writer until it is committed or dropped, so do nothing slow inside.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        // In a task of its own, because a caller that is dropped while BEGIN is under way would give a connection with an open
        // transaction back to the pool. The task ends holding the transaction, and dropping that rolls it back.
        let pools = self.0.clone();
        let begun = tokio::spawn(async move {
            match pools {
                Pools::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await.map(Begun::Sqlite),
                Pools::Postgres(pool) => pool.begin().await.map(Begun::Postgres),
            }
        });
        let begun = begun.await.map_err(|_| StoreError::Begin { source: sqlx::Error::WorkerCrashed })?;
        begun.map(Tx).map_err(|source| StoreError::Begin { source })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.all("migrations", "SELECT name FROM migrations LIMIT 1", Vec::new()).await.map(drop)
    }

    /// `SQLite` or `PostgreSQL`, for a person.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }

    /// Waits for connections in use and closes all: the last thing before exit.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    async fn reader(&self) -> Result<Reader, StoreError> {
        let reader = match &self.0 {
            Pools::Sqlite { read, .. } => read.acquire().await.map(Reader::Sqlite),
            Pools::Postgres(pool) => pool.acquire().await.map(Reader::Postgres),
        };
        reader.map_err(|source| StoreError::Begin { source })
    }

    async fn all(&self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.reader().await?.link().all(table, sql, args).await
    }

    async fn one(&self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        self.reader().await?.link().one(table, sql, args).await
    }
}

impl Reader {
    fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(connection) => Link::Sqlite(connection),
            Self::Postgres(connection) => Link::Postgres(connection),
        }
    }
}

impl Tx {
    /// Makes everything in it durable, at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Begun::Sqlite(tx) => tx.commit().await,
            Begun::Postgres(tx) => tx.commit().await,
        }
        .map_err(|source| StoreError::Commit { source })
    }

    /// Undoes everything in it. Dropping does the same, a little later.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self.0 {
            Begun::Sqlite(tx) => tx.rollback().await,
            Begun::Postgres(tx) => tx.rollback().await,
        }
        .map_err(|source| StoreError::Commit { source })
    }

    fn link(&mut self) -> Link<'_> {
        match &mut self.0 {
            Begun::Sqlite(tx) => Link::Sqlite(tx),
            Begun::Postgres(tx) => Link::Postgres(tx),
        }
    }

    async fn one(&mut self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        self.link().one(table, sql, args).await
    }

    async fn all(&mut self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.link().all(table, sql, args).await
    }

    async fn exec(&mut self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<u64, StoreError> {
        self.link().exec(table, sql, args).await
    }

    /// The next value of a counter, from 1. On PostgreSQL it holds the counter until the transaction ends, so that numbers have
    /// no gaps.
    async fn count_up(&mut self, counter: &'static str) -> Result<i64, StoreError> {
        let sql = "INSERT INTO counters (name, value) VALUES ($1, 1)
                   ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING name, value";
        let row = self.one("counters", sql, link::args![counter]).await?;
        row.ok_or(StoreError::NotThere { what: "counter", key: counter.into() })?.int("value")
    }
}
