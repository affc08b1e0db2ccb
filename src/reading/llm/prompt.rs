//! The prompts: built in from `prompts/`, overridable by a folder, rendered strictly.
//!
//! A template may use each of its placeholders and no other; text put in is never looked at again, so a document that holds
//! `{{document}}` stays as it is. The parts that never change come first, for the server's prefix cache.

use crate::model::Sha256;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use thiserror::Error;

use super::example::Example;
use super::settings::LlmSettings;

/// A prompt that cannot be used; found when the service starts.
#[derive(Debug, Error)]
pub enum PromptError {
    #[error("there is no prompt `{prompt}` of version `{version}`")]
    Missing { prompt: &'static str, version: String },
    #[error("`{file}` of the prompt cannot be read")]
    Unreadable { file: String, source: std::io::Error },
    #[error("the prompt `{prompt}` uses the unknown placeholder `{placeholder}`")]
    UnknownPlaceholder { prompt: &'static str, placeholder: String },
    #[error("the prompt `{prompt}` does not use the placeholder `{placeholder}`")]
    UnusedPlaceholder { prompt: &'static str, placeholder: &'static str },
    #[error("`{file}` of the prompt is not valid: {why}")]
    Invalid { file: &'static str, why: String },
}

/// A prompt of one version.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    name: &'static str,
    pub system: String,
    user: String,
    placeholders: &'static [&'static str],
}

/// Both prompts, their schema, and the hash that names them in tapes and readings.
#[derive(Debug, Clone)]
pub struct Prompts {
    pub(super) extract: Prompt,
    pub(super) repair: Prompt,
    /// How one worked example stands in the extracting prompt.
    example: Prompt,
    worked_example: (String, String),
    pub(super) schema: Value,
    /// Values of the worked example: an answer that repeats one which the document does not hold was copied.
    pub(super) example_values: Vec<String>,
    version: String,
}

/// `meta.toml` of a prompt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    #[expect(dead_code, reason = "for the people who edit prompts")]
    purpose: String,
    #[expect(dead_code, reason = "for the people who edit prompts")]
    changes: Vec<String>,
    example_values: Vec<String>,
}

/// A prompt's folder, built in: its version, and its files by name.
struct BuiltIn {
    version: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! built_in {
    ($folder:literal, $version:literal, $($file:literal),+) => {
        BuiltIn {
            version: $version,
            files: &[$(($file, include_str!(concat!("../../../prompts/", $folder, "/", $version, "/", $file)))),+],
        }
    };
}

const EXTRACT: [BuiltIn; 1] = [built_in!(
    "extract_po",
    "v2",
    "system.md",
    "user.md",
    "schema.json",
    "meta.toml",
    "example.md",
    "example_document.txt",
    "example_answer.json"
)];
const REPAIR: [BuiltIn; 1] = [built_in!("repair_po", "v1", "system.md", "user.md")];

const EXTRACT_PLACEHOLDERS: [&str; 3] = ["examples", "marker", "document"];
const EXAMPLE_PLACEHOLDERS: [&str; 3] = ["marker", "document", "answer"];
const REPAIR_PLACEHOLDERS: [&str; 4] = ["marker", "findings", "answer", "document"];

impl Prompts {
    /// The prompts that `settings` name.
    ///
    /// # Errors
    /// A version that does not exist, a file that cannot be read, a placeholder that is unknown or unused, a schema that is no JSON.
    pub fn load(settings: &LlmSettings) -> Result<Self, PromptError> {
        let folder = Some(settings.prompts_dir.as_str()).filter(|folder| !folder.is_empty()).map(Path::new);
        let extract = Files { prompt: "extract_po", version: &settings.prompts.extract_po, built_in: &EXTRACT, folder };
        let repair = Files { prompt: "repair_po", version: &settings.prompts.repair_po, built_in: &REPAIR, folder };
        let [schema, meta] = ["schema.json", "meta.toml"].map(|name| extract.read(name));
        let (schema, meta) = (schema?, meta?);
        let parts = [extract.read("system.md")?, extract.read("user.md")?, repair.read("system.md")?, repair.read("user.md")?];
        let example = [extract.read("example.md")?, extract.read("example_document.txt")?, extract.read("example_answer.json")?];
        let all = [parts.concat(), example.concat(), schema.clone()].concat();
        let digest: String = Sha256::of(all.as_bytes()).0.chars().take(12).collect();
        let [extract_system, extract_user, repair_system, repair_user] = parts;
        let [example, example_document, example_answer] = example;
        let parsed: Meta =
            toml::from_str(&meta).map_err(|error| PromptError::Invalid { file: "meta.toml", why: error.message().into() })?;
        Ok(Self {
            version: format!("extract_po/{} repair_po/{} {digest}", settings.prompts.extract_po, settings.prompts.repair_po),
            extract: Prompt::checked("extract_po", &extract_system, &extract_user, &EXTRACT_PLACEHOLDERS)?,
            repair: Prompt::checked("repair_po", &repair_system, &repair_user, &REPAIR_PLACEHOLDERS)?,
            example: Prompt::checked("extract_po", "", &example, &EXAMPLE_PLACEHOLDERS)?,
            worked_example: (example_document.trim().to_owned(), example_answer.trim().to_owned()),
            schema: serde_json::from_str(&schema)
                .map_err(|error| PromptError::Invalid { file: "schema.json", why: error.to_string() })?,
            example_values: parsed.example_values,
        })
    }

