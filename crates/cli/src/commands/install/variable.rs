//! The account's `SSH_AUTH_SOCK`: set where another agent has the pipe that OpenSSH's programs look at,
//! so that programs find keyfob all the same, and taken away again.

use std::path::{Path, PathBuf};

use keyfob_config::directories::OPENSSH_PIPE;
use keyfob_config::env::Name;
use keyfob_sys::windows::registry::Value;
use keyfob_sys::windows::variables;
use keyfob_transport::pipe::Owner;

use super::super::step::{State, Step, What};
use super::super::work::{Stop, Work};
use crate::files::reason;
use crate::finding;
use crate::voice::{moving_in as words, shown_path};

const NAME: &str = Name::SshAuthSock.as_str();

/// Where the variable leads.
enum Leads {
    /// It is not set.
    Nowhere,
    To(PathBuf),
    /// It is set in a way that is not read here.
    Somehow,
}

impl Work {
    /// Leads programs to the agent where they would not find it.
    pub(super) fn lead_programs(&mut self) -> Result<(), Stop> {
        let another = finding::foreign(Path::new(OPENSSH_PIPE));
        let own = finding::own_pipe().filter(|_| another.is_some());
        let step = |state| Step::new(What::Variable, state, NAME.to_owned());
        match (self.leads()?, own) {
            (Leads::Nowhere, Some(own)) => {
                if !self.is_dry() {
                    let set = variables::set(NAME, own.as_os_str());
                    set.map_err(|error| self.failed(What::Variable, NAME.into(), reason(&error)))?;
                }
                self.tell(step(self.doing()).because(shown_path(&own)));
            }
            (Leads::Nowhere, None) => {}
            (Leads::To(path), Some(own)) if is_same(&path, &own) => self.tell(step(State::Already)),
            (Leads::To(path), None)
                if is_same(&path, Path::new(OPENSSH_PIPE)) || is_ours(&path) => {}
            (Leads::To(path), _) => self.hint(words::variable_leads(&path)),
            (Leads::Somehow, _) => self.tell(step(State::Left).because(words::NO_TEXT)),
        }
        if let Some(owner) = another {
            let program = owner.and_then(|Owner { program, .. }| program);
            self.hint(words::other_agent(program.as_deref()));
        }
        Ok(())
    }

    /// Takes it away, if it leads to keyfob's own pipe: to that nobody else would lead.
    pub(super) fn lead_no_more(&mut self) -> Result<(), Stop> {
        if !matches!(self.leads()?, Leads::To(path) if is_ours(&path)) {
            return Ok(());
        }
        if !self.is_dry() {
            let gone = variables::remove(NAME);
            gone.map_err(|error| self.failed(What::Remove, NAME.to_owned(), reason(&error)))?;
        }
        self.tell(Step::new(What::Remove, self.doing(), NAME.to_owned()));
        Ok(())
    }

    fn leads(&mut self) -> Result<Leads, Stop> {
        match variables::value(NAME) {
            Ok(None) => Ok(Leads::Nowhere),
            Ok(Some(Value::Text(text))) if text.is_empty() => Ok(Leads::Nowhere),
            Ok(Some(Value::Text(text))) => Ok(Leads::To(text.into())),
            Ok(Some(_)) => Ok(Leads::Somehow),
            Err(error) => Err(self.failed(What::Look, NAME.to_owned(), reason(&error))),
        }
    }
}

fn is_ours(path: &Path) -> bool {
    finding::own_pipe().is_some_and(|own| is_same(path, &own))
}

/// Pipes are found by names that are written with either slash, in any case.
fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| path.to_string_lossy().replace('/', "\\").to_lowercase();
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost otherwise: a second install warns of the variable that the first one set.
    #[test]
    fn a_pipe_is_the_same_however_it_is_written() {
        let usual = Path::new(OPENSSH_PIPE);
        assert!(is_same(usual, Path::new("//./Pipe/OpenSSH-ssh-agent")));
        assert!(!is_same(usual, Path::new(r"\\.\pipe\openssh-ssh-agent-2")));
    }
}
