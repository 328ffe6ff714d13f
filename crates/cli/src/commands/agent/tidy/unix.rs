//! Sockets are files, and stay when their agent dies.

use std::path::Path;
use std::time::SystemTime;

use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::user;
use keyfob_transport::stale::{Hosts, clean};

use crate::voice::agents::with_causes;

/// Removes them; also done before a new one is made.
pub(in crate::commands::agent) fn sockets(home: &Path, all_hosts: bool) -> Result<(), String> {
    let host = user::host_name();
    let hosts = if all_hosts { Hosts::All } else { Hosts::Only(host.as_bytes()) };
    clean(home, hosts, SystemTime::now()).map(drop).map_err(|error| with_causes(&error))
}
