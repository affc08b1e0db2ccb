//! What does the sender's address prove? Accounts by address and domain, free-mail domains, and domains that only look like a
//! customer's. Whether the address itself is genuine is said by our mail server, not here.

use crate::deciding::SenderFacts;
use crate::model::Account;
use crate::model::master::MasterData;

/// Domains at which anybody may have an address: they never identify a company.
const FREE_MAIL: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.de",
    "yahoo.fr",
    "ymail.com",
    "outlook.com",
    "outlook.de",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.co.uk",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "gmx.at",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "freenet.de",
    "arcor.de",
    "mail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "proton.me",
    "protonmail.com",
    "zoho.com",
    "qq.com",
    "163.com",
    "126.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "sfr.fr",
    "libero.it",
    "virgilio.it",
    "tiscali.it",
    "alice.it",
    "ziggo.nl",
    "kpnmail.nl",
    "xs4all.nl",
    "telenet.be",
    "skynet.be",
    "bluewin.ch",
    "seznam.cz",
    "wp.pl",
    "o2.pl",
    "comcast.net",
    "verizon.net",
    "att.net",
    "sbcglobal.net",
    "btinternet.com",
    "rediffmail.com",
    "terra.es",
    "telefonica.net",
    "uol.com.br",
    "bol.com.br",
];

/// The part after the last `@`; empty where there is none.
pub(super) fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

pub(super) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.contains(&domain)
}

/// Who a sender is to what we learn of them: their domain, or the whole address where anybody may have one at the domain. `None` where
/// the receiving server says that the address is forged. Empty for a file that came without a mail. A colleague who forwards an order
/// vouches for the sender that they name.
pub fn learned_from(sender: &SenderFacts) -> Option<String> {
    if sender.authentication_failed {
        return None;
    }
    if sender.is_local_file {
        return Some(String::new());
    }
    let address = if sender.forwarded_by_us { &sender.claimed_address } else { &sender.address };
    let domain = domain(address);
    let known = if is_free_mail(domain) { address.as_str() } else { domain };
    (!known.is_empty()).then(|| known.to_lowercase())
}

/// The one customer whose record names the sender, where nothing says that the address is forged.
pub fn account_of(sender: &SenderFacts, master: &MasterData) -> Option<Account> {
    if sender.authentication_failed {
        return None;
    }
    let address = if sender.forwarded_by_us { &sender.claimed_address } else { &sender.address };
    let mut found = accounts(address, master).into_iter();
    found.next().filter(|_| found.next().is_none())
}

/// Accounts whose record names this address, else those whose record names its domain (or the domain that it is a part of).
pub(super) fn accounts(address: &str, master: &MasterData) -> Vec<Account> {
    if address.is_empty() {
        return Vec::new();
    }
    let named = |found: &mut dyn Iterator<Item = &Account>| found.cloned().collect::<Vec<_>>();
    let customers = || master.customers.values();
    let by_address = named(&mut customers().filter(|c| c.emails.iter().any(|e| e == address)).map(|c| &c.account));
    if !by_address.is_empty() {
        return by_address;
    }
    let domain = domain(address);
    if domain.is_empty() || is_free_mail(domain) {
        return Vec::new();
    }
    let covers = |known: &String| {
        !is_free_mail(known) && (known == domain || domain.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.')))
    };
    named(&mut customers().filter(|c| c.email_domains.iter().any(covers)).map(|c| &c.account))
}

/// A customer's domain that `suspect` imitates without being it.
pub(super) fn imitated<'m>(suspect: &str, master: &'m MasterData) -> Option<(&'m Account, &'m str)> {
    if suspect.is_empty() || is_free_mail(suspect) {
        return None;
    }
    let domains_of = |customer: &'m crate::model::master::Customer| {
        let of_addresses = customer.emails.iter().map(|address| domain(address));
        customer.email_domains.iter().map(String::as_str).chain(of_addresses).map(move |domain| (&customer.account, domain))
    };
    master.customers.values().flat_map(domains_of).find(|(_, known)| !is_free_mail(known) && looks_like(suspect, known))
}

/// Whether two different domains are easily taken for each other: equal but for confusable letters, one or two slips apart, the same name
/// under another ending, or the name with a word hung on (`acme-orders.com`).
fn looks_like(suspect: &str, known: &str) -> bool {
    if suspect == known || known.is_empty() {
        return false;
    }
    let (suspect_skeleton, known_skeleton) = (skeleton(suspect), skeleton(known));
    if suspect_skeleton == known_skeleton {
        return true;
    }
    let (suspect_name, known_name) = (name_label(&suspect_skeleton), name_label(&known_skeleton));
    if known_name.chars().count() < 4 {
        return false;
    }
    let slips = strsim::damerau_levenshtein(suspect_name, known_name);
    let allowed = if known_name.chars().count() < 7 { 1 } else { 2 };
    slips <= allowed || suspect_name.split('-').any(|part| part == known_name)
}

/// Letters that look alike made equal: `rn` and `m`, `0` and `o`, `1` and `l`, Cyrillic and Latin.
fn skeleton(domain: &str) -> String {
    let simple: String = domain
        .chars()
        .map(|c| match c {
            '0' | 'о' | 'ο' => 'o',
            '1' | 'i' | '|' | 'і' => 'l',
            '5' => 's',
            'а' | 'α' => 'a',
            'е' => 'e',
            'р' => 'p',
            'с' => 'c',
            'у' => 'y',
            'х' => 'x',
            other => other,
        })
        .collect();
    simple.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

/// The label that a company chose: `acme` of `mail.acme.co.uk`.
fn name_label(domain: &str) -> &str {
    let labels: Vec<&str> = domain.split('.').collect();
    let second_level = ["co", "com", "org", "net", "gov", "edu", "ac"];
    let place = match labels.len() {
        0 | 1 => return domain,
        n if n >= 3 && (second_level.contains(&labels[n - 2]) || labels[n - 2] == "dom") => n - 3,
        n => n - 2,
    };
    labels[place]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_are_taken_for_each_other() {
        for (suspect, known) in [
            ("acrne.com", "acme.com"),
            ("acme.co", "acme.com"),
            ("acme-orders.com", "acme.com"),
            ("northwlnd.com", "northwind.com"),
            ("nortwhind.com", "northwind.com"),
            ("аcme.com", "acme.com"),
            ("acme.com.ru", "acme.com"),
        ] {
            assert!(looks_like(suspect, known), "{suspect} for {known}");
        }
        for (other, known) in [("acme.com", "acme.com"), ("globex.com", "acme.com"), ("abc.de", "abd.de"), ("ibm.com", "acme.com")]
        {
            assert!(!looks_like(other, known), "{other} for {known}");
        }
    }
}
