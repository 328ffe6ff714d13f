//! The agent and the desktop, on a bus of its own, with logind and the notification service played
//! by python-dbusmock. A failure here means that keys stay open while nobody is there, or that a
//! machine goes to sleep with them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use keyfob_testkit::{Askpass, KeyFile, KeyStore, KeyType, RunningAgent, World};
use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::support::{skipped, world};

const SOON: Duration = Duration::from_secs(20);

/// Debian's own: another one in the search path does not see its modules.
const PYTHON: &str = "/usr/bin/python3";

/// Tells the mock what happens.
const DRIVER: &str = r"
import sys, dbus
address, what, *rest = sys.argv[1:]
bus = dbus.bus.BusConnection(address)
name, mock = 'org.freedesktop.login1', 'org.freedesktop.DBus.Mock'
manager = bus.get_object(name, '/org/freedesktop/login1')
path = dbus.ObjectPath('/org/freedesktop/login1/session/' + (rest[0] if rest else '0'))
def emit(signal, signature, *values):
    manager.EmitSignal(name + '.Manager', signal, signature, list(values), dbus_interface=mock)
if what == 'add':
    manager.AddSession(rest[0], 'seat' + rest[0], dbus.UInt32(int(rest[1])), 'me', True, dbus_interface=mock)
    emit('SessionNew', 'so', rest[0], path)
elif what == 'removed':
    emit('SessionRemoved', 'so', rest[0], path)
elif what in ('sleep', 'resume'):
    emit('PrepareForSleep', 'b', what == 'sleep')
elif what == 'lock':
    bus.get_object(name, path).Lock(dbus_interface=name + '.Session')
elif what == 'hint':
    bus.get_object(name, path).SetLockedHint(True, dbus_interface=name + '.Session')
elif what == 'inhibitors':
    print(len(manager.ListInhibitors(dbus_interface=name + '.Manager')))
";

/// A bus, and who is on it.
struct Desktop {
    address: String,
    log: PathBuf,
    children: Vec<Child>,
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Desktop {
    /// `None`, with a word about it, where the packages are missing.
    fn start(world: &World) -> Option<Self> {
        let probe = Command::new(PYTHON).args(["-c", "import dbusmock"]).output();
        let has_bus = Command::new("dbus-daemon").arg("--version").output().is_ok();
        if !has_bus || !probe.is_ok_and(|probe| probe.status.success()) {
            skipped("dbus or python3-dbusmock is not installed");
            return None;
        }
        let socket = world.unused("bus");
        let config = world.write(
            "bus.conf",
            format!(
                "<busconfig><type>session</type><listen>unix:path={}</listen>\
                 <policy context=\"default\"><allow send_destination=\"*\"/>\
                 <allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
                socket.display()
            ),
            0o600,
        );
        let mut bus = Command::new("dbus-daemon");
        bus.arg("--nofork").arg("--config-file").arg(config);
        let address = format!("unix:path={}", socket.display());
        let log = world.unused("mock-log");
        let mut desktop = Self { address, log, children: Vec::new() };
        desktop.spawn(&mut bus);
        world.waits_until("the bus is there", SOON, || socket.exists());
        for template in ["logind", "notification_daemon"] {
            let mut mock = Command::new(PYTHON);
            mock.args(["-m", "dbusmock", "--template", template]).arg("--logfile");
            mock.arg(format!("{}-{template}", desktop.log.display()));
            mock.env("DBUS_SYSTEM_BUS_ADDRESS", &desktop.address);
            mock.env("DBUS_SESSION_BUS_ADDRESS", &desktop.address);
            desktop.spawn(&mut mock);
        }
        world.waits_until("logind is there", SOON, || desktop.try_tell(&["inhibitors"]).is_some());
        desktop.tell(&["add", "7", &geteuid().as_raw().to_string()]);
        Some(desktop)
    }

    fn spawn(&mut self, command: &mut Command) {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.children.push(child.spawn().unwrap());
    }

    fn try_tell(&self, words: &[&str]) -> Option<String> {
        let mut driver = Command::new(PYTHON);
        driver.args(["-c", DRIVER]).arg(&self.address).args(words);
        let output = driver.output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    #[track_caller]
    fn tell(&self, words: &[&str]) -> String {
        self.try_tell(words).unwrap_or_else(|| panic!("{words:?} failed"))
    }

    fn is_delayed(&self) -> bool {
        self.tell(&["inhibitors"]).trim() != "0"
    }

    fn agent(&self, world: &World, askpass: &Askpass, settings: &str) -> RunningAgent {
        let settings = world.write("settings.toml", settings, 0o600);
        world.agent_with(|run| {
            askpass
                .offered_to(run)
                .env("KEYFOB_CONFIG", settings)
                .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
                .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
        })
    }
}

fn is_open(world: &World, agent: &RunningAgent) -> bool {
    let run = world.program("keyfob").env("SSH_AUTH_SOCK", agent.socket());
    let output = run.args(["status", "--json"]).output();
    output.exits(0);
    output.stdout().contains("\"store_locked\": false")
}

fn stored(store: &KeyStore<'_>, world: &World) -> KeyFile {
    let key = world.key(KeyType::Ed25519, "key");
    store.save(&key, "key", &[]);
    key
}

fn sign(agent: &RunningAgent, key: &KeyFile) {
    agent.client().sign(&key.blob(), b"data", 0).signature();
}

fn children(parent: i32) -> Vec<i32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let children = |task: std::io::Result<fs::DirEntry>| {
        fs::read_to_string(task.ok()?.path().join("children")).ok()
    };
    let all: String = tasks.filter_map(children).collect();
    all.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// The helpers of this agent: children of the process that starts them for it.
fn helpers(agent: &RunningAgent) -> Vec<Pid> {
    let starters = children(agent.pid().as_raw_nonzero().get());
    let children = starters.into_iter().flat_map(children);
    let is_helper = |pid: &i32| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains("watch-desktop"))
    };
    children.filter(is_helper).map(|pid| Pid::from_raw(pid).unwrap()).collect()
}

