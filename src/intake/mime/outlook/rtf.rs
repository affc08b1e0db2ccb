//! Text out of rich text (RTF), and out of the packed form in which Outlook keeps it (\[MS-OXRTFCP\]).
//!
//! Rich text that Outlook made from HTML (\[MS-OXRTFEX\]) gives the HTML back; all other gives HTML of paragraphs and tables.

/// Groups in groups.
const MAX_DEPTH: usize = 300;
/// Rich text unpacked beyond this is cut. Bytes.
const MAX_BYTES: usize = 8 << 20;

/// What the packer assumes to be known already.
const KNOWN: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS \
Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Unpacks; `None` where it is no packed rich text.
pub(in super::super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let most = usize::try_from(super::compound::u32_at(bytes, 4)?).ok()?.min(MAX_BYTES);
    let packed = bytes.get(16..)?;
    match bytes.get(8..12)? {
        b"MELA" => Some(packed[..packed.len().min(most)].to_vec()),
        b"LZFu" => Some(expanded(packed, most)),
        _ => None,
    }
}

fn expanded(packed: &[u8], most: usize) -> Vec<u8> {
    let mut ring = [b' '; 4096];
    ring[..KNOWN.len()].copy_from_slice(KNOWN);
    let mut write = KNOWN.len();
    let mut text = Vec::new();
    let mut input = packed.iter().copied();
    while let Some(flags) = input.next() {
        for bit in 0..8 {
            if text.len() >= most {
                return text;
            }
            let Some(first) = input.next() else { return text };
            if flags >> bit & 1 == 0 {
                text.push(first);
                ring[write] = first;
                write = (write + 1) % 4096;
                continue;
            }
            let Some(second) = input.next() else { return text };
            let from = usize::from(first) << 4 | usize::from(second) >> 4;
            if from == write {
                return text;
            }
            for step in 0..usize::from(second & 15) + 2 {
                let byte = ring[(from + step) % 4096];
                text.push(byte);
                ring[write] = byte;
                write = (write + 1) % 4096;
            }
        }
    }
    text
}

/// Whether these bytes are rich text.
pub(crate) fn is_rtf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\\rtf")
}

/// Rich text as HTML.
pub(crate) fn to_html(rtf: &[u8]) -> String {
    let rtf = &rtf[..rtf.len().min(MAX_BYTES)];
    let from_html = rtf[..rtf.len().min(2_000)].windows(9).any(|window| window == b"\\fromhtml");
    let mut reader = Reader {
        from_html,
        codepage: encoding_rs::WINDOWS_1252,
        narrow: Vec::new(),
        page: Page::default(),
        groups: vec![Group { unicode_skip: 1, ..Group::default() }],
        skip: 0,
        surrogate: None,
    };
    reader.read(rtf);
    reader.finish()
}

/// What a group hands down to the groups in it.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// A destination that prints nothing: fonts, colours, pictures.
    silent: bool,
    /// In HTML: a tag, which is printed although its destination is unknown to others.
    tag: bool,
    /// In HTML: what only readers of rich text shall see.
    rtf_only: bool,
    hidden: bool,
    bold: bool,
    in_table: bool,
    /// Characters that stand for a Unicode character and are to be passed over.
    unicode_skip: usize,
}

struct Reader {
    from_html: bool,
    codepage: &'static encoding_rs::Encoding,
    /// Bytes of the code page that are not decoded yet.
    narrow: Vec<u8>,
    page: Page,
    groups: Vec<Group>,
    /// Characters still to be passed over.
    skip: usize,
    /// The first half of a character outside of the basic plane.
    surrogate: Option<u16>,
}

