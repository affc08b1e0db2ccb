//! A message as Outlook keeps it - a `.msg` file, or a message inside of a `winmail.dat` - as the mail that it was or would be.
//!
//! What comes out is an RFC 5322 mail, so that nature, forwards, attachments and limits are judged in one place for all mails.

mod compound;
pub(crate) mod rtf;
mod stored;

pub(super) use stored::{encoding_of, mail_of};

use super::names::{clean_line, clean_name};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

/// A message in Outlook's words.
#[derive(Debug, Default)]
pub(super) struct OutlookMail {
    /// The header as it came over the wire; empty in a mail that was never received.
    pub headers: String,
    pub from: Person,
    pub to: Vec<Person>,
    pub subject: String,
    pub date: Option<Timestamp>,
    /// With its angle brackets.
    pub message_id: String,
    pub text: String,
    pub html: String,
    /// Rich text, unpacked; read where there is neither text nor HTML.
    pub rich: Vec<u8>,
    pub files: Vec<OutlookFile>,
}

#[derive(Debug, Default)]
pub(super) struct Person {
    pub name: String,
    /// Empty where only the sender's own server knows it.
    pub address: String,
}

#[derive(Debug, Default)]
pub(super) struct OutlookFile {
    pub name: String,
    /// Empty where the file does not say.
    pub declared: String,
    pub content_id: String,
    pub bytes: Vec<u8>,
    /// The bytes are a mail.
    pub is_mail: bool,
}

impl OutlookMail {
    pub(super) fn into_mail(self) -> Vec<u8> {
        let mut mail = self.header();
        let mut texts = Vec::new();
        if !self.text.trim().is_empty() {
            texts.push(Part { kind: "text/plain; charset=utf-8", more: String::new(), bytes: self.text.as_bytes() });
        }
        let rich = if texts.is_empty() && self.html.is_empty() { rtf::to_html(&self.rich) } else { String::new() };
        let html = if self.html.is_empty() { &rich } else { &self.html };
        if !html.is_empty() {
            texts.push(Part { kind: "text/html; charset=utf-8", more: String::new(), bytes: html.as_bytes() });
        }
        let boundary = "=_outlook_parts";
        mail.push_str(&format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n"));
        mail.push_str(&format!("--{boundary}\r\nContent-Type: multipart/alternative; boundary=\"=_outlook_texts\"\r\n\r\n"));
        texts.iter().for_each(|text| text.write("=_outlook_texts", &mut mail));
        mail.push_str("--=_outlook_texts--\r\n");
        for file in &self.files {
            file.part().write(boundary, &mut mail);
        }
        mail.push_str(&format!("--{boundary}--\r\n"));
        mail.into_bytes()
    }

    /// The header as it was received, without what spoke of the parts that it had then; else one of what Outlook noted.
    fn header(&self) -> String {
        let mut header = String::new();
        let mut kept = false;
        for line in self.headers.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty()) {
            if !line.starts_with([' ', '\t']) {
                let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
                kept = line.contains(':') && !name.contains(' ') && !name.starts_with("content-") && name != "mime-version";
            }
            if kept {
                header.push_str(line);
                header.push_str("\r\n");
            }
        }
        let has =
            |name: &str| header.lines().any(|line| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        let mut more = String::new();
        let mut add = |name: &str, value: &str| {
            let value = clean_line(value, 900);
            if !value.is_empty() && !has(name) {
                more.push_str(&format!("{name} {value}\r\n"));
            }
        };
        add("From:", &self.from.written());
        add("To:", &self.to.iter().map(Person::written).filter(|to| !to.is_empty()).take(50).collect::<Vec<_>>().join(", "));
        add("Subject:", &self.subject);
        add("Message-ID:", &self.message_id);
        if let Some(date) = self.date {
            add("Date:", &date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
        }
        header.push_str(&more);
        header
    }
}

impl Person {
    /// As in a header field; empty where there is no address.
    fn written(&self) -> String {
        let address = clean_line(&self.address, 250);
        if !address.contains('@') || address.contains(['<', '>', ' ', ',', ';', '"']) {
            return String::new();
        }
        let name: String = clean_line(&self.name, 150).chars().filter(|c| !matches!(c, '"' | '\\')).collect();
        if name.is_empty() { format!("<{address}>") } else { format!("\"{name}\" <{address}>") }
    }
}

impl OutlookFile {
    fn part(&self) -> Part<'_> {
        let mut more = String::new();
        let name: String = clean_name(&self.name).chars().filter(|c| !matches!(c, '"' | '\\')).collect();
        more.push_str(&format!("Content-Disposition: attachment; filename=\"{name}\"\r\n"));
        let id = clean_line(&self.content_id, 200);
        if !id.is_empty() && !id.contains(['<', '>', ' ']) {
            more.push_str(&format!("Content-ID: <{id}>\r\n"));
        }
        let is_type = self.declared.len() < 100
            && self.declared.split('/').count() == 2
            && self.declared.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.'))
            // A mail that only says so would be hidden from the parser, or opened by it.
            && !self.declared.to_ascii_lowercase().starts_with("m");
        let kind = if self.is_mail {
            "message/rfc822"
        } else if is_type {
            &self.declared
        } else {
            "application/octet-stream"
        };
        Part { kind, more, bytes: &self.bytes }
    }
}

/// One part in base64: nothing that a stranger wrote can end it.
struct Part<'b> {
    kind: &'b str,
    more: String,
    bytes: &'b [u8],
}

impl Part<'_> {
    fn write(&self, boundary: &str, mail: &mut String) {
        let Part { kind, more, bytes } = self;
        mail.push_str(&format!("--{boundary}\r\nContent-Type: {kind}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n"));
        let coded = BASE64_STANDARD.encode(bytes);
        for line in coded.as_bytes().chunks(76) {
            mail.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            mail.push_str("\r\n");
        }
    }
}
