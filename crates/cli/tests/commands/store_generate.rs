//! `keyfob generate NAME --save`: a key whose private half never is a file.

use std::fs;

use crate::support::{fingerprint, in_store, keyfob, keyfob_unlocking, make_store, world};

#[test]
fn a_key_is_made_in_the_store_and_nowhere_else() {
    let world = world();
    make_store(&world);
    for (kind, name) in [("ed25519", "new"), ("ecdsa", "curve"), ("rsa", "long")] {
        let made = keyfob_unlocking(&world, "generate")
            .args([name, "--save", "-t", kind, "-C", "me at work"])
            .output();
        made.exits(0).reports_among_else("it never was a file").reports_among_else("+----[SHA256]");
        let public = in_store(&world, &format!("keys/{name}.pub"));
        assert_eq!(made.stdout(), fs::read_to_string(&public).unwrap());
        made.reports_among_else(&fingerprint(&world, &public));
        made.reports_among_else(&public.display().to_string());
    }
    assert_eq!(fs::read_dir(world.path(".ssh")).unwrap().count(), 0);
    let out = ["--no-passphrase", "-o", "out", "long"];
    keyfob_unlocking(&world, "export").args(out).output().exits(0);
    let judged = fingerprint(&world, &world.path("out"));
    assert_eq!(judged, fingerprint(&world, &in_store(&world, "keys/long.pub")));
    let taken = keyfob_unlocking(&world, "generate").args(["NEW", "--save"]).output();
    taken.exits(1).reports_among_else("there is a key named NEW in the key store already");
}

#[test]
fn rules_and_json_go_along_and_a_file_does_not() {
    let world = world();
    make_store(&world);
    let flags = ["id", "--save", "--json", "--confirm", "--lifetime", "1h", "--for", "github"];
    let made = keyfob_unlocking(&world, "generate").args(flags).output();
    made.exits(0).prints_among_else("\"name\": \"id\"").reports("");
    let listed = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]).output();
    listed.prints_among_else("1h").prints_among_else("confirm");
    for flags in [["--no-passphrase"], ["--add"], ["--rfc4716"]] {
        keyfob(&world).args(["generate", "x", "--save"]).args(flags).output().exits(1);
    }
    keyfob(&world).args(["generate", "--save"]).output().exits(1);
    let quiet = keyfob_unlocking(&world, "generate").args(["q", "--save", "-q"]).output();
    quiet.exits(0).prints("").reports("");
}