#[test]
fn before_sleep_everything_is_locked_and_only_then_the_machine_may_sleep() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let store = KeyStore::make(&world);
    let key = stored(&store, &world);
    let askpass = store.answering();
    let agent = desktop.agent(&world, &askpass, "");
    sign(&agent, &key);
    world.waits_until("the delay is held", SOON, || desktop.is_delayed());
    // An agent that cannot lock yet.
    agent.signal(Signal::STOP);
    desktop.tell(&["sleep"]);
    std::thread::sleep(Duration::from_secs(1));
    let delayed = desktop.is_delayed();
    agent.signal(Signal::CONT);
    assert!(delayed, "the machine sleeps before the agent has locked");
    world.waits_until("the machine may sleep", SOON, || !desktop.is_delayed());
    assert!(!is_open(&world, &agent));
    desktop.tell(&["resume"]);
    world.waits_until("the delay is held again", SOON, || desktop.is_delayed());
    sign(&agent, &key);
    assert_eq!(askpass.calls().len(), 2, "the passphrase again");
    let log = agent.stop(Signal::TERM).stderr();
    assert!(log.contains("key store and all keys locked: before sleep"), "{log}");
}

#[test]
fn a_locked_screen_locks_in_either_of_the_ways_it_is_told_and_only_that_of_this_user() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let store = KeyStore::make(&world);
    let key = stored(&store, &world);
    let askpass = store.answering();
    let agent = desktop.agent(&world, &askpass, "[lock]\nscreen = true\n");
    world.waits_until("the delay is held", SOON, || desktop.is_delayed());
    desktop.tell(&["add", "8", &(geteuid().as_raw() + 1).to_string()]);
    desktop.tell(&["add", "9", &geteuid().as_raw().to_string()]);
    for (session, how) in [("7", "lock"), ("9", "hint")] {
        sign(&agent, &key);
        desktop.tell(&["lock", "8"]);
        std::thread::sleep(Duration::from_millis(300));
        assert!(is_open(&world, &agent), "it is the screen of somebody else");
        desktop.tell(&[how, session]);
        world.waits_until("it locks", SOON, || !is_open(&world, &agent));
    }
}

#[test]
fn the_end_of_the_last_session_locks_the_store_and_removes_the_other_keys() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let store = KeyStore::make(&world);
    let key = stored(&store, &world);
    let other = world.key(KeyType::Ed25519, "other");
    let askpass = store.answering();
    let agent = desktop.agent(&world, &askpass, "");
    world.waits_until("the delay is held", SOON, || desktop.is_delayed());
    desktop.tell(&["add", "9", &geteuid().as_raw().to_string()]);
    agent.add(&other);
    sign(&agent, &key);
    desktop.tell(&["removed", "7"]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(agent.list().len(), 2, "another session is left");
    desktop.tell(&["removed", "9"]);
    world.waits_until("it locks", SOON, || agent.list().len() == 1);
    assert!(!is_open(&world, &agent));
    sign(&agent, &key);
    assert_eq!(askpass.calls().len(), 2);
    let log = agent.stop(Signal::TERM).stderr();
    assert!(log.contains("removed (1): login session ended"), "{log}");
}

