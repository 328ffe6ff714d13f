//! `ssh-add` and everything it can say to an agent.

use std::fs;

use keyfob_protocol::{Purpose, Request, number};

use crate::replay;
use crate::world::{World, finish};

pub(crate) fn keys_of_every_type() {
    let world = World::new();
    let keys = world.make_user_keys();
    world.ssh_add(&keys);
    let recorded = world.recorded();
    let requests = replay::requests(&recorded);
    let added = replay::with_number(&requests, number::ADD_IDENTITY);
    let mut types: Vec<String> = Vec::new();
    for request in &added {
        let Request::Add(added) = request else { panic!() };
        assert!(added.constraints.is_none());
        types.push(added.key.public().type_name().to_owned());
    }
    // 9.2 adds a certificate after its key, each in a request of its own.
    assert_eq!(types.len(), 6 + 3, "{types:?}");
    assert_eq!(types.iter().filter(|name| name.contains("-cert-v01@")).count(), 3);
    assert_eq!(replay::all_is_read_and_written_again(&recorded), added.len());
}

pub(crate) fn constraints() {
    let world = World::new();
    let key = world.key("user", "ed25519", "256");
    let key = key.to_str().unwrap();
    known_hosts(&world);
    let hosts = ["-H", "known_hosts"];
    world.ssh_add(&["-t", "1h", key]);
    world.ssh_add(&["-c", key]);
    world.ssh_add(&["-t", "2d", "-c", key]);
    world.ssh_add(&[&hosts[..], &["-h", "gateway", key]].concat());
    world.ssh_add(&[&hosts[..], &["-h", "gateway>r?*t@target", "-h", "x@gateway", key]].concat());
    world.ssh_add(&[&hosts[..], &["-t", "60", "-c", "-h", "certified", key]].concat());
    let recorded = world.recorded();
    let requests = replay::requests(&recorded);
    let read: Vec<_> = replay::with_number(&requests, number::ADD_ID_CONSTRAINED)
        .into_iter()
        .map(|request| match request {
            Request::Add(added) => added.constraints,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read.len(), 6);
    assert_eq!((read[0].lifetime, read[0].confirm), (Some(3600), false));
    assert_eq!((read[1].lifetime, read[1].confirm), (None, true));
    assert_eq!((read[2].lifetime, read[2].confirm), (Some(2 * 86400), true));
    assert!(read[3].destinations[0].from.is_origin());
    assert_eq!(read[3].destinations[0].to.host, b"gateway");
    assert_eq!(read[3].destinations[0].to.keys.len(), 2, "both keys of the host");
    let [beyond, to] = &read[4].destinations[..] else { panic!() };
    assert_eq!((&beyond.from.host[..], &beyond.to.host[..]), (&b"gateway"[..], &b"target"[..]));
    assert_eq!((&beyond.to.user[..], &to.to.user[..]), (&b"r?*t"[..], &b"x"[..]));
    assert_eq!((read[5].lifetime, read[5].confirm), (Some(60), true));
    assert!(read[5].destinations[0].to.keys[0].is_authority);
    replay::all_is_read_and_written_again(&recorded);
}

/// The most principals OpenSSH allows, each with a long name: a blob of 16 KiB and more.
pub(crate) fn p10_a_large_certificate() {
    let world = World::new();
    let key = world.key("user", "ed25519", "256");
    let authority = world.key("user-ca", "ed25519", "256");
    let names: Vec<String> = (0..256).map(|n| format!("{n:060}")).collect();
    world.keygen(|run| {
        run.arg("-s").arg(&authority).args(["-I", "id", "-n", &names.join(",")]);
        run.arg(key.with_extension("pub"));
    });
    world.ssh_add(&[&key]);
    world.ssh_add(&["-L"]);
    world.ssh_add(&["-T", "user-cert.pub"]);
    let recorded = world.recorded();
    let requests = replay::requests(&recorded);
    let added = replay::with_number(&requests, number::ADD_IDENTITY);
    let Request::Add(added) = &added[1] else { panic!() };
    assert_eq!(added.key.public().certificate().unwrap().principals.len(), 256);
    assert!(added.key.public().blob().len() > 16 * 1024);
    replay::all_is_read_and_written_again(&recorded);
}

/// `gateway` has two keys, `target` one, and `certified` an authority.
fn known_hosts(world: &World) {
    let mut lines = String::new();
    for (host, name, kind) in [
        ("gateway", "h1", "ed25519"),
        ("gateway", "h2", "ecdsa"),
        ("target", "h3", "rsa"),
        ("@cert-authority certified", "h4", "ed25519"),
    ] {
        let path = world.key(name, kind, if kind == "rsa" { "2048" } else { "256" });
        let line = fs::read_to_string(path.with_extension("pub")).unwrap();
        lines.push_str(&format!("{host} {line}"));
    }
    fs::write(world.path("known_hosts"), lines).unwrap();
}

pub(crate) fn the_rest_of_ssh_add() {
    let world = World::new();
    let key = world.key("user", "rsa", "2048");
    let key = key.to_str().unwrap();
    world.ssh_add(&[key]);
    world.ssh_add(&["-l"]);
    world.ssh_add(&["-L"]);
    world.ssh_add(&["-T", &format!("{key}.pub")]);
    world.ssh_add(&["-x"]);
    world.ssh_add(&["-X"]);
    world.ssh_add(&["-d", key]);
    world.ssh_add(&["-D"]);
    let recorded = world.recorded();
    let said: Vec<u8> = replay::requests(&recorded).iter().map(|body| body[0]).collect();
    for number in [17, 11, 13, 22, 23, 18, 19, 9] {
        assert!(said.contains(&number), "{number} is not among {said:?}");
    }
    assert_eq!(replay::all_is_read_and_written_again(&recorded), said.len());
}

pub(crate) fn a_signed_file() {
    let world = World::new();
    let key = world.key("user", "ed25519", "256");
    world.ssh_add(&[&key]);
    fs::write(world.path("file"), "content").unwrap();
    let public = key.with_extension("pub");
    let mut sign = world.command("ssh-keygen");
    finish(sign.args(["-Y", "sign", "-n", "file", "-f"]).arg(public).arg(world.path("file")));
    let recorded = world.recorded();
    let requests = replay::requests(&recorded);
    let [Request::Sign(sign)] = replay::with_number(&requests, number::SIGN_REQUEST)[..] else {
        panic!()
    };
    let Purpose::Sshsig(sshsig) = Purpose::classify(sign.data) else { panic!() };
    assert_eq!((sshsig.namespace, sshsig.hash), (&b"file"[..], &b"sha512"[..]));
    replay::all_is_read_and_written_again(&recorded);
}
