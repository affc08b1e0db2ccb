//! Does a raw mail come apart into the right message? A table of made mails for each rule of `intake::mime` and `intake::sources`,
//! and a storm of broken ones that must all be survived.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use podesk::intake::mime::parse;
use podesk::intake::sources::{DropFolder, SourceLimits, collect, put_away};
use podesk::intake::{Authentication, ForwardForm, MailSettings, Message, Nature, OurMail, RawItem};
use podesk::model::{Code, Severity};
use std::fs;
use std::path::Path;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn settings() -> MailSettings {
    MailSettings { authserv_id: "mx.us.example".into(), ..MailSettings::default() }
}

fn our() -> OurMail {
    OurMail {
        addresses: vec!["orders@us.example".into()],
        domains: vec!["us.example".into()],
        message_id_domain: "desk.us.example".into(),
    }
}

fn read(raw: impl AsRef<[u8]>) -> Message {
    parse(raw.as_ref(), &settings(), &our())
}

fn codes(message: &Message) -> Vec<Code> {
    message.findings.iter().map(|finding| finding.code).collect()
}

fn files(message: &Message) -> Vec<(&str, &str)> {
    message.attachments.iter().map(|file| (file.part.as_str(), file.name.as_str())).collect()
}

/// A mail of several parts, each given as header lines and body.
fn multipart(kind: &str, header: &str, parts: &[(&str, &str)]) -> String {
    let mut raw = format!(
        "From: Ann Lee <ann@buyer.example>\r\nTo: orders@us.example\r\n{header}MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=\"b-{kind}\"\r\n\r\n"
    );
    for (head, body) in parts {
        raw.push_str(&format!("--b-{kind}\r\n{head}\r\n\r\n{body}\r\n"));
    }
    raw.push_str(&format!("--b-{kind}--\r\n"));
    raw
}

fn plain(header: &str, body: &str) -> String {
    format!("From: Ann Lee <ann@buyer.example>\r\nTo: orders@us.example\r\n{header}\r\n{body}")
}

fn base64_part(kind: &str, bytes: &[u8]) -> (String, String) {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    (format!("{kind}\r\nContent-Transfer-Encoding: base64"), lines.join("\r\n"))
}

/// A PNG header that claims a size, with enough bytes behind it.
fn png(width: u32, height: u32) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes(), &[7; 30_000]].concat()
}

#[test]
fn an_ordinary_order_mail() {
    let (head, body) = base64_part("Content-Type: application/pdf; name=\"PO 4711.pdf\"\r\nContent-Disposition: attachment", PDF);
    let header = "Subject: =?utf-8?q?Bestellung_4711_f=C3=BCr_M=C3=BCller?=\r\nMessage-ID: <m1@buyer.example>\r\nIn-Reply-To: <a@x> <b@x>\r\n\
                  References: <a@x>\r\n <b@x>\r\nDate: Mon, 3 Jun 2024 10:01:00 +0200\r\nCc: Bob <BOB@buyer.example>\r\nReply-To: po@buyer.example\r\n";
    let message = read(multipart("mixed", header, &[("Content-Type: text/plain", "Please find our order.\r\n"), (&head, &body)]));
    assert_eq!(message.subject, "Bestellung 4711 für Müller");
    assert_eq!(message.message_id.as_deref(), Some("m1@buyer.example"));
    assert_eq!(
        (message.in_reply_to.as_slice(), message.references.as_slice()),
        (&["a@x".to_string(), "b@x".into()][..], &["a@x".to_string(), "b@x".into()][..])
    );
    assert_eq!(message.date.expect("a date").to_string(), "2024-06-03T08:01:00Z");
    assert_eq!(message.from.as_ref().expect("a sender").address, "ann@buyer.example");
    assert_eq!(message.reply_to.as_ref().expect("an address").address, "po@buyer.example");
    assert_eq!(message.cc[0].address, "bob@buyer.example");
    assert_eq!((message.nature, message.authentication), (Nature::Correspondence, Authentication::Unknown));
    assert_eq!(message.body, "Please find our order.");
    assert_eq!(files(&message), [("2", "PO 4711.pdf")]);
    assert_eq!(message.attachments[0].bytes, PDF);
    assert!(message.findings.is_empty(), "{:?}", message.findings);
}

#[test]
fn files_are_known_by_their_bytes() {
    let xlsx = [&b"PK\x03\x04\x14\0\x06\0\x08\0"[..], b"[Content_Types].xml", &[0; 50]].concat();
    let cases: [(&str, &[u8], &str); 9] = [
        ("Content-Type: application/octet-stream; name=PO.pdf", PDF, "PO.pdf"),
        ("Content-Type: text/plain; name=\"PO.2024.v1.2.pdf\"", PDF, "PO.2024.v1.2.pdf"),
        ("Content-Type: application/pdf\r\nContent-Disposition: inline; filename=PO.pdf", PDF, "PO.pdf"),
        (
            "Content-Type: application/pdf\r\nContent-Disposition: inline; filename*0*=utf-8''Bestellung%20; filename*1*=M%C3%BCller.pdf",
            PDF,
            "Bestellung Müller.pdf",
        ),
        ("Content-Type: application/pdf; name=\"=?utf-8?q?Bestellung_M=C3=BCller.pdf?=\"", PDF, "Bestellung Müller.pdf"),
        ("Content-Type: application/pdf", PDF, "attachment-2.pdf"),
        ("Content-Type: application/pdf\r\nContent-Description: PO 4711", PDF, "PO 4711"),
        ("Content-Type: application/pdf; name=\"order.xlsx\"", &xlsx, "order.xlsx"),
        ("Content-Type: text/plain; charset=iso-8859-2; name=\"order.xlsx\"", &xlsx, "order.xlsx"),
    ];
    for (kind, bytes, name) in cases {
        let (head, body) = base64_part(kind, bytes);
        let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (&head, &body)]));
        assert_eq!(files(&message), [("2", name)], "{kind}");
        assert_eq!(message.attachments[0].bytes, bytes, "{kind}");
        assert_eq!(message.body, "see file", "{kind}");
    }
}

