//! Bringing the processes up in order, and telling whose fault it is when one does not come up.

use std::io;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::Client;
use kube::api::Api;
use tokio::net::TcpStream;

use super::cluster::{self, LOG_LINES, RunningCluster};
use super::components::{Layout, Ports};
use super::error::Error;
use super::{credentials, kubeconfig};
use crate::binaries::{Binaries, Binary};
use crate::ports;
use crate::process::{ScratchDir, Supervised};

/// A start takes three to five seconds on two idle cores; a machine that compiles at the same time needs more.
const LIMIT: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(20);
/// Somebody else can take a port between our check and the start; several times in a row is another fault.
const ATTEMPTS: usize = 5;

/// Starts a control plane from `binaries` on ports that `pick` gives, again on others when one was taken meanwhile.
pub(super) async fn cluster(
    binaries: &Binaries,
    pick: impl Fn() -> io::Result<Ports>,
) -> Result<RunningCluster, Error> {
    let mut attempt = 1;
    loop {
        match Starting::new()?.run(binaries, &pick).await {
            Err(Error::Ended { log, .. }) if attempt < ATTEMPTS && ports::is_taken(&log) => {
                attempt += 1;
            }
            done => return done,
        }
    }
}

/// Ports that are free now.
pub(super) fn free_ports() -> io::Result<Ports> {
    let [etcd, etcd_peers, api] = ports::hold::<3>()?.release()?;
    Ok(Ports {
        etcd,
        etcd_peers,
        api,
    })
}

/// A control plane on its way up. Dropping it undoes everything.
struct Starting {
    begun: Instant,
    /// The newest process first, which is the order in which they are stopped.
    processes: Vec<Supervised>,
    scratch: ScratchDir,
}

impl Starting {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            begun: Instant::now(),
            processes: Vec::new(),
            scratch: cluster::scratch()?,
        })
    }

    async fn run(
        mut self,
        binaries: &Binaries,
        pick: &impl Fn() -> io::Result<Ports>,
    ) -> Result<RunningCluster, Error> {
        let directory = self.scratch.path().to_owned();
        let credentials = credentials::create(&directory)?;
        let kubeconfig = directory.join("admin.kubeconfig");
        let controllers = directory.join("controller-manager.kubeconfig");

        let ports = pick().map_err(|source| Error::System {
            what: "free ports",
            source,
        })?;
        let layout = Layout {
            directory: &directory,
            ports,
            credentials: &credentials,
        };
        kubeconfig::write(
            &kubeconfig,
            &layout.api_url(),
            &credentials.ca,
            &credentials.administrator,
        )?;
        kubeconfig::write(
            &controllers,
            &layout.api_url(),
            &credentials.ca,
            &credentials.controller_manager,
        )?;
        let config = kubeconfig::load(&kubeconfig).await?;
        let client = cluster::client(config.clone())?;

        self.spawn(&layout.etcd(binaries.path(Binary::Etcd)?))?;
        self.until("a listening etcd", || listens(ports.etcd))
            .await?;
        self.spawn(&layout.kube_apiserver(binaries.path(Binary::KubeApiserver)?))?;
        self.until("a ready kube-apiserver", || is_ready(&client))
            .await?;
        self.spawn(
            &layout.kube_controller_manager(
                binaries.path(Binary::KubeControllerManager)?,
                &controllers,
            ),
        )?;
        self.until("the namespace default with its service account", || {
            is_populated(&client)
        })
        .await?;
        Ok(RunningCluster {
            kubeconfig,
            config,
            ca: Some(credentials.ca),
            processes: self.processes,
            files: AtomicUsize::new(0),
            scratch: self.scratch,
        })
    }

    fn spawn(&mut self, program: &crate::process::Program) -> Result<(), Error> {
        self.processes.insert(0, Supervised::spawn(program)?);
        Ok(())
    }

    /// Asks again and again, as long as every process that was started is alive.
    async fn until<F>(&self, what: &'static str, condition: impl Fn() -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<(), String>>,
    {
        loop {
            // A program that has taken a port before ours may never answer, so the answer alone is not waited for.
            let answer = tokio::select! {
                answer = condition() => answer,
                error = self.end_of_one() => return Err(error),
            };
            // It may also have answered in the place of ours.
            cluster::all_alive(&self.processes)?;
            match answer {
                Ok(()) => return Ok(()),
                Err(last) if self.begun.elapsed() > LIMIT => return Err(self.not_ready(what, last)),
                Err(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Returns when a process has ended, or cannot be asked about.
    async fn end_of_one(&self) -> Error {
        loop {
            if let Err(error) = cluster::all_alive(&self.processes) {
                return error;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn not_ready(&self, waited_for: &'static str, last: String) -> Error {
        // Each start waits for its predecessors, so the newest is at fault.
        let newest = self.processes.first();
        Error::NotReady {
            waited_for,
            limit: LIMIT,
            last,
            process: newest
                .map(|process| process.name().to_owned())
                .unwrap_or_default(),
            log: newest
                .map(|process| process.log_tail(LOG_LINES))
                .unwrap_or_default(),
        }
    }
}

async fn listens(port: u16) -> Result<(), String> {
    TcpStream::connect(("127.0.0.1", port))
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

async fn is_ready(client: &Client) -> Result<(), String> {
    let request = http::Request::get("/readyz")
        .body(Vec::new())
        .map_err(|error| error.to_string())?;
    client
        .request_text(request)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

async fn is_populated(client: &Client) -> Result<(), String> {
    let said = |error: kube::Error| error.to_string();
    Api::<Namespace>::all(client.clone())
        .get("default")
        .await
        .map_err(said)?;
    Api::<ServiceAccount>::namespaced(client.clone(), "default")
        .get("default")
        .await
        .map(drop)
        .map_err(said)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;
    use crate::progress::ToStderr;

    async fn binaries() -> Binaries {
        Binaries::locate(&Binary::ALL, Arc::new(ToStderr))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn it_starts_again_on_other_ports_when_one_was_taken() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = holder.local_addr().unwrap().port();
        let attempts = Cell::new(0);
        let pick = || {
            let free = free_ports()?;
            attempts.set(attempts.get() + 1);
            Ok(match attempts.get() {
                1 => Ports {
                    etcd: taken,
                    ..free
                },
                2 => Ports { api: taken, ..free },
                _ => free,
            })
        };
        let started = cluster(&binaries().await, pick).await.unwrap();
        assert_eq!(attempts.get(), 3);
        let client = cluster::client(started.config.clone()).unwrap();
        is_ready(&client).await.unwrap();
    }

    #[tokio::test]
    async fn a_process_that_does_not_come_up_is_named_with_the_end_of_its_log() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = holder.local_addr().unwrap().port();
        let pick = || {
            Ok(Ports {
                etcd_peers: taken,
                ..free_ports()?
            })
        };
        let error = cluster(&binaries().await, pick)
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.starts_with("etcd ended") && error.contains("address already in use"),
            "{error}"
        );
    }
}
