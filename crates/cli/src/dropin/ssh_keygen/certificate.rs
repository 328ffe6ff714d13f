//! `ssh-keygen -L`: what the certificates in a file say.

use std::path::Path;

use keyfob_keys::wire::Reader;
use keyfob_keys::{Certificate, CertificateKind, Error, HashKind, PublicKey};
use keyfob_sys::local_time;
use keyfob_sys::os_text::OsStrExt as _;
use zeroize::Zeroizing;

use super::flags::Given;
use super::private::must_exist;
use super::show::STDIN;
use super::{line, questions};
use crate::exit::Exit;
use crate::voice::raw_data;
use crate::{files, output, text};

/// Those whose presence is all they say.
const PERMITS: [&[u8]; 6] = [
    b"permit-X11-forwarding",
    b"permit-agent-forwarding",
    b"permit-port-forwarding",
    b"permit-pty",
    b"permit-user-rc",
    b"no-touch-required",
];

/// Shows them; lines that hold none are told of.
pub(super) fn show(given: &Given) -> Result<(), Exit> {
    let path = questions::file(given)?;
    let stdin = path.as_os_str() == "-";
    let bytes = if stdin { files::read_stdin().unwrap_or_default() } else { read(&path)? };
    let name = if stdin { Path::new(STDIN) } else { path.as_path() };
    let name = name.as_os_str().as_bytes();
    let mut shown = false;
    for (number, text) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let text = line::trim_start(text);
        if line::is_remark(text) {
            continue;
        }
        match certificate(text) {
            Err(why) => output::log_line(text![raw_data(name), format!(":{number}{why}")]),
            Ok(key) => {
                let place =
                    if !stdin && number == 1 { ":\n".into() } else { format!(":{number}:\n") };
                output::data(&text![raw_data(name), place, describe(&key, given.hash)]);
                shown = true;
            }
        }
    }
    if shown { Ok(()) } else { Err(Exit::Failure) }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Exit> {
    must_exist(path, true)?;
    let read = || files::open(path).map_err(files::Error::Io)?.read();
    // A folder has no lines.
    Ok(read().unwrap_or_default())
}

fn certificate(text: &[u8]) -> Result<PublicKey, &'static str> {
    match line::key_at(text) {
        Ok((key, _)) if key.certificate().is_some() => Ok(key),
        Ok(_) => Err(" is not a certificate"),
        Err(Error::Truncated) => Err(": invalid key: incomplete message"),
        Err(_) => Err(": invalid key: invalid format"),
    }
}

fn describe(key: &PublicKey, hash: HashKind) -> Vec<u8> {
    let Some(certificate) = key.certificate() else {
        return Vec::new();
    };
    let kind = match certificate.kind {
        CertificateKind::User => "user",
        CertificateKind::Host => "host",
    };
    let authority = &certificate.authority;
    let mut told = text![
        format!("        Type: {} {kind} certificate\n", key.type_name()),
        format!("        Public key: {} {}\n", key.short_name(), key.fingerprint(hash)),
        format!("        Signing CA: {} {}", authority.short_name(), authority.fingerprint(hash)),
        " (using ",
        raw_data(certificate.signature_algorithm().unwrap_or_default().as_bytes()),
        ")\n        Key ID: \"",
        raw_data(&certificate.key_id),
        format!("\"\n        Serial: {}\n", certificate.serial),
        format!("        Valid: {}\n", validity(certificate)),
        "        Principals: "
    ];
    let principals = certificate.principals.iter().map(|name| raw_data(name).into_owned());
    told.extend(list(principals));
    told.extend_from_slice(b"        Critical Options: ");
    told.extend(list(certificate.critical_options.iter().map(|option| told_of(option, true))));
    told.extend_from_slice(b"        Extensions: ");
    told.extend(list(certificate.extensions.iter().map(|option| told_of(option, false))));
    told
}

/// Each in a line of its own.
fn list(items: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let lines = items.fold(Vec::new(), |lines, item| text![lines, "\n                ", item]);
    if lines.is_empty() { b"(none)\n".to_vec() } else { text![lines, "\n"] }
}

fn told_of((name, value): &(Vec<u8>, Vec<u8>), critical: bool) -> Vec<u8> {
    let told = raw_data(name);
    if critical && matches!(name.as_slice(), b"force-command" | b"source-address") {
        let mut reader = Reader::new(value);
        if let (Ok(argument), true) = (reader.string(), reader.is_empty()) {
            return text![told, " ", raw_data(argument)];
        }
    }
    let flag =
        if critical { name == b"verify-required" } else { PERMITS.contains(&name.as_slice()) };
    match (value.as_slice(), flag) {
        (b"", true) => told.into_owned(),
        (b"", false) => text![told, " UNKNOWN FLAG OPTION"],
        (value, _) => {
            let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            text![told, format!(" UNKNOWN OPTION: {hex} (len {})", value.len())]
        }
    }
}

/// In the time of this place, as the original tells it.
fn validity(certificate: &Certificate) -> String {
    let (from, to) = (certificate.valid_after, certificate.valid_before);
    match (from, to) {
        (0, u64::MAX) => "forever".to_owned(),
        (0, to) => format!("before {}", moment(to)),
        (from, u64::MAX) => format!("after {}", moment(from)),
        (from, to) => format!("from {} to {}", moment(from), moment(to)),
    }
}

/// A time too far away for a calendar is told as it stands in the certificate.
fn moment(seconds: u64) -> String {
    match local_time::at(seconds) {
        Some(time) => time.to_string(),
        None => format!("{seconds:#x}"),
    }
}