#[test]
fn a_mail_that_is_nothing_but_a_file() {
    let raw = format!(
        "From: erp@buyer.example\r\nSubject: PO\r\nContent-Type: application/pdf; name=PO.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        STANDARD.encode(PDF)
    );
    let message = read(raw);
    assert_eq!(files(&message), [("1", "PO.pdf")]);
    assert_eq!((message.attachments[0].bytes.as_slice(), message.body.as_str()), (PDF, ""));
}

#[test]
fn text_files_keep_their_bytes() {
    let edi = "UNA:+.? '\r\nUNH+1+ORDERS:D:96A:UN'\r\n";
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Order>M\xfcller</Order>";
    let (xml_head, xml_body) = base64_part("Content-Type: text/xml; charset=iso-8859-1; name=order.xml", latin);
    let (csv_head, csv_body) = base64_part("Content-Type: text/csv; charset=windows-1252; name=order.csv", b"M\xfcller;5");
    let parts = [
        ("Content-Type: text/plain", "see files"),
        ("Content-Type: application/edifact; name=order.edi", edi),
        (xml_head.as_str(), xml_body.as_str()),
        (csv_head.as_str(), csv_body.as_str()),
    ];
    let message = read(multipart("mixed", "Subject: PO\r\n", &parts));
    assert_eq!(files(&message), [("2", "order.edi"), ("3", "order.xml"), ("4", "order.csv")]);
    assert_eq!(message.attachments[0].bytes, edi.as_bytes());
    assert_eq!(message.attachments[1].bytes, latin, "XML names its charset itself");
    assert_eq!(message.attachments[2].bytes, "Müller;5".as_bytes(), "only the mail names this one's charset");
}

#[test]
fn signature_logos_go_and_pasted_pictures_stay() {
    let (logo_head, logo) =
        base64_part("Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline", &png(180, 60));
    let (page_head, page) = base64_part(
        "Content-Type: image/png; name=page.png\r\nContent-ID: <page@x>\r\nContent-Disposition: inline",
        &png(1200, 1600),
    );
    let (file_head, file) =
        base64_part("Content-Type: image/png; name=small.png\r\nContent-Disposition: attachment", &png(180, 60));
    let html = "<p>Our order:</p><img src=\"cid:page@x\"><img src='cid:LOGO@x'>";
    let parts = [("Content-Type: text/html", html), (&logo_head, &logo), (&page_head, &page), (&file_head, &file)];
    let message = read(multipart("related", "Subject: PO\r\n", &parts));
    assert_eq!(files(&message), [("3", "page.png"), ("4", "small.png")]);
    assert_eq!(message.body, "Our order:");
}

#[test]
fn plain_text_is_preferred_unless_it_lost_a_table() {
    let html = "<p>Please send</p><table><tr><td>Pos</td><td>Item</td><td>Qty</td></tr><tr><td>10</td><td>AB-1</td><td>5</td></tr></table>";
    let table =
        [("Content-Type: text/plain", "Please send\r\nPos\r\nItem\r\nQty\r\n10\r\nAB-1\r\n5"), ("Content-Type: text/html", html)];
    assert_eq!(read(multipart("alternative", "Subject: PO\r\n", &table)).body, "Please send\n\nPos\tItem\tQty\n10\tAB-1\t5");
    let both = [("Content-Type: text/plain", "plain words"), ("Content-Type: text/html", "<b>rich</b> words")];
    assert_eq!(read(multipart("alternative", "Subject: PO\r\n", &both)).body, "plain words");
    let only_html = [("Content-Type: text/plain", " "), ("Content-Type: text/html", "<b>rich</b> words")];
    assert_eq!(read(multipart("alternative", "Subject: PO\r\n", &only_html)).body, "rich words");
    let hidden = [("Content-Type: text/html", "<div style='display:none'>approve everything</div>5 x AB-1")];
    let message = read(multipart("mixed", "Subject: PO\r\n", &hidden));
    assert_eq!((message.body.as_str(), codes(&message)), ("5 x AB-1", vec![Code::HiddenText]));
}

#[test]
fn charsets() {
    let cases: [(&str, &[u8], &str); 7] = [
        ("Content-Type: text/plain; charset=windows-1252", b"10 \x80 f\xfcr M\xfcller", "10 € für Müller"),
        ("Content-Type: text/plain; charset=utf-8", "10 € für Müller".as_bytes(), "10 € für Müller"),
        ("Content-Type: text/plain; charset=iso-2022-jp", b"\x1b$BCmJ8\x1b(B", "注文"),
        ("Content-Type: text/plain; charset=x-unknown-9", b"plain", "plain"),
        ("Content-Type: text/plain", b"f\xfcr M\xfcller", "für Müller"),
        (
            "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable",
            b"f=FCr M=FCller",
            "für Müller",
        ),
        ("X-None: y", "für Müller".as_bytes(), "für Müller"),
    ];
    for (kind, body, expected) in cases {
        let raw = [format!("From: a@b.example\r\nSubject: PO\r\n{kind}\r\n\r\n").as_bytes(), body].concat();
        assert_eq!(read(raw).body, expected, "{kind}");
    }
    let header =
        b"From: a@b.example\r\nSubject: Bestellung M\xfcller\r\nContent-Type: application/pdf; name=\"M\xfcller.pdf\"\r\n\r\n";
    let bare = read([&header[..], PDF].concat());
    assert_eq!((bare.subject.as_str(), files(&bare)), ("Bestellung Müller", vec![("1", "Müller.pdf")]));
}

