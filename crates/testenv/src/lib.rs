//! Real control plane, simulated tenant and operator process for tests and the demo.
//!
//! - [`control_plane`] starts etcd, kube-apiserver and kube-controller-manager, and runs kubectl and helm against them;
//!   [`binaries`] finds or builds those programs once for each user and version.
//! - [`operator`] runs the operator as a process, as the rendered Deployment says; [`installation`] installs the chart
//!   and does so, [`simulated`] serves a tenant and says what signs in to it.
//! - [`operator_build`] compiles the operator, [`workload`] declares so much that it can be measured.
//! - [`process`], [`ports`] and [`progress`] are what these are made of: children that never outlive us, free ports,
//!   and a word for people who wait.
//!
//! The demo, which puts all of it together for people, and the benchmark are programs in `bin` that nothing else links.

pub mod binaries;
pub mod control_plane;
pub mod installation;
pub mod operator;
pub mod operator_build;
pub mod ports;
pub mod process;
pub mod progress;
pub mod repository;
pub mod simulated;
pub mod workload;

pub use control_plane::ControlPlane;
pub use operator::OperatorProcess;
