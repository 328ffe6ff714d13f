//! The system calls that reading one open file, computing and answering take.
//!
//! Found by watching the reader with every format of key file and every derivation, and not one
//! more than was seen: a test watches again. Another libc, or a later one, may need another; then
//! reading a linked file ends with SIGSYS, and the log says so. That is better than a list of
//! everything that might be of use some day.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Whatever is asked of them.
const ALWAYS: [c_long; 7] = [
    libc::SYS_close,
    libc::SYS_munmap,
    libc::SYS_brk,
    libc::SYS_madvise, // what is locked stays out of dumps
    libc::SYS_mlock,
    libc::SYS_sigaltstack, // Rust gives the stack for its overflow handler back at the end
    libc::SYS_exit_group,
];

/// Ends this thread's process at every call that is not in the list. For good.
///
/// # Errors
/// On a processor that the filter is not written for, or when the kernel refuses it.
pub(crate) fn allow_only(source: BorrowedFd<'_>) -> Result<(), Error> {
    apply_filter(&program(source, std::env::consts::ARCH.try_into()?)?)
}

/// The filter for a process that reads this descriptor.
pub(crate) fn program(
    source: BorrowedFd<'_>,
    machine: TargetArch,
) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALWAYS.into_iter().map(|number| (number, Vec::new())).collect();
    let source = u64::try_from(source.as_raw_fd()).unwrap_or(u64::MAX);
    rules.insert(libc::SYS_read, vec![with([(0, Eq, source)])?]);
    // The answer, or what a panic says.
    rules.insert(libc::SYS_write, vec![with([(0, Eq, 1)])?, with([(0, Eq, 2)])?]);
    // Memory, not files, and none that could be run.
    let (anonymous, run) = (bits(libc::MAP_ANONYMOUS), bits(libc::PROT_EXEC));
    let memory = with([(3, MaskedEq(anonymous), anonymous), (2, MaskedEq(run), 0)])?;
    rules.insert(libc::SYS_mmap, vec![memory]);
    rules.insert(libc::SYS_mprotect, vec![with([(2, MaskedEq(run), 0)])?]);
    if cfg!(debug_assertions) {
        // The standard library looks whether a descriptor is open before it closes it.
        rules.insert(libc::SYS_fcntl, vec![with([(1, Eq, bits(libc::F_GETFD))])?]);
    }
    let filter =
        SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, machine)?;
    filter.try_into()
}

/// All of these about the arguments.
fn with<const COUNT: usize>(
    conditions: [(u8, seccompiler::SeccompCmpOp, u64); COUNT],
) -> Result<SeccompRule, BackendError> {
    let conditions: Result<Vec<_>, _> = conditions
        .into_iter()
        .map(|(argument, operator, value)| SeccompCondition::new(argument, Dword, operator, value))
        .collect();
    SeccompRule::new(conditions?)
}

/// A constant of the C headers: a few low bits, never negative.
fn bits(constant: libc::c_int) -> u64 {
    u64::from(constant.cast_unsigned())
}
