//! The parties of an order as its loops name them: who is buyer, seller, ship-to and bill-to (DOMAIN 27).

use crate::model::{Code, DraftOrder, DraftParty};

use super::notes::Notes;

/// What a party is to the order. The `Else` roles stand in where the first is not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Buyer,
    BuyerElse,
    Seller,
    SellerElse,
    ShipTo,
    ShipToElse,
    BillTo,
    BillToElse,
    /// Carriers, contacts, payees: read past, so that their addresses go to nobody else.
    Other,
}

/// Parties read so far; at most one is open for details.
#[derive(Debug, Default)]
pub(super) struct Parties {
    open: Option<(Role, DraftParty)>,
    closed: Vec<(Role, DraftParty)>,
}

impl Parties {
    pub fn start(&mut self, role: Role, party: DraftParty) {
        self.end();
        self.open = Some((role, party));
    }

    /// The party that details belong to.
    pub fn open(&mut self) -> Option<&mut DraftParty> {
        self.open.as_mut().map(|(_, party)| party)
    }

    /// Whether details go to the buyer, or to nobody in particular.
    pub fn open_is_buyer(&self) -> bool {
        self.open.as_ref().is_none_or(|(role, _)| matches!(role, Role::Buyer | Role::BuyerElse))
    }

    /// What follows belongs to no party any more.
    pub fn end(&mut self) {
        self.closed.extend(self.open.take());
    }

    /// Puts the parties in their places; contacts named without a party are in `contacts`.
    pub fn hand_over(mut self, order: &mut DraftOrder, at: &str, notes: &mut Notes) {
        self.end();
        let mut ship_tos = self.closed.iter().filter(|(role, _)| *role == Role::ShipTo).map(|(_, party)| party);
        if let Some(first) = ship_tos.next()
            && let Some(other) = ship_tos.find(|other| differs(first, other))
        {
            let message = "The order names more than one place to deliver to.";
            notes.ask(Code::AmbiguousShipTo, format!("{at}/ship_to"), message, other.name.spans());
        }
        let mut take = |roles: [Role; 2]| {
            let found = roles.into_iter().find_map(|role| self.closed.iter().position(|(r, _)| *r == role));
            found.map(|index| self.closed.remove(index).1).unwrap_or_default()
        };
        order.buyer = take([Role::Buyer, Role::BuyerElse]);
        order.seller = take([Role::Seller, Role::SellerElse]);
        order.ship_to = take([Role::ShipTo, Role::ShipToElse]);
        order.bill_to = take([Role::BillTo, Role::BillToElse]);
        for party in [&mut order.buyer, &mut order.seller, &mut order.ship_to, &mut order.bill_to] {
            if is_placeholder(party) {
                *party = DraftParty::default();
            }
        }
    }
}

/// Systems that must fill a party write that it is none.
fn is_placeholder(party: &DraftParty) -> bool {
    let name = party.name.value().map(|name| name.to_ascii_lowercase());
    matches!(name.as_deref(), Some("do not use" | "not used" | "not applicable" | "n/a" | "dummy" | "unknown" | "none" | "-" | "."))
}

fn differs(a: &DraftParty, b: &DraftParty) -> bool {
    let key = |party: &DraftParty| [&party.name, &party.street, &party.postal_code, &party.gln].map(|field| field.value().cloned());
    key(a) != key(b)
}
