//! Root looks into an agent that has a key store.
//!
//! Lost without this: the one passphrase that opens every key, or the root key it stands for, to
//! whoever gets hold of a core dump or of swap after the store was locked.
//!
//! What the passphrase leads to is computed by other means: libsodium, from the store's files.

use std::fs;
use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyStore, KeyType, Message, RunningAgent, World, ours,
};

use crate::memory::{nowhere, only_outside_of_dumps, soon_nowhere};
use crate::search::Search;
use crate::secret::Secret;
use keyfob_testkit::user::needs_root;

pub(crate) const CASES: &[Case] = &[
    ours!(before_the_store_is_unlocked_nothing_of_it_is_there),
    ours!(in_use_its_keys_are_in_no_core_dump_and_its_passphrase_is_nowhere),
    ours!(at_rest_only_the_root_is_there),
    ours!(a_locked_store_leaves_nothing),
    ours!(a_store_locked_by_time_leaves_nothing),
    ours!(a_lock_of_the_agents_own_leaves_nothing_of_the_store),
    ours!(removing_all_leaves_nothing_of_the_store),
    ours!(a_removed_stored_key_is_nowhere),
    ours!(a_wrong_passphrase_is_nowhere),
    ours!(a_passphrase_given_by_a_command_is_nowhere),
];

const ROOT: &str = include_str!("python/root.py");
const KINDS: [KeyType; 5] =
    [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::EcdsaP521, KeyType::Rsa2048, KeyType::Rsa3072];
const WRONG: &str = "yB6)nM1{sQ8}vF3[wrong";

/// A world with a store, and everything that must not be found of it.
struct Vault<'w> {
    store: KeyStore<'w>,
    askpass: Askpass,
    agent: RunningAgent,
    keys: Vec<KeyFile>,
    /// The keys' own secrets.
    of_keys: Vec<Secret>,
    /// What opens the store, and what comes of it on the way.
    passing: Vec<Secret>,
    /// What an open store keeps.
    root: Vec<Secret>,
}

impl<'w> Vault<'w> {
    fn new(world: &'w World, settings: &str) -> Self {
        needs_root();
        let store = KeyStore::make(world);
        let keys: Vec<KeyFile> =
            KINDS.iter().map(|kind| world.key(*kind, &format!("{kind:?}"))).collect();
        for key in &keys {
            let name = key.path().file_name().unwrap().to_str().unwrap();
            store.save(key, name, &[]);
        }
        let of_keys = keys.iter().flat_map(Secret::of).collect();
        let (root, mut passing): (Vec<_>, Vec<_>) =
            derived(world, &store).into_iter().partition(|secret| secret.name == "root");
        assert!(root.len() == 1 && passing.len() > KINDS.len());
        passing.push(Secret::new("the passphrase", KeyStore::PASSPHRASE));
        passing.push(Secret::new("the wrong passphrase", WRONG));
        let settings = world.write("settings.toml", format!("[agent]\n{settings}\n"), 0o600);
        let askpass = store.answering();
        let agent = world.agent_with(|run| askpass.offered_to(run).env("KEYFOB_CONFIG", settings));
        Self { store, askpass, agent, keys, of_keys, passing, root }
    }

    /// One that was unlocked and has signed with every key, which are ready to sign again.
    fn in_use(world: &'w World) -> Self {
        let vault = Self::new(world, "idle-wipe = 600");
        vault.sign_with_each();
        vault
    }

    fn sign_with_each(&self) {
        let mut client = self.agent.client();
        for key in &self.keys {
            // SHA-512, for RSA.
            client.sign(&key.blob(), b"data", 4 * u32::from(key.blob()[7..].starts_with(b"rsa")));
            client.sign(&key.blob(), b"data", 0).signature();
        }
    }

    fn all(&self) -> Search {
        Search::new([&self.of_keys[..], &self.passing, &self.root].concat())
    }

    fn passing(&self) -> Search {
        Search::new(self.passing.clone())
    }

    /// Asserts that nothing is left.
    #[track_caller]
    fn is_nowhere(&self, world: &World) {
        soon_nowhere(&self.agent, &self.all());
        nowhere(world, &self.agent, &self.all());
    }
}

