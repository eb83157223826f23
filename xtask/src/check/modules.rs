//! The modules of a crate and what they take from each other: which file a path that code names is defined in, with
//! re-exports followed to their end. Reads text only; knows no rule.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::check::source::{self, NamedPath};
use crate::workspace::TextFile;

/// Re-exports of re-exports that are followed.
const DEEPEST: usize = 16;

/// What each file takes from each other one: names by file, by file.
pub type Edges = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// One file of a crate.
struct Module {
    file: String,
    items: HashSet<String>,
    /// Names that `use` brings in, with what they stand for.
    aliases: HashMap<String, Vec<String>>,
    /// Modules of which `use` brings everything in.
    globs: Vec<Vec<String>>,
    named: Vec<NamedPath>,
}

/// The modules of one crate by their path from its root.
struct Tree {
    modules: HashMap<Vec<String>, Module>,
}

/// The edges between the files of the crate whose sources lie in a folder such as `src/`.
pub fn edges(folder: &str, files: &[TextFile]) -> Edges {
    let tree = Tree::new(folder, files);
    let mut edges = Edges::new();
    for (path, module) in &tree.modules {
        // A word alone is a variable, or something that a `use` has brought in.
        let uses = |named: &&NamedPath| !named.is_handed_on && named.segments.len() > 1;
        for named in module.named.iter().filter(uses) {
            let Some(target) = tree.file_of(path, &named.segments, DEEPEST) else {
                continue;
            };
            if target != module.file {
                let taken = edges.entry(module.file.clone()).or_default();
                let name = named.segments.last().cloned().unwrap_or_default();
                taken.entry(target).or_default().insert(name);
            }
        }
    }
    edges
}

impl Tree {
    fn new(folder: &str, files: &[TextFile]) -> Self {
        let mut modules = HashMap::new();
        let mut exported = Vec::new();
        for file in files {
            let Some(path) = module_path(folder, &file.path) else {
                continue;
            };
            // A file that does not parse is the compiler's to report.
            let Ok(parsed) = syn::parse_file(&file.text) else {
                continue;
            };
            let exports = source::exported_macros(&parsed);
            exported.extend(exports.into_iter().map(|name| (name, path.clone())));
            let (aliases, globs) = imports(&parsed);
            let module = Module {
                file: file.path.clone(),
                items: source::item_names(&parsed),
                aliases,
                globs,
                named: source::named_paths(&parsed),
            };
            modules.insert(path, module);
        }
        // Such a macro is named as if it stood in the root.
        if let Some(root) = modules.get_mut(&Vec::new()) {
            for (name, mut path) in exported {
                path.insert(0, "crate".to_owned());
                path.push(name.clone());
                root.aliases.insert(name, path);
            }
        }
        Self { modules }
    }

    /// The file in which a path ends that is named in a module; nothing if it leads out of the crate.
    fn file_of(&self, from: &[String], named: &[String], depth: usize) -> Option<String> {
        let (mut here, mut rest) = self.begin(from, named)?;
        loop {
            let module = self.modules.get(&here)?;
            let Some((name, after)) = rest.split_first() else {
                return Some(module.file.clone());
            };
            let mut below = here.clone();
            below.push(name.clone());
            if self.modules.contains_key(&below) {
                (here, rest) = (below, after);
                continue;
            }
            if module.items.contains(name) || depth == 0 {
                return Some(module.file.clone());
            }
            if let Some(alias) = module.aliases.get(name) {
                let whole: Vec<String> = alias.iter().chain(after).cloned().collect();
                return self.file_of(&here, &whole, depth - 1);
            }
            let everything = module.globs.iter().find_map(|glob| {
                let whole: Vec<String> = glob.iter().chain(rest).cloned().collect();
                self.file_of(&here, &whole, depth - 1)
            });
            return everything.or_else(|| Some(module.file.clone()));
        }
    }