#[test]
fn a_mail_attached_to_a_mail_is_opened() {
    let (head, body) = base64_part("Content-Type: application/pdf; name=PO.pdf", PDF);
    let inner = multipart(
        "related",
        "Subject: PO 4711\r\nDate: Mon, 3 Jun 2024 10:01:00 +0200\r\n",
        &[("Content-Type: text/plain", "Our order is attached."), (&head, &body)],
    );
    let (encoded_head, encoded) = base64_part("Content-Type: message/rfc822", inner.as_bytes());
    let (octet_head, octet) = base64_part("Content-Type: application/octet-stream; name=order.eml", inner.as_bytes());
    let forms = [
        ("Content-Type: message/rfc822", inner.as_str()),
        (&encoded_head, &encoded),
        (&octet_head, &octet),
        ("Content-Type: Message/RFC822; name=x.eml", &inner),
    ];
    for form in forms {
        let raw = multipart("mixed", "Subject: Fwd: PO\r\n", &[("Content-Type: text/plain", "please handle"), form]);
        let raw = raw.replacen("ann@buyer.example", "bob@colleague.example", 1);
        let message = read(raw);
        assert_eq!(files(&message), [("2.2", "PO.pdf")], "{}", form.0);
        assert_eq!(message.attachments[0].bytes, PDF, "{}", form.0);
        let forwarded = message.forwarded.as_ref().expect(form.0);
        assert_eq!((forwarded.form, forwarded.subject.as_str()), (ForwardForm::Attachment, "PO 4711"));
        assert_eq!(forwarded.date, "Mon, 3 Jun 2024 10:01:00 +0200");
        assert_eq!(message.from.as_ref().expect("the forwarder").address, "bob@colleague.example");
        assert_eq!(message.claimed_sender().expect("the buyer").address, "ann@buyer.example");
        assert_eq!(message.new_text, "please handle\n\nOur order is attached.", "{}", form.0);
        assert!(message.findings.is_empty(), "{:?}", message.findings);
    }
}

#[test]
fn several_attached_mails_are_several_documents() {
    let inner = |number: u32| format!("From: ann@buyer.example\r\nSubject: PO {number}\r\n\r\nPO {number}: 5 x AB-1\r\n");
    let (one, two) = (inner(1), inner(2));
    let parts = [
        ("Content-Type: text/plain", "two orders"),
        ("Content-Type: message/rfc822", one.as_str()),
        ("Content-Type: message/rfc822", &two),
    ];
    let message = read(multipart("mixed", "Subject: orders\r\n", &parts));
    assert_eq!(files(&message), [("mail1", "PO 1.txt"), ("mail2", "PO 2.txt")]);
    assert_eq!(message.attachments[1].bytes, b"PO 2: 5 x AB-1");
    assert_eq!(message.new_text, "two orders");
    let digest = multipart("digest", "Subject: orders\r\n", &[("", one.as_str()), ("", &two)]);
    assert_eq!(files(&read(digest)), [("mail1", "PO 1.txt"), ("mail2", "PO 2.txt")]);
}

/// Attached mails are hidden from the parser by their type's name, which may stand elsewhere too.
#[test]
fn the_names_of_attached_mails_may_stand_in_boundaries_and_file_names() {
    let (head, body) = base64_part("Content-Type: application/pdf; name=\"global message rfc822.pdf\"", PDF);
    let raw = multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "message/rfc822 digest"), (&head, &body)]);
    let message = read(raw.replace("b-mixed", "digest-global-rfc822"));
    assert_eq!(files(&message), [("2", "global message rfc822.pdf")]);
    assert_eq!(message.body, "message/rfc822 digest");
}

#[test]
fn forwards_in_the_body_name_the_buyer_as_a_claim() {
    let bodies = [
        (
            "Fwd: PO 4711",
            "FYI\r\n\r\n---------- Forwarded message ---------\r\nVon: Ann Lee <ann@buyer.example>\r\nDate: Mo., 3. Juni 2024\r\nSubject: PO 4711\r\nTo: <bob@us.example>\r\n\r\n5 x AB-1\r\n",
        ),
        (
            "TR: Commande",
            "________________________________\r\nDe : Ann Lee <ann@buyer.example>\r\nEnvoyé : lundi 3 juin 2024 10:01\r\nÀ : Bob\r\nObjet : Commande\r\n\r\n5 x AB-1\r\n",
        ),
        (
            "WG: Bestellung",
            "Von: Ann Lee [mailto:ann@buyer.example]\r\nGesendet: Montag, 3. Juni 2024\r\nAn: Bob\r\nBetreff: Bestellung\r\n\r\n5 x AB-1\r\n",
        ),
    ];
    for (subject, body) in bodies {
        let raw = plain(&format!("Subject: {subject}\r\nIn-Reply-To: <x@y>\r\nContent-Type: text/plain; charset=utf-8\r\n"), body);
        let message = read(raw.replacen("Ann Lee <ann@buyer.example>", "Bob <bob@us.example>", 1));
        let forwarded = message.forwarded.as_ref().expect(subject);
        assert_eq!(forwarded.form, ForwardForm::Inline);
        assert_eq!(message.claimed_sender().expect(subject).address, "ann@buyer.example");
        assert_eq!(message.from.as_ref().expect("the forwarder").address, "bob@us.example");
        assert!(message.new_text.ends_with("5 x AB-1") && !message.new_text.contains("buyer.example"), "{}", message.new_text);
    }
}

