//! How long bytes take to become words: one page and twenty pages, in process.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lopdf::{Object, Stream, dictionary};
use podesk::reading::document::{Limits, read};
use std::hint::black_box;

/// A purchase order of `pages` pages with forty ruled lines each.
fn order(pages: usize) -> Vec<u8> {
    let mut file = lopdf::Document::with_version("1.5");
    let font = file.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let tree = file.new_object_id();
    let kids: Vec<Object> = (0..pages)
        .map(|page| {
            let content = file.add_object(Stream::new(dictionary! {}, page_content(page).into_bytes()).with_compression(true));
            let page = dictionary! {
                "Type" => "Page",
                "Parent" => tree,
                "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
                "Contents" => content,
            };
            Object::Reference(file.add_object(page))
        })
        .collect();
    file.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => pages as i64 }.into());
    let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    file.trailer.set("Root", catalog);
    file.compress();
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).expect("a document in memory can be written");
    bytes
}

fn page_content(page: usize) -> String {
    let mut content = String::from("BT /F1 14 Tf 50 800 Td (Purchase Order 4500012345) Tj ET\n");
    for line in 0..40 {
        let y = 760 - line * 18;
        let position = page * 40 + line + 1;
        content.push_str(&format!("0.5 w 50 {} m 545 {} l S\n", y - 4, y - 4));
        for (x, text) in [
            (50, format!("{}", position * 10)),
            (90, format!("A-{:05}", position * 37)),
            (170, "Hexagon bolt DIN 933 M8x40 zinc plated".to_owned()),
            (400, format!("{} PCE", 5 + position % 90)),
            (460, "1,250.00".to_owned()),
            (510, "EUR".to_owned()),
        ] {
            content.push_str(&format!("BT /F1 9 Tf {x} {y} Td ({text}) Tj ET\n"));
        }
    }
    content
}

fn documents(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a PDF");
    for pages in [1, 20] {
        let bytes = order(pages);
        group.throughput(Throughput::Elements(pages as u64));
        group.bench_function(format!("{pages} pages"), |bencher| {
            bencher.iter(|| read(black_box(&bytes), "order.pdf", &Limits::default()));
        });
    }
    group.finish();
}

criterion_group!(benches, documents);
criterion_main!(benches);
