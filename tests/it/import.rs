//! Master data files: what is accepted, what is refused and where exactly, and that nothing of a refused file stays.

mod refused;
mod workbook;

use podesk::app::import::{ImportReport, Kind, Rows, import_dir, import_file, read_file};
use podesk::model::Unit;
use podesk::model::master::MasterData;
use podesk::orders::Supply;
use podesk::store::{Db, StockFilter, StoreSettings};
use rust_decimal::dec;
use std::path::Path;
use tempfile::TempDir;

/// A folder that is right: every file, every column.
const GOOD: [(&str, &str); 10] = [
    (
        "products.csv",
        "sku,name,uom,gtin,manufacturer_part,pack_size,weight_kg,length_cm,width_cm,height_cm,price,currency,min_order_qty,\
         order_multiple,lead_time_days,status,superseded_by\n\
         BOLT-8,\"Hex bolt M8, zinc\",EA,4006381333931,M8/a,100,0.012,8,1.3,1.3,0.42,EUR,100,50,14,active,\n\
         BOLT-8-OLD,Hex bolt,pcs,,,,,,,,,,,,,discontinued,BOLT-8\n",
    ),
    ("uoms.csv", "sku,uom,numerator,denominator\nBOLT-8,box,100,1\nBOLT-8,EA,1,1\n"),
    (
        "customers.csv",
        "\u{feff}account;name;email_domains;emails;vat_id;gln;currency;payment_terms;credit_limit;price_list;language;country;priority;\
         allow_backorder;allow_partial;ship_complete;automation\r\n\
         ACME;Größte GmbH;\"acme.example;acme.test\";Buyer@Mail.example;DE123456789;4012345000009;EUR;30 days;50000.50;A;de;DE;7;\
         true;FALSE;true;review_all\r\n\
         MINI;Mini;;;;;;;;;;;;;;;\r\n",
    ),
    (
        "addresses.csv",
        "account,code,name,street,city,postal_code,country,region,is_default\nACME,MAIN,Acme,Weg 1,Dresden,01067,de,SN,true\n\
         ACME,AUH,Acme Gulf,Corniche 2,Abu Dhabi,,AE,,\n",
    ),
    ("part_refs.csv", "account,customer_part,sku,uom\nACME,K 17/a,BOLT-8,box\nMINI,k17,BOLT-8,\n"),
    (
        "prices.csv",
        "price_list\tsku\tprice\tcurrency\tmin_qty\tper\tuom\tvalid_from\tvalid_to\nA\tBOLT-8\t39.90\tEUR\t100\t100\tEA\t2026-01-01\t2026-12-31\n\
         A\tBOLT-8\t0.45\tEUR\t\t\t\t\t\n",
    ),
    (
        "nodes.csv",
        "node,name,kind,country,postal_code,street,city,latitude,longitude,timezone,cutoff,handling_days,daily_capacity,\
         handling_cost,pickup\nHAM,Hamburg,warehouse,DE,20095,Kai 1,Hamburg,53.55,9.99,Europe/Berlin,9:30,1,1000,2.5,false\n\
         SUP,Supplier,supplier,PL,,,,,,,,,,,\n",
    ),
    ("stock.csv", "node,sku,on_hand,safety_stock,lot,expires\nHAM,BOLT-8,100,10,L1,2027-01-31\nHAM,BOLT-8,50.5,10,L2,\n"),
    ("inbound.csv", "node,sku,quantity,due,reference,reliability\nHAM,BOLT-8,200,2026-12-10,PO-9,0.75\n"),
    (
        "rates.csv",
        "carrier,service,node,country,postal_prefix,max_weight_kg,price,currency,transit_days,pickup_cutoff,dim_divisor\n\
         DHL,ground,HAM,DE,,31.5,4.90,EUR,2,16:30,5000\nDHL,ground,HAM,DE,01,31.5,5.90,EUR,2,,\n",
    ),
];

