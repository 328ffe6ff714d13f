//! `ssh` logs in to `sshd`: the bindings it makes and the data it has signed.
//!
//! The server runs on a pair of pipes (`sshd -i`), not on a port.

use std::fs;

use keyfob_protocol::userauth::Userauth;
use keyfob_protocol::{Error, Purpose, Request, SessionBind, number};

use crate::proxy::Exchange;
use crate::replay;
use crate::world::{World, finish};

/// Host key, its type and size, what the client insists on, and whether it has a certificate.
const HOSTS: [(&str, &str, &str, &str, bool); 7] = [
    ("ed25519", "ed25519", "256", "ssh-ed25519", false),
    ("p256", "ecdsa", "256", "ecdsa-sha2-nistp256", false),
    ("p521", "ecdsa", "521", "ecdsa-sha2-nistp521", false),
    ("sha2", "rsa", "2048", "rsa-sha2-512", false),
    ("sha1", "rsa", "2048", "ssh-rsa", false),
    ("certified", "ed25519", "256", "ssh-ed25519-cert-v01@openssh.com", true),
    ("rsa-certified", "rsa", "2048", "rsa-sha2-256-cert-v01@openssh.com", true),
];

pub(crate) fn every_kind_of_host_key() {
    for host in HOSTS {
        let recorded = log_in(host, &["true"]);
        let requests = replay::requests(&recorded);
        let bindings = replay::bindings(&requests);
        let [bind] = &bindings[..] else { panic!("{}: {bindings:?}", host.0) };
        bind.verify().unwrap();
        assert!(!bind.forwarding);
        assert_eq!(bind.host_key.certificate().is_some(), host.4);
        another_session_does_not_verify(bind);
        for login in logins(&requests) {
            assert_eq!(login.session_id, bind.session_id, "{}", host.0);
            assert!(login.host_key.unwrap() == bind.host_key, "{}", host.0);
            assert!(!login.user.is_empty());
        }
        replay::all_is_read_and_written_again(&recorded);
    }
}

/// Lost otherwise: a binding of one connection is good for another.
fn another_session_does_not_verify(bind: &SessionBind<'_>) {
    let mut session_id = bind.session_id.to_vec();
    session_id[0] ^= 1;
    let other = SessionBind { session_id: &session_id, ..bind.clone() };
    assert!(matches!(other.verify(), Err(Error::Field { .. })));
}

pub(crate) fn a_forwarded_agent() {
    let recorded = log_in(HOSTS[0], &["-A", "ssh-add -l"]);
    let bound: Vec<Vec<Vec<u8>>> = recorded
        .iter()
        .map(|exchange| replay::bodies(&exchange.requests))
        .filter(|requests| !replay::bindings(requests).is_empty())
        .collect();
    // One connection to log in, one made by the server's side.
    let [own, forwarded] = &bound[..] else { panic!("{} bound connections", bound.len()) };
    assert!(!replay::bindings(own)[0].forwarding);
    let bind = replay::bindings(forwarded).remove(0);
    assert!(bind.forwarding);
    bind.verify().unwrap();
    assert_eq!(forwarded[0][0], number::EXTENSION, "bound before anything is asked");
    assert!(!replay::with_number(forwarded, number::REQUEST_IDENTITIES).is_empty());
    replay::all_is_read_and_written_again(&recorded);
}

/// Logs in with an Ed25519 and an RSA key; the last argument is the command.
fn log_in(host: (&str, &str, &str, &str, bool), arguments: &[&str]) -> Vec<Exchange> {
    let (_, kind, bits, algorithm, certified) = host;
    let world = World::new();
    // Without this folder sshd does not start as root.
    let _ = fs::create_dir_all("/run/sshd");
    let host_key = world.key("host", kind, bits);
    // RSA is the one the server takes, so that its signature is asked for, too.
    let keys = [world.key("u1", "ed25519", "256"), world.key("u2", "rsa", "2048")];
    world.ssh_add(&keys);
    fs::copy(world.path("u2.pub"), world.path("authorized")).unwrap();
    let mut settings = format!(
        "HostKey {}\nHostKeyAlgorithms {algorithm}\nAuthorizedKeysFile {}\n\
         StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n",
        host_key.display(),
        world.path("authorized").display(),
    );
    let mut known = fs::read_to_string(host_key.with_extension("pub")).unwrap();
    if certified {
        let authority = world.key("host-ca", "ed25519", "256");
        world.keygen(|run| {
            run.arg("-s").arg(&authority).args(["-I", "id", "-h", "-n", "server"]);
            run.arg(host_key.with_extension("pub"));
        });
        known = fs::read_to_string(authority.with_extension("pub")).unwrap();
        settings.push_str(&format!("HostCertificate {}-cert.pub\n", host_key.display()));
    }
    let marker = if certified { "@cert-authority " } else { "" };
    fs::write(world.path("known"), format!("{marker}server {known}")).unwrap();
    fs::write(world.path("sshd"), settings).unwrap();
    let server = format!("/usr/sbin/sshd -i -f {}", world.path("sshd").display());
    let (command, flags) = arguments.split_last().unwrap();
    let mut ssh = world.command("ssh");
    ssh.args(["-F", "none", "-o", "BatchMode=yes"])
        .args(["-o", &format!("ProxyCommand={server}")])
        .args(["-o", &format!("UserKnownHostsFile={}", world.path("known").display())])
        .args(["-o", &format!("HostKeyAlgorithms={algorithm}")])
        .args(flags)
        .args(["server", command]);
    finish(&mut ssh);
    world.recorded()
}

/// What was signed; every request must be a login by the key it names.
fn logins(requests: &[Vec<u8>]) -> Vec<Userauth<'_>> {
    let signs = replay::with_number(requests, number::SIGN_REQUEST);
    assert!(!signs.is_empty());
    signs
        .into_iter()
        .map(|request| {
            let Request::Sign(sign) = request else { panic!() };
            let Purpose::Userauth(login) = Purpose::classify(sign.data) else { panic!() };
            assert_eq!(login.key.0, sign.key);
            assert_eq!(sign.flags, number::SIGN_RSA_SHA2_512);
            assert_eq!(login.algorithm, b"rsa-sha2-512");
            login
        })
        .collect()
}
