//! The demo: everything at once on a bare machine, for people. Control plane, simulated tenant, the chart, the operator
//! and the examples come up as users would install them; then it says what became of the examples in Kubernetes and in
//! the tenant, how to explore it, and stays until it is interrupted.
//!
//! Only the order and the words belong here. Whatever tests need as well stands in the modules beside this one.

mod activation;
mod directory;
mod guide;
mod handover;
mod stage;
mod standing;
mod tell;
mod tenant;

use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use entra_sim::Profile;
use tokio::signal::unix::{SignalKind, signal};

use directory::Directory;
use guide::Story;
use stage::Stage;
use tell::Tell;

/// How long the examples may take with a tenant that answers at once, and with one that replicates and throttles.
const PATIENCE: Duration = Duration::from_mins(2);
const PATIENCE_WITH_DELAYS: Duration = Duration::from_mins(15);

/// How much of the operator's log a failure shows.
const LOG_LINES: usize = 40;
/// What a shell reports of a command that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

/// Bring up a control plane, a simulated tenant, the operator and the examples, and show what became of them.
#[derive(Debug, Clone, Parser)]
#[command(name = "demo", bin_name = "make demo ARGS='...'", version)]
struct Options {
    /// Leave when everything is shown; the exit status says whether every object became Ready
    #[arg(long)]
    exit: bool,
    /// Apply no examples: only the tenant is there
    #[arg(long)]
    empty: bool,
    /// How many operators run, of which one writes; with --exit one of several hands over to another
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=5))]
    replicas: u16,
    /// How the simulated tenant behaves: `service` replicates late, throttles and purges like the real one
    #[arg(long, value_enum, default_value_t = Profile::Ideal)]
    profile: Profile,
    /// How long everything may take to become Ready; 120 s, or 15 min with `--profile=service`
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    within: Option<u64>,
    /// Where the file to source, the programs and the operator's log are put; one demo runs in a directory at a time
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = Directory::usual())]
    directory: PathBuf,
    /// An operator that was built already; without it the operator is compiled first
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Options {
    fn patience(&self) -> Duration {
        let usual = match self.profile {
            Profile::Ideal => PATIENCE,
            Profile::Service => PATIENCE_WITH_DELAYS,
        };
        self.within.map_or(usual, Duration::from_secs)
    }

    fn story(&self) -> Story {
        if self.empty {
            Story::LeftOut
        } else {
            Story::Applied
        }
    }

    fn profile_name(&self) -> String {
        let value = self.profile.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What became of the objects.
enum Shown {
    /// All of them are Ready.
    Ready,
    /// Some are not; why was told.
    Unready,
}

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

async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let mut interrupts = signal(SignalKind::interrupt()).context("cannot wait for Ctrl-C")?;
    let mut terminations = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupted = pin!(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    });
    let tell = Tell::new();
    let directory = Directory::claim(&options.directory)?;
    let mut stage = None;
    let shown = tokio::select! {
        shown = perform(&options, &tell, &directory, &mut stage) => shown.map(Some),
        () = &mut interrupted => Ok(None),
    };
    let outcome = match (shown, &stage) {
        (Ok(Some(Shown::Ready)), Some(stage)) if !options.exit => {
            tell.block(&guide::look_around(&directory, options.story()));
            // An interrupt is the way to end a demo that stays up, and no failure.
            tokio::select! {
                ended = stage.watch_over() => ended,
                () = interrupted => Ok(ExitCode::SUCCESS),
            }
        }
        (Ok(Some(Shown::Ready)), _) => Ok(ExitCode::SUCCESS),
        (Ok(Some(Shown::Unready)), _) => Ok(ExitCode::FAILURE),
        (Ok(None), _) => {
            tell.failure("interrupted before everything was Ready");
            Ok(ExitCode::from(INTERRUPTED))
        }
        (Err(error), _) => Err(error),
    };
    directory.forget();
    if let Some(stage) = stage {
        tell.step("stop");
        stage.stop().await?;
        let log = directory.shown_operator_log();
        tell.done(&format!(
            "everything has ended; the operator's log stays in {log}"
        ));
    }
    outcome
}

/// Brings everything up and shows it; what is to be stopped in the end stands in `stage`.
async fn perform(
    options: &Options,
    tell: &Tell,
    directory: &Directory,
    stage: &mut Option<Stage>,
) -> anyhow::Result<Shown> {
    let stage =
        stage.insert(Stage::prepare(options.profile, options.binary.as_deref(), tell).await?);
    stage.install(tell, directory, options.replicas).await?;
    guide::write(directory, stage)?;
    stage.apply_tenant(tell).await?;
    if options.story() == Story::Applied {
        stage.apply_examples(tell).await?;
    }

    tell.step("wait until every object is Ready");
    let within = options.patience();
    let missing = standing::wait(stage, tell, within).await?;
    show(stage, tell).await?;
    if missing.is_empty() {
        tell.done(&format!(
            "every object is Ready, {:.1} s after the start with a tenant of profile {}",
            tell.elapsed().as_secs_f64(),
            options.profile_name()
        ));
        // Whoever stays does it with their own hands.
        if options.exit && options.story() == Story::Applied {
            activation::show(stage, tell, directory, within).await?;
        }
        if options.exit && options.replicas > 1 {
            handover::show(stage, tell).await?;
        }
        return Ok(Shown::Ready);
    }
    let (count, seconds) = (missing.len(), within.as_secs());
    tell.failure(&format!("{count} objects are not Ready after {seconds} s"));
    tell.block(&standing::explain(&missing));
    tell.failure("the last lines of the operator's log");
    tell.block(&stage.operator_log(LOG_LINES)?);
    Ok(Shown::Unready)
}

/// What kubectl shows, and what the tenant says.
async fn show(stage: &Stage, tell: &Tell) -> anyhow::Result<()> {
    tell.step("kubectl get entra-pim --all-namespaces");
    tell.block(&stage.get_all().await?);
    tell.step("what stands in the tenant, read from the tenant itself");
    let groups = tenant::read(stage.tenant()).await?;
    tell.block(&tenant::table(&groups));
    Ok(())
}
