//! From verdicts to facts: one transaction that writes orders, reservations, plans, notices, cases, the mail's outcome and the end
//! of its job. Either all of it happened or none.

use super::intake::{judge, match_draft, sender_facts};
use super::learning::of_another_customer;
use super::{Desk, FlowError, in_one_sentence};
use crate::app::breakpoint::breakpoint;
use crate::app::ids;
use crate::deciding::proposals::{Proposal, ReadDocument, alone};
use crate::deciding::review::{Case, CaseKind, CaseState};
use crate::deciding::{Choices, Known, Matched, Question, Verdict};
use crate::intake::{Mailbox, Message};
use crate::model::master::MasterData;
use crate::model::{CaseNumber, Code, Draft, Finding, OrderNumber, PurchaseOrder, Severity};
use crate::orders::order::{apply, decide};
use crate::orders::routing::{self, PlanRequest, ShippingFlags};
use crate::orders::{Command, Event, Order, Plan};
use crate::outbound::templates::{self, ConfirmationContext};
use crate::outbound::{self, NoticeKind, OutboxItem, Thread};
use crate::reading::document::SourceKind;
use crate::store::{AlreadyPlaced, ClaimedJob, DraftNote, LostLease, MessageRecord, OrderIdentity, Outcome, Tx};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// How often a transaction is tried again when stock or orders moved under it.
pub(super) const ATTEMPTS: u32 = 4;

/// What became of one proposal.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub outcomes: Vec<Outcome>,
    pub reasons: Vec<Code>,
    pub why: Vec<String>,
    pub orders: Vec<OrderNumber>,
    pub cases: Vec<CaseNumber>,
    pub drafts: Vec<DraftNote>,
}

impl Desk {
    /// Writes what the proposals of one mail come to. `received_at` is when the mail was stored.
    pub(super) async fn settle(
        &self,
        job: Option<&ClaimedJob>,
        message: &Message,
        received_at: Timestamp,
        documents: &[ReadDocument],
        proposals: &[Proposal],
    ) -> Result<MessageRecord, FlowError> {
        let mut attempt = 1;
        let mut proposals = std::borrow::Cow::Borrowed(proposals);
        let record = loop {
            match self.settle_once(job, message, received_at, documents, &proposals).await {
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                // No further attempt heals this: a person has to look, and nothing of the mail is carried out.
                Err(error @ (FlowError::Refused(_) | FlowError::Notice(_))) if attempt < ATTEMPTS => {
                    attempt = ATTEMPTS;
                    let why = format!("could not be carried out: {}", in_one_sentence(&error));
                    proposals = vec![Proposal::Question { code: Code::ProcessingFailed, why }].into();
                }
                ended => break ended?,
            }
        };
        breakpoint("settled");
        tracing::info!(
            mail = %record.sha256,
            outcome = record.outcome.map_or("", Outcome::as_str),
            orders = in_one_word(&record.orders),
            cases = in_one_word(&record.cases),
            "mail settled"
        );
        Ok(record)
    }

    async fn settle_once(
        &self,
        job: Option<&ClaimedJob>,
        message: &Message,
        received_at: Timestamp,
        documents: &[ReadDocument],
        proposals: &[Proposal],
    ) -> Result<MessageRecord, FlowError> {
        let master = self.master().await?;
        let mut tx = self.db.begin().await?;
        let mut settled = Settled::default();
        self.settle_all(&mut tx, &mut settled, message, documents, proposals, &master).await?;
        let record = self.record(message, received_at, settled);
        for attachment in &message.attachments {
            tx.put_blob(&attachment.bytes).await?;
        }
        tx.save_message(&record).await?;
        for document in documents {
            let part = if document.is_body() { "body" } else { &document.part };
            tx.save_reading(&message.sha256, part, &document.sha256, &document.name, &document.draft).await?;
            if let Some(used) = &document.template {
                tx.count_template_use(&used.number).await?;
            }
        }
        if let Some(job) = job {
            tx.finish_job(job).await?.map_err(|LostLease| FlowError::LostLease)?;
        }
        breakpoint("before_settling");
        tx.commit().await?;
        Ok(record)
    }

