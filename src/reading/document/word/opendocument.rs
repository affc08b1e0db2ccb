//! ODT (OpenDocument 1.3 part 3, chapters 5 to 9) as HTML: page headers, text and page footers.

use super::Parts;
use super::flow::{Empty, Flow, Look, Paragraph};
use super::tree::{Element, Inside};
use std::collections::HashMap;
use std::fmt::Write;

/// Cells and rows that one element stands for.
const MOST_REPEATED: usize = 60;

/// The whole document as HTML.
pub(super) fn html(parts: &mut Parts<'_>) -> Option<String> {
    let content = parts.tree("content.xml")?;
    let page = parts.tree("styles.xml");
    let mut looks = HashMap::new();
    page.iter().chain([&content]).for_each(|root| collect_looks(root, &mut looks));
    let mut reader = Text { looks, changes: false };
    let mut html = String::new();
    for (name, is_before) in [("header", true), ("body", false), ("footer", true)] {
        let found = if is_before { page.as_ref().and_then(|page| page.find(name)) } else { content.find(name) };
        if let Some(element) = found {
            let mut flow = Flow::new(Empty::Space);
            reader.blocks(element, &mut flow);
            let _ = write!(html, "<div>{}</div>", flow.into_html());
        }
    }
    parts.changes |= reader.changes;
    Some(html)
}

fn collect_looks(root: &Element, looks: &mut HashMap<String, Look>) {
    let mut styles = Vec::new();
    root.all("style", &mut styles);
    for style in styles {
        let mut look = looks.get(style.attribute("parent-style-name")).copied().unwrap_or_default();
        for properties in style.children() {
            let colour = |name: &str| properties.attribute(name);
            look.hidden |= properties.attribute("display") == "none";
            match colour("font-weight") {
                "" => {}
                weight => look.bold = weight == "bold",
            }
            match colour("color") {
                "" => {}
                text => look.white = is_white(text),
            }
            look.shaded |= !matches!(colour("background-color"), "" | "transparent") && !is_white(colour("background-color"));
            let size = properties.attribute("font-size").strip_suffix("pt").and_then(|points| points.parse::<f32>().ok());
            look.tiny = size.map_or(look.tiny, |points| points < 2.0);
        }
        looks.insert(style.attribute("name").to_owned(), look);
    }
}

fn is_white(colour: &str) -> bool {
    matches!(colour.to_ascii_lowercase().as_str(), "#ffffff" | "#fefefe" | "#fdfdfd" | "white")
}

struct Text {
    looks: HashMap<String, Look>,
    changes: bool,
}

impl Text {
    fn look(&self, element: &Element, outer: Look) -> Look {
        let name = element.attribute("style-name");
        let Some(own) = self.looks.get(name) else { return outer };
        Look {
            bold: outer.bold || own.bold,
            hidden: outer.hidden || own.hidden,
            white: own.white,
            tiny: own.tiny,
            shaded: outer.shaded || own.shaded,
        }
    }

    fn blocks(&mut self, element: &Element, flow: &mut Flow) {
        self.shaded_blocks(element, Look::default(), flow);
    }

    fn shaded_blocks(&mut self, element: &Element, outer: Look, flow: &mut Flow) {
        for child in element.children() {
            match child.name.as_str() {
                "p" | "h" => {
                    let mut paragraph = Paragraph::new();
                    self.inline(child, self.look(child, outer), &mut paragraph);
                    flow.paragraph(paragraph);
                }
                "table" => {
                    let table = self.table(child, outer);
                    flow.block(&table);
                }
                "tracked-changes" => self.changes |= child.children().next().is_some(),
                "annotation" | "forms" | "sequence-decls" | "table-of-content-source" => {}
                _container => self.shaded_blocks(child, outer, flow),
            }
        }
    }

    fn inline(&mut self, element: &Element, look: Look, paragraph: &mut Paragraph) {
        for inside in &element.inside {
            let child = match inside {
                Inside::Text(text) => {
                    // White space is one space; what is more is written as elements.
                    let mut plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    if !plain.is_empty() && text.ends_with(char::is_whitespace) {
                        plain.push(' ');
                    }
                    let before = if text.starts_with(char::is_whitespace) { " " } else { "" };
                    paragraph.text(&format!("{before}{plain}"), look);
                    continue;
                }
                Inside::Element(child) => child,
            };
            match child.name.as_str() {
                "s" => paragraph.text(&" ".repeat(count(child, "c")), look),
                "tab" => paragraph.tab(),
                "line-break" => paragraph.end_line(),
                "annotation" | "note-citation" | "ruby-text" => {}
                "frame" | "custom-shape" | "rect" | "text-box" => {
                    let mut flow = Flow::new(Empty::Nothing);
                    self.shaded_blocks(child, Look { shaded: true, ..look }, &mut flow);
                    paragraph.text_box(&flow.into_html());
                }
                "note" => {
                    let mut flow = Flow::new(Empty::Nothing);
                    self.shaded_blocks(child, look, &mut flow);
                    paragraph.text_box(&flow.into_html());
                }
                _span => self.inline(child, self.look(child, look), paragraph),
            }
        }
    }

    fn table(&mut self, table: &Element, outer: Look) -> String {
        let outer = self.look(table, outer);
        let mut html = "<table>".to_owned();
        let mut rows = Vec::new();
        table.all("table-row", &mut rows);
        for row in rows {
            let look = self.look(row, outer);
            let hidden = matches!(row.attribute("visibility"), "collapse" | "filter");
            let look = Look { hidden: look.hidden || hidden, ..look };
            let mut cells = String::new();
            for cell in row.children() {
                match cell.name.as_str() {
                    "table-cell" => self.cell(cell, look, &mut cells),
                    // The cell that reaches over it holds its place.
                    _covered => {}
                }
            }
            let _ = write!(html, "<tr>{cells}</tr>");
        }
        html.push_str("</table>");
        html
    }

    fn cell(&mut self, cell: &Element, outer: Look, html: &mut String) {
        let look = self.look(cell, outer);
        let mut flow = Flow::new(Empty::Nothing);
        self.shaded_blocks(cell, look, &mut flow);
        let content = flow.into_html();
        let (columns, rows) = (count(cell, "number-columns-spanned"), count(cell, "number-rows-spanned"));
        for _ in 0..count(cell, "number-columns-repeated") {
            let _ = write!(html, "<td colspan=\"{columns}\" rowspan=\"{rows}\">{content}</td>");
        }
    }
}

fn count(element: &Element, attribute: &str) -> usize {
    element.attribute(attribute).parse().unwrap_or(1).clamp(1, MOST_REPEATED)
}
