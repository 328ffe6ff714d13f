//! `keyfob status --security`: what it says is what the kernel says, and what is in the box works.

use std::fs;
use std::time::Duration;

use keyfob_testkit::{KeyType, RunningAgent, World};
use rustix::process::Signal;

use crate::support::{keyfob, keyfob_with, world};

fn agent(world: &World, settings: &str) -> RunningAgent {
    fs::create_dir_all(world.path(".config/keyfob")).unwrap();
    fs::write(world.path(".config/keyfob/config.toml"), settings).unwrap();
    let socket = world.unused("socket");
    let run = keyfob(world).args(["agent", "-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, run, socket)
}

/// Name, whether it is on, and the reason.
fn told(world: &World, agent: &RunningAgent) -> Vec<(String, bool, String)> {
    let output = keyfob_with(world, agent).args(["status", "--security", "--json"]).output();
    let document: serde_json::Value = serde_json::from_str(&output.exits(0).stdout()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let all = document["measures"].as_array().unwrap().iter();
    all.map(|one| (text(&one["name"]), one["on"].as_bool().unwrap(), text(&one["reason"])))
        .collect()
}

fn is_on(told: &[(String, bool, String)], name: &str) -> bool {
    told.iter().find(|(found, ..)| found == name).unwrap_or_else(|| panic!("{name} is missing")).1
}

/// Of the kernel, about the agent.
fn says(agent: &RunningAgent, file: &str, line: &str) -> bool {
    let pid = agent.pid().as_raw_nonzero();
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let blanks = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().any(|found| blanks(found).starts_with(line))
}

#[test]
fn what_is_told_is_what_the_kernel_says() {
    let world = world();
    let agent = agent(&world, "");
    let told = told(&world, &agent);
    let names: Vec<_> = told.iter().map(|(name, ..)| name.as_str()).collect();
    let expected = [
        "not-dumpable",
        "no-core-files",
        "programs-apart",
        "no-new-privileges",
        "landlock",
        "seccomp",
        "secret-memory",
        "locked-memory",
    ];
    assert_eq!(names, expected);
    assert!(told.iter().all(|(.., reason)| !reason.is_empty()), "{told:?}");
    assert_eq!(is_on(&told, "no-new-privileges"), says(&agent, "status", "NoNewPrivs: 1"));
    assert_eq!(is_on(&told, "seccomp"), says(&agent, "status", "Seccomp: 2"));
    assert!(is_on(&told, "no-core-files") && says(&agent, "limits", "Max core file size 0 0"));
    let pid = agent.pid().as_raw_nonzero();
    // Readable for root alone, who may be who runs this.
    if let Ok(maps) = fs::read_to_string(format!("/proc/{pid}/smaps")) {
        let flags = |line: &str| ["lo", "dd"].map(|flag| line.split(' ').any(|one| one == flag));
        let kept = maps
            .lines()
            .filter(|line| line.starts_with("VmFlags:"))
            .any(|line| flags(line) == [true; 2]);
        assert_eq!(is_on(&told, "locked-memory"), kept);
        assert_eq!(is_on(&told, "secret-memory"), maps.contains("/secretmem"));
    }
    agent.stop(Signal::TERM);
}

#[test]
fn a_box_that_is_switched_off_is_told_as_that() {
    let world = world();
    let agent = agent(&world, "[agent]\nsandbox = false\n");
    let told = told(&world, &agent);
    for name in ["landlock", "seccomp", "no-new-privileges"] {
        assert!(!is_on(&told, name), "{name}");
    }
    assert!(says(&agent, "status", "Seccomp: 0") || !says(&agent, "status", "Seccomp: 2"));
    let output = keyfob_with(&world, &agent).args(["status", "--security"]).output();
    let text = output.exits(0).stdout();
    assert!(text.contains("off  switched off by the setting agent.sandbox"), "{text}");
    agent.stop(Signal::TERM);
}

#[test]
fn no_agent_is_told_as_everywhere() {
    let world = world();
    keyfob(&world).args(["status", "--security"]).output().exits(2);
}

/// Lost otherwise: a question left on the screen, to be answered for nobody.
#[test]
fn a_dialog_ends_with_the_agent_however_that_ends() {
    let world = world();
    let askpass = world.askpass();
    askpass.answer(&keyfob_testkit::Answer::NoWhenReleased);
    let socket = world.unused("socket");
    let run = askpass.forced_on(keyfob(&world).args(["agent", "-D", "-a"]).arg(&socket));
    let agent = RunningAgent::listening(&world, run, socket);
    let key = world.key(KeyType::Ed25519, "key");
    keyfob_with(&world, &agent).args(["add", "--confirm"]).arg(key.path()).output().exits(0);
    let signing = keyfob_with(&world, &agent).args(["test"]).arg(key.path()).start();
    let dialog = askpass.wait_for_call(0).pid;
    agent.stop(Signal::KILL);
    world.waits_until("the end of the dialog", Duration::from_secs(30), || {
        !fs::exists(format!("/proc/{dialog}")).unwrap()
    });
    signing.wait();
}
