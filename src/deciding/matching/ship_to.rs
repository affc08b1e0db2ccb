//! Where do the goods go? The printed ship-to against the customer's `addresses.csv`.
//!
//! The letterhead is not a ship-to (DOMAIN 27): the default address stands in only where the document prints no ship-to at all, and an address
//! that is not in the book is asked about, never taken (DOMAIN 28).

use super::likeness::{address_likeness, holds_place, name_key, name_likeness, same_place, same_street};
use crate::deciding::{Choices, PRINTED};
use crate::model::master::{Customer, MasterData, ShipToAddress};
use crate::model::part::lookup_key;
use crate::model::{Address, Code, DraftOrder, DraftParty, Field, Finding, Severity};

const SHIP_TO: &str = "/orders/0/ship_to";

pub(super) struct ShipToMatch {
    pub(super) code: Option<Field<String>>,
    pub(super) candidates: Vec<String>,
    pub(super) findings: Vec<Finding>,
}

/// Words with which a form says that goods go to the buyer's own address.
const SAME_AS_BUYER: &[&str] = &[
    "same",
    "same as above",
    "same as buyer",
    "same as bill to",
    "same as billing",
    "same as billing address",
    "same as sold to",
    "as above",
    "see above",
    "wie oben",
    "siehe oben",
    "wie rechnungsadresse",
    "wie besteller",
    "idem",
    "identique",
    "le meme",
    "comme ci dessus",
    "ut supra",
    "misma",
    "misma direccion",
    "igual",
    "stesso",
    "come sopra",
    "zelfde",
    "zie boven",
    "idem facturation",
];

/// Finds the address, or says which ones it might be.
pub(super) fn find(order: &DraftOrder, customer: &Customer, choices: &Choices, master: &MasterData) -> ShipToMatch {
    let book = master.addresses.get(&customer.account).map_or(&[][..], Vec::as_slice);
    if let Some(code) = choices.ship_to_code.as_ref().filter(|c| *c == PRINTED || book.iter().any(|a| a.code == **c)) {
        let chosen = Field::from_person(code.clone(), "", choices.who.clone(), choices.at.unwrap_or_default());
        return ShipToMatch { code: Some(chosen), candidates: Vec::new(), findings: Vec::new() };
    }
    if order.ship_to.is_absent() {
        return default_address(book, customer);
    }
    let same_as_buyer = is_same_as_buyer(&order.ship_to);
    let party = if same_as_buyer { &order.buyer } else { &order.ship_to };
    if same_as_buyer && party.street.is_absent() && party.postal_code.is_absent() && party.city.is_absent() {
        return default_address(book, customer);
    }
    by_print(party, &order.ship_to, book, customer)
}

fn is_same_as_buyer(party: &DraftParty) -> bool {
    let only_name = party.street.is_absent() && party.postal_code.is_absent() && party.city.is_absent();
    let text = super::likeness::words(party.name.value().map_or("", String::as_str)).join(" ");
    only_name && SAME_AS_BUYER.contains(&text.as_str())
}

fn default_address(book: &[ShipToAddress], customer: &Customer) -> ShipToMatch {
    let marked: Vec<&ShipToAddress> = book.iter().filter(|address| address.is_default).collect();
    let only = match (marked.as_slice(), book) {
        ([one], _) => Some(*one),
        ([], [one]) => Some(one),
        _ => None,
    };
    let candidates = book.iter().map(|address| address.code.clone()).take(8).collect();
    match only {
        Some(address) => {
            let message =
                format!("The order prints no ship-to; the default address {} of {} is used.", address.code, customer.account);
            let note = Finding::new(Code::MissingShipTo, Severity::Note, SHIP_TO, message);
            ShipToMatch { code: Some(from_book(address, "")), candidates, findings: vec![note] }
        }
        None => {
            let message = format!("The order prints no ship-to, and {} has no default address.", customer.account);
            let missing = Finding::new(Code::MissingShipTo, Severity::Block, SHIP_TO, message);
            ShipToMatch { code: None, candidates, findings: vec![missing] }
        }
    }
}

