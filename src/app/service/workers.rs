//! Workers: each takes a job under a lease, runs it, and decides what its failure means.

use crate::app::apart::{Crashed, task};
use crate::app::flow::{Desk, FlowError, PROCESS};
use crate::app::ids;
use crate::model::Sha256;
use crate::store::ClaimedJob;
use jiff::SignedDuration;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long an idle worker sleeps before it looks again: jobs made by another host are found this late.
const IDLE: Duration = Duration::from_millis(300);

/// Works until `stop`, then finishes the job in hand.
pub async fn work(desk: Desk, stop: CancellationToken) {
    let worker = ids::time_ordered(desk.clock.now());
    while !stop.is_cancelled() {
        match run_next(&desk, &worker).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = tokio::time::timeout(IDLE, stop.cancelled()).await;
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a worker could not reach its queue");
                let _ = tokio::time::timeout(IDLE * 10, stop.cancelled()).await;
            }
        }
    }
}

/// Runs `workers` of them until no job is due, and comes back. For commands that wait for their work.
pub async fn drain(desk: &Desk, workers: usize) -> Result<(), FlowError> {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..workers.max(1) {
        let desk = desk.clone();
        running.spawn(async move {
            let worker = ids::time_ordered(desk.clock.now());
            while run_next(&desk, &worker).await? {}
            Ok::<(), FlowError>(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a worker does not panic")?;
    }
    Ok(())
}

/// Takes one job and brings it to an end. False when none is due.
async fn run_next(desk: &Desk, worker: &str) -> Result<bool, FlowError> {
    let lease = Duration::from_secs(u64::from(desk.config.service.lease_seconds));
    let Some(job) = desk.db.claim(&[PROCESS], worker, desk.clock.now(), lease).await? else { return Ok(false) };
    let mail = Sha256::new(job.key.clone());
    if job.attempt > desk.config.service.attempts {
        // It took the process down with it before: a mail must not do that for ever.
        desk.give_up(&job, &mail, "processing it stopped the program several times").await?;
        return Ok(true);
    }
    let renewal = tokio::spawn(renew(desk.clone(), job.clone(), lease));
    let result = process(desk, &job, &mail).await.unwrap_or_else(|crashed| Err(crashed.into()));
    renewal.abort();
    match result {
        Ok(()) => {}
        Err(FlowError::LostLease) => tracing::warn!(mail = %mail, "another worker took this mail over"),
        Err(error) => failed(desk, &job, &mail, &error).await?,
    }
    Ok(true)
}

/// As a task of its own: what a mail does to the program must not take the worker with it.
async fn process(desk: &Desk, job: &ClaimedJob, mail: &Sha256) -> Result<Result<(), FlowError>, Crashed> {
    let (desk, job, mail) = (desk.clone(), job.clone(), mail.clone());
    task(async move { desk.process(Some(&job), &mail).await.map(drop) }).await
}

/// A failure is a decision: again later, or listed as failed for a person.
async fn failed(desk: &Desk, job: &ClaimedJob, mail: &Sha256, error: &FlowError) -> Result<(), FlowError> {
    let reason = in_one_line(error);
    tracing::warn!(mail = %mail, attempt = job.attempt, error = reason, "a mail could not be processed");
    if job.attempt >= desk.config.service.attempts {
        return desk.give_up(job, mail, &reason).await;
    }
    let wait = SignedDuration::from_secs(5i64 << job.attempt.min(8));
    // A lost lease means that another worker decides.
    let _ = desk.db.retry_job(job, desk.clock.now() + wait, &reason).await?;
    Ok(())
}

async fn renew(desk: Desk, job: ClaimedJob, lease: Duration) {
    let third = (lease / 3).max(Duration::from_secs(1));
    loop {
        tokio::time::sleep(third).await;
        if let Err(error) = desk.db.extend_lease(&job, desk.clock.now(), lease).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a lease could not be renewed");
        }
    }
}

fn in_one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
