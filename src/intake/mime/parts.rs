//! Which texts and files are in the mail? Walks the MIME tree, opens attached mails and `winmail.dat`, and keeps to its limits.
//!
//! Not here: what the text means (`history`), what the bytes are (`sniff`).

use super::encodings::{Uuencoded, decode, decode_leniently, take_uuencoded};
use super::headers::{Headers, header_text};
use super::names::{clean_line, clean_name};
use super::sniff::{PartKind, ending, is_logo, sniff};
use super::{MailSettings, html, limit, mask_attached_mails, parser, tnef};
use crate::intake::message::{Attachment, Mailbox};
use crate::model::{Code, Finding, Severity, Sha256};
use mail_parser::{HeaderName, MessagePart, MimeHeaders, PartType};
use std::collections::HashSet;

/// Multiparts inside multiparts.
const MAX_MULTIPART_DEPTH: usize = 30;
/// A body longer than this is no order; the rest is dropped with a finding.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A mail found inside the mail.
pub(super) struct AttachedMail {
    pub from: Option<Mailbox>,
    pub subject: String,
    pub date: String,
    pub text: String,
}

/// Everything in a mail below its header.
#[derive(Default)]
pub(super) struct Contents {
    /// The body as text.
    pub text: String,
    /// Outermost first.
    pub attached: Vec<AttachedMail>,
    pub attachments: Vec<Attachment>,
    pub findings: Vec<Finding>,
}

impl Contents {
    pub(super) fn of(message: &mail_parser::Message<'_>, settings: &MailSettings) -> Self {
        let mut walk = Walk { settings, parts: 0, truncated: false, contents: Self::default() };
        let body = walk.mail(message, "", 0);
        let mut contents = walk.contents;
        contents.text = body;
        if contents.attached.len() > 1 {
            let texts: Vec<Attachment> =
                contents.attached.iter().enumerate().filter_map(|(at, mail)| mail_text(at, mail)).collect();
            contents.attachments.extend(texts);
        }
        contents
    }
}

/// The text of one of several attached mails, as a document of its own: each may be an order.
fn mail_text(at: usize, mail: &AttachedMail) -> Option<Attachment> {
    let text = mail.text.trim();
    let subject = if mail.subject.is_empty() { "mail" } else { &mail.subject };
    (!text.is_empty()).then(|| Attachment {
        part: format!("mail{}", at + 1),
        name: clean_name(&format!("{}.txt", subject.replace(['/', '\\'], "-"))),
        declared_type: "text/plain".into(),
        inline: true,
        sha256: Sha256::of(text.as_bytes()),
        bytes: text.as_bytes().to_vec(),
    })
}

/// One text part of a body.
struct Text {
    text: String,
    /// Came from HTML with a table of data in it, which its plain twin usually has lost.
    has_table: bool,
    is_html: bool,
}

struct Walk<'s> {
    settings: &'s MailSettings,
    parts: usize,
    truncated: bool,
    contents: Contents,
}

/// Where in the tree we are.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// `""` for the outermost mail, else the part path of the attached mail.
    mail: &'p str,
    mail_depth: usize,
    multipart_depth: usize,
    in_digest: bool,
}