fn by_print(party: &DraftParty, at: &DraftParty, book: &[ShipToAddress], customer: &Customer) -> ShipToMatch {
    let printed = party.to_party();
    let address = &printed.address;
    let spans =
        [&at.street, &at.name, &at.city, &at.postal_code].into_iter().map(|r| r.spans()).find(|s| !s.is_empty()).unwrap_or(&[]);
    let mut sorted: Vec<&ShipToAddress> = book.iter().collect();
    sorted.sort_by(|a, b| {
        address_likeness(address, &b.address).total_cmp(&address_likeness(address, &a.address)).then_with(|| a.code.cmp(&b.code))
    });
    let candidates: Vec<String> = sorted.iter().map(|a| a.code.clone()).take(8).collect();
    let found = |ours: &ShipToAddress, findings| {
        let raw = address.on_one_line();
        ShipToMatch { code: Some(from_book(ours, &raw)), candidates: candidates.clone(), findings }
    };
    let place_printed = !address.street.is_empty();
    let by_code: Vec<&&ShipToAddress> = sorted.iter().filter(|ours| prints_code(party, &printed.gln, ours)).collect();
    if let [ours] = by_code.as_slice() {
        // A code with another street beside it is a contradiction, not a match.
        if !place_printed || same_place(address, &ours.address) || ours.address.street.is_empty() {
            return found(ours, Vec::new());
        }
    }
    let mut same: Vec<&&ShipToAddress> = sorted.iter().filter(|ours| same_place(address, &ours.address)).collect();
    if same.is_empty() {
        let text = address.on_one_line();
        same = sorted.iter().filter(|ours| holds_place(&text, &ours.address)).collect();
    }
    if same.len() > 1 {
        let by_name: Vec<&&ShipToAddress> =
            same.iter().copied().filter(|a| name_key(&a.address.name) == name_key(&address.name)).collect();
        if by_name.len() == 1 {
            same = by_name;
        }
    }
    match same.as_slice() {
        [ours] => return found(ours, Vec::new()),
        [] => {}
        several => {
            let codes = several.iter().map(|a| a.code.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("{} is the address of several codes of {}: {codes}.", address.on_one_line(), customer.account);
            let finding = Finding::new(Code::AmbiguousShipTo, Severity::Block, SHIP_TO, message).at(spans);
            return ShipToMatch { code: None, candidates, findings: vec![finding] };
        }
    }
    if let Some(ours) = by_town_alone(address, &sorted).or_else(|| by_street_alone(address, &sorted)) {
        let message = format!("The ship-to prints only {}; {} is the one address there.", address.on_one_line(), ours.code);
        let finding = Finding::new(Code::AmbiguousShipTo, Severity::Ask, SHIP_TO, message).at(spans).propose(ours.code.as_str());
        return found(ours, vec![finding]);
    }
    if is_customers_own_number(&printed.gln, customer) && address.street.is_empty() && address.city.is_empty() {
        return default_address(book, customer);
    }
    let message = format!("The ship-to {} is not among the addresses of {}.", shown(address, &printed.gln), customer.account);
    let mut finding = Finding::new(Code::UnknownShipTo, Severity::Block, SHIP_TO, message).at(spans);
    finding.proposal = sorted.first().filter(|ours| address_likeness(address, &ours.address) >= 1.5).map(|ours| ours.code.clone());
    ShipToMatch { code: None, candidates, findings: vec![finding] }
}

fn shown(address: &Address, gln: &str) -> String {
    let text = address.on_one_line();
    if text.is_empty() { format!("with number {gln}") } else { format!("\"{text}\"") }
}

/// Whether the party prints the code of an address: as its number, its whole name, or a word of its name with a digit in it.
fn prints_code(party: &DraftParty, gln: &str, ours: &ShipToAddress) -> bool {
    let code = lookup_key(&ours.code);
    if code.is_empty() {
        return false;
    }
    let name = party.name.value().map_or("", String::as_str);
    let word_is_code = |word: &str| word.len() > 2 && word.chars().any(|c| c.is_ascii_digit()) && lookup_key(word) == code;
    lookup_key(gln) == code || lookup_key(name) == code || name.split_whitespace().any(word_is_code)
}

/// The one address in the town, where the print has no street and no postal code.
fn by_town_alone<'a>(address: &Address, book: &[&'a ShipToAddress]) -> Option<&'a ShipToAddress> {
    if !address.street.is_empty() || !address.postal_code.is_empty() || address.city.is_empty() {
        return None;
    }
    let mut there = book.iter().filter(|ours| name_likeness(&ours.address.city, &address.city) >= 0.9);
    match (there.next(), there.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

/// The one address in the street, where the print has neither town nor postal code.
fn by_street_alone<'a>(address: &Address, book: &[&'a ShipToAddress]) -> Option<&'a ShipToAddress> {
    if !address.city.is_empty() || !address.postal_code.is_empty() {
        return None;
    }
    let mut there = book.iter().filter(|ours| same_street(&ours.address.street, &address.street));
    match (there.next(), there.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

fn is_customers_own_number(gln: &str, customer: &Customer) -> bool {
    !gln.is_empty() && customer.gln.as_ref().is_some_and(|ours| lookup_key(ours) == lookup_key(gln))
}

fn from_book(address: &ShipToAddress, raw: &str) -> Field<String> {
    Field {
        raw: raw.to_owned(),
        ..Field::from_master(address.code.clone(), format!("addresses/{}/{}", address.account, address.code))
    }
}
