//! The confined document worker through the real program: what it reads, how it ends, what it may not do, and OCR.

use crate::documents::{ORDER, encrypted, pdf};
use lopdf::dictionary;
use podesk::model::Code;
use podesk::reading::confined::{ChildLimits, OcrSettings, Parser, ParserSettings};
use podesk::reading::document::{Limits, SourceKind, Visibility};
use std::io::Write;
use std::process::{Command, Stdio};

const PODESK: &str = env!("CARGO_BIN_EXE_podesk");

fn parser(child: ChildLimits) -> Parser {
    let ocr = OcrSettings { enabled: false, ..OcrSettings::default() };
    Parser::new(ParserSettings { worker: PODESK.into(), limits: Limits::default(), child, ocr, ..ParserSettings::default() })
}

/// Runs the worker by hand with a task in the protocol's JSON; returns its answer's body.
fn ask(task: &str) -> String {
    let header = format!(
        r#"{{"task":{task},"name":"x","rlimits":{{"memory_bytes":536870912,"cpu_seconds":5,"documents":1}},"ticket":7,"bytes":0}}"#
    );
    let mut child = Command::new(PODESK)
        .arg("document-worker")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    stdin.write_all(&(header.len() as u32).to_le_bytes()).expect("the worker reads");
    stdin.write_all(header.as_bytes()).expect("the worker reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the worker ends");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout[17..]).into_owned()
}

#[tokio::test]
async fn a_good_document_gives_the_same_words_as_in_process() {
    let bytes = pdf(&[ORDER, ORDER], &dictionary! {});
    let confined = parser(ChildLimits::default()).document(&bytes, "order.pdf").await;
    assert_eq!(confined, podesk::reading::document::read(&bytes, "order.pdf", &Limits::default()));
    assert_eq!(confined.pages.len(), 2);
}

#[tokio::test]
async fn a_password_from_the_settings_opens_a_document() {
    let with = |passwords: &[&str]| {
        let pdf_passwords = passwords.iter().map(|word| (*word).to_owned()).collect();
        Parser::new(ParserSettings { worker: PODESK.into(), pdf_passwords, ..ParserSettings::default() })
    };
    let bytes = encrypted();
    let opened = with(&["wrong", "user"]);
    let document = opened.document(&bytes, "order.pdf").await;
    assert!(document.pages[0].words.iter().any(|word| word.text == "PO-4711"), "{:?}", document.findings);
    assert!(opened.page_image(&bytes, "order.pdf", 1, 72).await.is_ok());
    let closed = with(&["wrong"]).document(&bytes, "order.pdf").await;
    assert_eq!(closed.findings[0].code, Code::PasswordNeeded);
}

#[tokio::test]
async fn page_images_are_png_of_the_size_asked_for() {
    let parser = parser(ChildLimits::default());
    let bytes = pdf(&[ORDER], &dictionary! {});
    let png = parser.page_image(&bytes, "order.pdf", 1, 144).await.expect("the page is drawn");
    let image = image::load_from_memory(&png).expect("it is an image");
    assert_eq!((image.width(), image.height()), (1190, 1684));
    let dark = image.to_luma8().pixels().filter(|pixel| pixel.0[0] < 100).count();
    assert!(dark > 500, "the text is drawn: {dark} dark pixels");
    assert!(parser.page_image(&bytes, "order.pdf", 2, 144).await.is_err());
    assert!(parser.page_image(b"hello", "order.txt", 1, 144).await.is_err());
}

#[tokio::test]
async fn every_bomb_has_a_verdict_and_the_parent_lives() {
    let limits = ChildLimits { memory_mib: 256, cpu_seconds: 1, wall_seconds: 20, ..ChildLimits::default() };
    let parser = parser(limits);
    let operators = |before: &str, unit: &str, times: usize, after: &str| {
        let mut file = lopdf::Document::load_mem(&pdf(&[ORDER], &dictionary! {})).expect("our own PDF loads");
        let packed = repeated(before, unit, times, after);
        let bomb = file.add_object(lopdf::Stream::new(dictionary! { "Filter" => "FlateDecode" }, packed));
        let page = file.page_iter().next().expect("there is a page");
        file.get_dictionary_mut(page).expect("it is a dictionary").set("Contents", bomb);
        let mut bytes = Vec::new();
        file.save_to(&mut bytes).expect("a document in memory can be written");
        bytes
    };
    let deep = [b"%PDF-1.4\n1 0 obj ".as_slice(), &b"[".repeat(1_000_000)].concat();
    let html = "<div>".repeat(200_000);
    let bombs: Vec<(&str, Vec<u8>)> = vec![
        ("spaces.pdf", operators("", " ", 1 << 30, "")),
        ("states.pdf", operators("", "q ", 5_000_000, "")),
        ("laughs.pdf", laughs(12)),
        ("itself.pdf", draws_itself()),
        ("arrays.pdf", deep),
        ("nested.html", html.into_bytes()),
        ("string.pdf", operators("BT /F1 1 Tf (", "a", 50 << 20, ") Tj ET")),
    ];
    let verdicts = futures_util::future::join_all(bombs.iter().map(|(name, bytes)| parser.document(bytes, name))).await;
    for ((name, _), document) in bombs.iter().zip(verdicts) {
        assert!(!document.findings.is_empty(), "{name} came to nothing, silently");
        assert!(document.findings.iter().all(|finding| finding.message.contains(name)), "{name}: {:?}", document.findings);
    }
    let good = parser.document(&pdf(&[ORDER], &dictionary! {}), "good.pdf").await;
    assert!(good.findings.is_empty() && good.pages[0].words.len() == 10, "the next good order is read");
}

