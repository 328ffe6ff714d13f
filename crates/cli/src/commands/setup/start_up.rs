//! The agent starts by itself: what `keyfob install` does, shown before it is done.
//!
//! Where no service manager answers it is the line in the start file of the shell.

use super::Walk;
use super::report::Part;
use crate::commands::install::{Closed, Home, Install, Manner, State};
use crate::exit::Exit;
use crate::output;
use crate::voice::setting_up as words;

/// What would be done.
pub(super) struct Plan {
    install: Install,
    closed: Closed,
}

impl Plan {
    /// Whether all of it was done before.
    pub(super) fn is_in_place(&self) -> bool {
        self.closed.steps.iter().all(|step| step.state == State::Already)
    }
}

impl Walk<'_> {
    /// Finds out what is to be done; does nothing.
    pub(super) fn start_up_plan(&self) -> Plan {
        let reached = Home::reach(self.environment).is_ok();
        let login_shell = || (!reached).then_some(None);
        let shell = self.setup.start_up.shell.or_else(login_shell);
        let manner = Manner { dry_run: true, yes: true, json: true };
        let install = Install { drop_in: None, shell, manner };
        let closed = install.carry_out(self.environment);
        Plan { install, closed }
    }

    /// The step.
    pub(super) fn start_up(&mut self, plan: Plan) {
        output::heading(words::START_UP);
        let wish = self.setup.start_up.install;
        let is_in_place = plan.is_in_place();
        let Plan { install, closed } = plan;
        let part = if wish == Some(false) {
            self.left(words::NOT_WANTED)
        } else if closed.exit != Exit::Success {
            words::cannot_install(&closed);
            Part::because(State::Failed, words::NOT_INSTALLED)
        } else if is_in_place {
            words::installed_already(&closed, &self.ground);
            self.report.start_up.steps = closed.steps;
            Part::new(State::Already)
        } else if self.is_dry() {
            for line in words::plan(&closed, &self.ground) {
                self.would(&format!("would {line}"));
            }
            closed.hints.into_iter().for_each(|hint| self.report.hint(hint));
            self.report.start_up.steps = closed.steps;
            Part::new(State::Would)
        } else {
            words::about_start_up();
            words::plan(&closed, &self.ground)
                .iter()
                .for_each(|it| output::note(format!("  {it}")));
            match self.agree(wish, words::INSTALL_QUESTION) {
                true => self.install(install),
                false => self.left(words::NOT_WANTED),
            }
        };
        self.report.start_up.part = part;
    }

    fn install(&mut self, install: Install) -> Part {
        let manner = Manner { dry_run: false, yes: self.setup.manner.yes, json: false };
        let closed = Install { manner, ..install }.carry_out(self.environment);
        closed.hints.into_iter().for_each(|hint| self.report.hint(hint));
        self.report.start_up.steps = closed.steps;
        match closed.exit {
            Exit::Success => Part::new(State::Done),
            _ => Part::because(State::Failed, words::NOT_INSTALLED),
        }
    }
}
