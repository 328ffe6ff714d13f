//! The recipes for Nix and Homebrew, read by Nix and by Ruby. Neither nixpkgs nor Homebrew is at hand, so
//! what a recipe takes from them is played by the files in `recipes`; what it installs is really installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyfob_testkit::World;

use crate::support::{skipped, world};

/// Reading this program's source into Nix's store takes a while on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn played(name: &str) -> PathBuf {
    root().join("crates/cli/tests/commands/recipes").join(name)
}

/// What Nix makes of this attribute of the package.
fn evaluated(world: &World, expression: &str) -> String {
    let nixpkgs = world.make_folder("nixpkgs");
    fs::copy(played("nixpkgs.nix"), nixpkgs.join("flake.nix")).unwrap();
    let flake = format!("git+file:{}?dir=packaging/nix", root().display());
    let nix = world.system_program("nix").limit(PATIENCE);
    let nix = ["STORE", "STATE", "LOG"].iter().fold(nix, |nix, what| {
        nix.env(format!("NIX_{what}_DIR"), world.path(format!("nix/{what}")))
    });
    let output = nix
        .args(["--extra-experimental-features", "nix-command flakes", "eval", "--offline", "--raw"])
        .args(["--no-write-lock-file", "--override-input", "nixpkgs"])
        .arg(format!("path:{}", nixpkgs.display()))
        .arg(format!("{flake}#packages.x86_64-linux.default"))
        .args(["--apply", expression])
        .output();
    output.exits(0).stdout()
}

/// Lost otherwise: a file is moved, and whoever builds by this recipe finds out.
#[test]
fn nix_reads_the_recipe_and_installs_what_it_names() {
    if !is_installed("nix") {
        return skipped("nix is not installed");
    }
    if !root().join(".git").exists() {
        return skipped("Nix takes the source from a git checkout");
    }
    let world = world();
    let known =
        "p: \"${p.pname} ${p.version} ${toString (builtins.pathExists p.cargoLock.lockFile)}\"";
    assert_eq!(evaluated(&world, known), format!("keyfob {} 1", env!("CARGO_PKG_VERSION")));
    let steps = evaluated(&world, "p: p.postInstall");
    let script =
        format!("source {}\ncd {}\n{steps}", played("nixpkgs.sh").display(), root().display());
    let out = world.folder().join("out");
    let installed = world.system_program("bash").args(["-c", &script]).env("out", &out).output();
    installed.exits(0);
    let service = fs::read_to_string(out.join("share/systemd/user/keyfob.service")).unwrap();
    let start = format!("ExecStart={}/bin/keyfob agent -D", out.display());
    assert!(service.lines().any(|line| line == start), "{service}");
    for file in
        ["share/man/man1/keyfob.1", "share/man/man5/keyfob-config.5", "completions/fish/keyfob"]
    {
        assert!(out.join(file).is_file(), "{file}");
    }
}

/// Lost otherwise: the same, and the test that Homebrew runs of it.
#[test]
fn homebrews_formula_installs_what_it_names_and_its_test_passes() {
    if !is_installed("ruby") {
        return skipped("ruby is not installed");
    }
    let world = world();
    let output = world
        .system_program("ruby")
        .arg(played("homebrew.rb"))
        .arg(root().join("packaging/homebrew/keyfob.rb"))
        .arg(env!("CARGO_BIN_EXE_keyfob"))
        .arg(world.folder().join("brew"))
        .in_folder(root())
        .output();
    let said = output.exits(0).stdout();
    assert!(said.contains("desc homepage license head depends_on\n"), "{said}");
    assert!(said.contains("eval \"$(keyfob env)\""), "{said}");
    for file in ["man1/keyfob.1", "man7/keyfob-from-ssh-agent.7", "bash_completion/keyfob"] {
        assert!(world.folder().join("brew").join(file).is_file(), "{file}");
    }
}
