//! The phases of a case, one after the other: each has a cause, something that it has to reach, and figures.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use jiff::SignedDuration;
use procfs::process::Process;

use super::case::{Case, Phase};
use super::cluster::Cluster;
use super::figures::{Figures, Memory, Spent};
use super::goals::Goal;
use testenv::installation::Installation;
use testenv::simulated::SimulatedTenant;
use testenv::workload::Setting;

/// How long a phase may take.
const LIMIT: Duration = Duration::from_mins(10);
/// The tenant counts as left alone when it was asked nothing for so long; a slow answer may be waited for meanwhile.
const QUIET: Duration = Duration::from_millis(1500);
const POLL: Duration = Duration::from_millis(5);
/// Active access cannot be taken away before it is five minutes old; this is how much later everything is deleted.
const LATER: SignedDuration = SignedDuration::from_mins(10);

/// The metric of what the operator asks of Kubernetes.
const REQUESTS: &str = "rest_client_requests_total";

/// How long the operator is left alone.
const REST: Duration = Duration::from_secs(30);

/// Where a phase began.
struct Begun {
    at: Instant,
    /// How long processors had worked for the operator by then,
    processor: Duration,
    /// and how much it had written to Kubernetes.
    kubernetes: u64,
}

/// What the phases of one case work on.
pub struct Phases<'a> {
    /// The case that is measured.
    pub case: &'a Case,
    /// The tenant, which counts the calls.
    pub tenant: &'a SimulatedTenant,
    /// The cluster with the declared objects.
    pub cluster: &'a Cluster,
    /// The operator, which does not run yet.
    pub installation: &'a mut Installation,
}

