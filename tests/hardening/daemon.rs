//! The agent in the background, seen through `/proc`.
//!
//! Lost without this: what `ps` shows to every user, the folder or the terminal that a daemon
//! holds on to, a core file in spite of all.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_testkit::{Announcement, Answer, Case, KeyType, World, case};
use rustix::process::Pid;

use keyfob_testkit::user::{User, needs_root, wait_for_program};

pub(crate) const CASES: &[Case] = &[
    case!(may_write_no_core_file),
    case!(belongs_to_root_in_proc),
    case!(has_a_session_of_its_own),
    case!(holds_no_folder_and_no_stream),
    case!(shows_no_secret_in_its_arguments_and_environment),
    case!(a_client_shows_no_secret_in_its_arguments_and_environment),
];

fn may_write_no_core_file(world: &World) {
    let agent = daemon(world);
    assert_eq!(core_limits(&agent), ["0", "0"]);
}

/// The sign of a process that is not dumpable: the kernel gives its files to root.
fn belongs_to_root_in_proc(world: &World) {
    needs_root();
    let user = User::Stranger;
    let ordinary = user.program(world, "sleep").arg("60").start();
    wait_for_program(world, ordinary.pid(), "sleep");
    let owner = |pid, name| fs::metadata(proc(pid, name)).unwrap().uid();
    assert_eq!(owner(ordinary.pid(), "mem"), user.number());
    let agent = daemon_of(world, user);
    for name in ["mem", "maps", "environ", "fd", "cwd"] {
        assert_eq!(owner(agent.pid, name), 0, "{name}");
    }
}

fn has_a_session_of_its_own(world: &World) {
    let agent = daemon(world);
    let stat = fs::read_to_string(proc(agent.pid, "stat")).unwrap();
    // The name may hold blanks and brackets; behind its last bracket come state, parent, group,
    // session, terminal.
    let words: Vec<&str> = stat.rsplit(')').next().unwrap().split_ascii_whitespace().collect();
    let own = agent.pid.as_raw_nonzero().to_string();
    assert_eq!(words[3], own, "session");
    assert_eq!(words[4], "0", "terminal");
}

fn holds_no_folder_and_no_stream(world: &World) {
    needs_root();
    let agent = daemon(world);
    let link = |name| fs::read_link(proc(agent.pid, name)).unwrap();
    assert_eq!(link("cwd"), Path::new("/"));
    for stream in ["fd/0", "fd/1", "fd/2"] {
        assert_eq!(link(stream), Path::new("/dev/null"), "{stream}");
    }
}

fn shows_no_secret_in_its_arguments_and_environment(world: &World) {
    needs_root();
    let agent = world.agent();
    let key = world.encrypted_key(KeyType::Ed25519, "key", "of-the-key");
    let askpass = world.askpass();
    askpass.answer(&Answer::line("of-the-key"));
    askpass.forced_on(agent.ssh_add()).arg(key.path()).output().exits(0);
    agent.lock("of-the-lock");
    shows_nothing_of(agent.pid(), &["of-the-key", "of-the-lock"]);
}

/// While a person is being asked, the program that asks included.
fn a_client_shows_no_secret_in_its_arguments_and_environment(world: &World) {
    needs_root();
    let agent = world.agent();
    let key = world.encrypted_key(KeyType::Ed25519, "key", "of-the-key");
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("a-wrong-one"), Answer::NoWhenReleased]);
    let client = askpass.forced_on(agent.ssh_add()).arg(key.path()).start();
    // The first answer is with the client, the second is being waited for.
    let helper = Pid::from_raw(askpass.wait_for_call(1).pid).unwrap();
    for pid in [client.pid(), helper, agent.pid()] {
        shows_nothing_of(pid, &["a-wrong-one", "of-the-key"]);
    }
    askpass.release();
    client.wait();
}

/// OpenSSH's daemon announces itself before it has taken its measures; ours after.
fn daemon(world: &World) -> Announcement {
    let (_, agent) = world.daemon(&["-s"]);
    if !world.is_keyfob() {
        world
            .waits_until("the limit", Duration::from_secs(5), || core_limits(&agent) == ["0", "0"]);
    }
    agent
}

/// Soft and hard, as `/proc` shows them.
fn core_limits(agent: &Announcement) -> [String; 2] {
    let limits = fs::read_to_string(proc(agent.pid, "limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    [words[4].to_owned(), words[5].to_owned()]
}

fn daemon_of(world: &World, user: User) -> Announcement {
    let folder = user.folder(world);
    let output = user.ssh_agent(world, &folder).arg("-a").arg(folder.join("agent")).output();
    let announcement = Announcement::parse(&output);
    world.adopt(announcement.pid);
    announcement
}

/// None of these words is in what `ps eww` shows.
#[track_caller]
fn shows_nothing_of(pid: Pid, words: &[&str]) {
    for name in ["cmdline", "environ"] {
        let bytes = fs::read(proc(pid, name)).unwrap();
        assert!(!bytes.is_empty(), "{name} of {pid:?} shows nothing at all");
        let text = String::from_utf8_lossy(&bytes);
        for word in words {
            assert!(!text.contains(word), "{word} is in {name}: {text:?}");
        }
    }
}

fn proc(pid: Pid, name: &str) -> PathBuf {
    Path::new("/proc").join(pid.as_raw_nonzero().to_string()).join(name)
}
