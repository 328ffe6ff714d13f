//! A process's memory as root can have it: in a core dump, or whole.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use keyfob_testkit::World;
use keyfob_testkit::harness::skip;
use rustix::process::Pid;

use keyfob_testkit::user::needs_root;

/// A stretch of a process's memory.
pub(crate) struct Stretch {
    pub(crate) start: usize,
    pub(crate) bytes: Vec<u8>,
    /// Left out of core dumps.
    pub(crate) excluded: bool,
}

/// The core file that gdb's `gcore` writes of a process that lives on. It leaves out what the
/// kernel would leave out, and holds the registers of every thread.
pub(crate) fn core_dump(world: &World, pid: Pid) -> Vec<u8> {
    needs_root();
    let prefix = world.unused("dump");
    let number = pid.as_raw_nonzero().to_string();
    let run = world.system_program("gcore").arg("-o").arg(&prefix).arg(&number);
    let output = run.limit(Duration::from_secs(60)).output();
    let path = format!("{}.{number}", prefix.display());
    let core = fs::read(&path).unwrap_or_else(|error| skip(format!("gcore: {error}\n{output}")));
    fs::remove_file(path).unwrap();
    core
}

/// Everything the process has in memory, dumped or not, but for program text. Memory that even
/// root cannot read (that is what `memfd_secret` is for) is left out.
pub(crate) fn whole(pid: Pid) -> Vec<Stretch> {
    needs_root();
    let memory = File::open(format!("/proc/{}/mem", pid.as_raw_nonzero()));
    let Ok(memory) = memory else {
        skip("root may not read the memory of other processes here (CAP_SYS_PTRACE)")
    };
    let stretches = mappings(pid).into_iter().filter(Mapping::is_of_interest);
    stretches.filter_map(|mapping| mapping.read(&memory)).collect()
}

/// Where the memory of a process begins, if one may know.
pub(crate) fn first_address(pid: Pid) -> Option<usize> {
    let maps = fs::read_to_string(format!("/proc/{}/maps", pid.as_raw_nonzero())).ok()?;
    usize::from_str_radix(maps.split('-').next()?, 16).ok()
}

/// A line of `/proc/PID/smaps` and those below it.
struct Mapping {
    start: usize,
    end: usize,
    rights: String,
    name: String,
    excluded: bool,
}

fn mappings(pid: Pid) -> Vec<Mapping> {
    let text = fs::read_to_string(format!("/proc/{}/smaps", pid.as_raw_nonzero())).unwrap();
    let mut mappings: Vec<Mapping> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if first == "VmFlags:" {
            mappings.last_mut().unwrap().excluded = words.any(|flag| flag == "dd");
        } else if let Some((start, end)) = first.split_once('-') {
            mappings.push(Mapping {
                start: usize::from_str_radix(start, 16).unwrap(),
                end: usize::from_str_radix(end, 16).unwrap(),
                rights: words.next().unwrap().to_owned(),
                name: words.nth(3).unwrap_or_default().to_owned(),
                excluded: false,
            });
        }
    }
    mappings
}

impl Mapping {
    /// Whether the process can have put anything there. Not into program text, which is as the
    /// file has it, nor into the kernel's own pages, some of which cannot be read this way.
    fn is_of_interest(&self) -> bool {
        let text = self.name.starts_with('/') && !self.rights.contains('w');
        self.rights.starts_with('r') && !text && !self.name.starts_with("[v")
    }

    fn read(&self, memory: &File) -> Option<Stretch> {
        let mut bytes = vec![0; self.end - self.start];
        let result = memory.read_exact_at(&mut bytes, self.start as u64);
        let secret = self.name.contains("secretmem");
        assert!(result.is_ok() || secret, "cannot read {:x} {}", self.start, self.name);
        result.ok().map(|()| Stretch { start: self.start, bytes, excluded: self.excluded })
    }
}
