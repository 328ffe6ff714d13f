//! Agreement with OpenSSH's own ssh-keygen: keys, fingerprints, signatures both ways.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use base64ct::{Base64, Encoding};
use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{PrivateKey, PublicKey, SignatureScheme, Signer};
use sha2::{Digest, Sha512};
use workbench::{Bench, decode, encoded, has_ssh_keygen, write_private};

/// What ssh-keygen -t and -b make, and the name ssh-keygen -l gives it.
const KINDS: [(&str, &str, &str); 6] = [
    ("ed25519", "", "ED25519"),
    ("ecdsa", "256", "ECDSA"),
    ("ecdsa", "384", "ECDSA"),
    ("ecdsa", "521", "ECDSA"),
    ("rsa", "2048", "RSA"),
    ("rsa", "1024", "RSA"),
];

fn each(check: impl Fn(&Bench, &str, &PrivateKey, &PublicKey)) {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    for (kind, bits, short) in KINDS {
        let name = format!("{kind}{bits}");
        let (private, public) = bench.keygen(&name, kind, bits);
        assert_eq!(public.short_name(), short);
        check(&bench, &name, &private, &public);
    }
}

#[test]
fn fingerprints_and_bits_are_those_of_ssh_keygen() {
    each(|bench, name, _, public| {
        for (option, kind) in workbench::HASHES {
            let printed = bench.ok("ssh-keygen", &["-l", "-E", option, "-f", name]);
            let ours = format!(
                "{} {} a comment ({})\n",
                public.bits(),
                public.fingerprint(kind),
                public.short_name()
            );
            assert_eq!(ours, printed);
        }
    });
}

#[test]
fn a_public_key_line_is_read_and_written_as_ssh_keygen_does() {
    each(|bench, name, private, public| {
        let line = bench.read(&format!("{name}.pub"));
        assert_eq!(public, private.public());
        assert_eq!(public.to_line(b"a comment"), line.trim_end().as_bytes());
    });
}

#[test]
fn a_private_key_is_written_back_to_the_byte_and_read_by_ssh_keygen() {
    each(|bench, name, private, public| {
        let blob = decode(&bench.read(name));
        let section = workbench::private_section(&blob);
        let written = encoded(private);
        assert_eq!(section[8..8 + written.len()], written);

        bench.write("written", write_private(private, "a comment"));
        let printed = bench.ok("ssh-keygen", &["-y", "-f", "written"]);
        assert_eq!(public.to_line(b"a comment"), printed.trim_end().as_bytes());
    });
}

/// The part of SSHSIG that is signed (PROTOCOL.sshsig).
fn signed_part(message: &[u8]) -> Vec<u8> {
    let mut signed = b"SSHSIG".to_vec();
    signed.put_string(b"test");
    signed.put_string(b"");
    signed.put_string(b"sha512");
    signed.put_string(&Sha512::digest(message));
    signed
}

#[test]
fn ssh_keygen_verifies_our_signatures() {
    each(|bench, name, private, public| {
        bench.write("allowed", [b"me ", public.to_line(b"").as_slice()].concat());
        let signer = Signer::prepare(private).unwrap();
        let mut schemes = vec![SignatureScheme::Default];
        if name.starts_with("rsa") {
            schemes.extend([SignatureScheme::RsaSha256, SignatureScheme::RsaSha512]);
        }
        // Several, because one ECDSA signature of some hundred has a short r or s.
        for (round, scheme) in schemes.iter().cycle().take(6).enumerate() {
            let message = format!("message {round}");
            let mut blob = b"SSHSIG".to_vec();
            blob.put_u32(1);
            blob.put_string(public.blob());
            blob.put_string(b"test");
            blob.put_string(b"");
            blob.put_string(b"sha512");
            blob.put_string(&signer.sign(&signed_part(message.as_bytes()), *scheme).unwrap());
            let armour = "SSH SIGNATURE";
            let base64 = Base64::encode_string(&blob);
            let lines = base64.as_bytes().chunks(70).map(|line| str::from_utf8(line).unwrap());
            let body: Vec<_> = lines.collect();
            let file =
                format!("-----BEGIN {armour}-----\n{}\n-----END {armour}-----\n", body.join("\n"));
            bench.write("message.sig", file);
            bench.write("message", &message);
            let verify = "ssh-keygen -Y verify -f allowed -I me -n test -s message.sig <message";
            let printed = bench.ok("sh", &["-c", verify]);
            assert!(printed.starts_with("Good \"test\" signature for me"), "{printed}");
        }
    });
}

#[test]
fn we_verify_the_signatures_of_ssh_keygen() {
    each(|bench, name, _, public| {
        bench.write("message", "the message");
        let _ = std::fs::remove_file(bench.path("message.sig"));
        bench.ok("ssh-keygen", &["-q", "-Y", "sign", "-f", name, "-n", "test", "message"]);
        let blob = decode(&bench.read("message.sig"));
        let mut reader = Reader::new(blob.strip_prefix(b"SSHSIG").unwrap());
        assert_eq!(reader.u32().unwrap(), 1);
        assert_eq!(reader.string().unwrap(), public.blob());
        for expected in ["test", "", "sha512"] {
            assert_eq!(reader.string().unwrap(), expected.as_bytes());
        }
        let signature = reader.string().unwrap();
        public.verify(&signed_part(b"the message"), signature).unwrap();
        assert!(public.verify(&signed_part(b"the Message"), signature).is_err());
    });
}
