//! What was not said by a flag is asked on a terminal; where there is none it is told which flag is
//! missing, before anything is changed.

use std::ffi::OsString;

use keyfob_prompt::{Error, terminal};
use keyfob_sys::os_text::OsStringExt as _;

use super::start_up::Plan;
use super::{Taking, Walk};
use crate::exit::Exit;
use crate::key_store::CodePlace;
use crate::passphrases::Source;
use crate::voice::setting_up::{self as words, Missing};

/// How often one question is asked.
const TRIES: usize = 5;

impl Walk<'_> {
    /// Whether a person is asked what no flag has said.
    pub(super) fn asks(&self) -> bool {
        let manner = self.setup.manner;
        !manner.yes && !manner.dry_run && terminal::is_there()
    }

    /// In a dry run: whether it would ask.
    pub(super) fn asks_first(&self, wish: Option<bool>) -> bool {
        wish.is_none() && !self.setup.manner.yes
    }

    /// Whether a step is taken.
    pub(super) fn agree(&self, wish: Option<bool>, question: &str) -> bool {
        match wish {
            Some(wish) => wish,
            None if self.asks() => terminal::confirm(question).unwrap_or(false),
            None => true,
        }
    }

    /// What becomes of the keys that were found.
    pub(super) fn choose_taking(&self, count: usize) -> Taking {
        match self.setup.keys.taking {
            Some(taking) => return taking,
            None if !self.asks() => return Taking::Import,
            None => {}
        }
        for _ in 0..TRIES {
            match terminal::read_line(&words::taking_question(count)) {
                Ok(answer) => match taking(&answer) {
                    Some(taking) => return taking,
                    None => words::not_understood(),
                },
                // The end of input is no answer, and takes nothing.
                Err(_) => return Taking::Leave,
            }
        }
        Taking::Leave
    }

    /// Where to log in.
    pub(super) fn choose_host(&self) -> Option<OsString> {
        match &self.setup.host {
            Some(host) => return host.clone(),
            None if !self.asks() => return None,
            None => {}
        }
        let answer: Result<Vec<u8>, Error> = terminal::read_line(words::HOST_QUESTION);
        let host = answer.unwrap_or_default().trim_ascii().to_vec();
        (!host.is_empty()).then(|| OsString::from_vec(host))
    }

    /// Finds out whether all that will be asked can be: else a walk would end in its middle.
    pub(super) fn ensure_answered(&self, plan: &Plan) -> Result<(), Exit> {
        let manner = self.setup.manner;
        if manner.dry_run || self.asks() {
            return Ok(());
        }
        let mut missing = Vec::new();
        let open = |wish: bool| !wish && !manner.yes;
        let (store, keys) = (&self.setup.store, &self.setup.keys);
        let is_there = self.opening.is_there();
        if !is_there && open(store.make.is_some()) {
            missing.push(Missing::Store);
        }
        let makes = !is_there && store.make != Some(false) && !self.opening.is_broken();
        if makes && store.code == CodePlace::Terminal && !terminal::is_there() {
            missing.push(Missing::RecoveryFile);
        }
        let has_new = self.ground.new_keys().next().is_some();
        let makes_key = self.ground.has_none() && keys.generate != Some(false);
        if has_new && open(keys.taking.is_some()) && store.make != Some(false) {
            missing.push(Missing::Taking);
        }
        if self.ground.has_none() && open(keys.generate.is_some()) {
            missing.push(Missing::Generate);
        }
        let takes = has_new && keys.taking != Some(Taking::Leave);
        let opens = store.make != Some(false) && (takes || makes_key);
        if (makes || opens) && self.lacks(&store.passphrase) {
            missing.push(Missing::StorePassphrase);
        }
        let encrypted = self.ground.new_keys().any(|key| key.encrypted);
        let in_file = makes_key && store.make == Some(false);
        if (takes && opens && encrypted || in_file) && self.lacks(&keys.passphrase) {
            missing.push(Missing::Passphrase);
        }
        if !plan.is_in_place() && open(self.setup.start_up.install.is_some()) {
            missing.push(Missing::Install);
        }
        if missing.is_empty() {
            return Ok(());
        }
        words::unanswered(&missing);
        Err(Exit::Failure)
    }

    fn lacks(&self, source: &Source) -> bool {
        *source == Source::Person && !self.opening.is_somebody_there()
    }
}

/// A number of the list, or the word behind it; nothing for the first.
fn taking(answer: &[u8]) -> Option<Taking> {
    match answer.trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"1" | b"import" | b"i" => Some(Taking::Import),
        b"2" | b"link" | b"l" => Some(Taking::Link),
        b"3" | b"neither" | b"n" | b"no" => Some(Taking::Leave),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_keys_is_chosen_by_number_or_word() {
        for (answer, chosen) in [
            ("", Some(Taking::Import)),
            (" 2 ", Some(Taking::Link)),
            ("LINK", Some(Taking::Link)),
            ("neither", Some(Taking::Leave)),
            ("n", Some(Taking::Leave)),
            ("4", None),
            ("yes", None),
        ] {
            assert_eq!(taking(answer.as_bytes()), chosen, "{answer:?}");
        }
    }
}
