//! XML as a small tree whose texts and attributes know their place in the source.
//!
//! No DTD is read, no entity but the five predefined ones and character references is expanded, and depth, nodes and size are
//! limited; each of these leads to a finding where the document needs it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::piece::Piece;

/// Larger documents are not read.
const MAX_BYTES: usize = 32 * 1024 * 1024;
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 500_000;

/// An element: its local name, attributes by local name, own text, children.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub name: String,
    /// Prefix and namespace of the element are only needed at the root, to tell formats apart.
    pub namespace: String,
    attributes: Vec<(String, Piece)>,
    text: Piece,
    pub children: Vec<Node>,
}

/// A tree, and what was wrong with the XML.
pub(super) struct Tree {
    pub root: Node,
    /// The document breaks off or breaks the rules of XML.
    pub damage: Option<String>,
    pub limit: Option<String>,
}

impl Node {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The node at the end of a path of first children: `Delivery/DeliveryLocation`.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('/').try_fold(self, |node, name| node.child(name))
    }

    /// The text at the end of a path; empty where there is none. An empty path is the node itself.
    pub fn text(&self, path: &str) -> Piece {
        if path.is_empty() {
            return self.text.clone();
        }
        self.at(path).map(|node| node.text.clone()).unwrap_or_default()
    }

    /// The first text at or below the node, or the first attribute: a place to point at.
    pub fn any_text(&self) -> Piece {
        let own = [&self.text].into_iter().chain(self.attributes.iter().map(|(_, value)| value)).find(|piece| !piece.is_empty());
        own.cloned().or_else(|| self.children.iter().map(Node::any_text).find(|piece| !piece.is_empty())).unwrap_or_default()
    }

    /// The texts of all nodes at the end of a path, taking every child of each name.
    pub fn texts(&self, path: &str) -> Vec<Piece> {
        let mut nodes = vec![self];
        for name in path.split('/') {
            nodes = nodes.into_iter().flat_map(|node| node.children.iter().filter(|child| child.name == name)).collect();
        }
        nodes.into_iter().map(|node| node.text.clone()).filter(|piece| !piece.is_empty()).collect()
    }

    pub fn attribute(&self, name: &str) -> Piece {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// The XML of an embedded file as text, by its byte order mark or declaration. `None` where it is no XML.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let head: String = bytes.iter().take(200).map(|b| char::from(*b)).collect();
    let declared = head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)).and_then(|rest| rest.split(['"', '\'']).next());
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or_else(|| encoding_rs::Encoding::for_label(declared?.as_bytes())).unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = encoding.decode(bytes);
    let looks_like_xml = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with('<');
    looks_like_xml.then(|| text.into_owned())
}

/// Parses `source` as far as it goes; `None` where not even a root element stands.
pub(super) fn parse(source: &str) -> Option<Tree> {
    if source.len() > MAX_BYTES {
        return None;
    }
    let start = source.len() - source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    let mut reader = Reader::from_str(&source[start..]);
    let mut building = Building { source, stack: Vec::new(), root: None, damage: None, limit: None, nodes: 0 };
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => building.event(&event),
            Err(error) => {
                building
                    .damage
                    .get_or_insert(format!("The XML is damaged at byte {}: {error}.", start as u64 + reader.error_position()));
                break;
            }
        }
        if building.limit.is_some() {
            break;
        }
    }
    building.finish()
}

struct Building<'a> {
    source: &'a str,
    stack: Vec<Node>,
    root: Option<Node>,
    damage: Option<String>,
    limit: Option<String>,
    nodes: usize,
}

