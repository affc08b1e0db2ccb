//! Long orders: windows of rows, each with the head of the document, united by where their lines stand.

use super::*;
use std::ops::Range;

const HEAD: [&str; 3] = ["Purchase order PO-60000", "Currency EUR", "Pos Item Qty Unit Price Amount"];

fn lines(count: u32) -> Vec<String> {
    (1..=count).map(|n| format!("{}   K-{n}   {}   pcs   2.00   {}.00", 10 * n, 100 + n, 2 * (100 + n))).collect()
}

fn long_order(count: u32) -> (Vec<String>, u32, Document) {
    let lines = lines(count);
    let sum: u32 = (1..=count).map(|n| 2 * (100 + n)).sum();
    let total = format!("Total {sum}.00");
    let rows: Vec<&str> = HEAD.into_iter().chain(lines.iter().map(String::as_str)).chain([total.as_str()]).collect();
    let document = document_of(&rows);
    (lines, sum, document)
}

/// What a truthful model says of a window that shows these lines.
fn told(lines: &[String], range: Range<usize>, total: Option<u32>) -> Value {
    let told: Vec<Value> = lines[range]
        .iter()
        .map(|row| {
            let fields: Vec<&str> = row.split_whitespace().collect();
            json!({"quote": row, "line_no": fields[0], "supplier_part": fields[1], "quantity": fields[2], "uom": fields[3],
                   "unit_price": fields[4], "line_total": fields[5]})
        })
        .collect();
    let total = total.map_or(Value::Null, |sum| json!({"value": format!("{sum}.00"), "quote": format!("Total {sum}.00")}));
    json!({"document_kind": "purchase_order", "po_number": {"value": "PO-60000", "quote": HEAD[0]},
           "currency": {"value": "EUR", "quote": HEAD[1]}, "lines": told, "total": total})
}

fn shown(request: &Value) -> &str {
    request["messages"][1]["content"].as_str().expect("text")
}

/// The windows overlap, and what both tell is one line.
#[tokio::test]
async fn sixty_lines_are_read_in_two_windows_and_united() {
    let (lines, sum, document) = long_order(60);
    let answers = vec![says(&told(&lines, 0..42, None)), says(&told(&lines, 38..60, Some(sum)))];
    let (draft, requests) = read(answers, &document).await;
    let draft = draft.expect("a draft");
    assert_eq!((requests.len(), draft.orders[0].lines.len()), (2, 60));
    assert_eq!(asked(&draft), [], "{:?}", draft.findings);
    let numbers: Vec<String> = draft.orders[0].lines.iter().filter_map(|line| line.line_no.value().cloned()).collect();
    assert_eq!(numbers, (1..=60).map(|n| (10 * n).to_string()).collect::<Vec<_>>());
    assert!(requests.iter().all(|request| HEAD.iter().all(|row| shown(request).contains(row))), "the head is repeated");
    let (first, second) = (shown(&requests[0]), shown(&requests[1]));
    assert!(first.contains("K-40 ") && !first.contains("K-45 ") && second.contains("K-41 ") && !second.contains("K-30 "));
}

/// A line told of a row that its window did not show, or left out by both, is noticed.
#[tokio::test]
async fn a_line_that_no_window_tells_is_missed() {
    let (lines, sum, document) = long_order(60);
    let mut first = told(&lines, 0..40, None);
    first["lines"].as_array_mut().expect("lines").remove(20);
    let (draft, _) = read(vec![says(&first), says(&told(&lines, 40..60, Some(sum)))], &document).await;
    let draft = draft.expect("a draft");
    assert_eq!(draft.orders[0].lines.len(), 59);
    assert!(asked(&draft).contains(&Code::LinesIncomplete) && asked(&draft).contains(&Code::TotalMismatch), "{:?}", asked(&draft));
    let stray = told(&lines, 40..60, Some(sum));
    let (draft, _) = read(vec![says(&stray), says(&stray)], &document).await;
    let draft = draft.expect("a draft");
    assert!(asked(&draft).contains(&Code::NotGrounded), "the first window does not show those rows");
}

/// A window is corrected by itself, and a document of too many windows is not sent.
#[tokio::test]
async fn a_window_is_corrected_and_windows_are_limited() {
    let (lines, sum, document) = long_order(60);
    let mut wrong = told(&lines, 0..40, None);
    wrong["lines"][7]["quantity"] = "999".into();
    let answers = vec![says(&wrong), says(&told(&lines, 0..40, None)), says(&told(&lines, 40..60, Some(sum)))];
    let (draft, requests) = read(answers, &document).await;
    assert_eq!((asked(&draft.expect("a draft")), requests.len()), (vec![], 3));
    let repair = shown(&requests[1]);
    assert!(repair.contains("Findings about the last answer") && !repair.contains("TOTAL"), "{repair}");
    let server = Server::start(vec![says(&truth())]).await;
    let one = LlmSettings { windows_per_document: 1, ..settings(&server) };
    let outcome = reader(one).read(&document, &ReadingContext::default(), &[], &nothing_read()).await;
    assert!(matches!(outcome, Err(LlmError::TooLong { .. })), "{outcome:?}");
    assert_eq!(server.requests().len(), 0);
}

/// A server with less room than was thought: the window is halved, as often as it takes.
#[tokio::test]
async fn a_window_that_does_not_fit_is_halved() {
    let (lines, sum, document) = long_order(24);
    let too_long = || {
        let body = r#"{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (4096 tokens)"}}"#;
        Answer::Full(400, "", body.into())
    };
    let answers = vec![too_long(), says(&told(&lines, 0..14, None)), says(&told(&lines, 10..24, Some(sum)))];
    let (draft, requests) = read(answers, &document).await;
    let draft = draft.expect("a draft");
    assert_eq!((requests.len(), draft.orders[0].lines.len(), asked(&draft)), (3, 24, vec![]));
    let server = Server::start(vec![says(&truth())]).await;
    let small = LlmSettings { context_tokens: 1_000, ..settings(&server) };
    let outcome = reader(small).read(&document, &ReadingContext::default(), &[], &nothing_read()).await;
    assert!(matches!(outcome, Err(LlmError::TooLong { .. })), "the prompt alone is longer: {outcome:?}");
}

/// The answer's limit follows the rows that may be lines.
#[tokio::test]
async fn the_limit_of_the_answer_follows_the_rows() {
    let mut limits = Vec::new();
    for count in [2, 10, 30] {
        let (lines, sum, document) = long_order(count);
        let all = told(&lines, 0..lines.len(), Some(sum));
        let (_, requests) = read(vec![says(&all)], &document).await;
        limits.push(requests[0]["max_tokens"].as_u64().expect("a limit"));
    }
    assert!(limits[1] - limits[0] == 8 * 170 && limits[2] - limits[1] == 20 * 170, "{limits:?}");
}
