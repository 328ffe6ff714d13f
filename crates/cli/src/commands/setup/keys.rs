//! The keys that were found come into the store, or it learns where they are; where there is none,
//! one is made.

use std::path::PathBuf;

use keyfob_keyfile::PrivateForm;
use keyfob_keys::generate::Kind;
use keyfob_keys::{HashKind, PublicKey};
use keyfob_keystore::Name;

use super::report::{KeyReport, Origin, Part};
use super::{Taking, Walk};
use crate::commands::add::keeping::{How, Keep};
use crate::commands::add::{Add, Halves};
use crate::commands::generate::storing::{GenerateStored, Stored};
use crate::commands::generate::{Generate, HandOver, NewPassphrase, Place, kind, place};
use crate::commands::import::{Candidate, Intake, Row};
use crate::commands::install::State;
use crate::exit::Exit;
use crate::output;
use crate::passphrases::Source;
use crate::public_file;
use crate::voice::{Voice, setting_up as words};

/// What is made where there is no key.
const KIND: Kind = Kind::Ed25519;

impl Walk<'_> {
    /// The step.
    pub(super) fn take_keys(&mut self) {
        output::heading(words::INTO_STORE);
        self.tell_of_stored();
        let new: Vec<Candidate> = self.ground.new_keys().map(|key| key.candidate.clone()).collect();
        self.report.keys.part = match new.len() {
            _ if self.ground.has_none() => self.make_key(),
            0 if self.ground.stored.is_empty() => self.left(words::ON_TOKENS),
            0 => {
                words::all_stored();
                Part::new(State::Already)
            }
            _ if !self.may_use_store() => self.left(match self.opening.is_there() {
                true => words::NOT_WANTED,
                false => words::NO_STORE,
            }),
            _ if self.is_dry() => self.would_take(),
            count => match self.choose_taking(count) {
                Taking::Import => self.import(&new),
                Taking::Link => self.link(new),
                Taking::Leave => self.left(words::NOT_WANTED),
            },
        };
    }

    fn tell_of_stored(&mut self) {
        for item in &self.ground.stored {
            let mut report = KeyReport::new(State::Already, Origin::Stored);
            if let Some(key) = &item.public {
                report = report.with_key(key, &item.comment);
                report.public_file = self.opening.public_file(&item.name);
            }
            report.name = Some(item.name.to_string());
            self.report.keys.keys.push(report);
        }
    }

    fn would_take(&mut self) -> Part {
        let taking = self.setup.keys.taking;
        if taking == Some(Taking::Leave) {
            return self.left(words::NOT_WANTED);
        }
        let asks = taking.is_none() && !self.setup.manner.yes;
        for key in self.ground.new_keys() {
            let how = if taking == Some(Taking::Link) { Origin::Linked } else { Origin::Imported };
            let mut report = KeyReport::new(State::Would, how);
            report.file = Some(key.path().to_owned());
            self.would(&words::would_take(&report, asks, &self.ground));
            self.report.keys.keys.push(report);
        }
        Part::new(State::Would)
    }

    fn import(&mut self, candidates: &[Candidate]) -> Part {
        let Self { setup, environment, opening, .. } = self;
        let (passphrase, limits) = (&setup.keys.passphrase, setup.keys.limits);
        let intake = Intake { candidates, passphrase, limits };
        let Ok(rows) = intake.take(environment, || opening.open()) else {
            return Part::because(State::Failed, words::NOT_TAKEN);
        };
        rows.iter().for_each(|row| self.imported(row));
        words::files_stay(rows.iter().filter(|row| row.outcome.is_ok()).count(), How::Save);
        Part::new(State::Done)
    }

    fn imported(&mut self, row: &Row) {
        let state = match &row.outcome {
            Ok(_) => State::Done,
            Err(_) if row.is_there() => State::Already,
            Err(_) => State::Failed,
        };
        let mut report = KeyReport::new(state, Origin::Imported);
        report.file = Some(row.path.clone());
        if let Some(key) = &row.key {
            report = report.with_key(key, &row.comment);
        }
        match &row.outcome {
            Ok(name) => self.named(&mut report, name),
            Err(why) => {
                report.why = Some(why.to_string());
                if let Some(name) = why.name() {
                    self.named(&mut report, name);
                }
            }
        }
        self.told(report);
    }

    fn named(&self, report: &mut KeyReport, name: &Name) {
        report.public_file = self.opening.public_file(name);
        report.name = Some(name.to_string());
    }

    fn told(&mut self, report: KeyReport) {
        words::key(&report, &self.ground);
        self.report.keys.keys.push(report);
    }

    fn link(&mut self, candidates: Vec<Candidate>) -> Part {
        let Self { setup, environment, opening, .. } = self;
        let paths: Vec<PathBuf> = candidates.into_iter().map(|it| it.path).collect();
        let keep = Keep {
            add: Add {
                voice: Voice::Keyfob,
                paths: paths.clone(),
                halves: Halves::from_flags(false, false),
                lifetime: None,
                idle: None,
                certificates_expire: true,
                confirm: false,
                destinations: Vec::new(),
                known_hosts: Vec::new(),
                passphrase: setup.keys.passphrase.clone(),
                limits: setup.keys.limits,
                quiet: true,
            },
            how: How::Link,
            name: None,
            // Never asked: the store of the walk is used.
            store: Source::Person,
        };
        let Ok(kept) = keep.keep_in(environment, || opening.open()) else {
            return Part::because(State::Failed, words::NOT_TAKEN);
        };
        for key in &kept.keys {
            self.linked(State::Done, &key.path, &key.name);
        }
        for (path, name) in &kept.there {
            self.linked(State::Already, path, name);
        }
        words::files_stay(kept.keys.len(), How::Link);
        self.not_linked(paths);
        match kept.exit {
            Exit::Success => Part::new(State::Done),
            // Which of them, and why, was told.
            _ => Part::because(State::Failed, words::NOT_ALL),
        }
    }

    /// The others: why was told.
    fn not_linked(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            let absolute = std::path::absolute(&path).unwrap_or(path);
            let keys = &mut self.report.keys.keys;
            if !keys.iter().any(|key| key.file.as_ref() == Some(&absolute)) {
                let mut report = KeyReport::new(State::Failed, Origin::Linked);
                report.file = Some(absolute);
                keys.push(report);
            }
        }
    }

    fn linked(&mut self, state: State, path: &std::path::Path, name: &Name) {
        let mut report = KeyReport::new(state, Origin::Linked);
        report.file = Some(path.to_owned());
        self.named(&mut report, name);
        let load = report.public_file.as_deref().map(public_file::load);
        if let Some(Ok((key, comment))) = load {
            report = report.with_key(&key, &comment.unwrap_or_default());
        }
        self.told(report);
    }

    fn make_key(&mut self) -> Part {
        let wish = self.setup.keys.generate;
        let in_store = self.may_use_store();
        if self.is_dry() && wish != Some(false) {
            self.would(&words::would_generate(in_store, self.asks_first(wish)));
            self.report.keys.keys.push(KeyReport::new(State::Would, Origin::Generated));
            return Part::new(State::Would);
        }
        if !self.agree(wish, &words::generate_question(in_store)) {
            return self.left(words::NOT_WANTED);
        }
        let made = if in_store { self.generate_stored() } else { self.generate_file() };
        match made {
            Ok(report) => {
                self.told(report);
                Part::new(State::Done)
            }
            Err(_) => Part::because(State::Failed, words::NO_KEY_MADE),
        }
    }

    fn generate_stored(&mut self) -> Result<KeyReport, Exit> {
        let generate = GenerateStored {
            voice: Voice::Keyfob,
            wanted: None,
            name: kind::usual_name(KIND).to_owned(),
            comment: None,
            rules: HandOver { lifetime: None, confirm: false },
            store: Source::Person,
            quiet: true,
            json: false,
            next: None,
        };
        let opening = &mut self.opening;
        let Stored { name, key, comment, file } = generate.make_in(|| opening.open())?;
        let report = KeyReport::new(State::Done, Origin::Generated).with_key(&key, &comment);
        Ok(KeyReport { name: Some(name.to_string()), public_file: Some(file), ..report })
    }

    fn generate_file(&self) -> Result<KeyReport, Exit> {
        let generate = Generate {
            voice: Voice::Keyfob,
            wanted: None,
            place: Place::Usual,
            comment: None,
            passphrase: match &self.setup.keys.passphrase {
                Source::Person => NewPassphrase::Ask,
                Source::File(path) => NewPassphrase::File(path.clone()),
            },
            form: PrivateForm::OpenSsh,
            cipher: None,
            rounds: None,
            rfc4716: false,
            hash: HashKind::Sha256,
            overwrite: false,
            quiet: true,
            json: false,
            conversation: false,
            add: None,
            next: None,
        };
        match generate.run(self.environment) {
            Exit::Success => {}
            exit => return Err(exit),
        }
        let folder = place::ssh_folder().map_err(|_| Exit::Failure)?;
        let private = folder.join(kind::usual_name(KIND));
        let public = crate::files::beside(&private, ".pub");
        let report = KeyReport::new(State::Done, Origin::Generated);
        let report = match public_file::load(&public) {
            Ok((key, comment)) => with_comment(report, &key, comment),
            Err(_) => report,
        };
        Ok(KeyReport { file: Some(private), public_file: Some(public), ..report })
    }
}

fn with_comment(report: KeyReport, key: &PublicKey, comment: Option<Vec<u8>>) -> KeyReport {
    report.with_key(key, &comment.unwrap_or_default())
}
