//! The outbox sender for notices that need no mailbox: by SMTP and into a folder. Drafts leave with the mailbox watcher, which has
//! the connection.

use crate::app::flow::Desk;
use crate::outbound::Route;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const ROUND: Duration = Duration::from_millis(500);

/// Sends until `stop`.
pub async fn send(desk: Desk, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for route in [Route::Send, Route::Folder] {
            if let Err(error) = desk.send_due(route, None).await {
                tracing::error!(error = &error as &dyn std::error::Error, ?route, "the outbox could not be worked off");
            }
        }
        let _ = tokio::time::timeout(ROUND, stop.cancelled()).await;
    }
}
