//! Measures the operator: what a workload is, and (with real servers) how many operations and seconds it costs. The
//! counts alone are also held by tests in one process, which take the workload from here.

pub mod workload;
