//! Approved documents as examples: of the same customer only, within data marks, gone when one led to a correction.

use super::books::{about, ingest, said, world};
use super::*;
use podesk::model::{Account, Sha256};
use podesk::reading::llm::Example;

fn user(request: &Value) -> String {
    request["messages"][1]["content"].as_str().expect("text").to_owned()
}

async fn approved() -> (Document, DraftOrder) {
    let document = document_of(&ORDER);
    let (draft, _) = read(vec![says(&truth())], &document).await;
    let mut draft = draft.expect("a draft");
    (document, draft.orders.remove(0))
}

fn example(document: &Document, order: &DraftOrder, max_chars: usize) -> Option<Example> {
    Example::of(&Sha256::of(b"document"), document, order, "purchase_order", max_chars)
}

#[tokio::test]
async fn a_pair_says_again_what_was_approved() {
    let (document, order) = approved().await;
    let pair = example(&document, &order, 6_000).expect("it grounds");
    let answer: Value = serde_json::from_str(&pair.answer).expect("JSON");
    assert_eq!(answer["po_number"]["value"], "BE-4711");
    assert_eq!(answer["lines"][0]["quantity"], "1.200", "as printed");
    assert_eq!(answer["lines"].as_array().map(Vec::len), Some(3));
    assert!(
        pair.document.contains("Summe netto")
            && ORDER.iter().all(|row| pair.document.contains(row.split(' ').next().expect("a word")))
    );
    assert_eq!(example(&document, &order, 100), None, "too long");
    let mut other = order.clone();
    other.lines[0].quantity = Reading::Found(podesk::model::Field::computed(rust_decimal::dec!(7), "made up"));
    assert_eq!(example(&document, &other, 6_000), None, "the document does not print what was approved");
    let mut unnamed = order;
    unnamed.po_number = Reading::Absent;
    assert_eq!(example(&document, &unnamed, 6_000), None);
}

/// The pair takes the worked example's place, between marks of its own.
#[tokio::test]
async fn a_pair_stands_where_the_worked_example_stood() {
    let (document, order) = approved().await;
    let pair = example(&document, &order, 6_000).expect("it grounds");
    let server = Server::start(vec![says(&truth())]).await;
    let reader = reader(settings(&server));
    reader.read(&document, &ReadingContext::default(), std::slice::from_ref(&pair), &nothing_read()).await.expect("a draft");
    reader.read(&document, &ReadingContext::default(), &[], &nothing_read()).await.expect("a draft");
    let (with, without) = (user(&server.requests()[0]), user(&server.requests()[1]));
    assert!(with.contains(&pair.answer) && !with.contains("XMPL-70001") && without.contains("XMPL-70001"));
    assert!(with.matches("=== ").count() >= 6, "both texts stand between marks");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_order_is_shown_to_the_same_customer_until_it_misleads() {
    let answers = [("PO-77", "42"), ("PO-78", "42"), ("PO-79", "10"), ("PO-80", "10")];
    let server = Server::start(answers.iter().map(|(number, quantity)| says(&about(number, quantity))).collect()).await;
    let url = server.url.clone();
    let kept = tokio::task::spawn_blocking(move || {
        let world = world(&url, "");
        let customer = "einkauf@muster.example";
        assert_eq!(ingest(&world, customer, "PO-77")["outcome"], "review");
        said(&world, &["review", "correct", "R-000001", "/orders/0/lines/0/quantity=10"]);
        let approved = said(&world, &["review", "approve", "R-000001"]);
        assert!(approved.contains("SO-000001"), "{approved}");
        let examples = |world: &crate::world::World| {
            world.look(async |db: podesk::store::Db| db.llm_examples(&Account::new("MUSTER"), 5).await.expect("read").len())
        };
        let kept = examples(&world);
        // Shown to the customer's next order, and wrong again: a person corrects.
        assert_eq!(ingest(&world, customer, "PO-78")["outcome"], "review");
        said(&world, &["review", "correct", "R-000002", "/orders/0/lines/0/quantity=10"]);
        let left = examples(&world);
        ingest(&world, customer, "PO-79");
        ingest(&world, "someone@elsewhere.example", "PO-80");
        (kept, left)
    });
    let (kept, left) = kept.await.expect("the program ran");
    assert_eq!((kept, left), (1, 0), "kept on approval, dropped on the next correction");
    let requests: Vec<String> = server.requests().iter().map(user).collect();
    let shows = |at: usize| (requests[at].contains("PO-77"), requests[at].contains("XMPL-70001"));
    assert_eq!([shows(0), shows(1), shows(2), shows(3)], [(true, true), (true, false), (false, true), (false, true)]);
}
