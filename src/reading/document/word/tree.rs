//! The XML of a word processor document as a tree of local names, with its texts in their places.
//!
//! No DTD is read and no entity but the predefined ones is expanded; depth and nodes are limited, and what goes beyond them or is
//! damaged ends the tree there and is said.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

const MAX_DEPTH: usize = 150;
const MAX_NODES: usize = 600_000;

#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) inside: Vec<Inside>,
}

#[derive(Debug)]
pub(super) enum Inside {
    Element(Element),
    Text(String),
}

impl Element {
    /// An attribute by its name without a prefix; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Element> {
        self.inside.iter().filter_map(|inside| match inside {
            Inside::Element(element) => Some(element),
            Inside::Text(_) => None,
        })
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children().find(|child| child.name == name)
    }

    /// The first element of that name anywhere below, outermost first.
    pub(super) fn find(&self, name: &str) -> Option<&Element> {
        self.child(name).or_else(|| self.children().find_map(|child| child.find(name)))
    }

    /// All elements of that name below, but none inside of another.
    pub(super) fn all<'e>(&'e self, name: &str, found: &mut Vec<&'e Element>) {
        for child in self.children() {
            if child.name == name { found.push(child) } else { child.all(name, found) }
        }
    }
}

/// The root element, and whether the XML was read to its end.
pub(super) fn parse(source: &str) -> Option<(Element, bool)> {
    let mut reader = Reader::from_str(source);
    let mut building = Building::default();
    let mut whole = true;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(Event::Start(tag)) => building.open(&tag),
            Ok(Event::Empty(tag)) => {
                building.open(&tag);
                building.close();
            }
            Ok(Event::End(_)) => building.close(),
            Ok(Event::Text(text)) => building.text(&text),
            Ok(Event::CData(text)) => building.text(&text),
            Ok(Event::GeneralRef(reference)) => building.text(&resolved(&reference)),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Err(_) => {
                whole = false;
                break;
            }
        }
        if building.full {
            break;
        }
    }
    whole &= building.stack.is_empty() && !building.full;
    while !building.stack.is_empty() {
        building.close();
    }
    Some((building.root?, whole))
}

#[derive(Default)]
struct Building {
    stack: Vec<Element>,
    root: Option<Element>,
    nodes: usize,
    full: bool,
}

impl Building {
    fn open(&mut self, tag: &BytesStart<'_>) {
        self.nodes += 1;
        if self.stack.len() >= MAX_DEPTH || self.nodes > MAX_NODES {
            self.full = true;
            return;
        }
        let local = |name: &str| name.rsplit_once(':').map_or(name, |(_, local)| local).to_owned();
        let attributes = tag.attributes().flatten().take(60).map(|attribute| {
            let value = quick_xml::escape::unescape(attribute.value.as_ref())
                .map_or_else(|_| attribute.value.as_ref().to_owned(), |value| value.into_owned());
            (local(attribute.key.as_ref()), value)
        });
        let element = Element { name: local(tag.name().as_ref()), attributes: attributes.collect(), inside: Vec::new() };
        self.stack.push(element);
    }

    fn close(&mut self) {
        let Some(element) = self.stack.pop() else { return };
        match self.stack.last_mut() {
            Some(parent) => parent.inside.push(Inside::Element(element)),
            None => self.root = self.root.take().or(Some(element)),
        }
    }

    fn text(&mut self, text: &str) {
        let Some(element) = self.stack.last_mut() else { return };
        match element.inside.last_mut() {
            Some(Inside::Text(before)) => before.push_str(text),
            Some(Inside::Element(_)) | None => element.inside.push(Inside::Text(text.to_owned())),
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name: &str = reference;
    quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_in_place_and_damage_is_said() {
        let table = [
            ("<w:p><w:t>A &amp; B&#33;</w:t></w:p>", "A & B!", true),
            ("<p><t>cut", "cut", false),
            ("<p><t>never</u></p>", "never", false),
        ];
        for (xml, text, whole) in table {
            let (root, read) = parse(xml).expect("there is a root");
            let Some(Inside::Text(found)) = root.find("t").and_then(|t| t.inside.first()) else { panic!("{xml}: no text") };
            assert_eq!((found.as_str(), read), (text, whole), "{xml}");
        }
        let (_, whole) = parse(&"<a>".repeat(5_000)).expect("there is a root");
        assert!(!whole);
        assert!(parse("no xml at all").is_none());
    }
}
