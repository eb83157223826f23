//! Sub-commands of `entra-sim`.

mod behaviours;
mod output;
mod seed;
mod serve;

use clap::{Parser, Subcommand};

/// A local Entra tenant: token endpoint, Microsoft Graph and Privileged Identity Management over TLS.
#[derive(Debug, Parser)]
#[command(name = "entra-sim", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a tenant until interrupted.
    Serve(serve::Serve),
    /// List every behaviour that can be switched, with its source.
    Behaviours(behaviours::List),
    /// Print the built-in seed, or check a file.
    Seed(seed::Show),
}

impl Arguments {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Behaviours(list) => list.run(),
            Command::Seed(show) => show.run(),
        }
    }
}
