//! What is generated and committed: one file per kind of output, each a pure function from its source to text.
//!
//! Output is the same for the same source, so that drift is a comparison of texts.

mod api_reference;
mod artefact;
mod chart;
mod crds;
pub mod graph_types;
mod markdown;
mod metrics_reference;
mod permissions;
mod privileged_roles;
mod settings_reference;
mod status_reference;

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use artefact::Artefact;

use crate::check::Check;
use crate::finding::Finding;
use crate::workspace::Workspace;

/// Directories that hold generated files only: a file there that no generator writes is stale.
const OWNED: &[&str] = &[crds::DIRECTORY, chart::DIRECTORY];

/// Generates everything whose source is in the repository, in memory.
pub fn all(workspace: &Workspace) -> anyhow::Result<Vec<Artefact>> {
    let definitions = crds::definitions()?;
    let mut artefacts = Vec::new();
    for definition in &definitions {
        artefacts.push(crds::artefact(definition)?);
        artefacts.push(chart::artefact(definition)?);
    }
    artefacts.push(api_reference::artefact(&definitions));
    artefacts.push(settings_reference::artefact(&definitions));
    artefacts.extend(status_reference::artefacts(workspace)?);
    artefacts.push(metrics_reference::artefact());
    artefacts.extend(permissions::artefacts(workspace)?);
    artefacts.push(privileged_roles::artefact(workspace)?);
    Ok(artefacts)
}

/// Writes what differs and removes what is stale; returns the paths it touched.
pub fn write(workspace: &Workspace, artefacts: &[Artefact]) -> anyhow::Result<Vec<PathBuf>> {
    let mut touched = Vec::new();
    for artefact in artefacts {
        if workspace.read(&artefact.path).ok().as_deref() != Some(&artefact.text) {
            workspace.write(&artefact.path, &artefact.text)?;
            touched.push(PathBuf::from(&artefact.path));
        }
    }
    for path in stale(workspace, artefacts)? {
        workspace.remove(&path)?;
        touched.push(PathBuf::from(path));
    }
    Ok(touched)
}

/// Says which committed files are not what the generators write.
pub fn drift(workspace: &Workspace, artefacts: &[Artefact]) -> anyhow::Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = artefacts
        .iter()
        .filter_map(|artefact| {
            let message = match workspace.read(&artefact.path) {
                Err(_) => "is missing".to_owned(),
                Ok(text) => difference(&text, &artefact.text)?,
            };
            Some(finding(&artefact.path, message))
        })
        .collect();
    for path in stale(workspace, artefacts)? {
        findings.push(finding(&path, "has no source any more".to_owned()));
    }
    Ok(findings)
}

fn finding(path: &str, message: String) -> Finding {
    Finding {
        check: Check::Generated,
        path: path.to_owned(),
        line: None,
        message,
        fix: "run `cargo xtask gen` and commit what it writes".to_owned(),
    }
}

/// Where two texts part, for the message; nothing when they are equal.
fn difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let same = committed
        .lines()
        .zip(generated.lines())
        .take_while(|(one, other)| one == other)
        .count();
    Some(format!(
        "differs from its source, first in line {}",
        same + 1
    ))
}

fn stale(workspace: &Workspace, artefacts: &[Artefact]) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for directory in OWNED {
        let Ok(entries) = fs::read_dir(workspace.root().join(directory)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {directory}"))?;
            let path = format!("{directory}/{}", entry.file_name().to_string_lossy());
            if !artefacts.iter().any(|artefact| artefact.path == path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(path: &str, text: &str) -> Artefact {
        Artefact {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn drift_names_missing_changed_and_stale_files() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(directory.path());
        workspace.write("crds/old.yaml", "x").unwrap();
        workspace.write("docs/a.md", "one\ntwo\n").unwrap();
        let wanted = [
            artefact("docs/a.md", "one\n2\n"),
            artefact("docs/b.md", "new\n"),
        ];
        let found: Vec<(String, String)> = drift(&workspace, &wanted)
            .unwrap()
            .into_iter()
            .map(|finding| (finding.path, finding.message))
            .collect();
        let pair = |path: &str, message: &str| (path.to_owned(), message.to_owned());
        assert_eq!(
            found,
            [
                pair("docs/a.md", "differs from its source, first in line 2"),
                pair("docs/b.md", "is missing"),
                pair("crds/old.yaml", "has no source any more"),
            ]
        );
    }

    #[test]
    fn after_writing_there_is_no_drift_and_nothing_left_to_write() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(directory.path());
        workspace.write("crds/old.yaml", "x").unwrap();
        let wanted = [artefact("crds/new.yaml", "one\n")];
        assert_eq!(write(&workspace, &wanted).unwrap().len(), 2);
        assert_eq!(drift(&workspace, &wanted).unwrap(), []);
        assert_eq!(write(&workspace, &wanted).unwrap(), Vec::<PathBuf>::new());
    }
}
