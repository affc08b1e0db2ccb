//! What commands say: to standard output what was asked for, to standard error what went wrong. A reader that has gone away
//! (`podesk order list | head`) is no error: the work is done all the same.

use crate::model::Severity;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// One line to standard output.
pub fn say(line: impl Display) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        complain(format_args!("cannot write to standard output: {error}"));
        std::process::exit(1);
    }
}

/// One sentence to standard error; where nobody listens there is nobody to tell.
pub fn complain(sentence: impl Display) {
    let _ = writeln!(std::io::stderr(), "podesk: {sentence}");
}

/// A severity in a column of its own.
pub fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note ",
        Severity::Ask => "ask  ",
        Severity::Block => "block",
    }
}