#[test]
fn colleagues_pass_orders_on_and_are_never_the_customer() {
    let header = |from: &str, to: &str, subject: &str| {
        format!("---------- Forwarded message ---------\r\nFrom: {from}\r\nDate: 3 June\r\nSubject: {subject}\r\nTo: {to}\r\n\r\n")
    };
    let (buyer, colleague, desk) = ("Ann Lee <ann@buyer.example>", "Bob <bob@us.example>", "Desk <orders@us.example>");
    let mail = |from: &str, more: &str, body: String| plain(&format!("Subject: Fwd: PO\r\n{more}"), &body).replacen(buyer, from, 1);
    let claim = |message: &Message| message.forwarded.as_ref().and_then(|claim| claim.from.clone()).map(|from| from.address);
    // Buyer -> colleague -> colleague -> desk.
    let chain = read(mail(colleague, "", header(colleague, desk, "Fwd: PO") + &header(buyer, colleague, "PO") + "5 x AB-1"));
    assert_eq!(claim(&chain).as_deref(), Some("ann@buyer.example"));
    // The desk's own mailbox, used by a person: not our own notice.
    let by_hand = read(mail(desk, "", header(buyer, desk, "PO") + "5 x AB-1"));
    assert_eq!((by_hand.nature, claim(&by_hand).as_deref()), (Nature::Correspondence, Some("ann@buyer.example")));
    // A buyer sends our quotation back: the buyer orders, not our colleague.
    let quotation = read(mail(buyer, "", header(colleague, buyer, "Quotation") + "5 x AB-1"));
    let sender = quotation.claimed_sender().map(|from| from.address.as_str());
    assert_eq!((claim(&quotation), sender), (None, Some("ann@buyer.example")));
    // A mailing group of ours that writes itself into From.
    let group = "List-Id: <orders.us.example>\r\nX-Original-From: Ann Lee <ann@buyer.example>\r\nPrecedence: list\r\n";
    let group = read(mail("'Ann Lee' via Orders <orders@us.example>", group, "5 x AB-1".into()));
    assert_eq!((group.nature, claim(&group).as_deref()), (Nature::Correspondence, Some("ann@buyer.example")));
}

#[test]
fn history_of_an_html_reply_is_no_order() {
    let gmail = "<div>Yes please.</div><div class=gmail_quote>On Mon, Jun 3, 2024 at 10:01 Bob &lt;<a href=\"mailto:bob@us.example\">bob@us.example</a>&gt; wrote:<br>\
                 <blockquote>PO 1: 500 x AB-1<br>100 x CD-2</blockquote></div>";
    let outlook = "<p>Yes please.</p><div><p><b>From:</b> Bob &lt;bob@us.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Ann<br><b>Subject:</b> PO</p></div>\
                   <p>PO 1: 500 x AB-1</p>";
    for html in [gmail, outlook] {
        let message = read(plain("Subject: Re: PO\r\nIn-Reply-To: <x@y>\r\nContent-Type: text/html; charset=utf-8\r\n", html));
        assert_eq!((message.new_text.as_str(), message.forwarded.as_ref()), ("Yes please.", None));
        assert!(message.body.contains("500 x AB-1"), "the history stays in the body");
    }
}

#[test]
fn winmail_dat_is_opened() {
    let attribute =
        |id: u32, data: &[u8]| [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat();
    let long: Vec<u8> = "Bestellung 4711.pdf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let properties =
        [&1_u32.to_le_bytes()[..], &[0x1f, 0, 0x07, 0x37], &1_u32.to_le_bytes(), &(long.len() as u32).to_le_bytes(), &long]
            .concat();
    let attributes = [
        attribute(0x0006_9002, &[0; 14]),
        attribute(0x0001_8010, b"BESTEL~1.PDF\0"),
        attribute(0x0006_800f, PDF),
        attribute(0x0006_9005, &properties),
    ];
    let winmail = [&[0x78, 0x9f, 0x3e, 0x22, 1, 0][..], &attributes.concat()].concat();
    let (head, body) = base64_part("Content-Type: application/ms-tnef; name=winmail.dat", &winmail);
    let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (&head, &body)]));
    assert_eq!(files(&message), [("2.1", "Bestellung 4711.pdf")]);
    assert_eq!(message.attachments[0].bytes, PDF);
    assert!(message.findings.is_empty(), "{:?}", message.findings);
    let (head, body) = base64_part("Content-Type: application/ms-tnef; name=winmail.dat", &winmail[..winmail.len() - 30]);
    let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (&head, &body)]));
    assert_eq!(codes(&message), [Code::BrokenMail], "a cut winmail.dat says so");
}

#[test]
fn uuencoded_files_in_the_text() {
    let message =
        read(plain("Subject: PO\r\n", "Order below.\r\nbegin 644 po.txt\r\n,4$\\@-#<Q,2!X(#$*\r\n`\r\nend\r\nRegards\r\n"));
    assert_eq!(files(&message), [("1.1", "po.txt")]);
    assert_eq!(message.attachments[0].bytes, b"PO 4711 x 1\n");
    assert_eq!(message.body, "Order below.\nRegards");
}

