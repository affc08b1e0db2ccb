//! Jobs and outbox items belong to one worker at a time, and a worker that lost its claim can change nothing.

use super::Ground;
use super::sample::{notice, time};
use jiff::{Timestamp, ToSpan};
use podesk::store::{Db, JobState, LostLease, NewJob, NoticeState, SendState, StoreError};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

fn job(kind: &str, key: &str, run_at: Timestamp) -> NewJob {
    NewJob { kind: kind.into(), key: key.into(), payload: json!({ "id": key }), run_at }
}

async fn enqueue(db: &Db, job: &NewJob) -> bool {
    let mut tx = db.begin().await.expect("a transaction");
    let is_new = tx.enqueue(job).await.expect("enqueued");
    tx.commit().await.expect("committed");
    is_new
}

async fn finish(db: &Db, job: &podesk::store::ClaimedJob) -> Result<(), LostLease> {
    let mut tx = db.begin().await.expect("a transaction");
    let held = tx.finish_job(job).await.expect("no error");
    tx.commit().await.expect("committed");
    held
}

pub async fn a_key_is_unique_among_the_unfinished(ground: Ground) {
    let db = &ground.db;
    assert!(enqueue(db, &job("process", "a", time(5))).await);
    assert!(!enqueue(db, &job("process", "a", time(1))).await, "waiting");
    assert!(enqueue(db, &job("send", "a", time(3))).await, "another kind");
    assert!(enqueue(db, &job("process", "b", time(4))).await);

    assert_eq!(db.claim(&["process", "send"], "w", time(2), LEASE).await.expect("no error"), None, "its time has not come");
    assert_eq!(db.claim(&[], "w", time(9), LEASE).await.expect("no error"), None, "no kind asked for");
    let claimed = db.claim_some(&["process"], "w", time(9), LEASE, 5).await.expect("no error");
    let seen: Vec<_> = claimed.iter().map(|job| (job.key.as_str(), job.attempt, job.payload.clone())).collect();
    assert_eq!(seen, [("b", 1, json!({ "id": "b" })), ("a", 1, json!({ "id": "a" }))], "longest waiting first");
    assert!(!enqueue(db, &job("process", "a", time(9))).await, "running");

    assert_eq!(finish(db, &claimed[0]).await, Ok(()));
    assert_eq!(finish(db, &claimed[0]).await, Err(LostLease), "once");
    assert_eq!(db.bury_job(&claimed[1], "poison").await.expect("no error"), Ok(()));
    assert_eq!(db.unfinished_jobs().await.expect("read").iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["send"]);
    let buried = db.buried_jobs(5).await.expect("read");
    assert_eq!((buried[0].state, buried[0].error.as_deref()), (JobState::Buried, Some("poison")));
    assert_eq!(db.claim(&["process"], "w", time(9_999), LEASE).await.expect("no error"), None, "buried is never run again");
    assert!(enqueue(db, &job("process", "b", time(9))).await, "finished");
}

pub async fn a_lost_lease_changes_nothing(ground: Ground) {
    let db = &ground.db;
    enqueue(db, &job("process", "a", time(0))).await;
    let claim = async |second: i64| db.claim(&["process"], "w", time(second), LEASE).await.expect("no error");
    let first = claim(0).await.expect("claimed");
    assert_eq!(claim(59).await, None, "the lease holds");
    assert_eq!(db.extend_lease(&first, time(59), LEASE).await.expect("no error"), Ok(()));
    assert_eq!(claim(100).await, None, "the longer lease holds");
    let second = claim(119).await.expect("the lease ran out");
    assert_eq!((second.attempt, second.id), (2, first.id));
    assert!(second.token > first.token);

    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(tx.finish_job(&first).await.expect("no error"), Err(LostLease));
    drop(tx);
    assert_eq!(db.retry_job(&first, time(120), "late").await.expect("no error"), Err(LostLease));
    assert_eq!(db.bury_job(&first, "late").await.expect("no error"), Err(LostLease));
    assert_eq!(db.extend_lease(&first, time(120), LEASE).await.expect("no error"), Err(LostLease));
    assert_eq!(db.retry_job(&second, time(500), "try later").await.expect("no error"), Ok(()));
    assert_eq!(finish(db, &second).await, Err(LostLease), "given back");
    let waiting = &db.unfinished_jobs().await.expect("read")[0];
    assert_eq!((waiting.state, waiting.attempts, waiting.error.as_deref()), (JobState::Waiting, 2, Some("try later")));
    let third = claim(500).await.expect("its time has come");
    assert_eq!(finish(db, &third).await, Ok(()));

    // The number of a finished job is never given to another: a worker that slept through everything stays harmless.
    enqueue(db, &job("process", "a", time(0))).await;
    let other = claim(501).await.expect("claimed");
    assert!(other.id > first.id);
    assert_eq!(finish(db, &first).await, Err(LostLease));
}

