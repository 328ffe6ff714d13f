//! The key store of a world's user, made and filled with `keyfob`'s own commands.
//!
//! As cheap to guess at as a store may be: its cost is the subject of other tests.

use std::path::PathBuf;
use std::time::Duration;

use crate::agent::RunningAgent;
use crate::askpass::{Answer, Askpass};
use crate::key_file::KeyFile;
use crate::output::Output;
use crate::run::Run;
use crate::world::World;

/// A store with this passphrase.
#[derive(Debug)]
pub struct KeyStore<'w> {
    world: &'w World,
}

impl<'w> KeyStore<'w> {
    /// What opens it. Not words that a program's own texts might hold.
    pub const PASSPHRASE: &'static str = "kD5#uT9!oW2$xN7%velvet harbour";

    /// Makes one where `keyfob` looks for it.
    #[track_caller]
    pub fn make(world: &'w World) -> Self {
        let store = Self::at(world);
        let recovery = world.unused("recovery-code");
        let init = store.command("init").args(["--memory", "64M", "--recovery-file"]);
        init.arg(recovery).output().exits(0);
        store
    }

    /// The place of one that is made otherwise, with this passphrase.
    pub fn at(world: &'w World) -> Self {
        world.write("store-passphrase", format!("{}\n", Self::PASSPHRASE), 0o600);
        Self { world }
    }

    /// A command of `keyfob` that is given the passphrase.
    pub fn command(&self, command: &str) -> Run {
        let run = self.world.program("keyfob").limit(Duration::from_secs(60)).arg(command);
        run.args(["--store-passphrase-file", "store-passphrase"])
    }

    /// A command that speaks with this agent.
    pub fn command_with(&self, agent: &RunningAgent, command: &str) -> Run {
        self.command(command).env("SSH_AUTH_SOCK", agent.socket())
    }

    /// Saves a key under this name, with these flags.
    #[track_caller]
    pub fn save(&self, key: &KeyFile, name: &str, flags: &[&str]) -> Output {
        let add = self.command("add").args(["--save", "--name", name]).args(flags);
        let output = add.arg(key.path()).output();
        output.exits(0);
        output
    }

    /// Its folder.
    pub fn folder(&self) -> PathBuf {
        self.world.path(".local/share/keyfob/store")
    }

    /// Where this machine keeps its memory of stores.
    pub fn states(&self) -> PathBuf {
        self.world.path(".local/state/keyfob/stores")
    }

    /// The public file of a key. Its private half is beside it for nobody to read.
    pub fn public(&self, name: &str) -> KeyFile {
        KeyFile::at(self.folder().join("keys").join(name))
    }

    /// The file that holds the private half.
    pub fn sealed(&self, name: &str) -> PathBuf {
        self.folder().join("keys").join(format!("{name}.sealed"))
    }

    /// An agent that asks for the passphrase with this helper.
    #[track_caller]
    pub fn agent_asking(&self, askpass: &Askpass) -> RunningAgent {
        self.world.agent_with(|run| askpass.offered_to(run))
    }

    /// A helper that knows the passphrase, and says yes to whatever else it is asked.
    pub fn answering(&self) -> Askpass {
        let askpass = self.world.askpass();
        askpass.answer(&Answer::LineOrYes(Self::PASSPHRASE.to_owned()));
        askpass
    }
}
