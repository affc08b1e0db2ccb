//! `podesk review ...`: the review queue without a browser.

use super::output::{mark, say, say_json};
use super::table::table;
use super::{Common, Done, Usage, who};
use crate::app::flow::{Approved, Desk};
use crate::deciding::review::{Case, CaseState, Correction, FieldState, fields, whole};
use crate::model::{CaseNumber, Side};
use crate::store::{CaseFilter, LlmUse};
use anyhow::Context;
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub enum Review {
    /// Open cases, oldest first
    List {
        /// Decided ones too
        #[arg(long)]
        all: bool,
    },
    /// One case: what was read, what is asked
    Show { case: String },
    /// Place it as it stands: every finding that asks is accepted
    Approve { case: String },
    /// Give values: `/orders/0/lines/1/quantity=20`, `/orders/0/lines/0/sku=AB-100`, `/orders/0/customer=ACME`
    Correct {
        case: String,
        #[arg(required_unless_present = "order", value_name = "FIELD=VALUE")]
        values: Vec<String>,
        /// The whole order as JSON, in the names that `extract --json` uses; its lines take the place of those that were read
        #[arg(long, value_name = "FILE")]
        order: Option<PathBuf>,
    },
    /// Order nothing
    Reject {
        case: String,
        #[arg(long)]
        reason: String,
    },
    /// Put it on somebody's desk
    Assign { case: String, to: String },
}

pub async fn run(common: &Common, command: Review) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    let who = who();
    match command {
        Review::List { all } => list(common, &desk, all).await?,
        Review::Show { case } => print(common, &desk, &find(&desk, &case).await?).await?,
        Review::Approve { case } => {
            let case = find(&desk, &case).await?;
            match desk.approve(&case.number, case.version, &who).await? {
                Approved::Done { case } => print(common, &desk, &case).await?,
                Approved::StillOpen { case } => {
                    print(common, &desk, &case).await?;
                    return Ok(Done::WithProblem);
                }
            }
        }
        Review::Correct { case, values, order } => {
            let single = values.iter().map(|value| correction(value)).collect::<Result<Vec<_>, _>>()?;
            let case = find(&desk, &case).await?;
            let mut corrections = match &order {
                Some(file) => whole_order(file, &case)?,
                None => Vec::new(),
            };
            corrections.extend(single);
            print(common, &desk, &desk.correct(&case.number, case.version, corrections, &who).await?).await?;
        }
        Review::Reject { case, reason } => {
            let case = find(&desk, &case).await?;
            print(common, &desk, &desk.reject(&case.number, case.version, &reason, &who).await?).await?;
        }
        Review::Assign { case, to } => {
            let case = find(&desk, &case).await?;
            print(common, &desk, &desk.assign(&case.number, case.version, &to, &who).await?).await?;
        }
    }
    Ok(Done::Well)
}

fn correction(text: &str) -> Result<Correction, Usage> {
    let (field, value) = text.split_once('=').ok_or_else(|| Usage(format!("`{text}` is not FIELD=VALUE")))?;
    Ok(Correction::new(field, value))
}

/// Answers that make the case say what the file says.
fn whole_order(file: &Path, case: &Case) -> anyhow::Result<Vec<Correction>> {
    let named = || format!("cannot read the order in {}", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    let order: serde_json::Value = serde_json::from_str(&text).with_context(named)?;
    whole::answers(&order, case.lines()).with_context(named)
}

async fn find(desk: &Desk, number: &str) -> Result<Case, crate::app::flow::FlowError> {
    desk.case(&CaseNumber::new(number.trim().to_uppercase())).await
}

async fn list(common: &Common, desk: &Desk, all: bool) -> anyhow::Result<()> {
    let filter = if all { CaseFilter::default() } else { CaseFilter::open() };
    let cases = desk.db.cases(&filter, 500).await?;
    if common.json {
        for case in cases {
            say_json(serde_json::to_string(&case)?);
        }
        return Ok(());
    }
    let rows: Vec<Vec<String>> = cases
        .iter()
        .map(|case| {
            vec![
                case.number.to_string(),
                case.from.clone(),
                case.subject.clone(),
                case.assigned_to.clone().unwrap_or_default(),
                case.reasons.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    say(table(&["case", "from", "subject", "with", "why"], &rows));
    Ok(())
}

async fn print(common: &Common, desk: &Desk, case: &Case) -> anyhow::Result<()> {
    let mut uses = desk.db.llm_uses(&case.message).await?;
    uses.retain(|used| used.document == case.document);
    if common.json {
        let mut object = serde_json::to_value(case)?;
        object["llm"] = serde_json::to_value(&uses)?;
        say_json(object);
    } else {
        say(in_words(case, &uses, common.verbose > 0));
    }
    Ok(())
}

/// What is absent and not asked for is left out, unless all is wanted.
fn in_words(case: &Case, uses: &[LlmUse], with_absent: bool) -> String {
    let mut lines = vec![
        format!("{}  {:?}  {}", case.number, case.state, case.subject),
        format!("  from {}  document {}", case.from, case.document_name),
    ];
    if let Some(draft) = case.draft.as_ref().filter(|draft| !draft.orders.is_empty()) {
        lines.push(format!("  read by {}", draft.method.as_str()));
    }
    if !case.orders.is_empty() {
        lines.push(format!("  came to {}", case.orders.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")));
    }
    if case.orders.is_empty() && case.state == CaseState::Approved {
        lines.push("  dealt with; no order was made".into());
    }
    if !case.note.is_empty() {
        lines.push(format!("  note: {}", case.note));
    }
    lines.extend(uses.iter().map(|used| format!("  {used}")));
    for finding in &case.findings {
        let mark = mark(finding.severity);
        let proposal = finding.proposal.as_ref().map(|value| format!("  [{}={value}]", finding.field)).unwrap_or_default();
        lines.push(format!("  {mark} {}{proposal}", finding.message));
        lines.extend(finding.sides.iter().map(|side| format!("      {}", side_in_words(side))));
    }
    if let Some(assessed) = &case.assessed {
        let rows: Vec<Vec<String>> = fields::fields(&assessed.matched.order, &assessed.matched)
            .into_iter()
            .filter(|field| with_absent || !field.value.is_empty() || matches!(field.state, FieldState::Ask | FieldState::Block))
            .map(|field| vec![format!("  {}", field.label), field.value, field.origin, field.pointer])
            .collect();
        lines.push(table(&["  field", "value", "from", "pointer"], &rows));
    }
    lines.join("\n")
}

/// `layout reader    12   printed "12,00"`
fn side_in_words(side: &Side) -> String {
    let value = if side.value.is_empty() { "sees nothing" } else { &side.value };
    let printed = if side.raw == side.value { String::new() } else { format!("   printed \"{}\"", side.raw) };
    format!("{:<16} {value}{printed}", side.reader.reader())
}
