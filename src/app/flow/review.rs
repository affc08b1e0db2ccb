//! A person's answers. An answer never places an order by itself: corrections are laid on the draft as it was read, and the draft
//! goes through matching, every rule and the decision again.

use super::intake::{judge, match_draft};
use super::placing::{ATTEMPTS, Settled, asking, in_one_word, question_kind, summary};
use super::reading::MAIL_TEXT;
use super::{Desk, FlowError};
use crate::deciding::review::{Case, CaseState, Correction, Signature, answers};
use crate::deciding::{Assessed, Choices, Verdict};
use crate::intake::Message;
use crate::model::master::MasterData;
use crate::model::{CaseNumber, Code, DocumentKind, Draft, OrderNumber, Severity, Sha256};
use crate::reading::document::pdf::RenderError;
use crate::reading::document::{self, Document};
use crate::store::{Outcome, Tx};

/// What an approval came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Approved {
    /// Done: these orders were placed, changed or cancelled.
    Done { case: Case },
    /// Something still stands in the way; the case says what.
    StillOpen { case: Case },
}

/// A case after its draft was checked again.
struct Check {
    case: Case,
    verdict: Option<Verdict>,
}

impl Desk {
    pub async fn case(&self, number: &CaseNumber) -> Result<Case, FlowError> {
        self.db.case(number).await?.ok_or_else(|| FlowError::NoSuchCase(number.clone()))
    }

    /// "Yes, as it stands here": every finding that asks is accepted by this person, and the order is checked once more.
    /// `version` is the one that the person saw.
    pub async fn approve(&self, number: &CaseNumber, version: i64, who: &str) -> Result<Approved, FlowError> {
        let mut attempt = 1;
        loop {
            match self.approve_once(number, version, who).await {
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                ended => return ended,
            }
        }
    }

    async fn approve_once(&self, number: &CaseNumber, version: i64, who: &str) -> Result<Approved, FlowError> {
        let case = self.open_case_at(number, version).await?;
        let master = self.master().await?;
        let message = self.take_apart(&case.message).await?;
        // On the heap: a document and two readings of it are in there.
        let taught = Box::pin(self.lesson(&case, &message, who)).await;
        let example = Box::pin(self.example(&case, who)).await;
        let mut tx = self.db.begin().await?;
        let seen: Vec<(Code, String)> =
            case.findings.iter().filter(|finding| finding.severity == Severity::Ask).map(|f| (f.code, f.field.clone())).collect();
        let check = self.check(&mut tx, case, &message, who, seen, &master).await?;
        let mut case = check.case;
        let settled = match check.verdict {
            // A question to be answered by hand: approving means that it was.
            None => Settled::default(),
            Some(Verdict::Ask(question)) => {
                let reasons: Vec<&str> = question.reasons.iter().map(|code| code.as_str()).collect();
                let detail = format!("still open: {}", reasons.join(", "));
                tx.note(who, "approve", number.as_str(), &detail, self.clock.now()).await?;
                let case = self.save(&mut tx, case, version).await?;
                tx.commit().await?;
                return Ok(Approved::StillOpen { case });
            }
            Some(verdict) => {
                let mut settled = Settled::default();
                self.execute(&mut tx, &mut settled, &message, verdict, &master).await?;
                settled
            }
        };
        case.state = CaseState::Approved;
        case.orders.clone_from(&settled.orders);
        if let Some(taught) = taught.filter(|_| settled.outcomes.contains(&Outcome::OrderPlaced)) {
            Box::pin(self.keep(&mut tx, taught, &case, who)).await?;
        }
        if let Some(example) = example.filter(|_| settled.outcomes.contains(&Outcome::OrderPlaced)) {
            self.keep_example(&mut tx, example, &case, who).await?;
        }
        self.close(&mut tx, &mut case, who, &settled.why.join("; ")).await?;
        self.note_on_message(&mut tx, &case, settled).await?;
        let case = self.save(&mut tx, case, version).await?;
        tx.commit().await?;
        tracing::info!(case = %case.number, orders = in_one_word(&case.orders), "case approved");
        Ok(Approved::Done { case })
    }

