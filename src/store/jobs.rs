//! Work to be done, durable and claimed by one worker at a time: a lease that runs out, and a token that a late worker no longer has.
//!
//! A job may run more than once (its worker may die after the effect and before `finish_job`), so its effects must be repeatable.
//! Whether an error means again, never or ask is the job's own decision; the store counts attempts.

use super::error::StoreError;
use super::link::{Row, args, list};
use super::{Db, Tx};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// A job to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub kind: String,
    /// Unique among the unfinished jobs of a kind, running ones included: the id of the thing that it works on. Short.
    pub key: String,
    /// Ids only; what they stand for is read when the job runs.
    pub payload: Value,
    pub run_at: Timestamp,
}

/// A job in the hands of one worker, until its lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    pub id: i64,
    pub kind: String,
    pub key: String,
    pub payload: Value,
    /// 1 at the first attempt.
    pub attempt: u32,
    /// Rises with every claim; only its holder may finish the job.
    pub token: i64,
}

/// The lease ran out and somebody else has the job, or finished it: whatever was done must not be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostLease;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Waiting,
    Running,
    /// Given up; kept for a person to see.
    Buried,
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    pub id: i64,
    pub kind: String,
    pub key: String,
    pub payload: Value,
    pub state: JobState,
    pub run_at: Timestamp,
    pub attempts: u32,
    pub worker: Option<String>,
    pub lease_until: Option<Timestamp>,
    /// Of the last attempt.
    pub error: Option<String>,
}

macro_rules! select_jobs {
    ($rest:literal) => {
        concat!("SELECT id, kind, key, payload, state, run_at, attempts, worker, lease_until, error FROM jobs ", $rest)
    };
}

impl Tx {
    /// Adds a job. `false`: an unfinished one of this kind and key is there, and nothing was changed.
    pub async fn enqueue(&mut self, job: &NewJob) -> Result<bool, StoreError> {
        let sql = "INSERT INTO jobs (kind, key, payload, state, run_at, attempts, token)
                   VALUES ($1, $2, $3, 'waiting', $4, 0, 0)
                   ON CONFLICT (kind, key) WHERE state IN ('waiting', 'running') DO NOTHING";
        Ok(self.exec("jobs", sql, args![&job.kind, &job.key, job.payload.to_string(), job.run_at]).await? == 1)
    }

    /// Removes a job that was done, in the transaction that holds its effects.
    pub async fn finish_job(&mut self, job: &ClaimedJob) -> Result<Result<(), LostLease>, StoreError> {
        let sql = "DELETE FROM jobs WHERE id = $1 AND token = $2 AND state = 'running'";
        Ok(held(self.exec("jobs", sql, args![job.id, job.token]).await?))
    }

    /// Gives a job back, to be run again `at` that time.
    pub async fn retry_job(&mut self, job: &ClaimedJob, at: Timestamp, error: &str) -> Result<Result<(), LostLease>, StoreError> {
        let sql = "UPDATE jobs SET state = 'waiting', run_at = $1, error = $2, worker = NULL, lease_until = NULL
                   WHERE id = $3 AND token = $4 AND state = 'running'";
        Ok(held(self.exec("jobs", sql, args![at, error, job.id, job.token]).await?))
    }

    /// Gives a job up: it is kept and never run again.
    pub async fn bury_job(&mut self, job: &ClaimedJob, error: &str) -> Result<Result<(), LostLease>, StoreError> {
        let sql = "UPDATE jobs SET state = 'buried', error = $1, worker = NULL, lease_until = NULL
                   WHERE id = $2 AND token = $3 AND state = 'running'";
        Ok(held(self.exec("jobs", sql, args![error, job.id, job.token]).await?))
    }
}

impl Db {
    /// Takes the job that has waited longest: one whose time has come, or whose worker let its lease run out.
    pub async fn claim(
        &self,
        kinds: &[&str],
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        Ok(self.claim_some(kinds, worker, now, lease, 1).await?.pop())
    }

