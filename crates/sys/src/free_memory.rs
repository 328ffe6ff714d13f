//! Memory that is free in this process but not yet in the system.

/// Gives what the allocator keeps for later back to the system. The allocator does not by itself:
/// one block in use at the end of a heap keeps all that is free before it. Takes milliseconds for
/// each ten MiB; other threads allocate meanwhile, but may wait for it.
///
/// Where the C library is not glibc this does nothing.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: no argument that could be wrong, and it may be called from any thread at any time
    // (malloc_trim(3): MT-Safe). It touches free memory only.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::give_back;

    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// Lost otherwise: a crowd of connections is paid for until the agent ends.
    #[test]
    fn what_is_free_below_a_block_in_use_goes_back() {
        let blocks: Vec<Vec<u8>> = (0..10_000).map(|_| vec![1; 4096]).collect();
        let last = vec![1_u8; 4096];
        drop(blocks);
        let before = resident_kib();
        give_back();
        let after = resident_kib();
        assert!(after + 20_000 < before, "{before} KiB, then {after}");
        drop(last);
    }
}