impl Walk<'_> {
    /// Walks one mail and returns its body.
    fn mail(&mut self, message: &mail_parser::Message<'_>, path: &str, mail_depth: usize) -> String {
        let cids = referenced_images(message);
        let place = Place { mail: path, mail_depth, multipart_depth: 0, in_digest: false };
        let mut texts = Vec::new();
        self.part(message, 0, "", place, &cids, &mut texts);
        let body: Vec<&str> =
            texts.iter().map(|text| text.text.trim_matches(['\r', '\n'])).filter(|text| !text.trim().is_empty()).collect();
        let body = body.join("\n\n");
        if body.len() <= MAX_BODY_BYTES {
            return body;
        }
        self.contents.findings.push(limit(format!("The text of the mail is {} KB long; the rest is not read.", body.len() / 1024)));
        body[..body.floor_char_boundary(MAX_BODY_BYTES)].to_owned()
    }

    fn part(
        &mut self,
        message: &mail_parser::Message<'_>,
        id: usize,
        number: &str,
        place: Place<'_>,
        cids: &HashSet<String>,
        texts: &mut Vec<Text>,
    ) {
        let Some(part) = message.parts.get(id) else { return };
        self.parts += 1;
        if self.parts > self.settings.max_parts || place.multipart_depth > MAX_MULTIPART_DEPTH {
            return self.report_limit(format!("The mail has more than {} parts; the rest is not read.", self.settings.max_parts));
        }
        match &part.body {
            PartType::Multipart(children) => {
                let kind = part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase();
                let inner = Place { multipart_depth: place.multipart_depth + 1, in_digest: kind == "x-dige", ..place };
                let mut found = Vec::new();
                for (at, &child) in children.iter().enumerate() {
                    let number = if number.is_empty() { format!("{}", at + 1) } else { format!("{number}.{}", at + 1) };
                    self.part(message, child as usize, &number, inner, cids, &mut found);
                }
                if kind == "alternative" { texts.extend(best_alternative(found)) } else { texts.extend(found) }
            }
            // Only oddly written types get here: attached mails are hidden from the parser (`mask_attached_mails`).
            PartType::Message(_) | PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_) => {
                let number = if number.is_empty() { "1" } else { number };
                let path = if place.mail.is_empty() { number.to_owned() } else { format!("{}.{number}", place.mail) };
                self.leaf(message, part, &path, place, cids, texts);
            }
        }
    }

    fn leaf(
        &mut self,
        message: &mail_parser::Message<'_>,
        part: &MessagePart<'_>,
        path: &str,
        place: Place<'_>,
        cids: &HashSet<String>,
        texts: &mut Vec<Text>,
    ) {
        let declared = declared_type(part);
        let name = clean_name(&part_name(part));
        if place.in_digest && part.content_type().is_none() {
            let bytes = raw_body(message, part).to_vec();
            return self.attached_mail(&bytes, path, place.mail_depth);
        }
        if let Some(text) = self.body_text(message, part, &name, &declared, path) {
            return texts.push(text);
        }
        // Programs describe texts ("Mail message body") as well as files, so only a file takes its description for a name.
        let name =
            if name.is_empty() { clean_name(&header_text(part, HeaderName::ContentDescription).unwrap_or_default()) } else { name };
        let bytes = self.file_bytes(message, part, &declared, &name);
        let inline = part.content_disposition().is_some_and(|disposition| disposition.is_inline());
        let is_referenced = part.content_id().is_some_and(|id| cids.contains(&id.to_ascii_lowercase()));
        self.file(bytes, name, declared, inline, is_referenced, path, place.mail_depth, texts);
    }

    /// The part's text if it is part of what the sender wrote, not a file.
    fn body_text(
        &mut self,
        message: &mail_parser::Message<'_>,
        part: &MessagePart<'_>,
        name: &str,
        declared: &str,
        path: &str,
    ) -> Option<Text> {
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.is_attachment()) || !name.is_empty();
        let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_));
        if is_file || !is_text || !matches!(declared, "" | "text" | "text/plain" | "text/html") {
            return None;
        }
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) if !part.is_encoding_problem => text.to_string(),
            // The parser gives up at the first damaged character and hands out the encoded text.
            _ => {
                self.contents.findings.push(damaged("the text of the mail"));
                let bytes = decode_leniently(raw_body(message, part), transfer_encoding(part));
                let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default();
                encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8).decode(&bytes).0.into_owned()
            }
        };
        if declared == "text/html" {
            let converted = html::to_text(&text);
            self.report_hidden(&converted);
            return Some(Text { text: converted.text, has_table: converted.has_table, is_html: true });
        }
        let (text, files) = take_uuencoded(&text);
        for (at, file) in files.into_iter().enumerate() {
            self.uuencoded(file, &format!("{path}.{}", at + 1));
        }
        Some(Text { text: text.replace("\r\n", "\n"), has_table: false, is_html: false })
    }

    fn uuencoded(&mut self, file: Uuencoded, path: &str) {
        let name = clean_name(&file.name);
        if file.damaged {
            self.contents.findings.push(damaged(&name));
        }
        self.file(file.bytes, name, "application/octet-stream".into(), false, false, path, 0, &mut Vec::new());
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call each from three kinds of container; a struct for it would be used once"
    )]
    fn file(
        &mut self,
        bytes: Vec<u8>,
        name: String,
        declared: String,
        inline: bool,
        is_referenced: bool,
        path: &str,
        mail_depth: usize,
        texts: &mut Vec<Text>,
    ) {
        let label = if name.is_empty() { format!("part {path}") } else { format!("“{name}”") };
        match sniff(&bytes, &name, &declared) {
            PartKind::Decoration => {}
            PartKind::Image if is_referenced && is_logo(&bytes) => {}
            PartKind::Unsupported(what) => self.contents.findings.push(unsupported(&label, what)),
            PartKind::Mail => self.attached_mail(&bytes, path, mail_depth),
            PartKind::Tnef => self.winmail(&bytes, path, mail_depth, texts),
            PartKind::Document | PartKind::Image if bytes.is_empty() => {
                self.contents.findings.push(unsupported(&label, "an empty file"));
            }
            PartKind::Document | PartKind::Image => {
                if self.contents.attachments.len() >= self.settings.max_attachments {
                    let most = self.settings.max_attachments;
                    return self
                        .report_limit(format!("The mail has more than {most} files; the rest, from {label} on, is not read."));
                }
                let name = if name.is_empty() { format!("attachment-{path}{}", ending(&bytes, &declared)) } else { name };
                let sha256 = Sha256::of(&bytes);
                self.contents.attachments.push(Attachment {
                    part: path.to_owned(),
                    name,
                    declared_type: declared,
                    inline,
                    sha256,
                    bytes,
                });
            }
        }
    }

    fn attached_mail(&mut self, bytes: &[u8], path: &str, depth: usize) {
        if depth >= self.settings.max_attached_depth {
            let most = self.settings.max_attached_depth;
            return self.report_limit(format!("Mails are attached to mails more than {most} times over; part {path} is not read."));
        }
        let masked = mask_attached_mails(bytes.trim_ascii_start());
        let Some(message) = parser().parse(masked.as_ref()) else {
            return self.contents.findings.push(unsupported(&format!("part {path}"), "an attached mail without a readable header"));
        };
        let at = self.contents.attached.len();
        let headers = Headers::of(&message);
        self.contents.attached.push(AttachedMail {
            from: headers.from(),
            subject: headers.subject(),
            date: headers.date_text(),
            text: String::new(),
        });
        let text = self.mail(&message, path, depth + 1);
        self.contents.attached[at].text = text;
    }

    fn winmail(&mut self, bytes: &[u8], path: &str, mail_depth: usize, texts: &mut Vec<Text>) {
        let found = tnef::read(bytes);
        if found.damaged {
            self.contents.findings.push(damaged("winmail.dat"));
        }
        if texts.iter().all(|text| text.text.trim().is_empty()) {
            texts.push(Text { text: found.body, has_table: false, is_html: false });
        }
        for (at, file) in found.files.into_iter().enumerate() {
            let name = clean_name(&file.name);
            let path = format!("{path}.{}", at + 1);
            if file.embedded_message {
                self.contents.findings.push(unsupported(&format!("“{name}” in winmail.dat"), "an Outlook message or object"));
            } else {
                // A `winmail.dat` in a `winmail.dat` counts as one mail deeper, which ends it.
                let depth = mail_depth + usize::from(sniff(&file.bytes, &name, "") == PartKind::Tnef);
                if depth > self.settings.max_attached_depth {
                    return self.report_limit(format!("Files are wrapped too deep; part {path} is not read."));
                }
                self.file(file.bytes, name, "application/octet-stream".into(), false, false, &path, depth, texts);
            }
        }
    }

    /// The bytes that were sent. Text files keep their own charset, except where the mail alone knows it.
    fn file_bytes(&mut self, message: &mail_parser::Message<'_>, part: &MessagePart<'_>, declared: &str, name: &str) -> Vec<u8> {
        let raw = || raw_body(message, part);
        match &part.body {
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) if !part.is_encoding_problem => bytes.to_vec(),
            _ if part.is_encoding_problem => {
                self.contents.findings.push(damaged(if name.is_empty() { "a file" } else { name }));
                decode_leniently(raw(), transfer_encoding(part))
            }
            PartType::Text(text) | PartType::Html(text) => {
                let charset =
                    part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_ascii_lowercase();
                let only_mail_knows = !matches!(charset.as_str(), "" | "utf-8" | "us-ascii") && !declared.ends_with("xml");
                let decoded = decode(raw(), transfer_encoding(part));
                match decoded {
                    Some(bytes)
                        if !only_mail_knows || sniff(&bytes, "", "") != PartKind::Document || bytes.starts_with(b"%PDF") =>
                    {
                        bytes
                    }
                    _ => text.as_bytes().to_vec(),
                }
            }
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) | PartType::Message(_) => {
                decode(raw(), transfer_encoding(part)).unwrap_or_else(|| raw().to_vec())
            }
        }
    }

    fn report_limit(&mut self, message: String) {
        if !self.truncated {
            self.truncated = true;
            self.contents.findings.push(limit(message));
        }
    }

    fn report_hidden(&mut self, converted: &html::Converted) {
        /// Invisible preview lines of newsletters and shops are shorter than this.
        const PREVIEW_CHARS: usize = 200;
        if converted.hidden_chars > 0 {
            let severity = if converted.hidden_chars > PREVIEW_CHARS { Severity::Ask } else { Severity::Note };
            let message = format!(
                "The mail holds {} characters of text that its reader cannot see; they are left out.",
                converted.hidden_chars
            );
            self.contents.findings.push(Finding::new(Code::HiddenText, severity, "", message));
        }
    }
}

