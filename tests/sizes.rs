//! How long files and functions are, and what they are called (DESIGN §3, rule 8).
//!
//! The aim is 150 lines a file and 20 a function; what is checked here is the end. An exception
//! has its reason, and goes when it is no longer needed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;

use keyfob_tests::source::{Source, files_below, production, relative};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Lines of code in a file of production code.
const FILE_LIMIT: usize = 400;

/// Not even with a reason.
const FILE_END: usize = 600;

/// Lines from a function's `fn` to its last brace.
const FUNCTION_LIMIT: usize = 80;

/// Lines of everything in a file of tests, where a table may be long.
const TEST_FILE_END: usize = 900;

/// Files over the limit, and why.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions over the limit, and why.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// A file so called says nothing of what is in it, and collects what belongs elsewhere.
const FORBIDDEN_NAMES: [&str; 8] =
    ["utils", "util", "common", "helpers", "helper", "misc", "shared", "stuff"];

#[test]
fn no_file_is_too_long() {
    let mut wrong = Vec::new();
    for source in production() {
        let lines = source.lines_of_code();
        let excepted = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        let limit = if excepted { FILE_END } else { FILE_LIMIT };
        if lines > limit {
            wrong.push(format!("{}: {lines} lines of code, at most {limit}", source.path));
        } else if excepted && lines <= FILE_LIMIT {
            wrong.push(format!("{}: {lines} lines of code: no exception needed", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_of_tests_is_endless() {
    for path in files_below("tests") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= TEST_FILE_END, "{}: {lines} lines", relative(&path));
    }
}

#[test]
fn no_function_is_too_long() {
    let mut wrong = Vec::new();
    for source in production() {
        for function in functions(&source) {
            let excepted = LONG_FUNCTIONS
                .iter()
                .any(|(path, name, _)| *path == source.path && *name == function.name);
            if (function.lines > FUNCTION_LIMIT) != excepted {
                let Function { name, lines, line } = function;
                wrong.push(format!("{}:{line}: fn {name} has {lines} lines", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "limit {FUNCTION_LIMIT}\n{}", wrong.join("\n"));
}

#[test]
fn no_function_begins_with_get() {
    let mut wrong = Vec::new();
    for source in production() {
        for function in functions(&source).iter().filter(|it| it.name.starts_with("get_")) {
            wrong.push(format!("{}:{}: fn {}", source.path, function.line, function.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_a_drawer() {
    let files = ["crates", "tests"].into_iter().flat_map(files_below);
    for path in files.map(|path| relative(&path)) {
        let names = path.split('/').map(|name| name.trim_end_matches(".rs"));
        for name in names {
            assert!(!FORBIDDEN_NAMES.contains(&name), "{path} is named after nothing");
        }
    }
}

/// Without this an exception outlives its file.
#[test]
fn every_exception_is_for_something_that_is_there() {
    let sources = production();
    let there = |path: &str| sources.iter().any(|source| source.path == path);
    let files = LONG_FILES.iter().map(|(path, reason)| (path, reason));
    let functions = LONG_FUNCTIONS.iter().map(|(path, _, reason)| (path, reason));
    for (path, reason) in files.chain(functions) {
        assert!(there(path), "{path} is excepted and not there");
        assert!(reason.len() > 20, "{path}: {reason:?} is no reason");
    }
}

struct Function {
    name: String,
    lines: usize,
    line: usize,
}

/// The functions of production code.
fn functions(source: &Source) -> Vec<Function> {
    let mut finder = FunctionFinder(Vec::new());
    finder.visit_file(&source.syntax);
    finder.0.retain(|function| !source.is_test(function.line));
    finder.0
}

struct FunctionFinder(Vec<Function>);

impl FunctionFinder {
    fn note(&mut self, signature: &syn::Signature, end: proc_macro2::Span) {
        let line = signature.span().start().line;
        let lines = end.end().line - line + 1;
        self.0.push(Function { name: signature.ident.to_string(), lines, line });
    }
}

impl<'ast> Visit<'ast> for FunctionFinder {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.note(&item.sig, block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}
