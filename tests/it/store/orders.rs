//! Orders: one for each purchase order, changed only by who saw its last version, and exactly its events.

use super::Ground;
use super::sample::{draft, eur, order, place, placed, plan, purchase_order, time};
use podesk::model::{Account, Field};
use podesk::orders::{Event, Hold, Supply};
use podesk::store::{AlreadyPlaced, OrderFilter, OrderIdentity, Stale, StoreError};
use rust_decimal::dec;

pub async fn one_purchase_order_makes_one_order(ground: Ground) {
    let mut tx = ground.db.begin().await.expect("a transaction");
    let first = place(&mut tx, "ACME", "PO-0045/12").await;
    assert_eq!(first.number.as_str(), "SO-000001");

    // The same number in another dress; then another release, another issue, another customer.
    let again = order("SO-000002", "ACME", "po 0045 12");
    let identity = OrderIdentity::of(&again.purchase_order);
    let refused = tx.insert_order(&again, &[placed(&again)], &identity).await.expect("no error");
    assert_eq!(refused, Err(AlreadyPlaced(first.number.clone())));
    assert_eq!(tx.order(&again.number).await.expect("read"), None, "nothing of a refused order is stored");

    let mut released = order("SO-000002", "ACME", "PO-0045/12");
    released.purchase_order.release_number = Some(Field::computed("R2".to_owned(), "test"));
    let variants = [
        (released.clone(), OrderIdentity::of(&released.purchase_order)),
        (order("SO-000003", "ACME", "PO-0045/12"), OrderIdentity { issue: 1, ..identity.clone() }),
        (order("SO-000004", "OTHER", "PO-0045/12"), OrderIdentity::of(&purchase_order("OTHER", "PO-0045/12"))),
        (order("SO-000005", "ACME", "45/12"), OrderIdentity::of(&purchase_order("ACME", "45/12"))),
    ];
    for (variant, identity) in variants {
        let stored = tx.insert_order(&variant, &[placed(&variant)], &identity).await.expect("no error");
        assert_eq!(stored, Ok(()), "{}", variant.number);
    }
    tx.commit().await.expect("committed");

    let prior = ground.db.prior_orders(&Account::from("ACME"), "po 0045/12").await.expect("read");
    let numbers: Vec<_> = prior.iter().map(|prior| (prior.number.as_str(), prior.release_number.as_deref())).collect();
    assert_eq!(numbers, [("SO-000001", None), ("SO-000002", Some("R2")), ("SO-000003", None)]);
    assert!(prior.iter().all(|prior| !prior.is_cancelled && prior.po_number == "PO-0045/12"));

    let copy = "INSERT INTO orders SELECT 'SO-9', account, po_key, release_key, issue, placed_at, version, closed,
                    currency, owed, snapshot FROM orders WHERE number = 'SO-000001'";
    assert!(ground.tamper(copy).await.is_err(), "the database itself refuses a second order of one identity");
}

pub async fn a_stale_write_changes_nothing(ground: Ground) {
    let mut tx = ground.db.begin().await.expect("a transaction");
    let seen = place(&mut tx, "ACME", "PO-1").await;
    tx.commit().await.expect("committed");

    let hold = Event::HoldPlaced { hold: Hold { code: "credit".into(), reason: "over the limit".into() } };
    let mut changed = seen.clone();
    changed.version = 2;
    for outcome in [Ok(()), Err(Stale)] {
        let mut tx = ground.db.begin().await.expect("a transaction");
        let written = tx.append_events(&changed, std::slice::from_ref(&hold), 1, time(7)).await.expect("no error");
        assert_eq!(written, outcome);
        tx.commit().await.expect("committed");
    }
    let events = ground.db.order_events(&seen.number).await.expect("read");
    assert_eq!(events, [(1, time(0), placed(&seen)), (2, time(7), hold.clone())]);

    let mut tx = ground.db.begin().await.expect("a transaction");
    let gap = tx.append_events(&changed, &[hold.clone(), hold], 1, time(8)).await;
    assert!(matches!(gap, Err(StoreError::Unstorable { .. })), "an order that is not its events is never stored");
}

