//! One binary out of the pinned Go modules. Where it is kept, and who else builds it, is the cache's business.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::binary::Binary;
use super::error::Error;
use crate::process::{Environment, Program, Supervised};

/// Lines of a failed build that are shown.
const LOG_LINES: usize = 30;
const POLL: Duration = Duration::from_millis(50);
/// Changes of the recipe that neither the modules nor the flags show.
const RECIPE: &str = "1";
const FLAGS: [&str; 3] = ["-trimpath", "-buildvcs=false", "-mod=readonly"];
/// The host is built for, whatever the user cross-compiles otherwise; the modules stand alone.
const VARIABLES: [(&str, &str); 4] = [
    ("CGO_ENABLED", "0"),
    ("GOOS", ""),
    ("GOARCH", ""),
    ("GOWORK", "off"),
];

/// Builds binaries; a trait, so that the cache can be tested without the minutes a real build takes.
pub(super) trait Compile {
    /// What the binaries of `module` depend on, as a name for a directory.
    fn key(&self, module: Module) -> String;

    /// Writes `binary` to `directory/<file name>`, with nothing else in `directory` to disturb, and calls `tick` often.
    fn compile(
        &self,
        binary: Binary,
        directory: &Path,
        tick: &mut dyn FnMut(),
    ) -> Result<(), Error>;
}

/// The Go modules. Helm stands apart, because it is built against a newer minor of the Kubernetes libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Module {
    Kubernetes,
    Helm,
}

impl Module {
    pub(super) fn of(binary: Binary) -> Self {
        match binary {
            Binary::Helm => Self::Helm,
            Binary::Etcd
            | Binary::KubeApiserver
            | Binary::KubeControllerManager
            | Binary::Kubectl => Self::Kubernetes,
        }
    }

    const fn go_mod(self) -> &'static str {
        match self {
            Self::Kubernetes => include_str!("../../control-plane/kubernetes/go.mod"),
            Self::Helm => include_str!("../../control-plane/helm/go.mod"),
        }
    }

    const fn go_sum(self) -> &'static str {
        match self {
            Self::Kubernetes => include_str!("../../control-plane/kubernetes/go.sum"),
            Self::Helm => include_str!("../../control-plane/helm/go.sum"),
        }
    }

    /// The version that `go.mod` requires of `path`.
    fn version(self, path: &str) -> Option<&'static str> {
        let required = |line: &'static str| {
            line.trim()
                .trim_start_matches("require ")
                .strip_prefix(path)?
                .strip_prefix(" v")
        };
        self.go_mod()
            .lines()
            .find_map(required)
            .map(|version| version.split_whitespace().next().unwrap_or(version))
    }

    /// The linker flags that write the version into the binaries. Without them the API server calls itself
    /// `v0.0.0-master`, and every chart with a `kubeVersion` refuses it (kubernetes: hack/lib/version.sh,
    /// helm: Makefile).
    fn linker_flags(self) -> String {
        let mut flags = String::from("-s -w");
        match self {
            Self::Kubernetes => {
                let version = self.version("k8s.io/kubernetes").unwrap_or_default();
                let mut parts = version.split('.');
                let (major, minor) = (
                    parts.next().unwrap_or_default(),
                    parts.next().unwrap_or_default(),
                );
                for package in [
                    "k8s.io/component-base/version",
                    "k8s.io/client-go/pkg/version",
                ] {
                    // Writing to a string cannot fail.
                    let _ = write!(
                        flags,
                        " -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor} \
                         -X {package}.gitTreeState=clean"
                    );
                }
            }
            Self::Helm => {
                let version = self.version("helm.sh/helm/v4").unwrap_or_default();
                let _ = write!(
                    flags,
                    " -X helm.sh/helm/v4/internal/version.version=v{version}"
                );
            }
        }
        flags
    }
}

const fn package(binary: Binary) -> &'static str {
    match binary {
        Binary::Etcd => "go.etcd.io/etcd/server/v3",
        Binary::KubeApiserver => "k8s.io/kubernetes/cmd/kube-apiserver",
        Binary::KubeControllerManager => "k8s.io/kubernetes/cmd/kube-controller-manager",
        Binary::Kubectl => "k8s.io/kubernetes/cmd/kubectl",
        Binary::Helm => "helm.sh/helm/v4/cmd/helm",
    }
}

/// The Go toolchain of this machine.
#[derive(Debug)]
pub(super) struct Toolchain {
    go: PathBuf,
    /// Version, operating system and architecture.
    identity: String,
}

