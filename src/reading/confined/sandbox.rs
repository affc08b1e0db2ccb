//! What the document worker locks itself into before it looks at a document.
//!
//! Resource limits everywhere; on Linux also no new privileges, Landlock with no allowed path (as far as the kernel has it)
//! and a seccomp filter that allows only what computing and answering need. Elsewhere the process boundary and the resource
//! limits are all, and the report says so.

use serde::{Deserialize, Serialize};

/// Resource limits of the child; memory in bytes of address space, CPU time in seconds for one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChildRlimits {
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
    /// Documents that the child may serve: its CPU time in all is bounded by them.
    pub(super) documents: u64,
}

impl ChildRlimits {
    /// CPU time of the child's whole life; nothing can raise it.
    #[cfg(unix)]
    fn cpu_seconds_in_all(self) -> u64 {
        // The time limits count whole seconds, and each document may begin within one.
        self.cpu_seconds.saturating_add(1).saturating_mul(self.documents.max(1)).saturating_add(1)
    }
}

/// Sets the resource limits: memory, CPU time, no files to write, few to open, no core dump.
#[cfg(unix)]
pub(super) fn limit_resources(limits: ChildRlimits) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let hard = |resource: Resource, value: u64| {
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) }).map_err(|e| format!("{resource:?}: {e}"))
    };
    #[cfg(not(any(target_os = "macos", target_os = "openbsd")))]
    hard(Resource::As, limits.memory_bytes)?;
    #[cfg(any(target_os = "macos", target_os = "openbsd"))]
    hard(Resource::Data, limits.memory_bytes)?;
    grant_cpu(limits)?;
    hard(Resource::Fsize, 0)?;
    hard(Resource::Nofile, 16)?;
    hard(Resource::Core, 0)
}

/// Grants the CPU time for one more document: the system counts the time of the whole process, so the limit is moved ahead of what is
/// used up. Past it comes SIGXCPU, past that of the whole life SIGKILL.
#[cfg(unix)]
pub(super) fn grant_cpu(limits: ChildRlimits) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let in_all = limits.cpu_seconds_in_all();
    let next = cpu_seconds_used().saturating_add(limits.cpu_seconds).min(in_all);
    setrlimit(Resource::Cpu, Rlimit { current: Some(next), maximum: Some(in_all) }).map_err(|e| format!("CPU: {e}"))
}

/// CPU time of this process so far, full seconds.
#[cfg(unix)]
fn cpu_seconds_used() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(used.tv_sec).unwrap_or(0)
}

#[cfg(not(unix))]
pub(super) fn limit_resources(_limits: ChildRlimits) -> Result<(), String> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn grant_cpu(_limits: ChildRlimits) -> Result<(), String> {
    Ok(())
}

/// Gives up everything but computing and the pipes that are open already. Says how far it went.
///
/// # Errors
/// Where the kernel refuses what it must grant: then nothing may be parsed.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn confine() -> Result<String, String> {
    rustix::thread::set_no_new_privs(true).map_err(|e| format!("no new privileges: {e}"))?;
    let files = landlock().unwrap_or_else(|problem| format!("without Landlock ({problem})"));
    let filter = linux::filter().map_err(|e| format!("seccomp filter: {e}"))?;
    seccompiler::apply_filter(&filter).map_err(|e| format!("seccomp: {e}"))?;
    Ok(format!("own process, resource limits, seccomp, {files}"))
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn confine() -> Result<String, String> {
    Ok("reduced: own process and resource limits only".into())
}

/// Landlock with every access right handled and no path or port allowed. Missing kernel support is no error: the seccomp
/// filter refuses the same calls.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn landlock() -> Result<String, String> {
    use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus};
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V5)))
        .and_then(Ruleset::create)
        .and_then(|ruleset| ruleset.restrict_self())
        .map_err(|e| e.to_string())?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => "Landlock".into(),
        RulesetStatus::PartiallyEnforced => "Landlock as far as this kernel has it".into(),
        RulesetStatus::NotEnforced => "without Landlock (this kernel has none)".into(),
    })
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux {
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
    };
    use std::collections::BTreeMap;

    /// Memory, answering, time, ending: all that parsing needs.
    const ALLOWED: [i64; 24] = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_clock_nanosleep,
        libc::SYS_getrusage,
    ];

    /// Everything that is not allowed fails with ENOSYS ("not there"): libraries that would like threads then do without
    /// them, as on platforms that have none, instead of failing.
    pub(super) fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
        // Memory may not become executable.
        let executable = libc::PROT_EXEC as u64;
        let data_only = || {
            let condition = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(executable), 0)?;
            SeccompRule::new(vec![condition])
        };
        rules.insert(libc::SYS_mmap, vec![data_only()?]);
        rules.insert(libc::SYS_mprotect, vec![data_only()?]);
        // Its own limit of CPU time and no other, for the next document: never beyond that of its whole life.
        let itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 0)?;
        let cpu_time = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(libc::RLIMIT_CPU))?;
        rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![itself, cpu_time])?]);
        // abort() sends a signal to the own thread; to others nothing may be sent.
        let own = u64::from(std::process::id());
        let to_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own)?;
        rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![to_itself])?]);
        let arch = if cfg!(target_arch = "x86_64") { TargetArch::x86_64 } else { TargetArch::aarch64 };
        SeccompFilter::new(rules, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow, arch)?.try_into()
    }
}