impl Reader {
    fn read(&mut self, rtf: &[u8]) {
        let mut at = 0;
        while let Some(&byte) = rtf.get(at) {
            at += 1;
            match byte {
                b'{' => {
                    self.flush();
                    if self.groups.len() >= MAX_DEPTH {
                        return;
                    }
                    self.groups.push(self.group());
                }
                b'}' => {
                    self.flush();
                    if self.groups.len() > 1 {
                        self.groups.pop();
                    }
                }
                b'\\' => at = self.control(rtf, at),
                b'\r' | b'\n' => {}
                byte => self.byte(byte),
            }
        }
        self.flush();
    }

    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or_default()
    }

    fn change(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    /// A control word or symbol that starts at `at`, after its backslash; where it ends.
    fn control(&mut self, rtf: &[u8], at: usize) -> usize {
        let rest = &rtf[at..];
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return at + self.symbol(rest);
        }
        let word = String::from_utf8_lossy(&rest[..letters.min(32)]).into_owned();
        let minus = usize::from(rest.get(letters) == Some(&b'-'));
        let digits = rest[letters + minus..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[letters..letters + minus + digits]).ok().and_then(|text| text.parse::<i64>().ok());
        let number = if digits > 0 { number } else { None };
        let end = letters + if digits > 0 { minus + digits } else { 0 };
        let space = usize::from(rest.get(end) == Some(&b' '));
        if word == "bin" {
            return (at + end + space).saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0));
        }
        self.word(&word, number);
        at + end + space
    }

    /// How many bytes the symbol takes.
    fn symbol(&mut self, rest: &[u8]) -> usize {
        match rest.first() {
            Some(b'\'') => {
                let byte =
                    rest.get(1..3).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
                if let Some(byte) = byte {
                    self.byte(byte);
                }
                rest.len().min(3)
            }
            Some(b'*') => {
                self.flush();
                let html_tag = self.from_html && rest[1..].starts_with(b"\\htmltag");
                self.change(|group| (group.tag, group.silent) = (html_tag, group.silent || !html_tag));
                1
            }
            Some(b'~') => {
                self.character(' ');
                1
            }
            Some(b'_') => {
                self.character('-');
                1
            }
            Some(byte @ (b'\\' | b'{' | b'}')) => {
                self.byte(*byte);
                1
            }
            Some(b'\r' | b'\n') => {
                self.word("par", None);
                1
            }
            Some(_) => 1,
            None => 0,
        }
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        if word == "u" {
            return self.unicode(number.unwrap_or(0));
        }
        self.flush();
        self.skip = 0;
        let on = number != Some(0);
        match word {
            "fonttbl" | "colortbl" | "stylesheet" | "info" | "pict" | "object" | "listtable" | "listoverridetable"
            | "themedata" | "fldinst" | "revtbl" | "filetbl" | "xmlnstbl" | "deleted" => self.change(|group| group.silent |= on),
            "ansicpg" => {
                let label = format!("windows-{}", number.unwrap_or(1252));
                self.codepage = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(self.codepage);
            }
            "uc" => self.change(|group| group.unicode_skip = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(8)),
            "htmlrtf" => self.change(|group| group.rtf_only = on),
            "v" => self.change(|group| group.hidden = on),
            "b" => self.change(|group| group.bold = on),
            "plain" => self.change(|group| (group.hidden, group.bold) = (false, false)),
            "pard" => self.change(|group| group.in_table = false),
            "intbl" => self.change(|group| group.in_table = true),
            "par" | "sect" | "page" => self.layout(Layout::Paragraph),
            "line" => self.layout(Layout::Line),
            "tab" => self.layout(Layout::Tab),
            "cell" | "nestcell" => self.layout(Layout::Cell),
            "row" | "nestrow" => self.layout(Layout::Row),
            "emdash" | "endash" => self.character('-'),
            "lquote" | "rquote" => self.character('\''),
            "ldblquote" | "rdblquote" => self.character('"'),
            "bullet" => self.character('-'),
            _unknown => {}
        }
    }

    fn unicode(&mut self, number: i64) {
        self.flush();
        // Negative where the writer took it for a signed number.
        let unit = (number & 0xffff) as u16;
        self.skip = 0;
        let first = self.surrogate.take();
        match (first, unit) {
            (None, 0xd800..=0xdbff) => self.surrogate = Some(unit),
            (Some(first), 0xdc00..=0xdfff) => {
                let c = char::decode_utf16([first, unit]).next().and_then(Result::ok);
                self.character(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (_, unit) => self.character(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
        self.skip = self.group().unicode_skip;
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.narrow.push(byte);
        }
    }

    fn character(&mut self, c: char) {
        self.flush();
        self.print(c.encode_utf8(&mut [0; 4]));
    }

    /// Prints the bytes that wait.
    fn flush(&mut self) {
        if !self.narrow.is_empty() {
            let bytes = std::mem::take(&mut self.narrow);
            let text = self.codepage.decode_without_bom_handling(&bytes).0;
            self.print(&text);
        }
    }

    fn print(&mut self, text: &str) {
        let group = self.group();
        if group.silent || (self.from_html && group.rtf_only) {
            return;
        }
        if self.from_html {
            if group.tag { self.page.raw(text) } else { self.page.escaped(text) }
        } else {
            self.page.text(text, group);
        }
    }

    fn layout(&mut self, layout: Layout) {
        let group = self.group();
        if group.silent || (self.from_html && group.rtf_only) {
            return;
        }
        if self.from_html {
            self.page.raw(if layout == Layout::Tab { "\t" } else { "\r\n" });
        } else {
            self.page.layout(layout, group.in_table);
        }
    }

    fn finish(mut self) -> String {
        if !self.from_html {
            self.page.end();
        }
        self.page.html
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Paragraph,
    Line,
    Tab,
    Cell,
    Row,
}

/// HTML under construction.
#[derive(Default)]
struct Page {
    html: String,
    /// The paragraph or cell that is open, cut at its tabs.
    open: Vec<String>,
    /// Finished cells of the open row.
    cells: Vec<String>,
    in_table: bool,
}

impl Page {
    fn raw(&mut self, text: &str) {
        self.html.push_str(text);
    }

    fn escaped(&mut self, text: &str) {
        escape(text, &mut self.html);
    }

    fn text(&mut self, text: &str, group: Group) {
        if self.open.is_empty() {
            self.open.push(String::new());
        }
        let part = self.open.last_mut().expect("one was pushed just now");
        let (before, behind) = match (group.hidden, group.bold) {
            (true, _) => ("<span style=\"display:none\">", "</span>"),
            (false, true) => ("<b>", "</b>"),
            (false, false) => ("", ""),
        };
        part.push_str(before);
        escape(text, part);
        part.push_str(behind);
    }

    fn layout(&mut self, layout: Layout, in_table: bool) {
        match layout {
            Layout::Tab => {
                let missing = if self.open.is_empty() { 2 } else { 1 };
                self.open.extend(std::iter::repeat_n(String::new(), missing));
            }
            Layout::Line => self.text_line(),
            Layout::Paragraph if in_table => self.text_line(),
            Layout::Paragraph => {
                self.end_table();
                let parts = std::mem::take(&mut self.open);
                if parts.len() > 1 {
                    self.html.push_str(&format!("<table><tr><td>{}</td></tr></table>", parts.join("</td><td>")));
                } else {
                    let text = parts.concat();
                    self.html.push_str(&format!("<div>{}</div>", if text.is_empty() { "&nbsp;" } else { &text }));
                }
            }
            Layout::Cell => {
                let cell = std::mem::take(&mut self.open).join(" ");
                self.cells.push(cell);
            }
            Layout::Row => {
                if !self.in_table {
                    self.html.push_str("<table>");
                    self.in_table = true;
                }
                let cells = std::mem::take(&mut self.cells);
                self.html.push_str(&format!("<tr><td>{}</td></tr>", cells.join("</td><td>")));
            }
        }
    }

    fn text_line(&mut self) {
        match self.open.last_mut() {
            Some(part) => part.push_str("<br>"),
            None => self.open.push("<br>".into()),
        }
    }

    fn end_table(&mut self) {
        if std::mem::take(&mut self.in_table) {
            self.html.push_str("</table>");
        }
    }

    fn end(&mut self) {
        if !self.cells.is_empty() {
            self.layout(Layout::Row, true);
        }
        self.end_table();
        if !self.open.is_empty() {
            self.layout(Layout::Paragraph, false);
        }
    }
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_becomes_html() {
        let table: [(&[u8], &str); 7] = [
            (b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Order \\b 4711\\b0\\par Thanks\\par}", "<div>Order <b>4711</b></div><div>Thanks</div>"),
            (b"{\\rtf1\\ansi\\ansicpg1250 Sklep \\'9aroub\\par}", "<div>Sklep \u{161}roub</div>"),
            (b"{\\rtf1\\ansi\\uc1 10 \\u8364?\\par}", "<div>10 \u{20ac}</div>"),
            (b"{\\rtf1 a & <b>\\{\\par}", "<div>a &amp; &lt;b&gt;{</div>"),
            (
                b"{\\rtf1\\trowd\\intbl Item\\cell Qty\\cell\\row\\intbl A-1\\cell 3\\cell\\row\\pard Bye\\par}",
                "<table><tr><td>Item</td><td>Qty</td></tr><tr><td>A-1</td><td>3</td></tr></table><div>Bye</div>",
            ),
            (b"{\\rtf1 No.\\tab 7{\\*\\generator X;}{\\v secret}\\par}",
                "<table><tr><td>No.</td><td>7<span style=\"display:none\">secret</span></td></tr></table>"),
            (
                b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\f1\\htmlrtf0 A &amp b\\htmlrtf }\\htmlrtf0{\\*\\htmltag72 </p>}}",
                "<p>A &amp;amp b</p>",
            ),
        ];
        for (rtf, html) in table {
            assert_eq!(to_html(rtf), html, "{}", String::from_utf8_lossy(rtf));
        }
    }

    #[test]
    fn packed_rich_text_is_unpacked() {
        // The example of MS-OXRTFCP 4.1.1.
        let packed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, b'L', b'Z', b'F', b'u', 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70,
            0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c,
            0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(unpacked(&packed).expect("it is packed"), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        for end in 0..packed.len() {
            unpacked(&packed[..end]);
        }
    }

    #[test]
    fn broken_rich_text_is_survived() {
        for rtf in [
            "{\\rtf1 {{{{",
            "{\\rtf1 }}}}x",
            "{\\rtf1 \\'",
            "{\\rtf1 \\bin99999999999999 x",
            "{\\rtf1 \\u-99999999999 ?",
            "{\\rtf1 \\",
        ] {
            to_html(rtf.as_bytes());
        }
        to_html("{".repeat(100_000).as_bytes());
    }
}
