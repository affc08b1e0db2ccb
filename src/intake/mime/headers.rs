//! What do the header fields say? Addresses, ids, dates, and the one `Authentication-Results` that may be believed.
//!
//! Not here: what the fields mean for the kind of mail (`nature`).

use super::OurMail;
use super::encodings::undeclared_text;
use super::names::clean_line;
use crate::intake::message::{Authentication, ForwardForm, Forwarded, Mailbox};
use crate::model::{Code, Finding, Severity};
use jiff::Timestamp;
use mail_parser::{HeaderName, HeaderValue};

/// Recipients, references and the like beyond this are dropped: no honest mail has more.
const MAX_ADDRESSES: usize = 100;

pub(super) struct Headers<'a> {
    /// Name and raw value, topmost first.
    raw: Vec<(&'a str, String)>,
    parsed: &'a [mail_parser::Header<'a>],
}

impl<'a> Headers<'a> {
    pub(super) fn of(message: &'a mail_parser::Message<'a>) -> Self {
        let parsed: &[mail_parser::Header<'_>] = message.parts.first().map_or(&[], |root| &root.headers);
        let text = |header: &mail_parser::Header<'_>| {
            let range = header.offset_start as usize..header.offset_end as usize;
            undeclared_text(message.raw_message.get(range).unwrap_or_default()).trim().to_owned()
        };
        let raw = parsed.iter().map(|header| (header.name.as_str(), text(header))).collect();
        Self { raw, parsed }
    }

    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.raw.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.raw.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    pub(super) fn has_any_starting(&self, prefix: &str) -> bool {
        self.raw.iter().any(|(name, _)| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    }

    fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s HeaderValue<'a>> {
        self.parsed.iter().filter(move |header| header.name.as_str().eq_ignore_ascii_case(name)).map(|header| &header.value)
    }

    pub(super) fn subject(&self) -> String {
        const MAX_SUBJECT_CHARS: usize = 500;
        let decoded = self.values("Subject").find_map(HeaderValue::as_text).unwrap_or_default();
        // Bare umlauts, which no mail should have and many do.
        let subject = if decoded.contains('\u{fffd}') { self.raw("Subject").unwrap_or_default() } else { decoded };
        clean_line(subject, MAX_SUBJECT_CHARS)
    }

    pub(super) fn date(&self) -> Option<Timestamp> {
        let date = self.values("Date").find_map(HeaderValue::as_datetime).filter(|date| date.is_valid())?;
        Timestamp::from_second(date.to_timestamp()).ok()
    }

    pub(super) fn date_text(&self) -> String {
        clean_line(self.raw("Date").unwrap_or_default(), 100)
    }

    /// All addresses of all fields of this name, in order.
    pub(super) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.values(name)
            .filter_map(HeaderValue::as_address)
            .flat_map(|list| list.iter())
            .take(MAX_ADDRESSES)
            .filter_map(mailbox)
            .collect()
    }

    /// The first `From` address; the parser's own answer would be the last.
    pub(super) fn from(&self) -> Option<Mailbox> {
        self.mailboxes("From").into_iter().next()
    }

    /// Message ids without angle brackets, in order.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for value in self.values(name) {
            match value {
                HeaderValue::TextList(list) => ids.extend(list.iter().map(|id| id.to_string())),
                HeaderValue::Text(id) => ids.push(id.to_string()),
                _ => {}
            }
        }
        ids.retain(|id| !id.trim().is_empty());
        ids.truncate(MAX_ADDRESSES);
        ids.iter().map(|id| clean_line(id.trim().trim_matches(['<', '>']), 300)).collect()
    }

    /// A mailing group of ours (Google Groups and the like) may put its own address into `From`, since the buyer's domain forbids
    /// others to send in its name. Who wrote then stands in other fields, which anybody may write: a claim.
    pub(super) fn passed_on_by_our_group(&self, our: &OurMail) -> Option<Forwarded> {
        self.from().filter(|from| our.is_ours(from))?;
        let in_list = if self.has("List-Id") { self.mailboxes("Reply-To") } else { Vec::new() };
        let written = ["X-Original-From", "X-Original-Sender"].into_iter().filter_map(|name| claimed_mailbox(self.raw(name)?));
        let from = written.chain(in_list).find(|from| from.address.contains('@') && !our.is_ours(from))?;
        Some(Forwarded { form: ForwardForm::Inline, from: Some(from), subject: self.subject(), date: self.date_text() })
    }

    /// Two senders can be read differently by whoever checked the sender and whoever shows it (RFC 7489 6.6.1): a person decides.
    pub(super) fn check_senders(&self, findings: &mut Vec<Finding>) {
        let fields = self.all("From").count();
        let mut addresses: Vec<String> = self.mailboxes("From").into_iter().map(|from| from.address).collect();
        addresses.dedup();
        if fields > 1 || addresses.len() > 1 {
            let message = format!("The mail names several senders: {}.", addresses.join(", "));
            findings.push(Finding::new(Code::SenderAmbiguous, Severity::Ask, "", message));
        }
    }

    /// Reads the topmost `Authentication-Results` if our own server wrote it; a header by anyone else proves nothing, and neither
    /// does one below ours, which the sender may have put there.
    pub(super) fn authentication(&self, authserv_id: &str) -> Authentication {
        let trusted = |value: &&str| {
            let id = value.split(';').next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
            !authserv_id.is_empty() && id.eq_ignore_ascii_case(authserv_id)
        };
        self.all("Authentication-Results").find(trusted).map_or(Authentication::Unknown, verdict)
    }
}

