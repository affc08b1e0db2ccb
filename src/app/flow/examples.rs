//! Approved documents as examples for the language model: kept when a person approves an order, shown for the same customer alone, and
//! taken away when one led to a correction.

use super::intake::sender_facts;
use super::reading::is_body;
use super::review::draft_to_check;
use super::{Desk, FlowError};
use crate::app::apart::apart;
use crate::deciding::matching::account_of;
use crate::deciding::review::{Case, answers};
use crate::intake::Message;
use crate::model::Method;
use crate::reading::llm::Example;
use crate::store::{LlmExample, Tx};

impl Desk {
    /// The newest examples of the customer whom the sender's address proves; none for a sender who may be somebody else.
    pub(super) async fn examples_for(&self, message: &Message) -> Result<Vec<Example>, FlowError> {
        let most = self.config.llm.examples.min(2);
        let sender = sender_facts(message, &self.config.company.domains);
        let Some(account) = account_of(&sender, &*self.master().await?).filter(|_| most > 0) else { return Ok(Vec::new()) };
        let kept = self.db.llm_examples(&account, most).await?;
        let shown = |kept: LlmExample| Example { sha256: kept.document, document: kept.body, answer: kept.answer };
        Ok(kept.into_iter().map(shown).collect())
    }

    /// The pair that this case gives if it is approved as it stands; `None` where it shows nothing, or no model is asked. Reads the
    /// document again, so it is done before the transaction; should that fail, the approval goes on without.
    pub(super) async fn example(&self, case: &Case, who: &str) -> Option<Example> {
        if !self.config.llm.is_on() || self.config.llm.examples == 0 {
            return None;
        }
        let draft = draft_to_check(case).filter(|draft| draft.method != Method::Structured)?;
        let (approved, _) = answers::apply(&draft, &case.corrections, who, self.clock.now()).ok()?;
        let document = match self.document_of(case).await {
            Ok(document) => document,
            Err(error) => {
                tracing::warn!(case = %case.number, %error, "the document is no example");
                return None;
            }
        };
        let (sha256, most) = (case.document.clone(), self.config.llm.max_example_chars);
        apart(move || Example::of(&sha256, &document, approved.orders.first()?, approved.kind.as_str(), most)).await.ok().flatten()
    }

    /// Keeps the pair for the customer whose order it turned out to be.
    pub(super) async fn keep_example(&self, tx: &mut Tx, example: Example, case: &Case, who: &str) -> Result<(), FlowError> {
        let customer = case.assessed.as_ref().and_then(|assessed| assessed.matched.customer.as_ref());
        let Some(account) = customer.map(|field| field.value.clone()) else { return Ok(()) };
        let kept = LlmExample {
            account,
            document: example.sha256,
            body: example.document,
            answer: example.answer,
            approved_by: who.to_owned(),
            approved_at: self.clock.now(),
        };
        Ok(tx.put_llm_example(&kept).await?)
    }

    /// The examples that a corrected document was read with led astray: they are shown no more.
    pub(super) async fn drop_examples(&self, tx: &mut Tx, case: &Case) -> Result<(), FlowError> {
        let uses = self.db.llm_uses(&case.message).await?;
        let of_case = uses.iter().filter(|used| used.document == case.document && (used.part == "body") == is_body(case));
        for example in of_case.flat_map(|used| &used.examples) {
            tx.drop_llm_example(example, &format!("{} was corrected", case.number)).await?;
        }
        Ok(())
    }
}
