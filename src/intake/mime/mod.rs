//! What does this mail say, who sent it, and which files came with it? One total function: any bytes become a `Message`, and what
//! was wrong with them becomes findings.
//!
//! Not here: what the files say (`reading`), and whether the sender may order anything (`deciding`).

mod archive;
mod encodings;
mod fields;
mod headers;
mod history;
mod html;
mod markup;
mod names;
mod nature;
pub(crate) mod outlook;
mod parts;
mod quoted;
mod sniff;
mod tnef;

use crate::intake::message::{ForwardForm, Forwarded, Mailbox, Message, Nature};
use crate::model::{Code, Finding, Severity, Sha256};
use headers::Headers;
use history::Split;
use parts::{AttachedMail, Contents};
use serde::{Deserialize, Serialize};
use sniff::PartKind;
pub(crate) use sniff::looks_like_mail;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The keys of `[mail]` in `agent.toml`: limits on what comes in, and whose word about a sender counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The name by which our own receiving server signs `Authentication-Results` (RFC 8601). Empty: no such header is believed.
    pub authserv_id: String,
    /// Larger mails are not taken apart.
    pub max_mail_mb: u32,
    /// MIME parts looked at in one mail, all attached mails together.
    pub max_parts: usize,
    /// Mails attached to mails attached to mails.
    pub max_attached_depth: usize,
    /// Files kept of one mail.
    pub max_attachments: usize,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self { authserv_id: String::new(), max_mail_mb: 35, max_parts: 200, max_attached_depth: 5, max_attachments: 50 }
    }
}

impl MailSettings {
    pub fn max_mail_bytes(&self) -> usize {
        self.max_mail_mb as usize * 1024 * 1024
    }
}

/// By what our own mail is known, so that we never answer ourselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OurMail {
    /// Addresses that the desk sends from, lower case.
    pub addresses: Vec<String>,
    /// Mail domains of our company, lower case: a colleague is never the customer.
    pub domains: Vec<String>,
    /// The part after the `@` of the Message-IDs that the desk makes. It should be a name that no colleague's mail program uses
    /// (`desk.example.com`, not `example.com`): everything that carries it counts as our own.
    pub message_id_domain: String,
}

impl OurMail {
    fn is_desk(&self, mailbox: &Mailbox) -> bool {
        self.addresses.iter().any(|address| address.eq_ignore_ascii_case(&mailbox.address))
    }

    /// The desk or a colleague.
    fn is_ours(&self, mailbox: &Mailbox) -> bool {
        self.is_desk(mailbox) || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(mailbox.domain()))
    }
}

/// Takes a raw mail apart. Never fails and never panics: what cannot be read becomes a finding on a message that holds the rest.
pub fn parse(raw: &[u8], settings: &MailSettings, our: &OurMail) -> Message {
    let mut findings = Vec::new();
    let whole = raw.len() <= settings.max_mail_bytes();
    let visible = if whole {
        raw
    } else {
        findings.push(limit(format!(
            "The mail is {} MB large; mails over {} MB are not read.",
            raw.len() / (1024 * 1024),
            settings.max_mail_mb
        )));
        header_section(raw)
    };
    let message = catch_unwind(AssertUnwindSafe(|| take_apart(visible, settings, our)));
    let mut message = message.unwrap_or_else(|_| {
        findings.push(broken("The mail breaks the mail reader; it must be read by a person."));
        Message::empty(Sha256::of(b""))
    });
    message.sha256 = Sha256::of(raw);
    message.findings.splice(0..0, findings);
    message
}

/// Takes a bare file, which came without a mail, for a mail that nobody sent and that has it attached. A mail in a container -
/// Outlook's `.msg` - is that mail, and of an archive each file is attached.
pub fn parse_file(sha256: Sha256, name: &str, bytes: Vec<u8>, settings: &MailSettings, our: &OurMail) -> Message {
    let opened = catch_unwind(AssertUnwindSafe(|| match sniff::sniff(&bytes, name, "") {
        PartKind::OutlookMessage => outlook::mail_of(&bytes).map(|mail| parse(&mail, settings, our)),
        PartKind::Archive | PartKind::Tnef => Some(of_container(name, bytes.clone(), settings, our)),
        PartKind::Document | PartKind::Image | PartKind::Mail | PartKind::Unsupported(_) | PartKind::Decoration => None,
    }));
    match opened {
        Ok(Some(message)) => Message { sha256, ..message },
        Ok(None) => Message::of_document(sha256, name, bytes),
        Err(_) => {
            let mut message = Message::of_document(sha256, name, bytes);
            message.findings.push(broken("The file breaks the mail reader; it must be read by a person."));
            message
        }
    }
}

fn of_container(name: &str, bytes: Vec<u8>, settings: &MailSettings, our: &OurMail) -> Message {
    let contents = Contents::of_file(name, bytes, settings);
    let mut split = history::split(&contents.text, name, false, our);
    let mut body = contents.text;
    open_attached(&contents.attached, &mut body, &mut split, our);
    Message {
        subject: name.to_owned(),
        forwarded: split.forwarded,
        body,
        new_text: split.new_text,
        attachments: contents.attachments,
        findings: contents.findings,
        ..Message::empty(Sha256::of(b""))
    }
}

