//! How many descriptors this process may hold.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit of open descriptors to the hard one, so that many idle connections do
/// not stop the listener. Returns the limits as they were: a child made later should get its old
/// soft limit back, because a program that uses `select` breaks above 1024.
///
/// # Errors
/// The kernel's, when it refuses.
pub fn raise_limit() -> io::Result<Rlimit> {
    let before = getrlimit(Resource::Nofile);
    if before.current != before.maximum {
        let raised = Rlimit { current: before.maximum, maximum: before.maximum };
        setrlimit(Resource::Nofile, raised)?;
    }
    Ok(before)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn afterwards_all_descriptors_of_the_hard_limit_can_be_used() {
        let before = raise_limit().unwrap();
        let now = getrlimit(Resource::Nofile);
        assert_eq!((now.current, now.maximum), (before.maximum, before.maximum));
        raise_limit().unwrap();
    }
}
