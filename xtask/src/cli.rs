//! The command line: what can be asked, and how the answer is printed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::{self, Check};
use crate::finding::Report;
use crate::generate;
use crate::generate::graph_types;
use crate::workspace::Workspace;

/// Generators and checks of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write every generated file
    Gen(Gen),
    /// Hold the tree against the rules of the repository
    Check(CheckArguments),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Gen {
    /// Write nothing; fail when a generated file is missing, stale or different
    #[arg(long)]
    check: bool,
    /// How to print what differs
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    from_outside: Option<FromOutside>,
}

/// Generators whose source is not in the repository.
#[derive(Debug, Subcommand)]
enum FromOutside {
    /// Extract names and types from Microsoft's published metadata into the simulator's table
    GraphTypes(graph_types::Arguments),
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// Run only these checks
    #[arg(long, value_enum)]
    only: Vec<Check>,
    /// How to print the findings
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Output {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

impl Cli {
    /// Runs the command that was given on the command line.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let workspace = Workspace::locate()?;
        match self.command {
            Command::Gen(arguments) => arguments.run(&workspace),
            Command::Check(arguments) => {
                let checks = if arguments.only.is_empty() {
                    Check::ALL
                } else {
                    &arguments.only
                };
                print(&check::run(&workspace, checks)?, arguments.output)
            }
        }
    }
}

impl Gen {
    fn run(self, workspace: &Workspace) -> anyhow::Result<ExitCode> {
        if let Some(FromOutside::GraphTypes(arguments)) = self.from_outside {
            return Ok(report_written(&[graph_types::write(
                workspace, &arguments,
            )?]));
        }
        let artefacts = generate::all(workspace)?;
        if self.check {
            let findings = generate::drift(workspace, &artefacts)?;
            return print(&Report::new(&[Check::Generated], findings), self.output);
        }
        Ok(report_written(&generate::write(workspace, &artefacts)?))
    }
}

fn report_written(paths: &[PathBuf]) -> ExitCode {
    for path in paths {
        println!("wrote {}", path.display());
    }
    if paths.is_empty() {
        println!("everything generated is up to date");
    }
    ExitCode::SUCCESS
}

fn print(report: &Report, output: Output) -> anyhow::Result<ExitCode> {
    match output {
        Output::Json => println!("{}", serde_json::to_string_pretty(report)?),
        Output::Text => print!("{report}"),
    }
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
