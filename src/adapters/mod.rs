//! The only code that knows a client library: Kubernetes and the clients of a tenant. Everything above reaches the
//! outside through what stands here, so the same controllers run against real servers and, in one process with paused
//! time, against simulated ones: the port to Kubernetes is the service below [`kube::Client`], the port to a tenant is
//! [`entra::Connector`], the port to time is [`clock::Clock`].

pub mod claim;
pub mod clock;
pub mod cluster;
pub mod confirmed;
pub mod counting;
pub mod credentials;
pub mod entra;
pub mod events;
pub mod fence;
pub mod finalizer;
pub mod kinds;
pub mod lease;
pub mod lenient;
pub mod manifest;
pub mod narrow;
pub mod recorder;
pub mod status;
pub mod wish;

/// The connection to Kubernetes. Above the adapters it is only handed on.
pub use kube::Client as Cluster;

/// Gives a number between 0 and 1, to spread what would otherwise happen at once.
pub type Jitter = std::sync::Arc<dyn Fn() -> f64 + Send + Sync>;
