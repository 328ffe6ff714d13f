//! One door per outside thing (DESIGN §3, rules 7 and 11): unsafe code, names of environment
//! variables, printing, new files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;

use keyfob_tests::source::{Source, production, root};
use syn::visit::{self, Visit};

/// Unsafe code lives here.
const UNSAFE_CRATE: &str = "crates/sys/";

/// The names of environment variables stand here.
const ENVIRONMENT: &str = "crates/config/src/env.rs";

/// Files are written here, so that none is ever lost half-way.
const SAVING: &str = "crates/cli/src/saving";

/// Files that make files themselves, and why.
const WRITES_ELSEWHERE: &[(&str, &str)] = &[
    (
        "crates/cli/src/commands/agent/logging/unix.rs",
        "a log grows by lines, and holds nothing that could be lost",
    ),
    (
        "crates/cli/src/commands/agent/logging/windows.rs",
        "a log grows by lines, and holds nothing that could be lost",
    ),
    (
        "crates/log/src/disk/unix.rs",
        "the log's own door: it grows by lines, in the process that holds the keys",
    ),
    (
        "crates/log/src/disk/windows.rs",
        "the log's own door: it grows by lines, in the process that holds the keys",
    ),
    (
        "crates/keystore/src/disk/system/unix.rs",
        "the store's own door: the same steps, which its tests interrupt one by one",
    ),
    (
        "crates/keystore/src/disk/system/windows.rs",
        "the store's own door: the same steps, which its tests interrupt one by one",
    ),
];

/// What is printed goes through here.
const PRINTING: &str = "crates/cli/src/output.rs";

/// The testkit makes environments for others and prints nothing of ours.
const TESTKIT: &str = "crates/testkit/";

/// Beginnings of environment names.
const PREFIXES: [&str; 5] = ["SSH_", "XDG_", "KEYFOB_", "LISTEN_", "NOTIFY_"];

/// Literals that look like a name and may stand elsewhere: file, name, reason.
const NAMES_ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "crates/prompt/src/askpass.rs",
        "SSH_ASKPASS_PROMPT",
        "set on the helper alone and never read, so that it cannot leak into another dialog",
    ),
    (
        "crates/prompt/src/screen.rs",
        "XDG_RUNTIME_DIR",
        "looked up in the environment of whoever asks, and set in a child; never read from ours",
    ),
    (
        "crates/cli/src/voice/agents.rs",
        "SSH_AUTH_SOCK",
        "a word of the text that the shell evaluates, not a variable of ours",
    ),
    (
        "crates/cli/src/voice/agents.rs",
        "SSH_AGENT_PID",
        "a word of the text that the shell evaluates, not a variable of ours",
    ),
];

/// Files that write to a standard stream themselves, and why.
const STREAMS_ELSEWHERE: &[(&str, &str)] = &[
    (
        "crates/prompt/src/terminal/tty.rs",
        "a prompt without a terminal goes to stderr, and the prompt knows when",
    ),
    (
        "crates/prompt/src/terminal/console.rs",
        "a prompt without a terminal goes to stderr, and the prompt knows when",
    ),
    (
        "crates/cli/src/commands/agent/logging.rs",
        "asks whether stderr takes colours; writes nothing",
    ),
];

/// Production code but the testkit's.
fn sources() -> Vec<Source> {
    production().into_iter().filter(|source| !source.path.starts_with(TESTKIT)).collect()
}

#[test]
fn unsafe_code_stands_in_sys_only() {
    for source in sources().iter().filter(|source| !source.path.starts_with(UNSAFE_CRATE)) {
        let mut finder = Finder::default();
        finder.visit_file(&source.syntax);
        assert!(!finder.is_unsafe, "{}: unsafe code", source.path);
    }
}

/// A crate that forgets the line inherits no lint at all, `unsafe_code = "forbid"` among them.
#[test]
fn every_other_crate_inherits_the_lints() {
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        let inherits = manifest.contains("\n[lints]\nworkspace = true\n");
        assert_eq!(inherits, !manifest.contains("\nname = \"keyfob-sys\"\n"), "{manifest}");
    }
}

fn is_environment_name(text: &str) -> bool {
    let upper =
        text.bytes().all(|byte| byte.is_ascii_uppercase() || b"_0123456789".contains(&byte));
    upper && PREFIXES.iter().any(|prefix| text.len() > prefix.len() && text.starts_with(prefix))
}

