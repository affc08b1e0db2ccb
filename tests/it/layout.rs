//! The layout reader on whole documents: each file in `tests/it/layouts` is a form drawn in text, and below `=== expected` what is read
//! from it. A new layout is a new file.

use podesk::model::{Code, Draft, DraftLine, DraftOrder, DraftParty, Reading, Severity};
use podesk::reading::document::{Document, Limits, Page, SourceKind, Visibility, Word};
use podesk::reading::extraction::contract::needs_review;
use podesk::reading::{ReadingContext, document, extraction};
use proptest::prelude::*;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Write the readings found below each form instead of comparing them: `PODESK_BLESS=1`. Look at the difference before committing it.
const BLESS: &str = "PODESK_BLESS";

fn context() -> ReadingContext {
    let mut context = ReadingContext { received: Some(jiff::civil::date(2026, 6, 22)), ..ReadingContext::default() };
    context.company.name = "Our Company Ltd".into();
    context
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/layouts")
}

#[test]
fn every_layout_reads_as_expected() {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder()).expect("the folder of layouts").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() >= 30, "only {} layouts", paths.len());
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting")]
    let bless = std::env::vars_os().any(|(name, _)| name == BLESS);
    let mut wrong = Vec::new();
    for path in paths {
        let whole = std::fs::read_to_string(&path).expect("a text file");
        let (form, expected) = whole.split_once("=== expected\n").unwrap_or((whole.as_str(), ""));
        let found = printed(&extraction::read(&document::read(form.as_bytes(), "form.txt", &Limits::default()), &context()));
        if bless {
            std::fs::write(&path, format!("{form}=== expected\n{found}")).expect("the layout is written");
        } else if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} layouts read otherwise than expected:\n{}", wrong.len(), wrong.join("\n"));
}

/// A draft as a person would note it down; only what is there.
fn printed(draft: &Draft) -> String {
    let mut out = String::new();
    let language = draft.language.as_ref().map_or("-", |l| l.as_str());
    let _ = writeln!(out, "{} {language}{}", draft.kind.as_str(), if needs_review(draft) { ", needs review" } else { "" });
    for order in &draft.orders {
        order_printed(order, &mut out);
    }
    for finding in draft.findings.iter().filter(|f| f.severity >= Severity::Ask) {
        let _ = writeln!(out, "ask: {} {}", finding.code.as_str(), finding.field);
    }
    out
}

fn order_printed(order: &DraftOrder, out: &mut String) {
    let mut put = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name}: {value}");
        }
    };
    put("po", text(&order.po_number));
    put("revision", text(&order.revision));
    put("date", text(&order.po_date));
    put("delivery", text(&order.requested_delivery_date));
    put("currency", text(&order.currency));
    put("terms", text(&order.payment_terms));
    put("incoterm", text(&order.incoterm));
    put("buyer", party(&order.buyer));
    put("seller", party(&order.seller));
    put("ship to", party(&order.ship_to));
    put("bill to", party(&order.bill_to));
    for line in &order.lines {
        put("line", line_printed(line));
    }
    put("subtotal", text(&order.subtotal));
    put("discount", text(&order.discount));
    put("shipping", text(&order.shipping));
    put("tax", text(&order.tax));
    put("total", text(&order.total));
}

fn line_printed(line: &DraftLine) -> String {
    let mut parts = Vec::new();
    let mut put = |name: &str, value: String| {
        if !value.is_empty() {
            parts.push(format!("{name}{value}"));
        }
    };
    put("", text(&line.line_no));
    put("theirs ", text(&line.buyer_part));
    put("ours ", text(&line.supplier_part));
    put("mpn ", text(&line.manufacturer_part));
    put("gtin ", text(&line.gtin));
    put("", text(&line.description));
    put("", format!("{} {}", text(&line.quantity), text(&line.uom)).trim().to_owned());
    put("@ ", text(&line.unit_price));
    put("per ", text(&line.price_basis));
    put("less % ", text(&line.discount_percent));
    put("= ", text(&line.line_total));
    put("on ", text(&line.requested_date));
    parts.join(" | ")
}

