//! A disk that is full: a small file system of its own below the log, in a mount namespace that only
//! the agent is in.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::{KeyFile, KeyType, Output, Run, RunningAgent, World};
use rustix::process::geteuid;

use crate::support::{keyfob, skipped, world};

const SOON: Duration = Duration::from_secs(10);

const SIGN_RESPONSE: u8 = 14;

/// An agent whose log is on such a disk.
struct Site {
    world: World,
    agent: RunningAgent,
    key: KeyFile,
}

/// `None` where nobody here may mount.
fn site(settings: &str) -> Option<Site> {
    let world = world();
    if !geteuid().is_root() {
        skipped("only root may mount");
        return None;
    }
    let tries = world.program("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]);
    let tried = tries.output();
    if !tried.status.is_some_and(|status| status.success()) {
        skipped(&format!("nothing can be mounted here: {tried}"));
        return None;
    }
    let file = world.write("settings.toml", settings, 0o600);
    let (socket, state) = (world.unused("socket"), world.make_folder(".local/state/keyfob"));
    let script =
        "mount -t tmpfs -o size=64k,mode=700 none \"$1\" && exec keyfob agent -D -a \"$2\"";
    keyfob(&world);
    let run = world.program("unshare").env("KEYFOB_CONFIG", file);
    let run = run.env("XDG_RUNTIME_DIR", world.make_folder("run"));
    let run = run.args(["-m", "sh", "-c", script, "sh"]).arg(state).arg(&socket);
    let agent = RunningAgent::listening(&world, run, socket);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    Some(Site { world, agent, key })
}

impl Site {
    fn signs(&self) -> bool {
        self.agent.client().sign(&self.key.blob(), b"data", 0).kind() == SIGN_RESPONSE
    }

    /// A command of ours that sees the disk too.
    fn keyfob(&self, arguments: &[&str]) -> Output {
        let pid = self.agent.pid().as_raw_nonzero().to_string();
        let run: Run = self.world.program("nsenter").args(["-m", "-t", &pid, "keyfob"]);
        let run = run.env("XDG_RUNTIME_DIR", self.world.make_folder("run"));
        run.env("SSH_AUTH_SOCK", self.agent.socket()).args(arguments).output()
    }

    /// A folder of that disk, seen from outside.
    fn disk(&self) -> PathBuf {
        let seen = format!("/proc/{}/root", self.agent.pid().as_raw_nonzero());
        let state = self.world.path(".local/state/keyfob");
        PathBuf::from(seen).join(state.strip_prefix("/").unwrap())
    }

    fn fill(&self) {
        let filled = fs::write(self.disk().join("filler"), vec![0; 1 << 20]);
        assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }

    fn free(&self) {
        fs::remove_file(self.disk().join("filler")).unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.disk().join("log/1/000000000001.jsonl")).unwrap_or_default()
    }

    fn told(&self) -> Vec<String> {
        let why = self.keyfob(&["why", "-n", "50"]).exits(0).stdout();
        let words = why.lines().filter(|line| line.contains("the log cannot be written"));
        words.map(str::to_owned).collect()
    }
}

#[test]
fn on_a_full_disk_signing_goes_on_and_what_is_missing_is_told_and_counted() {
    let Some(site) = site("") else { return };
    assert!(site.signs());
    site.keyfob(&["log", "verify"]).exits(0);
    site.fill();
    // What is left of the last page takes some.
    for _ in 0..50 {
        assert!(site.signs());
    }
    site.world.waits_until("it is told", SOON, || !site.told().is_empty());
    assert!(
        site.told()[0].ends_with("No space left on device; lines are missing"),
        "{:?}",
        site.told()
    );
    let status = site.keyfob(&["status"]).stdout();
    assert!(status.contains("\nlog        cannot be written since "), "{status}");
    assert!(status.contains(": No space left on device; "), "{status}");
    site.keyfob(&["log", "verify"]).exits(0).reports_among_else("all whole.");
    assert_eq!(site.told().len(), 1, "once: {:?}", site.told());
    site.free();
    assert!(site.signs());
    let has_gap = || site.log().contains("\"event\":\"lost\",\"count\":");
    site.world.waits_until("a line tells what is missing", SOON, has_gap);
    site.keyfob(&["log", "verify"]).exits(0).reports_among_else("all whole.");
    site.keyfob(&["log"]).exits(0).prints_among_else(" before this one could not be written");
    assert!(!site.keyfob(&["status"]).stdout().contains("\nlog "));
    let signed = site.log().matches("\"event\":\"signed\"").count();
    let count = |rest: &str| -> usize { rest.split([',', '}']).next().unwrap().parse().unwrap() };
    let lost: usize = site.log().split("\"lost\",\"count\":").skip(1).map(count).sum();
    assert_eq!(signed + lost, 52, "each of the signatures is a line or counted");
}

#[test]
fn on_a_full_disk_nothing_is_signed_where_the_log_is_required() {
    let Some(site) = site("[log]\nrequired = true\n") else { return };
    assert!(site.signs());
    site.fill();
    let signed = (0..50).filter(|_| site.signs()).count();
    assert!(signed < 50, "the last page takes so many, and no more");
    assert!(!site.signs());
    let told = site.told();
    let refusals =
        told.iter().filter(|line| line.contains("refused to ") && line.contains("key@keyfob"));
    assert_eq!(refusals.count(), 51 - signed, "{told:?}");
    site.free();
    assert!(site.signs());
    site.keyfob(&["log", "verify"]).exits(0).reports_among_else("all whole.");
}
