//! Do the mails and files inside of containers come out: a ZIP, a message in a `winmail.dat`, each bare or attached to a mail?

use podesk::intake::mime::{parse, parse_file};
use podesk::intake::{ForwardForm, MailSettings, Message, OurMail};
use podesk::model::{Code, Sha256};
use std::io::{Cursor, Write};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        // Documents that are packed already are mostly stored as they are.
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).expect("it is new");
        zip.write_all(bytes).expect("memory can be written to");
    }
    zip.finish().expect("it is complete").into_inner()
}

fn bare(name: &str, bytes: &[u8]) -> Message {
    parse_file(Sha256::of(bytes), name, bytes.to_vec(), &MailSettings::default(), &OurMail::default())
}

fn attached(name: &str, bytes: &[u8]) -> Message {
    use base64::Engine;
    let coded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let raw = format!(
        "From: Ann <ann@buyer.example>\r\nSubject: PO\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{coded}\r\n--b--\r\n"
    );
    parse(raw.as_bytes(), &MailSettings::default(), &OurMail::default())
}

fn files(message: &Message) -> Vec<(&str, &str)> {
    message.attachments.iter().map(|file| (file.part.as_str(), file.name.as_str())).collect()
}

fn codes(message: &Message) -> Vec<Code> {
    message.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn the_files_of_an_archive_are_files_of_the_mail() {
    let docx = zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")]);
    let inner = zip(&[("deep/second.csv", b"a;b\n1;2\n")]);
    let archive = zip(&[("PO 4711.pdf", b"%PDF-1.7"), ("folder/order.docx", &docx), ("more.zip", &inner)]);
    let message = attached("orders.zip", &archive);
    assert_eq!(files(&message), [("2.1", "PO 4711.pdf"), ("2.2", "order.docx"), ("2.3.1", "second.csv")]);
    assert!(message.findings.is_empty(), "{:?}", message.findings);
    let message = bare("orders.zip", &archive);
    assert_eq!(files(&message), [("1.1", "PO 4711.pdf"), ("1.2", "order.docx"), ("1.3.1", "second.csv")]);
    assert_eq!((message.subject.as_str(), &message.sha256), ("orders.zip", &Sha256::of(&archive)));
    let document = bare("order.docx", &docx);
    assert_eq!(files(&document), [("1", "order.docx")], "a document that is a ZIP stays one");
}

#[test]
fn archives_in_archives_have_an_end() {
    let mut archive = zip(&[("order.pdf", b"%PDF-1.7")]);
    for _ in 0..8 {
        archive = zip(&[("inner.zip", &archive)]);
    }
    let message = attached("outer.zip", &archive);
    assert_eq!((files(&message), codes(&message)), (vec![], vec![Code::LimitReached]));
}

#[test]
fn a_mail_in_an_archive_is_a_forward() {
    let mail = b"From: buyer@else.example\r\nSubject: PO 9\r\n\r\nPlease send 5 bolts\r\n";
    let message = attached("mails.zip", &zip(&[("PO 9.eml", mail)]));
    let forwarded = message.forwarded.expect("it holds a mail");
    assert_eq!(forwarded.form, ForwardForm::Attachment);
    assert_eq!(forwarded.from.map(|from| from.address).as_deref(), Some("buyer@else.example"));
    assert!(message.new_text.contains("Please send 5 bolts"));
}

#[test]
fn what_an_archive_keeps_to_itself_is_named() {
    let mut locked = zip(&[("PO 4711.pdf", b"%PDF-1.7")]);
    locked[6] |= 1;
    let central = locked.windows(4).position(|four| four == b"PK\x01\x02").expect("there is a directory");
    locked[central + 8] |= 1;
    let table: [(&[u8], Code, &str); 3] = [
        (&locked, Code::PasswordNeeded, "PO 4711.pdf"),
        (&zip(&[]), Code::UnsupportedAttachment, "empty"),
        (b"PK\x03\x04 cut", Code::UnsupportedAttachment, "damaged"),
    ];
    for (bytes, code, word) in table {
        for message in [attached("orders.zip", bytes), bare("orders.zip", bytes)] {
            assert_eq!(codes(&message), [code], "{:?}", message.findings);
            let said = &message.findings[0].message;
            assert!(said.contains(word) && said.contains("orders.zip"), "{said}");
        }
    }
}

/// One attribute of a `winmail.dat`.
fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
    [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
}

fn winmail(attributes: &[Vec<u8>]) -> Vec<u8> {
    [&[0x78, 0x9f, 0x3e, 0x22, 1, 0][..], &attributes.concat()].concat()
}

/// A list of properties of variable length: id, kind, value.
fn properties(values: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut list = (values.len() as u32).to_le_bytes().to_vec();
    for (id, kind, value) in values {
        list.extend(kind.to_le_bytes());
        list.extend(id.to_le_bytes());
        list.extend(1_u32.to_le_bytes());
        list.extend((value.len() as u32).to_le_bytes());
        list.extend(*value);
        list.resize(list.len().next_multiple_of(4), 0);
    }
    list
}

#[test]
fn a_message_in_a_winmail_dat_is_a_forward() {
    let file =
        [attribute(0x0006_9002, &[0; 14]), attribute(0x0001_8010, b"PO.PDF\0"), attribute(0x0006_800f, b"%PDF-1.7")].concat();
    let about =
        properties(&[(0x0037, 0x1e, b"PO 9\0"), (0x0c1f, 0x1e, b"buyer@else.example\0"), (0x1000, 0x1e, b"5 bolts, please\0")]);
    let inner = winmail(&[attribute(0x0006_9003, &about), file]);
    let object = [&[0; 16][..], &inner].concat();
    let outer = winmail(&[attribute(0x0006_9002, &[0; 14]), attribute(0x0006_9005, &properties(&[(0x3701, 0x0d, &object)]))]);
    for message in [attached("winmail.dat", &outer), bare("winmail.dat", &outer)] {
        assert!(message.findings.is_empty(), "{:?}", message.findings);
        let from = message.forwarded.as_ref().and_then(|forwarded| forwarded.from.as_ref());
        assert_eq!(from.map(|from| from.address.as_str()), Some("buyer@else.example"));
        assert!(message.new_text.contains("5 bolts, please"), "{}", message.new_text);
        assert_eq!(message.attachments.len(), 1);
        assert_eq!(message.attachments[0].bytes, b"%PDF-1.7");
    }
}

#[test]
fn the_text_of_a_winmail_dat_may_be_html() {
    let about = properties(&[(0x1013, 0x0102, b"<p>5 bolts &amp; nuts</p>")]);
    let message = bare("winmail.dat", &winmail(&[attribute(0x0006_9003, &about)]));
    assert_eq!(message.new_text.trim(), "5 bolts & nuts");
}
