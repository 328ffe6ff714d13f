//! One binary: the `keyfob` commands, and the drop-in names `ssh-agent`,
//! `ssh-add` and `ssh-keygen`, which behave as those programs when the binary
//! is called so.

mod account;
mod archive;
mod asking;
mod at_once;
mod called;
mod cli;
mod columns;
mod commands;
mod connection;
mod destination;
mod dropin;
mod exit;
mod exposure;
mod files;
mod finding;
mod folders;
mod json;
mod key_file;
mod key_store;
mod known_hosts;
mod leash;
mod lent;
mod names;
mod output;
mod passphrases;
mod period;
mod process_name;
mod public_file;
mod rewriting;
mod sandbox;
mod saving;
mod shell;
mod ssh_config;
mod strength;
#[cfg(target_os = "linux")]
mod syscalls;
mod topics;
mod voice;

use std::ffi::OsString;
use std::process::ExitCode;

use exit::Exit;
use keyfob_config::env::Environment;
use keyfob_sys::traces::Allocator;

/// Wipes what is freed: passphrases and keys pass through libraries that do not.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let environment = Environment::of_process();
    let exit = match program(&arguments) {
        Some("ssh-agent") => dropin::ssh_agent::run(arguments, &environment),
        Some("ssh-add") => dropin::ssh_add::run(arguments, &environment),
        Some("ssh-keygen") => dropin::ssh_keygen::run(arguments, &environment),
        // Not in the table of commands: nobody should find it.
        _ if commands::linked::is_meant(&arguments) => commands::linked::run(),
        _ if commands::person::is_meant(&arguments) => commands::person::run(&environment),
        #[cfg(any(feature = "desktop", windows))]
        _ if commands::watch_desktop::is_meant(&arguments) => {
            commands::watch_desktop::run(&arguments)
        }
        #[cfg(windows)]
        _ if commands::pageant_window::is_meant(&arguments) => {
            commands::pageant_window::run(&arguments)
        }
        _ => cli::run(arguments, &environment),
    };
    match exit {
        // What should have been printed was not: that is no success.
        Exit::Success if output::data_lost() => Exit::Failure.into(),
        exit => exit.into(),
    }
}

/// The name of OpenSSH's that the binary was called by, if it was.
fn program(arguments: &[OsString]) -> Option<&'static str> {
    let name = called::name(arguments.first()?)?;
    ["ssh-agent", "ssh-add", "ssh-keygen"].into_iter().find(|known| name == *known)
}
