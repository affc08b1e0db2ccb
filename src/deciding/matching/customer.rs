//! Whose order is this? Evidence from the sender (headers) and from the document, weighed against `customers.csv`.
//!
//! The document can say anything, so it names a customer but never proves the sender: an order in the name of a customer from an address
//! that we do not know is asked about (DOMAIN 28, 54).

use super::likeness::{name_key, name_likeness, near_keys, same_place, word_overlap};
use super::sender::{accounts, domain, imitated};
use crate::deciding::{Choices, Policy, SenderFacts};
use crate::model::master::{Customer, MasterData};
use crate::model::part::lookup_key;
use crate::model::{Account, Address, Code, DraftOrder, DraftParty, Field, Finding, Severity};

/// Where a finding about the customer points.
const CUSTOMER: &str = "/orders/0/customer";

pub(super) struct CustomerMatch {
    pub(super) customer: Option<Field<Account>>,
    pub(super) candidates: Vec<Account>,
    pub(super) findings: Vec<Finding>,
    /// See `Matched::contact_email`.
    pub(super) contact_email: String,
}

/// What the document says for one customer. Strong evidence names one company; weak evidence only supports it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Evidence {
    identifier: bool,
    name: bool,
    address: bool,
    near_name: bool,
}

impl Evidence {
    fn weight(self) -> u32 {
        u32::from(self.identifier) * 8 + u32::from(self.name) * 4 + u32::from(self.address) * 2 + u32::from(self.near_name)
    }
    /// Strong evidence that `other` lacks.
    fn contradicts(self, other: Self) -> bool {
        (self.identifier && !other.identifier) || (self.name && !other.name)
    }
}

/// Finds the customer, or says who it might be.
pub(super) fn find(
    order: &DraftOrder,
    sender: &SenderFacts,
    choices: &Choices,
    master: &MasterData,
    policy: &Policy,
) -> CustomerMatch {
    // A colleague who forwards an order vouches for the sender that they name; anybody else's claim proves nothing.
    let address = if sender.forwarded_by_us { &sender.claimed_address } else { &sender.address };
    let by_sender = accounts(address, master);
    let by_document = document_evidence(order, master);
    let (mut findings, customer, candidates) = match chosen_customer(choices, master) {
        Some(customer) => (Vec::new(), Some(customer), Vec::new()),
        None => weigh(order, address, &by_sender, &by_document, master),
    };
    let account = customer.as_ref().map(|field| &field.value);
    findings.extend(sender_findings(sender, address, account, &by_sender, master, policy));
    let record = account.and_then(|account| master.customers.get(account));
    let contact_email = contact(sender, address, account, &by_sender, record, master);
    CustomerMatch { customer, candidates, findings, contact_email }
}

fn chosen_customer(choices: &Choices, master: &MasterData) -> Option<Field<Account>> {
    let account = choices.customer.as_ref().filter(|account| master.customers.contains_key(account))?;
    Some(Field::from_person(account.clone(), "", choices.who.clone(), choices.at.unwrap_or_default()))
}

type Weighed = (Vec<Finding>, Option<Field<Account>>, Vec<Account>);

fn weigh(
    order: &DraftOrder,
    address: &str,
    by_sender: &[Account],
    by_document: &[(Account, Evidence)],
    master: &MasterData,
) -> Weighed {
    let evidence_of = |account: &Account| by_document.iter().find(|(a, _)| a == account).map_or(Evidence::default(), |(_, e)| *e);
    let pool: Vec<Account> =
        if by_sender.is_empty() { by_document.iter().map(|(account, _)| account.clone()).collect() } else { by_sender.to_vec() };
    let top = pool.iter().map(|account| evidence_of(account).weight()).max().unwrap_or(0);
    let best: Vec<&Account> = pool.iter().filter(|account| evidence_of(account).weight() == top).collect();
    let mut candidates: Vec<Account> = best.iter().map(|account| (*account).clone()).collect();
    candidates.extend(by_document.iter().map(|(account, _)| account.clone()));
    dedup(&mut candidates);
    candidates.truncate(8);
    match best.as_slice() {
        [] => (vec![unknown(order, address)], None, candidates),
        [only] => {
            let evidence = evidence_of(only);
            let contrary = by_document.iter().find(|(account, other)| account != *only && other.contradicts(evidence));
            if let Some((other, _)) = contrary {
                return (vec![conflict(only, other, by_sender, address, master)], None, candidates);
            }
            let by_sender = !by_sender.is_empty();
            if !by_sender && evidence.weight() <= 2 && !evidence.near_name && is_somebody_else(order, only, master) {
                return (vec![unknown(order, address).propose(only.as_str())], None, candidates);
            }
            let mut findings = Vec::new();
            findings.extend(doubt(order, only, evidence, by_sender, master));
            let raw = if by_sender { address.to_owned() } else { printed_name(order) };
            let field = Field { raw, ..Field::from_master((*only).clone(), format!("customers/{only}")) };
            (findings, Some(field), candidates)
        }
        several => (vec![ambiguous(several, by_sender, address)], None, candidates),
    }
}

