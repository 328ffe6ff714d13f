//! Reads the crates' sources and tells production code from tests.
//!
//! Production code is what stands in `crates/*/src` outside of items under `#[cfg(test)]` and of
//! files that are such items' bodies.
#![allow(clippy::expect_used, reason = "part of tests: a source that cannot be read fails them")]

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One source file of production code.
pub struct Source {
    /// Its path below the workspace, for example `crates/keys/src/wire.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The same, parsed.
    pub syntax: syn::File,
    tests: Vec<RangeInclusive<usize>>,
}

/// The workspace's folder.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ is in the workspace").to_owned()
}

/// Every `.rs` file below this folder of the workspace, sorted.
pub fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
}

/// All production code.
pub fn production() -> Vec<Source> {
    let files = files_below("crates");
    let sources = files.iter().filter(|path| relative(path).contains("/src/")).map(|path| {
        let text = fs::read_to_string(path).expect("a source file is readable text");
        Source::parse(relative(path), text)
    });
    let sources: Vec<Source> = sources.collect();
    let test_files: Vec<String> = sources.iter().flat_map(Source::test_files).collect();
    let is_test = |source: &Source| {
        test_files.iter().any(|stem| {
            source.path == format!("{stem}.rs") || source.path.starts_with(&format!("{stem}/"))
        })
    };
    let (_, production) = sources.into_iter().partition(is_test);
    production
}

/// The path below the workspace.
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

impl Source {
    fn parse(path: String, text: String) -> Self {
        let syntax = syn::parse_file(&text).expect("a source file that compiles");
        let mut finder = TestFinder(Vec::new());
        finder.visit_file(&syntax);
        Self { path, text, syntax, tests: finder.0 }
    }

    /// Lines of code: neither blank, nor comment, nor test.
    pub fn lines_of_code(&self) -> usize {
        let is_code = |line: &str| !line.is_empty() && !line.starts_with("//");
        let lines = self.text.lines().enumerate();
        lines.filter(|(index, line)| is_code(line.trim()) && !self.is_test(index + 1)).count()
    }

    /// Whether this line (from 1) belongs to a test.
    pub fn is_test(&self, line: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&line))
    }

    /// String literals of production code with their lines, those within macros too.
    pub fn literals(&self) -> Vec<(usize, String)> {
        let tokens = self.text.parse().expect("a source file that compiles");
        let mut literals = Vec::new();
        collect_literals(tokens, &mut literals);
        literals.retain(|(line, _)| !self.is_test(*line));
        literals
    }

    /// What `#[cfg(test)] mod name;` names: the path without `.rs`.
    fn test_files(&self) -> Vec<String> {
        let folder = match self.path.strip_suffix("/mod.rs").or(self.path.strip_suffix("/lib.rs")) {
            Some(folder) => folder,
            None => self.path.strip_suffix("/main.rs").unwrap_or(&self.path[..self.path.len() - 3]),
        };
        let modules = self.syntax.items.iter().filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() && is_for_tests(&module.attrs) => {
                Some(format!("{folder}/{}", module.ident))
            }
            _ => None,
        });
        modules.collect()
    }
}

/// Whether these attributes keep an item for tests.
pub fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let cfg_test = path.is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test");
        cfg_test || path.is_ident("test")
    })
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of the workspace");
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn collect_literals(tokens: TokenStream, literals: &mut Vec<(usize, String)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_literals(group.stream(), literals),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                match syn::Lit::new(literal) {
                    syn::Lit::Str(text) => literals.push((line, text.value())),
                    syn::Lit::ByteStr(text) => {
                        let value = String::from_utf8_lossy(&text.value()).into_owned();
                        literals.push((line, value));
                    }
                    syn::Lit::CStr(text) => {
                        literals.push((line, text.value().to_string_lossy().into_owned()));
                    }
                    _ => {}
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Finds the lines of items that are compiled for tests only.
struct TestFinder(Vec<RangeInclusive<usize>>);

impl TestFinder {
    fn note(&mut self, attributes: &[syn::Attribute], spanned: &impl Spanned) {
        if is_for_tests(attributes) {
            let span = spanned.span();
            self.0.push(span.start().line..=span.end().line);
        }
    }
}

impl<'ast> Visit<'ast> for TestFinder {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.note(&item.attrs, item);
        visit::visit_item_mod(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.attrs, item);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.attrs, item);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.note(&item.attrs, item);
        visit::visit_item_impl(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note(&item.attrs, item);
    }
}
