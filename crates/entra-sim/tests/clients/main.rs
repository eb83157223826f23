//! Programs of others against the simulator, unchanged: what runs against the service must run here. They are installed from `PyPI`, which
//! takes minutes, so these tests run only when they are asked for, by `make test-clients`.
//!
//! | Module | What |
//! | --- | --- |
//! | [`azure_cli`] | the commands of Azure CLI, one after the other |
//! | [`libraries`] | the libraries of Microsoft for Python, by the scripts in `python/` |
//! | [`environment`] | a Python environment with pinned packages, made or found |
//! | [`program`] | running one, and what came of it |
//! | [`served`] | the tenant that they meet |

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a failed unwrap is a failed test, in its helpers as well"
)]
#![expect(
    clippy::print_stderr,
    reason = "whoever waits for minutes sees what is being done"
)]

mod azure_cli;
mod environment;
mod libraries;
mod program;
mod served;
