//! What a mail server says, reduced to what we listen for, and owned by us: one value for each of its lines.

use super::error::short;
use async_imap::imap_proto::{AttributeValue, Capability, MailboxDatum, NameAttribute, Response, ResponseCode, Status};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Go ahead.
    Continue,
    /// The end of a command.
    Done {
        tag: String,
        ok: bool,
        text: String,
        try_create: bool,
    },
    /// It is about to close the connection.
    Bye(String),
    UidValidity(u32),
    UidNext(u32),
    /// `OK` with anything else, such as "still here".
    Remark,
    Exists(u32),
    Expunged,
    Found(Vec<u32>),
    Mail(MailData),
    Folder {
        name: String,
        is_drafts: bool,
        can_be_opened: bool,
    },
    /// Upper case.
    Capabilities(Vec<String>),
    /// Something that we did not ask for and do not need.
    Other,
}

/// A FETCH answer. Parts that were not asked for, or not told, are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MailData {
    pub uid: Option<u32>,
    pub size: Option<u64>,
    pub body: Option<Vec<u8>>,
}

impl Said {
    pub(super) fn of(response: &Response<'_>) -> Self {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(short).unwrap_or_default();
        match response {
            Response::Continue(_) => Self::Continue,
            Response::Done { tag, status, outcome } => Self::Done {
                tag: tag.0.clone(),
                ok: *status == Status::Ok,
                text: text(&outcome.information),
                try_create: outcome.code == Some(ResponseCode::TryCreate),
            },
            Response::Data { status: Status::Bye, outcome } => Self::Bye(text(&outcome.information)),
            Response::Data { outcome, .. } => match &outcome.code {
                Some(ResponseCode::UidValidity(value)) => Self::UidValidity(*value),
                Some(ResponseCode::UidNext(value)) => Self::UidNext(*value),
                Some(ResponseCode::Capabilities(list)) => Self::Capabilities(capabilities(list)),
                _ => Self::Remark,
            },
            Response::Capabilities(list) => Self::Capabilities(capabilities(list)),
            Response::MailboxData(MailboxDatum::Exists(count)) => Self::Exists(*count),
            Response::MailboxData(MailboxDatum::Search(uids)) => Self::Found(uids.clone()),
            Response::MailboxData(MailboxDatum::List(list)) => Self::Folder {
                name: list.name.to_string(),
                is_drafts: list.name_attributes.contains(&NameAttribute::Drafts),
                can_be_opened: !list.name_attributes.contains(&NameAttribute::NoSelect),
            },
            Response::Expunge(_) => Self::Expunged,
            Response::Fetch(_, attributes) => Self::Mail(mail_data(attributes)),
            _ => Self::Other,
        }
    }
}

fn capabilities(list: &[Capability<'_>]) -> Vec<String> {
    let name = |capability: &Capability<'_>| match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(method) => format!("AUTH={}", method.to_ascii_uppercase()),
        Capability::Atom(name) => name.to_ascii_uppercase(),
    };
    list.iter().map(name).collect()
}

fn mail_data(attributes: &[AttributeValue<'_>]) -> MailData {
    let mut mail = MailData::default();
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => mail.uid = Some(*uid),
            AttributeValue::Rfc822Size(size) => mail.size = Some(u64::from(*size)),
            AttributeValue::BodySection { section: None, data: Some(data), .. } => mail.body = Some(data.to_vec()),
            _ => {}
        }
    }
    mail
}
