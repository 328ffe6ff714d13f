//! `ssh-add -d`: keys to forget, named by public key files, by lines on
//! standard input, or not at all.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use keyfob_keys::PublicKey;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::user;

use crate::commands::add::{Halves, usual_files};
use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::Voice;
use crate::voice::adding::{Adding, Gathering};
use crate::voice::removing::Removing;
use crate::{files, public_file};

/// The command under way.
pub(super) struct Remover<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) voice: Voice,
    pub(super) halves: Halves,
    pub(super) quiet: bool,
}

impl Remover<'_> {
    /// Each file, whatever comes of one.
    pub(super) fn remove_all(&mut self, paths: &[OsString]) -> Exit {
        let usual = if paths.is_empty() { self.usual() } else { Vec::new() };
        if paths.is_empty() && usual.is_empty() {
            return Exit::Failure;
        }
        let all = paths.iter().chain(&usual);
        let mut exit = Exit::Success;
        for path in all {
            let result = if path == "-" { self.remove_lines() } else { self.remove_file(path) };
            exit = exit.and(result);
            if exit == Exit::Fatal {
                break;
            }
        }
        exit
    }

    fn usual(&self) -> Vec<OsString> {
        match user::home_directory() {
            Some(home) => usual_files(&home).into_iter().map(Into::into).collect(),
            None => {
                self.voice.gathering(&Gathering::NoHome);
                Vec::new()
            }
        }
    }

    /// The key of a file, and the certificate beside it.
    fn remove_file(&mut self, path: &OsStr) -> Exit {
        let Ok((key, comment)) = public_file::load(Path::new(path)) else {
            self.voice.removing(path.as_bytes(), &Removing::BadFile);
            return Exit::Failure;
        };
        let mut any = self.wants(&key) && self.remove(path.as_bytes(), &key, comment.as_deref());
        if self.halves.certificates {
            match self.remove_certificate(path, &key) {
                Ok(removed) => any |= removed,
                Err(fatal) => return fatal,
            }
        }
        if any { Exit::Success } else { Exit::Failure }
    }

    fn remove_certificate(&mut self, path: &OsStr, key: &PublicKey) -> Result<bool, Exit> {
        let beside = files::beside(Path::new(path), "-cert.pub");
        let name = beside.as_os_str().as_bytes();
        let Ok((certificate, comment)) = public_file::load(&beside) else {
            return Ok(false);
        };
        if certificate.plain() != key.plain() {
            self.voice.removing(name, &Removing::Mismatch { key: path.as_bytes() });
            return Err(Exit::Fatal);
        }
        Ok(self.remove(name, &certificate, comment.as_deref()))
    }

    /// Public keys on standard input, one a line.
    fn remove_lines(&mut self) -> Exit {
        const NAME: &[u8] = b"(stdin)";
        let text = match files::read_stdin() {
            Ok(text) => text,
            Err(error) => {
                self.voice.adding(Path::new("(stdin)"), &Adding::Unread(&error));
                return Exit::Failure;
            }
        };
        let mut any = false;
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii_start();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            match PublicKey::from_line(line) {
                Ok((key, comment)) => {
                    any |= self.wants(&key) && self.remove(NAME, &key, Some(&comment));
                }
                Err(_) => self.voice.removing(NAME, &Removing::BadLine { number: index + 1 }),
            }
        }
        if any { Exit::Success } else { Exit::Failure }
    }

    fn wants(&self, key: &PublicKey) -> bool {
        let Halves { keys, certificates } = self.halves;
        if key.certificate().is_some() { certificates } else { keys }
    }

    fn remove(&mut self, name: &[u8], key: &PublicKey, comment: Option<&[u8]>) -> bool {
        match self.connection.remove(key.blob()) {
            Ok(()) if self.quiet => true,
            Ok(()) => {
                self.voice.removing(name, &Removing::Removed { key, comment });
                true
            }
            Err(error) => {
                self.voice.removing(name, &Removing::Refused(&error));
                false
            }
        }
    }
}
