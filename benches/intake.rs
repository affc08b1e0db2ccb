//! How long does it take to take one order mail apart? A mail with a PDF of 60 KB, as they come.

use base64::Engine;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podesk::intake::mime::parse;
use podesk::intake::{MailSettings, OurMail};
use std::hint::black_box;

fn order_mail() -> Vec<u8> {
    let pdf: Vec<u8> =
        b"%PDF-1.7\n".iter().copied().chain((0..60_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(pdf);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    let table = "<tr><td>10</td><td>AB-1</td><td>5</td><td>12.50</td></tr>".repeat(20);
    format!(
        "From: Ann Lee <ann@buyer.example>\r\nTo: orders@us.example\r\nSubject: PO 4711\r\nMessage-ID: <1@buyer.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Please find our order.</p><table>{table}</table>\r\n--b\r\nContent-Type: application/pdf; name=PO.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

fn parsing(criterion: &mut Criterion) {
    let (raw, settings, our) = (order_mail(), MailSettings::default(), OurMail::default());
    assert_eq!(parse(&raw, &settings, &our).attachments.len(), 1);
    let mut group = criterion.benchmark_group("intake");
    group.throughput(Throughput::Bytes(raw.len() as u64));
    group.bench_function("mail with a PDF of 60 KB", |bencher| bencher.iter(|| parse(black_box(&raw), &settings, &our)));
    group.finish();
}

criterion_group!(benches, parsing);
criterion_main!(benches);
