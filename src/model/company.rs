//! Who we are: the seller on the orders that we take.

use serde::{Deserialize, Serialize};

/// Who we are, so that our own papers are told from a customer's (DOMAIN 6).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Company {
    /// Our name as customers print it; other spellings in `also_known_as`.
    pub name: String,
    pub also_known_as: Vec<String>,
    pub vat_ids: Vec<String>,
    pub glns: Vec<String>,
    /// Our mail domains, lower case.
    pub domains: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 639-1: the language of last resort for what we write.
    pub language: String,
}
