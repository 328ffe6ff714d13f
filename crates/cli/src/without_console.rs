//! `keyfobw`: starts the `keyfob` beside it with the same words, and opens no console for it.
//!
//! Windows opens one for every program that is made for consoles, unless another program says
//! otherwise. This is that program, at a logon and in menus, and it does nothing else.
#![cfg_attr(windows, windows_subsystem = "windows")]

#[cfg(windows)]
use std::os::windows::process::CommandExt as _;
use std::process::{Command, ExitCode};

/// `CREATE_NO_WINDOW`: it has a console, which nobody sees.
#[cfg(windows)]
const NO_WINDOW: u32 = 0x0800_0000;

fn main() -> ExitCode {
    let Ok(own) = std::env::current_exe() else { return ExitCode::FAILURE };
    let keyfob = own.with_file_name(format!("keyfob{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(keyfob);
    command.args(std::env::args_os().skip(1));
    #[cfg(windows)]
    command.creation_flags(NO_WINDOW);
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // There is nobody to tell; `keyfob doctor` tells who asks.
        Ok(_) | Err(_) => ExitCode::FAILURE,
    }
}
