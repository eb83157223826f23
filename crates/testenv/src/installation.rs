//! The product as users install it: the chart by real helm, and the operator as a process with the arguments,
//! environment and rights that the chart gives it. What stands in the cluster beside the release is the caller's.

use std::path::Path;

use serde_json::json;

use crate::control_plane::{self, ControlPlane};
use crate::operator::{self, Launch, OperatorProcess};
use crate::simulated::{CONFIG_MAP, SECRET};
use crate::{ports, repository};

/// Where the chart is installed.
pub const NAMESPACE: &str = "entra-pim-system";
/// The name of the release, and of its service account and Deployment.
pub const RELEASE: &str = "entra-pim-operator";

/// Somebody else can take a port between our check and the start; several times in a row is another fault.
const ATTEMPTS: usize = 5;

/// Why the product is not installed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The control plane did not do its part.
    #[error(transparent)]
    ControlPlane(#[from] control_plane::Error),
    /// The operator does not run.
    #[error(transparent)]
    Operator(#[from] operator::Error),
    /// The system gives no ports.
    #[error("no free ports for metrics and probes: {0}")]
    Ports(#[from] std::io::Error),
}

/// What differs from one installation to another.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// The name of the release. One that has the chart's name in it is the name of all its objects, too.
    pub release: &'a str,
    /// The namespace that it is installed into.
    pub namespace: &'a str,
    /// Values of the chart beside those that every installation sets, as helm's `--set` takes them.
    pub values: &'a [&'a str],
    /// The path of the operator's binary.
    pub binary: &'a Path,
    /// Where the operator logs to.
    pub log: &'a Path,
    /// How it writes its log: `json` or `text`.
    pub log_format: &'a str,
}

impl<'a> Chosen<'a> {
    /// The usual release.
    pub const fn usual(binary: &'a Path, log: &'a Path, log_format: &'a str) -> Self {
        Self {
            release: RELEASE,
            namespace: NAMESPACE,
            values: &[],
            binary,
            log,
            log_format,
        }
    }
}

/// An installed chart and the operator that runs from it.
#[derive(Debug)]
pub struct Installation {
    /// The process of the operator.
    pub operator: OperatorProcess,
    metrics: u16,
    probes: u16,
}

impl Installation {
    /// Installs the chart into a namespace that admits only restricted pods, and starts the operator from the rendered
    /// Deployment. Returns when the operator says that it is ready.
    pub async fn start(control_plane: &ControlPlane, chosen: Chosen<'_>) -> Result<Self, Error> {
        apply(control_plane, &namespace(chosen.namespace).to_string()).await?;
        let mut attempt = 1;
        loop {
            let [metrics, probes] = ports::hold::<2>()?.release()?;
            install(control_plane, chosen, metrics, probes).await?;
            let operator = OperatorProcess::start(control_plane, &launch(chosen)).await?;
            let installation = Self {
                operator,
                metrics,
                probes,
            };
            match installation.wait_ready().await {
                Ok(()) => return Ok(installation),
                Err(Error::Operator(operator::Error::Ended { log, .. }))
                    if attempt < ATTEMPTS && ports::is_taken(&log) =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts another replica of the same release, with ports of its own, and returns when it is ready.
    pub async fn replica(
        control_plane: &ControlPlane,
        chosen: Chosen<'_>,
        number: usize,
    ) -> Result<Self, Error> {
        let [metrics, probes] = ports::hold::<2>()?.release()?;
        let mut launch = launch(chosen);
        launch.pod = format!("{}-{number}", chosen.release);
        launch.arguments = vec![
            format!("--metrics-address=127.0.0.1:{metrics}"),
            format!("--probes-address=127.0.0.1:{probes}"),
        ];
        let replica = Self {
            operator: OperatorProcess::start(control_plane, &launch).await?,
            metrics,
            probes,
        };
        replica.wait_ready().await?;
        Ok(replica)
    }

    /// Upgrades the release to other values; who runs goes on as it was started.
    pub async fn upgrade(
        &self,
        control_plane: &ControlPlane,
        chosen: Chosen<'_>,
    ) -> Result<(), Error> {
        install(control_plane, chosen, self.metrics, self.probes).await
    }

    /// The URL at which the operator serves its metrics.
    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.metrics)
    }

    /// Where a probe is answered: `healthz` or `readyz`.
    pub fn probe_url(&self, probe: &str) -> String {
        format!("http://127.0.0.1:{}/{probe}", self.probes)
    }

    /// What the operator says of itself where its readiness is asked for.
    pub async fn told(&self) -> Result<String, Error> {
        Ok(operator::probe(&self.probe_url("readyz")).await?)
    }

    /// Waits until the operator says that it is ready, also after a restart.
    pub async fn wait_ready(&self) -> Result<(), Error> {
        Ok(self.operator.wait_ready(&self.probe_url("readyz")).await?)
    }
}

/// The namespace of the release, as the chart's notes recommend it.
fn namespace(name: &str) -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    })
}

/// Applies manifests as an administrator, and says what kubectl says.
pub async fn apply(
    control_plane: &ControlPlane,
    manifest: &str,
) -> Result<String, control_plane::Error> {
    control_plane
        .kubectl_with_input(&["apply", "-f", "-"], manifest)
        .await?
        .succeeded()
}

async fn install(
    control_plane: &ControlPlane,
    chosen: Chosen<'_>,
    metrics: u16,
    probes: u16,
) -> Result<(), Error> {
    let chart = repository::chart();
    let chart = chart.to_string_lossy();
    let auth = json!({"secretNames": [SECRET], "configMapNames": [CONFIG_MAP]});
    let (auth, ports) = (
        format!("auth={auth}"),
        format!("ports={}", json!({"metrics": metrics, "probes": probes})),
    );
    let log = format!("log.format={}", chosen.log_format);
    let mut arguments = vec![
        "upgrade",
        chosen.release,
        &chart,
        "--install",
        "--namespace",
        chosen.namespace,
        "--set-json",
        &auth,
        "--set-json",
        &ports,
        "--set",
        &log,
    ];
    for value in chosen.values {
        arguments.extend(["--set", value]);
    }
    control_plane.helm(&arguments).await?.succeeded()?;
    Ok(())
}

fn launch(chosen: Chosen<'_>) -> Launch {
    Launch {
        binary: chosen.binary.to_owned(),
        namespace: chosen.namespace.to_owned(),
        release: chosen.release.to_owned(),
        pod: format!("{}-0", chosen.release),
        arguments: Vec::new(),
        log: chosen.log.to_owned(),
    }
}
