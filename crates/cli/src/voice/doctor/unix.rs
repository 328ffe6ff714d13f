//! Hints that hold where shells lead programs to an agent.

pub(crate) const START: &str = "eval \"$(keyfob env)\"   starts keyfob's agent and leads to it";
pub(crate) const EVALUATE: &str = "eval \"$(keyfob env)\"   leads there; the same line in your shell's start file does it for good";
pub(crate) const ONLY_SSH: &str =
    "git and other programs that do not run ssh find no agent: eval \"$(keyfob env)\"";
pub(crate) const FOREIGN: &str =
    "whoever runs it sees what you log in to; unset the variable, or eval \"$(keyfob env)\"";
pub(crate) const MANAGER: &str = "systemctl --user status   shows what it waits for";
pub(crate) const TELL_SERVICES: &str =
    "systemctl --user import-environment SSH_AUTH_SOCK   tells them, until you log out";
pub(crate) const END_IT: &str = "eval \"$(keyfob env)\" leads to keyfob's; then end the other one";
pub(crate) const HARMLESS: &str = "it is in nobody's way while SSH_AUTH_SOCK leads elsewhere";
pub(crate) const GPG: &str =
    "take the line out, then gpgconf --kill gpg-agent: its start-up leads SSH_AUTH_SOCK to it";
pub(crate) const RESTART: &str =
    "end the agent and start it anew: keyfob agent -k, then eval \"$(keyfob env)\"";
#[cfg(target_os = "linux")]
pub(crate) const RESTART_SERVICE: &str = "systemctl --user stop keyfob.service   ends the agent, and with it keys that are in no key store; the next client starts it anew";
pub(crate) const LISTEN_AGAIN: &str =
    "keyfob install   puts it in order, and asks before it ends an agent in its place";
pub(crate) const HOME_OPEN: &str = "sshd takes no authorized_keys from such a home (StrictModes)";
pub(crate) const SOCKET_FOLDER_OPEN: &str = "another socket can be put in the agent's place";
pub(crate) const SOCKET_OPEN: &str = "the socket is nobody else's";
