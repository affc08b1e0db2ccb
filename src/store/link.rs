//! One text of SQL for two databases: a connection of either kind, the values that go in and the rows that come out.
//!
//! Each query is written once with `$n` parameters and `RETURNING`; `Link::pick` chooses where the dialects truly differ.
//! Only five types cross this border - text, whole numbers, bytes, and their nulls - so both databases decode them alike;
//! times, dates, decimals, words and JSON are text or whole numbers, translated here and nowhere else.

use super::error::StoreError;
use super::quantity;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::Row as _;

/// A borrowed connection of either database.
pub(super) enum Link<'a> {
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres(&'a mut sqlx::PgConnection),
}

impl Link<'_> {
    /// The text for this database, where one text cannot serve both.
    pub(super) fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Every row. `table` is for error messages; the first column selected is taken for the row's key in them.
    pub(super) async fn all(&mut self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let wrap = |source| StoreError::Statement { table, source };
        match self {
            Self::Sqlite(link) => {
                let query = args.into_iter().fold(sqlx::query(sql), bind_sqlite);
                let rows = query.fetch_all(&mut **link).await.map_err(wrap)?;
                Ok(rows.into_iter().map(|row| Row { table, inner: Inner::Sqlite(row) }).collect())
            }
            Self::Postgres(link) => {
                let query = args.into_iter().fold(sqlx::query(sql), bind_postgres);
                let rows = query.fetch_all(&mut **link).await.map_err(wrap)?;
                Ok(rows.into_iter().map(|row| Row { table, inner: Inner::Postgres(row) }).collect())
            }
        }
    }

    /// The first row, if there is one.
    pub(super) async fn one(
        &mut self,
        table: &'static str,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all(table, sql, args).await?.into_iter().next())
    }

    /// How many rows were touched.
    pub(super) async fn exec(&mut self, table: &'static str, sql: &'static str, args: Vec<Value>) -> Result<u64, StoreError> {
        let wrap = |source| StoreError::Statement { table, source };
        match self {
            Self::Sqlite(link) => {
                let query = args.into_iter().fold(sqlx::query(sql), bind_sqlite);
                Ok(query.execute(&mut **link).await.map_err(wrap)?.rows_affected())
            }
            Self::Postgres(link) => {
                let query = args.into_iter().fold(sqlx::query(sql), bind_postgres);
                Ok(query.execute(&mut **link).await.map_err(wrap)?.rows_affected())
            }
        }
    }

    /// Statements without parameters, several at once.
    pub(super) async fn raw(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(link) => sqlx::raw_sql(sql).execute(&mut **link).await.map(drop),
            Self::Postgres(link) => sqlx::raw_sql(sql).execute(&mut **link).await.map(drop),
        }
    }
}

/// A parameter. Build a list of them with `args!`.
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Blob(Vec<u8>),
}

type SqliteQuery<'q> = sqlx::query::Query<'q, sqlx::Sqlite, <sqlx::Sqlite as sqlx::Database>::Arguments>;
type PgQuery<'q> = sqlx::query::Query<'q, sqlx::Postgres, <sqlx::Postgres as sqlx::Database>::Arguments>;

fn bind_sqlite(query: SqliteQuery<'_>, value: Value) -> SqliteQuery<'_> {
    match value {
        Value::Text(text) => query.bind(text),
        Value::Int(int) => query.bind(int),
        Value::Blob(bytes) => query.bind(bytes),
    }
}

fn bind_postgres(query: PgQuery<'_>, value: Value) -> PgQuery<'_> {
    match value {
        Value::Text(text) => query.bind(text),
        Value::Int(int) => query.bind(int),
        Value::Blob(bytes) => query.bind(bytes),
    }
}

macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$(crate::store::link::Value::from($value)),*] };
}
pub(super) use args;

/// PostgreSQL has no NUL in text and mails do: it becomes the replacement character in both databases.
fn storable(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(storable(text)))
    }
}

macro_rules! value_from {
    ($($type:ty => |$value:ident| $text:expr),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Value::from($text)
            }
        })*
    };
}

value_from! {
    &String => |text| text.as_str(),
    String => |text| text.as_str(),
    &crate::model::Account => |id| id.as_str(),
    &crate::model::Sku => |id| id.as_str(),
    &crate::model::NodeCode => |id| id.as_str(),
    &crate::model::OrderNumber => |id| id.as_str(),
    &crate::model::CaseNumber => |id| id.as_str(),
    &crate::model::Sha256 => |id| id.as_str(),
    &crate::model::Unit => |unit| unit.code(),
    crate::model::Currency => |currency| currency.as_str(),
    Date => |date| date.to_string(),
    Decimal => |decimal| decimal.normalize().to_string(),
    bool => |flag| i64::from(flag),
    u32 => |number| i64::from(number),
    Timestamp => |time| time.as_microsecond(),
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(Some(int))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

macro_rules! value_from_option {
    ($null:ident: $($type:ty),* $(,)?) => {
        $(impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                value.map_or(Value::$null(None), Value::from)
            }
        })*
    };
}

value_from_option!(Text: &str, &String, &crate::model::Sku, &crate::model::Sha256, &crate::model::Unit, crate::model::Currency, Date, Decimal, String);
value_from_option!(Int: i64, u32, Timestamp);

