//! Parties and postal addresses as plain values.

use serde::{Deserialize, Serialize};

/// A postal address. Every part may be empty; `country` is ISO 3166-1 alpha-2, upper case, when known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub name: String,
    pub street: String,
    pub postal_code: String,
    pub city: String,
    pub region: String,
    pub country: String,
}

impl Address {
    /// The address on one line, empty parts left out: `Acme GmbH, Hauptstr. 1, 80331 München, DE`.
    pub fn on_one_line(&self) -> String {
        let town =
            [self.postal_code.as_str(), self.city.as_str()].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
        [self.name.as_str(), &self.street, &town, &self.region, &self.country]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A trading party: who it is and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub address: Address,
    pub vat_id: String,
    pub gln: String,
    pub email: String,
    pub phone: String,
    pub contact: String,
}
