//! `ssh -A` and `ssh -J`: keys that may travel, and keys that may travel only one way.
//!
//! Host names are those of the site; each is an `sshd` with its own host key, and
//! `ssh-add -h` finds those keys in the site's `known_hosts`.

use std::path::Path;
use std::time::{Duration, Instant};

use keyfob_testkit::wire::{Fields, Message, number};
use keyfob_testkit::{Case, KeyFile, KeyType, Output, RunningAgent, World, case};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    case!(an_unconstrained_key_travels_over_two_hops),
    case!(three_hops_reach_the_third_host),
    case!(a_jump_host_never_sees_the_agent),
    case!(a_constrained_key_opens_its_host),
    case!(a_constrained_key_does_not_open_another_host),
    case!(a_constrained_key_goes_on_over_its_hop),
    case!(a_constrained_key_does_not_go_on_as_another_user),
    case!(a_constrained_key_does_not_go_on_to_another_host),
    case!(a_constrained_key_does_not_go_on_over_another_hop),
    case!(a_constrained_key_does_not_go_where_only_a_hop_leads_directly),
    case!(a_constrained_key_does_not_go_on_without_leave),
    case!(a_constrained_key_does_not_go_on_twice),
    case!(a_user_pattern_covers_the_user),
    case!(a_jump_is_two_direct_connections),
    case!(a_host_beyond_sees_only_the_keys_it_may_use),
    case!(a_host_beyond_cannot_remove_what_it_does_not_see),
    case!(p4b_a_host_beyond_stays_beyond_when_the_agent_is_unlocked).since("10.5"),
];

fn an_unconstrained_key_travels_over_two_hops(world: &World) {
    let town = Town::new(world);
    town.agent.add(&town.key);
    town.site.admitted(&town.over("one", "two"), "one two");
}

fn three_hops_reach_the_third_host(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "one>two", "two>three"]);
    let remote = format!("{SAY}; {0} -A two '{SAY}; {0} three {SAY}'", town.ssh_command());
    let output = town.site.ssh(&town.agent).args(["-A", "one", &remote]).output();
    town.site.admitted(&output, "one two three");
}

fn a_jump_host_never_sees_the_agent(world: &World) {
    let town = Town::new(world);
    town.agent.add(&town.key);
    let output = town.site.ssh(&town.agent).args(["-J", "one", "two", SAY]).output();
    town.site.admitted(&output, "two");
}

fn a_constrained_key_opens_its_host(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one"]);
    town.site.admits(&town.agent, "one");
}

fn a_constrained_key_does_not_open_another_host(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one"]);
    town.site.refuses(&town.agent, "two");
}

fn a_constrained_key_goes_on_over_its_hop(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", &format!("one>{}@two", user())]);
    town.site.admitted(&town.over("one", "two"), "one two");
}

fn a_constrained_key_does_not_go_on_as_another_user(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "one>somebody-else@two"]);
    town.site.refused(&town.over("one", "two"), "one");
}

fn a_constrained_key_does_not_go_on_to_another_host(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "one>two"]);
    town.site.refused(&town.over("one", "three"), "one");
}

fn a_constrained_key_does_not_go_on_over_another_hop(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "three", "one>two"]);
    town.site.admitted(&town.over("one", "two"), "one two");
    town.site.refused(&town.over("three", "two"), "three");
}

fn a_constrained_key_does_not_go_where_only_a_hop_leads_directly(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "one>two"]);
    town.site.refuses(&town.agent, "two");
}

/// Leave for two hosts from here is no leave from one to the other.
fn a_constrained_key_does_not_go_on_without_leave(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "two"]);
    town.site.refused(&town.over("one", "two"), "one");
}

fn a_constrained_key_does_not_go_on_twice(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "one>two"]);
    let remote = format!("{SAY}; {0} -A two '{SAY}; {0} three {SAY}'", town.ssh_command());
    let output = town.site.ssh(&town.agent).args(["-A", "one", &remote]).output();
    town.site.refused(&output, "one two");
}

fn a_user_pattern_covers_the_user(world: &World) {
    let town = Town::new(world);
    let first: String = user().chars().take(1).collect();
    town.constrain(&[&format!("{first}*@one")]);
    town.site.admits(&town.agent, "one");
    let town = Town::new(world);
    town.constrain(&[&format!("!{first}*,nobody@one")]);
    town.site.refuses(&town.agent, "one");
}

/// With `-J` both connections start here: leave for `one>two` does not help, leave for `two` does.
fn a_jump_is_two_direct_connections(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one", "two"]);
    let jump = || town.site.ssh(&town.agent).args(["-J", "one", "two", SAY]).output();
    town.site.admitted(&jump(), "two");
    town.agent.ssh_add().arg("-D").output().exits(0);
    town.constrain(&["one", "one>two"]);
    town.site.refused(&jump(), "");
}

