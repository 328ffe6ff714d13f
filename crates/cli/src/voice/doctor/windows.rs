//! Hints that hold where programs look at a pipe.

pub(crate) const START: &str =
    "keyfob agent   starts keyfob's; keyfob install   does so at each logon";
pub(crate) const EVALUATE: &str = "keyfob install   leads every program there; in PowerShell, for this window: keyfob env | Out-String | Invoke-Expression";
pub(crate) const ONLY_SSH: &str =
    "git and other programs that do not run ssh find no agent: keyfob install   leads them";
pub(crate) const FOREIGN: &str = "whoever runs it sees what you log in to; unset the variable";
pub(crate) const GPG: &str = "take the line out, then gpgconf --kill gpg-agent";
pub(crate) const RESTART: &str =
    "end the agent in the Task Manager, and start it anew: keyfob agent";
pub(crate) const OPENSSH_PIPE: &str = "if it is the service of Windows, an administrator stops it for good: Stop-Service ssh-agent; Set-Service ssh-agent -StartupType Disabled";
pub(crate) const PUTTY_PIPE: &str =
    "end it, then start keyfob's agent anew, which has that pipe too where it is free";
pub(crate) const ACCOUNT_LEADS: &str =
    "remove it from the environment variables of the account, unless it is meant so";
pub(crate) const HOME_OPEN: &str = "a .ssh of theirs can be put in the place of yours";