impl Phases<'_> {
    /// Starts the operator on a tenant in which nothing of what is declared stands.
    pub async fn start_on_empty(&mut self) -> anyhow::Result<Figures> {
        self.tenant.simulator.reset_journal();
        let begun = Begun {
            at: Instant::now(),
            processor: Duration::ZERO,
            kubernetes: 0,
        };
        self.installation.operator.restart()?;
        self.until_ready(&HashMap::new()).await?;
        self.end(Phase::FromEmpty, &begun, begun.at.elapsed()).await
    }

    /// Has all groups reconciled, when nothing has changed.
    pub async fn unchanged(&self) -> anyhow::Result<Figures> {
        let begun = self.begin().await?;
        let last = self.look_at_everything().await?;
        self.end(Phase::Unchanged, &begun, last - begun.at).await
    }

    /// Leaves the operator alone.
    pub async fn at_rest(&self) -> anyhow::Result<Figures> {
        let begun = self.begin().await?;
        tokio::time::sleep(REST).await;
        self.end(Phase::AtRest, &begun, begun.at.elapsed()).await
    }

    /// Changes one setting of all groups.
    pub async fn one_setting_changed(&self) -> anyhow::Result<Figures> {
        let begun = self.begin().await?;
        let manifests = self.case.workload.group_manifests(Setting::After);
        let applied = self.cluster.apply(manifests).await?;
        self.until_ready(&applied).await?;
        self.end(Phase::OneSettingChanged, &begun, begun.at.elapsed())
            .await
    }

    /// Deletes all objects, when the tenant is old enough to let go of everything.
    pub async fn everything_deleted(&self) -> anyhow::Result<Figures> {
        self.tenant.simulator.advance(LATER);
        // No clock jumps like this in the world, and the operator believes it only when it has been told so twice.
        self.look_at_everything().await?;
        let begun = self.begin().await?;
        self.cluster.delete_all().await?;
        self.until("no object is left", || self.cluster.count() == 0)
            .await?;
        self.end(Phase::EverythingDeleted, &begun, begun.at.elapsed())
            .await
    }

    /// Has all groups reconciled, and returns when that was done.
    async fn look_at_everything(&self) -> anyhow::Result<Instant> {
        let before = self.operations();
        self.cluster.ask_for_resync().await?;
        self.until("the tenant is looked at", || self.operations() > before)
            .await?;
        Ok(self.until_quiet().await)
    }

    async fn begin(&self) -> anyhow::Result<Begun> {
        self.tenant.simulator.reset_journal();
        Ok(Begun {
            kubernetes: self.kubernetes().await?,
            at: Instant::now(),
            processor: self.processor()?,
        })
    }

    /// Counts what belongs to the phase although nobody waits for it.
    async fn end(&self, phase: Phase, begun: &Begun, took: Duration) -> anyhow::Result<Figures> {
        self.until_quiet().await;
        self.check()?;
        let spent = Spent {
            took,
            measured: begun.at.elapsed(),
            processor: self.processor()?.saturating_sub(begun.processor),
            memory: self.memory()?,
            kubernetes: self.kubernetes().await?.saturating_sub(begun.kubernetes),
        };
        let goal = Goal::of(self.case, phase);
        Ok(Figures::new(phase, &self.tenant.simulator, &spent, goal))
    }

    fn operations(&self) -> u64 {
        self.tenant.simulator.counters().operations
    }

    async fn until_ready(&self, applied: &HashMap<String, i64>) -> anyhow::Result<()> {
        let size = self.case.workload.size();
        self.until("every object is Ready", || {
            self.cluster.are_ready(size, applied)
        })
        .await
    }

    async fn until(&self, what: &str, reached: impl Fn() -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + LIMIT;
        while !reached() {
            self.check()?;
            if Instant::now() > deadline {
                let unready: Vec<String> = self.cluster.unready().into_iter().take(10).collect();
                bail!(
                    "{}: {what} was not reached in {} s; {} objects are left, among them:\n{}",
                    self.case.name(),
                    LIMIT.as_secs(),
                    self.cluster.count(),
                    unready.join("\n")
                );
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Waits until the tenant is asked nothing any more, and says when it was asked last.
    async fn until_quiet(&self) -> Instant {
        let (mut known, mut last) = (self.operations(), Instant::now());
        while last.elapsed() < QUIET + self.case.latency {
            tokio::time::sleep(POLL).await;
            let now = self.operations();
            if now != known {
                (known, last) = (now, Instant::now());
            }
        }
        last
    }

    fn check(&self) -> anyhow::Result<()> {
        let process = self.installation.operator.process();
        if let Some(status) = process.exit_status()? {
            bail!(
                "the operator ended ({status}); the last lines of its log say:\n{}",
                process.log_tail(40)
            );
        }
        Ok(())
    }

    fn process(&self) -> anyhow::Result<Process> {
        let id = i32::try_from(self.installation.operator.pid())?;
        Process::new(id).context("cannot read what the operator uses")
    }

    /// How long processors have worked for the operator.
    fn processor(&self) -> anyhow::Result<Duration> {
        let stat = self.process()?.stat();
        let stat = stat.context("cannot read how long the operator has worked")?;
        let milliseconds = (stat.utime + stat.stime) * 1000 / procfs::ticks_per_second();
        Ok(Duration::from_millis(milliseconds))
    }

    /// How much the operator has written to Kubernetes since it started, by its own metrics.
    async fn kubernetes(&self) -> anyhow::Result<u64> {
        let page = reqwest::get(self.installation.metrics_url()).await?;
        let page = page.error_for_status()?.text().await?;
        let requests = page.lines().filter_map(|line| line.strip_prefix(REQUESTS));
        let writes = requests.filter(|series| !series.contains(r#"method="GET""#));
        let counts = writes.filter_map(|series| series.rsplit_once(' ')?.1.parse::<u64>().ok());
        Ok(counts.sum())
    }

    fn memory(&self) -> anyhow::Result<Memory> {
        let status = self.process()?.status();
        let status = status.context("cannot read how much memory the operator has")?;
        let (resident, peak) = (status.vmrss, status.vmhwm);
        let untold = "the kernel does not say how much memory the operator has";
        Ok(Memory {
            resident_kib: resident.context(untold)?,
            peak_kib: peak.context(untold)?,
        })
    }
}
