//! A whole session, from the first key to the last lock, and what is left of it anywhere.
//!
//! Lost without this: what no single step leaves behind and all of them together do. The other
//! cases look into the memory after one act; here everything a person does in a day is done by the
//! programs a person does it with, and after each thing that goes out of use root looks for it in
//! memory and in a core dump, and in the end in every file there is: logs, temporary files, the
//! runtime folder, the home; and in what the system shows of the process.

use std::fs;
use std::path::{Path, PathBuf};

use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyStore, KeyType, RunningAgent, World, ours,
};

use crate::log::in_any_writing;
use crate::memory::{nowhere, soon_nowhere};
use crate::search::Search;
use crate::secret::Secret;
use crate::stored::derived;
use keyfob_testkit::user::needs_root;

pub(crate) const CASES: &[Case] = &[ours!(a_whole_session_leaves_no_trace)];

const KINDS: [KeyType; 4] =
    [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::EcdsaP521, KeyType::Rsa2048];
const OF_KEYS: &str = "mX5(dV8+hQ1/jC4=of the keys";
const OF_LOCK: &str = "rT2)gB9-wF6.pL3:of the lock";

const SHA2_512: u32 = 4;

fn a_whole_session_leaves_no_trace(world: &World) {
    needs_root();
    let store = KeyStore::make(world);
    let kept = world.key(KeyType::Ed25519, "kept");
    let mut of_store = Secret::of(&kept);
    store.save(&kept, "kept", &[]);
    of_store.extend(derived(world, &store));
    of_store.push(Secret::new("the passphrase of the store", KeyStore::PASSPHRASE));
    let keys: Vec<KeyFile> =
        KINDS.iter().map(|kind| world.key(*kind, &format!("{kind:?}"))).collect();
    let of_keys: Vec<Secret> = keys.iter().flat_map(Secret::of).collect();
    keys.iter().for_each(|key| encrypt(world, key));
    let of_keys_file = Secret::new("the passphrase of the key files", OF_KEYS);
    let of_lock = Secret::new("the passphrase of the lock", OF_LOCK);
    let typed = [of_keys_file, of_lock];
    let agent = agent(world);
    let helper = world.askpass();

    helper.answer(&Answer::line(OF_KEYS));
    for key in &keys {
        helper.forced_on(agent.ssh_add()).arg(key.path()).output().exits(0);
    }
    signs(&agent, &keys);
    is_gone(world, &agent, &typed);
    helper.answer(&Answer::line(OF_LOCK));
    helper.forced_on(agent.ssh_add()).arg("-x").output().exits(0);
    is_gone(world, &agent, &[&of_keys[..], &typed].concat());
    helper.forced_on(agent.ssh_add()).arg("-X").output().exits(0);
    signs(&agent, &keys);
    is_gone(world, &agent, &typed);
    agent.ssh_add().arg("-D").output().exits(0);
    is_gone(world, &agent, &[&of_keys[..], &typed].concat());
    store.command_with(&agent, "unlock").output().exits(0);
    signs(&agent, std::slice::from_ref(&kept));
    store.command_with(&agent, "lock").output().exits(0);
    let all = [&of_keys[..], &typed, &of_store].concat();
    is_gone(world, &agent, &all);
    is_not_shown(&agent, &all);
    is_in_no_file(world, &all, &kept, helper);
}

/// With everything it can write down.
fn agent(world: &World) -> RunningAgent {
    let log = world.path("agent.log");
    let text =
        format!("[agent]\nlog = {{ file = \"{}\" }}\nlog-level = \"trace\"\n", log.display());
    let settings = world.write("settings.toml", text, 0o600);
    let runtime = world.make_folder("run");
    let socket = world.unused("agent");
    let run = world.program("keyfob").args(["agent", "-D", "-a"]).arg(&socket);
    let run = run.env("KEYFOB_CONFIG", settings).env("XDG_RUNTIME_DIR", runtime);
    RunningAgent::listening(world, run, socket)
}

/// Puts the key behind the passphrase, where it lies.
fn encrypt(world: &World, key: &KeyFile) {
    let run = world.system_program("ssh-keygen").args(["-q", "-p", "-a", "4", "-N", OF_KEYS, "-f"]);
    run.arg(key.path()).output().exits(0);
}

fn signs(agent: &RunningAgent, keys: &[KeyFile]) {
    let mut client = agent.client();
    for key in keys {
        client.sign(&key.blob(), b"data", SHA2_512).signature();
    }
}

/// In no memory and in no core dump.
#[track_caller]
fn is_gone(world: &World, agent: &RunningAgent, secrets: &[Secret]) {
    let search = Search::new(secrets.iter().cloned());
    soon_nowhere(agent, &search);
    nowhere(world, agent, &search);
}

/// What the system shows of the process.
#[track_caller]
fn is_not_shown(agent: &RunningAgent, secrets: &[Secret]) {
    for name in ["environ", "cmdline"] {
        let path = format!("/proc/{}/{name}", agent.pid().as_raw_nonzero());
        let shown = fs::read(&path).unwrap();
        assert!(!shown.is_empty(), "{path} shows nothing at all");
        holds_nothing(Path::new(&path), &shown, secrets);
    }
}

/// Once what the person brought is taken away: the plain key that was saved, the file and the
/// helper that know passphrases.
fn is_in_no_file(world: &World, secrets: &[Secret], kept: &KeyFile, helper: Askpass) {
    let brought = [kept.path().to_owned(), world.path("store-passphrase")];
    for path in brought {
        let text = fs::read(&path).unwrap();
        assert!(is_found(&text, secrets) || path == kept.path(), "the search finds nothing");
        fs::remove_file(path).unwrap();
    }
    helper.is_thrown_away();
    let mut files = Vec::new();
    collect(world.folder(), &mut files);
    let names: Vec<_> = files.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    for wanted in ["agent.log", "000000000001.jsonl", "kept.sealed"] {
        assert!(names.contains(&wanted), "{wanted} is not among {names:?}");
    }
    for path in files {
        holds_nothing(&path, &fs::read(&path).unwrap(), secrets);
    }
}

fn is_found(bytes: &[u8], secrets: &[Secret]) -> bool {
    !in_any_writing(secrets.iter().cloned()).find(bytes).is_empty()
}

#[track_caller]
fn holds_nothing(path: &Path, bytes: &[u8], secrets: &[Secret]) {
    let finds = in_any_writing(secrets.iter().cloned()).find(bytes);
    let finds: Vec<String> = finds.iter().map(ToString::to_string).collect();
    assert!(finds.is_empty(), "in {}:\n{}", path.display(), finds.join("\n"));
}

/// Every file below this folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            collect(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}
