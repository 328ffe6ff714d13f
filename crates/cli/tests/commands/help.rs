//! What the program says of itself.

use crate::support::{hints, keyfob, world};

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

#[test]
fn help_alone_lists_topics_that_can_be_read() {
    let world = world();
    let help = keyfob(&world).arg("help").output();
    let list = help.exits(0).stdout();
    let topics: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    assert!(topics.len() >= 4 && topics.contains(&"from-ssh-agent"), "{list}");
    for topic in topics {
        let help = keyfob(&world).args(["help", topic]).output();
        let text = help.exits(0).stdout();
        assert!(text.contains("UNDO THE OLD SET-UP") && !text.contains('\x1b'), "{text:?}");
        let other = keyfob(&world).args(["help", topic]).env("CLICOLOR_FORCE", "1").output();
        assert!(other.exits(0).stdout().contains("\x1b["), "{other}");
    }
    let putty = keyfob(&world).args(["help", "from-putty"]).output();
    putty.exits(0).prints_among_else("Pageant");
}

#[test]
fn help_on_what_a_command_is_to_do_is_that_of_the_command() {
    let world = world();
    for words in
        [["help", "recovery", "new"], ["help", "log", "verify"], ["help", "hosts", "forget"]]
    {
        let help = keyfob(&world).args(words).output();
        help.exits(0).prints_among_else(&format!("Usage: keyfob {}", words[1]));
    }
    let help = keyfob(&world).args(["help", "recovery"]).output();
    help.exits(0).prints_among_else("passphrase --store --recovery-code");
    keyfob(&world).args(["help", "log", "nothing"]).output().exits(1);
}

#[test]
fn a_slip_in_a_name_brings_the_right_one() {
    let world = world();
    for (written, meant) in
        [("generat", "generate"), ("FROM-SSH-AGENT", "from-ssh-agent"), ("pageant", "from-pageant")]
    {
        let help = keyfob(&world).args(["help", written]).output();
        hints(help.exits(1), &format!("keyfob help {meant} "));
    }
    let profile =
        keyfob(&world).args(["generate", "key", "--for", "vkcloud", "--no-passphrase"]).output();
    hints(profile.exits(1), "--for vk-cloud ");
}

#[test]
fn help_finds_commands_below_commands() {
    let world = world();
    let help = keyfob(&world).args(["help", "config", "check"]).output();
    help.exits(0).prints_among_else("Usage: keyfob config check");
    // The same as with the flag.
    let flag = keyfob(&world).args(["copy-id", "--help"]).output();
    let word = keyfob(&world).args(["help", "copy-id"]).output();
    assert_eq!(flag.exits(0).stdout(), word.exits(0).stdout());
}

#[test]
fn help_on_nothing_says_where_to_look() {
    let world = world();
    let help = keyfob(&world).args(["help", "from-nowhere"]).output();
    hints(help.exits(1), "keyfob help lists the topics");
    for words in [["config", "from-ssh-agent"], ["from-keychain", "x"]] {
        let help = keyfob(&world).arg("help").args(words).output();
        hints(help.exits(1), "keyfob help from-");
    }
}
