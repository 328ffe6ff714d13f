//! The heap under load.

use super::*;

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

struct Held {
    start: NonNull<u8>,
    size: usize,
    mark: u8,
}

impl Held {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the block is this test's until released.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.size) }
    }
}

/// Takes and returns blocks at random; each must be zero at first and keep its mark.
fn churn(heap: &Heap, seed: u64, rounds: usize) {
    let mut random = Random(seed);
    let mut held: Vec<Held> = Vec::new();
    for round in 0..rounds {
        if held.len() < 200 && random.below(2) == 0 {
            let size = match random.below(10) {
                0 => random.below(100_000),
                1..4 => random.below(5000),
                _ => random.below(300),
            };
            let start = heap.allocate(size).unwrap().start;
            assert_eq!(start.as_ptr().addr() % 16, 0);
            assert!(heap.size_of(start).unwrap() >= size);
            let mut block = Held { start, size, mark: round as u8 | 1 };
            assert!(block.bytes().iter().all(|byte| *byte == 0), "a block was not wiped");
            let mark = block.mark;
            block.bytes().fill(mark);
            held.push(block);
        } else if !held.is_empty() {
            let mut block = held.swap_remove(random.below(held.len()));
            let mark = block.mark;
            assert!(block.bytes().iter().all(|byte| *byte == mark), "two owners of one block");
            // SAFETY: taken above, removed from the list, not used again.
            unsafe { heap.release(block.start) };
        }
    }
    for block in held {
        // SAFETY: as above.
        unsafe { heap.release(block.start) };
    }
}

#[test]
fn blocks_keep_to_themselves_and_come_back_wiped_under_eight_threads() {
    let heap = Heap::new(Backing::Anonymous);
    std::thread::scope(|scope| {
        for thread in 1..=8 {
            let heap = &heap;
            scope.spawn(move || churn(heap, thread * 0x0e37_79b9_7f4a_7c15, 20_000));
        }
    });
    assert_eq!(heap.usage().in_use, 0, "a block was lost");
}

#[test]
fn secret_memory_serves_the_same_load() {
    let heap = Heap::new(Backing::SecretMemory);
    churn(&heap, 42, 20_000);
    assert_eq!(heap.usage().in_use, 0);
}

#[test]
fn memory_is_used_again_rather_than_asked_for_again() {
    let heap = Heap::new(Backing::Anonymous);
    for _ in 0..10_000 {
        let small = heap.allocate(48).unwrap().start;
        let large = heap.allocate(20_000).unwrap().start;
        // SAFETY: both are fresh and not used afterwards.
        unsafe { heap.release(small) };
        // SAFETY: as above.
        unsafe { heap.release(large) };
    }
    let usage = heap.usage();
    assert!(usage.locked + usage.unlocked <= 2 * crate::region::CHUNK, "{usage:?}");
}

#[test]
fn more_than_the_reservation_is_refused_and_the_heap_lives_on() {
    let heap = Heap::new(Backing::Anonymous);
    assert!(heap.allocate(WANTED + 1).is_err());
    assert!(heap.allocate(usize::MAX).is_err());
    let block = heap.allocate(10).unwrap().start;
    // SAFETY: fresh, not used afterwards.
    unsafe { heap.release(block) };
}

#[test]
fn an_address_that_is_no_block_has_no_size() {
    let heap = Heap::new(Backing::Anonymous);
    let elsewhere = NonNull::from(&0_u8);
    assert_eq!(heap.size_of(elsewhere), None);
    let run = heap.allocate(10_000).unwrap().start;
    let inside = NonNull::new(run.as_ptr().wrapping_add(5000)).unwrap();
    assert_eq!(heap.size_of(run), Some(12288));
    assert_eq!(heap.size_of(inside), None);
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_knows_that_blocks_are_locked_and_not_for_dumps() {
    for backing in [Backing::Anonymous, Backing::SecretMemory] {
        let heap = Heap::new(backing);
        let block = heap.allocate(100).unwrap();
        let flags = flags_at(block.start.as_ptr().addr());
        assert!(flags.contains(&"dd".into()), "it would be in a core dump: {flags:?}");
        if block.protection != Protection::Unlocked {
            assert!(flags.contains(&"lo".into()), "it is not locked: {flags:?}");
        }
        // Wiped in a forked child, or not in it at all.
        assert!(flags.contains(&"wf".into()) || flags.contains(&"dc".into()), "{flags:?}");
        // SAFETY: fresh, not used afterwards.
        unsafe { heap.release(block.start) };
    }
}

/// `VmFlags` of the mapping an address lies in (proc_pid_smaps(5)).
#[cfg(target_os = "linux")]
fn flags_at(address: usize) -> Vec<String> {
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in smaps.lines() {
        let range = line.split_once(' ').and_then(|(range, _)| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        if let Some((Some(start), Some(end))) = range.map(|(a, b)| (number(a), number(b))) {
            inside = (start..end).contains(&address);
        }
        if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| inside) {
            return flags.split_ascii_whitespace().map(str::to_owned).collect();
        }
    }
    panic!("no mapping at {address:x}");
}

/// Lost otherwise: under a limit on address space a new agent cannot sign at all.
#[test]
fn less_address_space_than_wanted_will_do() {
    let had = |limit| reservation(|len| if len <= limit { Ok(len) } else { Err(Errno::NOMEM) });
    assert_eq!(had(4 * WANTED), Ok(WANTED));
    assert_eq!(had(4 * WANTED - 1), Ok(WANTED / 2));
    assert_eq!(had(LEAST), Ok(LEAST));
    assert_eq!(had(LEAST - 1), Err(Errno::NOMEM));
    assert_eq!(reservation::<()>(|_| Err(Errno::PERM)), Err(Errno::PERM), "tried again in vain");
}