    /// What is shown before the document: these examples, or the worked one where there are none.
    pub(super) fn examples(&self, examples: &[Example]) -> String {
        let (document, answer) = &self.worked_example;
        let one = |document: &str, answer: &str| {
            self.example.user(&[("marker", &marker(document)), ("document", document), ("answer", answer)])
        };
        match examples {
            [] => one(document, answer),
            examples => examples.iter().map(|example| one(&example.document, &example.answer)).collect::<Vec<_>>().join("\n\n"),
        }
    }

    /// Names and hash of the prompts: kept with each reading.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The JSON schema of the answer.
    pub fn schema(&self) -> &Value {
        &self.schema
    }
}

/// The line before and after a text from outside: made of it, so that no text can hold its own.
pub(super) fn marker(text: &str) -> String {
    format!("=== {} ===", Sha256::of(text.as_bytes()).0.chars().take(16).collect::<String>())
}

/// Where the files of a prompt are.
struct Files<'a> {
    prompt: &'static str,
    version: &'a str,
    built_in: &'static [BuiltIn],
    folder: Option<&'a Path>,
}

impl Files<'_> {
    fn read(&self, name: &str) -> Result<String, PromptError> {
        let path = self.folder.map(|folder| folder.join(self.prompt).join(self.version).join(name));
        if let Some(path) = path.filter(|path| path.exists()) {
            return std::fs::read_to_string(&path)
                .map_err(|source| PromptError::Unreadable { file: path.display().to_string(), source });
        }
        let built_in = self.built_in.iter().find(|built_in| built_in.version == self.version);
        let text = built_in.and_then(|built_in| built_in.files.iter().find(|(file, _)| *file == name));
        let missing = || PromptError::Missing { prompt: self.prompt, version: self.version.into() };
        text.map(|(_, text)| (*text).to_owned()).ok_or_else(missing)
    }
}

