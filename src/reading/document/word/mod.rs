//! Word processor documents (DOCX, ODT, RTF) on the grid: their paragraphs and tables become HTML, which `html` lays out.

mod flow;
mod lists;
mod opendocument;
mod tree;
mod wordml;

use super::package::{Package, Trouble};
use super::{Document, Limits, SourceKind, html, named, refused, text};
use crate::intake::mime::outlook::rtf;
use crate::model::{Code, Finding, Severity};
use tree::Element;

/// Reads a DOCX, ODT or RTF; one page.
pub(super) fn read(bytes: &[u8], name: &str, limits: &Limits) -> Document {
    if rtf::is_rtf(bytes) {
        return html::laid_out(SourceKind::Word, &rtf::to_html(bytes), name, limits);
    }
    let mut parts = match Parts::open(bytes, limits) {
        Ok(parts) => parts,
        Err(trouble) => return unreadable(&trouble, name, limits),
    };
    let is_open_document = parts.names().iter().any(|part| part == "content.xml");
    let html = if is_open_document { opendocument::html(&mut parts) } else { wordml::html(&mut parts) };
    let Some(html) = html else {
        let trouble = parts.trouble.unwrap_or(Trouble::Damaged("its text is missing".into()));
        return unreadable(&trouble, name, limits);
    };
    let mut document = html::laid_out(SourceKind::Word, &html, name, limits);
    if let Some(trouble) = &parts.trouble {
        document.findings.push(partly(trouble, name, limits));
    }
    if parts.changes {
        let message = format!(
            "{} holds tracked changes that nobody has accepted; what they delete was left out, what they add was read",
            named(name)
        );
        document.findings.push(Finding::new(Code::HiddenText, Severity::Ask, "", message));
    }
    document
}

/// The package's parts as trees, and what was wrong with them.
struct Parts<'b> {
    package: Package<'b>,
    /// The first thing that kept a part from being read whole.
    trouble: Option<Trouble>,
    /// There are tracked changes.
    changes: bool,
}

impl<'b> Parts<'b> {
    fn open(bytes: &'b [u8], limits: &Limits) -> Result<Self, Trouble> {
        Ok(Self { package: Package::open(bytes, limits.unpacked_bytes)?, trouble: None, changes: false })
    }

    fn names(&self) -> Vec<String> {
        self.package.names()
    }

    /// `None` where there is no such part or nothing of it can be read.
    fn tree(&mut self, part: &str) -> Option<Element> {
        let bytes = match self.package.part(part) {
            Ok(bytes) => bytes,
            Err(Trouble::Missing) => return None,
            Err(trouble) => {
                self.trouble.get_or_insert(trouble);
                return None;
            }
        };
        let (root, whole) = tree::parse(&text::decoded(&bytes))?;
        if !whole {
            self.trouble.get_or_insert(Trouble::Damaged(format!("the XML of its part {part} breaks off or is nested too deep")));
        }
        Some(root)
    }
}

fn unreadable(trouble: &Trouble, name: &str, limits: &Limits) -> Document {
    let file = named(name);
    let (code, severity, why) = match trouble {
        Trouble::Encrypted => (Code::PasswordNeeded, Severity::Block, format!("{file} is encrypted and needs a password")),
        Trouble::TooLarge => (Code::LimitReached, Severity::Ask, too_large(&file, limits)),
        Trouble::Missing => {
            (Code::UnreadableDocument, Severity::Block, format!("{file} is a damaged word processor document: its text is missing"))
        }
        Trouble::Damaged(why) => {
            (Code::UnreadableDocument, Severity::Block, format!("{file} is a damaged word processor document: {why}"))
        }
    };
    refused(SourceKind::Word, code, severity, why)
}

