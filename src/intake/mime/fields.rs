//! What does the header of one MIME part say about it: type, charset, encoding, name?

use super::encodings::undeclared_text;
use super::names::clean_line;
use mail_parser::{HeaderName, MessagePart, MimeHeaders, PartType};
use std::collections::HashSet;

/// Content-IDs that the HTML shows, lower case.
pub(super) fn referenced_images(message: &mail_parser::Message<'_>) -> HashSet<String> {
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

pub(super) fn declared_type(part: &MessagePart<'_>) -> String {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    clean_line(&kind.unwrap_or_default(), 100).to_ascii_lowercase()
}

pub(super) fn part_name(message: &mail_parser::Message<'_>, part: &MessagePart<'_>) -> String {
    let name = part.attachment_name().unwrap_or_default();
    if !name.contains('\u{fffd}') {
        return name.to_owned();
    }
    // Bare umlauts: the name as it stands in the header.
    let bare = part.headers.iter().filter(|header| matches!(header.name, HeaderName::ContentDisposition | HeaderName::ContentType));
    let texts = bare.map(|header| message.raw_message.get(header.offset_start as usize..header.offset_end as usize));
    let named = texts.flatten().map(undeclared_text).find_map(|text| {
        let value = text.split_once("name=\"")?.1;
        Some(value.split('"').next()?.to_owned())
    });
    named.unwrap_or_else(|| name.to_owned())
}

/// The part's body as it stands in the mail, still encoded.
pub(super) fn raw_body<'m>(message: &'m mail_parser::Message<'_>, part: &MessagePart<'_>) -> &'m [u8] {
    message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default()
}

/// Lower case; empty where none is declared.
pub(super) fn charset(part: &MessagePart<'_>) -> String {
    part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_ascii_lowercase()
}

/// As the header says; the parser resets its own field when decoding fails.
pub(super) fn transfer_encoding<'p>(part: &'p MessagePart<'_>) -> &'p str {
    part.content_transfer_encoding().unwrap_or_default()
}
