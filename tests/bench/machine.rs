//! Where the figures come from: absolute times are this machine's, ratios carry over to others.

use std::fs;
use std::thread::available_parallelism;

/// What aws-lc signs with RSA by where it is there, more than twice as fast as without.
const IFMA: &str = "avx512ifma";

/// In a line.
pub(crate) fn describe() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let flags = field("/proc/cpuinfo", "flags").unwrap_or_default();
    let with = if flags.split(' ').any(|flag| flag == IFMA) { "with" } else { "without" };
    let kernel = read("/proc/sys/kernel/osrelease");
    let system = field("/etc/os-release", "PRETTY_NAME").unwrap_or_else(|| "Linux".into());
    let system = system.trim_matches('"');
    format!("{cores} cores of {processor} {with} AVX-512 IFMA; {system}, Linux {}", kernel.trim())
}

/// What else the machine did at the end: processes that wanted to run, over a minute.
pub(crate) fn busyness() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches([' ', '\t', ':', '=']).to_owned())
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
