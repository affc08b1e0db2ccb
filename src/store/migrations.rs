//! The schema, and how a database gets it: embedded files, applied in order, all or nothing, by one process at a time.
//!
//! A database that a newer program has migrated is refused by name. Down-migrations are deliberately missing: restore a backup.

use super::Tx;
use super::error::StoreError;
use super::link::args;
use crate::model::Sha256;

struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        [$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

/// In the order in which they are applied; names begin with their number and are never renamed.
static MIGRATIONS: [Migration; 3] = migrations!["0001_first", "0002_llm", "0003_templates"];

/// Any number will do, as long as every podesk uses the same.
const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(7055375, 1)";
const BOOK: &str = "CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL)";

/// Brings the database up to this program's schema and returns the names of the migrations that were applied now.
pub(super) async fn run(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let mut link = tx.link();
    let open = |source| StoreError::Migration { name: "bookkeeping".into(), source };
    let lock = link.pick("SELECT 1", LOCK_POSTGRES);
    link.raw(lock).await.map_err(open)?;
    link.raw(BOOK).await.map_err(open)?;
    let rows = link.all("migrations", "SELECT name, sha256 FROM migrations ORDER BY name", args![]).await?;
    let mut there = Vec::with_capacity(rows.len());
    for row in rows {
        there.push((row.text("name")?, row.text("sha256")?));
    }
    refuse_newer(&there)?;
    let mut applied = Vec::new();
    for migration in &MIGRATIONS {
        let text = link.pick(migration.sqlite, migration.postgres);
        let digest = Sha256::of(text.as_bytes());
        match there.iter().find(|(name, _)| name == migration.name) {
            Some((_, known)) if *known == digest.as_str() => {}
            Some(_) => return Err(StoreError::MigrationChanged { name: migration.name.into() }),
            None => {
                link.raw(text).await.map_err(|source| StoreError::Migration { name: migration.name.into(), source })?;
                let sql = "INSERT INTO migrations (name, sha256) VALUES ($1, $2)";
                link.exec("migrations", sql, args![migration.name, &digest]).await?;
                applied.push(migration.name.to_owned());
            }
        }
    }
    Ok(applied)
}

fn refuse_newer(there: &[(String, String)]) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or("", |migration| migration.name);
    match there.iter().find(|(name, _)| !MIGRATIONS.iter().any(|migration| migration.name == name)) {
        Some((found, _)) => Err(StoreError::SchemaTooNew { found: found.clone(), known: known.into() }),
        None => Ok(()),
    }
}
