//! The pieces of HTML: where does a tag end, what does an entity stand for, which elements start a line or are never seen?

use mail_parser::decoders::html::add_html_token;

/// A tag longer than this ends at its first `>`, quoted or not.
const MAX_TAG_BYTES: usize = 20_000;

/// The inside of a tag that starts `rest`, and what follows it. A `>` inside quotes does not end the tag.
pub(super) fn split_tag(rest: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().take(MAX_TAG_BYTES).skip(1) {
        match (quote, byte) {
            (None, b'>') => return (&rest[1..at], &rest[at + 1..]),
            (None, b'"' | b'\'') if rest.as_bytes()[at - 1] == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    // An unclosed quote must not swallow the mail.
    rest.find('>').map_or(("", ""), |at| (&rest[1..at], &rest[at + 1..]))
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "blockquote"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "center"
            | "address"
            | "fieldset"
            | "form"
            | "body"
            | "caption"
            | "figure"
            | "main"
            | "nav"
    )
}

pub(super) fn is_hidden(attributes: &str) -> bool {
    if attributes.len() > 4000 {
        return false;
    }
    let style: String = attributes.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let marks =
        ["display:none", "visibility:hidden", "mso-hide:all", "font-size:0;", "font-size:0px", "font-size:0pt", "opacity:0;"];
    marks.iter().any(|mark| style.contains(mark)) || style.ends_with("font-size:0\"") || style.ends_with("opacity:0\"")
}

/// What follows the closing tag of an element whose content is not text; `None` where it is never closed.
pub(super) fn skip_element<'m>(name: &str, after: &'m str) -> Option<&'m str> {
    let mut rest = after;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some(rest.find('>').map_or("", |end| &rest[end + 1..]));
        }
    }
    None
}

pub(super) fn decode_entities(raw: &str) -> String {
    const LONGEST_ENTITY: usize = 33;
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';');
        let is_entity = |end: &usize| rest[1..*end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
        match end.filter(is_entity) {
            Some(end) => {
                add_html_token(&mut text, &rest.as_bytes()[..=end], false);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}
