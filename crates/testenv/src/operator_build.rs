//! Compiles the operator with cargo, which says what it does on standard error, and finds the binary in what cargo
//! reports. A binary that is up to date takes no time.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::process::Command;

use crate::repository;

/// The name of both the package and its binary.
const OPERATOR: &str = "entra-pim-operator";

/// One message of cargo (`cargo build --message-format=json`), as far as it matters.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Whether the compiler optimizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Compiled without optimization, which is soon done.
    Debug,
    /// Compiled with optimization, as it is shipped.
    Release,
}

/// Compiles the operator and says where it is.
pub async fn compile(how: Build) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let built = Command::new(&cargo)
        // Named together, both packages share what they depend on; alone, the operator would have it compiled again.
        .args(["build", "--package", "testenv", "--package", OPERATOR])
        .args(["--bin", OPERATOR])
        .args((how == Build::Release).then_some("--release"))
        .arg("--message-format=json-render-diagnostics")
        .current_dir(repository::root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await;
    let built = match built {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "{} was not found, and the operator has to be compiled: install Rust from https://rustup.rs, or name cargo in CARGO",
            cargo.display()
        ),
        built => built.with_context(|| format!("cannot run {}", cargo.display()))?,
    };
    if !built.status.success() {
        bail!("the operator does not compile; cargo says why above");
    }
    let said = String::from_utf8_lossy(&built.stdout);
    executable(&said)
        .context("cargo did not say where it put the operator; run it with CARGO unset")
}

/// The binary among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut found = messages.filter_map(|message| {
        let ours = message.target.is_some_and(|target| target.name == OPERATOR);
        message.executable.filter(|_| ours)
    });
    found.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_the_messages_of_cargo() {
        let messages = [
            r#"{"reason":"compiler-artifact","target":{"name":"build-script-build"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"entra-pim-operator"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"entra-pim-operator"},"executable":"/here/entra-pim-operator"}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        assert_eq!(
            executable(&messages.join("\n")),
            Some(PathBuf::from("/here/entra-pim-operator"))
        );
        assert_eq!(executable(messages[0]), None);
    }
}
