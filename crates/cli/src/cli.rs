//! The `keyfob` command line: one table for the parser, its help, the man
//! pages and the completions.

mod arguments;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _};
use keyfob_config::env::Environment;

use crate::commands::completions::Completions;
use crate::commands::man::Man;
use crate::commands::relay::Relay;
#[cfg(feature = "watch")]
use crate::commands::watch::Watch;
use crate::exit::Exit;
use crate::output;
use crate::voice::locking::Turn;
use arguments::{Arguments, Command};

/// Parses and runs.
pub(crate) fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    let parsed = table()
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => execute(arguments.command, environment),
        Err(error) if !error.use_stderr() => {
            output::styled_data(&error.render());
            Exit::Success
        }
        Err(error) => {
            output::usage_error(&error);
            Exit::Failure
        }
    }
}

/// The whole table, for the parser and for everything made from it.
pub(crate) fn table() -> clap::Command {
    Arguments::command()
}

fn execute(command: Command, environment: &Environment) -> Exit {
    match command {
        Command::Env(env) => env.into_command().run(environment),
        Command::Agent(agent) => agent.run(environment),
        Command::Add(add) => add.run(environment),
        Command::List(list) => list.run(environment),
        Command::Remove(remove) => remove.into_command().run(environment),
        Command::Lock(lock) => lock.into_command(Turn::Lock).run(environment),
        Command::Unlock(unlock) => unlock.into_command(Turn::Unlock).run(environment),
        Command::Status(status) => status.into_command().run(environment),
        #[cfg(feature = "watch")]
        Command::Watch => Watch.run(environment),
        Command::Relay => Relay.run(environment),
        Command::Why(why) => why.into_command().run(environment),
        Command::Log(log) => log.run(environment),
        Command::Hosts(hosts) => hosts.run(environment),
        Command::Explain(explain) => explain.into_command().run(environment),
        Command::Test(test) => test.into_command().run(environment),
        Command::Generate(generate) => generate.run(environment),
        Command::Inspect(inspect) => inspect.into_command().run(),
        Command::Convert(convert) => convert.into_command().run(environment),
        Command::Passphrase(passphrase) => passphrase.run(environment),
        Command::Comment(comment) => comment.into_command().run(environment),
        Command::Public(public) => public.into_command().run(environment),
        Command::CopyId(copy_id) => copy_id.into_command().run(environment),
        Command::Import(import) => import.into_command().run(environment),
        Command::Export(export) => export.into_command().run(environment),
        Command::Rename(rename) => rename.into_command().run(environment),
        Command::Delete(delete) => delete.into_command().run(environment),
        Command::Account(account) => account.into_command().run(environment),
        Command::Recovery(recovery) => recovery.into_command().run(environment),
        Command::Rekey(rekey) => rekey.into_command().run(environment),
        Command::Doctor(doctor) => doctor.into_command().run(environment),
        Command::Check(check) => check.into_command().run(environment),
        Command::Backup(backup) => backup.into_command().run(environment),
        Command::Restore(restore) => restore.into_command().run(environment),
        Command::Set(set) => set.into_command().run(environment),
        Command::Init(init) => init.into_command().run(environment),
        Command::Config(config) => config.into_command().run(environment),
        Command::Setup(setup) => setup.into_command().run(environment),
        Command::Install(install) => install.into_command().run(environment),
        Command::Uninstall(uninstall) => uninstall.into_command().run(environment),
        Command::Help(help) => help.into_command().run(),
        Command::Completions { shell } => Completions { shell }.run(),
        Command::Man { directory } => Man { directory }.run(),
    }
}
