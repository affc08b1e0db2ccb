//! The desk as the pages see it: the flow's answers and the store's rows behind the two traits of `web::desk`.

use super::Health;
use crate::app::flow::{Approved, Desk, FlowError};
use crate::app::ids;
use crate::app::web::WebState;
use crate::app::web::desk::{
    DeskError, Doing, MailRow, NoticeRow, OrderRow, OrderView, People, Readiness, ReviewDesk, Role, Session, User,
};
use crate::deciding::review::{Case, Correction};
use crate::model::master::MasterData;
use crate::model::{CaseNumber, OrderNumber, Sha256};
use crate::orders::inventory::StockPosition;
use crate::reading::document::Document;
use crate::store::{self, CaseFilter, NoticeRecord, NoticeState, OrderFilter, StockFilter, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// A set-up link is good for so long.
const SETUP_HOURS: i64 = 24;
/// Sessions of people who did not come back, and old failed log-ins, are forgotten after this.
const FORGET_HOURS: i64 = 24;

struct Behind {
    desk: Desk,
    health: Health,
}

/// What the pages need, from a desk and what the service knows of itself.
pub fn web_state(desk: Desk, health: Health) -> WebState {
    let is_https = desk.config.web.public_url.starts_with("https://");
    let behind = Arc::new(Behind { desk, health });
    WebState { desk: behind.clone(), people: behind, is_https }
}

/// A link to make the first account with, while there is none. Its token is kept as a digest only.
pub async fn setup_link(desk: &Desk, base: &str) -> Result<Option<String>, FlowError> {
    if desk.db.count_users().await? > 0 {
        return Ok(None);
    }
    let token = ids::secret();
    let mut tx = desk.db.begin().await?;
    tx.create_setup_token(Sha256::of(token.as_bytes()).as_str(), desk.clock.now() + SignedDuration::from_hours(SETUP_HOURS))
        .await?;
    tx.commit().await?;
    Ok(Some(format!("{base}/setup/{token}")))
}

impl From<FlowError> for DeskError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::NoSuchItem(_) | FlowError::NoSuchCase(_) | FlowError::NoSuchOrder(_) => Self::NotFound,
            FlowError::Stale(_) | FlowError::Decided(_) => Self::Stale { by: None },
            FlowError::Refused(_) | FlowError::Correction(_) | FlowError::Notice(_) | FlowError::Contended => {
                Self::Refused(in_one_sentence(&error))
            }
            FlowError::Store(_)
            | FlowError::Imap(_)
            | FlowError::MailboxSecret(_)
            | FlowError::Config(_)
            | FlowError::LostLease
            | FlowError::Page(_) => Self::Failed(in_one_sentence(&error)),
        }
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        FlowError::from(error).into()
    }
}

fn in_one_sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl Behind {
    /// Who got there first, where the answer came too late.
    async fn name_the_other(&self, number: &CaseNumber, error: FlowError) -> DeskError {
        match error {
            FlowError::Stale(_) | FlowError::Decided(_) => {
                let case = self.desk.db.case(number).await.ok().flatten();
                DeskError::Stale { by: case.and_then(|case| case.decided_by.or(case.assigned_to)) }
            }
            error => error.into(),
        }
    }
}

impl ReviewDesk for Behind {
    fn now(&self) -> Timestamp {
        self.desk.clock.now()
    }

