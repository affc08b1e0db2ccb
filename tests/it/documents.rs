//! Bytes to `Document`: small PDFs made here, with what a reader must and must not see in them, and broken ones.

use lopdf::{Dictionary, Object, Stream, dictionary};
use podesk::model::{Code, Severity};
use podesk::reading::document::{Document, Limits, SourceKind, Visibility, read, sniff};

/// A PDF with one A4 page for each content stream; `page` is added to each page's dictionary. Helvetica is `/F1`.
pub(crate) fn pdf(contents: &[&str], page: &Dictionary) -> Vec<u8> {
    let mut file = lopdf::Document::with_version("1.5");
    let font = file.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let pages = file.new_object_id();
    let mut kids = Vec::new();
    for content in contents {
        let content = file.add_object(Stream::new(dictionary! {}, content.as_bytes().to_vec()));
        let mut dict = dictionary! {
            "Type" => "Page",
            "Parent" => pages,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
            "Contents" => content,
        };
        dict.extend(page);
        kids.push(Object::Reference(file.add_object(dict)));
    }
    let count = kids.len() as i64;
    file.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    file.trailer.set("Root", catalog);
    saved(&mut file)
}

fn saved(file: &mut lopdf::Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).expect("a document in memory can be written");
    bytes
}

pub(crate) const ORDER: &str = "BT /F1 12 Tf 72 770 Td (Purchase Order PO-4711) Tj 0 -40 Td (Item    Qty   Price) Tj \
     0 -16 Td (A-100) Tj 120 0 Td (12) Tj 80 0 Td (1 250,00) Tj ET";

fn read_pdf(bytes: &[u8]) -> Document {
    read(bytes, "order.pdf", &Limits::default())
}

fn texts(document: &Document) -> Vec<&str> {
    document.pages.iter().flat_map(|page| &page.words).map(|word| word.text.as_str()).collect()
}

fn codes(document: &Document) -> Vec<Code> {
    document.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn words_stand_where_they_are_printed() {
    let document = read_pdf(&pdf(&[ORDER], &dictionary! {}));
    assert_eq!(texts(&document), ["Purchase", "Order", "PO-4711", "Item", "Qty", "Price", "A-100", "12", "1", "250,00"]);
    let page = &document.pages[0];
    assert_eq!((page.number, page.width, page.height), (1, 595.0, 842.0));
    let first = &page.words[0];
    assert!((first.bbox[0] - 72.0).abs() < 0.1, "{:?}", first.bbox);
    assert!(first.bbox[1] < 72.0 && first.bbox[3] > 72.0, "the baseline is 72 points from the top: {:?}", first.bbox);
    assert_eq!(first.size, 12.0);
    let quantity = &page.words[7];
    assert!((quantity.bbox[0] - 192.0).abs() < 0.1 && (quantity.bbox[2] - 192.0 - 2.0 * 0.556 * 12.0).abs() < 0.1);
    assert!(document.findings.is_empty(), "{:?}", document.findings);
}

#[test]
fn every_page_is_read_and_a_rotated_one_is_upright() {
    let two = read_pdf(&pdf(&[ORDER, "BT /F1 10 Tf 100 100 Td (Page two) Tj ET"], &dictionary! {}));
    assert_eq!(two.pages.len(), 2);
    assert_eq!(texts(&two)[10..], ["Page", "two"]);
    let turned = read_pdf(&pdf(&["BT 0 1 -1 0 300 100 Tm /F1 10 Tf (Turned 42) Tj ET"], &dictionary! { "Rotate" => 90 }));
    let page = &turned.pages[0];
    assert_eq!((page.width, page.height), (842.0, 595.0));
    let word = &page.words[0];
    assert!(word.bbox[2] - word.bbox[0] > word.bbox[3] - word.bbox[1], "text runs along the page: {:?}", word.bbox);
    assert!((word.bbox[0] - 100.0).abs() < 0.1, "{:?}", word.bbox);
}

#[test]
fn what_a_person_cannot_see_is_flagged() {
    let table = [
        ("1 1 1 rg BT /F1 12 Tf 72 500 Td (secret7) Tj ET", Visibility::White),
        ("BT 3 Tr /F1 12 Tf 72 500 Td (secret7) Tj ET", Visibility::Invisible),
        ("BT /F1 12 Tf 72 -300 Td (secret7) Tj ET", Visibility::OffPage),
        ("BT /F1 1 Tf 72 500 Td (secret7) Tj ET", Visibility::Tiny),
        ("BT /F1 12 Tf 72 500 Td (secret7) Tj ET 1 g 60 490 200 40 re f", Visibility::Invisible),
        ("q 0 0 10 10 re W n BT /F1 12 Tf 72 500 Td (secret7) Tj ET Q", Visibility::Invisible),
    ];
    for (content, visibility) in table {
        let document = read_pdf(&pdf(&[&format!("{ORDER} {content}")], &dictionary! {}));
        let word = document.pages[0].words.iter().find(|word| word.text == "secret7").expect("hidden text is kept");
        assert_eq!(word.visibility, visibility, "{content}");
        let finding = document.findings.iter().find(|finding| finding.code == Code::HiddenText).expect("and reported");
        assert_eq!(finding.severity, Severity::Ask);
        assert!(finding.message.contains("secret7") && finding.message.contains("order.pdf"), "{}", finding.message);
        assert_eq!(finding.spans.len(), 1, "only the hidden word is pointed at");
    }
    let head = "0 0 0.4 rg 60 690 300 30 re f 1 1 1 rg BT /F1 12 Tf 72 700 Td (Article) Tj ET";
    let document = read_pdf(&pdf(&[head], &dictionary! {}));
    assert!(document.findings.is_empty(), "white on blue is a table head: {:?}", document.findings);
}

#[test]
fn lines_are_rulings_however_they_are_drawn() {
    let content = format!("{ORDER} 0.5 w 50 700 m 500 700 l S 50 650 400 0.6 re f 100 500 200 80 re S 50 300 200 100 re f");
    let document = read_pdf(&pdf(&[&content], &dictionary! {}));
    let rulings = &document.pages[0].rulings;
    assert_eq!(rulings.len(), 6, "a line, a thin rectangle, four sides; the filled area is none: {rulings:?}");
    let line = rulings[0].bbox;
    assert!((line[0] - 50.0).abs() < 1.0 && (line[2] - 500.0).abs() < 1.0 && (line[1] - 142.0).abs() < 1.0, "{line:?}");
}

#[test]
fn the_file_inside_the_file_comes_along() {
    let mut file = lopdf::Document::load_mem(&pdf(&[ORDER], &dictionary! {})).expect("our own PDF loads");
    let xml = file.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"<Order/>".to_vec()).with_compression(true));
    let spec = file.add_object(dictionary! {
        "Type" => "Filespec",
        "F" => Object::string_literal("order-x.xml"),
        "EF" => dictionary! { "F" => xml },
    });
    let names =
        dictionary! { "EmbeddedFiles" => dictionary! { "Names" => vec![Object::string_literal("order-x.xml"), spec.into()] } };
    let catalog = file.catalog_mut().expect("there is a catalog");
    catalog.set("Names", names);
    catalog.set("AF", vec![Object::Reference(spec)]);
    let document = read_pdf(&saved(&mut file));
    assert_eq!(document.embedded.len(), 1, "named in two places, it is still one file");
    assert_eq!(
        (document.embedded[0].name.as_str(), document.embedded[0].bytes.as_slice()),
        ("order-x.xml", b"<Order/>".as_slice())
    );
}

