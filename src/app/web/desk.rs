//! What the pages need that is not a plain read of the store: documents, and a person's decisions.
//!
//! The flow's desk implements it; every answer is checked again by deciding before anything is placed. Lists, orders and sign-in
//! come from the store directly. A page never speaks SQL, IMAP or SMTP.

use crate::deciding::review::{Case, Correction};
use crate::model::CaseNumber;
use crate::model::master::MasterData;
use crate::reading::document::Document;
use jiff::Timestamp;
use std::pin::Pin;
use std::sync::Arc;

/// An answer in the making.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeskError>> + Send + 'a>>;

/// Why the desk did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("there is no such thing here")]
    NotFound,
    /// The page was older than the case; nothing was changed (DOMAIN 14).
    #[error("it was changed meanwhile")]
    Stale {
        /// Who changed or decided it, where that is known.
        by: Option<String>,
    },
    /// One sentence for the clerk: what is wrong with the answer and what to do.
    #[error("{0}")]
    Refused(String),
    /// Machinery failed. The text is logged, never shown.
    #[error("{0}")]
    Failed(String),
}

/// The desk's work on cases.
pub trait ReviewDesk: Send + Sync {
    fn now(&self) -> Timestamp;
    /// 256 random bits.
    fn secret(&self) -> [u8; 32];
    /// Master data as of now, for names and choices.
    fn master(&self) -> Doing<'_, Arc<MasterData>>;

    /// The document in question, parsed: page sizes, words and text. For a case about a mail's body, the body.
    fn document(&self, case: Case) -> Doing<'_, Document>;
    /// One page (from 1) of the case's document as PNG. `NotFound` where there is no such page.
    fn page_image(&self, case: Case, page: u32) -> Doing<'_, Vec<u8>>;

    /// Accepts what is asked and places, changes or cancels. The case as it is then: still open where a finding blocks.
    fn approve(&self, number: CaseNumber, version: i64, who: String) -> Doing<'_, Case>;
    /// Saves corrections and checks again; the case stays open.
    fn correct(&self, number: CaseNumber, version: i64, corrections: Vec<Correction>, who: String) -> Doing<'_, Case>;
    fn reject(&self, number: CaseNumber, version: i64, reason: String, who: String) -> Doing<'_, Case>;
    /// Puts the case into a person's hands; an empty name gives it back.
    fn assign(&self, number: CaseNumber, to: String, who: String) -> Doing<'_, Case>;

    /// For `/readyz`: may this instance be given work?
    fn readiness(&self) -> Doing<'_, Readiness>;
}

/// Whether all is well, and what is known about each part: `("database", "ok")`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    pub is_ready: bool,
    pub parts: Vec<(String, String)>,
}
