//! The numbers that bound what clients can make the agent hold.

use std::time::Duration;

/// Frames above [`SMALL_FRAME`] that all connections together receive at a time:
/// 16 MiB of buffers, as a frame has at most 256 KiB.
pub(crate) const LARGE_FRAMES: usize = 64;

/// A frame up to this size is not counted: nearly all requests are.
pub(crate) const SMALL_FRAME: usize = 4096;

/// The longest pause inside a frame. A client that sends one byte a second is
/// slow; one that stops in the middle of a frame is gone. It is also the time a
/// frame above [`SMALL_FRAME`] has to arrive whole, and an answer has to be read
/// while more than that is buffered: others may be waiting for the memory.
pub(crate) const FRAME_PATIENCE: Duration = Duration::from_secs(60);

/// Questions shown at the same time; further ones wait their turn. A hundred
/// dialogs at once train a person to click "yes".
pub(crate) const OPEN_QUESTIONS: usize = 3;

/// Questions on behalf of one process, shown or waiting for their turn; further
/// ones are refused. For each process: a server behind a forwarded agent must not
/// take the questions of others away.
pub(crate) const QUESTIONS_OF_A_PROCESS: usize = 16;

/// After a question for the passphrase of the key store that came to nothing, requests from beyond
/// this machine open no other one for so long: a server must not fill the screen with dialogs until
/// one is answered. Who sits here may ask again at once.
pub(crate) const PAUSE_FOR_REMOTE: Duration = Duration::from_secs(60);

/// Characters shown of a comment, a user or a namespace: more than any honest
/// one has.
pub(crate) const MAX_SHOWN: usize = 200;

/// The longest the agent sleeps while a key has a lifetime: timers stand still
/// while a laptop sleeps, lifetimes do not.
pub(crate) const LONGEST_NAP: Duration = Duration::from_secs(30);
