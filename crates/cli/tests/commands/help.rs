//! What the program says of itself.

use crate::support::{keyfob, world};

#[test]
fn help_in_a_pipe_has_no_codes_for_a_terminal() {
    let world = world();
    for arguments in [&["--help"][..], &["add", "--help"], &["help", "list"]] {
        let help = keyfob(&world).args(arguments).output();
        help.exits(0);
        let text = help.stdout();
        assert!(text.contains("Usage: keyfob") && !text.contains('\x1b'), "{text:?}");
    }
}

#[test]
fn help_has_emphasis_for_who_asks_for_it() {
    let world = world();
    let help = keyfob(&world).arg("--help").env("CLICOLOR_FORCE", "1").output();
    assert!(help.exits(0).stdout().contains("\x1b["), "{help}");
}

#[test]
fn completions_offer_what_a_new_key_can_be() {
    let world = world();
    let made = keyfob(&world).args(["completions", "bash"]).output();
    for choices in ["list aws-ec2 azure ", "ed25519 rsa ecdsa mldsa44-ed25519", "aes256-ctr "] {
        made.exits(0).prints_among_else(choices);
    }
}
