//! Master data in: the ten files of the contract, CSV or XLSX, all or nothing per file, every bad cell named by line and column.
//!
//! A file is read into text (`table`), its columns are checked (`kind`), its cells become typed rows (`cells`, `rows`), what they
//! refer to is looked up (`references`), and then the whole file is written in one transaction. Importing never deletes: a row
//! that is named again replaces the one that is there.

mod cells;
mod kind;
mod references;
mod rows;
mod table;

pub use kind::Kind;
pub use rows::Rows;

use crate::store::{Db, StoreError, Tx};
use std::fmt;
use std::path::{Path, PathBuf};

/// How many errors of one file are listed; the rest are counted.
const MOST_ERRORS: usize = 200;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The file's name without its folder.
    pub file: String,
    /// From 1, the header being 1; 0 where it concerns the file as a whole.
    pub line: u64,
    /// Empty where it concerns the whole line.
    pub column: String,
    /// One sentence: what is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column `{}`", self.column)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub kind: Kind,
    pub file: String,
    pub rows: usize,
    /// Oddities that did not stop it.
    pub notes: Vec<RowError>,
}

/// A file of which nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub file: String,
    /// In the order of the file; never empty.
    pub errors: Vec<RowError>,
    /// Errors beyond those listed.
    pub more: usize,
}

impl Refused {
    fn of(file: &str, mut errors: Vec<RowError>) -> Self {
        errors.sort_by_key(|error| error.line);
        let more = errors.len().saturating_sub(MOST_ERRORS);
        errors.truncate(MOST_ERRORS);
        Self { file: file.to_owned(), errors, more }
    }

    fn whole(file: &str, problem: String) -> Self {
        Self::of(file, vec![RowError { file: file.to_owned(), line: 0, column: String::new(), problem }])
    }
}

/// What came of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub imported: Vec<Imported>,
    pub refused: Vec<Refused>,
}

impl ImportReport {
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && !self.imported.is_empty()
    }
}

/// Reads one file without touching a database: typed rows, or everything that is wrong with it.
pub fn read_file(kind: Kind, path: &Path) -> Result<Rows, Vec<RowError>> {
    let table = table::read(path)?;
    rows::read(kind, &table).map(|read| read.rows)
}

/// Imports one file, or nothing of it.
pub async fn import_file(db: &Db, kind: Kind, path: &Path) -> Result<Result<Imported, Refused>, StoreError> {
    import_unless_blocked(db, kind, path, &[]).await
}

/// Imports every file of master data in a folder, in the order in which they refer to each other. A file that is refused does not
/// stop those that do not depend on it.
pub async fn import_dir(db: &Db, folder: &Path) -> Result<ImportReport, StoreError> {
    let mut report = ImportReport::default();
    let found = match files_of(folder, &mut report.refused) {
        Ok(found) => found,
        Err(refused) => {
            report.refused.push(refused);
            return Ok(report);
        }
    };
    let mut failed: Vec<Kind> = Vec::new();
    for (kind, path) in found {
        let blocked_by: Vec<Kind> = kind.refers_to().iter().copied().filter(|other| failed.contains(other)).collect();
        match import_unless_blocked(db, kind, &path, &blocked_by).await? {
            Ok(imported) => report.imported.push(imported),
            Err(refused) => {
                failed.push(kind);
                report.refused.push(refused);
            }
        }
    }
    Ok(report)
}

