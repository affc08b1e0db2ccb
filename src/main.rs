//! The `podesk` program: everything is in the library.

fn main() -> std::process::ExitCode {
    // Before anything else is set up: the worker has no runtime, no configuration and no environment.
    if std::env::args_os().nth(1).is_some_and(|command| command == podesk::reading::confined::WORKER_COMMAND) {
        return podesk::reading::confined::worker_main();
    }
    std::process::ExitCode::SUCCESS
}
