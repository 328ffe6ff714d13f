//! The filter as the kernel reads it, run here over every call there is. What the kernel then
//! does with it is seen beside this.
//!
//! Lost without these: the knowledge that nothing else is allowed, not even by a slip in an
//! argument, for the calls nobody thought of.

use std::os::fd::{AsFd as _, AsRawFd as _};

use libc::c_long;
use seccompiler::BpfProgram;

use crate::syscalls::program;

pub(crate) const CASES: [(&str, fn()); 5] = [
    (
        "of_all_calls_only_these_pass_whatever_is_asked",
        of_all_calls_only_these_pass_whatever_is_asked,
    ),
    ("what_is_not_allowed_ends_the_process", what_is_not_allowed_ends_the_process),
    ("one_descriptor_is_read_and_two_are_written", one_descriptor_is_read_and_two_are_written),
    ("no_memory_becomes_a_file_or_a_program", no_memory_becomes_a_file_or_a_program),
    (
        "another_machines_calls_are_not_taken_for_ours",
        another_machines_calls_are_not_taken_for_ours,
    ),
];

const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;

/// A system call, as `struct seccomp_data` has it.
#[derive(Clone, Copy)]
struct Call {
    number: u32,
    machine: u32,
    arguments: [u64; 6],
}

impl Call {
    /// The word at this offset, on a little-endian machine.
    fn word(&self, offset: u32) -> u32 {
        match offset {
            0 => self.number,
            4 => self.machine,
            16..64 => {
                let argument = self.arguments[(offset as usize - 16) / 8];
                if offset.is_multiple_of(8) { argument as u32 } else { (argument >> 32) as u32 }
            }
            _ => panic!("offset {offset}"),
        }
    }
}

/// Runs a filter as the kernel does (`Documentation/networking/filter.rst`), as far as the
/// instructions in it go.
fn verdict(program: &BpfProgram, call: Call) -> u32 {
    let (mut accumulator, mut at) = (0_u32, 0_usize);
    loop {
        let step = &program[at];
        at += 1;
        let jump = |holds: bool| usize::from(if holds { step.jt } else { step.jf });
        match u32::from(step.code) {
            code if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                accumulator = call.word(step.k);
            }
            code if code == libc::BPF_ALU | libc::BPF_AND | libc::BPF_K => accumulator &= step.k,
            code if code == libc::BPF_JMP | libc::BPF_JA => at += step.k as usize,
            code if code == libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K => {
                at += jump(accumulator == step.k);
            }
            code if code == libc::BPF_RET | libc::BPF_K => return step.k,
            other => panic!("instruction {other:#x}"),
        }
    }
}

/// What each machine calls itself (`linux/audit.h`).
fn machine() -> u32 {
    match std::env::consts::ARCH {
        "x86_64" => 0xc000_003e,
        "aarch64" => 0xc000_00b7,
        other => panic!("{other}"),
    }
}

/// A filter, and the descriptor that may be read.
fn filter() -> (BpfProgram, u64) {
    let file = std::fs::File::open("/dev/null").unwrap();
    let arch = std::env::consts::ARCH.try_into().unwrap();
    (program(file.as_fd(), arch).unwrap(), file.as_raw_fd().try_into().unwrap())
}

fn call(number: c_long, arguments: [u64; 3]) -> Call {
    let [first, second, third] = arguments;
    Call {
        number: number.try_into().unwrap(),
        machine: machine(),
        arguments: [first, second, third, 0, 0, 0],
    }
}

fn of_all_calls_only_these_pass_whatever_is_asked() {
    let (filter, _) = filter();
    // Small numbers, all bits, and the values the conditions below look for.
    let values = [0, 1, 2, 3, 4, 7, 0x20, 0x22, u64::from(u32::MAX), u64::MAX];
    let mut passed: Vec<c_long> = (0..4096)
        .filter(|number| {
            values.iter().any(|&first| {
                values.iter().any(|&other| {
                    let arguments = [first, other, other, 0x22, other, other];
                    let asked = Call { arguments, ..call(*number, [0; 3]) };
                    verdict(&filter, asked) == ALLOW
                })
            })
        })
        .collect();
    // Written once more: a list compared with itself is always right.
    let mut allowed = vec![
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_close,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_munmap,
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_mlock,
        libc::SYS_sigaltstack,
        libc::SYS_exit_group,
    ];
    if cfg!(debug_assertions) {
        allowed.push(libc::SYS_fcntl);
    }
    allowed.sort_unstable();
    passed.sort_unstable();
    assert_eq!(passed, allowed);
}

fn what_is_not_allowed_ends_the_process() {
    let (filter, _) = filter();
    for number in [
        libc::SYS_openat,
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_kill,
        libc::SYS_tgkill,
        libc::SYS_pidfd_send_signal,
        libc::SYS_sendmsg,
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_userfaultfd,
        libc::SYS_memfd_create,
        libc::SYS_prctl,
        libc::SYS_rt_sigaction,
        libc::SYS_dup,
        libc::SYS_pread64,
        libc::SYS_unlinkat,
    ] {
        assert_eq!(verdict(&filter, call(number, [0; 3])), KILL, "{number}");
    }
}

fn one_descriptor_is_read_and_two_are_written() {
    let (filter, source) = filter();
    for descriptor in 0..100 {
        let read = verdict(&filter, call(libc::SYS_read, [descriptor, 0, 0]));
        assert_eq!(read, if descriptor == source { ALLOW } else { KILL }, "{descriptor}");
        let written = verdict(&filter, call(libc::SYS_write, [descriptor, 0, 0]));
        assert_eq!(written, if [1, 2].contains(&descriptor) { ALLOW } else { KILL });
    }
}

fn no_memory_becomes_a_file_or_a_program() {
    let (filter, _) = filter();
    let memory = |rights: u64, flags: u64| {
        let asked =
            Call { arguments: [0, 4096, rights, flags, 9, 0], ..call(libc::SYS_mmap, [0; 3]) };
        verdict(&filter, asked)
    };
    let (private, anonymous) = (2, 0x20);
    assert_eq!(memory(3, private | anonymous), ALLOW);
    assert_eq!(memory(0, private | anonymous), ALLOW);
    assert_eq!(memory(3, private), KILL, "of a descriptor");
    assert_eq!(memory(7, private | anonymous), KILL, "to be run");
    assert_eq!(memory(4, private | anonymous), KILL, "to be run");
    assert_eq!(verdict(&filter, call(libc::SYS_mprotect, [0, 4096, 3])), ALLOW);
    assert_eq!(verdict(&filter, call(libc::SYS_mprotect, [0, 4096, 5])), KILL);
}

/// The numbers mean something else there: those of 32-bit programs, and of x32.
fn another_machines_calls_are_not_taken_for_ours() {
    let (filter, _) = filter();
    let own = call(libc::SYS_close, [0; 3]);
    assert_eq!(verdict(&filter, own), ALLOW);
    assert_eq!(verdict(&filter, Call { machine: 0x4000_0003, ..own }), KILL);
    assert_eq!(verdict(&filter, Call { number: own.number | 0x4000_0000, ..own }), KILL);
}
