//! A screen of what goes on in the agent, on which its questions are answered with one key.
//!
//! It is a client like any other. What it may see and answer is the agent's decision; what is typed
//! becomes an answer only where `model` says so.

mod draw;
mod entry;
mod events;
mod lines;
mod model;
mod screen;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use keyfob_config::env::Environment;
use keyfob_protocol::watch::State;
use keyfob_protocol::{WatchReply, WatchRequest};
use keyfob_sys::hardening;
use keyfob_sys::signals::Held;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::Voice;
use crate::{finding, output};

use draw::Style;
use events::{Agent, Event, Events, Woken};
use model::{Model, Wish};
use screen::Screen;

/// How often times are shown anew.
const TICK: Duration = Duration::from_secs(1);

/// The screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch;

/// Why it ended.
enum End {
    /// A person wanted it.
    Quit,
    /// The terminal or the system would not go on.
    Failed(std::io::Error),
}

impl Watch {
    /// Shows it until a key or a signal ends it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        // A passphrase is about to pass through this process, and what it answers is a permission:
        // no other process of the user shall look into it or steer it.
        let _ = hardening::protect_process();
        if !output::stdout_is_terminal() || !output::stdin_is_terminal() {
            output::fact("this needs a terminal, to show and to be typed at");
            output::hint(
                "`keyfob list`, `keyfob status` and `keyfob why` tell the same without one",
            );
            return Exit::Failure;
        }
        let (connection, path, state) = match begin(environment) {
            Ok(begun) => begun,
            Err(exit) => return exit,
        };
        let mut model = Model::new(Instant::now());
        model.told(state, Instant::now());
        let colours = !environment.no_color();
        match watch(&mut model, Style { colours }, connection, path) {
            End::Quit if model.is_connected() => Exit::Success,
            End::Quit => Exit::NoAgent,
            End::Failed(error) => {
                output::fact(format!("the terminal cannot be used: {error}"));
                Exit::Failure
            }
        }
    }
}

/// Connects, and sees whether it may look on.
fn begin(environment: &Environment) -> Result<(Connection, PathBuf, State), Exit> {
    let mut connection = finding::connect(environment, Voice::Keyfob)?;
    let path = environment.auth_sock().or_else(|| finding::own_socket(environment).ok());
    let path = path.ok_or(Exit::NoAgent)?;
    match connection.watch(WatchRequest::Next(0)) {
        Ok(Some(WatchReply::State(state))) => Ok((connection, path, state)),
        Ok(_) => {
            output::fact("this agent lets nobody look on here");
            output::hint(
                "only keyfob's own does, at its own socket: not at a profile's, and not over a forwarded connection",
            );
            Err(Exit::Failure)
        }
        Err(error) => {
            output::fact(error.to_string());
            Err(Exit::Failure)
        }
    }
}

fn watch(model: &mut Model, style: Style, connection: Connection, path: PathBuf) -> End {
    // First: threads that begin later hold the same signals back.
    let held = match Held::new() {
        Ok(held) => held,
        Err(error) => return End::Failed(error),
    };
    let mut held = Some(held);
    let begun = Events::begin(connection.into_client(), path)
        .and_then(|events| Ok((events, Screen::enter()?)));
    let (mut events, mut screen) = match begun {
        Ok(begun) => begun,
        Err(error) => return End::Failed(error),
    };
    events.send(WatchRequest::Next(model.state().revision));
    loop {
        if let Err(error) = screen.draw(|frame| draw::draw(frame, model, style, Instant::now())) {
            return End::Failed(error);
        }
        let Some(holding) = &held else { return End::Quit };
        match events.wait(holding, TICK) {
            Ok((Woken::Look, happened)) => {
                for event in happened {
                    if happens(event, model, &mut events) {
                        return End::Quit;
                    }
                }
            }
            Ok((Woken::Signal(signal), _)) => {
                screen.leave();
                // Usually that is the end; after a stop it goes on.
                if let Err(error) = held.take().map_or(Ok(()), |held| held.deliver(signal)) {
                    return End::Failed(error);
                }
                match Held::new().and_then(|again| screen.enter_again().map(|()| again)) {
                    Ok(again) => held = Some(again),
                    Err(error) => return End::Failed(error),
                }
            }
            Err(error) => return End::Failed(error),
        }
    }
}

/// Takes one event in; `true` when it is the last.
fn happens(event: Event, model: &mut Model, events: &mut Events) -> bool {
    let now = Instant::now();
    let wish = match event {
        Event::Key(key) => model.pressed(key, now),
        Event::Pasted(text) => model.pasted(text),
        Event::Resized => Wish::Nothing,
        Event::Ended => return true,
        Event::Agent(Agent::Here(sender)) => {
            events.use_sender(sender);
            model.connected();
            events.send(WatchRequest::Next(0));
            Wish::Nothing
        }
        Event::Agent(Agent::Replied(WatchReply::State(state))) => {
            let revision = state.revision;
            model.told(state, now);
            events.send(WatchRequest::Next(revision));
            Wish::Nothing
        }
        Event::Agent(Agent::Replied(WatchReply::Claimed(claimed))) => {
            model.claimed(claimed);
            Wish::Nothing
        }
        Event::Agent(Agent::Replied(WatchReply::Answered(answered))) => {
            model.answered(answered);
            Wish::Nothing
        }
        Event::Agent(Agent::Gone(why)) => {
            model.gone(&why);
            Wish::Nothing
        }
    };
    match wish {
        Wish::Nothing => {}
        Wish::Quit => return true,
        Wish::Claim(passphrase) => events.send(WatchRequest::Claim(&passphrase)),
        Wish::Answer(id, choice) => events.send(WatchRequest::Answer { id, choice }),
    }
    false
}
