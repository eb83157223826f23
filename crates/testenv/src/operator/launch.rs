//! Which operator is run: what differs from one start to another and no Deployment can say.

use std::path::PathBuf;

/// Which operator to run, and in which installation.
#[derive(Clone)]
pub struct Launch {
    /// The path of the operator's binary.
    pub binary: PathBuf,
    /// Where the chart is installed.
    pub namespace: String,
    /// The name of the chart's release.
    pub release: String,
    /// The name that the process has as a pod: two replicas need two.
    pub pod: String,
    /// Arguments behind those of the Deployment: of two equal flags the last one wins. Replicas on one machine need ports of
    /// their own.
    pub arguments: Vec<String>,
    /// Where the process logs to.
    pub log: PathBuf,
}
