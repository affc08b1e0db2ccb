//! One contract for the store, kept by SQLite and by PostgreSQL alike: every function in the list runs on both.
//!
//! What only a second database or a broken one can show - schema parity, tampered rows, migrations - is in `store/schema.rs`.

mod jobs;
mod mails;
mod master;
mod model;
mod orders;
mod people;
pub(crate) mod sample;
mod schema;
mod stock;
mod transactions;

use crate::servers::Postgres;
use podesk::store::{Db, StoreSettings};
use tempfile::TempDir;

/// A database of its own for one test, and a way to reach behind the store's back.
pub(crate) struct Ground {
    pub(crate) db: Db,
    settings: StoreSettings,
    folder: TempDir,
}

impl Ground {
    async fn sqlite() -> Self {
        Self::open(StoreSettings::default()).await
    }

    async fn postgres() -> Self {
        Self::open(StoreSettings { url: Postgres::start().url().to_owned() }).await
    }

    async fn open(settings: StoreSettings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let db = Db::open(&settings, folder.path()).await.expect("a fresh database opens");
        Self { db, settings, folder }
    }

    /// As another process would see it: connections of its own.
    pub(crate) async fn second(&self) -> Db {
        Db::open(&self.settings, self.folder.path()).await.expect("an existing database opens")
    }

    fn is_postgres(&self) -> bool {
        !self.settings.url.is_empty()
    }

    /// Runs statements past the store; the number of rows that the last one touched.
    pub(crate) async fn tamper(&self, sql: &str) -> Result<u64, sqlx::Error> {
        use sqlx::Connection;
        let sql = sqlx::AssertSqlSafe(sql);
        if self.is_postgres() {
            let mut link = sqlx::PgConnection::connect(&self.settings.url).await?;
            Ok(sqlx::raw_sql(sql).execute(&mut link).await?.rows_affected())
        } else {
            let path = self.folder.path().join("podesk.db");
            let mut link = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?;
            Ok(sqlx::raw_sql(sql).execute(&mut link).await?.rows_affected())
        }
    }

    /// A whole number asked past the store.
    pub(crate) async fn ask(&self, sql: &str) -> i64 {
        use sqlx::Connection;
        let sql = sqlx::AssertSqlSafe(sql);
        if self.is_postgres() {
            let mut link = sqlx::PgConnection::connect(&self.settings.url).await.expect("PostgreSQL answers");
            sqlx::query_scalar(sql).fetch_one(&mut link).await.expect("a number")
        } else {
            let path = self.folder.path().join("podesk.db");
            let mut link = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.expect("it opens");
            sqlx::query_scalar(sql).fetch_one(&mut link).await.expect("a number")
        }
    }
}

/// Each on SQLite as a test of its own; all of them on PostgreSQL in one test, because starting a server takes a second.
macro_rules! contract {
    ($($module:ident: $($test:ident),+);+ $(;)?) => {
        mod on_sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$module::$test(super::Ground::sqlite().await).await;
            })+)+
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn postgres_keeps_the_same_contract() {
            $($(
                eprintln!("{}", stringify!($test));
                $module::$test(Ground::postgres().await).await;
            )+)+
        }
    };
}

contract! {
    mails: an_item_is_taken_in_once, a_message_is_saved_over_what_was_known, readings_come_in_the_order_of_the_mail,
        the_ledger_knows_what_the_mailbox_was_told;
    orders: one_purchase_order_makes_one_order, a_stale_write_changes_nothing, what_is_stored_comes_back,
        orders_are_listed_and_summed, a_row_that_contradicts_itself_is_named;
    stock: a_plan_is_reserved_whole_or_not_at_all, release_gives_back_once, a_count_below_what_is_reserved_is_refused,
        counts_at_the_same_time_add_up, nobody_oversells, cancelled_work_leaks_no_stock;
    jobs: a_key_is_unique_among_the_unfinished, a_lost_lease_changes_nothing, eight_workers_never_share_a_job,
        a_notice_is_claimed_by_one_sender, an_attempt_ends_in_one_way;
    people: cases_are_changed_only_as_seen, sessions_and_links_end, spend_and_actions_add_up;
    model: what_the_model_cost_is_kept_by_document, examples_are_the_customers_own_newest_first;
    master: rows_come_back_and_replace_each_other;
    transactions: nothing_of_a_dropped_transaction_stays, dropped_begins_poison_nothing, a_second_opening_changes_nothing,
        an_empty_database_is_opened_by_many_at_once;
}
