//! Mail and files in: from a mailbox, a folder or a file to a `Message` with its attachments.

pub mod imap;
pub mod ledger;
pub mod message;
pub mod mime;
pub mod sources;

pub use message::{Attachment, Authentication, ForwardForm, Forwarded, Mailbox, Message, Nature, RawItem};
pub use mime::{MailSettings, OurMail};
