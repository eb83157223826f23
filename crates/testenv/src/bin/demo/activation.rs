//! Somebody activates, by the program that the demo offers to people, and Kubernetes shows it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use super::directory::Directory;
use super::guide::ACTIVATE;
use super::stage::Stage;
use super::tell::Tell;

/// Each subject in a line.
const SUBJECTS: &str = "jsonpath={range .status.subjects[*]}{.name}{\"\\t\"}{.state}{\"\\t\"}{.activatedUntil}{\"\\n\"}{end}";

/// Lets José activate, and shows where it is seen.
pub(super) async fn show(
    stage: &Stage,
    tell: &Tell,
    directory: &Directory,
    within: Duration,
) -> anyhow::Result<()> {
    tell.step("activate jose");
    tell.block(&activate(directory).await?);
    stage
        .kubectl(
            tell,
            &[
                "annotate",
                "pgroup/exchange-admins",
                "entra-pim.dev/resync=now",
            ],
        )
        .await?;
    let timeout = format!("--timeout={}s", within.as_secs());
    let wait = [
        "wait",
        "pea/exchange-admins",
        "--for=jsonpath={.status.counts.activated}=1",
        &timeout,
    ];
    stage.kubectl(tell, &wait).await?;
    stage.kubectl(tell, &["get", "pea"]).await?;
    let subjects = ["get", "pea", "exchange-admins", "--output", SUBJECTS];
    stage.kubectl(tell, &subjects).await?;
    stage.kubectl(tell, &["events"]).await
}

/// Runs the program as people run it.
async fn activate(directory: &Directory) -> anyhow::Result<String> {
    let program = directory.programs().join(ACTIVATE);
    let ran = Command::new(&program)
        .arg("jose")
        .kill_on_drop(true)
        .output()
        .await;
    let ran = ran.with_context(|| format!("cannot run {}", program.display()))?;
    if !ran.status.success() {
        bail!(
            "{} failed ({}); it needs bash and curl: {}",
            program.display(),
            ran.status,
            String::from_utf8_lossy(&ran.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}
