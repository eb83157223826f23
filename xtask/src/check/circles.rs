//! Files that import each other in a circle: whoever wants to understand one has to read all of them. How large a
//! circle may be stands here for each crate.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Check;
use crate::check::modules::{self, Edges};
use crate::finding::Finding;
use crate::workspace::TextFile;

/// The sources of each crate, and the most files of a circle in it; 1 means none.
const LIMITS: &[(&str, usize)] = &[
    ("src/", 1),
    ("crates/entra-client/src/", 1),
    ("crates/entra-sim/src/", 1),
    ("crates/memory-cluster/src/", 1),
    ("crates/pim-api/src/", 1),
    ("crates/pim-core/src/", 1),
    ("crates/pim-metrics/src/", 1),
    ("crates/testenv/src/", 1),
    ("xtask/src/", 1),
];

/// The most arrows that one finding names.
const SHOWN: usize = 12;

/// Checks every crate.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    larger_than(LIMITS, files)
}

fn larger_than(limits: &[(&str, usize)], files: &[TextFile]) -> Vec<Finding> {
    limits
        .iter()
        .flat_map(|(folder, limit)| {
            let edges = modules::edges(folder, files);
            let circles = circles(&edges);
            let too_large = circles.into_iter().filter(|circle| circle.len() > *limit);
            too_large
                .map(|circle| finding(&edges, &circle))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Every set of files of which each leads to each other one.
fn circles(edges: &Edges) -> BTreeSet<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = edges
        .keys()
        .map(|file| (file.as_str(), reached(edges, file)))
        .collect();
    let leads_back = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
    reached
        .iter()
        .map(|(file, all)| {
            let circle = all.iter().filter(|other| leads_back(other, file));
            circle.copied().collect::<BTreeSet<&str>>()
        })
        .filter(|circle| !circle.is_empty())
        .collect()
}

/// The files that one leads to, over others or not.
fn reached<'a>(edges: &'a Edges, file: &str) -> BTreeSet<&'a str> {
    let targets = |file: &str| {
        edges
            .get(file)
            .into_iter()
            .flat_map(|targets| targets.keys())
    };
    let (mut found, mut ahead) = (BTreeSet::new(), targets(file).collect::<Vec<_>>());
    while let Some(next) = ahead.pop() {
        if found.insert(next.as_str()) {
            ahead.extend(targets(next));
        }
    }
    found
}

fn finding(edges: &Edges, circle: &BTreeSet<&str>) -> Finding {
    let mut arrows = Vec::new();
    for file in circle {
        for (target, names) in edges.get(*file).into_iter().flatten() {
            if circle.contains(target.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                arrows.push(format!("{file} takes {} from {target}", names.join(", ")));
            }
        }
    }
    if arrows.len() > SHOWN {
        let rest = arrows.len() - SHOWN;
        arrows.truncate(SHOWN);
        arrows.push(format!("and {rest} more"));
    }
    Finding {
        check: Check::Circles,
        path: circle.first().map(ToString::to_string).unwrap_or_default(),
        line: None,
        message: format!(
            "is in a circle of {} files: {}",
            circle.len(),
            arrows.join("; ")
        ),
        fix: "move what both need below both, or let the caller pass it in".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        larger_than(&[("src/", 1)], &TextFile::of(files))
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn files_that_import_each_other_are_named_with_what_they_take() {
        let files = [
            ("src/a.rs", "use crate::b::Two; pub struct One;"),
            ("src/b.rs", "pub struct Two; fn f(_: &super::a::One) {}"),
            ("src/c.rs", "use crate::a::One;"),
            ("src/lib.rs", "mod a; mod b; mod c;"),
        ];
        assert_eq!(
            found(&files),
            [
                "is in a circle of 2 files: src/a.rs takes Two from src/b.rs; src/b.rs takes One from src/a.rs"
            ]
        );
    }

    #[test]
    fn a_parent_that_only_hands_on_is_in_no_circle() {
        let files = [
            (
                "src/a/mod.rs",
                "mod b; mod c; pub use b::One; pub use c::Two;",
            ),
            ("src/a/b.rs", "pub struct One;"),
            ("src/a/c.rs", "use super::One; pub struct Two;"),
            ("src/lib.rs", "mod a;"),
        ];
        assert!(found(&files).is_empty());
    }
}
