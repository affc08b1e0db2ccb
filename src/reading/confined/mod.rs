//! Parsing in a confined child process of the same binary: hostile bytes never meet the service itself.
