//! Python environments with pinned packages. They are made in a folder that goes with the test, or in the one that
//! `ENTRA_SIM_CLIENTS` names, where the next run finds them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::Program;

/// A Python environment.
pub struct Environment {
    folder: PathBuf,
    _gone_with_it: Option<TempDir>,
}

impl Environment {
    /// One with the packages of a list, as pip reads it.
    pub async fn with(name: &str, requirements: &str) -> Self {
        let kept = std::env::var_os("ENTRA_SIM_CLIENTS").map(PathBuf::from);
        let temporary = kept.is_none().then(|| tempfile::tempdir().unwrap());
        let root = kept.or_else(|| Some(temporary.as_ref()?.path().to_owned()));
        let environment = Self {
            folder: root.unwrap().join(name),
            _gone_with_it: temporary,
        };
        environment.install(requirements).await;
        environment
    }

    /// Installs what the environment does not have yet. The list is left in it last, so one that broke off is made anew.
    async fn install(&self, requirements: &str) {
        let list = self.folder.join("installed.txt");
        if std::fs::read_to_string(&list).is_ok_and(|installed| installed == requirements) {
            eprintln!("==> packages found in {}", self.folder.display());
            return;
        }
        let packages: Vec<&str> = requirements.lines().collect();
        eprintln!("==> installing {}; takes minutes", packages.join(", "));
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let folder = self.folder.to_string_lossy().into_owned();
        let python = Program::new(Path::new(&python));
        python.run(&["-m", "venv", "--clear", &folder]).await.text();
        let mut arguments = vec![
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        arguments.extend(packages);
        self.program("python").run(&arguments).await.text();
        std::fs::write(list, requirements).unwrap();
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> Program {
        Program::new(&self.folder.join("bin").join(name))
    }
}
