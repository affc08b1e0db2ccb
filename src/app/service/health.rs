//! What the service knows about itself: for `/healthz`, `/readyz` and the log.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Default)]
struct State {
    last_poll: Option<Timestamp>,
    mailbox_problem: Option<String>,
}

/// Shared between the loops and the web.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

impl Health {
    pub fn polled(&self, at: Timestamp) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.last_poll = Some(at);
        state.mailbox_problem = None;
    }

    pub fn mailbox_failed(&self, problem: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mailbox_problem = Some(problem.to_owned());
    }

    pub fn last_poll(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last_poll
    }

    /// What keeps the mailbox from being read, if anything does.
    pub fn mailbox_problem(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mailbox_problem.clone()
    }
}
