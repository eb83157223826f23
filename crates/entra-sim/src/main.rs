//! The binary: see `entra-sim --help`.

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::Arguments::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("entra-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}
