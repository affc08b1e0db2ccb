//! How does an HTML mail read as plain text? Lines where a reader sees lines, a tab between table cells, `> ` before quotations.
//!
//! One pass over the markup, in time linear to its length whatever the markup; nothing is rendered, fetched or run.

use super::markup::{decode_entities, is_block, is_hidden, skip_element, split_tag};

/// Open elements, tables and cells that are remembered; deeper ones are read as if their tags were not there.
const MAX_DEPTH: usize = 200;
const MAX_TABLE_DEPTH: usize = 20;
/// Each level costs two characters a line.
const MAX_QUOTE_DEPTH: usize = 5;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Converted {
    pub text: String,
    /// At least two rows with three filled cells, and figures in them.
    pub has_table: bool,
    /// Letters and digits in elements that no reader sees.
    pub hidden_chars: usize,
}

pub(super) fn to_text(markup: &str) -> Converted {
    let mut writer = Writer::default();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        rest = &rest[at..];
        rest = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.find("-->").map_or("", |end| &comment[end + 3..])
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            let (tag, after) = split_tag(rest);
            writer.tag(tag, after)
        } else {
            writer.text("<");
            &rest[1..]
        };
    }
    writer.text(rest);
    writer.finish()
}

struct Element {
    name: String,
    hidden: bool,
    quote: bool,
}

/// A table being read: finished cells of the open row.
#[derive(Default)]
struct Table {
    row: Vec<String>,
    in_cell: bool,
    /// Columns beyond the first that the open cell spans, and whether its text stands in the last of them.
    spanned: usize,
    at_the_right: bool,
    filled_rows: usize,
}

struct Writer {
    /// The text of the document, then of each open table cell.
    buffers: Vec<String>,
    tables: Vec<Table>,
    elements: Vec<Element>,
    /// White space that is written only if more text follows on the line.
    space: bool,
    preformatted: usize,
    /// Elements of which the end was looked for in vain.
    unclosed: Vec<String>,
    result: Converted,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            buffers: vec![String::new()],
            tables: Vec::new(),
            elements: Vec::new(),
            space: false,
            preformatted: 0,
            unclosed: Vec::new(),
            result: Converted::default(),
        }
    }
}

