//! A process under test that does not outlive its test.

use std::process::Child;

/// Is ended, and waited for, when this is dropped.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