    async fn settle_all(
        &self,
        tx: &mut Tx,
        settled: &mut Settled,
        message: &Message,
        documents: &[ReadDocument],
        proposals: &[Proposal],
        master: &MasterData,
    ) -> Result<(), FlowError> {
        for proposal in proposals {
            match proposal {
                Proposal::Order { document, order, findings } => {
                    let document = &documents[*document];
                    let mut draft = alone(&document.draft, *order, findings);
                    let mut matched = match_draft(self, message, &draft, Choices::default(), master);
                    if let Some(doubt) = of_another_customer(&matched, document.template.as_ref()) {
                        draft.findings.push(doubt.clone());
                        matched.findings.push(doubt);
                    }
                    let known = self.known(tx, &matched, master).await?;
                    let verdict = judge(self, matched, master, &known);
                    self.settle_verdict(tx, settled, message, document, draft, verdict, master).await?;
                }
                Proposal::Unreadable { document } => {
                    let document = &documents[*document];
                    let case = self.new_case(tx, CaseKind::Unreadable, message, Some(document)).await?;
                    let mut findings = document.draft.findings.clone();
                    if document.draft.kind.concerns_an_order() {
                        findings.push(Finding::new(
                            Code::MissingLines,
                            Severity::Block,
                            "",
                            format!("No order lines were found in `{}`.", document.name),
                        ));
                    }
                    self.open_case(
                        tx,
                        settled,
                        Case { reasons: asking(&findings), findings, draft: Some(document.draft.clone()), ..case },
                    )
                    .await?;
                    settled.outcomes.push(Outcome::Review);
                }
                Proposal::Question { code, why } => {
                    // The file that nobody could make out, before the letter around it: it may hold an order after all.
                    let file = documents.iter().find(|document| !document.is_body() && document.source != SourceKind::Image);
                    let case = self.new_case(tx, CaseKind::Question, message, file.or(documents.last())).await?;
                    let mut findings = vec![Finding::new(*code, Severity::Ask, "", format!("This mail {why}."))];
                    let of_documents = documents.iter().flat_map(|document| &document.draft.findings);
                    findings.extend(of_documents.filter(|finding| finding.code == Code::LayoutChanged).cloned());
                    self.open_case(tx, settled, Case { reasons: vec![*code], findings, ..case }).await?;
                    settled.outcomes.push(Outcome::Question);
                }
                Proposal::Broken { why } => {
                    settled.outcomes.push(Outcome::Failed);
                    settled.reasons.push(Code::BrokenMail);
                    settled.why.push(why.clone());
                }
                Proposal::Nothing { code, why } => {
                    settled.outcomes.push(Outcome::Ignored);
                    settled.reasons.push(*code);
                    settled.why.push(why.clone());
                }
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a transaction, what it writes to, and the four values that a verdict came from")]
    async fn settle_verdict(
        &self,
        tx: &mut Tx,
        settled: &mut Settled,
        message: &Message,
        document: &ReadDocument,
        draft: Draft,
        verdict: Verdict,
        master: &MasterData,
    ) -> Result<(), FlowError> {
        match verdict {
            Verdict::Ask(question) => {
                let kind = question_kind(&question);
                let case = self.new_case(tx, kind, message, Some(document)).await?;
                let Question { assessed, reasons } = *question;
                let case =
                    Case { findings: assessed.findings.clone(), reasons, draft: Some(draft), assessed: Some(assessed), ..case };
                self.open_case(tx, settled, case).await?;
                settled.outcomes.push(Outcome::Review);
            }
            verdict => self.execute(tx, settled, message, verdict, master).await?,
        }
        Ok(())
    }

    /// Carries out a verdict that needs nobody: also the way in which an approved case ends.
    pub(super) async fn execute(
        &self,
        tx: &mut Tx,
        settled: &mut Settled,
        message: &Message,
        verdict: Verdict,
        master: &MasterData,
    ) -> Result<(), FlowError> {
        let now = self.clock.now();
        match verdict {
            Verdict::Place(order) => {
                let number = tx.next_order_number().await?;
                let placed = self.place(tx, *order, number, master, now).await?;
                self.notify(tx, settled, message, &placed, NoticeKind::Confirmation, now).await?;
                settled.orders.push(placed.order.number);
                settled.outcomes.push(Outcome::OrderPlaced);
            }
            Verdict::Change(change) => {
                let command = Command::Revise { order: Box::new(change.order) };
                let changed = self.change(tx, &change.of, command, master, now).await?;
                self.notify(tx, settled, message, &changed, NoticeKind::ChangeConfirmation, now).await?;
                settled.orders.push(change.of);
                settled.outcomes.push(Outcome::OrderChanged);
            }
            Verdict::Cancel { of } => {
                let command = Command::Cancel { reason: "cancelled by the customer".into() };
                let cancelled = self.change(tx, &of, command, master, now).await?;
                self.notify(tx, settled, message, &cancelled, NoticeKind::CancellationConfirmation, now).await?;
                settled.orders.push(of);
                settled.outcomes.push(Outcome::OrderCancelled);
            }
            Verdict::Duplicate { of } => {
                settled.outcomes.push(Outcome::Duplicate);
                settled.reasons.push(Code::DuplicateOrder);
                settled.why.push(format!("the same order as {of}"));
                settled.orders.push(of);
            }
            Verdict::NotAnOrder { kind, findings } => {
                settled.outcomes.push(Outcome::Ignored);
                // An order of our own is ignored for what it is; that we know no such customer only follows from it.
                let ours = findings.iter().find(|finding| finding.code == Code::BuyerIsUs);
                settled.reasons.push(ours.or(findings.first()).map_or(Code::NotAnOrder, |finding| finding.code));
                settled.why.push(ours.map_or_else(|| format!("a {}", kind.as_str().replace('_', " ")), |f| f.message.clone()));
            }
            Verdict::Ask(question) => {
                // `settle_verdict` and the review flow take this arm before they come here.
                settled.outcomes.push(Outcome::Review);
                settled.reasons.extend(question.reasons);
            }
        }
        Ok(())
    }

    /// A new order, allocated: the events, the plan and the reservations together.
    async fn place(
        &self,
        tx: &mut Tx,
        purchase_order: PurchaseOrder,
        number: OrderNumber,
        master: &MasterData,
        now: Timestamp,
    ) -> Result<Placed, FlowError> {
        let command = Command::Place { number: number.clone(), order: Box::new(purchase_order) };
        let events = decide(None, command, now)?;
        let order = fold(None, &events, now).ok_or_else(|| FlowError::NoSuchOrder(number.clone()))?;
        let (order, events, plan) = self.allocate(tx, order, events, master, now).await?;
        let identity = OrderIdentity::of(&order.purchase_order);
        // Another mail placed it since we looked: next time round it is found to be a duplicate.
        tx.insert_order(&order, &events, &identity).await?.map_err(|AlreadyPlaced(_)| FlowError::Contended)?;
        tx.reserve(&order.number, &plan).await?.map_err(|_| FlowError::Contended)?;
        tx.save_plan(&order.number, &plan).await?;
        Ok(Placed { order, plan })
    }

    /// A command on an order that we have. Where quantities change, everything reserved is given back and what the order then holds
    /// is reserved again, in one transaction: its place is not lost to anybody (DOMAIN 11).
    pub(super) async fn change(
        &self,
        tx: &mut Tx,
        number: &OrderNumber,
        command: Command,
        master: &MasterData,
        now: Timestamp,
    ) -> Result<Placed, FlowError> {
        let before = tx.order(number).await?.ok_or_else(|| FlowError::NoSuchOrder(number.clone()))?;
        let expected = before.version;
        let moves_stock = matches!(command, Command::Revise { .. } | Command::Cancel { .. } | Command::Allocate { .. });
        let mut events = decide(Some(&before), command, now)?;
        let mut order = fold(Some(before), &events, now).ok_or_else(|| FlowError::NoSuchOrder(number.clone()))?;
        let mut plan = Plan::nothing(now);
        if moves_stock {
            tx.release_reservations(number).await?;
            tx.reserve(number, &Plan::kept(&order, now)).await?.map_err(|_| FlowError::Contended)?;
            if order.lines.iter().any(|line| line.buckets.open > Decimal::ZERO) {
                (order, events, plan) = self.allocate(tx, order, events, master, now).await?;
                tx.reserve(number, &plan).await?.map_err(|_| FlowError::Contended)?;
                tx.save_plan(number, &plan).await?;
            }
        }
        tx.append_events(&order, &events, expected, now).await?.map_err(|_| FlowError::Contended)?;
        Ok(Placed { order, plan })
    }

    /// A person's command on an order: cancel, hold, release.
    pub async fn command(&self, number: &OrderNumber, command: Command, who: &str) -> Result<Order, FlowError> {
        let mut attempt = 1;
        loop {
            match self.command_once(number, command.clone(), who).await {
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                ended => return ended,
            }
        }
    }

    async fn command_once(&self, number: &OrderNumber, command: Command, who: &str) -> Result<Order, FlowError> {
        let (master, now) = (self.master().await?, self.clock.now());
        let (action, detail) = noted(&command);
        let mut tx = self.db.begin().await?;
        let placed = self.change(&mut tx, number, command, &master, now).await?;
        tx.note(who, action, number.as_str(), &detail, now).await?;
        tx.commit().await?;
        tracing::info!(order = %number, action, "order changed by a person");
        Ok(placed.order)
    }

    async fn allocate(
        &self,
        tx: &mut Tx,
        order: Order,
        mut events: Vec<Event>,
        master: &MasterData,
        now: Timestamp,
    ) -> Result<(Order, Vec<Event>, Plan), FlowError> {
        let mut skus: Vec<_> = order.lines.iter().map(|line| line.sku().clone()).collect();
        skus.sort();
        skus.dedup();
        let stock = tx.stock_snapshot(&skus).await?;
        let customer = master.customers.get(&order.purchase_order.account.value);
        let request = PlanRequest::of(&order, now, customer.map(ShippingFlags::from).unwrap_or_default());
        let plan = routing::plan(&request, &stock, &master.nodes, &master.rates, &master.products);
        let more = decide(Some(&order), Command::Allocate { plan: Box::new(plan.clone()) }, now)?;
        let order = fold(Some(order), &more, now).ok_or(FlowError::Contended)?;
        events.extend(more);
        Ok((order, events, plan))
    }

    async fn notify(
        &self,
        tx: &mut Tx,
        settled: &mut Settled,
        message: &Message,
        placed: &Placed,
        kind: NoticeKind,
        now: Timestamp,
    ) -> Result<(), FlowError> {
        let order = &placed.order;
        if order.purchase_order.contact_email.is_empty() {
            settled.why.push("nobody to confirm to: neither the mail nor the customer's record has an address".into());
            return Ok(());
        }
        let facts = sender_facts(message, &self.config.company.domains);
        let context = ConfirmationContext {
            language: order.purchase_order.language.clone(),
            company: self.config.company.clone(),
            to: order.purchase_order.contact_email.clone(),
            cc: if facts.forwarded_by_us { vec![facts.address] } else { Vec::new() },
            thread: thread_of(message),
        };
        let notice = match kind {
            NoticeKind::Confirmation => templates::confirmation(order, &placed.plan, &context)?,
            NoticeKind::ChangeConfirmation => templates::change_confirmation(order, &placed.plan, &context)?,
            NoticeKind::CancellationConfirmation => templates::cancellation(order, &context)?,
        };
        let id = ids::time_ordered(now);
        let from = Mailbox { name: self.sender_name(), address: self.config.sender_address() };
        let rendered = outbound::mail::render(&notice, &id, &from, &self.message_id_domain(), now)?;
        let item = OutboxItem { route: self.config.outbound.confirmation, ..rendered };
        let due = now + SignedDuration::from_secs(i64::from(self.config.outbound.delay_seconds));
        tx.enqueue_notice(&item, due).await?;
        settled.drafts.push(DraftNote { id, to: item.to, subject: item.subject, message_id: item.message_id });
        Ok(())
    }

    fn sender_name(&self) -> String {
        let configured = &self.config.outbound.from_name;
        if configured.is_empty() { self.config.company.name.clone() } else { configured.clone() }
    }

    /// What the store knows that bears on this order: earlier ones of the same number, and what the customer has open.
    pub(super) async fn known(&self, tx: &mut Tx, matched: &Matched, master: &MasterData) -> Result<Known, FlowError> {
        let Some(account) = matched.customer.as_ref().map(|customer| &customer.value) else { return Ok(Known::default()) };
        let currency = master.customers.get(account).and_then(|customer| customer.currency);
        let open = tx.open_value(account).await?;
        let open_value = currency.and_then(|currency| open.get(&currency).copied()).unwrap_or_default();
        let number = matched.order.po_number.likeliest().map(|field| field.value.clone()).unwrap_or_default();
        let prior_orders = if number.is_empty() { Vec::new() } else { tx.prior_orders(account, &number).await? };
        Ok(Known { prior_orders, open_value })
    }

    async fn new_case(
        &self,
        tx: &mut Tx,
        kind: CaseKind,
        message: &Message,
        document: Option<&ReadDocument>,
    ) -> Result<Case, FlowError> {
        Ok(Case {
            number: tx.next_case_number().await?,
            kind,
            state: CaseState::Open,
            message: message.sha256.clone(),
            document: document.map_or_else(|| message.sha256.clone(), |document| document.sha256.clone()),
            document_name: document.map(|document| document.name.clone()).unwrap_or_default(),
            subject: message.subject.clone(),
            from: message.claimed_sender().map(|sender| sender.address.clone()).unwrap_or_default(),
            draft: None,
            assessed: None,
            findings: Vec::new(),
            reasons: Vec::new(),
            corrections: Vec::new(),
            assigned_to: None,
            opened_at: self.clock.now(),
            decided_at: None,
            decided_by: None,
            note: String::new(),
            orders: Vec::new(),
            version: 1,
        })
    }

    async fn open_case(&self, tx: &mut Tx, settled: &mut Settled, case: Case) -> Result<(), FlowError> {
        settled.reasons.extend(case.reasons.iter().copied());
        settled.cases.push(case.number.clone());
        if let Some(finding) = case.findings.iter().find(|finding| finding.severity > Severity::Note) {
            settled.why.push(finding.message.clone());
        }
        tx.insert_case(&case).await?;
        Ok(())
    }

    fn record(&self, message: &Message, received_at: Timestamp, mut settled: Settled) -> MessageRecord {
        let mut seen = Vec::new();
        settled.reasons.retain(|code| {
            !seen.contains(code) && {
                seen.push(*code);
                true
            }
        });
        MessageRecord {
            sha256: message.sha256.clone(),
            message_id: message.message_id.clone(),
            subject: message.subject.clone(),
            from: message.from.as_ref().map(|from| from.address.clone()).unwrap_or_default(),
            nature: Some(message.nature),
            outcome: Some(summary(&settled.outcomes)),
            reasons: settled.reasons,
            why: settled.why.join("; "),
            orders: settled.orders,
            cases: settled.cases,
            drafts: settled.drafts,
            received_at,
            finished_at: Some(self.clock.now()),
        }
    }
}

/// Numbers as a field of the log: `SO-000001,SO-000002`.
pub(super) fn in_one_word(numbers: &[impl ToString]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A command as the audit trail names it, with its reason.
fn noted(command: &Command) -> (&'static str, String) {
    match command {
        Command::Place { .. } => ("place", String::new()),
        Command::Allocate { .. } => ("allocate", String::new()),
        Command::Revise { .. } => ("revise", String::new()),
        Command::Cancel { reason } => ("cancel", reason.clone()),
        Command::Hold { hold } => ("hold", format!("{}: {}", hold.code, hold.reason)),
        Command::Release { code } => ("release", code.clone()),
    }
}

/// An order with the plan that it was last given.
pub(super) struct Placed {
    pub order: Order,
    pub plan: Plan,
}

pub(super) fn fold(order: Option<Order>, events: &[Event], at: Timestamp) -> Option<Order> {
    events.iter().fold(order, |order, event| apply(order, event, at))
}

/// Codes of the findings that ask or block, each once, heaviest first.
pub(super) fn asking(findings: &[Finding]) -> Vec<Code> {
    let mut asking: Vec<&Finding> = findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    asking.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut codes = Vec::new();
    for finding in asking {
        if !codes.contains(&finding.code) {
            codes.push(finding.code);
        }
    }
    codes
}

pub(super) fn question_kind(question: &Question) -> CaseKind {
    if question.reasons.contains(&Code::CancelRequested) {
        CaseKind::Cancellation
    } else if question.reasons.contains(&Code::RevisionOfOrder) {
        CaseKind::Change
    } else {
        CaseKind::Order
    }
}

fn thread_of(message: &Message) -> Thread {
    Thread { subject: message.subject.clone(), message_id: message.message_id.clone(), references: message.references.clone() }
}

/// One word for a mail of several orders: what needs a person comes first.
pub(super) fn summary(outcomes: &[Outcome]) -> Outcome {
    const ORDER: [Outcome; 7] = [
        Outcome::Review,
        Outcome::OrderPlaced,
        Outcome::OrderChanged,
        Outcome::OrderCancelled,
        Outcome::Question,
        Outcome::Duplicate,
        Outcome::Ignored,
    ];
    ORDER.into_iter().find(|outcome| outcomes.contains(outcome)).unwrap_or(Outcome::Failed)
}
