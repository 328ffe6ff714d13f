//! `ssh-keygen`'s flags: what is refused, with which text and exit code, and which mode wins.

use keyfob_testkit::{Case, KeyType, Output, World, case, ours};

use crate::keygen_words::listed;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_unknown_flag_is_a_usage_error),
        case!(a_flag_without_its_value_is_a_usage_error),
        case!(a_word_too_many_is_a_usage_error),
        case!(both_changes_at_once_are_a_usage_error),
        case!(a_fingerprint_of_a_changed_known_hosts_file_is_a_usage_error),
        case!(numbers_that_are_none_are_fatal),
        case!(a_bad_hash_is_fatal),
        case!(a_bad_format_is_fatal),
        case!(a_bad_cipher_is_fatal),
        case!(a_type_that_is_none_is_fatal),
        case!(a_type_that_is_gone_is_fatal).since("10.0"),
        case!(sizes_that_are_none_are_fatal),
        case!(a_size_of_a_key_that_has_but_one_is_ignored),
        case!(the_first_fault_decides),
        case!(flags_cluster_and_values_may_be_glued_on),
        case!(flags_without_a_meaning_here_are_ignored),
        case!(a_signing_flag_without_files_is_a_usage_error),
        case!(of_several_modes_the_first_in_its_order_wins),
        ours!(modes_that_are_missing_say_so),
        ours!(a_key_on_a_token_is_refused_by_name),
    ]
}

/// A usage error: exit 1, nothing on stdout, the usage on stderr behind the reason.
#[track_caller]
fn is_usage_error(output: &Output, reason: &str) {
    output.exits(1).prints("");
    let stderr = output.stderr();
    assert!(stderr.starts_with(&format!("{reason}usage: ssh-keygen [-q] ")), "{output}");
}

/// Exit 255 and one line.
#[track_caller]
fn is_fatal(world: &World, flags: &[&str], text: &str) {
    let output = world.ssh_keygen().args(flags).output();
    output.exits(255).prints("").reports(&format!("{text}\n"));
}

fn an_unknown_flag_is_a_usage_error(world: &World) {
    for flag in ["x", "d", "G", "J", "S", "T", "W"] {
        let output = world.ssh_keygen().arg(format!("-{flag}")).output();
        is_usage_error(&output, &format!("unknown option -- {flag}\n"));
    }
    is_usage_error(&world.ssh_keygen().arg("--help").output(), "unknown option -- -\n");
}

fn a_flag_without_its_value_is_a_usage_error(world: &World) {
    for flag in "CDEFIMNOPRVYZabfmnrstwz".chars() {
        let output = world.ssh_keygen().arg(format!("-{flag}")).output();
        is_usage_error(&output, &format!("option requires an argument -- {flag}\n"));
    }
}

fn a_word_too_many_is_a_usage_error(world: &World) {
    for flags in [&["key"][..], &["-l", "key"], &["-y", "-f", "key", "other"]] {
        is_usage_error(&world.ssh_keygen().args(flags).output(), "Too many arguments.\n");
    }
}

fn both_changes_at_once_are_a_usage_error(world: &World) {
    let output = world.ssh_keygen().args(["-p", "-c"]).output();
    is_usage_error(&output, "Can only have one of -p and -c.\n");
}

fn a_fingerprint_of_a_changed_known_hosts_file_is_a_usage_error(world: &World) {
    for flags in [&["-l", "-H"][..], &["-l", "-R", "host"]] {
        let output = world.ssh_keygen().args(flags).output();
        is_usage_error(&output, "Cannot use -l with -H or -R.\n");
    }
}

fn numbers_that_are_none_are_fatal(world: &World) {
    for (value, why) in [("0", "too small"), ("-1", "too small"), ("x", "invalid"), ("", "invalid")]
    {
        is_fatal(world, &["-a", value], &format!("Invalid number: {value} ({why})"));
        is_fatal(world, &["-b", value], &format!("Bits has bad value {value} ({why})"));
    }
    is_fatal(world, &["-a", "2147483648"], "Invalid number: 2147483648 (too large)");
    is_fatal(world, &["-b", "4294967296"], "Bits has bad value 4294967296 (too large)");
    is_fatal(world, &["-b", "12x"], "Bits has bad value 12x (invalid)");
}

fn a_bad_hash_is_fatal(world: &World) {
    is_fatal(world, &["-E", "rot13"], "Invalid hash algorithm \"rot13\"");
}

fn a_bad_format_is_fatal(world: &World) {
    is_fatal(world, &["-m", "DER"], "Unsupported conversion format \"DER\"");
}

fn a_bad_cipher_is_fatal(world: &World) {
    is_fatal(world, &["-Z", "rot13"], "Invalid OpenSSH-format cipher 'rot13'");
    is_fatal(world, &["-Z", ""], "Invalid OpenSSH-format cipher ''");
}

fn a_type_that_is_none_is_fatal(world: &World) {
    for name in ["foo", "", "ed25519-cert", "rsa1"] {
        is_fatal(world, &["-t", name, "-f", "key"], &format!("unknown key type {name}"));
    }
}

fn a_type_that_is_gone_is_fatal(world: &World) {
    for name in ["dsa", "ssh-dss"] {
        is_fatal(world, &["-t", name, "-f", "key"], &format!("unknown key type {name}"));
    }
}

