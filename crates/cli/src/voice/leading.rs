//! The line by which a shell is led to keyfob's agent.

/// In PowerShell where that is the shell, else in a Unix shell.
const LINE: &str = if cfg!(windows) {
    "keyfob env | Out-String | Invoke-Expression"
} else {
    "eval \"$(keyfob env)\""
};

/// Where there is no agent.
pub(crate) const START: &str = if cfg!(windows) {
    "keyfob agent   starts one; keyfob install has one start at each logon"
} else {
    "eval \"$(keyfob env)\"   starts one and tells this shell"
};

/// The line, and what it does.
pub(crate) fn line(does: &str) -> String {
    format!("{LINE}   {does}")
}
