//! Words and addresses that may not stand in the tree: paths of one machine, package registries of one
//! network, notes to oneself. They are found by their form, so that none of them has to stand here.

use std::fs;

use anyhow::Context as _;

use crate::check::Check;
use crate::finding::Finding;
use crate::workspace::{TextFile, Workspace};

/// Where Rust crates come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Top-level directories that mean the same on every machine (refspecs.linuxfoundation.org: Filesystem Hierarchy
/// Standard 3.0), without the home of the administrator, which is somebody's.
const STANDARD: &[&str] = &[
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "run",
    "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// What the first part of the name of a host that serves packages says.
const REGISTRY_LABELS: &[&str] = &[
    "artifactory",
    "index",
    "mirror",
    "nexus",
    "packages",
    "proxy",
    "pypi",
    "registry",
    "static",
    "sum",
];

/// Ends of names of hosts that are somebody's; those that documents may make up are in [`MADE_UP`].
const DOMAINS: &[&str] = &["com", "dev", "io", "net", "org"];

/// Names of hosts that belong to nobody (RFC 2606).
const MADE_UP: &[&str] = &["example.com", "example.net", "example.org"];

/// Notes to oneself, as words that stand alone. Each is put together here, because this file is checked too.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// What belongs to the machine that the check runs on, and to no other: beginnings of absolute paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    beginnings: Vec<String>,
}

impl Machine {
    /// This machine: the top-level directories that no standard knows, the home of whoever runs the check, and the tree
    /// itself.
    pub fn this(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut beginnings = Vec::new();
        for entry in fs::read_dir("/").context("cannot list the root directory")? {
            let entry = entry.context("cannot list the root directory")?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !STANDARD.contains(&name.as_str()) {
                beginnings.push(format!("/{name}/"));
            }
        }
        let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
        let tree = workspace.root().to_str().map(ToOwned::to_owned);
        let below = |path: String| format!("{}/", path.trim_end_matches('/'));
        beginnings.extend(home.into_iter().chain(tree).map(below));
        Ok(Self { beginnings })
    }
}

/// Checks every text file.
pub fn findings(files: &[TextFile], machine: &Machine) -> Vec<Finding> {
    files
        .iter()
        .flat_map(|file| in_file(file, machine))
        .collect()
}

fn in_file(file: &TextFile, machine: &Machine) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut note = |message: String, fix: &str| {
            found.push(Finding {
                check: Check::Words,
                path: file.path.clone(),
                line: Some(index + 1),
                message,
                fix: fix.to_owned(),
            });
        };
        if let Some(path) = machine.path_in(line) {
            note(
                format!("`{path}` is a path of one machine"),
                "use a path inside the repository, or one that the user names",
            );
        }
        if leaves_the_tree(&file.path, line) {
            note(
                "a path leads out of the repository".to_owned(),
                "bring what it leads to into the repository",
            );
        }
        for host in hosts(line).filter(|host| is_registry(host)) {
            note(
                format!("`{host}` is the address of a package registry"),
                "leave the choice of registry to the tools of whoever builds",
            );
        }
        for word in NOTES.iter().filter(|word| stands_alone(line, word)) {
            note(
                format!("`{word}` is a note to oneself"),
                "do it, or say in the issue tracker what is missing",
            );
        }
        if file.path.ends_with("Cargo.lock") && is_foreign_source(line) {
            note(
                "a crate comes from elsewhere than crates.io".to_owned(),
                "resolve it against crates.io and commit that lock file",
            );
        }
        if file.path.starts_with(".cargo/") && is_registry_table(line) {
            note(
                "replaces the source of crates for everybody".to_owned(),
                "keep it in the configuration of the machine",
            );
        }
    }
    found
}

impl Machine {
    /// The beginning of a path of this machine that stands in a line. Paths of services begin with a slash too, so what
    /// goes on from another word, a host or a placeholder is none.
    fn path_in(&self, line: &str) -> Option<&str> {
        let begins = |start: usize| {
            let before = &line[..start];
            before.ends_with("file://") || !before.ends_with(goes_on)
        };
        self.beginnings
            .iter()
            .map(String::as_str)
            .find(|path| line.match_indices(path).any(|(start, _)| begins(start)))
    }
}

fn goes_on(character: char) -> bool {
    character.is_alphanumeric() || "_-./}])~%$*".contains(character)
}

/// Whether a relative path climbs further up than its file lies deep.
fn leaves_the_tree(path: &str, line: &str) -> bool {
    const UP: &str = "../";
    let depth = path.matches('/').count();
    line.match_indices(UP).any(|(start, _)| {
        let is_first = !line[..start].ends_with(goes_on);
        let steps = line[start..]
            .split(UP)
            .take_while(|step| step.is_empty())
            .count();
        is_first && steps > depth
    })
}

/// What has the form of a host's name of three labels or more.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !(character.is_ascii_alphanumeric() || ".-".contains(character)))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.contains('.'))
}

