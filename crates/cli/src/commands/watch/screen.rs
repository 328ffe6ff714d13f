//! The terminal while it is a screen, and its way back, whatever happens.

use std::io::{self, Stdout};
use std::sync::Once;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::output;

/// A terminal that is drawn on. It is as it was before when this is gone.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Begins.
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn enter() -> io::Result<Self> {
        // Put right before its words are printed, or they are lost with the screen.
        static RESTORES: Once = Once::new();
        RESTORES.call_once(|| {
            let tell = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                tell(panic);
            }));
        });
        let begun = take().and_then(|()| Terminal::new(CrosstermBackend::new(output::screen())));
        match begun {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Begins once more, after [`Screen::leave`].
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn enter_again(&mut self) -> io::Result<()> {
        take()?;
        // One that knows of nothing drawn. Clearing this one would ask the terminal where its cursor
        // is, and who reads keys would get the answer.
        self.terminal = Terminal::new(CrosstermBackend::new(output::screen()))?;
        Ok(())
    }

    /// Draws what is new.
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(picture).map(drop)
    }

    /// Gives the terminal back.
    pub(super) fn leave(&mut self) {
        restore();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal a screen.
fn take() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(output::screen(), EnterAlternateScreen, EnableBracketedPaste)
}

/// As often as need be. What fails here has nobody to be told to.
fn restore() {
    let _ = disable_raw_mode();
    let _ = execute!(output::screen(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
}