pub async fn eight_workers_never_share_a_job(ground: Ground) {
    const JOBS: usize = 240;
    for number in 0..JOBS {
        enqueue(&ground.db, &job("process", &format!("{number:03}"), time(0))).await;
    }
    let second = ground.second().await;
    let work = (0..8).map(|worker| {
        let db = if worker % 4 == 0 { second.clone() } else { ground.db.clone() };
        tokio::spawn(async move {
            let mut done = Vec::new();
            let limit = 1 + worker % 3;
            loop {
                let claimed = db.claim_some(&["process"], &format!("w{worker}"), time(1), LEASE, limit).await.expect("no error");
                if claimed.is_empty() {
                    return done;
                }
                for job in claimed {
                    assert_eq!(job.attempt, 1, "claimed twice: {}", job.key);
                    assert_eq!(finish(&db, &job).await, Ok(()));
                    done.push(job.key);
                }
            }
        })
    });
    let mut times_done = BTreeMap::new();
    for done in futures_util::future::join_all(work).await {
        for key in done.expect("no panic") {
            *times_done.entry(key).or_insert(0) += 1;
        }
    }
    assert_eq!(times_done.len(), JOBS, "every job is done");
    assert!(times_done.values().all(|times| *times == 1), "no job is done twice");
    assert_eq!(ground.db.unfinished_jobs().await.expect("read"), []);
}

pub async fn a_notice_is_claimed_by_one_sender(ground: Ground) {
    let db = &ground.db;
    let mut tx = db.begin().await.expect("a transaction");
    for id in ["b", "a", "later"] {
        let due = if id == "later" { time(1_000) } else { time(0) };
        tx.enqueue_notice(&notice(id), due).await.expect("queued");
    }
    tx.commit().await.expect("committed");
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.enqueue_notice(&notice("a"), time(0)).await.is_err(), "one id, one mail");
    drop(tx);
    let due = db.due_notices(notice("a").route, time(10), 10).await.expect("read");
    assert_eq!(due.iter().map(|notice| notice.item.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(due[0].item, notice("a"), "the bytes are the bytes");

    let senders = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.expect("a transaction");
            let has_it = tx.start_sending("a", time(10)).await.expect("no error");
            tx.commit().await.expect("committed");
            has_it
        })
    });
    let won = futures_util::future::join_all(senders).await.into_iter().filter(|has_it| *has_it.as_ref().expect("no panic"));
    assert_eq!(won.count(), 1);
    let found = db.notice("a").await.expect("read").expect("there");
    assert_eq!((found.state, found.attempts, found.started_at), (NoticeState::Sending, 1, Some(time(10))));
    assert_eq!(db.interrupted_notices(time(10)).await.expect("read"), []);
    assert_eq!(db.interrupted_notices(time(10) + 1.second()).await.expect("read"), [found]);
    assert_eq!(db.notices_of(&"SO-000001".into()).await.expect("read").len(), 3);
}

pub async fn an_attempt_ends_in_one_way(ground: Ground) {
    let db = &ground.db;
    let mut tx = db.begin().await.expect("a transaction");
    tx.enqueue_notice(&notice("a"), time(0)).await.expect("queued");
    let early = tx.finish_sending("a", SendState::Sent, "").await;
    assert!(matches!(early, Err(StoreError::NotThere { .. })), "nobody began an attempt");
    let steps = [(SendState::Retry { at: time(60) }, "451 later"), (SendState::Unknown, "no answer after the final dot")];
    for (ended, note) in steps {
        assert!(tx.start_sending("a", time(10)).await.expect("no error"));
        assert!(!tx.start_sending("a", time(10)).await.expect("no error"));
        tx.finish_sending("a", ended, note).await.expect("ended");
    }
    assert!(!tx.start_sending("a", time(10)).await.expect("no error"), "an unknown outcome is never repeated blindly");
    tx.commit().await.expect("committed");
    let found = db.notice("a").await.expect("read").expect("there");
    assert_eq!((found.state, found.attempts, found.due, found.note.as_str()), (NoticeState::Unknown, 2, time(60), steps[1].1));
    assert_eq!(db.notices_in(NoticeState::Unknown, 5).await.expect("read"), [found]);

    for ended in [SendState::Sent, SendState::Failed] {
        let mut tx = db.begin().await.expect("a transaction");
        let settled = tx.finish_sending("a", ended, "250 ok").await;
        assert_eq!(settled.is_ok(), ended == SendState::Sent, "a person settles it, once");
        tx.commit().await.expect("committed");
    }
    assert_eq!(db.notice("a").await.expect("read").map(|notice| notice.state), Some(NoticeState::Sent));
}
