//! What goes over the wire to and from OpenSSH's own programs: a real ssh-agent takes what
//! we encode, and what a real ssh-add sends is decoded here.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::process::Command;

use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{PrivateKey, PublicKey};
use workbench::agent::{self, receive, request};
use workbench::{Bench, encoded, has, has_ssh_keygen};

const ADD_IDENTITY: u8 = 17;
const SUCCESS: u8 = 6;

const KINDS: [(&str, &str); 5] =
    [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")];

fn certify(bench: &Bench, name: &str) -> PublicKey {
    let public = format!("{name}.pub");
    bench.ok("ssh-keygen", &["-q", "-s", "ca", "-I", "id", "-n", "ann", &public]);
    let line = bench.read(&format!("{name}-cert.pub"));
    PublicKey::from_line(line.as_bytes()).unwrap().0
}

#[test]
fn ssh_agent_takes_every_type_we_encode_and_its_certificate() {
    if !has_ssh_keygen() || !has("ssh-agent", &["-V"]) {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    let (_agent, mut stream) = agent::start(&bench);
    for (kind, bits) in KINDS {
        let name = format!("{kind}{bits}");
        let (private, _) = bench.keygen(&name, kind, bits);
        let certified = private.with_certificate(&certify(&bench, &name)).unwrap();
        for key in [&private, &certified] {
            let mut body = vec![ADD_IDENTITY];
            body.extend(encoded(key));
            body.put_string(b"comment");
            let reply = request(&mut stream, &body);
            assert_eq!(reply, [SUCCESS], "{}", key.public().type_name());
        }
    }
    let list = request(&mut stream, &[11]);
    let mut reader = Reader::new(&list[1..]);
    assert_eq!(reader.u32().unwrap() as usize, 2 * KINDS.len());
}

#[test]
fn what_ssh_add_sends_is_decoded_and_encodes_the_same() {
    if !has_ssh_keygen() || !has("ssh-add", &["-?"]) {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    let listener = UnixListener::bind(bench.path("socket")).unwrap();
    for (kind, bits) in KINDS {
        let name = format!("{kind}{bits}");
        let (_, public) = bench.keygen(&name, kind, bits);
        let certificate = certify(&bench, &name);
        let mut ssh_add = Command::new("ssh-add")
            .args(["-q", &name])
            .current_dir(bench.0.path())
            .env("SSH_AUTH_SOCK", bench.path("socket"))
            .spawn()
            .unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        // ssh-add sends the key, then the key with its certificate.
        for expected in [&public, &certificate] {
            let body = receive(&mut stream);
            assert_eq!(body[0], ADD_IDENTITY);
            let mut reader = Reader::new(&body[1..]);
            let key = PrivateKey::decode(&mut reader).unwrap();
            assert_eq!(key.public(), expected);
            assert_eq!(reader.string().unwrap(), b"a comment");
            reader.finish().unwrap();
            let written = encoded(&key);
            assert_eq!(body[1..=written.len()], written, "{name}");
            let mut reply = Vec::new();
            reply.put_string(&[SUCCESS]);
            stream.write_all(&reply).unwrap();
        }
        assert!(ssh_add.wait().unwrap().success());
    }
}
