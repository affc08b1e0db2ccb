//! Names of things: one newtype for each, so that a SKU can never be passed where an account is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id!(
    /// A customer's account code in our books (`customers.csv`, column `account`).
    Account
);
text_id!(
    /// Our own article number (`products.csv`, column `sku`).
    Sku
);
text_id!(
    /// A place that ships: warehouse, store or supplier (`nodes.csv`, column `node`).
    NodeCode
);
text_id!(
    /// Our order number as printed on a confirmation: `SO-000001`.
    OrderNumber
);
text_id!(
    /// The number of a case in the review queue: `R-000001`.
    CaseNumber
);
text_id!(
    /// Lower-case hexadecimal SHA-256 of raw bytes: the name of a stored mail or document.
    Sha256
);

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(bytes);
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// A purchase order number reduced for comparing only (DOMAIN 1): upper case, letters and digits alone.
///
/// The number as printed is kept beside it everywhere and is the one we echo; leading zeros count.
pub fn comparable_number(printed: &str) -> String {
    printed.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_without_punctuation_and_case_but_with_leading_zeros() {
        assert_eq!(comparable_number("po-0045/12 a"), "PO004512A");
        assert_ne!(comparable_number("0045"), comparable_number("45"));
    }
}
