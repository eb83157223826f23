//! Runs the operator as its Deployment says: the arguments and environment that the chart has rendered, and the token of
//! the service account that the chart has created. There is no kubelet in the control plane of tests and demo; this
//! stands in for it, for one container and one replica at a time.

mod deployment;
mod error;
mod launch;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::control_plane::ControlPlane;
use crate::process::{Program, Supervised};

pub use error::Error;
pub use launch::Launch;

/// How long the process may take to become ready. It covers a machine that compiles at the same time.
const READY_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
const LOG_LINES: usize = 40;

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
        let program = Program::new(&launch.binary, &launch.log)
            .args(&rendered.arguments)
            .args(&launch.arguments)
            .env("KUBECONFIG", kubeconfig);
        let mut environment = rendered.environment;
        for token in &rendered.tokens {
            let account = (launch.namespace.as_str(), rendered.service_account.as_str());
            let file = control_plane
                .service_account_token(account, token.audience.as_deref(), token.seconds)
                .await?;
            // Where the container has its volumes, this machine has something else.
            for value in environment
                .values_mut()
                .filter(|value| **value == token.path)
            {
                *value = file.display().to_string();
            }
        }
        let variables = environment.iter();
        let program = variables.fold(program, |program, (name, value)| program.env(name, value));
        let process = Supervised::spawn(&program)?;
        Ok(Self { program, process })
    }

    /// The process id, for signals and measurements.
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
        let begun = Instant::now();
        loop {
            let last = match probe(url).await {
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

/// Asks a probe on this machine, where neither a proxy nor the system's certificates have a say, and returns what it says.
pub async fn probe(url: &str) -> Result<String, Error> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(Duration::from_secs(5))
        .build();
    let asked = async {
        client?
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await
    };
    asked.await.map_err(|source| Error::Probe { source })
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
