//! Measures the operator: how many operations, HTTP requests and TLS handshakes a workload costs, how long it takes and how
//! much memory it needs. Control plane, network and processes are real; the tenant is the simulated one, in this process,
//! because it counts what it is asked. The counts alone are also held by tests in one process, which take the workload
//! from here.

mod case;
mod cluster;
mod figures;
mod goals;
mod phases;
mod runner;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Parser;

use case::Case;
use figures::Report;
use runner::Runner;
use testenv::operator_build::{self, Build};
use testenv::progress::{Progress, ToStderr};
use testenv::repository;

/// Measure what workloads cost: from empty, unchanged, one setting changed, everything deleted.
///
/// The table goes to standard output, the same as JSON to target/bench/bench.json. Counts are exact figures of what the
/// simulated tenant was asked; seconds depend on this machine and on what else it does.
#[derive(Debug, Clone, Parser)]
#[command(name = "bench", bin_name = "make bench ARGS='...'", version)]
struct Options {
    /// Measure only cases whose name contains this; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Measure workload L as well, which takes minutes
    #[arg(long)]
    large: bool,
    /// Say which cases there are, and measure nothing
    #[arg(long)]
    list: bool,
    /// An operator that was built already; without it the release build is made first
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

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

async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let cases = chosen(&options)?;
    if options.list {
        for case in cases {
            println!("{}", case.name());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let tell = ToStderr;
    let binary = if let Some(binary) = options.binary {
        // It is started from another folder, after minutes: what is wrong with it is said now.
        let found = binary.canonicalize();
        found.with_context(|| format!("cannot find {}", binary.display()))?
    } else {
        tell.say("==> build the operator for release");
        operator_build::compile(Build::Release).await?
    };
    let directory = repository::root().join("target").join("bench");
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let mut runner = Runner::start(&binary, &directory.join("operator.log"), &tell).await?;
    let mut report = Report::default();
    for case in &cases {
        let measured = runner.measure(case, &tell).await?;
        report.cases.push(measured);
    }
    let path = directory.join("bench.json");
    let json = serde_json::to_string_pretty(&report)?;
    std::fs::write(&path, json).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", table::render(&report));
    println!("The same as JSON: {}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn chosen(options: &Options) -> anyhow::Result<Vec<Case>> {
    let mut cases = Case::usual();
    if options.large {
        cases.extend(Case::large());
    }
    let known: Vec<String> = cases.iter().map(Case::name).collect();
    if !options.only.is_empty() {
        cases.retain(|case| options.only.iter().any(|text| case.name().contains(text)));
    }
    if cases.is_empty() {
        bail!("no case is called so; there are {}", known.join(", "));
    }
    Ok(cases)
}