    /// Lays corrections on the draft and checks it again; the case stays open.
    pub async fn correct(
        &self,
        number: &CaseNumber,
        version: i64,
        corrections: Vec<Correction>,
        who: &str,
    ) -> Result<Case, FlowError> {
        let mut case = self.open_case_at(number, version).await?;
        let message = self.take_apart(&case.message).await?;
        let now = self.clock.now();
        let fields: Vec<&str> = corrections.iter().map(|correction| correction.field.as_str()).collect();
        let detail = fields.join(", ");
        // A choice out of master data says nothing of the reading.
        let is_choice = |field: &str| ["/customer", "/ship_to_code", "/sku"].iter().any(|end| field.ends_with(end));
        let corrects_reading = corrections.iter().any(|correction| !is_choice(&correction.field));
        for correction in corrections {
            let by = Some(Signature { who: who.to_owned(), at: now });
            answers::add(&mut case.corrections, Correction { by, ..correction });
        }
        let master = self.master().await?;
        let mut tx = self.db.begin().await?;
        let check = self.check(&mut tx, case, &message, who, Vec::new(), &master).await?;
        tx.note(who, "correct", number.as_str(), &detail, now).await?;
        if corrects_reading {
            self.drop_examples(&mut tx, &check.case).await?;
        }
        let case = self.save(&mut tx, check.case, version).await?;
        tx.commit().await?;
        Ok(case)
    }

    /// "No": nothing is ordered, and the reason is kept.
    pub async fn reject(&self, number: &CaseNumber, version: i64, reason: &str, who: &str) -> Result<Case, FlowError> {
        let mut case = self.open_case_at(number, version).await?;
        case.state = CaseState::Rejected;
        let mut tx = self.db.begin().await?;
        self.close(&mut tx, &mut case, who, reason).await?;
        self.note_on_message(&mut tx, &case, Settled::default()).await?;
        let case = self.save(&mut tx, case, version).await?;
        tx.commit().await?;
        tracing::info!(case = %case.number, "case rejected");
        Ok(case)
    }

    /// Puts the case on somebody's desk; an empty name puts it back.
    pub async fn assign(&self, number: &CaseNumber, version: i64, to: &str, who: &str) -> Result<Case, FlowError> {
        let mut case = self.open_case_at(number, version).await?;
        case.assigned_to = Some(to.to_owned()).filter(|to| !to.is_empty());
        let mut tx = self.db.begin().await?;
        tx.note(who, "assign", number.as_str(), to, self.clock.now()).await?;
        let case = self.save(&mut tx, case, version).await?;
        tx.commit().await?;
        Ok(case)
    }

    /// A page of a stored document as PNG, drawn in the confined child.
    pub async fn page_image(&self, document: &Sha256, name: &str, page: u32) -> Result<Vec<u8>, FlowError> {
        /// Dots per inch: sharp on a common screen, and under 300 kB a page.
        const SCREEN_DPI: u32 = 110;
        let bytes = self.db.blob(document).await?.ok_or_else(|| FlowError::NoSuchItem(document.clone()))?;
        self.parser.page_image(&bytes, name, page, SCREEN_DPI).await.map_err(|error| match error {
            RenderError::NoSuchPage(_) | RenderError::NotAPicture => FlowError::NoSuchPage(error),
            RenderError::Unreadable | RenderError::Failed(_) => FlowError::Page(error.to_string()),
        })
    }

    /// The document of a case, parsed again: its pages, words and text.
    pub async fn document_of(&self, case: &Case) -> Result<Document, FlowError> {
        if case.document == case.message {
            let message = self.take_apart(&case.message).await?;
            return Ok(document::read(message.readable_text().as_bytes(), MAIL_TEXT, &self.config.reading.limits));
        }
        if let Some(recent) = self.recent.get(&case.document) {
            return Ok(recent);
        }
        let bytes = self.db.blob(&case.document).await?.ok_or_else(|| FlowError::NoSuchItem(case.document.clone()))?;
        let document = self.parser.document(&bytes, &case.document_name).await;
        self.recent.put(case.document.clone(), document.clone());
        Ok(document)
    }

    async fn open_case_at(&self, number: &CaseNumber, version: i64) -> Result<Case, FlowError> {
        let case = self.case(number).await?;
        if case.state != CaseState::Open {
            return Err(FlowError::Decided(number.clone()));
        }
        if case.version != version {
            return Err(FlowError::Stale(number.clone()));
        }
        Ok(case)
    }

