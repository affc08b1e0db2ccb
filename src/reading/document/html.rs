//! HTML as text on a grid: tables side by side as a reader sees them, blocks as lines, hidden text flagged.
//!
//! The document's text is the rendered text. No style sheets, no scripts, no remote content: only what stands in the
//! elements and their `style` attributes.

use super::grid::{Grid, Piece};
use super::style::{Style, inherit};
use super::{Document, Limits, SourceKind, Visibility, named, note_hidden_text, text};
use crate::model::{Code, Finding, Severity};
use scraper::{ElementRef, Html, Node};

/// Elements nested deeper than this are not followed.
const DEEPEST: usize = 120;
/// Free characters between the columns of a table.
const GAP: usize = 3;
/// Text in table cells is broken at this width, in characters.
const CELL_WIDTH: usize = 100;
const MOST_COLUMNS: usize = 200;

/// Reads HTML; one page.
pub(super) fn read(bytes: &[u8], name: &str, limits: &Limits) -> Document {
    laid_out(SourceKind::Html, &text::decoded(bytes), name, limits)
}

/// Lays out HTML, which stands for a document of this kind; one page.
pub(super) fn laid_out(kind: SourceKind, source: &str, name: &str, limits: &Limits) -> Document {
    let mut document = Document::empty(kind);
    let cut = source.len() > limits.text_bytes;
    let source = if cut { &source[..source.floor_char_boundary(limits.text_bytes)] } else { source };
    let html = Html::parse_document(source);
    let mut renderer = Renderer { lines_left: limits.rows, too_deep: false };
    let lines = renderer.block(html.root_element(), Style::default(), 0);
    let mut grid = Grid::new(limits.text_bytes);
    for line in &lines {
        let pieces: Vec<Piece<'_>> = line
            .iter()
            .map(|ink| Piece { column: ink.column, text: &ink.text, visibility: ink.visibility, bold: ink.bold })
            .collect();
        grid.pieces(&pieces);
    }
    document.pages.push(grid.page(1));
    if cut || grid.is_full() || renderer.too_deep || renderer.lines_left == 0 {
        let message = format!("{} is longer or nested deeper than is read; the rest was left out", named(name));
        document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
    }
    document.text = grid.into_text();
    if document.text.trim().is_empty() {
        let message = format!("{} contains no text", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    }
    note_hidden_text(&mut document, name);
    document
}

/// Text at a column of a line.
#[derive(Debug, Clone)]
struct Ink {
    column: usize,
    text: String,
    visibility: Visibility,
    bold: bool,
}

type Line = Vec<Ink>;

struct Renderer {
    lines_left: usize,
    too_deep: bool,
}

impl Renderer {
    /// The lines of an element and all that is in it.
    fn block(&mut self, element: ElementRef<'_>, style: Style, depth: usize) -> Vec<Line> {
        let mut flow = Flow::default();
        self.content(element, style, depth, &mut flow);
        flow.end_line(self);
        flow.lines
    }

    fn content(&mut self, element: ElementRef<'_>, style: Style, depth: usize, flow: &mut Flow) {
        if depth > DEEPEST {
            self.too_deep = true;
            return;
        }
        for child in element.children() {
            match child.value() {
                Node::Text(text) => flow.text(text, style, self),
                Node::Element(_) => {
                    if let Some(inner) = ElementRef::wrap(child) {
                        self.element(inner, style, depth + 1, flow);
                    }
                }
                Node::Document | Node::Fragment | Node::Doctype(_) | Node::Comment(_) | Node::ProcessingInstruction(_) => {}
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>, style: Style, depth: usize, flow: &mut Flow) {
        let tag = element.value().name();
        let style = inherit(style, element.value());
        match tag {
            "script" | "style" | "head" | "title" | "template" | "noframes" | "object" | "svg" => {}
            "br" => flow.end_line_even_if_empty(self),
            "hr" => flow.end_line(self),
            "table" => {
                flow.end_line(self);
                let lines = self.table(element, style, depth);
                flow.lines.extend(lines);
            }
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "dl" | "dt" | "dd" | "pre"
            | "blockquote" | "section" | "article" | "header" | "footer" | "main" | "nav" | "aside" | "address" | "form"
            | "fieldset" | "center" | "body" | "html" | "figure" | "figcaption" | "tr" | "td" | "th" | "tbody" | "thead"
            | "tfoot" | "caption" => {
                flow.end_line(self);
                self.content(element, style, depth, flow);
                flow.end_line(self);
            }
            // Everything else runs on in the line, unknown elements included.
            _inline => self.content(element, style, depth, flow),
        }
    }

    /// A table as lines: each column as wide as its widest cell, each row as high as its highest.
    fn table(&mut self, table: ElementRef<'_>, style: Style, depth: usize) -> Vec<Line> {
        let style = Style { in_table: true, ..style };
        let mut rows: Vec<(ElementRef<'_>, Style)> = Vec::new();
        let mut before: Vec<Line> = Vec::new();
        for part in table.children().filter_map(ElementRef::wrap) {
            match part.value().name() {
                "tr" => rows.push((part, inherit(style, part.value()))),
                "thead" | "tbody" | "tfoot" => {
                    let style = inherit(style, part.value());
                    let inner = part.children().filter_map(ElementRef::wrap).filter(|row| row.value().name() == "tr");
                    rows.extend(inner.map(|row| (row, inherit(style, row.value()))));
                }
                "caption" => before.extend(self.block(part, inherit(style, part.value()), depth + 1)),
                _other => {}
            }
        }
        let mut widths: Vec<usize> = Vec::new();
        let mut laid: Vec<Vec<(usize, usize, Vec<Line>)>> = Vec::new();
        let mut held: Vec<usize> = Vec::new();
        for (row, style) in rows {
            if self.lines_left == 0 {
                break;
            }
            let cells = self.row(row, style, depth, &mut held);
            for (column, span, lines) in &cells {
                widths.resize(widths.len().max(column + span), 0);
                if *span == 1 {
                    widths[*column] = widths[*column].max(width(lines));
                }
            }
            laid.push(cells);
        }
        for (column, span, lines) in laid.iter().flatten().filter(|(_, span, _)| *span > 1) {
            let has: usize = widths[*column..column + span].iter().sum::<usize>() + GAP * (span - 1);
            widths[column + span - 1] += width(lines).saturating_sub(has);
        }
        // A column that holds nothing takes no room: mails use many to make margins.
        let starts: Vec<usize> = widths
            .iter()
            .scan(0, |start, width| {
                let here = *start;
                *start += if *width == 0 { 0 } else { width + GAP };
                Some(here)
            })
            .collect();
        before.extend(laid.into_iter().flat_map(|cells| beside(cells, &starts)));
        before
    }

    /// The cells of a row: column, columns spanned, lines. `held` counts for each column the rows that a cell above it
    /// still reaches into.
    fn row(&mut self, row: ElementRef<'_>, style: Style, depth: usize, held: &mut Vec<usize>) -> Vec<(usize, usize, Vec<Line>)> {
        let mut cells = Vec::new();
        let mut column = 0;
        let mut next_held = held.iter().map(|rows| rows.saturating_sub(1)).collect::<Vec<_>>();
        for cell in row.children().filter_map(ElementRef::wrap).filter(|cell| matches!(cell.value().name(), "td" | "th")) {
            while held.get(column).is_some_and(|rows| *rows > 0) {
                column += 1;
            }
            if column >= MOST_COLUMNS {
                self.too_deep = true;
                break;
            }
            let number = |key: &str| cell.attr(key).and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(1).max(1);
            let span = number("colspan").min(MOST_COLUMNS - column);
            let below = number("rowspan").min(1_000) - 1;
            let mut style = inherit(style, cell.value());
            style.bold |= cell.value().name() == "th";
            cells.push((column, span, self.block(cell, style, depth + 2)));
            if below > 0 {
                next_held.resize(next_held.len().max(column + span), 0);
                next_held[column..column + span].fill(below);
            }
            column += span;
        }
        *held = next_held;
        cells
    }
}

/// Cells side by side: line for line at their columns' starts.
fn beside(cells: Vec<(usize, usize, Vec<Line>)>, starts: &[usize]) -> Vec<Line> {
    let height = cells.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(0);
    let mut rows: Vec<Line> = vec![Vec::new(); height];
    for (column, _, lines) in cells {
        for (row, line) in lines.into_iter().enumerate() {
            rows[row].extend(line.into_iter().map(|ink| Ink { column: ink.column + starts[column], ..ink }));
        }
    }
    rows
}

fn width(lines: &[Line]) -> usize {
    let seen = lines.iter().flatten().filter(|ink| ink.visibility == Visibility::Visible);
    seen.map(|ink| ink.column + ink.text.chars().count()).max().unwrap_or(0)
}

/// Lines under construction.
#[derive(Default)]
struct Flow {
    lines: Vec<Line>,
    line: Line,
    column: usize,
    /// White space was seen since the last word.
    space: bool,
    /// A space that must not be dropped was: with nothing else in it, a line is an empty line that the writer wants.
    kept_space: bool,
}

impl Flow {
    fn text(&mut self, text: &str, style: Style, renderer: &mut Renderer) {
        if style.preformatted {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.end_line_even_if_empty(renderer);
                }
                let indent = line.chars().take_while(|c| c.is_whitespace()).count();
                self.column += indent;
                self.push(line.trim_end_matches('\r').trim_start(), style);
            }
            return;
        }
        self.space |= text.starts_with(char::is_whitespace);
        self.kept_space |= text.contains('\u{A0}');
        for word in text.split_whitespace() {
            let word: String = word.chars().filter(|c| !is_invisible_character(*c)).collect();
            if word.is_empty() {
                continue;
            }
            if style.in_table && self.column > 0 && self.column + word.chars().count() > CELL_WIDTH {
                self.end_line(renderer);
            }
            self.push(&word, style);
            self.space = true;
        }
        self.space = text.ends_with(char::is_whitespace) || (self.space && text.trim().is_empty());
    }

    fn push(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        let visibility = style.seen_as();
        let space = std::mem::take(&mut self.space) && self.column > 0;
        if let Some(last) = self.line.last_mut().filter(|last| last.visibility == visibility && last.bold == style.bold)
            && last.column + last.text.chars().count() == self.column
        {
            last.text.push_str(if space { " " } else { "" });
            last.text.push_str(text);
        } else {
            self.line.push(Ink { column: self.column + usize::from(space), text: text.to_owned(), visibility, bold: style.bold });
        }
        if visibility == Visibility::Visible {
            self.column += usize::from(space) + text.chars().count();
        }
    }

    fn end_line(&mut self, renderer: &mut Renderer) {
        if !self.line.is_empty() || self.kept_space {
            self.end_line_even_if_empty(renderer);
        }
    }

    fn end_line_even_if_empty(&mut self, renderer: &mut Renderer) {
        let line = std::mem::take(&mut self.line);
        (self.column, self.space, self.kept_space) = (0, false, false);
        if renderer.lines_left > 0 {
            renderer.lines_left -= 1;
            self.lines.push(line);
        }
    }
}

fn is_invisible_character(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{34F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(html: &str) -> Document {
        read(html.as_bytes(), "mail.html", &Limits::default())
    }

    #[test]
    fn tables_stand_in_columns_and_blocks_in_lines() {
        let document = rendered(
            "<p>Hello <b>Ann</b>,<br>order 4711:</p><p>&nbsp;</p><table><tr><th>Item</th><th>Qty</th></tr>\
             <tr><td>M8 bolt, long</td><td align=right>12</td></tr></table><div>Thanks</div>",
        );
        assert_eq!(document.text, "Hello Ann,\norder 4711:\n\nItem            Qty\nM8 bolt, long   12\nThanks\n");
        for word in &document.pages[0].words {
            let (from, to) = word.span.expect("every visible word is in the text");
            assert_eq!(&document.text[from..to], word.text);
        }
    }

    #[test]
    fn cells_span_columns_and_rows() {
        let document = rendered(
            "<table><tr><td rowspan=2>A</td><td colspan=2>head</td></tr><tr><td>b</td><td>c</td></tr>\
             <tr><td>longer</td><td>d</td><td>e</td></tr></table>",
        );
        assert_eq!(document.text, "A        head\n         b   c\nlonger   d   e\n");
    }

    #[test]
    fn hidden_text_is_flagged_and_not_in_the_text() {
        let table = [
            ("<span style='display:none'>secret1</span>", Visibility::Invisible),
            ("<span style='font-size:0px'>secret1</span>", Visibility::Tiny),
            ("<font color='#FFFFFF'>secret1</font>", Visibility::White),
            ("<p style='color: white !important'>secret1</p>", Visibility::White),
            ("<div hidden>secret1</div>", Visibility::Invisible),
            ("<div style='position:absolute;left:-9999px'>secret1</div>", Visibility::OffPage),
        ];
        for (html, visibility) in table {
            let document = rendered(&format!("<p>Order 1</p>{html}"));
            assert_eq!(document.text.trim(), "Order 1", "{html}");
            let word = document.pages[0].words.iter().find(|word| word.text == "secret1").expect("the word is kept");
            assert_eq!(word.visibility, visibility, "{html}");
            assert_eq!(document.findings[0].code, Code::HiddenText);
        }
        let header = rendered("<table><tr style='background:#336699;color:#fff'><td>Item</td></tr></table>");
        assert!(header.findings.is_empty(), "white on blue is not hidden");
    }

    #[test]
    fn deep_nesting_is_a_finding() {
        let document = rendered(&format!("{}x", "<div>".repeat(400)));
        assert_eq!(document.findings[0].code, Code::LimitReached);
    }
}
