//! Learned templates through the real flow: a mail comes in and is a question, a person corrects it once from what the paper says and
//! approves it, and the next documents of that layout are placed without anybody - exactly. What is not of that layout, of another
//! sender, or meddled with, is not.

use super::servers;
use base64::Engine;
use podesk::app::clock::Clock;
use podesk::app::config::Config;
use podesk::app::flow::{Approved, Desk};
use podesk::app::import;
use podesk::deciding::review::{Case, Correction, whole};
use podesk::intake::RawItem;
use podesk::model::{Code, Method, Sha256};
use podesk::orders::Order;
use podesk::store::{MessageRecord, Outcome, TemplateRecord};
use rust_decimal::Decimal;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A desk with twenty customers, each with a form of its own, and their papers.
struct School {
    folder: tempfile::TempDir,
    desk: Desk,
}

impl School {
    /// Draws the papers of these layouts; all where none is named.
    async fn open(layouts: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/generator/teach.py");
        let drawn = Command::new(servers::python()).arg("-B").arg(script).arg(folder.path()).args(layouts).output();
        let drawn = drawn.expect("python starts");
        assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
        let mut config = Config::default();
        config.company.name = "Nordwerk Supply GmbH".into();
        config.company.domains = vec!["nordwerk.example".into()];
        config.company.country = "DE".into();
        config.data.dir = folder.path().join("data");
        let clock = Clock::manual("2026-11-24T10:00:00Z".parse().expect("a moment"));
        let desk = Desk::open(config, clock, PathBuf::from(env!("CARGO_BIN_EXE_podesk")), None).await.expect("a desk");
        let report = import::import_dir(&desk.db, &folder.path().join("master")).await.expect("imported");
        assert!(report.is_complete(), "{:?}", report.refused);
        Self { folder, desk }
    }

    /// The folders of the layouts, in their order.
    fn layouts(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).expect("readable").map(|entry| entry.expect("readable").path());
        let is_layout = |path: &PathBuf| path.join("00.pdf").exists();
        let mut found: Vec<PathBuf> = entries.filter(is_layout).collect();
        found.sort();
        found
    }

    /// Sends a paper from the customer whose layout it is.
    async fn send(&self, paper: &Path) -> MessageRecord {
        let layout = paper.parent().and_then(Path::file_name).expect("a layout's folder").to_string_lossy().into_owned();
        self.send_from(paper, &format!("einkauf@kunde{}.example", &layout[..2])).await
    }

    async fn send_from(&self, paper: &Path, sender: &str) -> MessageRecord {
        let bytes = mail(paper, sender);
        let sha256 = Sha256::of(&bytes);
        self.desk.take_in(&[(RawItem::Mail { source: "test".into(), bytes }, None)]).await.expect("taken in");
        self.desk.process(None, &sha256).await.expect("processed")
    }

    async fn case(&self, record: &MessageRecord) -> Case {
        let number = record.cases.first().unwrap_or_else(|| panic!("a case: {record:?}"));
        self.desk.case(number).await.expect("the case is there")
    }

    /// A person enters what stands on the paper and says yes.
    async fn teach(&self, paper: &Path) -> Case {
        let case = self.case(&self.send(paper).await).await;
        let answers = whole::answers(&truth(paper), case.lines()).expect("answers");
        self.correct_and_approve(case, answers).await
    }

    async fn correct_and_approve(&self, case: Case, answers: Vec<Correction>) -> Case {
        let case = self.desk.correct(&case.number, case.version, answers, "eva").await.expect("corrected");
        match self.desk.approve(&case.number, case.version, "eva").await.expect("approved") {
            Approved::Done { case } => case,
            Approved::StillOpen { case } => panic!("still open: {:?}", case.findings),
        }
    }

    async fn order(&self, record: &MessageRecord) -> Order {
        let number = record.orders.first().expect("an order");
        self.desk.db.order(number).await.expect("readable").expect("the order is there")
    }

    /// What an order placed from a paper says differently from it.
    async fn differs(&self, record: &MessageRecord, paper: &Path) -> Vec<String> {
        let (order, truth) = (self.order(record).await.purchase_order, truth(paper));
        let mut differing = Vec::new();
        let mut compare = |what: &str, here: String, there: String| {
            if here != there {
                differing.push(format!("{what}: {here}, but {there} is printed"));
            }
        };
        compare("number", order.po_number.value.clone(), text(&truth["po_number"]));
        compare("currency", order.currency.value.to_string(), text(&truth["currency"]));
        if !truth["ship_to"].is_null() {
            compare("postal code", order.ship_to.value.postal_code.clone(), text(&truth["ship_to"]["postal_code"]));
        }
        let lines = truth["lines"].as_array().expect("lines");
        compare("lines", order.lines.len().to_string(), lines.len().to_string());
        for (line, there) in order.lines.iter().zip(lines) {
            let basis = there["price_basis"].as_str().map_or(Decimal::ONE, number);
            compare(
                "quantity",
                line.quantity.value.normalize().to_string(),
                number(&text(&there["quantity"])).normalize().to_string(),
            );
            let printed = number(&text(&there["unit_price"])) / basis;
            let price = line.price.value.amount / line.price.value.per;
            compare("price", price.normalize().to_string(), printed.normalize().to_string());
            let discount = there["discount_percent"].as_str().map(number);
            compare("discount", format!("{:?}", line.discount_percent), format!("{discount:?}"));
        }
        differing
    }

    async fn templates(&self, all: bool) -> Vec<TemplateRecord> {
        self.desk.db.templates(!all, 100).await.expect("templates can be read")
    }
}

