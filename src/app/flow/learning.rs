//! What an approval teaches: the layout of the document, once a person has said which values it prints. Written in the transaction of the
//! approval; nothing but an approval teaches, and a template that led to a correction gives way.

use super::intake::sender_facts;
use super::reading::{circumstances, is_body};
use super::review::draft_to_check;
use super::{Desk, FlowError};
use crate::app::apart::apart;
use crate::deciding::Matched;
use crate::deciding::matching::learned_from;
use crate::deciding::proposals::TemplateUse;
use crate::deciding::review::{Case, answers};
use crate::intake::Message;
use crate::model::{Account, Code, Draft, Finding, Method, Severity};
use crate::reading::extraction;
use crate::reading::extraction::template::{self, Lesson, Likeness, Template};
use crate::store::{TemplateRecord, Tx};

/// What was made of an approved case, before it is known whether it may be kept.
pub(super) struct Taught {
    sender: String,
    /// The template, or what was in its way.
    template: Result<Template, String>,
    /// Templates of the same layout that it takes the place of.
    earlier: Vec<String>,
    /// The case was read by one of them, and a person had to correct it.
    corrects: bool,
}

impl Desk {
    /// The templates that may be used for a mail: those of its sender, where nothing says that the sender is forged.
    pub(super) async fn templates_for(&self, message: &Message) -> Result<Vec<TemplateRecord>, FlowError> {
        match learned_from(&sender_facts(message, &self.config.company.domains)) {
            Some(sender) => Ok(self.db.templates_of(&sender).await?),
            None => Ok(Vec::new()),
        }
    }

    /// What this case would teach if it were approved as it stands. Nothing where ordinary reading, or the template that was used, was right
    /// already. Reads the document again, so it is done before the transaction; should that fail, the approval goes on without.
    pub(super) async fn lesson(&self, case: &Case, message: &Message, who: &str) -> Option<Taught> {
        let taught = self.try_lesson(case, message, who).await;
        taught.unwrap_or_else(|error| {
            tracing::warn!(case = %case.number, %error, "nothing is learned from the case");
            None
        })
    }

    async fn try_lesson(&self, case: &Case, message: &Message, who: &str) -> Result<Option<Taught>, FlowError> {
        let Some(draft) = draft_to_check(case).filter(|draft| draft.method != Method::Structured) else { return Ok(None) };
        let Some(sender) = learned_from(&sender_facts(message, &self.config.company.domains)) else { return Ok(None) };
        let (approved, _) = answers::apply(&draft, &case.corrections, who, self.clock.now())?;
        let lesson = Lesson { case: case.number.to_string(), who: who.to_owned(), at: self.clock.now() };
        let known = self.db.templates_of(&sender).await?;
        let document = self.document_of(case).await?;
        let name = if is_body(case) { None } else { Some(case.document_name.as_str()) };
        let context = circumstances(&self.config, message, name, self.today());
        let taught = apart(move || {
            let order = approved.orders.first()?;
            let first = extraction::read(&document, &context);
            let (is_right, corrects) = judge(&draft, &first, &approved);
            if is_right {
                return None;
            }
            let same = |record: &&TemplateRecord| record.template.likeness(&document) == Likeness::Same;
            let earlier = known.iter().filter(same).map(|record| record.number.clone()).collect();
            let template = template::learn(&document, order, approved.kind, &first, lesson, &context);
            Some(Taught { sender, template, earlier, corrects })
        });
        Ok(taught.await?)
    }

    /// Keeps what was learned, for the customer whose order it turned out to be.
    pub(super) async fn keep(&self, tx: &mut Tx, taught: Taught, case: &Case, who: &str) -> Result<(), FlowError> {
        let Taught { sender, template, earlier, corrects } = taught;
        let account =
            case.assessed.as_ref().and_then(|assessed| assessed.matched.customer.as_ref()).map(|field| field.value.clone());
        let Some(account) = account else { return Ok(()) };
        let now = self.clock.now();
        if let Some(number) = earlier.first().filter(|_| corrects) {
            tx.count_template_correction(number).await?;
        }
        let ended = match template {
            Ok(template) => {
                let number = tx.insert_template(&sender, &account, &case.number, &template, now).await?;
                tx.note(who, "learn", &number, &format!("the layout of {} of {account}", case.document_name), now).await?;
                tracing::info!(case = %case.number, template = number, "layout learned");
                Some(format!("replaced by {number}"))
            }
            Err(why) => {
                tx.note(who, "not learned", case.number.as_str(), &why, now).await?;
                tracing::info!(case = %case.number, why, "layout not learned");
                corrects.then(|| format!("corrected in {}", case.number))
            }
        };
        if let Some(why) = ended {
            for number in &earlier {
                tx.end_template(number, &why).await?;
            }
        }
        Ok(())
    }

    /// Takes a template out of use.
    pub async fn revoke_template(&self, number: &str, who: &str) -> Result<bool, FlowError> {
        let mut tx = self.db.begin().await?;
        let was_active = tx.end_template(number, &format!("revoked by {who}")).await?;
        if was_active {
            tx.note(who, "revoke", number, "", self.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(was_active)
    }
}

/// Whether there is nothing to learn, and whether a template was used and had to be corrected.
fn judge(read: &Draft, first: &Draft, approved: &Draft) -> (bool, bool) {
    if read.method == Method::Template {
        let is_right = !template::differ(read, approved);
        return (is_right, !is_right);
    }
    (!template::asks(first, approved.kind) && !template::differ(first, approved), false)
}

/// A template of one customer read an order that turned out to be another's.
pub(super) fn of_another_customer(matched: &Matched, used: Option<&TemplateUse>) -> Option<Finding> {
    let (used, found) = (used?, &matched.customer.as_ref()?.value);
    let is_other = |account: &Account| account != &used.account;
    is_other(found).then(|| {
        let message = format!("It was read as confirmed for {} ({}), but is an order of {found}.", used.account, used.number);
        Finding::new(Code::AmbiguousCustomer, Severity::Ask, "/orders/0/customer", message)
    })
}