/// Whether a bare file is one that `parse_file` opens.
pub(crate) fn is_container(bytes: &[u8], name: &str) -> bool {
    matches!(sniff::sniff(bytes, name, ""), PartKind::OutlookMessage | PartKind::Archive | PartKind::Tnef)
}

/// Only the head of a mail that is too large to be taken apart.
fn header_section(raw: &[u8]) -> &[u8] {
    const MAX_HEADER_BYTES: usize = 256 * 1024;
    let head = &raw[..raw.len().min(MAX_HEADER_BYTES)];
    let end = head.windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2);
    let crlf_end = head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let end = [end, crlf_end].into_iter().flatten().min().unwrap_or(head.len());
    &head[..end]
}

fn take_apart(raw: &[u8], settings: &MailSettings, our: &OurMail) -> Message {
    let masked = mask_attached_mails(raw);
    let Some(parsed) = parser().parse(masked.as_ref()) else {
        let mut message = Message::empty(Sha256::of(b""));
        message.findings.push(broken(if raw.is_empty() {
            "The mail is empty."
        } else {
            "The mail has no header that can be read."
        }));
        return message;
    };
    let headers = Headers::of(&parsed);
    let mut contents = Contents::of(&parsed, settings);
    let mut findings = std::mem::take(&mut contents.findings);
    headers.check_senders(&mut findings);

    let subject = headers.subject();
    let reply_ids = headers.ids("In-Reply-To");
    let mut split = history::split(&contents.text, &subject, !reply_ids.is_empty() || headers.has("References"), our);
    let mut body = contents.text;
    open_attached(&contents.attached, &mut body, &mut split, our);
    let forwarded = split.forwarded.or_else(|| headers.passed_on_by_our_group(our));
    let brings_order = forwarded.as_ref().and_then(|claim| claim.from.as_ref()).is_some_and(|from| !our.is_ours(from));
    let nature = nature::judge(&headers, &parsed, &body, our, brings_order);
    Message {
        sha256: Sha256::of(b""),
        message_id: headers.ids("Message-ID").into_iter().next(),
        subject,
        date: headers.date(),
        from: headers.from(),
        reply_to: headers.mailboxes("Reply-To").into_iter().next(),
        to: headers.mailboxes("To"),
        cc: headers.mailboxes("Cc"),
        in_reply_to: reply_ids,
        references: headers.ids("References"),
        nature,
        authentication: headers.authentication(&settings.authserv_id),
        forwarded: forwarded.filter(|_| nature == Nature::Correspondence),
        body,
        new_text: split.new_text,
        attachments: contents.attachments,
        findings,
    }
}

/// Joins what attached mails say to what their forwarder says. Several of them stay documents of their own (`parts`).
fn open_attached(attached: &[AttachedMail], body: &mut String, split: &mut Split, our: &OurMail) {
    let Some(first) = attached.first() else { return };
    let inner = history::split(&first.text, &first.subject, false, our);
    if attached.len() == 1 {
        append(body, &first.text);
        append(&mut split.new_text, &inner.new_text);
    }
    let stranger = |from: &Mailbox| !our.is_ours(from);
    let claim = Forwarded {
        form: ForwardForm::Attachment,
        from: first.from.clone().filter(stranger),
        subject: first.subject.clone(),
        date: first.date.clone(),
    };
    // The attached mail may be a forward itself: the innermost sender who is not one of us placed the order.
    let deeper = inner.forwarded.filter(|deeper| deeper.from.is_some());
    split.forwarded = Some(deeper.map_or(claim, |deeper| Forwarded { form: ForwardForm::Attachment, ..deeper }));
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

fn parser() -> mail_parser::MessageParser {
    mail_parser::MessageParser::default()
}

/// Hides attached mails from the parser, which would descend into them without a limit: we open them ourselves, one level at a
/// time (`parts`). The replacement has the same length, so that offsets stay true, and touches `Content-Type` fields alone.
fn mask_attached_mails(raw: &[u8]) -> Cow<'_, [u8]> {
    use regex::bytes::{Captures, Regex};
    use std::sync::LazyLock;
    static FIELD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i-u)content-type[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*").expect("the pattern is valid"));
    static ATTACHED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i-u)rfc822|global|digest").expect("the pattern is valid"));
    if !ATTACHED.is_match(raw) {
        return Cow::Borrowed(raw);
    }
    FIELD.replace_all(raw, |field: &Captures<'_>| {
        let (kind, parameters) = field[0].split_at(kind_end(&field[0]));
        let masked = ATTACHED.replace_all(kind, |word: &Captures<'_>| match word[0].to_ascii_lowercase().as_slice() {
            b"digest" => &b"x-dige"[..],
            _ => b"x-mail",
        });
        [masked.as_ref(), parameters].concat()
    })
}

/// Where the type ends and its parameters begin. A `;` in a comment ends nothing; a comment that never ends takes all.
fn kind_end(field: &[u8]) -> usize {
    let mut depth = 0_usize;
    let end = field.iter().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b';' && depth == 0
    });
    end.unwrap_or(field.len())
}

fn limit(message: String) -> Finding {
    Finding::new(Code::LimitReached, Severity::Ask, "", message)
}

/// Nothing of the mail could be read.
fn broken(message: &str) -> Finding {
    Finding::new(Code::BrokenMail, Severity::Block, "", message)
}
