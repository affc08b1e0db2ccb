//! The flow joins the rooms: mail in, order placed, draft out - or one question. Start reading in `intake.rs`.
//!
//! A `Desk` is everything that the flow needs, handed in from outside. Its methods are safe to repeat after a crash at any line:
//! whatever belongs together is written in one transaction, and what talks to the world happens outside transactions.

mod desk;
mod error;
mod examples;
mod intake;
mod learning;
mod mailbox;
mod outbox;
mod placing;
mod reading;
mod recent;
mod review;
mod spend;

pub use desk::{Desk, Model};
pub use error::{FlowError, in_one_sentence};
pub use intake::{PROCESS, Taken};
pub use mailbox::Poll;
pub use reading::{ReadFile, Readers};
pub use review::Approved;
pub use spend::DayBook;
