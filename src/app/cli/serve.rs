//! `podesk serve`: the service, until SIGTERM.

use super::output::say;
use super::{Common, Done, open, start_log};
use crate::app::clock::Clock;
use crate::app::service::{self, Listening};

pub async fn run(common: &Common) -> anyhow::Result<Done> {
    let config = common.settings()?;
    start_log(&config, common.verbose, true);
    let listening = Listening::on(&config.web.listen).await?;
    let public = config.web.public_url.clone();
    let desk = open(config, Clock::System).await?;
    let base = if public.is_empty() { format!("http://{}", listening.address) } else { public };
    say(format_args!("podesk: the review desk is at {base}/"));
    if let Some(link) = service::setup_link(&desk, &base).await? {
        say(format_args!("podesk: nobody can log in yet; make the first account at {link} (once, within a day)"));
    }
    service::run(desk, listening).await?;
    Ok(Done::Well)
}
