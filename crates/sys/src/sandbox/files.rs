//! Landlock.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::{Places, Wall};

/// What is asked for: known since Linux 6.12, in 2024. A kernel that knows less gives what it has.
const KNOWN: ABI = ABI::V6;

pub(super) fn close(places: &Places) -> Wall {
    match restrict(places) {
        Ok(RulesetStatus::FullyEnforced) => Wall::on(reach(places)),
        Ok(RulesetStatus::PartiallyEnforced) => {
            Wall::on(format!("{}; this kernel knows a part of Landlock only", reach(places)))
        }
        Ok(RulesetStatus::NotEnforced) => Wall::off("this kernel has no Landlock"),
        Err(error) => Wall::off(error.to_string()),
    }
}

fn restrict(places: &Places) -> Result<RulesetStatus, RulesetError> {
    let all = AccessFs::from_all(KNOWN) & !(AccessFs::ReadFile | AccessFs::ReadDir);
    let mut ruleset = Ruleset::default()
        .handle_access(all)?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::Signal)?;
    if !places.abstract_sockets {
        ruleset = ruleset.scope(Scope::AbstractUnixSocket)?;
    }
    let mut ruleset = ruleset.create()?;
    for folder in &places.files {
        ruleset = allow(ruleset, folder, changes())?;
    }
    for folder in &places.sockets {
        ruleset = allow(ruleset, folder, sockets())?;
    }
    Ok(ruleset.restrict_self()?.ruleset)
}

/// Nothing can be allowed in a folder that is not there.
fn allow(
    ruleset: RulesetCreated,
    folder: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(folder) {
        Ok(opened) => ruleset.add_rule(PathBeneath::new(opened, access)),
        Err(_) => Ok(ruleset),
    }
}

/// Ordinary files and folders: no devices, no links that lead elsewhere, no programs.
fn changes() -> BitFlags<AccessFs> {
    AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}

fn sockets() -> BitFlags<AccessFs> {
    AccessFs::MakeSock | AccessFs::MakeDir | AccessFs::RemoveFile | AccessFs::RemoveDir
}

fn reach(places: &Places) -> String {
    let names = |folders: &[std::path::PathBuf]| {
        let names: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        if names.is_empty() { "nowhere".to_owned() } else { names.join(", ") }
    };
    format!("changes files in {}; sockets in {}", names(&places.files), names(&places.sockets))
}
