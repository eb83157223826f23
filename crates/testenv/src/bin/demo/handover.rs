//! Of several replicas the one that writes is asked to end, and another one goes on.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use testenv::installation::{Installation, NAMESPACE};

use super::stage::Stage;
use super::tell::Tell;

/// A Lease that was released is taken within two seconds; a machine may do other things at the same time.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

/// What the readiness probe of the replica says that holds the Lease.
const WRITES: &str = "this replica writes";

/// Shows who writes, ends that one, and shows who writes then.
pub(super) async fn show(stage: &Stage, tell: &Tell) -> anyhow::Result<()> {
    stage
        .kubectl_in(NAMESPACE, tell, &["get", "leases"])
        .await?;
    let writer = writer(stage.installations()).await;
    let writer = writer.context("no replica writes")?;
    let pid = writer.operator.pid();
    tell.step(&format!("kill {pid}    # the replica that writes"));
    writer.operator.terminate()?;
    let begun = Instant::now();
    loop {
        if let Some(next) = self::writer(stage.installations()).await
            && next.operator.pid() != pid
        {
            let (other, seconds) = (next.operator.pid(), begun.elapsed().as_secs_f64());
            tell.done(&format!("process {other} writes {seconds:.1} s later"));
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            bail!("nobody went on within {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The replica that holds the Lease, by what they say of themselves.
async fn writer(installations: &[Installation]) -> Option<&Installation> {
    for installation in installations {
        let told = installation.told().await;
        if told.is_ok_and(|told| told.contains(WRITES)) {
            return Some(installation);
        }
    }
    None
}