/// The whole desk in one future is more than a test's own thread holds.
fn at_school(lesson: impl AsyncFnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(lesson());
    });
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

fn mail(paper: &Path, sender: &str) -> Vec<u8> {
    let name = paper.file_name().expect("a file").to_string_lossy().into_owned();
    let bytes = std::fs::read(paper).expect("the paper is there");
    let encoded = base64::prelude::BASE64_STANDARD.encode(bytes);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    format!(
        "From: Einkauf <{sender}>\r\nTo: orders@nordwerk.example\r\nSubject: Neues von uns\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nGuten Tag,\r\n\r\n\
         siehe Anlage.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

fn truth(paper: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(paper.with_extension("json")).expect("the truth is there");
    serde_json::from_str(&text).expect("JSON")
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[test]
fn one_correction_makes_the_next_ten_of_a_layout_exact_and_touchless() {
    at_school(async || {
        let school = School::open(&[]).await;
        let layouts = school.layouts();
        assert_eq!(layouts.len(), 20);
        let mut learned = Vec::new();
        for layout in &layouts {
            let taught = school.teach(&layout.join("00.pdf")).await;
            let mut placed = 0;
            for next in 1..=10 {
                let paper = layout.join(format!("{next:02}.pdf"));
                let record = school.send(&paper).await;
                if record.outcome == Some(Outcome::OrderPlaced) {
                    placed += 1;
                    let differing = school.differs(&record, &paper).await;
                    assert!(differing.is_empty(), "{} was placed wrongly: {differing:?}", paper.display());
                }
            }
            let template = school.templates(false).await.into_iter().find(|known| known.case == taught.number);
            println!("{}: {placed} of 10", layout.display());
            if placed == 10 && template.is_some_and(|template| template.used >= 8) {
                learned.push(layout);
            }
        }
        assert!(learned.len() >= 19, "{} of 20 layouts were learned from one correction: {learned:?}", learned.len());
    });
}

#[test]
fn what_is_not_quite_of_the_layout_is_read_anew_and_asked_about() {
    at_school(async || {
        let school = School::open(&["invented"]).await;
        let layout = school.layouts().remove(0);
        school.teach(&layout.join("00.pdf")).await;
        let record = school.send(&layout.join("01.pdf")).await;
        assert_eq!(record.outcome, Some(Outcome::OrderPlaced), "the form itself is known: {record:?}");
        let meddled = std::fs::read_dir(&layout).expect("readable").map(|entry| entry.expect("readable").path());
        let mut meddled: Vec<PathBuf> = meddled.filter(|path| path.to_string_lossy().contains("meddled-")).collect();
        meddled.sort();
        assert!(meddled.len() >= 11, "{meddled:?}");
        for paper in meddled {
            let record = school.send(&paper).await;
            assert!(matches!(record.outcome, Some(Outcome::Review | Outcome::Question)), "{}: {record:?}", paper.display());
        }
        let record = school.send(&layout.join("changed.pdf")).await;
        let case = school.case(&record).await;
        let draft =
            school.desk.db.readings(&record.sha256).await.expect("readable").into_iter().find(|reading| reading.part != "body");
        let draft = draft.expect("the paper was read").draft;
        assert_eq!(draft.method, Method::Layout);
        let changed = |code: Code| draft.findings.iter().any(|finding| finding.code == code);
        assert!(changed(Code::LayoutChanged), "{:?}", case.findings);
    });
}

#[test]
fn a_template_is_used_for_its_own_sender_alone() {
    at_school(async || {
        let school = School::open(&["invented"]).await;
        let layout = school.layouts().remove(0);
        school.teach(&layout.join("00.pdf")).await;
        for stranger in ["einkauf@kunde02.example", "einkauf@nowhere.example"] {
            let record = school.send_from(&layout.join("01.pdf"), stranger).await;
            assert_ne!(record.outcome, Some(Outcome::OrderPlaced), "{stranger}");
            let readings = school.desk.db.readings(&record.sha256).await.expect("readable");
            assert!(readings.iter().all(|reading| reading.draft.method != Method::Template), "{stranger}");
        }
        assert_eq!(school.templates(false).await[0].used, 0);
        assert_eq!(school.send(&layout.join("01.pdf")).await.outcome, Some(Outcome::OrderPlaced));
    });
}

#[test]
fn a_template_that_led_to_a_correction_gives_way_and_one_can_be_revoked() {
    at_school(async || {
        let school = School::open(&["bare", "invented"]).await;
        let layouts = school.layouts();
        for layout in &layouts {
            school.teach(&layout.join("00.pdf")).await;
        }
        // Prices of ours that have risen are asked about, however well an order is read.
        let raised = layouts[0].join("01.pdf");
        let mut tx = school.desk.db.begin().await.expect("a transaction");
        let mut products = school.desk.db.master_rows().await.expect("readable").products;
        products.iter_mut().for_each(|product| product.price = product.price.map(|price| price * Decimal::TWO));
        tx.replace_products(&products).await.expect("dearer");
        tx.commit().await.expect("committed");
        let record = school.send(&raised).await;
        assert_eq!(record.outcome, Some(Outcome::Review), "{record:?}");
        let case = school.case(&record).await;
        assert_eq!(case.draft.as_ref().map(|draft| draft.method), Some(Method::Template));
        let answer = Correction::new("/orders/0/lines/0/quantity", "77");
        let approved = school.correct_and_approve(case, vec![answer]).await;
        assert!(!approved.orders.is_empty());
        let all = school.templates(true).await;
        let bare = all.iter().find(|record| record.sender == "kunde00.example").expect("it is kept");
        assert!(!bare.is_active && bare.corrected == 1 && bare.used == 1, "{} {} {}", bare.is_active, bare.corrected, bare.used);
        assert!(bare.ended.contains(approved.number.as_str()), "{}", bare.ended);
        let other = all.iter().find(|record| record.sender == "kunde01.example").expect("it is kept");
        assert!(school.desk.revoke_template(&other.number, "eva").await.expect("revoked"));
        assert!(!school.desk.revoke_template(&other.number, "eva").await.expect("once is enough"));
        assert!(school.templates(false).await.is_empty());
    });
}
