//! Which programs there are, and what their files are called.

/// The programs that tests and the demo need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binary {
    /// The store behind the API server.
    Etcd,
    /// The API server of Kubernetes.
    KubeApiserver,
    /// Namespace deletion, owner references, default service accounts, aggregated roles, checks of admission policies.
    KubeControllerManager,
    /// The client that users have.
    Kubectl,
    /// The installer that users have.
    Helm,
}

impl Binary {
    /// All of them, in the order in which they are built.
    pub const ALL: [Self; 5] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::Kubectl,
        Self::Helm,
    ];
    /// Those that a cluster which is there already needs beside it.
    pub const CLIENTS: [Self; 2] = [Self::Kubectl, Self::Helm];

    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Kubectl => "kubectl",
            Self::Helm => "helm",
        }
    }
}
