//! The one integration test binary: thirty would link the whole tree thirty times.

mod architecture;
mod attack;
mod body;
mod cli;
mod confined;
mod containers;
mod corpus;
mod crash;
mod deciding;
mod demo;
mod documents;
mod fixtures;
mod imap;
mod import;
mod layout;
mod llm;
mod mail;
mod orders;
mod servers;
mod service;
mod smtp;
mod store;
mod structured;
mod template;
mod web;
mod world;
