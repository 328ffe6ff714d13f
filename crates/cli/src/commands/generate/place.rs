//! Where a new key goes: from what was typed to paths, and to a folder that is there.
//!
//! Writes no key; that is `saving`'s.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use keyfob_keys::generate::Kind;
use keyfob_sys::os_text::{self, OsStrExt as _};
use keyfob_sys::private_folder;
use keyfob_sys::user;

use super::{Place, kind};
use crate::{files, folders, saving};

/// The files of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    /// The private half.
    pub(crate) private: PathBuf,
    /// The public half, one line.
    pub(crate) public: PathBuf,
    /// The public half in the form of RFC 4716, if that is wanted. It does not end in `.pub`:
    /// `ssh-copy-id` takes every such file for one with a line.
    pub(crate) rfc4716: Option<PathBuf>,
}

/// Why there is no such place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A bare name means a place in the home.
    #[error("the user database has no home for this user")]
    NoHome,
    /// Nothing was typed.
    #[error("a file needs a name")]
    Empty,
    /// The name is that of a public half.
    #[error("a name ending in .pub is for the public half")]
    Public,
    /// A folder on the way cannot be had.
    #[error("{}: {}", crate::voice::shown_path(.0), files::reason(.1))]
    Folder(PathBuf, #[source] io::Error),
    /// The files cannot be put there.
    #[error(transparent)]
    File(#[from] saving::Error),
}

impl Place {
    /// What somebody typed who was asked: as [`Place::Named`], and `~/` is the home.
    pub(super) fn typed(text: &[u8]) -> Self {
        let home = || user::home_directory();
        let in_home = text.strip_prefix(b"~").filter(|rest| rest.first().is_some_and(is_separator));
        match (in_home.map(|rest| &rest[1..]), home()) {
            (Some(rest), Some(home)) => Self::At(home.join(os_text::path(rest))),
            _ => Self::Named(os_text::path(text).into_os_string()),
        }
    }

    /// The path of the private half. A folder means the usual name in it.
    pub(super) fn path(&self, kind: Kind) -> Result<PathBuf, Error> {
        let path = match self {
            Self::Usual => return Ok(ssh_folder()?.join(kind::usual_name(kind))),
            Self::Named(name) if name.is_empty() => return Err(Error::Empty),
            Self::Named(name) if !name.as_bytes().iter().any(is_separator) => {
                ssh_folder()?.join(name)
            }
            Self::Named(name) => PathBuf::from(name),
            Self::At(path) if path.as_os_str().is_empty() => return Err(Error::Empty),
            Self::At(path) => path.clone(),
        };
        if path.as_os_str().as_bytes().last().is_some_and(is_separator) || path.is_dir() {
            return Ok(path.join(kind::usual_name(kind)));
        }
        if path.as_os_str().as_bytes().ends_with(b".pub") {
            return Err(Error::Public);
        }
        Ok(path)
    }
}

/// Between the parts of a path, as this system writes it.
fn is_separator(byte: &u8) -> bool {
    std::path::is_separator(char::from(*byte))
}

/// Where `ssh` looks for keys.
pub(crate) fn ssh_folder() -> Result<PathBuf, Error> {
    Ok(user::home_directory().ok_or(Error::NoHome)?.join(".ssh"))
}

impl Paths {
    /// The files beside this one.
    pub(super) fn of(private: PathBuf, rfc4716: bool) -> Self {
        let public = files::beside(&private, ".pub");
        Self { rfc4716: rfc4716.then(|| files::beside(&public, ".rfc4716")), public, private }
    }

    /// The files that are there already.
    ///
    /// # Errors
    /// What would keep a key from being saved here, as far as it shows beforehand: asked before
    /// anybody types a passphrase, or waits for a key, for nothing.
    pub(super) fn taken(&self) -> Result<Vec<&Path>, Error> {
        let folder = self.folder();
        if !folder.is_dir() {
            can_be_made(folder)?;
            return Ok(Vec::new());
        }
        let all = [Some(&self.private), Some(&self.public), self.rfc4716.as_ref()];
        let mut taken = Vec::new();
        for path in all.into_iter().flatten() {
            if saving::is_taken(path)? {
                taken.push(path.as_path());
            }
        }
        Ok(taken)
    }

    /// Makes the folder, and those above it, for their owner alone.
    pub(super) fn make_folder(&self) -> Result<(), Error> {
        let folder = self.folder();
        let made = private_folder::make_all(folder);
        made.map_err(|error| Error::Folder(folder.to_owned(), error))
    }

    pub(super) fn folder(&self) -> &Path {
        match self.private.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

/// Whether folders can be made in the nearest one that is there.
fn can_be_made(folder: &Path) -> Result<(), Error> {
    let above = folder.ancestors().map(|path| match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    });
    for above in above {
        let refused = |error: io::Error| Error::Folder(above.to_owned(), error);
        match above.metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(refused(error)),
            Ok(facts) if !facts.is_dir() => return Err(refused(ErrorKind::NotADirectory.into())),
            Ok(_) => {
                return folders::try_in(above).map_err(refused);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::ffi::OsString;

    fn path(place: &Place) -> Result<PathBuf, Error> {
        place.path(Kind::Ed25519)
    }

    #[test]
    fn a_bare_name_is_one_in_the_usual_folder_and_a_path_is_a_path() {
        let usual = ssh_folder().unwrap();
        assert_eq!(path(&Place::Usual).unwrap(), usual.join("id_ed25519"));
        let named = |name: &str| path(&Place::Named(OsString::from(name)));
        assert_eq!(named("work").unwrap(), usual.join("work"));
        assert_eq!(named("./work").unwrap(), Path::new("./work"));
        assert_eq!(named("keys/work").unwrap(), Path::new("keys/work"));
        assert_eq!(path(&Place::At("work".into())).unwrap(), Path::new("work"));
        let home = user::home_directory().unwrap();
        assert_eq!(path(&Place::typed(b"~/k/work")).unwrap(), home.join("k/work"));
        assert_eq!(path(&Place::typed(b"work")).unwrap(), usual.join("work"));
    }

    #[test]
    fn a_folder_means_the_usual_name_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let here = Place::At(folder.path().to_owned());
        assert_eq!(path(&here).unwrap(), folder.path().join("id_ed25519"));
        let new = path(&Place::At(folder.path().join("new/"))).unwrap();
        assert_eq!(new, folder.path().join("new/id_ed25519"));
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        assert!(matches!(path(&Place::At("x/id.pub".into())), Err(Error::Public)));
        assert!(matches!(path(&Place::Named(OsString::new())), Err(Error::Empty)));
    }

    #[test]
    fn the_public_halves_stand_beside_the_private_one() {
        let paths = Paths::of("k/id.x".into(), true);
        assert_eq!(paths.public, Path::new("k/id.x.pub"));
        assert_eq!(paths.rfc4716.as_deref(), Some(Path::new("k/id.x.pub.rfc4716")));
    }

    #[test]
    fn missing_folders_are_made_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::of(folder.path().join("a/b/id"), false);
        assert_eq!(paths.taken().unwrap(), Vec::<&Path>::new());
        assert!(!folder.path().join("a").exists(), "looking makes nothing");
        paths.make_folder().unwrap();
        assert!(folder.path().join("a/b").is_dir());
        #[cfg(unix)]
        for made in ["a", "a/b"] {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = folder.path().join(made).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{made}");
        }
    }

    #[test]
    fn what_is_in_the_way_shows_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let below = Paths::of(folder.path().join("file/a/id"), false);
        assert!(matches!(below.taken(), Err(Error::Folder(..))));
        std::fs::write(folder.path().join("id.pub"), "x").unwrap();
        let half = Paths::of(folder.path().join("id"), false);
        assert_eq!(half.taken().unwrap(), [half.public.as_path()]);
    }
}
