//! The command line of each process, and nothing of when it is started.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::credentials::Credentials;
use crate::process::Program;

/// The controllers that make a cluster without nodes behave like a cluster: deletion of namespaces and of what they
/// own, default service accounts, aggregated roles, and the type checks of admission policies.
const CONTROLLERS: &str = "garbage-collector-controller,namespace-controller,serviceaccount-controller,\
    validatingadmissionpolicy-status-controller,clusterrole-aggregation-controller";

#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) etcd: u16,
    pub(super) etcd_peers: u16,
    pub(super) api: u16,
}

/// What the processes of one attempt have in common.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) directory: &'a Path,
    pub(super) ports: Ports,
    pub(super) credentials: &'a Credentials,
}

impl Layout<'_> {
    pub(super) fn api_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.api)
    }

    fn etcd_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.etcd)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.directory.join(name).with_extension("log")
    }

    /// The store. Nothing of it has to survive a power cut.
    pub(super) fn etcd(&self, binary: &Path) -> Program {
        let peers = format!("http://127.0.0.1:{}", self.ports.etcd_peers);
        Program::new(binary, self.log("etcd"))
            .arg(format!(
                "--data-dir={}",
                self.directory.join("etcd").display()
            ))
            .arg(format!("--listen-client-urls={}", self.etcd_url()))
            .arg(format!("--advertise-client-urls={}", self.etcd_url()))
            .arg(format!("--listen-peer-urls={peers}"))
            .arg(format!("--initial-advertise-peer-urls={peers}"))
            .arg(format!("--initial-cluster=default={peers}"))
            .args([
                "--unsafe-no-fsync",
                "--logger=zap",
                "--log-outputs=stderr",
                "--log-level=warn",
            ])
    }

    /// The API server, with RBAC and the default admission plugins.
    pub(super) fn kube_apiserver(&self, binary: &Path) -> Program {
        let credentials = self.credentials;
        Program::new(binary, self.log("kube-apiserver"))
            .arg(format!("--etcd-servers={}", self.etcd_url()))
            // Should another etcd have taken the port before ours did, nothing of its content is touched meanwhile.
            .arg(format!("--etcd-prefix=/{}", Uuid::new_v4()))
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
            .arg(format!("--secure-port={}", self.ports.api))
            .arg(format!(
                "--tls-cert-file={}",
                credentials.serving_certificate.display()
            ))
            .arg(format!(
                "--tls-private-key-file={}",
                credentials.serving_key.display()
            ))
            .arg(format!(
                "--token-auth-file={}",
                credentials.tokens.display()
            ))
            .arg("--authorization-mode=RBAC")
            .arg("--service-account-issuer=https://kubernetes.default.svc")
            .arg(format!(
                "--service-account-key-file={}",
                credentials.service_account_public_key.display()
            ))
            .arg(format!(
                "--service-account-signing-key-file={}",
                credentials.service_account_key.display()
            ))
            .args([
                "--service-cluster-ip-range=10.96.0.0/16",
                "--allow-privileged=true",
                "--profiling=false",
            ])
    }

    pub(super) fn kube_controller_manager(&self, binary: &Path, kubeconfig: &Path) -> Program {
        Program::new(binary, self.log("kube-controller-manager"))
            .arg(format!("--kubeconfig={}", kubeconfig.display()))
            .arg(format!("--controllers={CONTROLLERS}"))
            .args([
                "--leader-elect=false",
                "--secure-port=0",
                "--profiling=false",
            ])
    }
}
