//! DOCX (WordprocessingML, ECMA-376 part 1, chapter 17) as HTML: page headers, body, notes and page footers.
//!
//! Read: paragraphs with tabs, tables with spans, text boxes, list numbers, and what hides a text. Text that tracked changes have
//! deleted is left out; that there are such changes is said.

use super::Parts;
use super::flow::{Empty, Flow, Look, Paragraph};
use super::lists::Lists;
use super::tree::{Element, Inside};
use std::collections::HashMap;
use std::fmt::Write;

/// Styles based on styles based on styles.
const MAX_STYLE_DEPTH: usize = 12;

/// The whole document as HTML.
pub(super) fn html(parts: &mut Parts<'_>) -> Option<String> {
    let main = main_part(parts);
    let document = parts.tree(&main)?;
    let styles = parts.tree("word/styles.xml").map(|root| Styles::of(&root)).unwrap_or_default();
    let lists = parts.tree("word/numbering.xml").map(|root| Lists::of(&root)).unwrap_or_default();
    let mut reader = Word { styles, lists, changes: false };
    let mut html = String::new();
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for name in parts.names() {
        let of = |kind: &str| name.strip_prefix("word/").is_some_and(|rest| rest.starts_with(kind) && rest.ends_with(".xml"));
        let place = if of("header") {
            &mut before
        } else if of("footer") || of("footnotes") || of("endnotes") {
            &mut behind
        } else {
            continue;
        };
        if let Some(root) = parts.tree(&name) {
            let part = reader.part(&root);
            // The first page, left and right pages have headers of their own, which often say the same.
            if !place.contains(&part) {
                place.push(part);
            }
        }
    }
    let body = reader.part(document.child("body").unwrap_or(&document));
    for part in before.into_iter().chain([body]).chain(behind) {
        let _ = write!(html, "<div>{part}</div>");
    }
    parts.changes |= reader.changes;
    Some(html)
}

/// Where the package says that its main document is.
fn main_part(parts: &mut Parts<'_>) -> String {
    let usual = "word/document.xml".to_owned();
    let Some(relations) = parts.tree("_rels/.rels") else { return usual };
    let target = relations.children().find(|relation| relation.attribute("Type").ends_with("/officeDocument"));
    target
        .map(|relation| relation.attribute("Target").trim_start_matches('/').to_owned())
        .filter(|at| !at.is_empty())
        .unwrap_or(usual)
}

struct Word {
    styles: Styles,
    lists: Lists,
    /// There are tracked changes.
    changes: bool,
}

impl Word {
    fn part(&mut self, root: &Element) -> String {
        let mut flow = Flow::new(Empty::Space);
        self.blocks(root, Look::default(), &mut flow);
        flow.into_html()
    }

    fn blocks(&mut self, element: &Element, look: Look, flow: &mut Flow) {
        for child in element.children() {
            match child.name.as_str() {
                "p" => {
                    let paragraph = self.paragraph(child, look);
                    flow.paragraph(paragraph);
                }
                "tbl" => {
                    let table = self.table(child, look);
                    flow.block(&table);
                }
                "del" | "moveFrom" => self.changes = true,
                // The second drawing of the same, for older programs.
                "Fallback" if element.child("Choice").is_some() => {}
                "sdtPr" | "sectPr" | "tblPr" | "pPr" => {}
                _container => self.blocks(child, look, flow),
            }
        }
    }

    fn paragraph(&mut self, element: &Element, outer: Look) -> Paragraph {
        let mut paragraph = Paragraph::new();
        let mut look = outer;
        if let Some(properties) = element.child("pPr") {
            if let Some(style) = properties.child("pStyle") {
                look = self.styles.look(style.attribute("val"), look);
            }
            look.shaded |= is_shaded(properties);
            if let Some(number) = self.lists.next(properties) {
                paragraph.text(&format!("{number} "), look);
            }
        }
        self.inline(element, look, &mut paragraph);
        paragraph
    }

    fn inline(&mut self, element: &Element, look: Look, paragraph: &mut Paragraph) {
        for child in element.children() {
            match child.name.as_str() {
                "r" => {
                    let look = child.child("rPr").map_or(look, |properties| self.styles.run(properties, look));
                    self.run(child, look, paragraph);
                }
                "del" | "moveFrom" => self.changes = true,
                "ins" | "moveTo" => {
                    self.changes = true;
                    self.inline(child, look, paragraph);
                }
                "pPr" | "sdtPr" | "rt" => {}
                "Fallback" if element.child("Choice").is_some() => {}
                _container => self.inline(child, look, paragraph),
            }
        }
    }

    fn run(&mut self, run: &Element, look: Look, paragraph: &mut Paragraph) {
        for child in run.children() {
            match child.name.as_str() {
                "t" => text_of(child, |text| paragraph.text(text, look)),
                "tab" | "ptab" => paragraph.tab(),
                "br" | "cr" => paragraph.end_line(),
                "noBreakHyphen" => paragraph.text("-", look),
                "drawing" | "pict" | "object" => self.text_boxes(child, paragraph),
                "AlternateContent" => {
                    let drawn = child.child("Choice").or_else(|| child.child("Fallback"));
                    drawn.into_iter().for_each(|drawn| self.text_boxes(drawn, paragraph));
                }
                "ruby" => self.inline(child, look, paragraph),
                // Field codes, deleted text, marks of notes and comments, properties.
                _unseen => {}
            }
        }
    }

    fn text_boxes(&mut self, drawn: &Element, paragraph: &mut Paragraph) {
        let mut boxes = Vec::new();
        drawn.all("txbxContent", &mut boxes);
        for content in boxes {
            // What stands in a box may stand on anything.
            let mut flow = Flow::new(Empty::Nothing);
            self.blocks(content, Look { shaded: true, ..Look::default() }, &mut flow);
            paragraph.text_box(&flow.into_html());
        }
    }

