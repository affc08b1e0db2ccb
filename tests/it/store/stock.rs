//! Stock is never oversold and never leaks: reservations on hand and on goods on their way.

use super::Ground;
use super::sample::{inbound, order, place, placed, plan, stock, stocked, time};
use podesk::model::master::StockRow;
use podesk::model::{NodeCode, OrderNumber, Sku};
use podesk::orders::Supply;
use podesk::store::{Db, OrderIdentity, StockFilter, StockMoved, StoreError};
use rust_decimal::{Decimal, dec};

async fn reserved(db: &Db) -> Vec<(String, String, Decimal)> {
    let positions = db.stock(&StockFilter::default()).await.expect("read");
    positions.into_iter().map(|p| (p.sku.0, p.node.0, p.reserved)).collect()
}

fn at(sku: &str, node: &str, reserved: Decimal) -> (String, String, Decimal) {
    (sku.into(), node.into(), reserved)
}

fn due_supply() -> Supply {
    Supply::Inbound { reference: "PO-9".into(), due: jiff::civil::date(2026, 12, 10) }
}

pub async fn a_plan_is_reserved_whole_or_not_at_all(ground: Ground) {
    let db = &ground.db;
    stocked(db, &[stock("HAM", "BOLT-8", dec!(10), dec!(1)), stock("HAM", "NUT-8", dec!(0.5), dec!(0))]).await;

    let mut tx = db.begin().await.expect("a transaction");
    let order = place(&mut tx, "ACME", "PO-1").await.number;
    // Ten on hand less one for safety: two lines of 5 are refused though each alone would fit.
    let two_lines = plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(5)), ("20", "BOLT-8", dec!(5))]);
    let moved = StockMoved { sku: "BOLT-8".into(), node: "HAM".into(), supply: Supply::OnHand };
    assert_eq!(tx.reserve(&order, &two_lines).await.expect("no error"), Err(moved));
    // What the first article gave is taken back when the second has none.
    let nut_missing = plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(1)), ("20", "NUT-8", dec!(0.500001))]);
    assert!(tx.reserve(&order, &nut_missing).await.expect("no error").is_err());
    let unknown = plan("MUC", &Supply::OnHand, &[("10", "BOLT-8", dec!(1))]);
    assert!(tx.reserve(&order, &unknown).await.expect("no error").is_err(), "a position that nobody counted");
    let snapshot = tx.stock_snapshot(&[Sku::from("BOLT-8"), Sku::from("NUT-8")]).await.expect("read");
    assert!(snapshot.positions.iter().all(|position| position.reserved.is_zero()), "{snapshot:?}");
    // The transaction goes on: a plan that fits is taken.
    let fits = plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(5)), ("20", "BOLT-8", dec!(4)), ("30", "NUT-8", dec!(0.5))]);
    let taken = tx.reserve(&order, &fits).await.expect("no error").expect("enough");
    let onhand = |sku: &str, quantity| (Sku::from(sku), NodeCode::from("HAM"), Supply::OnHand, quantity);
    assert_eq!(taken.positions, [onhand("BOLT-8", dec!(9)), onhand("NUT-8", dec!(0.5))]);
    tx.commit().await.expect("committed");

    assert_eq!(reserved(db).await, [at("BOLT-8", "HAM", dec!(9)), at("NUT-8", "HAM", dec!(0.5))]);
    assert_eq!(db.stock_drift().await.expect("read"), []);
    let snapshot = db.stock_snapshot(&["BOLT-8".into()]).await.expect("read");
    assert_eq!(snapshot.positions.iter().map(|position| position.available()).collect::<Vec<_>>(), [dec!(0)]);
    assert!(ground.tamper("UPDATE stock SET reserved = on_hand + 1").await.is_err(), "the CHECK holds");
    assert!(ground.tamper("UPDATE stock SET reserved = -1").await.is_err(), "the CHECK holds");
    let too_fine = plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(0.0000001))]);
    let refused = db.begin().await.expect("a transaction").reserve(&order, &too_fine).await;
    assert!(matches!(refused, Err(StoreError::Unstorable { .. })));
}

