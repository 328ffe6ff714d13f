//! OpenSSL's command line. It knows no SSH forms; its public keys are turned into SSH's by
//! `ssh-keygen`, which is no less independent of keyfob.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64ct::{Base64, Encoding as _};

use super::{key_of, run};
use crate::key::{Algorithm, Form, Subject};

fn knows(subject: Subject) -> bool {
    matches!(subject.form, Form::Pem | Form::Pkcs8)
}

fn openssl(arguments: &[&str]) -> Result<String, String> {
    run(Command::new("openssl").args(arguments))
}

pub(crate) fn make(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let plain = path.with_extension("plain");
    let (plain, path_text) = (text(&plain)?, text(path)?);
    generate(subject.algorithm, plain)?;
    let password = format!("pass:{}", subject.passphrase());
    let mut convert = vec!["pkey", "-in", plain, "-out", path_text];
    if subject.form == Form::Pem {
        convert.push("-traditional");
    }
    if subject.encrypted {
        convert.extend(["-aes-256-cbc", "-passout", &password]);
    }
    openssl(&convert)?;
    read(subject, path)
}

fn generate(algorithm: Algorithm, plain: &str) -> Result<(), String> {
    let curve = |name| ["EC", "-pkeyopt", name].to_vec();
    let kind = match algorithm {
        Algorithm::Ed25519 => vec!["ED25519"],
        Algorithm::EcdsaP256 => curve("ec_paramgen_curve:P-256"),
        Algorithm::EcdsaP384 => curve("ec_paramgen_curve:P-384"),
        Algorithm::EcdsaP521 => curve("ec_paramgen_curve:P-521"),
        Algorithm::Rsa2048 => vec!["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        Algorithm::Dsa | Algorithm::MlDsa44Ed25519 => return generate_dsa(plain),
    };
    openssl(&[&["genpkey", "-quiet", "-out", plain, "-algorithm"][..], &kind].concat()).map(drop)
}

/// DSA keys need parameters first; SSH wants a q of 160 bits.
fn generate_dsa(plain: &str) -> Result<(), String> {
    let parameters = format!("{plain}.parameters");
    let sizes = ["-pkeyopt", "dsa_paramgen_bits:1024", "-pkeyopt", "dsa_paramgen_q_bits:160"];
    let begin = ["genpkey", "-quiet", "-genparam", "-algorithm", "DSA", "-out", &parameters];
    openssl(&[&begin[..], &sizes].concat())?;
    openssl(&["genpkey", "-quiet", "-paramfile", &parameters, "-out", plain]).map(drop)
}

pub(crate) fn read(subject: Subject, path: &Path) -> Result<Option<String>, String> {
    if !knows(subject) {
        return Ok(None);
    }
    let public = path.with_extension("spki");
    let password = format!("pass:{}", subject.passphrase());
    let (path, public) = (text(path)?, text(&public)?);
    let mut command = vec!["pkey", "-in", path, "-pubout", "-out", public];
    // Refuses halves that do not belong together; says so in front of the key.
    if subject.algorithm != Algorithm::Dsa {
        command.push("-check");
    }
    if subject.encrypted {
        command.extend(["-passin", &password]);
    }
    openssl(&command)?;
    if subject.algorithm == Algorithm::Ed25519 {
        return ed25519(public).map(Some);
    }
    key_of(&run(Command::new("ssh-keygen").args(["-i", "-m", "PKCS8", "-f", public]))?)
}

/// `ssh-keygen` does not import Ed25519 keys; the last 32 bytes of the document are the key.
fn ed25519(public: &str) -> Result<String, String> {
    let pem = fs::read_to_string(public).map_err(|error| error.to_string())?;
    let base64: String = pem.lines().filter(|line| !line.contains(['-', ' '])).collect();
    let der = Base64::decode_vec(&base64).map_err(|error| error.to_string())?;
    let key = der.last_chunk::<32>().ok_or("too short")?;
    let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], key].concat();
    Ok(format!("ssh-ed25519 {}", Base64::encode_string(&blob)))
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| "the folder's name is not UTF-8".to_owned())
}
