//! What a new shell costs with the line of `keyfob install --shell` in its start file, beside one
//! without: bash, in turn, with the agent running.
//! `cargo bench -p keyfob --bench shell`; KEYFOB_BIN names another keyfob than the one beside it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

use std::time::Duration;

use keyfob_testkit::{Implementation, Run, World};
use rustix::process::Pid;

/// Shells of each kind.
const ROUNDS: usize = 20;
/// Shells before those, so that all files are in memory.
const WARM: usize = 3;

fn main() {
    let world = World::new(Implementation::Keyfob).unwrap();
    if !std::path::Path::new("/usr/bin/bash").exists()
        && !std::path::Path::new("/bin/bash").exists()
    {
        println!("skipped: bash is not installed");
        return;
    }
    let bare = Home::new(&world, "bare");
    let hooked = Home::new(&world, "hooked");
    hooked.run("keyfob").args(["install", "--shell=bash"]).output().exits(0);
    // Its agent is started by the first shell that asks.
    let told = hooked.shell("echo \"$SSH_AUTH_SOCK $SSH_AGENT_PID\"").output().exits(0).stdout();
    let (socket, pid) = told.trim().rsplit_once(' ').expect("the shell was told of an agent");
    world.adopt(Pid::from_raw(pid.parse().unwrap()).unwrap());
    assert!(std::path::Path::new(socket).exists(), "{told}");
    assert_eq!(bare.shell("echo \"$SSH_AUTH_SOCK\"").output().stdout(), "\n");
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..WARM + ROUNDS {
        for (home, times) in [&bare, &hooked].into_iter().zip(&mut times) {
            let output = home.shell(":").output();
            output.exits(0);
            if round >= WARM {
                times.push(output.took);
            }
        }
    }
    let differences = times[0].iter().zip(&times[1]);
    let differences: Vec<f64> = differences.map(|(bare, hooked)| ms(*hooked) - ms(*bare)).collect();
    let [bare, hooked] = times.map(|times| median(times.into_iter().map(ms).collect()));
    println!("{ROUNDS} shells each, in turn; medians:");
    println!("  bash                        {bare:6.2} ms");
    println!("  bash with the line          {hooked:6.2} ms");
    println!("  the difference of a pair    {:6.2} ms", median(differences));
}

/// A home with its own start file.
struct Home<'w> {
    world: &'w World,
    folder: std::path::PathBuf,
}

impl<'w> Home<'w> {
    fn new(world: &'w World, name: &str) -> Self {
        let folder = world.make_folder(name);
        world.make_folder(format!("{name}/run"));
        world.write(format!("{name}/.bashrc"), "", 0o644);
        Self { world, folder }
    }

    fn run(&self, program: &str) -> Run {
        let run = self.world.program(program).env("HOME", &self.folder).env("SHELL", "/bin/bash");
        run.env("XDG_RUNTIME_DIR", self.folder.join("run"))
    }

    /// One that reads the start file, and ends.
    fn shell(&self, command: &str) -> Run {
        self.run("bash").args(["-ic", command])
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    (values[middle - 1] + values[middle]) / 2.0
}