fn is_registry(host: &str) -> bool {
    let (Some((first, rest)), Some((_, domain))) = (host.split_once('.'), host.rsplit_once('.'))
    else {
        return false;
    };
    let names_packages = REGISTRY_LABELS.contains(&first) && rest.contains('.');
    // `pypi` and the like are names of registries themselves.
    let is_one = ["pypi.", "artifactory."]
        .iter()
        .any(|name| host.starts_with(name));
    (names_packages || is_one)
        && DOMAINS.contains(&domain)
        && !MADE_UP.iter().any(|made_up| host.ends_with(made_up))
}

/// Whether a word stands in the line by itself: a longer one is another word.
pub(super) fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let touches = |character: Option<char>| {
            character.is_some_and(|one| one.is_alphanumeric() || one == '_')
        };
        !(touches(line[..start].chars().next_back())
            || touches(line[start + word.len()..].chars().next()))
    })
}

fn is_foreign_source(line: &str) -> bool {
    line.strip_prefix("source = ")
        .is_some_and(|source| source.trim_matches('"') != CRATES_IO)
}

fn is_registry_table(line: &str) -> bool {
    ["[source", "[registries", "[registry"]
        .iter()
        .any(|table| line.trim_start().starts_with(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let machine = Machine {
            beginnings: vec!["/depot/".to_owned(), "/home/ann/".to_owned()],
        };
        findings(&TextFile::of(&[(path, text)]), &machine)
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line.unwrap_or_default(), finding.message))
            .collect()
    }

    #[test]
    fn machine_paths_and_notes_are_found_with_their_line() {
        let note = NOTES[0];
        assert_eq!(
            found(
                "docs/a.md",
                &format!("fine\nsee /depot/main\n// {note}: later\n")
            ),
            [
                "2: `/depot/` is a path of one machine".to_owned(),
                format!("3: `{note}` is a note to oneself"),
            ]
        );
    }

    #[test]
    fn a_machine_path_is_found_wherever_a_path_can_begin() {
        for line in [
            "cd /depot/x",
            "\"/depot/x\"",
            "(/home/ann/x)",
            "A=/depot/x",
            "file:///depot/x",
            "-L/tmp:/depot/x",
        ] {
            assert_eq!(found("a.sh", line).len(), 1, "{line}");
        }
        for line in [
            "/api/depot/x",
            "{id}/depot/x",
            "https://host.example/depot/x",
            "./depot/x",
            "/depot",
            "/home/me/x",
            "/etc/depot/",
        ] {
            assert!(found("a.sh", line).is_empty(), "{line}");
        }
    }

    #[test]
    fn the_directories_of_this_machine_that_no_standard_knows_are_its_own() {
        let machine = Machine::this(&Workspace::at(std::path::Path::new("/any/tree"))).unwrap();
        assert!(machine.beginnings.contains(&"/any/tree/".to_owned()));
        for standard in STANDARD {
            assert!(!machine.beginnings.contains(&format!("/{standard}/")));
        }
    }

    #[test]
    fn a_path_that_climbs_out_of_the_repository_is_found() {
        let out = "2: a path leads out of the repository";
        let climb = |steps: usize| format!("\n[a]({}elsewhere/a.md)", "../".repeat(steps));
        assert!(found("docs/deep/a.md", &climb(2)).is_empty());
        assert_eq!(found("docs/deep/a.md", &climb(3)), [out]);
        assert_eq!(found("README.md", &climb(1)), [out]);
    }

    #[test]
    fn addresses_of_registries_are_found_by_their_form() {
        let host = |labels: &[&str]| labels.join(".");
        for host in [
            host(&["index", "crates", "io"]),
            host(&["proxy", "golang", "org"]),
            host(&["registry", "npmjs", "org"]),
            host(&["pypi", "org"]),
            host(&["artifactory", "company", "com"]),
        ] {
            let line = format!("url = https://{host}/simple");
            assert_eq!(
                found("a.toml", &line),
                [format!("1: `{host}` is the address of a package registry")]
            );
        }
        for line in [
            "registry.example.com",
            "proxy.example.org:3128",
            "index.html",
            "self.registry.len()",
            "crates.io",
            "static.rs",
        ] {
            assert!(found("a.rs", line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_word_inside_another_word_is_another_word() {
        let (note, other) = (NOTES[0], NOTES[1]);
        assert!(
            found(
                "a.rs",
                &format!("let {note}S = 1; // mastodon, {other}S, A_{note}")
            )
            .is_empty()
        );
        assert_eq!(found("a.rs", &format!("// ({other})")).len(), 1);
    }

    #[test]
    fn lock_file_names_crates_io_only() {
        let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(found("Cargo.lock", good).is_empty());
        let bad = "source = \"registry+https://mirror.example.com/index\"";
        assert_eq!(found("Cargo.lock", bad).len(), 1);
    }

    #[test]
    fn cargo_configuration_does_not_replace_sources() {
        assert_eq!(
            found(".cargo/config.toml", "[source.crates-io]"),
            ["1: replaces the source of crates for everybody"]
        );
        assert!(found(".cargo/config.toml", "[alias]").is_empty());
    }
}
