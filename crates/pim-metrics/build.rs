//! Tells the binary what it was built from: the revision, given as `ENTRA_PIM_REVISION` where images are built, and the
//! version of the compiler.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ENTRA_PIM_REVISION");
    let revision = env::var("ENTRA_PIM_REVISION")
        .ok()
        .filter(|revision| !revision.is_empty());
    println!(
        "cargo::rustc-env=ENTRA_PIM_REVISION={}",
        revision.as_deref().unwrap_or("unknown")
    );
    println!(
        "cargo::rustc-env=ENTRA_PIM_RUST_VERSION={}",
        compiler().as_deref().unwrap_or("unknown")
    );
}

/// `rustc 1.95.0 (f2d3ce0bd 2026-03-21)` is `1.95.0`.
fn compiler() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?)
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(ToOwned::to_owned)
}
