//! The mailbox watcher: connect, look, wait for the server to say that something came or for the sweep, look again. Any error drops
//! the connection; the next one comes after a growing pause.

use super::health::Health;
use crate::app::config;
use crate::app::flow::{Desk, FlowError};
use crate::intake::imap::Connection;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Watches until `stop`.
pub async fn watch(desk: Desk, health: Health, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        let before = health.last_poll();
        match watch_one_connection(&desk, &health, &stop).await {
            Ok(()) => {}
            Err(error) => {
                if health.last_poll() != before {
                    pause = FIRST_PAUSE;
                }
                health.mailbox_failed(&error.to_string());
                tracing::warn!(error = &error as &dyn std::error::Error, pause = ?pause, "the mailbox connection ended");
                let _ = tokio::time::timeout(pause, stop.cancelled()).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn watch_one_connection(desk: &Desk, health: &Health, stop: &CancellationToken) -> Result<(), FlowError> {
    let settings = &desk.config.mailbox;
    let password = config::mailbox_secret(settings).await?;
    let mut mailbox = Connection::open(settings, password).await?;
    let sweep = Duration::from_secs(settings.poll_seconds.max(1));
    while !stop.is_cancelled() {
        let did = desk.poll(&mut mailbox).await?;
        health.polled(desk.clock.now());
        if did.stored > 0 || did.finished > 0 || did.drafted > 0 {
            tracing::info!(stored = did.stored, finished = did.finished, drafted = did.drafted, "looked into the mailbox");
        }
        // Work in hand will have something to move or to draft soon: look again before long.
        let busy = desk.has_unfinished_work().await?;
        let wait = if busy { Duration::from_millis(400).min(sweep) } else { sweep };
        mailbox.select(&settings.folder).await?;
        mailbox.wait(wait, stop.cancelled()).await?;
    }
    mailbox.close().await;
    Ok(())
}
