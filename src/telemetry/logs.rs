//! Log lines: JSON with flat fields for machines, or text for people. Fields of the spans around an event stand beside
//! its own, so one line says which object, tenant and pass it belongs to.
//!
//! Whatever the filter asks for, the libraries that move bytes stay at `info`: their finer levels print headers, and
//! headers carry tokens. Lines of the target `audit` are always written.

use std::fmt;
use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use json_subscriber::JsonLayer;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::settings::spelled::spelled;

/// The target of audit lines: one for each grant, revoke and other write to a tenant.
pub const AUDIT: &str = "audit";

/// Libraries that see tokens on their way.
const WIRE: &[&str] = &[
    "h2",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
    "want",
];

/// The libraries whose spans say again what our lines say.
const KUBE: &[&str] = &["kube_client", "kube_runtime"];

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spelled(self))
    }
}

/// How much can be logged, from nothing on.
const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// What is logged: a level, and other levels for targets. Always valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Checks a filter: `info`, or `info,entra_client=debug`. A word alone that is no level would be taken for the name of
    /// a target, and everything else, errors too, would go unsaid; so the level for everything else comes first.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut directives = text.split(',');
        let everything = directives.next().unwrap_or_default();
        level(everything)?;
        for directive in directives {
            let Some((target, wanted)) = directive.split_once('=') else {
                return Err(format!(
                    "{directive:?} is no directive: write a target and its level, as in info,entra_client=debug"
                ));
            };
            if !target.split("::").all(is_identifier) {
                return Err(format!(
                    "{target:?} is no target: write a module, as in info,entra_client=debug"
                ));
            }
            level(wanted)?;
        }
        EnvFilter::builder()
            .parse(text)
            .map(|_| Self(text.to_owned()))
            .map_err(|error| error.to_string())
    }
}

fn level(word: &str) -> Result<(), String> {
    if LEVELS.contains(&word) {
        return Ok(());
    }
    Err(format!(
        "{word:?} is no level: write one of {}, then a comma and target=level if one module shall say more",
        LEVELS.join(", ")
    ))
}

fn is_identifier(text: &str) -> bool {
    let rest = |character: char| character.is_ascii_alphanumeric() || character == '_';
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(rest)
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Sends all log lines of the process to standard output, panics included. To be called once.
pub fn init(format: Format, filter: &LogFilter) -> Result<(), TryInitError> {
    subscriber(format, filter, io::stdout).try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "panic: {message}");
    }));
    Ok(())
}

/// All log lines, to wherever.
pub fn subscriber<W>(
    format: Format,
    filter: &LogFilter,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let chosen = EnvFilter::new(format!("{filter},{AUDIT}=info")).and(filter_fn(is_ours));
    match format {
        Format::Json => Box::new(Registry::default().with(json(writer).with_filter(chosen))),
        Format::Text => {
            let layer = tracing_subscriber::fmt::layer()
                .with_ansi(io::stdout().is_terminal())
                .with_writer(writer);
            Box::new(Registry::default().with(layer.with_filter(chosen)))
        }
    }
}

fn json<W>(writer: W) -> JsonLayer<Registry, W>
where
    W: for<'w> MakeWriter<'w> + 'static,
{
    let mut layer = JsonLayer::new(writer);
    layer.with_timer("timestamp", SystemTime);
    layer.with_level("level");
    layer.with_target("target");
    layer.with_top_level_flattened_span_list();
    layer.with_flattened_event();
    layer
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    // Their spans have a name, which would stand in a line beside the name of the object, or instead of it.
    let is_foreign_span = metadata.is_span() && KUBE.contains(&library);
    !is_foreign_span && (*metadata.level() <= Level::INFO || !WIRE.contains(&library))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format, filter: &str, log: impl FnOnce()) -> Vec<String> {
        let page = Page::default();
        let writer = page.clone();
        let filter = LogFilter::parse(filter).unwrap();
        tracing::subscriber::with_default(subscriber(format, &filter, move || writer.clone()), log);
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_line_carries_the_fields_of_the_spans_around_it() {
        let lines = written(Format::Json, "info", || {
            let pass = tracing::info_span!(
                "reconcile",
                kind = "RoleBinding",
                namespace = "exchange",
                reconcile_id = "r1"
            );
            pass.in_scope(|| {
                let call = tracing::info_span!("HTTP", http.request.method = "GET");
                call.in_scope(|| {
                    tracing::warn!(
                        attempt = 2,
                        error.kind = "Throttled",
                        "asked to wait\nfor \"long\""
                    );
                });
            });
        });
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(lines.len(), 1);
        for (field, expected) in [
            ("level", Value::from("WARN")),
            ("message", "asked to wait\nfor \"long\"".into()),
            ("kind", "RoleBinding".into()),
            ("namespace", "exchange".into()),
            ("reconcile_id", "r1".into()),
            ("http.request.method", "GET".into()),
            ("attempt", 2.into()),
            ("error.kind", "Throttled".into()),
        ] {
            assert_eq!(line[field], expected, "{field} in {line}");
        }
        assert!(
            line["target"].as_str().unwrap().ends_with("logs::tests"),
            "{line}"
        );
        let timestamp: jiff::Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(timestamp > jiff::Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_line_names_its_object_once() {
        let lines = written(Format::Json, "info", || {
            let span =
                tracing::info_span!(target: "kube_runtime::controller", "reconciling object");
            span.in_scope(|| tracing::info!(name = "admins", "done"));
        });
        assert_eq!(lines[0].matches("\"name\":").count(), 1, "{lines:?}");
        assert!(lines[0].contains("\"name\":\"admins\""), "{lines:?}");
    }

    #[test]
    fn a_text_line_names_its_span_too() {
        let lines = written(Format::Text, "info", || {
            tracing::info_span!("reconcile", name = "pag").in_scope(|| tracing::info!("done"));
        });
        assert!(
            lines[0].contains("done") && lines[0].contains("name=\"pag\""),
            "{lines:?}"
        );
    }

    #[test]
    fn what_libraries_say_about_the_wire_is_never_logged() {
        let lines = written(Format::Json, "trace", || {
            tracing::debug!(target: "h2::codec::framed_write", "authorization: Bearer abc");
            tracing::trace!(target: "hyper_util::client", "abc");
            tracing::warn!(target: "hyper", "connection reset");
            tracing::debug!(target: "entra_client::dispatch", "sent");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].contains("connection reset") && lines[1].contains("sent"),
            "{lines:?}"
        );
    }

    #[test]
    fn audit_lines_are_written_whatever_the_filter_says() {
        let lines = written(Format::Json, "error", || {
            tracing::info!(target: AUDIT, event = "EligibilityGranted");
            tracing::info!("unheard");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("EligibilityGranted"));
    }

    #[test]
    fn a_filter_is_checked_before_it_is_used() {
        for filter in [
            "off",
            "error",
            "warn",
            "info",
            "debug",
            "trace",
            "info,entra_client=debug",
            "warn,kube_client::client=error,h2=off",
        ] {
            assert!(LogFilter::parse(filter).is_ok(), "{filter}");
        }
        for filter in [
            "info,=x=",
            "info,entra_client",
            "info,entra_client=loud",
            "info, h2=off",
            "info,",
            "info,a-b=off",
        ] {
            assert!(LogFilter::parse(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_not_taken_for_a_target() {
        for word in [
            "warning",
            "verbose",
            "INFO",
            "",
            "entra_client",
            "entra_client=debug",
        ] {
            let said = LogFilter::parse(word).unwrap_err();
            assert!(
                said.contains("is no level: write one of off, error, warn"),
                "{word}: {said}"
            );
        }
    }
}
