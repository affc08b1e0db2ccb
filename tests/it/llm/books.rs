//! What the model costs, kept by document and by day, and shown: `review show`, `order history`. A spent budget stops nothing.

use super::*;
use crate::world::World;
use podesk::reading::llm::CameTo;

const ORDER_TEXT: &str = "Purchase Order\nPO Number: PO-77\nCurrency: EUR\n\n\
    Pos   Article   Description         Qty   Unit   Price   Amount\n\
    1     M-1       Ball bearing 6204   10    pcs    4.20    42.00\n\n\
    Total EUR 42.00\n";

/// What a model says of `text` that reads `quantity` in it.
pub(super) fn about(number: &str, quantity: &str) -> Value {
    json!({
        "document_kind": "purchase_order", "language": "en", "several_orders": false,
        "po_number": {"value": number, "quote": format!("PO Number: {number}")},
        "currency": {"value": "EUR", "quote": "Currency: EUR"},
        "lines": [{"quote": "1 M-1 Ball bearing 6204 10 pcs 4.20 42.00", "line_no": "1", "buyer_part": "M-1",
            "description": "Ball bearing 6204", "quantity": quantity, "uom": "pcs", "unit_price": "4.20", "line_total": "42.00"}],
        "total": {"value": "42.00", "quote": "Total EUR 42.00"},
        "questions": []
    })
}

/// A world whose desk asks the server at `url` about everything.
pub(super) fn world(url: &str, more: &str) -> World {
    World::new(&format!(
        "[outbound]\nconfirmation = \"folder\"\n[llm]\nbase_url = {url:?}\nmodel = \"m\"\nask = \"always\"\ncalls_per_document = 1\n{more}"
    ))
}

/// Takes a mail in; what `ingest --json` says of it.
pub(super) fn ingest(world: &World, from: &str, number: &str) -> Value {
    let body = ORDER_TEXT.replace("PO-77", number);
    let mail = format!("From: {from}\r\nTo: orders@nordwerk.example\r\nSubject: Purchase Order {number}\r\n\r\n{body}");
    let path = world.path().join(format!("{number}.eml"));
    std::fs::write(&path, mail).expect("a mail is written");
    let output = world.podesk(&["ingest", "--json", &path.display().to_string()]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

pub(super) fn said(world: &World, arguments: &[&str]) -> String {
    let output = world.podesk(arguments);
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn cost_and_both_readings_are_shown_where_a_person_looks() {
    let server = Server::start(vec![says(&about("PO-77", "10")), says(&about("PO-78", "42"))]).await;
    let url = server.url.clone();
    let shown = tokio::task::spawn_blocking(move || {
        let world = world(&url, "price_in_per_million = \"2\"\nprice_out_per_million = \"10\"\n");
        let placed = ingest(&world, "einkauf@muster.example", "PO-77");
        assert_eq!(placed["outcome"], "order_placed", "{placed}");
        let asked = ingest(&world, "einkauf@muster.example", "PO-78");
        assert_eq!(asked["outcome"], "review", "{asked}");
        (
            said(&world, &["order", "history", "SO-000001"]),
            said(&world, &["review", "show", "R-000001"]),
            said(&world, &["review", "show", "R-000001", "--json"]),
        )
    });
    let (history, case, json) = shown.await.expect("the program ran");
    let line = "language model m read it: 1 question, 1200 + 600 tokens, cost 0.0084";
    assert!(history.contains(line), "{history}");
    assert!(case.contains(line), "{case}");
    let sides: Vec<&str> = case.lines().map(str::trim).filter(|line| line.starts_with("la")).collect();
    assert!(sides.contains(&"layout reader    10"), "{case}");
    let case: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(case["llm"][0]["tokens_in"], 1200, "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_stops_nothing_and_is_told() {
    let server = Server::start(vec![says(&about("PO-77", "10"))]).await;
    let url = server.url.clone();
    let uses = tokio::task::spawn_blocking(move || {
        let world = world(&url, "tokens_per_day = 100\n");
        let placed = ingest(&world, "einkauf@muster.example", "PO-77");
        assert_eq!(placed["outcome"], "order_placed", "the desk goes on without: {placed}");
        let message = podesk::model::Sha256(placed["message"].as_str().expect("a digest").into());
        world.look(async move |db: podesk::store::Db| {
            let readings = db.readings(&message).await.expect("read");
            let told = readings.iter().flat_map(|reading| &reading.draft.findings).any(|f| f.code == Code::LlmBudgetSpent);
            (db.llm_uses(&message).await.expect("read"), told)
        })
    });
    let (uses, told) = uses.await.expect("the program ran");
    assert!(told, "the reading says that it was made without the model");
    assert_eq!(uses.iter().map(|used| (used.came_to, used.calls)).collect::<Vec<_>>(), [(CameTo::NoBudget, 0)]);
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_asks_the_model_one_word() {
    let server = Server::start(vec![completion("Yes", "stop"), Answer::Full(401, "", "no".into())]).await;
    let url = server.url.clone();
    let told = tokio::task::spawn_blocking(move || {
        let world = world(&url, "attempts = 1\n");
        let line = |world: &World| {
            let all = said(world, &["doctor"]);
            all.lines().find(|line| line.starts_with("language model")).unwrap_or_else(|| panic!("{all}")).to_owned()
        };
        [line(&world), line(&world)]
    });
    let [good, bad] = told.await.expect("the program ran");
    assert!(good.contains("good") && good.contains("m at ") && good.contains("extract_po/v2"), "{good}");
    assert!(bad.contains("BAD") && bad.contains("401"), "{bad}");
    assert_eq!(server.requests()[0]["max_tokens"], 16);
}
