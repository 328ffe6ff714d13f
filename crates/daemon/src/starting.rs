//! The few programs an agent starts, and who starts them.
//!
//! The menu is written before the agent holds a secret and closes itself in, and nothing is added
//! to it afterwards: whoever takes the process over can have these started and no other.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use keyfob_prompt::askpass::Askpass;
use keyfob_prompt::{Surroundings, screen};
use keyfob_sys::starter::{Manner, Recipe, Starter, Words};

use crate::desktop::{self, DesktopHelper, Wishes};
use crate::{linked, ways};

/// The menu, in this order.
pub(crate) struct Recipes;

impl Recipes {
    /// The asking program of the agent's own surroundings.
    pub(crate) const ASKPASS: usize = 0;
    /// Speaks with `pinentry`, or asks on a terminal.
    pub(crate) const ASK_PERSON: usize = 1;
    /// Reads one linked key file.
    pub(crate) const READ_LINKED: usize = 2;
    /// Listens to the desktop.
    pub(crate) const WATCH_DESKTOP: usize = 3;

    /// Of these programs.
    pub(crate) fn of(
        surroundings: &Surroundings,
        program: &Path,
        desktop: Option<&DesktopHelper>,
    ) -> Vec<Recipe> {
        let asks = Recipe {
            variables: screen::SCREEN.to_vec(),
            manner: Manner::HelperWithTerminal,
            ..helper(program.to_owned(), ways::COMMAND, None)
        };
        let reads = helper(program.to_owned(), linked::COMMAND, Some(Vec::new()));
        let mut menu = vec![Askpass::of_agent(surroundings).recipe(), asks, reads];
        menu.extend(desktop.map(|desktop| {
            let (program, environment) = desktop.parts();
            Recipe {
                words: Words::Of(Wishes::WORDS.iter().map(OsString::from).collect()),
                ..helper(program, desktop::COMMAND, Some(environment))
            }
        }));
        menu
    }
}

fn helper(
    program: PathBuf,
    command: &str,
    environment: Option<Vec<(OsString, OsString)>>,
) -> Recipe {
    Recipe {
        program,
        // What `ps` shows, and not one of the names that make the binary another program.
        name: Some("keyfob"),
        arguments: vec![command.into()],
        words: Words::Of(Vec::new()),
        environment,
        variables: Vec::new(),
        manner: Manner::Helper,
    }
}

/// Whoever starts them.
#[derive(Debug)]
pub(crate) struct Programs {
    menu: Vec<Recipe>,
    starter: OnceLock<Starter>,
}

impl Programs {
    /// These, from this process as long as nobody else is there to do it.
    pub(crate) fn of(menu: Vec<Recipe>) -> Self {
        Self { menu, starter: OnceLock::new() }
    }

    /// From a process of their own. To be called before anything else happens.
    ///
    /// # Errors
    /// As [`Starter::fork`].
    pub(crate) fn apart(menu: Vec<Recipe>) -> Result<Self, keyfob_sys::Error> {
        let starter = Starter::fork(menu)?;
        Ok(Self { menu: Vec::new(), starter: OnceLock::from(starter) })
    }

    /// Whether it is a process of its own.
    pub(crate) fn are_apart(&self) -> bool {
        self.menu.is_empty()
    }

    /// Who takes orders.
    ///
    /// # Errors
    /// When the system gives no descriptors or no thread.
    pub(crate) fn starter(&self) -> io::Result<&Starter> {
        if let Some(starter) = self.starter.get() {
            return Ok(starter);
        }
        let starter = Starter::local(self.menu.clone())?;
        Ok(self.starter.get_or_init(|| starter))
    }

    /// An asking program that they start.
    ///
    /// # Errors
    /// As [`Programs::starter`].
    pub(crate) fn askpass(&self, askpass: Askpass) -> io::Result<Askpass> {
        Ok(askpass.started_by(self.starter()?.clone(), Recipes::ASKPASS))
    }
}
