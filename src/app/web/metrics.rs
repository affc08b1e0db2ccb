//! For the machine that counts: what is waiting, and what the language model costs, in Prometheus' text format. No sign-in, no
//! customer's data. Read from the database, so that several hosts and a restart tell the same.

use super::WebState;
use super::errors::PageError;
use crate::app::clock::date_of;
use crate::reading::llm::CameTo;
use crate::store::{LlmSpend, LlmTotal};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::fmt::Write;

/// `GET /metrics`
pub(crate) async fn page(State(state): State<WebState>) -> Result<Response, PageError> {
    let now = state.desk.now();
    // Days are UTC's, as in the day's book.
    const DAY: i64 = 24 * 60 * 60;
    let midnight = Timestamp::from_second(now.as_second().div_euclid(DAY) * DAY).unwrap_or(now);
    let known = Known {
        open_cases: state.db.count_open_cases().await?,
        unfinished_jobs: state.db.unfinished_jobs().await?.len(),
        ever: state.db.llm_totals(Timestamp::UNIX_EPOCH).await?,
        today: state.db.llm_totals(midnight).await?,
        spend: state.db.llm_spend(date_of(now)).await?,
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], known.in_text()).into_response())
}

struct Known {
    open_cases: u64,
    unfinished_jobs: usize,
    ever: Vec<LlmTotal>,
    today: Vec<LlmTotal>,
    spend: LlmSpend,
}

const OUTCOMES: [(CameTo, &str); 3] = [(CameTo::Reading, "reading"), (CameTo::Nothing, "nothing"), (CameTo::NoBudget, "no_budget")];

impl Known {
    fn in_text(&self) -> String {
        let of =
            |totals: &[LlmTotal], came_to: CameTo| totals.iter().find(|total| total.came_to == came_to).map_or(0, |t| t.documents);
        let sum = |part: fn(&LlmTotal) -> u64| self.ever.iter().map(part).sum::<u64>();
        let money = |micros: u64| LlmSpend { micros, ..LlmSpend::default() }.cost();
        let mut text = String::new();
        metric(&mut text, "podesk_open_cases", "gauge", "Cases that wait for a person", &[("", self.open_cases)]);
        metric(&mut text, "podesk_unfinished_jobs", "gauge", "Mails taken in and not worked off", &[("", self.unfinished_jobs)]);
        let documents = OUTCOMES.map(|(came_to, word)| (format!("{{came_to=\"{word}\"}}"), of(&self.ever, came_to)));
        metric(&mut text, "podesk_llm_documents_total", "counter", "Documents that the language model was to read", &documents);
        metric(
            &mut text,
            "podesk_llm_calls_total",
            "counter",
            "Questions to the language model",
            &[("", sum(|total| total.calls))],
        );
        let tokens = [
            ("{direction=\"in\"}", sum(|total| total.spend.tokens_in)),
            ("{direction=\"out\"}", sum(|total| total.spend.tokens_out)),
        ];
        metric(&mut text, "podesk_llm_tokens_total", "counter", "Tokens of questions and answers", &tokens);
        let cost = [("", money(sum(|total| total.spend.micros)))];
        metric(&mut text, "podesk_llm_cost_total", "counter", "In the currency of the configured prices", &cost);
        let used = [("{direction=\"in\"}", self.spend.tokens_in), ("{direction=\"out\"}", self.spend.tokens_out)];
        metric(&mut text, "podesk_llm_tokens_today", "gauge", "Tokens since midnight UTC", &used);
        metric(&mut text, "podesk_llm_cost_today", "gauge", "Cost since midnight UTC", &[("", money(self.spend.micros))]);
        let refused = [("", of(&self.today, CameTo::NoBudget))];
        let help = "Documents read without the language model since midnight UTC, because its budget is spent";
        metric(&mut text, "podesk_llm_budget_refusals_today", "gauge", help, &refused);
        text
    }
}

fn metric(text: &mut String, name: &str, kind: &str, help: &str, values: &[(impl AsRef<str>, impl std::fmt::Display)]) {
    let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} {kind}");
    for (labels, value) in values {
        let _ = writeln!(text, "{name}{} {value}", labels.as_ref());
    }
}
