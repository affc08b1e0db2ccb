//! Mail and files in: from a mailbox, a folder or a file to a `Message` with its attachments.
