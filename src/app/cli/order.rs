//! `podesk order ...`: what orders there are, what one consists of, why it is fulfilled as it is, and what happened to it.

use super::table::table;
use super::terminal::on_lines;
use super::{Common, Done};
use crate::app::flow::{Desk, FlowError};
use crate::model::OrderNumber;
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
            let order = find(&desk, &number).await?;
            if common.json { println!("{}", serde_json::to_string(&order)?) } else { println!("{}", on_lines(&order.to_string())) }
        }
        OrderCommand::Why { number } => {
            let order = find(&desk, &number).await?;
            let plans = desk.db.plans(&order.number).await?;
            let plan = plans.last().ok_or_else(|| anyhow!("{} has no plan yet", order.number))?;
            if common.json { println!("{}", serde_json::to_string(plan)?) } else { println!("{}", on_lines(&plan.to_string())) }
        }
        OrderCommand::History { number } => {
            let order = find(&desk, &number).await?;
            for (version, at, event) in desk.db.order_events(&order.number).await? {
                if common.json {
                    println!("{}", serde_json::json!({ "version": version, "at": at, "event": event }));
                } else {
                    println!("{}", on_lines(&history_line(version, at, &event)));
                }
            }
        }
        OrderCommand::Cancel { number, reason } => command_on(&desk, &number, Command::Cancel { reason }).await?,
        OrderCommand::Hold { number, code, reason } => {
            command_on(&desk, &number, Command::Hold { hold: Hold { code, reason } }).await?
        }
        OrderCommand::Release { number, code } => command_on(&desk, &number, Command::Release { code }).await?,
    }
    Ok(Done::Well)
}

async fn list(common: &Common, desk: &Desk, limit: u32) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for order in desk.db.orders(&OrderFilter::default(), limit).await? {
        if common.json {
            println!("{}", serde_json::to_string(&order.order)?);
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
        println!("{}", table(&["order", "customer", "their number", "status", "value", "placed"], &rows));
    }
    Ok(())
}

async fn command_on(desk: &Desk, number: &str, command: Command) -> anyhow::Result<()> {
    let order = desk.command(&OrderNumber::new(number), command).await?;
    println!("{}", on_lines(&order.to_string()));
    Ok(())
}

async fn find(desk: &Desk, number: &str) -> Result<Order, FlowError> {
    let number = OrderNumber::new(number.to_uppercase());
    desk.db.order(&number).await?.ok_or(FlowError::NoSuchOrder(number))
}
