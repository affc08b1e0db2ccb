//! The `podesk` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The confined document parser starts before anything else is set up: no runtime, no settings, no secrets.
    if std::env::args_os().nth(1).is_some_and(|command| command == podesk::reading::confined::WORKER_COMMAND) {
        return podesk::reading::confined::worker_main();
    }
    podesk::app::cli::main()
}