/// A database and a folder to import from.
struct Desk {
    db: Db,
    folder: TempDir,
    _data: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let db = Db::open(&StoreSettings::default(), data.path()).await.expect("it opens");
        Self { db, folder: tempfile::tempdir().expect("a temporary folder"), _data: data }
    }

    /// With everything of `GOOD` imported.
    async fn stocked() -> Self {
        let desk = Self::new().await;
        for (name, text) in GOOD {
            desk.write(name, text.as_bytes());
        }
        let report = desk.import().await;
        assert!(report.is_complete(), "{report:#?}");
        for (name, _) in GOOD {
            std::fs::remove_file(desk.folder.path().join(name)).expect("removed");
        }
        desk
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).expect("written");
    }

    async fn import(&self) -> ImportReport {
        import_dir(&self.db, self.folder.path()).await.expect("the database works")
    }

    /// Every error, as it is shown.
    async fn errors(&self) -> Vec<String> {
        let refused = self.import().await.refused;
        refused.iter().flat_map(|file| &file.errors).map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn every_column_of_every_file_arrives() {
    let desk = Desk::stocked().await;
    let rows = desk.db.master_rows().await.expect("read");
    let (bolt, old) = (&rows.products[0], &rows.products[1]);
    assert_eq!(
        (bolt.name.as_str(), &bolt.uom, bolt.price, bolt.lead_time_days),
        ("Hex bolt M8, zinc", &Unit::piece(), Some(dec!(0.42)), Some(14))
    );
    assert_eq!(old.superseded_by.as_ref().map(|sku| sku.as_str()), Some("BOLT-8"));
    let acme = &rows.customers[0];
    assert_eq!((acme.name.as_str(), acme.emails.clone()), ("Größte GmbH", vec!["buyer@mail.example".to_owned()]));
    assert_eq!(acme.email_domains, ["acme.example", "acme.test"]);
    assert_eq!((acme.allow_backorder, acme.allow_partial, acme.ship_complete), (true, false, true));
    assert_eq!((rows.customers[1].priority, rows.customers[1].allow_backorder), (100, true), "defaults");
    assert_eq!(rows.addresses[1].address.country, "DE");
    assert_eq!((rows.nodes[0].cutoff.as_deref(), rows.nodes[0].daily_capacity), (Some("09:30"), Some(1_000)));
    assert_eq!(rows.rates.len(), 2);
    let master = MasterData::new(rows);
    assert_eq!(master.part_refs(&"ACME".into(), "k17A").len(), 1);
    assert_eq!(master.prices[&("A".to_owned(), "BOLT-8".into())].len(), 2);

    let stock = &desk.db.stock(&StockFilter::default()).await.expect("read")[0];
    assert_eq!((stock.on_hand, stock.safety_stock), (dec!(150.5), dec!(10)), "two lots are one position");
    let inbound = &desk.db.inbound(&StockFilter::default()).await.expect("read")[0];
    assert_eq!((inbound.quantity, inbound.reliability, inbound.reference.as_str()), (dec!(200), dec!(0.75), "PO-9"));
}

#[tokio::test]
async fn importing_again_replaces_and_deletes_nothing() {
    let desk = Desk::stocked().await;
    let before = desk.db.master_version().await.expect("read");
    desk.write("products.csv", b"sku,name,uom\nBOLT-8,Better bolt,EA\n");
    desk.write("stock.csv", b"node,sku,on_hand,lot\nHAM,BOLT-8,10,L2\n");
    let report = desk.import().await;
    assert_eq!(
        report.imported.iter().map(|file| (file.file.as_str(), file.rows)).collect::<Vec<_>>(),
        [("products.csv", 1), ("stock.csv", 1)]
    );
    let rows = desk.db.master_rows().await.expect("read");
    assert_eq!((rows.products.len(), rows.products[0].name.as_str(), rows.products[0].gtin.as_deref()), (2, "Better bolt", None));
    assert_eq!(desk.db.stock(&StockFilter::default()).await.expect("read")[0].on_hand, dec!(110));
    assert!(desk.db.master_version().await.expect("read") > before);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_of_the_file_stays() {
    let desk = Desk::stocked().await;
    let before = snapshot(&desk.db).await;
    for (name, text, errors) in refused::FILES {
        desk.write(name, text.as_bytes());
        assert_eq!(desk.errors().await, *errors, "{text}");
        assert_eq!(snapshot(&desk.db).await, before, "{text}");
        std::fs::remove_file(desk.folder.path().join(name)).expect("removed");
    }
}

async fn snapshot(db: &Db) -> String {
    let rows = db.master_rows().await.expect("read");
    let stock = db.stock(&StockFilter::default()).await.expect("read");
    format!("{rows:?} {stock:?} {}", db.master_version().await.expect("read"))
}

#[tokio::test]
async fn a_refused_file_stops_only_what_depends_on_it() {
    let desk = Desk::new().await;
    for (name, text) in GOOD {
        let text = if name == "products.csv" { text.replace("0.42", "0,42") } else { text.to_owned() };
        desk.write(name, text.as_bytes());
    }
    let report = desk.import().await;
    let imported: Vec<_> = report.imported.iter().map(|file| file.kind).collect();
    assert_eq!(imported, [Kind::Customers, Kind::Addresses, Kind::Nodes, Kind::Rates]);
    let refused: Vec<_> = report.refused.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(refused, ["products.csv", "uoms.csv", "part_refs.csv", "prices.csv", "stock.csv", "inbound.csv"]);
    assert_eq!(
        report.refused[3].errors[0].to_string(),
        "prices.csv: not imported, because it refers to products, which was refused"
    );
}

#[tokio::test]
async fn folders_are_searched_for_master_data_alone() {
    let desk = Desk::new().await;
    let empty = desk.errors().await;
    assert!(empty.len() == 1 && empty[0].contains("expected products.csv"), "{empty:?}");
    desk.write("README.md", b"notes");
    desk.write(".~lock.products.csv", b"x");
    desk.write("customer.csv", b"account,name\nX,X\n");
    desk.write("nodes.csv", b"node,name,kind,country,postal_code\nHAM,Hamburg,store,DE,20095\n");
    let report = desk.import().await;
    assert_eq!(report.imported.iter().map(|file| file.kind).collect::<Vec<_>>(), [Kind::Nodes]);
    assert_eq!(report.refused.len(), 1);
    assert!(report.refused[0].errors[0].to_string().contains("did you mean `customers`?"));
    let missing = import_dir(&desk.db, Path::new("/no/such/folder")).await.expect("the database works");
    assert!(missing.refused[0].errors[0].to_string().contains("cannot be read"));
}

#[tokio::test]
async fn hostile_files_are_refused_in_one_sentence() {
    let desk = Desk::stocked().await;
    let many: String = (0..5_000).map(|n| format!("S{n},Nut,flurb\n")).collect();
    let files: [(&[u8], &str); 7] = [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"sku,name,uom\nA,N\xfct,EA\n", "line 2: is not UTF-8"),
        (b"sku,name,uom\nA,\"Nut,EA\nB,Nut,EA\nC,Nut,EA\n", "line 2"),
        (b"sku,name,uom\nA,Nut\0,EA\n", "line 2, column `name`: control characters"),
        (b"%PDF-1.7\n%\xe2\xe3\n", "UTF-8"),
        (many.as_bytes(), "line 2, column `uom`"),
    ];
    for (bytes, word) in files {
        desk.write("products.csv", &[if bytes == many.as_bytes() { b"sku,name,uom\n".as_slice() } else { b"" }, bytes].concat());
        let report = desk.import().await;
        let refused = &report.refused[0];
        assert!(refused.errors[0].to_string().contains(word), "{word}: {:?}", refused.errors[0]);
        assert!(refused.errors.len() <= 200 && refused.errors.len() + refused.more <= 5_000);
        if bytes == many.as_bytes() {
            assert_eq!(refused.more, 4_800, "the rest is counted");
        }
    }
}

#[tokio::test]
async fn a_wrong_check_digit_is_noted_but_stops_nothing() {
    let desk = Desk::stocked().await;
    let path = desk.folder.path().join("any-name.csv");
    std::fs::write(&path, "sku,name,uom,gtin\nA,Nut,EA,4006381333932\n").expect("written");
    let imported = import_file(&desk.db, Kind::Products, &path).await.expect("the database works").expect("imported");
    assert_eq!(
        imported.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["any-name.csv, line 2, column `gtin`: the check digit of `4006381333932` is wrong"]
    );
    assert!(matches!(read_file(Kind::Products, &path), Ok(Rows::Products(rows)) if rows.len() == 1));
    assert!(read_file(Kind::Nodes, &path).is_err());
}

#[tokio::test]
async fn a_count_below_what_is_promised_is_named_by_line() {
    use crate::store::sample;
    let desk = Desk::stocked().await;
    let mut tx = desk.db.begin().await.expect("a transaction");
    let order = sample::place(&mut tx, "ACME", "PO-1").await.number;
    let plan = sample::plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(120))]);
    tx.reserve(&order, &plan).await.expect("no error").expect("enough");
    tx.commit().await.expect("committed");
    desk.write("stock.csv", b"node,sku,on_hand,lot\nHAM,BOLT-8-OLD,5,\nHAM,BOLT-8,40,L1\n");
    let errors = desk.errors().await;
    assert!(errors.len() == 1 && errors[0].starts_with("stock.csv, line 3, column `on_hand`: BOLT-8 at HAM: 90.5"), "{errors:?}");
    assert_eq!(desk.db.stock(&StockFilter::default()).await.expect("read").len(), 1, "nothing of the file stays");
}

