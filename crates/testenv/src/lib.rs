//! Real control plane, simulated tenant and operator process for tests and the demo.
//!
//! - [`control_plane`] starts etcd, kube-apiserver and kube-controller-manager, and runs kubectl and helm against them;
//!   [`binaries`] finds or builds those programs once for each user and version.
//! - [`operator`] runs the operator as a process, as the rendered Deployment says; [`installation`] installs the chart
//!   and does so, [`simulated`] serves a tenant and says what signs in to it.
//! - [`demo`] puts all of it together for people, [`bench`] measures.
//! - [`process`], [`ports`] and [`progress`] are what these are made of: children that never outlive us, free ports,
//!   and a word for people who wait.

pub mod bench;
pub mod binaries;
pub mod control_plane;
pub mod demo;
pub mod installation;
pub mod operator;
mod operator_build;
pub mod ports;
pub mod process;
pub mod progress;
pub mod repository;
pub mod simulated;

pub use control_plane::ControlPlane;
pub use operator::OperatorProcess;
