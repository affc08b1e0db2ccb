//! How long a document takes to become words, and the words an order: in process, without the confined child.

mod paper;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podesk::model::DocumentKind;
use podesk::reading::document::{Limits, read};
use podesk::reading::{ReadingContext, extraction};
use std::hint::black_box;

fn words(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("PDF to words");
    for (name, lines) in [("1 page", 24), ("20 pages", 480)] {
        let bytes = paper::order(4711, lines);
        let pages = read(&bytes, "order.pdf", &Limits::default()).pages.len();
        group.throughput(Throughput::Elements(pages as u64));
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(&bytes), "order.pdf", &Limits::default())));
    }
    group.finish();
}

fn orders(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("words to an order");
    for (name, lines) in [("1 page of 24 lines", 24), ("3 pages of 60 lines", 60)] {
        let document = read(&paper::order(4711, lines), "order.pdf", &Limits::default());
        let context = ReadingContext::default();
        let draft = extraction::read(&document, &context);
        assert_eq!((draft.kind, draft.orders[0].lines.len()), (DocumentKind::PurchaseOrder, lines));
        group.throughput(Throughput::Elements(lines as u64));
        group.bench_function(name, |bencher| bencher.iter(|| extraction::read(black_box(&document), &context)));
    }
    group.finish();
}

criterion_group!(benches, words, orders);
criterion_main!(benches);