    /// The module in which a path begins, and what is left of the path.
    fn begin<'a>(
        &self,
        from: &[String],
        named: &'a [String],
    ) -> Option<(Vec<String>, &'a [String])> {
        let (first, rest) = named.split_first()?;
        match first.as_str() {
            "crate" => Some((Vec::new(), rest)),
            "self" => Some((from.to_vec(), rest)),
            "super" => {
                let (_, parent) = from.split_last()?;
                let above: Vec<&String> = rest.iter().take_while(|one| *one == "super").collect();
                let parent = &parent[..parent.len().checked_sub(above.len())?];
                Some((parent.to_vec(), &rest[above.len()..]))
            }
            name => {
                let module = self.modules.get(from)?;
                let mut below = from.to_vec();
                below.push(name.to_owned());
                let is_ours = self.modules.contains_key(&below)
                    || module.aliases.get(name).is_some_and(|alias| alias != named);
                is_ours.then(|| (from.to_vec(), named))
            }
        }
    }
}

/// `[reader, find]` for `src/reader/find.rs` and for `src/reader/find/mod.rs`; nothing for what is no module of the
/// library, or only of its tests.
fn module_path(folder: &str, path: &str) -> Option<Vec<String>> {
    let below = path.strip_prefix(folder)?.strip_suffix(".rs")?;
    if source::is_test_file(path) || below.starts_with("bin/") {
        return None;
    }
    let mut path: Vec<String> = below.split('/').map(ToOwned::to_owned).collect();
    if path == ["lib"] || path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    // The program beside a library only starts it.
    (path != ["main"]).then_some(path)
}

type Imports = (HashMap<String, Vec<String>>, Vec<Vec<String>>);

fn imports(file: &syn::File) -> Imports {
    let (mut aliases, mut globs) = (HashMap::new(), Vec::new());
    for import in source::imports(file) {
        let mut path = import.path;
        if path.last().is_some_and(|last| last == "*") {
            path.pop();
            globs.push(path);
        } else {
            aliases.insert(import.name, path);
        }
    }
    (aliases, globs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(files: &[(&str, &str)]) -> Vec<String> {
        edges("src/", &TextFile::of(files))
            .into_iter()
            .flat_map(|(from, targets)| {
                targets.into_iter().map(move |(to, names)| {
                    let names: Vec<String> = names.into_iter().collect();
                    format!("{from} takes {} from {to}", names.join(", "))
                })
            })
            .collect()
    }

    #[test]
    fn a_path_leads_to_the_file_that_defines_its_end() {
        let files = [
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::deep::{Thing, other as renamed};"),
            ("src/b/mod.rs", "pub mod deep;"),
            ("src/b/deep.rs", "pub struct Thing; pub fn other() {}"),
        ];
        assert_eq!(
            taken(&files),
            ["src/a.rs takes Thing, other from src/b/deep.rs"]
        );
    }

    #[test]
    fn a_re_export_is_followed_and_is_no_use_of_its_own() {
        let files = [
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "fn f() { crate::b::Thing::new(); }"),
            ("src/b/mod.rs", "mod deep; pub use deep::Thing;"),
            ("src/b/deep.rs", "pub struct Thing; use super::sibling::X;"),
            ("src/b/sibling.rs", "pub struct X;"),
        ];
        assert_eq!(
            taken(&files),
            [
                "src/a.rs takes new from src/b/deep.rs",
                "src/b/deep.rs takes X from src/b/sibling.rs"
            ]
        );
    }

    #[test]
    fn what_a_macro_names_counts_and_what_tests_name_does_not() {
        let files = [
            ("src/lib.rs", "mod a; mod b;"),
            (
                "src/a.rs",
                "fn f() { println!(\"{}\", super::b::one()); }
#[cfg(test)]
mod tests { use crate::b::two; }",
            ),
            ("src/b.rs", "pub fn one() {} pub fn two() {}"),
        ];
        assert_eq!(taken(&files), ["src/a.rs takes one from src/b.rs"]);
    }

    #[test]
    fn other_crates_are_no_files_of_this_one() {
        let files = [
            ("src/lib.rs", "mod a;"),
            (
                "src/a.rs",
                "use serde::Serialize; fn f() -> std::io::Result<()> { x() }",
            ),
        ];
        assert!(taken(&files).is_empty());
    }
}