fn party(party: &DraftParty) -> String {
    let parts = [
        &party.name,
        &party.street,
        &party.postal_code,
        &party.city,
        &party.region,
        &party.country,
        &party.vat_id,
        &party.phone,
        &party.contact,
    ];
    parts.iter().map(|r| text(r)).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" | ")
}

fn text<T: ToString>(reading: &Reading<T>) -> String {
    match reading {
        Reading::Found(field) => field.value.to_string(),
        Reading::Several(fields) => fields.iter().map(|f| f.value.to_string()).collect::<Vec<_>>().join(" or "),
        Reading::Unreadable { raw, .. } => format!("?{raw}?"),
        Reading::Absent => String::new(),
    }
}

/// Every value that a reading shows has a place in the document or a rule that it follows from.
#[test]
fn every_value_says_where_it_came_from() {
    for entry in std::fs::read_dir(folder()).expect("the folder of layouts") {
        let whole = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text file");
        let form = whole.split("=== expected").next().unwrap_or_default();
        let draft = extraction::read(&document::read(form.as_bytes(), "form.txt", &Limits::default()), &context());
        for order in &draft.orders {
            for line in &order.lines {
                for reading in [&line.quantity, &line.unit_price, &line.line_total] {
                    assert!(reading.found().is_none_or(|f| !f.origin.spans().is_empty()), "a figure without a place: {reading:?}");
                }
            }
            assert!(order.po_number.found().is_none_or(|f| !f.origin.spans().is_empty()));
        }
    }
}

#[test]
fn hidden_words_are_not_read() {
    let mut document = document::read(
        b"PURCHASE ORDER\nPO Number: 4711\n\nPart   Description   Quantity   Price   Amount\nAB-1   Cable   10   2.50   25.00\n",
        "a.txt",
        &Limits::default(),
    );
    for word in document.pages.iter_mut().flat_map(|p| &mut p.words).filter(|w| w.text == "4711") {
        word.visibility = Visibility::White;
    }
    let draft = extraction::read(&document, &context());
    assert!(draft.orders[0].po_number.is_absent(), "{:?}", draft.orders[0].po_number);
    assert!(draft.findings.iter().any(|f| f.code == Code::MissingPoNumber));
}

fn word() -> impl Strategy<Value = Word> {
    let text = prop_oneof![
        "[A-Za-zäöüß€$%&#.,:;/()-]{1,12}",
        "[0-9.,'/-]{1,12}",
        proptest::sample::select(vec![
            "Qty",
            "Quantity",
            "Price",
            "Amount",
            "Total",
            "PO",
            "Number:",
            "Ship",
            "To:",
            "Menge",
            "Preis",
            "Bestellung",
            "Nr.",
            "Date:",
            "EUR",
            "10",
            "2.50",
            "25.00",
            "Subtotal",
            "Invoice",
            "Description",
        ])
        .prop_map(str::to_owned),
    ];
    (text, 0.0f32..600.0, 0.0f32..800.0, 1.0f32..80.0, 2.0f32..20.0).prop_map(|(text, x, y, width, size)| Word {
        text,
        bbox: [x, y, x + width, y + size],
        size,
        bold: false,
        visibility: Visibility::Visible,
        ocr_confidence: None,
        span: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_document_makes_it_panic(words in proptest::collection::vec(word(), 0..160), twice in proptest::bool::ANY) {
        let page = Page { number: 1, width: 595.0, height: 842.0, words, ..Page::default() };
        let pages = if twice { vec![page.clone(), Page { number: 2, ..page }] } else { vec![page] };
        let document = Document { pages, ..Document::empty(SourceKind::Pdf) };
        let draft = extraction::read(&document, &context());
        let _ = extraction::is_open(&draft);
        let _ = extraction::contract::to_json("x", &podesk::model::Sha256::from("00"), &draft);
    }
}
