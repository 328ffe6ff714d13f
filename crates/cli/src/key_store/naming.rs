//! Names for keys that come into the store without one.

use std::path::Path;

use keyfob_keystore::{Name, Unlocked};

/// What the names of files in other formats end in; the key in the store has no format.
const ENDINGS: [&str; 4] = [".ppk", ".pem", ".key", ".der"];

/// How many keys of one name are told apart by a number.
const NUMBERS: u32 = 10_000;

/// The names that are taken: in the store, and by what is on its way there.
pub(crate) struct Names(Vec<Name>);

impl Names {
    /// Those of a store.
    pub(crate) fn of(store: &Unlocked) -> Self {
        Self(store.items().into_iter().map(|item| item.name).collect())
    }

    /// A free one, made of the name of the file or else of the comment, and taken now.
    pub(crate) fn free(&mut self, file: Option<&Path>, comment: &[u8]) -> Option<Name> {
        let wished = file.and_then(of_file).or_else(|| Name::proposed(comment));
        let wished = wished.or_else(|| Name::new("key").ok())?;
        let numbered = (2..NUMBERS).filter_map(|number| wished.numbered(number));
        let free = std::iter::once(wished.clone()).chain(numbered).find(|name| !self.has(name))?;
        self.0.push(free.clone());
        Some(free)
    }

    fn has(&self, name: &Name) -> bool {
        self.0.iter().any(|known| known.is_same_file(name))
    }
}

fn of_file(path: &Path) -> Option<Name> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let lower = name.to_ascii_lowercase();
    let end = ENDINGS.iter().find(|ending| lower.ends_with(**ending) && lower.len() > ending.len());
    let stem = end.map_or(name.as_str(), |ending| &name[..name.len() - ending.len()]);
    Name::proposed(stem.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_called_as_its_file_without_the_format() {
        let mut names = Names(Vec::new());
        let mut free = |path: &str, comment: &str| {
            let path = (!path.is_empty()).then(|| Path::new(path));
            names.free(path, comment.as_bytes()).unwrap().to_string()
        };
        assert_eq!(free("/a/work.PPK", "x"), "work");
        assert_eq!(free("/b/work", "x"), "work-2");
        assert_eq!(free("/b/Work.pem", "x"), "Work-3");
        assert_eq!(free("", "me@host"), "me@host");
        assert_eq!(free("", ""), "key");
        assert_eq!(free("/漢字", ""), "key-2");
        assert_eq!(free("/.ppk", "c"), "ppk");
    }
}
