//! `keyfob` itself, through the commands a person uses.

use std::path::Path;
use std::process::Command;

use keyfob_testkit::keyfob_binary;

use crate::key::{Algorithm, Subject};
use crate::tools::{key_of, passphrase_file, run};

/// `keyfob generate`. DSA keys are read and converted, never made.
pub(crate) fn make(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    let Some(form) = subject.form.of_keyfob().filter(|_| subject.algorithm != Algorithm::Dsa)
    else {
        return Ok(None);
    };
    let (kind, bits) = subject.algorithm.type_and_bits();
    let mut command = keyfob()?;
    command.args(["generate", "-q", "-t", kind, "--format", form, "-C", "made by keyfob"]);
    command.args(bits.map(|bits| ["-b", bits]).into_iter().flatten());
    if subject.encrypted {
        command.arg("--passphrase-file").arg(passphrase_file(subject, path));
    } else {
        command.arg("--no-passphrase");
    }
    run(command.arg("-f").arg(path))?;
    let line = std::fs::read_to_string(path.with_extension("pub"));
    key_of(&line.map_err(|error| error.to_string())?)
}

/// `keyfob convert`, which needs the private half, into a file whose public half is then shown.
pub(crate) fn read(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    let copy = path.with_extension("copy");
    let mut command = keyfob()?;
    command.arg("convert").arg(path).args(["--to", "openssh", "--no-passphrase", "-o"]).arg(&copy);
    if subject.encrypted {
        command.arg("--passphrase-file").arg(passphrase_file(subject, path));
    }
    run(&mut command)?;
    key_of(&run(keyfob()?.arg("public").arg(copy))?)
}

fn keyfob() -> Result<Command, String> {
    let mut command = Command::new(keyfob_binary()?);
    command.env_remove("SSH_AUTH_SOCK");
    Ok(command)
}
