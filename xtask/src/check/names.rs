//! A type name means one thing: whoever reads it in one file of the product knows it in every other. What is no part of
//! the product is a world of its own; above all the simulator, which shares nothing with the client, so that both name the
//! things of the service as the service does.

use std::collections::BTreeMap;

use crate::check::Check;
use crate::check::source;
use crate::finding::Finding;
use crate::workspace::TextFile;

/// The sources in which a name may stand once: the product, then each crate beside it.
const WORLDS: &[&[&str]] = &[
    &[
        "src/",
        "crates/entra-client/src/",
        "crates/pim-api/src/",
        "crates/pim-core/src/",
        "crates/pim-metrics/src/",
    ],
    &["crates/entra-sim/src/"],
    &["crates/memory-cluster/src/"],
    &["crates/testenv/src/"],
    &["xtask/src/"],
];

/// Names that may stand more often, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Error", "each module has its own, told apart by its module"),
    (
        "Group",
        "what is declared and what is in the tenant are told apart by `desired` and `observed`",
    ),
    (
        "Schedule",
        "what is declared and what is in the tenant are told apart by `schedule` and `observed`",
    ),
    (
        "Unit",
        "what is declared and what is in the tenant are told apart by `desired` and `observed`",
    ),
];

/// Checks every crate.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    WORLDS
        .iter()
        .flat_map(|world| in_world(world, files))
        .collect()
}

fn in_world(world: &[&str], files: &[TextFile]) -> Vec<Finding> {
    let mut defined: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let ours = |file: &&TextFile| {
        file.is_rust()
            && !source::is_test_file(&file.path)
            && !file.path.contains("/bin/")
            && world.iter().any(|folder| file.path.starts_with(folder))
    };
    for file in files.iter().filter(ours) {
        // A file that does not parse is the compiler's to report.
        let Ok(parsed) = syn::parse_file(&file.text) else {
            continue;
        };
        for name in source::type_names(&parsed) {
            defined.entry(name).or_default().push(&file.path);
        }
    }
    let is_exception = |name: &str| EXCEPTIONS.iter().any(|(known, _)| *known == name);
    defined
        .iter()
        .filter(|(name, places)| places.len() > 1 && !is_exception(name))
        .map(|(name, places)| finding(name, places))
        .collect()
}

fn finding(name: &str, places: &[&str]) -> Finding {
    let (first, others) = places.split_first().unwrap_or((&"", &[]));
    Finding {
        check: Check::Names,
        path: (*first).to_owned(),
        line: None,
        message: format!("`{name}` is another type in {}", others.join(", ")),
        fix: "give each the name of what it is, or make them one".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        findings(&TextFile::of(files))
            .into_iter()
            .map(|finding| format!("{}: {}", finding.path, finding.message))
            .collect()
    }

    #[test]
    fn a_name_that_two_files_of_the_product_define_is_named_with_both() {
        let files = [
            ("crates/pim-core/src/a.rs", "pub struct Window;"),
            ("src/b.rs", "enum Window {}"),
        ];
        assert_eq!(
            found(&files),
            ["crates/pim-core/src/a.rs: `Window` is another type in src/b.rs"]
        );
    }

    #[test]
    fn worlds_apart_and_tests_may_use_the_same_name() {
        let files = [
            (
                "crates/pim-core/src/a.rs",
                "pub struct Window; #[cfg(test)] mod t { struct Row; }",
            ),
            ("crates/entra-sim/src/a.rs", "pub struct Window;"),
            ("src/tests.rs", "struct Window;"),
            ("src/b.rs", "struct Row;"),
        ];
        assert!(found(&files).is_empty());
    }

    #[test]
    fn every_exception_has_its_reason() {
        assert!(EXCEPTIONS.iter().all(|(_, reason)| !reason.is_empty()));
    }
}