    /// As `claim`, up to `limit` at once, longest waiting first: one write for all of them.
    pub async fn claim_some(
        &self,
        kinds: &[&str],
        worker: &str,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut tx = self.begin().await?;
        // One statement, so that nobody comes between choosing and taking. Without SKIP LOCKED, PostgreSQL would hand the same
        // job to several workers: a waiting one looks at the id again, not at the state. The array is there so that it chooses once,
        // whatever the planner prefers.
        let sql = tx.link().pick(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, token = token + 1, worker = $1, lease_until = $2
             WHERE id IN (SELECT id FROM jobs
                          WHERE kind IN (SELECT value FROM json_each($3))
                            AND ((state = 'waiting' AND run_at <= $4) OR (state = 'running' AND lease_until <= $4))
                          ORDER BY run_at, id LIMIT $5)
             RETURNING id, kind, key, payload, attempts, token, run_at",
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, token = token + 1, worker = $1, lease_until = $2
             WHERE id = ANY(ARRAY(SELECT id FROM jobs
                          WHERE kind IN (SELECT json_array_elements_text($3::json))
                            AND ((state = 'waiting' AND run_at <= $4) OR (state = 'running' AND lease_until <= $4))
                          ORDER BY run_at, id LIMIT $5 FOR UPDATE SKIP LOCKED))
             RETURNING id, kind, key, payload, attempts, token, run_at",
        );
        let rows = tx.all("jobs", sql, args![worker, lease_end(now, lease)?, list(kinds)?, now, limit]).await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            claimed.push((row.int("run_at")?, claimed_from(row)?));
        }
        if claimed.is_empty() {
            tx.roll_back().await?;
        } else {
            tx.commit().await?;
        }
        claimed.sort_by_key(|(run_at, job)| (*run_at, job.id));
        Ok(claimed.into_iter().map(|(_, job)| job).collect())
    }

    /// As `Tx::retry_job`, alone.
    pub async fn retry_job(&self, job: &ClaimedJob, at: Timestamp, error: &str) -> Result<Result<(), LostLease>, StoreError> {
        let mut tx = self.begin().await?;
        let held = tx.retry_job(job, at, error).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// As `Tx::bury_job`, alone.
    pub async fn bury_job(&self, job: &ClaimedJob, error: &str) -> Result<Result<(), LostLease>, StoreError> {
        let mut tx = self.begin().await?;
        let held = tx.bury_job(job, error).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Holds on to a job that takes long: call it at a third of the lease.
    pub async fn extend_lease(
        &self,
        job: &ClaimedJob,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Result<(), LostLease>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE jobs SET lease_until = $1 WHERE id = $2 AND token = $3 AND state = 'running'";
        let touched = tx.exec("jobs", sql, args![lease_end(now, lease)?, job.id, job.token]).await?;
        tx.commit().await?;
        Ok(held(touched))
    }

    /// Jobs waiting or running, next first.
    pub async fn unfinished_jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        let rows = self.all("jobs", select_jobs!("WHERE state IN ('waiting', 'running') ORDER BY run_at, id"), args![]).await?;
        rows.iter().map(job_from).collect()
    }

    /// Jobs that were given up, newest first.
    pub async fn buried_jobs(&self, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let rows = self.all("jobs", select_jobs!("WHERE state = 'buried' ORDER BY id DESC LIMIT $1"), args![limit]).await?;
        rows.iter().map(job_from).collect()
    }
}

fn held(touched: u64) -> Result<(), LostLease> {
    if touched == 1 { Ok(()) } else { Err(LostLease) }
}

fn lease_end(now: Timestamp, lease: Duration) -> Result<Timestamp, StoreError> {
    let unstorable = |problem: String| StoreError::Unstorable { what: "a lease".into(), problem };
    let lease = SignedDuration::try_from(lease).map_err(|error| unstorable(error.to_string()))?;
    now.checked_add(lease).map_err(|error| unstorable(error.to_string()))
}

fn claimed_from(row: &Row) -> Result<ClaimedJob, StoreError> {
    Ok(ClaimedJob {
        id: row.int("id")?,
        kind: row.text("kind")?,
        key: row.text("key")?,
        payload: row.parsed("payload", |text| serde_json::from_str(text).ok())?,
        attempt: row.number("attempts")?,
        token: row.int("token")?,
    })
}

fn job_from(row: &Row) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        id: row.int("id")?,
        kind: row.text("kind")?,
        key: row.text("key")?,
        payload: row.parsed("payload", |text| serde_json::from_str(text).ok())?,
        state: row.word("state")?,
        run_at: row.time("run_at")?,
        attempts: row.number("attempts")?,
        worker: row.text_or_none("worker")?,
        lease_until: row.time_or_none("lease_until")?,
        error: row.text_or_none("error")?,
    })
}
