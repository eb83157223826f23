//! `make demo`: brings everything up and shows it.

use std::process::ExitCode;

use clap::Parser as _;
use testenv::demo::{Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(status) => status,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