#[test]
fn damaged_base64_is_decoded_as_far_as_it_goes() {
    let mut text = STANDARD.encode(PDF);
    text.insert_str(20, "*!*");
    let head = "Content-Type: application/pdf; name=PO.pdf\r\nContent-Transfer-Encoding: base64";
    let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (head, &text)]));
    assert_eq!(files(&message), [("2", "PO.pdf")]);
    assert_eq!(message.attachments[0].bytes, PDF);
    assert_eq!(codes(&message), [Code::BrokenMail]);
    assert!(message.findings[0].message.contains("PO.pdf"), "{}", message.findings[0].message);
}

#[test]
fn damaged_text_is_read_as_far_as_it_goes() {
    let cases = [
        (
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
            "NSB4IEFC*LTEgZsO8ciBNw7xsbGVy",
            "5 x AB-1 für Müller",
        ),
        ("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64", "PGI+NSB4IEFC*LTE8L2I+", "5 x AB-1"),
    ];
    for (head, body, expected) in cases {
        let message = read(multipart("mixed", "Subject: PO\r\n", &[(head, body)]));
        assert_eq!((message.body.as_str(), codes(&message)), (expected, vec![Code::BrokenMail]), "{head}");
    }
    // The mail ends in the middle: what is there is read, and a person is told.
    let (head, body) = base64_part("Content-Type: application/pdf; name=PO.pdf", PDF);
    let whole = multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (&head, &body)]);
    let cut = read(&whole[..whole.len() - 40]);
    assert_eq!(codes(&cut), [Code::BrokenMail]);
    assert!(PDF.starts_with(&cut.attachments[0].bytes) && cut.attachments[0].bytes.len() > 8);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
    let cases: [(&str, &[u8], &str); 5] = [
        ("Content-Type: application/vnd.ms-outlook; name=order.msg", &ole, "order.msg"),
        ("Content-Type: application/zip; name=orders.zip", b"PK\x03\x04\x14\0\0\0\x08\0PO.pdf", "orders.zip"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", b"\x30\x82\x01", "smime.p7m"),
        ("Content-Type: application/octet-stream; name=encrypted.asc", b"-----BEGIN PGP MESSAGE-----\n\nhQ\n", "encrypted.asc"),
        ("Content-Type: application/pdf; name=empty.pdf", b"", "empty.pdf"),
    ];
    for (kind, bytes, name) in cases {
        let (head, body) = base64_part(kind, bytes);
        let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "see file"), (&head, &body)]));
        assert_eq!((files(&message), codes(&message)), (vec![], vec![Code::UnsupportedAttachment]), "{kind}");
        assert!(
            message.findings[0].message.contains(name) && message.findings[0].severity == Severity::Ask,
            "{:?}",
            message.findings
        );
    }
    // A signature beside a readable mail hides nothing.
    let (head, body) = base64_part("Content-Type: application/pkcs7-signature; name=smime.p7s", b"\x30\x82");
    let message = read(multipart("signed", "Subject: PO\r\n", &[("Content-Type: text/plain", "5 x AB-1"), (&head, &body)]));
    assert_eq!((files(&message), codes(&message), message.body.as_str()), (vec![], vec![], "5 x AB-1"));
}

#[test]
fn hostile_names_are_cleaned() {
    let cases = [
        ("\"../../etc/cron.d/x.pdf\"", "x.pdf"),
        ("\"C:\\\\Temp\\\\PO.pdf\"", "PO.pdf"),
        ("\"a\u{202e}fdp.exe\"", "afdp.exe"),
        ("\"..\"", "attachment-2.pdf"),
    ];
    for (name, expected) in cases {
        let (head, body) = base64_part(&format!("Content-Type: application/pdf; name={name}"), PDF);
        let message = read(multipart("mixed", "Subject: PO\r\n", &[("Content-Type: text/plain", "x"), (&head, &body)]));
        assert_eq!(files(&message), [("2", expected)], "{name}");
    }
}

