//! Holds the rules of ARCHITECTURE.md by reading the source.
