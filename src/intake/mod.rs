//! Mail and files in: from a mailbox, a folder or a file to a `Message` with its attachments.

pub mod message;

pub use message::{Attachment, Authentication, ForwardForm, Forwarded, Mailbox, Message, Nature, RawItem};
