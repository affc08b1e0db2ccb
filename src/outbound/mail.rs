//! How does a notice become a mail? Fixed bytes: the same notice, id and date give the same mail, so every attempt says the same.
//!
//! The Message-ID is made from the outbox id: it is how a mail whose fate is unknown is found again (DOMAIN 52).

use super::notice::{Notice, NoticeError, OutboxItem, Route};
use crate::intake::Mailbox;
use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox as Address, Message, SinglePart};
use std::time::{Duration, SystemTime};

/// References of a long conversation: the first and the last ones keep the thread together (RFC 5322, section 3.6.4).
const MAX_REFERENCES: usize = 20;

/// Builds the mail. `id` is the outbox id, `from` our mailbox, `domain` what our Message-IDs end in, `date` when it was drafted.
/// The item's route is `Draft`; the caller sets another one where policy says so.
///
/// # Errors
/// When an address is not one, or the mail cannot be built.
pub fn render(notice: &Notice, id: &str, from: &Mailbox, domain: &str, date: Timestamp) -> Result<OutboxItem, NoticeError> {
    let message_id = format!("{id}@{domain}");
    let mut builder = Message::builder()
        .message_id(Some(format!("<{message_id}>")))
        .date(system_time(date))
        .from(address(&from.name, &from.address)?)
        .to(address("", &notice.to)?);
    let copies: Vec<&String> = notice.cc.iter().filter(|cc| !cc.eq_ignore_ascii_case(&notice.to)).collect();
    for cc in &copies {
        builder = builder.cc(address("", cc)?);
    }
    builder = builder.subject(notice.subject.clone());
    if let Some(parent) = notice.thread.message_id.as_deref().filter(|id| is_message_id(id)) {
        builder = builder.in_reply_to(format!("<{parent}>")).references(references(&notice.thread.references, parent));
    }
    let message = builder
        .raw_header(header("Auto-Submitted", "auto-replied"))
        .raw_header(header("X-Auto-Response-Suppress", "OOF, AutoReply"))
        .raw_header(header("X-Podesk-Order", notice.order.as_str()))
        .singlepart(body(&notice.text))
        .map_err(|source| NoticeError::Mail { id: id.to_owned(), source })?;
    Ok(OutboxItem {
        id: id.to_owned(),
        kind: notice.kind,
        order: notice.order.clone(),
        route: Route::Draft,
        to: notice.to.clone(),
        cc: copies.into_iter().cloned().collect(),
        subject: notice.subject.clone(),
        message_id,
        bytes: message.formatted(),
    })
}

/// An address with a name, both checked: nothing from outside is ever formatted into a header by hand.
pub(crate) fn address(name: &str, address: &str) -> Result<Address, NoticeError> {
    let parsed = address.trim().parse().map_err(|_| NoticeError::Address { address: address.to_owned() })?;
    let name = name.trim();
    Ok(Address::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}

fn body(text: &str) -> SinglePart {
    SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.replace('\n', "\r\n"))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The parent's references and the parent itself; of very many the first and the newest.
fn references(earlier: &[String], parent: &str) -> String {
    let mut ids: Vec<&str> = earlier.iter().map(String::as_str).filter(|id| is_message_id(id) && *id != parent).collect();
    if ids.len() > MAX_REFERENCES {
        ids.drain(1..=ids.len() - MAX_REFERENCES);
    }
    ids.push(parent);
    ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

/// Whether this can stand between angle brackets in a header: printable ASCII with an `@`, nothing that ends it early.
fn is_message_id(id: &str) -> bool {
    id.contains('@') && id.len() <= 300 && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

/// Whole seconds, as a `Date` header has them; before 1970 counts as 1970.
fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{samples, templates};

    fn notice() -> Notice {
        let sample = samples::all().remove(0);
        templates::confirmation(&sample.order, &sample.plan, &samples::context("de")).expect("a sample")
    }

    fn us() -> Mailbox {
        Mailbox { name: "Aufträge Northgate".into(), address: "orders@northgate.example".into() }
    }

    fn at() -> Timestamp {
        "2026-11-25T09:30:15Z".parse().expect("a time")
    }

    #[test]
    fn headers_thread_the_mail_and_stop_loops() {
        let item = render(&notice(), "0193-abc", &us(), "northgate.example", at()).expect("a mail");
        let text = String::from_utf8(item.bytes).expect("pure ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a header and a body");
        assert!(text.is_ascii());
        for line in [
            "Message-ID: <0193-abc@northgate.example>",
            "Date: Wed, 25 Nov 2026 09:30:15 +0000",
            "To: buyer@buyer.example",
            "Cc: sales@northgate.example",
            "Subject: Re: PO 00450/A",
            "In-Reply-To: <po-450@buyer.example>",
            "References: <first@buyer.example> <po-450@buyer.example>",
            "Auto-Submitted: auto-replied",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "X-Podesk-Order: SO-000017",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ] {
            assert!(head.lines().any(|l| l == line), "`{line}` is not in\n{head}");
        }
        assert!(head.contains("<orders@northgate.example>"));
        assert!(body.contains("M=C3=BCnchen"));
        assert_eq!(item.message_id, "0193-abc@northgate.example");
    }

    #[test]
    fn the_same_notice_gives_the_same_bytes() {
        let bytes = || render(&notice(), "0193-abc", &us(), "northgate.example", at()).expect("a mail").bytes;
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for broken in ["", "nobody", "a@b\r\nBcc: c@d", "a@b, c@d"] {
            let notice = Notice { to: broken.into(), ..notice() };
            let refused = render(&notice, "1", &us(), "northgate.example", at()).expect_err("no address");
            assert!(matches!(refused, NoticeError::Address { address } if address == broken));
        }
    }

    #[test]
    fn a_hostile_thread_cannot_add_headers() {
        let mut notice = notice();
        notice.thread.message_id = Some("x@y>\r\nBcc: victim@example.org".into());
        notice.subject = "Re: x\r\nBcc: victim@example.org".into();
        let item = render(&notice, "1", &us(), "northgate.example", at()).expect("a mail");
        let text = String::from_utf8(item.bytes).expect("ASCII");
        assert!(!text.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{text}");
        assert!(!text.contains("In-Reply-To"));
    }

    #[test]
    fn a_long_thread_keeps_its_first_and_its_newest() {
        let ids: Vec<String> = (0..100).map(|n| format!("{n}@x.example")).collect();
        let kept = references(&ids, "parent@x.example");
        assert!(kept.starts_with("<0@x.example> <81@x.example> "), "{kept}");
        assert!(kept.ends_with("<99@x.example> <parent@x.example>"));
    }
}
