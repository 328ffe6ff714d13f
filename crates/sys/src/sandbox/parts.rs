//! A filter of system calls in parts, and the way to the right one.
//!
//! The kernel tries a new filter with every system call there is, to remember the answers that hang
//! on nothing else, and a filter compares a call with one after the other: a third of a millisecond
//! of every start. Each part is a whole filter, which knows its machine and ends with what becomes
//! of all other calls. So a wrong turn may forbid a call, and can never permit one.

use std::collections::BTreeMap;

use libc::{BPF_ABS, BPF_JA, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_W};
use seccompiler::{BackendError, BpfProgram, SeccompRule, sock_filter};

/// What each call may be asked for.
pub(super) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls in a part: about as many comparisons as there are parts.
const CALLS: usize = 16;

/// The program that `compile` makes of these rules, in parts.
pub(super) fn compile(
    mut rules: Rules,
    compile: impl Fn(Rules) -> Result<BpfProgram, BackendError>,
) -> Result<BpfProgram, BackendError> {
    let mut parts = Vec::new();
    while !rules.is_empty() {
        let next = rules.keys().nth(CALLS).copied();
        let rest = next.map(|first| rules.split_off(&first)).unwrap_or_default();
        parts.push((compile(rules)?, next));
        rules = rest;
    }
    Ok(joined(&parts))
}

/// Each part with the first call of the one behind it.
fn joined(parts: &[(BpfProgram, Option<i64>)]) -> BpfProgram {
    // The number of the call is the first that a filter is told (seccomp(2)).
    let mut program = vec![instruction(BPF_LD | BPF_W | BPF_ABS, 0, 0)];
    let mut start = 2 * parts.len();
    for (part, next) in parts {
        if let Some(next) = next {
            // From there on it is another part's: over the way to this one.
            program.push(instruction(BPF_JMP | BPF_JGE | BPF_K, 1, number(*next)));
        }
        let behind = program.len() + 1;
        program.push(instruction(BPF_JMP | BPF_JA, 0, number(start - behind)));
        start += part.len();
    }
    program.extend(parts.iter().flat_map(|(part, _)| part).cloned());
    program
}

fn instruction(code: u32, if_true: u8, k: u32) -> sock_filter {
    // All codes are below 256.
    sock_filter { code: code as u16, jt: if_true, jf: 0, k }
}

/// Beyond the end where it does not fit, which the kernel refuses.
fn number<T: TryInto<u32>>(number: T) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use libc::{BPF_ALU, BPF_AND, BPF_JEQ, BPF_JSET, BPF_RET};

    use super::super::calls;
    use super::*;

    /// What a program says of a call, as the kernel reads it.
    fn answer(program: &[sock_filter], call: &[u32; 16]) -> u32 {
        let (mut at, mut value) = (0, 0);
        loop {
            let step = &program[at];
            at += 1;
            let branch = |holds: bool| usize::from(if holds { step.jt } else { step.jf });
            match u32::from(step.code) {
                code if code == BPF_LD | BPF_W | BPF_ABS => value = call[step.k as usize / 4],
                code if code == BPF_ALU | BPF_AND | BPF_K => value &= step.k,
                code if code == BPF_JMP | BPF_JA => at += step.k as usize,
                code if code == BPF_JMP | BPF_JEQ | BPF_K => at += branch(value == step.k),
                code if code == BPF_JMP | BPF_JGE | BPF_K => at += branch(value >= step.k),
                code if code == BPF_JMP | BPF_JSET | BPF_K => at += branch(value & step.k != 0),
                code if code == BPF_RET | BPF_K => return step.k,
                code => panic!("{code:#x} is not known here"),
            }
        }
    }

    #[test]
    fn in_parts_it_answers_as_in_one_piece() {
        let whole = calls::in_one_piece(calls::rules().unwrap()).unwrap();
        let parts = compile(calls::rules().unwrap(), calls::in_one_piece).unwrap();
        let machine = whole[1].k;
        let mut permitted = 0;
        for number in (0..700).chain([0x4000_0000, 0x4000_0001, u32::MAX]) {
            for first in [0, 1, 15, 0x10000, std::process::id(), u32::MAX] {
                for third in [0, 4, 7] {
                    for machine in [machine, machine ^ 1] {
                        let mut call = [0; 16];
                        (call[0], call[1], call[4], call[8]) = (number, machine, first, third);
                        let expected = answer(&whole, &call);
                        assert_eq!(answer(&parts, &call), expected, "{call:x?}");
                        permitted += u32::from(expected == libc::SECCOMP_RET_ALLOW);
                    }
                }
            }
        }
        assert!(permitted > 1000, "{permitted}");
    }
}
