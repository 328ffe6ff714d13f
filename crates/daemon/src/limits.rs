//! The numbers that bound what clients can make the agent hold.

use std::time::Duration;

/// Frames above [`SMALL_FRAME`] that all connections together receive at a time:
/// 16 MiB of buffers, as a frame has at most 256 KiB.
pub(crate) const LARGE_FRAMES: usize = 64;

/// A frame up to this size is not counted: nearly all requests are.
pub(crate) const SMALL_FRAME: usize = 4096;

/// What has to be left of a limit on memory for one more of each. An allocation that fails ends the
/// agent and takes all keys with it; what is left serves those that are there. Of a large frame a
/// buffer of 256 KiB takes the place of one of 128. A key is one more in the list of all, which is
/// put together, kept and sent.
pub(crate) const ROOM_FOR_A_LARGE_FRAME: usize = 768 << 10;
pub(crate) const ROOM_FOR_A_KEY: usize = 512 << 10;
pub(crate) const ROOM_FOR_A_CONNECTION: usize = 384 << 10;
pub(crate) const COPIES_OF_THE_LIST: usize = 4;

/// So many bytes that became free are worth walking through the heap for: a large frame, or some
/// dozen connections. Of the last crowd so much may stay.
pub(crate) const FREED_IS_MUCH: usize = 256 << 10;

/// How long after that they go back to the system, together with what else becomes free.
pub(crate) const FREED_GOES_BACK_AFTER: Duration = Duration::from_secs(1);

/// How long after its file was removed a socket is made anew; each further attempt waits twice as
/// long, together a minute.
pub(crate) const RESTORE_PAUSE: Duration = Duration::from_secs(1);

/// So often it is tried.
pub(crate) const RESTORE_ATTEMPTS: u32 = 6;

/// The longest pause inside a frame. A client that sends one byte a second is
/// slow; one that stops in the middle of a frame is gone. It is also the time a
/// frame above [`SMALL_FRAME`] has to arrive whole, and an answer has to be read
/// while more than that is buffered: others may be waiting for the memory.
pub(crate) const FRAME_PATIENCE: Duration = Duration::from_secs(60);

/// Questions shown at the same time; further ones wait their turn. A hundred
/// dialogs at once train a person to click "yes".
pub(crate) const OPEN_QUESTIONS: usize = 3;

/// Questions on behalf of one process, shown or waiting for their turn; further ones are refused,
/// requests that ask the same are not counted. For each process: a server behind a forwarded agent
/// must not take the questions of others away.
pub(crate) const QUESTIONS_OF_A_PROCESS: usize = 16;

/// After a question for the passphrase of the key store that came to nothing, requests from beyond
/// this machine open no other one for so long: a server must not fill the screen with dialogs until
/// one is answered. Who sits here may ask again at once.
pub(crate) const PAUSE_FOR_REMOTE: Duration = Duration::from_secs(60);

/// Lines of the log that wait to be written, at a few kilobytes each.
pub(crate) const LOG_QUEUE: usize = 1024;

/// Lines that are written in one piece.
pub(crate) const LOG_TOGETHER: usize = 256;

/// For how long lines are gathered, while many come and nobody waits for them.
pub(crate) const LOG_GATHERS: Duration = Duration::from_millis(2);

/// Lines that wait and are gathered no longer: the queue must not get full of them.
pub(crate) const LOG_URGENT: u64 = 256;

/// How long a signature waits for its line, where it must be written.
pub(crate) const LOG_PATIENCE: Duration = Duration::from_secs(5);

/// How long who asks where the log stands waits for what is queued.
pub(crate) const LOG_STANDING_WITHIN: Duration = Duration::from_secs(5);

/// How long the agent's end waits for the last lines.
pub(crate) const LOG_ENDS_WITHIN: Duration = Duration::from_secs(2);

/// Characters shown of a comment, a user or a namespace: more than any honest
/// one has.
pub(crate) const MAX_SHOWN: usize = 200;

/// The longest the agent sleeps while a key has a lifetime: timers stand still
/// while a laptop sleeps, lifetimes do not.
pub(crate) const LONGEST_NAP: Duration = Duration::from_secs(30);

/// How long after something was learned it is written down, together with what else is learned.
pub(crate) const LEARNED_IS_KEPT_AFTER: Duration = Duration::from_secs(2);

/// Processes named of who asks, the client's own among them.
pub(crate) const MAX_CHAIN: usize = 10;

/// Characters shown of the name of a program; the kernel's own name for it has 15.
pub(crate) const MAX_SHOWN_PROGRAM: usize = 32;

/// Folders looked at, from that of a process upwards, for the repository it is in.
pub(crate) const MAX_FOLDERS: usize = 40;

/// The longest known hosts file that is read: those of large sites have many thousand lines.
pub(crate) const MAX_KNOWN_HOSTS: u64 = 64 << 20;

/// The longest file of the settings of `ssh` that is read for names of hosts, and how many such files.
pub(crate) const MAX_CLIENT_SETTINGS: u64 = 1 << 20;
pub(crate) const MAX_CLIENT_FILES: usize = 64;

/// Names of hosts that are remembered, to be tried against hashed ones.
pub(crate) const MAX_REMEMBERED_HOSTS: usize = 128;

/// Hosts an agent is forwarded over that are named one by one.
pub(crate) const MAX_SHOWN_HOSTS: usize = 4;

/// How long a denied question counts towards a pause.
pub(crate) const DENIALS_COUNT_FOR: Duration = Duration::from_secs(60);

/// Requesters whose denials are counted at the same time: a person denies no more in a minute.
pub(crate) const MAX_SUSPECTS: usize = 256;

/// Connections of `keyfob watch`: more than a person has screens.
pub(crate) const MAX_WATCHERS: usize = 16;

/// How long a watcher waits for news before it is told that there are none.
pub(crate) const WATCHERS_WAIT: Duration = Duration::from_secs(30);

/// How long after a change watchers are told of it, together with what else changes.
pub(crate) const WATCHERS_ARE_TOLD_AFTER: Duration = Duration::from_millis(30);

/// Processes looked at, from the one that asks upwards, for one that looks on. Beyond it nobody can
/// say, and that is a "no".
pub(crate) const MAX_ANCESTORS: usize = 64;

/// After a "no" to the question whether a terminal may answer, none is asked about for so long.
pub(crate) const PAUSE_FOR_CLAIMS: Duration = Duration::from_secs(30);

/// Threads for long work that are made at the start and never end: for one that takes the place of
/// a thread that serves, a derivation and a signature.
pub(crate) const KEPT_THREADS: usize = 3;

/// Threads for long work at most. As they are kept, this also bounds what a file system that hung for
/// a while leaves behind.
pub(crate) const MAX_BLOCKING_THREADS: usize = 128;

/// How long a turn goes on for threads that have to take over clients; they need far less where there
/// are any.
pub(crate) const CATCH_UP_WITHIN: Duration = Duration::from_millis(100);

/// For so long after a process was looked at, notes of what it does name it without another look …
pub(crate) const NAMES_STAY: Duration = Duration::from_millis(100);

/// … and so many processes at most.
pub(crate) const MAX_LATELY: usize = 64;
