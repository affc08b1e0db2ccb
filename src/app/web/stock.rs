//! Stock as the desk sees it when it promises: on hand, reserved, and what is left.

use super::WebState;
use super::errors::PageError;
use super::guard::Session;
use super::layout::{self, Place};
use super::words;
use crate::store::StockFilter;
use axum::extract::State;
use axum::response::Html;
use maud::html;

const MAX_SHOWN: usize = 1000;

/// `GET /stock`
pub(crate) async fn list(State(state): State<WebState>, session: Session) -> Result<Html<String>, PageError> {
    let master = state.desk.master().await?;
    let positions = state.db.stock(&StockFilter::default()).await?;
    let main = html! {
        div.heading { h1 { "Stock" } }
        @if positions.is_empty() {
            div.empty { p.big { "No stock is known." } p { "Import " code { "stock.csv" } " to let the desk promise dates." } }
        } @else {
            table.list {
                thead { tr {
                    th scope="col" { "Article" } th scope="col" { "Place" } th.figure scope="col" { "On hand" } th.figure scope="col" { "Reserved" }
                    th.figure scope="col" { "Safety" } th.figure scope="col" { "Available" }
                } }
                tbody { @for position in positions.iter().take(MAX_SHOWN) {
                    tr {
                        td.main { span.strong { (position.sku) } span.sub { @if let Some(product) = master.products.get(&position.sku) { (product.name) } } }
                        td data-label="Place" { (position.node) }
                        td.figure data-label="On hand" { (words::number(position.on_hand)) }
                        td.figure data-label="Reserved" { (words::number(position.reserved)) }
                        td.figure data-label="Safety" { (words::number(position.safety_stock)) }
                        td.figure data-label="Available" { strong { (words::number(position.available())) } }
                    }
                } }
            }
        }
    };
    Ok(Html(layout::page("Stock", Place::Stock, &session, &main).into_string()))
}