    fn master(&self) -> Doing<'_, Arc<MasterData>> {
        Box::pin(async move { Ok(self.desk.master().await?) })
    }

    fn open_cases(&self, limit: u32) -> Doing<'_, Vec<Case>> {
        Box::pin(async move { Ok(self.desk.db.cases(&CaseFilter::open(), limit).await?) })
    }

    fn case(&self, number: CaseNumber) -> Doing<'_, Option<Case>> {
        Box::pin(async move { Ok(self.desk.db.case(&number).await?) })
    }

    fn document(&self, case: Case) -> Doing<'_, Document> {
        Box::pin(async move { Ok(self.desk.document_of(&case).await?) })
    }

    fn page_image(&self, case: Case, page: u32) -> Doing<'_, Vec<u8>> {
        Box::pin(async move { Ok(self.desk.page_image(&case.document, &case.document_name, page).await?) })
    }

    fn original(&self, sha256: Sha256) -> Doing<'_, Option<Vec<u8>>> {
        Box::pin(async move { Ok(self.desk.db.blob(&sha256).await?) })
    }

    fn approve(&self, number: CaseNumber, version: i64, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            match self.desk.approve(&number, version, &who).await {
                Ok(Approved::Done { case } | Approved::StillOpen { case }) => Ok(case),
                Err(error) => Err(self.name_the_other(&number, error).await),
            }
        })
    }

    fn correct(&self, number: CaseNumber, version: i64, corrections: Vec<Correction>, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            let result = self.desk.correct(&number, version, corrections, &who).await;
            match result {
                Ok(case) => Ok(case),
                Err(error) => Err(self.name_the_other(&number, error).await),
            }
        })
    }

    fn reject(&self, number: CaseNumber, version: i64, reason: String, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            match self.desk.reject(&number, version, &reason, &who).await {
                Ok(case) => Ok(case),
                Err(error) => Err(self.name_the_other(&number, error).await),
            }
        })
    }

    fn assign(&self, number: CaseNumber, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            let version = self.desk.case(&number).await?.version;
            Ok(self.desk.assign(&number, version, &who).await?)
        })
    }

    fn orders(&self, words: String, limit: u32) -> Doing<'_, Vec<OrderRow>> {
        Box::pin(async move {
            let words = words.to_lowercase();
            let rows = self.desk.db.orders(&OrderFilter::default(), limit).await?;
            let rows = rows.into_iter().map(|row| OrderRow {
                status: row.order.status(),
                number: row.number,
                account: row.account,
                po_number: row.po_number,
                total: row.total,
                placed_at: row.placed_at,
            });
            let matches = |row: &OrderRow| {
                [row.number.as_str(), row.account.as_str(), &row.po_number].iter().any(|text| text.to_lowercase().contains(&words))
            };
            Ok(rows.filter(matches).collect())
        })
    }

    fn order(&self, number: OrderNumber) -> Doing<'_, Option<OrderView>> {
        Box::pin(async move {
            let Some(order) = self.desk.db.order(&number).await? else { return Ok(None) };
            let events = self.desk.db.order_events(&number).await?;
            let notices = self.desk.db.notices_of(&number).await?;
            Ok(Some(OrderView {
                status: order.status(),
                order,
                history: events.into_iter().map(|(_, at, event)| (at, event)).collect(),
                plan: self.desk.db.plans(&number).await?.pop(),
                notices: notices.into_iter().map(notice_row).collect(),
                mail: self.desk.db.mail_of_order(&number).await?,
            }))
        })
    }

    fn mails(&self, limit: u32) -> Doing<'_, Vec<MailRow>> {
        Box::pin(async move {
            let messages = self.desk.db.messages(limit).await?;
            let row = |message: store::MessageRecord| MailRow {
                sha256: message.sha256,
                subject: message.subject,
                from: message.from,
                received_at: message.received_at,
                outcome: message.outcome.map(|outcome| outcome.as_str().to_owned()),
                reasons: message.reasons,
                why: message.why,
                orders: message.orders,
                cases: message.cases,
            };
            Ok(messages.into_iter().map(row).collect())
        })
    }

    fn stock(&self, limit: u32) -> Doing<'_, Vec<StockPosition>> {
        Box::pin(async move {
            let mut positions = self.desk.db.stock(&StockFilter::default()).await?;
            positions.truncate(limit as usize);
            Ok(positions)
        })
    }

    fn readiness(&self) -> Doing<'_, Readiness> {
        Box::pin(async move {
            let database = self.desk.db.ping().await;
            let mut parts = vec![("database".to_owned(), if database.is_ok() { "ok" } else { "does not answer" }.to_owned())];
            if !self.desk.config.mailbox.host.is_empty() {
                // A mailbox that cannot be reached only delays: people can work on, so the service stays ready.
                let state = match (self.health.mailbox_problem(), self.health.last_poll()) {
                    (Some(problem), _) => format!("trouble: {problem}"),
                    (None, Some(at)) => format!("looked into at {}", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
                    (None, None) => "not looked into yet".to_owned(),
                };
                parts.push(("mailbox".to_owned(), state));
            }
            Ok(Readiness { is_ready: database.is_ok(), parts })
        })
    }
}

