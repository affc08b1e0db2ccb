//! JSON that outlives the program that wrote it: every stored order, event, case, draft and plan carries a format number.
//!
//! Fields and variants are only ever added (with serde defaults). A change that old text cannot follow raises `FORMAT` and adds
//! a step that lifts the older form; text of a newer format is refused by number.

use super::error::StoreError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The format that this program writes.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Writing<'a, T> {
    format: u32,
    value: &'a T,
}

#[derive(Deserialize)]
struct Stored<T> {
    value: T,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// The value as text. `what` names it in the error.
pub(super) fn to_text<T: Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(&Writing { format: FORMAT, value })
        .map_err(|error| StoreError::Unstorable { what: what.to_owned(), problem: error.to_string() })
}

/// The value back from text, or what is wrong with it.
pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let problem = match serde_json::from_str::<Stored<T>>(text) {
        Ok(stored) if is_known(text) => return Ok(stored.value),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    match serde_json::from_str::<FormatOnly>(text) {
        Ok(found) if found.format > FORMAT => {
            Err(format!("written in format {} by a newer podesk; this one knows up to {FORMAT}", found.format))
        }
        Ok(_) | Err(_) => Err(problem.unwrap_or_else(|| "it has no format number".into())),
    }
}

/// The number stands first in what we write; anything else takes the slow way.
fn is_known(text: &str) -> bool {
    text.starts_with(r#"{"format":1,"#) || serde_json::from_str::<FormatOnly>(text).is_ok_and(|found| found.format <= FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_by_number() {
        let text = to_text("a list", &vec![1, 2]).expect("a list");
        assert_eq!(from_text::<Vec<i32>>(&text), Ok(vec![1, 2]));
        let newer = r#"{"format":9,"value":[1]}"#;
        assert!(from_text::<Vec<i32>>(newer).expect_err("newer").contains("format 9"));
        assert!(from_text::<Vec<i32>>(r#"{"format":9,"other":1}"#).expect_err("newer").contains("newer podesk"));
        assert!(from_text::<Vec<i32>>("[1]").is_err());
    }
}