/// What could not be read of a document that was read otherwise.
fn partly(trouble: &Trouble, name: &str, limits: &Limits) -> Finding {
    let file = named(name);
    let (code, why) = match trouble {
        Trouble::Encrypted => (Code::PasswordNeeded, format!("a part of {file} is encrypted and was not read")),
        Trouble::TooLarge => (Code::LimitReached, too_large(&file, limits)),
        Trouble::Missing => (Code::UnreadableDocument, format!("a part of {file} is missing")),
        Trouble::Damaged(why) => (Code::UnreadableDocument, format!("{file} is damaged, and not all of it was read: {why}")),
    };
    Finding::new(code, Severity::Ask, "", why)
}

fn too_large(file: &str, limits: &Limits) -> String {
    format!("{file} unpacks to more than {} bytes, which is the limit", limits.unpacked_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::Visibility;
    use std::io::{Cursor, Write};

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            let method = if *name == "mimetype" { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
            zip.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method))
                .expect("a part can be added");
            zip.write_all(text.as_bytes()).expect("memory can be written to");
        }
        zip.finish().expect("the package is complete").into_inner()
    }

    fn docx(body: &str, others: &[(&str, &str)]) -> Document {
        let main = format!("<w:document><w:body>{body}</w:body></w:document>");
        let parts: Vec<(&str, &str)> = others.iter().copied().chain([("word/document.xml", main.as_str())]).collect();
        read(&package(&parts), "a.docx", &Limits::default())
    }

    #[test]
    fn word_prints_what_a_reader_sees() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let paragraph = |inside: &str| format!("<w:p><w:r>{inside}</w:r></w:p>");
        let table = [
            (paragraph("<w:t>Order</w:t><w:br/><w:t>4711 &amp; 12</w:t>"), "Order\n4711 & 12\n"),
            (
                paragraph("<w:t>No.</w:t><w:tab/><w:t>4711</w:t>") + &paragraph("<w:t>Customer</w:t><w:tab/><w:t>K-1</w:t>"),
                "No.        4711\nCustomer   K-1\n",
            ),
            (
                format!(
                    "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
                    cell("Item"),
                    cell("Qty"),
                    cell("Long bolt"),
                    cell("3")
                ),
                "Item        Qty\nLong bolt   3\n",
            ),
            (
                "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc>\
                 <w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>\
                 <w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>\
                 <w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>"
                    .to_owned(),
                "wide    x\na   b\n",
            ),
            (
                // A text box is drawn twice, for new and for old programs.
                "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>\
                 </mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Fallback>\
                 </mc:AlternateContent><w:t>beside</w:t></w:r></w:p>"
                    .to_owned(),
                "beside\nboxed\n",
            ),
            (paragraph("<w:instrText>PAGE</w:instrText><w:t>1</w:t>"), "1\n"),
        ];
        for (body, text) in table {
            let document = docx(&body, &[]);
            assert_eq!(document.text, text, "{body}");
            assert!(document.findings.is_empty(), "{body}: {:?}", document.findings);
        }
    }

    #[test]
    fn headers_numbers_and_styles_come_from_other_parts() {
        let listed =
            "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='7'/></w:numPr></w:pPr><w:r><w:t>bolts</w:t></w:r></w:p>";
        let numbering = "<w:numbering><w:abstractNum w:abstractNumId='1'><w:lvl w:ilvl='0'><w:start w:val='1'/>\
                         <w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/></w:lvl></w:abstractNum>\
                         <w:num w:numId='7'><w:abstractNumId w:val='1'/></w:num></w:numbering>";
        let header = "<w:hdr><w:p><w:r><w:t>Kappel GmbH</w:t></w:r></w:p></w:hdr>";
        let styles = "<w:styles><w:style w:styleId='Base'><w:rPr><w:vanish/></w:rPr></w:style>\
                      <w:style w:styleId='Note'><w:basedOn w:val='Base'/></w:style></w:styles>";
        let hidden = "<w:p><w:r><w:rPr><w:rStyle w:val='Note'/></w:rPr><w:t>secret</w:t></w:r></w:p>";
        let document = docx(
            &format!("{listed}{listed}{hidden}"),
            &[
                ("word/numbering.xml", numbering),
                ("word/header1.xml", header),
                ("word/header2.xml", header),
                ("word/styles.xml", styles),
            ],
        );
        assert_eq!(document.text.lines().map(str::trim).collect::<Vec<_>>(), ["Kappel GmbH", "1. bolts", "2. bolts", ""]);
        let secret = document.pages[0].words.iter().find(|word| word.text == "secret").expect("hidden words are kept");
        assert_eq!(secret.visibility, Visibility::Invisible);
        assert_eq!(document.findings[0].code, Code::HiddenText);
    }

    #[test]
    fn deleted_text_is_left_out_and_said() {
        let body = "<w:p><w:r><w:t>12</w:t></w:r><w:del><w:r><w:delText>50</w:delText></w:r></w:del>\
                    <w:ins><w:r><w:t> pcs</w:t></w:r></w:ins></w:p>";
        let document = docx(body, &[]);
        assert_eq!(document.text, "12 pcs\n");
        assert!(document.findings.iter().any(|finding| finding.message.contains("tracked changes")));
    }

    #[test]
    fn an_odt_reads_like_a_docx() {
        let content = "<office:document-content><office:automatic-styles><style:style style:name='T1'>\
             <style:text-properties text:display='none'/></style:style></office:automatic-styles><office:body><office:text>\
             <text:p>Order<text:s text:c='3'/>4711</text:p><table:table><table:table-row>\
             <table:table-cell table:number-columns-spanned='2'><text:p>wide</text:p></table:table-cell><table:covered-table-cell/>\
             <table:table-cell><text:p>x</text:p></table:table-cell></table:table-row><table:table-row>\
             <table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell>\
             </table:table-row></table:table><text:p><text:span text:style-name='T1'>secret</text:span>end</text:p>\
             </office:text></office:body></office:document-content>";
        let bytes = package(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", content)]);
        let document = crate::reading::document::read(&bytes, "a.odt", &Limits::default());
        assert_eq!(document.kind, SourceKind::Word);
        assert_eq!(document.text, "Order   4711\nwide    x\na   b\nend\n");
        assert_eq!(document.findings[0].code, Code::HiddenText);
    }

    #[test]
    fn rich_text_lies_in_columns() {
        let rtf = b"{\\rtf1\\ansi Order 4711\\par\\trowd\\intbl Item\\cell Qty\\cell\\row\\intbl Bolt M8\\cell 3\\cell\\row\\pard\\v secret\\v0\\par}";
        let document = crate::reading::document::read(rtf, "a.doc", &Limits::default());
        assert_eq!(document.kind, SourceKind::Word);
        assert_eq!(document.text, "Order 4711\nItem      Qty\nBolt M8   3\n\n");
        assert_eq!(document.findings[0].code, Code::HiddenText);
    }

    #[test]
    fn bombs_and_damage_are_named() {
        let huge = format!("<w:document><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>", "x".repeat(100_000));
        let small = Limits { unpacked_bytes: 10_000, ..Limits::default() };
        let table = [
            (package(&[("word/document.xml", huge.as_str())]), Code::LimitReached),
            (package(&[("word/other.xml", "<a/>")]), Code::UnreadableDocument),
            (package(&[("word/document.xml", "no xml")]), Code::UnreadableDocument),
            (package(&[("word/document.xml", &"<w:p>".repeat(1_000))]), Code::UnreadableDocument),
            (b"PK\x03\x04 word/document.xml".to_vec(), Code::UnreadableDocument),
        ];
        for (bytes, code) in table {
            let document = read(&bytes, "order.docx", &small);
            let finding = document.findings.iter().find(|finding| finding.code == code);
            assert!(finding.is_some_and(|finding| finding.message.contains("`order.docx`")), "{:?}", document.findings);
        }
        let whole =
            package(&[("word/document.xml", "<w:document><w:body><w:p><w:r><w:t>A</w:t></w:r></w:p></w:body></w:document>")]);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x55;
            read(&flipped, "a.docx", &small);
            read(&whole[..at], "a.docx", &small);
        }
    }
}
