//! One thing that was done, or would be: what a person reads as a line, and a script as JSON.

use serde::Serialize;

/// What was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    /// A file of ours.
    Write,
    /// The old file under another name.
    Keep,
    /// A command.
    Run,
    /// A link to keyfob.
    #[cfg_attr(windows, allow(dead_code, reason = "there they are copies"))]
    Link,
    /// A copy of keyfob.
    #[cfg_attr(not(windows), allow(dead_code, reason = "there they are links"))]
    Copy,
    /// An entry of Windows' start-up.
    #[cfg_attr(not(windows), allow(dead_code, reason = "of Windows"))]
    StartUp,
    /// A variable of the account.
    #[cfg_attr(not(windows), allow(dead_code, reason = "of Windows"))]
    Variable,
    /// A line in the start file of a shell.
    StartFile,
    /// The end of an agent.
    EndAgent,
    /// A file of ours goes.
    Remove,
    /// A folder that was made for them goes.
    RemoveFolder,
    /// Looked at only.
    Look,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is done.
    Done,
    /// It was so before.
    Already,
    /// It would be done.
    Would,
    /// It was left as it is, on purpose.
    Left,
    /// It could not be done.
    Failed,
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// What.
    pub(crate) what: What,
    /// What became of it.
    pub(crate) state: State,
    /// The path or the command line, made safe to show.
    pub(crate) subject: String,
    /// What goes into the file, where nothing is done yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,
    /// Why so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

impl Step {
    /// Without content and reason.
    pub(crate) fn new(what: What, state: State, subject: String) -> Self {
        Self { what, state, subject, content: None, why: None }
    }

    /// The same with a reason.
    #[must_use]
    pub(crate) fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// The same with the content of a file.
    #[must_use]
    pub(crate) fn with(self, content: &[u8]) -> Self {
        Self { content: Some(String::from_utf8_lossy(content).into_owned()), ..self }
    }
}
