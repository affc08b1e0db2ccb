//! `podesk stock [SKU]`: on hand, reserved, available, at each node.

use super::output::{say, say_json};
use super::table::table;
use super::{Common, Done};
use crate::model::Sku;
use crate::store::StockFilter;

#[derive(clap::Args)]
pub struct Args {
    /// One article alone
    sku: Option<String>,
}

pub async fn run(common: &Common, args: Args) -> anyhow::Result<Done> {
    let desk = common.desk().await?;
    let sku = args.sku.map(Sku::new);
    let positions = desk.db.stock(&StockFilter { sku: sku.clone(), ..StockFilter::default() }).await?;
    if let (Some(sku), true) = (sku, positions.is_empty()) {
        anyhow::bail!("no node has stock of an article {sku}");
    }
    if common.json {
        for position in positions {
            say_json(serde_json::to_string(&position)?);
        }
        return Ok(Done::Well);
    }
    let rows: Vec<Vec<String>> = positions
        .iter()
        .map(|position| {
            let figures = [position.on_hand, position.reserved, position.safety_stock, position.available()];
            let names = [position.sku.to_string(), position.node.to_string()];
            names.into_iter().chain(figures.iter().map(|figure| figure.normalize().to_string())).collect()
        })
        .collect();
    say(table(&["article", "node", "on hand", "reserved", "safety", "available"], &rows));
    Ok(Done::Well)
}
