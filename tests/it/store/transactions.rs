//! A transaction is all or nothing, however it ends: committed, dropped, or never quite begun.

use super::Ground;
use super::sample::{mail, place, time};
use futures_util::future::poll_immediate;
use std::pin::pin;
use std::time::Duration;

pub async fn nothing_of_a_dropped_transaction_stays(ground: Ground) {
    let db = &ground.db;
    for _ in 0..3 {
        let mut tx = db.begin().await.expect("a transaction");
        tx.store_item(&mail("one")).await.expect("stored");
        place(&mut tx, "ACME", "PO-1").await;
        drop(tx);
    }
    let rolled_back = async {
        let mut tx = db.begin().await.expect("a transaction");
        tx.note("test", "wrote", "nothing", "", time(0)).await.expect("noted");
        tx.roll_back().await.expect("rolled back");
    };
    rolled_back.await;
    assert_eq!(db.unfinished_items(10).await.expect("read"), []);
    assert_eq!(db.audit("", 10).await.expect("read"), []);
    let mut tx = db.begin().await.expect("a transaction");
    assert_eq!(tx.next_order_number().await.expect("a number").as_str(), "SO-000001", "not even a number is used up");
}

/// A caller that goes away at any moment - before, in or after BEGIN - leaves connections that work and no open transaction.
pub async fn dropped_begins_poison_nothing(ground: Ground) {
    let db = &ground.db;
    for times in (0..6).cycle().take(30) {
        // A connection that is open already: else only the opening is cut off.
        db.ping().await.expect("it answers");
        tokio::time::sleep(Duration::from_millis(5)).await;
        poll_and_drop(db.begin(), times).await;
        // Whoever uses the connection next would hide it: look before.
        assert_eq!(sessions_left_in_a_transaction(&ground).await, 0, "dropped after {times} polls");
        poll_and_drop(db.messages(5), times).await;
    }
    for number in 0..20 {
        let mut tx = db.begin().await.expect("a transaction");
        tx.note("test", "counted", &number.to_string(), "", time(0)).await.expect("noted");
        tx.commit().await.expect("committed");
    }
    assert_eq!(ground.second().await.audit("", 100).await.expect("read").len(), 20, "every commit is seen by others");
}

/// After at most a second, because a session that is being rolled back is still in its transaction. SQLite has one writer, which
/// the next `begin` would wait for in vain.
async fn sessions_left_in_a_transaction(ground: &Ground) -> i64 {
    if !ground.is_postgres() {
        return 0;
    }
    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'podesk' AND state LIKE 'idle in transaction%'";
    let mut left = ground.ask(open).await;
    for _ in 0..50 {
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        left = ground.ask(open).await;
    }
    left
}

/// Polls a future so many times and drops it: timers are too coarse to hit the moment between a question and its answer.
async fn poll_and_drop<T>(future: impl Future<Output = T>, times: usize) {
    let mut future = pin!(future);
    for _ in 0..times {
        if poll_immediate(&mut future).await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_micros(1)).await;
    }
}

pub async fn a_second_opening_changes_nothing(ground: Ground) {
    let book = "SELECT COUNT(*) FROM migrations";
    let before = ground.ask(book).await;
    assert!(before > 0);
    let mut tx = ground.db.begin().await.expect("a transaction");
    place(&mut tx, "ACME", "PO-1").await;
    tx.commit().await.expect("committed");
    // Several at once, as hosts that are restarted together.
    let openings = futures_util::future::join_all((0..4).map(|_| ground.second())).await;
    for db in openings {
        db.ping().await.expect("it answers");
        assert!(db.order(&"SO-000001".into()).await.expect("read").is_some());
        db.close().await;
    }
    assert_eq!(ground.ask(book).await, before);
}

/// As hosts or commands that are started together on an empty database.
pub async fn an_empty_database_is_opened_by_many_at_once(ground: Ground) {
    ground.db.close().await;
    if ground.is_postgres() {
        ground.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.expect("emptied");
    } else {
        for file in std::fs::read_dir(ground.folder.path()).expect("the folder is there") {
            std::fs::remove_file(file.expect("readable").path()).expect("removed");
        }
    }
    let openings = (0..6).map(|_| {
        let (settings, folder) = (ground.settings.clone(), ground.folder.path().to_owned());
        tokio::spawn(async move { podesk::store::Db::open(&settings, &folder).await })
    });
    for opened in futures_util::future::join_all(openings).await {
        let db = opened.expect("no panic").expect("opened");
        let mut tx = db.begin().await.expect("a transaction");
        tx.next_order_number().await.expect("a number");
        tx.commit().await.expect("committed");
        db.close().await;
    }
    assert_eq!(ground.ask("SELECT value FROM counters WHERE name = 'order'").await, 6);
}
