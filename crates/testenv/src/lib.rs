//! Real control plane, simulated tenant and operator process for tests and the demo.
