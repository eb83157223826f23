//! Which crate of the workspace may depend on which. A new edge is a change of its own: it is added here,
//! with its reason in the change, or the crate that wants it is cut differently.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::check::Check;
use crate::finding::Finding;
use crate::workspace::Workspace;

/// What a crate may depend on, among the crates of the workspace.
struct Allowed {
    package: &'static str,
    /// Crates that what is shipped may use.
    normal: &'static [&'static str],
    /// For its tests, beside the above.
    tests: &'static [&'static str],
}

const ALLOWED: &[Allowed] = &[
    Allowed {
        package: "entra-pim-operator",
        normal: &["entra-client", "pim-api", "pim-core", "pim-metrics"],
        tests: &["entra-sim", "memory-cluster", "testenv"],
    },
    Allowed {
        package: "entra-client",
        normal: &["pim-core"],
        tests: &[],
    },
    // The simulator and the client never share types: a shared mistake would pass every test.
    Allowed {
        package: "entra-sim",
        normal: &[],
        tests: &[],
    },
    // An API server of no operator; that it behaves as the real one is held against a real one.
    Allowed {
        package: "memory-cluster",
        normal: &[],
        tests: &["pim-api", "testenv"],
    },
    Allowed {
        package: "pim-api",
        normal: &["pim-core"],
        tests: &[],
    },
    Allowed {
        package: "pim-core",
        normal: &[],
        tests: &[],
    },
    // Apart from the operator, so that its reference is made without building the operator.
    Allowed {
        package: "pim-metrics",
        normal: &["pim-core"],
        tests: &[],
    },
    Allowed {
        package: "testenv",
        normal: &["entra-sim", "pim-api", "pim-core"],
        tests: &[],
    },
    Allowed {
        package: "xtask",
        normal: &[
            "entra-client",
            "entra-sim",
            "pim-api",
            "pim-core",
            "pim-metrics",
        ],
        tests: &[],
    },
];

/// The crate whose manifest is the proof that decisions do no I/O.
const PURE: &str = "pim-core";
/// All that it may depend on.
const PURE_DEPENDENCIES: &[&str] = &["jiff", "schemars", "serde", "thiserror", "uuid"];

/// A crate of the workspace, as `cargo metadata` describes it.
#[derive(Debug, Deserialize)]
pub struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; nothing for what is shipped.
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// Asks cargo for the crates of the workspace.
pub fn packages(workspace: &Workspace) -> anyhow::Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(workspace.root())
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .context("cannot read the answer of cargo metadata")?;
    Ok(metadata.packages)
}

/// Compares the edges that are with those that may be.
pub fn findings(packages: &[Package]) -> Vec<Finding> {
    let ours: Vec<&str> = packages.iter().map(|one| one.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let Some(allowed) = ALLOWED.iter().find(|one| one.package == package.name) else {
            findings.push(finding(
                &package.name,
                "is a crate that the list of edges does not know",
                "add it to ALLOWED in xtask/src/check/edges.rs with what it may depend on",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            if ours.contains(&dependency.name.as_str()) {
                findings.extend(edge(allowed, dependency));
            }
            if package.name == PURE {
                findings.extend(purity(dependency));
            }
        }
    }
    findings
}

fn edge(allowed: &Allowed, dependency: &Dependency) -> Option<Finding> {
    let name = dependency.name.as_str();
    let for_tests = dependency.kind.as_deref() == Some("dev");
    let fits = allowed.normal.contains(&name) || (for_tests && allowed.tests.contains(&name));
    (!fits).then(|| {
        let use_of = if for_tests { "tests depend" } else { "depends" };
        finding(
            allowed.package,
            &format!("{use_of} on {name}"),
            "move what is shared up or down, or add the edge to xtask/src/check/edges.rs as a change of its own",
        )
    })
}

fn purity(dependency: &Dependency) -> Option<Finding> {
    let fits = dependency.kind.is_some() || PURE_DEPENDENCIES.contains(&dependency.name.as_str());
    (!fits).then(|| {
        finding(
            PURE,
            &format!(
                "depends on {}, so nothing proves any more that it does no I/O",
                dependency.name
            ),
            "keep the dependency in a crate of the shell and pass values in",
        )
    })
}

fn finding(package: &str, what: &str, fix: &str) -> Finding {
    let path = match package {
        "entra-pim-operator" => "Cargo.toml".to_owned(),
        "xtask" => "xtask/Cargo.toml".to_owned(),
        other => format!("crates/{other}/Cargo.toml"),
    };
    Finding {
        check: Check::Edges,
        path,
        line: None,
        message: format!("{package} {what}"),
        fix: fix.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        Package {
            name: name.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(ToOwned::to_owned),
                })
                .collect(),
        }
    }

    fn messages(packages: &[Package]) -> Vec<String> {
        findings(packages)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn an_edge_outside_the_list_is_named_with_both_ends() {
        let packages = [
            package("pim-api", &[("pim-core", None), ("entra-client", None)]),
            package("pim-core", &[]),
            package("entra-client", &[("pim-core", None), ("reqwest", None)]),
        ];
        assert_eq!(messages(&packages), ["pim-api depends on entra-client"]);
    }

    #[test]
    fn the_operator_meets_the_simulator_in_tests_only() {
        let simulator = || package("entra-sim", &[]);
        let tests = package("entra-pim-operator", &[("entra-sim", Some("dev"))]);
        assert_eq!(messages(&[tests, simulator()]), Vec::<String>::new());
        let shipped = package("entra-pim-operator", &[("entra-sim", None)]);
        assert_eq!(
            messages(&[shipped, simulator()]),
            ["entra-pim-operator depends on entra-sim"]
        );
    }

    #[test]
    fn the_core_stays_pure() {
        let core = package(
            "pim-core",
            &[("serde", None), ("tokio", None), ("proptest", Some("dev"))],
        );
        let found = messages(&[core]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("pim-core depends on tokio"),
            "{found:?}"
        );
    }

    #[test]
    fn an_unlisted_crate_is_found() {
        assert_eq!(
            messages(&[package("pim-extra", &[])]),
            ["pim-extra is a crate that the list of edges does not know"]
        );
    }
}
