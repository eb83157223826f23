//! The tree on disk: where it is, which files belong to it, reading and writing by relative path.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The root of the workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

/// A text file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Path from the root, with `/`.
    pub path: String,
    /// The content of the file.
    pub text: String,
}

impl TextFile {
    /// Files of made-up trees, for the tests of the checks.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Vec<Self> {
        let file = |(path, text): &(&str, &str)| Self {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        files.iter().map(file).collect()
    }

    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }
}

impl Workspace {
    /// The nearest directory at or above the current one whose `Cargo.toml` declares a workspace.
    pub fn locate() -> anyhow::Result<Self> {
        let here = std::env::current_dir().context("cannot tell the current directory")?;
        for directory in here.ancestors() {
            let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
            if manifest.lines().any(|line| line.trim() == "[workspace]") {
                return Ok(Self::at(directory));
            }
        }
        bail!("no workspace at or above {}", here.display())
    }

    /// The workspace with this root.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The root directory of the workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The text of a file that must exist.
    pub fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.root.join(path)).with_context(|| format!("cannot read {path}"))
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let full = self.root.join(path);
        if let Some(directory) = full.parent() {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        fs::write(full, text).with_context(|| format!("cannot write {path}"))
    }

    /// Removes a file, named by its path from the root.
    pub fn remove(&self, path: &str) -> anyhow::Result<()> {
        fs::remove_file(self.root.join(path)).with_context(|| format!("cannot remove {path}"))
    }

    /// Every text file that is not ignored by git, in order of path. Binary files are left out.
    pub fn files(&self) -> anyhow::Result<Vec<TextFile>> {
        let walk = ignore::WalkBuilder::new(&self.root)
            .hidden(false)
            .require_git(false)
            .git_global(false)
            .git_exclude(false)
            .parents(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        let mut files = Vec::new();
        for entry in walk {
            let entry = entry.context("cannot walk the tree")?;
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let bytes = fs::read(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            let relative = entry.path().strip_prefix(&self.root)?;
            if let (Ok(text), Some(path)) = (String::from_utf8(bytes), relative.to_str()) {
                files.push(TextFile {
                    path: path.replace('\\', "/"),
                    text,
                });
            }
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }
}
