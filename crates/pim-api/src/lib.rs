//! The custom resources of the operator.