#[tokio::test]
async fn a_workbook_is_read_as_its_csv_would_be() {
    use workbook::Cell::{Date, Flag, Nothing, Number, Text};
    let desk = Desk::stocked().await;
    let header = |names: &[&'static str]| names.iter().map(|name| Text(name)).collect::<Vec<_>>();
    let prices = [
        header(&["price_list", "sku", "price", "currency", "min_qty", "valid_from"]),
        vec![Text("B"), Text("BOLT-8"), Number("39.9"), Text("EUR"), Number("100"), Date(46_023)],
        vec![Nothing; 6],
        vec![Text("B"), Text("BOLT-8"), Number("0.30000000000000004"), Text("EUR")],
    ];
    desk.write("prices.xlsx", &workbook::of(&[("Prices", &prices), ("Empty", &[])]));
    let customers = [
        header(&["account", "name", "allow_partial", "priority"]),
        vec![Text("SHEET"), Text("Größte & Söhne <KG>"), Flag(false), Number("12")],
    ];
    desk.write("customers.xlsx", &workbook::of(&[("Sheet1", &customers)]));
    let report = desk.import().await;
    assert!(report.is_complete(), "{report:#?}");
    let rows = desk.db.master_rows().await.expect("read");
    let listed: Vec<_> =
        rows.prices.iter().filter(|price| price.price_list == "B").map(|p| (p.price, p.min_qty, p.valid_from)).collect();
    assert_eq!(listed, [(dec!(0.3), dec!(0), None), (dec!(39.9), dec!(100), Some(jiff::civil::date(2026, 1, 1)))]);
    let sheet = rows.customers.iter().find(|customer| customer.account.as_str() == "SHEET").expect("imported");
    assert_eq!((sheet.name.as_str(), sheet.allow_partial, sheet.priority), ("Größte & Söhne <KG>", false, 12));
}

#[tokio::test]
async fn a_bad_workbook_is_refused_by_row_and_column() {
    use workbook::Cell::{Number, Text};
    let desk = Desk::stocked().await;
    let header = ["node", "sku", "on_hand"].map(Text).to_vec();
    let stock = [header.clone(), vec![], vec![Text("HAM"), Text("BOLT-8"), Number("-2")]];
    let files = [
        (workbook::of(&[("Stock", &stock)]), "stock.xlsx, line 3, column `on_hand`: `-2` is negative"),
        (workbook::of(&[("A", &stock), ("B", &stock)]), "stock.xlsx: the workbook has several sheets, `A` and `B`: keep one"),
        (workbook::of(&[("A", &[])]), "stock.xlsx: is empty: the first line must name the columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "stock.xlsx: is an old or encrypted workbook"),
        (workbook::of(&[("Stock", &stock)])[..300].to_vec(), "stock.xlsx: the workbook is damaged"),
    ];
    for (bytes, word) in files {
        desk.write("stock.xlsx", &bytes);
        let errors = desk.errors().await;
        assert!(errors.len() == 1 && errors[0].starts_with(word), "{word}: {errors:?}");
    }
    desk.write("stock.csv", b"node,sku,on_hand\nHAM,BOLT-8,100\n");
    let report = desk.import().await;
    assert_eq!(report.refused[0].errors[0].to_string(), "stock.xlsx: stock.csv is here too: keep one of them");
}

/// The demo company's own files: what a newcomer copies first.
#[tokio::test]
async fn the_demo_master_data_is_imported_without_a_note() {
    let desk = Desk::new().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/master");
    let report = import_dir(&desk.db, &folder).await.expect("the database works");
    assert_eq!(report.refused, []);
    assert_eq!(report.imported.iter().map(|file| file.kind).collect::<Vec<_>>(), Kind::ALL);
    for file in &report.imported {
        assert!(file.rows > 0 && file.notes.is_empty(), "{file:?}");
    }
}
