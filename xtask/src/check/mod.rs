//! The rules that no compiler knows, one file each. A check reads the tree and returns findings; the
//! part that judges is a pure function over text, so that its tests need no tree.

mod circles;
mod edges;
mod generated;
mod imports;
mod modules;
mod names;
mod retired;
mod sizes;
mod source;
mod systems;
mod words;

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

use crate::finding::Report;
use crate::workspace::Workspace;

/// A check by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Which crate may depend on which
    Edges,
    /// Files that import each other
    Circles,
    /// Which modules of the operator may name a client library
    Imports,
    /// Types of one name
    Names,
    /// Words that gave way to others
    Retired,
    /// Length and opening of Rust files
    Sizes,
    /// Where a system of roles may be named
    Systems,
    /// Words and addresses that may not stand in the tree
    Words,
    /// Generated files are what the generators write
    Generated,
}

impl Check {
    /// Every check, in the order they run.
    pub const ALL: &'static [Self] = &[
        Self::Edges,
        Self::Circles,
        Self::Imports,
        Self::Names,
        Self::Retired,
        Self::Sizes,
        Self::Systems,
        Self::Words,
        Self::Generated,
    ];
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Edges => "edges",
            Self::Circles => "circles",
            Self::Imports => "imports",
            Self::Names => "names",
            Self::Retired => "retired",
            Self::Sizes => "sizes",
            Self::Systems => "systems",
            Self::Words => "words",
            Self::Generated => "generated",
        })
    }
}

/// Runs the checks and gathers everything they find.
pub fn run(workspace: &Workspace, checks: &[Check]) -> anyhow::Result<Report> {
    let files = workspace.files()?;
    let mut findings = Vec::new();
    for check in checks {
        findings.extend(match check {
            Check::Edges => edges::findings(&edges::packages(workspace)?),
            Check::Circles => circles::findings(&files),
            Check::Imports => imports::findings(&files),
            Check::Names => names::findings(&files),
            Check::Retired => retired::findings(&files),
            Check::Sizes => sizes::findings(&files),
            Check::Systems => systems::findings(&files),
            Check::Words => words::findings(&files, &words::Machine::this(workspace)?),
            Check::Generated => generated::findings(workspace)?,
        });
    }
    Ok(Report::new(checks, findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test like any other, so that `make test` compiles nothing for it alone.
    #[test]
    fn the_repository_keeps_its_rules() {
        let workspace = Workspace::locate().unwrap();
        let report = run(&workspace, Check::ALL).unwrap();
        assert!(report.findings.is_empty(), "{report}");
    }
}
