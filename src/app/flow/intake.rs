//! The spine: a purchase order arrives. Read from top to bottom, this is what happens to a mail.
//!
//! 1. `take_in` stores the raw mail and a job for it in one transaction. From here on nothing can be lost.
//! 2. `process` takes the mail apart, reads its documents, matches and decides - all of it repeatable, nothing written.
//! 3. It ends in one transaction (`placing.rs`): orders, reservations, notices, cases, the mail's outcome, the finished job.
//! 4. What leaves the house - drafts, moved mails - follows from what that transaction wrote (`outbox.rs`, `mailbox.rs`).

use super::{Desk, FlowError};
use crate::app::apart::apart;
use crate::app::breakpoint::breakpoint;
use crate::deciding::proposals::proposals;
use crate::deciding::{Choices, Known, Matched, SenderFacts, Verdict, decision, matching, validation};
use crate::intake::{Mailbox, Message, Nature, RawItem, mime};
use crate::model::master::MasterData;
use crate::model::{Code, Draft, Sha256};
use crate::store::{ClaimedJob, ItemKind, LostLease, MessageRecord, NewJob, Outcome, StoredItem, UidEntry};

/// The kind of the job that processes one mail; its key and payload are the mail's digest.
pub const PROCESS: &str = "process_mail";

/// What became of something that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub sha256: Sha256,
    /// False when these very bytes were here before and something came of them.
    pub is_new: bool,
}

