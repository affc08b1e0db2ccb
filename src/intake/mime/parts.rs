//! Which texts and files are in the mail? Walks the MIME tree, opens attached mails and `winmail.dat`, and keeps to its limits.
//!
//! Not here: what the text means (`history`), what the bytes are (`sniff`).

use super::encodings::{Uuencoded, decode, decode_leniently, take_uuencoded, undeclared_text};
use super::fields::{charset, declared_type, part_name, raw_body, referenced_images, transfer_encoding};
use super::headers::{Headers, header_text};
use super::names::clean_name;
use super::sniff::{PartKind, ending, is_binary, is_logo, sniff};
use super::tnef::FileKind;
use super::{MailSettings, archive, html, limit, mask_attached_mails, outlook, parser, tnef};
use crate::intake::message::{Attachment, Mailbox};
use crate::model::{Code, Finding, Severity, Sha256};
use mail_parser::{HeaderName, MessagePart, MimeHeaders, PartType};
use std::collections::HashSet;

/// Multiparts inside multiparts.
const MAX_MULTIPART_DEPTH: usize = 30;
/// A body longer than this is no order; the rest is dropped with a finding.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// What is unpacked of all archives in a mail. Bytes.
const MAX_UNPACKED_BYTES: u64 = 96 << 20;

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
        let mut walk = Walk::new(settings);
        let body = walk.mail(message, "", 0);
        walk.contents.text = body;
        walk.keep_texts_of_several_mails();
        walk.contents
    }

    /// What is in a file that came without a mail: an archive, a `winmail.dat`.
    pub(super) fn of_file(name: &str, bytes: Vec<u8>, settings: &MailSettings) -> Self {
        let mut walk = Walk::new(settings);
        let mut texts = Vec::new();
        walk.file(FoundFile::of_no_type(name, bytes), "1", 0, &mut texts);
        walk.contents.text = texts.into_iter().map(|text| text.text).collect::<Vec<_>>().join("\n\n");
        walk.keep_texts_of_several_mails();
        walk.contents
    }
}

/// One text part of a body.
struct Text {
    text: String,
    /// Came from HTML with a table of data in it, which its plain twin usually has lost.
    has_table: bool,
    is_html: bool,
}

/// A file as it was found in a mail, a `winmail.dat` or a text.
struct FoundFile {
    /// Cleaned; empty where it has none.
    name: String,
    declared: String,
    inline: bool,
    /// The HTML body shows it.
    is_referenced: bool,
    bytes: Vec<u8>,
}

impl FoundFile {
    fn of_no_type(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: clean_name(name), declared: "application/octet-stream".into(), inline: false, is_referenced: false, bytes }
    }
}

struct Walk<'s> {
    settings: &'s MailSettings,
    parts: usize,
    truncated: bool,
    /// Bytes that may still be unpacked.
    unpacked_left: u64,
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

