//! Workers: each takes a job under a lease, runs it, and decides what its failure means.

use crate::app::apart;
use crate::app::flow::{Desk, FlowError, PROCESS, Taken, in_one_sentence};
use crate::app::ids;
use crate::model::Sha256;
use crate::store::{ClaimedJob, JobState, MessageRecord};
use jiff::SignedDuration;
use std::collections::BTreeSet;
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

/// Runs `workers` of them until every one of these mails has its outcome: also one that is tried again a little later, and one that
/// a service beside us works on. For commands that wait for their work.
pub async fn drain(desk: &Desk, workers: usize, mails: &[Taken]) -> Result<(), FlowError> {
    let keys: BTreeSet<String> = mails.iter().map(|taken| taken.sha256.to_string()).collect();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..workers.max(1) {
        let (desk, keys) = (desk.clone(), keys.clone());
        running.spawn(async move {
            let worker = ids::time_ordered(desk.clock.now());
            while run_next(&desk, &worker).await? || is_any_unfinished(&desk, &keys).await? {}
            Ok::<(), FlowError>(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a worker does not panic")?;
    }
    Ok(())
}

/// Looks after a pause whether one of these jobs is still to be done.
async fn is_any_unfinished(desk: &Desk, keys: &BTreeSet<String>) -> Result<bool, FlowError> {
    let mut unfinished = desk.db.unfinished_jobs().await?;
    unfinished.retain(|job| keys.contains(&job.key));
    let Some(next) = unfinished.iter().map(|job| job.run_at).min() else { return Ok(false) };
    if unfinished.iter().all(|job| job.state == JobState::Waiting) {
        // With a clock that stands still, the time of a second attempt would never come.
        desk.clock.advance_to(next);
    }
    tokio::time::sleep(IDLE).await;
    Ok(true)
}

/// Takes one job and brings it to an end. False when none is due.
async fn run_next(desk: &Desk, worker: &str) -> Result<bool, FlowError> {
    let lease = Duration::from_secs(u64::from(desk.config.service.lease_seconds));
    let Some(job) = desk.db.claim(&[PROCESS], worker, desk.clock.now(), lease).await? else { return Ok(false) };
    let mail = Sha256::new(job.key.clone());
    let ended = if job.attempt > desk.config.service.attempts {
        // It took the process down with it before: a mail must not do that for ever.
        desk.give_up(&job, &mail, "processing it stopped the program several times").await
    } else {
        let renewal = tokio::spawn(renew(desk.clone(), job.clone(), lease));
        let result = processed(desk, &job, &mail).await;
        renewal.abort();
        match result {
            Ok(_) => Ok(()),
            Err(FlowError::LostLease) => Err(FlowError::LostLease),
            Err(error) => failed(desk, &job, &mail, &error).await,
        }
    };
    match ended {
        Ok(()) => {}
        // Whoever has it now decides.
        Err(FlowError::LostLease) => tracing::warn!(mail = %mail, "another worker took this mail over"),
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// In a task of its own: a mail that finds a mistake in the program fails, and the worker goes on with the next.
async fn processed(desk: &Desk, job: &ClaimedJob, mail: &Sha256) -> Result<MessageRecord, FlowError> {
    let (at, job, mail) = (desk.clone(), job.clone(), mail.clone());
    apart::task(async move { at.process(Some(&job), &mail).await }).await?
}

/// A failure is a decision: again later, or listed as failed for a person.
async fn failed(desk: &Desk, job: &ClaimedJob, mail: &Sha256, error: &FlowError) -> Result<(), FlowError> {
    let reason = in_one_sentence(error);
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
