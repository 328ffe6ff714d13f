//! The side that starts programs and looks at processes.

use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::thread::{Builder, Scope};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::message::{self, Message, Plan};
use super::{Manner, Recipe};
use crate::looking;

/// It runs; its number follows.
pub const STARTED: u8 = b'+';
/// It could not be started; the number of the error follows.
const FAILED: u8 = b'-';
/// It has ended; its status follows.
pub const ENDED: u8 = b'.';
/// Said to it: end it.
pub const KILL: u8 = b'K';

/// How long a helper may take to put a terminal right before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// The end of the process made for it.
pub(super) fn stand_alone(socket: &OwnedFd, menu: &[Recipe]) -> ! {
    // A signal to the group of the agent, such as Ctrl-C, is the agent's business: this one ends
    // with it. Programs that are started get no blocked signals (the standard library's doing).
    crate::signals::block_all();
    crate::process::keep_only(socket);
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"keyfob-starter");
    serve(socket, menu);
    std::process::exit(0);
}

/// Answers until nobody can ask any more, and ends what still runs.
pub(super) fn serve(socket: &OwnedFd, menu: &[Recipe]) {
    let mut buffer = vec![0; message::MAX_MESSAGE];
    std::thread::scope(|scope| {
        // An error is an end: without a way to ask there is nothing to do.
        while let Ok(Some((length, descriptors))) = message::receive(socket, &mut buffer) {
            let Some(message) = buffer.get(..length).and_then(|text| message::read(text, menu))
            else {
                continue; // its descriptors are closed, which is an answer
            };
            begin(scope, message, descriptors, menu);
        }
    });
}

/// Each in a thread of its own: what takes long holds up nobody.
fn begin<'s>(
    scope: &'s Scope<'s, '_>,
    message: Message,
    descriptors: Vec<OwnedFd>,
    menu: &'s [Recipe],
) {
    let mut descriptors = descriptors.into_iter();
    let Some(first) = descriptors.next() else { return };
    let thread = Builder::new().name("starter".to_owned());
    // Without a thread nothing is done, and the closed descriptors say so.
    let _ = match message {
        Message::Line => thread.spawn_scoped(scope, move || looking::answer_all(&first)),
        Message::Environment(pid) => thread.spawn_scoped(scope, move || {
            let mut answer = UnixStream::from(first);
            let _ = answer.write_all(&message::answer(looking::environment_directly(pid)));
        }),
        Message::Start(plan) => {
            let recipe = &menu[plan.recipe];
            let (stdout, stdin) = (descriptors.next(), descriptors.next());
            thread.spawn_scoped(scope, move || {
                let life = UnixStream::from(first);
                let command = command(recipe, plan, stdout, stdin);
                attend(command, recipe.manner, life);
            })
        }
    };
}

fn command(
    recipe: &Recipe,
    plan: Plan,
    stdout: Option<OwnedFd>,
    stdin: Option<OwnedFd>,
) -> Command {
    let mut command = Command::new(&recipe.program);
    if let Some(name) = recipe.name {
        command.arg0(name);
    }
    if let Some(environment) = &recipe.environment {
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    }
    for (name, value) in plan.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(&recipe.arguments).args(plan.words);
    command.stdin(stdin.map_or_else(Stdio::null, Stdio::from));
    command.stdout(stdout.map_or_else(Stdio::null, Stdio::from));
    match recipe.manner {
        Manner::Helper | Manner::HelperWithTerminal => {
            command.current_dir("/").stderr(Stdio::null());
        }
        Manner::Dialog => {
            command.process_group(0);
        }
    }
    command
}

/// Starts it, and stays with it until it has ended.
fn attend(mut command: Command, manner: Manner, mut life: UnixStream) {
    let spawned = command.spawn();
    // What the program has, nobody else is to hold open.
    drop(command);
    let child = match spawned {
        Ok(child) => child,
        Err(error) => return tell(&mut life, FAILED, error.raw_os_error().unwrap_or(libc::EIO)),
    };
    tell(&mut life, STARTED, child.id().cast_signed());
    if let Some(status) = until_ended(child, manner, &mut life) {
        tell(&mut life, ENDED, status);
    }
}

fn tell(life: &mut UnixStream, what: u8, number: i32) {
    // Whoever is gone needs no answer.
    let mut bytes = vec![what];
    bytes.extend(number.to_ne_bytes());
    let _ = life.write_all(&bytes);
}

/// Its status, once it has ended by itself or was ended because nobody wants it any more.
fn until_ended(mut child: Child, manner: Manner, life: &mut UnixStream) -> Option<i32> {
    let pid = Pid::from_raw(child.id().cast_signed())?;
    // Its number is its own, and so is the group's that it may lead, until it is waited for: so
    // its end is only looked at, by a thread, and told through a pipe that closes.
    let (ended, teller) = io::pipe().ok()?;
    let watched = Builder::new().spawn(move || {
        let only_looking = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), only_looking).is_err_and(|errno| errno == Errno::INTR) {}
        drop(teller);
    });
    if watched.is_err() {
        end(pid, Signal::KILL);
    }
    loop {
        let mut both = [PollFd::new(&ended, PollFlags::IN), PollFd::new(&*life, PollFlags::IN)];
        if poll(&mut both, None).is_err() {
            continue; // interrupted
        }
        let [has_ended, wanted] = both.map(|one| !one.revents().is_empty());
        if has_ended {
            break;
        }
        if wanted && !matches!(life.read(&mut [0]), Ok(1..)) {
            if manner == Manner::HelperWithTerminal {
                end(pid, Signal::TERM);
                let limit = Timespec::try_from(GRACE).ok();
                let _ = poll(&mut [PollFd::new(&ended, PollFlags::IN)], limit.as_ref());
            }
            end(pid, Signal::KILL);
            break;
        } else if wanted {
            end(pid, Signal::KILL);
        }
    }
    if manner == Manner::HelperWithTerminal {
        // What it has started for the question goes with it.
        end(pid, Signal::KILL);
    }
    child.wait().ok().map(ExitStatusExt::into_raw)
}

/// It and the group it leads; gone already is as good.
fn end(pid: Pid, signal: Signal) {
    let _ = kill_process(pid, signal);
    let _ = kill_process_group(pid, signal);
}
