//! The ten files of master data: their names, their columns, and which refers to which (CONTRACT, "Master data").

/// A file of master data, in the order in which they are imported: each refers only to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Products,
    Uoms,
    Customers,
    Addresses,
    PartRefs,
    Prices,
    Nodes,
    Stock,
    Inbound,
    Rates,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Products,
        Self::Uoms,
        Self::Customers,
        Self::Addresses,
        Self::PartRefs,
        Self::Prices,
        Self::Nodes,
        Self::Stock,
        Self::Inbound,
        Self::Rates,
    ];

    /// The file's name without its ending.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Uoms => "uoms",
            Self::Customers => "customers",
            Self::Addresses => "addresses",
            Self::PartRefs => "part_refs",
            Self::Prices => "prices",
            Self::Nodes => "nodes",
            Self::Stock => "stock",
            Self::Inbound => "inbound",
            Self::Rates => "rates",
        }
    }

    /// The kind of this name, or one sentence that names the kinds there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str);
            format!("`{name}` is no kind of master data{}; there are {}", did_you_mean(name, &names), names.join(", "))
        })
    }

    /// Columns that must be there.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Products => &["sku", "name", "uom"],
            Self::Uoms => &["sku", "uom", "numerator", "denominator"],
            Self::Customers => &["account", "name"],
            Self::Addresses => &["account", "code", "name", "street", "city", "postal_code", "country"],
            Self::PartRefs => &["account", "customer_part", "sku"],
            Self::Prices => &["price_list", "sku", "price", "currency"],
            Self::Nodes => &["node", "name", "kind", "country", "postal_code"],
            Self::Stock => &["node", "sku", "on_hand"],
            Self::Inbound => &["node", "sku", "quantity", "due"],
            Self::Rates => {
                &["carrier", "service", "node", "country", "postal_prefix", "max_weight_kg", "price", "currency", "transit_days"]
            }
        }
    }

    /// Columns that may be there.
    pub(super) fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Products => &[
                "gtin",
                "manufacturer_part",
                "pack_size",
                "weight_kg",
                "length_cm",
                "width_cm",
                "height_cm",
                "price",
                "currency",
                "min_order_qty",
                "order_multiple",
                "lead_time_days",
                "status",
                "superseded_by",
            ],
            Self::Uoms => &[],
            Self::Customers => &[
                "email_domains",
                "emails",
                "vat_id",
                "gln",
                "currency",
                "payment_terms",
                "credit_limit",
                "price_list",
                "language",
                "country",
                "priority",
                "allow_backorder",
                "allow_partial",
                "ship_complete",
                "automation",
            ],
            Self::Addresses => &["region", "is_default"],
            Self::PartRefs => &["uom"],
            Self::Prices => &["min_qty", "per", "uom", "valid_from", "valid_to"],
            Self::Nodes => &[
                "street",
                "city",
                "latitude",
                "longitude",
                "timezone",
                "cutoff",
                "handling_days",
                "daily_capacity",
                "handling_cost",
                "pickup",
            ],
            Self::Stock => &["safety_stock", "lot", "expires"],
            Self::Inbound => &["reference", "reliability"],
            Self::Rates => &["pickup_cutoff", "dim_divisor"],
        }
    }

    /// The files whose rows this one names.
    pub(super) fn refers_to(self) -> &'static [Self] {
        match self {
            Self::Products | Self::Customers | Self::Nodes => &[],
            Self::Uoms | Self::Prices => &[Self::Products],
            Self::Addresses => &[Self::Customers],
            Self::PartRefs => &[Self::Customers, Self::Products],
            Self::Stock | Self::Inbound => &[Self::Products, Self::Nodes],
            Self::Rates => &[Self::Nodes],
        }
    }
}

/// `, did you mean `x`?`, where something known is close to `name`; empty otherwise.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-'], "_");
    let name = plain(name);
    let closest = known.iter().map(|candidate| (strsim::damerau_levenshtein(&name, &plain(candidate)), *candidate)).min();
    match closest {
        Some((distance, candidate)) if distance <= 1 + candidate.len() / 4 => format!(", did you mean `{candidate}`?"),
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_refers_only_to_kinds_before_it() {
        for kind in Kind::ALL {
            assert!(kind.refers_to().iter().all(|other| *other < kind), "{kind:?}");
            assert_eq!(Kind::parse(kind.as_str()), Ok(kind));
        }
    }

    #[test]
    fn a_near_miss_is_answered_with_the_right_name() {
        assert!(Kind::parse("customer").expect_err("no kind").contains("did you mean `customers`?"));
        assert!(Kind::parse("weather").expect_err("no kind").contains("there are products, uoms"));
        assert_eq!(did_you_mean("E-Mails", &["emails", "sku"]), ", did you mean `emails`?");
    }
}
