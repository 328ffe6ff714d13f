//! `ssh-add -h` and `-H`: destinations by name, host keys from known_hosts files.

use keyfob_testkit::{
    Authority, Case, CertificateKind, CertificateRequest, Host, KeyFile, KeyType, Notary,
    RawClient, Reply, RunningAgent, World, case, userauth,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_host_by_name_is_permitted_and_no_other),
        case!(a_user_at_a_host_is_permitted_and_no_other),
        case!(a_step_beyond_is_permitted),
        case!(several_host_key_files_are_read),
        case!(every_host_key_of_a_host_is_permitted),
        case!(a_hashed_host_name_is_found),
        case!(a_pattern_in_the_host_keys_is_matched),
        case!(an_authority_in_the_host_keys_is_trusted),
        case!(the_usual_known_hosts_are_read),
        case!(an_unknown_host_is_fatal),
        case!(an_unknown_second_host_is_fatal),
        case!(a_user_at_the_start_is_fatal),
        case!(an_empty_destination_is_fatal),
        case!(a_key_is_not_added_when_a_destination_is_bad),
        case!(a_revoked_host_key_is_not_permitted),
        case!(a_missing_host_key_file_leaves_no_host),
    ]
}

struct Scene {
    notary: Notary,
    agent: RunningAgent,
    key: KeyFile,
    near: Host,
    far: Host,
}

impl Scene {
    fn new(world: &World) -> Self {
        let notary = Notary::new(world);
        let [near, far] = ["near.example", "far.example"].map(|name| notary.host(name));
        let hosts = [&near, &far].map(known_line).concat();
        world.write("hosts", hosts, 0o600);
        Self { notary, agent: world.agent(), key: world.key(KeyType::Ed25519, "key"), near, far }
    }

    fn add(&self, flags: &[&str]) -> keyfob_testkit::Output {
        self.agent.ssh_add().args(["-q", "-H", "hosts"]).args(flags).arg(self.key.path()).output()
    }

    /// A login at `at`, over forwarding through `through`.
    fn log_in(&self, through: &[&Host], at: &Host, user: &str) -> Reply {
        let mut client = self.bound(through);
        self.notary.bind(at, at.name.as_bytes(), false).sent_on(&mut client);
        let (key, host) = (self.key.blob(), at.key.blob());
        let login = userauth(at.name.as_bytes(), user, "ssh-ed25519", &key, Some(&host));
        client.sign(&key, &login, 0)
    }

    fn bound(&self, through: &[&Host]) -> RawClient {
        let mut client = self.agent.client();
        for host in through {
            self.notary.bind(host, host.name.as_bytes(), true).sent_on(&mut client);
        }
        client
    }
}

/// A line of known_hosts.
fn known_line(host: &Host) -> String {
    known(&host.name, host)
}

fn known(names: &str, host: &Host) -> String {
    let line = host.key.public_line();
    let words: Vec<&str> = line.split(' ').collect();
    format!("{names} {} {}\n", words[0], words[1])
}

fn a_host_by_name_is_permitted_and_no_other(world: &World) {
    let scene = Scene::new(world);
    scene.add(&["-h", "near.example"]).exits(0);
    scene.log_in(&[], &scene.near, "anyone").signature();
    scene.log_in(&[], &scene.far, "anyone").fails();
    scene.agent.client().sign(&scene.key.blob(), b"data", 0).fails();
}

fn a_user_at_a_host_is_permitted_and_no_other(world: &World) {
    let scene = Scene::new(world);
    scene.add(&["-h", "alice@near.example", "-h", "b*@far.example"]).exits(0);
    scene.log_in(&[], &scene.near, "alice").signature();
    scene.log_in(&[], &scene.near, "bob").fails();
    scene.log_in(&[], &scene.far, "bob").signature();
    scene.log_in(&[], &scene.far, "alice").fails();
}

fn a_step_beyond_is_permitted(world: &World) {
    let scene = Scene::new(world);
    scene.add(&["-h", "near.example", "-h", "near.example>alice@far.example"]).exits(0);
    scene.log_in(&[], &scene.near, "alice").signature();
    scene.log_in(&[], &scene.far, "alice").fails();
    scene.log_in(&[&scene.near], &scene.far, "alice").signature();
    scene.log_in(&[&scene.near], &scene.far, "bob").fails();
    assert_eq!(scene.bound(&[&scene.near]).list().len(), 1);
    assert!(scene.bound(&[&scene.far]).list().is_empty());
}

fn several_host_key_files_are_read(world: &World) {
    let scene = Scene::new(world);
    world.write("more", known("third.example", &scene.far), 0o600);
    scene.add(&["-H", "more", "-h", "near.example", "-h", "third.example"]).exits(0);
    scene.log_in(&[], &scene.near, "user").signature();
    scene.log_in(&[], &scene.far, "user").signature();
}

