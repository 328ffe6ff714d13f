//! A case: what both implementations shall do, or why they differ.

use crate::implementation::{Implementation, Version};
use crate::world::World;

/// A body of a case.
pub type Body = fn(&World);

/// Where keyfob differs from OpenSSH on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The case that shows it.
    pub case: &'static str,
    /// What OpenSSH does.
    pub original: &'static str,
    /// What keyfob does.
    pub ours: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// One behaviour, and how each implementation is held to it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    name: &'static str,
    original: Option<Body>,
    ours: Body,
    diverges: bool,
    since: Option<&'static str>,
    gap: Option<&'static str>,
}

impl Case {
    /// A case both must pass. The name is the full path, as the macros give it.
    pub const fn new(name: &'static str, body: Body) -> Self {
        Self { name, original: Some(body), ours: body, diverges: false, since: None, gap: None }
    }

    /// A case with a body for each: the original's behaviour, then ours. It must be in the table
    /// of divergences.
    pub const fn divergent(name: &'static str, original: Body, ours: Body) -> Self {
        Self { name, original: Some(original), ours, diverges: true, since: None, gap: None }
    }

    /// A case for keyfob alone, where OpenSSH makes no promise that could be asserted.
    pub const fn ours(name: &'static str, body: Body) -> Self {
        Self { name, original: None, ours: body, diverges: false, since: None, gap: None }
    }

    /// Behaviour that OpenSSH has since this release; an older one is not asked.
    #[must_use]
    pub const fn since(mut self, release: &'static str) -> Self {
        self.since = Some(release);
        self
    }

    /// What keyfob does not do yet. Its trial must fail, and the run fails when it passes.
    #[must_use]
    pub const fn gap(mut self, reason: &'static str) -> Self {
        self.gap = Some(reason);
        self
    }

    /// The case's name without the test program's: `module::case`.
    pub fn name(&self) -> &'static str {
        self.name.split_once("::").map_or(self.name, |(_, name)| name)
    }

    /// Whether it has a body for each.
    pub fn diverges(&self) -> bool {
        self.diverges
    }

    /// What this implementation is held to, if it is held to anything.
    pub fn body(&self, implementation: Implementation) -> Option<Body> {
        match implementation {
            Implementation::OpenSsh => self.original,
            Implementation::Keyfob => Some(self.ours),
        }
    }

    /// Why this implementation is not asked, if it is not.
    pub fn skipped(&self, implementation: Implementation) -> Option<String> {
        let since = self.since?;
        let installed = implementation.version().ok()?;
        let wanted = Version::parse(since).expect("a release is written `9.2`");
        (installed < wanted).then(|| format!("skipped: installed {installed} < {since}"))
    }

    /// Why this implementation is expected to fail, if it is.
    pub fn expected_failure(&self, implementation: Implementation) -> Option<&'static str> {
        if implementation == Implementation::Keyfob { self.gap } else { None }
    }
}

/// `case!(function)`: a case both must pass, named after its module and function.
#[macro_export]
macro_rules! case {
    ($body:ident) => {
        $crate::Case::new(concat!(module_path!(), "::", stringify!($body)), $body)
    };
}

/// `divergent!(name, original, ours)`: a case with a body for each.
#[macro_export]
macro_rules! divergent {
    ($name:ident, $original:ident, $ours:ident) => {
        $crate::Case::divergent(concat!(module_path!(), "::", stringify!($name)), $original, $ours)
    };
}

/// `ours!(function)`: a case for keyfob alone.
#[macro_export]
macro_rules! ours {
    ($body:ident) => {
        $crate::Case::ours(concat!(module_path!(), "::", stringify!($body)), $body)
    };
}
