//! The system calls that serving an agent takes.
//!
//! In families: another libc, or a later one, may use `openat2` where this one uses `openat`, and an
//! agent that ends for that is of no use. What is not in here is what whoever takes the process over
//! would want: to start a program or a process, to debug or read another, to change what the kernel
//! runs, to reach a network, to mount, to run memory that was written.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{self, Eq, MaskedEq};
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

use super::Wall;
use super::parts::{self, Rules};

/// Whatever is asked of them.
const ALWAYS: &[c_long] = &[
    // Open files.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_lseek,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_flock,
    libc::SYS_fchmod,
    libc::SYS_getdents64,
    // Names of files.
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_munlock,
    libc::SYS_memfd_secret,
    // Threads and signals of our own.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Waiting and time.
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_pipe2,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    // Connections that are there.
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_shutdown,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    // Who and where we are.
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
    // Notices that another process has ended; nothing can be done to it by that.
    libc::SYS_pidfd_open,
    // Answered by the other filter: there is no such call.
    libc::SYS_clone3,
];

/// What newer machines do not have any more.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_link,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_epoll_wait,
    libc::SYS_accept,
    libc::SYS_time,
];
#[cfg(target_arch = "aarch64")]
const OLDER: &[c_long] = &[libc::SYS_renameat, libc::SYS_accept];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const OLDER: &[c_long] = &[libc::SYS_accept];

/// What the kernel tells a program at its start, once more; libc does not name it.
const PR_GET_AUXV: libc::c_int = 0x4155_5856;

pub(super) fn close() -> Wall {
    match apply() {
        Ok(()) => Wall::on(format!("{} system calls; any other ends the agent", count())),
        Err(error) => Wall::off(error.to_string()),
    }
}

fn count() -> usize {
    rules().map_or(0, |rules| rules.len())
}

fn apply() -> Result<(), Error> {
    let machine = std::env::consts::ARCH.try_into()?;
    // The one that answers first: behind the other nothing could be added any more.
    apply_filter(&without_clone3(machine)?)?;
    apply_filter(&parts::compile(rules()?, in_one_piece)?)
}

/// Its flags lie in memory, where a filter cannot look: a libc that is told that there is no such
/// call uses the older one, whose flags are seen.
fn without_clone3(machine: TargetArch) -> Result<BpfProgram, BackendError> {
    let none = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let rules = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    SeccompFilter::new(rules, SeccompAction::Allow, none, machine)?.try_into()
}

pub(super) fn in_one_piece(rules: Rules) -> Result<BpfProgram, BackendError> {
    let machine = std::env::consts::ARCH.try_into()?;
    let (allow, kill) = (SeccompAction::Allow, SeccompAction::KillProcess);
    SeccompFilter::new(rules, kill, allow, machine)?.try_into()
}

pub(super) fn rules() -> Result<Rules, BackendError> {
    let always = ALWAYS.iter().chain(OLDER).map(|number| (*number, Vec::new()));
    let mut rules: Rules = always.collect();
    // Memory that is written or run, never both in turn.
    let no_code = with(2, MaskedEq(bits(libc::PROT_EXEC)), 0)?;
    rules.insert(libc::SYS_mmap, vec![no_code]);
    rules.insert(libc::SYS_mprotect, vec![with(2, MaskedEq(bits(libc::PROT_EXEC)), 0)?]);
    // Threads, not processes.
    let thread = bits(libc::CLONE_THREAD);
    rules.insert(libc::SYS_clone, vec![with(0, MaskedEq(thread), thread)?]);
    // Ours alone.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![with(0, Eq, own)?]);
    rules.insert(libc::SYS_prlimit64, vec![with(0, Eq, 0)?, with(0, Eq, own)?]);
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        rules.insert(call, vec![with(0, Eq, bits(libc::AF_UNIX))?]);
    }
    let names = [libc::PR_SET_NAME, libc::PR_GET_NAME];
    let facts = [libc::PR_GET_DUMPABLE, libc::PR_GET_NO_NEW_PRIVS, libc::PR_GET_SECCOMP];
    let options = names.into_iter().chain(facts).chain([PR_GET_AUXV]);
    let options: Result<Vec<_>, _> = options.map(|option| with(0, Eq, bits(option))).collect();
    rules.insert(libc::SYS_prctl, options?);
    // What a descriptor is and how it reads; nothing that types into a terminal (TIOCSTI).
    let questions = [libc::FIONBIO, libc::FIOCLEX, libc::FIONREAD, libc::TCGETS, libc::TIOCGWINSZ];
    #[allow(clippy::unnecessary_cast, reason = "another libc has another type for them")]
    let questions = questions.map(|number| number as u64 & u64::from(u32::MAX));
    let questions: Result<Vec<_>, _> =
        questions.into_iter().map(|number| with(1, Eq, number)).collect();
    rules.insert(libc::SYS_ioctl, questions?);
    Ok(rules)
}

/// All of these arguments are 32 bits wide for the kernel, or have their flags in the lower ones.
fn with(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, Dword, operator, value)?])
}

/// A constant of the C headers: a few low bits, never negative.
fn bits(constant: libc::c_int) -> u64 {
    u64::from(constant.cast_unsigned())
}
