//! What commands say: to standard output what was asked for, to standard error what went wrong. A reader that has gone away
//! (`podesk order list | head`) is no error: the work is done all the same.

use super::terminal::{on_lines, on_one_line};
use crate::model::Severity;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Lines for a person to standard output: what strangers wrote is shown, and steers nothing.
pub fn say(text: impl Display) {
    print(&on_lines(&text.to_string()));
}

/// One object for a program, as it is.
pub fn say_json(object: impl Display) {
    print(&object.to_string());
}

fn print(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        complain(format_args!("cannot write to standard output: {error}"));
        std::process::exit(1);
    }
}

/// One sentence to standard error; where nobody listens there is nobody to tell.
pub fn complain(sentence: impl Display) {
    let _ = writeln!(std::io::stderr(), "podesk: {}", on_one_line(&sentence.to_string()));
}

/// A severity in a column of its own.
pub fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note ",
        Severity::Ask => "ask  ",
        Severity::Block => "block",
    }
}