pub async fn what_is_stored_comes_back(ground: Ground) {
    let mut tx = ground.db.begin().await.expect("a transaction");
    let placed = place(&mut tx, "ACME", "PO-1").await;
    let plans = [plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(5))]), plan("MUC", &Supply::OnHand, &[])];
    for plan in &plans {
        tx.save_plan(&placed.number, plan).await.expect("saved");
    }
    assert_eq!(tx.order(&placed.number).await.expect("read"), Some(placed.clone()), "visible inside before it is outside");
    tx.commit().await.expect("committed");
    assert_eq!(ground.db.order(&placed.number).await.expect("read"), Some(placed.clone()));
    assert_eq!(ground.db.plans(&placed.number).await.expect("read"), plans);
    assert_eq!(ground.db.order(&"SO-000099".into()).await.expect("read"), None);
}

pub async fn orders_are_listed_and_summed(ground: Ground) {
    let account = Account::from("ACME");
    let mut tx = ground.db.begin().await.expect("a transaction");
    let mut partly = place(&mut tx, "ACME", "PO-1").await;
    let mut closed = place(&mut tx, "ACME", "PO-2").await;
    place(&mut tx, "OTHER", "PO-3").await;
    assert_eq!(tx.open_value(&account).await.expect("read").get(&eur()), Some(&dec!(45)));

    // Line 10 of the first (5 of 9 pieces, 2.50 each) loses two; the second is cancelled altogether.
    partly.lines[0].buckets.open -= dec!(2);
    partly.lines[0].buckets.cancelled += dec!(2);
    for line in &mut closed.lines {
        line.buckets.cancelled = std::mem::take(&mut line.buckets.open);
    }
    for order in [&mut partly, &mut closed] {
        order.version = 2;
        let event = Event::Cancelled { reason: "test".into() };
        tx.append_events(order, &[event], 1, time(3)).await.expect("no error").expect("not stale");
    }
    tx.commit().await.expect("committed");

    assert_eq!(ground.db.open_value(&account).await.expect("read").get(&eur()), Some(&dec!(17.50)));
    let numbers = async |filter: OrderFilter| {
        let orders = ground.db.orders(&filter, 10).await.expect("read");
        orders.iter().map(|order| order.number.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(OrderFilter::default()).await, ["SO-000003", "SO-000002", "SO-000001"]);
    assert_eq!(numbers(OrderFilter { account: Some(account.clone()), open_only: true }).await, ["SO-000001"]);
    let prior = ground.db.prior_orders(&account, "PO2").await.expect("read");
    assert!(prior[0].is_cancelled);
}

pub async fn a_row_that_contradicts_itself_is_named(ground: Ground) {
    let mut tx = ground.db.begin().await.expect("a transaction");
    let order = place(&mut tx, "ACME", "PO-1").await;
    let item = super::sample::mail("one");
    tx.store_item(&item).await.expect("stored");
    tx.save_reading(&item.sha256, "body", &item.sha256, "", &draft()).await.expect("saved");
    tx.commit().await.expect("committed");
    for (tampering, column) in [
        ("UPDATE orders SET version = 7", "version"),
        ("UPDATE orders SET version = 1, snapshot = '{\"format\":1,\"value\":{}}'", "snapshot"),
        ("UPDATE orders SET snapshot = '{\"format\":2,\"value\":{}}'", "snapshot"),
    ] {
        ground.tamper(tampering).await.expect("tampered");
        let error = ground.db.order(&order.number).await.expect_err("a bad row is never an order").to_string();
        assert!(error.contains("`orders`") && error.contains(column) && error.contains("SO-000001"), "{error}");
    }
    ground.tamper("UPDATE readings SET draft = ''").await.expect("tampered");
    let error = ground.db.readings(&item.sha256).await.expect_err("a bad row").to_string();
    assert!(error.contains("`readings`") && error.contains("`draft`") && error.contains(item.sha256.as_str()), "{error}");
}
