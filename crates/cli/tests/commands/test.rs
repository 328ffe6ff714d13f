//! `keyfob test`: does the agent sign, and rightly?

use keyfob_testkit::KeyType;

use crate::support::{keyfob_with, openssh_world, world};

#[test]
fn each_type_signs_with_ours_and_with_openssh_s_agent() {
    for world in [world(), openssh_world()] {
        let agent = world.agent();
        for kind in KeyType::EACH {
            let key = world.key(kind, &format!("{kind:?}"));
            agent.add(&key);
            let tested = keyfob_with(&world, &agent).arg("test").arg(key.path()).output();
            tested
                .exits(0)
                .reports(&format!("{}: signs, and the signature is right\n", key.text()));
        }
    }
}

#[test]
fn one_key_that_is_missing_does_not_hide_the_others() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let tested = keyfob_with(&world, &agent).args(["test", "nothing", "1"]).output();
    tested.exits(1).reports_among_else("1: signs, and the signature is right");
}

#[test]
fn a_key_that_has_to_be_confirmed_and_is_not_fails() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    keyfob_with(&world, &agent).args(["add", "-c"]).arg(key.path()).output().exits(0);
    let tested = keyfob_with(&world, &agent).arg("test").arg("1").output();
    tested.exits(1).reports_among_else("agent refused operation");
}
