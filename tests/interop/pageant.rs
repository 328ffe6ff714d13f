//! PuTTY's `pageant` as a client: it leaves encrypted PPK files with the agent, lists which of them
//! are open, and closes them. OpenSSH's agent knows none of that; its clients use the keys.

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyType, Message, RawClient, Run, RunningAgent, World, ours,
};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(a_ppk_is_left_encrypted_and_opened_by_the_first_login),
    ours!(a_ppk_without_a_passphrase_is_there_at_once),
    ours!(who_gives_a_wrong_passphrase_gets_no_signature_and_keeps_the_file),
    ours!(what_is_no_ppk_costs_nobody_his_keys),
    ours!(a_forwarded_agent_takes_no_files),
];

const PASSPHRASE: &str = "left with the agent";

fn a_ppk_is_left_encrypted_and_opened_by_the_first_login(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let (agent, askpass) = answering(world, PASSPHRASE);
    let file = ppk(world, &key, PASSPHRASE);
    pageant(world, &agent).args(["-a", "--encrypted"]).arg(&file).output().exits(0);
    assert_eq!(agent.comments(), ["key@keyfob"]);
    assert!(listed(world, &agent).ends_with("key@keyfob (encrypted)\n"));
    assert_eq!(askpass.calls().len(), 0, "nobody is asked before it is used");
    let table = agent_list(world, &agent);
    assert!(table.contains("encrypted"), "{table}");
    site.admits(&agent, "one");
    let question = &askpass.calls()[0];
    assert_eq!(question.kind, None, "a passphrase is asked for, not a yes");
    assert!(question.prompt.contains("key@keyfob"), "{question:?}");
    assert!(question.prompt.contains("log in as"), "{question:?}");
    site.admits(&agent, "one");
    assert_eq!(askpass.calls().len(), 1);
    assert!(listed(world, &agent).ends_with("key@keyfob (re-encryptable)\n"));
    pageant(world, &agent).args(["-r", "key@keyfob"]).output().exits(0);
    assert!(listed(world, &agent).ends_with("key@keyfob (encrypted)\n"));
    site.admits(&agent, "one");
    assert_eq!(askpass.calls().len(), 2);
    pageant(world, &agent).arg("-R").output().exits(0);
    assert!(listed(world, &agent).ends_with("key@keyfob (encrypted)\n"));
    agent.ssh_add().arg("-D").output().exits(0);
    assert_eq!(listed(world, &agent), "");
}

fn a_ppk_without_a_passphrase_is_there_at_once(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048] {
        let key = world.key(kind, "key");
        let site = Site::new(world).with("one", &Settings::default().authorize(&key));
        let agent = world.agent();
        let file = ppk(world, &key, "");
        let bytes = std::fs::read(file).unwrap();
        assert_eq!(extension(&mut agent.client(), "add-ppk", Some(&bytes)), number::SUCCESS);
        assert!(listed(world, &agent).ends_with("key@keyfob\n"), "nothing can be encrypted again");
        pageant(world, &agent).arg("-R").output().exits(1);
        site.admits(&agent, "one");
    }
}

fn who_gives_a_wrong_passphrase_gets_no_signature_and_keeps_the_file(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let (agent, askpass) = answering(world, "another");
    let file = ppk(world, &key, PASSPHRASE);
    pageant(world, &agent).args(["-a", "--encrypted"]).arg(&file).output().exits(0);
    agent.ssh_add().arg("-T").arg(key.public_path()).output().exits(1);
    assert_eq!(askpass.calls().len(), 3);
    assert!(askpass.calls()[2].prompt.starts_with("Wrong passphrase, try again.\n"));
    assert!(listed(world, &agent).ends_with("(encrypted)\n"));
    let why = world.program("keyfob").env("SSH_AUTH_SOCK", agent.socket()).arg("why").output();
    assert!(why.stdout().contains("key file is encrypted: wrong passphrase"), "{why:?}");
}

/// Pageant itself ends by a segmentation fault at the first of these, keys and all.
fn what_is_no_ppk_costs_nobody_his_keys(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let mut agent = world.agent();
    agent.add(&key);
    let mut client = agent.client();
    let whole = std::fs::read(ppk(world, &key, PASSPHRASE)).unwrap();
    let openssh = key.text().into_bytes();
    let cut = &whole[..whole.len() / 2];
    for bytes in [&b"x"[..], b"", cut, &openssh, &vec![b'P'; 100_000]] {
        assert_eq!(extension(&mut client, "add-ppk", Some(bytes)), number::EXTENSION_FAILURE);
    }
    assert_eq!(extension(&mut client, "reencrypt", Some(&key.blob())), number::EXTENSION_FAILURE);
    assert_eq!(extension(&mut client, "reencrypt-all", None), number::EXTENSION_FAILURE);
    assert!(agent.is_alive());
    assert_eq!(agent.comments(), ["key@keyfob"]);
}

fn a_forwarded_agent_takes_no_files(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let file = ppk(world, &world.key(KeyType::Ed25519, "other"), PASSPHRASE);
    let there = format!("pageant -a --encrypted {}", file.display());
    let output = site.ssh(&agent).args(["-A", "one", &there]).output();
    output.exits(1).reports_among_else("refused to add the key");
    assert_eq!(agent.comments(), ["key@keyfob"]);
}

fn answering(world: &World, passphrase: &str) -> (RunningAgent, Askpass) {
    let askpass = world.askpass();
    askpass.answer(&Answer::line(passphrase));
    let agent = world.agent_with(|run| askpass.offered_to(run));
    (agent, askpass)
}

/// The key as PuTTY's own tool writes it.
fn ppk(world: &World, key: &KeyFile, passphrase: &str) -> std::path::PathBuf {
    let file = world.unused("key.ppk");
    let words = world.write("words", passphrase, 0o600);
    let puttygen = world.system_program("puttygen").arg(key.path()).arg("-O").arg("private");
    puttygen.arg("--new-passphrase").arg(words).arg("-o").arg(&file).output().exits(0);
    file
}

fn pageant(world: &World, agent: &RunningAgent) -> Run {
    world.system_program("pageant").env("SSH_AUTH_SOCK", agent.socket())
}

fn listed(world: &World, agent: &RunningAgent) -> String {
    let output = pageant(world, agent).arg("-l").output();
    output.exits(0);
    output.stdout()
}

fn agent_list(world: &World, agent: &RunningAgent) -> String {
    world.program("keyfob").env("SSH_AUTH_SOCK", agent.socket()).arg("list").output().stdout()
}

/// The first byte of the answer.
fn extension(client: &mut RawClient, name: &str, content: Option<&[u8]>) -> u8 {
    let name = format!("{name}@putty.projects.tartarus.org");
    let message = Message::new(number::EXTENSION).string(name);
    client.request(&content.into_iter().fold(message, Message::string)).kind()
}
