//! Which modules of the operator may name a client library. Everything else goes through ports, so that the
//! same code runs against real servers and, with paused time, in one process.

use crate::check::Check;
use crate::check::source::{self, NamedPath};
use crate::finding::Finding;
use crate::workspace::TextFile;

/// A library, or the part of it that reaches the outside, and where it may be named.
struct Rule {
    /// What is meant, for the message.
    what: &'static str,
    /// Paths that reach it, by their first segments.
    paths: &'static [&'static [&'static str]],
    /// Modules under `src/` that may name them.
    modules: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        what: "the Graph client",
        paths: &[&["entra_client"]],
        modules: &["adapters", "main", "providers", "reader", "wiring"],
    },
    Rule {
        what: "the Kubernetes client",
        paths: &[
            &["kube", "*"],
            &["kube", "Api"],
            &["kube", "Client"],
            &["kube", "Config"],
            &["kube", "api", "Api"],
            &["kube", "client"],
            &["kube", "config"],
            &["kube", "runtime", "events", "Recorder"],
            &["kube", "runtime", "finalizer", "finalizer"],
        ],
        modules: &["adapters", "main", "telemetry", "wiring"],
    },
];

/// Checks every source file of the operator.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.path.starts_with("src/") && file.is_rust())
        .filter(|file| !source::is_test_file(&file.path))
        .flat_map(in_file)
        .collect()
}

fn in_file(file: &TextFile) -> Vec<Finding> {
    // A file that does not parse is the compiler's to report.
    let Ok(parsed) = syn::parse_file(&file.text) else {
        return Vec::new();
    };
    let module = module(&file.path);
    let paths = source::named_paths(&parsed);
    RULES
        .iter()
        .filter(|rule| !rule.modules.contains(&module))
        .flat_map(|rule| {
            paths
                .iter()
                .filter(|path| names(rule, path))
                .map(|path| finding(file, rule, path))
        })
        .collect()
}

/// The module below `src/`: `adapters` for `src/adapters/status.rs` and for `src/adapters.rs`.
fn module(path: &str) -> &str {
    let below = path.trim_start_matches("src/");
    let first = below.split('/').next().unwrap_or(below);
    first.trim_end_matches(".rs")
}

fn names(rule: &Rule, path: &NamedPath) -> bool {
    rule.paths.iter().any(|prefix| {
        path.segments.len() >= prefix.len()
            && prefix
                .iter()
                .zip(&path.segments)
                .all(|(wanted, segment)| wanted == segment)
    })
}

fn finding(file: &TextFile, rule: &Rule, path: &NamedPath) -> Finding {
    Finding {
        check: Check::Imports,
        path: file.path.clone(),
        line: Some(path.line),
        message: format!("`{}` names {}", path.segments.join("::"), rule.what),
        fix: format!(
            "go through a port in src/adapters; only {} may name it",
            rule.modules.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&TextFile::of(&[(path, text)]))
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line.unwrap_or_default(), finding.message))
            .collect()
    }

    #[test]
    fn a_controller_may_not_name_a_client() {
        let text =
            "use entra_client::Graph;\nuse kube::{Api, ResourceExt};\nfn f(c: kube::Client) {}\n";
        assert_eq!(
            found("src/controllers/group.rs", text),
            [
                "1: `entra_client::Graph` names the Graph client",
                "2: `kube::Api` names the Kubernetes client",
                "3: `kube::Client` names the Kubernetes client"
            ]
        );
    }

    #[test]
    fn adapters_and_wiring_may() {
        let text = "use kube::Client;\nuse entra_client::Graph;\n";
        for path in ["src/adapters/status.rs", "src/wiring.rs", "src/main.rs"] {
            assert_eq!(found(path, text), Vec::<String>::new(), "{path}");
        }
        assert_eq!(found("src/reader/mod.rs", text).len(), 1);
        assert_eq!(found("src/telemetry/http.rs", text).len(), 1);
    }

    #[test]
    fn types_of_kube_that_reach_nothing_are_free() {
        let text =
            "use kube::runtime::{Controller, watcher};\nuse kube::{Resource, ResourceExt};\n";
        assert_eq!(found("src/controllers/mod.rs", text), Vec::<String>::new());
    }

    #[test]
    fn tests_and_other_crates_are_free() {
        let text = "#[cfg(test)]\nmod tests {\n    use kube::Client;\n}\n";
        assert_eq!(found("src/resolve/group.rs", text), Vec::<String>::new());
        assert_eq!(
            found("crates/testenv/src/lib.rs", "use kube::Client;"),
            Vec::<String>::new()
        );
    }
}