impl<'s> Walk<'s> {
    fn new(settings: &'s MailSettings) -> Self {
        Self { settings, parts: 0, truncated: false, unpacked_left: MAX_UNPACKED_BYTES, contents: Contents::default() }
    }
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
        let name = clean_name(&part_name(message, part));
        if place.in_digest && part.content_type().is_none() {
            let bytes = raw_body(message, part).to_vec();
            return self.attached_mail(&bytes, path, place.mail_depth);
        }
        if let Some(mut text) = self.body_text(message, part, &name, &declared) {
            let (rest, files) = take_uuencoded(&text.text);
            text.text = rest;
            texts.push(text);
            for (at, file) in files.into_iter().enumerate() {
                self.uuencoded(file, &format!("{path}.{}", at + 1), place.mail_depth);
            }
            return;
        }
        // Programs describe texts ("Mail message body") as well as files, so only a file takes its description for a name.
        let name =
            if name.is_empty() { clean_name(&header_text(part, HeaderName::ContentDescription).unwrap_or_default()) } else { name };
        let bytes = self.file_bytes(message, part, &declared, &name);
        let inline = part.content_disposition().is_some_and(|disposition| disposition.is_inline());
        let is_referenced = part.content_id().is_some_and(|id| cids.contains(&id.to_ascii_lowercase()));
        self.file(FoundFile { name, declared, inline, is_referenced, bytes }, path, place.mail_depth, texts);
    }

    /// The part's text if it is part of what the sender wrote, not a file.
    fn body_text(
        &mut self,
        message: &mail_parser::Message<'_>,
        part: &MessagePart<'_>,
        name: &str,
        declared: &str,
    ) -> Option<Text> {
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.is_attachment()) || !name.is_empty();
        let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_));
        if is_file || !is_text || !matches!(declared, "" | "text" | "text/plain" | "text/html") {
            return None;
        }
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) if !part.is_encoding_problem => {
                // Declared as nothing, ASCII or UTF-8, but it is none of these.
                let bytes = text.contains('\u{fffd}').then(|| decode(raw_body(message, part), transfer_encoding(part))).flatten();
                let charset = charset(part);
                let is_wrong = matches!(charset.as_str(), "" | "us-ascii" | "ascii" | "utf-8");
                bytes.filter(|_| is_wrong).map_or_else(|| text.to_string(), |bytes| undeclared_text(&bytes))
            }
            // The parser gives up at the first damaged character and hands out the encoded text.
            _ => {
                self.contents.findings.push(damaged("the text of the mail"));
                let bytes = decode_leniently(raw_body(message, part), transfer_encoding(part));
                encoding_rs::Encoding::for_label(charset(part).as_bytes())
                    .unwrap_or(encoding_rs::UTF_8)
                    .decode(&bytes)
                    .0
                    .into_owned()
            }
        };
        if declared == "text/html" {
            let converted = html::to_text(&text);
            self.report_hidden(&converted);
            return Some(Text { text: converted.text, has_table: converted.has_table, is_html: true });
        }
        Some(Text { text: text.replace("\r\n", "\n"), has_table: false, is_html: false })
    }

    fn uuencoded(&mut self, file: Uuencoded, path: &str, mail_depth: usize) {
        if file.damaged {
            self.contents.findings.push(damaged(&clean_name(&file.name)));
        }
        self.file(FoundFile::of_no_type(&file.name, file.bytes), path, mail_depth, &mut Vec::new());
    }

    fn file(&mut self, file: FoundFile, path: &str, mail_depth: usize, texts: &mut Vec<Text>) {
        let label = if file.name.is_empty() { format!("part {path}") } else { format!("“{}”", file.name) };
        match sniff(&file.bytes, &file.name, &file.declared) {
            PartKind::Decoration => {}
            PartKind::Image if file.is_referenced && is_logo(&file.bytes) => {}
            PartKind::Unsupported(what) => self.contents.findings.push(unsupported(&label, what)),
            PartKind::Mail => self.attached_mail(&file.bytes, path, mail_depth),
            PartKind::Tnef => self.winmail(&file.bytes, path, mail_depth, texts),
            PartKind::Archive => self.archive(&file.bytes, &label, path, mail_depth, texts),
            PartKind::OutlookMessage => match outlook::mail_of(&file.bytes) {
                Some(mail) => self.attached_mail(&mail, path, mail_depth),
                None if file.name.to_ascii_lowercase().ends_with(".msg") => {
                    self.contents.findings.push(unsupported(&label, "a damaged Outlook message file (.msg)"));
                }
                // What it is then is told where it is read.
                None => self.keep(file, path, &label),
            },
            PartKind::Document | PartKind::Image if file.bytes.is_empty() => {
                self.contents.findings.push(unsupported(&label, "an empty file"));
            }
            PartKind::Document | PartKind::Image => self.keep(file, path, &label),
        }
    }

    fn keep(&mut self, file: FoundFile, path: &str, label: &str) {
        let most = self.settings.max_attachments;
        if self.contents.attachments.len() >= most {
            return self.report_limit(format!("The mail has more than {most} files; the rest, from {label} on, is not read."));
        }
        let FoundFile { name, declared, inline, bytes, .. } = file;
        let name = if name.is_empty() { format!("attachment-{path}{}", ending(&bytes, &declared)) } else { name };
        let sha256 = Sha256::of(&bytes);
        self.contents.attachments.push(Attachment { part: path.to_owned(), name, declared_type: declared, inline, sha256, bytes });
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

    /// The text of each of several attached mails is a document of its own: each may be an order.
    fn keep_texts_of_several_mails(&mut self) {
        if self.contents.attached.len() < 2 {
            return;
        }
        let named =
            |mail: &AttachedMail| if mail.subject.is_empty() { "mail".to_owned() } else { mail.subject.replace(['/', '\\'], "-") };
        let texts: Vec<(String, String)> =
            self.contents.attached.iter().map(|mail| (named(mail), mail.text.trim().to_owned())).collect();
        for (at, (name, text)) in texts.into_iter().enumerate().filter(|(_, (_, text))| !text.is_empty()) {
            let mut file = FoundFile::of_no_type(&format!("{name}.txt"), text.into_bytes());
            file.declared = "text/plain".into();
            self.keep(file, &format!("mail{}", at + 1), &format!("the text of “{name}”"));
        }
    }

    fn winmail(&mut self, bytes: &[u8], path: &str, mail_depth: usize, texts: &mut Vec<Text>) {
        let found = tnef::read(bytes);
        if found.damaged {
            self.contents.findings.push(damaged("winmail.dat"));
        }
        if texts.iter().all(|text| text.text.trim().is_empty()) {
            texts.push(self.winmail_text(&found));
        }
        for (at, file) in found.files.into_iter().enumerate() {
            let name = clean_name(&file.name);
            let path = format!("{path}.{}", at + 1);
            match file.kind {
                FileKind::Message => self.attached_mail(&tnef::mail_of(&file.bytes), &path, mail_depth),
                FileKind::Object => {
                    self.contents.findings.push(unsupported(&format!("“{name}” in winmail.dat"), "an object of another program"));
                }
                FileKind::File => {
                    // A `winmail.dat` in a `winmail.dat` counts as one mail deeper, which ends it.
                    let depth = mail_depth + usize::from(sniff(&file.bytes, &name, "") == PartKind::Tnef);
                    if depth > self.settings.max_attached_depth {
                        return self.report_limit(format!("Files are wrapped too deep; part {path} is not read."));
                    }
                    self.file(FoundFile::of_no_type(&name, file.bytes), &path, depth, texts);
                }
            }
        }
    }

    fn winmail_text(&mut self, found: &tnef::Tnef) -> Text {
        if !found.body.trim().is_empty() {
            return Text { text: found.body.replace("\r\n", "\n"), has_table: false, is_html: false };
        }
        let rich = if found.html.is_empty() { found.rich_html() } else { String::new() };
        let converted = html::to_text(if rich.is_empty() { &found.html } else { &rich });
        self.report_hidden(&converted);
        Text { text: converted.text, has_table: converted.has_table, is_html: true }
    }

    /// The files of an archive are files of the mail.
    fn archive(&mut self, bytes: &[u8], label: &str, path: &str, depth: usize, texts: &mut Vec<Text>) {
        if depth >= self.settings.max_attached_depth {
            return self.report_limit(format!("Files are wrapped too deep; {label} is not opened."));
        }
        let found = archive::read(bytes, &mut self.unpacked_left);
        if found.files.is_empty() && found.troubles.is_empty() {
            self.contents.findings.push(unsupported(label, "an empty archive"));
        }
        self.contents.findings.extend(found.troubles.iter().take(MOST_TROUBLES).map(|trouble| archive_trouble(label, trouble)));
        for (at, (name, bytes)) in found.files.into_iter().enumerate() {
            let path = format!("{path}.{}", at + 1);
            self.parts += 1;
            if self.parts > self.settings.max_parts {
                return self.report_limit(format!(
                    "The mail has more than {} parts; the rest of {label} is not read.",
                    self.settings.max_parts
                ));
            }
            self.file(FoundFile::of_no_type(&name, bytes), &path, depth + 1, texts);
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
                let only_mail_knows = !matches!(charset(part).as_str(), "" | "utf-8" | "us-ascii") && !declared.ends_with("xml");
                let decoded = decode(raw(), transfer_encoding(part));
                match decoded {
                    Some(bytes) if !only_mail_knows || is_binary(&bytes) => bytes,
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

/// Files of one archive that are each named as trouble.
const MOST_TROUBLES: usize = 20;

fn archive_trouble(label: &str, trouble: &archive::Trouble) -> Finding {
    use archive::Trouble;
    let (code, why) = match trouble {
        Trouble::Damaged => (Code::UnsupportedAttachment, format!("{label} is a damaged archive, which cannot be opened here.")),
        Trouble::Encrypted(name) => {
            (Code::PasswordNeeded, format!("“{name}” in the archive {label} is encrypted and needs a password."))
        }
        Trouble::DamagedFile(name) => {
            (Code::UnsupportedAttachment, format!("“{name}” in the archive {label} is damaged or packed in a way unknown here."))
        }
        Trouble::TooLarge(name) => {
            (Code::LimitReached, format!("“{name}” in the archive {label} is larger, unpacked, than is read here."))
        }
        Trouble::TooMany(count) => {
            (Code::LimitReached, format!("The archive {label} holds {count} files; not all of them are read."))
        }
    };
    Finding::new(code, Severity::Ask, "", why)
}

fn unsupported(label: &str, what: &str) -> Finding {
    Finding::new(Code::UnsupportedAttachment, Severity::Ask, "", format!("{label} is {what}, which cannot be opened here."))
}

fn damaged(name: &str) -> Finding {
    Finding::new(Code::BrokenMail, Severity::Ask, "", format!("The encoding of {name} is damaged; what could be decoded was kept."))
}
