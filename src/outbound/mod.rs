//! What we tell others: confirmations drafted from data by template, and the ways they leave.

pub mod notice;

pub use notice::{Notice, NoticeKind, OutboxItem, Route, Thread};
