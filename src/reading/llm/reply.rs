//! What a chat completion says, read leniently: servers differ in every field but the one that counts.

use serde_json::Value;

use super::budget::Usage;
use super::error::LlmError;

/// The answer's text, and what it cost; `asked_tokens` is the limit that was sent.
pub(super) fn read(reply: &Value, asked_tokens: u32) -> (Result<String, LlmError>, Usage) {
    let count = |name: &str| reply.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
    let usage = Usage {
        calls: 1,
        tokens_in: count("prompt_tokens").unwrap_or_default(),
        tokens_out: count("completion_tokens").unwrap_or_default(),
    };
    (text(reply, asked_tokens), usage)
}

fn text(reply: &Value, asked_tokens: u32) -> Result<String, LlmError> {
    let invalid = |why: &str| LlmError::InvalidAnswer { why: why.into() };
    let choice = reply.pointer("/choices/0").ok_or_else(|| invalid("it has no choices"))?;
    let finish = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
    let refusal = choice.pointer("/message/refusal").and_then(Value::as_str).unwrap_or_default();
    if finish == "content_filter" || !refusal.is_empty() {
        return Err(LlmError::Refused);
    }
    if matches!(finish, "length" | "max_tokens") {
        return Err(LlmError::Truncated { tokens: asked_tokens });
    }
    let content = match choice.pointer("/message/content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect(),
        _ => String::new(),
    };
    let json = only_json(&content);
    if json.is_empty() { Err(invalid("it is empty")) } else { Ok(json.to_owned()) }
}

/// The JSON object without what models put around it: thinking, fences, a sentence before or after.
fn only_json(content: &str) -> &str {
    let after_thinking = content.rsplit_once("</think>").map_or(content, |(_, rest)| rest);
    match (after_thinking.find('{'), after_thinking.rfind('}')) {
        (Some(start), Some(end)) if start < end => &after_thinking[start..=end],
        _ => after_thinking.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stands_around_the_json_is_cut_off() {
        for content in ["{\"a\":1}", "```json\n{\"a\":1}\n```", "<think>{hm}</think>\n{\"a\":1}", "Here it is: {\"a\":1}. Done"] {
            assert_eq!(only_json(content), "{\"a\":1}", "{content}");
        }
    }

    #[test]
    fn answers_that_are_none_are_told_apart() {
        let with = |message: Value, finish: &str| text(&json!({"choices": [{"message": message, "finish_reason": finish}]}), 9);
        assert!(matches!(with(json!({"content": "{"}), "length"), Err(LlmError::Truncated { tokens: 9 })));
        assert!(matches!(with(json!({"content": null, "refusal": "no"}), "stop"), Err(LlmError::Refused)));
        assert!(matches!(with(json!({"content": "{}"}), "content_filter"), Err(LlmError::Refused)));
        assert!(matches!(with(json!({"content": null}), "stop"), Err(LlmError::InvalidAnswer { .. })));
        assert!(matches!(text(&json!({"choices": []}), 9), Err(LlmError::InvalidAnswer { .. })));
        assert_eq!(with(json!({"content": [{"type": "text", "text": "{}"}]}), "eos_token").expect("text"), "{}");
    }
}
