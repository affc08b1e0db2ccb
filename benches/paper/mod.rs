//! Purchase orders on paper, to measure with: PDFs of as many pages and lines as one likes, from a customer of the demo to its company.

use lopdf::{Object, Stream, dictionary};

/// Lines on one page.
const LINES: usize = 24;
const HEADINGS: [(i32, &str); 6] =
    [(50, "Line"), (90, "Item"), (170, "Description"), (380, "Qty"), (430, "Unit price"), (500, "Amount")];

/// Order `number` with `lines` ruled lines on as many pages as they need.
pub fn order(number: u32, lines: usize) -> Vec<u8> {
    let mut file = lopdf::Document::with_version("1.5");
    let font = file.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let tree = file.new_object_id();
    let pages = lines.div_ceil(LINES);
    let kids: Vec<Object> = (0..pages)
        .map(|page| {
            let content = page_content(number, page, lines);
            let content = file.add_object(Stream::new(dictionary! {}, content.into_bytes()).with_compression(true));
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

fn page_content(number: u32, page: usize, lines: usize) -> String {
    let mut content = String::new();
    let mut print = |x: i32, y: i32, text: &str| content.push_str(&format!("BT /F1 9 Tf {x} {y} Td ({text}) Tj ET\n"));
    if page == 0 {
        for (row, text) in [
            "PURCHASE ORDER",
            &format!("Order number: {number}"),
            "Order date: 23/11/2026",
            "Delivery date: 14/12/2026",
            "Currency: GBP",
        ]
        .into_iter()
        .enumerate()
        {
            print(330, 800 - 14 * row as i32, text);
        }
        for (row, text) in ["Acme Fabrication Ltd", "Unit 7 Canal Works", "Leeds LS9 8AA", "United Kingdom"].into_iter().enumerate()
        {
            print(50, 800 - 12 * row as i32, text);
        }
        for (row, text) in
            ["Supplier:", "Nordwerk Supply GmbH", "Speicherstrasse 14", "20457 Hamburg", "Germany"].into_iter().enumerate()
        {
            print(50, 720 - 12 * row as i32, text);
        }
    }
    HEADINGS.into_iter().for_each(|(x, text)| print(x, 640, text));
    let shown = page * LINES..lines.min((page + 1) * LINES);
    let mut y = 640;
    for line in shown.clone() {
        y -= 18;
        let (part, name, cents) =
            [("NW-5011", "Flap disc 125 grit 60", 202), ("NW-2020", "Safety goggles clear EN 166", 585)][line % 2];
        let quantity = 2 + line % 3;
        print(50, y, &format!("{}", (line + 1) * 10));
        print(90, y, part);
        print(170, y, name);
        print(380, y, &format!("{quantity}"));
        print(430, y, &pounds(cents));
        print(500, y, &pounds(cents * quantity));
    }
    if shown.end == lines {
        let total: usize = (0..lines).map(|line| (2 + line % 3) * [202, 585][line % 2]).sum();
        print(430, y - 24, "Total");
        print(500, y - 24, &pounds(total));
    }
    for line in 0..shown.len() as i32 {
        content.push_str(&format!("0.5 w 50 {0} m 545 {0} l S\n", 636 - line * 18));
    }
    content
}

fn pounds(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