    fn table(&mut self, table: &Element, mut look: Look) -> String {
        if let Some(properties) = table.child("tblPr") {
            let styled = properties.child("tblStyle").is_some_and(|style| self.styles.is_shaded(style.attribute("val")));
            look.shaded |= styled || is_shaded(properties);
        }
        let mut html = "<table>".to_owned();
        let mut rows = Vec::new();
        table.all("tr", &mut rows);
        for row in rows {
            let properties = row.child("trPr");
            if properties.is_some_and(|properties| properties.child("del").is_some()) {
                self.changes = true;
                continue;
            }
            html.push_str("<tr>");
            let skipped = properties.and_then(|properties| properties.child("gridBefore")).map_or(0, number_of);
            for _ in 0..skipped.min(60) {
                html.push_str("<td></td>");
            }
            let mut cells = Vec::new();
            row.all("tc", &mut cells);
            for cell in cells {
                self.cell(cell, look, &mut html);
            }
            html.push_str("</tr>");
        }
        html.push_str("</table>");
        html
    }

    fn cell(&mut self, cell: &Element, mut look: Look, html: &mut String) {
        let mut span = 1;
        let mut goes_on = false;
        if let Some(properties) = cell.child("tcPr") {
            span = properties.child("gridSpan").map_or(1, number_of).clamp(1, 60);
            let continues = |name: &str| properties.child(name).is_some_and(|merge| merge.attribute("val") != "restart");
            goes_on = continues("vMerge") || continues("hMerge");
            look.shaded |= is_shaded(properties);
        }
        let _ = write!(html, "<td colspan=\"{span}\">");
        if !goes_on {
            let mut flow = Flow::new(Empty::Nothing);
            self.blocks(cell, look, &mut flow);
            html.push_str(&flow.into_html());
        }
        html.push_str("</td>");
    }
}

/// What the named styles say.
#[derive(Default)]
struct Styles {
    /// Style id to the style it is based on and what it changes.
    styles: HashMap<String, (String, Changes)>,
}

/// What properties of a run say; nothing where they are silent.
#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    bold: Option<bool>,
    hidden: Option<bool>,
    white: Option<bool>,
    tiny: Option<bool>,
    shaded: bool,
}

impl Styles {
    fn of(root: &Element) -> Self {
        let styles = root.children().filter(|child| child.name == "style").take(5_000).map(|style| {
            let based_on = style.child("basedOn").map(|base| base.attribute("val").to_owned()).unwrap_or_default();
            let mut changes = style.child("rPr").map(Changes::of).unwrap_or_default();
            let mut shades = Vec::new();
            style.all("shd", &mut shades);
            changes.shaded = shades.iter().any(|shade| is_colour(shade.attribute("fill")));
            (style.attribute("styleId").to_owned(), (based_on, changes))
        });
        Self { styles: styles.collect() }
    }

    /// The look of a text in the style `id`.
    fn look(&self, id: &str, look: Look) -> Look {
        let mut chain = Vec::new();
        let mut id = id;
        while let Some((base, changes)) = self.styles.get(id).filter(|_| chain.len() < MAX_STYLE_DEPTH) {
            chain.push(changes);
            id = base;
        }
        chain.into_iter().rev().fold(look, |look, changes| changes.applied(look))
    }

    fn is_shaded(&self, id: &str) -> bool {
        self.look(id, Look::default()).shaded
    }

    /// The look of a run with these properties.
    fn run(&self, properties: &Element, look: Look) -> Look {
        let styled = properties.child("rStyle").map_or(look, |style| self.look(style.attribute("val"), look));
        Changes::of(properties).applied(styled)
    }
}

impl Changes {
    fn of(properties: &Element) -> Self {
        let switch = |name: &str| {
            let element = properties.child(name)?;
            Some(!matches!(element.attribute("val"), "0" | "false" | "off"))
        };
        let white = properties.child("color").map(|colour| is_white(colour.attribute("val")));
        // Half points.
        let tiny = properties.child("sz").map(|size| (1..4).contains(&number_of(size)));
        Self {
            bold: switch("b"),
            hidden: switch("vanish").or_else(|| switch("webHidden")),
            white,
            tiny,
            shaded: is_shaded(properties)
                || properties.child("highlight").is_some_and(|marker| !matches!(marker.attribute("val"), "none" | "white")),
        }
    }

    fn applied(&self, look: Look) -> Look {
        Look {
            bold: self.bold.unwrap_or(look.bold),
            hidden: self.hidden.unwrap_or(look.hidden),
            white: self.white.unwrap_or(look.white),
            tiny: self.tiny.unwrap_or(look.tiny),
            shaded: look.shaded || self.shaded,
        }
    }
}

fn is_shaded(properties: &Element) -> bool {
    properties.child("shd").is_some_and(|shade| is_colour(shade.attribute("fill")))
}

/// A colour that is not white.
fn is_colour(hex: &str) -> bool {
    !matches!(hex, "" | "auto") && !is_white(hex)
}

fn is_white(hex: &str) -> bool {
    hex.len() == 6
        && hex.is_ascii()
        && (0..3).all(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).is_ok_and(|part| part >= 244))
}

fn number_of(element: &Element) -> usize {
    element.attribute("val").trim().parse().unwrap_or(0)
}

fn text_of(element: &Element, mut each: impl FnMut(&str)) {
    for inside in &element.inside {
        if let Inside::Text(text) = inside {
            each(text);
        }
    }
}