/// The serde name of a value without fields: `order_placed`. Enums are stored under the names that their JSON form has.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("only enums without fields are stored as words, not {other:?}"),
    }
}

/// A list as JSON text, for lists that nothing outlives: ids, codes, addresses.
pub(super) fn list<T: Serialize>(values: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(values).map_err(|error| StoreError::Unstorable { what: "a list".into(), problem: error.to_string() })
}

/// A text from outside as part of a key: as it is while short, else its beginning and digest, because PostgreSQL refuses index
/// entries over some 2,700 bytes.
pub(super) fn index_key(text: &str) -> String {
    const LONGEST_PLAIN_BYTES: usize = 400;
    if text.len() <= LONGEST_PLAIN_BYTES {
        return text.to_owned();
    }
    let start: String = text.chars().take(50).collect();
    format!("{start}#{}", crate::model::Sha256::of(text.as_bytes()))
}

enum Inner {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

/// A row that was read. A column that does not hold what it should is an error that names table, column and key.
pub(super) struct Row {
    table: &'static str,
    inner: Inner,
}

macro_rules! get {
    ($row:expr, $type:ty, $column:expr) => {
        match &$row.inner {
            Inner::Sqlite(row) => row.try_get::<$type, _>($column),
            Inner::Postgres(row) => row.try_get::<$type, _>($column),
        }
        .map_err(|error| $row.bad($column, error.to_string()))
    };
}

impl Row {
    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        get!(self, String, column)
    }

    pub(super) fn text_or_none(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        get!(self, Option<String>, column)
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        get!(self, i64, column)
    }

    pub(super) fn int_or_none(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        get!(self, Option<i64>, column)
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        get!(self, Vec<u8>, column)
    }

    /// A whole number in the range of `T`.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        let int = self.int(column)?;
        T::try_from(int).map_err(|_| self.bad(column, format!("{int} is out of range")))
    }

    pub(super) fn number_or_none<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        let int = self.int_or_none(column)?;
        int.map(|int| T::try_from(int).map_err(|_| self.bad(column, format!("{int} is out of range")))).transpose()
    }

    pub(super) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        let micros = self.int(column)?;
        Timestamp::from_microsecond(micros).map_err(|error| self.bad(column, error.to_string()))
    }

    pub(super) fn time_or_none(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let micros = self.int_or_none(column)?;
        micros.map(|micros| Timestamp::from_microsecond(micros).map_err(|error| self.bad(column, error.to_string()))).transpose()
    }

    /// A stock quantity, kept as units x 10^6.
    pub(super) fn quantity(&self, column: &'static str) -> Result<Decimal, StoreError> {
        Ok(quantity::from_scaled(self.int(column)?))
    }

    /// A value that is kept as text and read back by `parse`.
    pub(super) fn parsed<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| self.bad(column, format!("`{text}` cannot be read")))
    }

    /// As `parsed`; null and empty text are `None`.
    pub(super) fn parsed_or_none<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text_or_none(column)?.filter(|text| !text.is_empty());
        text.map(|text| parse(&text).ok_or_else(|| self.bad(column, format!("`{text}` cannot be read")))).transpose()
    }

    pub(super) fn decimal(&self, column: &'static str) -> Result<Decimal, StoreError> {
        self.parsed(column, |text| text.parse().ok())
    }

    pub(super) fn decimal_or_none(&self, column: &'static str) -> Result<Option<Decimal>, StoreError> {
        self.parsed_or_none(column, |text| text.parse().ok())
    }

    pub(super) fn date_or_none(&self, column: &'static str) -> Result<Option<Date>, StoreError> {
        self.parsed_or_none(column, |text| text.parse().ok())
    }

    /// An enum that was stored by `word`.
    pub(super) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        self.parsed(column, from_word)
    }

    pub(super) fn word_or_none<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.parsed_or_none(column, from_word)
    }

    /// A list that was stored by `list`.
    pub(super) fn list<T: DeserializeOwned>(&self, column: &'static str) -> Result<Vec<T>, StoreError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|error| self.bad(column, error.to_string()))
    }

    /// A value that was stored by `payload::to_text`.
    pub(super) fn payload<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        super::payload::from_text(&self.text(column)?).map_err(|problem| self.bad(column, problem))
    }

    pub(super) fn bad(&self, column: &'static str, problem: String) -> StoreError {
        StoreError::BadRow { table: self.table, column, key: self.key(), problem }
    }

    /// The first column as text.
    fn key(&self) -> String {
        match &self.inner {
            Inner::Sqlite(row) => row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|int| int.to_string())),
            Inner::Postgres(row) => row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|int| int.to_string())),
        }
        .unwrap_or_else(|_| "?".into())
    }
}

fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = word.into_deserializer();
    T::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_become_short_keys_that_still_differ() {
        let long = "ä".repeat(5_000);
        let key = index_key(&long);
        assert!(key.len() < 400, "{}", key.len());
        assert_ne!(key, index_key(&format!("{long}x")));
        assert_eq!(index_key("PO 4711"), "PO 4711");
    }

    #[test]
    fn nul_never_reaches_the_database() {
        assert!(matches!(Value::from("a\0b"), Value::Text(Some(text)) if text == "a\u{fffd}b"));
    }
}
