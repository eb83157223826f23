//! Decisions of the operator: desired, observed, plan; no I/O.
