//! `podesk order ...`: what orders there are, what one consists of, why it is fulfilled as it is, and what happened to it.

use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done, who};
use crate::app::flow::{Desk, FlowError};
use crate::model::{Code, Draft, Method, OrderNumber};
use crate::orders::order::history_line;
use crate::orders::{Command, Hold, Order};
use crate::store::OrderFilter;
use anyhow::anyhow;

#[derive(clap::Subcommand)]
pub enum OrderCommand {
    /// The newest orders
    List {
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One order, line by line
    Show { number: String },
    /// Why it is allocated and routed as it is
    Why { number: String },
    /// Everything that happened to it
    History { number: String },
    /// Cancel what is not shipped
    Cancel {
        number: String,
        #[arg(long)]
        reason: String,
    },
    /// Keep it from the warehouse
    Hold {
        number: String,
        /// credit, fraud, manual ...
        #[arg(long, default_value = "manual")]
        code: String,
        #[arg(long)]
        reason: String,
    },
    /// Take a hold away
    Release {
        number: String,
        #[arg(long, default_value = "manual")]
        code: String,
    },
}

pub async fn run(common: &Common, command: OrderCommand) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    match command {
        OrderCommand::List { limit } => list(common, &desk, limit).await?,
        OrderCommand::Show { number } => {
            print(common, &find(&desk, &number).await?)?;
        }
        OrderCommand::Why { number } => {
            let order = find(&desk, &number).await?;
            let plans = desk.db.plans(&order.number).await?;
            let plan = plans.last().ok_or_else(|| anyhow!("{} has no plan yet", order.number))?;
            if common.json { say_json(serde_json::to_string(plan)?) } else { say(plan) }
        }
        OrderCommand::History { number } => {
            let order = find(&desk, &number).await?;
            for (version, at, event) in desk.db.order_events(&order.number).await? {
                if common.json {
                    say_json(serde_json::json!({ "version": version, "at": at, "event": event }));
                } else {
                    say(history_line(version, at, &event));
                }
            }
            let readings = desk.db.readings_of_order(&order.number).await?;
            // Ordinary reading goes without saying.
            for reading in readings.into_iter().filter(|reading| reading.draft.method == Method::Template) {
                let method = reading.draft.method.as_str();
                if common.json {
                    say_json(serde_json::json!({ "document": reading.name, "method": method }));
                } else {
                    say(format_args!("     {}: read by {method}{}", reading.name, as_learned(&reading.draft)));
                }
            }
            for used in desk.db.llm_uses_of_order(&order.number).await? {
                if common.json {
                    say_json(serde_json::json!({ "at": used.at, "llm": used }));
                } else {
                    say(format_args!("     {}  {}: {used}", used.at.strftime("%Y-%m-%d %H:%M UTC"), used.name));
                }
            }
        }
        OrderCommand::Cancel { number, reason } => command_on(common, &desk, &number, Command::Cancel { reason }).await?,
        OrderCommand::Hold { number, code, reason } => {
            command_on(common, &desk, &number, Command::Hold { hold: Hold { code, reason } }).await?
        }
        OrderCommand::Release { number, code } => command_on(common, &desk, &number, Command::Release { code }).await?,
    }
    Ok(Done::Well)
}

/// Who confirmed the layout that a document was read by.
fn as_learned(draft: &Draft) -> String {
    let note = draft.findings.iter().find(|finding| finding.code == Code::ReadByTemplate);
    note.map_or_else(String::new, |finding| format!(". {}", finding.message))
}

async fn list(common: &Common, desk: &Desk, limit: u32) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for order in desk.db.orders(&OrderFilter::default(), limit).await? {
        if common.json {
            say_json(serde_json::to_string(&order.order)?);
        }
        rows.push(vec![
            order.number.to_string(),
            order.account.to_string(),
            order.po_number.clone(),
            order.order.status().to_string(),
            order.total.to_string(),
            order.placed_at.strftime("%Y-%m-%d %H:%M").to_string(),
        ]);
    }
    if !common.json {
        say(table(&["order", "customer", "their number", "status", "value", "placed"], &rows));
    }
    Ok(())
}

async fn command_on(common: &Common, desk: &Desk, number: &str, command: Command) -> anyhow::Result<()> {
    print(common, &desk.command(&named(number), command, &who()).await?)
}

fn print(common: &Common, order: &Order) -> anyhow::Result<()> {
    if common.json {
        say_json(serde_json::to_string(order)?)
    } else {
        say(order)
    }
    Ok(())
}

/// `so-000001` is meant as `SO-000001`.
fn named(number: &str) -> OrderNumber {
    OrderNumber::new(number.trim().to_uppercase())
}

async fn find(desk: &Desk, number: &str) -> Result<Order, FlowError> {
    let number = named(number);
    desk.db.order(&number).await?.ok_or(FlowError::NoSuchOrder(number))
}
