//! OpenSSH's own programs talk to OpenSSH's own agent, and we listen: every request and reply
//! must be read, and written again to the same bytes.
//!
//! Needs OpenSSH's programs; where one is missing its cases are skipped and say so.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests, and these run programs"
)]

mod adding;
mod login;
mod proxy;
mod replay;
mod world;

use std::path::Path;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let missing = |programs: &[&str]| programs.iter().any(|program| !installed(program));
    let without_agent = missing(&["ssh-agent", "ssh-add", "ssh-keygen"]);
    let without_server = without_agent || missing(&["ssh", "/usr/sbin/sshd"]);
    let case = |name: &str, case: fn(), skipped: bool| {
        let run = move || {
            case();
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(skipped)
    };
    let trials = vec![
        case("adding::keys_of_every_type", adding::keys_of_every_type, without_agent),
        case("adding::constraints_of_every_kind", adding::constraints, without_agent),
        case("adding::the_rest_of_ssh_add", adding::the_rest_of_ssh_add, without_agent),
        case("adding::p10_a_large_certificate", adding::p10_a_large_certificate, without_agent),
        case("adding::a_signed_file", adding::a_signed_file, without_agent),
        case("login::every_kind_of_host_key", login::every_kind_of_host_key, without_server),
        case("login::a_forwarded_agent", login::a_forwarded_agent, without_server),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    // `join` with an absolute path is that path.
    std::env::split_paths(&folders).any(|folder| folder.join(Path::new(program)).is_file())
}