impl Toolchain {
    /// Finds `go` in the directories of `search`, which is a `PATH`, and asks for its version.
    pub(super) fn detect(search: &OsStr) -> Result<Self, Error> {
        let go = find("go", search).ok_or(Error::NoGo {
            source: std::io::ErrorKind::NotFound.into(),
        })?;
        let output = Command::new(&go)
            .args(["env", "GOVERSION", "GOHOSTOS", "GOHOSTARCH"])
            .envs(VARIABLES)
            .current_dir(std::env::temp_dir())
            .output()
            .map_err(|source| Error::NoGo { source })?;
        if !output.status.success() {
            return Err(Error::GoEnvironment {
                message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        Ok(Self {
            go,
            identity: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        })
    }
}

impl Compile for Toolchain {
    fn key(&self, module: Module) -> String {
        key(&[
            RECIPE,
            module.go_mod(),
            module.go_sum(),
            &FLAGS.join(" "),
            &module.linker_flags(),
            &self.identity,
        ])
    }

    fn compile(
        &self,
        binary: Binary,
        directory: &Path,
        tick: &mut dyn FnMut(),
    ) -> Result<(), Error> {
        let module = Module::of(binary);
        // The module is written out, so that a build needs no source tree and changes none.
        let source = directory.join("module");
        let write = |path: &Path, text: &str| {
            fs::write(path, text).map_err(|source| Error::Cache {
                action: "write",
                path: path.to_owned(),
                source,
            })
        };
        fs::create_dir_all(&source).map_err(|error| Error::Cache {
            action: "create",
            path: source.clone(),
            source: error,
        })?;
        write(&source.join("go.mod"), module.go_mod())?;
        write(&source.join("go.sum"), module.go_sum())?;

        let mut program = Program::new(&self.go, directory.join("build.log"))
            .environment(Environment::Inherited)
            .directory(&source)
            .arg("build")
            .args(FLAGS)
            .args(["-ldflags", &module.linker_flags(), "-o"])
            .arg(directory.join(binary.file_name()))
            .arg(package(binary));
        for (name, value) in VARIABLES {
            program = program.env(name, value);
        }
        let run = |source| Error::RunBuild {
            binary: binary.file_name(),
            source,
        };
        let build = Supervised::spawn(&program).map_err(run)?;
        let status = loop {
            if let Some(status) = build.exit_status().map_err(run)? {
                break status;
            }
            tick();
            std::thread::sleep(POLL);
        };
        if status.success() {
            return Ok(());
        }
        Err(Error::Build {
            binary: binary.file_name(),
            log: build.log_tail(LOG_LINES),
        })
    }
}

/// One digest over all parts; the length of each keeps neighbours apart.
fn key(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn find(name: &str, search: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search)
        .map(|directory| directory.join(name))
        .find(|file| file.is_absolute() && file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_module_and_stamped() {
        let flags = Module::Kubernetes.linker_flags();
        let version = Module::Kubernetes.version("k8s.io/kubernetes").unwrap();
        assert!(
            flags.contains(&format!("component-base/version.gitVersion=v{version}")),
            "{flags}"
        );
        assert!(flags.contains("gitMajor=1 "), "{flags}");
        let helm = Module::Helm.version("helm.sh/helm/v4").unwrap();
        assert!(helm.starts_with("4."), "{helm}");
        assert!(
            Module::Helm
                .linker_flags()
                .ends_with(&format!("version.version=v{helm}"))
        );
    }

    #[test]
    fn every_binary_is_a_tool_of_its_module() {
        for binary in Binary::ALL {
            let module = Module::of(binary).go_mod();
            assert!(
                module
                    .lines()
                    .any(|line| line.trim().trim_start_matches("tool ") == package(binary)),
                "{binary:?}"
            );
        }
    }

    #[test]
    fn staging_modules_are_replaced_at_the_version_of_the_release() {
        let version = Module::Kubernetes.version("k8s.io/kubernetes").unwrap();
        let staging = version.replacen("1.", "v0.", 1);
        let replaced: Vec<&str> = Module::Kubernetes
            .go_mod()
            .lines()
            .filter(|line| line.contains(" => "))
            .collect();
        assert!(!replaced.is_empty());
        for line in replaced {
            assert!(line.ends_with(&format!(" {staging}")), "{line}");
        }
    }

    #[test]
    fn the_key_changes_with_every_part_and_with_where_a_part_ends() {
        let base = key(&["module", "sums", "flags", "go1"]);
        assert_eq!(base, key(&["module", "sums", "flags", "go1"]));
        assert_eq!(base.len(), 64);
        for other in [
            ["modulE", "sums", "flags", "go1"],
            ["module", "sumS", "flags", "go1"],
            ["modules", "ums", "flags", "go1"],
        ] {
            assert_ne!(base, key(&other));
        }
        assert_ne!(base, key(&["module", "sums", "flags", "go2"]));
    }

    #[test]
    fn without_go_people_are_told_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let error = Toolchain::detect(empty.path().as_os_str())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("install Go") && error.contains("KUBEBUILDER_ASSETS"),
            "{error}"
        );
    }

    #[test]
    fn the_modules_have_keys_of_their_own() {
        let toolchain = Toolchain {
            go: "/go".into(),
            identity: "go1.26.0 linux amd64".into(),
        };
        let newer = Toolchain {
            go: "/go".into(),
            identity: "go1.27.0 linux amd64".into(),
        };
        assert_ne!(
            toolchain.key(Module::Helm),
            toolchain.key(Module::Kubernetes)
        );
        assert_ne!(toolchain.key(Module::Helm), newer.key(Module::Helm));
    }
}
