//! How long a new RSA key takes beside `ssh-keygen`: whole programs that start, search, and write
//! both files without a passphrase. A search is a matter of luck: only many of them say something,
//! and the ratio is that of the medians.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::contender::{Contender, Field, Who};
use crate::extent::Extent;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::millis;

const SIZES: [u32; 3] = [2048, 3072, 4096];

pub(crate) fn rows(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    if extent.generated == 0 {
        return;
    }
    let both: Vec<_> = who.iter().copied().filter(|who| *who != Who::Pageant).collect();
    let homes = Field::of(&both, |_| ());
    for bits in SIZES {
        let rounds = Rounds::of(&homes, extent.generated, |home| generate(home, bits));
        let metrics = vec![
            rounds.metric_of_luck("time", "ms", |(wall, _)| Some(millis(*wall))),
            rounds.metric_of_luck("cpu", "ms", |(_, cpu)| Some(millis(*cpu))),
        ];
        note(Row::new("generation", format!("rsa-{bits}"), metrics));
    }
}

/// Time by the clock, and processor time.
fn generate(home: &Contender, bits: u32) -> (Duration, Duration) {
    for file in ["new", "new.pub"] {
        let _ = fs::remove_file(home.world().path(file));
    }
    let mut command = match home.who() {
        Who::Keyfob => {
            let mut command = Command::new(home.world().folder().join("bin/keyfob"));
            command.args(["generate", "-q", "--no-passphrase"]);
            command
        }
        Who::OpenSsh | Who::Pageant => {
            let mut command = Command::new("/usr/bin/ssh-keygen");
            command.args(["-q", "-N", ""]);
            command
        }
    };
    command.args(["-t", "rsa", "-f", "new", "-b"]).arg(bits.to_string());
    command.current_dir(home.world().home()).env_clear().env("HOME", home.world().home());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let (cpu, began) = (of_children(), Instant::now());
    let ended = command.status().expect("it starts");
    assert!(ended.success(), "{ended}");
    let took = (began.elapsed(), of_children() - cpu);
    assert!(home.world().path("new.pub").exists(), "it wrote no public half");
    took
}

/// Processor time of the children that have ended: fields 16 and 17 of proc_pid_stat(5), in ticks
/// of 1/100 s.
fn of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("it is ours");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let fields = fields.split_whitespace().skip(13).take(2);
    Duration::from_millis(
        10 * fields.map(|ticks| ticks.parse::<u64>().expect("ticks")).sum::<u64>(),
    )
}
