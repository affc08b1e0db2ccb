//! The drop folder: files that stopped growing are taken in and moved to `done/` beside it.

use crate::app::flow::{Desk, FlowError};
use crate::intake::sources::{DropFolder, SourceError, put_away, read_file};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const ROUND: Duration = Duration::from_secs(2);

/// Watches until `stop`. A file is moved only after it is stored.
pub async fn watch(desk: Desk, stop: CancellationToken) {
    let mut folder = DropFolder::new(&desk.config.intake.drop_folder);
    while !stop.is_cancelled() {
        if let Err(error) = look(&desk, &mut folder).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the drop folder could not be worked off");
        }
        let _ = tokio::time::timeout(ROUND, stop.cancelled()).await;
    }
}

async fn look(desk: &Desk, folder: &mut DropFolder) -> Result<(), FlowError> {
    let ready = folder.ready().unwrap_or_else(|error| {
        complain(&error);
        Vec::new()
    });
    for file in ready {
        match read_file(&file, desk.source_limits()) {
            Ok(item) => {
                desk.take_in(&[(item, None)]).await?;
                if let Err(error) = put_away(&file) {
                    complain(&error);
                }
            }
            Err(error) => complain(&error),
        }
    }
    Ok(())
}

/// The file stays where it is, and the next look tries it again.
fn complain(error: &SourceError) {
    tracing::warn!(error = error as &dyn std::error::Error, "a file in the drop folder was left where it is");
}
