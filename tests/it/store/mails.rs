//! Mails and documents taken in, what came of them, and what the mailbox was told.

use super::Ground;
use super::sample::{draft, mail, time};
use podesk::intake::Nature;
use podesk::model::{Code, Sha256};
use podesk::store::{DraftNote, MessageRecord, Outcome, StoredItem, UidEntry};

fn record(item: &StoredItem) -> MessageRecord {
    MessageRecord {
        sha256: item.sha256.clone(),
        message_id: Some("a@b.example".into()),
        subject: "Order 1".into(),
        from: "buyer@acme.example".into(),
        nature: Some(Nature::Correspondence),
        outcome: None,
        reasons: Vec::new(),
        why: String::new(),
        orders: Vec::new(),
        cases: Vec::new(),
        drafts: Vec::new(),
        received_at: time(5),
        finished_at: None,
    }
}

pub async fn an_item_is_taken_in_once(ground: Ground) {
    let item = mail("one");
    for known in [true, false] {
        let mut tx = ground.db.begin().await.expect("a transaction");
        assert_eq!(tx.store_item(&item).await.expect("stored"), known);
        tx.commit().await.expect("committed");
    }
    assert_eq!(ground.db.blob(&item.sha256).await.expect("read"), Some(item.bytes.clone()));
    assert_eq!(ground.db.blob(&Sha256::of(b"other")).await.expect("read"), None);
    assert_eq!(ground.db.item(&item.sha256).await.expect("read"), Some(item.clone()));
    assert_eq!(ground.db.unfinished_items(10).await.expect("read"), std::slice::from_ref(&item.sha256));

    let mut tx = ground.db.begin().await.expect("a transaction");
    let empty = tx.put_blob(b"").await.expect("an empty file is a file");
    tx.save_message(&MessageRecord { outcome: Some(Outcome::Ignored), ..record(&item) }).await.expect("saved");
    tx.commit().await.expect("committed");
    assert_eq!(ground.db.blob(&empty).await.expect("read"), Some(Vec::new()));
    assert_eq!(ground.db.unfinished_items(10).await.expect("read"), []);
}

pub async fn a_message_is_saved_over_what_was_known(ground: Ground) {
    let item = mail("one");
    let first = record(&item);
    // A hostile sender: a NUL in the subject, and an id far longer than an index entry may be.
    let second = MessageRecord {
        message_id: Some("x".repeat(20_000)),
        subject: "NUL \u{0} and \u{1F4E6}".into(),
        nature: None,
        outcome: Some(Outcome::Review),
        reasons: vec![Code::UnknownItem, Code::TotalMismatch],
        why: "The total differs.".into(),
        orders: vec!["SO-000001".into()],
        cases: vec!["R-000001".into()],
        drafts: vec![DraftNote { id: "1".into(), to: "a@b".into(), subject: "s".into(), message_id: "m@x".into() }],
        finished_at: Some(time(9)),
        ..first.clone()
    };
    let mut tx = ground.db.begin().await.expect("a transaction");
    tx.store_item(&item).await.expect("stored");
    tx.save_message(&first).await.expect("saved");
    assert_eq!(tx.message(&item.sha256).await.expect("read"), Some(first.clone()));
    tx.commit().await.expect("committed");
    assert_eq!(ground.db.message_by_message_id("a@b.example").await.expect("read"), Some(first));

    let mut tx = ground.db.begin().await.expect("a transaction");
    tx.save_message(&second).await.expect("saved");
    tx.commit().await.expect("committed");
    let found = ground.db.message_by_message_id(&"x".repeat(20_000)).await.expect("read").expect("found by its long id");
    let expected = MessageRecord { message_id: found.message_id.clone(), subject: "NUL \u{fffd} and \u{1F4E6}".into(), ..second };
    assert_eq!(found, expected);
    assert_eq!(ground.db.messages(10).await.expect("read"), [expected]);
    assert_eq!(ground.db.message_by_message_id("a@b.example").await.expect("read"), None);
}

pub async fn readings_come_in_the_order_of_the_mail(ground: Ground) {
    let item = mail("one");
    let mut tx = ground.db.begin().await.expect("a transaction");
    tx.store_item(&item).await.expect("stored");
    for part in ["10", "2", "3.1", "body", "2"] {
        tx.save_reading(&item.sha256, part, &item.sha256, "order.pdf", &draft()).await.expect("saved");
    }
    tx.commit().await.expect("committed");
    let readings = ground.db.readings(&item.sha256).await.expect("read");
    assert_eq!(readings.iter().map(|reading| reading.part.as_str()).collect::<Vec<_>>(), ["body", "2", "3.1", "10"]);
    assert!(readings.iter().all(|reading| reading.draft == draft()));
}

pub async fn the_ledger_knows_what_the_mailbox_was_told(ground: Ground) {
    let (one, two) = (mail("one"), mail("two"));
    let entry = |uid, sha256: Option<&Sha256>, problem: Option<&str>| UidEntry {
        account: "main".into(),
        folder: "INBOX".into(),
        uid_validity: u32::MAX,
        uid,
        sha256: sha256.cloned(),
        problem: problem.map(str::to_owned),
    };
    let mut tx = ground.db.begin().await.expect("a transaction");
    for item in [&one, &two] {
        tx.store_item(item).await.expect("stored");
    }
    tx.note_uid(&entry(1, None, Some("too large"))).await.expect("noted");
    tx.note_uid(&entry(2, Some(&one.sha256), None)).await.expect("noted");
    tx.note_uid(&entry(u32::MAX, Some(&two.sha256), None)).await.expect("noted");
    tx.note_uid(&entry(2, None, None)).await.expect("noted again");
    tx.save_message(&MessageRecord { outcome: Some(Outcome::Failed), ..record(&one) }).await.expect("saved");
    tx.save_message(&record(&two)).await.expect("saved");
    tx.commit().await.expect("committed");

    let db = &ground.db;
    let known = db.known_uids("main", "INBOX", u32::MAX).await.expect("read");
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [1, 2, u32::MAX]);
    assert!(db.known_uids("main", "INBOX", 7).await.expect("read").is_empty());
    assert!(db.known_uids("other", "INBOX", u32::MAX).await.expect("read").is_empty());
    assert_eq!(db.known_uid_validities("main", "INBOX").await.expect("read").into_iter().collect::<Vec<_>>(), [u32::MAX]);
    assert_eq!(db.uid_problems(5).await.expect("read"), [entry(1, None, Some("too large"))]);
    assert_eq!(db.uids_to_finish("main", "INBOX", u32::MAX).await.expect("read"), [(2, one.sha256.clone())]);

    let mut tx = db.begin().await.expect("a transaction");
    for _ in 0..2 {
        tx.mark_uid_finished("main", "INBOX", u32::MAX, 2).await.expect("marked, twice is fine");
    }
    assert!(tx.mark_uid_finished("main", "INBOX", u32::MAX, 99).await.is_err(), "a mail that nobody noted");
    tx.commit().await.expect("committed");
    assert_eq!(db.uids_to_finish("main", "INBOX", u32::MAX).await.expect("read"), []);
}