fn mailbox(addr: &mail_parser::Addr<'_>) -> Option<Mailbox> {
    let address = clean_line(addr.address.as_deref()?.trim(), 320).to_lowercase();
    let name = clean_line(addr.name.as_deref().unwrap_or_default(), 200);
    (!address.is_empty()).then_some(Mailbox { name, address })
}

/// DMARC says whether the visible sender is genuine; where the server says nothing about DMARC, DKIM and SPF have to stand in.
fn verdict(value: &str) -> Authentication {
    let value = without_comments(value).to_lowercase();
    let entries = || value.split(';').skip(1).filter_map(|entry| entry.split_once('='));
    let results = |wanted: &str| -> Vec<&str> {
        let of_method = entries().filter(|(method, _)| method.trim() == wanted);
        of_method.filter_map(|(_, result)| result.split_whitespace().next()).collect()
    };
    let dmarc = results("dmarc");
    if dmarc.contains(&"fail") {
        return Authentication::Fail;
    }
    if dmarc.contains(&"pass") || dmarc.contains(&"bestguesspass") {
        return Authentication::Pass;
    }
    let others = [results("dkim"), results("spf")].concat();
    if !others.is_empty() && others.iter().all(|result| result.contains("fail")) {
        Authentication::Fail
    } else {
        Authentication::Unknown
    }
}

fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    value
        .chars()
        .filter(|&c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// Reads one address as people write it in a forward's header lines: `Ann Lee <ann@x.example>`, `Ann Lee [mailto:ann@x.example]`,
/// `ann@x.example`, or a name alone (Outlook inside one company).
pub(super) fn claimed_mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim().trim_matches('*').trim();
    let text = text.replace("mailto:", "");
    let is_address = |word: &&str| word.contains('@') && word.len() > 2;
    let words = || text.split(|c: char| c.is_whitespace() || "<>[]()\"',;".contains(c)).map(|word| word.trim_matches(['.', ':']));
    let address = words().find(is_address).unwrap_or_default().to_lowercase();
    let name_end = text.find(['<', '[', '(']).unwrap_or(if address.is_empty() { text.len() } else { 0 });
    let name = clean_line(text[..name_end].trim().trim_matches(['"', '\'']).trim(), 200);
    (!address.is_empty() || !name.is_empty()).then_some(Mailbox { name, address: clean_line(&address, 320) })
}

/// The field's name is one that the mail parser knows, or any other.
pub(super) fn header_text(part: &mail_parser::MessagePart<'_>, name: HeaderName<'_>) -> Option<String> {
    part.headers.iter().find(|header| header.name == name).and_then(|header| header.value.as_text()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authentication_results_are_read_by_dmarc_first() {
        let cases = [
            ("mx.us.example; dmarc=pass (p=reject) header.from=x.example", Authentication::Pass),
            ("mx.us.example; spf=pass smtp.mailfrom=evil.example; dmarc=fail header.from=x.example", Authentication::Fail),
            ("mx.us.example; spf=fail; dkim=fail", Authentication::Fail),
            // SPF and DKIM of another domain say nothing about the visible sender.
            ("mx.us.example; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example", Authentication::Unknown),
            ("mx.us.example; dmarc=temperror", Authentication::Unknown),
            ("mx.us.example; spf=none (dmarc=pass)", Authentication::Unknown),
            ("mx.us.example; none", Authentication::Unknown),
        ];
        for (value, expected) in cases {
            assert_eq!(verdict(value), expected, "{value}");
        }
    }

    #[test]
    fn claimed_senders_in_the_forms_that_mail_programs_print() {
        let cases = [
            ("Ann Lee <Ann@X.example>", "Ann Lee", "ann@x.example"),
            ("Ann Lee [mailto:ann@x.example]", "Ann Lee", "ann@x.example"),
            ("\"Lee, Ann\" <ann@x.example>", "Lee, Ann", "ann@x.example"),
            ("ann@x.example", "", "ann@x.example"),
            ("ann@x.example<mailto:ann@x.example>", "ann@x.example", "ann@x.example"),
            ("Lee, Ann", "Lee, Ann", ""),
        ];
        for (text, name, address) in cases {
            assert_eq!(claimed_mailbox(text), Some(Mailbox { name: name.into(), address: address.into() }), "{text}");
        }
        assert_eq!(claimed_mailbox("  "), None);
    }
}
