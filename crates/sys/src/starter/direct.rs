//! Programs of the menu, made ready for whoever wants them.

use std::io;
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

use super::{Manner, Order, Recipe, Words};
use crate::Error;

/// The menu.
#[derive(Clone, Debug)]
pub struct Starter {
    menu: Arc<[Recipe]>,
}

impl Starter {
    /// There is no second process here.
    ///
    /// # Errors
    /// Always.
    pub fn fork(_menu: Vec<Recipe>) -> Result<Self, Error> {
        Err(Error::Fork("this system has no fork".into()))
    }

    /// Programs are started from this process.
    ///
    /// # Errors
    /// None.
    pub fn local(menu: Vec<Recipe>) -> io::Result<Self> {
        Ok(Self { menu: menu.into() })
    }

    /// A program that was ordered, with its streams as its [`Manner`] wants them; not started yet.
    ///
    /// # Errors
    /// When the menu does not have it, or not with these words or variables.
    pub fn command(&self, order: &Order) -> io::Result<Command> {
        let recipe = self.menu.get(order.recipe).ok_or(io::ErrorKind::NotFound)?;
        if !allows(recipe, order) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut command = Command::new(&recipe.program);
        if let Some(environment) = &recipe.environment {
            command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        }
        for (name, value) in &order.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(&recipe.arguments).args(&order.words).stdout(Stdio::piped());
        match recipe.manner {
            Manner::Helper | Manner::HelperWithTerminal => {
                command.creation_flags(CREATE_NO_WINDOW).stdin(Stdio::piped()).stderr(Stdio::null())
            }
            Manner::Dialog => command.stdin(Stdio::null()),
        };
        Ok(command)
    }
}

fn allows(recipe: &Recipe, order: &Order) -> bool {
    let words = match &recipe.words {
        Words::Of(known) => order.words.iter().all(|word| known.contains(word)),
        // An option would be a word of another kind.
        Words::Text => {
            matches!(&*order.words, [word] if !word.as_encoded_bytes().starts_with(b"-"))
        }
    };
    words && order.variables.iter().all(|(name, _)| recipe.variables.contains(name))
}
