//! A party of an EDIFACT order: what it is to the order, and its NAD segment.

use crate::model::DraftParty;

use super::parties::Role;
use super::piece::{Piece, fill};
use super::segment::Segment;

/// Party function code, 3035.
pub(super) fn role(code: &str) -> Role {
    match code {
        "BY" => Role::Buyer,
        "OB" | "MS" => Role::BuyerElse,
        "SU" => Role::Seller,
        "SE" | "MR" => Role::SellerElse,
        "DP" | "ST" => Role::ShipTo,
        "UC" | "CN" | "UD" => Role::ShipToElse,
        "IV" => Role::BillTo,
        "BT" | "PR" => Role::BillToElse,
        _ => Role::Other,
    }
}

/// NAD: identification, then the address either structured or as free lines.
pub(super) fn party(segment: &Segment) -> DraftParty {
    let mut party = DraftParty {
        name: Piece::join(&segment.parts(4)[..segment.parts(4).len().min(5)], " ").words(),
        street: Piece::join(segment.parts(5), ", ").words(),
        city: segment.at(6).words(),
        // 3229, a composite with the name in its fourth part from D.01 on.
        region: if segment.at(7).is_empty() { segment.part(7, 4).words() } else { segment.at(7).words() },
        postal_code: segment.at(8).words(),
        country: segment.at(9).country(),
        ..DraftParty::default()
    };
    // Responsible agency, 3055: 9 is GS1.
    if segment.part(2, 3).text == "9" || segment.part(2, 3).is_empty() && segment.at(2).text.len() == 13 {
        party.gln = segment.at(2).words();
    }
    let free_lines = segment.parts(3);
    if party.name.is_absent() {
        party.name = free_lines.first().map(Piece::words).unwrap_or_default();
        fill(&mut party.street, Piece::join(free_lines.iter().skip(1), ", ").words());
    }
    party
}