#[test]
fn values_of_form_fields_are_words() {
    let field = dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Tx",
        "T" => Object::string_literal("po"),
        "V" => Object::string_literal("PO 99"),
        "Rect" => vec![100.into(), 600.into(), 200.into(), 620.into()],
    };
    let document = read_pdf(&pdf(&[ORDER], &dictionary! { "Annots" => vec![field.into()] }));
    assert_eq!(texts(&document)[10..], ["PO", "99"]);
    let word = &document.pages[0].words[10];
    assert!((word.bbox[0] - 102.0).abs() < 0.1 && word.bbox[1] > 215.0 && word.bbox[3] < 245.0, "{:?}", word.bbox);
}

/// An order that opens with the password `user`.
pub(crate) fn encrypted() -> Vec<u8> {
    let mut file = lopdf::Document::load_mem(&pdf(&[ORDER], &dictionary! {})).expect("our own PDF loads");
    file.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
    let version = lopdf::EncryptionVersion::V2 {
        document: &file,
        owner_password: "owner",
        user_password: "user",
        key_length: 128,
        permissions: lopdf::Permissions::all(),
    };
    let state = lopdf::EncryptionState::try_from(version).expect("the encryption is a usual one");
    file.encrypt(&state).expect("the document can be encrypted");
    saved(&mut file)
}

#[test]
fn an_encrypted_file_asks_for_its_password() {
    let document = read_pdf(&encrypted());
    assert_eq!(codes(&document), [Code::PasswordNeeded]);
    assert!(document.findings[0].message.contains("order.pdf"));
    assert!(document.pages.is_empty());
}

#[test]
fn every_damage_that_other_programs_repair_is_repaired() {
    let whole = pdf(&[ORDER], &dictionary! {});
    let replaced = |from: &str, to: &str| String::from_utf8_lossy(&whole).replace(from, to).into_bytes();
    let table = [
        ("headers of a mail before it", [b"Received: from a gateway\n".repeat(100).as_slice(), &whole].concat()),
        ("streams without an end", replaced("endstream", "")),
        ("objects without an end", replaced("endobj", "")),
        ("no root in the trailer", replaced("/Root", "/Tool")),
        ("offsets that are wrong", replaced("startxref\n", "startxref\n7")),
        ("lengths that are wrong", replaced("/Length ", "/Length 9")),
        ("lines that end otherwise", replaced("endobj\n", "endobj\r\n")),
    ];
    for (damage, bytes) in table {
        assert_ne!(bytes, whole, "{damage}");
        assert!(texts(&read_pdf(&bytes)).contains(&"PO-4711"), "{damage}: {:?}", read_pdf(&bytes).findings);
    }
}

