//! Compliance: what OpenSSH's `ssh-agent`, `ssh-add` and `ssh-keygen` do, ours do.
//!
//! Each case runs twice, as `openssh::<module>::<case>` against the installed programs and as
//! `keyfob::<module>::<case>` against the binary under their names. Where the two differ on
//! purpose, [`divergences`] says why. Any other agent is put to the cases that need a socket only by
//! `KEYFOB_AGENT=PROGRAM`, as `agent::<module>::<case>`: it is started as `PROGRAM -D -a SOCKET` and held to
//! what keyfob is held to. See `keyfob_testkit` for how a case is written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "every function here is part of a test"
)]

mod add_agent;
mod add_certificates;
mod add_defaults;
mod add_delete;
mod add_destinations;
mod add_files;
mod add_flags;
mod add_list;
mod add_lock;
mod add_passphrases;
mod add_permissions;
mod add_test;
mod agent_activation;
mod agent_announcement;
mod agent_command;
mod agent_flags;
mod agent_kill;
mod agent_signals;
mod agent_socket;
mod agent_stale_sockets;
mod binding;
mod certificates;
mod confirmation;
mod destinations;
mod divergences;
mod extensions;
mod frames;
mod identities;
mod keygen_certificate;
mod keygen_change;
mod keygen_fingerprint;
mod keygen_flags;
mod keygen_generate;
mod keygen_host_keys;
mod keygen_permissions;
mod keygen_public;
mod keygen_putty;
mod keygen_words;
mod lifetime;
mod locking;
mod malformed;
mod signing;

use std::process::ExitCode;

use keyfob_testkit::Case;

/// What is said over a socket alone: any agent can be held to it.
fn socket_cases() -> Vec<Case> {
    [
        binding::cases(),
        certificates::cases(),
        confirmation::cases(),
        destinations::cases(),
        extensions::cases(),
        frames::cases(),
        identities::cases(),
        lifetime::cases(),
        locking::cases(),
        malformed::cases(),
        signing::cases(),
    ]
    .concat()
}

fn main() -> ExitCode {
    if keyfob_testkit::another_agent().is_some() {
        return keyfob_testkit::harness::run_with_another(&socket_cases());
    }
    let cases = [
        add_agent::cases(),
        add_certificates::cases(),
        add_defaults::cases(),
        add_delete::cases(),
        add_destinations::cases(),
        add_files::cases(),
        add_flags::cases(),
        add_list::cases(),
        add_lock::cases(),
        add_passphrases::cases(),
        add_permissions::cases(),
        add_test::cases(),
        agent_activation::cases(),
        agent_announcement::cases(),
        agent_command::cases(),
        agent_flags::cases(),
        agent_kill::cases(),
        agent_signals::cases(),
        agent_socket::cases(),
        agent_stale_sockets::cases(),
        keygen_certificate::cases(),
        keygen_change::cases(),
        keygen_fingerprint::cases(),
        keygen_flags::cases(),
        keygen_generate::cases(),
        keygen_host_keys::cases(),
        keygen_permissions::cases(),
        keygen_public::cases(),
        keygen_putty::cases(),
        socket_cases(),
    ]
    .concat();
    keyfob_testkit::harness::run(&cases, divergences::TABLE, divergences::trials())
}
