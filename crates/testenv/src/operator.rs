//! Runs the operator as its Deployment says: the arguments and environment that the chart has rendered, and the token of
//! the service account that the chart has created. There is no kubelet in the control plane of tests and demo; this
//! stands in for it, for one container and one replica at a time.

mod deployment;
mod environment;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::control_plane::{self, ControlPlane};
use crate::process::{self, Program, Supervised};

/// How long the process may take to become ready. It covers a machine that compiles at the same time.
const READY_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
const LOG_LINES: usize = 40;

/// Why the operator does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The control plane did not do its part.
    #[error(transparent)]
    ControlPlane(#[from] control_plane::Error),
    /// The process could not be run.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The cluster cannot be read.
    #[error("cannot read {object}: {source}")]
    Read {
        /// What was read.
        object: String,
        /// What the client says.
        source: Box<kube::Error>,
    },
    /// The release has no Deployment, or several.
    #[error(
        "release {release} has {found} Deployments in namespace {namespace}, and must have one: install the chart first"
    )]
    NotOneDeployment {
        /// The release.
        release: String,
        /// Where it was looked for.
        namespace: String,
        /// How many there are.
        found: usize,
    },
    /// The Deployment asks for something that only a kubelet can give.
    #[error("Deployment {deployment} cannot be run as a process: {reason}")]
    Unsupported {
        /// The Deployment.
        deployment: String,
        /// What it asks for.
        reason: String,
    },
    /// The process has ended.
    #[error(
        "the operator ended ({status}) before it was ready; the last lines of its log say:\n{log}"
    )]
    Ended {
        /// How.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The process runs and is not ready.
    #[error("the operator did not become ready at {url} within {} s ({last}); the last lines of its log say:\n{log}", limit.as_secs())]
    NotReady {
        /// The probe.
        url: String,
        /// For how long it was asked.
        limit: Duration,
        /// What the last attempt said.
        last: String,
        /// The end of its log.
        log: String,
    },
    /// No client for the probe.
    #[error("cannot make a client for the operator's probes: {source}")]
    ProbeClient {
        /// What the client says.
        source: reqwest::Error,
    },
}

/// Which operator to run, and what is different from the Deployment because it is a process on this machine.
#[derive(Clone)]
pub struct Launch {
    /// The operator's binary.
    pub binary: PathBuf,
    /// Where the chart is installed.
    pub namespace: String,
    /// Under which release name.
    pub release: String,
    /// The name that the process has as a pod: two replicas need two.
    pub pod: String,
    /// Flags that replace those of the Deployment, as name and value (`--probes-address`, `127.0.0.1:0`).
    pub flags: Vec<(String, String)>,
    /// Variables that replace or join those of the Deployment, such as what workload identity's webhook would inject.
    pub environment: Vec<(String, String)>,
    /// Where the process logs to.
    pub log: PathBuf,
}

/// The operator as a process with the rights of the chart's service account. Dropping it kills it.
#[derive(Debug)]
pub struct OperatorProcess {
    program: Program,
    process: Supervised,
}

impl OperatorProcess {
    /// Reads the Deployment of the release from the cluster, and starts the binary as it says.
    pub async fn start(control_plane: &ControlPlane, launch: &Launch) -> Result<Self, Error> {
        let client = control_plane.client()?;
        let rendered = deployment::read(&client, launch).await?;
        let kubeconfig = control_plane
            .service_account_kubeconfig(&launch.namespace, &rendered.service_account)
            .await?;
        let mut program = Program::new(&launch.binary, &launch.log)
            .args(&rendered.arguments)
            .env("KUBECONFIG", kubeconfig);
        for (name, value) in &rendered.environment {
            program = program.env(name, value);
        }
        let process = Supervised::spawn(&program)?;
        Ok(Self { program, process })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Where it logs to; a restart goes on in the same file.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// The process, to wait for it or to read the end of its log.
    pub fn process(&self) -> &Supervised {
        &self.process
    }

    /// Kills it as a node that fails would (SIGKILL).
    pub fn kill(&self) -> Result<(), Error> {
        self.process.kill()?;
        Ok(())
    }

    /// Asks it to end as a kubelet would (SIGTERM), and returns at once.
    pub fn terminate(&self) -> Result<(), Error> {
        Ok(self.process.terminate()?)
    }

    /// Starts it again as it was started, after killing it if it still runs. A changed Deployment is not read again.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.process.kill()?;
        self.process = Supervised::spawn(&self.program)?;
        Ok(())
    }

    /// Waits until the probe at `url` answers with success, and gives up early when the process has ended.
    pub async fn wait_ready(&self, url: &str) -> Result<(), Error> {
        // The probe is on this machine: neither a proxy nor the system's certificates have a say.
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(5))
            .build();
        let client = client.map_err(|source| Error::ProbeClient { source })?;
        let begun = Instant::now();
        loop {
            let last = match client
                .get(url)
                .send()
                .await
                .and_then(reqwest::Response::error_for_status)
            {
                Ok(_) => return Ok(()),
                Err(error) => error.to_string(),
            };
            if let Some(status) = self.process.exit_status()? {
                return Err(Error::Ended {
                    status,
                    log: self.process.log_tail(LOG_LINES),
                });
            }
            if begun.elapsed() > READY_LIMIT {
                let log = self.process.log_tail(LOG_LINES);
                return Err(Error::NotReady {
                    url: url.to_owned(),
                    limit: READY_LIMIT,
                    last,
                    log,
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn ready_is_what_the_probe_says_and_not_that_it_answers() {
        let directory = tempfile::tempdir().unwrap();
        let program = Program::new("/bin/sh", directory.path().join("log"))
            .args(["-c", "while :; do /bin/sleep 1; done"]);
        let operator = OperatorProcess {
            process: Supervised::spawn(&program).unwrap(),
            program,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/readyz", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        operator.wait_ready(&url).await.unwrap();
        server.await.unwrap();
    }
}
