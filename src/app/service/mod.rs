//! The service: what runs side by side until it is told to stop. Each loop here is thin; what it does is in `flow`.

mod folder;
mod health;
mod mailbox;
mod outbox;
mod review_desk;
mod run;
mod workers;

pub use health::Health;
pub use review_desk::setup_link;
pub use run::{Listening, processors, run};
pub use workers::{drain, work};
