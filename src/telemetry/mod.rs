//! What the operator tells about itself: log lines, metrics, and the answers to the kubelet's probes. Nothing here
//! decides anything, and nothing here carries a secret: labels come from closed lists, and what a library says about
//! the wire is never logged.

pub mod http;
pub mod logs;
pub mod readiness;
pub mod span;

pub use pim_metrics as metrics;
