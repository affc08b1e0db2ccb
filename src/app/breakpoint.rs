//! Named places in the intake flow at which a test kills the process, to prove that the next start goes on from there.
//!
//! Debug builds only; a release build has no breakpoints.

/// Every breakpoint, in the order in which a mail meets them.
pub const NAMES: [&str; 11] = [
    "mail_fetched",
    "mail_stored",
    "job_claimed",
    "mail_parsed",
    "documents_read",
    "before_settling",
    "settled",
    "notice_started",
    "notice_left",
    "notice_finished",
    "mail_moved",
];

/// Dies here, as by SIGKILL, when `PODESK_BREAKPOINT` names this place.
pub fn breakpoint(name: &'static str) {
    debug_assert!(NAMES.contains(&name), "breakpoint `{name}` is not in the list");
    #[cfg(debug_assertions)]
    {
        #[expect(clippy::disallowed_methods, reason = "a switch of tests, not a setting")]
        let wanted = std::env::var("PODESK_BREAKPOINT").unwrap_or_default();
        if wanted == name {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
