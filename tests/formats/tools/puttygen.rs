//! PuTTY's `puttygen`.

use std::path::Path;
use std::process::Command;

use super::{key_of, passphrase_file, run};
use crate::key::{Algorithm, Form, Subject};

/// It knows no PKCS#8 and no ML-DSA.
fn knows(subject: Subject) -> bool {
    subject.form != Form::Pkcs8 && subject.algorithm != Algorithm::MlDsa44Ed25519
}

pub(crate) fn make(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let (kind, bits) = subject.algorithm.type_and_bits();
    let mut command = Command::new("puttygen");
    command.args(["-q", "-t", kind, "-C", "made by puttygen"]);
    command.args(bits.map(|bits| ["-b", bits]).into_iter().flatten());
    command.args(match subject.form {
        Form::OpenSsh => ["-O", "private-openssh-new"],
        // For RSA, DSA and ECDSA the oldest of OpenSSH's forms.
        Form::Pem | Form::Pkcs8 => ["-O", "private-openssh"],
        Form::SshCom => ["-O", "private-sshcom"],
        Form::Ppk3 | Form::Ppk2 => ["-O", "private"],
    });
    if subject.form == Form::Ppk2 {
        command.args(["--ppk-param", "version=2"]);
    }
    command.arg("--new-passphrase").arg(passphrase_file(subject, path));
    run(command.arg("-o").arg(path))?;
    read(subject, path)
}

pub(crate) fn read(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let mut command = Command::new("puttygen");
    // `-O public-openssh` would be content with the public half of a PPK; another private form
    // is not.
    let other = match subject.form {
        Form::Ppk3 | Form::Ppk2 => "private-openssh-new",
        _ => "private",
    };
    command.args(["-O", other, "--old-passphrase"]);
    command.arg(passphrase_file(subject, path)).args(["--new-passphrase", "/dev/null"]);
    let copy = path.with_extension("other");
    run(command.arg("-o").arg(&copy).arg(path))?;
    key_of(&run(Command::new("puttygen").args(["-O", "public-openssh"]).arg(copy))?)
}