/// A zlib stream of `before`, `unit` (one or two characters) `times` times, `after`, written by hand in no time: one block
/// with the fixed codes of RFC 1951, in which 13 bits copy 258 characters. Its checksum is wrong, as nobody gets that far.
fn repeated(before: &str, unit: &str, times: usize, after: &str) -> Vec<u8> {
    let mut bits: Vec<u8> = Vec::new();
    let mut push = |code: u32, length: u32| bits.extend((0..length).rev().map(|bit| (code >> bit & 1) as u8));
    push(0b110, 3);
    let literal = |push: &mut dyn FnMut(u32, u32), text: &str| text.bytes().for_each(|byte| push(0x30 + u32::from(byte), 8));
    literal(&mut push, before);
    literal(&mut push, unit);
    for _ in 0..unit.len() * times / 258 {
        push(0b1100_0101, 8);
        push(unit.len() as u32 - 1, 5);
    }
    literal(&mut push, after);
    push(0, 7);
    let mut out = vec![0x78, 0x01];
    out.extend(bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | bit << at)));
    out.extend([0; 4]);
    out
}

/// A form that draws itself twice.
fn draws_itself() -> Vec<u8> {
    let mut file = lopdf::Document::load_mem(&pdf(&["/X Do"], &dictionary! {})).expect("our own PDF loads");
    let form = file.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 600.into(), 900.into()],
        "Resources" => resources.clone(),
    };
    file.objects.insert(form, lopdf::Stream::new(dict, b"/X Do /X Do".to_vec()).into());
    let page = file.page_iter().next().expect("there is a page");
    file.get_dictionary_mut(page).expect("it is a dictionary").set("Resources", resources);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).expect("a document in memory can be written");
    bytes
}

/// Forms that each draw the next one ten times, `depth` levels deep: ten to the power of `depth` drawings.
fn laughs(depth: usize) -> Vec<u8> {
    let mut file = lopdf::Document::load_mem(&pdf(&["/X Do"], &dictionary! {})).expect("our own PDF loads");
    let mut inner = None;
    for _ in 0..depth {
        let mut dict = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 600.into(), 900.into()],
        };
        let content = match inner {
            Some(id) => {
                dict.set("Resources", dictionary! { "XObject" => dictionary! { "X" => id } });
                "/X Do ".repeat(10)
            }
            None => "0 0 10 10 re f ".to_owned(),
        };
        inner = Some(file.add_object(lopdf::Stream::new(dict, content.into_bytes())));
    }
    let page = file.page_iter().next().expect("there is a page");
    let outermost = inner.expect("there is at least one level");
    let resources = dictionary! { "XObject" => dictionary! { "X" => outermost } };
    file.get_dictionary_mut(page).expect("it is a dictionary").set("Resources", resources);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).expect("a document in memory can be written");
    bytes
}

