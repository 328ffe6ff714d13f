//! Sockets that dead agents left in `~/.ssh/agent`, and who removes them when (10.1).

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use keyfob_testkit::{Case, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_old_dead_socket_is_removed_at_start).since("10.1"),
        case!(it_stays_when_cleaning_is_switched_off).since("10.1"),
        case!(cleaning_alone_starts_no_agent).since("10.1"),
        case!(a_young_dead_socket_stays).since("10.1"),
        case!(a_live_socket_stays).since("10.1"),
        case!(a_socket_of_another_machine_stays).since("10.1"),
        case!(cleaning_twice_removes_another_machine_s_too).since("10.1"),
        case!(a_file_that_is_no_socket_stays).since("10.1"),
        case!(cleaning_without_a_folder_is_no_error).since("10.1"),
    ]
}

/// `~/.ssh/agent/s.<host>.` with the host's characters as this program makes them, learned from a
/// socket of its own.
fn own_prefix(world: &World) -> String {
    let (_, agent) = world.daemon(&["-s"]);
    let name = agent.socket.file_name().unwrap().to_str().unwrap().to_owned();
    name[..13].to_owned()
}

/// A dead socket of this name and age.
fn dead_socket(world: &World, name: &str, age: Duration) -> PathBuf {
    let path = world.make_folder(".ssh/agent").join(name);
    drop(UnixListener::bind(&path).unwrap());
    let when = SystemTime::now() - age;
    let stamp = rustix::fs::Timespec {
        tv_sec: i64::try_from(when.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
            .unwrap(),
        tv_nsec: 0,
    };
    let times = rustix::fs::Timestamps { last_access: stamp, last_modification: stamp };
    rustix::fs::utimensat(rustix::fs::CWD, &path, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
        .unwrap();
    path
}

const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);

fn clean(world: &World, flag: &str) {
    let output = world.ssh_agent().arg(flag).output();
    output.exits(0).prints("Deleted stale agent sockets in ~/.ssh/agent\n");
}

fn an_old_dead_socket_is_removed_at_start(world: &World) {
    let stale = dead_socket(world, &format!("{}agent.0123456789", own_prefix(world)), TWO_HOURS);
    world.daemon(&["-s"]);
    world.waits_until("the stale socket is gone", Duration::from_secs(2), || !stale.exists());
}

fn it_stays_when_cleaning_is_switched_off(world: &World) {
    let stale = dead_socket(world, &format!("{}agent.0123456789", own_prefix(world)), TWO_HOURS);
    world.daemon(&["-s", "-U"]);
    std::thread::sleep(Duration::from_millis(200));
    assert!(stale.exists());
}

fn cleaning_alone_starts_no_agent(world: &World) {
    let stale = dead_socket(world, &format!("{}agent.0123456789", own_prefix(world)), TWO_HOURS);
    let before = fs::read_dir(world.path(".ssh/agent")).unwrap().count();
    clean(world, "-u");
    assert!(!stale.exists());
    assert_eq!(fs::read_dir(world.path(".ssh/agent")).unwrap().count(), before - 1);
}

/// An agent that is just starting has bound but does not listen yet.
fn a_young_dead_socket_stays(world: &World) {
    let age = Duration::from_secs(50 * 60);
    let young = dead_socket(world, &format!("{}agent.0123456789", own_prefix(world)), age);
    clean(world, "-u");
    assert!(young.exists());
}

fn a_live_socket_stays(world: &World) {
    let path = dead_socket(world, &format!("{}agent.0123456789", own_prefix(world)), TWO_HOURS);
    fs::remove_file(&path).unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    clean(world, "-u");
    assert!(path.exists());
    drop(listener);
}

/// The home may be shared with a machine whose agents cannot be probed from here.
fn a_socket_of_another_machine_stays(world: &World) {
    let other = dead_socket(world, "s.0000000000.agent.0123456789", TWO_HOURS);
    clean(world, "-u");
    assert!(other.exists());
}

fn cleaning_twice_removes_another_machine_s_too(world: &World) {
    let other = dead_socket(world, "s.0000000000.agent.0123456789", TWO_HOURS);
    clean(world, "-uu");
    assert!(!other.exists());
}

fn a_file_that_is_no_socket_stays(world: &World) {
    world.make_folder(".ssh/agent");
    let file = world.write(".ssh/agent/notes", "text", 0o600);
    clean(world, "-uu");
    assert!(file.exists());
}

fn cleaning_without_a_folder_is_no_error(world: &World) {
    fs::remove_dir_all(world.path(".ssh")).unwrap();
    world.ssh_agent().arg("-u").output().exits(0);
}
