//! `entra-sim seed`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use entra_sim::seed::{BUILT_IN, Seed};
use entra_sim::{Config, Simulator};

/// Print the built-in seed, or check a file.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Check this file instead of printing.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Some(path) = self.check else {
            print!("{BUILT_IN}");
            return Ok(());
        };
        let seed = read(&path)?;
        let (users, groups) = (seed.users.len(), seed.groups.len());
        Simulator::new(Config {
            seed,
            ..Config::default()
        })
        .with_context(|| path.display().to_string())?;
        println!(
            "{}: {users} users and {groups} groups are consistent",
            path.display()
        );
        Ok(())
    }
}

/// Reads a seed from a file.
pub(super) fn read(path: &PathBuf) -> anyhow::Result<Seed> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can not read the seed {}", path.display()))?;
    Seed::parse(&text).with_context(|| path.display().to_string())
}