impl Desk {
    /// Stores mails or documents, and where in a mailbox they lie, before anything else is done with them.
    pub async fn take_in(&self, items: &[(RawItem, Option<UidEntry>)]) -> Result<Vec<Taken>, FlowError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let mut taken = Vec::with_capacity(items.len());
        for (item, place) in items {
            let stored = stored_item(item, now);
            let is_stored = tx.store_item(&stored).await?;
            // What failed before may work now: with a newer program, or when what was missing is there.
            let is_new = is_stored || tx.message(&stored.sha256).await?.is_some_and(|record| has_failed(&record));
            if is_new {
                let payload = serde_json::json!({ "mail": stored.sha256 });
                tx.enqueue(&NewJob { kind: PROCESS.into(), key: stored.sha256.to_string(), payload, run_at: now }).await?;
            }
            if let Some(place) = place {
                tx.note_uid(place).await?;
            }
            taken.push(Taken { sha256: stored.sha256, is_new });
        }
        tx.commit().await?;
        breakpoint("mail_stored");
        Ok(taken)
    }

    /// Brings one stored mail to its outcome. A mail that has one already is left alone, unless the outcome is that it failed.
    pub async fn process(&self, job: Option<&ClaimedJob>, mail: &Sha256) -> Result<MessageRecord, FlowError> {
        breakpoint("job_claimed");
        if let Some(done) = self.db.message(mail).await?.filter(|record| record.outcome.is_some() && !has_failed(record)) {
            self.finish_job_alone(job).await?;
            return Ok(done);
        }
        let item = self.stored(mail).await?;
        let received_at = item.received_at;
        let message = self.parse(item).await?;
        breakpoint("mail_parsed");
        let documents = if message.nature == Nature::Correspondence { self.read_documents(&message).await? } else { Vec::new() };
        breakpoint("documents_read");
        let proposals = proposals(&message, &documents);
        self.settle(job, &message, received_at, &documents, &proposals).await
    }

    /// The mail taken apart; a bare document becomes a mail without a sender that has it attached.
    pub(super) async fn take_apart(&self, mail: &Sha256) -> Result<Message, FlowError> {
        self.parse(self.stored(mail).await?).await
    }

    async fn stored(&self, mail: &Sha256) -> Result<StoredItem, FlowError> {
        self.db.item(mail).await?.ok_or_else(|| FlowError::NoSuchItem(mail.clone()))
    }

    async fn parse(&self, item: StoredItem) -> Result<Message, FlowError> {
        let (config, our_mail) = (self.config.clone(), self.our_mail());
        let parsed = apart(move || match item.kind {
            ItemKind::Mail => mime::parse(&item.bytes, &config.intake.mail, &our_mail),
            ItemKind::Document => mime::parse_file(item.sha256, &item.name, item.bytes, &config.intake.mail, &our_mail),
        });
        Ok(parsed.await?)
    }

    pub(super) fn our_mail(&self) -> mime::OurMail {
        mime::OurMail {
            addresses: vec![self.config.sender_address()],
            domains: self.config.company.domains.clone(),
            message_id_domain: self.message_id_domain(),
        }
    }

    /// The right side of our Message-IDs.
    pub(super) fn message_id_domain(&self) -> String {
        let address = self.config.sender_address();
        format!("podesk.{}", Mailbox { name: String::new(), address }.domain())
    }

    /// Lists a mail as failed, with its reason; a person sees it, and nothing tries it again.
    pub async fn give_up(&self, job: &ClaimedJob, mail: &Sha256, reason: &str) -> Result<(), FlowError> {
        let item = self.stored(mail).await?;
        let now = self.clock.now();
        let record = MessageRecord {
            sha256: mail.clone(),
            message_id: None,
            subject: item.name,
            from: String::new(),
            nature: None,
            outcome: Some(Outcome::Failed),
            reasons: vec![Code::ProcessingFailed],
            why: reason.to_owned(),
            orders: Vec::new(),
            cases: Vec::new(),
            drafts: Vec::new(),
            received_at: item.received_at,
            finished_at: Some(now),
        };
        let mut tx = self.db.begin().await?;
        tx.save_message(&record).await?;
        tx.bury_job(job, reason).await?.map_err(|LostLease| FlowError::LostLease)?;
        tx.commit().await?;
        tracing::error!(mail = %mail, reason, "gave a mail up");
        Ok(())
    }

    /// Whether some mail is still being worked on.
    pub async fn has_unfinished_work(&self) -> Result<bool, FlowError> {
        Ok(!self.db.unfinished_jobs().await?.is_empty())
    }

    async fn finish_job_alone(&self, job: Option<&ClaimedJob>) -> Result<(), FlowError> {
        if let Some(job) = job {
            let mut tx = self.db.begin().await?;
            tx.finish_job(job).await?.map_err(|LostLease| FlowError::LostLease)?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// A draft's one order beside master data.
pub(super) fn match_draft(desk: &Desk, message: &Message, draft: &Draft, choices: Choices, master: &MasterData) -> Matched {
    let config = &desk.config;
    let sender = sender_facts(message, &config.company.domains);
    let order = draft.orders.first().cloned().unwrap_or_default();
    matching::match_order(draft.kind, order, draft.findings.clone(), &sender, choices, master, &config.deciding, desk.today())
}

/// Every rule, then the decision.
pub(super) fn judge(desk: &Desk, matched: Matched, master: &MasterData, known: &Known) -> Verdict {
    let config = &desk.config;
    let assessed = validation::assess(matched, master, known, &config.deciding, &config.company, desk.today());
    decision::decide(assessed, master, &config.deciding)
}

/// What headers say about the sender; nothing of it comes from a document.
pub(super) fn sender_facts(message: &Message, our_domains: &[String]) -> SenderFacts {
    let address = |mailbox: Option<&Mailbox>| mailbox.map(|mailbox| mailbox.address.clone()).unwrap_or_default();
    SenderFacts {
        address: address(message.from.as_ref()),
        claimed_address: message.forwarded.as_ref().map(|forwarded| address(forwarded.from.as_ref())).unwrap_or_default(),
        reply_to: address(message.reply_to.as_ref()),
        forwarded_by_us: message.forwarded.is_some()
            && message.from.as_ref().is_some_and(|from| our_domains.iter().any(|domain| domain == from.domain())),
        authentication_failed: message.authentication == crate::intake::Authentication::Fail,
        is_local_file: message.from.is_none(),
    }
}

fn has_failed(record: &MessageRecord) -> bool {
    record.outcome == Some(Outcome::Failed)
}

fn stored_item(item: &RawItem, now: jiff::Timestamp) -> StoredItem {
    match item {
        RawItem::Mail { source, bytes } => StoredItem {
            sha256: Sha256::of(bytes),
            kind: ItemKind::Mail,
            name: String::new(),
            source: source.clone(),
            received_at: now,
            bytes: bytes.clone(),
        },
        RawItem::Document { source, name, bytes } => StoredItem {
            sha256: Sha256::of(bytes),
            kind: ItemKind::Document,
            name: name.clone(),
            source: source.clone(),
            received_at: now,
            bytes: bytes.clone(),
        },
    }
}
