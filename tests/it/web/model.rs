//! What the language model did, in the browser: both readings side by side, what they cost, and the figures for a machine.

use super::*;
use podesk::model::finding::Side;
use podesk::model::{Code, Finding, Method as Reader, Severity};
use podesk::reading::llm::CameTo;
use podesk::store::{LlmSpend, LlmUse};

fn side(reader: Reader, value: &str, raw: &str) -> Side {
    Side { reader, value: value.into(), raw: raw.into(), spans: Vec::new() }
}

#[tokio::test]
async fn both_readings_stand_side_by_side_with_what_they_cost() {
    let world = World::new().await;
    let mut sample = body_order("");
    let sides = [side(Reader::Layout, "500", "500"), side(Reader::Llm, "5", "<b>5</b>")];
    let field = "/orders/0/lines/0/quantity";
    sample.draft.findings.push(Finding::new(Code::ReadersDisagree, Severity::Ask, field, "The readers differ.").beside(sides));
    let number = world.desk.add_case(sample).await;
    let case = world.db.case(&number).await.expect("read").expect("there");
    let used = LlmUse {
        message: case.message.clone(),
        part: "body".into(),
        document: case.document.clone(),
        name: "the mail's text".into(),
        model: "qwen <2.5>".into(),
        prompts: "extract_po/v2".into(),
        came_to: CameTo::Reading,
        calls: 1,
        spend: LlmSpend { tokens_in: 1_200, tokens_out: 600, micros: 8_400 },
        examples: Vec::new(),
        at: now(),
    };
    let mut tx = world.db.begin().await.expect("a transaction");
    tx.add_llm_use(&used).await.expect("added");
    tx.commit().await.expect("committed");
    let ana = world.visitor("ana", Role::Approver).await;
    let page = world.get(&format!("/cases/{number}"), Some(&ana)).await.body;
    for shown in [
        "<th scope=\"col\">layout reader</th><th scope=\"col\">language model</th>",
        "value=\"/orders/0/lines/0/quantity=500\"",
        "value=\"/orders/0/lines/0/quantity=5\"",
        "&lt;b&gt;5&lt;/b&gt;",
        "language model qwen &lt;2.5&gt; read it: 1 question, 1200 + 600 tokens, cost 0.0084",
    ] {
        assert!(page.contains(shown), "{shown} is not in\n{page}");
    }
    assert!(!page.contains("<b>5</b>"));

    let metrics = world.get("/metrics", None).await;
    assert_eq!(metrics.status, StatusCode::OK);
    for line in [
        "podesk_open_cases 1",
        "podesk_llm_documents_total{came_to=\"reading\"} 1",
        "podesk_llm_documents_total{came_to=\"no_budget\"} 0",
        "podesk_llm_tokens_total{direction=\"out\"} 600",
        "podesk_llm_cost_total 0.0084",
        "podesk_llm_budget_refusals_today 0",
    ] {
        assert!(metrics.body.lines().any(|printed| printed == line), "{line} is not in\n{}", metrics.body);
    }
    let of_customers = [case.from.as_str(), case.subject.as_str(), "qwen"];
    assert!(of_customers.iter().all(|text| !metrics.body.contains(text)), "{}", metrics.body);
}