fn notice_row(record: NoticeRecord) -> NoticeRow {
    let state = match record.state {
        NoticeState::Queued => "waiting to leave",
        NoticeState::Sending => "leaving",
        NoticeState::Sent => "sent",
        NoticeState::Drafted => "in the Drafts folder",
        NoticeState::Written => "written to the outbox folder",
        NoticeState::Failed => "refused",
        NoticeState::Unknown => "nobody knows whether it arrived",
    };
    let note = if record.note.is_empty() { String::new() } else { format!(" ({})", record.note) };
    NoticeRow { state: format!("{state}{note}"), at: record.started_at.unwrap_or(record.due), item: record.item }
}

impl People for Behind {
    fn secret(&self) -> [u8; 32] {
        ids::random()
    }

    fn user_count(&self) -> Doing<'_, u64> {
        Box::pin(async move { Ok(self.desk.db.count_users().await?) })
    }

    fn user(&self, name: String) -> Doing<'_, Option<User>> {
        Box::pin(async move {
            let user = self.desk.db.user(&name).await?;
            Ok(user.map(|user| User { name: user.name, password_hash: user.password_hash, role: role_of(user.role) }))
        })
    }

    fn setup_token_is_good(&self, token: Sha256) -> Doing<'_, bool> {
        Box::pin(async move { Ok(self.desk.db.is_setup_token(token.as_str(), self.desk.clock.now()).await?) })
    }

    fn create_first_user(&self, token: Sha256, user: User) -> Doing<'_, bool> {
        Box::pin(async move {
            let mut tx = self.desk.db.begin().await?;
            let now = self.desk.clock.now();
            if !tx.use_setup_token(token.as_str(), now).await?
                || !tx.create_user(&user.name, &user.password_hash, kept(user.role)).await?
            {
                tx.roll_back().await?;
                return Ok(false);
            }
            tx.note(&user.name, "create_user", &user.name, "by the set-up link", now).await?;
            tx.commit().await?;
            Ok(true)
        })
    }

    fn create_session(&self, session: Session) -> Doing<'_, ()> {
        Box::pin(async move {
            let now = self.desk.clock.now();
            let mut tx = self.desk.db.begin().await?;
            tx.delete_expired(now, now - SignedDuration::from_hours(FORGET_HOURS)).await?;
            tx.create_session(session.key.as_str(), &session.user, &session.csrf, session.created_at, session.expires_at).await?;
            tx.commit().await?;
            Ok(())
        })
    }

    fn session(&self, key: Sha256) -> Doing<'_, Option<Session>> {
        Box::pin(async move {
            let session = self.desk.db.session(key.as_str(), self.desk.clock.now()).await?;
            Ok(session.map(|session| Session {
                key,
                user: session.user,
                role: role_of(session.role),
                csrf: session.csrf,
                created_at: session.created_at,
                expires_at: session.expires_at,
            }))
        })
    }

    fn delete_session(&self, key: Sha256) -> Doing<'_, ()> {
        Box::pin(async move {
            let mut tx = self.desk.db.begin().await?;
            tx.delete_session(key.as_str()).await?;
            tx.commit().await?;
            Ok(())
        })
    }

    fn failed_logins(&self, name: String, since: Timestamp) -> Doing<'_, u64> {
        Box::pin(async move { Ok(self.desk.db.failed_logins(&name, "", since).await?.of_name) })
    }

    fn note_failed_login(&self, name: String) -> Doing<'_, ()> {
        Box::pin(async move {
            let mut tx = self.desk.db.begin().await?;
            tx.note_failed_login(&name, "", self.desk.clock.now()).await?;
            tx.commit().await?;
            Ok(())
        })
    }
}

fn role_of(role: store::Role) -> Role {
    match role {
        store::Role::Viewer => Role::Viewer,
        store::Role::Reviewer => Role::Reviewer,
        store::Role::Approver => Role::Approver,
        store::Role::Admin => Role::Admin,
    }
}

fn kept(role: Role) -> store::Role {
    match role {
        Role::Viewer => store::Role::Viewer,
        Role::Reviewer => store::Role::Reviewer,
        Role::Approver => store::Role::Approver,
        Role::Admin => store::Role::Admin,
    }
}
