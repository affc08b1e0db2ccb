//! The prompts: built in from `prompts/`, overridable by a folder, rendered strictly.
//!
//! A template may use each of its placeholders and no other; text put in is never looked at again, so a document that holds
//! `{{document}}` stays as it is. The parts that never change come first, for the server's prefix cache.

use crate::model::Sha256;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use thiserror::Error;

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

/// The files of a prompt, built in.
struct BuiltIn {
    version: &'static str,
    system: &'static str,
    user: &'static str,
    /// Schema and meta data, which only the extracting prompt has.
    schema: &'static str,
    meta: &'static str,
}

const EXTRACT: [BuiltIn; 1] = [BuiltIn {
    version: "v1",
    system: include_str!("../../../prompts/extract_po/v1/system.md"),
    user: include_str!("../../../prompts/extract_po/v1/user.md"),
    schema: include_str!("../../../prompts/extract_po/v1/schema.json"),
    meta: include_str!("../../../prompts/extract_po/v1/meta.toml"),
}];

const REPAIR: [BuiltIn; 1] = [BuiltIn {
    version: "v1",
    system: include_str!("../../../prompts/repair_po/v1/system.md"),
    user: include_str!("../../../prompts/repair_po/v1/user.md"),
    schema: "",
    meta: "",
}];

const EXTRACT_PLACEHOLDERS: [&str; 2] = ["marker", "document"];
const REPAIR_PLACEHOLDERS: [&str; 4] = ["marker", "findings", "answer", "document"];

impl Prompts {
    /// The prompts that `settings` name.
    ///
    /// # Errors
    /// A version that does not exist, a file that cannot be read, a placeholder that is unknown or unused, a schema that is no JSON.
    pub fn load(settings: &LlmSettings) -> Result<Self, PromptError> {
        let folder = Some(settings.prompts_dir.as_str()).filter(|folder| !folder.is_empty()).map(Path::new);
        let extract = Files::load("extract_po", &settings.prompts.extract_po, &EXTRACT, folder)?;
        let repair = Files::load("repair_po", &settings.prompts.repair_po, &REPAIR, folder)?;
        let schema: Value = serde_json::from_str(&extract.schema)
            .map_err(|error| PromptError::Invalid { file: "schema.json", why: error.to_string() })?;
        let meta: Meta = toml::from_str(&extract.meta)
            .map_err(|error| PromptError::Invalid { file: "meta.toml", why: error.message().into() })?;
        let parts = [&extract.system, &extract.user, &extract.schema, &repair.system, &repair.user].map(String::as_str).concat();
        let digest: String = Sha256::of(parts.as_bytes()).0.chars().take(12).collect();
        Ok(Self {
            version: format!("extract_po/{} repair_po/{} {digest}", settings.prompts.extract_po, settings.prompts.repair_po),
            extract: Prompt::checked("extract_po", extract, &EXTRACT_PLACEHOLDERS)?,
            repair: Prompt::checked("repair_po", repair, &REPAIR_PLACEHOLDERS)?,
            schema,
            example_values: meta.example_values,
        })
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

struct Files {
    system: String,
    user: String,
    schema: String,
    meta: String,
}

impl Files {
    fn load(prompt: &'static str, version: &str, built_in: &[BuiltIn], folder: Option<&Path>) -> Result<Self, PromptError> {
        let built_in = built_in.iter().find(|files| files.version == version);
        let file = |name: &str, inner: fn(&BuiltIn) -> &'static str| -> Result<String, PromptError> {
            let path = folder.map(|folder| folder.join(prompt).join(version).join(name));
            if let Some(path) = path.filter(|path| path.exists()) {
                return std::fs::read_to_string(&path)
                    .map_err(|source| PromptError::Unreadable { file: path.display().to_string(), source });
            }
            let text = built_in.map(inner);
            text.map(str::to_owned).ok_or_else(|| PromptError::Missing { prompt, version: version.into() })
        };
        Ok(Self {
            system: file("system.md", |files| files.system)?,
            user: file("user.md", |files| files.user)?,
            schema: file("schema.json", |files| files.schema)?,
            meta: file("meta.toml", |files| files.meta)?,
        })
    }
}

impl Prompt {
    fn checked(name: &'static str, files: Files, placeholders: &'static [&'static str]) -> Result<Self, PromptError> {
        let prompt = Self { name, system: files.system.trim().to_owned(), user: files.user.trim().to_owned(), placeholders };
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
        let user = prompts.extract.user(&[("marker", "M1"), ("document", "{{marker}} {{unknown}}")]);
        assert!(user.contains("{{marker}} {{unknown}}"));
        assert!(user.contains("M1"));
    }

    #[test]
    fn templates_are_strict() {
        let files = |user: &str| Files { system: String::new(), user: user.into(), schema: String::new(), meta: String::new() };
        let check = |user: &str| Prompt::checked("extract_po", files(user), &EXTRACT_PLACEHOLDERS);
        assert!(check("{{marker}} {{ document }}").is_ok());
        assert!(matches!(check("{{marker}}"), Err(PromptError::UnusedPlaceholder { placeholder: "document", .. })));
        assert!(matches!(check("{{marker}}{{document}}{{today}}"), Err(PromptError::UnknownPlaceholder { .. })));
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
