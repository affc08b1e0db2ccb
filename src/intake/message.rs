//! A mail, taken apart: who sent it, what kind of mail it is, and the documents in it. `mime::parse` makes one from raw bytes.

use crate::model::{Finding, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A mail address with its display name. `address` is lower case; the name is as sent and proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    pub name: String,
    pub address: String,
}

impl Mailbox {
    /// The part after the last `@`, lower case; empty where there is none.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// What sort of sender wrote this mail (DOMAIN 51). Only mail from a person (or a system that sends orders) is read for orders;
/// nothing else is ever answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    Correspondence,
    /// Out of office, receipt, ticket system: `Auto-Submitted` other than `no`, or its older relatives.
    AutoReply,
    /// A delivery report: empty return path, `multipart/report`, mailer-daemon.
    Bounce,
    MailingList,
    /// Sent by ourselves: our Message-ID domain or sender address.
    Own,
}

/// What our own receiving server found out about the sender (RFC 8601), from the one trusted `Authentication-Results` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    Pass,
    Fail,
    /// No server that we trust said anything.
    #[default]
    Unknown,
}

/// How a forwarded mail carries the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardForm {
    /// `message/rfc822` (also an .eml sent as a file).
    Attachment,
    /// Header lines repeated in the body.
    Inline,
}

/// The mail inside a forwarded mail. All of it is a claim by the forwarder, never proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    pub form: ForwardForm,
    pub from: Option<Mailbox>,
    pub subject: String,
    /// As printed.
    pub date: String,
}

/// A file in a mail, or a bare document taken from a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Place in the mail: `2`, or `3.1` for the first file in a mail attached as part 3.
    pub part: String,
    /// As sent, control characters removed. For showing only: never a path.
    pub name: String,
    /// The declared MIME type; it lies (DOMAIN 53).
    pub declared_type: String,
    pub inline: bool,
    pub sha256: Sha256,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A mail, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Digest of the raw mail: its identity.
    pub sha256: Sha256,
    /// Without angle brackets. A hint, not an identity: a third of test mails have none.
    pub message_id: Option<String>,
    pub subject: String,
    /// The `Date` header.
    pub date: Option<Timestamp>,
    /// Who handed the mail to us: the `From` header of the outermost mail.
    pub from: Option<Mailbox>,
    pub reply_to: Option<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// Message ids without angle brackets, oldest first.
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub nature: Nature,
    pub authentication: Authentication,
    pub forwarded: Option<Forwarded>,
    /// What the sender wrote, as text (HTML converted), quoted history and signatures included.
    pub body: String,
    /// `body` without quoted history (DOMAIN 6) and without the inline forward header; the forwarded text itself is kept.
    pub new_text: String,
    pub attachments: Vec<Attachment>,
    /// Encoding damage, limits reached, several From headers, unsupported parts.
    pub findings: Vec<Finding>,
}

impl Message {
    /// The text that is read as a document and shown to a person beside what was read: the subject in front of `new_text`,
    /// because some mails name the order's number only there.
    pub fn readable_text(&self) -> String {
        let subject = self.subject.trim();
        if subject.is_empty() { self.new_text.clone() } else { format!("{subject}\n\n{}", self.new_text) }
    }

    /// A bare document as a mail that nobody sent: the document is its one attachment.
    pub fn of_document(sha256: Sha256, name: &str, bytes: Vec<u8>) -> Self {
        let attachment = Attachment {
            part: "1".into(),
            name: name.to_owned(),
            declared_type: String::new(),
            inline: false,
            sha256: sha256.clone(),
            bytes,
        };
        Self { subject: name.to_owned(), attachments: vec![attachment], ..Self::empty(sha256) }
    }

    /// A mail that says nothing.
    pub(crate) fn empty(sha256: Sha256) -> Self {
        Self {
            sha256,
            message_id: None,
            subject: String::new(),
            date: None,
            from: None,
            reply_to: None,
            to: Vec::new(),
            cc: Vec::new(),
            in_reply_to: Vec::new(),
            references: Vec::new(),
            nature: Nature::Correspondence,
            authentication: Authentication::Unknown,
            forwarded: None,
            body: String::new(),
            new_text: String::new(),
            attachments: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Whose order this claims to be: the sender inside a forward, else the sender.
    pub fn claimed_sender(&self) -> Option<&Mailbox> {
        self.forwarded.as_ref().and_then(|forwarded| forwarded.from.as_ref()).or(self.from.as_ref())
    }
}

impl RawItem {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Mail { bytes, .. } | Self::Document { bytes, .. } => bytes,
        }
    }
}

/// Something taken in: a raw mail, or a bare document that came without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawItem {
    Mail {
        source: String,
        bytes: Vec<u8>,
    },
    /// `name` is the file's name, for showing and sniffing only.
    Document {
        source: String,
        name: String,
        bytes: Vec<u8>,
    },
}