/// A customer is taken, but not without a doubt: the name is only nearly right, or is another one altogether.
fn doubt(order: &DraftOrder, account: &Account, evidence: Evidence, by_sender: bool, master: &MasterData) -> Option<Finding> {
    let printed = printed_name(order);
    let ours = master.customers.get(account).map_or("", |customer| customer.name.as_str());
    if evidence.identifier || evidence.name || (by_sender && (evidence.address || evidence.near_name || printed.is_empty())) {
        return None;
    }
    let message = if by_sender {
        if !is_somebody_else(order, account, master) {
            return None;
        }
        format!("The sender belongs to {account} ({ours}), but the order names {printed} as buyer.")
    } else if evidence.near_name {
        format!("The order names {printed} as buyer; the nearest customer is {account} ({ours}).")
    } else {
        format!("Only the address on the order points at {account} ({ours}); the buyer is printed as \"{printed}\".")
    };
    Some(Finding::new(Code::AmbiguousCustomer, Severity::Ask, CUSTOMER, message).propose(account.as_str()))
}

/// The buyer is printed, and by no stretch is it this customer's name.
fn is_somebody_else(order: &DraftOrder, account: &Account, master: &MasterData) -> bool {
    let printed = printed_name(order);
    let ours = master.customers.get(account).map_or("", |customer| customer.name.as_str());
    !printed.is_empty() && name_likeness(&printed, ours) < 0.5 && word_overlap(&printed, ours) == 0.0
}

fn unknown(order: &DraftOrder, address: &str) -> Finding {
    let printed = printed_name(order);
    let message = match (printed.is_empty(), address.is_empty()) {
        (true, true) => "No customer could be found: the document names no buyer and there is no sender.".to_owned(),
        (true, false) => format!("No customer has the sender {address}, and the document names no buyer."),
        (false, true) => format!("No customer is called {printed}, or has its VAT id, GLN or address."),
        (false, false) => format!("No customer is called {printed}, or has its VAT id, GLN or address, or the sender {address}."),
    };
    Finding::new(Code::UnknownCustomer, Severity::Block, CUSTOMER, message).at(order.buyer.name.spans())
}

fn conflict(account: &Account, other: &Account, by_sender: &[Account], address: &str, master: &MasterData) -> Finding {
    let name = |account: &Account| master.customers.get(account).map_or("", |customer| customer.name.as_str()).to_owned();
    let message = if by_sender.is_empty() {
        format!("The document names two customers: {account} ({}) and {other} ({}).", name(account), name(other))
    } else {
        format!("The sender {address} belongs to {account} ({}), but the document names {other} ({}).", name(account), name(other))
    };
    Finding::new(Code::AmbiguousCustomer, Severity::Block, CUSTOMER, message)
}

fn ambiguous(several: &[&Account], by_sender: &[Account], address: &str) -> Finding {
    let names = several.iter().take(5).map(|account| account.as_str()).collect::<Vec<_>>().join(", ");
    let from = if by_sender.is_empty() { "the document".to_owned() } else { format!("the sender {address}") };
    let message = format!("{} customers fit {from} equally well: {names}.", several.len());
    Finding::new(Code::AmbiguousCustomer, Severity::Block, CUSTOMER, message)
}

/// What the document prints about its buyer, reduced once for all customers. The seller's data is ours and says nothing.
struct Printed {
    identifiers: Vec<String>,
    names: Vec<String>,
    places: Vec<Address>,
}

impl Printed {
    fn of(order: &DraftOrder) -> Self {
        let parties = [&order.buyer, &order.bill_to];
        let identifiers = parties.iter().flat_map(|party| [&party.vat_id, &party.gln]).filter_map(|id| id.value());
        let names = parties.iter().filter_map(|party| party.name.value());
        let places = [&order.buyer, &order.ship_to].into_iter().filter(|party| !party.street.is_absent());
        Self {
            identifiers: identifiers.map(|id| lookup_key(id)).filter(|key| !key.is_empty()).collect(),
            names: names.map(|name| name_key(name)).filter(|key| !key.is_empty()).collect(),
            places: places.map(|party| party.to_party().address).collect(),
        }
    }