pub async fn release_gives_back_once(ground: Ground) {
    let db = &ground.db;
    stocked(db, &[stock("HAM", "BOLT-8", dec!(10), dec!(0)), stock("MUC", "BOLT-8", dec!(10), dec!(0))]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.upsert_inbound(&[inbound("HAM", "BOLT-8", dec!(10), dec!(0.75))]).await.expect("inbound");
    let (one, two) = (place(&mut tx, "ACME", "PO-1").await.number, place(&mut tx, "ACME", "PO-2").await.number);
    let on_hand = |quantity| plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", quantity)]);
    tx.reserve(&one, &on_hand(dec!(3))).await.expect("no error").expect("enough");
    tx.reserve(&two, &on_hand(dec!(4))).await.expect("no error").expect("enough");
    // Three quarters of ten may be promised.
    let coming = |quantity| plan("HAM", &due_supply(), &[("20", "BOLT-8", quantity)]);
    assert!(tx.reserve(&one, &coming(dec!(7.6))).await.expect("no error").is_err());
    tx.reserve(&one, &coming(dec!(7.5))).await.expect("no error").expect("enough");
    tx.commit().await.expect("committed");
    assert_eq!(db.inbound(&StockFilter::default()).await.expect("read")[0].reserved, dec!(7.5));

    for positions in [2, 0] {
        let mut tx = db.begin().await.expect("a transaction");
        assert_eq!(tx.release_reservations(&one).await.expect("released").positions.len(), positions);
        tx.commit().await.expect("committed");
    }
    assert_eq!(reserved(db).await, [at("BOLT-8", "HAM", dec!(4)), at("BOLT-8", "MUC", dec!(0))], "what the other holds stays");
    assert_eq!(db.inbound(&StockFilter::default()).await.expect("read")[0].reserved, dec!(0));
    assert_eq!(db.stock_drift().await.expect("read"), []);
}

pub async fn a_count_below_what_is_reserved_is_refused(ground: Ground) {
    let db = &ground.db;
    let lot =
        |lot: &str, on_hand| podesk::model::master::StockRow { lot: Some(lot.into()), ..stock("HAM", "BOLT-8", on_hand, dec!(1)) };
    stocked(db, &[lot("A", dec!(6)), lot("B", dec!(4))]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.upsert_inbound(&[inbound("HAM", "BOLT-8", dec!(10), dec!(1))]).await.expect("inbound");
    let order = place(&mut tx, "ACME", "PO-1").await.number;
    let nine = plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(9))]);
    tx.reserve(&order, &nine).await.expect("no error").expect("both lots together, less safety stock once");
    tx.reserve(&order, &plan("HAM", &due_supply(), &[("20", "BOLT-8", dec!(5))])).await.expect("no error").expect("enough");
    tx.commit().await.expect("committed");

    let mut tx = db.begin().await.expect("a transaction");
    let error = tx.upsert_stock(&[lot("B", dec!(2))]).await.expect_err("8 on hand, 9 reserved").to_string();
    assert!(["BOLT-8", "HAM", "8", "9"].iter().all(|word| error.contains(word)), "{error}");
    drop(tx);
    let mut tx = db.begin().await.expect("a transaction");
    let error = tx.upsert_inbound(&[inbound("HAM", "BOLT-8", dec!(8), dec!(0.5))]).await.expect_err("4 promisable, 5 reserved");
    assert!(matches!(error, StoreError::BelowReserved { .. }), "{error}");
    drop(tx);
    let mut tx = db.begin().await.expect("a transaction");
    tx.upsert_stock(&[lot("B", dec!(3))]).await.expect("9 on hand are enough");
    tx.commit().await.expect("committed");
    let position = &db.stock(&StockFilter { sku: Some("BOLT-8".into()), node: None }).await.expect("read")[0];
    assert_eq!((position.on_hand, position.reserved), (dec!(9), dec!(9)));
}

/// Eight workers, two of whose connections are another process's, take from two hot positions until nothing is left, and some
/// give back what they took.
pub async fn nobody_oversells(ground: Ground) {
    const WORKERS: usize = 8;
    stocked(&ground.db, &[stock("HAM", "BOLT-8", dec!(50), dec!(0)), stock("HAM", "NUT-8", dec!(41), dec!(1))]).await;
    let second = ground.second().await;
    let work = (0..WORKERS).map(|worker| {
        let db = if worker < 2 { second.clone() } else { ground.db.clone() };
        tokio::spawn(async move { take_until_empty(&db, worker).await })
    });
    let kept: usize = futures_util::future::join_all(work).await.into_iter().map(|done| done.expect("no panic")).sum();

    // Each kept order holds 3 bolts in two lines and 2 nuts; nuts run out first, at 20 orders; bolts would at 16.
    let positions = ground.db.stock(&StockFilter::default()).await.expect("read");
    assert_eq!(kept, 16, "exactly what 50 bolts give");
    let by_hand = |sku: &str| positions.iter().find(|p| p.sku.as_str() == sku).map(|p| p.reserved);
    assert_eq!((by_hand("BOLT-8"), by_hand("NUT-8")), (Some(dec!(48)), Some(dec!(32))));
    assert_eq!(ground.db.stock_drift().await.expect("read"), []);
    assert_eq!(ground.ask("SELECT CAST(SUM(quantity) AS BIGINT) FROM reservations").await, 80_000_000);
}

