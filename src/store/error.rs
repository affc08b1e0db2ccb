//! What can go wrong with the database, and whether trying again may help.
//!
//! Outcomes that a caller must decide on - a stale version, moved stock, an order that is there already - are not errors; they
//! are values of the functions that meet them.

use thiserror::Error;

/// Trouble with the database or with what is in it. `Display` never repeats the source; print the chain.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("`store.url` must be empty (SQLite in the data folder), `sqlite:PATH` or `postgres://...`; `{scheme}` is none of them")]
    UnknownUrl { scheme: String },
    #[error("the data folder {path} cannot be created")]
    DataDir { path: String, source: std::io::Error },
    #[error("cannot open the database {database}")]
    Open { database: String, source: sqlx::Error },
    #[error("cannot begin a transaction")]
    Begin { source: sqlx::Error },
    #[error("cannot commit a transaction")]
    Commit { source: sqlx::Error },
    #[error("a statement on table `{table}` failed")]
    Statement { table: &'static str, source: sqlx::Error },
    #[error("migration {name} failed; nothing of it was kept")]
    Migration { name: String, source: sqlx::Error },
    #[error("migration {name} in the database differs from the one in this program")]
    MigrationChanged { name: String },
    #[error(
        "the database has migration {found}, this program only knows up to {known}: it was used by a newer podesk; install that version"
    )]
    SchemaTooNew { found: String, known: String },
    #[error("table `{table}`, column `{column}`, row `{key}`: {problem}")]
    BadRow { table: &'static str, column: &'static str, key: String, problem: String },
    #[error("cannot store {what}: {problem}")]
    Unstorable { what: String, problem: String },
    #[error("there is no {what} `{key}` in the state that this needs")]
    NotThere { what: &'static str, key: String },
    #[error("{sku} at {node}: {new} cannot be the new quantity, {reserved} are reserved for orders")]
    BelowReserved { sku: String, node: String, new: String, reserved: String },
}

impl StoreError {
    /// Whether the same work may succeed later without anybody changing anything: lock conflicts, lost connections, a full disk.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Open { source, .. }
            | Self::Begin { source }
            | Self::Commit { source }
            | Self::Statement { source, .. }
            | Self::Migration { source, .. } => is_temporary(source),
            Self::UnknownUrl { .. }
            | Self::DataDir { .. }
            | Self::MigrationChanged { .. }
            | Self::SchemaTooNew { .. }
            | Self::BadRow { .. }
            | Self::Unstorable { .. }
            | Self::NotThere { .. }
            | Self::BelowReserved { .. } => false,
        }
    }

    /// Whether another transaction got in the way: doing the whole transaction again at once is the answer.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Begin { source } | Self::Commit { source } | Self::Statement { source, .. } => is_conflict(source),
            Self::UnknownUrl { .. }
            | Self::DataDir { .. }
            | Self::Open { .. }
            | Self::Migration { .. }
            | Self::MigrationChanged { .. }
            | Self::SchemaTooNew { .. }
            | Self::BadRow { .. }
            | Self::Unstorable { .. }
            | Self::NotThere { .. }
            | Self::BelowReserved { .. } => false,
        }
    }
}

/// PostgreSQL: serialization failure, deadlock. SQLite never deadlocks: it has one writer.
fn is_conflict(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else { return false };
    database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some_and(|error| matches!(error.code(), "40001" | "40P01"))
}

/// PostgreSQL: serialization failure, deadlock, lock not available, classes 53 (resources) and 57P (shut-down).
/// SQLite primary codes: 5 BUSY, 6 LOCKED, 10 IOERR, 13 FULL, 8 READONLY (a disk remounted), 14 CANTOPEN.
fn is_temporary(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                matches!(code.as_ref(), "40001" | "40P01" | "55P03") || code.starts_with("53") || code.starts_with("57P")
            } else {
                code.parse::<i64>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
            }
        }),
        _ => false,
    }
}