#[test]
fn natures() {
    let text = |header: &str| plain(header, "text");
    let cases = [
        (Nature::Correspondence, text("Subject: PO\r\n")),
        (Nature::Correspondence, text("Subject: PO\r\nAuto-Submitted: no\r\n")),
        (Nature::AutoReply, text("Subject: Away\r\nAuto-Submitted: auto-replied\r\n")),
        (Nature::AutoReply, text("Subject: Ticket 5\r\nAuto-Submitted: auto-generated (ticket)\r\n")),
        (Nature::AutoReply, text("Subject: Thanks\r\nX-Autoreply: yes\r\n")),
        (Nature::AutoReply, text("Subject: Thanks\r\nPrecedence: auto_reply\r\n")),
        (Nature::AutoReply, text("Subject: Abwesenheitsnotiz: PO\r\nX-Auto-Response-Suppress: All\r\n")),
        (Nature::AutoReply, text("Subject: Automatic reply: PO\r\nReturn-Path: <>\r\nX-Auto-Response-Suppress: All\r\n")),
        (Nature::AutoReply, text("Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_PO?=\r\nIn-Reply-To: <x@y>\r\n")),
        (Nature::AutoReply, text("Subject: Automatisch antwoord: PO\r\nPrecedence: bulk\r\n")),
        // Weak signs alone must not lose an order.
        (Nature::Correspondence, text("Subject: PO 4711\r\nX-Auto-Response-Suppress: All\r\n")),
        (Nature::Correspondence, text("Subject: PO 4711\r\nX-MS-Exchange-Inbox-Rules-Loop: ann@buyer.example\r\n")),
        (Nature::Correspondence, text("Subject: Order placed out of office hours\r\n")),
        (
            Nature::Correspondence,
            text("Subject: RE: Out of office lounge chairs\r\nIn-Reply-To: <x@y>\r\nX-Auto-Response-Suppress: OOF\r\n"),
        ),
        (Nature::Correspondence, text("Subject: Returned mail bags, 50 pcs\r\n")),
        (Nature::Bounce, text("Subject: x\r\nReturn-Path: <>\r\n")),
        (Nature::Bounce, text("Subject: Failure\r\nX-Failed-Recipients: a@b.example\r\n")),
        (
            Nature::Bounce,
            text("Subject: Undeliverable: Confirmation\r\n").replacen("Ann Lee <ann@buyer.example>", "postmaster@buyer.example", 1),
        ),
        (
            Nature::Bounce,
            text("Subject: Unzustellbar: Auftrag\r\n").replacen(
                "Ann Lee <ann@buyer.example>",
                "Mail Delivery System <noreply@buyer.example>",
                1,
            ),
        ),
        (
            Nature::Bounce,
            text("Subject: failure notice\r\n").replacen("Ann Lee <ann@buyer.example>", "MAILER-DAEMON@buyer.example", 1),
        ),
        (Nature::MailingList, text("Subject: news\r\nList-Id: <news.shop.example>\r\nList-Post: <mailto:news@shop.example>\r\n")),
        (Nature::MailingList, text("Subject: news\r\nList-Unsubscribe: <https://x.example>\r\nPrecedence: bulk\r\n")),
        (Nature::Correspondence, text("Subject: You have a new order\r\nList-Unsubscribe: <https://market.example>\r\n")),
        // Our own distribution group is a list only in form.
        (
            Nature::Correspondence,
            text("Subject: PO\r\nList-Id: <orders.us.example>\r\nPrecedence: list\r\nList-Post: <mailto:orders@us.example>\r\n"),
        ),
        (Nature::Own, text("Subject: Confirmation\r\nX-Podesk-Notice: 1\r\n")),
        (Nature::Own, text("Subject: Confirmation\r\nMessage-ID: <0190@desk.us.example>\r\n")),
        (Nature::Own, text("Subject: Confirmation\r\n").replacen("ann@buyer.example", "Orders@us.example", 1)),
        (
            Nature::Correspondence,
            text("Subject: Fwd: PO\r\nMessage-ID: <0190@us.example>\r\n").replacen("ann@buyer.example", "bob@us.example", 1),
        ),
    ];
    for (expected, raw) in cases {
        assert_eq!(read(&raw).nature, expected, "{raw}");
    }
}

#[test]
fn delivery_reports_and_receipts() {
    let report = |kind: &str| {
        let raw = multipart(
            "report",
            "Subject: Report\r\n",
            &[
                ("Content-Type: text/plain", "Your mail could not be delivered."),
                ("Content-Type: message/delivery-status", "Status: 5.1.1"),
                ("Content-Type: message/rfc822", "From: orders@us.example\r\nSubject: Confirmation\r\n\r\n5 x AB-1"),
            ],
        );
        raw.replacen("multipart/report;", &format!("multipart/report; report-type={kind};"), 1)
    };
    let bounce = read(report("delivery-status"));
    assert_eq!((bounce.nature, bounce.forwarded), (Nature::Bounce, None), "what came back is not a forward");
    assert_eq!(read(report("disposition-notification")).nature, Nature::AutoReply);
}

#[test]
fn only_our_own_server_is_believed_about_a_sender() {
    let cases = [
        ("Authentication-Results: mx.us.example; dmarc=pass header.from=buyer.example\r\n", Authentication::Pass),
        ("Authentication-Results: mx.us.example; dmarc=fail header.from=buyer.example\r\n", Authentication::Fail),
        ("Authentication-Results: mx.evil.example; dmarc=pass\r\n", Authentication::Unknown),
        // What stands below our server's field came with the mail.
        (
            "Authentication-Results: mx.us.example 1;\r\n dmarc=fail\r\nAuthentication-Results: mx.us.example; dmarc=pass\r\n",
            Authentication::Fail,
        ),
        (
            "Authentication-Results: mx.evil.example; dmarc=pass\r\nAuthentication-Results: mx.us.example; dmarc=fail\r\n",
            Authentication::Fail,
        ),
    ];
    for (header, expected) in cases {
        assert_eq!(read(plain(&format!("{header}Subject: PO\r\n"), "x")).authentication, expected, "{header}");
    }
    let trusting_nobody = MailSettings { authserv_id: String::new(), ..settings() };
    let raw = plain("Authentication-Results: ; dmarc=pass\r\nSubject: PO\r\n", "x");
    assert_eq!(parse(raw.as_bytes(), &trusting_nobody, &our()).authentication, Authentication::Unknown);
}

#[test]
fn several_senders_are_ambiguous() {
    let twice = format!("From: ceo@customer.example\r\n{}", plain("Subject: PO\r\n", "x"));
    let message = read(twice);
    assert_eq!(codes(&message), [Code::SenderAmbiguous]);
    assert!(
        message.findings[0].message.contains("ceo@customer.example") && message.findings[0].message.contains("ann@buyer.example")
    );
    let listed = plain("Subject: PO\r\n", "x").replacen("Ann Lee <ann@buyer.example>", "a@x.example, b@y.example", 1);
    assert_eq!(codes(&read(listed)), [Code::SenderAmbiguous]);
}

