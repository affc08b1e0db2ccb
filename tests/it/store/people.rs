//! The review queue, who may use it, and what is counted.

use super::Ground;
use super::sample::{case, mail, time};
use jiff::civil::date;
use podesk::deciding::review::CaseState;
use podesk::store::{CaseFilter, FailedLogins, LlmSpend, Role, Stale};

pub async fn cases_are_changed_only_as_seen(ground: Ground) {
    let db = &ground.db;
    let item = mail("one");
    let mut tx = db.begin().await.expect("a transaction");
    tx.store_item(&item).await.expect("stored");
    let mut stored = Vec::new();
    for _ in 0..3 {
        let number = tx.next_case_number().await.expect("a number");
        stored.push(case(&number, &item.sha256));
        tx.insert_case(&stored[stored.len() - 1]).await.expect("stored");
    }
    tx.commit().await.expect("committed");
    assert_eq!(db.case(&"R-000002".into()).await.expect("read"), Some(stored[1].clone()));
    assert_eq!(db.count_open_cases().await.expect("read"), 3);

    let mut approved = stored[0].clone();
    approved.state = CaseState::Approved;
    approved.assigned_to = Some("ana".into());
    approved.version = 2;
    for outcome in [Ok(()), Err(Stale)] {
        let mut tx = db.begin().await.expect("a transaction");
        assert_eq!(tx.update_case(&approved, 1).await.expect("no error"), outcome, "the second reviewer is too late");
        tx.commit().await.expect("committed");
    }
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.update_case(&approved, 2).await.is_err(), "a change without a new version");
    drop(tx);

    let numbers = async |filter: CaseFilter| {
        let cases = db.cases(&filter, 10).await.expect("read");
        cases.iter().map(|case| case.number.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(CaseFilter::open()).await, ["R-000002", "R-000003"]);
    assert_eq!(numbers(CaseFilter { assigned_to: Some("ana".into()), ..CaseFilter::default() }).await, ["R-000001"]);
    assert_eq!(numbers(CaseFilter { message: Some(item.sha256.clone()), ..CaseFilter::default() }).await.len(), 3);
    assert_eq!(db.count_open_cases().await.expect("read"), 2);
}

pub async fn sessions_and_links_end(ground: Ground) {
    let db = &ground.db;
    assert_eq!(db.count_users().await.expect("read"), 0);
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.create_user("ana", "$argon2id$one", Role::Approver).await.expect("created"));
    assert!(!tx.create_user("ana", "$argon2id$two", Role::Admin).await.expect("no error"), "the name is taken");
    tx.create_session("h1", "ana", "csrf", time(0), time(100)).await.expect("created");
    tx.create_session("h2", "ana", "csrf", time(0), time(50)).await.expect("created");
    tx.create_setup_token("t1", time(100)).await.expect("created");
    tx.create_setup_token("t2", time(50)).await.expect("created");
    for (name, source, second) in [("ana", "1.2.3.4", 10), ("ana", "5.6.7.8", 20), ("bob", "1.2.3.4", 20), ("ana", "1.2.3.4", 5)] {
        tx.note_failed_login(name, source, time(second)).await.expect("noted");
    }
    tx.commit().await.expect("committed");

    assert_eq!(db.user("ana").await.expect("read").map(|user| user.password_hash), Some("$argon2id$one".into()));
    assert_eq!(db.user("ANA").await.expect("read"), None);
    let session = db.session("h1", time(99)).await.expect("read").expect("there");
    assert_eq!((session.user.as_str(), session.role, session.csrf.as_str()), ("ana", Role::Approver, "csrf"));
    assert_eq!(db.session("h1", time(100)).await.expect("read"), None, "expired");
    assert_eq!(db.session("h3", time(1)).await.expect("read"), None);
    let failed = db.failed_logins("ana", "1.2.3.4", time(10)).await.expect("read");
    assert_eq!(failed, FailedLogins { of_name: 2, from_source: 2 });

    assert!(db.is_setup_token("t1", time(60)).await.expect("read"));
    for (hash, works) in [("t2", false), ("t1", true), ("t1", false), ("t9", false)] {
        let mut tx = db.begin().await.expect("a transaction");
        assert_eq!(tx.use_setup_token(hash, time(60)).await.expect("no error"), works, "{hash}");
        tx.commit().await.expect("committed");
    }
    let mut tx = db.begin().await.expect("a transaction");
    tx.delete_expired(time(60), time(15)).await.expect("deleted");
    tx.forget_failed_logins("bob").await.expect("forgotten");
    tx.commit().await.expect("committed");
    assert_eq!(ground.ask("SELECT COUNT(*) FROM sessions").await, 1);
    assert_eq!(ground.ask("SELECT COUNT(*) FROM failed_logins").await, 1);
    let mut tx = db.begin().await.expect("a transaction");
    tx.set_password("ana", "$argon2id$three").await.expect("set");
    assert!(tx.set_password("nobody", "x").await.is_err());
    tx.commit().await.expect("committed");
    assert_eq!(db.session("h1", time(1)).await.expect("read"), None, "a new password ends every session");
}

pub async fn spend_and_actions_add_up(ground: Ground) {
    let db = &ground.db;
    let (day, other) = (date(2026, 11, 25), date(2026, 11, 26));
    let mut tx = db.begin().await.expect("a transaction");
    tx.add_llm_spend(day, 1_000, 50, 1_250).await.expect("added");
    tx.add_llm_spend(day, 2_000, 60, 2_600).await.expect("added");
    assert!(tx.add_llm_spend(day, u64::MAX, 0, 0).await.is_err(), "nonsense from an endpoint");
    tx.note("ana", "approved", "R-000001", "as printed", time(1)).await.expect("noted");
    tx.note("podesk", "placed", "SO-000001", "", time(2)).await.expect("noted");
    tx.commit().await.expect("committed");
    let spend = LlmSpend { tokens_in: 3_000, tokens_out: 110, micros: 3_850 };
    assert_eq!(db.llm_spend(day).await.expect("read"), spend);
    assert_eq!(db.llm_spend(other).await.expect("read"), LlmSpend::default());
    let actions = db.audit("", 10).await.expect("read");
    assert_eq!(actions.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["placed", "approved"]);
    assert_eq!(db.audit("R-000001", 10).await.expect("read"), actions[1..]);
}
