//! What the pages need from the rest of podesk, and nothing more. The flow's desk implements it over the store; tests do in memory.
//!
//! A page never speaks SQL, IMAP or SMTP; it asks here and shows the answer.

use crate::deciding::review::{Case, Correction};
use crate::model::master::MasterData;
use crate::model::{Account, CaseNumber, Code, Money, OrderNumber, Sha256};
use crate::orders::inventory::StockPosition;
use crate::orders::{Event, Order, Plan, Status};
use crate::outbound::OutboxItem;
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

/// The review desk's work: cases, orders, mails. Every answer of a person is checked again by deciding before anything is placed.
pub trait ReviewDesk: Send + Sync {
    fn now(&self) -> Timestamp;
    /// Master data as of now, for names and choices.
    fn master(&self) -> Doing<'_, Arc<MasterData>>;

    /// Open cases, oldest first, at most `limit`.
    fn open_cases(&self, limit: u32) -> Doing<'_, Vec<Case>>;
    fn case(&self, number: CaseNumber) -> Doing<'_, Option<Case>>;
    /// The document in question, parsed: page sizes, words and text.
    fn document(&self, case: Case) -> Doing<'_, Document>;
    /// One page (from 1) of the case's document as PNG.
    fn page_image(&self, case: Case, page: u32) -> Doing<'_, Vec<u8>>;
    /// A stored mail or document, as it came.
    fn original(&self, sha256: Sha256) -> Doing<'_, Option<Vec<u8>>>;

    /// Accepts what is asked and places, changes or cancels. The case as it is then: still open where a finding blocks.
    fn approve(&self, number: CaseNumber, version: i64, who: String) -> Doing<'_, Case>;
    /// Saves corrections and checks again; the case stays open.
    fn correct(&self, number: CaseNumber, version: i64, corrections: Vec<Correction>, who: String) -> Doing<'_, Case>;
    fn reject(&self, number: CaseNumber, version: i64, reason: String, who: String) -> Doing<'_, Case>;
    /// Puts the case into a person's hands; an empty name gives it back.
    fn assign(&self, number: CaseNumber, who: String) -> Doing<'_, Case>;

    /// Newest first, where number, purchase order number or account contains `words`.
    fn orders(&self, words: String, limit: u32) -> Doing<'_, Vec<OrderRow>>;
    fn order(&self, number: OrderNumber) -> Doing<'_, Option<OrderView>>;
    /// Newest first.
    fn mails(&self, limit: u32) -> Doing<'_, Vec<MailRow>>;
    fn stock(&self, limit: u32) -> Doing<'_, Vec<StockPosition>>;
    /// For `/readyz`: may this instance be given work?
    fn readiness(&self) -> Doing<'_, Readiness>;
}

/// The people who may sign in. Passwords arrive here hashed, session keys and tokens as digests: nothing stored opens a door.
pub trait People: Send + Sync {
    /// 256 random bits.
    fn secret(&self) -> [u8; 32];
    fn user_count(&self) -> Doing<'_, u64>;
    fn user(&self, name: String) -> Doing<'_, Option<User>>;
    /// Whether a set-up token is good: known, unused, not expired.
    fn setup_token_is_good(&self, token: Sha256) -> Doing<'_, bool>;
    /// Uses the token up and creates the user, or does neither and says `false`.
    fn create_first_user(&self, token: Sha256, user: User) -> Doing<'_, bool>;
    fn create_session(&self, session: Session) -> Doing<'_, ()>;
    /// The session, if it has not expired.
    fn session(&self, key: Sha256) -> Doing<'_, Option<Session>>;
    fn delete_session(&self, key: Sha256) -> Doing<'_, ()>;
    /// Failed sign-ins since then under this name, from anywhere.
    fn failed_logins(&self, name: String, since: Timestamp) -> Doing<'_, u64>;
    fn note_failed_login(&self, name: String) -> Doing<'_, ()>;
}

/// What a person may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Viewer,
    Reviewer,
    Approver,
    Admin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    /// PHC string, argon2id.
    pub password_hash: String,
    pub role: Role,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Digest of the key in the cookie.
    pub key: Sha256,
    pub user: String,
    pub role: Role,
    /// Must come with every POST.
    pub csrf: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    pub number: OrderNumber,
    pub account: Account,
    pub po_number: String,
    pub total: Money,
    pub status: Status,
    pub placed_at: Timestamp,
}

/// An order with everything that happened around it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderView {
    pub order: Order,
    pub status: Status,
    /// Oldest first.
    pub history: Vec<(Timestamp, Event)>,
    /// The plan that holds now.
    pub plan: Option<Plan>,
    pub notices: Vec<NoticeRow>,
    /// The mail that it came from.
    pub mail: Option<Sha256>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRow {
    pub item: OutboxItem,
    /// In words: `waiting`, `in the Drafts folder`, `sent`, `nobody knows whether it arrived`.
    pub state: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MailRow {
    pub sha256: Sha256,
    pub subject: String,
    pub from: String,
    pub received_at: Timestamp,
    /// The contract's word: `order_placed`, `review` ...; `None` while it is being worked on.
    pub outcome: Option<String>,
    pub reasons: Vec<Code>,
    pub why: String,
    pub orders: Vec<OrderNumber>,
    pub cases: Vec<CaseNumber>,
}

/// Whether all is well, and what is known about each part: `("database", "ok")`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    pub is_ready: bool,
    pub parts: Vec<(String, String)>,
}
