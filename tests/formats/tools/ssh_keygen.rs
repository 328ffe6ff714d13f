//! OpenSSH's `ssh-keygen`.

use std::path::Path;
use std::process::Command;

use super::{key_of, run};
use crate::key::{Algorithm, Form, Subject};

/// Its PEM and PKCS#8 have no Ed25519 before OpenSSH 10.3, and no release packaged here has ML-DSA.
fn knows(subject: Subject) -> bool {
    match subject.form {
        Form::OpenSsh => subject.algorithm != Algorithm::MlDsa44Ed25519,
        Form::Pem | Form::Pkcs8 => subject.algorithm != Algorithm::Ed25519,
        Form::Ppk3 | Form::Ppk2 | Form::SshCom => false,
    }
}

pub(crate) fn make(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let (kind, bits) = subject.algorithm.type_and_bits();
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", subject.passphrase(), "-C", "made by ssh-keygen"]);
    command.args(bits.map(|bits| ["-b", bits]).into_iter().flatten());
    match subject.form {
        Form::Pem => _ = command.args(["-m", "PEM"]),
        Form::Pkcs8 => _ = command.args(["-m", "PKCS8"]),
        _ => {}
    }
    run(command.arg("-f").arg(path))?;
    read(subject, path)
}

pub(crate) fn read(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let mut command = Command::new("ssh-keygen");
    let line = run(command.args(["-y", "-P", subject.passphrase(), "-f"]).arg(path))?;
    key_of(&line)
}
