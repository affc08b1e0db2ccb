//! Everything that is kept: SQLite by default, PostgreSQL by URL. The only room that writes SQL.