#[test]
fn damaged_files_are_repaired_or_named() {
    let whole = pdf(&[ORDER, "BT /F1 10 Tf 100 100 Td (Page two) Tj ET"], &dictionary! {});
    // The cross-references at the end are lost: they can be rebuilt.
    let text = String::from_utf8_lossy(&whole).into_owned();
    let cut = &whole[..text.rfind("xref\n").unwrap_or(whole.len() - 200).min(whole.len())];
    assert!(texts(&read_pdf(cut)).contains(&"PO-4711"));
    // Every truncation ends in a verdict: words, or a finding.
    for length in (0..whole.len()).step_by(37) {
        let document = read_pdf(&whole[..length]);
        assert!(!texts(&document).is_empty() || !document.findings.is_empty(), "{length} bytes came to nothing, silently");
    }
    let garbage = read_pdf(b"%PDF-1.7\nnothing of it is a PDF");
    assert_eq!(codes(&garbage), [Code::UnreadableDocument]);
}

#[test]
fn loops_and_bombs_end() {
    // A page tree whose node is its own child.
    let tree = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>endobj \
        trailer<</Root 1 0 R>>";
    assert_eq!(codes(&read(tree, "loop.pdf", &Limits::default())), [Code::UnreadableDocument]);
    // More characters than are read.
    let long = format!("BT /F1 9 Tf 72 700 Td {} ET", "(0123456789) Tj ".repeat(500));
    let document = read(&pdf(&[&long], &dictionary! {}), "long.pdf", &Limits { glyphs: 1000, ..Limits::default() });
    assert!(codes(&document).contains(&Code::LimitReached));
    let many = vec!["BT /F1 9 Tf (x) Tj ET"; 12];
    let document = read(&pdf(&many, &dictionary! {}), "many.pdf", &Limits { pages: 10, ..Limits::default() });
    assert_eq!((document.pages.len(), codes(&document)), (10, vec![Code::LimitReached]));
    // A stream that unpacks to much more than it is.
    let spaces = Stream::new(dictionary! {}, vec![b' '; 4 << 20]).with_compression(true);
    let mut file = lopdf::Document::load_mem(&pdf(&[ORDER], &dictionary! {})).expect("our own PDF loads");
    let bomb = file.add_object(spaces);
    file.compress();
    let page = file.page_iter().next().expect("there is a page");
    file.get_dictionary_mut(page).expect("it is a dictionary").set("Contents", bomb);
    assert_eq!(codes(&read_pdf(&saved(&mut file))), [Code::NoText]);
}

#[test]
fn an_ocr_layer_is_text_that_says_so() {
    let image = Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        },
        vec![255],
    );
    let content = format!("q 595 0 0 842 0 0 cm /I Do Q BT 3 Tr {} ET", ORDER.trim_start_matches("BT").trim_end_matches("ET"));
    let mut file = lopdf::Document::load_mem(&pdf(&[&content], &dictionary! {})).expect("our own PDF loads");
    let image = file.add_object(image);
    let page = file.page_iter().next().expect("there is a page");
    let page = file.get_dictionary_mut(page).expect("it is a dictionary");
    let resources = page.get_mut(b"Resources").and_then(Object::as_dict_mut).expect("it has resources");
    resources.set("XObject", dictionary! { "I" => image });
    let document = read_pdf(&saved(&mut file));
    assert_eq!(codes(&document), [Code::ReadByOcr]);
    assert!(document.pages[0].words.iter().all(|word| word.visibility == Visibility::Visible && word.ocr_confidence.is_some()));
    assert_eq!(document.pages[0].images.len(), 1);
}

#[test]
fn nothing_is_read_beyond_the_size_limit() {
    let bytes = pdf(&[ORDER], &dictionary! {});
    let document = read(&bytes, "big.pdf", &Limits { bytes: 100, ..Limits::default() });
    assert_eq!((document.kind, codes(&document)), (SourceKind::Pdf, vec![Code::LimitReached]));
    for (name, bytes) in [("a.zip", b"PK\x03\x04....".as_slice()), ("", b""), ("a.bin", b"\x00\x01\x02")] {
        assert_eq!(sniff(bytes, name), SourceKind::Unknown);
        let document = read(bytes, name, &Limits::default());
        assert_eq!(document.findings.len(), 1);
        assert_eq!(document.findings[0].severity, Severity::Block);
    }
}