/// The plain text of an alternative, unless only the HTML has kept a table: mail programs flatten tables to one cell a line.
fn best_alternative(found: Vec<Text>) -> Vec<Text> {
    let plain_has_text = found.iter().any(|text| !text.is_html && !text.text.trim().is_empty());
    let html_has_table = found.iter().any(|text| text.has_table);
    let want_html = !plain_has_text || html_has_table;
    let has_wanted = found.iter().any(|text| text.is_html == want_html);
    found.into_iter().filter(|text| !has_wanted || text.is_html == want_html).collect()
}

/// Content-IDs that the HTML shows, lower case.
fn referenced_images(message: &mail_parser::Message<'_>) -> HashSet<String> {
    let mut cids = HashSet::new();
    for part in &message.parts {
        let PartType::Html(markup) = &part.body else { continue };
        for piece in markup.to_ascii_lowercase().split("cid:").skip(1).take(200) {
            let id: String = piece.chars().take_while(|c| !c.is_whitespace() && !"\"'<>)".contains(*c)).take(300).collect();
            cids.insert(id);
        }
    }
    cids
}

fn declared_type(part: &MessagePart<'_>) -> String {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    clean_line(&kind.unwrap_or_default(), 100).to_ascii_lowercase()
}

fn part_name(part: &MessagePart<'_>) -> String {
    part.attachment_name().unwrap_or_default().to_owned()
}

/// The part's body as it stands in the mail, still encoded.
fn raw_body<'m>(message: &'m mail_parser::Message<'_>, part: &MessagePart<'_>) -> &'m [u8] {
    message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default()
}

/// As the header says; the parser resets its own field when decoding fails.
fn transfer_encoding<'p>(part: &'p MessagePart<'_>) -> &'p str {
    part.content_transfer_encoding().unwrap_or_default()
}

fn unsupported(label: &str, what: &str) -> Finding {
    Finding::new(Code::UnsupportedAttachment, Severity::Ask, "", format!("{label} is {what}, which cannot be opened here."))
}

fn damaged(name: &str) -> Finding {
    Finding::new(Code::BrokenMail, Severity::Ask, "", format!("The encoding of {name} is damaged; what could be decoded was kept."))
}