fn sizes_that_are_none_are_fatal(world: &World) {
    is_fatal(world, &["-trsa", "-b1023"], "Invalid RSA key length: minimum is 1024 bits");
    is_fatal(world, &["-trsa", "-b16385"], "Invalid RSA key length: maximum is 16384 bits");
    let text = "Invalid ECDSA key length: valid lengths are 256, 384 or 521 bits";
    is_fatal(world, &["-tecdsa", "-b512"], text);
}

fn a_size_of_a_key_that_has_but_one_is_ignored(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-b", "4096", "-N", "", "-f", "key"]);
    run.output().exits(0).prints("").reports("");
    world.ssh_keygen().args(["-lf", "key"]).output().exits(0).prints_among_else("256 SHA256:");
}

/// Flags are read from left to right, and the first bad one ends it.
fn the_first_fault_decides(world: &World) {
    world.ssh_keygen().args(["-m", "DER", "-x"]).output().exits(255);
    let output = world.ssh_keygen().args(["-x", "-m", "DER"]).output();
    is_usage_error(&output, "unknown option -- x\n");
    is_fatal(world, &["-a", "0", "-b", "x"], "Invalid number: 0 (too small)");
}

fn flags_cluster_and_values_may_be_glued_on(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    for flags in [&["-lf", "key"][..], &["-l", "-fkey"], &["-ql", "-f", "key", "--"]] {
        world.ssh_keygen().args(flags).output().exits(0).prints(&expected).reports("");
    }
}

fn flags_without_a_meaning_here_are_ignored(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    let flags = ["-o", "-g", "-h", "-u", "-U", "-w", "none", "-z", "+5", "-n", "a", "-I", "x"];
    let run =
        world.ssh_keygen().args(flags).args(["-O", "odd", "-N", "x", "-P", "y", "-lf", "key"]);
    run.output().exits(0).prints(&expected).reports("");
    is_fatal(world, &["-z", "abc"], "Invalid serial number \"abc\"");
    is_fatal(world, &["-z", "+"], "Invalid serial number \"\"");
    is_fatal(world, &["-M", "foo"], "Unsupported moduli option foo");
}

fn a_signing_flag_without_files_is_a_usage_error(world: &World) {
    is_usage_error(&world.ssh_keygen().args(["-s", "ca"]).output(), "Too few arguments.\n");
    let output = world.ssh_keygen().args(["-Y", "foo"]).output();
    is_usage_error(&output, "Unsupported operation for -Y: \"foo\"\n");
}

fn of_several_modes_the_first_in_its_order_wins(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let fingerprint = listed(&key, 256, "key@keyfob", "ED25519");
    let run = || world.ssh_keygen().args(["-f", "key"]);
    run().args(["-y", "-l"]).output().exits(0).prints(&fingerprint);
    run().args(["-p", "-l"]).output().exits(0).prints(&fingerprint);
    let public = run().args(["-e", "-y"]).output();
    public.exits(0).prints_among_else("---- BEGIN SSH2 PUBLIC KEY ----\n");
    let certificate = run().args(["-L", "-l"]).output();
    certificate.exits(1).prints("").reports_among_else("key:1: invalid key: invalid format\n");
}

fn modes_that_are_missing_say_so(world: &World) {
    world.key(KeyType::Ed25519, "key");
    world.write("known_hosts", "", 0o644);
    for (flags, what) in [
        (&["-s", "key", "-I", "id", "key.pub"][..], "sign certificates (-s)"),
        (&["-Y", "sign", "-f", "key", "-n", "file"], "make or check signatures of files (-Y)"),
        (&["-Y", "verify", "-f", "key", "-n", "file"], "make or check signatures of files (-Y)"),
        (&["-k", "-f", "krl"], "make revocation lists (-k)"),
        (&["-Q", "-f", "krl"], "query revocation lists (-Q)"),
        (&["-F", "host", "-f", "known_hosts"], "search known_hosts (-F)"),
        (&["-l", "-F", "host", "-f", "known_hosts"], "search known_hosts (-F)"),
        (&["-H", "-f", "known_hosts"], "hash known_hosts (-H)"),
        (&["-R", "host", "-f", "known_hosts"], "remove hosts from known_hosts (-R)"),
        (&["-r", "host", "-f", "key"], "make DNS records (-r)"),
        (&["-M", "generate", "file"], "make groups for Diffie-Hellman (-M)"),
        (&["-K"], "download keys from a token (-K)"),
        (&["-D", "lib.so"], "read keys from a token (-D)"),
    ] {
        let output = world.ssh_keygen().args(flags).output();
        output.exits(1).prints("").reports(&format!("keyfob's ssh-keygen does not {what} yet\n"));
        output.reports_among_else("hint: ");
    }
}

fn a_key_on_a_token_is_refused_by_name(world: &World) {
    for name in ["ed25519-sk", "ecdsa-sk", "sk-ssh-ed25519@openssh.com"] {
        let output = world.ssh_keygen().args(["-t", name, "-f", "key"]).output();
        output
            .exits(1)
            .prints("")
            .reports("keyfob's ssh-keygen does not make keys on a token yet\n");
        assert!(!world.path("key").exists());
    }
}