    /// `near_too`: names are compared for nearness as well, which is slow over many customers.
    fn evidence_for(&self, customer: &Customer, master: &MasterData, near_too: bool) -> Evidence {
        let is_printed = |ours: &Option<String>| ours.as_ref().is_some_and(|ours| self.identifiers.contains(&lookup_key(ours)));
        let name = name_key(&customer.name);
        let places = master.addresses.get(&customer.account).map_or(&[][..], Vec::as_slice);
        let has_name = self.names.contains(&name);
        Evidence {
            identifier: is_printed(&customer.vat_id) || is_printed(&customer.gln),
            name: has_name,
            address: self.places.iter().any(|printed| places.iter().any(|ours| same_place(printed, &ours.address))),
            near_name: near_too && !has_name && self.names.iter().any(|printed| near_keys(printed, &name)),
        }
    }
}

/// What the document says for each customer, heaviest first; customers for whom it says nothing are left out.
fn document_evidence(order: &DraftOrder, master: &MasterData) -> Vec<(Account, Evidence)> {
    let printed = Printed::of(order);
    let all = |near_too: bool| -> Vec<(Account, Evidence)> {
        let evidence = master.customers.values().map(|c| (c.account.clone(), printed.evidence_for(c, master, near_too)));
        evidence.filter(|(_, evidence)| evidence.weight() > 0).collect()
    };
    let mut found = all(false);
    if !found.iter().any(|(_, evidence)| evidence.identifier || evidence.name) {
        found = all(true);
    }
    found.sort_by(|(a, x), (b, y)| y.weight().cmp(&x.weight()).then_with(|| a.cmp(b)));
    found
}

fn sender_findings(
    sender: &SenderFacts,
    address: &str,
    account: Option<&Account>,
    by_sender: &[Account],
    master: &MasterData,
    policy: &Policy,
) -> Vec<Finding> {
    if sender.is_local_file && policy.trust_local_files {
        return Vec::new();
    }
    let ask = |code, message: String| Finding::new(code, Severity::Ask, "", message);
    let mut findings = Vec::new();
    if sender.authentication_failed {
        let message = format!("Our mail server could not confirm that the mail comes from {}.", sender.address);
        findings.push(ask(Code::SenderUnverified, message));
    }
    if by_sender.is_empty()
        && let Some((imitated_account, known)) = imitated(domain(address), master)
    {
        let message = format!("The sender's domain {} looks like {known} of {imitated_account}, but is not it.", domain(address));
        findings.push(ask(Code::SenderLookalike, message));
    }
    let Some(account) = account else { return findings };
    let known = by_sender.contains(account);
    let vouched = sender.forwarded_by_us && sender.claimed_address.is_empty();
    if !known && !sender.authentication_failed {
        let (severity, message) = if vouched {
            (Severity::Note, format!("A colleague forwarded the order of {account} without its sender."))
        } else if address.is_empty() {
            (Severity::Ask, format!("The order is in the name of {account}, but nothing says who sent it."))
        } else {
            (
                Severity::Ask,
                format!("The order is in the name of {account}, but its sender {address} is not known for this customer."),
            )
        };
        findings.push(Finding::new(Code::SenderUnverified, severity, "", message));
    }
    findings
}

/// The address that a confirmation goes to: Reply-To or sender where the customer's record knows it, else the record's first (DOMAIN 51).
fn contact(
    sender: &SenderFacts,
    address: &str,
    account: Option<&Account>,
    by_sender: &[Account],
    record: Option<&Customer>,
    master: &MasterData,
) -> String {
    let Some(account) = account else { return String::new() };
    let is_robot = |address: &str| {
        let local = address.split('@').next().unwrap_or_default();
        ["noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon"].iter().any(|word| local.contains(word))
    };
    if !sender.forwarded_by_us && accounts(&sender.reply_to, master).contains(account) && !is_robot(&sender.reply_to) {
        return sender.reply_to.clone();
    }
    if by_sender.contains(account) && !is_robot(address) {
        return address.to_owned();
    }
    match record.and_then(|customer| customer.emails.first()) {
        Some(known) => known.clone(),
        None if is_robot(address) => String::new(),
        // A person accepts an unknown sender before anything is placed.
        None => address.to_owned(),
    }
}

fn printed_name(order: &DraftOrder) -> String {
    let name = |party: &DraftParty| party.name.likeliest().map(|field| field.value.clone());
    name(&order.buyer).or_else(|| name(&order.bill_to)).unwrap_or_default()
}

fn dedup(accounts: &mut Vec<Account>) {
    let mut seen = std::collections::BTreeSet::new();
    accounts.retain(|account| seen.insert(account.clone()));
}