fn a_host_beyond_sees_only_the_keys_it_may_use(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one"]);
    let travelling = world.key(KeyType::EcdsaP256, "travelling");
    town.constrain_key(&travelling, &["one", "one>two"]);
    let free = world.key(KeyType::Rsa2048, "free");
    town.agent.add(&free);
    let seen = town.at("one", "ssh-add -L");
    let wanted = format!("{}\n{}\n", travelling.public_line(), free.public_line());
    seen.exits(0).prints(&wanted);
}

fn a_host_beyond_cannot_remove_what_it_does_not_see(world: &World) {
    let town = Town::new(world);
    town.constrain(&["one"]);
    let public = town.key.public_path().display().to_string();
    let removed = town.at("one", &format!("ssh-add -d {public}"));
    assert_ne!(removed.code(), Some(0), "{removed}");
    assert_eq!(town.agent.comments(), ["key@keyfob"]);
}

/// A connection that is opened while the agent is locked is bound all the same: after the unlock
/// it must not pass for a local one, which would see every key.
fn p4b_a_host_beyond_stays_beyond_when_the_agent_is_unlocked(world: &World) {
    let town = Town::new(world);
    town.constrain(&["two"]);
    let free = world.key(KeyType::EcdsaP256, "free");
    town.agent.add(&free);
    town.agent.lock("pass");
    let unlocked = world.path("unlocked");
    let ask = r"printf '\000\000\000\001\013'";
    let command = format!(
        "({ask}; touch {}; for n in $(seq 300); do test -e {} && break; sleep 0.05; done; {ask}; sleep 1) | \
         socat -t 5 - UNIX-CONNECT:$SSH_AUTH_SOCK",
        world.path("asked").display(),
        unlocked.display()
    );
    let login = town.site.ssh(&town.agent).args(["-A", "-i"]).arg(town.key.path());
    let login = login.args(["one", &command]).start();
    wait_for(&world.path("asked"));
    // The first answer is on its way; the connection exists and is bound before this ends.
    std::thread::sleep(Duration::from_millis(300));
    let unlock = Message::new(number::UNLOCK).string("pass");
    town.agent.client().request(&unlock).succeeds();
    world.write("unlocked", "", 0o600);
    let output = login.wait();
    let mut answers = Fields::of(&output.stdout);
    assert_eq!(listed(answers.string()), 0, "a locked agent lists nothing\n{output}");
    assert_eq!(listed(answers.string()), 1, "only the key without constraints\n{output}");
}

/// How many keys an answer lists.
#[track_caller]
fn listed(answer: &[u8]) -> u32 {
    let mut fields = Fields::of(answer);
    assert_eq!(fields.byte(), number::IDENTITIES_ANSWER);
    fields.number()
}

#[track_caller]
fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never appears", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a session says: the name of the host it is on.
const SAY: &str = "printenv KEYFOB_HOST";

/// Three hosts that all let the same key in.
struct Town<'w> {
    site: Site<'w>,
    agent: RunningAgent,
    key: KeyFile,
}

impl<'w> Town<'w> {
    #[track_caller]
    fn new(world: &'w World) -> Self {
        let key = world.key(KeyType::Ed25519, "key");
        let mut site = Site::new(world);
        for name in ["one", "two", "three"] {
            site.start(name, &Settings::default().authorize(&key));
        }
        Self { site, agent: world.agent(), key }
    }

    #[track_caller]
    fn constrain(&self, steps: &[&str]) {
        self.constrain_key(&self.key, steps);
    }

    #[track_caller]
    fn constrain_key(&self, key: &KeyFile, steps: &[&str]) {
        let mut run = self.agent.ssh_add().args(["-q", "-H"]).arg(self.site.known_hosts());
        for step in steps {
            run = run.args(["-h", step]);
        }
        run.arg(key.path()).output().exits(0);
    }

    /// A login at the first host with the agent forwarded, and from there a login at the second.
    fn over(&self, first: &str, second: &str) -> Output {
        self.at(first, &format!("{SAY}; {} {second} {SAY}", self.ssh_command()))
    }

    /// A command on this host with the agent forwarded.
    fn at(&self, host: &str, command: &str) -> Output {
        self.site.ssh(&self.agent).args(["-A", host, command]).output()
    }

    /// `ssh` as typed on a host: it sees the same files, so the same configuration.
    fn ssh_command(&self) -> String {
        format!("ssh -F {}", self.site.configuration().display())
    }
}
