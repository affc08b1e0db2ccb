//! The servers that people run: what each refuses, in its own words, and how it is asked from then on.

use super::*;
use secrecy::SecretString;

/// What a request asks for: response format, name of the token limit, whether there is a temperature.
fn shape(request: &Value) -> (String, &'static str, bool) {
    let format = match &request["response_format"] {
        Value::Null => "none".to_owned(),
        format if format.get("schema").is_some() => "json_object with schema".to_owned(),
        format => format["type"].as_str().unwrap_or_default().to_owned(),
    };
    let limit = ["max_tokens", "max_completion_tokens"].into_iter().find(|name| request.get(*name).is_some()).unwrap_or("no limit");
    (format, limit, request.get("temperature").is_some())
}

/// Who it is, what it refuses, and how it is asked in the end.
type Dialect = (&'static str, Vec<Answer>, (&'static str, &'static str, bool));

#[tokio::test]
async fn each_server_is_asked_in_its_own_way_and_remembered() {
    let no = |status: u16, body: &str| Answer::Full(status, "", body.into());
    let good = || says(&truth());
    let strict = "json_schema";
    let table: Vec<Dialect> = vec![
        ("OpenAI, vLLM, Ollama, llama-server", vec![], (strict, "max_tokens", true)),
        (
            "OpenAI, a reasoning model",
            vec![
                no(
                    400,
                    r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
                ),
                no(
                    400,
                    r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
                ),
            ],
            (strict, "max_completion_tokens", false),
        ),
        (
            "Azure OpenAI, an older deployment",
            vec![
                no(
                    400,
                    r#"{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","type":"invalid_request_error","param":"response_format","code":null}}"#,
                ),
                no(
                    400,
                    r#"{"error":{"message":"Unknown parameter: 'response_format.schema'.","param":"response_format.schema","code":"unknown_parameter"}}"#,
                ),
            ],
            ("json_object", "max_tokens", true),
        ),
        (
            "llama-cpp-python",
            vec![no(
                500,
                r#"{"error":{"message":"[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}]","type":"internal_server_error","param":null,"code":null}}"#,
            )],
            ("json_object with schema", "max_tokens", true),
        ),
        (
            "a FastAPI server of its own",
            vec![
                no(
                    422,
                    r#"{"detail":[{"loc":["body","response_format","type"],"msg":"Input should be 'text'","type":"literal_error"}]}"#,
                ),
                no(422, r#"{"detail":[{"loc":["body","response_format","schema"],"msg":"Extra inputs are not permitted"}]}"#),
                no(422, r#"{"detail":[{"loc":["body","response_format","type"],"msg":"Input should be 'text'"}]}"#),
            ],
            ("none", "max_tokens", true),
        ),
        (
            "llama.cpp with a schema that it cannot turn into a grammar",
            vec![no(400, r#"{"error":{"code":400,"message":"failed to parse grammar","type":"invalid_request_error"}}"#)],
            ("json_object with schema", "max_tokens", true),
        ),
        (
            "vLLM without guided decoding",
            vec![no(
                400,
                r#"{"object":"error","message":"guided decoding is not supported","type":"BadRequestError","param":null,"code":400}"#,
            )],
            ("json_object with schema", "max_tokens", true),
        ),
        ("Ollama, busy", vec![no(503, r#"{"error":"server busy, please try again"}"#)], (strict, "max_tokens", true)),
    ];
    let document = document_of(&ORDER);
    for (name, refusals, (format, limit, heat)) in table {
        let refused = refusals.len();
        let server = Server::start(refusals.into_iter().chain([good()]).collect()).await;
        let reader = reader(settings(&server));
        for _ in 0..2 {
            let draft = reader.read(&document, &ReadingContext::default(), &[], &nothing_read()).await;
            assert_eq!(draft.unwrap_or_else(|error| panic!("{name}: {error}")).orders[0].lines.len(), 3, "{name}");
        }
        let shapes: Vec<_> = server.requests().iter().map(shape).collect();
        assert_eq!(shapes.len(), refused + 2, "{name}: what was learned is not asked again: {shapes:?}");
        assert_eq!(shapes[refused..], [(format.to_owned(), limit, heat), (format.to_owned(), limit, heat)], "{name}");
    }
}

#[tokio::test]
async fn azure_is_reached_by_its_own_header_and_version() {
    let server = Server::start(vec![says(&truth())]).await;
    let settings = LlmSettings {
        base_url: format!("{}/openai/deployments/orders", server.url),
        api_key_header: "api-key".into(),
        api_version: "2024-10-21".into(),
        ..settings(&server)
    };
    let key = SecretString::from("s3cret".to_owned());
    let reader = LlmReader::new(settings, Some(&key), Arc::new(MemoryBook::default())).expect("valid");
    reader.read(&document_of(&ORDER), &ReadingContext::default(), &[], &nothing_read()).await.expect("a draft");
    let head = server.heads().remove(0).to_lowercase();
    assert!(head.starts_with("post /v1/openai/deployments/orders/chat/completions?api-version=2024-10-21 "), "{head}");
    assert!(head.contains("\r\napi-key: s3cret") && !head.contains("authorization"), "{head}");
}

/// A filter before the model is a refusal, not a setting that is wrong.
#[tokio::test]
async fn a_content_filter_is_a_refusal() {
    let body = r#"{"error":{"code":"content_filter","message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","status":400}}"#;
    let (outcome, requests) = read(vec![Answer::Full(400, "", body.into())], &document_of(&ORDER)).await;
    assert!(matches!(outcome, Err(LlmError::Refused)), "{outcome:?}");
    assert_eq!(requests.len(), 1);
}