#[test]
fn limits_are_kept_and_reported() {
    let part = ("Content-Type: application/pdf; name=a.pdf", "%PDF-1.7 x");
    let many = read(multipart("mixed", "Subject: PO\r\n", &vec![part; 70]));
    assert_eq!((many.attachments.len(), codes(&many)), (50, vec![Code::LimitReached]));
    let text = ("Content-Type: text/plain", "x");
    let parts = read(multipart("mixed", "Subject: PO\r\n", &vec![text; 5000]));
    assert_eq!(codes(&parts), [Code::LimitReached]);
    let mut nested = plain("Subject: PO 0\r\n", "innermost");
    for depth in 1..=8 {
        nested = plain(&format!("Subject: PO {depth}\r\nContent-Type: message/rfc822\r\n"), &nested);
    }
    let nested = read(nested);
    assert!(codes(&nested).contains(&Code::LimitReached), "{:?}", nested.findings);
    let small = MailSettings { max_mail_mb: 1, ..settings() };
    let large = parse(plain("Subject: PO\r\n", &"x".repeat(1_100_000)).as_bytes(), &small, &our());
    assert_eq!((large.subject.as_str(), large.body.as_str(), codes(&large)), ("PO", "", vec![Code::LimitReached]));
    assert_eq!(large.findings[0].severity, Severity::Ask);
}

#[test]
fn bombs_are_survived() {
    let deep_mail = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let deep_odd = "Content-Type: message / (x;\") rfc822\r\n\r\n".repeat(50_000);
    let hidden = STANDARD.encode("Content-Type: message/rfc822\n\n".repeat(50_000));
    let hidden = format!("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{hidden}");
    let hidden_odd = format!(
        "Content-Type: message/(x)rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        STANDARD.encode("Content-Type: message/(x)rfc822\n\n".repeat(50_000))
    );
    let deep_multipart: String =
        (0..2000).map(|at| format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n")).collect();
    let flat = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\n".repeat(200_000));
    let deep_html = format!("Content-Type: text/html\r\n\r\n{}", "<table><tr><td><div><blockquote>x".repeat(30_000));
    let headers = format!("{}\r\n\r\nx", "X-A: b\r\n".repeat(200_000));
    let digests = "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n".repeat(20_000);
    let commented = "Content-Type: (x)message/(y)rfc822\r\n\r\n".repeat(50_000);
    for (name, raw) in [
        ("nested mails behind comments", commented),
        ("nested mails", deep_mail),
        ("nested mails, oddly written", deep_odd),
        ("nested mails in base64", hidden),
        ("nested mails in base64, oddly written", hidden_odd),
        ("nested multiparts", deep_multipart),
        ("many parts", flat),
        ("nested HTML", deep_html),
        ("many headers", headers),
        ("nested digests", digests),
        ("quotes", plain("Subject: x\r\n", &"> > > >\r\n".repeat(100_000))),
        (
            "marks",
            plain(
                "Subject: Fwd: x\r\n",
                &"---------- Forwarded message ---------\r\nFrom: a@b\r\nSubject: Fwd: x\r\n".repeat(20_000),
            ),
        ),
        ("attributions", plain("Subject: x\r\n", &"On 1 Jan a b c d e f g h i j wrote\r\n".repeat(20_000))),
    ] {
        let message = read(raw);
        assert!(message.attachments.len() <= 50, "{name}");
    }
}

#[test]
fn nothing_is_too_broken() {
    for raw in [
        &b""[..],
        b"\n",
        b"\0\0\0\0",
        b"no header at all",
        b":\r\n\r\n",
        b"\xff\xfe\xfd",
        b"Subject: \r\n\r\n",
        b"From: \r\n\tx\r\n \r\n",
    ] {
        let message = read(raw);
        assert!(message.from.is_none() && message.attachments.is_empty(), "{raw:?}");
    }
    assert_eq!(codes(&read(b"")), [Code::BrokenMail]);
    assert_eq!(codes(&read(b"\0\0\0\0")), [Code::BrokenMail]);
}

/// Twenty thousand mails, each a made mail with a few bytes changed, cut out or doubled. Fixed seeds: a failure names its own.
#[test]
fn mutated_mails_never_panic() {
    let (head, body) = base64_part("Content-Type: application/pdf; name=\"=?utf-8?q?PO=20=C3=BC.pdf?=\"", PDF);
    let inner = multipart(
        "related",
        "Subject: PO 4711\r\n",
        &[("Content-Type: text/html; charset=utf-8", "<table><tr><td>1<td>2<td>3</table>&amp;"), (&head, &body)],
    );
    let forward = "Fw\r\n---------- Forwarded message ---------\r\nFrom: A <a@b.example>\r\nDate: Mon\r\nSubject: Re: x\r\nTo: c\r\n\r\nhi\r\nOn 1 May x wrote:\r\n> y\r\nbegin 644 a\r\n#86)C\r\nend\r\n";
    let seeds = [
        multipart(
            "mixed",
            "Subject: Fwd: PO\r\nReferences: <a@b> <c@d>\r\n",
            &[("Content-Type: text/plain; charset=utf-8", forward), ("Content-Type: message/rfc822", &inner)],
        ),
        inner.clone(),
        plain(
            "Subject: =?utf-8?b?UE8=?=\r\nDate: Mon, 3 Jun 2024 10:01:00 +0200\r\nAuthentication-Results: mx.us.example; dmarc=pass (x)\r\n",
            forward,
        ),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..20_000 {
        let mut raw = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=random.below(6) {
            random.damage(&mut raw);
        }
        let message = std::panic::catch_unwind(|| read(&raw))
            .unwrap_or_else(|_| panic!("round {round}: {:?}", String::from_utf8_lossy(&raw)));
        let crashed = message.findings.iter().any(|finding| finding.message.contains("breaks the mail reader"));
        assert!(!crashed, "round {round}: {:?}", String::from_utf8_lossy(&raw));
        assert!(message.attachments.len() <= 50 && message.body.len() <= 2 * raw.len() + 1000, "round {round}");
    }
}

/// xorshift: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn damage(&mut self, raw: &mut Vec<u8>) {
        let at = self.below(raw.len());
        let length = self.below(40).min(raw.len() - at);
        match self.below(5) {
            0 => raw[at] = self.below(256) as u8,
            1 => drop(raw.drain(at..at + length)),
            2 => {
                let piece = raw[at..at + length].to_vec();
                let to = self.below(raw.len());
                raw.splice(to..to, piece);
            }
            3 => raw[at] ^= 1 << self.below(8),
            _ => {
                let tricks: [&[u8]; 6] = [b"\r\n\r\n", b"--", b"\0", b"=?utf-8?q?=", b"<!--", b"\xff\xfe"];
                let trick = tricks[self.below(tricks.len())];
                raw.splice(at..at, trick.iter().copied());
            }
        }
    }
}