/// The master data files of a folder in import order; what looks like one but is none goes to `refused`.
fn files_of(folder: &Path, refused: &mut Vec<Refused>) -> Result<Vec<(Kind, PathBuf)>, Refused> {
    let shown = folder.display().to_string();
    let unreadable = |error: std::io::Error| Refused::whole(&shown, format!("the folder cannot be read: {error}"));
    let mut found: Vec<(Kind, PathBuf)> = Vec::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    for path in paths {
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        if !matches!(extension.as_deref(), Some("csv" | "xlsx")) {
            continue;
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = table::file_name(&path);
        match Kind::parse(&stem) {
            // Spreadsheet programs leave these beside an open file.
            Err(_) if stem.starts_with('~') || stem.starts_with('.') => {}
            Err(problem) => refused.push(Refused::whole(&name, problem)),
            Ok(kind) => match found.iter().find(|(other, _)| *other == kind) {
                Some((_, first)) => {
                    let problem = format!("{} is here too: keep one of them", table::file_name(first));
                    refused.push(Refused::whole(&name, problem));
                }
                None => found.push((kind, path)),
            },
        }
    }
    if found.is_empty() && refused.is_empty() {
        let names: Vec<String> = Kind::ALL.iter().map(|kind| format!("{}.csv", kind.as_str())).collect();
        return Err(Refused::whole(&shown, format!("no file of master data here: expected {}", names.join(", "))));
    }
    found.sort_by_key(|(kind, _)| *kind);
    Ok(found)
}

/// Reads, looks references up and writes, in one transaction. A file that refers to one that was just refused is only read, so
/// that its own errors are named but not the echo of the other's.
async fn import_unless_blocked(
    db: &Db,
    kind: Kind,
    path: &Path,
    blocked_by: &[Kind],
) -> Result<Result<Imported, Refused>, StoreError> {
    let file = table::file_name(path);
    let read = match table::read(path).and_then(|table| rows::read(kind, &table)) {
        Ok(read) => read,
        Err(errors) => return Ok(Err(Refused::of(&file, errors))),
    };
    if let Some(other) = blocked_by.first() {
        return Ok(Err(Refused::whole(&file, format!("not imported, because it refers to {}, which was refused", other.as_str()))));
    }
    let mut tx = db.begin().await?;
    let errors = references::check(&read, &tx.master_rows().await?, &file);
    if !errors.is_empty() {
        return Ok(Err(Refused::of(&file, errors)));
    }
    match write(&mut tx, &read.rows).await {
        Ok(()) => {}
        Err(error @ StoreError::BelowReserved { .. }) => {
            let line = line_of(&read, &error);
            let column = if kind == Kind::Stock { "on_hand" } else { "quantity" };
            let error = RowError { file: file.clone(), line, column: column.into(), problem: error.to_string() };
            return Ok(Err(Refused::of(&file, vec![error])));
        }
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    Ok(Ok(Imported { kind, file, rows: read.lines.len(), notes: read.notes }))
}

async fn write(tx: &mut Tx, rows: &Rows) -> Result<(), StoreError> {
    match rows {
        Rows::Products(rows) => tx.replace_products(rows).await,
        Rows::Uoms(rows) => tx.replace_units(rows).await,
        Rows::Customers(rows) => tx.replace_customers(rows).await,
        Rows::Addresses(rows) => tx.replace_addresses(rows).await,
        Rows::PartRefs(rows) => tx.replace_part_refs(rows).await,
        Rows::Prices(rows) => tx.replace_prices(rows).await,
        Rows::Nodes(rows) => tx.replace_nodes(rows).await,
        Rows::Stock(rows) => tx.upsert_stock(rows).await,
        Rows::Inbound(rows) => tx.upsert_inbound(rows).await,
        Rows::Rates(rows) => tx.replace_rates(rows).await,
    }
}

/// The line of the position that the store refused.
fn line_of(read: &rows::Read, error: &StoreError) -> u64 {
    let StoreError::BelowReserved { sku, node, .. } = error else { return 0 };
    let is_it = |of_sku: &str, of_node: &str| of_sku == sku && of_node == node;
    let index = match &read.rows {
        Rows::Stock(rows) => rows.iter().rposition(|row| is_it(row.sku.as_str(), row.node.as_str())),
        Rows::Inbound(rows) => rows.iter().rposition(|row| is_it(row.sku.as_str(), row.node.as_str())),
        Rows::Products(_)
        | Rows::Uoms(_)
        | Rows::Customers(_)
        | Rows::Addresses(_)
        | Rows::PartRefs(_)
        | Rows::Prices(_)
        | Rows::Nodes(_)
        | Rows::Rates(_) => None,
    };
    index.and_then(|index| read.lines.get(index)).copied().unwrap_or(0)
}
