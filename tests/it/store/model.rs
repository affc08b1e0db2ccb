//! The language model's books: what it had to do with each document, and the approved documents that it is shown.

use super::Ground;
use super::sample::{mail, time};
use podesk::model::{Account, OrderNumber, Sha256};
use podesk::reading::llm::CameTo;
use podesk::store::{ItemKind, LlmExample, LlmSpend, LlmUse, MessageRecord, Outcome, StoredItem};
use rust_decimal::dec;

fn used(message: &Sha256, part: &str, came_to: CameTo) -> LlmUse {
    LlmUse {
        message: message.clone(),
        part: part.into(),
        document: Sha256::of(part.as_bytes()),
        name: "order.pdf".into(),
        model: "m".into(),
        prompts: "extract_po/v2".into(),
        came_to,
        calls: 2,
        spend: LlmSpend { tokens_in: 100, tokens_out: 40, micros: 1_500 },
        examples: vec![Sha256::of(b"earlier")],
        at: time(5),
    }
}

pub async fn what_the_model_cost_is_kept_by_document(ground: Ground) {
    let db = &ground.db;
    let item: StoredItem = mail("one");
    assert_eq!(item.kind, ItemKind::Mail);
    let mut tx = db.begin().await.expect("a transaction");
    tx.store_item(&item).await.expect("stored");
    let record = MessageRecord {
        sha256: item.sha256.clone(),
        message_id: None,
        subject: "order".into(),
        from: "a@b.example".into(),
        nature: None,
        outcome: Some(Outcome::OrderPlaced),
        reasons: Vec::new(),
        why: String::new(),
        orders: vec![OrderNumber::new("SO-000001")],
        cases: Vec::new(),
        drafts: Vec::new(),
        received_at: time(0),
        finished_at: None,
    };
    tx.save_message(&record).await.expect("saved");
    tx.add_llm_use(&used(&item.sha256, "body", CameTo::Nothing)).await.expect("added");
    tx.add_llm_use(&used(&item.sha256, "body", CameTo::Reading)).await.expect("the mail was processed again");
    tx.add_llm_use(&used(&item.sha256, "2", CameTo::NoBudget)).await.expect("added");
    tx.commit().await.expect("committed");

    let uses = db.llm_uses(&item.sha256).await.expect("read");
    let body = uses.iter().find(|used| used.part == "body").expect("there");
    assert_eq!((uses.len(), body.calls, body.came_to), (2, 4, CameTo::Reading), "both times were paid");
    assert_eq!((body.spend.tokens_in, body.spend.cost()), (200, dec!(0.003)));
    assert_eq!(body.examples, [Sha256::of(b"earlier")]);
    assert_eq!(db.llm_uses_of_order(&OrderNumber::new("SO-000001")).await.expect("read").len(), 2);
    assert_eq!(db.llm_uses_of_order(&OrderNumber::new("SO-00000")).await.expect("read"), []);
    let totals = db.llm_totals(time(0)).await.expect("read");
    let of = |came_to| totals.iter().find(|total| total.came_to == came_to).map(|total| (total.documents, total.spend.tokens_out));
    assert_eq!([of(CameTo::Reading), of(CameTo::NoBudget), of(CameTo::Nothing)], [Some((1, 80)), Some((1, 40)), None]);
    assert_eq!(db.llm_totals(time(6)).await.expect("read"), []);
}

pub async fn examples_are_the_customers_own_newest_first(ground: Ground) {
    let db = &ground.db;
    let example = |account: &str, name: &str, second: i64| LlmExample {
        account: Account::new(account),
        document: Sha256::of(name.as_bytes()),
        body: name.into(),
        answer: "{}".into(),
        approved_by: "ana".into(),
        approved_at: time(second),
    };
    let mut tx = db.begin().await.expect("a transaction");
    for (account, name, second) in [("ACME", "old", 1), ("ACME", "new", 3), ("ACME", "middle", 2), ("OTHER", "new", 9)] {
        tx.put_llm_example(&example(account, name, second)).await.expect("kept");
    }
    tx.commit().await.expect("committed");
    let names = async |account: &str| {
        let kept = db.llm_examples(&Account::new(account), 2).await.expect("read");
        kept.into_iter().map(|example| example.body).collect::<Vec<_>>()
    };
    assert_eq!(names("ACME").await, ["new", "middle"]);
    let mut tx = db.begin().await.expect("a transaction");
    tx.drop_llm_example(&Sha256::of(b"new"), "R-000001 was corrected").await.expect("dropped");
    tx.commit().await.expect("committed");
    assert_eq!(names("ACME").await, ["middle", "old"]);
    assert_eq!(names("OTHER").await, Vec::<String>::new(), "whosever it is");
    let mut tx = db.begin().await.expect("a transaction");
    tx.put_llm_example(&example("ACME", "new", 4)).await.expect("approved again");
    tx.commit().await.expect("committed");
    assert_eq!(names("ACME").await, ["new", "middle"]);
}
