//! The drop folder: files that stopped growing are taken in and moved to `done/` beside it.

use crate::app::flow::{Desk, FlowError, in_one_sentence};
use crate::intake::sources::{DropFolder, SourceError, put_away, read_file};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const ROUND: Duration = Duration::from_secs(2);

/// Watches until `stop`. A file is moved only after it is stored.
pub async fn watch(desk: Desk, stop: CancellationToken) {
    let mut folder = DropFolder::new(&desk.config.intake.drop_folder);
    let mut known = BTreeSet::new();
    while !stop.is_cancelled() {
        let mut complaints = Vec::new();
        if let Err(error) = look(&desk, &mut folder, &mut complaints).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the drop folder could not be worked off");
        }
        // The file stays where it is and every look tries it again; it is complained about once.
        for complaint in complaints.iter().filter(|complaint| !known.contains(*complaint)) {
            tracing::warn!(error = complaint, "a file in the drop folder was left where it is");
        }
        known = BTreeSet::from_iter(complaints);
        let _ = tokio::time::timeout(ROUND, stop.cancelled()).await;
    }
}

async fn look(desk: &Desk, folder: &mut DropFolder, complaints: &mut Vec<String>) -> Result<(), FlowError> {
    let mut complain = |error: &SourceError| complaints.push(in_one_sentence(error));
    let ready = folder.ready().unwrap_or_else(|error| {
        complain(&error);
        Vec::new()
    });
    for file in ready {
        match read_file(&file, desk.config.source_limits()) {
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