#[test]
fn names_of_variables_stand_in_one_file() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.path != ENVIRONMENT) {
        for (line, text) in source.literals() {
            let excepted =
                NAMES_ELSEWHERE.iter().any(|(path, name, _)| *path == source.path && *name == text);
            if is_environment_name(&text) && !excepted {
                wrong.push(format!("{}:{line}: {text}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_exception_for_a_name_is_used() {
    let sources = sources();
    for (path, name, _) in NAMES_ELSEWHERE {
        let used = sources
            .iter()
            .find(|source| source.path == *path)
            .is_some_and(|source| source.literals().iter().any(|(_, text)| text == name));
        assert!(used, "{path} does not name {name}");
    }
}

#[test]
fn printing_goes_through_one_file() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.path != PRINTING) {
        let mut finder = Finder::default();
        finder.visit_file(&source.syntax);
        let excepted = STREAMS_ELSEWHERE.iter().any(|(path, _)| *path == source.path);
        finder.prints.retain(|(line, _)| !source.is_test(*line));
        finder.streams.retain(|(line, _)| !source.is_test(*line) && !excepted);
        let all = finder.prints.iter().chain(&finder.streams);
        wrong.extend(all.map(|(line, what)| format!("{}:{line}: {what}", source.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_exception_for_a_stream_is_used() {
    let sources = sources();
    for (path, _) in STREAMS_ELSEWHERE {
        let used = sources.iter().find(|source| source.path == *path).is_some_and(|source| {
            let mut finder = Finder::default();
            finder.visit_file(&source.syntax);
            !finder.streams.is_empty()
        });
        assert!(used, "{path} uses no standard stream");
    }
}

#[test]
fn files_are_made_in_one_place() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.path.starts_with(SAVING)) {
        let mut finder = Finder::default();
        finder.visit_file(&source.syntax);
        let excepted = WRITES_ELSEWHERE.iter().any(|(path, _)| *path == source.path);
        finder.writes.retain(|(line, _)| !source.is_test(*line) && !excepted);
        wrong.extend(
            finder.writes.iter().map(|(line, what)| format!("{}:{line}: {what}", source.path)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_exception_for_a_file_is_used() {
    let sources = sources();
    for (path, _) in WRITES_ELSEWHERE {
        let used = sources.iter().find(|source| source.path == *path).is_some_and(|source| {
            let mut finder = Finder::default();
            finder.visit_file(&source.syntax);
            !finder.writes.is_empty()
        });
        assert!(used, "{path} makes no file");
    }
}

/// What has to go through a door.
#[derive(Default)]
struct Finder {
    is_unsafe: bool,
    prints: Vec<(usize, String)>,
    streams: Vec<(usize, String)>,
    writes: Vec<(usize, String)>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
        self.is_unsafe = true;
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.is_unsafe |= signature.unsafety.is_some();
        visit::visit_signature(self, signature);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.is_unsafe |= item.unsafety.is_some();
        visit::visit_item_impl(self, item);
    }

    fn visit_item_foreign_mod(&mut self, _: &'ast syn::ItemForeignMod) {
        self.is_unsafe = true;
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let Some(name) = item.path.segments.last() else { return };
        let name_text = name.ident.to_string();
        if ["print", "println", "eprint", "eprintln", "dbg"].contains(&name_text.as_str()) {
            self.prints.push((name.ident.span().start().line, format!("{name_text}!")));
        }
        visit::visit_macro(self, item);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func
            && let Some(name) = path.path.segments.last()
            && ["stdout", "stderr"].contains(&name.ident.to_string().as_str())
            && path.path.segments.len() > 1
        {
            self.streams.push((name.ident.span().start().line, format!("{}()", name.ident)));
        }
        if let syn::Expr::Path(path) = &*call.func {
            let names: Vec<String> =
                path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let last: Vec<&str> = names.iter().rev().take(2).map(String::as_str).collect();
            if matches!(last[..], ["write", "fs"] | ["create" | "create_new", "File"]) {
                let line = path.path.segments[0].ident.span().start().line;
                self.writes.push((line, names.join("::")));
            }
        }
        visit::visit_expr_call(self, call);
    }

    /// `OpenOptions`: what makes a file or empties one.
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        let is_true = |argument: &syn::Expr| {
            matches!(argument, syn::Expr::Lit(literal)
                if matches!(&literal.lit, syn::Lit::Bool(value) if value.value))
        };
        let makes = ["create", "create_new", "truncate", "append"].contains(&name.as_str());
        if makes && call.args.first().is_some_and(is_true) {
            self.writes.push((call.method.span().start().line, format!(".{name}(true)")));
        }
        visit::visit_expr_method_call(self, call);
    }
}
