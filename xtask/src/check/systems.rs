//! Where a system of roles may be named. Everything else asks what the system can do, so that the next one touches these
//! places and no others.

use crate::check::Check;
use crate::check::source::{self, NamedPath};
use crate::finding::Finding;
use crate::workspace::TextFile;

/// The type whose constants are the systems, and the one that is all of them.
const TYPE: &str = "RoleSystem";
const ALL: &str = "ALL";

/// Code that is held to it.
const HELD: &[&str] = &[
    "src/",
    "crates/pim-core/src/",
    "crates/pim-api/src/",
    "crates/entra-client/src/",
];

/// What knows a system: its name and its list, its field, its provider, its requests.
const KNOW_IT: &[&str] = &[
    "crates/pim-core/src/boundary/roles.rs",
    "crates/pim-api/src/role_binding.rs",
    "src/providers/",
    "crates/entra-client/src/azure/",
    "crates/entra-client/src/graph/",
];

/// Checks every source file of the product.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    let begins = |path: &str, with: &[&str]| with.iter().any(|one| path.starts_with(one));
    files
        .iter()
        .filter(|file| begins(&file.path, HELD) && !begins(&file.path, KNOW_IT))
        .filter(|file| file.is_rust() && !source::is_test_file(&file.path))
        .flat_map(in_file)
        .collect()
}

fn in_file(file: &TextFile) -> Vec<Finding> {
    // A file that does not parse is the compiler's to report.
    let Ok(parsed) = syn::parse_file(&file.text) else {
        return Vec::new();
    };
    let paths = source::named_paths(&parsed);
    let named = paths.iter().filter_map(|path| Some((path, system(path)?)));
    named
        .map(|(path, system)| Finding {
            check: Check::Systems,
            path: file.path.clone(),
            line: Some(path.line),
            message: format!("`{TYPE}::{system}` is named"),
            fix: format!(
                "ask for what the system can do, as a field of {TYPE}; only {} may name one",
                KNOW_IT.join(", ")
            ),
        })
        .collect()
}

/// The system that a path names.
fn system(path: &NamedPath) -> Option<&str> {
    let [.., of, name] = path.segments.as_slice() else {
        return None;
    };
    let is_constant = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    (of == TYPE && is_constant && name != ALL).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "use pim_core::role::RoleSystem;\nfn f(s: RoleSystem) -> bool { s == RoleSystem::AZURE }\n\
                        fn all() -> usize { RoleSystem::ALL.len() }\n";

    fn found(path: &str) -> Vec<String> {
        findings(&TextFile::of(&[(path, TEXT)]))
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line.unwrap_or_default(), finding.message))
            .collect()
    }

    #[test]
    fn a_planner_or_a_controller_names_no_system() {
        let named = ["2: `RoleSystem::AZURE` is named"];
        for path in [
            "crates/pim-core/src/plan/binding/mod.rs",
            "src/resolve/mod.rs",
        ] {
            assert_eq!(found(path), named, "{path}");
        }
    }

    #[test]
    fn what_knows_it_and_tests_may() {
        for path in [
            "src/providers/azure_rbac.rs",
            "crates/pim-core/src/boundary/roles.rs",
            "crates/pim-core/src/plan/tests/role.rs",
            "crates/entra-sim/src/lib.rs",
        ] {
            assert_eq!(found(path), Vec::<String>::new(), "{path}");
        }
    }
}
