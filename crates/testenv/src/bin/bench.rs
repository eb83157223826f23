//! `make bench`: measures the operator with real servers and a simulated tenant.

use std::process::ExitCode;

use clap::Parser as _;
use testenv::bench::{Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(status) => status,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
