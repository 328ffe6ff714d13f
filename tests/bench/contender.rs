//! The agents that are compared: each in a world of its own, with its socket and its process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Askpass, Implementation, KeyFile, Message, RawClient, RunningAgent, World};
use rustix::process::Pid;

use crate::many_stored;

/// KiB that a guess at the passphrase of a store costs, where that is not what is measured.
const CHEAP: u32 = 64 * 1024;
const PAGEANT: &str = "/usr/bin/pageant";

/// Whose agent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    OpenSsh,
    Keyfob,
    Pageant,
}

impl Who {
    /// Its name in the tables.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::OpenSsh => "OpenSSH",
            Self::Keyfob => "keyfob",
            Self::Pageant => "pageant",
        }
    }

    /// Those that are installed: the one all others are measured by first.
    pub(crate) fn installed() -> Vec<Self> {
        let mut all = vec![Self::OpenSsh, Self::Keyfob];
        if Path::new(PAGEANT).exists() {
            all.push(Self::Pageant);
        }
        all
    }

    /// What it says of itself, in a line.
    pub(crate) fn version(self) -> String {
        let mut command = match self {
            Self::OpenSsh => Command::new("/usr/bin/ssh"),
            Self::Keyfob => Command::new(keyfob_testkit::keyfob_binary().expect("keyfob is built")),
            Self::Pageant => Command::new(PAGEANT),
        };
        command.arg(if self == Self::OpenSsh { "-V" } else { "--version" });
        let output = command.output().expect("a program that is there starts");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines = text.lines().take(if self == Self::Pageant { 2 } else { 1 });
        lines.collect::<Vec<_>>().join(" ")
    }

    fn world(self) -> World {
        let implementation = match self {
            Self::Keyfob => Implementation::Keyfob,
            Self::OpenSsh | Self::Pageant => Implementation::OpenSsh,
        };
        World::new(implementation).expect("the programs that are compared are there")
    }
}

/// One of them, running.
pub(crate) struct Contender {
    who: Who,
    agent: Option<RunningAgent>,
    world: World,
}

impl Contender {
    /// A new one without keys.
    pub(crate) fn start(who: Who) -> Self {
        let world = who.world();
        let agent = match who {
            Who::OpenSsh | Who::Keyfob => world.agent(),
            Who::Pageant => {
                let socket = world.unused("agent");
                let (program, arguments) = pageant(&socket);
                let run = world.system_program(program).args(arguments);
                RunningAgent::listening(&world, run, socket)
            }
        };
        Self { who, agent: Some(agent), world }
    }

    /// A new one without keys that asks a person with this helper.
    pub(crate) fn start_asking(who: Who) -> (Self, Askpass) {
        let world = who.world();
        let askpass = world.askpass();
        let agent = world.agent_with(|run| askpass.offered_to(run));
        (Self { who, agent: Some(agent), world }, askpass)
    }

    /// Ours with so many keys in its store, which it may open, and their blobs.
    pub(crate) fn with_store(count: u32) -> (Self, Vec<Vec<u8>>) {
        let world = Who::Keyfob.world();
        let (store, blobs) = many_stored::fill(&world, count as usize, CHEAP);
        let agent = store.agent_asking(&store.answering());
        (Self { who: Who::Keyfob, agent: Some(agent), world }, blobs)
    }

    pub(crate) fn who(&self) -> Who {
        self.who
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn socket(&self) -> &Path {
        self.agent().socket()
    }

    pub(crate) fn pid(&self) -> Pid {
        self.agent().pid()
    }

    pub(crate) fn client(&self) -> RawClient {
        self.agent().client()
    }

    /// Gives it this key.
    pub(crate) fn add(&self, key: &KeyFile) {
        let added = self.client().request(&key.add_message(number::ADD_IDENTITY, "a key"));
        added.succeeds();
    }

    fn agent(&self) -> &RunningAgent {
        self.agent.as_ref().expect("taken only at the end")
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        // Pageant's own socket is elsewhere, and stays when it is killed.
        let elsewhere = fs::read_link(self.socket());
        self.agent = None;
        if let Ok(socket) = elsewhere {
            let _ = fs::remove_file(socket);
        }
    }
}

/// In the foreground and silent for as long as a program runs that does nothing. It chooses the
/// place of its socket itself.
fn pageant(link: &Path) -> (&'static str, [PathBuf; 5]) {
    let words = ["--symlink", "", "--exec", "sleep", "86400"].map(PathBuf::from);
    let mut words = words;
    words[1] = link.to_owned();
    ("pageant", words)
}

/// How a program of this world is started whose first answer is waited for.
pub(crate) fn starting(who: Who, world: &World, socket: &Path) -> Command {
    let (program, arguments) = match who {
        Who::OpenSsh => (PathBuf::from("/usr/bin/ssh-agent"), foreground(socket)),
        Who::Keyfob => (world.folder().join("bin/ssh-agent"), foreground(socket)),
        Who::Pageant => (PathBuf::from(PAGEANT), pageant(socket).1.into()),
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("HOME", world.home());
    command.env("PATH", "/usr/bin:/bin").env("TMPDIR", world.temporary());
    command
}

fn foreground(socket: &Path) -> Vec<PathBuf> {
    vec!["-D".into(), "-a".into(), socket.to_owned()]
}

/// All of them, with the same keys.
pub(crate) struct Field(Vec<Contender>);

impl Field {
    /// Starts them and fills each.
    pub(crate) fn of(who: &[Who], fill: impl Fn(&Contender)) -> Self {
        let contenders = who.iter().map(|&who| {
            let contender = Contender::start(who);
            fill(&contender);
            contender
        });
        Self(contenders.collect())
    }

    pub(crate) fn contenders(&self) -> &[Contender] {
        &self.0
    }
}

/// The question for what it holds.
pub(crate) fn list_request() -> Message {
    Message::new(number::REQUEST_IDENTITIES)
}
