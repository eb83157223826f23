//! Brings up what all cases share, and for each of them a tenant of its own and a fresh operator.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use entra_sim::{Config, Profile};
use serde_json::{Value, json};

use super::case::Case;
use super::cluster::Cluster;
use super::figures::{Figures, Measured};
use super::phases::Phases;
use testenv::control_plane::{ControlPlane, Options};
use testenv::installation::{self, Chosen, Installation};
use testenv::progress::{Progress, ToStderr};
use testenv::simulated::{CERTIFICATE_KEY, CONFIG_MAP, SECRET, SECRET_KEY, SimulatedTenant};
use testenv::workload::{NAMESPACE, TENANT};

/// The switch of the simulator that makes every answer wait.
const LATENCY: &str = "latency";

/// As long as a kubelet waits by default, see <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The installed operator and the other things that all cases share.
pub struct Runner {
    installation: Installation,
    cluster: Cluster,
    control_plane: ControlPlane,
}

impl Runner {
    /// Starts a control plane, and installs the chart in it.
    pub async fn start(binary: &Path, log: &Path, tell: &dyn Progress) -> anyhow::Result<Self> {
        tell.say("==> start a Kubernetes control plane");
        let options = Options {
            progress: Arc::new(ToStderr),
        };
        let control_plane = ControlPlane::start(&options).await?;
        tell.say("==> install the chart");
        // Nothing of an earlier run may stand in the log.
        std::fs::write(log, "").with_context(|| format!("cannot write {}", log.display()))?;
        let chosen = Chosen::usual(binary, log, "json");
        let installation = Installation::start(&control_plane, chosen).await?;
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
        installation::apply(&control_plane, &namespace.to_string()).await?;
        let cluster = Cluster::watch(control_plane.client()?);
        Ok(Self {
            installation,
            cluster,
            control_plane,
        })
    }

    /// Measures all phases of one case.
    pub async fn measure(&mut self, case: &Case, tell: &dyn Progress) -> anyhow::Result<Measured> {
        tell.say(&format!("==> {}: declare everything", case.name()));
        let tenant = self.prepare(case).await?;
        let mut phases = Phases {
            case,
            tenant: &tenant,
            cluster: &self.cluster,
            installation: &mut self.installation,
        };
        let mut figures = Vec::new();
        let measured = phases.start_on_empty().await?;
        figures.push(said(measured, tell));
        figures.push(said(phases.unchanged().await?, tell));
        figures.push(said(phases.at_rest().await?, tell));
        figures.push(said(phases.one_setting_changed().await?, tell));
        figures.push(said(phases.everything_deleted().await?, tell));
        let workload = &case.workload;
        Ok(Measured {
            case: case.name(),
            letter: case.letter,
            groups: workload.groups,
            eligibilities: workload.groups * workload.people,
            assignment_objects: case.assignments(),
            latency_ms: case.latency.as_millis(),
            peak_resident_kib: peak(&figures),
            phases: figures,
        })
    }

    /// Ends the operator as a rollout would, so that it gives its Lease back and the next one need not wait for it.
    async fn stop_operator(&self) -> anyhow::Result<()> {
        let operator = &self.installation.operator;
        operator.terminate()?;
        let ended = operator.process().wait_at_most(STOP_LIMIT).await?;
        ended.with_context(|| format!("the operator still runs {STOP_LIMIT:?} after SIGTERM"))?;
        Ok(())
    }

    /// Stops the operator, makes a tenant, and declares the workload.
    async fn prepare(&mut self, case: &Case) -> anyhow::Result<SimulatedTenant> {
        self.stop_operator().await?;
        self.cluster.delete_tenant().await?;
        let config = Config {
            profile: Profile::Ideal,
            seed: case.workload.seed(),
            ..Config::default()
        };
        let tenant = SimulatedTenant::start(config).await?;
        let latency = format!("{}ms", case.latency.as_millis());
        tenant.simulator.set_behaviour(LATENCY, &latency)?;
        for manifest in [
            tenant.secret(installation::NAMESPACE),
            tenant.certificate(installation::NAMESPACE, CERTIFICATE_KEY),
        ] {
            installation::apply(&self.control_plane, &manifest.to_string()).await?;
        }
        let mut manifests = vec![manifest(&tenant)];
        manifests.extend(case.workload.manifests());
        self.cluster.apply(manifests).await?;
        Ok(tenant)
    }
}

fn manifest(tenant: &SimulatedTenant) -> Value {
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EntraTenant", "metadata": {"name": TENANT},
        "spec": {
            "tenantId": tenant.tenant_id(), "installation": "bench", "cloud": "Custom",
            "endpoints": {
                "authority": tenant.server.authority_url, "graph": tenant.server.graph_url,
                "resourceManager": tenant.server.resource_manager_url,
                "caBundle": {"configMapRef": {"name": CONFIG_MAP, "key": CERTIFICATE_KEY}},
            },
            "credential": {"clientSecret": {
                "clientId": tenant.client_id(), "secretRef": {"name": SECRET, "key": SECRET_KEY},
            }},
        },
    })
}

fn said(figures: Figures, tell: &dyn Progress) -> Figures {
    tell.say(&format!(
        "    {}: {} operations in {} requests, {:.2} s",
        figures.phase.name(),
        figures.operations,
        figures.requests,
        figures.seconds
    ));
    figures
}

fn peak(figures: &[Figures]) -> u64 {
    let peaks = figures.iter().map(|figures| figures.peak_resident_kib);
    peaks.max().unwrap_or_default()
}
