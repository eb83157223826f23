//! Generators and checks of the repository: `cargo xtask gen` writes what is generated and committed,
//! `cargo xtask check` holds the tree against the rules that no compiler knows.
//!
//! Nothing here is part of the product, and nothing here starts a server or talks to a network.

mod check;
mod cli;
mod finding;
mod generate;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}
