//! A party of an EDIFACT order: what it is to the order, and its NAD segment.

use crate::model::{DraftParty, Reading};

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
    // Responsible agency, 3055: 9 is GS1; other senders name none, or a word of their own, before a number that is one.
    party.gln = match segment.part(2, 3).text.as_str() {
        "9" => segment.at(2).words(),
        _ => gln(&segment.at(2)),
    };
    let free_lines = segment.parts(3);
    if party.name.is_absent() {
        party.name = free_lines.first().map(Piece::words).unwrap_or_default();
        fill(&mut party.street, Piece::join(free_lines.iter().skip(1), ", ").words());
    }
    party
}

/// A global location number: thirteen digits of which the last proves the others. Absent for anything else.
pub(super) fn gln(piece: &Piece) -> Reading<String> {
    let digits: Vec<u32> = piece.text.chars().filter_map(|c| c.to_digit(10)).collect();
    let weighted: u32 = digits.iter().enumerate().map(|(index, digit)| if index % 2 == 0 { *digit } else { 3 * digit }).sum();
    if digits.len() == 13 && piece.text.len() == 13 && weighted % 10 == 0 { piece.words() } else { Reading::Absent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_numbers_prove_themselves() {
        for (text, expected) in
            [("5412345000013", true), ("5412345000014", false), ("541234500001", false), ("54123450000 13", false)]
        {
            assert_eq!(!gln(&Piece::new(text, 0, 13)).is_absent(), expected, "{text}");
        }
    }
}
