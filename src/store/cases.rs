//! The review queue as it is kept. A write names the version it was made upon; a stale one is refused (DOMAIN 14).

use super::error::StoreError;
use super::link::{Link, Row, args, word};
use super::{Db, Tx, payload};
use crate::deciding::review::{Case, CaseState};
use crate::model::{CaseNumber, Sha256};

/// Somebody else changed it since it was read; nothing was written. Read again and decide again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale;

/// Which cases to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    pub state: Option<CaseState>,
    pub assigned_to: Option<String>,
    pub message: Option<Sha256>,
}

impl CaseFilter {
    pub fn open() -> Self {
        Self { state: Some(CaseState::Open), ..Self::default() }
    }
}

impl Tx {
    /// `R-000001`, and so on.
    pub async fn next_case_number(&mut self) -> Result<CaseNumber, StoreError> {
        Ok(CaseNumber(format!("R-{:06}", self.count_up("case").await?)))
    }

    /// Stores a new case. Its mail must be stored.
    pub async fn insert_case(&mut self, case: &Case) -> Result<(), StoreError> {
        let sql = "INSERT INTO cases (number, state, kind, message, assigned_to, opened_at, version, body)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let args = args![
            &case.number,
            word(&case.state),
            word(&case.kind),
            &case.message,
            case.assigned_to.as_ref(),
            case.opened_at,
            case.version,
            payload::to_text("a case", case)?,
        ];
        self.exec("cases", sql, args).await.map(drop)
    }

    /// Stores what a case became. `case.version` must be above `expected_version`.
    pub async fn update_case(&mut self, case: &Case, expected_version: i64) -> Result<Result<(), Stale>, StoreError> {
        if case.version <= expected_version {
            let problem = format!("version {} upon version {expected_version}", case.version);
            return Err(StoreError::Unstorable { what: format!("case {}", case.number), problem });
        }
        let sql = "UPDATE cases SET state = $1, assigned_to = $2, version = $3, body = $4 WHERE number = $5 AND version = $6";
        let args = args![
            word(&case.state),
            case.assigned_to.as_ref(),
            case.version,
            payload::to_text("a case", case)?,
            &case.number,
            expected_version,
        ];
        Ok(if self.exec("cases", sql, args).await? == 1 { Ok(()) } else { Err(Stale) })
    }

    /// As `Db::case`, with what this transaction wrote.
    pub async fn case(&mut self, number: &CaseNumber) -> Result<Option<Case>, StoreError> {
        case(&mut self.link(), number).await
    }
}

impl Db {
    pub async fn case(&self, number: &CaseNumber) -> Result<Option<Case>, StoreError> {
        case(&mut self.reader().await?.link(), number).await
    }

    /// Oldest first: what has waited longest is looked at first.
    pub async fn cases(&self, filter: &CaseFilter, limit: u32) -> Result<Vec<Case>, StoreError> {
        let sql = "SELECT number, version, body FROM cases
                   WHERE ($1 = '' OR state = $1) AND ($2 = '' OR assigned_to = $2) AND ($3 = '' OR message = $3)
                   ORDER BY opened_at, number LIMIT $4";
        let args = args![
            filter.state.as_ref().map(word).unwrap_or_default(),
            filter.assigned_to.clone().unwrap_or_default(),
            filter.message.as_ref().map_or("", Sha256::as_str),
            limit,
        ];
        let rows = self.all("cases", sql, args).await?;
        rows.iter().map(case_from).collect()
    }

    pub async fn count_open_cases(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS open FROM cases WHERE state = 'open'";
        self.one("cases", sql, args![]).await?.map_or(Ok(0), |row| row.number("open"))
    }
}

async fn case(link: &mut Link<'_>, number: &CaseNumber) -> Result<Option<Case>, StoreError> {
    let row = link.one("cases", "SELECT number, version, body FROM cases WHERE number = $1", args![number]).await?;
    row.map(|row| case_from(&row)).transpose()
}

fn case_from(row: &Row) -> Result<Case, StoreError> {
    let case: Case = row.payload("body")?;
    let version = row.int("version")?;
    if case.version != version {
        return Err(row.bad("version", format!("{version} here, {} in the body", case.version)));
    }
    Ok(case)
}