impl Writer {
    /// Handles one tag and returns where to read on: scripts and styles are skipped whole.
    fn tag<'m>(&mut self, tag: &str, after: &'m str) -> &'m str {
        let closes = tag.starts_with('/');
        let body = tag.trim_start_matches('/');
        let end = body.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(body.len());
        let name = body[..end].to_ascii_lowercase();
        let attributes = &body[end..];
        if !closes && matches!(name.as_str(), "script" | "style" | "template" | "title" | "noscript") {
            if self.unclosed.contains(&name) {
                return after;
            }
            return skip_element(&name, after).unwrap_or_else(|| {
                // Its text is better than a lost mail; and looking for its end again and again would take for ever.
                self.unclosed.push(name);
                after
            });
        }
        if closes {
            self.close(&name)
        } else {
            self.open(&name, attributes)
        }
        after
    }

    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "br" => self.line_break(),
            "hr" => self.block(),
            "table" => self.open_table(),
            "tr" => {
                self.end_row();
            }
            "td" | "th" => self.open_cell(attributes),
            "li" => {
                self.block();
                self.out("- ");
            }
            "pre" | "textarea" => {
                self.block();
                self.preformatted += 1;
            }
            _ if is_block(name) => self.block(),
            _ => {}
        }
        let void = matches!(name, "br" | "hr" | "img" | "input" | "meta" | "link" | "col" | "area" | "base" | "wbr" | "!doctype");
        if !void && !attributes.ends_with('/') && self.elements.len() < MAX_DEPTH {
            let quote = name == "blockquote" && self.elements.iter().filter(|element| element.quote).count() < MAX_QUOTE_DEPTH;
            if quote {
                self.buffers.push(String::new());
            }
            self.elements.push(Element { name: name.to_owned(), hidden: is_hidden(attributes), quote });
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.elements.iter().rposition(|element| element.name == name) {
            // A table closed while its cells are open must not take a quotation's buffer for a cell's.
            for element in self.elements.split_off(at).into_iter().rev() {
                if element.quote {
                    self.close_quote();
                }
            }
        }
        match name {
            "td" | "th" => self.end_cell(),
            "tr" => self.end_row(),
            "table" => self.close_table(),
            "pre" | "textarea" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.block();
            }
            "p" => {
                self.block();
                self.blank_line();
            }
            _ if is_block(name) => self.block(),
            _ => {}
        }
    }

    fn text(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let text = decode_entities(raw);
        if self.elements.iter().any(|element| element.hidden) {
            self.result.hidden_chars += text.chars().filter(|c| c.is_alphanumeric()).count();
            return;
        }
        if self.preformatted > 0 {
            return self.out(&text.replace("\r\n", "\n"));
        }
        for c in text.chars() {
            match c {
                ' ' | '\t' | '\r' | '\n' | '\u{a0}' | '\u{200b}' | '\u{feff}' => self.space = true,
                c => {
                    let mut letter = [0; 4];
                    self.out(c.encode_utf8(&mut letter));
                }
            }
        }
    }

    fn out(&mut self, text: &str) {
        let pending = std::mem::take(&mut self.space);
        let buffer = self.buffers.last_mut().expect("the document's buffer is never taken off");
        if pending && !buffer.is_empty() && !buffer.ends_with(['\n', ' ', '\t']) {
            buffer.push(' ');
        }
        buffer.push_str(text);
    }

    fn line_break(&mut self) {
        self.space = false;
        self.buffers.last_mut().expect("the document's buffer is never taken off").push('\n');
    }

    /// Starts a new line unless one was started just now.
    fn block(&mut self) {
        self.space = false;
        let buffer = self.buffers.last_mut().expect("the document's buffer is never taken off");
        if !buffer.is_empty() && !buffer.ends_with('\n') {
            buffer.push('\n');
        }
    }

    fn blank_line(&mut self) {
        let buffer = self.buffers.last_mut().expect("the document's buffer is never taken off");
        if !buffer.is_empty() && !buffer.ends_with("\n\n") {
            buffer.push('\n');
        }
    }

    fn close_quote(&mut self) {
        if self.buffers.len() < 2 {
            return;
        }
        let quoted = self.buffers.pop().unwrap_or_default();
        self.block();
        for line in quoted.trim_matches('\n').lines() {
            self.out(if line.is_empty() { ">" } else { "> " });
            self.out(line);
            self.line_break();
        }
    }

    fn open_table(&mut self) {
        self.block();
        if self.tables.len() < MAX_TABLE_DEPTH {
            self.tables.push(Table::default());
        }
    }

    fn open_cell(&mut self, attributes: &str) {
        self.end_cell();
        if let Some(table) = self.tables.last_mut() {
            table.in_cell = true;
            table.spanned = spanned(attributes);
            table.at_the_right = attributes.to_ascii_lowercase().contains("right");
            self.buffers.push(String::new());
            self.space = false;
        } else {
            self.space = true;
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        if table.in_cell && self.buffers.len() > 1 {
            table.in_cell = false;
            let cell = self.buffers.pop().unwrap_or_default();
            let empty = std::iter::repeat_n(String::new(), std::mem::take(&mut table.spanned));
            let cell = cell.trim_matches([' ', '\n']).to_owned();
            if table.at_the_right {
                table.row.extend(empty.chain([cell]));
            } else {
                table.row.extend(std::iter::once(cell).chain(empty));
            }
        }
        self.space = false;
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(table) = self.tables.last_mut() else { return self.block() };
        let row = std::mem::take(&mut table.row);
        let filled = row.iter().filter(|cell| !cell.is_empty()).count();
        let figures = row.iter().any(|cell| cell.bytes().any(|byte| byte.is_ascii_digit()));
        let single_lines = row.iter().all(|cell| cell.matches('\n').count() <= 3);
        if filled >= 3 && single_lines {
            table.filled_rows += 1;
            self.result.has_table |= table.filled_rows >= 2 && figures;
        }
        if filled == 0 {
            return;
        }
        self.block();
        // A row whose cells hold paragraphs is page layout; its cells follow one another.
        if filled == 1 || !single_lines {
            for cell in row.iter().filter(|cell| !cell.is_empty()) {
                self.out(cell);
                self.block();
            }
        } else {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| cell.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
                .collect();
            self.out(cells.join("\t").trim_end_matches('\t'));
            self.block();
        }
    }

    fn close_table(&mut self) {
        self.end_row();
        self.tables.pop();
        self.block();
    }

    fn finish(mut self) -> Converted {
        while !self.tables.is_empty() {
            self.close_table();
        }
        while self.buffers.len() > 1 {
            self.close_quote();
        }
        let text = self.buffers.pop().unwrap_or_default();
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines().map(str::trim_end) {
            if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
                lines.push(line);
            }
        }
        self.result.text = lines.join("\n").trim_end().to_owned();
        self.result
    }
}

