//! Flags and environment of the operator, read once into one checked struct. What belongs to a tenant stands in its
//! `EntraTenant`, never here.
//!
//! Every flag has a twin in the environment: `--log-level` is `ENTRA_PIM_LOG_LEVEL`. The flag wins.

pub(crate) mod spelled;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::telemetry::logs::{Format, LogFilter};
use crate::telemetry::metrics::ObjectSeries;

/// Wrong settings end the process with this status.
const REFUSED: u8 = 2;

/// The most objects that one controller works on at the same time. More only queue behind the limits of the service.
const MOST_WORKERS: i64 = 256;

/// How many objects each controller works on at the same time unless told otherwise: so many groups are made in hardly
/// more time than one takes, and a hundred in less than twice that.
pub const USUAL_WORKERS: u16 = 100;

const EVERYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How the operator runs.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "entra-pim-operator", version, about, args_override_self = true)]
pub struct Settings {
    /// The operator's own namespace: where credentials of tenants stand
    #[arg(long, env = "ENTRA_PIM_NAMESPACE", value_parser = dns_label)]
    pub namespace: String,

    /// The file with a token of the operator's service account, for tenants that it signs in to by workload identity
    #[arg(
        long,
        env = "ENTRA_PIM_FEDERATED_TOKEN_FILE",
        default_value = "/var/run/secrets/entra-pim.dev/token"
    )]
    pub federated_token_file: PathBuf,

    /// The name of the pod, shown in events
    #[arg(long, env = "ENTRA_PIM_POD_NAME", default_value = "entra-pim-operator", value_parser = object_name)]
    pub pod_name: String,

    /// The Lease, in the operator's own namespace, that all replicas of one release stand for: its holder writes
    #[arg(long, env = "ENTRA_PIM_LEASE_NAME", default_value = "entra-pim-operator", value_parser = object_name)]
    pub lease_name: String,

    /// Seconds after which another replica takes the Lease that its holder did not renew
    #[arg(long, env = "ENTRA_PIM_LEASE_DURATION", default_value_t = 15, value_parser = clap::value_parser!(u16).range(12..=3600))]
    pub lease_duration: u16,

    /// Where metrics are served
    #[arg(long, env = "ENTRA_PIM_METRICS_ADDRESS", default_value_t = SocketAddr::new(EVERYWHERE, 8080))]
    pub metrics_address: SocketAddr,

    /// Where the probes of the kubelet are answered
    #[arg(long, env = "ENTRA_PIM_PROBES_ADDRESS", default_value_t = SocketAddr::new(EVERYWHERE, 8081))]
    pub probes_address: SocketAddr,

    /// Whether metrics have series for single objects; without them only counts are served
    #[arg(long, env = "ENTRA_PIM_OBJECT_METRICS", value_enum, default_value_t = ObjectSeries::Enabled)]
    pub object_metrics: ObjectSeries,

    /// How log lines are written
    #[arg(long, env = "ENTRA_PIM_LOG_FORMAT", value_enum, default_value_t = Format::Json)]
    pub log_format: Format,

    /// What is logged: off, error, warn, info, debug or trace, and more for modules, as in `info,entra_client=debug`
    #[arg(long, env = "ENTRA_PIM_LOG_LEVEL", default_value_t, value_parser = LogFilter::parse)]
    pub log_level: LogFilter,

    /// How many objects each controller works on at the same time
    #[arg(long, env = "ENTRA_PIM_CONCURRENCY", default_value_t = USUAL_WORKERS, value_parser = clap::value_parser!(u16).range(1..=MOST_WORKERS))]
    pub concurrency: u16,
}

/// Why the process ends before it has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Help or version was asked for.
    Asked(String),
    /// The settings are wrong; one line says how.
    Refused(String),
}

impl Settings {
    /// Reads the settings from arguments, the first of which is the name of the program, and from the environment.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Stop> {
        let settings = Self::try_parse_from(arguments).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Asked(error.to_string()),
            _ => Stop::Refused(first_paragraph(&error.to_string())),
        })?;
        settings.check()
    }

    fn check(self) -> Result<Self, Stop> {
        let shared =
            self.metrics_address == self.probes_address && self.metrics_address.port() != 0;
        if shared {
            let address = self.metrics_address;
            let line = format!(
                "error: --metrics-address and --probes-address are both {address}: give each a port of its own"
            );
            return Err(Stop::Refused(line));
        }
        Ok(self)
    }
}