impl Building<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::Empty(tag) => {
                self.open(tag);
                self.close();
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.add_text(text, text),
            Event::CData(text) => self.add_text(text, text),
            Event::GeneralRef(reference) => match resolve(reference) {
                Some(c) => self.add_text(&c.to_string(), reference),
                None => {
                    self.damage.get_or_insert(format!(
                        "The XML uses the entity `{}`, which is not expanded.",
                        super::notes::shorten(reference)
                    ));
                }
            },
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) {
        self.nodes += 1;
        if self.stack.len() >= MAX_DEPTH || self.nodes > MAX_NODES {
            self.limit = Some(format!("The XML is nested deeper than {MAX_DEPTH} or has more than {MAX_NODES} elements."));
            return;
        }
        let qualified = tag.name();
        let (prefix, name) = split_name(qualified.as_ref());
        let mut node = Node { name: name.to_owned(), ..Node::default() };
        for attribute in tag.attributes().flatten() {
            let (attribute_prefix, attribute_name) = split_name(attribute.key.as_ref());
            let value = attribute.value.as_ref();
            let declares = if prefix.is_empty() {
                attribute_prefix.is_empty() && attribute_name == "xmlns"
            } else {
                attribute_prefix == "xmlns" && attribute_name == prefix
            };
            if declares {
                node.namespace = value.to_owned();
            }
            let (start, end) = self.place(value).unwrap_or_default();
            let text = quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), |text| text.into_owned());
            node.attributes.push((attribute_name.to_owned(), Piece::new(text.trim(), start, end)));
        }
        self.stack.push(node);
    }

    fn close(&mut self) {
        let Some(mut node) = self.stack.pop() else { return };
        node.text = tidy(node.text, self.source);
        match self.stack.last_mut() {
            Some(parent) => parent.children.push(node),
            None if self.root.is_none() => self.root = Some(node),
            None => {
                self.damage.get_or_insert_with(|| "The XML has more than one root element.".into());
            }
        }
    }

    /// Adds `meaning`, printed as `raw`, to the open element.
    fn add_text(&mut self, meaning: &str, raw: &str) {
        let place = self.place(raw);
        if let (Some(node), Some((start, end))) = (self.stack.last_mut(), place) {
            node.text.text.push_str(meaning);
            match node.text.spans.first_mut() {
                Some(span) => span.1 = end,
                None => node.text.spans.push((start, end)),
            }
        }
    }

    /// Where a slice of the source stands in it.
    fn place(&self, raw: &str) -> Option<(usize, usize)> {
        let start = (raw.as_ptr() as usize).checked_sub(self.source.as_ptr() as usize)?;
        (start + raw.len() <= self.source.len()).then_some((start, start + raw.len()))
    }

    fn finish(mut self) -> Option<Tree> {
        if !self.stack.is_empty() && self.limit.is_none() {
            self.damage.get_or_insert_with(|| "The XML ends inside an element: it may be cut off.".into());
        }
        while !self.stack.is_empty() {
            self.close();
        }
        Some(Tree { root: self.root?, damage: self.damage, limit: self.limit })
    }
}

/// White space around the text is layout; the span shrinks with it.
fn tidy(piece: Piece, source: &str) -> Piece {
    let text = piece.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Piece::default();
    }
    let spans = piece.spans.into_iter().map(|(start, end)| {
        let raw = source.get(start..end).unwrap_or_default();
        let inner = start + (raw.len() - raw.trim_start().len());
        (inner, inner + raw.trim().len())
    });
    Piece { text, spans: spans.collect() }
}

fn split_name(qualified: &str) -> (&str, &str) {
    qualified.split_once(':').unwrap_or(("", qualified))
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => return Some(c),
        Ok(None) => {}
        Err(_) => return None,
    }
    let name: &str = reference;
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_know_their_place() {
        let source = "\u{feff}<a:r xmlns:a=\"urn:x\"><b c='1 &amp; 2'> Nuts &amp; Bolts </b></a:r>";
        let tree = parse(source).expect("a tree");
        assert_eq!((tree.root.name.as_str(), tree.root.namespace.as_str(), tree.damage), ("r", "urn:x", None));
        let text = tree.root.text("b");
        assert_eq!(text.text, "Nuts & Bolts");
        assert_eq!(&source[text.spans[0].0..text.spans[0].1], "Nuts &amp; Bolts");
        let attribute = tree.root.child("b").expect("there").attribute("c");
        assert_eq!(attribute.text, "1 & 2");
        assert_eq!(&source[attribute.spans[0].0..attribute.spans[0].1], "1 &amp; 2");
    }

    #[test]
    fn damage_and_bombs_are_told() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert!(parse(bomb).expect("a tree").damage.expect("told").contains("entity"));
        assert!(parse("<a><b>1").expect("a tree").damage.expect("told").contains("cut off"));
        assert!(parse("<a><b>1</a>").expect("a tree").damage.is_some());
        let deep = "<a>".repeat(100);
        assert!(parse(&deep).expect("a tree").limit.is_some());
        assert!(parse("").is_none());
        assert!(parse("<").is_none());
    }
}