#[tokio::test]
async fn three_hundred_mutations_each_have_a_verdict() {
    let parser = parser(ChildLimits { cpu_seconds: 5, wall_seconds: 20, ..ChildLimits::default() });
    let good = pdf(&[ORDER, "BT /F1 10 Tf 100 100 Td (Page two) Tj ET 10 10 m 200 10 l S"], &dictionary! {});
    // A small linear congruential generator: the same mutations at every run.
    let mut seed: u64 = 20_260_101;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut mutants = Vec::new();
    for _ in 0..300 {
        let mut bytes = good.clone();
        for _ in 0..=random(8) {
            let at = random(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match random(4) {
                _any if bytes.is_empty() => {}
                0 => bytes[at] = random(256) as u8,
                1 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                2 => bytes.insert(at, b"<>[]()/% 9"[random(10)]),
                _ => bytes.truncate(at.max(20)),
            }
        }
        mutants.push(bytes);
    }
    let verdicts = futures_util::future::join_all(mutants.iter().map(|bytes| parser.document(bytes, "mutant.pdf"))).await;
    for (number, document) in verdicts.iter().enumerate() {
        let words = document.pages.iter().map(|page| page.words.len()).sum::<usize>();
        assert!(words > 0 || !document.findings.is_empty(), "mutant {number} came to nothing, silently");
    }
    let read = verdicts.iter().filter(|document| document.pages.iter().any(|page| !page.words.is_empty())).count();
    assert!(read > 100, "most small damage can be read over: {read} of 300");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_off() {
    let parser = parser(ChildLimits { answer_bytes: 200, ..ChildLimits::default() });
    let document = parser.document(&pdf(&[ORDER; 60], &dictionary! {}), "long.pdf").await;
    assert_eq!(document.findings[0].code, Code::LimitReached, "it is stopped for this and not by its time limit");
}

#[tokio::test]
async fn limits_end_a_child_that_misbehaves() {
    for how in ["memory", "stack", "time", "panic"] {
        let job = format!(
            r#"{{"task":{{"misbehave":{{"how":"{how}"}}}},"name":"x","rlimits":{{"memory_bytes":268435456,"cpu_seconds":1,"documents":1}},"ticket":7,"bytes":0}}"#
        );
        let mut child = Command::new(PODESK)
            .arg("document-worker")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe was asked for");
        stdin
            .write_all(&(job.len() as u32).to_le_bytes())
            .and_then(|()| stdin.write_all(job.as_bytes()))
            .expect("the worker reads");
        drop(stdin);
        let output = child.wait_with_output().expect("the worker ends by its limits, not by us");
        assert!(!output.status.success(), "{how} did not end the child: {output:?}");
    }
    let missing = Parser::new(ParserSettings { worker: "/nowhere/podesk".into(), ..ParserSettings::default() });
    let document = missing.document(b"%PDF-1.4", "order.pdf").await;
    assert_eq!((document.kind, document.findings[0].code), (SourceKind::Pdf, Code::ParserFailed));
}

#[tokio::test]
async fn a_child_serves_many_documents_and_no_document_hurts_its_neighbour() {
    let good = pdf(&[ORDER], &dictionary! {});
    let bomb = draws_itself();
    for documents in [1, 3, 100] {
        let limits =
            ChildLimits { children: 1, documents, cpu_seconds: 2, wall_seconds: 20, memory_mib: 256, ..ChildLimits::default() };
        let parser = parser(limits);
        for round in 0..4 {
            // CPU time is that of one document: what all of them used together is well beyond it for the bombs.
            let hostile = parser.document(&bomb, "bomb.pdf").await;
            assert!(!hostile.findings.is_empty(), "{documents} {round}");
            for name in ["a.pdf", "b.pdf"] {
                let document = parser.document(&good, name).await;
                assert!(document.findings.is_empty() && document.pages[0].words.len() == 10, "{documents} {round} {name}");
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_worker_is_denied_everything_but_computing() {
    let report = ask("\"probe\"");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 9, "{report}");
    for line in &lines[..8] {
        assert!(line.ends_with(": denied"), "{line}");
    }
    assert_eq!(lines[8], "environment: ");
    let level = parser(ChildLimits::default()).confinement_level().await.expect("the worker works here");
    assert!(level.contains("seccomp"), "{level}");
}

/// A PDF that shows `bytes`, page 1 of another PDF, as an image and nothing else.
async fn scanned(bytes: &[u8]) -> Vec<u8> {
    let png = parser(ChildLimits::default()).page_image(bytes, "order.pdf", 1, 200).await.expect("the page is drawn");
    let gray = image::load_from_memory(&png).expect("it is an image").to_luma8();
    let mut file = lopdf::Document::load_mem(&pdf(&["q 595 0 0 842 0 0 cm /I Do Q"], &dictionary! {})).expect("our own PDF loads");
    let stream = lopdf::Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(gray.width()), "Height" => i64::from(gray.height()),
            "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        },
        gray.into_raw(),
    );
    let image = file.add_object(stream);
    file.compress();
    let page = file.page_iter().next().expect("there is a page");
    let resources = dictionary! { "XObject" => dictionary! { "I" => image } };
    file.get_dictionary_mut(page).expect("it is a dictionary").set("Resources", resources);
    let mut out = Vec::new();
    file.save_to(&mut out).expect("a document in memory can be written");
    out
}

#[tokio::test]
async fn ocr_gives_the_figures_of_a_scan_back() {
    let parser = Parser::new(ParserSettings { worker: PODESK.into(), ..ParserSettings::default() });
    assert!(parser.ocr_program().is_some(), "tesseract must be installed for the tests");
    let order = "BT /F1 12 Tf 72 770 Td (Purchase Order 4500123) Tj 0 -40 Td (Article 78431 quantity 1250 price 12.50 total 15625.00) Tj \
                 0 -30 Td (Article 90217 quantity 36 price 4.75 total 171.00) Tj ET";
    let original = pdf(&[order], &dictionary! {});
    let scan = scanned(&original).await;
    let document = parser.document(&scan, "scan.pdf").await;
    let words = &document.pages[0].words;
    for figure in ["4500123", "78431", "1250", "12.50", "15625.00", "90217", "36", "4.75", "171.00"] {
        assert!(words.iter().any(|word| word.text == figure), "{figure} is missing: {words:?}");
    }
    assert_eq!(document.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::ReadByOcr]);
    // The boxes are where the text layer of the original has them.
    let printed = parser.document(&original, "order.pdf").await;
    let place =
        |words: &[podesk::reading::document::Word]| words.iter().find(|word| word.text == "78431").expect("it is there").bbox;
    let (seen, real) = (place(words), place(&printed.pages[0].words));
    assert!((seen[0] - real[0]).abs() < 3.0 && (seen[2] - real[2]).abs() < 3.0, "{seen:?} {real:?}");
    assert!(seen[1] > real[1] - 3.0 && seen[3] < real[3] + 3.0, "{seen:?} {real:?}");
    assert!(words.iter().all(|word| word.ocr_confidence.is_some() && word.visibility == Visibility::Visible));
    // A picture alone is read the same way.
    let png = parser.page_image(&original, "order.pdf", 1, 200).await.expect("the page is drawn");
    let picture = parser.document(&png, "scan.png").await;
    assert_eq!(picture.kind, SourceKind::Image);
    assert!(picture.pages[0].words.iter().any(|word| word.text == "15625.00"));
}

#[tokio::test]
async fn a_ruled_table_is_read_cell_by_cell_whichever_way_the_page_was_fed() {
    let parser = Parser::new(ParserSettings { worker: PODESK.into(), ..ParserSettings::default() });
    let mut content = String::from(
        "BT /F1 13 Tf 60 780 Td (Purchase order for hydraulic fittings and hoses) Tj ET 0 0 0.3 rg 60 700 470 18 re f 1 g ",
    );
    let cells = |y: usize, texts: [&str; 4]| -> String {
        texts.iter().zip([64, 184, 324, 444]).map(|(text, x)| format!("BT /F1 10 Tf {x} {y} Td ({text}) Tj ET ")).collect()
    };
    content += &cells(705, ["Article", "Description", "Quantity", "Price"]);
    content += "0 g 0.8 w ";
    for x in [60, 180, 320, 440, 530] {
        content += &format!("{x} 610 m {x} 718 l S ");
    }
    for (row, texts) in
        [["78431", "Coupling", "1250", "12.50"], ["90217", "Gasket", "36", "4.75"], ["55102", "Pump head", "7", "819.00"]]
            .into_iter()
            .enumerate()
    {
        content += &cells(687 - row * 30, texts);
        content += &format!("60 {} m 530 {} l S ", 670 - row * 30, 670 - row * 30);
    }
    let png = parser.page_image(&pdf(&[&content], &dictionary! {}), "order.pdf", 1, 200).await.expect("the page is drawn");
    let upright = image::load_from_memory(&png).expect("it is an image");
    for (turn, picture) in [("upright", upright.clone()), ("head down", upright.rotate180()), ("on its side", upright.rotate90())] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("an image in memory can be encoded");
        let document = parser.document(bytes.get_ref(), "scan.png").await;
        let page = &document.pages[0];
        assert!(page.height > page.width, "{turn}: {} x {}", page.width, page.height);
        for text in ["Article", "Quantity", "78431", "1250", "12.50", "90217", "36", "4.75", "55102", "Pump", "7", "819.00"] {
            assert!(page.words.iter().any(|word| word.text == text), "{turn}: {text} is missing: {:?}", page.words);
        }
        let upright_rulings = page.rulings.iter().filter(|ruling| ruling.bbox[3] - ruling.bbox[1] > 60.0).count();
        assert!(upright_rulings >= 5, "{turn}: {:?}", page.rulings);
    }
}

#[tokio::test]
async fn without_an_ocr_program_the_clerk_is_told() {
    let scan = scanned(&pdf(&[ORDER], &dictionary! {})).await;
    let document = parser(ChildLimits::default()).document(&scan, "scan.pdf").await;
    let codes: Vec<Code> = document.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::NoText, Code::OcrUnavailable]);
}
