//! `keyfob hosts`, `keyfob explain` and `keyfob env --profile` where there is nothing to tell, or
//! something is wrong. What they tell of real logins is in `tests/interop/offering.rs`.

use keyfob_testkit::{KeyType, RunningAgent, World};

use rustix::process::Pid;

use crate::support::{hints, keyfob, keyfob_with, openssh_world, world};

#[test]
fn an_agent_that_remembers_nothing_says_so() {
    let world = world();
    let agent = world.agent();
    let hosts = |arguments: &[&str]| keyfob_with(&world, &agent).arg("hosts").args(arguments);
    let told = hosts(&[]).output();
    told.exits(0).reports_among_else("The agent remembers no host.");
    hosts(&["--json"]).output().exits(0).prints("{\n  \"total\": 0,\n  \"hosts\": []\n}\n");
    let told = hosts(&["forget", "--all"]).output();
    told.exits(0).reports_among_else("There was nothing to forget.");
    let told = hosts(&["forget", "host.example"]).output();
    told.exits(1).reports_among_else("nothing is remembered of host.example");
    hints(&told, "keyfob hosts");
    hosts(&["forget"]).output().exits(1).reports_among_else("<--all|HOST>");
}

#[test]
fn a_host_without_a_line_in_known_hosts_is_explained_by_the_setting() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let explain = |host: &str| keyfob_with(&world, &agent).args(["explain", host]).output();
    let told = explain("host.example");
    told.exits(0).prints_among_else("host.example is not in the known hosts files");
    told.prints_among_else("no rule of the settings matches; offer = known-first");
    assert!(told.stdout().contains("key@keyfob"), "{told}");
    hints(&told, "ssh-keyscan");
    // A name may not write on the terminal.
    let told = explain("host\u{1b}[2J");
    assert!(!told.exits(0).stdout().contains('\u{1b}'), "{told}");
}

/// Lost otherwise: a person is asked, or sees no keys over there, and `explain` does not say why.
#[test]
fn what_a_rule_does_is_explained() {
    let world = world();
    let settings = world.write(
        "settings.toml",
        "[[host]]\nmatch = \"a.org\"\nkeys = [\"key@*\"]\nconfirm = true\nlifetime = \"90\"\n\
         forwarded = \"deny\"\n[[host]]\nmatch = \"b.org\"\n[[host]]\nmatch = \"c.org\"\n\
         user = \"git\"\n",
        0o600,
    );
    let agent = world.agent_with(|run| run.env("KEYFOB_CONFIG", settings));
    let explain = |words: &[&str]| {
        keyfob_with(&world, &agent).arg("explain").args(words).output().exits(0).stdout()
    };
    let told = explain(&["a.org"]);
    for line in [
        "rule 1 (match a.org) of the settings decides: no keys but those it names\n",
        "rule 1 has each use there confirmed\n",
        "rule 1 lets a key stay 1m30s after its use there\n",
        "requests forwarded there are refused, and see no keys: rule 1, forwarded = deny\n",
    ] {
        assert!(told.contains(line), "{line}{told}");
    }
    let told = explain(&["b.org"]);
    let line =
        "rule 2 (match b.org) of the settings decides; it names no keys: offer = known-first";
    assert!(told.contains(line), "{told}");
    assert!(!told.contains("forwarded") && !told.contains("confirmed"), "{told}");
    assert!(explain(&["c.org"]).contains("depends on the account: rule 3"));
    assert!(explain(&["git@c.org"]).contains("rule 3 (match c.org) of the settings decides"));
    let json = explain(&["a.org", "--json"]);
    for part in
        ["\"names_keys\": true", "\"confirm\": true", "\"lifetime\": 90", "\"word\": \"deny\""]
    {
        assert!(json.contains(part), "{part}{json}");
    }
}

#[test]
fn what_is_no_host_or_no_file_is_refused_and_a_fingerprint_is_a_host() {
    let world = world();
    let agent = world.agent();
    let run = |words: &[&str]| keyfob_with(&world, &agent).args(words).output();
    for host in ["", "me@", ":22"] {
        let told = run(&["explain", host]);
        told.exits(1).reports_among_else("names no host");
        hints(&told, "[USER@]HOST[:PORT]");
    }
    for words in [&["explain", "-H", "nofile", "host"][..], &["hosts", "-H", "nofile"]] {
        run(words).exits(1).prints("").reports_among_else("nofile: ");
    }
    let print = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0";
    let told = run(&["explain", print]);
    told.exits(0).prints_among_else(&format!("a host without a name has the host key {print}"));
}

/// Lost otherwise: a shell is led to a socket that nobody serves, and is not told why.
#[test]
fn a_profile_that_the_running_agent_is_too_old_for_is_no_socket_to_be_led_to() {
    let world = world();
    let settings = world.write("settings.toml", "", 0o600);
    let env = |words: &[&str]| {
        keyfob(&world).env("KEYFOB_CONFIG", &settings).args(["env", "--shell", "sh"]).args(words)
    };
    adopt_agent(&world, &env(&[]).output().exits(0).stdout());
    world.write("settings.toml", "[[profile]]\nname = \"work\"\nkeys = [\"*\"]\n", 0o600);
    let told = env(&["--profile", "work"]).output();
    told.exits(1).prints("").reports_among_else("no agent serves the profile's socket");
    hints(&told, "end this one");
}

#[test]
fn without_an_agent_or_with_one_that_knows_nothing_of_hosts_both_say_so() {
    let world = world();
    for words in [&["hosts"][..], &["explain", "host.example"]] {
        let told = keyfob(&world).args(words).output();
        assert_eq!(told.code(), Some(2), "{told}");
        assert!(told.stderr().contains("hint: "), "{told}");
    }
    let world = openssh_world();
    let agent = world.agent();
    for words in [&["hosts"][..], &["explain", "host.example"]] {
        let told = keyfob_with(&world, &agent).args(words).output();
        told.exits(1).reports_among_else("this agent does not tell what it offers to hosts");
        hints(&told, "a profile's");
    }
}

#[test]
fn the_environment_of_a_profile_names_its_socket_and_of_another_what_there_is() {
    let world = world();
    let (agent, socket) = with_profile(&world);
    let env = |name: &str| {
        keyfob_with(&world, &agent)
            .env("KEYFOB_CONFIG", world.path("settings.toml"))
            .args(["env", "--shell", "sh", "--profile", name])
            .output()
    };
    let told = env("work");
    told.exits(0).prints_among_else(&socket);
    adopt_agent(&world, &told.stdout());
    let told = env("home");
    assert_eq!(told.code(), Some(1), "{told}");
    assert!(told.stderr().contains("home") && told.stdout().is_empty(), "{told}");
}

/// Has the agent that `keyfob env` tells of end with the world.
fn adopt_agent(world: &World, told: &str) {
    let pid = told.split("SSH_AGENT_PID=").nth(1).and_then(|rest| rest.split(';').next());
    let pid = pid.and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
    world.adopt(pid.expect("the agent's process"));
}

fn with_profile(world: &World) -> (RunningAgent, String) {
    let socket = world.unused("work").display().to_string();
    let text =
        format!("[[profile]]\nname = \"work\"\nsocket = \"{socket}\"\nkeys = [\"*work*\"]\n");
    let settings = world.write("settings.toml", text, 0o600);
    let own = world.unused("socket");
    let run = keyfob(world).env("KEYFOB_CONFIG", settings).args(["agent", "-D", "-a"]).arg(&own);
    (RunningAgent::listening(world, run, own), socket)
}
