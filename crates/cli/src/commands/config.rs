//! Tells of the settings file: where it is, whether it is right, what it comes to.
//!
//! Reads it as an agent would, and never writes it: it is the person's.

mod show;

use std::path::PathBuf;

use keyfob_config::Settings;
use keyfob_config::directories::{Directories, SettingsFile};
use keyfob_config::env::Environment;
use keyfob_config::settings::{self, text_of};
use keyfob_sys::user;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::json;
use crate::output;
use crate::voice::{shown, shown_path};

/// What is wanted.
#[derive(Debug, Clone)]
pub(crate) enum Config {
    /// Is it right?
    Check { file: Option<PathBuf>, json: bool },
    /// What does it come to?
    Show { json: bool },
    /// Where is it?
    Path,
}

#[derive(Serialize)]
struct Document {
    file: String,
    found: bool,
    ok: bool,
    error: Option<Problem>,
}

#[derive(Serialize)]
struct Problem {
    /// None where the file could not be read at all.
    line: Option<usize>,
    column: Option<usize>,
    fact: String,
    hint: Option<String>,
}

impl Config {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let named = match &self {
            Self::Check { file: Some(path), .. } => {
                Ok(SettingsFile { path: path.clone(), named: true })
            }
            _ => Directories::new(environment, user::effective_uid())
                .map(|directories| directories.settings_file(environment)),
        };
        let file = match named {
            Ok(file) => file,
            Err(no_home) => {
                output::fact(no_home.to_string());
                return Exit::Failure;
            }
        };
        match self {
            Self::Path => {
                output::data_line(file.path.as_os_str().as_encoded_bytes());
                Exit::Success
            }
            Self::Show { json } => show::run(&file, json),
            Self::Check { file: argument, json } => check(&file, argument.is_some(), json),
        }
    }
}

fn check(file: &SettingsFile, is_argument: bool, json: bool) -> Exit {
    let text = text_of(file);
    let found = !matches!(text, Ok(None));
    let checked = text.and_then(|text| match text {
        Some(text) => Settings::parse(&text, &file.path).map(drop),
        None => Ok(()),
    });
    let is_right = checked.is_ok();
    // No variable names a file that is an argument.
    let hint = |error: &settings::Error| match error {
        settings::Error::Read { .. } if is_argument => None,
        error => error.hint().map(str::to_owned),
    };
    if json {
        output::data(&document(file, found, checked.err().map(|error| (hint(&error), error))));
    } else {
        let path = shown_path(&file.path);
        match checked {
            Ok(()) if found => output::data_line(format!("{path}: ok")),
            Ok(()) => output::data_line(format!("{path}: not there; the defaults count")),
            Err(error) => failed(&error, hint(&error).as_deref()),
        }
    }
    if is_right { Exit::Success } else { Exit::Failure }
}

/// Tells what is wrong with a file.
fn failed(error: &settings::Error, hint: Option<&str>) {
    output::fact(shown(error.to_string().as_bytes()));
    if let Some(hint) = hint {
        output::hint(shown(hint.as_bytes()));
    }
}

fn document(
    file: &SettingsFile,
    found: bool,
    error: Option<(Option<String>, settings::Error)>,
) -> Zeroizing<Vec<u8>> {
    let ok = error.is_none();
    let error = error.map(|(hint, error)| match error {
        settings::Error::Content { line, column, fact, .. } => {
            Problem { line: Some(line), column: Some(column), fact, hint }
        }
        other => Problem { line: None, column: None, fact: other.to_string(), hint },
    });
    let document = Document { file: shown_path(&file.path), found, ok, error };
    json::document(&document)
}