fn every_host_key_of_a_host_is_permitted(world: &World) {
    let scene = Scene::new(world);
    let second = scene.notary.host_with("near-rsa", KeyType::Rsa2048);
    world.write(
        "hosts",
        known("near.example", &scene.near) + &known("near.example", &second),
        0o600,
    );
    scene.add(&["-h", "near.example"]).exits(0);
    scene.log_in(&[], &scene.near, "user").signature();
    scene.log_in(&[], &second, "user").signature();
    scene.log_in(&[], &scene.far, "user").fails();
}

fn a_hashed_host_name_is_found(world: &World) {
    let scene = Scene::new(world);
    world.system_program("ssh-keygen").args(["-H", "-f", "hosts"]).output().exits(0);
    assert!(!std::fs::read_to_string(world.path("hosts")).unwrap().contains("near.example"));
    scene.add(&["-h", "near.example"]).exits(0);
    scene.log_in(&[], &scene.near, "user").signature();
    scene.log_in(&[], &scene.far, "user").fails();
}

fn a_pattern_in_the_host_keys_is_matched(world: &World) {
    let scene = Scene::new(world);
    world.write("hosts", known("*.example,!far.example", &scene.near), 0o600);
    scene.add(&["-h", "near.example"]).exits(0);
    scene.log_in(&[], &scene.near, "user").signature();
    scene.add(&["-h", "far.example"]).exits(255);
}

fn an_authority_in_the_host_keys_is_trusted(world: &World) {
    let scene = Scene::new(world);
    let authority = Authority::new(world, "authority");
    let request = CertificateRequest {
        kind: CertificateKind::Host,
        principals: "near.example",
        ..CertificateRequest::default()
    };
    authority.certify(&scene.near.key, &request);
    let line = format!("@cert-authority *.example {}\n", authority.key().public_line());
    world.write("hosts", line, 0o600);
    scene.add(&["-h", "near.example"]).exits(0);
    let certificate = scene.near.key.certificate_blob();
    let mut bind = scene.notary.bind(&scene.near, b"session", false);
    bind.host_key.clone_from(&certificate);
    let mut client = scene.agent.client();
    bind.sent_on(&mut client);
    let key = scene.key.blob();
    let login = userauth(b"session", "user", "ssh-ed25519", &key, Some(&certificate));
    client.sign(&key, &login, 0).signature();
    scene.log_in(&[], &scene.near, "user").fails();
}

fn the_usual_known_hosts_are_read(world: &World) {
    let scene = Scene::new(world);
    world.write(".ssh/known_hosts", known_line(&scene.near), 0o600);
    let run = world.with_home_in_passwd(scene.agent.ssh_add());
    run.args(["-q", "-h", "near.example"]).arg(scene.key.path()).output().exits(0);
    scene.log_in(&[], &scene.near, "user").signature();
}

#[track_caller]
fn is_fatal(world: &World, destination: &str, text: &str) {
    let scene = Scene::new(world);
    scene.add(&["-h", destination]).exits(255).prints("").reports(&format!("{text}\n"));
    assert!(scene.agent.list().is_empty());
}

fn an_unknown_host_is_fatal(world: &World) {
    is_fatal(world, "unknown.example", "No host keys found for destination \"unknown.example\"");
    is_fatal(world, "alice@unknown", "No host keys found for destination \"unknown\"");
}

fn an_unknown_second_host_is_fatal(world: &World) {
    is_fatal(world, "near.example>unknown", "No host keys found for destination \"unknown\"");
}

fn a_user_at_the_start_is_fatal(world: &World) {
    let text = "Invalid key constraint alice@near.example: cannot specify user on 'from' host";
    is_fatal(world, "alice@near.example>far.example", text);
}

fn an_empty_destination_is_fatal(world: &World) {
    let text = "Invalid key destination constraint \"\": does not specify user or host";
    is_fatal(world, "", text);
    is_fatal(world, "near.example>", text);
    is_fatal(world, ">near.example", text);
}

fn a_key_is_not_added_when_a_destination_is_bad(world: &World) {
    let scene = Scene::new(world);
    scene.add(&["-h", "near.example", "-h", "unknown"]).exits(255);
    assert!(scene.agent.list().is_empty());
}

fn a_revoked_host_key_is_not_permitted(world: &World) {
    let scene = Scene::new(world);
    world.write("hosts", format!("@revoked {}", known_line(&scene.near)), 0o600);
    scene.add(&["-h", "near.example"]).exits(255);
}

fn a_missing_host_key_file_leaves_no_host(world: &World) {
    let scene = Scene::new(world);
    let run = scene.agent.ssh_add().args(["-H", "missing", "-h", "near.example"]);
    let output = run.arg(scene.key.path()).output();
    output.exits(255).reports("No host keys found for destination \"near.example\"\n");
}