impl Prompt {
    fn checked(name: &'static str, system: &str, user: &str, placeholders: &'static [&'static str]) -> Result<Self, PromptError> {
        let prompt = Self { name, system: system.trim().to_owned(), user: user.trim().to_owned(), placeholders };
        for used in placeholders_of(&prompt.user).chain(placeholders_of(&prompt.system)) {
            if !placeholders.contains(&used) {
                return Err(PromptError::UnknownPlaceholder { prompt: name, placeholder: used.into() });
            }
        }
        for placeholder in placeholders {
            if !placeholders_of(&prompt.user).any(|used| used == *placeholder) {
                return Err(PromptError::UnusedPlaceholder { prompt: name, placeholder });
            }
        }
        Ok(prompt)
    }

    /// The user's message with `values` in the place of the placeholders; in one pass, so that nothing put in is expanded.
    pub fn user(&self, values: &[(&str, &str)]) -> String {
        let mut out = String::with_capacity(self.user.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
        let mut rest = self.user.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let Some((name, behind)) = after.split_once("}}") else { break };
            let value = values.iter().find(|(known, _)| *known == name.trim()).map_or("", |(_, value)| value);
            debug_assert!(self.placeholders.contains(&name.trim()), "`{}` of {} was checked at start", name, self.name);
            out.push_str(value);
            rest = behind;
        }
        out + rest
    }
}

fn placeholders_of(template: &str) -> impl Iterator<Item = &str> {
    template.split("{{").skip(1).filter_map(|after| after.split_once("}}")).map(|(name, _)| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_never_expanded() {
        let prompts = Prompts::load(&LlmSettings::default()).expect("the built-in prompts are valid");
        let example = Example { sha256: Sha256::of(b""), document: "{{answer}}".into(), answer: "{{document}}".into() };
        let examples = prompts.examples(&[example]);
        assert!(examples.contains("{{answer}}\n===") && examples.contains("{{document}}"));
        let user = prompts.extract.user(&[("examples", &examples), ("marker", "M1"), ("document", "{{marker}} {{unknown}}")]);
        assert!(user.contains("{{marker}} {{unknown}}") && user.contains("{{answer}}\n==="));
        assert!(user.contains("M1"));
    }

    /// The worked example is an answer of the schema, and every value that it gives is listed, so that a copied one is known.
    #[test]
    fn the_worked_example_is_an_answer_and_its_values_are_known() {
        let prompts = Prompts::load(&LlmSettings::default()).expect("valid");
        let answer: Value = serde_json::from_str(&prompts.worked_example.1).expect("JSON");
        let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&answer), keys(&prompts.schema()["properties"]));
        let line = &prompts.schema()["properties"]["lines"]["items"]["properties"];
        assert_eq!(keys(&answer["lines"][0]), keys(line));
        fn values<'v>(json: &'v Value, found: &mut Vec<&'v str>) {
            match json {
                Value::Object(fields) => {
                    fields.iter().filter(|(name, _)| *name != "quote").for_each(|(_, value)| values(value, found));
                }
                Value::Array(items) => items.iter().for_each(|item| values(item, found)),
                Value::String(text) => found.push(text),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        let mut found = Vec::new();
        values(&answer, &mut found);
        found.retain(|value| value.len() > 3 && *value != "purchase_order" && !value.ends_with('.'));
        assert!(found.len() >= 10, "{found:?}");
        for value in found {
            assert!(prompts.example_values.iter().any(|known| known == value), "{value}");
            assert!(prompts.worked_example.0.contains(value), "{value}");
        }
    }

    #[test]
    fn templates_are_strict() {
        let check = |user: &str| Prompt::checked("extract_po", "", user, &EXTRACT_PLACEHOLDERS);
        assert!(check("{{examples}} {{marker}} {{ document }}").is_ok());
        assert!(matches!(check("{{examples}}{{marker}}"), Err(PromptError::UnusedPlaceholder { placeholder: "document", .. })));
        assert!(matches!(check("{{examples}}{{marker}}{{document}}{{today}}"), Err(PromptError::UnknownPlaceholder { .. })));
        let other = LlmSettings {
            prompts: super::super::settings::PromptVersions { extract_po: "v9".into(), ..Default::default() },
            ..LlmSettings::default()
        };
        assert!(matches!(Prompts::load(&other), Err(PromptError::Missing { .. })));
    }

    /// Every property required, nullable by type, no further properties, nothing that only some servers know, depth at most five.
    #[test]
    fn the_schema_is_of_the_portable_subset() {
        fn walk(schema: &Value, depth: usize) {
            let object = schema.as_object().expect("a schema is an object");
            for key in object.keys() {
                let portable = ["type", "properties", "required", "additionalProperties", "items", "enum", "description"];
                assert!(portable.contains(&key.as_str()), "`{key}` is not portable");
            }
            if let Some(properties) = object.get("properties").and_then(Value::as_object) {
                assert!(depth < 6, "nested too deep");
                assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)));
                let required: Vec<&str> = object["required"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
                assert_eq!(required, properties.keys().map(String::as_str).collect::<Vec<_>>());
                properties.values().for_each(|property| walk(property, depth + 1));
            }
            if let Some(items) = object.get("items") {
                walk(items, depth + 1);
            }
        }
        walk(Prompts::load(&LlmSettings::default()).expect("valid").schema(), 0);
    }
}