#[test]
fn without_a_store_keys_survive_sleep_and_the_log_says_why() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let key = world.key(KeyType::Ed25519, "key");
    let agent = desktop.agent(&world, &world.askpass(), "");
    agent.add(&key);
    world.waits_until("the delay is held", SOON, || desktop.is_delayed());
    desktop.tell(&["sleep"]);
    world.waits_until("the machine may sleep", SOON, || !desktop.is_delayed());
    sign(&agent, &key);
    let log = agent.stop(Signal::TERM).stderr();
    assert!(log.contains("before sleep: 1 keys of this session stay"), "{log}");
}

#[test]
fn each_use_is_shown_with_who_used_which_key_and_nothing_that_was_signed() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let key = world.key(KeyType::Ed25519, "key");
    let settings = "[agent]\nnotify = true\n[lock]\nsuspend = false\nlogout = false\n";
    let agent = desktop.agent(&world, &world.askpass(), settings);
    agent.add(&key);
    world.waits_until("there is a helper", SOON, || !helpers(&agent).is_empty());
    // The first may come before the helper listens: that one is no news any more.
    std::thread::sleep(Duration::from_secs(1));
    for _ in 0..5 {
        agent.client().sign(&key.blob(), b"what-is-signed", 0).signature();
    }
    let log = format!("{}-notification_daemon", desktop.log.display());
    let shown = || -> Vec<String> {
        let log = fs::read_to_string(&log).unwrap_or_default();
        log.lines().filter(|line| line.contains(" Notify ")).map(str::to_owned).collect()
    };
    world.waits_until("they are shown", SOON, || shown().len() == 2);
    let shown = shown();
    let comment = agent.comments().remove(0);
    assert!(shown[0].contains(&format!("keyfob: {comment} used by ")), "{shown:?}");
    assert!(shown[0].contains(&format!("pid {}", std::process::id())), "{shown:?}");
    assert!(shown[0].contains("to sign for a purpose that is unknown"), "{shown:?}");
    assert!(shown[1].contains("keys used 4 more times"), "{shown:?}");
    assert!(!shown.concat().contains("what-is-signed"), "{shown:?}");
}

#[test]
fn a_helper_that_is_killed_is_replaced_and_none_outlives_the_agent() {
    let world = world();
    let Some(desktop) = Desktop::start(&world) else { return };
    let agent = desktop.agent(&world, &world.askpass(), "");
    world.waits_until("the delay is held", SOON, || desktop.is_delayed());
    let before = helpers(&agent);
    assert_eq!(before.len(), 1);
    // It holds nothing of the agent's: three streams, and its own.
    let sockets = fs::read_to_string("/proc/net/unix").unwrap();
    let inode = sockets.lines().find(|line| line.ends_with(agent.socket().to_str().unwrap()));
    let inode = inode.unwrap().split_whitespace().nth(6).unwrap().to_owned();
    let open = fs::read_dir(format!("/proc/{}/fd", before[0].as_raw_nonzero())).unwrap();
    for file in open {
        let target = fs::read_link(file.unwrap().path()).unwrap_or_default();
        assert!(!target.to_string_lossy().contains(&inode), "it has the agent's socket");
    }
    kill_process(before[0], Signal::KILL).unwrap();
    world.waits_until("there is another", SOON, || {
        let now = helpers(&agent);
        now.len() == 1 && now != before && desktop.is_delayed()
    });
    let last = helpers(&agent)[0];
    agent.stop(Signal::TERM);
    let ended = || !fs::exists(format!("/proc/{}", last.as_raw_nonzero())).unwrap();
    world.waits_until("it ended with the agent", SOON, ended);
}

#[test]
fn without_a_bus_the_agent_works_and_says_once_what_it_cannot_do() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "key");
    let nowhere = format!("unix:path={}", world.unused("no-bus").display());
    let agent = world.agent_with(|run| run.env("DBUS_SYSTEM_BUS_ADDRESS", nowhere));
    agent.add(&key);
    std::thread::sleep(Duration::from_secs(3));
    sign(&agent, &key);
    assert!(helpers(&agent).is_empty(), "it is not tried again and again");
    let log = agent.stop(Signal::TERM).stderr();
    assert_eq!(log.matches("sleep, screen and session are not watched").count(), 1, "{log}");
}