impl Stop {
    /// Prints what there is to say, and returns the status to end with.
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Asked(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Self::Refused(line) => {
                eprintln!("{line}");
                ExitCode::from(REFUSED)
            }
        }
    }
}

/// The parser's message without its hints on usage, in one line.
fn first_paragraph(message: &str) -> String {
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

/// Checks the name of a namespace (RFC 1123 label).
fn dns_label(text: &str) -> Result<String, String> {
    if text.len() > 63 || !is_label(text) {
        return Err("not the name of a namespace".to_owned());
    }
    Ok(text.to_owned())
}

/// Checks the name of an object (RFC 1123 subdomain).
fn object_name(text: &str) -> Result<String, String> {
    if text.len() > 253 || !text.split('.').all(is_label) {
        return Err("not the name of an object".to_owned());
    }
    Ok(text.to_owned())
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Settings, Stop> {
        let all = ["entra-pim-operator"].iter().chain(arguments);
        Settings::read(all.map(OsString::from))
    }

    fn refused(arguments: &[&str]) -> String {
        match read(arguments) {
            Err(Stop::Refused(line)) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_namespace_is_all_that_must_be_given() {
        let settings = read(&["--namespace=pim"]).unwrap();
        assert_eq!(settings.namespace, "pim");
        assert_eq!(settings.metrics_address.to_string(), "0.0.0.0:8080");
        assert_eq!(settings.probes_address.to_string(), "0.0.0.0:8081");
        assert_eq!(settings.concurrency, USUAL_WORKERS);
        assert_eq!(settings.log_format, Format::Json);
        assert_eq!(settings.log_level, LogFilter::default());
        assert_eq!(settings.object_metrics, ObjectSeries::Enabled);
    }

    #[test]
    fn a_wrong_setting_is_one_line_that_names_the_flag() {
        for (arguments, flag) in [
            (&["--namespace="][..], "--namespace"),
            (&["--namespace=Upper"], "--namespace"),
            (&["--namespace=pim", "--pod-name=a..b"], "--pod-name"),
            (&["--namespace=pim", "--concurrency=0"], "--concurrency"),
            (
                &["--namespace=pim", "--metrics-address=8080"],
                "--metrics-address",
            ),
            (&["--namespace=pim", "--log-level=info,=x="], "--log-level"),
            (&["--namespace=pim", "--log-level=warning"], "--log-level"),
            (&["--namespace=pim", "--log-format=xml"], "--log-format"),
            (
                &["--namespace=pim", "--object-metrics=some"],
                "--object-metrics",
            ),
            (&["--namespace=pim", "--no-such-flag"], "--no-such-flag"),
            (
                &["--namespace=pim", "--probes-address=0.0.0.0:8080"],
                "--probes-address",
            ),
        ] {
            let line = refused(arguments);
            assert!(line.contains(flag), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn a_missing_namespace_is_named() {
        assert!(refused(&[]).contains("--namespace"), "{}", refused(&[]));
    }

    #[test]
    fn the_last_of_two_equal_flags_wins() {
        let settings = read(&["--namespace=pim", "--concurrency=2", "--concurrency=3"]).unwrap();
        assert_eq!(settings.concurrency, 3);
    }

    #[test]
    fn both_servers_may_ask_for_any_port() {
        let arguments = [
            "--namespace=pim",
            "--metrics-address=127.0.0.1:0",
            "--probes-address=127.0.0.1:0",
        ];
        assert!(read(&arguments).is_ok());
    }

    #[test]
    fn help_and_version_are_no_errors() {
        assert!(matches!(read(&["--help"]), Err(Stop::Asked(_))));
        assert!(matches!(read(&["--version"]), Err(Stop::Asked(_))));
    }

    #[test]
    fn every_flag_has_a_twin_in_the_environment() {
        use clap::CommandFactory as _;
        for argument in Settings::command().get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            let twin = format!("ENTRA_PIM_{}", long.replace('-', "_").to_uppercase());
            assert_eq!(
                argument.get_env().and_then(|name| name.to_str()),
                Some(twin.as_str()),
                "--{long}"
            );
        }
    }
}