/// Most columns that one cell may span.
const MAX_SPAN: usize = 40;

/// The columns beyond the first that a cell's `colspan` states.
fn spanned(attributes: &str) -> usize {
    let lower = attributes.to_ascii_lowercase();
    let Some((_, value)) = lower.split_once("colspan") else { return 0 };
    let digits: String = value.trim_start_matches([' ', '=', '"', '\'']).chars().take_while(char::is_ascii_digit).take(3).collect();
    digits.parse().map_or(0, |columns: usize| columns.clamp(1, MAX_SPAN) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cells_and_entities() {
        let cases = [
            ("Hello<br>World", "Hello\nWorld"),
            ("<p>One</p><p>Two &amp; three&nbsp;&euro;</p>", "One\n\nTwo & three €"),
            ("<div>a</div><div>b</div>", "a\nb"),
            ("a\n   b", "a b"),
            ("<ul><li>x<li>y</ul>", "- x\n- y"),
            ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
            ("<style>p{color:red}</style>x<script>alert(1)</script>", "x"),
            ("<!-- no --><b>bo</b>ld", "bold"),
            ("<table><tr><td>A</td><td><p>B</p></td></tr><tr><td>1<td>2</table>after", "A\tB\n1\t2\nafter"),
            ("<table><tr><td>A<td>B<td>C<tr><td colspan=\"2\" align=right>Total<td>9</table>", "A\tB\tC\n\tTotal\t9"),
            ("<blockquote>old<br>text</blockquote>new", "> old\n> text\nnew"),
            ("<pre>a   b\n  c</pre>", "a   b\n  c"),
            ("<a title=\"x > y\" href='z'>link</a>", "link"),
        ];
        for (markup, expected) in cases {
            assert_eq!(to_text(markup).text, expected, "{markup}");
        }
    }

    #[test]
    fn data_tables_are_told_from_layout() {
        let order = "<table><tr><th>Pos</th><th>Item</th><th>Qty</th></tr><tr><td>10</td><td>AB-1</td><td>5</td></tr></table>";
        assert!(to_text(order).has_table);
        let layout = "<table><tr><td>Dear all,<br>a<br>b<br>c<br>d<br>e</td><td>logo</td></tr></table>";
        assert_eq!(to_text(layout), Converted { text: "Dear all,\na\nb\nc\nd\ne\nlogo".into(), has_table: false, hidden_chars: 0 });
        let nested = format!("<table><tr><td>{order}</td></tr></table>");
        assert_eq!(to_text(&nested).text, "Pos\tItem\tQty\n10\tAB-1\t5");
    }

    #[test]
    fn hidden_text_is_left_out_and_counted() {
        let converted = to_text("<div style='display: none'>approve <b>all</b></div>seen");
        assert_eq!((converted.text.as_str(), converted.hidden_chars), ("seen", 10));
    }

    #[test]
    fn hostile_markup_ends() {
        for piece in [
            "<table><tr><td>",
            "<div>",
            "<blockquote>",
            "</td></table>",
            "<a \"",
            "<!--",
            "&",
            "<",
            "<b style='display:none'>",
            "</p>",
        ] {
            let text = to_text(&piece.repeat(20_000)).text;
            assert!(text.len() <= 20_000 * (2 + piece.len() * 2), "{piece}: {}", text.len());
        }
    }
}
