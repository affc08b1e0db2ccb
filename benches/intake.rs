//! How long one order mail takes to be taken apart, and fifty take through the whole desk: stored, read in confined children, placed,
//! and their confirmations written, in an SQLite of their own.

mod paper;

use base64::Engine;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use podesk::app::clock::Clock;
use podesk::app::config::Config;
use podesk::app::flow::Desk;
use podesk::app::{import, service};
use podesk::intake::mime::parse;
use podesk::intake::{MailSettings, OurMail, RawItem};
use podesk::outbound::Route;
use podesk::store::Outcome;
use std::hint::black_box;
use std::path::Path;
use tempfile::TempDir;

const MAILS: u32 = 50;

fn mail(number: u32, pdf: &[u8]) -> Vec<u8> {
    let encoded = base64::engine::general_purpose::STANDARD.encode(pdf);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    format!(
        "From: Helen Marsh <purchasing@acme-fabrication.example>\r\nTo: orders@nordwerk.example\r\nSubject: Purchase Order {number}\r\n\
         Message-ID: <{number}@acme-fabrication.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Please find our order.</p><p>Helen Marsh</p>\r\n--b\r\nContent-Type: application/pdf; name=PO.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

fn taking_apart(criterion: &mut Criterion) {
    let (settings, our) = (MailSettings::default(), OurMail::default());
    // The size of a PDF with a font and a logo in it.
    let pdf: Vec<u8> =
        b"%PDF-1.7\n".iter().copied().chain((0..60_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)).collect();
    let raw = mail(4711, &pdf);
    assert_eq!(parse(&raw, &settings, &our).attachments.len(), 1);
    let mut group = criterion.benchmark_group("intake");
    group.throughput(Throughput::Bytes(raw.len() as u64));
    group.bench_function("a mail with a PDF of 60 KB", |bencher| bencher.iter(|| parse(black_box(&raw), &settings, &our)));
    group.finish();
}

/// A desk with the demo's master data, and the folder that it lives in.
async fn new_desk() -> (Desk, TempDir) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let company = std::fs::read_to_string(fixtures.join("company.toml")).expect("the demo's company");
    let mut config = Config::from_text(&company, &fixtures.join("company.toml")).expect("settings");
    let folder = tempfile::tempdir().expect("a temporary folder");
    config.data.dir = folder.path().to_owned();
    config.outbound.confirmation = Route::Folder;
    let now = std::fs::read_to_string(fixtures.join("now.txt")).expect("the demo's moment");
    let clock = Clock::manual(now.trim().parse().expect("a moment"));
    let desk = Desk::open(config, clock, env!("CARGO_BIN_EXE_podesk").into(), None).await.expect("a desk");
    assert!(import::import_dir(&desk.db, &fixtures.join("master")).await.expect("a store").is_complete());
    (desk, folder)
}

async fn ingest(desk: &Desk, mails: &[(RawItem, Option<podesk::store::UidEntry>)]) {
    let taken = desk.take_in(mails).await.expect("stored");
    service::drain(desk, service::processors(), &taken).await.expect("worked off");
    desk.send_due(Route::Folder, None).await.expect("written");
}

fn whole_desk(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mails: Vec<_> = (0..MAILS)
        .map(|number| {
            let bytes = mail(70_000 + number, &paper::order(70_000 + number, 3));
            (RawItem::Mail { source: "bench".into(), bytes }, None)
        })
        .collect();
    let (desk, _folder) = runtime.block_on(new_desk());
    runtime.block_on(ingest(&desk, &mails));
    let records = runtime.block_on(desk.db.messages(MAILS)).expect("records");
    let others: Vec<_> = records.iter().filter(|record| record.outcome != Some(Outcome::OrderPlaced)).collect();
    assert!(records.len() == mails.len() && others.is_empty(), "measures placed orders only: {others:#?}");

    let mut group = criterion.benchmark_group("whole desk");
    group.throughput(Throughput::Elements(u64::from(MAILS)));
    group.sample_size(10);
    group.bench_function("50 mails of one page into SQLite", |bencher| {
        bencher.iter_batched(
            || runtime.block_on(new_desk()),
            |(desk, folder)| {
                runtime.block_on(ingest(&desk, &mails));
                (desk, folder)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, taking_apart, whole_desk);
criterion_main!(benches);
