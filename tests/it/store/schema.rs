//! The schema itself: the same tables and columns in both databases, migrations that go one way, and settings that are refused.

use super::Ground;
use podesk::orders::Supply;
use podesk::store::{Db, StoreError, StoreSettings};
use rust_decimal::dec;
use sqlx::{Connection, Row};
use std::collections::BTreeSet;
use std::path::Path;

/// Table, column, type, and whether null is allowed.
type Column = (String, String, String, bool);

/// Every one of them: 20 tables and more, so a query that finds nothing cannot pass.
const FEWEST_COLUMNS: usize = 150;

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (Ground::sqlite().await, Ground::postgres().await);
    let (here, there) = (columns_of_sqlite(&sqlite).await, columns_of_postgres(&postgres).await);
    assert!(here.len() > FEWEST_COLUMNS, "{}", here.len());
    assert_eq!(here.difference(&there).collect::<Vec<_>>(), Vec::<&Column>::new(), "in SQLite only");
    assert_eq!(there.difference(&here).collect::<Vec<_>>(), Vec::<&Column>::new(), "in PostgreSQL only");
    let indexes = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'";
    let of_postgres = "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_key' AND indexname NOT LIKE '%_pkey'";
    assert_eq!(sqlite.ask(indexes).await, postgres.ask(of_postgres).await, "indexes");
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let files = std::fs::read_dir(path).expect("the folder is there").map(|file| file.expect("readable").file_name());
        files.collect::<BTreeSet<_>>()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_by_name() {
    for (ground, tampering, words) in [
        (Ground::sqlite().await, "INSERT INTO migrations VALUES ('9999_future', '')", ["9999_future", "newer podesk"]),
        (Ground::postgres().await, "INSERT INTO migrations VALUES ('9999_future', '')", ["9999_future", "newer podesk"]),
        (Ground::sqlite().await, "UPDATE migrations SET sha256 = 'x'", ["0001_first", "differs"]),
    ] {
        ground.tamper(tampering).await.expect("tampered");
        let error = Db::open(&ground.settings, ground.folder.path()).await.err().expect("refused").to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_showing_the_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = async |url: &str| {
        let error = Db::open(&StoreSettings { url: url.into() }, folder.path()).await.err().expect("refused");
        (format!("{error} {error:?}"), error)
    };
    let (text, error) = open("mysql://root:s3cret@host/db").await;
    assert!(matches!(error, StoreError::UnknownUrl { .. }) && text.contains("mysql") && !text.contains("s3cret"), "{text}");
    let (text, error) = open("postgres://podesk:s3cret@127.0.0.1:1/podesk").await;
    assert!(error.is_temporary() && text.contains("127.0.0.1") && !text.contains("s3cret"), "{text}");
    let (text, _) = open("postgres://podesk:s3cret@[/").await;
    assert!(!text.contains("s3cret"), "{text}");
    std::fs::write(folder.path().join("podesk.db"), "this is no database, however long it may be ".repeat(100)).expect("written");
    let (text, error) = open("").await;
    assert!(text.contains("podesk.db") && !error.is_temporary(), "{text}");
}

/// Text that earlier programs stored must be read for ever.
#[tokio::test]
async fn payloads_of_the_first_format_are_still_read() {
    let ground = Ground::sqlite().await;
    let item = super::sample::mail("one");
    let mut tx = ground.db.begin().await.expect("a transaction");
    tx.store_item(&item).await.expect("stored");
    tx.commit().await.expect("committed");
    let text = |json: &str| format!("'{}'", json.trim().replace('\'', "''"));
    let inserts = [
        format!(
            "INSERT INTO orders VALUES ('SO-000001', 'ACME', 'PO1', '', 0, 0, 1, 0, 'EUR', '0', {})",
            text(include_str!("format-1/order.json"))
        ),
        format!("INSERT INTO order_events VALUES ('SO-000001', 1, 0, {})", text(include_str!("format-1/event.json"))),
        format!("INSERT INTO plans VALUES (1, 'SO-000001', {})", text(include_str!("format-1/plan.json"))),
        format!(
            "INSERT INTO cases VALUES ('R-000001', 'open', 'order', '{}', NULL, 0, 1, {})",
            item.sha256,
            text(include_str!("format-1/case.json"))
        ),
    ];
    for insert in inserts {
        ground.tamper(&insert).await.expect("inserted");
    }
    let number = "SO-000001".into();
    let order = super::sample::order("SO-000001", "ACME", "PO-1");
    assert_eq!(ground.db.order(&number).await.expect("read"), Some(order.clone()));
    assert_eq!(ground.db.order_events(&number).await.expect("read")[0].2, super::sample::placed(&order));
    let plan = super::sample::plan("HAM", &Supply::OnHand, &[("10", "BOLT-8", dec!(5))]);
    assert_eq!(ground.db.plans(&number).await.expect("read"), [plan]);
    let case = super::sample::case(&"R-000001".into(), &item.sha256);
    assert_eq!(ground.db.case(&case.number).await.expect("read"), Some(case));
}

async fn columns_of_sqlite(ground: &Ground) -> BTreeSet<Column> {
    let path = ground.folder.path().join("podesk.db");
    let mut link = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.expect("it opens");
    let sql = "SELECT t.name, c.name AS column_name, c.type, c.\"notnull\" OR c.pk > 0 AS required FROM sqlite_master t
               JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let rows = sqlx::query(sql).fetch_all(&mut link).await.expect("read");
    let column = |row: &sqlx::sqlite::SqliteRow| {
        let declared: String = row.get(2);
        let declared = declared.replace("INTEGER", "bigint").replace("TEXT", "text").replace("BLOB", "bytea");
        (row.get(0), row.get(1), declared, !row.get::<bool, _>(3))
    };
    rows.iter().map(column).collect()
}

async fn columns_of_postgres(ground: &Ground) -> BTreeSet<Column> {
    let mut link = sqlx::PgConnection::connect(&ground.settings.url).await.expect("it answers");
    let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
               WHERE table_schema = 'public'";
    let rows = sqlx::query(sql).fetch_all(&mut link).await.expect("read");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}
