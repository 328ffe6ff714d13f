//! What editors, mail, web forms and other systems do to the text around a key.
//!
//! Every variant of the table in the reference, on every format that is text: a person whose
//! data is right must not be told that the file is wrong.

use keyfob_keyfile::{inspect, read_public, read_public_all};

use crate::fixture::{self, Fixture};

type Change = fn(&str) -> Vec<u8>;

const VARIANTS: [(&str, Change); 17] = [
    ("CRLF", |text| text.replace('\n', "\r\n").into()),
    ("CR only", |text| text.replace('\n', "\r").into()),
    ("no final newline", |text| text.trim_end().into()),
    ("blank lines before", |text| format!("\n \n\t\n{text}").into()),
    ("text before", |text| format!("From: a friend\nyour key:\n\n{text}").into()),
    ("text after", |text| format!("{text}\nkept in the safe: yes\n").into()),
    ("trailing spaces", |text| text.replace('\n', " \t \n").into()),
    ("UTF-8 BOM", |text| format!("\u{feff}{text}").into()),
    ("indented", |text| indented(text, "    ")),
    ("indented by tabs", |text| indented(text, "\t")),
    ("UTF-16 LE with BOM", |text| utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
    ("UTF-16 BE with BOM", |text| utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
    ("UTF-16 LE", |text| utf16(text, u16::to_le_bytes)),
    ("UTF-16 BE", |text| utf16(text, u16::to_be_bytes)),
    ("UTF-16 of Windows, text before", |text| {
        let text = format!("\u{feff}Schlüssel\n{text}").replace('\n', "\r\n");
        utf16(&text, u16::to_le_bytes)
    }),
    ("one after another, each with its BOM", |text| {
        format!("\u{feff}first\n\u{feff}{text}").into()
    }),
    ("CRLF, indented, BOM, no final newline", |text| {
        let text = String::from_utf8(indented(text, "  ")).unwrap();
        format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n")).into()
    }),
];

fn indented(text: &str, blanks: &str) -> Vec<u8> {
    text.lines().map(|line| format!("{blanks}{line}\n")).collect::<String>().into()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The text, where it is one: a comment in Latin-1 has no UTF-16 form.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// All text files of a format, but those whose passphrase takes its time each try, and those
/// that are such variants already.
fn private_files() -> impl Iterator<Item = Fixture> {
    fixture::all().into_iter().filter(|fixture| {
        let slow = ["-openssh-encrypted", "-openssh-new-encrypted", "4096", "iterations", "/text-"];
        fixture.outcome == "key"
            && !fixture.is_der()
            && text(&fixture.bytes).is_some()
            && !slow.iter().any(|part| fixture.path.contains(part))
    })
}

#[test]
fn every_private_key_is_read_out_of_every_text() {
    let mut wrong = Vec::new();
    let mut formats = std::collections::HashSet::new();
    for fixture in private_files() {
        formats.insert(inspect(&fixture.bytes).unwrap().format);
        for (name, change) in VARIANTS {
            let changed = change(text(&fixture.bytes).unwrap());
            match fixture.read_instead(&changed) {
                Ok(file) if *file.key.public() != fixture.public() => {
                    wrong.push(format!("{}, {name}: another key", fixture.path));
                }
                Ok(file) if file.comment != fixture.comment => {
                    let comment = file.comment.escape_ascii();
                    wrong.push(format!("{}, {name}: comment {comment}", fixture.path));
                }
                Ok(_) => assert!(inspect(&changed).is_ok()),
                Err(error) => wrong.push(format!("{}, {name}: {error}", fixture.path)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(formats.len() >= 6, "{formats:?}");
}

#[test]
fn every_public_key_is_read_out_of_every_text() {
    let mut seen = 0;
    for entry in std::fs::read_dir(fixture::folder().join("public")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let one_key = !["several.pub", "authorized_keys", "known_hosts", "blocks", "unsupported"]
            .iter()
            .any(|part| name.starts_with(part));
        let Some(text) = text(&bytes).filter(|_| one_key && !name.contains("-der-")) else {
            continue;
        };
        let wanted = read_public(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (variant, change) in VARIANTS {
            let changed = change(text);
            let read = read_public(&changed);
            let read = read.unwrap_or_else(|error| panic!("{name}, {variant}: {error}"));
            assert_eq!(read, wanted, "{name}, {variant}");
            let all = read_public_all(&changed).unwrap();
            let keys: Vec<_> = all.iter().filter_map(|entry| entry.key.as_ref().ok()).collect();
            assert_eq!(keys, [&wanted.0], "{name}, {variant}");
        }
        seen += 1;
    }
    assert!(seen > 25, "only {seen} files");
}

/// Where a byte of text has no Unicode form, it stays the byte it is.
#[test]
fn a_comment_of_another_coding_keeps_its_bytes() {
    for name in ["openssh-comment-latin1", "sshcom-comment"] {
        let fixture = fixture::named(&format!("accepted/{name}"));
        let crlf: Vec<u8> = fixture
            .bytes
            .iter()
            .flat_map(|&byte| match byte {
                b'\n' => vec![b'\r', b'\n'],
                other => vec![other],
            })
            .collect();
        assert_eq!(fixture.read_instead(&crlf).ok().unwrap().comment, fixture.comment);
    }
    let bytes = std::fs::read(fixture::folder().join("public/rfc4716-latin1")).unwrap();
    assert_eq!(read_public(&bytes).unwrap().1, b"caf\xe9");
}
