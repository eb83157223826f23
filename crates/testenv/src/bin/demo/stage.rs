//! What the demo runs on: control plane, tenant, installed operator. Each step does what a user would do, with kubectl
//! and helm.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use entra_sim::{Config, Profile};

use super::directory::Directory;
use super::tell::Tell;
use testenv::binaries::Binary;
use testenv::control_plane::{ControlPlane, Options};
use testenv::installation::{self, Chosen, Installation, NAMESPACE, RELEASE};
use testenv::operator_build::{self, Build};
use testenv::repository;
use testenv::simulated::{CERTIFICATE_KEY, SimulatedTenant};

/// The folder of examples that tells one story from end to end.
const STORY: &str = "exchange-admins";
/// The namespace that it takes place in.
const STORY_NAMESPACE: &str = "exchange";
/// The one example with placeholders.
const TENANT: &str = "tenants/simulated.template.yaml";
/// A kubelet would wait twice as long.
const GRACE: Duration = Duration::from_secs(15);

pub(super) struct Stage {
    /// One for each replica that runs.
    installations: Vec<Installation>,
    tenant: SimulatedTenant,
    control_plane: ControlPlane,
    binary: PathBuf,
}

impl Stage {
    /// Compiles the operator, unless one is there, and brings up control plane and tenant.
    pub(super) async fn prepare(
        profile: Profile,
        built: Option<&Path>,
        tell: &Tell,
    ) -> anyhow::Result<Self> {
        let binary = if let Some(built) = built {
            tell.step("take an operator that was built already");
            std::path::absolute(built)?
        } else {
            tell.step("compile the operator");
            operator_build::compile(Build::Debug).await?
        };
        tell.done(&binary.display().to_string());

        tell.step(
            "start a Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager",
        );
        let options = Options {
            progress: Arc::new(tell.clone()),
        };
        let control_plane = ControlPlane::start(&options).await?;
        tell.done(&control_plane.url());

        tell.step("start a simulated tenant: token endpoint and Microsoft Graph over TLS");
        let config = Config {
            profile,
            ..Config::default()
        };
        let tenant = SimulatedTenant::start(config).await?;
        tell.done(&tenant.server.graph_url);
        Ok(Self {
            installations: Vec::new(),
            tenant,
            control_plane,
            binary,
        })
    }

    /// Installs the chart, and starts the operator as its Deployment says.
    pub(super) async fn install(
        &mut self,
        tell: &Tell,
        directory: &Directory,
        replicas: u16,
    ) -> anyhow::Result<()> {
        tell.step(&format!(
            "helm upgrade --install {RELEASE} charts/entra-pim-operator --namespace {NAMESPACE}"
        ));
        let log = directory.operator_log();
        let chosen = Chosen::usual(&self.binary, &log, "text");
        let installation = Installation::start(&self.control_plane, chosen).await?;
        let pid = installation.operator.pid();
        self.installations.push(installation);
        tell.done(&format!(
            "the operator runs as process {pid} with the rights of the chart's service account"
        ));
        for number in 1..usize::from(replicas) {
            let log = directory.replica_log(number);
            let chosen = Chosen::usual(&self.binary, &log, "text");
            let replica = Installation::replica(&self.control_plane, chosen, number).await?;
            let pid = replica.operator.pid();
            self.installations.push(replica);
            tell.done(&format!(
                "another replica runs as process {pid} and stands by"
            ));
        }
        Ok(())
    }

    /// Applies the credential, the certificate and the tenant.
    pub(super) async fn apply_tenant(&self, tell: &Tell) -> anyhow::Result<()> {
        tell.step(&format!(
            "kubectl apply -f examples/{TENANT}, with the addresses of this run"
        ));
        let tenant = &self.tenant;
        for manifest in [
            tenant.secret(NAMESPACE),
            tenant.certificate(NAMESPACE, CERTIFICATE_KEY),
        ] {
            let manifest = manifest.to_string();
            tell.block(&installation::apply(&self.control_plane, &manifest).await?);
        }
        let path = repository::examples().join(TENANT);
        let template = std::fs::read_to_string(&path);
        let template = template.with_context(|| format!("cannot read {}", path.display()))?;
        let manifest = tenant.addressed(&template);
        tell.block(&installation::apply(&self.control_plane, &manifest).await?);
        Ok(())
    }

