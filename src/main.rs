//! Starts the operator: reads the settings, starts the log, runs until asked to stop.

use std::process::ExitCode;

use entra_pim_operator::settings::Settings;
use entra_pim_operator::telemetry::logs;
use entra_pim_operator::wiring;
use tikv_jemallocator::Jemalloc;

/// The allocator of the system library keeps most of what was used once: after the first look at a hundred groups a third more
/// than is in use. How soon this one gives back is set where it is built, in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match Settings::read(std::env::args_os()) {
        Ok(settings) => settings,
        Err(stop) => return stop.report(),
    };
    if let Err(error) = logs::init(settings.log_format, &settings.log_level) {
        eprintln!("entra-pim-operator: the log cannot be started: {error}");
        return ExitCode::FAILURE;
    }
    match wiring::run(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "the operator cannot run");
            eprintln!("entra-pim-operator: {error}");
            ExitCode::FAILURE
        }
    }
}
