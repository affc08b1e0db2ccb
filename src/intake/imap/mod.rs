//! The mailbox on a server.