    /// Applies the story as it is.
    pub(super) async fn apply_examples(&self, tell: &Tell) -> anyhow::Result<()> {
        tell.step(&format!("kubectl apply -f examples/{STORY}/"));
        let story = repository::examples().join(STORY);
        let story = story.to_string_lossy();
        let applied = self.control_plane.kubectl(&["apply", "-f", &story]).await?;
        tell.block(&applied.succeeded()?);
        Ok(())
    }

    /// What `kubectl get` says of all our kinds.
    pub(super) async fn get_all(&self) -> anyhow::Result<String> {
        let arguments = ["get", "entra-pim", "--all-namespaces"];
        Ok(self.control_plane.kubectl(&arguments).await?.succeeded()?)
    }

    /// Tells a command of kubectl in the namespace of the story, and what it says.
    pub(super) async fn kubectl(&self, tell: &Tell, arguments: &[&str]) -> anyhow::Result<()> {
        self.kubectl_in(STORY_NAMESPACE, tell, arguments).await
    }

    /// The same in another namespace.
    pub(super) async fn kubectl_in(
        &self,
        namespace: &str,
        tell: &Tell,
        arguments: &[&str],
    ) -> anyhow::Result<()> {
        let arguments = [&["--namespace", namespace], arguments].concat();
        let quoted = arguments.iter().map(|one| {
            if one.contains(['{', '*']) {
                format!("'{one}'")
            } else {
                (*one).to_owned()
            }
        });
        let quoted: Vec<String> = quoted.collect();
        tell.step(&format!("kubectl {}", quoted.join(" ")));
        let said = self.control_plane.kubectl(&arguments).await?;
        tell.block(&said.succeeded()?);
        Ok(())
    }

    pub(super) fn tenant(&self) -> &SimulatedTenant {
        &self.tenant
    }

    pub(super) fn control_plane(&self) -> &ControlPlane {
        &self.control_plane
    }

    /// What runs from the chart.
    pub(super) fn installation(&self) -> anyhow::Result<&Installation> {
        self.installations
            .first()
            .context("the operator is not installed yet")
    }

    /// Every replica that was started.
    pub(super) fn installations(&self) -> &[Installation] {
        &self.installations
    }

    /// Where a client program is.
    pub(super) fn program(&self, binary: Binary) -> anyhow::Result<PathBuf> {
        Ok(self.control_plane.binary(binary)?.to_owned())
    }

    /// The end of the operator's log.
    pub(super) fn operator_log(&self, lines: usize) -> anyhow::Result<String> {
        Ok(self.installation()?.operator.process().log_tail(lines))
    }

    /// Whether everything that was started still runs; the error says what does not, and its last words. Of several replicas
    /// one may end: whoever looks around ends it to see another one take over.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.control_plane.check()?;
        let mut last_words = String::new();
        for installation in &self.installations {
            let process = installation.operator.process();
            let Some(status) = process.exit_status()? else {
                return Ok(());
            };
            last_words = format!(
                "({status}); the last lines of its log say:\n{}",
                process.log_tail(40)
            );
        }
        bail!("the operator ended {last_words}")
    }

    /// Returns only when something ends that should not.
    pub(super) async fn watch_over(&self) -> anyhow::Result<ExitCode> {
        loop {
            self.check()?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Ends everything in order: the operator as a kubelet would end it, and then what it talks to.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        for installation in &self.installations {
            installation.operator.terminate()?;
        }
        for installation in &self.installations {
            // One that had ended before was told.
            let ended = installation.operator.process().wait_at_most(GRACE).await?;
            if ended.is_none() {
                bail!(
                    "the operator did not end within {} s of SIGTERM and was killed",
                    GRACE.as_secs()
                );
            }
        }
        Ok(())
    }
}
