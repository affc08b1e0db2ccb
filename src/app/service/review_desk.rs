//! The desk as the pages see it: the flow behind the trait of `web::desk`.

use super::Health;
use crate::app::flow::{Approved, Desk, FlowError, in_one_sentence};
use crate::app::ids;
use crate::app::web::WebState;
use crate::app::web::desk::{DeskError, Doing, Readiness, ReviewDesk};
use crate::deciding::review::{Case, Correction};
use crate::model::master::MasterData;
use crate::model::{CaseNumber, Sha256};
use crate::reading::document::Document;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// A set-up link is good for so long.
const SETUP_HOURS: i64 = 24;

struct Behind {
    desk: Desk,
    health: Health,
}

/// What the pages need, from a desk and what the service knows of itself.
pub fn web_state(desk: Desk, health: Health) -> WebState {
    let is_https = desk.config.web.public_url.starts_with("https://");
    WebState { db: desk.db.clone(), desk: Arc::new(Behind { desk, health }), is_https }
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
            FlowError::NoSuchItem(_) | FlowError::NoSuchCase(_) | FlowError::NoSuchOrder(_) | FlowError::NoSuchPage(_) => {
                Self::NotFound
            }
            FlowError::Stale(_) | FlowError::Decided(_) => Self::Stale { by: None },
            FlowError::Refused(_) | FlowError::Correction(_) | FlowError::Notice(_) | FlowError::Contended => {
                Self::Refused(in_one_sentence(&error))
            }
            FlowError::Store(_)
            | FlowError::Imap(_)
            | FlowError::MailboxSecret(_)
            | FlowError::Config(_)
            | FlowError::LostLease
            | FlowError::Crashed(_)
            | FlowError::Page(_) => Self::Failed(in_one_sentence(&error)),
        }
    }
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

    fn secret(&self) -> [u8; 32] {
        ids::random()
    }

    fn master(&self) -> Doing<'_, Arc<MasterData>> {
        Box::pin(async move { Ok(self.desk.master().await?) })
    }

    fn document(&self, case: Case) -> Doing<'_, Document> {
        Box::pin(async move { Ok(self.desk.document_of(&case).await?) })
    }

    fn page_image(&self, case: Case, page: u32) -> Doing<'_, Vec<u8>> {
        Box::pin(async move { Ok(self.desk.page_image(&case.document, &case.document_name, page).await?) })
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

    fn assign(&self, number: CaseNumber, to: String, who: String) -> Doing<'_, Case> {
        Box::pin(async move {
            let version = self.desk.case(&number).await?.version;
            match self.desk.assign(&number, version, &to, &who).await {
                Ok(case) => Ok(case),
                Err(error) => Err(self.name_the_other(&number, error).await),
            }
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