    /// The draft with all answers, matched and judged again. `accepted` are findings that the person has just said yes to.
    async fn check(
        &self,
        tx: &mut Tx,
        mut case: Case,
        message: &Message,
        who: &str,
        accepted: Vec<(Code, String)>,
        master: &MasterData,
    ) -> Result<Check, FlowError> {
        let Some(draft) = draft_to_check(&case) else { return Ok(Check { case, verdict: None }) };
        let (draft, choices): (Draft, Choices) = answers::apply(&draft, &case.corrections, who, self.clock.now())?;
        let choices = Choices { accepted, who: who.to_owned(), ..choices };
        let matched = match_draft(self, message, &draft, choices, master);
        let known = self.known(tx, &matched, master).await?;
        let assessed = matched.clone();
        let verdict = judge(self, matched, master, &known);
        match &verdict {
            Verdict::Ask(question) => {
                // What a person made an order of is asked about like one from now on.
                case.kind = question_kind(question);
                case.findings.clone_from(&question.assessed.findings);
                case.reasons.clone_from(&question.reasons);
                case.assessed = Some(question.assessed.clone());
            }
            Verdict::Place(_)
            | Verdict::Change(_)
            | Verdict::Cancel { .. }
            | Verdict::Duplicate { .. }
            | Verdict::NotAnOrder { .. } => {
                case.findings = draft.findings;
                case.reasons = asking(&case.findings);
                match &mut case.assessed {
                    Some(earlier) => earlier.matched = assessed,
                    // Entered by hand: what was entered is shown until it is approved.
                    None => {
                        let findings = case.findings.clone();
                        case.assessed = Some(Assessed { matched: assessed, order: None, prior: None, findings });
                    }
                }
            }
        }
        Ok(Check { case, verdict: Some(verdict) })
    }

    async fn close(&self, tx: &mut Tx, case: &mut Case, who: &str, note: &str) -> Result<(), FlowError> {
        case.decided_at = Some(self.clock.now());
        case.decided_by = Some(who.to_owned());
        note.clone_into(&mut case.note);
        let action = if case.state == CaseState::Approved { "approve" } else { "reject" };
        tx.note(who, action, case.number.as_str(), note, self.clock.now()).await?;
        Ok(())
    }

    /// The mail's own record says what came of it in the end: when its last case is decided, it waits for nobody any more.
    async fn note_on_message(&self, tx: &mut Tx, case: &Case, settled: Settled) -> Result<(), FlowError> {
        let Some(mut record) = tx.message(&case.message).await? else { return Ok(()) };
        let new: Vec<OrderNumber> = settled.orders.iter().filter(|order| !record.orders.contains(order)).cloned().collect();
        record.orders.extend(new);
        record.drafts.extend(settled.drafts);
        if !self.is_any_open(tx, &record.cases, &case.number).await? {
            record.outcome = Some(match (settled.outcomes.is_empty(), record.orders.is_empty()) {
                (false, _) => summary(&settled.outcomes),
                (true, false) => Outcome::OrderPlaced,
                (true, true) => Outcome::Ignored,
            });
            record.why = format!("{} decided by {}", case.number, case.decided_by.as_deref().unwrap_or_default());
        }
        tx.save_message(&record).await?;
        Ok(())
    }

    /// Whether a person still has to decide one of these cases, the one in hand left out.
    async fn is_any_open(&self, tx: &mut Tx, cases: &[CaseNumber], in_hand: &CaseNumber) -> Result<bool, FlowError> {
        for number in cases.iter().filter(|number| *number != in_hand) {
            if tx.case(number).await?.is_some_and(|case| case.state == CaseState::Open) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn save(&self, tx: &mut Tx, case: Case, expected: i64) -> Result<Case, FlowError> {
        let case = Case { version: expected + 1, ..case };
        let written = tx.update_case(&case, expected).await?;
        written.map_err(|_| FlowError::Stale(case.number.clone()))?;
        Ok(case)
    }
}

/// What there is to be checked; nothing where a case holds no order and nobody has entered one. Whoever gives values of an order
/// says with them that it is one, whatever reading took the document for.
pub(super) fn draft_to_check(case: &Case) -> Option<Draft> {
    let draft = case.draft.clone().unwrap_or_else(|| Draft::not_an_order(DocumentKind::Other, Vec::new()));
    if draft.orders.is_empty() && case.corrections.is_empty() {
        return None;
    }
    let kind = if draft.kind.concerns_an_order() { draft.kind } else { DocumentKind::PurchaseOrder };
    Some(Draft { kind, ..draft })
}