/// What the passphrase leads to.
pub(crate) fn derived(world: &World, store: &KeyStore<'_>) -> Vec<Secret> {
    let run = world.system_program("python3").args(["-c", ROOT]).arg(store.folder());
    let output = run.stdin(format!("{}\n", KeyStore::PASSPHRASE)).output();
    if output.stderr().contains("No module named 'nacl'") {
        skip("libsodium is not there for Python (Debian package python3-nacl)");
    }
    output.exits(0);
    let text = output.stdout();
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
    let bytes = |hex: &str| hex.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>();
    let lines = text.lines().map(|line| line.split_once(' ').unwrap());
    lines.map(|(name, hex)| Secret::new(name, bytes(hex))).collect()
}

fn before_the_store_is_unlocked_nothing_of_it_is_there(world: &World) {
    let vault = Vault::new(world, "idle-wipe = 600");
    assert_eq!(vault.agent.list().len(), KINDS.len());
    vault.is_nowhere(world);
}

fn in_use_its_keys_are_in_no_core_dump_and_its_passphrase_is_nowhere(world: &World) {
    let vault = Vault::in_use(world);
    soon_nowhere(&vault.agent, &vault.passing());
    nowhere(world, &vault.agent, &vault.passing());
    only_outside_of_dumps(world, &vault.agent, &vault.all());
}

fn at_rest_only_the_root_is_there(world: &World) {
    let vault = Vault::new(world, "idle-wipe = 1");
    vault.sign_with_each();
    std::thread::sleep(Duration::from_secs(1));
    let rest = Search::new([&vault.of_keys[..], &vault.passing].concat());
    soon_nowhere(&vault.agent, &rest);
    nowhere(world, &vault.agent, &rest);
}

fn a_locked_store_leaves_nothing(world: &World) {
    let vault = Vault::in_use(world);
    vault.store.command_with(&vault.agent, "lock").output().exits(0);
    vault.is_nowhere(world);
    vault.sign_with_each();
    assert_eq!(vault.askpass.calls().len(), 2);
}

fn a_store_locked_by_time_leaves_nothing(world: &World) {
    let vault = Vault::new(world, "idle-wipe = 600\n[lock]\nstore-idle = 2");
    vault.sign_with_each();
    std::thread::sleep(Duration::from_secs(2));
    vault.is_nowhere(world);
}

fn a_lock_of_the_agents_own_leaves_nothing_of_the_store(world: &World) {
    let vault = Vault::in_use(world);
    vault.agent.lock("another word");
    vault.is_nowhere(world);
}

fn removing_all_leaves_nothing_of_the_store(world: &World) {
    let vault = Vault::in_use(world);
    vault.agent.ssh_add().arg("-D").output().exits(0);
    vault.is_nowhere(world);
}

fn a_removed_stored_key_is_nowhere(world: &World) {
    let vault = Vault::in_use(world);
    for key in &vault.keys {
        let remove = Message::new(number::REMOVE_IDENTITY).string(key.blob());
        vault.agent.client().request(&remove).succeeds();
    }
    let rest = Search::new([&vault.of_keys[..], &vault.passing].concat());
    soon_nowhere(&vault.agent, &rest);
    nowhere(world, &vault.agent, &rest);
}

fn a_wrong_passphrase_is_nowhere(world: &World) {
    let vault = Vault::new(world, "idle-wipe = 600");
    vault.askpass.answer(&Answer::line(WRONG));
    vault.agent.client().sign(&vault.keys[0].blob(), b"data", 0).fails();
    assert_eq!(vault.askpass.calls().len(), 3);
    vault.is_nowhere(world);
}

fn a_passphrase_given_by_a_command_is_nowhere(world: &World) {
    let vault = Vault::new(world, "idle-wipe = 600");
    vault.store.command_with(&vault.agent, "unlock").output().exits(0);
    soon_nowhere(&vault.agent, &vault.passing());
    nowhere(world, &vault.agent, &vault.passing());
    fs::write(world.path("store-passphrase"), format!("{WRONG}\n")).unwrap();
    let wrong = vault.store.command_with(&vault.agent, "lock").output();
    wrong.exits(0);
    let wrong = vault.store.command_with(&vault.agent, "unlock").output();
    assert_ne!(wrong.code(), Some(0), "{wrong}");
    vault.is_nowhere(world);
}
