//! A Rust file as the checks see it: what belongs to its tests, and which paths it names.

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path that code names, such as `kube::Client`, and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// The segments.
    pub segments: Vec<String>,
    /// Where.
    pub line: usize,
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

/// Every path that shipped code names, in `use` and elsewhere. Items under `#[cfg(test)]` are left out.
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
}

impl Paths {
    fn use_tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let line = tree.span().start().line;
        let with = |name: String| {
            let mut segments = prefix.to_vec();
            segments.push(name);
            segments
        };
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&with(path.ident.to_string()), &path.tree),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(prefix, tree);
                }
            }
            syn::UseTree::Name(name) => self.found.push(NamedPath {
                segments: with(name.ident.to_string()),
                line,
            }),
            syn::UseTree::Rename(rename) => self.found.push(NamedPath {
                segments: with(rename.ident.to_string()),
                line,
            }),
            syn::UseTree::Glob(_) => self.found.push(NamedPath {
                segments: with("*".to_owned()),
                line,
            }),
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
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(NamedPath {
            segments: path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
            line: path.span().start().line,
        });
        visit::visit_path(self, path);
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