async fn take_until_empty(db: &Db, worker: usize) -> usize {
    let mut kept = 0;
    for round in 0.. {
        let mut tx = db.begin().await.expect("a transaction");
        // Numbers of its own: the counter of order numbers would make the workers queue on PostgreSQL.
        let placing = order(&format!("T-{worker}-{round}"), &format!("C{worker}"), &format!("PO-{round}"));
        let identity = OrderIdentity::of(&placing.purchase_order);
        tx.insert_order(&placing, &[placed(&placing)], &identity).await.expect("no error").expect("a new order");
        let order: OrderNumber = placing.number;
        let lines = [("30", "NUT-8", dec!(2)), ("10", "BOLT-8", dec!(1)), ("20", "BOLT-8", dec!(2))];
        match tx.reserve(&order, &plan("HAM", &Supply::OnHand, &lines)).await.expect("no error") {
            Err(_) => return kept,
            Ok(_) if round % 3 == 2 => {
                tx.commit().await.expect("committed");
                let mut tx = db.begin().await.expect("a transaction");
                tx.release_reservations(&order).await.expect("released");
                tx.note("test", "released", order.as_str(), "", time(0)).await.expect("noted");
                tx.commit().await.expect("committed");
            }
            Ok(_) => {
                tx.commit().await.expect("committed");
                kept += 1;
            }
        }
    }
    kept
}

/// Eight workers reserve and release at random and are cancelled in the middle of it: nothing leaks, nothing is oversold.
pub async fn cancelled_work_leaks_no_stock(ground: Ground) {
    const ROUNDS: u64 = 60;
    stocked(&ground.db, &[stock("HAM", "BOLT-8", dec!(40), dec!(0)), stock("HAM", "NUT-8", dec!(40), dec!(0))]).await;
    let workers = (0..8_u64).map(|worker| {
        let db = ground.db.clone();
        tokio::spawn(async move {
            let mut finished = 0;
            for round in 0..ROUNDS {
                // A fixed sequence that looks random (Knuth's multiplier); up to 4 ms until the plug is pulled.
                let dice = (worker * ROUNDS + round + 1).wrapping_mul(6_364_136_223_846_793_005) >> 33;
                let (new, old) = (format!("T-{worker}-{round}"), format!("T-{worker}-{}", dice % (round + 1)));
                let work = reserve_or_release(&db, &new, &old, dice);
                let limit = std::time::Duration::from_micros(dice % 4_000 + if dice.is_multiple_of(5) { 1_000_000 } else { 0 });
                finished += usize::from(tokio::time::timeout(limit, work).await.is_ok());
            }
            finished
        })
    });
    let finished: usize = futures_util::future::join_all(workers).await.into_iter().map(|done| done.expect("no panic")).sum();
    assert!(finished > 0 && finished < 8 * 60, "some of the work is cut off, some is not: {finished}");
    assert_eq!(ground.db.stock_drift().await.expect("read"), []);
    let held = ground.ask("SELECT COUNT(*) FROM reservations").await;
    assert!(held > 0, "something was reserved");
    let orphans = "SELECT COUNT(*) FROM reservations WHERE order_number NOT IN (SELECT number FROM orders)";
    assert_eq!(ground.ask(orphans).await, 0);
    for position in ground.db.stock(&StockFilter::default()).await.expect("read") {
        assert!(position.reserved <= position.on_hand, "{position:?}");
    }
}

async fn reserve_or_release(db: &Db, new: &str, old: &str, dice: u64) {
    let mut tx = db.begin().await.expect("a transaction");
    if dice.is_multiple_of(3) {
        tx.release_reservations(&old.into()).await.expect("released");
    } else {
        let placing = order(new, "ACME", new);
        let identity = OrderIdentity::of(&placing.purchase_order);
        tx.insert_order(&placing, &[placed(&placing)], &identity).await.expect("no error").expect("a new order");
        let quantity = Decimal::from(dice % 4 + 1);
        let lines = [("10", "NUT-8", quantity), ("20", "BOLT-8", quantity)];
        let _moved = tx.reserve(&placing.number, &plan("HAM", &Supply::OnHand, &lines)).await.expect("no error");
    }
    tx.commit().await.expect("committed");
}

/// Two hosts count two lots of one position at once: the position is the sum of both.
pub async fn counts_at_the_same_time_add_up(ground: Ground) {
    stocked(&ground.db, &[]).await;
    for round in 0..10_i64 {
        let counts = ["A", "B", "C", "D"].map(|lot| {
            let db = ground.db.clone();
            tokio::spawn(async move {
                let row = StockRow { lot: Some(lot.into()), ..stock("HAM", "BOLT-8", Decimal::from(round), dec!(0)) };
                let mut tx = db.begin().await.expect("a transaction");
                tx.upsert_stock(&[row]).await.expect("counted");
                tx.commit().await.expect("committed");
            })
        });
        futures_util::future::join_all(counts).await.into_iter().for_each(|done| done.expect("no panic"));
        let position = &ground.db.stock(&StockFilter::default()).await.expect("read")[0];
        assert_eq!(position.on_hand, Decimal::from(4 * round));
    }
}
