//! Starting and stopping all of it.

use super::review_desk::web_state;
use super::{Health, folder, mailbox, outbox, workers};
use crate::app::flow::Desk;
use crate::app::web;
use crate::outbound::Route;
use anyhow::Context;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The review desk's socket, bound before anything starts, so that a taken port is an error and not a surprise.
pub struct Listening {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Listening {
    pub async fn on(listen: &str) -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen} (setting `web.listen`)"))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}

/// Runs the desk until SIGTERM or SIGINT: mailbox, drop folder, workers, outbox and web. A second signal ends it at once.
pub async fn run(desk: Desk, listening: Listening) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let health = Health::default();
    let mut loops = JoinSet::new();
    let workers = if desk.config.service.workers == 0 { processors() } else { desk.config.service.workers };
    for _ in 0..workers {
        loops.spawn(workers::work(desk.clone(), stop.clone()));
    }
    loops.spawn(outbox::send(desk.clone(), stop.clone()));
    if !desk.config.mailbox.host.is_empty() {
        loops.spawn(mailbox::watch(desk.clone(), health.clone(), stop.clone()));
    }
    if !desk.config.intake.drop_folder.as_os_str().is_empty() {
        loops.spawn(folder::watch(desk.clone(), stop.clone()));
    }
    if desk.config.outbound.confirmation == Route::Draft && desk.config.mailbox.host.is_empty() {
        tracing::warn!("confirmations are drafts and there is no mailbox to leave them in: they wait until `mailbox.host` is set");
    }
    let patience = Duration::from_secs(u64::from(desk.config.service.stop_seconds));
    let router = web::router(web_state(desk, health));
    let web_stop = stop.clone();
    loops.spawn(async move {
        let served = web::serve(listening.listener, router, web_stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(error = &error as &dyn std::error::Error, "the web server ended");
        }
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    tracing::info!("stopping: work in hand is finished first");
    stop.cancel();
    tokio::select! {
        () = async { while loops.join_next().await.is_some() {} } => tracing::info!("stopped"),
        () = tokio::time::sleep(patience) => tracing::warn!("stopped before all work in hand was finished; it goes on at the next start"),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Processors that this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}
