//! Paragraphs and tables as HTML, in which the readers of all word processor formats put what they find.
//!
//! Only what `html` understands is written: tables with spans, blocks, and how a text is seen. Text between tabs becomes cells,
//! because tabs in consecutive paragraphs are how people draw tables without one.

use std::fmt::Write;

/// How a piece of text looks, as far as it says whether a person reads it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) hidden: bool,
    pub(super) white: bool,
    /// Under two points.
    pub(super) tiny: bool,
    /// Something coloured is behind it.
    pub(super) shaded: bool,
}

/// A paragraph under construction: its lines, each cut at its tabs.
pub(super) struct Paragraph {
    lines: Vec<Vec<String>>,
    /// Text boxes that are anchored in it; they come after it.
    boxes: String,
}

impl Paragraph {
    pub(super) fn new() -> Self {
        Self { lines: vec![vec![String::new()]], boxes: String::new() }
    }

    pub(super) fn text(&mut self, text: &str, look: Look) {
        if text.is_empty() {
            return;
        }
        let mut style = String::new();
        if look.hidden {
            style.push_str("display:none;");
        }
        if look.tiny {
            style.push_str("font-size:1pt;");
        }
        if look.white && !look.shaded {
            style.push_str("color:#ffffff;");
        }
        if text.contains("  ") {
            style.push_str("white-space:pre;");
        }
        let cell = self.lines.last_mut().and_then(|line| line.last_mut()).expect("a paragraph has a line, and a line a cell");
        let tag = if look.bold { "b" } else { "span" };
        if style.is_empty() && !look.bold {
            escape(text, cell);
            return;
        }
        let _ = write!(cell, "<{tag} style=\"{style}\">");
        escape(text, cell);
        let _ = write!(cell, "</{tag}>");
    }

    pub(super) fn tab(&mut self) {
        if let Some(line) = self.lines.last_mut() {
            line.push(String::new());
        }
    }

    pub(super) fn end_line(&mut self) {
        self.lines.push(vec![String::new()]);
    }

    /// Adds a text box: HTML that a `Flow` has made.
    pub(super) fn text_box(&mut self, html: &str) {
        let _ = write!(self.boxes, "<div>{html}</div>");
    }

    fn is_empty(&self) -> bool {
        self.lines.iter().flatten().all(|cell| cell.trim().is_empty())
    }

    fn has_tabs(&self) -> bool {
        self.lines.iter().any(|line| line.len() > 1)
    }
}

/// What empty paragraphs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    /// Space between blocks.
    Space,
    /// Nothing: every empty cell of a table holds one.
    Nothing,
}

/// Blocks one below the other.
pub(super) struct Flow {
    html: String,
    /// Lines with tabs that are not written yet: the next paragraph may go on with them.
    tabbed: Vec<Vec<String>>,
    empty: Empty,
}

impl Flow {
    pub(super) fn new(empty: Empty) -> Self {
        Self { html: String::new(), tabbed: Vec::new(), empty }
    }

    pub(super) fn paragraph(&mut self, paragraph: Paragraph) {
        if paragraph.is_empty() {
            if self.empty == Empty::Space && !paragraph.boxes.is_empty() {
                self.end_table();
            } else if self.empty == Empty::Space {
                self.end_table();
                self.html.push_str("<div>&nbsp;</div>");
            }
        } else if paragraph.has_tabs() {
            self.tabbed.extend(paragraph.lines);
        } else {
            self.end_table();
            let lines: Vec<String> = paragraph.lines.into_iter().map(|line| line.concat()).collect();
            let _ = write!(self.html, "<div>{}</div>", lines.join("<br>"));
        }
        if !paragraph.boxes.is_empty() {
            self.end_table();
            self.html.push_str(&paragraph.boxes);
        }
    }

    /// Adds HTML that stands for itself: a table.
    pub(super) fn block(&mut self, html: &str) {
        self.end_table();
        self.html.push_str(html);
    }

    pub(super) fn into_html(mut self) -> String {
        self.end_table();
        self.html
    }

    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.tabbed);
        if rows.is_empty() {
            return;
        }
        self.html.push_str("<table>");
        for row in rows {
            let _ = write!(self.html, "<tr><td>{}</td></tr>", row.join("</td><td>"));
        }
        self.html.push_str("</table>");
    }
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            // Control characters are no text.
            c if c.is_control() && !c.is_whitespace() => into.push(' '),
            c => into.push(c),
        }
    }
}
