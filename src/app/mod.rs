//! The rim: configuration, the flow that joins the rooms, the service, the review desk and the command line.

pub mod import;
