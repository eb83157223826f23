//! A Rust file as the checks see it: what belongs to its tests, what it defines and imports, and which paths it names.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path that code names, such as `kube::Client`, and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// The segments of the path, from left to right.
    pub segments: Vec<String>,
    /// The line in the file, counted from 1.
    pub line: usize,
    /// Whether it stands in a `use` that only gives it to others.
    pub is_handed_on: bool,
}

/// Whether the whole file is test code.
pub fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

/// How many lines the items under `#[cfg(test)]` take.
pub fn test_lines(file: &syn::File) -> usize {
    file.items
        .iter()
        .filter(|item| is_test_only(attributes(item)))
        .map(|item| {
            let span = item.span();
            span.end().line + 1 - span.start().line
        })
        .sum()
}

/// What a `use` brings into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name that it has there.
    pub name: String,
    /// What it stands for; the last segment is `*` for everything of a module.
    pub path: Vec<String>,
}

/// Every `use` of shipped code.
pub fn imports(file: &syn::File) -> Vec<Import> {
    let mut paths = Paths::default();
    for item in shipped(file) {
        if let syn::Item::Use(item) = item {
            paths.visit_item_use(item);
        }
    }
    paths.imported
}

/// The items at the top of a file that are not only for its tests.
fn shipped(file: &syn::File) -> impl Iterator<Item = &syn::Item> {
    let items = file.items.iter();
    items.filter(|item| !is_test_only(attributes(item)))
}

/// The names of the items that shipped code defines at the top of a file.
pub fn item_names(file: &syn::File) -> HashSet<String> {
    let names = shipped(file).filter_map(name);
    names.map(ToString::to_string).collect()
}

/// The names of the types and traits that shipped code defines at the top of a file.
pub fn type_names(file: &syn::File) -> Vec<String> {
    let types = shipped(file).filter(|item| {
        matches!(
            item,
            syn::Item::Struct(_) | syn::Item::Enum(_) | syn::Item::Trait(_) | syn::Item::Type(_)
        )
    });
    types.filter_map(name).map(ToString::to_string).collect()
}

/// The macros that a file gives to the whole crate.
pub fn exported_macros(file: &syn::File) -> Vec<String> {
    let exported = |item: &syn::Item| match item {
        syn::Item::Macro(item) => {
            let mut attributes = item.attrs.iter();
            let is_exported = attributes.any(|one| one.path().is_ident("macro_export"));
            item.ident
                .as_ref()
                .filter(|_| is_exported)
                .map(ToString::to_string)
        }
        _ => None,
    };
    file.items.iter().filter_map(exported).collect()
}

fn name(item: &syn::Item) -> Option<&syn::Ident> {
    match item {
        syn::Item::Const(item) => Some(&item.ident),
        syn::Item::Enum(item) => Some(&item.ident),
        syn::Item::Fn(item) => Some(&item.sig.ident),
        syn::Item::Macro(item) => item.ident.as_ref(),
        syn::Item::Static(item) => Some(&item.ident),
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Trait(item) => Some(&item.ident),
        syn::Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

/// Every path that shipped code names, in `use`, in what macros are given and elsewhere. Items under `#[cfg(test)]` are
/// left out.
pub fn named_paths(file: &syn::File) -> Vec<NamedPath> {
    let mut paths = Paths::default();
    paths.visit_file(file);
    paths.found
}

fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[derive(Default)]
struct Paths {
    found: Vec<NamedPath>,
    imported: Vec<Import>,
}

impl Paths {
    fn use_tree(&mut self, whole: &syn::ItemUse, prefix: &[String], tree: &syn::UseTree) {
        let mut path = prefix.to_vec();
        let (end, name) = match tree {
            syn::UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                return self.use_tree(whole, &path, &tree.tree);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(whole, prefix, tree);
                }
                return;
            }
            syn::UseTree::Name(tree) => (tree.ident.to_string(), None),
            syn::UseTree::Rename(tree) => (tree.ident.to_string(), Some(tree.rename.to_string())),
            syn::UseTree::Glob(_) => ("*".to_owned(), None),
        };
        if end != "self" {
            path.push(end);
        }
        let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
        self.found.push(NamedPath {
            segments: path.clone(),
            line: tree.span().start().line,
            is_handed_on: !matches!(whole.vis, syn::Visibility::Inherited),
        });
        self.imported.push(Import { name, path });
    }

    /// What a macro is given is no syntax yet: words joined by `::` are taken for paths.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut line, mut colons) = (Vec::new(), 0, 0);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.end_of_path(std::mem::take(&mut path), line);
                    line = ident.span().start().line;
                    path.push(ident.to_string());
                }
                TokenTree::Group(group) => {
                    self.end_of_path(std::mem::take(&mut path), line);
                    self.tokens(group.stream());
                }
                _ => self.end_of_path(std::mem::take(&mut path), line),
            }
            colons = 0;
        }
        self.end_of_path(path, line);
    }

    /// A word alone is any word.
    fn end_of_path(&mut self, segments: Vec<String>, line: usize) {
        if segments.len() > 1 {
            self.found.push(NamedPath {
                segments,
                line,
                is_handed_on: false,
            });
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test_only(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(item, &[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(NamedPath {
            segments: path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
            line: path.span().start().line,
            is_handed_on: false,
        });
        visit::visit_path(self, path);
    }

    /// Whom something is shown to is no use of it.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        named_paths(&syn::parse_file(text).unwrap())
            .into_iter()
            .map(|path| format!("{}@{}", path.segments.join("::"), path.line))
            .collect()
    }

    #[test]
    fn grouped_imports_are_spread_out() {
        let text = "use kube::{\n    api::{Api, PostParams},\n    runtime as rt,\n    *,\n};\n";
        assert_eq!(
            paths(text),
            [
                "kube::api::Api@2",
                "kube::api::PostParams@2",
                "kube::runtime@3",
                "kube::*@4"
            ]
        );
    }

    #[test]
    fn paths_in_signatures_count_and_words_in_comments_do_not() {
        let text =
            "// kube::Client\nfn f(client: &kube::Client) -> String { \"kube::Api\".into() }\n";
        let found = paths(text);
        assert!(found.contains(&"kube::Client@2".to_owned()), "{found:?}");
        assert!(!found.iter().any(|path| path.contains("Api")), "{found:?}");
    }

    #[test]
    fn paths_in_what_a_macro_is_given_count() {
        let text = "fn f() { println!(\"{}\", kube::one(a::b::C { x: y }, z)); }\n";
        let found = paths(text);
        assert!(found.contains(&"kube::one@1".to_owned()), "{found:?}");
        assert!(found.contains(&"a::b::C@1".to_owned()), "{found:?}");
    }

    #[test]
    fn test_modules_are_left_out_and_measured() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use kube::Client;\n}\n";
        assert_eq!(paths(text), Vec::<String>::new());
        assert_eq!(test_lines(&syn::parse_file(text).unwrap()), 4);
    }

    #[test]
    fn files_of_tests_are_told_by_their_place() {
        assert!(is_test_file("tests/brake.rs"));
        assert!(is_test_file("crates/pim-core/src/plan/tests.rs"));
        assert!(!is_test_file("crates/testenv/src/lib.rs"));
    }
}