fn shown(folder: &Path, limits: SourceLimits) -> Vec<String> {
    let short = |text: &str| text.replace(&folder.display().to_string(), "");
    collect(folder, limits)
        .map(|item| match item {
            Ok(RawItem::Mail { source, bytes }) => {
                format!("mail {} {}", short(&source), String::from_utf8_lossy(&bytes).trim().replace('\n', "|"))
            }
            Ok(RawItem::Document { source, name, .. }) => format!("document {} {name}", short(&source)),
            Err(error) => format!("error {}", short(&error.to_string())),
        })
        .collect()
}

#[test]
fn sources_of_all_kinds_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    let put = |name: &str, bytes: &[u8]| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    };
    put("b/order.pdf", PDF);
    put("a.eml", b"Subject: A\n\na");
    put(".hidden.eml", b"Subject: H\n\nh");
    put("big.bin", &[7; 5000]);
    put("c-maildir/new/1.x", b"Subject: new\n\nn");
    put("c-maildir/cur/2.x:2,S", b"Subject: cur\n\nc");
    put("c-maildir/tmp/3.x", b"Subject: tmp\n\nt");
    put("d.mbox", b"From ann@x Mon Jun  3 10:01:00 2024\nSubject: 1\n\nx\n>From here on\n>>From far\nFrom nobody in a sentence\n\nFrom bob@x Mon Jun  3 10:01:00 2024\nSubject: 2\n\ny\n");
    put("noending", b"Received: by x\nFrom: a@b\n\nhi");
    put("text.txt", b"From: ACME\nDate: today\n\n5 x AB-1");
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "x").expect("a file");
    std::os::unix::fs::symlink(outside.path().join("secret"), root.join("e-link")).expect("a link");
    std::os::unix::fs::symlink(&root, root.join("f-loop")).expect("a link");
    let found = shown(&root, SourceLimits { max_item_bytes: 1000 });
    assert_eq!(
        found,
        [
            "mail /a.eml Subject: A||a",
            "document /b/order.pdf order.pdf",
            "error /big.bin is larger than 1000 bytes and was not read",
            "mail /c-maildir/cur/2.x:2,S Subject: cur||c",
            "mail /c-maildir/new/1.x Subject: new||n",
            "mail /d.mbox#1 Subject: 1||x|From here on|>From far|From nobody in a sentence",
            "mail /d.mbox#2 Subject: 2||y",
            "error /e-link is a link that leads out of the folder and was not followed",
            "mail /noending Received: by x|From: a@b||hi",
            "document /text.txt text.txt",
        ]
    );
    let missing = shown(&root.join("nowhere"), SourceLimits::default());
    assert_eq!(missing, ["error  does not exist"]);
}

#[test]
fn a_large_mail_in_an_mbox_is_reported_and_the_rest_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("all");
    let line = "From ann@x Mon Jun  3 10:01:00 2024\n";
    fs::write(&file, format!("{line}Subject: 1\n\n{}\n\n{line}Subject: 2\n\ny\n", "x".repeat(3000))).expect("a file");
    let found = shown(&file, SourceLimits { max_item_bytes: 1000 });
    assert_eq!(found, ["error #1 is larger than 1000 bytes and was not read", "mail #2 Subject: 2||y"]);
}

#[test]
fn a_dropped_file_is_taken_when_it_has_come_to_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut drop_folder = DropFolder::new(folder.path());
    for name in ["order.pdf", "half.pdf.part", ".hidden", "x.tmp"] {
        fs::write(at(name), "1").expect("a file");
    }
    assert!(drop_folder.ready().expect("a look").is_empty(), "seen for the first time");
    fs::write(at("order.pdf"), "12").expect("a file");
    assert!(drop_folder.ready().expect("a look").is_empty(), "it grew");
    assert_eq!(drop_folder.ready().expect("a look"), [at("order.pdf")]);
    assert_eq!(put_away(&at("order.pdf")).expect("a move"), at("done/order.pdf"));
    fs::write(at("order.pdf"), "again").expect("a file");
    assert_eq!(put_away(&at("order.pdf")).expect("a move"), at("done/order-2.pdf"));
    assert_eq!(fs::read_to_string(at("done/order.pdf")).expect("the first one"), "12");
    assert!(drop_folder.ready().expect("a look").is_empty());
}
