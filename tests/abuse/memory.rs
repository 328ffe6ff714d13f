//! How much memory a process holds that is its own.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

/// What may stay behind besides a tenth: a few stacks, a few pages of the allocator.
const ALLOWANCE: u64 = 512;

/// Its anonymous pages, in KiB. Not the program's file, whose pages others share; and not in
/// proportion: what an agent still shares with a process it has forked would count half, until one
/// of them writes there.
///
/// Of a process that hides its memory only root may know that exactly; others are told what the
/// kernel has counted so far, which may lag by some pages for each processor.
pub(crate) fn of(process: Pid) -> Option<u64> {
    let exact = line(&proc(process, "smaps_rollup"), "Anonymous:");
    exact.or_else(|| line(&proc(process, "status"), "RssAnon:"))
}

/// The size of its address space, in KiB.
pub(crate) fn address_space(process: Pid) -> Option<u64> {
    line(&proc(process, "status"), "VmSize:")
}

/// The most that is "as before".
pub(crate) fn allowed(before: u64) -> u64 {
    before + before / 10 + ALLOWANCE
}

pub(crate) fn proc(process: Pid, name: &str) -> PathBuf {
    Path::new("/proc").join(process.as_raw_nonzero().to_string()).join(name)
}

/// What such a file says under this name, in KiB.
pub(crate) fn line(path: &Path, name: &str) -> Option<u64> {
    value(&mut fs::read_to_string(path).ok()?.lines(), name)
}

/// The same of the next of these lines that begins so.
pub(crate) fn value<'a>(lines: &mut impl Iterator<Item = &'a str>, name: &str) -> Option<u64> {
    let value = lines.find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}
